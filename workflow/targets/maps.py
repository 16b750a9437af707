"""Where an act of the past counts: on the map as it was that day (``then``), or on today's (``now``).

On the old map an act counts for the unit that held the case when it was done, and for all that stood above it that day.
On the new one it counts for the unit that has taken that unit's place. Where a unit was divided among several, nobody
can say whose the act is; it then counts for what stands above all of them.
"""
from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import tree
from workflow.models import Base

_T = Base.metadata.tables
CASE, ADMISSION, CLOSURE, ENTRY, SUCCESSION, VERSION = (_T[n] for n in (
    "case", "admission", "unit_closure", "entry", "unit_succession", "unit_version"))
MAPS = ("then", "now")
#: Indicator and day by which it counts -> the steps that may bring it about, whose days stand in columns ``<step>_on``;
#: where a case has several of them, the first named is the one that did.
STEPS = {("admissions", "decision"): ("decide_admission",), ("admissions", "ceremony"): ("hold_ceremony",),
         ("recognitions", "decision"): ("decide_deadlock", "decide_recognition"),
         ("removals", "decision"): ("decide_deadlock", "decide_removal")}
#: The state that a case has come to where it counts for an indicator: a vote that fell short leaves its day as well.
REACHED = {"recognitions": "official", "removals": "removed"}
#: A decision on paper in these states did not make a member, or was cancelled.
NO_MEMBER = ("rejected", "annulled")
_PART = 500


def counted(session: Session, units: Iterable[int], first: dt.date, last: dt.date, on: dt.date, *, indicator: str = "admissions",
            by: str = "decision", on_map: str = "then", seen: sa.ColumnElement[bool] | None = None) -> dict[int, tuple[int, ...]]:
    """The cases that count for each unit and all below it from ``first`` to ``last``; units without any are left out.

    ``seen`` narrows the cases; ``on`` is today of the new map.
    """
    steps = STEPS.get((indicator, by)) or STEPS.get((indicator, "decision"))
    wanted = list(units)
    if steps is None or not wanted or last < first:
        return {}
    day = _day(steps)
    state = CASE.c.state == REACHED[indicator] if indicator in REACHED else CASE.c.state.not_in(NO_MEMBER)
    which = sa.and_(day >= first, day <= last, state, sa.true() if seen is None else seen)
    if on_map == "then":
        return _then(session, wanted, steps, which)
    query = sa.select(CASE.c.id, _place(steps)).select_from(ADMISSION.join(CASE, CASE.c.id == ADMISSION.c.case_id)).where(which)
    return gathered(session, [(case, unit) for case, unit in session.connection().execute(query)], wanted, on)


def _day(steps: Sequence[str]) -> sa.ColumnElement[dt.date]:
    first, *others = (ADMISSION.c[f"{step}_on"] for step in steps)
    return sa.func.coalesce(first, *others) if others else first


def _place(steps: Sequence[str]) -> sa.ColumnElement[int]:
    """The unit that held the case when the step was taken, as the journal says; of a case taken over, its unit."""
    at = (sa.select(ENTRY.c.unit_id).where(ENTRY.c.case_id == CASE.c.id, ENTRY.c.step.in_(steps), ENTRY.c.acted_on == _day(steps))
          .order_by(ENTRY.c.id.desc()).limit(1).correlate(CASE, ADMISSION).scalar_subquery())
    return sa.func.coalesce(at, CASE.c.unit_id)


def _then(session: Session, units: Sequence[int], steps: Sequence[str], which: sa.ColumnElement[bool]) -> dict[int, tuple[int, ...]]:
    """A case that has gone over to a unit founded later, and of whose act the journal does not know, counts where that
    unit stood at its founding."""
    acts = (sa.select(CASE.c.id.label("case_id"), _day(steps).label("day"), _place(steps).label("unit"))
            .select_from(ADMISSION.join(CASE, CASE.c.id == ADMISSION.c.case_id)).where(which).subquery())
    own = CLOSURE.alias("own")
    founded = (sa.select(sa.func.min(own.c.from_on)).where(own.c.descendant_id == acts.c.unit, own.c.depth == 0)
               .correlate(acts).scalar_subquery())
    day = sa.case((acts.c.day < founded, founded), else_=acts.c.day)
    under = sa.and_(CLOSURE.c.descendant_id == acts.c.unit, tree.alive(CLOSURE, day), CLOSURE.c.ancestor_id.in_(units))
    found: dict[int, list[int]] = defaultdict(list)
    query = sa.select(CLOSURE.c.ancestor_id, acts.c.case_id).select_from(acts.join(CLOSURE, under)).order_by(acts.c.case_id)
    for unit, case in session.connection().execute(query):
        found[unit].append(case)
    return {unit: tuple(cases) for unit, cases in found.items()}


def gathered(session: Session, at: Iterable[tuple[int, int]], units: Iterable[int], on: dt.date) -> dict[int, tuple[int, ...]]:
    """Things (id, unit of then) under each of the units on the map of a day."""
    things = list(at)
    now = heirs(session, {unit for _, unit in things}, on)
    above = _above(session, {unit for unit in now.values() if unit is not None}, units, on)
    found: dict[int, set[int]] = defaultdict(set)
    for thing, unit in things:
        heir = now[unit]
        for upper in above.get(heir, ()) if heir is not None else ():
            found[upper].add(thing)
    return {unit: tuple(sorted(ids)) for unit, ids in found.items()}


def _above(session: Session, lower: Iterable[int], upper: Iterable[int] | None, on: dt.date) -> dict[int, list[int]]:
    """For each of the lower units which of the upper ones (None: all) stand above it on the day, itself included,
    nearest first."""
    found: dict[int, list[int]] = defaultdict(list)
    ids = sorted(set(lower))
    among = sa.true() if upper is None else CLOSURE.c.ancestor_id.in_(list(upper))
    for start in range(0, len(ids), _PART):
        query = (sa.select(CLOSURE.c.descendant_id, CLOSURE.c.ancestor_id)
                 .where(CLOSURE.c.descendant_id.in_(ids[start:start + _PART]), among, tree.alive(CLOSURE, on))
                 .order_by(CLOSURE.c.descendant_id, CLOSURE.c.depth))
        for below, above in session.connection().execute(query):
            found[below].append(above)
    return found


def heirs(session: Session, units: Iterable[int], on: dt.date) -> dict[int, int | None]:
    """The unit that stands on a day in the place of each: itself while it lives, else the one that took over, else what
    stands above all that share it; None where nobody did, or nothing stands above them all."""
    wanted = set(units)
    living = _living(session, wanted, on)
    ended = wanted - living
    if not ended:
        return {unit: unit for unit in wanted}
    after: dict[int, set[int]] = {}
    waiting, known = set(ended), set(ended)
    while waiting:
        rows = session.connection().execute(
            sa.select(SUCCESSION.c.unit_id, SUCCESSION.c.successor_id)
            .where(SUCCESSION.c.unit_id.in_(waiting), SUCCESSION.c.successor_id.is_not(None), SUCCESSION.c.on_day <= on)).all()
        for unit, heir in rows:
            after.setdefault(unit, set()).add(heir)
        new = {heir for _, heir in rows} - known
        known |= new
        alive_now = _living(session, new, on)
        living |= alive_now
        waiting = new - alive_now
    ends = {unit: _ends(unit, after, living) for unit in ended}
    shared = _above(session, {e for found in ends.values() if len(found) > 1 for e in found}, None, on)
    return {unit: unit if unit in living else _one(ends[unit], shared) for unit in wanted}


def _ends(unit: int, after: Mapping[int, set[int]], living: set[int]) -> frozenset[int]:
    found: set[int] = set()
    waiting, known = [unit], {unit}
    while waiting:
        for heir in after.get(waiting.pop(), ()):
            if heir in living:
                found.add(heir)
            elif heir not in known:
                known.add(heir)
                waiting.append(heir)
    return frozenset(found)


def _one(ends: frozenset[int], above: Mapping[int, Sequence[int]]) -> int | None:
    if len(ends) <= 1:
        return next(iter(ends), None)
    lines = [above.get(unit, ()) for unit in sorted(ends)]
    return next((unit for unit in lines[0] if all(unit in line for line in lines[1:])), None)


def _living(session: Session, units: Iterable[int], on: dt.date) -> set[int]:
    ids = list(units)
    if not ids:
        return set()
    return set(session.connection().scalars(sa.select(VERSION.c.unit_id).where(VERSION.c.unit_id.in_(ids), tree.alive(VERSION, on))))


def under(session: Session, places: Iterable[tuple[int, dt.date]], units: Iterable[int], on: dt.date,
          on_map: str) -> set[tuple[int, dt.date]]:
    """Of things that happened at a unit on a day, those that happened at or below one of the units."""
    at, uppers = set(places), set(units)
    lower = {unit for unit, _ in at}
    if on_map == "now":
        now = heirs(session, lower, on)
        above = _above(session, {unit for unit in now.values() if unit is not None}, uppers, on)
        return {place for place in at if above.get(now[place[0]] or 0)}
    stood: dict[int, list[tuple[dt.date, dt.date | None]]] = defaultdict(list)
    founded: dict[int, dt.date] = {}
    ids = sorted(lower)
    for start in range(0, len(ids), _PART):
        query = (sa.select(CLOSURE.c.descendant_id, CLOSURE.c.ancestor_id, CLOSURE.c.from_on, CLOSURE.c.to_on)
                 .where(CLOSURE.c.descendant_id.in_(ids[start:start + _PART]), sa.or_(CLOSURE.c.depth == 0, CLOSURE.c.ancestor_id.in_(uppers))))
        for unit, upper, first, last in session.connection().execute(query):
            if upper in uppers:
                stood[unit].append((first, last))
            if upper == unit:
                founded[unit] = min(first, founded.get(unit, first))
    return {(unit, day) for unit, day in at
            if any(a <= max(day, founded.get(unit, day)) and (b is None or b >= max(day, founded.get(unit, day))) for a, b in stood[unit])}


def below(session: Session, unit: int, first: dt.date, last: dt.date, on: dt.date, on_map: str) -> list[int]:
    """The units directly below: on the new map those of today, on the old one all that stood there within the period."""
    day = tree.alive(CLOSURE, on) if on_map == "now" else sa.and_(
        CLOSURE.c.from_on <= last, sa.or_(CLOSURE.c.to_on.is_(None), CLOSURE.c.to_on >= first))
    query = sa.select(CLOSURE.c.descendant_id).where(CLOSURE.c.ancestor_id == unit, CLOSURE.c.depth == 1, day).distinct()
    return sorted(session.connection().scalars(query))


def merged_into(session: Session, units: Iterable[int], on: dt.date) -> dict[int, set[int]]:
    """For each of the living units those ended ones whose place it alone has taken, over any number of steps."""
    wanted = set(units)
    waiting, known = set(wanted), set(wanted)
    while waiting:
        waiting = set(session.connection().scalars(
            sa.select(SUCCESSION.c.unit_id).where(SUCCESSION.c.successor_id.in_(waiting), SUCCESSION.c.on_day <= on))) - known
        known |= waiting
    found: dict[int, set[int]] = defaultdict(set)
    for unit, heir in heirs(session, known - wanted, on).items():
        if heir in wanted and heir != unit:
            found[heir].add(unit)
    return found
