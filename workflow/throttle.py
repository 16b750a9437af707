"""Slowing down whoever guesses: failed sign-ins are counted in the database, per account name and per address.

An attempt is counted before the password is looked at and forgotten when it was right, so that many guesses at once
gain nothing, and where it cannot be counted nobody gets in. While a key is over its limit nothing more is counted:
every lock opens by itself.
"""
from __future__ import annotations

import datetime as dt
import hashlib

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.models import Base

WINDOW = dt.timedelta(minutes=15)
PER_ACCOUNT = 8
#: Higher, since a whole office may share one address.
PER_ADDRESS = 60

_ATTEMPT = Base.metadata.tables["sign_in_attempt"]


def keys(username: str, address: str) -> dict[str, int]:
    """What an attempt counts against, with the limit of each. Hashed: people type passwords into the wrong field."""
    found = {_key("account", username): PER_ACCOUNT}
    if address:
        found[_key("address", address)] = PER_ADDRESS
    return found


def reserve(session: Session, limits: dict[str, int], now: dt.datetime) -> list[int] | None:
    """Count an attempt against all keys and return its rows; ``None`` when one of the keys is over its limit."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        for key in sorted(limits):
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})
    connection.execute(sa.delete(_ATTEMPT).where(_ATTEMPT.c.key.in_(limits), _ATTEMPT.c.at <= now - WINDOW))
    counted = sa.select(_ATTEMPT.c.key, sa.func.count()).where(_ATTEMPT.c.key.in_(limits)).group_by(_ATTEMPT.c.key)
    if any(number >= limits[key] for key, number in connection.execute(counted)):
        return None
    rows = [connection.execute(sa.insert(_ATTEMPT), {"key": key, "at": now}).inserted_primary_key for key in sorted(limits)]
    return [row[0] for row in rows if row is not None]


def forgive(session: Session, username: str, rows: list[int]) -> None:
    """The attempt was right: it does not count, nor do the earlier ones against this account."""
    session.connection().execute(
        sa.delete(_ATTEMPT).where(sa.or_(_ATTEMPT.c.id.in_(rows), _ATTEMPT.c.key == _key("account", username))))


def sweep(session: Session, now: dt.datetime) -> None:
    """Remove what no longer counts."""
    session.connection().execute(sa.delete(_ATTEMPT).where(_ATTEMPT.c.at <= now - WINDOW))


def _key(what: str, value: str) -> str:
    return f"{what}:{hashlib.sha256(value.encode('utf-8', 'replace')).hexdigest()}"
