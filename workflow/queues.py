"""Queues of work: each is one condition, so the number on a card and the list behind it cannot differ."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import blocked, caselist
from workflow.bindings import BINDINGS
from workflow.context import book_of
from workflow.models import Case, Duty, Entry, SourceReview, SponsorReport
from workflow.monthly import SOURCE_REVIEW
from workflow.waiting import Desk, arriving_at, for_me, helps

SOON, LATER = 7, 30
#: Who writes a cell's monthly review.
REVIEWERS = ("cell_secretary", "cell_committee")
#: The queues, in the order of the page.
SLUGS = ("mine", "returned", "overdue", "week", "month", "probation", "reports", "review", "arriving")


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue; ``condition`` holds for its cases, within the sight of whoever asks."""

    slug: str
    condition: sa.ColumnElement[bool]
    late: bool = False


def queues(session: Session, desk: Desk) -> list[Queue]:
    """The queues of an account on its day, in the order of the page."""
    on = desk.on
    open_ = Case.closed_on.is_(None)
    in_time = sa.not_(blocked.stuck(session, desk, on, blocked.waits_for_time, surely=True))
    made = [
        Queue("mine", sa.and_(for_me(session, desk), in_time)),
        Queue("returned", sa.and_(open_, returned(session, desk))),
        Queue("overdue", sa.and_(open_, caselist.own_overdue(book_of(session), desk)), late=True),
        Queue("week", sa.and_(open_, caselist.due_within(book_of(session), on, SOON))),
        Queue("month", sa.and_(open_, caselist.due_within(book_of(session), on, LATER))),
        Queue("probation", sa.and_(open_, nearly_over(session, desk))),
        Queue("reports", sa.and_(open_, report_due(desk))),
        Queue("review", sa.and_(open_, review_due(desk))),
        Queue("arriving", sa.and_(open_, arriving(session, desk))),
    ]
    return [Queue(q.slug, sa.and_(desk.scope, q.condition), q.late) for q in made]


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
    return sa.and_(helps(desk.actor.person_id, desk.on),
                   Case.id.not_in(sa.select(SponsorReport.case_id).where(SponsorReport.month == month)))


def review_due(desk: Desk) -> sa.ColumnElement[bool]:
    """On the source list of a cell that has to review it this month and has not, for those who write the review."""
    month = desk.on.replace(day=1)
    cells = sorted({h.unit_id for h in desk.held if h.role in REVIEWERS})
    return sa.and_(Case.unit_id.in_(cells), _reviewed(),
                   Case.unit_id.not_in(sa.select(SourceReview.unit_id).where(SourceReview.month == month)))


def _reviewed() -> sa.ColumnElement[bool]:
    return Case.id.in_(sa.select(Duty.case_id).where(
        Duty.kind == SOURCE_REVIEW, Duty.open_until.is_not(None), Duty.case_id.is_not(None)))


def arriving(session: Session, desk: Desk) -> sa.ColumnElement[bool]:
    """On its way to a unit at which one holds an office."""
    units = sorted({h.unit_id for h in desk.held})
    return sa.and_(Case.resume_state.is_not(None), sa.or_(sa.false(), *(arriving_at(process, units) for process in BINDINGS)))
