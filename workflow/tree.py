"""The tree of units on a day: who stands above whom, who stands below, and the line that decides a case.

Everything is read from ``unit_version`` (what a unit was called, under whom it stood, from when to when) and from
``unit_closure``, which is worked out from the versions here and nowhere else.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.errors import Conflict
from workflow.models import Base

#: Committees above the basic organisations. What lies directly below one of them in a line is the basic organisation.
UPPER = frozenset({"central_committee_level", "province", "district", "commune_above_base"})
BASIC = frozenset({"base_committee", "base_cell"})
CELLS = frozenset({"cell", "base_cell"})

_TABLES = Base.metadata.tables
_unit = _TABLES["unit"]
_version = _TABLES["unit_version"]
_closure = _TABLES["unit_closure"]
_succession = _TABLES["unit_succession"]


@dataclass(frozen=True, slots=True)
class UnitOn:
    """A unit as it was on a day. ``from_on`` and ``to_on`` bound the version, not the unit's life."""

    id: int
    code: str
    name: str
    kind: str
    parent_id: int | None
    delegated: bool
    from_on: dt.date
    to_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Line:
    """A unit and everything above it on a day, with the places that rules and deciders ask for.

    ``base`` is the base committee, or the unit itself where a cell stands directly under a committee above the basic
    organisations; ``sub`` the subcommittee on the way, if there is one; ``above`` the committee directly above the
    basic organisation. ``units`` runs from the unit to the root.
    """

    units: tuple[UnitOn, ...]
    base: UnitOn | None
    sub: UnitOn | None
    above: UnitOn | None

    @property
    def unit(self) -> UnitOn:
        return self.units[0]

    @property
    def parent(self) -> UnitOn | None:
        return self.units[1] if len(self.units) > 1 else None

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(u.code for u in self.units)

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(u.id for u in self.units)

    @property
    def unit_kind(self) -> str:
        return self.unit.kind

    @property
    def parent_kind(self) -> str | None:
        return self.parent.kind if self.parent else None

    @property
    def above_kind(self) -> str | None:
        return self.above.kind if self.above else None

    @property
    def delegated(self) -> bool:
        """Whether the base committee was delegated to decide admissions on that day."""
        return self.base.delegated if self.base else False


@dataclass(slots=True)
class LineCache:
    """Lines already worked out, valid as long as no unit act has been committed since (``token``).

    Put one into the ``info`` of a :class:`workflow.db.Database` under the key ``lines`` to use it.
    """

    limit: int = 20_000
    _state: tuple[int, dict[tuple[int, dt.date], Line | None]] = field(default_factory=lambda: (-1, {}))

    def at(self, token: int) -> dict[tuple[int, dt.date], Line | None]:
        known, lines = self._state
        if known != token or len(lines) > self.limit:
            lines = {}
            self._state = (token, lines)
        return lines


def alive(table: sa.FromClause, on: Any) -> sa.ColumnElement[bool]:
    """That a dated row (``from_on``, ``to_on``, both included) covers the day."""
    return sa.and_(table.c.from_on <= on, sa.or_(table.c.to_on.is_(None), table.c.to_on >= on))


_COLUMNS = (_unit.c.id, _unit.c.code, _version.c.name, _version.c.kind, _version.c.parent_id, _version.c.delegated,
            _version.c.from_on, _version.c.to_on)
_DAY = sa.bindparam("day", type_=sa.Date())
_LINE = (
    sa.select(*_COLUMNS)
    .select_from(_closure.join(_version, sa.and_(_version.c.unit_id == _closure.c.ancestor_id, alive(_version, _DAY)))
                 .join(_unit, _unit.c.id == _closure.c.ancestor_id))
    .where(_closure.c.descendant_id == sa.bindparam("unit", type_=sa.Integer()), alive(_closure, _DAY))
    .order_by(_closure.c.depth)
)
_ONE = (sa.select(*_COLUMNS).select_from(_unit.join(_version, _version.c.unit_id == _unit.c.id)).where(alive(_version, _DAY)))
_BY_ID = _ONE.where(_unit.c.id == sa.bindparam("unit", type_=sa.Integer()))
_BY_CODE = _ONE.where(_unit.c.code == sa.bindparam("unit", type_=sa.Text()))
_HOLD = (sa.select(_version).where(_version.c.unit_id.in_(sa.bindparam("units", expanding=True)))
         .order_by(_version.c.id).with_for_update(read=True))
_TOKEN = sa.select(sa.func.max(_succession.c.id))


def unit_on(session: Session, code_or_id: str | int, on: dt.date) -> UnitOn | None:
    """The unit as it was on the day; ``None`` when there is none of that code or id, or none alive that day."""
    query = _BY_CODE if isinstance(code_or_id, str) else _BY_ID
    row = session.connection().execute(query, {"unit": code_or_id, "day": on}).first()
    return UnitOn(*row) if row else None


def unit_id(session: Session, code: str) -> int | None:
    """The id behind a code, whether the unit is alive or not."""
    return session.connection().scalar(sa.select(_unit.c.id).where(_unit.c.code == code))


def ancestors(session: Session, unit: int, on: dt.date) -> tuple[UnitOn, ...]:
    """What stands above the unit on the day, nearest first, the unit itself not included."""
    found = line(session, unit, on)
    return found.units[1:] if found else ()


def children(session: Session, unit: int, on: dt.date) -> list[UnitOn]:
    """Units directly below on the day, in the order of a Vietnamese register."""
    query = _ONE.where(_version.c.parent_id == unit).order_by(_version.c.sort_key, _unit.c.id)
    return [UnitOn(*row) for row in session.connection().execute(query, {"day": on})]


def subtree(session: Session, unit: int, on: dt.date) -> list[UnitOn]:
    """The unit and all below it on the day, upper units first."""
    query = (
        sa.select(*_COLUMNS)
        .select_from(_closure.join(_version, sa.and_(_version.c.unit_id == _closure.c.descendant_id, alive(_version, on)))
                     .join(_unit, _unit.c.id == _closure.c.descendant_id))
        .where(_closure.c.ancestor_id == unit, alive(_closure, on))
        .order_by(_closure.c.depth, _version.c.sort_key, _unit.c.id)
    )
    return [UnitOn(*row) for row in session.connection().execute(query)]


def within(column: sa.ColumnElement[Any], units: int | Iterable[int], on: dt.date) -> sa.ColumnElement[bool]:
    """SQL: ``column`` holds the id of a unit that lies in the subtree of one of ``units`` on the day."""
    tops = [units] if isinstance(units, int) else list(units)
    return column.in_(sa.select(_closure.c.descendant_id).where(_closure.c.ancestor_id.in_(tops), alive(_closure, on)))


def is_within(session: Session, unit: int, top: int, on: dt.date) -> bool:
    """Whether ``unit`` is ``top`` or lies below it on the day."""
    query = sa.select(sa.literal(1)).where(_closure.c.descendant_id == unit, _closure.c.ancestor_id == top, alive(_closure, on))
    return session.connection().execute(query).first() is not None


def line(session: Session, unit: int, on: dt.date) -> Line | None:
    """The line of the unit on the day in one query; ``None`` when the unit was not alive."""
    connection = session.connection()
    cache = session.info.get("lines")
    if cache is None or session.info.get("tree_changed"):
        return _line(connection, unit, on)
    lines = cache.at(connection.scalar(_TOKEN) or 0)
    key = (unit, on)
    if key not in lines:
        lines[key] = _line(connection, unit, on)
    found: Line | None = lines[key]
    return found


def lines(session: Session, units: Iterable[int], on: dt.date) -> dict[int, Line]:
    """The lines of many units on the day in one query; those not alive that day are left out."""
    wanted = sorted(set(units))
    if not wanted:
        return {}
    query = (
        sa.select(_closure.c.descendant_id, *_COLUMNS)
        .select_from(_closure.join(_version, sa.and_(_version.c.unit_id == _closure.c.ancestor_id, alive(_version, on)))
                     .join(_unit, _unit.c.id == _closure.c.ancestor_id))
        .where(_closure.c.descendant_id.in_(wanted), alive(_closure, on))
        .order_by(_closure.c.descendant_id, _closure.c.depth)
    )
    found: dict[int, list[UnitOn]] = {}
    for descendant, *columns in session.connection().execute(query):
        found.setdefault(descendant, []).append(UnitOn(*columns))
    return {unit: _placed(tuple(above)) for unit, above in found.items()}


def heirs(session: Session, ended: Line, on: dt.date) -> frozenset[int]:
    """The units that stand on a day where a unit that ended has stood: its successors and everything above them."""
    if unit_on(session, ended.unit.id, on) is not None:
        return frozenset()
    living: set[int] = set()
    waiting, known = {ended.unit.id}, {ended.unit.id}
    while waiting:
        query = sa.select(_succession.c.successor_id).where(_succession.c.unit_id.in_(waiting), _succession.c.successor_id.is_not(None))
        waiting = set(session.connection().scalars(query)) - known
        known |= waiting
        found = lines(session, waiting, on)
        living |= {unit for line_ in found.values() for unit in line_.ids}
        waiting -= found.keys()
    return frozenset(living)


def heir(session: Session, unit: int, on: dt.date) -> Line | None:
    """The line of the unit on a day, or of the first that took its place where it has ended; None where none has."""
    waiting, known = [unit], {unit}
    while waiting:
        found = lines(session, waiting, on)
        if found:
            return found[min(found)]
        query = (sa.select(_succession.c.successor_id).where(_succession.c.unit_id.in_(waiting), _succession.c.successor_id.is_not(None))
                 .order_by(_succession.c.id))
        waiting = [key for key in session.connection().scalars(query) if key not in known]
        known |= set(waiting)
    return None


def hold(session: Session, seen: Line) -> None:
    """Keep the units of a line as they are until the end of the transaction; on SQLite all other writers wait anyway.

    Raises Conflict when an act on the organisation was faster than whoever read the line.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return
    rows = connection.execute(_HOLD, {"units": list(seen.ids)}).mappings()
    now = {(row["unit_id"], row["from_on"]): row for row in rows}
    for unit in seen.units:
        row = now.get((unit.id, unit.from_on))
        if row is None or any(row[name] != getattr(unit, name) for name in ("kind", "parent_id", "delegated", "to_on")):
            raise Conflict("Tổ chức của hồ sơ vừa thay đổi; hãy tải lại trang, xem lại rồi thực hiện.")


def _line(connection: sa.Connection, unit: int, on: dt.date) -> Line | None:
    units = tuple(UnitOn(*row) for row in connection.execute(_LINE, {"unit": unit, "day": on}))
    return _placed(units) if units else None


def _placed(units: tuple[UnitOn, ...]) -> Line:
    base = next((u for u in units if u.kind in BASIC), None)
    if base is None and units[0].kind in CELLS:
        base = units[0]
    start = units.index(base) + 1 if base else 0
    above = next((u for u in units[start:] if u.kind in UPPER), None)
    sub = next((u for u in units if u.kind == "subcommittee"), None)
    return Line(units, base, sub, above)


def rebuild_closure(session: Session, changed: Iterable[int]) -> None:
    """Work the closure out anew for the changed units and all that ever stood below them.

    The versions must already be written; whoever was below a changed unit is known from the old closure.
    """
    connection = session.connection()
    changed = set(changed)
    affected = changed | set(connection.scalars(
        sa.select(_closure.c.descendant_id).where(_closure.c.ancestor_id.in_(changed)).distinct()))
    versions = _versions(connection, affected)
    rows = [row for unit in sorted(affected) for row in _paths(unit, versions)]
    connection.execute(sa.delete(_closure).where(_closure.c.descendant_id.in_(affected)))
    if rows:
        connection.execute(sa.insert(_closure), rows)


def closure_faults(session: Session) -> list[str]:
    """Rows of the closure that do not follow from the versions: it decides who sees what, and no journal holds it."""
    connection = session.connection()
    try:
        versions = _versions(connection, set(connection.scalars(sa.select(_unit.c.id))))
    except (ValueError, TypeError):
        return ["cannot be compared: a version of a unit holds a day that is none"]
    columns = [_closure.c[name] for name in ("ancestor_id", "descendant_id", "depth", "from_on", "to_on")]
    # Bare values as text: one that was tampered with until it is no day any more is told, not stumbled over.
    bare = connection.execute(sa.select(*(sa.type_coerce(c, sa.types.NullType()) for c in columns)))
    there = {tuple(map(str, row)) for row in bare}
    right = {tuple(str(row[c.name]) for c in columns) for unit in sorted(versions) for row in _paths(unit, versions)}
    return [f"{'does not follow from' if row in there else 'is missing beside'} the versions of the units: "
            f"unit {row[1]} below unit {row[0]}, depth {row[2]}, {row[3]} to {row[4]}" for row in sorted(there ^ right)]


Versions = dict[int, list[tuple[int | None, dt.date, dt.date]]]


def _versions(connection: sa.Connection, units: set[int]) -> Versions:
    """Parent, first and last day of each version of the units and of everything above them, level by level."""
    found: Versions = {}
    wanted = set(units)
    while wanted:
        found.update({unit: [] for unit in wanted})
        query = sa.select(_version.c.unit_id, _version.c.parent_id, _version.c.from_on, _version.c.to_on)
        for unit, parent, first, last in connection.execute(
                query.where(_version.c.unit_id.in_(wanted)).order_by(_version.c.unit_id, _version.c.from_on)):
            found[unit].append((parent, first, last or dt.date.max))
        wanted = {parent for unit in wanted for parent, _, _ in found[unit] if parent is not None} - found.keys()
    return found


def _paths(unit: int, versions: Versions) -> list[dict[str, Any]]:
    spans: dict[tuple[int, int], list[list[dt.date]]] = {}
    waiting = [(unit, dt.date.min, dt.date.max, 0)]
    while waiting:
        at, low, high, depth = waiting.pop()
        for parent, first, last in versions[at]:
            first, last = max(first, low), min(last, high)
            if first > last:
                continue
            spans.setdefault((at, depth), []).append([first, last])
            if parent is not None and depth < len(versions):  # a circle, which only a hand can draw, ends somewhere
                waiting.append((parent, first, last, depth + 1))
    return [
        {"ancestor_id": ancestor, "descendant_id": unit, "depth": depth, "from_on": first,
         "to_on": None if last == dt.date.max else last}
        for (ancestor, depth), pieces in spans.items() for first, last in _joined(pieces)
    ]


def _joined(pieces: list[list[dt.date]]) -> list[list[dt.date]]:
    """Neighbouring spans made one, so that a renaming leaves no seam."""
    joined: list[list[dt.date]] = []
    for first, last in sorted(pieces):
        if joined and joined[-1][1] != dt.date.max and joined[-1][1] + dt.timedelta(days=1) == first:
            joined[-1][1] = last
        else:
            joined.append([first, last])
    return joined
