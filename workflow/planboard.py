"""The board of plans: every open case of consolidation, with what is done, late and due, in a bounded number
of statements."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.book import Rulebook
from workflow import caselist
from workflow.bindings import CONSOLIDATION
from workflow.caselist import CaseRow
from workflow.context import book_of
from workflow.models import (
    Case,
    Consolidation,
    CriteriaSet,
    Duty,
    Measure,
    PlanVersion,
    WorkReport,
)
from workflow.waiting import Desk
from workflow.workreports import KINDS

#: The stages of the process in which a plan is carried out.
WORKING = ("planning", "work")

@dataclass(frozen=True, slots=True)
class PlanRow:
    """One plan: the case, what it aims at, how far its measures are, what came in last and what is due next."""

    case: CaseRow
    stage: str | None
    plan_no: int
    issued: bool
    target_rank: int | None
    until: dt.date | None
    measures: int
    done: int
    late: int
    last_report: dt.date | None
    late_reports: int
    criteria: tuple[str, int, int] | None
    #: Whether it is being carried out, so that its time matters.
    running: bool

    def ends_soon(self, on: dt.date) -> bool:
        """Whether a plan that is being carried out ends within a month, or should have ended."""
        return self.running and self.until is not None and self.until <= on + dt.timedelta(days=30)


def running(book: Rulebook) -> sa.ColumnElement[bool]:
    """A condition on :class:`Case`: its plan is issued and being carried out. One that waits for its verdict, has led to
    recovery or is suspended has no time that could run out, and neither has one whose period was closed; where the law in
    use knows no such plans there are none."""
    law = book.processes.get(CONSOLIDATION.process)
    working = sorted(name for name, state in law.states.open.items() if state.stage in WORKING) if law else []
    closed = sa.func.coalesce(Consolidation.close_period_on, dt.date.min)
    version = sa.and_(PlanVersion.case_id == Consolidation.case_id, PlanVersion.no == Consolidation.plan_no, PlanVersion.void.is_(False))
    issued = sa.select(Consolidation.case_id).outerjoin(PlanVersion, version).where(
        closed <= sa.func.coalesce(PlanVersion.issued_on, Consolidation.issue_plan_on))
    return sa.and_(Case.process == CONSOLIDATION.process, Case.state.in_(working), Case.id.in_(issued))


def board(session: Session, desk: Desk, unit: int | None = None) -> list[PlanRow]:
    """The open plans in sight, in the order of a register; ``unit`` narrows to one and all below it."""
    book, connection = book_of(session), session.connection()
    wanted = caselist.Filter(process=CONSOLIDATION.process, unit=unit)
    cases = caselist.everything(session, desk, caselist.condition(session, book, desk, wanted))
    ids = [row.id for row in cases]
    detail = {r.case_id: r for r in connection.execute(sa.select(Consolidation.__table__).where(Consolidation.case_id.in_(ids)))}
    measures = _measures(connection, ids, desk.on)
    written = sa.select(WorkReport.case_id, sa.func.max(WorkReport.written_on)).where(WorkReport.case_id.in_(ids)).group_by(WorkReport.case_id)
    last: dict[int, dt.date] = {row[0]: row[1] for row in connection.execute(written)}
    behind_with = (sa.select(Duty.case_id, sa.func.count()).where(Duty.case_id.in_(ids), Duty.kind.in_(KINDS), Duty.open_until < desk.on)
                   .group_by(Duty.case_id))
    late: dict[int | None, int] = {row[0]: int(row[1]) for row in connection.execute(behind_with)}
    criteria: dict[int, tuple[str, int, int]] = {}
    for c in connection.execute(sa.select(CriteriaSet.__table__).where(CriteriaSet.case_id.in_(ids)).order_by(CriteriaSet.as_of, CriteriaSet.id)):
        criteria[c.case_id] = (c.name, c.met, c.total)
    working = set(connection.scalars(sa.select(Case.id).where(Case.id.in_(ids), running(book))))
    states = book.processes[CONSOLIDATION.process].all_states
    found = []
    for row in cases:
        d, (total, done, behind) = detail[row.id], measures.get(row.id, (0, 0, 0))
        found.append(PlanRow(row, states[row.state].stage, d.plan_no, d.issue_plan_on is not None, d.target_rank, d.plan_until,
                             total, done, behind, last.get(row.id), late.get(row.id, 0), criteria.get(row.id), row.id in working))
    return found


def _measures(connection: sa.Connection, ids: list[int], on: dt.date) -> dict[int, tuple[int, int, int]]:
    """Of each plan in force: how many measures, how many of them done, how many late."""
    def count(*which: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
        return sa.func.sum(sa.case((sa.and_(*which), 1), else_=0))

    left = caselist.unfinished()
    query = (sa.select(Measure.case_id, sa.func.count(), sa.func.count() - count(left), count(left, Measure.due_on < on))
             .join(Consolidation, sa.and_(Consolidation.case_id == Measure.case_id, Consolidation.plan_no == Measure.plan_no))
             .where(Measure.case_id.in_(ids)).group_by(Measure.case_id))
    return {case: (int(total), int(done or 0), int(late or 0)) for case, total, done, late in connection.execute(query)}

