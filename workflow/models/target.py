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
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    indicator: Mapped[str]
    period_from: Mapped[dt.date]
    period_to: Mapped[dt.date]
    value: Mapped[int]
    paper: Mapped[str | None]


class Statement(Base):
    """A figure stated by a source, not counted here (``over 3,600 members``)."""

    __tablename__ = "statement"
    __table_args__ = (
        sa.CheckConstraint("comparator IN ('=','>','<','>=','<=')", name="comparator"),
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
