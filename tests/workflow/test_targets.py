"""Targets, stated figures, and what is counted where a cell stood on the day of the decision."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction

import pytest
import sqlalchemy as sa

from tests.workflow.organisation import START, district, empty, found
from workflow import targets, tree, units
from workflow.db import Database
from workflow.errors import BadInput
from workflow.models import Admission, Case, Person, Statement, Target

D = dt.date
TERM = {"period_from": D(2020, 1, 1), "period_to": D(2025, 6, 30)}
ON = D(2025, 6, 1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with empty(database_url) as made:
        with made.write() as session:
            district(session)
        yield made


def decided(database: Database, unit: str, on: D, state: str = "decided", closed: D | None = None) -> int:
    with database.write() as session:
        at = tree.unit_id(session, unit)
        number = session.scalar(sa.select(sa.func.count(Person.id)))
        person = Person(key=f"p{number}", full_name="A", name_fold="a", sort_key="a", unit_id=at)
        session.add(person)
        session.flush()
        case = Case(process="admission", subject_person_id=person.id, unit_id=at, state=state, opened_on=START, last_act_on=on,
                    state_since=on, closed_on=closed, imported=True)
        session.add(case)
        session.flush()
        session.add(Admission(case_id=case.id, state=state, imported=True, decide_admission_on=on))
        return case.id


def counted(database: Database, unit: str, first: D = D(2020, 1, 1), last: D = D(2025, 12, 31)) -> int:
    with database.read() as session:
        return targets.count(session, tree.unit_id(session, unit), first, last)


def test_195_of_200_are_97_and_a_half_percent_and_rows_here_are_another_figure(database: Database) -> None:
    with database.write() as session:
        targets.set_target(session, None, ON, unit="H", value=200, paper="Nghị quyết đại hội", **TERM)
        targets.set_statement(session, None, ON, unit="H", value=195, source="Báo cáo nhiệm kỳ", **TERM)
    decided(database, "C1", D(2024, 5, 1))
    with database.read() as session:
        found_row = targets.attainment(session, tree.unit_id(session, "H"), TERM["period_from"], TERM["period_to"], ON)
    assert (found_row.target, found_row.stated, found_row.comparator, found_row.source, found_row.counted) == (200, 195, "=", "Báo cáo nhiệm kỳ", 1)
    assert found_row.ratio("stated") == Fraction(975, 1000)
    assert found_row.ratio("counted") == Fraction(1, 200)


def test_saying_it_again_corrects_the_figure(database: Database) -> None:
    with database.write() as session:
        for value in (190, 195):
            targets.set_target(session, None, ON, unit="H", value=value, **TERM)
            targets.set_statement(session, None, ON, unit="H", value=value, source="Báo cáo", comparator=">", **TERM)
        assert session.execute(sa.select(Target.value)).scalars().all() == [195]
        assert session.execute(sa.select(Statement.value, Statement.comparator)).all() == [(195, ">")]
        assert targets.periods(session, tree.unit_id(session, "H")) == [(TERM["period_from"], TERM["period_to"])]


def test_counting_takes_the_days_of_the_period_and_leaves_out_what_made_no_member(database: Database) -> None:
    for on in (D(2023, 12, 31), D(2024, 1, 1), D(2024, 12, 31), D(2025, 1, 1)):
        decided(database, "C1", on)
    decided(database, "C1", D(2024, 6, 1), "rejected", D(2024, 6, 1))
    decided(database, "C1", D(2024, 6, 1), "annulled", D(2024, 6, 1))
    assert counted(database, "X", D(2024, 1, 1), D(2024, 12, 31)) == 2
    assert counted(database, "K", D(2024, 1, 1), D(2024, 12, 31)) == 0


def test_a_decision_counts_where_the_cell_stood_on_its_day(database: Database) -> None:
    decided(database, "C1", D(2024, 5, 1))
    with database.write() as session:
        found(session, "Y", "base_committee", "H")
        units.move(session, None, D(2025, 1, 1), unit="C1", parent="Y")
    decided(database, "C1", D(2025, 2, 1))
    assert (counted(database, "X"), counted(database, "Y"), counted(database, "H"), counted(database, "T")) == (1, 1, 2, 2)


def test_a_case_that_followed_to_a_unit_founded_later_is_still_counted_once(database: Database) -> None:
    decided(database, "C1", D(2024, 5, 1), "probationary")
    with database.write() as session:
        units.merge(session, None, D(2025, 1, 1), units=["C1", "C2"], into="C9", name="Chi bộ Chín", kind="cell", parent="X")
    assert (counted(database, "C9"), counted(database, "X"), counted(database, "C1")) == (1, 1, 0)


def test_a_ratio_over_units_is_the_ratio_of_sums() -> None:
    def one(unit: int, target: int | None, stated: int | None) -> targets.Attainment:
        return targets.Attainment(unit, "admissions", target, stated, "=", None, 0)

    whole = targets.together([one(1, 10, 10), one(2, 90, 45), one(3, None, 5), one(4, 7, None)], "stated")
    assert (whole.value, whole.target, whole.units, whole.without, whole.ratio) == (55, 100, 2, 2, Fraction(55, 100))
    assert targets.together([], "stated").ratio is None
    assert one(1, 0, 3).ratio("stated") is None


@pytest.mark.parametrize(("values", "words"), [
    ({"value": -1}, "không âm"), ({"indicator": "x"}, "có: admissions"), ({"unit": "ZZ"}, "Không có đơn vị"),
    ({"period_to": D(2019, 1, 1)}, "trước ngày đầu kỳ")])
def test_targets_that_cannot_be_are_refused(database: Database, values: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words), database.write() as session:
        targets.set_target(session, None, ON, **{"unit": "H", "value": 1, **TERM, **values})


def test_a_statement_needs_a_source(database: Database) -> None:
    for wrong in ({"source": ""}, {"source": "Báo cáo", "comparator": "?"}):
        with pytest.raises(BadInput), database.write() as session:
            targets.set_statement(session, None, ON, unit="H", value=1, **TERM, **wrong)
