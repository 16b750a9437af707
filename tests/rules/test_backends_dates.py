"""Dates in SQL: month ends on both databases, and conditions that an index serves."""
from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from rules.calendar import add_months, month_start
from rules.language import Names, RuleError, Type, parse
from rules.sql import RowsSource, predicate
from tests.rules.strategies import CALENDAR

NAMES = Names({"x.day": Type("date"), "x.moved": Type("date"), "x.n": Type("int")}, {}, {"wait": Type("months")})
TABLE = sa.Table("days", sa.MetaData(), sa.Column("day", sa.Date, index=True), sa.Column("moved", sa.Date),
                 sa.Column("n", sa.Integer, index=True))
ACT_ON = dt.date(2024, 2, 29)


class Days:
    def column(self, fact: str) -> sa.ColumnElement[object]:
        return TABLE.c[fact.removeprefix("x.")]

    def rows(self, collection: str) -> RowsSource:
        raise KeyError(collection)


def condition(text: str) -> sa.ColumnElement[bool]:
    return predicate(parse(text, NAMES, where="test"), {"wait": 1}, Days(), ACT_ON, CALENDAR)


def test_months_between_two_facts_clamp_alike_on_every_day(database_url: str) -> None:
    every = [dt.date(2022, 12, 28) + dt.timedelta(days=n) for n in range(500)]
    lengths = (-25, -13, -12, -2, -1, 0, 1, 2, 6, 12, 13, 60, 216)
    engine = sa.create_engine(database_url)
    TABLE.create(engine)
    with engine.begin() as connection:
        connection.execute(TABLE.insert(), [{"day": d, "moved": add_months(d, n), "n": n} for d in every for n in lengths])
        for n in lengths:
            text = f"x.day {'-' if n < 0 else '+'} months({abs(n)}) == x.moved"
            assert connection.scalar(sa.select(sa.func.count()).where(TABLE.c.n == n, condition(text))) == len(every)
        connection.execute(TABLE.delete())
        connection.execute(TABLE.insert(), [{"day": d, "moved": month_start(d) + dt.timedelta(days=40)} for d in every])
        same = condition("month_start(x.day) == x.moved - days(40)")
        assert connection.scalar(sa.select(sa.func.count()).where(same)) == len(every)
    engine.dispose()


def test_a_period_until_the_acting_day_is_a_plain_bound_that_an_index_serves() -> None:
    engine = sa.create_engine("sqlite://")
    TABLE.create(engine)
    for text, bound in (("x.day + months(wait) <= act.on", "day <= '2024-01-31'"),
                        ("x.day + months(wait) >= month_start(act.on)", "day > '2023-12-31'"),
                        ("x.day + working_days(5) < act.on", "day <= '2024-02-21'"),
                        ("act.on - days(10) > x.day", "day < '2024-02-19'")):
        query = sa.select(TABLE.c.n).where(condition(text))
        compiled = str(query.compile(engine, compile_kwargs={"literal_binds": True}))
        assert compiled.endswith(f"days.{bound}"), compiled
        with engine.connect() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}").all()
        assert "USING INDEX" in plan[0][3], plan
    engine.dispose()


def test_large_numbers_do_not_overflow(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    TABLE.create(engine)
    with engine.begin() as connection:
        connection.execute(TABLE.insert(), {"n": 2_000_000_000})
        for text, expected in (("x.n * x.n > 999999999 * x.n", True), ("x.n + x.n + x.n < x.n", False), ("x.n - -1 > x.n", True)):
            assert bool(connection.scalar(sa.select(condition(text)))) is expected, text
    engine.dispose()


def test_a_repealed_parameter_is_an_error_in_sql_too() -> None:
    node = parse("x.day + months(wait) <= act.on", NAMES, where="test")
    with pytest.raises(RuleError, match="wait"):
        predicate(node, {"wait": None}, Days(), ACT_ON, CALENDAR)
