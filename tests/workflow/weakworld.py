"""Weak units in the small world of :mod:`tests.workflow.caseworld`: ratings, a road from screening to after-care, and cases
taken over at any state of it."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from tests.workflow.caseworld import ENDS, SINCE, TODAY, World, take, world
from workflow import engine, offices, ratings, tree
from workflow.importing import import_case
from workflow.ratings import Period, Said

D = dt.date
LABELS = {1: "không hoàn thành nhiệm vụ", 2: "hoàn thành nhiệm vụ", 3: "hoàn thành tốt nhiệm vụ", 4: "hoàn thành xuất sắc nhiệm vụ"}
#: Offices beside those of the world: a second signer at the district, and one at the base committee.
MORE = {"deputy": ("standing_board_signer", "H"), "school": ("board_officer", "H")}
#: Who works on a plan: head and member of the team, a cadre, who oversees.
HEAD, MEMBER, CADRE, OVERSEER = "helper", "stranger", "binh", "an"
NONE: Mapping[str, Any] = {"declared": True, "items": []}


@contextmanager
def weak_world(url: str, today: D = TODAY, rank: int | None = 2, unit: str = "X") -> Iterator[World]:
    """The world with one unit that was rated low for 2023."""
    with world(url, today) as made:
        with made.database.write() as session:
            for key, (role, at) in MORE.items():
                offices.grant_office(session, None, SINCE, person=made.people[key], role=role, unit=at, since=SINCE, until=ENDS)
            if rank is not None:
                rate(session, unit, 2023, rank, D(2024, 1, 10))
        yield made


def rate(session: Session, unit: str, year: int, rank: int, decided: D) -> None:
    """The yearly rating of a unit, entered from paper; a second one for the year corrects it."""
    ratings.take_over(session, None, decided, Said(unit, Period.year(year), LABELS[rank], rank=rank, imported=True))


def reopen(session: Session, unit: str, year: int, on: D) -> None:
    ratings.reopen(session, None, on, unit=unit, period=Period.year(year), ground="violation", reason="Có phản ánh", from_paper=True)


def subject(session: Session, unit: str = "X") -> engine.Subject:
    """The unit as the subject of a case of its own."""
    found = tree.unit_id(session, unit)
    assert found is not None
    return engine.Subject("consolidation", found, subject_unit_id=found)


def team(world: World) -> dict[str, Any]:
    return {"declared": True, "items": [{"person": world.people[HEAD], "head": True, "standing_board": True},
                                        {"person": world.people[MEMBER], "head": False}]}


def measures(world: World, *owners: str, due: D = D(2024, 10, 31)) -> dict[str, Any]:
    return {"declared": True, "items": [{"owner": world.people[key], "due_on": due} for key in owners or ("base", "officer")]}


def plan(world: World) -> dict[str, Any]:
    """What a plan needs to be issued, with a cadre who is in post from that day."""
    return {"team": team(world), "measures": measures(world), "plan.oversight": world.people[OVERSEER],
            "cadres": {"declared": True, "items": [{"person": world.people[CADRE], "from_on": D(2024, 3, 1)}]}}


def road(world: World) -> list[tuple[str, str, D, dict[str, Any]]]:
    """Step, who takes it, day and facts, from screening to after-care."""
    return [
        ("open_screening", "board", D(2024, 2, 1), {"listing.cause": "Chi ủy thiếu kiểm tra", "listing.type": "leadership"}),
        ("approve_list", "signer", D(2024, 2, 15), {}),
        ("begin_planning", "board", D(2024, 2, 20), {}),
        ("issue_plan", "signer", D(2024, 3, 1), plan(world)),
        ("start_work", HEAD, D(2024, 3, 15), {"own_plan.issued_on": D(2024, 3, 10)}),
        ("close_period", "signer", D(2024, 4, 10), {}),
        ("recognise_recovery", "signer", D(2025, 2, 3), {"problems": NONE}),
        ("begin_aftercare", "board", D(2025, 2, 4), {}),
    ]


def walk(session: Session, world: World, until: str, unit: str = "X") -> int:
    """A case taken along the road up to a step, that one included."""
    case: int | engine.Subject = subject(session, unit)
    for step, by, on, facts in road(world):
        case = take(session, case, step, world.actors[by], on, facts=facts)
        if step == until:
            break
    assert isinstance(case, int)
    return case


#: Days of the steps that lead to a state, for cases that are taken over.
_DAYS = {"approve_list": D(2024, 2, 15), "issue_plan": D(2024, 3, 1), "start_work": D(2024, 3, 15)}
_RECOVERED = {"recognise_recovery": D(2025, 2, 3)}


def taken_over(session: Session, world: World, state: str, unit: str, on: D = D(2025, 2, 10), *, facts: Mapping[str, Any] | None = None,
               duties: tuple[Mapping[str, Any], ...] = ()) -> int:
    """A case of a unit imported at a state with all that its next step rests on, but for what ``facts`` set to None."""
    known: dict[str, Any] = {
        "entry.rank": 2, "entry.by_flag": False, "plan.target_rank": 3, "plan.until": D(2024, 12, 31), "own_plan.issued_on": D(2024, 3, 10),
        "listing.cause": "Chi ủy thiếu kiểm tra", "listing.type": "leadership", "problems": NONE, "mid_review.held_on": D(2024, 9, 20),
        **plan(world), **(facts or {})}
    did = _DAYS | (_RECOVERED if state in ("recovered", "aftercare") else {})
    return import_case(session, None, subject(session, unit), state=state, on=on, did=did, duties=duties,
                       facts={name: value for name, value in known.items() if value is not None})
