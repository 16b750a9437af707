"""Races of real processes: two people take a step on the same case in the same moment, over and over.

Each racer is a process of its own with its own connection; a barrier lets both start together. What a racer meets is
told as plain values, so that a defect (a locked database, a broken constraint) shows as what it is.
"""
from __future__ import annotations

import datetime as dt
import multiprocessing
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench import village
from workflow import engine, fold
from workflow.db import Database
from workflow.errors import Conflict, NotPermitted, StepRefused
from workflow.journal import EntryRef
from workflow.models import Ballot, Case, Entry, Outbox, Paper

WON, BEATEN = "won", "beaten"
#: One racer never waits longer than this for the other; a hang is a failure, not a silence.
PATIENCE = 60
_spawn = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Course:
    """What one racer does, as ``who``: decides each case, or opens the case of each person.

    ``version`` is the one his page named, ``key`` that of his request.
    """

    who: str
    cases: Sequence[int | engine.Subject]
    version: int | None = None
    key: str | None = None


@dataclass(frozen=True)
class Run:
    """How a racer fared on one case: won, beaten (with the words for it), or the name of something unforeseen."""

    case: int | engine.Subject
    who: str
    outcome: str
    words: str
    entry: EntryRef | None = None


def race(url: str, today: dt.date, courses: Sequence[Course]) -> list[Run]:
    """Run the courses side by side, a process each; case by case they start together."""
    barrier, told = _spawn.Barrier(len(courses)), _spawn.Queue()
    racers = [_spawn.Process(target=_racer, args=(url, today, course, barrier, told)) for course in courses]
    return _finish(racers, told, len(courses[0].cases))


def _racer(url: str, today: dt.date, course: Course, barrier: Any, told: Any) -> None:
    runs: list[Run] = []
    try:
        database = village.opened(url, today)
        with database.read() as session:
            staff = village.staff(session)
        for case in course.cases:
            barrier.wait(PATIENCE)
            runs.append(_take(database, case, course, staff))
        database.dispose()
    except BaseException as error:
        barrier.abort()
        runs.append(Run(0, course.who, type(error).__name__, str(error)))
    told.put(runs)


def _take(database: Database, case: int | engine.Subject, course: Course, staff: dict[str, Any]) -> Run:
    act = village.DECISION if isinstance(case, int) else village.OPENING
    try:
        with database.write() as session:
            entry = act.take(session, case, staff, by=course.who, version=course.version, request_key=course.key)
        return Run(case, course.who, WON, "", entry)
    except Conflict as error:
        return Run(case, course.who, BEATEN, str(error))
    except StepRefused as error:
        outcome = BEATEN if error.refused[0] == "STATE" else "StepRefused"
        return Run(case, course.who, outcome, f"{error.verdict.state}: {error}")
    except (NotPermitted, sa.exc.SQLAlchemyError) as error:
        return Run(case, course.who, type(error).__name__, str(error))


def repeat(url: str, today: dt.date, course: Course, times: int) -> list[Run]:
    """Two processes send the same request at once, over several threads each, ``times`` in all."""
    barrier, told = _spawn.Barrier(times), _spawn.Queue()
    return _finish([_spawn.Process(target=_sender, args=(url, today, course, times // 2, barrier, told)) for _ in range(2)], told, 1)


def _finish(processes: list[Any], told: Any, cases: int) -> list[Run]:
    for process in processes:
        process.start()
    found: list[Run] = [run for _ in processes for run in told.get(timeout=PATIENCE + cases)]
    for process in processes:
        process.join(PATIENCE)
    return found


def _sender(url: str, today: dt.date, course: Course, threads: int, barrier: Any, told: Any) -> None:
    database = village.opened(url, today)
    with database.read() as session:
        staff = village.staff(session)
    runs: list[Run] = []

    def send() -> None:
        barrier.wait(PATIENCE)
        runs.append(_take(database, course.cases[0], course, staff))

    senders = [threading.Thread(target=send) for _ in range(threads)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(PATIENCE)
    database.dispose()
    told.put(runs)


def prove_once(runs: Sequence[Run], cases: Sequence[int | engine.Subject], racers: int = 2) -> None:
    """On each case exactly one racer won, and every other was told in words why he did not."""
    assert Counter(run.case for run in runs) == dict.fromkeys(cases, racers), [r for r in runs if r.case not in set(cases)]
    strange = [run for run in runs if run.outcome not in (WON, BEATEN)]
    assert not strange, strange[:5]
    assert Counter(run.case for run in runs if run.outcome == WON) == dict.fromkeys(cases, 1)
    assert all(run.words for run in runs if run.outcome == BEATEN)


def prove_decided(database: Database, cases: Sequence[int]) -> None:
    """Each case holds one decision, with one ballot, one paper and one notice, and every table agrees with the journal."""
    with database.read() as session:
        once = dict.fromkeys(cases, 1)
        for model in (Ballot, Outbox):
            assert _count(session, model.case_id, cases) == once
        assert _count(session, Paper.case_id, cases, Paper.kind == "9-KND") == once
        assert _count(session, Entry.case_id, cases, Entry.step == village.DECISION.do) == once
        rows = session.execute(sa.select(Case.state, Case.version).where(Case.id.in_(cases))).all()
        assert set(rows) == {("decided", 2)}
        differences = fold.compare(session)
        assert not differences, differences[:5]


def prove_opened(database: Database, subjects: Sequence[engine.Subject]) -> None:
    """Each person has one case, opened by one entry."""
    people = [subject.person_id for subject in subjects]
    with database.read() as session:
        cases = session.execute(sa.select(Case.subject_person_id, Case.id).where(Case.subject_person_id.in_(people))).all()
        assert sorted(person for person, _ in cases) == sorted(people)
        assert _count(session, Entry.case_id, [case for _, case in cases]) == {case: 1 for _, case in cases}
        differences = fold.compare(session)
        assert not differences, differences[:5]


def _count(session: Session, column: Any, cases: Sequence[int], *where: Any) -> dict[int, int]:
    asked = sa.select(column, sa.func.count()).where(column.in_(cases), *where).group_by(column)
    return dict(session.execute(asked).all())
