"""What the steps of a consolidation record: one row per case, its plan, and what is reported of it."""
from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow.db import Base

_PLANNED = ("plan_issued", "in_progress", "awaiting_rating", "extended", "escalated", "suspended", "recovered", "aftercare", "closed")
_RECOVERED = ("recovered", "aftercare", "closed")


def _evidence(states: tuple[str, ...], condition: str) -> str:
    """An imported case may lack evidence of what happened before; every other state rests on it."""
    listed = ", ".join(f"'{s}'" for s in states)
    return f"imported OR state NOT IN ({listed}) OR {condition}"


class Consolidation(Base):
    """The facts of one unit's path. ``state`` is the case's, repeated so that CHECKs can tie it to its evidence.

    A column ``<step>_on`` is the day of the last standing act of that step. ``plan_no`` is the number of the plan in
    force: 1 when it is first drawn up, one more with every extension.
    """

    __tablename__ = "consolidation"
    __table_args__ = (
        sa.ForeignKeyConstraint(["case_id", "state"], ["case.id", "case.state"], deferrable=True, initially="DEFERRED"),
        sa.CheckConstraint(_evidence(_PLANNED, "issue_plan_on IS NOT NULL"), name="plan"),
        sa.CheckConstraint(_evidence(_RECOVERED, "recognise_recovery_on IS NOT NULL"), name="recovery"),
        sa.CheckConstraint("target_rank IS NULL OR (target_rank >= 1 AND target_rank <= 4)", name="target_rank"),
        sa.CheckConstraint("entry_rank IS NULL OR (entry_rank >= 1 AND entry_rank <= 4)", name="entry_rank"),
        sa.CheckConstraint("plan_no >= 1", name="plan_no"),
    )

    case_id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    imported: Mapped[bool] = mapped_column(default=False)

    # how it came on the list
    entry_rank: Mapped[int | None]
    entry_by_flag: Mapped[bool | None]
    entry_rating_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rating.id"))
    listing_cause: Mapped[str | None]
    listing_type: Mapped[str | None]
    relapse_of: Mapped[int | None]
    continues: Mapped[int | None]

    # the plan in force
    plan_no: Mapped[int] = mapped_column(default=1)
    target_rank: Mapped[int | None]
    plan_until: Mapped[dt.date | None]
    oversight_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    own_plan_on: Mapped[dt.date | None]
    mid_review_on: Mapped[dt.date | None]
    team_declared: Mapped[bool] = mapped_column(default=False)
    measures_declared: Mapped[bool] = mapped_column(default=False)
    cadres_declared: Mapped[bool] = mapped_column(default=False)
    problems_declared: Mapped[bool] = mapped_column(default=False)

    # leaving the ordinary way
    leadership_on: Mapped[dt.date | None]
    inspection_reference: Mapped[str | None]
    successor_unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    successor_continues: Mapped[bool | None]
    reason: Mapped[str | None]

    # days of the last standing acts
    open_screening_on: Mapped[dt.date | None]
    approve_list_on: Mapped[dt.date | None]
    begin_planning_on: Mapped[dt.date | None]
    issue_plan_on: Mapped[dt.date | None]
    start_work_on: Mapped[dt.date | None]
    close_period_on: Mapped[dt.date | None]
    recognise_recovery_on: Mapped[dt.date | None]
    extend_plan_on: Mapped[dt.date | None]
    escalate_on: Mapped[dt.date | None]
    install_leadership_on: Mapped[dt.date | None]
    begin_aftercare_on: Mapped[dt.date | None]
    close_aftercare_on: Mapped[dt.date | None]


class TeamMember(Base):
    """A member of the working team; the head is one of the standing board of the organ that listed the unit."""

    __tablename__ = "team_member"
    __table_args__ = (
        sa.CheckConstraint("to_on IS NULL OR from_on IS NULL OR to_on >= from_on", name="ends_after_start"),
        sa.Index("ix_team_member_case", "case_id"),
        sa.Index("ix_team_member_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    head: Mapped[bool | None]
    standing_board: Mapped[bool | None]
    organ: Mapped[str | None]
    from_on: Mapped[dt.date | None]
    to_on: Mapped[dt.date | None]


class Cadre(Base):
    """Somebody sent to strengthen the unit: from which post to which, from when to when, by which paper."""

    __tablename__ = "cadre"
    __table_args__ = (
        sa.CheckConstraint("returned_on IS NULL OR from_on IS NULL OR returned_on >= from_on", name="returned_after_start"),
        sa.Index("ix_cadre_case", "case_id"),
        sa.Index("ix_cadre_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    former_post: Mapped[str | None]
    post: Mapped[str | None]
    paper: Mapped[str | None]
    from_on: Mapped[dt.date | None]
    until_on: Mapped[dt.date | None]
    returned_on: Mapped[dt.date | None]
    made_permanent: Mapped[bool | None]


class Measure(Base):
    """A measure of a plan: what is done, by whom, until when, how far it has come. ``plan_no`` is the plan it stands in,
    ``origin_id`` the same measure in the plan before."""

    __tablename__ = "measure"
    __table_args__ = (
        sa.CheckConstraint("progress IS NULL OR (progress >= 0 AND progress <= 100)", name="progress"),
        sa.Index("ix_measure_case", "case_id", "plan_no"),
        sa.Index("ix_measure_owner", "owner_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    plan_no: Mapped[int] = mapped_column(default=1)
    origin_id: Mapped[int | None]
    stream: Mapped[str | None]
    content: Mapped[str | None]
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    due_on: Mapped[dt.date | None]
    progress: Mapped[int | None]
    done_on: Mapped[dt.date | None]
    result: Mapped[str | None]


class Indicator(Base):
    """A figure the plan watches. All numbers of a row are whole, in units of ``10 ** -scale`` of ``unit``."""

    __tablename__ = "indicator"
    __table_args__ = (
        sa.CheckConstraint("comparator IS NULL OR comparator IN ('=','>','<','>=','<=','~')", name="comparator"),
        sa.CheckConstraint("change_kind IS NULL OR change_kind IN ('points','relative','unclear')", name="change_kind"),
        sa.CheckConstraint("scale IS NULL OR (scale >= 0 AND scale <= 6)", name="scale"),
        sa.Index("ix_indicator_case", "case_id", "plan_no"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    plan_no: Mapped[int] = mapped_column(default=1)
    origin_id: Mapped[int | None]
    name: Mapped[str]
    unit: Mapped[str | None]
    scale: Mapped[int | None]
    as_of: Mapped[dt.date | None]
    comparator: Mapped[str | None]
    value: Mapped[int | None]
    plan_value: Mapped[int | None]
    prior_value: Mapped[int | None]
    change: Mapped[int | None]
    change_kind: Mapped[str | None]
    source: Mapped[str | None]


class CriteriaSet(Base):
    """How many criteria of a set are met on a day (10 of 19 of the new countryside)."""

    __tablename__ = "criteria_set"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "name", "as_of"),
        sa.CheckConstraint("total > 0 AND met >= 0 AND met <= total", name="met_of_total"),
        sa.CheckConstraint("exceeded IS NULL OR (exceeded >= 0 AND exceeded <= met)", name="exceeded_of_met"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    name: Mapped[str]
    as_of: Mapped[dt.date]
    total: Mapped[int]
    met: Mapped[int]
    exceeded: Mapped[int | None]
    source: Mapped[str | None]


class PlanVersion(Base):
    """A plan as it was issued, or issued anew with an extension. Written with the act alone."""

    __tablename__ = "plan_version"
    __table_args__ = (sa.Index("ix_plan_version_case", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    no: Mapped[int]
    issued_on: Mapped[dt.date]
    target_rank: Mapped[int | None]
    until_on: Mapped[dt.date | None]
    oversight_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    reason: Mapped[str | None]
    step: Mapped[str | None]
    void: Mapped[bool] = mapped_column(default=False)


class PlanExtension(Base):
    """An extension of the plan, counted against what the law allows. Written with the act alone."""

    __tablename__ = "plan_extension"
    __table_args__ = (sa.Index("ix_plan_extension_case", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    decided_on: Mapped[dt.date | None]
    step: Mapped[str | None]
    void: Mapped[bool] = mapped_column(default=False)


class WorkReport(Base):
    """A periodic report (of the team, of the unit) or the mid review of a consolidation."""

    __tablename__ = "work_report"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "kind", "period"),
        sa.CheckConstraint("kind IN ('team_report','unit_report','mid_review')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    kind: Mapped[str]
    period: Mapped[dt.date]
    written_on: Mapped[dt.date]
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    content: Mapped[str]
    number: Mapped[str | None]


class Visit(Base):
    """Somebody of the team or in charge of oversight was at the unit on a day."""

    __tablename__ = "visit"
    __table_args__ = (sa.Index("ix_visit_case", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    visited_on: Mapped[dt.date]
    occasion: Mapped[str | None]
    note: Mapped[str | None]
