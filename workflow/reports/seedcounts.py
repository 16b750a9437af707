"""Where the figures of this home come from: registers that are read, and rows that are counted, for a figure of an article.

What is counted of rows that were only made up to reach a number of the article is no evidence: it shows the counting,
and the figure is called *stated*.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import tree
from workflow.models import Base
from workflow.reports.model import Kind
from workflow.reports.seedfigures import Figure
from workflow.reports.seedvalues import Quantity, Value, quantity

_TABLES = Base.metadata.tables
UNIT, VERSION, RATING, STATEMENT, TARGET, CASE, PLAN, PAPER, CADRE, TEAM, INDICATOR, CRITERIA = (
    _TABLES[n] for n in ("unit", "unit_version", "rating", "statement", "target", "case", "plan_version", "paper", "cadre", "team_member",
                         "indicator", "criteria_set"))
#: What every row says of itself that was made up to reach a number.
GENERATED = "dữ liệu tạo để minh họa"


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure of this home: its value, what kind of figure it is, and how it was come by."""

    value: Value | None
    kind: Kind
    how: str


#: Unit, indicator and source -> rows of the register of observations.
Register = dict[tuple[str, str, str], list[Mapping[str, Any]]]


def count(session: Session, figure: Figure) -> Finding:
    """What the registers hold for a counted figure. ``given`` is the name of a counter and what it needs."""
    (name, given), = figure.given.items()
    return _COUNTERS[name](session, given, figure.value)


def register(session: Session, sources: Iterable[str]) -> Register:
    """What the register of observations keeps of these sources, in one statement."""
    found: Register = {}
    query = sa.select(UNIT.c.code, STATEMENT).join(UNIT, UNIT.c.id == STATEMENT.c.unit_id).where(STATEMENT.c.source.in_(list(sources)))
    for row in session.connection().execute(query.order_by(STATEMENT.c.id)).mappings():
        found.setdefault((row["code"], row["indicator"], row["source"]), []).append(dict(row))
    return found


def stated(kept: Register, figure: Figure) -> Finding:
    """What the register of observations keeps of a stated figure."""
    unit, indicator, first, last = figure.home()
    how = f"bài nêu; lưu kèm nguồn trong sổ số liệu của {unit}, {_period(first, last)}"
    rows = kept.get((unit, indicator, figure.article.source), [])
    if isinstance(figure.told(), dt.date):
        return Finding(rows[0]["period_from"] if rows else None, "stated", how)
    row = next((r for r in rows if (r["period_from"], r["period_to"]) == (first, last)), None)
    if row is None or row["note"] is not None:
        return Finding(row["note"] if row else None, "stated", how)
    return Finding(_scaled(row, "value", row["measure"], exact=figure.exact), "stated", how)


def _units(session: Session, given: Mapping[str, Any], printed: Value | None) -> Finding:
    day, top = given["day"], tree.unit_id(session, given["below"])
    query = (sa.select(VERSION.c.paper).where(VERSION.c.kind.in_(given["kinds"]), tree.alive(VERSION, day),
                                              tree.within(VERSION.c.unit_id, top or 0, day)))
    papers = session.connection().scalars(query).all()
    kinds = ", ".join(given["kinds"])
    return _counted(papers, f"đếm đơn vị loại {kinds} dưới {given['below']} ngày {day:%d/%m/%Y}", printed)


def _ratings(session: Session, given: Mapping[str, Any], printed: Value | None) -> Finding:
    first, last = dt.date(given["year"], 1, 1), dt.date(given["year"], 12, 31)
    top = tree.unit_id(session, given["below"])
    query = sa.select(RATING.c.paper).where(
        RATING.c.kind == "year", RATING.c.period_from == first, RATING.c.period_to == last, RATING.c.state == "decided",
        RATING.c.rank.in_(given["ranks"]), tree.within(RATING.c.unit_id, top or 0, last))
    papers = session.connection().scalars(query).all()
    ranks = ", ".join(str(rank) for rank in given["ranks"])
    return _counted(papers, f"đếm kết quả phân loại năm {given['year']} ở bậc {ranks} của các đơn vị dưới {given['below']}", printed)


def _counted(papers: Any, how: str, printed: Value | None) -> Finding:
    made_up = sum(1 for paper in papers if paper == GENERATED)
    measure = printed.measure if isinstance(printed, Quantity) else ""
    if not made_up:
        return Finding(quantity(len(papers), measure=measure), "counted", how)
    more = (f"{how}: {len(papers)} dòng, trong đó {made_up} dòng được tạo cho khớp số của bài, nên chỉ cho thấy cách đếm chứ không chứng minh gì; "
            "số này là số bài nêu")
    return Finding(quantity(len(papers), measure=measure), "stated", more)


def _rating(session: Session, given: Mapping[str, Any], printed: Value | None) -> Finding:
    last = dt.date(given["year"], 12, 31)
    query = (sa.select(RATING).join(UNIT, UNIT.c.id == RATING.c.unit_id)
             .where(UNIT.c.code == given["unit"], RATING.c.kind == "year", RATING.c.period_to == last, RATING.c.state == "decided"))
    row = session.connection().execute(query).mappings().first()
    if given["show"] == "rank":
        how = f"bậc quy về từ nhãn của kết quả năm {given['year']} trong sổ xếp loại; quy ước để so ngưỡng, không phải nhãn của văn bản"
        return Finding(quantity(row["rank"], measure="bậc") if row else None, "derived", how)
    how = f"nhãn in trong bài, lưu trong sổ xếp loại của {given['unit']} năm {given['year']}" + (f" theo {row['scheme']}" if row else "")
    return Finding(row["label"] if row else None, "stated", how)


def _plan(session: Session, given: Mapping[str, Any], printed: Value | None) -> Finding:
    case = _case(given["unit"])
    show = given["show"]
    if show == "number":
        number = session.connection().scalar(sa.select(PAPER.c.number).where(PAPER.c.case_id == case, PAPER.c.kind == "consolidation_plan"))
        return Finding(f"Kế hoạch số {number}" if number else None, "stated", f"số văn bản kế hoạch trong hồ sơ củng cố của {given['unit']}")
    issued = session.connection().scalar(sa.select(PLAN.c.issued_on).where(PLAN.c.case_id == case, PLAN.c.no == 1))
    how = f"ngày ban hành bản kế hoạch thứ nhất trong hồ sơ củng cố của {given['unit']}"
    if show == "year":
        return Finding(f"năm {issued.year}" if issued else None, "derived", f"năm của {how}")
    return Finding(issued, "stated", how)


def _cadres(session: Session, given: Mapping[str, Any], printed: Value | None) -> Finding:
    query = sa.select(sa.func.count()).select_from(CADRE).where(CADRE.c.case_id == _case(given["unit"]))
    how = f"đếm cán bộ tăng cường trong hồ sơ củng cố của {given['unit']}"
    if "post" in given:
        query, how = query.where(CADRE.c.post == given["post"]), f"{how} giữ chức {given['post']}"
    measure = printed.measure if isinstance(printed, Quantity) else ""
    return Finding(quantity(session.connection().scalar(query) or 0, measure=measure), "counted", f"{how}; chức vụ theo bài, người là hư cấu")


def _teams(session: Session, given: Mapping[str, Any], printed: Value | None) -> Finding:
    query = sa.select(sa.func.count(sa.distinct(TEAM.c.case_id))).where(TEAM.c.case_id == _case(given["unit"]))
    return Finding(quantity(session.connection().scalar(query) or 0, measure="tổ"), "counted",
                   f"đếm hồ sơ củng cố của {given['unit']} có tổ công tác; thành viên là hư cấu")


def _indicator(session: Session, given: Mapping[str, Any], printed: Value | None) -> Finding:
    query = sa.select(INDICATOR).where(INDICATOR.c.case_id == _case(given["unit"]), INDICATOR.c.name == given["name"])
    row = session.connection().execute(query).mappings().first()
    how = f"chỉ số “{given['name']}” của kế hoạch củng cố {given['unit']}, ghi theo bài"
    if given.get("show") == "fall":
        kind = _CHANGES.get(row["change_kind"], "") if row else ""
        fall = _scaled(dict(row, change=-row["change"]), "change", "%") if row and row["change"] is not None else None
        return Finding(fall, "stated", f"mức giảm của {how}{kind}")
    return Finding(_scaled(row, "value", row["unit"]) if row else None, "stated", how)


_CHANGES = {"points": " (tính theo điểm phần trăm)", "relative": " (tính tương đối)", "unclear": " (không rõ là điểm phần trăm hay tương đối)"}


def _criteria(session: Session, given: Mapping[str, Any], printed: Value | None) -> Finding:
    row = session.connection().execute(sa.select(CRITERIA).where(CRITERIA.c.case_id == _case(given["unit"]))).mappings().first()
    how = f"bộ tiêu chí trong hồ sơ củng cố của {given['unit']}, ghi theo bài"
    return Finding(quantity(row[given["show"]], measure="tiêu chí") if row else None, "stated", how)


def _target(session: Session, given: Mapping[str, Any], printed: Value | None) -> Finding:
    query = (sa.select(TARGET.c.value).join(UNIT, UNIT.c.id == TARGET.c.unit_id)
             .where(UNIT.c.code == given["unit"], TARGET.c.indicator == given["indicator"], TARGET.c.period_from == given["from"],
                    TARGET.c.period_to == given["to"]))
    value = session.connection().scalar(query)
    measure = printed.measure if isinstance(printed, Quantity) else ""
    return Finding(quantity(value, measure=measure) if value is not None else None, "stated",
                   f"chỉ tiêu của {given['unit']} trong sổ chỉ tiêu, {_period(given['from'], given['to'])}")


_Counter = Callable[[Session, Mapping[str, Any], Value | None], Finding]
_COUNTERS: dict[str, _Counter] = {
    "units": _units, "ratings": _ratings, "rating": _rating, "plan": _plan, "cadres": _cadres, "teams": _teams,
    "indicator": _indicator, "criteria": _criteria, "target": _target}


def _case(unit: str) -> Any:
    """The newest consolidation of a unit."""
    return (sa.select(sa.func.max(CASE.c.id)).join(UNIT, UNIT.c.id == CASE.c.subject_unit_id)
            .where(CASE.c.process == "consolidation", UNIT.c.code == unit).scalar_subquery())


def _scaled(row: Any, column: str, measure: str | None, *, exact: bool = False) -> Quantity | None:
    """A number of a row that keeps whole numbers and their scale."""
    if row[column] is None:
        return None
    scale = row["scale"] or 0
    return quantity(Fraction(row[column], 10 ** scale), (row["comparator"] or "=") if column == "value" else "=", measure or "", scale,
                    rounded=False if exact else None)


def _period(first: dt.date, last: dt.date) -> str:
    if first == last:
        return f"ngày {first:%d/%m/%Y}"
    whole = (first.month, first.day, last.month, last.day) == (1, 1, 12, 31)
    if whole:
        return f"năm {first.year}" if first.year == last.year else f"{first.year} - {last.year}"
    return f"{first:%d/%m/%Y} - {last:%d/%m/%Y}"
