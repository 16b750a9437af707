"""Notices that leave the house: rows written in the step's own transaction, delivered afterwards, at least once.

A worker leases a row, delivers, and marks it done. One that dies between delivering and marking leaves the lease to run
out; the next worker delivers again under the same Message-ID, so that a mail reader can drop the double. A notice
names no person: it says what kind of thing waits and where to look, and the reader's rights decide what is seen there.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from workflow import models
from workflow.db import Database

LEASE = dt.timedelta(minutes=5)
_FIRST_WAIT = dt.timedelta(minutes=1)
_LONGEST_WAIT = dt.timedelta(hours=6)

_outbox: sa.Table = models.Outbox.__table__  # type: ignore[assignment]
_INSERT = sa.insert(_outbox)
_FREE = sa.and_(_outbox.c.done_at.is_(None), _outbox.c.run_at <= sa.bindparam("now_", type_=_outbox.c.run_at.type),
                sa.or_(_outbox.c.leased_until.is_(None), _outbox.c.leased_until <= sa.bindparam("now_", type_=_outbox.c.run_at.type)))


@dataclass(frozen=True, slots=True)
class Message:
    """One notice to deliver; ``message_id`` is the same at every try."""

    id: int
    message_id: str
    kind: str
    case_id: int | None
    unit_id: int | None
    role: str | None
    person_id: int | None
    tries: int


Deliver = Callable[[Message], None]


def enqueue(connection: sa.Connection, *, message_id: str, kind: str, run_at: dt.datetime, case_id: int | None = None,
            unit_id: int | None = None, role: str | None = None, person_id: int | None = None) -> None:
    """Write a notice in the caller's transaction: it exists if and only if what it tells of does."""
    connection.execute(_INSERT, {"message_id": message_id, "kind": kind, "run_at": run_at, "case_id": case_id,
                                 "unit_id": unit_id, "role": role, "person_id": person_id, "tries": 0})


def drain(database: Database, deliver: Deliver, now: Callable[[], dt.datetime], *, lease: dt.timedelta = LEASE,
          limit: int | None = None) -> Mapping[str, int]:
    """Deliver what is due; returns how many were ``sent`` and how many ``failed`` and will be tried again later.

    ``deliver`` raises OSError when it could not; any other error is a defect and leaves the row under its lease. No
    transaction is open while it runs.
    """
    counts = {"sent": 0, "failed": 0}
    while limit is None or sum(counts.values()) < limit:
        message = _take(database, now(), lease)
        if message is None:
            break
        try:
            deliver(message)
        except OSError:
            counts["failed"] += 1
            _settle(database, message, {"leased_until": None, "run_at": now() + wait(message.tries)})
        else:
            counts["sent"] += 1
            _settle(database, message, {"leased_until": None, "done_at": now()})
    return counts


def wait(tries: int) -> dt.timedelta:
    """How long to wait after the given number of tries: doubling, up to six hours."""
    return min(_FIRST_WAIT * 2 ** min(tries - 1, 20), _LONGEST_WAIT)


def waiting(database: Database) -> int:
    """How many notices have not been delivered yet."""
    with database.read() as session:
        return int(session.scalar(sa.select(sa.func.count()).select_from(_outbox).where(_outbox.c.done_at.is_(None))) or 0)


def _take(database: Database, now: dt.datetime, lease: dt.timedelta) -> Message | None:
    """Lease the notice that has waited longest; two workers never get the same one."""
    with database.write() as session:
        connection = session.connection()
        query = sa.select(_outbox).where(_FREE).order_by(_outbox.c.run_at, _outbox.c.id).limit(1).with_for_update(skip_locked=True)
        row = connection.execute(query, {"now_": now}).mappings().first()
        if row is None:
            return None
        tries = row["tries"] + 1
        connection.execute(sa.update(_outbox).where(_outbox.c.id == row["id"]).values(leased_until=now + lease, tries=tries))
        return Message(row["id"], row["message_id"], row["kind"], row["case_id"], row["unit_id"], row["role"], row["person_id"], tries)


def _settle(database: Database, message: Message, values: Mapping[str, Any]) -> None:
    """Write the outcome, unless the lease ran out meanwhile and another worker has taken the notice over."""
    with database.write() as session:
        session.connection().execute(sa.update(_outbox).where(
            _outbox.c.id == message.id, _outbox.c.tries == message.tries, _outbox.c.done_at.is_(None)).values(values))
