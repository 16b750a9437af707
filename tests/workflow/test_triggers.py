"""Written rows stay: every way of changing or removing one through SQL is refused, and new rows still come."""
from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.workflow.journalled import open_case, vote
from workflow import migrate, triggers
from workflow.db import Database

TABLES = {"entry": ("id", "tag"), "part": ("id", "kind"), "edition": ("hash", "canonical"), "request_key": ("key", "digest")}
COMMON = ["UPDATE {t} SET {c} = 'x'", "UPDATE {t} SET {k} = {k}", "DELETE FROM {t}", "DELETE FROM {t} WHERE {c} IS NOT NULL",
          "INSERT INTO {t} SELECT * FROM {t} WHERE true ON CONFLICT ({k}) DO UPDATE SET {c} = 'x'"]
SQLITE = ["INSERT OR REPLACE INTO {t} SELECT * FROM {t}", "REPLACE INTO {t} SELECT * FROM {t} LIMIT 1",
          "UPDATE OR REPLACE {t} SET {c} = 'x'"]
POSTGRES = ["TRUNCATE {t} CASCADE", "SET session_replication_role = replica; UPDATE {t} SET {c} = 'x'",
            "WITH gone AS (DELETE FROM {t} RETURNING 1) SELECT count(*) FROM gone"]


@pytest.mark.parametrize("name", TABLES)
def test_written_rows_cannot_be_changed(filled: Database, name: str) -> None:
    key, column = TABLES[name]
    before = everything(filled, name)
    assert before
    for attack in COMMON + (SQLITE if filled.is_sqlite else POSTGRES):
        statement = attack.format(t=name, k=key, c=column)
        with pytest.raises(sa.exc.IntegrityError, match="written rows are never changed"), filled.engine.begin() as connection:
            connection.execute(sa.text(statement))
    assert everything(filled, name) == before


def test_replacing_by_another_unique_key_is_refused(filled: Database) -> None:
    if not filled.is_sqlite:
        return  # PostgreSQL has no such statement
    with pytest.raises(sa.exc.IntegrityError, match="never changed"), filled.engine.begin() as connection:
        connection.execute(sa.text(
            "INSERT OR REPLACE INTO entry (stream, stream_seq, tag, acted_on, recorded_at, canonical, prev_hash, hash) "
            "VALUES ('case:1', 2, 'x', '2026-01-01', '2026-01-01 00:00:00.000000', 'x', 'x', 'x')"))


def test_new_acts_go_on(filled: Database) -> None:
    with filled.write() as session:
        open_case(session, 2, 2)
        vote(session, 2, 2)
    assert len(everything(filled, "entry")) == 8


def test_a_trigger_that_is_missing_or_changed_is_told_and_set_again(filled: Database) -> None:
    on = "" if filled.is_sqlite else " ON entry"
    with filled.engine.begin() as connection:
        assert triggers.missing(connection) == []
        connection.execute(sa.text(f"DROP TRIGGER keep_entry_update{on}"))
    assert migrate.check(filled) == ["trigger keep_entry_update is missing, switched off or changed; run `nennep db upgrade`"]
    weaker = ["ALTER TABLE part DISABLE TRIGGER keep_part_delete"]
    if filled.is_sqlite:
        weaker = ["DROP TRIGGER keep_part_delete", "CREATE TRIGGER keep_part_delete BEFORE DELETE ON part BEGIN SELECT 1; END"]
    with filled.engine.begin() as connection:
        for statement in weaker:
            connection.execute(sa.text(statement))
        assert triggers.missing(connection) == ["keep_entry_update", "keep_part_delete"]
        triggers.install(connection)
        triggers.install(connection)
        assert triggers.missing(connection) == []


@pytest.mark.postgres
def test_a_function_that_lets_pass_is_told(filled: Database) -> None:
    if filled.is_sqlite:
        return
    with filled.engine.begin() as connection:
        connection.execute(sa.text("CREATE OR REPLACE FUNCTION nennep_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                                   "'BEGIN RETURN OLD; END'"))
        assert len(triggers.missing(connection)) == 12


def everything(database: Database, name: str) -> list[tuple]:
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(f'SELECT * FROM "{name}" ORDER BY 1'))]
