"""Acts: rows and entry are one, the chain holds, and what a person's part says stands nowhere else."""
from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from tests.databases import fresh_postgres
from tests.workflow.journalled import CLERK, OPENED, VOTED, fill, open_case, opened, scalars, table, vote
from workflow import fold, journal, models
from workflow.canonical import canonical, commitment, digest
from workflow.context import FixedClock
from workflow.db import Database
from workflow.errors import Conflict
from workflow.journal import GENESIS, Act

PERSON = table(models.Person)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = opened(database_url)
    fill(made)
    yield made
    made.dispose()


def act(session, tag: str = "person:person:change", stream: str = "person:an", **more) -> Act:
    return Act(session, stream=stream, tag=tag, acted_on=VOTED, actor=CLERK, **more)


def entries(database: Database, stream: str) -> list[models.Entry]:
    with database.read() as session:
        return list(session.scalars(sa.select(models.Entry).where(models.Entry.stream == stream).order_by(models.Entry.stream_seq)))


def test_entries_of_a_stream_are_chained_over_the_stored_bytes(database: Database) -> None:
    first, second = entries(database, "case:1")
    assert (first.stream_seq, second.stream_seq) == (1, 2)
    assert first.prev_hash == GENESIS
    assert second.prev_hash == first.hash == digest(first.canonical)
    said = json.loads(second.canonical)
    assert said["acted_on"] == "2026-02-20"
    assert said["header"] == {"from": "opinions_done", "signatory": 2, "step": "cell_vote", "to": "cell_approved"}
    assert (second.step, second.signatory_id, second.recorded_by) == ("cell_vote", 2, 1)
    assert canonical(said) == second.canonical


def test_parts_hold_what_the_entry_only_commits_to(database: Database) -> None:
    _, entry = entries(database, "case:1")
    with database.read() as session:
        parts = list(session.scalars(sa.select(models.Part).where(models.Part.entry_id == entry.id).order_by(models.Part.no)))
    promised = json.loads(entry.canonical)["parts"]
    assert [(p["no"], p["kind"], p["person"]) for p in promised] == [(p.no, p.kind, p.person_id) for p in parts]
    for part, promise in zip(parts, promised, strict=True):
        assert part.commitment == promise["commitment"] == commitment(part.salt, part.body)
    assert len({p.salt for p in parts}) == len(parts)
    assert {p.kind for p in parts} == {"rows", "values"}
    by_person = {p.person_id: json.loads(p.body) for p in parts if p.kind == "rows"}
    assert {c["table"] for c in by_person[None]} == {"case", "ballot"}
    assert {c["table"] for c in by_person[1]} == {"admission", "paper"}


def test_no_entry_says_anything_of_a_person(database: Database) -> None:
    with database.read() as session:
        said = "".join(session.scalars(sa.select(models.Entry.canonical)))
    assert "2000-05-20" not in said
    assert "Nông" not in said


def test_only_what_changed_is_told(database: Database) -> None:
    with database.write() as session:
        one = act(session)
        one.update(PERSON, 1, {"full_name": "Nông Văn An", "ethnicity": "Tày"})
        one.update(PERSON, 1, {"full_name": "Nông Văn An"})
        one.write()
        told = list(fold.changes(session))[-1]
    assert told == [{"n": 1, "table": "person", "key": 1, "op": "update", "set": {"ethnicity": [None, "Tày"]}}]


def test_text_is_stored_and_told_in_one_form(database: Database) -> None:
    with database.write() as session:
        one = act(session)
        one.update(PERSON, 1, {"ethnicity": "Ta\u0300y"})
        one.write()
    with database.read() as session:
        assert session.scalar(sa.select(PERSON.c.ethnicity).where(PERSON.c.id == 1)) == "Tày"
        assert fold.compare(session) == []


def test_a_lost_race_is_a_conflict_and_leaves_nothing(database: Database) -> None:
    cases = table(models.Case)
    with pytest.raises(Conflict), database.write() as session:
        one = act(session, stream="case:1", tag="case:facts:record")
        one.insert(table(models.Paper), {"case_id": 1, "kind": "X"})
        one.update(cases, 1, {"version": 2}, seen={"version": 1})
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(models.Paper)) == 1
    for missing in (lambda a: a.update(PERSON, 99, {"ethnicity": "Kinh"}), lambda a: a.delete(PERSON, 99)):
        with pytest.raises(Conflict), database.write() as session:
            missing(act(session))


@pytest.mark.postgres
def test_two_transactions_on_one_stream_are_a_conflict(postgres_url: str) -> None:
    """On SQLite writers come one after the other; on PostgreSQL the second meets the first at the number it wanted."""
    with fresh_postgres(postgres_url) as url:
        database = opened(url)
        fill(database)

        def second() -> None:
            with database.write() as session:
                act(session, stream="case:1", tag="case:facts:record").write()

        with ThreadPoolExecutor(1) as pool:
            with database.write() as session:
                act(session, stream="case:1", tag="case:facts:record").write()
                loser = pool.submit(second)
                waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                for _ in range(200):
                    if scalars(database, waiting) == [1]:
                        break
                    time.sleep(0.05)
            with pytest.raises(Conflict):
                loser.result(timeout=20)
        assert [e.stream_seq for e in entries(database, "case:1")] == [1, 2, 3]
        database.dispose()


def test_recorded_at_never_goes_back_in_a_stream(database: Database) -> None:
    before = entries(database, "case:1")[-1].recorded_at
    with database.write() as session:
        session.info["clock"] = FixedClock(dt.date(2020, 1, 1))
        act(session, stream="case:1", tag="case:facts:record").write()
    assert entries(database, "case:1")[-1].recorded_at == before


@pytest.mark.parametrize(("column", "value"), [("born_on", "2000-05-20"), ("full_name", 7), ("id", True), ("unit_id", 1.0)])
def test_a_value_of_another_kind_is_refused(database: Database, column: str, value: object) -> None:
    with pytest.raises(TypeError, match=column), database.write() as session:
        act(session).update(PERSON, 1, {column: value})


def test_what_cannot_be_told_is_refused(database: Database) -> None:
    with database.read() as session:
        with pytest.raises(ValueError, match="unknown tag"):
            act(session, tag="case:step:guess")
        with pytest.raises(TypeError, match="float"):
            one = act(session, header={"share": 0.5})
            one.write()
    with pytest.raises(ValueError, match="not a journalled table"), database.write() as session:
        act(session).insert(table(models.Setting), {"key": "a", "value": "b"})


def test_an_act_is_written_once(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as session:
        one = act(session)
        one.write()
        one.write()


def test_the_edition_is_stored_with_the_first_act_and_not_again(database: Database) -> None:
    book = database.info["book"]
    with database.write() as session:
        open_case(session, 2, 2)
        vote(session, 2, 2)
    with database.read() as session:
        assert [(e.hash, e.canonical) for e in session.scalars(sa.select(models.Edition))] == [(book.edition, book.canonical)]
        assert set(session.scalars(sa.select(models.Entry.edition))) == {book.edition}


def test_an_edition_whose_act_was_rolled_back_is_stored_by_the_next(database_url: str) -> None:
    from workflow import migrate

    database = opened(database_url)
    migrate.upgrade(database)
    with pytest.raises(ZeroDivisionError), database.write() as session:
        act(session).write()
        act(session).write()
        raise ZeroDivisionError
    with database.write() as session:
        act(session).write()
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(models.Edition)) == 1
    database.dispose()


def test_history_reads_what_was_written(database: Database) -> None:
    with database.read() as session:
        newest, oldest = journal.history(session, case_id=1)
    assert (newest.header["step"], newest.header["to"], newest.acted_on) == ("cell_vote", "cell_approved", VOTED)
    assert oldest.acted_on == OPENED
    assert newest.recorder == "Đặng Thị Đào"
    assert newest.bodies("values") == [[{"rule": "AGE.MIN", "values": {"candidate.born_on": "2000-05-20"}}]]
    with database.read() as session:
        assert [e.id for e in journal.history(session, case_id=1, limit=1)] == [newest.id]
        assert [e.stream for e in journal.history(session, stream="unit:C1")] == ["unit:C1"]
