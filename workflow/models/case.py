"""A case: one subject on its way through one process."""
from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow.db import Base


class Case(Base):
    """State and version of a case. The engine alone writes them."""

    __tablename__ = "case"
    __table_args__ = (
        sa.UniqueConstraint("id", "state"),
        sa.CheckConstraint("(subject_person_id IS NULL) <> (subject_unit_id IS NULL)", name="one_subject"),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name="closed_after_opened"),
        sa.CheckConstraint("(state = 'in_transfer' OR state = 'suspended') = (resume_state IS NOT NULL)", name="resume_state"),
        sa.Index("uq_case_open_person", "process", "subject_person_id", unique=True,
                 sqlite_where=sa.text("closed_on IS NULL AND subject_person_id IS NOT NULL"),
                 postgresql_where=sa.text("closed_on IS NULL AND subject_person_id IS NOT NULL")),
        sa.Index("uq_case_open_unit", "process", "subject_unit_id", unique=True,
                 sqlite_where=sa.text("closed_on IS NULL AND subject_unit_id IS NOT NULL"),
                 postgresql_where=sa.text("closed_on IS NULL AND subject_unit_id IS NOT NULL")),
        sa.Index("ix_case_unit", "unit_id", "process", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    process: Mapped[str]
    subject_person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    subject_unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    decider_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    state: Mapped[str]
    resume_state: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    opened_on: Mapped[dt.date]
    last_act_on: Mapped[dt.date]
    state_since: Mapped[dt.date]
    closed_on: Mapped[dt.date | None]
    imported: Mapped[bool] = mapped_column(default=False)
