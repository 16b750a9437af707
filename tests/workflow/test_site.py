"""Opening an installation: folder, database, law, the demo's own day, the secret."""
from __future__ import annotations

import datetime as dt
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.workflow.journalled import LAW
from workflow import migrate, site
from workflow.context import FixedClock, SystemClock
from workflow.errors import BadInput


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NENNEP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NENNEP_LAW_PATH", str(LAW))


def test_a_real_home_has_the_real_day(tmp_path: Path) -> None:
    opened = site.open_home()
    assert opened.home == tmp_path / "home"
    assert opened.home.stat().st_mode & 0o777 == 0o700
    assert opened.database.url.database == str(tmp_path / "home" / "nennep.sqlite3")
    assert isinstance(opened.clock, SystemClock)
    assert not opened.is_demo
    assert set(opened.book.processes) == {"admission"}
    assert opened.database.info["book"] is opened.book
    assert opened.database.info["clock"] is opened.clock
    opened.close()


def test_the_database_may_be_named(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NENNEP_DATABASE_URL", database_url)
    opened = site.open_home()
    migrate.upgrade(opened.database)
    assert migrate.check(opened.database) == []
    opened.close()


def test_a_demo_moves_forward_only_and_other_processes_see_it() -> None:
    first = site.open_home()
    migrate.upgrade(first.database)
    first.set_demo_today(dt.date(2026, 10, 15))
    second = site.open_home()
    assert (first.is_demo, second.is_demo) == (True, True)
    assert second.clock == FixedClock(dt.date(2026, 10, 15))
    first.set_demo_today(dt.date(2026, 10, 20))
    second.refresh()
    assert second.clock.today() == dt.date(2026, 10, 20)
    assert second.database.info["clock"] is second.clock
    with pytest.raises(BadInput, match="20/10/2026"):
        second.set_demo_today(dt.date(2026, 10, 19))
    for one in (first, second):
        one.close()


def test_the_secret_is_made_once_and_private(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = site.open_home()
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: opened.secret_key(), range(16)))
    assert len(made) == 1
    assert len(made.pop()) == 64
    assert (opened.home / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [p.name for p in opened.home.iterdir() if p.name.startswith("secret")] == ["secret_key"]
    monkeypatch.setenv("NENNEP_SECRET_KEY", "given")
    assert opened.secret_key() == "given"
    opened.close()


def test_law_folders_are_separated_as_in_path() -> None:
    assert site.law_paths({"NENNEP_LAW_PATH": os.pathsep.join(["/a", "", "/b"])}) == [Path("/a"), Path("/b")]
    assert site.law_paths({}) is None
