"""The three back ends give one answer: decided, explained, and asked of SQLite and PostgreSQL."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings

from rules.decide import compile_rule
from rules.explain import trace
from rules.language import Rows, parse
from tests.databases import fresh_postgres
from tests.rules.databases_of_cases import ask, load
from tests.rules.strategies import CALENDAR, NAMES, conditions, days, params, random_cases

CASES = random_cases(seed=2026, size=80)
BOUNDED = settings(max_examples=800, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def sqlite() -> Iterator[sa.Engine]:
    engine = sa.create_engine("sqlite://")
    load(engine, CASES)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def postgres(postgres_url: str) -> Iterator[sa.Engine]:
    with fresh_postgres(postgres_url) as url:
        engine = sa.create_engine(url)
        load(engine, CASES)
        yield engine
        engine.dispose()


def decided(text: str, values: dict[str, Any], on: dt.date) -> list[bool | None]:
    rule = compile_rule(parse(text, NAMES, where="test"), values, CALENDAR)
    return [rule({**facts, "act.on": on}) for facts in CASES]


@BOUNDED
@given(conditions(), params(), days())
def test_explained_as_decided(text: str, values: dict[str, Any], on: dt.date) -> None:
    node = parse(text, NAMES, where="test")
    rule = compile_rule(node, values, CALENDAR)
    for facts in CASES:
        given_facts = {**facts, "act.on": on}
        seen = trace(node, values, given_facts, CALENDAR)
        assert seen.outcome is rule(given_facts), (text, given_facts)
        # An unknown answer names what is missing; a known one misses nothing.
        assert bool(seen.missing) == (seen.outcome is None), (text, given_facts)


@BOUNDED
@given(conditions(), params(), days())
def test_sqlite_as_decided(sqlite: sa.Engine, text: str, values: dict[str, Any], on: dt.date) -> None:
    assert ask(sqlite, parse(text, NAMES, where="test"), values, on) == decided(text, values, on)


@pytest.mark.postgres
@BOUNDED
@given(conditions(), params(), days())
def test_postgres_as_decided(postgres: sa.Engine, text: str, values: dict[str, Any], on: dt.date) -> None:
    assert ask(postgres, parse(text, NAMES, where="test"), values, on) == decided(text, values, on)


def test_the_cases_give_all_three_answers() -> None:
    answers = [decided(text, {"long": 12, "part": 0}, dt.date(2024, 2, 29)) for text in (
        "a.day + months(long) <= act.on", "all(x.flag for x in xs)", "any(y.n > 1 for y in ys)", "count(x for x in xs) >= 2")]
    for column in answers:
        assert min(column.count(True), column.count(False), column.count(None)) >= 3


@given(conditions(depth=2), params(), days())
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_values_of_an_explanation_are_enough(text: str, values: dict[str, Any], on: dt.date) -> None:
    """Deciding again from the reported values alone gives the same known answer."""
    node = parse(text, NAMES, where="test")
    rule = compile_rule(node, values, CALENDAR)
    for facts in CASES:
        given_facts = {**facts, "act.on": on}
        seen = trace(node, values, given_facts, CALENDAR)
        if seen.outcome is not None:
            again = {k: Rows(v["declared"], v["items"]) if isinstance(v, dict) else v for k, v in seen.values.items()}
            assert rule(again) is seen.outcome, (text, given_facts, again)
