"""Report ``seeds``: every figure of the five articles beside the figure of this home, with an honest verdict.

What stands here is read, counted or worked out anew each time; a row that is altered changes the verdict.
"""
from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.shape import Text
from workflow import tree
from workflow.context import Actor
from workflow.reports.model import KINDS, Cell, Column, NotAvailable, Report, Row, decimal, report, units_seen
from workflow.reports.seedcounts import UNIT, Finding, Register, count, register, stated
from workflow.reports.seedfigures import Figure, figures
from workflow.reports.seedvalues import Quantity, Value, quantity, settled, shown, whole_range, work_out, working
from workflow.reports.seedverdicts import VERDICTS, Verdict, judge
from workflow.tree import UnitOn

_TITLE = Text(vi="Từng số liệu của năm bài báo", en="Every figure of the five articles")
_COLUMNS = tuple(Column(name, Text(vi=vi, en=en), "text") for name, vi, en in (
    ("file", "Bài", "File"), ("statement", "Số liệu", "Statement"), ("type", "Loại", "Type"), ("value", "Ở đây", "Value here"),
    ("article", "Trong bài", "In the article"), ("verdict", "Nhận định", "Verdict"), ("how", "Cách có được", "How")))


@dataclass(slots=True)
class _Desk:
    """What one making of the report shares: the register, and the figures found so far."""

    session: Session
    kept: Register
    known: Mapping[str, Figure]
    found: dict[str, Finding] = field(default_factory=dict)

    def find(self, figure: Figure) -> Finding:
        """The figure of this home, looked for once."""
        if figure.key not in self.found:
            self.found[figure.key] = self._found(figure)
        return self.found[figure.key]

    def _found(self, figure: Figure) -> Finding:
        if figure.way == "stated":
            return stated(self.kept, figure)
        if figure.way == "counted":
            return count(self.session, figure)
        raw, text = self._worked(figure, figure.given)
        if raw is None:
            return Finding(None, "derived", text)
        measure = figure.measure or (figure.value.measure if isinstance(figure.value, Quantity) else "")
        value = settled(raw, measure, figure.round)
        return Finding(value, "derived", text + (_rounding(value, figure) if isinstance(figure.given, list) else ""))

    def _worked(self, figure: Figure, given: Any) -> tuple[Value | None, str]:
        """The value of an expression and how it is written; None where a part is missing."""
        if isinstance(given, str):
            other = self.known[f"{figure.article.file}.{given}"]
            value = self.find(other).value
            return value, shown(value) if value is not None else f"({other.says}: thiếu)"
        if isinstance(given, dt.date):
            return given, shown(given)
        if isinstance(given, int):
            return quantity(given), str(given)
        operation, *parts = given
        pairs = [self._worked(figure, part) for part in parts]
        texts = [f"({text})" if isinstance(part, list) else text for part, (_, text) in zip(parts, pairs, strict=True)]
        values = [value for value, _ in pairs]
        if any(value is None for value in values):
            return None, working(operation, texts)
        return work_out(operation, values), working(operation, texts)


def _rounding(value: Value, figure: Figure) -> str:
    """What was rounded in the result, and what the rounding in the article leaves open."""
    if not isinstance(value, Quantity):
        return ""
    said = ""
    if (value.value * 10 ** value.decimals).denominator != 1:
        said = f"; làm tròn đến {value.decimals} chữ số thập phân" if value.decimals else "; làm tròn đến số nguyên"
    if figure.whole:
        least, most = whole_range(value)
        said += f"; bài đã làm tròn nên số nguyên nào từ {least} đến {most} cũng khớp"
    elif value.rounded and value.comparator == "=" and figure.printed is None:
        low, high = (decimal(end, value.decimals + 1) for end in (value.low, value.high))
        said += f"; bài đã làm tròn nên giá trị đúng nằm từ {low} đến {high}"
    return said


@report("seeds", _TITLE)
def seeds(session: Session, actor: Actor | None, unit: UnitOn | None, on: dt.date, **options: Any) -> Report:
    """One row a figure. Raises NotAvailable in a home that does not hold the districts of the articles."""
    listed = figures()
    kept = register(session, {figure.article.source for figure in listed})
    if not kept:
        raise NotAvailable("Bản cài đặt này không có số liệu của năm bài báo; hãy nạp bộ mẫu bằng lệnh nennep demo seeds vào một bản trống "
                           "(load them with nennep demo seeds into an empty home).")
    seen = _in_sight(session, actor, unit, on)
    desk = _Desk(session, kept, {figure.key: figure for figure in listed})
    rows, kinds, verdicts = [], Counter[str](), Counter[str]()
    for figure in listed:
        place = seen.get(figure.article.unit)
        if place is None:
            continue
        found = desk.find(figure)
        verdict = judge(figure, found.value)
        kinds[found.kind] += 1
        verdicts[verdict.code] += 1
        rows.append(Row(figure.key, _cells(figure, found, verdict), unit=place))
    notes = (_summary(len(rows), kinds, verdicts),
             Text(vi="Mỗi số liệu có ngày của nó, không theo ngày của báo cáo. Phép tính giữ nguyên phân số, chỉ làm tròn khi hiển thị (nửa đơn vị "
                     "làm tròn lên). “Gần” được hiểu là từ chín phần mười của số nêu.",
                  en="Every figure has its own day, not the report's. Arithmetic is exact and rounded, half up, only when shown. "
                     "“Nearly” is taken as nine tenths of the number or more."))
    return Report("seeds", _TITLE, unit, on, _COLUMNS, tuple(rows), notes, options=options)


def _in_sight(session: Session, actor: Actor | None, unit: UnitOn | None, on: dt.date) -> dict[str, int]:
    """Code -> id of the districts whose figures may be told."""
    query = sa.select(UNIT.c.code, UNIT.c.id).where(UNIT.c.code.in_({figure.article.unit for figure in figures()}),
                                                    units_seen(session, actor, on, UNIT.c.id))
    if unit is not None:
        query = query.where(tree.within(UNIT.c.id, unit.id, min(on, unit.to_on or on)))
    return {row.code: row.id for row in session.connection().execute(query)}


def _cells(figure: Figure, found: Finding, verdict: Verdict) -> dict[str, Cell]:
    vi, en = KINDS[found.kind]
    comparator = found.value.comparator if isinstance(found.value, Quantity) else "="
    value = Text(vi=shown(found.value), en=shown(found.value, "en")) if found.value is not None else None
    how = f"{found.how}. {figure.remark}" if figure.remark else found.how
    return {"file": Cell(figure.article.file), "statement": Cell(figure.says), "type": Cell(Text(vi=vi, en=en)),
            "value": Cell(value, found.kind, Text(vi=how), comparator, streams=(f"unit:{figure.article.unit}",)),
            "article": Cell(figure.shown if figure.shown is not None else "—"), "verdict": Cell(verdict.text), "how": Cell(how)}


def _summary(total: int, kinds: Counter[str], verdicts: Counter[str]) -> Text:
    """How many rows there are of each kind and with each verdict."""
    def told(index: int) -> str:
        by_kind = ", ".join(f"{KINDS[k][index]} {kinds[k]}" for k in KINDS)
        by_verdict = "; ".join(f"{VERDICTS[v][index]}: {verdicts[v]}" for v in VERDICTS)
        return f"{by_kind}. {by_verdict}."
    return Text(vi=f"{total} số liệu: {told(0)}", en=f"{total} figures: {told(1)}")

