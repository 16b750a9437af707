"""People, the offices they hold, and who may not judge whom."""
from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow.db import Base, Binary


class Person(Base):
    """A person: candidate, member or officer. Only what the two processes need is kept."""

    __tablename__ = "person"
    __table_args__ = (
        sa.CheckConstraint("standing IN ('none','probationary','official')", name="standing"),
        sa.CheckConstraint("gender IS NULL OR gender IN ('female','male')", name="gender"),
        sa.Index("ix_person_name_fold", "name_fold"),
        sa.Index("ix_person_unit", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str]
    name_fold: Mapped[str] = mapped_column(Binary)
    sort_key: Mapped[str] = mapped_column(Binary)
    born_on: Mapped[dt.date | None]
    gender: Mapped[str | None]
    ethnicity: Mapped[str | None]
    standing: Mapped[str] = mapped_column(default="none")
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))


class Conflict(Base):
    """A declared tie between two people (kinship or interest): neither may act on the other's case."""

    __tablename__ = "conflict"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "other_id"),
        sa.CheckConstraint("person_id < other_id", name="ordered_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    tie: Mapped[str]
    declared_on: Mapped[dt.date]


class Office(Base):
    """A dated grant of a role in a unit, by a paper."""

    __tablename__ = "office"
    __table_args__ = (
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_start"),
        sa.UniqueConstraint("person_id", "role", "unit_id", "from_on"),
        sa.Index("ix_office_unit", "unit_id", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    role: Mapped[str]
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    from_on: Mapped[dt.date]
    to_on: Mapped[dt.date | None]
    paper: Mapped[str | None]


class Substitution(Base):
    """Somebody acts for the holder of an office for a time; never wider than the office, never passed on."""

    __tablename__ = "substitution"
    __table_args__ = (sa.CheckConstraint("to_on >= from_on", name="ends_after_start"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(sa.ForeignKey("office.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    from_on: Mapped[dt.date]
    to_on: Mapped[dt.date]
    paper: Mapped[str | None]
