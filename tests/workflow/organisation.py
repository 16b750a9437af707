"""A small invented organisation for the tests: province T, district H, base committee X, cells C1 and C2, base cell K."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sqlalchemy.orm import Session

from rules import book as rulebook
from workflow import models, units
from workflow.context import FixedClock
from workflow.db import Database

START = dt.date(2010, 1, 1)
TODAY = dt.date(2026, 3, 1)


@cache
def law() -> rulebook.Rulebook:
    return rulebook.load()


@contextmanager
def empty(url: str, today: dt.date = TODAY) -> Iterator[Database]:
    """A database with all tables, the shipped law, and a clock that stands."""
    database = Database(url, info={"book": law(), "clock": FixedClock(today)})
    models.Base.metadata.create_all(database.engine)
    try:
        yield database
    finally:
        database.dispose()


def found(session: Session, code: str, kind: str, parent: str | None = None, on: dt.date = START, *, name: str | None = None,
          until: dt.date | None = None) -> None:
    units.found(session, None, on, code=code, name=name or f"Đơn vị {code}", kind=kind, parent=parent, until=until)


def district(session: Session) -> None:
    found(session, "T", "province")
    found(session, "H", "district", "T", until=dt.date(2025, 6, 30))
    found(session, "X", "base_committee", "H")
    found(session, "C1", "cell", "X")
    found(session, "C2", "cell", "X")
    found(session, "K", "base_cell", "H")
