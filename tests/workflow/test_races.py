"""Of two who take one step in the same moment, exactly one does, and the other is told why not; a request sent ten
times is carried out once. ``make soak`` runs the same with many more races."""
from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench import village
from tests.workflow import racing
from workflow.db import Database

RACES = 50
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
