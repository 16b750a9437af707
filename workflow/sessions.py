"""Signed-in browsers. A token is known to the browser alone; the database holds its SHA-256."""
from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.context import Actor
from workflow.models import Base

_SESSION, _ACCOUNT = Base.metadata.tables["user_session"], Base.metadata.tables["account"]
#: Sessions that ended longer ago are removed when the account signs in again.
_KEPT = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SessionAccount:
    """Who stands behind a token, and when it was used last."""

    actor: Actor
    seen_at: dt.datetime


def open_session(session: Session, account_id: int, now: dt.datetime) -> str:
    """A new token for the account."""
    connection = session.connection()
    connection.execute(sa.delete(_SESSION).where(_SESSION.c.account_id == account_id, _SESSION.c.seen_at < now - _KEPT))
    token = secrets.token_urlsafe(32)
    connection.execute(sa.insert(_SESSION), {"account_id": account_id, "token_hash": _hash(token), "created_at": now,
                                             "seen_at": now, "ended_at": None})
    return token


def session_account(session: Session, token: str, now: dt.datetime, *, idle: dt.timedelta,
                    absolute: dt.timedelta) -> SessionAccount | None:
    """The account of a token that is neither ended, idle for too long, too old, nor that of a disabled account."""
    query = (
        sa.select(_ACCOUNT.c.id, _ACCOUNT.c.person_id, _ACCOUNT.c.username, _ACCOUNT.c.administrator, _SESSION.c.seen_at)
        .join(_ACCOUNT, _ACCOUNT.c.id == _SESSION.c.account_id)
        .where(_SESSION.c.token_hash == _hash(token), _SESSION.c.ended_at.is_(None), _SESSION.c.seen_at > now - idle,
               _SESSION.c.created_at > now - absolute, _ACCOUNT.c.disabled.is_(False))
    )
    row = session.connection().execute(query).first()
    return SessionAccount(Actor(*row[:4]), row[4]) if row else None


def touch(session: Session, token: str, now: dt.datetime) -> None:
    """Note that the token was used just now; an ended one stays ended."""
    session.connection().execute(
        sa.update(_SESSION).where(_SESSION.c.token_hash == _hash(token), _SESSION.c.ended_at.is_(None)).values(seen_at=now))


def end_session(session: Session, token: str, now: dt.datetime) -> None:
    _end(session, _SESSION.c.token_hash == _hash(token), now)


def end_all(session: Session, account_id: int, now: dt.datetime, *, keep: str | None = None) -> None:
    """End all sessions of the account, but for the one of the token ``keep``."""
    mine = _SESSION.c.account_id == account_id
    _end(session, mine if keep is None else sa.and_(mine, _SESSION.c.token_hash != _hash(keep)), now)


def _end(session: Session, which: sa.ColumnElement[bool], now: dt.datetime) -> None:
    session.connection().execute(sa.update(_SESSION).where(which, _SESSION.c.ended_at.is_(None)).values(ended_at=now))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
