"""Rows of the registers of ratings and observations, each by an act of its own."""
from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.context import Actor, book_of
from workflow.journal import Act
from workflow.models import Base, Unit

RATING, STATEMENT = Base.metadata.tables["rating"], Base.metadata.tables["statement"]


def decide(session: Session, actor: Actor | None, on: dt.date, *, unit: str, year: int, label: str, rank: int | None, paper: str) -> None:
    """Enter a yearly rating that is known from paper."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    book = book_of(session)
    scheme = book.scheme_on(last, "year")
    assert scheme is not None
    found = session.scalar(sa.select(Unit.id).where(Unit.code == unit))
    act = Act(session, stream=f"unit:{unit}", tag="unit:rating:decide", acted_on=on, actor=actor, unit_id=found, header={"unit": unit, "year": year})
    by_label = {level.label.vi.casefold(): level.rank for level in book.schemes[scheme].levels.values()}
    act.insert(RATING, {"unit_id": found, "kind": "year", "period_from": first, "period_to": last, "scheme": scheme, "state": "decided",
                        "label": label, "rank": rank or by_label[label.casefold()], "decided_on": on, "paper": paper, "imported": True})
    act.write()


def state(session: Session, actor: Actor | None, on: dt.date, *, unit: str, **values: Any) -> None:
    """Keep a figure that a source states."""
    found = session.scalar(sa.select(Unit.id).where(Unit.code == unit))
    act = Act(session, stream=f"unit:{unit}", tag="unit:figure:state", acted_on=on, actor=actor, unit_id=found, header={"unit": unit})
    act.insert(STATEMENT, {"unit_id": found, **values})
    act.write()
