"""What the pages of units show: the units in sight, and of one unit its life, its people, its figures and its cases.

Read only. A fixed number of statements a page, whatever the number of units, people or cases.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.book import Rulebook
from workflow import targets, tree
from workflow.access import visible_cases, visible_units
from workflow.caselist import overdue
from workflow.context import Actor
from workflow.models import Base, Case
from workflow.names import fold
from workflow.tree import UnitOn, alive

_T = Base.metadata.tables
UNIT, VERSION, SUCCESSION, CLOSURE = (_T[n] for n in ("unit", "unit_version", "unit_succession", "unit_closure"))
OFFICE, SUBSTITUTION, PERSON = (_T[n] for n in ("office", "substitution", "person"))
_COLUMNS = (UNIT.c.id, UNIT.c.code, VERSION.c.name, VERSION.c.kind, VERSION.c.parent_id, VERSION.c.delegated,
            VERSION.c.from_on, VERSION.c.to_on)
#: A longer tree is shown level by level.
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit of the tree with its depth below the topmost one in sight, and its open cases, those below included."""

    unit: UnitOn
    depth: int
    cases: int


def forest(session: Session, actor: Actor, book: Rulebook, on: dt.date, *, text: str | None = None, kind: str | None = None
           ) -> tuple[list[Branch], bool]:
    """The units in sight, upper ones before those below; and whether deeper levels were left out.

    A search (``text``, ``kind``) is flat and looks at all of them.
    """
    connection = session.connection()
    seen = visible_units(actor, book, on, UNIT.c.id)
    base = sa.select(*_COLUMNS).select_from(UNIT.join(VERSION, VERSION.c.unit_id == UNIT.c.id)).where(alive(VERSION, on), seen)
    cut = False
    if text or kind:
        words = fold(text or "").split()
        code = (text or "").strip()
        if words:
            base = base.where(sa.or_(sa.and_(*(VERSION.c.name_fold.contains(w, autoescape=True) for w in words)), UNIT.c.code == code))
        if kind:
            base = base.where(VERSION.c.kind == kind)
        found = [UnitOn(*row) for row in connection.execute(base.order_by(VERSION.c.sort_key, UNIT.c.id).limit(LONGEST + 1))]
        cut = len(found) > LONGEST
        found = found[:LONGEST]
        placed = [(u, 0) for u in found]
    else:
        depth = _deepest(session, actor, book, on)
        if depth is not None:
            cut = True
            upper = CLOSURE.alias("upper")
            level = (sa.select(sa.func.count()).where(upper.c.descendant_id == UNIT.c.id, alive(upper, on))
                     .correlate(UNIT).scalar_subquery())
            base = base.where(level <= depth)
        found = [UnitOn(*row) for row in connection.execute(base.order_by(VERSION.c.sort_key, UNIT.c.id))]
        placed = in_order(found)
    counts = open_cases(session, actor, book, on, [u.id for u, _ in placed])
    return [Branch(u, depth, counts.get(u.id, 0)) for u, depth in placed], cut


def _deepest(session: Session, actor: Actor, book: Rulebook, on: dt.date) -> int | None:
    """Down to which level of the whole tree a list stays readable; None when all of it does."""
    unit = CLOSURE.c.descendant_id
    level = (sa.select(sa.func.count().label("level")).where(alive(CLOSURE, on), visible_units(actor, book, on, unit))
             .group_by(unit).subquery())
    rows = session.connection().execute(sa.select(level.c.level, sa.func.count()).group_by(level.c.level).order_by(level.c.level)).all()
    total = 0
    for place, (depth, number) in enumerate(rows):
        total += number
        if total > LONGEST and place > 0:
            return int(rows[place - 1][0])
        if total > LONGEST:
            return int(depth)
    return None


def in_order(found: Sequence[UnitOn]) -> list[tuple[UnitOn, int]]:
    """Parents before their children, each with its depth; what has no parent among them stands at the top."""
    known = {u.id for u in found}
    below: dict[int | None, list[UnitOn]] = {}
    for unit in found:
        below.setdefault(unit.parent_id if unit.parent_id in known else None, []).append(unit)
    placed: list[tuple[UnitOn, int]] = []
    waiting = [(u, 0) for u in reversed(below.get(None, []))]
    while waiting:
        unit, depth = waiting.pop()
        placed.append((unit, depth))
        waiting += [(child, depth + 1) for child in reversed(below.get(unit.id, []))]
    return placed


def open_cases(session: Session, actor: Actor, book: Rulebook, on: dt.date, units: Iterable[int]) -> dict[int, int]:
    """Open cases in sight by unit, those of units below included."""
    wanted = list(units)
    if not wanted:
        return {}
    query = (sa.select(CLOSURE.c.ancestor_id, sa.func.count()).select_from(Case.__table__)
             .join(CLOSURE, sa.and_(CLOSURE.c.descendant_id == Case.unit_id, alive(CLOSURE, on)))
             .where(CLOSURE.c.ancestor_id.in_(wanted), Case.closed_on.is_(None), visible_cases(actor, book, on))
             .group_by(CLOSURE.c.ancestor_id))
    return {int(unit): int(number) for unit, number in session.connection().execute(query)}


def in_sight(session: Session, actor: Actor, book: Rulebook, unit: int, on: dt.date, roles: Collection[str] | None = None) -> bool:
    """Whether the page of a unit may be opened: a living one in sight, or an ended one that stood under such a one or
    lives on in it.

    The page of an ended unit tells of its past; which cases are counted there is decided case by case all the same. With
    ``roles`` only what is seen through these offices counts.
    """
    connection = session.connection()
    known, waiting = {unit}, {unit}
    while waiting:
        heirs = sa.select(SUCCESSION.c.successor_id).where(SUCCESSION.c.unit_id.in_(waiting), SUCCESSION.c.successor_id.is_not(None))
        child, ended = VERSION.alias("child"), _ended(waiting, on)
        left = (sa.select(child.c.unit_id).join(ended, child.c.parent_id == ended.c.unit_id)
                .where(child.c.from_on <= ended.c.last, sa.or_(child.c.to_on.is_(None), child.c.to_on >= ended.c.last)))
        waiting = set(connection.scalars(sa.union(heirs, left))) - known
        known |= waiting
    ended = _ended([unit], on)
    above = sa.select(VERSION.c.parent_id).join(ended, sa.and_(VERSION.c.unit_id == ended.c.unit_id, VERSION.c.to_on == ended.c.last))
    known |= {key for key in connection.scalars(above) if key is not None}
    return bool(seen(session, actor, book, known, on, roles))


def _ended(units: Iterable[int], on: dt.date) -> sa.Subquery:
    """Those of the units that have ended before the day, with the last day of each."""
    return (sa.select(VERSION.c.unit_id, sa.func.max(VERSION.c.to_on).label("last")).where(VERSION.c.unit_id.in_(list(units)))
            .group_by(VERSION.c.unit_id)
            .having(sa.func.count(VERSION.c.id) == sa.func.count(VERSION.c.to_on), sa.func.max(VERSION.c.to_on) < on).subquery())


def seen(session: Session, actor: Actor, book: Rulebook, units: Iterable[int], on: dt.date, roles: Collection[str] | None = None) -> set[int]:
    """Those of the units that live and are in sight."""
    query = sa.select(UNIT.c.id).where(UNIT.c.id.in_(list(units)), visible_units(actor, book, on, UNIT.c.id, roles))
    return set(session.connection().scalars(query))


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """Who holds an office at a unit, or holds it for somebody else."""

    person_id: int
    person: str
    role: str
    from_on: dt.date
    to_on: dt.date | None
    paper: str | None
    stands_in_for: str | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """What became of a unit on a day; ``units`` are the others that it concerns: heirs, or those it took over."""

    on: dt.date
    kind: str
    paper: str | None
    units: tuple[UnitOn, ...]
    inherits: bool


@dataclass(frozen=True)
class Sheet:
    """All that the page of a unit shows."""

    unit: UnitOn
    alive: bool
    versions: list[Mapping[str, Any]]
    happenings: list[Happening]
    line: tuple[UnitOn, ...]
    children: list[Branch]
    offices: list[OfficeRow]
    strengths: list[Mapping[str, Any]]
    periods: list[tuple[dt.date, dt.date]]
    attainments: dict[tuple[str, dt.date, dt.date], dict[int, targets.Attainment]]
    states: dict[tuple[str, str], int]
    overdue: int
    papers: dict[tuple[str, dt.date, dt.date], str | None]


def sheet(session: Session, actor: Actor, book: Rulebook, unit: int, on: dt.date) -> Sheet | None:
    """Gather the page of a unit as on a day; None when it was not founded by then."""
    connection = session.connection()
    versions = connection.execute(
        sa.select(*_COLUMNS, VERSION.c.paper).select_from(UNIT.join(VERSION, VERSION.c.unit_id == UNIT.c.id))
        .where(UNIT.c.id == unit, VERSION.c.from_on <= on).order_by(VERSION.c.from_on)).all()
    if not versions:
        return None
    now = UnitOn(*versions[-1][:8])
    living = now.to_on is None or now.to_on >= on
    last = on if living or now.to_on is None else now.to_on
    line = tree.line(session, unit, last)
    children = tree.children(session, unit, last)
    counts = open_cases(session, actor, book, on, [c.id for c in children]) if living else {}
    kinds = ("members", "admissions", "recognitions")
    periods = _periods(session, unit)
    places = [unit, *(c.id for c in children)]
    return Sheet(
        now, living, [dict(row._mapping) for row in versions], _happenings(session, unit, on),
        line.units[1:] if line else (), [Branch(c, 1, counts.get(c.id, 0)) for c in children], _offices(session, unit, on),
        [dict(row) for row in connection.execute(sa.select(_T["unit_strength"]).where(
            _T["unit_strength"].c.unit_id == unit, _T["unit_strength"].c.as_of <= on)
            .order_by(_T["unit_strength"].c.as_of.desc())).mappings()],
        sorted({p[1:] for p in periods}, key=lambda p: (p[1], p[0]), reverse=True),
        {p: targets.attainments(session, places, p[1], p[2], on, indicator=p[0])
         for p in sorted(periods, key=lambda p: (-p[2].toordinal(), -p[1].toordinal(), kinds.index(p[0]) if p[0] in kinds else 9))},
        *_states(session, actor, book, unit, on, living), _papers(session, unit))


def _periods(session: Session, unit: int) -> set[tuple[str, dt.date, dt.date]]:
    both = [sa.select(t.c.indicator, t.c.period_from, t.c.period_to).where(t.c.unit_id == unit)
            for t in (targets.TARGET, targets.STATEMENT)]
    return {(i, first, last) for i, first, last in session.connection().execute(sa.union(*both))}


def _papers(session: Session, unit: int) -> dict[tuple[str, dt.date, dt.date], str | None]:
    t = targets.TARGET
    rows = session.connection().execute(sa.select(t.c.indicator, t.c.period_from, t.c.period_to, t.c.paper).where(t.c.unit_id == unit))
    return {(i, first, last): paper for i, first, last, paper in rows}


def _offices(session: Session, unit: int, on: dt.date) -> list[OfficeRow]:
    """Who is in office on the day, and who stands in for whom."""
    other = PERSON.alias("other")
    query = (sa.select(PERSON.c.id, PERSON.c.full_name, OFFICE.c.role, OFFICE.c.from_on, OFFICE.c.to_on, OFFICE.c.paper,
                       sa.null().label("other"), OFFICE.c.id.label("office"))
             .join(PERSON, PERSON.c.id == OFFICE.c.person_id).where(OFFICE.c.unit_id == unit, alive(OFFICE, on)))
    standing = (sa.select(other.c.id, other.c.full_name, OFFICE.c.role, SUBSTITUTION.c.from_on, SUBSTITUTION.c.to_on,
                          SUBSTITUTION.c.paper, PERSON.c.full_name, OFFICE.c.id)
                .select_from(SUBSTITUTION).join(OFFICE, OFFICE.c.id == SUBSTITUTION.c.office_id)
                .join(PERSON, PERSON.c.id == OFFICE.c.person_id).join(other, other.c.id == SUBSTITUTION.c.person_id)
                .where(OFFICE.c.unit_id == unit, alive(OFFICE, on), alive(SUBSTITUTION, on)))
    rows = [*session.connection().execute(query), *session.connection().execute(standing)]
    return [OfficeRow(*row[:7]) for row in sorted(rows, key=lambda r: (r[7], r[6] is not None))]


def _happenings(session: Session, unit: int, on: dt.date) -> list[Happening]:
    """The acts on the unit, newest first: one happening may concern several others."""
    query = (sa.select(SUCCESSION).where(sa.or_(SUCCESSION.c.unit_id == unit, SUCCESSION.c.successor_id == unit),
                                         SUCCESSION.c.on_day <= on).order_by(SUCCESSION.c.on_day.desc(), SUCCESSION.c.id))
    rows = session.connection().execute(query).mappings().all()
    others = {k for row in rows for k in (row["unit_id"], row["successor_id"]) if k not in (None, unit)}
    called: dict[int, UnitOn] = {}
    if others:
        names = (sa.select(*_COLUMNS).select_from(UNIT.join(VERSION, VERSION.c.unit_id == UNIT.c.id))
                 .where(UNIT.c.id.in_(others)).order_by(VERSION.c.from_on))
        called = {row[0]: UnitOn(*row) for row in session.connection().execute(names)}
    found: dict[tuple[Any, ...], list[UnitOn]] = {}
    for row in rows:
        inherits = row["unit_id"] != unit
        other = called.get(row["unit_id"] if inherits else row["successor_id"])
        found.setdefault((row["on_day"], row["kind"], row["paper"], inherits), []).extend([other] if other else [])
    return [Happening(day, kind, paper, tuple(units), inherits) for (day, kind, paper, inherits), units in found.items()]


def own_cases(session: Session, actor: Actor, book: Rulebook, unit: int, on: dt.date) -> list[tuple[int, str, str]]:
    """Open cases in sight that are about the unit itself: id, process, state."""
    query = (sa.select(Case.id, Case.process, Case.state)
             .where(Case.subject_unit_id == unit, Case.closed_on.is_(None), visible_cases(actor, book, on)).order_by(Case.id))
    return [(int(key), process, state) for key, process, state in session.connection().execute(query)]


def _states(session: Session, actor: Actor, book: Rulebook, unit: int, on: dt.date, living: bool
            ) -> tuple[dict[tuple[str, str], int], int]:
    """Cases in sight below the unit by process and state, and how many of the open ones have a period that has run out."""
    if not living:
        return {}, 0
    mine = sa.and_(visible_cases(actor, book, on), tree.within(_T["case"].c.unit_id, unit, on))
    connection = session.connection()
    rows = connection.execute(sa.select(Case.process, Case.state, sa.func.count()).where(mine).group_by(Case.process, Case.state))
    counted = {(process, state): int(number) for process, state, number in rows}
    late = connection.scalar(sa.select(sa.func.count()).select_from(Case).where(mine, Case.closed_on.is_(None), overdue(on)))
    return counted, int(late or 0)
