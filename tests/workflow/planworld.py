"""The district of ``caseworld`` with a weak unit: its rating, its case of consolidation, and a plan at work."""
from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from tests.workflow.caseworld import World, take
from workflow import engine, tree
from workflow.ratings import acts
from workflow.ratings.levels import Period

D = dt.date
RATED, OPENED, ISSUED, BEGUN = D(2024, 1, 20), D(2024, 2, 1), D(2024, 3, 1), D(2024, 3, 15)


def rate(session: Session, unit: str, year: int, label: str, on: D) -> None:
    """A yearly rating, taken over from paper."""
    acts.take_over(session, None, on, acts.Said(unit, Period.year(year), label=label, imported=True))


def screening(world: World, session: Session, unit: str = "X") -> int:
    """The case of a weak unit, just opened."""
    rate(session, unit, 2023, "Hoàn thành nhiệm vụ", RATED)
    found = tree.unit_id(session, unit)
    assert found is not None
    subject = engine.Subject("consolidation", found, subject_unit_id=found)
    return take(session, subject, "open_screening", world.actors["board"], OPENED)


def team(world: World) -> dict[str, Any]:
    """A head of the standing board, and a member."""
    return {"declared": True, "items": [{"person": world.people["head"], "head": True, "standing_board": True},
                                        {"person": world.people["helper"], "head": False}]}


def working(world: World, session: Session, unit: str = "X", *, measures: tuple[tuple[str, D], ...] = (("officer", D(2024, 6, 1)),)) -> int:
    """A plan at work since 15 March 2024."""
    case = screening(world, session, unit)
    signer, board = world.actors["signer"], world.actors["board"]
    take(session, case, "approve_list", signer, D(2024, 2, 10), facts={"listing.cause": "cấp ủy yếu", "listing.type": "leadership"})
    take(session, case, "begin_planning", board, D(2024, 2, 20))
    take(session, case, "issue_plan", signer, ISSUED, facts={
        "team": team(world), "plan.oversight": world.people["head"], "cadres": {"declared": True, "items": []},
        "measures": {"declared": True, "items": [{"owner": world.people[who], "due_on": due} for who, due in measures]}})
    take(session, case, "start_work", signer, BEGUN, facts={"own_plan.issued_on": D(2024, 3, 10)})
    return case
