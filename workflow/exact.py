"""Numbers kept exactly: whole numbers with a scale in the database, fractions in calculations, never floating point.

A figure carries the word that its source put before it. The word goes with it through sums and ratios: what is "over" by
part is over as a whole, and a ratio to something "nearly" reached is more than it looks.
"""
from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from rules.values import LARGEST
from workflow.errors import BadInput

#: What may stand before a number; ``~`` is "nearly", a little less than what is said.
COMPARATORS = ("=", ">", "<", ">=", "<=", "~")
LONGEST_SCALE = 6
_WRITTEN = re.compile(r"\d{1,10}(?:[.,]\d{1,6})?\Z")
_OTHER_WAY = {"=": "=", ">": "<", ">=": "<=", "<": ">", "<=": ">=", "~": ">"}
_UP, _DOWN = frozenset({">", ">="}), frozenset({"<", "<=", "~"})

Number = int | str | Decimal | Fraction


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and what stands before it."""

    value: Fraction
    comparator: str = "="

    def times(self, factor: Fraction | int) -> Figure:
        """So many times the figure; the factor is not negative."""
        return Figure(self.value * factor, self.comparator)

    def over(self, other: Figure) -> Figure | None:
        """The ratio; None where there is nothing to divide by, or where nobody can say on which side it lies."""
        if other.value <= 0:
            return None
        comparator = combined([self.comparator, _OTHER_WAY[other.comparator]])
        return None if comparator is None else Figure(self.value / other.value, comparator)


def total(figures: Iterable[Figure]) -> Figure | None:
    """The sum; None where some are over and some are under what is said."""
    found = list(figures)
    comparator = combined([f.comparator for f in found])
    return None if comparator is None else Figure(sum((f.value for f in found), Fraction(0)), comparator)


def combined(comparators: Iterable[str]) -> str | None:
    """What stands before a sum of numbers with these words before them; None where they point to both sides."""
    words = set(comparators) - {"="}
    if not words:
        return "="
    if len(words) == 1:
        return words.pop()
    if words <= _UP:
        return ">"
    return "<" if words <= _DOWN else None


def scaled(value: Number, field: str = "value", scale: int | None = None) -> tuple[int, int]:
    """A number as a whole number and its count of decimal places: 21.3 is (213, 1). Numbers come in whole, as decimals
    or as texts with one decimal mark; with ``scale`` a whole number is already counted in that many places.

    Raises BadInput for what is no number, is negative, too large or has no end of decimals.
    """
    if scale is not None:
        if type(scale) is not int or not 0 <= scale <= LONGEST_SCALE or type(value) is not int:
            raise BadInput(f"Số chữ số thập phân phải từ 0 đến {LONGEST_SCALE}, và số phải là số nguyên.", field)
        number, places = value, scale
    else:
        number, places = _read(value, field)
    if number < 0:
        raise BadInput("Chỉ tiêu và số liệu phải là số không âm.", field)
    if number > LARGEST:
        raise BadInput("Số quá lớn; hãy dùng đơn vị tính lớn hơn (triệu, tỷ).", field)
    return number, places


def _read(value: Number, field: str) -> tuple[int, int]:
    if type(value) is int:
        return value, 0
    if isinstance(value, str):
        text = value.strip()
        if not _WRITTEN.match(text):
            raise BadInput("Số phải là số không âm, viết dạng 21 hoặc 21,3, không có dấu ngăn hàng nghìn.", field)
        value = Decimal(text.replace(",", "."))
    if isinstance(value, Decimal) and not value.is_finite() or not isinstance(value, (Decimal, Fraction)):
        raise BadInput("Số phải là số nguyên hoặc số thập phân chính xác.", field)
    exact = Fraction(value)
    for places in range(LONGEST_SCALE + 1):
        if (exact * 10 ** places).denominator == 1:
            return int(exact * 10 ** places), places
    raise BadInput(f"Số có nhiều hơn {LONGEST_SCALE} chữ số thập phân.", field)


def unscaled(value: int, scale: int | None) -> Fraction:
    """The number behind a stored one."""
    return Fraction(value, 10 ** (scale or 0))


def decimal(value: Fraction, places: int, language: str = "vi") -> str:
    """A number with so many decimal places, rounded half up, grouped as the language does."""
    scaled_up = abs(value) * 10 ** places
    whole, rest = divmod(scaled_up.numerator, scaled_up.denominator)
    whole += 2 * rest >= scaled_up.denominator
    units, decimals = divmod(whole, 10 ** places)
    text = f"{units:,}" + (f".{decimals:0{places}d}" if places else "")
    if language != "en":
        text = text.translate(str.maketrans(",.", ".,"))
    return f"-{text}" if value < 0 and whole else text
