"""Of two who take one step in the same moment, exactly one does, and the other is told why not; a request sent ten
times is carried out once. ``make soak`` runs the same with many more races."""
from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from bench import village
from tests.workflow import racing
from workflow import rowchanges
from workflow.context import book_of
from workflow.db import Database
from workflow.errors import Conflict
from workflow.models import Base
from workflow.snapshot import load

RACES = 50
CASE = Base.metadata.tables["case"]
DECIDED, OPENED = village.DECISION.on, village.OPENING.on


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = village.opened(database_url, OPENED)
    village.build(made)
    yield made
    made.dispose()


def test_two_who_decide_at_once_decide_once(database: Database, database_url: str) -> None:
    with database.write() as session:
        cases = village.at_decision(session, RACES)
    # On even cases both had the page open and name the version they saw; on odd ones nobody does.
    for version, some in ((1, cases[::2]), (None, cases[1::2])):
        courses = [racing.Course(who, some, version) for who in ("signer", "other_signer")]
        racing.prove_once(racing.race(database_url, DECIDED, courses), some)
    racing.prove_decided(database, cases)


def test_two_who_open_a_case_at_once_open_one(database: Database, database_url: str) -> None:
    with database.write() as session:
        people = village.candidates(session, 10)
    racing.prove_once(racing.race(database_url, OPENED, [racing.Course(who, people) for who in ("union", "officer")]), people)
    racing.prove_opened(database, people)


def test_a_request_sent_ten_times_at_once_is_carried_out_once(database: Database, database_url: str) -> None:
    with database.write() as session:
        cases = village.at_decision(session, 1)
    runs = racing.repeat(database_url, DECIDED, racing.Course("signer", cases, 1, "same"), 10)
    assert [run.outcome for run in runs] == [racing.WON] * 10, runs
    assert len({run.entry for run in runs}) == 1
    racing.prove_decided(database, cases)


def test_an_opening_sent_ten_times_at_once_opens_one_case(database: Database, database_url: str) -> None:
    with database.write() as session:
        people = village.candidates(session, 1)
    runs = racing.repeat(database_url, OPENED, racing.Course("union", people, key="same"), 10)
    assert [run.outcome for run in runs] == [racing.WON] * 10, runs
    assert len({run.entry for run in runs}) == 1
    racing.prove_opened(database, people)


def test_who_waited_for_a_case_sees_all_of_it_as_it_became(database: Database) -> None:
    with database.write() as session:
        (case,) = village.at_decision(session, 1)
        staff = village.staff(session)
    seen = []

    def come_second() -> None:
        with database.write() as session:
            found = load(session, book_of(session).processes, case, DECIDED, lock=True)
            seen.append((found.case["state"], found.detail["state"], found.detail["decide_admission_on"]))

    second = threading.Thread(target=come_second)
    database.info["clock"].day = DECIDED
    with database.write() as session:
        village.DECISION.take(session, case, staff)
        second.start()
        second.join(0.3)  # long enough to be waiting for the row
        assert seen == []
    second.join(racing.PATIENCE)
    assert seen == [("decided", "decided", DECIDED)]


def test_a_row_changed_since_it_was_read_is_not_changed_again(database: Database) -> None:
    """Where others write at the same time, the journal never tells an old value that was not there."""
    with database.write() as session:
        (case,) = village.at_decision(session, 1)
        stale = dict(session.execute(sa.select(*CASE.c).where(CASE.c.id == case)).mappings().one())
        rowchanges.update(session.connection(), CASE, case, {"version": 2}, stale, None)
        if database.is_sqlite:  # nobody else writes between reading and writing
            return
        with pytest.raises(Conflict):
            rowchanges.update(session.connection(), CASE, case, {"version": 3}, stale, None)
