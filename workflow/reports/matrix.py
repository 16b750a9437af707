"""The classification of units, year by year: how many stand at each level, and how many have none."""
from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.shape import Text
from workflow import ratinglist
from workflow.context import Actor, book_of, clock_of
from workflow.ratinglist import UNIT, RatingFilter
from workflow.reports.model import Cell, Column, Option, Report, Row, report
from workflow.tree import UnitOn

TITLE = Text(vi="Xếp loại tổ chức đảng theo năm và mức", en="Classification of units by year and level")
RANKS = (4, 3, 2, 1)
_LEVEL = {4: Text(vi="Bậc 4 (cao nhất)", en="Rank 4 (highest)"), 3: Text(vi="Bậc 3", en="Rank 3"), 2: Text(vi="Bậc 2", en="Rank 2"),
          1: Text(vi="Bậc 1 (thấp nhất)", en="Rank 1 (lowest)")}
COLUMNS = (
    Column("year", Text(vi="Năm", en="Year"), "text"), Column("scheme", Text(vi="Hướng dẫn áp dụng", en="Scheme"), "text"),
    Column("rated", Text(vi="Đã xếp loại", en="Rated")), *(Column(f"rank{rank}", _LEVEL[rank]) for rank in RANKS),
    Column("missing", Text(vi="Chưa có quyết định", en="Not decided")),
)
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
    Text(vi="Theo tổ chức hiện nay, gồm cả đơn vị đã kết thúc mà đơn vị hiện nay kế thừa.",
         en="By today's organisation, with the ended units that live on in it."),
)


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
    rows = [_row(session, year, by_year[year], without[year], RatingFilter(place, year, of=of, as_of=as_of))
            for year in sorted(by_year, reverse=True)]
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
    cells["missing"] = Cell(missing, "counted", _MISSING,
                            filter=RatingFilter(wanted.unit, year, of=wanted.of, missing=True, as_of=wanted.as_of))
    return Row(str(year), cells)
