"""A site for the pages of units, law, history and administration: an ended district, the commune after it, cases, acts."""
from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.web import casework
from tests.web.casework import COMMUNE, PASSWORD, START, TODAY
from web.app import create_app
from workflow import engine, migrate, offices, people, targets, tree, units
from workflow.context import FixedClock
from workflow.db import Database
from workflow.site import Site

D = dt.date
TERM = {"period_from": D(2020, 7, 1), "period_to": D(2025, 6, 30)}
YEAR = {"period_from": D(2026, 1, 1), "period_to": D(2026, 12, 31)}
ENDED = D(2025, 6, 30)


def opened(home: Path) -> Database:
    return Database(f"sqlite:///{home / 'nennep.sqlite3'}", info={"book": casework.law(), "clock": FixedClock(TODAY)})


def fill(database: Database) -> None:
    """Cases of one cell; a district that ended with its figures; a neighbouring commune that nobody here looks at."""
    casework.fill(database, ("C1",))
    with database.write() as session:
        units.found(session, None, START, code="H", name="Huyện ủy Lâm Bình", kind="district", parent="T", paper="Quyết định 01")
        units.found(session, None, START, code="HX", name="Đảng ủy xã cũ", kind="base_committee", parent="H")
        units.state_strength(session, None, D(2025, 6, 1), unit="H", official=3600, comparator=">", source="Báo cáo đại hội")
        targets.set_target(session, None, D(2025, 6, 1), unit="H", value=200, paper="Nghị quyết đại hội", **TERM)
        targets.set_statement(session, None, D(2025, 6, 1), unit="H", value=195, source="Báo cáo tổng kết", **TERM)
        units.end(session, None, ENDED, unit="HX", successor="X", paper="Quyết định 02")
        units.end(session, None, ENDED, unit="H", successor="G", paper="Quyết định 03")
        units.found(session, None, COMMUNE, code="L", name="Đảng ủy xã Láng Giềng", kind="commune_above_base", parent="T")
        units.found(session, None, COMMUNE, code="LC", name="Chi bộ Láng Giềng", kind="base_cell", parent="L")
        for unit, value in (("G", 12), ("X", 8), ("K", 4)):
            targets.set_target(session, None, D(2026, 1, 5), unit=unit, value=value, **YEAR)
        targets.set_statement(session, None, D(2026, 7, 1), unit="X", value=5, source="Báo cáo 6 tháng", **YEAR)
    with database.write() as session:
        person = people.person_id(session, "C1-nominated")
        case = session.connection().scalar(sa.text('SELECT id FROM "case" WHERE subject_person_id = :p'), {"p": person})
        engine.advance(session, case, "drop_source", casework.actor(session, "bithu1"), on=TODAY - dt.timedelta(days=3),
                       facts={"note.reason": "Chuyển đi nơi khác."}, second_reader=True)
        board = people.person_id(session, "ban")
        assert board is not None
        office = session.connection().scalar(sa.text("SELECT id FROM office WHERE person_id = :p"), {"p": people.person_id(session, "thuongvu")})
        offices.grant_substitution(session, None, TODAY, office=office, person=people.person_id(session, "khach") or 0,
                                   since=TODAY, until=D(2026, 12, 31), paper="Giấy ủy nhiệm 07")


@pytest.fixture(scope="session")
def registers_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registers")
    database = opened(folder)
    migrate.upgrade(database)
    fill(database)
    database.dispose()
    return folder


@pytest.fixture
def town(registers_home: Path, tmp_path: Path) -> Iterator[Site]:
    """A home of the test's own with all of it."""
    home = tmp_path / "town"
    shutil.copytree(registers_home, home)
    database = opened(home)
    made = Site(home, database, casework.law(), database.info["clock"])
    yield made
    made.close()


@pytest.fixture
def town_app(town: Site) -> Flask:
    return create_app(town)


@pytest.fixture
def enter(town_app: Flask) -> Callable[[str], Any]:
    """Signs an account in and gives its browser; the accounts are those of :mod:`tests.web.casework`."""
    from tests.web.conftest import Visitor

    def signed_in(username: str) -> Any:
        visitor = Visitor(town_app)
        visitor.sign_in(username, PASSWORD)
        return visitor
    return signed_in


def unit(town: Site, code: str) -> int:
    with town.database.read() as session:
        found = tree.unit_id(session, code)
    assert found is not None
    return found


@contextmanager
def statements(town: Site) -> Iterator[list[str]]:
    """The SQL statements sent while inside."""
    sent: list[str] = []

    def note(connection, cursor, statement, *rest) -> None:  # type: ignore[no-untyped-def]
        sent.append(statement)
    sa.event.listen(town.database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(town.database.engine, "before_cursor_execute", note)
