"""On which days an answer may change, while everything but the acting day stays as it is.

Every date that moves with the acting day moves forward with it, so each comparison turns at most once at each of two
days: when the moving side reaches the fixed one, and when it passes it. Both are found by halving the time span. The
answer of the whole expression can only change on one of these days, so trying them finds every window.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from rules.calendar import Calendar
from rules.nodes import Compare, Field, Node, Rows, walk
from rules.shifts import Move, base_of, move, moves, rests_on_act


def flip_days(node: Node, params: Mapping[str, object], facts: Mapping[str, object], start: dt.date, end: dt.date,
              calendar: Calendar) -> set[dt.date]:
    """The days after ``start`` up to ``end`` on which some comparison may change when ``act.on`` runs over them.

    Changes of parameters and rules are the caller's: they are days on which the law changes, not the facts.
    """
    found: set[dt.date] = set()
    for part in walk(node):
        if not isinstance(part, Compare) or part.left.type.kind != "date":
            continue
        fixed, moving = part.left, part.right
        if rests_on_act(fixed):
            fixed, moving = moving, fixed
        if not rests_on_act(moving):
            continue
        there = moves(moving, params)
        for day in _values(fixed, params, facts, calendar):
            for passed in (False, True):
                turn = _turn(day, passed, there, start, end, calendar)
                if turn is not None:
                    found.add(turn)
    return found


def _values(node: Node, params: Mapping[str, object], facts: Mapping[str, object], calendar: Calendar
            ) -> Iterator[dt.date]:
    """The value of a date, or of each item's; the unknown ones never change an answer."""
    base, there = base_of(node), moves(node, params)
    if isinstance(base, Field):
        rows = facts.get(base.collection)
        days = [item.get(base.name) for item in rows.items] if isinstance(rows, Rows) else []
    else:
        days = [facts.get(base.name)]
    for day in days:
        if isinstance(day, dt.date):
            yield move(day, there, calendar)


def _turn(day: dt.date, passed: bool, there: tuple[Move, ...], start: dt.date, end: dt.date, calendar: Calendar
          ) -> dt.date | None:
    """The first acting day after ``start`` that leads to ``day`` or later (``passed``: later); None if there is none
    up to ``end``, or ``start`` itself does."""

    def holds(acting: dt.date) -> bool:
        reached = move(acting, there, calendar)
        return reached > day or reached == day and not passed

    if end <= start or holds(start) or not holds(end):
        return None
    low, high = start.toordinal(), end.toordinal()
    while high - low > 1:
        middle = (low + high) // 2
        if holds(dt.date.fromordinal(middle)):
            high = middle
        else:
            low = middle
    return dt.date.fromordinal(high)
