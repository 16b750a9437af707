"""After every scenario, on both databases: the tables are what the journal makes them, and the audit finds nothing."""
from __future__ import annotations

from pathlib import Path

import pytest

from workflow import export, fold, migrate, scenarios, verify
from workflow.db import Database

FILES = sorted((Path(__file__).parents[1] / "scenarios").glob("**/*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_scenario_leaves_a_journal_that_proves_itself(path: Path, database_url: str) -> None:
    database = Database(database_url)
    try:
        migrate.upgrade(database)
        scenarios.run_file(path, database=database)
        with database.read() as session:
            assert fold.compare(session) == []
        audit = verify.Audit()
        assert [str(finding) for finding in audit.findings(export.lines(database))] == []
        assert audit.counts["entries"] > 0
    finally:
        database.dispose()
