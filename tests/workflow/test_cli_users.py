"""``nennep setup``, ``nennep user`` and ``nennep due``, run as commands in a home of their own."""
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.workflow.organisation import district
from workflow import accounts
from workflow.cli import cli
from workflow.site import open_home

Run = Callable[..., Result]
SENTENCE = "đường về bản xa lắm"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("NENNEP_HOME", str(tmp_path / "home"))

    def call(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(cli, list(words))
        assert result.exit_code == code, result.output
        return result

    return call


def sign_in(name: str, code: str) -> int | None:
    site = open_home()
    now = dt.datetime.now(dt.timezone.utc)
    assert accounts.use_code(site.database, name, code, SENTENCE, address="", now=now)
    found = accounts.sign_in(site.database, name, SENTENCE, address="", now=now)
    site.close()
    return found


def test_an_empty_home_gets_its_first_administrator_once(run: Run) -> None:
    given = json.loads(run("setup", "--json").stdout)
    assert given["username"] == "admin" and given["hours"] == 24
    assert sign_in("admin", given["code"]) is not None
    assert "Đã có tài khoản" in run("setup", code=2).stderr


def test_accounts_offices_and_resets(run: Run) -> None:
    run("setup")
    site = open_home()
    with site.database.write() as session:
        district(session)
    site.close()
    given = json.loads(run("user", "add", "Ha.Be", "--full-name", "Hà Thị Bé", "--json").stdout)
    assert sign_in("ha.be", given["code"]) is not None
    assert "Bí thư chi bộ tại C1" in run("user", "grant", "ha.be", "cell_secretary", "C1", "--from", "2020-01-01").output
    assert json.loads(run("user", "list", "--json").stdout)[1] == {
        "username": "ha.be", "full_name": "Hà Thị Bé", "administrator": False, "disabled": False, "offices": ["cell_secretary@C1"]}
    code = json.loads(run("user", "reset", "ha.be", "--json").stdout)["code"]
    site = open_home()
    now = dt.datetime.now(dt.timezone.utc)
    assert accounts.sign_in(site.database, "ha.be", SENTENCE, address="", now=now) is None
    site.close()
    assert sign_in("ha.be", code) is not None
    run("user", "disable", "ha.be")
    run("user", "enable", "ha.be")


@pytest.mark.parametrize("words", [
    ("user", "add", "a"), ("user", "add", "lý cư"), ("user", "add", "ok", "--person", "none"), ("user", "reset", "none"),
    ("user", "grant", "admin", "cell_secretary", "C1", "--from", "2020-01-01"), ("user", "grant", "none", "x", "C1", "--from", "2020-01-01"),
    ("user", "grant", "admin", "administrator", "C1", "--from", "2020-01-01"), ("user", "disable", "admin"),
    ("due", "--unit", "ZZ"), ("due", "--on", "2025-02-30"), ("user", "grant", "admin", "x", "C1")])
def test_wrong_use_is_told_and_exits_2(run: Run, words: tuple[str, ...]) -> None:
    run("setup")
    before = run("user", "list").output
    assert run(*words, code=2).stderr
    assert run("user", "list").output == before


def test_due_prints_one_document(run: Run) -> None:
    run("setup")
    assert json.loads(run("due", "--on", "2026-03-01", "--json").stdout) == {
        "on": "2026-03-01", "unit": None, "days": 30, "late": 0, "today": 0, "soon": 0, "duties": []}
    assert "Quá hạn: 0" in run("due", "--on", "01/03/2026").output


def test_a_home_that_was_never_set_up_says_what_to_do(run: Run) -> None:
    assert "nennep db upgrade" in run("due", code=1).output
