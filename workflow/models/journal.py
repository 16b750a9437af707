"""The journal: entries, their parts, the editions of the law in use, and what leaves the house."""
from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow.db import Base


class Entry(Base):
    """One act. ``canonical`` holds the very bytes that were hashed; the other columns are for finding it."""

    __tablename__ = "entry"
    __table_args__ = (
        sa.UniqueConstraint("stream", "stream_seq"),
        sa.Index("ix_entry_case", "case_id"),
        sa.Index("ix_entry_recorded", "recorded_at"),
        sa.Index("ix_entry_acted", "acted_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stream: Mapped[str]
    stream_seq: Mapped[int]
    tag: Mapped[str]
    case_id: Mapped[int | None]
    unit_id: Mapped[int | None]
    step: Mapped[str | None]
    signatory_id: Mapped[int | None]
    recorded_by: Mapped[int | None]
    acted_on: Mapped[dt.date]
    recorded_at: Mapped[dt.datetime]
    edition: Mapped[str | None]
    canonical: Mapped[str]
    prev_hash: Mapped[str]
    hash: Mapped[str]


class Part(Base):
    """What an entry commits to without saying it: values, row changes, notes. Erasable person by person."""

    __tablename__ = "part"
    __table_args__ = (
        sa.UniqueConstraint("entry_id", "no"),
        sa.CheckConstraint("(body IS NULL) = (salt IS NULL)", name="erased_whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id"))
    no: Mapped[int]
    kind: Mapped[str]
    person_id: Mapped[int | None]
    salt: Mapped[str | None]
    body: Mapped[str | None]
    commitment: Mapped[str]


class Edition(Base):
    """The law in use, whole, under its hash."""

    __tablename__ = "edition"

    hash: Mapped[str] = mapped_column(primary_key=True)
    canonical: Mapped[str]
    first_used_at: Mapped[dt.datetime]


class RequestKey(Base):
    """A request that was carried out: asked again, it gets the first answer."""

    __tablename__ = "request_key"

    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    entry_id: Mapped[int]


class Outbox(Base):
    """A notice to be sent after the transaction that wrote it; at least once, always under the same message id."""

    __tablename__ = "outbox"
    __table_args__ = (sa.Index("ix_outbox_waiting", "run_at", sqlite_where=sa.text("done_at IS NULL"),
                               postgresql_where=sa.text("done_at IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    case_id: Mapped[int | None]
    unit_id: Mapped[int | None]
    role: Mapped[str | None]
    person_id: Mapped[int | None]
    run_at: Mapped[dt.datetime]
    leased_until: Mapped[dt.datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[dt.datetime | None]
