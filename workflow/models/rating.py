"""The yearly classification of units, and the problems noted of them."""
from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow.db import Base


class Rating(Base):
    """The classification of one unit for one period: what the unit, the advisory board and the organ said of it.

    ``label`` is the level as the decision prints it, ``scheme`` the scheme it belongs to, ``rank`` our normalised rank
    from 1 (lowest) to 4, for thresholds and charts only. A re-opened rating is decided anew in the same row; the
    journal keeps what was decided before.
    """

    __tablename__ = "rating"
    __table_args__ = (
        sa.UniqueConstraint("unit_id", "kind", "period_from", "period_to"),
        sa.CheckConstraint("kind IN ('year','quarter','term','ad_hoc')", name="kind"),
        sa.CheckConstraint("period_to >= period_from", name="period"),
        sa.CheckConstraint("rank IS NULL OR (rank >= 1 AND rank <= 4)", name="rank"),
        sa.CheckConstraint("points IS NULL OR (points >= 0 AND points <= 100)", name="points"),
        sa.CheckConstraint("self_points IS NULL OR (self_points >= 0 AND self_points <= 100)", name="self_points"),
        sa.CheckConstraint("verified_points IS NULL OR (verified_points >= 0 AND verified_points <= 100)", name="verified_points"),
        sa.CheckConstraint("state <> 'decided' OR (label IS NOT NULL AND rank IS NOT NULL AND decided_on IS NOT NULL)", name="decided"),
        sa.CheckConstraint("state <> 'reopened' OR reopened_on IS NOT NULL", name="reopened"),
        sa.Index("ix_rating_period", "period_to", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    kind: Mapped[str] = mapped_column(default="year")
    period_from: Mapped[dt.date]
    period_to: Mapped[dt.date]
    scheme: Mapped[str]
    state: Mapped[str]
    self_label: Mapped[str | None]
    self_points: Mapped[int | None]
    self_on: Mapped[dt.date | None]
    verified_label: Mapped[str | None]
    verified_points: Mapped[int | None]
    verified_on: Mapped[dt.date | None]
    label: Mapped[str | None]
    points: Mapped[int | None]
    rank: Mapped[int | None]
    decided_on: Mapped[dt.date | None]
    organ_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    paper: Mapped[str | None]
    reopened_on: Mapped[dt.date | None]
    reopen_reason: Mapped[str | None]
    #: What the criteria of a scheme ask beside the points; percentages are whole numbers.
    tasks_done: Mapped[int | None]
    tasks_exceeded: Mapped[int | None]
    tasks_late: Mapped[int | None]
    disciplined: Mapped[bool | None]
    remedied: Mapped[bool | None]
    gov_lowest: Mapped[bool | None]
    mass_total: Mapped[int | None]
    mass_lowest: Mapped[int | None]
    group_name: Mapped[str | None]
    imported: Mapped[bool] = mapped_column(default=False)


class RatingCount(Base):
    """How many members of the unit stand at a level, or were not rated and why. No member is named."""

    __tablename__ = "rating_count"
    __table_args__ = (
        sa.UniqueConstraint("rating_id", "kind", "code"),
        sa.CheckConstraint("kind IN ('level','unrated')", name="kind"),
        sa.CheckConstraint("number >= 0", name="number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rating_id: Mapped[int] = mapped_column(sa.ForeignKey("rating.id"))
    kind: Mapped[str]
    code: Mapped[str]
    number: Mapped[int]


class RatingHead(Base):
    """The level of the head of a unit, decided after the unit's own."""

    __tablename__ = "rating_head"
    __table_args__ = (
        sa.UniqueConstraint("rating_id", "person_id"),
        sa.CheckConstraint("rank >= 1 AND rank <= 4", name="rank"),
        sa.CheckConstraint("points IS NULL OR (points >= 0 AND points <= 100)", name="points"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rating_id: Mapped[int] = mapped_column(sa.ForeignKey("rating.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    post: Mapped[str]
    label: Mapped[str]
    points: Mapped[int | None]
    rank: Mapped[int]
    decided_on: Mapped[dt.date]


class UnitProblem(Base):
    """A problem noted of a unit (complex security, disunity ...). It never names who spoke of it."""

    __tablename__ = "unit_problem"
    __table_args__ = (
        sa.CheckConstraint("cleared_on IS NULL OR noted_on IS NULL OR cleared_on >= noted_on", name="cleared_after_noted"),
        sa.Index("ix_unit_problem_unit", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    kind: Mapped[str]
    noted_on: Mapped[dt.date | None]
    cleared_on: Mapped[dt.date | None]
    basis: Mapped[str | None]
