"""Ratings and problems of units in a scenario: what was decided before it begins, and what is decided on its way."""
from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from workflow import ratings
from workflow.context import Actor
from workflow.ratings import Period, Said


def history(session: Session, *, decided: dt.date | None = None, **given: Any) -> None:
    """A rating that stands when the scenario begins: history, which nobody judges."""
    said = _said(imported=True, **given)
    ratings.take_over(session, None, decided or said.period.last, said)


def decide(session: Session, actor: Actor, day: dt.date, /, *, decided: dt.date | None = None, decided_on: dt.date | None = None,
           on: dt.date | None = None, **given: Any) -> None:
    """A decision typed in from paper; decided again, the rating is corrected."""
    ratings.take_over(session, _by(actor), decided or decided_on or on or day, _said(**given))


def reopen(session: Session, actor: Actor, on: dt.date, *, unit: str, reason: str = "Xem xét, đánh giá lại",
           ground: str = "violation", **given: Any) -> None:
    ratings.reopen(session, _by(actor), on, unit=unit, period=period_of(**given), ground=ground, reason=reason, from_paper=True)


def problem(session: Session, actor: Actor, on: dt.date, *, unit: str, kind: str, basis: str | None = None,
            noted: dt.date | None = None, cleared: dt.date | bool | None = None) -> None:
    """A problem noted of a unit; ``cleared`` (``true``, or the day) says that it is over."""
    if cleared:
        ratings.clear_problem(session, _by(actor), on if cleared is True else cleared, unit=unit, kind=kind)
    else:
        ratings.note_problem(session, _by(actor), noted or on, unit=unit, kind=kind, basis=basis)


def period_of(*, year: int | None = None, kind: str = "year", quarter: int | None = None, first: dt.date | None = None,
              last: dt.date | None = None) -> Period:
    """A year, a quarter of one, or from the first to the last day of another kind. Raises ValueError."""
    if first is not None and last is not None:
        return Period(kind, first, last)
    if year is None:
        raise ValueError("thiếu năm của kỳ xếp loại (year)")
    return Period.year(year) if quarter is None else Period.quarter(year, quarter)


def _said(*, unit: str, label: str | None = None, scheme: str | None = None, rank: int | None = None, points: int | None = None,
          paper: Any = None, facts: dict[str, Any] | None = None, imported: bool = False, **period: Any) -> Said:
    return Said(unit, period_of(**period), label, points=points, scheme=None if scheme is None else str(scheme), rank=rank,
                facts=facts, paper=paper, imported=imported)


def _by(actor: Actor) -> Actor | None:
    """The reserved actor enters what no office records."""
    return None if actor.administrator else actor
