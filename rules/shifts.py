"""Dates moved by months, days and working days.

A date in an expression is one fact with zero or more moves around it. Every move keeps the order of days (a later day
never lands earlier), so a comparison with a fixed day can be turned round: ``fact + months(n) <= day`` holds exactly
when ``fact <= latest(day)``.
"""
from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Mapping

from rules.calendar import Calendar, add_days, add_months, month_bound, month_start
from rules.nodes import ACT_ON, Const, Fact, Field, MonthStart, Node, RuleError, Shift, value_of

#: The longest move of each kind: generous for law, and short enough that no date leaves the calendar.
LONGEST: Mapping[str, int] = {"months": 2400, "days": 73_000, "working_days": 10_000}

#: ``(unit, signed amount)``; the unit ``month_start`` has no amount.
Move = tuple[str, int]


def month_end(day: dt.date) -> dt.date:
    """The last day of the month of ``day``."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def base_of(node: Node) -> Fact | Field:
    """The one fact that a date rests on."""
    while isinstance(node, Shift | MonthStart):
        node = node.base
    assert isinstance(node, Fact | Field)
    return node


def rests_on_act(node: Node) -> bool:
    """Whether a date moves with the acting day."""
    base = base_of(node)
    return isinstance(base, Fact) and base.name == ACT_ON


def amount(node: Shift, params: Mapping[str, object]) -> int:
    """The signed length of a move, from the number written or the parameter in force."""
    value = node.amount.value if isinstance(node.amount, Const) else value_of(node.amount.name, params)
    if type(value) is not int or not 0 <= value <= LONGEST[node.unit]:
        raise RuleError(f"a move of {node.unit} takes a whole number from 0 to {LONGEST[node.unit]}, not {value!r}",
                        where="" if isinstance(node.amount, Const) else node.amount.name)
    return node.sign * value


def moves(node: Node, params: Mapping[str, object]) -> tuple[Move, ...]:
    """The moves around the fact, the innermost first."""
    found: list[Move] = []
    while isinstance(node, Shift | MonthStart):
        found.append((node.unit, amount(node, params)) if isinstance(node, Shift) else ("month_start", 0))
        node = node.base
    return tuple(reversed(found))


def move(day: dt.date, steps: tuple[Move, ...], calendar: Calendar) -> dt.date:
    """The day reached from ``day``."""
    for unit, n in steps:
        if unit == "months":
            day = add_months(day, n)
        elif unit == "days":
            day = add_days(day, n)
        elif unit == "working_days":
            day = calendar.shift(day, n)
        else:
            day = month_start(day)
    return day


def latest(limit: dt.date, steps: tuple[Move, ...], calendar: Calendar) -> dt.date:
    """The last day from which the moves lead to ``limit`` or earlier."""
    for unit, n in reversed(steps):
        if unit == "months":
            limit = month_bound(limit, n)
        elif unit == "days":
            limit = add_days(limit, -n)
        elif unit == "working_days":
            limit = calendar.bound(limit, n)
        else:
            limit = month_end(limit)
    return limit
