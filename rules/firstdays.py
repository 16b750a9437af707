"""The earliest day on which rules hold, with today's facts.

Windows of the law close as well as open, so the days of single rules cannot be added up: the whole conjunction is tried
on every day on which anything about it may change. These are the days on which a comparison turns, and the days on
which a step, a rule or a parameter changes.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence

from rules.calendar import Calendar
from rules.dated import NotInForce
from rules.firstday import flip_days
from rules.judging import Ready
from rules.nodes import ACT_ON, RuleError


def first_day(rules_on: Callable[[dt.date], Sequence[Ready] | None], law_days: Iterable[dt.date],
              facts: Mapping[str, object], on: dt.date, end: dt.date, calendar: Calendar) -> dt.date | None:
    """The first day from ``on`` to ``end`` on which all rules of that day are met or not applicable.

    ``rules_on`` gives the rules of a day, or None when nothing can be done on it.
    """
    marks = [on, *sorted(d for d in set(law_days) if on < d <= end)]
    for start, stop in zip(marks, [*marks[1:], end], strict=True):
        rules = _rules(rules_on, start)
        if rules is None:
            continue
        if _hold(rules, facts, start):
            return start
        turns: set[dt.date] = set()
        for ready in _with_exceptions(rules):
            for node in (ready.rule.when, ready.rule.applies):
                if node is not None:
                    turns |= flip_days(node, ready.params, facts, start, stop, calendar)
        for day in sorted(turns):
            todays = _rules(rules_on, day)
            if todays is not None and _hold(todays, facts, day):
                return day
    return None


def _rules(rules_on: Callable[[dt.date], Sequence[Ready] | None], day: dt.date) -> Sequence[Ready] | None:
    """The rules of a later day; a day for which the law is not complete is no day to promise."""
    try:
        return rules_on(day)
    except (NotInForce, RuleError):
        return None


def _hold(rules: Iterable[Ready], facts: Mapping[str, object], day: dt.date) -> bool:
    then = {**facts, ACT_ON: day}
    return all(ready.judge(then) in ("met", "not_applicable") for ready in rules)


def _with_exceptions(rules: Iterable[Ready]) -> Iterable[Ready]:
    for ready in rules:
        yield ready
        yield from _with_exceptions(ready.exceptions)
