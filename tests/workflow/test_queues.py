"""Queues and flags asked of the database say what the engine says case by case, on both databases."""
from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.databases import fresh_postgres
from tests.web import casework
from tests.workflow.agreement import by_engine
from workflow import access, blocked, caselist, migrate, queues, waiting
from workflow.caselist import Filter
from workflow.context import Actor, FixedClock
from workflow.db import Database
from workflow.models import Case

ACCOUNTS = (*casework.OFFICERS, *casework.PLAIN)


def _opened(url: str) -> Database:
    return Database(url, info={"book": casework.law(), "clock": FixedClock(casework.TODAY)})


@pytest.fixture(scope="session")
def _filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("queues") / "cases.sqlite3"
    database = _opened(f"sqlite:///{path}")
    migrate.upgrade(database)
    casework.fill(database)
    database.dispose()
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("_filled"), tmp_path / "cases.sqlite3")
        made = _opened(f"sqlite:///{tmp_path / 'cases.sqlite3'}")
        yield made
        made.dispose()
        return
    with fresh_postgres(request.getfixturevalue("postgres_url")) as url:
        made = _opened(url)
        migrate.upgrade(made)
        casework.fill(made, cells=("C1", "C3"))
        yield made
        made.dispose()


def _ids(session: Session, condition: sa.ColumnElement[bool]) -> set[int]:
    return set(session.scalars(sa.select(Case.id).where(condition)))


def test_what_waits_and_what_is_blocked_is_what_the_engine_says(database: Database) -> None:
    timed = 0
    with database.read() as session:
        for account in ACCOUNTS:
            desk = waiting.desk(session, casework.actor(session, account), casework.TODAY)
            found = {q.slug: q.condition for q in queues.queues(session, desk)}
            wanted = by_engine(session, casework.law(), desk)
            assert _ids(session, found["mine"]) == wanted.mine, account
            assert _ids(session, desk.scope & blocked.stuck(session, desk, desk.on)) == wanted.stuck, account
            timed += wanted.timed
    assert timed, "no case waits for time alone: the test would not notice if that were wrong"


def test_counts_are_those_of_the_lists_in_one_statement(database: Database) -> None:
    statements: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    with database.read() as session:
        total = dict.fromkeys(queues.SLUGS, 0)
        for account in ACCOUNTS:
            desk = waiting.desk(session, casework.actor(session, account), casework.TODAY)
            found = queues.queues(session, desk)
            assert tuple(q.slug for q in found) == queues.SLUGS
            statements.clear()
            counts = queues.counts(session, found)
            assert len(statements) == 1
            for queue in found:
                listed = caselist.listed(session, desk, queue.condition, size=100)
                assert listed.total == counts[queue.slug] == len(_ids(session, queue.condition)), (account, queue.slug)
                assert _ids(session, queue.condition) <= _ids(session, desk.scope)
                total[queue.slug] += counts[queue.slug]
    assert all(total[slug] for slug in ("mine", "overdue", "reports", "review", "probation")), total


def test_what_others_owe_every_month_is_not_overdue_for_those_above(database: Database) -> None:
    """A report or review that is late is overdue for who has to write it, and for nobody else."""
    law = casework.law()
    monthly = caselist.recurring(law)
    seen = {}
    with database.read() as session:
        for account in ACCOUNTS:
            desk = waiting.desk(session, casework.actor(session, account), casework.TODAY)
            queue = next(q for q in queues.queues(session, desk) if q.slug == "overdue")
            rows = caselist.everything(session, desk, queue.condition, mine=True)
            roles = {h.role for h in desk.held}
            owed = {r.due_kind for r in rows} & set(monthly)
            seen[account] = owed
            assert "source_review" not in owed or "cell_secretary" in roles, account
            helped = _ids(session, access.related_to(desk.actor.person_id, desk.on)) if desk.actor.person_id else set()
            assert {r.id for r in rows if r.due_kind == "sponsor_report"} <= helped, account
            assert all(r.due_on is not None and r.due_on < casework.TODAY for r in rows), account
    assert any(seen.values()), "nobody owes anything monthly: the test would not notice if that were wrong"


def test_probation_ends_in_a_month(database: Database) -> None:
    """The ceremony of C3 was on 30/10/2025: within the next 30 days its probation is over."""
    with database.read() as session:
        desk = waiting.desk(session, casework.actor(session, "bithu3"), casework.TODAY)
        queue = next(q for q in queues.queues(session, desk) if q.slug == "probation")
        rows = caselist.everything(session, desk, queue.condition)
    assert [r.state for r in rows] == ["probationary"]


def test_desk_and_lists_take_a_fixed_number_of_statements(database: Database) -> None:
    """Twice as many cases, not one statement more."""
    statements: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    numbers = set()
    with database.read() as session:
        for account in ("bithu1", "thuongvu"):  # one cell, the whole commune
            actor = casework.actor(session, account)
            statements.clear()
            desk = waiting.desk(session, actor, casework.TODAY)
            condition = caselist.condition(session, casework.law(), desk, Filter(flag="blocked"))
            caselist.listed(session, desk, condition, sort="due", size=100)
            numbers.add(len(statements))
    assert len(numbers) == 1 and numbers.pop() <= 8


@pytest.mark.parametrize("text", ["dang", "Đặng", "ĐẶNG", "\u0110a\u0323\u0306ng", "Ðặng"])
def test_search_goes_without_marks(database: Database, text: str) -> None:
    with database.read() as session:
        desk = waiting.desk(session, casework.actor(session, "thuongvu"), casework.TODAY)
        rows = caselist.everything(session, desk, caselist.condition(session, casework.law(), desk, Filter(text=text)))
    assert rows and {row.name.split()[0] for row in rows} == {"Đặng"}


def test_lists_follow_the_vietnamese_order_of_given_names(database: Database) -> None:
    with database.read() as session:
        desk = waiting.desk(session, casework.actor(session, "bithu1"), casework.TODAY)
        rows = caselist.everything(session, desk, caselist.condition(session, casework.law(), desk, Filter()))
    given = [row.name.split()[-1] for row in rows]
    order = ["An", "Ánh", "Bình", "Châu", "Đào", "Điệp", "Giang", "Hạnh", "Khánh", "Liên", "Thuý", "Uyên", "Vượng", "Yến"]
    assert [name for i, name in enumerate(given) if i == 0 or given[i - 1] != name] == [n for n in order if n in given]


def test_a_filter_for_a_rule_finds_those_it_holds_up(database: Database) -> None:
    with database.read() as session:
        desk = waiting.desk(session, casework.actor(session, "bithu1"), casework.TODAY)
        law = casework.law()
        none = caselist.condition(session, law, desk, Filter(rule="CERT.AWARE.VALID"))
        assert not _ids(session, none)
        later = dt.date(2030, 9, 2)  # five years after the certificates of 1/9/2025
        stale = blocked.stuck(session, desk, later, blocked.reads_rule("CERT.AWARE.VALID"))
        states = set(session.scalars(sa.select(Case.state).where(desk.scope, stale)))
    assert states == {"class_done", "opinions_done"}


def test_an_account_without_a_person_sees_nothing(database: Database) -> None:
    with database.read() as session:
        desk = waiting.desk(session, Actor(0, None, "quan.tri", True), casework.TODAY)
        assert not any(queues.counts(session, queues.queues(session, desk)).values())
        assert not _ids(session, desk.scope)
