"""``nennep db``, ``nennep audit`` and ``nennep work`` as a user calls them."""
from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from tests.workflow.journalled import LAW
from workflow import triggers
from workflow.cli.audit import audit
from workflow.cli.db import db
from workflow.cli.work import work
from workflow.db import Database


@pytest.fixture
def home(filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NENNEP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NENNEP_LAW_PATH", str(LAW))
    monkeypatch.setenv("NENNEP_DATABASE_URL", filled.url.render_as_string(hide_password=False))
    return tmp_path / "home"


def call(command, *arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def tamper(database: Database) -> None:
    with database.engine.begin() as connection:
        triggers.remove(connection)
        connection.execute(sa.text("UPDATE person SET full_name = 'Khác' WHERE id = 1"))


def test_the_live_database_and_a_file_are_proved_alike(filled: Database, home: Path, tmp_path: Path) -> None:
    file = str(tmp_path / "journal.jsonl.gz")
    assert call(audit, "export", file).exit_code == 0
    for arguments in (["verify"], ["verify", file]):
        honest = call(audit, *arguments)
        assert (honest.exit_code, honest.output) == (0, "1 editions, 6 entries, 9 parts, 9 rows, 5 streams: 0 findings\n")
    tamper(filled)
    assert call(audit, "verify", file).exit_code == 0
    found = call(audit, "verify", "--json")
    assert found.exit_code == 1
    told = json.loads(found.output)
    assert (told["ok"], told["entries"], [f["where"] for f in told["findings"]]) == (False, 6, ["person 1"])
    assert call(audit, "export", file, "--json").exit_code == 0
    assert call(audit, "verify", file).exit_code == 1


def test_a_file_that_is_no_export_is_told(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello\n")
    (tmp_path / "a.gz").write_bytes(b"hello")
    assert call(audit, "verify", str(tmp_path / "a.txt")).exit_code == 1
    broken = call(audit, "verify", str(tmp_path / "a.gz"))
    assert (broken.exit_code, "cannot be read" in broken.output) == (1, True)
    assert call(audit, "verify", str(tmp_path / "none")).exit_code == 2
    assert call(audit, "export", str(tmp_path / "no" / "folder")).exit_code == 1


def test_upgrade_and_check(filled: Database, home: Path) -> None:
    assert call(db, "check").exit_code == 0
    with filled.engine.begin() as connection:
        triggers.remove(connection)
    found = call(db, "check", "--json")
    assert found.exit_code == 1
    assert len(json.loads(found.output)["findings"]) == 12
    assert call(db, "upgrade").exit_code == 0
    assert json.loads(call(db, "check", "--json").output) == {"ok": True, "findings": []}


def test_work_once_delivers_into_the_home(filled: Database, home: Path) -> None:
    with filled.engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO outbox (message_id, kind, run_at, tries) VALUES ('a', 'digest', '2026-01-01 00:00:00.000000', 0)"))
    done = call(work, "--once")
    assert (done.exit_code, done.output) == (0, "1 sent, 0 to be tried again, 0 waiting\n")
    assert len(list((home / "outbox").glob("*.eml"))) == 1


def test_a_law_that_cannot_be_read_stops_no_migration_and_no_proof(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "law").mkdir()
    (tmp_path / "law" / "broken.yaml").write_text("rules: [")
    monkeypatch.setenv("NENNEP_LAW_PATH", str(tmp_path / "law"))
    for command, *arguments in ((db, "upgrade"), (audit, "verify"), (work, "--once")):
        assert call(command, *arguments).exit_code == 0


def test_a_database_that_is_not_there_or_too_old_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NENNEP_HOME", str(tmp_path))
    old = call(audit, "verify")
    assert (old.exit_code, "nennep db upgrade" in old.output) == (1, True)
    monkeypatch.setenv("NENNEP_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    for command, argument in ((db, "check"), (audit, "verify")):
        away = call(command, argument)
        assert (away.exit_code, "cannot be opened" in away.output) == (1, True)
