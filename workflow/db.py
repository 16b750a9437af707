"""The database: SQLite as the embedded default, PostgreSQL by URL.

A :class:`Database` opens transactions; nothing else in the project does. On SQLite every writing transaction starts
with ``BEGIN IMMEDIATE`` behind a first-in first-out lock: with the driver's own habit two approvers could both read
the old state and both approve, and SQLite's own waiting starves whoever asked first.
"""
from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.engine import Engine

from workflow.errors import Conflict

#: The first SQLite whose write-ahead log cannot be corrupted by two connections resetting it at once.
SAFE_WAL = (3, 51, 3)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(sa.TypeDecorator[dt.datetime]):
    """A moment in UTC; aware in Python on both databases."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(dt.timezone.utc)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.timezone.utc) if value.tzinfo is None else value.astimezone(dt.timezone.utc)


#: Text that is compared byte by byte on both databases, whatever the locale of the server.
Binary = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


class Base(orm.DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {dt.datetime: Instant, str: sa.Text()}


class FairLock:
    """A lock that is handed over in the order in which it was asked for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._queue: deque[threading.Event] = deque()

    def acquire(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Event()
            self._queue.append(turn)
        try:
            turn.wait()
        except BaseException:  # interrupted while waiting: leave the queue, or pass on what was handed over meanwhile
            with self._guard:
                waiting = turn in self._queue
                if waiting:
                    self._queue.remove(turn)
            if not waiting:
                self.release()
            raise

    def release(self) -> None:
        with self._guard:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._held = False


class Database:
    """One database and the two ways to use it: :meth:`write` and :meth:`read`.

    ``info`` (the rulebook, the clock) is seen by every session opened here; :mod:`workflow.context` reads it.
    """

    def __init__(self, url: str, *, info: dict[str, Any] | None = None, echo: bool = False) -> None:
        self.url = sa.make_url(url)
        self.info = info or {}
        if self.url.drivername == "postgresql":
            self.url = self.url.set(drivername="postgresql+psycopg")
        self.engine = _engine(self.url, echo)
        self._reading = self.engine.execution_options(nennep_reading=True)
        self._lock = FairLock() if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def write(self) -> Iterator[orm.Session]:
        """A transaction that commits at the end of the block, or rolls back when an error leaves it.

        Raises Conflict where the database itself found that somebody else was faster: a key that was just taken, two
        transactions that waited for each other, a file that was held for too long.
        """
        if self._lock:
            self._lock.acquire()
        try:
            with orm.Session(self.engine, info=self.info) as session, session.begin():
                yield session
        except sa.exc.DBAPIError as error:
            if _lost_race(error):
                raise Conflict("Vừa có người khác ghi cùng lúc; hãy tải lại trang, xem lại rồi thực hiện.") from error
            raise
        finally:
            if self._lock:
                self._lock.release()

    @contextmanager
    def read(self) -> Iterator[orm.Session]:
        """A transaction on one snapshot that never writes. Keep it short: load, leave, then render."""
        with orm.Session(self._reading, info=self.info) as session:
            yield session

    def dispose(self) -> None:
        self.engine.dispose()


#: What PostgreSQL calls a key that is taken, a serialisation failure, a deadlock; what SQLite calls the same.
_RACES_POSTGRES = frozenset({"23505", "40001", "40P01"})
_RACES_SQLITE = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_BUSY")


def _lost_race(error: sa.exc.DBAPIError) -> bool:
    state, name = getattr(error.orig, "sqlstate", None), getattr(error.orig, "sqlite_errorname", "")
    return state in _RACES_POSTGRES or str(name).startswith(_RACES_SQLITE)


def _engine(url: sa.URL, echo: bool) -> Engine:
    if url.get_backend_name() != "sqlite":
        engine = sa.create_engine(url, echo=echo, pool_pre_ping=True, isolation_level="READ COMMITTED")

        @sa.event.listens_for(engine, "begin")
        def _snapshot(connection: sa.Connection) -> None:
            if connection.get_execution_options().get("nennep_reading"):
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

        return engine

    engine = sa.create_engine(url, echo=echo, connect_args={"check_same_thread": False, "timeout": 30})

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        # A journal that stays is as safe as one that is cut short, and spares the file system its share of each commit.
        journal = "WAL" if sqlite3.sqlite_version_info >= SAFE_WAL else "PERSIST"
        for pragma in (f"journal_mode={journal}", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000", "mmap_size=0"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        reading = connection.get_execution_options().get("nennep_reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
