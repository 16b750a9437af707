"""Who was admitted in a period, as they were on the day of the decision: by sex, union, origin, work, age, education.

What was not known on that day is counted apart and never as a no; a share is then "at least" what it says.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.judging import Ready, judges_of
from rules.nodes import ACT_ON
from rules.schema import CodeType, Field_
from rules.shape import Text
from workflow import targets, tree
from workflow.context import Actor, book_of
from workflow.exact import Figure
from workflow.models import Base
from workflow.reports import happenings, periods
from workflow.reports.model import Cell, Column, Report, Row, cases_seen, report, tops, units_seen
from workflow.reports.targets import BY, MAP
from workflow.targets import Goal
from workflow.tree import UnitOn

_T = Base.metadata.tables
PROFILE, CLOSURE, VERSION = (_T[n] for n in ("admission_profile", "unit_closure", "unit_version"))
TITLE = Text(vi="Kết nạp đảng viên", en="Admissions")
COLUMNS = (
    Column("item", Text(vi="Nội dung", en="Item"), "text"),
    Column("number", Text(vi="Số lượng", en="Number")),
    Column("share", Text(vi="Tỷ lệ", en="Share"), "percent"),
    Column("unknown", Text(vi="Chưa rõ", en="Not known")),
    Column("before", Text(vi="Cùng kỳ năm trước", en="Same period of last year")),
    Column("change", Text(vi="Tăng, giảm", en="Change")),
    Column("change_share", Text(vi="Tăng, giảm (%)", en="Change (%)"), "percent"),
)
_PART = 500
#: Degrees that count as college, university or higher; the columns of special routes begin with :data:`ROUTE`.
HIGHER = ("college", "university", "postgraduate")
ROUTE = "route_"
_COUNTED = Text(vi="Đếm từ thông tin ghi cùng quyết định kết nạp", en="Counted from what was written with the decision")
_CASES = Text(vi="Đếm từ hồ sơ ở đây", en="Counted from the cases here")
_SHARE = Text(vi="Chia cho tổng số kết nạp", en="Of all admitted")
_UNKNOWN = Text(vi="Khi quyết định chưa ghi, hoặc hồ sơ nhập từ giấy", en="Not written at the decision, or taken over from paper")
_CHANGE = Text(vi="So với cùng kỳ năm trước", en="Against the same period of last year")

Answer = Callable[[Mapping[str, Any]], bool | None]


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the report: whether somebody belongs to it, or None where that was not known."""

    key: str
    label: Text
    answer: Answer
    indent: int = 1


@dataclass(frozen=True, slots=True)
class Period:
    """The cases of one period, with what was written of each."""

    ids: tuple[int, ...]
    profiles: Mapping[int, Mapping[str, Any]]

    def split(self, answer: Answer) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Those for whom it is so, and those of whom nobody knows."""
        said = {case: answer(self.profiles[case]) if case in self.profiles else None for case in self.ids}
        return tuple(c for c, v in said.items() if v is True), tuple(c for c, v in said.items() if v is None)


@report("admissions", TITLE, period=periods.PERIOD, first=periods.FROM, last=periods.TO, map=MAP, by=BY)
def made(session: Session, actor: Actor | None, unit: UnitOn | None, on: dt.date, *, period: str, first: dt.date | None,
         last: dt.date | None, map: str, by: str) -> Report:
    """The breakdown for a unit and all below it, or for everything in sight."""
    heads = [unit] if unit is not None else tops(session, actor, on)
    ids = [head.id for head in heads]
    term = targets.terms(session, ids[:1], on).get(ids[0]) if ids else None
    start, end = periods.days_of(period, on, term, first, last)
    until = min(on, end)
    seen = cases_seen(session, actor, on)

    def of(a: dt.date, b: dt.date) -> Period:
        by_unit = targets.counted(session, ids, a, b, on, by=by, on_map=map, seen=seen)
        cases = tuple(sorted({case for found in by_unit.values() for case in found}))
        return Period(cases, profiles(session, cases))

    now, former = of(start, until), of(*periods.year_before(start, until))
    rows = [_total(now, former)]
    rows += [_row(item, now, former) for item in _items(session, on)]
    rows.append(_age(now, former))
    goal = _goal(session, heads, start, end, on, map) if len(heads) == 1 else None
    rows += [_orgs(session, actor, ids, start, until, on, map, by), *_plan(heads, goal, len(now.ids))]
    rows += _later(session, happenings.Asked(tuple(ids), on, map, seen), (start, until))
    chosen = {"period": period, "map": map, "by": by, "first": first.isoformat() if first else "", "last": last.isoformat() if last else ""}
    return Report("admissions", TITLE, unit, on, COLUMNS, tuple(rows), _NOTES, _basis(start, end, until, by, map), chosen)


_NOTES = (
    Text(vi="Người được kết nạp tính như lúc có quyết định, không theo thông tin sửa về sau.",
         en="Who was admitted is told as on the day of the decision."),
    Text(vi="Người chưa rõ được đếm riêng, không coi là “không”; khi đó tỷ lệ là mức ít nhất.",
         en="Those not known are counted apart, not as no; a share is then at least what it says."),
    Text(vi="Một người có thể thuộc nhiều diện riêng. Chuyển đi, chuyển đến chỉ tính qua ranh giới của đơn vị báo cáo.",
         en="One may belong to several special routes. Transfers count only across the border of the unit reported on."),
)


def profiles(session: Session, cases: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    """What was written with the decision of each case that stands; cases taken over from paper have nothing."""
    ids = list(cases)
    found: dict[int, Mapping[str, Any]] = {}
    for start in range(0, len(ids), _PART):
        query = (sa.select(PROFILE).where(PROFILE.c.case_id.in_(ids[start:start + _PART]), PROFILE.c.void.is_(False))
                 .order_by(PROFILE.c.id))
        for row in session.connection().execute(query).mappings():
            found[int(row["case_id"])] = dict(row)
    return found


def _items(session: Session, on: dt.date) -> Iterator[Item]:
    def flag(key: str, column: str, vi: str, en: str, indent: int = 1) -> Item:
        return Item(key, Text(vi=vi, en=en), lambda p: p[column], indent)

    def code(column: str, *wanted: str) -> Answer:
        return lambda p: None if p[column] is None else p[column] in wanted

    yield Item("women", Text(vi="Nữ", en="Women"), code("gender", "female"))
    yield flag("youth", "youth_member", "Đoàn viên thanh niên", "Members of the youth union")
    yield flag("union", "union_member", "Đoàn viên công đoàn", "Members of the trade union")
    yield flag("minority", "ethnic_minority", "Dân tộc thiểu số", "Ethnic minorities")
    yield flag("religion", "religious", "Theo tôn giáo", "Followers of a religion")
    for name, label in _codes(session, "job").items():
        yield Item(f"job:{name}", label, code("job", name))
    yield flag("private", "private_sector", "Doanh nghiệp tư nhân, có vốn nước ngoài", "Private and foreign-invested businesses")
    ready = judges_of(book_of(session)).of_rule(book_of(session).common, "STAT-YOUNG", on, ())
    if ready is not None:
        yield Item("young", ready.rule.says, _young(ready))
    for name, label in _codes(session, "edu").items():
        yield Item(f"edu:{name}", label, code("edu", name))
    yield Item("degree", Text(vi="Trình độ cao đẳng, đại học trở lên", en="College, university or higher"), code("degree", *HIGHER))
    for name, label in _codes(session, "degree").items():
        yield Item(f"degree:{name}", label, code("degree", name), 2)
    yield flag("readmitted", "former_member", "Kết nạp lại", "Re-admitted")
    routes = _routes(session)
    yield Item("route", Text(vi="Theo một diện riêng", en="By any of the special routes"), _any(tuple(routes)))
    for column, label in routes.items():
        yield flag(f"route:{column.removeprefix(ROUTE)}", column, label.vi, label.en or label.vi, 2)


def _any(columns: tuple[str, ...]) -> Answer:
    """Whether one of them is so; where none is known to be, all must be known not to be."""
    def answer(profile: Mapping[str, Any]) -> bool | None:
        said = {profile[column] for column in columns}
        return True if True in said else None if None in said else False
    return answer


def _young(ready: Ready) -> Answer:
    def answer(profile: Mapping[str, Any]) -> bool | None:
        said = ready.judge({ACT_ON: profile["decided_on"], "figure.born_on": profile["born_on"], "figure.decided_on": profile["decided_on"]})
        return None if said == "unknown" else said == "met"
    return answer


def _codes(session: Session, field: str) -> dict[str, Text]:
    """The values that the law gives a field of a profile, with what they are called."""
    type_ = _fields(session)[field].type
    return dict(type_.code) if isinstance(type_, CodeType) else {}


def _routes(session: Session) -> dict[str, Text]:
    """The special routes of which a profile tells, by their columns."""
    return {name: field.label or Text(vi=name) for name, field in _fields(session).items() if name.startswith(ROUTE)}


def _fields(session: Session) -> Mapping[str, Field_]:
    return book_of(session).processes["admission"].facts["profiles"].items or {}


def _total(now: Period, former: Period) -> Row:
    cells = {"item": Cell(Text(vi="Tổng số kết nạp", en="Admitted")), "number": Cell(len(now.ids), "counted", _CASES, cases=now.ids),
             "before": Cell(len(former.ids), "counted", _CASES, cases=former.ids)}
    return Row("total", cells | _change(len(now.ids), len(former.ids)))


def _row(item: Item, now: Period, former: Period) -> Row:
    yes, unknown = now.split(item.answer)
    was, was_unknown = former.split(item.answer)
    cells = {"item": Cell(item.label), "number": Cell(len(yes), "counted", _COUNTED, cases=yes)}
    if unknown:
        cells["unknown"] = Cell(len(unknown), "counted", _UNKNOWN, cases=unknown)
    if now.ids:
        cells["share"] = Cell(Fraction(len(yes), len(now.ids)), "derived", _SHARE, ">=" if unknown else "=")
    cells["before"] = Cell(len(was), "counted", _COUNTED, ">=" if was_unknown else "=", cases=was)
    return Row(item.key, cells | ({} if unknown or was_unknown else _change(len(yes), len(was))), item.indent)


def _change(now: int, former: int) -> dict[str, Cell]:
    cells = {"change": Cell(now - former, "derived", _CHANGE)}
    return cells | ({"change_share": Cell(Fraction(now - former, former), "derived", _CHANGE)} if former else {})


def _age(now: Period, former: Period) -> Row:
    """The mean age in years, by whole months lived on the day of the decision, of those whose birth is known."""
    cells = {"item": Cell(Text(vi="Tuổi bình quân", en="Average age"))}
    for column, of in (("number", now), ("before", former)):
        months = [_months(p["born_on"], p["decided_on"]) for p in of.profiles.values() if p["born_on"] is not None]
        if months:
            cells[column] = Cell(Fraction(sum(months), 12 * len(months)), "derived", Text(
                vi=f"Bình quân của {len(months)} người biết ngày sinh", en=f"Mean of {len(months)} whose birth is known"))
    unknown = tuple(case for case in now.ids if case not in now.profiles or now.profiles[case]["born_on"] is None)
    if unknown:
        cells["unknown"] = Cell(len(unknown), "counted", _UNKNOWN, cases=unknown)
    return Row("age", cells, 1)


def _months(born: dt.date, on: dt.date) -> int:
    return (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)


def _orgs(session: Session, actor: Actor | None, heads: list[int], first: dt.date, until: dt.date, on: dt.date, on_map: str,
          by: str) -> Row:
    """Basic organisations that admitted at least one, of all that stood there (on the new map: that stand there)."""
    day = tree.alive(CLOSURE, on) if on_map == "now" else sa.and_(
        CLOSURE.c.from_on <= until, sa.or_(CLOSURE.c.to_on.is_(None), CLOSURE.c.to_on >= first))
    kind = sa.and_(VERSION.c.unit_id == CLOSURE.c.descendant_id, VERSION.c.kind.in_(sorted(tree.BASIC)), VERSION.c.from_on <= until,
                   sa.or_(VERSION.c.to_on.is_(None), VERSION.c.to_on >= (on if on_map == "now" else first)))
    alive = VERSION.alias("alive")
    ended = ~sa.exists().where(alive.c.unit_id == CLOSURE.c.descendant_id, tree.alive(alive, on))
    query = (sa.select(CLOSURE.c.descendant_id).select_from(CLOSURE.join(VERSION, kind))
             .where(CLOSURE.c.ancestor_id.in_(heads), day, sa.or_(units_seen(session, actor, on, CLOSURE.c.descendant_id), ended)).distinct())
    basic = sorted(session.connection().scalars(query))
    found = targets.counted(session, basic, first, until, on, by=by, on_map=on_map, seen=cases_seen(session, actor, on))
    how = Text(vi=f"{len(found)} trong {len(basic)} tổ chức cơ sở đảng", en=f"{len(found)} of {len(basic)} basic organisations")
    cells = {"item": Cell(Text(vi="Tổ chức cơ sở đảng có kết nạp", en="Basic organisations that admitted")),
             "number": Cell(len(found), "derived", how)}
    if basic:
        cells["share"] = Cell(Fraction(len(found), len(basic)), "derived", how)
    return Row("organisations", cells)


def _goal(session: Session, heads: list[UnitOn], first: dt.date, last: dt.date, on: dt.date, on_map: str) -> Goal | None:
    """The target of exactly this period, else that of the year it lies in."""
    unit = heads[0].id
    whole_year = dt.date(first.year, 1, 1), dt.date(first.year, 12, 31)
    for a, b in dict.fromkeys([(first, last), whole_year if first.year == last.year else (first, last)]):
        found = targets.goals(session, [unit], a, b, on, on_map=on_map).get(unit)
        if found is not None and found.cells is None:
            return found
    return None


def _plan(heads: list[UnitOn], goal: Goal | None, number: int) -> list[Row]:
    if goal is None:
        return []
    stream = (f"unit:{heads[0].code}",)
    cells = {"item": Cell(Text(vi="Chỉ tiêu của kỳ hoặc của năm", en="Target of the period or year")),
             "number": Cell(goal.low.value, "stated" if goal.form in ("absolute", "range") else "derived", goal.how, goal.low.comparator,
                            streams=stream)}
    reached = Figure(Fraction(number)).over(goal.low)
    if reached is not None:
        cells["share"] = Cell(reached.value, "derived", Text(vi="Đã kết nạp chia cho chỉ tiêu", en="Admitted by target"), reached.comparator)
    return [Row("plan", cells)]


def _later(session: Session, asked: happenings.Asked, days: tuple[dt.date, dt.date]) -> Iterator[Row]:
    """What else happened in the period, each by its own day."""
    for line in happenings.LINES:
        now, was = line.cases(session, asked, days), line.cases(session, asked, periods.year_before(*days))
        cells = {"item": Cell(line.label), "number": Cell(len(now), "counted", line.how, cases=now),
                 "before": Cell(len(was), "counted", line.how, cases=was)}
        yield Row(line.key, cells | _change(len(now), len(was)))


def _basis(first: dt.date, last: dt.date, until: dt.date, by: str, on_map: str) -> Text:
    b, m = BY.choices[by], MAP.choices[on_map]
    to = "" if until == last else f", tính đến {until:%d/%m/%Y}"
    to_en = "" if until == last else f", up to {until:%d/%m/%Y}"
    return Text(vi=f"Kỳ {periods.text(first, last)}{to}; tính theo {b.vi}; địa bàn {m.vi}.",
                en=f"Period {periods.text(first, last)}{to_en}; counted by the {b.en}; {m.en}.")
