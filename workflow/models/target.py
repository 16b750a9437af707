"""Targets, and figures that somebody stated."""
from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow.db import Base


class Target(Base):
    """How many a unit means to reach in a year or a term, by which paper."""

    __tablename__ = "target"
    __table_args__ = (
        sa.UniqueConstraint("unit_id", "indicator", "period_from", "period_to"),
        sa.CheckConstraint("period_to >= period_from", name="period"),
        sa.CheckConstraint("value >= 0", name="value"),
        sa.CheckConstraint("form IS NULL OR form IN ('absolute','average','range','rate','every_unit')", name="form"),
        sa.CheckConstraint("value_max IS NULL OR value_max >= value", name="value_max"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    indicator: Mapped[str]
    period_from: Mapped[dt.date]
    period_to: Mapped[dt.date]
    value: Mapped[int]
    paper: Mapped[str | None]
    #: None is an absolute number; ``value`` and ``value_max`` are in units of ``10 ** -scale``.
    form: Mapped[str | None]
    value_max: Mapped[int | None]
    scale: Mapped[int | None]
    base_on: Mapped[dt.date | None]


class Statement(Base):
    """A figure stated by a source, not counted here (``over 3,600 members``): the register of observations.

    The number is ``value * 10 ** -scale`` in ``measure``; ``~`` is "nearly", a little less than what is said.
    """

    __tablename__ = "statement"
    __table_args__ = (
        sa.CheckConstraint("comparator IN ('=','>','<','>=','<=','~')", name="comparator"),
        sa.UniqueConstraint("unit_id", "indicator", "period_from", "period_to", "source"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    indicator: Mapped[str]
    period_from: Mapped[dt.date]
    period_to: Mapped[dt.date]
    value: Mapped[int]
    comparator: Mapped[str] = mapped_column(default="=")
    source: Mapped[str]
    scale: Mapped[int | None]
    measure: Mapped[str | None]
    note: Mapped[str | None]


class ReportCopy(Base):
    """A report locked as it was sent: its rows, the day they were cut off, and who locked it."""

    __tablename__ = "report_copy"
    __table_args__ = (sa.Index("ix_report_copy_name", "name", "unit_id", "cut_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    cut_on: Mapped[dt.date]
    locked_on: Mapped[dt.date]
    sent_to: Mapped[str | None]
    paper: Mapped[str | None]
    content: Mapped[str]
    digest: Mapped[str]
