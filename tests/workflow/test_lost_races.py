"""Whoever is beaten by somebody else gets words, never a broken transaction; and nothing is written into a unit that ends."""
from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from bench import village
from workflow import db, engine, fold, tree, units
from workflow.db import Database, FairLock
from workflow.errors import Conflict
from workflow.models import Case, RequestKey

TODAY = dt.date(2024, 7, 1)
PATIENCE = 30


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = village.opened(database_url, TODAY)
    village.build(made)
    with made.write() as session:
        units.found(session, None, village.FOUNDED, code="C2", name="Chi bộ thôn Bản Pục", kind="cell", parent="X")
    yield made
    made.dispose()


def test_a_key_that_was_just_taken_is_a_conflict(database: Database) -> None:
    row = {"key": "same", "digest": "d", "entry_id": 1}
    with database.write() as session:
        session.connection().execute(sa.insert(RequestKey), row)
    with pytest.raises((Conflict, sa.exc.IntegrityError)) as told, database.write() as session:
        session.connection().execute(sa.insert(RequestKey), row)
    # On SQLite the trigger of the journal speaks first; a table without one shows the key itself.
    if not database.is_sqlite:
        assert isinstance(told.value, Conflict)
    with pytest.raises(Conflict, match="cùng lúc"), database.write() as session:
        session.connection().exec_driver_sql("INSERT INTO unit (code) VALUES ('C2')")


def test_a_defect_stays_a_defect(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError), database.write() as session:
        session.connection().exec_driver_sql("INSERT INTO unit (code) VALUES (NULL)")


@pytest.mark.parametrize("first", ["opening", "ending"])
def test_no_case_is_opened_in_a_cell_that_ends_meanwhile(database: Database, first: str) -> None:
    with database.write() as session:
        (subject,), staff = village.candidates(session, 1), village.staff(session)
    begun, told = threading.Event(), {}

    def opening(wait: threading.Event | None) -> None:
        with database.write() as session:
            engine.advance(session, subject, "nominate", staff["secretary"], on=dt.date(2024, 6, 3))
            _linger(begun, wait)

    def ending(wait: threading.Event | None) -> None:
        with database.write() as session:
            units.end(session, None, dt.date(2024, 6, 1), unit="C1", successor="C2")
            _linger(begun, wait)

    def _linger(begun: threading.Event, wait: threading.Event | None) -> None:
        if wait is not None:
            begun.set()
            wait.wait(1)  # long enough for the other to arrive and be held up

    runs = {"opening": opening, "ending": ending}
    later = "ending" if first == "opening" else "opening"
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(runs[first], threading.Event())
        assert begun.wait(PATIENCE)
        other = pool.submit(runs[later], None)
        for name, run in ((first, one), (later, other)):
            told[name] = run.exception(PATIENCE)
    assert told[first] is None
    with database.read() as session:
        there = session.scalars(sa.select(Case.unit_id)).all()
        if first == "opening":  # the case follows, or the end was told to look again
            assert told[later] is None and there == [tree.unit_id(session, "C2")]
        else:
            assert told[later] is not None and there == []
        assert fold.compare(session) == []


def test_who_is_interrupted_in_the_queue_leaves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            raise KeyboardInterrupt

    lock = FairLock()
    lock.acquire()
    with monkeypatch.context() as patched:
        patched.setattr(db.threading, "Event", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            lock.acquire()
    lock.release()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lock.acquire).result(PATIENCE)
