"""The register of what sources state: exact numbers, the words before them, any indicator, who corrects what."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction

import pytest

from tests.workflow.organisation import district, empty
from workflow import observations, targets, tree
from workflow.db import Database
from workflow.errors import BadInput

D = dt.date
ON = D(2025, 6, 1)
YEAR = {"period_from": D(2021, 1, 1), "period_to": D(2021, 12, 31)}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with empty(database_url) as made:
        with made.write() as session:
            district(session)
        yield made


def test_a_figure_is_kept_to_the_last_place_with_its_word_measure_and_note(database: Database) -> None:
    with database.write() as session:
        observations.state(session, None, ON, unit="H", indicator="thu nhập bình quân", value="55,61", measure="triệu đồng",
                           comparator="~", source="Bài báo", note="Theo bài báo", **YEAR)
        observations.state(session, None, ON, unit="H", indicator="thu ngân sách", value=25061, scale=1, source="Bài báo", **YEAR)
    with database.read() as session:
        first, second = observations.observations(session, source="Bài báo")
    assert {first.value, second.value} == {Fraction(5561, 100), Fraction(25061, 10)}
    income = next(o for o in (first, second) if o.measure)
    assert (income.unit, income.figure.comparator, income.measure, income.note) == ("H", "~", "triệu đồng", "Theo bài báo")


def test_a_source_corrects_itself_and_leaves_others_alone(database: Database) -> None:
    with database.write() as session:
        for source, value in (("A", 10), ("B", 20), ("A", "11,5")):
            observations.state(session, None, ON, unit="H", indicator="mô hình", value=value, source=source, **YEAR)
    with database.read() as session:
        found = {o.source: o.value for o in observations.observations(session, indicator="mô hình", **YEAR)}
        unit = tree.unit_id(session, "X")
        assert not observations.observations(session, units=[unit or 0])
    assert found == {"A": Fraction(23, 2), "B": Fraction(20)}


def test_statements_about_targets_are_the_same_register(database: Database) -> None:
    with database.write() as session:
        targets.set_statement(session, None, ON, unit="H", value=195, source="Báo cáo", **YEAR)
    with database.read() as session:
        assert [o.value for o in observations.observations(session, indicator="admissions")] == [195]
        assert observations.labels(session)["admissions"].vi == targets.INDICATORS["admissions"]


@pytest.mark.parametrize("wrong", [{"source": " "}, {"indicator": ""}, {"value": -1}, {"value": 1.5}, {"comparator": "≈"}, {"unit": "ZZ"},
                                   {"scale": 9}, {"period_to": D(2020, 1, 1)}])
def test_what_is_no_statement_is_refused(database: Database, wrong: dict[str, object]) -> None:
    given = {"unit": "H", "indicator": "x", "value": 1, "source": "Báo cáo", **YEAR, **wrong}
    with pytest.raises(BadInput), database.write() as session:
        observations.state(session, None, ON, **given)  # type: ignore[arg-type]
