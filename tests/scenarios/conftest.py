"""A migrated, empty database for every scenario, on each kind: made once and copied."""
from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.databases import fresh_postgres
from workflow import migrate
from workflow.db import Database


def _migrated(url: str) -> None:
    database = Database(url)
    migrate.upgrade(database)
    database.dispose()


@pytest.fixture(scope="session")
def _empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "empty.sqlite3"
    _migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def _empty_template(postgres_url: str) -> Iterator[str]:
    with fresh_postgres(postgres_url) as url:
        _migrated(url)
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def scratch(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the test's own."""
    if request.param == "sqlite":
        path = tmp_path / "scenario.sqlite3"
        shutil.copy(request.getfixturevalue("_empty_file"), path)
        database = Database(f"sqlite:///{path}")
        yield database
        database.dispose()
        return
    template = sa.make_url(request.getfixturevalue("_empty_template")).database or ""
    with fresh_postgres(request.getfixturevalue("postgres_url"), template) as url:
        database = Database(url)
        yield database
        database.dispose()
