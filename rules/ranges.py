"""Numbers of which only the bounds are known.

While a collection is not complete, or a field of an item is missing, a count lies between two numbers. A range is
``(low, high)``, ``None`` meaning no bound on that side; a known number is ``(n, n)`` and an unknown one
``(None, None)``. Everything is exact: integers and fractions, never floats. An open side stays open under
multiplication, also by zero; that keeps the three back ends equal and never claims more than is known.
"""
from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

Number = int | Fraction
Range = tuple[Number | None, Number | None]
UNKNOWN: Range = (None, None)


def add(a: Range, b: Range) -> Range:
    return (None if a[0] is None or b[0] is None else a[0] + b[0],
            None if a[1] is None or b[1] is None else a[1] + b[1])


def subtract(a: Range, b: Range) -> Range:
    return (None if a[0] is None or b[1] is None else a[0] - b[1],
            None if a[1] is None or b[0] is None else a[1] - b[0])


def multiply(a: Range, b: Range) -> Range:
    """The product; the type check sees to it that at least one side is a single number, or wholly unknown."""
    if b[0] is None or b[0] != b[1]:
        a, b = b, a
    by = b[0]
    if by is None or by != b[1]:
        return UNKNOWN
    ends = (None if a[0] is None else a[0] * by, None if a[1] is None else a[1] * by)
    return ends if by >= 0 else (ends[1], ends[0])


def less(a: Range, b: Range) -> bool | None:
    if a[1] is not None and b[0] is not None and a[1] < b[0]:
        return True
    if a[0] is not None and b[1] is not None and a[0] >= b[1]:
        return False
    return None


def at_most(a: Range, b: Range) -> bool | None:
    if a[1] is not None and b[0] is not None and a[1] <= b[0]:
        return True
    if a[0] is not None and b[1] is not None and a[0] > b[1]:
        return False
    return None


def more(a: Range, b: Range) -> bool | None:
    return less(b, a)


def at_least(a: Range, b: Range) -> bool | None:
    return at_most(b, a)


def equal(a: Range, b: Range) -> bool | None:
    if a[0] is not None and a[0] == a[1] == b[0] == b[1]:
        return True
    if less(a, b) or less(b, a):
        return False
    return None


def unequal(a: Range, b: Range) -> bool | None:
    same = equal(a, b)
    return None if same is None else not same


COMPARE: dict[str, Callable[[Range, Range], bool | None]] = {
    "<": less, "<=": at_most, ">": more, ">=": at_least, "==": equal, "!=": unequal}
ARITH: dict[str, Callable[[Range, Range], Range]] = {"+": add, "-": subtract, "*": multiply}
