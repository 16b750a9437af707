"""Setting targets, keeping what sources state of them, and reading both beside what is counted."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import observations
from workflow.context import Actor
from workflow.errors import BadInput
from workflow.exact import COMPARATORS, Number, scaled, unscaled
from workflow.inputs import paper_text
from workflow.journal import EntryRef
from workflow.models import Base
from workflow.targets import maps
from workflow.targets.forms import FORMS, goals

__all__ = ["COMPARATORS", "COUNTED", "INDICATORS", "STATEMENT", "TARGET", "Attainment", "Sum", "attainment", "attainments",
           "count", "counts", "periods", "set_statement", "set_target", "together"]

#: What targets are about. Statements may be about anything (:mod:`workflow.observations`).
INDICATORS = {"admissions": "Số đảng viên mới được kết nạp", "members": "Số đảng viên", "recognitions": "Số đảng viên được công nhận chính thức"}
#: Indicators that are counted here; the others are only ever stated.
COUNTED = frozenset(indicator for indicator, _ in maps.STEPS)

TARGET, STATEMENT = Base.metadata.tables["target"], Base.metadata.tables["statement"]


@dataclass(frozen=True, slots=True)
class Attainment:
    """Target of a unit for a period, the figure stated for it with its source, and the figure counted from cases."""

    unit_id: int
    indicator: str
    target: int | Fraction | None
    stated: int | Fraction | None
    comparator: str
    source: str | None
    counted: int

    def value(self, basis: str) -> int | Fraction | None:
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

    value: int | Fraction
    target: int | Fraction
    units: int
    without: int

    @property
    def ratio(self) -> Fraction | None:
        return Fraction(self.value, self.target) if self.target else None


def set_target(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, period_from: dt.date, period_to: dt.date,
               value: Number, indicator: str = "admissions", paper: Any = None, form: str = "absolute",
               value_max: Number | None = None, base_on: dt.date | None = None) -> EntryRef:
    """Set what a unit means to reach in a period; said again for the same period, it replaces the former figure.

    ``form`` is one of :data:`workflow.targets.forms.FORMS`: of an ``average`` and a ``rate`` (in percent) the value is
    that of one year, a ``range`` ends at ``value_max``, and of ``every_unit`` the value says nothing. ``base_on`` is the
    day whose members a rate is of, where that is not the one of the law.
    """
    if form not in FORMS:
        raise BadInput(f"Không có dạng chỉ tiêu “{form}”; có: {', '.join(FORMS)}.", "form")
    low, places = scaled(value)
    high = None
    if value_max is not None:
        high, more = scaled(value_max, "value_max")
        low, high, places = low * 10 ** (max(more, places) - places), high * 10 ** (max(more, places) - more), max(more, places)
    if form == "range" and high is None:
        raise BadInput("Chỉ tiêu dạng khoảng cần mức trên.", "value_max")
    if high is not None and (form not in ("range", "rate", "average") or high < low):
        raise BadInput("Mức trên chỉ dùng cho khoảng, tỷ lệ, bình quân và không nhỏ hơn mức dưới.", "value_max")
    return observations.put(session, actor, on, unit, TARGET, "unit:target:set", _period(indicator, period_from, period_to), {
        "value": low, "value_max": high, "scale": places or None, "form": None if form == "absolute" else form,
        "base_on": base_on if form == "rate" else None, "paper": paper_text(paper)})


def set_statement(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, period_from: dt.date,
                  period_to: dt.date, value: Number, source: str, indicator: str = "admissions", comparator: str = "=") -> EntryRef:
    """Keep a figure that a source states of one of the indicators here; the same source may correct it."""
    _period(indicator, period_from, period_to)
    return observations.state(session, actor, on, unit=unit, period_from=period_from, period_to=period_to, indicator=indicator,
                              value=value, source=source, comparator=comparator)


def attainment(session: Session, unit: int, period_from: dt.date, period_to: dt.date, on: dt.date, *,
               indicator: str = "admissions") -> Attainment:
    """How far the unit had come in a period by ``on``. Of several statements the one entered last is taken."""
    return attainments(session, [unit], period_from, period_to, on, indicator=indicator)[unit]


def attainments(session: Session, units: Sequence[int], period_from: dt.date, period_to: dt.date, on: dt.date, *,
                indicator: str = "admissions") -> dict[int, Attainment]:
    """The same for many units, in a few statements; of a goal that is a range, the lower end."""
    s = STATEMENT.c
    query = sa.select(STATEMENT).where(s.unit_id.in_(units), s.indicator == indicator, s.period_from == period_from, s.period_to == period_to)
    told = {row.unit_id: row for row in session.connection().execute(query.order_by(s.id))}
    meant = goals(session, units, period_from, period_to, on, indicator=indicator)
    counted = counts(session, units, period_from, min(period_to, on), indicator=indicator)
    found = {}
    for unit in units:
        row = told.get(unit)
        value, comparator, source = (_plain(unscaled(row.value, row.scale)), row.comparator, row.source) if row else (None, "=", None)
        target = _plain(meant[unit].low.value) if unit in meant else None
        found[unit] = Attainment(unit, indicator, target, value, comparator, source, counted.get(unit, 0))
    return found


def _plain(value: Fraction) -> int | Fraction:
    """A number as a whole one where it is."""
    return int(value) if value.denominator == 1 else value


def count(session: Session, unit: int, first: dt.date, last: dt.date, *, indicator: str = "admissions") -> int:
    """Decisions from ``first`` to ``last`` in the subtree of the unit, each where its cell stood on the day of the decision.

    A case that has since gone over to a unit founded later counts where that unit stood at its founding.
    """
    return counts(session, [unit], first, last, indicator=indicator).get(unit, 0)


def counts(session: Session, units: Sequence[int], first: dt.date, last: dt.date, *,
           indicator: str = "admissions") -> dict[int, int]:
    """The same for many units at once; units without any are left out."""
    return {unit: len(cases) for unit, cases in maps.counted(session, units, first, last, last, indicator=indicator).items()}


def periods(session: Session, unit: int, indicator: str = "admissions") -> list[tuple[dt.date, dt.date]]:
    """Periods for which the unit has a target or a statement, latest first."""
    both = [sa.select(t.c.period_from, t.c.period_to).where(t.c.unit_id == unit, t.c.indicator == indicator)
            for t in (TARGET, STATEMENT)]
    rows = session.connection().execute(sa.union(*both)).all()
    return sorted(((first, last) for first, last in rows), key=lambda p: (p[1], p[0]), reverse=True)


def together(found: Iterable[Attainment], basis: str) -> Sum:
    """Sum over units; the ratio of sums, never the mean of ratios."""
    value: int | Fraction = 0
    target: int | Fraction = 0
    units = without = 0
    for one in found:
        reached = one.value(basis)
        if reached is None or one.target is None:
            without += 1
        else:
            value, target, units = value + reached, target + one.target, units + 1
    return Sum(value, target, units, without)


def _period(indicator: str, first: dt.date, last: dt.date) -> dict[str, Any]:
    if indicator not in INDICATORS:
        raise BadInput(f"Không có chỉ tiêu “{indicator}”; có: {', '.join(INDICATORS)}.", "indicator")
    return {"indicator": indicator, **observations.period(first, last)}
