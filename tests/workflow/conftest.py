"""A filled database for every test that asks, made once and copied."""
from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.databases import fresh_postgres
from tests.workflow.journalled import fill, opened
from workflow.db import Database


@pytest.fixture(scope="session")
def _filled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "filled.sqlite3"
    database = opened(f"sqlite:///{path}")
    fill(database)
    database.dispose()
    return path


@pytest.fixture(scope="session")
def _filled_template(postgres_url: str) -> Iterator[str]:
    with fresh_postgres(postgres_url) as url:
        database = opened(url)
        fill(database)
        database.dispose()
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The history of :mod:`tests.workflow.journalled` in a database of the test's own, on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "test.sqlite3"
        shutil.copy(request.getfixturevalue("_filled_file"), path)
        database = opened(f"sqlite:///{path}")
        yield database
        database.dispose()
        return
    template = sa.make_url(request.getfixturevalue("_filled_template")).database or ""
    with fresh_postgres(request.getfixturevalue("postgres_url"), template) as url:
        database = opened(url)
        yield database
        database.dispose()
