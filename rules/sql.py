"""The database back end: a checked expression becomes a SQL condition with the same three answers, NULL for unknown.

SQL's own ``AND``, ``OR`` and ``NOT`` treat NULL as unknown, so logic maps one to one. Dates compared with the acting
day are folded to ``column <= fixed day``: both databases then agree about the ends of months and working days, and an
index serves. Collections become correlated subqueries that honour what is not declared or not known.
"""
from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol, cast

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from rules.calendar import Calendar
from rules.nodes import (
    ACT_ON,
    NUMBERS,
    Arith,
    Compare,
    Const,
    Count,
    Fact,
    Field,
    In,
    Known,
    Logic,
    Node,
    Not,
    Param,
    Quantified,
    asked,
    number,
    value_of,
)
from rules.shifts import Move, base_of, latest, move, moves, rests_on_act

Column = sa.ColumnElement[Any]
Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class RowsSource:
    """Where the items of a collection are.

    ``link`` ties rows of ``from_`` to the case of the enclosing query; ``from_`` must be a table or alias that the
    enclosing query does not read itself. ``declared`` says whether the collection is complete (NULL: it is not).
    """

    from_: sa.FromClause
    link: Condition
    declared: Condition
    columns: Mapping[str, Column]


class Source(Protocol):
    """How facts are found in the enclosing query.

    A scalar subquery must name what it correlates, as it may be nested in the subquery of a collection. A fraction is
    two integer columns, asked for as ``NAME.numerator`` and ``NAME.denominator`` (above zero).
    """

    def column(self, fact: str) -> Column: ...

    def rows(self, collection: str) -> RowsSource: ...


def predicate(node: Node, params: Mapping[str, object], source: Source, act_on: dt.date, calendar: Calendar
              ) -> Condition:
    """The condition in SQL for one acting day, under the parameters in force: true, false, or NULL for unknown."""
    return _Builder(params, source, act_on, calendar).condition(node)


def day(node: Node, params: Mapping[str, object], source: Source, act_on: dt.date, calendar: Calendar) -> Column:
    """A date expression (a fact moved by months or days, or the acting day moved by anything) as a SQL value."""
    path = moves(node, params)
    if rests_on_act(node):
        return sa.literal(move(act_on, path, calendar), sa.Date)
    return _moved(source.column(base_of(node).name), path)


def value(node: Node, params: Mapping[str, object], source: Source, act_on: dt.date, calendar: Calendar) -> Column:
    """An expression of any kind as a SQL value: a condition, a day, a written or stored value."""
    if node.type.kind == "bool":
        return predicate(node, params, source, act_on, calendar)
    if node.type.kind == "date":
        return day(node, params, source, act_on, calendar)
    if isinstance(node, Fact | Field):
        return source.column(node.name)
    return sa.literal(node.value if isinstance(node, Const) else value_of(cast("Param", node).name, params))


_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


class _Builder:
    def __init__(self, params: Mapping[str, object], source: Source, act_on: dt.date, calendar: Calendar) -> None:
        self.params, self.source, self.act_on, self.calendar = params, source, act_on, calendar

    def condition(self, node: Node) -> Condition:
        match node:
            case Logic(op=op, args=args):
                parts = [self.condition(a) for a in args]
                return sa.and_(*parts) if op == "and" else sa.or_(*parts)
            case Not(arg=arg):
                return sa.not_(self.condition(arg))
            case Known(arg=arg):
                name = f"{arg.name}.numerator" if arg.type.kind == "fraction" else arg.name
                return self.column(arg, name).is_not(None)
            case In(left=left, values=values, negate=negate):
                column = self.plain(left)
                return column.not_in(values) if negate else column.in_(values)
            case Compare():
                return self.compare(node)
            case Quantified():
                return self.quantified(node)
            case Const(value=value):
                return _truth(bool(value))
            case Param(name=name):
                return _truth(bool(value_of(name, self.params)))
            case _:
                # Comparing, unlike naming, a column reads the same on a database that stores 0 and 1.
                return self.plain(node) == sa.true()

    def compare(self, node: Compare) -> Condition:
        if node.left.type.kind == "date":
            return self.compare_dates(node)
        if node.left.type.kind in NUMBERS:
            return self.number(node.left).compare(node.op, self.number(node.right))
        result: Condition = _COMPARE[node.op](self.plain(node.left), self.plain(node.right))
        return result

    def compare_dates(self, node: Compare) -> Condition:
        left, op, right = node.left, node.op, node.right
        if rests_on_act(left):
            left, op, right = right, _TURNED[op], left  # type: ignore[assignment]
        column, path = self.plain(base_of(left)), moves(left, self.params)
        there = moves(right, self.params)
        if rests_on_act(right):
            return self.fold(column, path, op, move(self.act_on, there, self.calendar))
        result: Condition = _COMPARE[op](_moved(column, path), _moved(self.plain(base_of(right)), there))
        return result

    def fold(self, column: Column, path: tuple[Move, ...], op: str, day: dt.date) -> Condition:
        """``column moved along path OP day`` as a comparison of the column itself."""
        if not path:
            plain: Condition = _COMPARE[op](column, sa.literal(day, sa.Date))
            return plain
        reached = sa.literal(latest(day, path, self.calendar), sa.Date)
        short = sa.literal(latest(day - dt.timedelta(days=1), path, self.calendar), sa.Date)
        match op:
            case "<=":
                return column <= reached
            case ">":
                return column > reached
            case "<":
                return column <= short
            case ">=":
                return column > short
            case "==":
                return sa.and_(column > short, column <= reached)
            case _:
                return sa.or_(column <= short, column > reached)

    def plain(self, node: Node) -> Column:
        """A single fact, field, parameter or constant that is no number."""
        match node:
            case Const(value=value):
                return sa.literal(value)
            case Param(name=name):
                return sa.literal(value_of(name, self.params))
            case Fact(name=name) | Field(name=name):
                return self.column(node, name)
            case _:
                raise AssertionError(f"not a plain value: {node}")

    def column(self, node: Fact | Field, name: str) -> Column:
        if isinstance(node, Field):
            return self.source.rows(node.collection).columns[name]
        return sa.literal(self.act_on, sa.Date) if name == ACT_ON else self.source.column(name)

    def number(self, node: Node) -> _Span:
        match node:
            case Arith(op=op, left=left, right=right):
                return self.number(left).combine(op, self.number(right))
            case Count():
                return self.count(node)
            case Fact(name=name) | Field(name=name) if node.type.kind == "fraction":
                top = self.column(node, f"{name}.numerator")
                return _Span(top, top, self.column(node, f"{name}.denominator"))
            case Fact() | Field():
                column = self.plain(node)
                return _Span(column, column, 1)
            case _:
                value = node.value if isinstance(node, Const) else self.parameter(node)
                n = Fraction(number(value))
                return _Span(n.numerator, n.numerator, n.denominator)

    def parameter(self, node: Node) -> object:
        assert isinstance(node, Param)
        return value_of(node.name, self.params)

    def quantified(self, node: Quantified) -> Condition:
        rows, test = self.source.rows(node.collection), self.condition(asked(node))
        decides = node.op == "any"
        found = _items(rows, test if decides else sa.not_(test)).exists()
        open_ = sa.or_(rows.declared.is_not(True), _items(rows, test.is_(None)).exists())
        return sa.case((found, _truth(decides)), (open_, sa.cast(sa.null(), sa.Boolean)), else_=_truth(not decides))

    def count(self, node: Count) -> _Span:
        rows = self.source.rows(node.collection)
        chosen = None if node.chosen is None else self.condition(node.chosen)
        low = _size(rows, chosen)
        high = low if chosen is None else _size(rows, sa.or_(chosen, chosen.is_(None)))
        return _Span(low, sa.case((rows.declared.is_(True), high), else_=sa.null()), 1)


def _truth(value: bool) -> Condition:
    return sa.true() if value else sa.false()


def _items(rows: RowsSource, *conditions: Condition) -> sa.Select[Any]:
    return (sa.select(sa.literal_column("1")).select_from(rows.from_).where(rows.link, *conditions)
            .correlate_except(rows.from_))


def _size(rows: RowsSource, chosen: Condition | None) -> Column:
    wanted = _items(rows) if chosen is None else _items(rows, chosen)
    return wanted.with_only_columns(sa.func.count(), maintain_column_froms=True).scalar_subquery()


#: A bound is a column, a number, or None where there is no bound; a NULL in the column is no bound either.
_Bound = Column | int | None


@dataclass(frozen=True, slots=True)
class _Span:
    """A number as its two bounds over one denominator. An unknown number has no bound; see :mod:`rules.ranges`."""

    low: _Bound
    high: _Bound
    den: Column | int

    @property
    def single(self) -> bool:
        return self.low is self.high

    def over(self, den: Column | int) -> _Span:
        """The bounds multiplied by a denominator, for comparing and adding without division."""
        low = _times(self.low, den)
        return _Span(low, low if self.single else _times(self.high, den), 1)

    def combine(self, op: str, other: _Span) -> _Span:
        den = _times(self.den, other.den)
        assert den is not None
        if op == "*":
            return self.product(other, den) if other.single else other.product(self, den)
        a, b = self.over(other.den), other.over(self.den)
        near, far = (b.low, b.high) if op == "+" else (b.high, b.low)
        act = operator.add if op == "+" else operator.sub
        low = _calculated(act, a.low, near)
        return _Span(low, low if self.single and other.single else _calculated(act, a.high, far), den)

    def product(self, by: _Span, den: Column | int) -> _Span:
        """Times a single number, whose sign decides which bound becomes which."""
        low, high = _times(self.low, by.low), _times(self.high, by.low)
        if self.single:
            return _Span(low, low, den)
        if isinstance(by.low, int):
            return _Span(low, high, den) if by.low >= 0 else _Span(high, low, den)
        assert by.low is not None
        return _Span(sa.case((by.low >= 0, low), else_=high), sa.case((by.low >= 0, high), else_=low), den)

    def compare(self, op: str, other: _Span) -> Condition:
        a, b = self.over(other.den), other.over(self.den)
        if a.single and b.single:
            return _test(op, a.low, b.low)
        match op:
            case "<":
                return _decided(_test("<", a.high, b.low), _test(">=", a.low, b.high))
            case "<=":
                return _decided(_test("<=", a.high, b.low), _test(">", a.low, b.high))
            case ">" | ">=":
                return other.compare(_TURNED[op], self)
            case "==":
                same = sa.and_(_test("==", a.low, a.high), _test("==", b.low, b.high), _test("==", a.low, b.low))
                return _decided(same, sa.or_(_test("<", a.high, b.low), _test("<", b.high, a.low)))
            case _:
                return sa.not_(self.compare("==", other))


def _wide(value: Column | int) -> Column:
    """An integer of 64 bits, so that sums and products of columns do not overflow."""
    return sa.literal(value, sa.BigInteger) if isinstance(value, int) else sa.cast(value, sa.BigInteger)


def _calculated(act: Callable[[Any, Any], Any], a: _Bound, b: _Bound) -> _Bound:
    if a is None or b is None:
        return None
    if isinstance(a, int) and isinstance(b, int):
        return int(act(a, b))
    result: Column = act(_wide(a), _wide(b))
    return result


def _times(a: _Bound, b: _Bound) -> _Bound:
    if isinstance(b, int) and b == 1:
        return a
    return b if isinstance(a, int) and a == 1 else _calculated(operator.mul, a, b)


def _test(op: str, a: _Bound, b: _Bound) -> Condition:
    if a is None or b is None:
        return sa.cast(sa.null(), sa.Boolean)
    if isinstance(a, int) and isinstance(b, int):
        return _truth(_COMPARE[op](a, b))
    result: Condition = _COMPARE[op](_side(a), _side(b))
    return result


def _side(value: Column | int) -> Column:
    return sa.literal(value) if isinstance(value, int) else value


def _decided(yes: Condition, no: Condition) -> Condition:
    """Met where ``yes`` is sure, not met where ``no`` is sure, otherwise unknown."""
    return sa.case((yes, _truth(True)), (no, _truth(False)), else_=sa.cast(sa.null(), sa.Boolean))


class _Months(FunctionElement[dt.date]):
    """A date moved by calendar months, clamped to the end of the month on every database."""

    type, name, inherit_cache = sa.Date(), "rules_months", True


class _Days(FunctionElement[dt.date]):
    type, name, inherit_cache = sa.Date(), "rules_days", True


class _MonthStart(FunctionElement[dt.date]):
    type, name, inherit_cache = sa.Date(), "rules_month_start", True


def _moved(column: Column, path: tuple[Move, ...]) -> Column:
    for unit, n in path:
        assert unit != "working_days", "the type check keeps working days to comparisons with the acting day"
        if unit == "month_start":
            column = _MonthStart(column)
        else:
            column = (_Months if unit == "months" else _Days)(column, sa.literal(n, sa.Integer))
    return column


@compiles(_Months, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    day, n = (compiler.process(c, **kw) for c in element.clauses)
    return f"CAST(({day}) + make_interval(months => {n}) AS DATE)"


@compiles(_Months, "sqlite")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    # SQLite lets 31 January + 1 month run over into March; the last day of the target month stops it.
    day, n = (compiler.process(c, **kw) for c in element.clauses)
    return f"min(date({day}, ({n}) || ' months'), date({day}, 'start of month', (({n}) + 1) || ' months', '-1 day'))"


@compiles(_Days, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    day, n = (compiler.process(c, **kw) for c in element.clauses)
    return f"(({day}) + {n})"


@compiles(_Days, "sqlite")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    day, n = (compiler.process(c, **kw) for c in element.clauses)
    return f"date({day}, ({n}) || ' days')"


@compiles(_MonthStart, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    (day,) = (compiler.process(c, **kw) for c in element.clauses)
    return f"CAST(date_trunc('month', {day}) AS DATE)"


@compiles(_MonthStart, "sqlite")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    (day,) = (compiler.process(c, **kw) for c in element.clauses)
    return f"date({day}, 'start of month')"
