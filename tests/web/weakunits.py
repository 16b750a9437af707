"""Units to be consolidated in the organisation of ``casework``: yearly ratings, problems, and who works on the plan."""
from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.web import casework
from workflow import engine, people
from workflow.context import Actor
from workflow.models import Case
from workflow.ratings import acts
from workflow.ratings.levels import Period
from workflow.site import Site

D = dt.date
WEAK, GOOD = "Hoàn thành nhiệm vụ", "Hoàn thành tốt nhiệm vụ"


def rate(session: Session, unit: str, year: int, label: str, on: D) -> None:
    """The yearly rating of a unit, taken over from paper."""
    acts.take_over(session, None, on, acts.Said(unit, Period.year(year), label=label, imported=True))


def actor(site: Site, key: str) -> Actor:
    with site.database.read() as session:
        return casework.actor(session, key)


def person(site: Site, key: str) -> int:
    with site.database.read() as session:
        return people.person_id(session, key)


def weak(site: Site, unit: str = "X", year: int = 2025) -> int:
    """A unit that was rated low; its id."""
    with site.database.write() as session:
        rate(session, unit, year, WEAK, D(year + 1, 1, 20))
        return casework.engine_unit(session, unit)


def open_case(site: Site, unit: int, on: D = casework.TODAY, **facts: object) -> int:
    """The screening of a weak unit, opened by the board."""
    with site.database.write() as session:
        entry = engine.advance(session, engine.Subject("consolidation", unit, subject_unit_id=unit), "open_screening",
                               casework.actor(session, "ban"), on=on, facts=facts)
    return int(entry.stream.partition(":")[2])


def take(site: Site, case: int, step: str, key: str, on: D = casework.TODAY, **facts: object) -> None:
    """Take a step as one of the accounts."""
    with site.database.write() as session:
        engine.advance(session, case, step, casework.actor(session, key), on=on, facts={k.replace("__", "."): v for k, v in facts.items()})


def issued(site: Site, unit: str = "X", on: D = casework.TODAY, owner: str = "coso", due: D | None = None) -> int:
    """A case whose plan is issued: a head of the standing board, a member, two measures, a cadre who is in post."""
    case = open_case(site, weak(site, unit), on)
    take(site, case, "approve_list", "thuongvu", on, listing__cause="Cấp ủy lãnh đạo chưa sát", listing__type="leadership")
    take(site, case, "begin_planning", "ban", on)
    head, member, owns = (person(site, key) for key in ("truongban", "giup", owner))
    take(site, case, "issue_plan", "thuongvu", on, plan__oversight=person(site, "truongban"), **{
        "team": {"declared": True, "items": [{"person": head, "head": True, "standing_board": True}, {"person": member, "head": False}]},
        "measures": {"declared": True, "items": [{"owner": owns, "due_on": due or on + dt.timedelta(days=30)},
                                                 {"owner": head, "due_on": on + dt.timedelta(days=60)}]},
        "cadres": {"declared": True, "items": []}})
    return case


def working(site: Site, unit: str = "X", on: D = casework.TODAY, **given: object) -> int:
    """The same, at work."""
    case = issued(site, unit, on, **given)  # type: ignore[arg-type]
    take(site, case, "start_work", "thuongvu", on, own_plan__issued_on=on)
    return case


def state_of(site: Site, case: int) -> str:
    with site.database.read() as session:
        return str(session.scalar(sa.select(Case.state).where(Case.id == case)))
