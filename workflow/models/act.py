"""What an act leaves behind besides the state: meetings, ballots, papers, duties."""
from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow.db import Base


class Meeting(Base):
    """A meeting of an organ; many cases may stand on its agenda, each with its own ballot."""

    __tablename__ = "meeting"
    __table_args__ = (
        sa.CheckConstraint("present IS NULL OR (present >= 0 AND present <= entitled)", name="present"),
        sa.Index("ix_meeting_unit", "unit_id", "held_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    body: Mapped[str | None]
    held_on: Mapped[dt.date]
    chair_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    entitled: Mapped[int]
    present: Mapped[int | None]


class Ballot(Base):
    """One vote on one case: totals only. ``round`` counts the standing votes of the same stage."""

    __tablename__ = "ballot"
    __table_args__ = (
        sa.CheckConstraint("votes_for >= 0 AND against >= 0 AND blank >= 0 AND entitled >= 0 AND away >= 0 AND exempt_absent >= 0",
                           name="not_negative"),
        sa.CheckConstraint("votes_for + against + blank <= entitled", name="votes_within_entitled"),
        sa.CheckConstraint("method IS NULL OR method IN ('secret','card')", name="method"),
        sa.Index("ix_ballot_case", "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    meeting_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting.id"))
    step: Mapped[str]
    law: Mapped[str]
    held_on: Mapped[dt.date]
    round: Mapped[int]
    entitled: Mapped[int]
    away: Mapped[int] = mapped_column(default=0)
    exempt_absent: Mapped[int] = mapped_column(default=0)
    present: Mapped[int | None]
    votes_for: Mapped[int]
    against: Mapped[int] = mapped_column(default=0)
    blank: Mapped[int] = mapped_column(default=0)
    method: Mapped[str | None]
    base: Mapped[int]
    needed: Mapped[int]
    carried: Mapped[bool]
    void: Mapped[bool] = mapped_column(default=False)


class Paper(Base):
    """A paper by its number, date and keeper; personal papers hold no file here."""

    __tablename__ = "paper"
    __table_args__ = (sa.Index("ix_paper_case", "case_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"))
    kind: Mapped[str]
    number: Mapped[str | None]
    issued_on: Mapped[dt.date | None]
    issuer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    signatory_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    extract: Mapped[str | None]
    kept_at: Mapped[str | None]
    secrecy: Mapped[str | None]
    step: Mapped[str | None]
    void: Mapped[bool] = mapped_column(default=False)


class Duty(Base):
    """What has to be done, by whom, until when. There are no timers: what is due is a query over these rows.

    ``kind`` is what it is called, ``law`` the entry of the law files that started it, ``edition`` the law it was
    worked out under. ``open_until`` is the due day while nothing is done or paused: the one column the queue asks.
    """

    __tablename__ = "duty"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "kind", "basis"),
        sa.CheckConstraint("due_on >= started_on", name="due_after_start"),
        sa.CheckConstraint("(paused_on IS NULL) = (remaining IS NULL)", name="paused_with_remaining"),
        sa.CheckConstraint("extended >= 0", name="extended"),
        sa.Index("ix_duty_open", "unit_id", "open_until"),
        sa.Index("ix_duty_case", "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    kind: Mapped[str]
    law: Mapped[str]
    basis: Mapped[str]
    started_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    former_due_on: Mapped[dt.date | None]
    extended: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[dt.date | None]
    met_on: Mapped[dt.date | None]
    closed_on: Mapped[dt.date | None]
    paused_on: Mapped[dt.date | None]
    remaining: Mapped[int | None]
    provisional: Mapped[bool] = mapped_column(default=False)
    edition: Mapped[str]


class SponsorReport(Base):
    """The helper's month: met on, task done, a short note, and what the helper proposes."""

    __tablename__ = "sponsor_report"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "month"),
        sa.CheckConstraint("task IN ('done','partly','none')", name="task"),
        sa.CheckConstraint("proposes IN ('keep','class','drop')", name="proposes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    month: Mapped[dt.date]
    met_on: Mapped[dt.date | None]
    task: Mapped[str]
    note: Mapped[str | None]
    proposes: Mapped[str]


class SourceReview(Base):
    """The cell's monthly review of its source list."""

    __tablename__ = "source_review"
    __table_args__ = (sa.UniqueConstraint("unit_id", "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    month: Mapped[dt.date]
    held_on: Mapped[dt.date]
    note: Mapped[str | None]


class SourceReviewItem(Base):
    """What a review said of one candidate; the step that follows is taken apart from it."""

    __tablename__ = "source_review_item"
    __table_args__ = (
        sa.UniqueConstraint("review_id", "case_id"),
        sa.CheckConstraint("verdict IN ('keep','class','drop')", name="verdict"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("source_review.id"))
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    verdict: Mapped[str]
    note: Mapped[str | None]
