"""The report of admissions: degrees and special routes as on the day of the decision, and what else happened in the period."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from tests.workflow.caseworld import CARRIED, World, take, world
from tests.workflow.organisation import START
from workflow import corrections, reports, tree
from workflow.models import Admission, Case

D = dt.date
ON = D(2025, 3, 3)
CONSENT = [{"kind": "9-KND", "number": "07-QĐ/HU"}]
CELLS = Mapping[str, reports.Cell]


@pytest.fixture
def there(database_url: str) -> Iterator[World]:
    with world(database_url) as made:
        yield made


def rows(there: World, unit: str | None = "X", on: D = ON, **options: str) -> dict[str, CELLS]:
    with there.database.read() as session:
        return {row.key: row.cells for row in reports.run(session, "admissions", unit=unit, on=on, options=options).rows}


def cases(there: World, key: str, unit: str | None = "X", column: str = "number", **options: str) -> tuple[int, ...]:
    return rows(there, unit, **options)[key][column].cases or ()


def admitted(there: World, who: str, unit: str = "C1", **facts: Any) -> int:
    with there.database.write() as session:
        case = there.case(session, "base_approved", who=who, unit=unit, did={"cell_vote": D(2025, 1, 20), "base_vote": D(2025, 1, 25)},
                          on=D(2025, 1, 26), facts=facts)
        take(session, case, "decide_admission", there.actors["signer"], D(2025, 2, 10), ballot=CARRIED, papers=CONSENT, second_reader=True)
        return case


def ended(there: World, who: str, state: str, **days: D) -> int:
    """A case of the past at its end, with the days of its decisions as a register of paper has them."""
    with there.database.write() as session:
        at, closed = tree.unit_id(session, "C1"), None if state == "recognition_deadlock" else max(days.values())
        case = Case(process="admission", subject_person_id=there.people[who], unit_id=at, state=state, opened_on=START,
                    last_act_on=max(days.values()), state_since=max(days.values()), closed_on=closed, imported=True)
        session.add(case)
        session.flush()
        session.add(Admission(case_id=case.id, state=state, imported=True, **{f"{step}_on": day for step, day in days.items()}))
        return case.id


def test_degree_and_route_are_those_written_with_the_decision(there: World) -> None:
    an = admitted(there, "an", **{"candidate.degree": "college", "route.abroad": False, "route.private_owner": True})
    binh = admitted(there, "binh")
    found = rows(there)
    assert (found["degree"]["number"].cases, found["degree:college"]["number"].cases) == ((an,), (an,))
    assert found["degree"]["unknown"].cases == (binh,) and found["degree:university"]["number"].value == 0
    assert (found["route"]["number"].cases, found["route:private_owner"]["number"].cases) == ((an,), (an,))
    assert found["route"]["unknown"].cases == (binh,)
    assert found["route:abroad"]["number"].value == 0 and found["route:abroad"]["unknown"].cases == (binh,)
    assert set(found["route:hoa"]["unknown"].cases or ()) == {an, binh}
    with there.database.write() as session:
        session.execute(sa.update(Admission).values(degree="university", route_hoa=True))
    assert cases(there, "degree:college") == (an,) and not cases(there, "route:hoa"), "what is learned later changes no figure"


def test_no_route_is_told_only_where_all_are_known(there: World) -> None:
    every = ("religion", "hoa", "foreign_marriage", "political_history", "private_owner", "no_cell", "abroad")
    admitted(there, "an", **{f"route.{name}": False for name in every})
    cells = rows(there)["route"]
    assert cells["number"].value == 0 and "unknown" not in cells


def test_a_decision_that_fell_short_neither_recognises_nor_removes(there: World) -> None:
    ended(there, "an", "recognition_deadlock", decide_recognition=D(2025, 1, 5))
    ended(there, "binh", "official", decide_removal=D(2024, 12, 20), decide_deadlock=D(2025, 1, 15))
    gone = ended(there, "helper", "removed", decide_recognition=D(2025, 1, 10), decide_deadlock=D(2025, 2, 1))
    stays = ended(there, "stranger", "official", decide_recognition=D(2025, 2, 2))
    last_year = ended(there, "deputy", "removed", decide_removal=D(2024, 2, 2))
    deadlocked = cases(there, "recognised")
    assert len(deadlocked) == 2 and stays in deadlocked and gone not in deadlocked
    found = rows(there)["removed"]
    assert (found["number"].cases, found["before"].cases) == ((gone,), (last_year,))
    assert found["change"].value == 0
    assert cases(there, "recognised", map="now") == deadlocked


def test_a_transfer_counts_across_the_border_of_the_unit_alone(there: World) -> None:
    with there.database.write() as session:
        inside = there.case(session, "source_listed", who="an", unit="C1", on=D(2025, 1, 5))
        across = there.case(session, "source_listed", who="binh", unit="C1", on=D(2025, 1, 5))
        for case, goal in ((inside, "C2"), (across, "C3")):
            take(session, case, "send_transfer", there.actors["secretary"], D(2025, 1, 10), facts={"transfer.to_unit": tree.unit_id(session, goal)})
        take(session, inside, "accept_transfer", there.actors["secretary2"], D(2025, 1, 20))
    assert cases(there, "moved_away") == (across,), "on its way it has left"
    assert cases(there, "moved_away", "C1") == (inside, across) and cases(there, "moved_in", "C2") == (inside,)
    assert not cases(there, "moved_in", "X2")
    with there.database.write() as session:
        take(session, across, "accept_transfer", there.actors["secretary3"], D(2025, 2, 20))
        take(session, across, "send_transfer", there.actors["secretary3"], D(2025, 2, 21), facts={"transfer.to_unit": tree.unit_id(session, "K")})
    for on_map in ("then", "now"):
        assert cases(there, "moved_away", map=on_map) == (across,), "where it went is told by the act after it, not by the last transfer"
        assert cases(there, "moved_in", "X2", map=on_map) == (across,) == cases(there, "moved_away", "X2", map=on_map)
        assert not cases(there, "moved_away", "H", map=on_map) and not cases(there, "moved_in", None, map=on_map)


def test_an_act_taken_back_never_happened(there: World) -> None:
    with there.database.write() as session:
        case = there.case(session, "source_listed", who="an", unit="C1", on=D(2025, 1, 5), without=("certificate.issued_on",))
        take(session, case, "assign_class", there.actors["officer"], D(2025, 2, 3))
    assert cases(there, "class") == (case,) and not cases(there, "certificate")
    with there.database.write() as session:
        corrections.recall(session, case, there.actors["officer"], ON, reason="Nhầm người")
    assert not cases(there, "class")


def test_a_certificate_counts_by_its_day_of_issue(there: World) -> None:
    with there.database.write() as session:
        case = there.case(session, "class_assigned", who="an", unit="C1", on=D(2025, 1, 5), without=("certificate.issued_on",))
        take(session, case, "record_certificate", there.actors["officer"], D(2025, 2, 3), facts={"certificate.issued_on": D(2024, 12, 30)})
    assert not cases(there, "certificate")
    found = rows(there, **{"first": "2024-12-01", "last": "2024-12-31"})["certificate"]
    assert found["number"].cases == (case,)
    assert not cases(there, "certificate", "X2", first="2024-12-01", last="2024-12-31")
