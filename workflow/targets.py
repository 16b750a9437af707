"""Targets, figures that somebody stated, and how far a unit has come.

What a source states and what is counted from the cases here are two figures and are never added up: a statement may
cover cases that were never entered. A ratio over several units is the ratio of their sums.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import tree
from workflow.context import Actor
from workflow.errors import BadInput
from workflow.inputs import paper_text, required_text, shown
from workflow.journal import Act, EntryRef
from workflow.models import Base

#: What targets and statements are about.
INDICATORS = {"admissions": "Số đảng viên mới được kết nạp", "members": "Số đảng viên", "recognitions": "Số đảng viên được công nhận chính thức"}
COMPARATORS = ("=", ">", "<", ">=", "<=")
#: The column that dates an event counted here. Members are only ever stated.
_DATED = {"admissions": "decide_admission_on", "recognitions": "decide_recognition_on"}
#: Indicators that are counted here; the others are only ever stated.
COUNTED = frozenset(_DATED)
#: A decision on paper in these states did not make a member, or was cancelled.
_NO_MEMBER = ("rejected", "annulled")

_TABLES = Base.metadata.tables
TARGET, STATEMENT, CASE, ADMISSION, CLOSURE = (_TABLES[n] for n in ("target", "statement", "case", "admission", "unit_closure"))


@dataclass(frozen=True, slots=True)
class Attainment:
    """Target of a unit for a period, the figure stated for it with its source, and the figure counted from cases."""

    unit_id: int
    indicator: str
    target: int | None
    stated: int | None
    comparator: str
    source: str | None
    counted: int

    def value(self, basis: str) -> int | None:
        """``stated`` or ``counted``."""
        if basis not in ("stated", "counted"):
            raise ValueError(f"no basis {basis}")
        return self.stated if basis == "stated" else self.counted

    def ratio(self, basis: str) -> Fraction | None:
        """Reached / target; None where there is no target above zero, or no figure."""
        value = self.value(basis)
        return Fraction(value, self.target) if value is not None and self.target else None


@dataclass(frozen=True, slots=True)
class Sum:
    """Several attainments together; ``units`` have both target and figure, ``without`` lack one and are left out."""

    value: int
    target: int
    units: int
    without: int

    @property
    def ratio(self) -> Fraction | None:
        return Fraction(self.value, self.target) if self.target else None


def set_target(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, period_from: dt.date, period_to: dt.date,
               value: int, indicator: str = "admissions", paper: Any = None) -> EntryRef:
    """Set what a unit means to reach in a period; said again for the same period, it replaces the former figure."""
    return _put(session, actor, on, unit, TARGET, "unit:target:set", _period(indicator, period_from, period_to, value),
                {"value": value, "paper": paper_text(paper)})


def set_statement(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, period_from: dt.date,
                  period_to: dt.date, value: int, source: str, indicator: str = "admissions", comparator: str = "=") -> EntryRef:
    """Keep a figure that a source states; the same source may correct it."""
    if comparator not in COMPARATORS:
        raise BadInput(f"Dấu so sánh phải là một trong: {' '.join(COMPARATORS)}.", "comparator")
    key = _period(indicator, period_from, period_to, value) | {"source": required_text(source, "source", "nguồn số liệu", 300)}
    return _put(session, actor, on, unit, STATEMENT, "unit:figure:state", key, {"value": value, "comparator": comparator})


def attainment(session: Session, unit: int, period_from: dt.date, period_to: dt.date, on: dt.date, *,
               indicator: str = "admissions") -> Attainment:
    """How far the unit had come in a period by ``on``. Of several statements the one entered last is taken."""
    return attainments(session, [unit], period_from, period_to, on, indicator=indicator)[unit]


def attainments(session: Session, units: Sequence[int], period_from: dt.date, period_to: dt.date, on: dt.date, *,
                indicator: str = "admissions") -> dict[int, Attainment]:
    """The same for many units, in three statements."""
    connection = session.connection()

    def same(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
        return (table.c.unit_id.in_(units), table.c.indicator == indicator, table.c.period_from == period_from,
                table.c.period_to == period_to)

    meant: dict[int, int] = {row.unit_id: row.value for row in connection.execute(sa.select(TARGET).where(*same(TARGET)))}
    told = {row.unit_id: row for row in connection.execute(sa.select(STATEMENT).where(*same(STATEMENT)).order_by(STATEMENT.c.id))}
    counted = counts(session, units, period_from, min(period_to, on), indicator=indicator)
    found = {}
    for unit in units:
        row = told.get(unit)
        value, comparator, source = (row.value, row.comparator, row.source) if row else (None, "=", None)
        found[unit] = Attainment(unit, indicator, meant.get(unit), value, comparator, source, counted.get(unit, 0))
    return found


def count(session: Session, unit: int, first: dt.date, last: dt.date, *, indicator: str = "admissions") -> int:
    """Decisions from ``first`` to ``last`` in the subtree of the unit, each where its cell stood on the day of the decision.

    A case that has since gone over to a unit founded later counts where that unit stood at its founding.
    """
    return counts(session, [unit], first, last, indicator=indicator).get(unit, 0)


def counts(session: Session, units: Sequence[int], first: dt.date, last: dt.date, *,
           indicator: str = "admissions") -> dict[int, int]:
    """The same for many units at once; units without any are left out."""
    if indicator not in _DATED or not units:
        return {}
    decided = ADMISSION.c[_DATED[indicator]]
    own = CLOSURE.alias("own")
    founded = (sa.select(sa.func.min(own.c.from_on)).where(own.c.descendant_id == CASE.c.unit_id, own.c.depth == 0)
               .correlate(CASE).scalar_subquery())
    day = sa.case((decided < founded, founded), else_=decided)
    under = sa.and_(CLOSURE.c.descendant_id == CASE.c.unit_id, CLOSURE.c.from_on <= day,
                    sa.or_(CLOSURE.c.to_on.is_(None), CLOSURE.c.to_on >= day))
    query = (sa.select(CLOSURE.c.ancestor_id, sa.func.count())
             .select_from(ADMISSION.join(CASE, CASE.c.id == ADMISSION.c.case_id).join(CLOSURE, under))
             .where(decided >= first, decided <= last, CASE.c.state.not_in(_NO_MEMBER), CLOSURE.c.ancestor_id.in_(units))
             .group_by(CLOSURE.c.ancestor_id))
    return {unit: int(number) for unit, number in session.connection().execute(query)}


def periods(session: Session, unit: int, indicator: str = "admissions") -> list[tuple[dt.date, dt.date]]:
    """Periods for which the unit has a target or a statement, latest first."""
    both = [sa.select(t.c.period_from, t.c.period_to).where(t.c.unit_id == unit, t.c.indicator == indicator)
            for t in (TARGET, STATEMENT)]
    rows = session.connection().execute(sa.union(*both)).all()
    return sorted(((first, last) for first, last in rows), key=lambda p: (p[1], p[0]), reverse=True)


def together(found: Iterable[Attainment], basis: str) -> Sum:
    """Sum over units; the ratio of sums, never the mean of ratios."""
    value = target = units = without = 0
    for one in found:
        reached = one.value(basis)
        if reached is None or one.target is None:
            without += 1
        else:
            value, target, units = value + reached, target + one.target, units + 1
    return Sum(value, target, units, without)


def _period(indicator: str, first: dt.date, last: dt.date, value: int) -> dict[str, Any]:
    if indicator not in INDICATORS:
        raise BadInput(f"Không có chỉ tiêu “{indicator}”; có: {', '.join(INDICATORS)}.", "indicator")
    if last < first:
        raise BadInput(f"Ngày cuối kỳ {shown(last)} trước ngày đầu kỳ {shown(first)}.", "period_to")
    if value < 0:
        raise BadInput("Chỉ tiêu và số liệu phải là số không âm.", "value")
    return {"indicator": indicator, "period_from": first, "period_to": last}


def _put(session: Session, actor: Actor | None, on: dt.date, unit: str | int, table: sa.Table, tag: str,
         key: Mapping[str, Any], values: Mapping[str, Any]) -> EntryRef:
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
