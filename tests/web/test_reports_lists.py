"""The count and its list ask one condition, for every account, on both databases, today and on days of the past."""
from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from tests.web import casework
from tests.web.casework import OFFICERS, TODAY
from tests.web.registers import fill
from workflow import caselist, migrate, ratinglist, ratings, reports, waiting
from workflow.caselist import Filter
from workflow.context import Actor, FixedClock
from workflow.db import Database
from workflow.errors import BadInput
from workflow.models import Account
from workflow.ratings import Period, Said

#: Today, a day on which a case still stood elsewhere, and one before the cases began.
DAYS = (TODAY, TODAY - dt.timedelta(days=4), dt.date(2025, 12, 31))
#: Reports whose numbers lead to filtered lists; of the others one account asks, should one of them begin to.
DATED = ("funnel", "overdue", "ratings")


@pytest.fixture
def filled(database_url: str) -> Database:
    database = Database(database_url, info={"book": casework.law(), "clock": FixedClock(TODAY)})
    migrate.upgrade(database)
    fill(database)
    with database.write() as session:
        for code, year, label in (("K", 2024, "Hoàn thành tốt nhiệm vụ"), ("K", 2025, "Không hoàn thành nhiệm vụ"),
                                  ("C1", 2025, "Hoàn thành xuất sắc nhiệm vụ"), ("HX", 2023, "Hoàn thành nhiệm vụ")):
            ratings.take_over(session, None, dt.date(2026, 1, 20), Said(code, Period.year(year), label, imported=True))
    return database


def test_every_count_is_the_length_of_its_list(filled: Database) -> None:
    checked = dict.fromkeys(reports.REPORTS, 0)
    for username in (*OFFICERS, "giup"):
        for day in DAYS:
            with filled.read() as session:
                account = session.scalars(sa.select(Account).where(Account.username == username)).one()
                actor = Actor(account.id, account.person_id, username)
                desk = waiting.desk(session, actor, TODAY)
                for name in reports.REPORTS if (username, day) == ("ban", TODAY) else DATED:
                    try:
                        made = reports.run(session, name, actor=actor, on=day)
                    except (reports.NotAvailable, BadInput):
                        continue
                    for row in made.rows:
                        for column, cell in row.cells.items():
                            if cell.filter is None:
                                continue
                            if isinstance(cell.filter, Filter):
                                where = caselist.condition(session, casework.law(), desk, cell.filter)
                                total = caselist.listed(session, desk, where).total
                            else:
                                total = ratinglist.listed(session, actor, cell.filter)[1]
                            assert total == cell.value, (username, day, name, row.key, column)
                            checked[name] += 1
    filled.dispose()
    assert all(checked[name] > 50 for name in DATED), checked


def test_an_ended_units_years_belong_to_the_unit_that_took_its_place(filled: Database) -> None:
    with filled.read() as session:
        made = reports.run(session, "ratings", unit="X", on=TODAY)
    filled.dispose()
    assert {row.key: row.cells["rank2"].value for row in made.rows}["2023"] == 1


def test_a_case_that_moved_on_is_where_it_was(filled: Database) -> None:
    with filled.read() as session:
        now, before = (reports.run(session, "funnel", unit="G", on=day) for day in DAYS[:2])
    filled.dispose()
    at = {report.on: {row.key: row.cells["here"].value for row in report.rows if "here" in row.cells} for report in (now, before)}
    assert at[DAYS[1]]["admission//nominated"] == at[TODAY]["admission//nominated"] + 1, "dropped the day after"
    assert at[TODAY]["admission//dropped"] == at[DAYS[1]].get("admission//dropped", 0) + 1
