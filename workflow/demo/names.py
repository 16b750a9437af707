"""Invented people and places: names put together by chance from what is usual in the region.

Nobody is meant. The draw is seeded, so every load of the demo invents the same people.
"""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random

#: Family names by people, and how often each people is drawn.
_FAMILIES = {
    "Tày": (50, ("Ma", "Nông", "Quan", "Chẩu", "Hoàng", "Hứa", "Lục", "La", "Nguyễn")),
    "Dao": (20, ("Bàn", "Triệu", "Đặng", "Phùng", "Lý", "Chúc")),
    "Mông": (12, ("Giàng", "Sùng", "Vừ", "Thào", "Hầu", "Lầu")),
    "Pà Thẻn": (8, ("Phù", "Húng", "Sìn", "Tẩn", "Làn")),
    "Kinh": (10, ("Trần", "Phạm", "Lê", "Vũ", "Đỗ", "Bùi")),
}
_MIDDLE = {"male": ("Văn", "Đức", "Quang", "Minh", "Xuân", "Hữu", "Tiến"), "female": ("Thị", "Thu", "Thị Hồng", "Thị Kim", "Ngọc", "Thúy")}
_GIVEN = {
    "male": ("An", "Bình", "Chiến", "Cường", "Dũng", "Đạt", "Đông", "Giang", "Hải", "Hậu", "Hiếu", "Hùng", "Khánh", "Khoa", "Kiên", "Lâm",
             "Long", "Mạnh", "Nam", "Nghĩa", "Phong", "Phúc", "Quân", "Quyết", "Sơn", "Tài", "Thắng", "Thành", "Tuấn", "Tùng", "Vinh", "Vượng"),
    "female": ("Ánh", "Bích", "Chi", "Dung", "Duyên", "Hà", "Hạnh", "Hằng", "Hiền", "Hoa", "Huệ", "Hương", "Lan", "Liên", "Linh", "Loan",
               "Mai", "Mơ", "Nga", "Ngân", "Nhung", "Oanh", "Phương", "Quỳnh", "Sen", "Thảo", "Thủy", "Trang", "Tuyết", "Vân", "Xuân", "Yến"),
}
#: Syllables of the region's village names; which ones come together is chance.
_PLACE = ("Nà", "Bản", "Khuổi", "Phiêng", "Cốc", "Pác", "Lũng", "Thẳm", "Tông", "Nặm")
_PLACE_END = ("Lìm", "Đao", "Pò", "Mạ", "Nghiều", "Chang", "Sảo", "Phầy", "Tấu", "Khoang", "Muổi", "Vài", "Lầu", "Ngoạng", "Đổng", "Héc")


@dataclass(frozen=True, slots=True)
class Invented:
    """A person who does not exist."""

    full_name: str
    gender: str
    ethnicity: str
    born_on: dt.date


class Names:
    """Draws people and villages, never the same name twice."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._used: set[str] = set()

    def person(self, youngest: int, oldest: int, on: dt.date, *, gender: str | None = None) -> Invented:
        """Somebody between the two ages on a day."""
        rng = self._rng
        while True:
            ethnicity = rng.choices(list(_FAMILIES), [weight for weight, _ in _FAMILIES.values()])[0]
            sex = gender or rng.choice(("male", "female"))
            name = " ".join((rng.choice(_FAMILIES[ethnicity][1]), rng.choice(_MIDDLE[sex]), rng.choice(_GIVEN[sex])))
            if name not in self._used:
                break
        self._used.add(name)
        days = rng.randint(youngest * 3653 // 10, oldest * 3652 // 10)
        return Invented(name, sex, ethnicity, on - dt.timedelta(days=days))

    def village(self) -> str:
        """A village that is on no map."""
        while True:
            name = f"{self._rng.choice(_PLACE)} {self._rng.choice(_PLACE_END)}"
            if name not in self._used:
                self._used.add(name)
                return name
