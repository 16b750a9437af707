"""The register of observations: figures that a source states about a unit and a period, kept as they were said.

Nothing here is counted. Whose own register comes later moves from here to there; until then a report shows such a
figure as stated, with its source, and never adds it to what is counted.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.schema import CodeType, Text
from workflow import tree
from workflow.context import Actor, book_of
from workflow.errors import BadInput
from workflow.exact import COMPARATORS, Figure, Number, scaled, unscaled
from workflow.inputs import optional_text, required_text, shown
from workflow.journal import Act, EntryRef
from workflow.models import Base

STATEMENT, UNIT = (Base.metadata.tables[n] for n in ("statement", "unit"))
#: The fact of the law whose codes name the indicators that every installation knows.
FACT = "figure.indicator"


@dataclass(frozen=True, slots=True)
class Observation:
    """One statement. ``figure`` is the number with the word that the source put before it."""

    id: int
    unit_id: int
    unit: str
    indicator: str
    period_from: dt.date
    period_to: dt.date
    figure: Figure
    measure: str | None
    source: str
    note: str | None

    @property
    def value(self) -> Fraction:
        return self.figure.value


def state(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, period_from: dt.date, period_to: dt.date,
          indicator: str, value: Number, source: str, comparator: str = "=", scale: int | None = None,
          measure: str | None = None, note: str | None = None) -> EntryRef:
    """Keep what a source states; the same source may correct its figure for the same unit, period and indicator.

    ``indicator`` is one of the law, or any other name. ``value`` is exact: a whole number, a decimal, or with ``scale`` a
    whole number of that many decimal places.
    """
    if comparator not in COMPARATORS:
        raise BadInput(f"Dấu so sánh phải là một trong: {' '.join(COMPARATORS)}.", "comparator")
    number, places = scaled(value, "value", scale)
    key = {**period(period_from, period_to), "indicator": required_text(indicator, "indicator", "tên chỉ tiêu", 120),
           "source": required_text(source, "source", "nguồn số liệu", 300)}
    return put(session, actor, on, unit, STATEMENT, "unit:figure:state", key, {
        "value": number, "scale": places or None, "comparator": comparator,
        "measure": optional_text(measure, "measure", "đơn vị tính", 60), "note": optional_text(note, "note", "ghi chú")})


def observations(session: Session, *, units: Iterable[int] | None = None, indicator: str | None = None,
                 period_from: dt.date | None = None, period_to: dt.date | None = None, source: str | None = None) -> list[Observation]:
    """What was stated, narrowed to units, an indicator, a period or a source; the earliest period first."""
    s = STATEMENT.c
    query = sa.select(STATEMENT, UNIT.c.code).join(UNIT, UNIT.c.id == s.unit_id)
    if units is not None:
        query = query.where(s.unit_id.in_(list(units)))
    wanted = {"indicator": indicator, "period_from": period_from, "period_to": period_to, "source": source}
    for name, value in wanted.items():
        if value is not None:
            query = query.where(s[name] == value)
    rows = session.connection().execute(query.order_by(s.period_to, s.period_from, UNIT.c.code, s.indicator, s.id))
    return [Observation(r.id, r.unit_id, r.code, r.indicator, r.period_from, r.period_to,
                        Figure(unscaled(r.value, r.scale), r.comparator), r.measure, r.source, r.note) for r in rows]


def labels(session: Session) -> dict[str, Text]:
    """The indicators that the law names, with what they are called; any other key is its own name."""
    fact = book_of(session).common.facts.get(FACT)
    return dict(fact.type.code) if fact is not None and isinstance(fact.type, CodeType) else {}


def period(first: dt.date, last: dt.date) -> dict[str, dt.date]:
    """The two days of a period. Raises BadInput where it ends before it begins."""
    if last < first:
        raise BadInput(f"Ngày cuối kỳ {shown(last)} trước ngày đầu kỳ {shown(first)}.", "period_to")
    return {"period_from": first, "period_to": last}


def put(session: Session, actor: Actor | None, on: dt.date, unit: str | int, table: sa.Table, tag: str,
        key: dict[str, object], values: dict[str, object]) -> EntryRef:
    """Insert or correct the row of a key in a table of figures. Raises BadInput for a unit that does not live that day."""
    found = tree.unit_on(session, unit, on)
    if found is None:
        raise BadInput(f"Không có đơn vị {unit} hoạt động vào ngày {shown(on)}; kiểm tra mã và ngày.", "unit")
    act = Act(session, stream=f"unit:{found.code}", tag=tag, acted_on=on, actor=actor, unit_id=found.id,
              header={"unit": found.code, "indicator": key["indicator"]})
    whole = {"unit_id": found.id, **key}
    known = act.connection.scalar(sa.select(table.c.id).where(*(table.c[c] == v for c, v in whole.items())))
    if known is None:
        act.insert(table, {**whole, **values})
    else:
        act.update(table, known, values)
    return act.write()
