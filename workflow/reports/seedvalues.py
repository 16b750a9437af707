"""Values of figures as articles print them: exact numbers with "over" or "nearly", days and words, and sums over them.

A number printed with decimals or in percent was rounded by its writer; what is worked out from it keeps the range that
the rounding leaves open. "Over" and "nearly" are carried along: something over a number "over 3,600" is under the
quotient. All arithmetic is in fractions.
"""
from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from typing import Any

from workflow.exact import combined
from workflow.reports.model import decimal

WEEKDAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")
#: Words of comparison in front of a number -> comparator of the register.
_BEFORE = {"hơn": ">", "trên": ">", "gần": "~", "dưới": "<"}
_AT_LEAST = "trở lên"
_WORDS = {"vi": {">": "hơn", "<": "dưới", "~": "gần", ">=": "ít nhất", "<=": "không quá"},
          "en": {">": "over", "<": "under", "~": "nearly", ">=": "at least", "<=": "at most"}}
_NUMBER = re.compile(rf"(?:({'|'.join(_BEFORE)}) )?(\d[\d.]*(?:,\d+)?)(?: ?(%)| ([^\W\d][^\d]*?))?( {_AT_LEAST})?")
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_TURNED = {"=": "=", ">": "<", "<": ">", ">=": "<=", "<=": ">=", "~": ">"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number: ``value`` in ``measure``, printed with ``decimals``; the true one lies from ``low`` to ``high``."""

    value: Fraction
    comparator: str = "="
    measure: str = ""
    decimals: int = 0
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)

    @property
    def rounded(self) -> bool:
        """Whether rounding leaves a range open."""
        return self.low != self.high


Value = Quantity | dt.date | str


def quantity(value: Fraction | int, comparator: str = "=", measure: str = "", decimals: int = 0, *, rounded: bool | None = None) -> Quantity:
    """A number; one in percent or with decimals counts as rounded to its last digit unless said otherwise."""
    exact = Fraction(value)
    if rounded is None:
        rounded = bool(decimals) or measure == "%"
    half = Fraction(1, 2 * 10 ** decimals) if rounded else Fraction(0)
    return Quantity(exact, comparator, measure, decimals, exact - half, exact + half)


def read(printed: str, *, exact: bool = False) -> Value:
    """What stands in print: a day (``4/5/2017``), a number in Vietnamese notation (``hơn 3.600 đảng viên``), else words."""
    text = printed.strip()
    day = _DAY.fullmatch(text)
    if day:
        return dt.date(int(day[3]), int(day[2]), int(day[1]))
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    before, digits, percent, measure, least = number.groups()
    whole, _, part = digits.replace(".", "").partition(",")
    comparator = ">=" if least else _BEFORE.get(before or "", "=")
    return quantity(Fraction(int(whole + part), 10 ** len(part)), comparator, percent or measure or "", len(part),
                    rounded=False if exact else None)


def shown(value: Value, language: str = "vi") -> str:
    """A value as its readers write it, numbers rounded half up to their decimals; words and measures stay as printed."""
    if isinstance(value, dt.date):
        return f"{value.day}/{value.month}/{value.year}" if language == "vi" else value.isoformat()
    if isinstance(value, str):
        return value
    number = decimal(value.value, value.decimals, language)
    return " ".join(part for part in (_WORDS[language].get(value.comparator, ""), number, value.measure) if part)


def half_up(value: Fraction, decimals: int) -> int:
    """The number in units of its last digit, rounded half up."""
    scaled = abs(value) * 10 ** decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return whole if value >= 0 else -whole


# ---- working out

def work_out(operation: str, given: list[Any]) -> Value:
    """One operation over values; raises KeyError for one that is not known, ValueError where "over" and "under" meet."""
    if operation == "days":
        first, last = given
        return quantity((last - first).days)
    if operation == "weekday":
        return WEEKDAYS[given[0].weekday()]
    return reduce(_OPERATIONS[operation], given)


def working(operation: str, parts: list[str]) -> str:
    """The operation as it is written out."""
    if operation == "days":
        return f"số ngày từ {parts[0]} đến {parts[1]}"
    if operation == "weekday":
        return f"thứ trong tuần của {parts[0]}"
    return _SIGNS[operation].join(parts) + (" × 100" if operation == "percent" else "")


def _plus(a: Quantity, b: Quantity) -> Quantity:
    return Quantity(a.value + b.value, _together(a.comparator, b.comparator), low=a.low + b.low, high=a.high + b.high)


def _minus(a: Quantity, b: Quantity) -> Quantity:
    return Quantity(a.value - b.value, _together(a.comparator, _TURNED[b.comparator]), low=a.low - b.high, high=a.high - b.low)


def _times(a: Quantity, b: Quantity) -> Quantity:
    return Quantity(a.value * b.value, _together(a.comparator, b.comparator), low=a.low * b.low, high=a.high * b.high)


def _over(a: Quantity, b: Quantity) -> Quantity:
    return Quantity(a.value / b.value, _together(a.comparator, _TURNED[b.comparator]), low=a.low / b.high, high=a.high / b.low)


def _percent(a: Quantity, b: Quantity) -> Quantity:
    return _times(_over(a, b), quantity(100))


_OPERATIONS: dict[str, Callable[[Quantity, Quantity], Quantity]] = {
    "plus": _plus, "minus": _minus, "times": _times, "over": _over, "percent": _percent}
_SIGNS = {"plus": " + ", "minus": " − ", "times": " × ", "over": " ÷ ", "percent": " ÷ "}


def _together(a: str, b: str) -> str:
    """The comparator of two numbers put together."""
    found = combined([a, b])
    if found is None:
        raise ValueError(f"{a} and {b} say nothing together")
    return found


# ---- what follows for a figure

def settled(value: Value, measure: str, decimals: int | None) -> Value:
    """A worked-out value as it is shown: its measure, and the decimals it is rounded to."""
    if not isinstance(value, Quantity):
        return value
    return replace(value, measure=measure, decimals=decimals if decimals is not None else _decimals(value.value))


def _decimals(value: Fraction) -> int:
    """The fewest decimals, up to six, that show the number exactly."""
    return next((n for n in range(7) if (value * 10 ** n).denominator == 1), 6)


def whole_range(value: Quantity) -> tuple[int, int]:
    """The whole numbers that the range of a rounded number allows."""
    return -((-value.low.numerator) // value.low.denominator), value.high.numerator // value.high.denominator
