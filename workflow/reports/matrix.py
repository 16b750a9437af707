"""The classification of units, year by year: how many stand at each level, and how many have none.

Beside each year stands the benchmark of the resolution, of which neither side is an error.
"""
from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.dated import NotInForce
from rules.judging import judges_of
from rules.nodes import ACT_ON
from rules.shape import Text
from workflow import ratinglist, tree
from workflow.context import Actor, book_of, clock_of
from workflow.models import Base
from workflow.ratinglist import RATING, UNIT, RatingFilter
from workflow.reports.model import Cell, Column, Option, Report, Row, report
from workflow.tree import UnitOn

COUNT = Base.metadata.tables["rating_count"]
TITLE = Text(vi="Xếp loại tổ chức đảng theo năm và mức", en="Classification of units by year and level")
RANKS = (4, 3, 2, 1)
_LEVEL = {4: Text(vi="Bậc 4 (cao nhất)", en="Rank 4 (highest)"), 3: Text(vi="Bậc 3", en="Rank 3"), 2: Text(vi="Bậc 2", en="Rank 2"),
          1: Text(vi="Bậc 1 (thấp nhất)", en="Rank 1 (lowest)")}
COLUMNS = (
    Column("year", Text(vi="Năm", en="Year"), "text"), Column("scheme", Text(vi="Hướng dẫn áp dụng", en="Scheme"), "text"),
    Column("rated", Text(vi="Đã xếp loại", en="Rated")), *(Column(f"rank{rank}", _LEVEL[rank]) for rank in RANKS),
    Column("missing", Text(vi="Chưa có quyết định", en="Not decided")),
    Column("good", Text(vi="Bậc 3 trở lên", en="Rank 3 or higher"), "percent"),
    Column("benchmark", Text(vi="Mốc đối chiếu (tổ chức cơ sở đảng)", en="Benchmark (basic organisations)"), "text"),
    Column("members_good", Text(vi="Đảng viên ở bậc 3 trở lên", en="Members at rank 3 or higher"), "percent"),
    Column("members_benchmark", Text(vi="Mốc đối chiếu (đảng viên)", en="Benchmark (members)"), "text"),
)
#: From this rank a level is "completed tasks well" or better, in each scheme.
GOOD = 3
_OF = Option(Text(vi="Loại tổ chức", en="Units"), {
    "all": Text(vi="Tất cả", en="All"), "base": Text(vi="Tổ chức cơ sở đảng", en="Basic organisations"),
    "cell": Text(vi="Chi bộ", en="Cells")})
_RATED = Text(vi="Đơn vị đã có quyết định xếp loại năm vào ngày chốt", en="Units whose yearly rating was decided by the cut-off day")
_MISSING = Text(vi="Đơn vị hoạt động cuối năm chưa có quyết định xếp loại", en="Units living at the end of the year without a decided rating")
_NOTES = (
    Text(vi="Bậc 1–4 là quy đổi của phần mềm để lọc và vẽ biểu đồ, không phải mức tương đương theo quy định. Mức của các hướng dẫn khác "
            "nhau không so sánh trực tiếp: mức cao nhất trước 2018 không bị khống chế tỷ lệ như mức hoàn thành xuất sắc.",
         en="Ranks 1–4 are this software's, for filters and charts, and no legal equivalence. Levels of different schemes are not "
            "directly comparable: the highest level before 2018 had no ceiling like the one since."),
    Text(vi="Theo tổ chức hiện nay, gồm cả đơn vị đã kết thúc mà đơn vị hiện nay kế thừa; của đơn vị đã kết thúc thì theo ngày cuối cùng của nó.",
         en="By today's organisation, with the ended units that live on in it; of a unit that has ended, by its last day."),
    Text(vi="Mốc của nghị quyết chỉ để đối chiếu, không phải điều kiện; tính trên số đã xếp loại, không tính đơn vị chưa có quyết định.",
         en="The benchmark of the resolution is advisory; it is taken of those rated, without units not decided."),
)


@dataclass(frozen=True, slots=True)
class Good:
    """How many were rated in a year, and how many of them good or better."""

    good: int
    rated: int
    #: Of members: the units that tell of theirs.
    units: int = 0


@report("ratings", TITLE, of=_OF)
def ratings(session: Session, actor: Actor | None, unit: UnitOn | None, on: dt.date, *, of: str) -> Report:
    """A line for each year that has any rating, with the level as printed beside each number."""
    place = unit.id if unit else None
    as_of = on if on < clock_of(session).today() else None
    found = ratinglist.counts(session, actor, RatingFilter(place, of=of, as_of=as_of))
    by_year: dict[int, list[tuple[str, int, str, int]]] = defaultdict(list)
    for year, *rest in found:
        by_year[year].append(tuple(rest))  # type: ignore[arg-type]
    without = _without(session, actor, place, of, as_of, sorted(by_year))
    basic = _good(found if of == "base" else ratinglist.counts(session, actor, RatingFilter(place, of="base", as_of=as_of)))
    members = _members(session, actor, RatingFilter(place, as_of=as_of))
    rows = []
    for year in sorted(by_year, reverse=True):
        row = _row(session, year, by_year[year], without[year], RatingFilter(place, year, of=of, as_of=as_of))
        rows.append(Row(row.key, {**row.cells, **_beside(session, unit, min(dt.date(year, 12, 31), on), basic.get(year), members.get(year))}))
    return Report("ratings", TITLE, unit, on, COLUMNS, tuple(rows), _NOTES, options={"of": of})


def _without(session: Session, actor: Actor | None, unit: int | None, of: str, as_of: dt.date | None,
             years: Sequence[int]) -> Mapping[int, int]:
    """How many units of each year have no rating; one statement for all years."""
    if not years:
        return {}
    each = [sa.func.count(sa.case((ratinglist.without(session, actor, RatingFilter(unit, year, of=of, missing=True, as_of=as_of)), 1)))
            for year in years]
    row = session.connection().execute(sa.select(*each).select_from(UNIT)).one()
    return {year: int(number) for year, number in zip(years, row, strict=True)}


def _row(session: Session, year: int, found: Sequence[tuple[str, int, str, int]], missing: int, wanted: RatingFilter) -> Row:
    schemes = book_of(session).schemes
    told = sorted({scheme for scheme, *_ in found})
    cells = {"year": Cell(str(year)), "scheme": Cell(", ".join(schemes[s].label.vi if s in schemes else s for s in told)),
             "rated": Cell(sum(number for *_, number in found), "counted", _RATED, filter=wanted)}
    for rank in RANKS:
        of = [(label, number) for _scheme, r, label, number in found if r == rank]
        names = ", ".join(sorted({label for label, _ in of}))
        how = Text(vi=f"Mức trong quyết định: {names}", en=f"Level as printed: {names}") if names else _RATED
        cells[f"rank{rank}"] = Cell(sum(number for _, number in of), "counted", how,
                                    filter=RatingFilter(wanted.unit, year, of=wanted.of, rank=rank, as_of=wanted.as_of))
    rated, good = (sum(n for _, r, _, n in found if r >= least) for least in (0, GOOD))
    cells["good"] = Cell(Fraction(good, rated), "derived", Text(
        vi=f"{good} trên {rated} đơn vị đã xếp loại", en=f"{good} of {rated} units rated"))
    cells["missing"] = Cell(missing, "counted", _MISSING,
                            filter=RatingFilter(wanted.unit, year, of=wanted.of, missing=True, as_of=wanted.as_of))
    return Row(str(year), cells)


def _good(found: Sequence[tuple[int, str, int, str, int]]) -> dict[int, Good]:
    of: dict[int, Good] = {}
    for year, _scheme, rank, _label, number in found:
        known = of.get(year, Good(0, 0))
        of[year] = Good(known.good + number * (rank >= GOOD), known.rated + number)
    return of


def _members(session: Session, actor: Actor | None, wanted: RatingFilter) -> dict[int, Good]:
    """The members of whom the ratings tell the levels, year by year; one statement."""
    year = sa.extract("year", RATING.c.period_to)
    query = (sa.select(year, RATING.c.scheme, RATING.c.id, COUNT.c.code, COUNT.c.number)
             .select_from(COUNT.join(RATING, RATING.c.id == COUNT.c.rating_id))
             .where(COUNT.c.kind == "level", ratinglist.condition(session, actor, wanted)))
    schemes, told = book_of(session).schemes, defaultdict[int, set[int]](set)
    levels: list[tuple[int, str, int, str, int]] = []
    for y, scheme, rating, code, number in session.connection().execute(query):
        level = schemes[scheme].members.get(code) if scheme in schemes else None
        if level is not None:
            told[int(y)].add(rating)
            levels.append((int(y), scheme, level.rank, code, int(number)))
    return {y: Good(found.good, found.rated, len(told[y])) for y, found in _good(levels).items() if found.rated}


def _beside(session: Session, unit: UnitOn | None, on: dt.date, basic: Good | None, members: Good | None) -> dict[str, Cell]:
    """The cells of the benchmark, and the share of members; nothing where there is nothing to compare."""
    cells: dict[str, Cell] = {}
    if basic is not None:
        of = Text(vi=f"{basic.good} trên {basic.rated} tổ chức cơ sở đảng đã xếp loại", en=f"{basic.good} of {basic.rated} basic organisations rated")
        cells |= _mark(session, unit, on, basic, of, "benchmark")
    if members is not None:
        of = Text(vi=f"{members.good} trên {members.rated} đảng viên đã xếp loại, của {members.units} đơn vị có nhập số đảng viên theo mức",
                  en=f"{members.good} of {members.rated} members rated, of the {members.units} units that tell of theirs")
        cells["members_good"] = Cell(Fraction(members.good, members.rated), "derived", of)
        cells |= _mark(session, unit, on, members, of, "members_benchmark")
    return cells


def _mark(session: Session, unit: UnitOn | None, on: dt.date, found: Good, of: Text, column: str) -> dict[str, Cell]:
    """On which side of the law's share a year lies; nothing on days for which the law names none."""
    book = book_of(session)
    line = tree.line(session, unit.id, min(on, unit.to_on or on)) if unit is not None else None
    codes = line.codes if line is not None else ()
    ready = judges_of(book).of_rule(book.common, "TGT-GOOD", on, codes)
    if ready is None:
        return {}
    try:
        share = book.value("tgt_good", on, codes).value
    except NotInForce:
        return {}
    met = ready.judge({ACT_ON: on, "figure.good": found.good, "figure.rated": found.rated}) == "met"
    says, cited = ready.rule.says, ", ".join(map(str, ready.cites))
    how = Text(vi=f"{of.vi}. {says.vi} ({cited}); chỉ để đối chiếu", en=f"{of.en}. {says.en} ({cited}); advisory")
    word = Text(vi=f"trên {share} %", en=f"over {share} %") if met else Text(vi=f"chưa trên {share} %", en=f"not over {share} %")
    return {column: Cell(word, "derived", how)}
