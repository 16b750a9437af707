"""The test ground itself: the databases are real, separate, and of the kinds they claim to be."""
from __future__ import annotations

import subprocess
import sys

import pytest
import sqlalchemy as sa

from tests.conftest import ROOT
from tests.databases import fresh_postgres


def test_each_kind_of_database_answers_and_starts_empty(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        assert sa.inspect(connection).get_table_names() == []
        connection.execute(sa.text("CREATE TABLE only_here (name text)"))
        connection.execute(sa.text("INSERT INTO only_here VALUES (:name)"), {"name": "Nông Văn Đặng"})
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT name FROM only_here")) == "Nông Văn Đặng"
    assert engine.dialect.name in database_url
    engine.dispose()


@pytest.mark.postgres
def test_a_database_may_be_copied_from_a_template(postgres_url: str) -> None:
    with fresh_postgres(postgres_url) as template:
        engine = sa.create_engine(template)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE filled AS SELECT 7 AS seven"))
        engine.dispose()
        with fresh_postgres(postgres_url, sa.make_url(template).database or "") as copy:
            engine = sa.create_engine(copy)
            with engine.connect() as connection:
                assert connection.scalar(sa.text("SELECT seven FROM filled")) == 7
            engine.dispose()


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_a_skip_fails_the_run_in_ci_only(ci: str, code: int, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "test_skips.py").write_text("import pytest\ndef test_one(): pytest.skip('no such server')\n")
    (tmp_path / "conftest.py").write_text("from tests.conftest import *  # noqa: F403\n")
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", str(ROOT / "setup.cfg"), "--rootdir", str(tmp_path),
         str(tmp_path / "test_skips.py")],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )
    assert run.returncode == code, run.stdout + run.stderr
    assert "no such server" in run.stdout
