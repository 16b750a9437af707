"""Queues of work: each is one condition, so the number on a card and the list behind it cannot differ."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.book import Rulebook
from workflow import blocked, caselist, planboard
from workflow.access import related_to
from workflow.bindings import BINDINGS
from workflow.context import book_of
from workflow.models import (
    Case,
    Consolidation,
    Duty,
    Entry,
    Measure,
    SourceReview,
    SponsorReport,
)
from workflow.monthly import REPORTERS, SOURCE_REVIEW, SPONSOR_REPORT
from workflow.waiting import Desk, arriving_at, for_me
from workflow.workreports import KINDS as WORK

SOON, LATER = 7, 30
#: Who writes a cell's monthly review.
REVIEWERS = ("cell_secretary", "cell_committee")
#: The queues, in the order of the page.
SLUGS = ("mine", "returned", "overdue", "week", "month", "probation", "reports", "review", "arriving",
         "work_reports", "late_reports", "own_measures", "plan_ends")


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue; ``condition`` holds for its cases, within the sight of whoever asks.

    ``of`` are the processes whose cases can stand in it; None where any can.
    """

    slug: str
    condition: sa.ColumnElement[bool]
    late: bool = False
    of: frozenset[str] | None = None


def queues(session: Session, desk: Desk) -> list[Queue]:
    """The queues of an account on its day, in the order of the page."""
    on = desk.on
    open_ = Case.closed_on.is_(None)
    in_time = sa.not_(blocked.stuck(session, desk, on, blocked.waits_for_time, surely=True))
    book = book_of(session)
    passing = frozenset(p for p, b in BINDINGS.items() if "probationary" in b.standing.values())
    planned = frozenset(p for p, b in BINDINGS.items() if b.plan)
    helped, reviewed = _asking(book, SPONSOR_REPORT), _asking(book, SOURCE_REVIEW)
    made = [
        Queue("mine", sa.and_(for_me(session, desk), in_time)),
        Queue("returned", sa.and_(open_, returned(session, desk))),
        Queue("overdue", sa.and_(open_, caselist.own_overdue(book, desk)), late=True),
        Queue("week", sa.and_(open_, caselist.due_within(book, on, SOON))),
        Queue("month", sa.and_(open_, caselist.due_within(book, on, LATER))),
        Queue("probation", sa.and_(open_, nearly_over(session, desk)), of=passing),
        Queue("reports", sa.and_(open_, report_due(desk)), of=helped),
        Queue("review", sa.and_(open_, review_due(desk)), of=reviewed),
        Queue("arriving", sa.and_(open_, arriving(session, desk)), of=passing),
        Queue("work_reports", sa.and_(open_, work_report_due(session, desk)), of=planned),
        Queue("late_reports", sa.and_(open_, work_report_late(desk)), late=True, of=planned),
        Queue("own_measures", sa.and_(open_, measure_due(desk)), of=planned),
        Queue("plan_ends", sa.and_(open_, plan_ending(session, desk)), of=planned),
    ]
    return [Queue(q.slug, sa.and_(desk.scope, q.condition), q.late, q.of) for q in made]


def _asking(book: Rulebook, kind: str) -> frozenset[str]:
    """The processes whose law knows a duty of this kind."""
    return frozenset(law.id for law in book.processes.values() for name in law.duties if law.duty_kind(name) == kind)


def counts(session: Session, found: Sequence[Queue]) -> dict[str, int]:
    """How many cases each queue holds, in one statement."""
    query = sa.select(*(sa.func.count(sa.case((q.condition, 1))).label(q.slug) for q in found)).select_from(Case)
    row = session.connection().execute(query).one()
    return dict(zip((q.slug for q in found), row, strict=True))


def returned(session: Session, desk: Desk) -> sa.ColumnElement[bool]:
    """The last step of the case was a way back."""
    book = book_of(session)
    back: Mapping[str, list[str]] = {
        process: [step for step, versions in book.processes[process].step_versions.items()
                  if any(v.voids is not None and not v.restarts and not v.extraordinary for v in versions)]
        for process in desk.pairs}
    last = (sa.select(sa.func.max(Entry.id)).where(Entry.case_id == Case.id, Entry.step.is_not(None))
            .correlate(Case).scalar_subquery())
    parts = [sa.and_(Case.process == process, sa.exists().where(Entry.id == last, Entry.step.in_(steps)))
             for process, steps in back.items() if steps]
    return sa.or_(sa.false(), *parts)


def nearly_over(session: Session, desk: Desk) -> sa.ColumnElement[bool]:
    """A probationary member whose time is up within the next month, so that the next step becomes possible."""
    states = sorted({state for b in BINDINGS.values() for state, standing in b.standing.items() if standing == "probationary"})
    ahead = desk.on + dt.timedelta(days=LATER)
    return sa.and_(Case.state.in_(states), blocked.stuck(session, desk, desk.on, blocked.waits_for_time, surely=True),
                   sa.not_(blocked.stuck(session, desk, ahead, blocked.waits_for_time, surely=True)))


def report_due(desk: Desk) -> sa.ColumnElement[bool]:
    """Somebody whom one helps, of whom the report of this month is not written yet."""
    if desk.actor.person_id is None:
        return sa.false()
    month = desk.on.replace(day=1)
    return sa.and_(related_to(desk.actor.person_id, desk.on, REPORTERS),
                   Case.id.not_in(sa.select(SponsorReport.case_id).where(SponsorReport.month == month)))


def review_due(desk: Desk) -> sa.ColumnElement[bool]:
    """On the source list of a cell that has to review it this month and has not, for those who write the review."""
    month = desk.on.replace(day=1)
    cells = sorted({h.unit_id for h in desk.held if h.role in REVIEWERS})
    return sa.and_(Case.unit_id.in_(cells), _reviewed(),
                   Case.unit_id.not_in(sa.select(SourceReview.unit_id).where(SourceReview.month == month)))


def work_report_due(session: Session, desk: Desk) -> sa.ColumnElement[bool]:
    """A periodic report or review of a plan is this person's own to write, and due within a week or late."""
    return Case.id.in_(sa.select(Duty.case_id).where(
        Duty.kind.in_(WORK), Duty.open_until <= desk.on + dt.timedelta(days=SOON), caselist.owned(book_of(session), desk)))


def work_report_late(desk: Desk) -> sa.ColumnElement[bool]:
    """A periodic report or review of a plan has not come in."""
    return Case.id.in_(sa.select(Duty.case_id).where(Duty.kind.in_(WORK), Duty.open_until < desk.on))


def measure_due(desk: Desk) -> sa.ColumnElement[bool]:
    """A measure of the plan in force that this person answers for is not done, and due within a week or late."""
    if desk.actor.person_id is None:
        return sa.false()
    return Case.id.in_(sa.select(Measure.case_id).where(
        caselist.unfinished(), Measure.owner_id == desk.actor.person_id, Measure.due_on <= desk.on + dt.timedelta(days=SOON)))


def plan_ending(session: Session, desk: Desk) -> sa.ColumnElement[bool]:
    """The plan is being carried out, and ends within a month or should have ended."""
    ends = sa.select(Consolidation.case_id).where(Consolidation.plan_until <= desk.on + dt.timedelta(days=LATER))
    return sa.and_(planboard.running(book_of(session)), Case.id.in_(ends))


def _reviewed() -> sa.ColumnElement[bool]:
    return Case.id.in_(sa.select(Duty.case_id).where(
        Duty.kind == SOURCE_REVIEW, Duty.open_until.is_not(None), Duty.case_id.is_not(None)))


def arriving(session: Session, desk: Desk) -> sa.ColumnElement[bool]:
    """On its way to a unit at which one holds an office."""
    units = sorted({h.unit_id for h in desk.held})
    return sa.and_(Case.resume_state.is_not(None), sa.or_(sa.false(), *(arriving_at(process, units) for process in BINDINGS)))
