"""Lists of ratings, narrowed: the numbers on a report and the list behind them ask one condition.

Units are those of today's organisation below a unit, and those that ended and live on in them: what a merged commune was
rated stays part of the story of the commune that took its place.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import access, tree
from workflow.context import Actor, book_of, clock_of
from workflow.models import Base
from workflow.sight import READERS

_T = Base.metadata.tables
RATING, UNIT, VERSION, CLOSURE, SUCCESSION = (_T[n] for n in ("rating", "unit", "unit_version", "unit_closure", "unit_succession"))
#: Which units: all that are rated, basic organisations, cells.
OF: dict[str, frozenset[str] | None] = {"all": None, "base": tree.BASIC, "cell": tree.CELLS}
#: How many rows a list shows.
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class RatingFilter:
    """What a list of ratings is narrowed to. ``missing`` asks for the units that have none decided for the year."""

    unit: int | None = None
    year: int | None = None
    kind: str = "year"
    of: str = "all"
    rank: int | None = None
    missing: bool = False
    as_of: dt.date | None = None


@dataclass(frozen=True, slots=True)
class RatingRow:
    """One unit and year; without a rating only the unit is told."""

    unit_id: int
    unit: str
    rating_id: int | None
    period_from: dt.date | None
    period_to: dt.date | None
    scheme: str | None
    label: str | None
    rank: int | None
    points: int | None
    state: str | None
    decided_on: dt.date | None


def reach(session: Session, actor: Actor | None, unit: int | None, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """SQL: a column holds a unit in sight below ``unit`` today, or an ended one whose place such a unit has taken. Of a
    unit that has ended itself it is what stood below it on its last day."""
    today = clock_of(session).today()
    day = today if unit is None else _last_day(session, unit, today)
    here = CLOSURE.alias("here")
    living = sa.select(here.c.descendant_id).where(tree.alive(here, day))
    if unit is not None:
        living = living.where(here.c.ancestor_id == unit)
    if actor is not None and day == today:
        living = living.where(access.visible_units(actor, book_of(session), today, here.c.descendant_id, READERS))
    first, later, alive = SUCCESSION.alias("first"), SUCCESSION.alias("later"), VERSION.alias("still")

    def ended(of: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        return ~sa.exists().where(alive.c.unit_id == of, tree.alive(alive, today))

    former = sa.select(first.c.unit_id).where(first.c.successor_id.in_(living), ended(first.c.unit_id)).cte(recursive=True)
    former = former.union(sa.select(later.c.unit_id).where(later.c.successor_id == former.c.unit_id, ended(later.c.unit_id)))
    found = sa.or_(column.in_(living), column.in_(sa.select(former.c.unit_id)))
    return found if actor is None or day == today else sa.and_(found, reach(session, actor, None, column))


def _last_day(session: Session, unit: int, today: dt.date) -> dt.date:
    """The last day on which the unit lived, today where it lives still."""
    if tree.unit_on(session, unit, today) is not None:
        return today
    last = session.connection().scalar(sa.select(sa.func.max(VERSION.c.to_on)).where(VERSION.c.unit_id == unit))
    return today if last is None else min(last, today)


def decided(on: dt.date) -> sa.ColumnElement[bool]:
    """SQL: the rating was decided by the day; one that was re-opened speaks until it is decided anew."""
    return sa.and_(RATING.c.rank.is_not(None), RATING.c.decided_on <= on)


def of_kind(of: str, on: Any, unit: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """SQL: the unit was of one of the kinds on the day; ``all`` are those that are rated at all."""
    kinds = OF.get(of) or (tree.BASIC | tree.CELLS | tree.UPPER | {"subcommittee"})
    then = VERSION.alias("then")
    return sa.exists().where(then.c.unit_id == unit, then.c.kind.in_(sorted(kinds)), tree.alive(then, on))


def condition(session: Session, actor: Actor | None, wanted: RatingFilter) -> sa.ColumnElement[bool]:
    """The decided ratings that a filter lets through."""
    on = wanted.as_of or clock_of(session).today()
    parts = [reach(session, actor, wanted.unit, RATING.c.unit_id), RATING.c.kind == wanted.kind, decided(on)]
    if wanted.year is not None:
        parts.append(RATING.c.period_to.between(dt.date(wanted.year, 1, 1), dt.date(wanted.year, 12, 31)))
    if wanted.rank is not None:
        parts.append(RATING.c.rank == wanted.rank)
    if wanted.of != "all":
        parts.append(of_kind(wanted.of, RATING.c.period_to, RATING.c.unit_id))
    return sa.and_(*parts)


def without(session: Session, actor: Actor | None, wanted: RatingFilter) -> sa.ColumnElement[bool]:
    """The units (:data:`UNIT`) that lived at the end of the year and have no rating decided for it."""
    on, year = wanted.as_of or clock_of(session).today(), wanted.year or clock_of(session).today().year
    end = min(dt.date(year, 12, 31), on)
    has = sa.exists().where(RATING.c.unit_id == UNIT.c.id, RATING.c.kind == wanted.kind, decided(on),
                            RATING.c.period_to.between(dt.date(year, 1, 1), dt.date(year, 12, 31)))
    return sa.and_(reach(session, actor, wanted.unit, UNIT.c.id), of_kind(wanted.of, end, UNIT.c.id), ~has)


def listed(session: Session, actor: Actor | None, wanted: RatingFilter) -> tuple[list[RatingRow], int]:
    """The rows of a list, by year and name, and how many there are in all."""
    connection = session.connection()
    if wanted.missing:
        where = without(session, actor, wanted)
        total = connection.scalar(sa.select(sa.func.count()).select_from(UNIT).where(where)) or 0
        query = (sa.select(UNIT.c.id, _name(UNIT.c.id), *(sa.null() for _ in range(9))).where(where)
                 .order_by(_sorted(UNIT.c.id), UNIT.c.id).limit(LONGEST))
    else:
        where = condition(session, actor, wanted)
        total = connection.scalar(sa.select(sa.func.count()).select_from(RATING).where(where)) or 0
        query = (sa.select(RATING.c.unit_id, _name(RATING.c.unit_id), RATING.c.id, RATING.c.period_from, RATING.c.period_to,
                           RATING.c.scheme, RATING.c.label, RATING.c.rank, RATING.c.points, RATING.c.state, RATING.c.decided_on)
                 .where(where).order_by(RATING.c.period_to.desc(), _sorted(RATING.c.unit_id), RATING.c.id).limit(LONGEST))
    return [RatingRow(*row) for row in connection.execute(query)], int(total)


def counts(session: Session, actor: Actor | None, wanted: RatingFilter) -> Sequence[tuple[int, str, int, str, int]]:
    """Year, scheme, rank, label as printed, and how many, of all that a filter lets through; one statement."""
    year = sa.extract("year", RATING.c.period_to)
    query = (sa.select(year, RATING.c.scheme, RATING.c.rank, RATING.c.label, sa.func.count())
             .where(condition(session, actor, wanted)).group_by(year, RATING.c.scheme, RATING.c.rank, RATING.c.label))
    return [(int(y), scheme, int(rank), label, int(number)) for y, scheme, rank, label, number in session.connection().execute(query)]


@dataclass(frozen=True, slots=True)
class Round:
    """The ratings of one period that one organ decides or will decide."""

    organ_id: int
    organ: str
    kind: str
    first: dt.date
    last: dt.date
    rows: int
    decided: int


def rounds(session: Session, actor: Actor | None) -> list[Round]:
    """The rounds of which anything is recorded, in sight, the latest first; one statement."""
    then, organ = VERSION.alias("then"), sa.func.coalesce(RATING.c.organ_id, VERSION.c.parent_id)
    placed = RATING.outerjoin(VERSION, sa.and_(VERSION.c.unit_id == RATING.c.unit_id, tree.alive(VERSION, RATING.c.period_to)))
    query = (sa.select(organ.label("organ"), RATING.c.kind, RATING.c.period_from, RATING.c.period_to, sa.func.count().label("number"),
                       sa.func.count(sa.case((RATING.c.state == "decided", 1))).label("decided"))
             .select_from(placed).where(reach(session, actor, None, RATING.c.unit_id), organ.is_not(None))
             .group_by(organ, RATING.c.kind, RATING.c.period_from, RATING.c.period_to).subquery())
    last = sa.select(sa.func.max(then.c.from_on)).where(then.c.unit_id == query.c.organ).correlate(query).scalar_subquery()
    named = (sa.select(query.c.organ, VERSION.c.name, query.c.kind, query.c.period_from, query.c.period_to, query.c.number, query.c.decided)
             .select_from(query.join(VERSION, sa.and_(VERSION.c.unit_id == query.c.organ, VERSION.c.from_on == last)))
             .order_by(query.c.period_to.desc(), VERSION.c.sort_key, query.c.kind))
    return [Round(*row) for row in session.connection().execute(named)]


def leaders(session: Session, unit: int, on: dt.date) -> list[tuple[int, str]]:
    """Who may be the head of a unit: who holds an office there on the day, or belongs to it; in the order of a register."""
    person, office = _T["person"], _T["office"]
    held = sa.select(office.c.person_id).where(office.c.unit_id == unit, tree.alive(office, on))
    query = (sa.select(person.c.id, person.c.full_name).where(sa.or_(person.c.unit_id == unit, person.c.id.in_(held)))
             .order_by(person.c.sort_key, person.c.id).limit(300))
    return [(key, name) for key, name in session.connection().execute(query)]


def _name(unit: sa.ColumnElement[Any]) -> Any:
    """What the unit was last called."""
    return _last(unit, "name")


def _sorted(unit: sa.ColumnElement[Any]) -> Any:
    return _last(unit, "sort_key")


def _last(unit: sa.ColumnElement[Any], what: str) -> Any:
    own = VERSION.alias()
    return (sa.select(own.c[what]).where(own.c.unit_id == unit).order_by(own.c.from_on.desc()).limit(1)
            .correlate(unit.table).scalar_subquery())
