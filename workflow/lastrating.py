"""The rating that speaks for a unit on a day: its latest yearly one, as the rules ``last_rating.*`` read it.

It is the rating with the latest period end among those decided on or before the day. One that was re-opened still
speaks, with the rank it had, but is not final until it is decided anew.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.models import Rating

_rating: sa.Table = Rating.__table__  # type: ignore[assignment]

#: What of the rating can be asked for: ``last_rating.<name>``.
COLUMNS = ("id", "rank", "final", "period_end", "decided_on")


@dataclass(frozen=True, slots=True)
class LastRating:
    """The rating of a unit that counts on a day."""

    id: int
    unit_id: int
    rank: int
    final: bool
    period_end: dt.date
    decided_on: dt.date
    label: str
    scheme: str


def last_rating_select(unit: Any, day: Any, what: str = "id") -> sa.Select[Any]:
    """A select of one value (:data:`COLUMNS`) of the rating that counts for ``unit`` on ``day``; no row where none does.

    ``unit`` is a column of an enclosing statement, a bind parameter or an id; the caller correlates it and makes it
    scalar. ``day`` is a day or a bind parameter.
    """
    own = _rating.alias()
    return (sa.select(_value(own, day, what)).where(own.c.unit_id == unit, own.c.kind == "year", own.c.decided_on <= day)
            .order_by(own.c.period_to.desc(), own.c.id.desc()).limit(1))


def rank_now_select(rating: Any) -> sa.Select[Any]:
    """The rank that a rating has today, after any correction: ``entry.rank_now`` for the id kept with a case."""
    own = _rating.alias()
    return sa.select(own.c.rank).where(own.c.id == rating)


def _value(own: sa.FromClause, day: Any, what: str) -> sa.ColumnElement[Any]:
    if what == "final":
        reopened_later = sa.and_(own.c.reopened_on.is_not(None), own.c.reopened_on > day)
        return sa.or_(own.c.state == "decided", reopened_later).label("final")
    return own.c[{"period_end": "period_to"}.get(what, what)]


def last_annual(session: Session, unit_ids: Iterable[int], on: dt.date) -> dict[int, LastRating]:
    """The rating that counts for each of many units on a day, in one statement; units without one are left out."""
    wanted = sorted(set(unit_ids))
    if not wanted:
        return {}
    latest = last_rating_select(_rating.c.unit_id, on).correlate(_rating).scalar_subquery()
    query = (sa.select(_rating.c.id, _rating.c.unit_id, _rating.c.rank, _value(_rating, on, "final"),
                       _rating.c.period_to, _rating.c.decided_on, _rating.c.label, _rating.c.scheme)
             .where(_rating.c.unit_id.in_(wanted), _rating.c.id == latest))
    return {row.unit_id: LastRating(*row) for row in session.connection().execute(query)}
