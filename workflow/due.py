"""What is late, due today or due soon: one query over the open duties of a subtree."""
from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import tree
from workflow.context import book_of
from workflow.models import Base

_TABLES = Base.metadata.tables
DUTY, CASE, PERSON, UNIT, VERSION = (_TABLES[n] for n in ("duty", "case", "person", "unit", "unit_version"))


@dataclass(frozen=True, slots=True)
class DueRow:
    """An open duty as seen on a day. ``days`` counts from that day to the due day, negative when it is late."""

    duty_id: int
    kind: str
    says: str
    case_id: int | None
    process: str | None
    state: str | None
    person_id: int | None
    person: str | None
    unit_id: int
    unit_code: str
    unit: str
    started_on: dt.date
    due_on: dt.date
    former_due_on: dt.date | None
    provisional: bool
    days: int

    @property
    def status(self) -> str:
        return "late" if self.days < 0 else "today" if self.days == 0 else "soon"


def due(session: Session, on: dt.date, units: int | Sequence[int] | None = None, *, horizon_days: int = 30,
        cases: Sequence[int] | None = None, kinds: Sequence[str] | None = None) -> list[DueRow]:
    """Open duties due up to ``on`` + ``horizon_days``, the most urgent first.

    ``units`` narrows to the subtrees of these units on the day, ``cases`` and ``kinds`` to some of them. Paused duties
    are not due.
    """
    query = (
        sa.select(DUTY.c.id, DUTY.c.kind, DUTY.c.law, DUTY.c.case_id, CASE.c.process, CASE.c.state, PERSON.c.id, PERSON.c.full_name,
                  UNIT.c.id, UNIT.c.code, VERSION.c.name, DUTY.c.started_on, DUTY.c.open_until, DUTY.c.former_due_on,
                  DUTY.c.provisional)
        .join(UNIT, UNIT.c.id == DUTY.c.unit_id)
        .outerjoin(VERSION, sa.and_(VERSION.c.unit_id == UNIT.c.id, tree.alive(VERSION, on)))
        .outerjoin(CASE, CASE.c.id == DUTY.c.case_id).outerjoin(PERSON, PERSON.c.id == CASE.c.subject_person_id)
        .where(*_which(on, units, horizon_days, cases, kinds))
        .order_by(DUTY.c.open_until, PERSON.c.sort_key, DUTY.c.id)
    )
    found = []
    for row in session.connection().execute(query):
        duty, kind, law, case, process, state, person, name, unit, code, unit_name, *days, provisional = row
        started, until, former = days
        found.append(DueRow(duty, kind, _says(session, process, law, kind), case, process, state, person, name, unit, code,
                            unit_name or code, started, until, former, provisional, (until - on).days))
    return found


def counts(session: Session, on: dt.date, units: int | Sequence[int] | None = None, *, horizon_days: int = 30) -> dict[str, int]:
    """How many duties are late, due today, due soon: the numbers of the list of :func:`due`, without its rows."""
    until = DUTY.c.open_until
    parts = {"late": until < on, "today": until == on, "soon": until > on}
    query = sa.select(*(sa.func.sum(sa.case((which, 1), else_=0)).label(name) for name, which in parts.items()))
    found = session.connection().execute(query.where(*_which(on, units, horizon_days, None, None))).mappings().one()
    return {name: int(found[name] or 0) for name in parts}


def _which(on: dt.date, units: int | Sequence[int] | None, horizon_days: int, cases: Sequence[int] | None,
           kinds: Sequence[str] | None) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [DUTY.c.open_until <= on + dt.timedelta(days=horizon_days)]
    if units is not None:
        found.append(tree.within(DUTY.c.unit_id, units, on))
    if cases is not None:
        found.append(DUTY.c.case_id.in_(cases))
    if kinds is not None:
        found.append(DUTY.c.kind.in_(kinds))
    return found


def _says(session: Session, process: str | None, law: str, kind: str) -> str:
    """What the law calls the duty, by its latest version; the kind where it has no words for it."""
    processes = book_of(session).processes
    known = processes.get(process) if process else None
    versions = known.duties.get(law, ()) if known else ()
    texts = [version.says.vi for version in versions if version.says]
    return texts[-1] if texts else kind
