"""Targets and how far the units have come: year and term, unit by unit, with the benchmark of the law beside it."""
from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.book import Rulebook
from rules.dated import NotInForce
from rules.judging import judges_of
from rules.nodes import ACT_ON
from rules.schema import Text
from workflow import targets, tree
from workflow.access import ATTACHED
from workflow.context import Actor, book_of
from workflow.errors import BadInput
from workflow.exact import Figure, total
from workflow.inputs import shown
from workflow.models import Base
from workflow.observations import Observation, labels, observations
from workflow.reports import periods
from workflow.reports.model import Cell, Column, Kind, Option, Report, Row, cases_seen, report, tops, units_seen
from workflow.targets import maps
from workflow.targets.forms import FORMS, Goal, Members, base_days
from workflow.tree import UnitOn

_unit, _version = Base.metadata.tables["unit"], Base.metadata.tables["unit_version"]
TITLE = Text(vi="Chỉ tiêu và kết quả", en="Targets and attainment")
BY = Option(Text(vi="Tính theo ngày", en="Counted by"), {
    "decision": Text(vi="ngày quyết định", en="day of the decision"),
    "ceremony": Text(vi="ngày lễ kết nạp", en="day of the ceremony")}, parameter="tgt_counted_by")
MAP = Option(Text(vi="Địa bàn", en="Map"), {
    "then": Text(vi="theo tổ chức của ngày xảy ra", en="the organisation of the day of each act"),
    "now": Text(vi="quy về tổ chức của ngày chốt", en="rolled up to the organisation of the cut-off day")})
YEAR = Option(Text(vi="Năm", en="Year"))
INDICATOR = Option(Text(vi="Chỉ tiêu", en="Indicator"), {
    "admissions": Text(vi="kết nạp đảng viên", en="admissions"), "recognitions": Text(vi="công nhận chính thức", en="recognitions")})
COLUMNS = (
    Column("unit", Text(vi="Đơn vị", en="Unit"), "text"),
    Column("period", Text(vi="Kỳ", en="Period"), "text"),
    Column("form", Text(vi="Dạng chỉ tiêu", en="Form"), "text"),
    Column("target", Text(vi="Chỉ tiêu", en="Target")),
    Column("target_max", Text(vi="Đến", en="Up to")),
    Column("counted", Text(vi="Đã đạt (đếm)", en="Attained (counted)")),
    Column("ratio", Text(vi="Tỷ lệ đạt", en="Ratio"), "percent"),
    Column("remaining", Text(vi="Còn lại", en="Remaining")),
    Column("stated", Text(vi="Số liệu nêu", en="Stated figure")),
    Column("ratio_stated", Text(vi="Tỷ lệ theo số nêu", en="Ratio of the stated figure"), "percent"),
    Column("rate", Text(vi="So với số đảng viên", en="Of the members"), "percent"),
    Column("benchmark", Text(vi="Mốc đối chiếu", en="Benchmark"), "text"),
)
_COUNTED = Text(vi="Đếm từ hồ sơ ở đây", en="Counted from the cases here")
_RATIO = Text(vi="Đã đạt chia cho chỉ tiêu; của nhiều đơn vị là tỷ số của các tổng", en="Attained by target; of several units the ratio of sums")
_REMAINING = Text(vi="Chỉ tiêu trừ đã đạt", en="Target less attained")
_WORDS = {"met": Text(vi="trong khoảng", en="within"), "below": Text(vi="dưới khoảng", en="below"), "above": Text(vi="trên khoảng", en="above")}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a table of targets is made for."""

    on: dt.date
    first: dt.date
    last: dt.date
    indicator: str
    by: str
    on_map: str
    term: bool

    @property
    def until(self) -> dt.date:
        return min(self.on, self.last)


@report("targets", TITLE, year=YEAR, map=MAP, by=BY, indicator=INDICATOR)
def made(session: Session, actor: Actor | None, unit: UnitOn | None, on: dt.date, *, year: str, map: str, by: str,
         indicator: str) -> Report:
    """The unit and those directly below it; without a unit the topmost in sight and those below."""
    if (indicator, by) not in maps.STEPS:
        raise BadInput("Chỉ tiêu này không có ngày lễ; hãy tính theo ngày quyết định.", "by")
    day = on if unit is None or unit.to_on is None else min(on, unit.to_on)
    asked = Asked(on, *of_year(year, day), indicator, by, map, False)
    heads = [unit] if unit is not None else tops(session, actor, on)
    rows: list[Row] = []
    for head in heads:
        rows += _of(session, actor, head, asked)
        term = _term(session, head, asked, min(day, asked.last))
        if term is not None:
            rows += _of(session, actor, head, replace(asked, first=term[0], last=term[1], term=True))
    whose = labels(session).get(indicator)
    return Report("targets", TITLE, unit, on, COLUMNS, tuple(rows), _notes(whose), _basis(by, map),
                  {"year": str(asked.first.year), "map": map, "by": by, "indicator": indicator})


def _term(session: Session, head: UnitOn, asked: Asked, day: dt.date) -> tuple[dt.date, dt.date] | None:
    """The term that the unit's targets name; where it has none, the one that most of those below name."""
    lower = maps.below(session, head.id, asked.first, asked.until, asked.on, asked.on_map)
    known = targets.terms(session, [head.id, *lower], day)
    if head.id in known or not known:
        return known.get(head.id)
    named = Counter(known.values())
    return max(named, key=lambda term: (named[term], term))


def of_year(text: str, on: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the year asked for, by default that of the day."""
    if text and not (len(text) == 4 and text.isascii() and text.isdigit() and 1930 <= int(text) <= 2200):
        raise BadInput("Năm viết bằng bốn chữ số.", "year")
    year = int(text) if text else on.year
    return dt.date(year, 1, 1), dt.date(year, 12, 31)


def _of(session: Session, actor: Actor | None, head: UnitOn, asked: Asked) -> list[Row]:
    """The rows of a unit, of those below it, and of these together, for one period."""
    lower = maps.below(session, head.id, asked.first, asked.until, asked.on, asked.on_map)
    named = names_on(session, actor, [head.id, *lower], asked.on)
    lower = [unit for unit in lower if unit in named and unit != head.id]
    everyone = [head.id, *sorted(lower, key=lambda u: (named[u].sort, u))]
    goals = targets.goals(session, everyone, asked.first, asked.last, asked.on, indicator=asked.indicator, on_map=asked.on_map)
    cases = maps.counted(session, _and_cells(everyone, goals), asked.first, asked.until, asked.on, indicator=asked.indicator, by=asked.by,
                         on_map=asked.on_map, seen=cases_seen(session, actor, asked.on))
    told = _stated(session, everyone, asked)
    known = {} if asked.term or asked.indicator != "admissions" else _members(session, everyone, asked)
    lines = tree.lines(session, known, asked.until)
    figures = [_Line(unit, named[unit], asked, goals.get(unit), cases, told.get(unit), known.get(unit),
                     lines[unit].codes if unit in lines else ()) for unit in everyone]
    rows = [line.row(session, 0 if line.unit == head.id else 1) for line in figures if line.says_something or line.unit == head.id]
    with_target = [line for line in figures[1:] if line.goal is not None and line.goal.cells is None]
    if with_target:
        rows.append(_together(head, asked, with_target, len(lower) - len(with_target)))
    if silent := sum(not line.says_something for line in figures[1:]):
        rows.append(Row(f"{head.code}:{'term' if asked.term else 'year'}:silent", {
            "unit": Cell(Text(vi=f"{silent} đơn vị trực thuộc không có chỉ tiêu và chưa có kết quả",
                              en=f"{silent} units below without a target and without a result")),
            "period": Cell(periods.text(asked.first, asked.last))}, 1, head.id))
    return rows


@dataclass(frozen=True, slots=True)
class Named:
    """What a unit is called, and its place in a register."""

    code: str
    name: str
    sort: str


def names_on(session: Session, actor: Actor | None, units: Iterable[int], on: dt.date) -> dict[int, Named]:
    """Code and name of each unit in sight, as on the day or as it was last before; the first is always in sight."""
    head, *rest = ids = list(units)
    last = (sa.select(_version.c.unit_id, sa.func.max(_version.c.from_on).label("from_on"))
            .where(_version.c.unit_id.in_(ids), _version.c.from_on <= on).group_by(_version.c.unit_id).subquery())
    query = (sa.select(_unit.c.id, _unit.c.code, _version.c.name, _version.c.sort_key)
             .select_from(_version.join(last, sa.and_(last.c.unit_id == _version.c.unit_id, last.c.from_on == _version.c.from_on))
                          .join(_unit, _unit.c.id == _version.c.unit_id)))
    alive = _version.alias("alive")
    ended = ~sa.exists().where(alive.c.unit_id == _unit.c.id, tree.alive(alive, on))
    # Who sees a committee sees what once stood below it: an ended unit has no place in today's tree.
    seen = sa.or_(units_seen(session, actor, on, _unit.c.id), ended)
    query = query.where(sa.or_(_unit.c.id == head, sa.and_(_version.c.kind.not_in(ATTACHED), seen)))
    return {key: Named(code, name, sort) for key, code, name, sort in session.connection().execute(query)}


def _and_cells(units: list[int], goals: Mapping[int, Goal]) -> list[int]:
    return list(dict.fromkeys([*units, *(cell for goal in goals.values() for cell in sorted(goal.cells or ()))]))


def _stated(session: Session, units: list[int], asked: Asked) -> dict[int, Observation]:
    """Of several statements of a period the one entered last."""
    found = observations(session, units=units, indicator=asked.indicator, period_from=asked.first, period_to=asked.last)
    return {one.unit_id: one for one in sorted(found, key=lambda o: o.id)}


def _members(session: Session, units: list[int], asked: Asked) -> dict[int, Members]:
    days = base_days(session, units, asked.first.year)
    found: dict[int, Members] = {}
    for day in sorted(set(days.values())):
        found |= targets.members(session, [u for u, d in days.items() if d == day], day)
    return found


@dataclass(frozen=True, slots=True)
class _Line:
    """One unit in one period."""

    unit: int
    named: Named
    asked: Asked
    goal: Goal | None
    cases: Mapping[int, tuple[int, ...]]
    told: Observation | None
    members: Members | None
    codes: tuple[str, ...]

    @property
    def says_something(self) -> bool:
        """Whether there is anything to tell: a target, a stated figure or a case."""
        return self.goal is not None or self.told is not None or bool(self.cases.get(self.unit))

    @property
    def attained(self) -> tuple[int, tuple[int, ...]]:
        """The figure that is compared with the target, and the cases behind it: of "every cell" the cells that admitted."""
        if self.goal is not None and self.goal.cells is not None:
            met = [cell for cell in sorted(self.goal.cells) if self.cases.get(cell)]
            return len(met), tuple(sorted(case for cell in met for case in self.cases[cell]))
        ids = self.cases.get(self.unit, ())
        return len(ids), ids

    def row(self, session: Session, indent: int) -> Row:
        asked, goal = self.asked, self.goal
        stream = (f"unit:{self.named.code}",)
        number, ids = self.attained
        cells = {"unit": Cell(f"{self.named.name} [{self.named.code}]"), "period": Cell(periods.text(asked.first, asked.last))}
        plain = goal is None or goal.cells is None
        kind: Kind
        cells["counted"] = Cell(number, "counted" if plain else "derived", _COUNTED if plain else Text(
            vi="Số chi bộ có nguồn đã kết nạp được người", en="Cells with a source that admitted somebody"), cases=ids if plain else None)
        if goal is not None:
            kind = "stated" if goal.form in ("absolute", "range") or goal.how is FORMS[goal.form] else "derived"
            paper = Text(vi=f"{goal.how.vi}. {goal.paper}", en=f"{goal.how.en}. {goal.paper}") if goal.paper else goal.how
            cells["form"] = Cell(FORMS[goal.form])
            cells["target"] = Cell(goal.low.value, kind, paper, goal.low.comparator, streams=stream)
            if goal.high is not None:
                cells["target_max"] = Cell(goal.high, kind, paper, streams=stream)
            cells |= compared(Figure(Fraction(number)), goal.low, "ratio")
            cells["remaining"] = Cell(max(goal.low.value - number, Fraction(0)), "derived", _REMAINING, goal.low.comparator)
        if self.told is not None:
            source = Text(vi=f"Nguồn: {self.told.source}", en=f"Source: {self.told.source}")
            cells["stated"] = Cell(self.told.value, "stated", source, self.told.figure.comparator, streams=stream)
            if goal is not None and goal.cells is None:
                cells |= compared(self.told.figure, goal.low, "ratio_stated")
        if self.members is not None:
            cells |= self._rate(session, len(self.cases.get(self.unit, ())))
        return Row(f"{self.named.code}:{'term' if asked.term else 'year'}", cells, indent, self.unit)

    def _rate(self, session: Session, admitted: int) -> dict[str, Cell]:
        """Admitted of the members at the base, and on which side of the benchmark that lies; never an error."""
        assert self.members is not None
        of = self.members.figure
        found = Figure(Fraction(admitted)).over(of)
        if found is None:
            return {}
        own = "" if self.members.own else " (cộng các chi bộ)"
        how = Text(vi=f"{admitted} trên {int(of.value)} đảng viên, số liệu {shown(self.members.as_of)}{own}",
                   en=f"{admitted} of {int(of.value)} members as of {shown(self.members.as_of)}")
        cells = {"rate": Cell(found.value, "derived", how, found.comparator)}
        mark = benchmark(book_of(session), self.codes, self.asked.until, admitted, of)
        return cells | ({"benchmark": mark} if mark else {})


def benchmark(book: Rulebook, codes: tuple[str, ...], on: dt.date, admitted: int, members: Figure) -> Cell | None:
    """On which side of the law's yearly rate a unit lies, ``codes`` being those from it to the root; None on days for
    which the law gives no rate."""
    ready = judges_of(book).of_rule(book.common, "TGT-RATE", on, codes)
    if ready is None:
        return None
    facts = {ACT_ON: on, "figure.indicator": "admissions", "figure.admitted": admitted, "figure.members": int(members.value)}
    try:
        low, high = (book.value(name, on, codes).value for name in ("tgt_rate_low", "tgt_rate_high"))
    except NotInForce:
        return None
    rate = Figure(Fraction(admitted)).over(members)
    if rate is None or not _settled(rate, Fraction(low, 100), Fraction(high, 100)):
        return None
    side = "met" if ready.judge(facts) == "met" else "below" if rate.value * 100 < low else "above"
    says, word = ready.rule.says, _WORDS[side]
    how = Text(vi=f"{says.vi} ({', '.join(map(str, ready.cites))}); chỉ để đối chiếu", en=f"{says.en} (advisory)")
    return Cell(Text(vi=f"{word.vi} {low}–{high} %", en=f"{word.en} {low}–{high} %"), "derived", how)


def _settled(rate: Figure, low: Fraction, high: Fraction) -> bool:
    """Whether the side is certain: what is "at most" a number above the range may still lie within it."""
    if rate.comparator == "=":
        return True
    return rate.value > high if rate.comparator in (">", ">=") else rate.value < low


def compared(reached: Figure, target: Figure, column: str) -> dict[str, Cell]:
    """The cell of a ratio, with the word that goes before it; nothing where the target is nothing."""
    found = reached.over(target)
    return {} if found is None else {column: Cell(found.value, "derived", _RATIO, found.comparator)}


def _together(head: UnitOn, asked: Asked, lines: list[_Line], without: int) -> Row:
    """The units below that have a target, as a ratio of sums; how many have none is said, they are left out."""
    goal = total([line.goal.low for line in lines if line.goal is not None])
    ids = tuple(sorted({case for line in lines for case in line.attained[1]}))
    number = sum(line.attained[0] for line in lines)
    label = Text(vi=f"Cộng {len(lines)} đơn vị trực thuộc có chỉ tiêu" + (f"; {without} đơn vị không có, không tính" if without else ""),
                 en=f"{len(lines)} units below with a target together" + (f"; {without} without one left out" if without else ""))
    cells = {"unit": Cell(label), "period": Cell(periods.text(asked.first, asked.last)),
             "counted": Cell(number, "counted", _COUNTED, cases=ids)}
    if goal is not None:
        cells["target"] = Cell(goal.value, "derived", Text(vi="Tổng các chỉ tiêu", en="Sum of the targets"), goal.comparator)
        cells |= compared(Figure(Fraction(number)), goal, "ratio")
        cells["remaining"] = Cell(max(goal.value - number, Fraction(0)), "derived", _REMAINING, goal.comparator)
    return Row(f"{head.code}:{'term' if asked.term else 'year'}:below", cells, 1, head.id)


def _basis(by: str, on_map: str) -> Text:
    b, m = BY.choices[by], MAP.choices[on_map]
    return Text(vi=f"Tính theo {b.vi}; địa bàn {m.vi}.", en=f"Counted by the {b.en}; {m.en}.")


def _notes(indicator: Text | None) -> tuple[Text, ...]:
    what = () if indicator is None else (Text(vi=f"Chỉ tiêu: {indicator.vi}.", en=f"Indicator: {indicator.en}."),)
    return (*what,
            Text(vi="Số đếm và số nêu là hai con số, không cộng với nhau.", en="Counted and stated figures are two, and are not added up."),
            Text(vi="Mốc đối chiếu của nghị quyết chỉ để tham khảo.", en="The benchmark of the resolution is advisory."))
