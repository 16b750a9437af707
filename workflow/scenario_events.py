"""What happens in a scenario beside the steps of cases: the organisation, offices, people, and what is entered on a case."""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import corrections, offices, people, records, units
from workflow.context import Actor
from workflow.models import Office, Paper, Unit

#: Keys of an event that name a person of the scenario.
PEOPLE = frozenset({"person", "other", "substitute"})

Event = Callable[..., Any]
_SLIP = "ghi nhầm"


def happen(session: Session, actor: Actor, on: dt.date, do: str, given: dict[str, Any]) -> None:
    """Carry out one event; people and the case are ids already. Raises ValueError for an event that is unknown."""
    operation = _EVENTS.get(do)
    if operation is None:
        raise ValueError(f"không có sự kiện {do}; các sự kiện: {', '.join(_EVENTS)}")
    operation(session, actor, on, **given)


def _grant(session: Session, actor: Actor, on: dt.date, **given: Any) -> None:
    offices.grant_office(session, actor, on, **{"since": on, **given})


def _end(session: Session, actor: Actor, on: dt.date, *, person: int, role: str, unit: str, **given: Any) -> None:
    offices.end_office(session, actor, on, office=_held(session, on, person, role, unit), **given)


def _substitute(session: Session, actor: Actor, on: dt.date, *, person: int, role: str, unit: str, substitute: int,
                **given: Any) -> None:
    """``substitute`` acts for ``person`` in an office that this one holds."""
    offices.grant_substitution(session, actor, on, office=_held(session, on, person, role, unit), person=substitute,
                               **{"since": on, **given})


def _held(session: Session, on: dt.date, person: int, role: str, unit: str) -> int:
    found = session.scalar(sa.select(Office.id).join(Unit, Unit.id == Office.unit_id).where(
        Office.person_id == person, Office.role == role, Unit.code == unit, Office.from_on <= on,
        sa.or_(Office.to_on.is_(None), Office.to_on >= on)))
    if found is None:
        raise ValueError(f"không có chức trách {role} đang giữ tại {unit} vào ngày {on:%d/%m/%Y}")
    return found


def _facts(session: Session, actor: Actor, on: dt.date, *, case: int, facts: dict[str, Any]) -> None:
    records.set_facts(session, case, actor, on, facts)


def _helper(session: Session, actor: Actor, on: dt.date, *, case: int, person: int) -> None:
    records.replace_helper(session, case, actor, on, person)


def _paper(session: Session, actor: Actor, on: dt.date, *, case: int, **given: Any) -> None:
    records.put_paper(session, case, actor, on, **given)


def _recall(session: Session, actor: Actor, on: dt.date, *, case: int, reason: str = _SLIP) -> None:
    corrections.recall(session, case, actor, on, reason=reason)


def _correct(session: Session, actor: Actor, on: dt.date, *, case: int, paper: str, reason: str = _SLIP, **given: Any) -> None:
    """``paper`` is its kind: the newest one of that kind is meant."""
    found = session.scalar(sa.select(Paper.id).where(Paper.case_id == case, Paper.kind == paper).order_by(Paper.id.desc()))
    if found is None:
        raise ValueError(f"hồ sơ không có văn bản {paper}")
    corrections.correct_paper(session, found, actor, on, given, reason=reason)


def _annul(session: Session, actor: Actor, on: dt.date, **_given: Any) -> None:
    raise ValueError("hủy bỏ là một bước của quy trình; ghi trong `acts`")


_EVENTS: dict[str, Event] = {
    **{f"unit.{verb}": getattr(units, verb) for verb in ("found", "rename", "change", "move", "merge", "split", "end", "delegate")},
    "unit.strength": units.state_strength,
    "office.grant": _grant, "office.end": _end, "office.substitute": _substitute,
    "person.tie": people.declare_conflict,
    "entry.recall": _recall, "entry.correct": _correct, "entry.annul": _annul,
    "case.facts": _facts, "case.helper": _helper, "case.paper": _paper,
}
