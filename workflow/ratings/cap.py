"""The ceiling on the highest level, worked out on paper: how many may stand there, of what, and every line of the way.

Pure arithmetic in whole numbers and fractions. The rule CLS-CAP asks the same of a finished round; a test holds the two
together. A ceiling warns and never blocks.
"""
from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from workflow.errors import BadInput

#: What the share is taken of: those who are good without the excellent, those who are good or excellent, all rated.
BASES = ("good_only", "good_or_better", "all_rated")
ROUNDINGS = ("floor", "half_up")


@dataclass(frozen=True, slots=True)
class CapWorking:
    """The most that may stand at the highest level, the exact figure before rounding, and the lines that lead there."""

    allowed: int
    exact: Fraction
    base: str
    lines: tuple[str, ...]


def cap(n_eligible: int, all_rated: int, *, percent: int, base: str, rounding: str = "floor",
        exceptional: int | None = None) -> CapWorking:
    """How many of ``n_eligible`` (good or better, the excellent included) may stand at the highest level.

    ``all_rated`` counts everybody who is rated. ``exceptional`` is the higher percentage of an outstanding unit; it is
    never rounded up. Raises BadInput for numbers that cannot be.
    """
    if base not in BASES or rounding not in ROUNDINGS:
        raise BadInput(f"Cách tính tỷ lệ không hợp lệ: {base}, {rounding}.", "base")
    if not 0 <= n_eligible <= all_rated:
        raise BadInput("Số được mức tốt trở lên phải từ 0 đến tổng số được xếp loại.", "n_eligible")
    share = percent if exceptional is None else exceptional
    if not 0 <= share <= 100:
        raise BadInput("Tỷ lệ phải từ 0 đến 100 %.", "percent")
    exact, told = _exact(n_eligible, all_rated, share, base)
    up = rounding == "half_up" and exceptional is None
    allowed = min(math.floor(exact + Fraction(1, 2)) if up else math.floor(exact), n_eligible)
    lines = [f"Được mức tốt trở lên: {n_eligible}; tổng số được xếp loại: {all_rated}."]
    if exceptional is not None:
        lines.append(f"Đơn vị đặc biệt xuất sắc: tỷ lệ {exceptional} % thay cho {percent} %, không làm tròn lên.")
    lines += [told, f"Làm tròn {'đến số gần nhất' if up else 'xuống'}: nhiều nhất {allowed}."]
    return CapWorking(allowed, exact, base, tuple(lines))


def _exact(good: int, rated: int, share: int, base: str) -> tuple[Fraction, str]:
    if base == "good_only":
        exact = Fraction(share * good, 100 + share)
        return exact, (f"Tính trên số mức tốt, không kể số xuất sắc: x ≤ {share} % × ({good} − x), tức "
                       f"x ≤ {share}/{100 + share} × {good} = {_shown(exact)}.")
    of, what = (good, "số mức tốt trở lên") if base == "good_or_better" else (rated, "tổng số được xếp loại")
    exact = Fraction(share * of, 100)
    return exact, f"Tính trên {what}: {share} % × {of} = {_shown(exact)}."


def _shown(value: Fraction) -> str:
    """At most two decimals, cut off: a figure just below a whole number must not look like it."""
    if value.denominator == 1:
        return str(value.numerator)
    hundredths = math.floor(value * 100)
    text = f"{hundredths // 100},{hundredths % 100:02d}".rstrip("0").rstrip(",")
    return text if Fraction(hundredths, 100) == value else f"{hundredths // 100},{hundredths % 100:02d}…"
