"""What is said of a figure of this home beside the one that an article prints."""
from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from rules.shape import Text
from workflow.reports.seedfigures import Figure
from workflow.reports.seedvalues import Quantity, Value, half_up, shown

#: What "nearly" allows: nine tenths of a number and more is nearly the number; the number itself is not.
NEARLY = Fraction(9, 10)

#: Verdict -> how it is said, Vietnamese and English.
VERDICTS: dict[str, tuple[str, str]] = {
    "equal": ("bằng", "equal"),
    "over": ("phù hợp với “hơn”, “trên”, “trở lên”", "consistent with “over”"),
    "nearly": ("phù hợp với “gần”", "consistent with “nearly”"),
    "differs": ("khác", "differs"),
    "missing": ("thiếu số liệu ở đây", "missing here"),
    "unstated": ("bài không nêu, tính thêm từ số của bài", "not in the article, worked out from its figures"),
    "reading": ("một cách hiểu, bài không nói rõ", "one reading, the article leaves it open"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict and its words."""

    code: str
    text: Text


def judge(figure: Figure, here: Value | None) -> Verdict:
    """The figure of this home beside the printed one, which is compared to the last digit printed."""
    printed = figure.value
    if here is None:
        return _said("missing")
    if printed is None:
        return _said("reading" if figure.reading else "unstated")
    code = _compared(printed, here)
    if code != "differs":
        return _said(code)
    if figure.because is not None and _compared(figure.told() or printed, here) == "equal":
        return _said("differs", figure.because["vi"], figure.because["en"])
    return _said("differs", f"ở đây là {shown(here)}, bài nêu {figure.shown}", f"it is {shown(here, 'en')} here and {figure.shown} in the article")


def _compared(printed: Value, here: Value) -> str:
    if not isinstance(printed, Quantity) or not isinstance(here, Quantity):
        same = _plain(printed) == _plain(here) if isinstance(printed, str) and isinstance(here, str) else printed == here
        return "equal" if same else "differs"
    same_number = half_up(here.value, printed.decimals) == half_up(printed.value, printed.decimals)
    if printed.comparator == "=":
        return "equal" if same_number and here.comparator == "=" else "differs"
    bounded = here.comparator == printed.comparator
    if printed.comparator in (">", ">="):
        above = here.value > printed.value or (printed.comparator == ">=" and same_number)
        return "over" if (bounded and same_number) or (above and here.comparator in ("=", ">", ">=")) else "differs"
    near = here.comparator == "=" and NEARLY * printed.value <= here.value < printed.value
    return "nearly" if printed.comparator == "~" and ((bounded and same_number) or near) else "differs"


def _plain(text: str) -> str:
    """Words without capitals and doubled spaces."""
    return " ".join(text.casefold().split())


def _said(code: str, because: str = "", reason: str = "") -> Verdict:
    vi, en = VERDICTS[code]
    if because:
        vi, en = f"{vi} vì {because}", f"{en} because {reason}"
    return Verdict(code, Text(vi=vi, en=en))
