"""The days on which an answer may change: nothing between them changes, so trying them finds the first day."""
from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from rules.calendar import add_months, month_bound
from rules.decide import compile_rule
from rules.firstday import flip_days
from rules.language import Names, Rows, Type, parse
from rules.shifts import latest, move
from tests.rules.strategies import CALENDAR, NAMES, conditions, days, params, random_cases

CASES = random_cases(seed=7, size=6)
SPAN = 200
ONE = dt.timedelta(days=1)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(conditions(), params(), days())
def test_nothing_changes_between_the_days_found(text: str, values: dict[str, Any], start: dt.date) -> None:
    node = parse(text, NAMES, where="test")
    rule = compile_rule(node, values, CALENDAR)
    end = start + SPAN * ONE
    for facts in CASES:
        answers = [rule({**facts, "act.on": start + n * ONE}) for n in range(SPAN + 1)]
        turned = {start + n * ONE for n in range(1, SPAN + 1) if answers[n] is not answers[n - 1]}
        found = flip_days(node, values, facts, start, end, CALENDAR)
        assert turned <= found, (text, facts)
        assert all(start < day <= end for day in found)
        first = next((start + n * ONE for n in range(SPAN + 1) if answers[n] is True), None)
        tried = next((day for day in sorted({start, *found}) if rule({**facts, "act.on": day}) is True), None)
        assert tried == first, (text, facts)


AGE = Names({"candidate.born_on": Type("date"), "certificate.issued_on": Type("date")},
            {"opinions": {"given_on": Type("date")}}, {"age_min": Type("months"), "valid": Type("months")})


@pytest.mark.parametrize(("text", "expected"), [
    ("candidate.born_on + months(age_min) <= act.on", {"2026-03-12", "2026-03-13"}),
    ("candidate.born_on + months(age_min) < act.on", {"2026-03-12", "2026-03-13"}),
    ("certificate.issued_on + months(valid) >= act.on", {"2026-02-28", "2026-03-01"}),
    ("month_start(act.on) <= certificate.issued_on + months(valid)", {"2026-03-01"}),
    ("any(o.given_on < act.on for o in opinions)", {"2026-03-30", "2026-03-31", "2026-05-01", "2026-05-02"}),
    ("known(candidate.born_on)", set()),
])
def test_the_days_of_one_comparison(text: str, expected: set[str]) -> None:
    facts = {"candidate.born_on": dt.date(2008, 3, 12), "certificate.issued_on": dt.date(2021, 2, 28),
             "opinions": Rows(True, [{"given_on": dt.date(2026, 3, 30)}, {}, {"given_on": dt.date(2026, 5, 1)}])}
    node = parse(text, AGE, where="test")
    found = flip_days(node, {"age_min": 216, "valid": 60}, facts, dt.date(2026, 1, 1), dt.date(2026, 12, 31), CALENDAR)
    assert {day.isoformat() for day in found} == expected


def test_no_days_in_an_empty_span_or_for_an_unknown_fact() -> None:
    node = parse("candidate.born_on <= act.on", AGE, where="test")
    day = dt.date(2026, 1, 1)
    assert flip_days(node, {}, {"candidate.born_on": day}, day, day, CALENDAR) == set()
    assert flip_days(node, {}, {"candidate.born_on": day}, day + ONE, day, CALENDAR) == set()
    assert flip_days(node, {}, {}, day, day + 300 * ONE, CALENDAR) == set()


def test_folding_months_is_exact_on_every_day_of_eight_years() -> None:
    """For every limit and length, the folded bound is the last day that the moved date allows."""
    first = dt.date(2019, 1, 1)
    every = [first + n * ONE for n in range((dt.date(2026, 12, 31) - first).days + 1)]
    for n in range(62):
        # Candidates reach back far enough that the bound of each limit lies inside them.
        candidates = [add_months(first, -n - 1) + k * ONE for k in range(len(every) + 31 * (n + 2))]
        moved = [add_months(day, n) for day in candidates]
        for limit in every:
            assert month_bound(limit, n) == candidates[bisect_right(moved, limit) - 1], (limit, n)


@pytest.mark.parametrize("path", [
    (("months", 1),), (("months", -1),), (("days", 5), ("months", 1)), (("month_start", 0),), (("working_days", 3),),
    (("working_days", -2), ("days", 1)), (("months", 2), ("month_start", 0), ("days", -4)), (("months", -3), ("months", 1)),
    (("working_days", 10), ("month_start", 0), ("working_days", 0))])
def test_folding_a_path_is_exact(path: tuple[tuple[str, int], ...]) -> None:
    first = dt.date(2022, 6, 1)
    candidates = [first + n * ONE for n in range(1200)]
    moved = [move(day, path, CALENDAR) for day in candidates]
    assert moved == sorted(moved)
    for limit in (first + n * ONE for n in range(200, 1000)):
        assert latest(limit, path, CALENDAR) == candidates[bisect_right(moved, limit) - 1], limit
