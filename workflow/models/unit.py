"""Organisation over time: units, what they were called and under whom they stood, and what became of them."""
from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow.db import Base, Binary


class Unit(Base):
    """A unit keeps its identity through renaming and moving; its dated :class:`UnitVersion` rows say the rest."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)


class UnitVersion(Base):
    """Name, kind, parent of a unit from one day to another (both included)."""

    __tablename__ = "unit_version"
    __table_args__ = (
        sa.UniqueConstraint("unit_id", "from_on"),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_start"),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> unit_id", name="not_its_own_parent"),
        sa.Index("ix_unit_version_current", "unit_id", unique=True, sqlite_where=sa.text("to_on IS NULL"),
                 postgresql_where=sa.text("to_on IS NULL")),
        sa.Index("ix_unit_version_parent", "parent_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    name: Mapped[str]
    name_fold: Mapped[str] = mapped_column(Binary)
    sort_key: Mapped[str] = mapped_column(Binary)
    kind: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    delegated: Mapped[bool] = mapped_column(default=False)
    from_on: Mapped[dt.date]
    to_on: Mapped[dt.date | None]
    paper: Mapped[str | None]


class UnitSuccession(Base):
    """What happened to a unit on a day, by which paper: founded, renamed, changed, moved, merged, split, ended."""

    __tablename__ = "unit_succession"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('founded','renamed','changed','moved','merged','split','ended','delegated')", name="kind"),
        sa.Index("ix_unit_succession_unit", "unit_id", "on_day"),
        sa.Index("ix_unit_succession_successor", "successor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    on_day: Mapped[dt.date]
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    successor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    paper: Mapped[str | None]


class UnitStrength(Base):
    """How many members a unit had on a day; ``source`` says who stated it."""

    __tablename__ = "unit_strength"
    __table_args__ = (
        sa.UniqueConstraint("unit_id", "as_of"),
        sa.CheckConstraint("official >= 0 AND probationary >= 0", name="not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    as_of: Mapped[dt.date]
    official: Mapped[int]
    probationary: Mapped[int] = mapped_column(default=0)
    comparator: Mapped[str] = mapped_column(default="=")
    source: Mapped[str | None]


class UnitClosure(Base):
    """Every ancestor of every unit by day, itself included at depth 0. Worked out from the versions, never journalled."""

    __tablename__ = "unit_closure"
    __table_args__ = (sa.Index("ix_unit_closure_descendant", "descendant_id", "from_on"),)

    ancestor_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), primary_key=True)
    descendant_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), primary_key=True)
    from_on: Mapped[dt.date] = mapped_column(primary_key=True)
    to_on: Mapped[dt.date | None]
    depth: Mapped[int]
