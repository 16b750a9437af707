"""What a target comes to for a period: a number, a yearly average, a range, a rate of the members, or every unit."""
from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.dated import NotInForce
from rules.schema import Text
from workflow import tree
from workflow.context import book_of
from workflow.exact import Figure, decimal, total, unscaled
from workflow.inputs import shown
from workflow.models import Base
from workflow.targets import maps

_T = Base.metadata.tables
TARGET, STRENGTH, CLOSURE, VERSION, CASE, ADMISSION = (_T[n] for n in (
    "target", "unit_strength", "unit_closure", "unit_version", "case", "admission"))
#: Form of a target -> what it is called. None in the database is ``absolute``.
FORMS = {
    "absolute": Text(vi="Số tuyệt đối", en="Number"),
    "average": Text(vi="Bình quân mỗi năm", en="Yearly average"),
    "range": Text(vi="Khoảng", en="Range"),
    "rate": Text(vi="Tỷ lệ % mỗi năm so với số đảng viên", en="Yearly rate of the members, %"),
    "every_unit": Text(vi="Mọi chi bộ có nguồn đều kết nạp", en="Every cell with a source admits"),
}
BASE = "tgt_base"
_SOURCES = Text(vi="Số chi bộ có nguồn kết nạp trong kỳ", en="Cells with a source in the period")


@dataclass(frozen=True, slots=True)
class Goal:
    """What a unit means to reach in a period; ``low`` is what a ratio is taken of, ``high`` the end of a range."""

    unit_id: int
    form: str
    low: Figure
    high: Fraction | None
    how: Text
    paper: str | None
    #: Only of the form ``every_unit``: the cells with a source, of which as many are to admit somebody.
    cells: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Members:
    """How many members a unit had on a day, and whether that is its own figure or a sum of its cells."""

    figure: Figure
    as_of: dt.date
    own: bool


def goals(session: Session, units: Iterable[int], first: dt.date, last: dt.date, on: dt.date, *, indicator: str = "admissions",
          on_map: str = "then") -> dict[int, Goal]:
    """The goals of units for a period; units without one are left out.

    A target holds for its own period; a yearly average and a rate also for each year within it. On the new map a unit
    without a target of its own takes the sum of those whose place it has taken.
    """
    wanted = list(dict.fromkeys(units))
    former = maps.merged_into(session, wanted, on) if on_map == "now" else {}
    everyone = [*wanted, *{u for found in former.values() for u in found}]
    rows = _chosen(session, everyone, first, last, indicator)
    bases = _bases(session, [row for row in rows.values() if row["form"] == "rate"], first, last)
    sources = with_source(session, [u for u, row in rows.items() if row["form"] == "every_unit"], first, last, on, on_map)
    made = {unit: goal for unit, row in rows.items() if (goal := _goal(row, first, last, bases.get(unit), sources)) is not None}
    found = {}
    for unit in wanted:
        if unit in made:
            found[unit] = made[unit]
        elif parts := [made[u] for u in sorted(former.get(unit, ())) if u in made]:
            whole = total([p.low for p in parts])
            if whole is not None and all(p.cells is None for p in parts):
                found[unit] = Goal(unit, "absolute", whole, None, Text(
                    vi=f"Cộng chỉ tiêu của {len(parts)} đơn vị đã nhập vào", en=f"Sum of the targets of {len(parts)} units merged into it"), None)
    return found


def _chosen(session: Session, units: list[int], first: dt.date, last: dt.date, indicator: str) -> dict[int, Mapping[str, Any]]:
    """Of each unit the target of exactly this period, else the shortest yearly one around it."""
    t = TARGET.c
    around = sa.and_(t.form.in_(("average", "rate")), t.period_from <= first, t.period_to >= last)
    query = sa.select(TARGET).where(t.unit_id.in_(units), t.indicator == indicator,
                                    sa.or_(sa.and_(t.period_from == first, t.period_to == last), around))
    found: dict[int, Mapping[str, Any]] = {}
    for row in session.connection().execute(query).mappings():
        known = found.get(row["unit_id"])
        if known is None or _span(dict(row)) < _span(known):
            found[row["unit_id"]] = dict(row)
    return found


def _span(row: Mapping[str, Any]) -> int:
    return int((row["period_to"] - row["period_from"]).days)


def _goal(row: Mapping[str, Any], first: dt.date, last: dt.date, bases: Sequence[Members] | None,
          sources: Mapping[int, frozenset[int]]) -> Goal | None:
    unit, form = int(row["unit_id"]), row["form"] or "absolute"
    low, high = unscaled(row["value"], row["scale"]), None if row["value_max"] is None else unscaled(row["value_max"], row["scale"])
    if form == "every_unit":
        cells = sources.get(unit, frozenset())
        return Goal(unit, form, Figure(Fraction(len(cells))), None, _SOURCES, row["paper"], cells)
    if form == "rate":
        whole = total([b.figure for b in bases]) if bases else None
        if bases is None or whole is None:
            return None
        of = ", ".join(f"{shown_number(b.figure.value)} ({shown(b.as_of)})" for b in bases)
        how = Text(vi=f"{shown_number(low)} % của số đảng viên: {of}", en=f"{shown_number(low)} % of the members: {of}")
        return Goal(unit, form, whole.times(low / 100), None if high is None else whole.value * high / 100, how, row["paper"])
    years = years_of(first, last)
    if form == "average" and years != 1:
        each, span = shown_number(low), shown_number(years)
        how = Text(vi=f"Bình quân {each} một năm, trong {span} năm", en=f"Average of {each} a year over {span} years")
        return Goal(unit, form, Figure(low * years), None if high is None else high * years, how, row["paper"])
    return Goal(unit, form, Figure(low), high, FORMS[form], row["paper"])


def _bases(session: Session, rows: Sequence[Mapping[str, Any]], first: dt.date, last: dt.date) -> dict[int, list[Members]]:
    """For each yearly rate the members at the base of every whole year of the period; a unit of which some year's are
    not known is left out."""
    years = [y for y in range(first.year, last.year + 1) if first <= dt.date(y, 1, 1) and dt.date(y, 12, 31) <= last]
    found: dict[int, list[Members]] = {row["unit_id"]: [] for row in rows}
    fixed = {row["unit_id"]: row["base_on"] for row in rows}
    for year in years if rows else ():
        by_law = base_days(session, found, year)
        of_day: dict[dt.date, list[int]] = defaultdict(list)
        for unit in found:
            if day := fixed[unit] or by_law.get(unit):
                of_day[day].append(unit)
        known = {unit: figure for day, units in of_day.items() for unit, figure in members(session, units, day).items()}
        found = {unit: [*parts, known[unit]] for unit, parts in found.items() if unit in known}
    return found if years else {}


def base_days(session: Session, units: Iterable[int], year: int) -> dict[int, dt.date]:
    """The day whose members are the base of the rate of a year, by the law for each unit."""
    book, day, wanted = book_of(session), dt.date(year, 1, 1), list(units)
    lines = tree.lines(session, wanted, day)
    found = {}
    for unit in wanted:
        try:
            kind = book.value(BASE, day, lines[unit].codes if unit in lines else ()).value
        except NotInForce:
            continue
        found[unit] = day if kind == "year_start" else dt.date(year, 12, 31)
    return found


def members(session: Session, units: Iterable[int], day: dt.date) -> dict[int, Members]:
    """Members of units on a day: the last figure stated for a unit by then, else the sum of its cells' figures, at least
    that many where some cells have none."""
    wanted = list(units)
    s = STRENGTH.c
    latest = sa.select(s.unit_id, sa.func.max(s.as_of).label("as_of")).where(s.as_of <= day).group_by(s.unit_id).subquery()
    last = sa.select(STRENGTH).join(latest, sa.and_(s.unit_id == latest.c.unit_id, s.as_of == latest.c.as_of))
    found = {row.unit_id: Members(Figure(Fraction(row.official + row.probationary), row.comparator), row.as_of, True)
             for row in session.connection().execute(last.where(s.unit_id.in_(wanted)))}
    rest = [unit for unit in wanted if unit not in found]
    if not rest:
        return found
    stated = last.subquery()
    cells = (sa.select(CLOSURE.c.ancestor_id, stated.c.official, stated.c.probationary, stated.c.as_of, stated.c.comparator)
             .select_from(CLOSURE.join(VERSION, sa.and_(VERSION.c.unit_id == CLOSURE.c.descendant_id, tree.alive(VERSION, day)))
                          .outerjoin(stated, stated.c.unit_id == CLOSURE.c.descendant_id))
             .where(CLOSURE.c.ancestor_id.in_(rest), tree.alive(CLOSURE, day), VERSION.c.kind.in_(sorted(tree.CELLS))))
    of: dict[int, list[Any]] = defaultdict(list)
    for row in session.connection().execute(cells):
        of[row.ancestor_id].append(row)
    for unit, rows in of.items():
        known = [r for r in rows if r.official is not None]
        whole = total([Figure(Fraction(r.official + r.probationary), r.comparator) for r in known]
                      + ([Figure(Fraction(0), ">=")] if len(known) < len(rows) else []))
        if known and whole is not None:
            found[unit] = Members(whole, max(r.as_of for r in known), False)
    return found


def with_source(session: Session, units: Iterable[int], first: dt.date, last: dt.date, on: dt.date,
                on_map: str) -> dict[int, frozenset[int]]:
    """For each unit its cells that had somebody on the way to a decision at some time in the period."""
    wanted = list(units)
    decided = ADMISSION.c.decide_admission_on
    query = (sa.select(CASE.c.unit_id).select_from(CASE.join(ADMISSION, ADMISSION.c.case_id == CASE.c.id))
             .where(CASE.c.opened_on <= last, sa.or_(CASE.c.closed_on.is_(None), CASE.c.closed_on >= first),
                    sa.or_(decided.is_(None), decided >= first)).distinct())
    cells = [(unit, unit) for unit in session.connection().scalars(query)]
    if on_map == "now":
        now = maps.heirs(session, [unit for unit, _ in cells], on)
        cells = sorted({(heir, heir) for heir in now.values() if heir is not None})
        return {unit: frozenset(ids) for unit, ids in maps.gathered(session, cells, wanted, on).items()}
    found: dict[int, set[int]] = defaultdict(set)
    ids = [unit for unit, _ in cells]
    under = (sa.select(CLOSURE.c.ancestor_id, CLOSURE.c.descendant_id)
             .where(CLOSURE.c.descendant_id.in_(ids), CLOSURE.c.ancestor_id.in_(wanted), CLOSURE.c.from_on <= last,
                    sa.or_(CLOSURE.c.to_on.is_(None), CLOSURE.c.to_on >= first)))
    for unit, cell in session.connection().execute(under):
        found[unit].add(cell)
    return {unit: frozenset(of) for unit, of in found.items()}


def terms(session: Session, units: Iterable[int], on: dt.date) -> dict[int, tuple[dt.date, dt.date]]:
    """Of each unit the longest period around the day for which it has a target, where that is longer than a year."""
    t = TARGET.c
    query = sa.select(t.unit_id, t.period_from, t.period_to).where(t.unit_id.in_(list(units)), t.period_from <= on, t.period_to >= on)
    found: dict[int, tuple[dt.date, dt.date]] = {}
    for unit, first, last in session.connection().execute(query):
        known = found.get(unit)
        if (last - first).days > 366 and (known is None or last - first > known[1] - known[0]):
            found[unit] = (first, last)
    return found


def years_of(first: dt.date, last: dt.date) -> Fraction:
    """How many years a period has: in months where it begins and ends on the same day of a month, else in days."""
    end = last + dt.timedelta(days=1)
    if first.day == end.day:
        return Fraction((end.year - first.year) * 12 + end.month - first.month, 12)
    return Fraction((end - first).days * 4, 1461)


def shown_number(value: Fraction) -> str:
    """A number with as many decimal places as it needs, at most four."""
    places = next((n for n in range(4) if (value * 10 ** n).denominator == 1), 4)
    return decimal(value, places)
