"""A site with a few invented people, and a visitor who fills in forms like a browser."""
from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from rules import book
from tests.web import casework
from tests.web.html import Page
from tests.web.registers import enter, registers_home, town, town_app
from web.app import create_app
from workflow import accounts, migrate, offices, people, units
from workflow.context import FixedClock
from workflow.db import Database
from workflow.site import Site

LAW = Path(__file__).parents[1] / "rules" / "laws" / "small"
TODAY = dt.date(2026, 3, 2)
#: Account -> its password. ``quan.tri`` administers; the others hold offices.
PASSWORDS = {"hoa": "nắng sớm trên nương ngô", "thanh": "con suối chảy quanh bản", "quan.tri": "khóa cửa kho thóc cũ"}


#: Fixtures of the pages of units, law, history and administration, for every test here.
__all__ = ["enter", "registers_home", "town", "town_app"]


@cache
def law() -> book.Rulebook:
    return book.load([LAW])


def people_and_accounts(database: Database) -> None:
    """Two officers of one cell and an administrator, all of them invented."""
    now = dt.datetime.now(dt.timezone.utc)
    start = dt.date(2025, 1, 1)
    with database.write() as session:
        units.found(session, None, start, code="C1", name="Chi bộ thôn Nà Tông", kind="cell")
        hoa = people.add_person(session, None, start, full_name="Ma Thị Hoa", key="hoa")
        thanh = people.add_person(session, None, start, full_name="Quan Văn Thành", key="thanh")
        offices.grant_office(session, None, start, person=hoa, role="cell_secretary", unit="C1")
        for name, person in (("hoa", hoa), ("thanh", thanh), ("quan.tri", None)):
            made = accounts.create_account(session, None, username=name, person=person, administrator=person is None)
            accounts.set_password(session, made, PASSWORDS[name], now)


@pytest.fixture(scope="session")
def _filled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    database = Database(f"sqlite:///{folder / 'nennep.sqlite3'}", info={"book": law(), "clock": FixedClock(TODAY)})
    migrate.upgrade(database)
    people_and_accounts(database)
    database.dispose()
    return folder


@pytest.fixture
def site(_filled_home: Path, tmp_path: Path) -> Iterator[Site]:
    """A real home of the test's own, on SQLite."""
    home = tmp_path / "home"
    shutil.copytree(_filled_home, home)
    clock = FixedClock(TODAY)
    made = Site(home, Database(f"sqlite:///{home / 'nennep.sqlite3'}", info={"book": law(), "clock": clock}), law(), clock)
    yield made
    made.close()


@pytest.fixture(scope="session")
def _case_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cases")
    database = Database(f"sqlite:///{folder / 'nennep.sqlite3'}", info={"book": casework.law(), "clock": FixedClock(casework.TODAY)})
    migrate.upgrade(database)
    casework.fill(database)
    database.dispose()
    return folder


@pytest.fixture
def case_site(_case_home: Path, tmp_path: Path) -> Iterator[Site]:
    """A home under the shipped law with a case in every state; tests of case pages take it as their ``site``."""
    home = tmp_path / "cases"
    shutil.copytree(_case_home, home)
    clock, book_ = FixedClock(casework.TODAY), casework.law()
    made = Site(home, Database(f"sqlite:///{home / 'nennep.sqlite3'}", info={"book": book_, "clock": clock}), book_, clock)
    yield made
    made.close()


@pytest.fixture
def app(site: Site) -> Flask:
    return create_app(site)


class Visitor:
    """A browser without scripts: keeps cookies, follows redirects when told, sends the token of the page it saw."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.page: Page | None = None

    def get(self, path: str, follow: bool = False, **kwargs: Any) -> TestResponse:
        return self._seen(self.client.get(path, follow_redirects=follow, **kwargs))

    def post(self, path: str, data: dict[str, Any] | None = None, follow: bool = False, **kwargs: Any) -> TestResponse:
        return self._seen(self.client.post(path, data={"csrf_token": self.token(), **(data or {})},
                                           follow_redirects=follow, **kwargs))

    def token(self) -> str:
        if self.page is None or not self.page.all("input", name="csrf_token"):
            self.get("/dang-nhap", follow=True)
        assert self.page is not None
        return self.page.all("input", name="csrf_token")[0].attrs["value"]

    def sign_in(self, username: str, password: str | None = None, **fields: str) -> TestResponse:
        self.get("/dang-nhap")
        return self.post("/dang-nhap", {"username": username, "password": password or PASSWORDS[username], **fields})

    def _seen(self, response: TestResponse) -> TestResponse:
        if response.mimetype == "text/html" and response.data:
            self.page = Page(response.text)
        return response


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


@pytest.fixture
def visitors(app: Flask) -> Callable[[], Visitor]:
    """Makes further browsers."""
    return lambda: Visitor(app)
