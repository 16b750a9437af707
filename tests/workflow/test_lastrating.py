"""Which rating speaks for a unit on a day."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.workflow.organisation import district, empty, found
from workflow import lastrating, ratings, tree
from workflow.db import Database
from workflow.lastrating import COLUMNS, last_annual, last_rating_select, rank_now_select
from workflow.models import Rating, Unit
from workflow.ratings import Period, Said

D = dt.date


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with empty(database_url) as made:
        with made.write() as session:
            district(session)
            found(session, "K2", "base_cell", "H")
            for unit, year, label, decided in (("C1", 2016, "Yếu kém", D(2017, 1, 20)), ("C1", 2017, "TSVM", D(2018, 1, 10)),
                                               ("C1", 2018, "HT", D(2019, 1, 15)), ("C2", 2017, "HTT", D(2018, 2, 1))):
                ratings.decide(session, None, decided, Said(unit, Period.year(year), label))
            ratings.self_assess(session, None, D(2018, 12, 1), Said("C2", Period.year(2018), "HTXS"))
            ratings.decide(session, None, D(2025, 10, 10), Said("C1", Period.quarter(2025, 3), "KHT", points=10))
        yield made


def speaks(database: Database, unit: str, on: D) -> tuple[object, ...] | None:
    with database.read() as session:
        id_ = tree.unit_id(session, unit)
        row = last_annual(session, [id_], on).get(id_ or 0)
        # The select that snapshots and conditions use says the same, for a bound id and for a column.
        single = {name: session.scalar(last_rating_select(sa.bindparam("unit", id_), on, name)) for name in COLUMNS}
        column = sa.select(last_rating_select(Unit.id, on, "rank").correlate(Unit.__table__).scalar_subquery()).where(Unit.code == unit)
        assert session.scalar(column) == single["rank"]
    if row is None:
        assert set(single.values()) == {None}
        return None
    assert single == {name: getattr(row, name) for name in COLUMNS}
    return row.period_end, row.rank, row.final, row.decided_on


def test_the_latest_period_among_those_decided_by_the_day(database: Database) -> None:
    assert speaks(database, "C1", D(2017, 1, 19)) is None
    assert speaks(database, "C1", D(2017, 1, 20)) == (D(2016, 12, 31), 1, True, D(2017, 1, 20))
    assert speaks(database, "C1", D(2018, 1, 9)) == (D(2016, 12, 31), 1, True, D(2017, 1, 20))
    assert speaks(database, "C1", D(2018, 12, 31)) == (D(2017, 12, 31), 4, True, D(2018, 1, 10))
    assert speaks(database, "C1", D(2026, 1, 1)) == (D(2018, 12, 31), 2, True, D(2019, 1, 15))  # no quarter
    assert speaks(database, "C2", D(2019, 6, 1)) == (D(2017, 12, 31), 3, True, D(2018, 2, 1))  # not what is only proposed
    assert speaks(database, "K2", D(2026, 1, 1)) is None


def test_a_reopened_rating_speaks_but_is_not_final_until_it_is_decided_anew(database: Database) -> None:
    period = Period.year(2018)
    with database.write() as session:
        ratings.reopen(session, None, D(2019, 4, 1), unit="C1", period=period, ground="violation", reason="Dấu hiệu vi phạm")
    assert speaks(database, "C1", D(2019, 3, 31)) == (D(2018, 12, 31), 2, True, D(2019, 1, 15))
    assert speaks(database, "C1", D(2019, 4, 1)) == (D(2018, 12, 31), 2, False, D(2019, 1, 15))
    with database.write() as session:
        ratings.verify(session, None, D(2019, 4, 10), Said("C1", period, "KHT"))
    assert speaks(database, "C1", D(2019, 4, 10)) == (D(2018, 12, 31), 2, False, D(2019, 1, 15))
    with database.write() as session:
        ratings.decide(session, None, D(2019, 4, 20), Said("C1", period))
    assert speaks(database, "C1", D(2019, 4, 20)) == (D(2018, 12, 31), 1, True, D(2019, 4, 20))
    with database.read() as session:
        id_ = session.scalar(sa.select(Rating.id).where(Rating.period_to == period.last, Rating.unit_id == tree.unit_id(session, "C1")))
        assert session.scalar(rank_now_select(id_)) == 1
        assert lastrating.last_annual(session, [], D(2020, 1, 1)) == {}
