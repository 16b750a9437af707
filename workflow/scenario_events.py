"""What happens in a scenario beside the steps of cases: the organisation, offices, people, and what is entered on a case."""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import corrections, offices, people, records, scenario_ratings, units, workreports
from workflow.context import Actor, book_of
from workflow.models import Office, Paper, Unit
from workflow.snapshot import load

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


def _report(session: Session, actor: Actor, on: dt.date, *, case: int, kind: str, months: Sequence[dt.date] = (),
            content: str = "Báo cáo đúng mẫu.", **given: Any) -> None:
    """A periodic report, or several that were written on one day; ``months`` are any days of theirs, by default the day's."""
    for month in months or (on,):
        workreports.write(session, actor, on, case_id=case, kind=kind, period=month, content=content, **given)


def _row(session: Session, actor: Actor, on: dt.date, *, case: int, collection: str, row: dict[str, Any], number: int | None = None) -> None:
    """A row of a collection of the case is added, or the one that stands at ``number`` (from 1) is changed."""
    records.put_row(session, case, actor, on, collection, row, key=None if number is None else _key(session, case, on, collection, number))


def _key(session: Session, case: int, on: dt.date, collection: str, number: int) -> int:
    snapshot = load(session, book_of(session).processes, case, on)
    child = snapshot.binding.children[collection]
    mine = [child.table.c[column] == value for column, value in snapshot.owner(child).items()]
    return list(session.scalars(sa.select(child.table.c.id).where(*mine).order_by(child.table.c.id)))[number - 1]


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
    "unit.problem": scenario_ratings.problem,
    "rating.decide": scenario_ratings.decide, "rating.reopen": scenario_ratings.reopen,
    "office.grant": _grant, "office.end": _end, "office.substitute": _substitute,
    "person.tie": people.declare_conflict,
    "entry.recall": _recall, "entry.correct": _correct, "entry.annul": _annul,
    "case.facts": _facts, "case.helper": _helper, "case.paper": _paper,
    "case.report": _report, "case.row": _row,
}
