"""Looking ahead along the road that remains: sure, not known, not by then, in the way; and facts read for many cases at once."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.workflow.caseworld import World, world
from workflow import casefacts, reports
from workflow.bindings import BINDINGS
from workflow.context import book_of
from workflow.models import Person
from workflow.snapshot import load

D = dt.date
ON = D(2025, 3, 3)


@pytest.fixture
def there(database_url: str) -> Iterator[World]:
    with world(database_url) as made:
        yield made


def outlook(there: World, **options: str) -> dict[str, reports.Row]:
    with there.database.read() as session:
        return {row.key: row for row in reports.run(session, "forecast", on=ON, options=options).rows}


def verdict_of(rows: dict[str, reports.Row], case: int) -> str:
    return next(name for name in ("sure", "open", "late", "blocked") if case in (rows["total"].cells[name].cases or ()))


def test_a_case_that_only_waits_for_votes_can_be_decided_today(there: World) -> None:
    with there.database.write() as session:
        case = there.case(session)
    rows = outlook(there)
    assert verdict_of(rows, case) == "sure"
    assert rows[f"case:{case}"].cells["earliest"].value == ON
    assert rows["C1"].cells["sure"].cases == (case,) == rows["total"].cells["waiting"].cases


def test_who_is_too_young_until_later_gets_that_day(there: World) -> None:
    with there.database.write() as session:
        case = there.case(session)
        session.execute(sa.update(Person).where(Person.id == there.people["an"]).values(born_on=D(2007, 9, 15)))
    rows = outlook(there)
    assert rows[f"case:{case}"].cells["earliest"].value == D(2025, 9, 15)
    assert verdict_of(rows, case) == "sure"
    assert verdict_of(outlook(there, until="2025-09-14"), case) == "late"


def test_what_nobody_entered_is_named_and_the_day_is_only_the_earliest(there: World) -> None:
    with there.database.write() as session:
        case = there.case(session, without=("candidate.edu",))
    rows = outlook(there)
    assert verdict_of(rows, case) == "open"
    cells = rows[f"case:{case}"].cells
    assert cells["earliest"].comparator == ">=" and "Trình độ học vấn" in str(cells["missing"].value)


def test_what_no_day_allows_is_in_the_way_with_its_rule(there: World) -> None:
    with there.database.write() as session:
        case = there.case(session, facts={"candidate.former_member": True, "readmit.reason": "corruption", "readmit.left_on": D(2010, 1, 1)})
    rows = outlook(there)
    assert verdict_of(rows, case) == "blocked"
    assert "READMIT.BAR" in str(rows[f"case:{case}"].cells["missing"].value)
    assert "earliest" not in rows[f"case:{case}"].cells


def test_a_case_at_the_beginning_is_open_and_the_decided_are_left_out(there: World) -> None:
    with there.database.write() as session:
        early = there.case(session, "nominated", who="an", without=("certificate.issued_on", "dossier.set_up_on", "introducers"))
        there.case(session, "probationary", who="binh", did={"decide_admission": D(2025, 1, 5), "hold_ceremony": D(2025, 1, 20)})
    rows = outlook(there, rows="cells")
    assert rows["total"].cells["waiting"].cases == (early,)
    assert verdict_of(rows, early) == "open"
    assert not any(key.startswith("case:") for key in rows)


def test_facts_of_many_cases_are_those_of_each(there: World) -> None:
    with there.database.write() as session:
        cases = [there.case(session, who="an"), there.case(session, "class_done", who="binh", unit="C2")]
    with there.database.read() as session:
        book = book_of(session)
        law = book.processes["admission"]
        found = list(casefacts.known(session, law, BINDINGS["admission"], sa.true(), ON))
        assert [one.id for one in found] == cases
        for one in found:
            expected = load(session, book.processes, one.id, ON).facts()
            del expected["act.on"]
            assert one.facts == expected
