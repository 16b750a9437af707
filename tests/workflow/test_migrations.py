"""Migrations lead to the models, keep what is written, and leave the triggers standing."""
from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from tests.workflow.journalled import OPENED, opened, scalars
from tests.workflow.test_triggers import everything
from workflow import export, fold, migrate, triggers, verify
from workflow.db import Database
from workflow.journal import Act
from workflow.models import Target

LATER = '''
"""Rebuild two tables of the journal with one more column."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", {head!r}, None, None


def upgrade() -> None:
    for name in ("entry", "part"):
        with op.batch_alter_table(name, recreate="always" if op.get_bind().dialect.name == "sqlite" else "auto") as batch:
            batch.add_column(sa.Column("remark", sa.Text()))
'''
BROKEN = LATER.replace('batch.add_column(sa.Column("remark", sa.Text()))', 'raise RuntimeError("stop half-way")')


def write(folder: Path, text: str, database: Database) -> Path:
    head = scalars(database, "SELECT version_num FROM alembic_version")[0]
    (folder / "9999_later.py").write_text(text.format(head=head), encoding="utf-8")
    return folder


def test_an_empty_database_becomes_what_the_models_say(database_url: str) -> None:
    database = opened(database_url)
    assert "nennep db upgrade" in migrate.check(database)[0]
    migrate.upgrade(database)
    assert migrate.check(database) == []
    migrate.upgrade(database)
    assert migrate.check(database) == []
    database.dispose()


def test_a_filled_database_keeps_rows_and_triggers_through_a_rebuild(filled: Database, tmp_path: Path) -> None:
    before = {name: everything(filled, name) for name in ("entry", "part", "edition", "person", "case", "admission")}
    migrate.upgrade(filled, versions=[write(tmp_path, LATER, filled)])
    for name, rows in before.items():
        assert [row[:len(rows[0])] for row in everything(filled, name)] == rows
    with filled.engine.connect() as connection:
        assert triggers.missing(connection) == []
    for statement in ("UPDATE entry SET tag = 'x'", "DELETE FROM part", "UPDATE part SET remark = 'x'"):
        with pytest.raises(sa.exc.IntegrityError, match="never changed"), filled.engine.begin() as connection:
            connection.execute(sa.text(statement))
    assert list(verify.Audit().findings(export.lines(filled))) == []


def test_a_rebuild_alone_would_lose_the_triggers(filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why they are set again: without that, this very migration leaves SQLite without them."""
    monkeypatch.setattr(triggers, "install", lambda _connection: None)
    migrate.upgrade(filled, versions=[write(tmp_path, LATER, filled)])
    with filled.engine.connect() as connection:
        assert len(triggers.missing(connection)) == (6 if filled.is_sqlite else 0)


def test_a_migration_that_fails_leaves_everything_as_it_was(filled: Database, tmp_path: Path) -> None:
    before = everything(filled, "entry")
    with pytest.raises(RuntimeError, match="half-way"):
        migrate.upgrade(filled, versions=[write(tmp_path, BROKEN, filled)])
    assert everything(filled, "entry") == before
    assert migrate.check(filled) == []
    with filled.engine.connect() as connection:
        if filled.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.parametrize(("statement", "expected"), [
    ("ALTER TABLE paper ADD COLUMN secret TEXT", "remove_column: paper, secret"),
    ("DROP INDEX ix_paper_case", "add_index: ix_paper_case"),
    ("DROP TABLE target", "add_table: target"),
    ("UPDATE alembic_version SET version_num = '0000'", "the database is at 0000"),
])
def test_what_differs_is_told(filled: Database, statement: str, expected: str) -> None:
    with filled.engine.begin() as connection:
        connection.execute(sa.text(statement))
    assert any(expected in finding for finding in migrate.check(filled)), migrate.check(filled)


def test_a_check_that_is_missing_is_told(filled: Database) -> None:
    if filled.is_sqlite:
        statements = ["CREATE TABLE target_ AS SELECT * FROM target", "DROP TABLE target", "ALTER TABLE target_ RENAME TO target"]
    else:
        statements = ["ALTER TABLE target DROP CONSTRAINT ck_target_value"]
    with filled.engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    assert "CHECK ck_target_value of target is missing" in migrate.check(filled)


def test_tables_of_others_are_left_alone(filled: Database) -> None:
    with filled.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE somebody_elses (a integer)"))
    assert migrate.check(filled) == []


def test_a_home_of_the_first_version_is_upgraded_with_its_history(database_url: str) -> None:
    """What was journalled before new columns came is still the fold of its journal."""
    database = opened(database_url)
    with migrate._migrating(database) as connection:
        command.upgrade(migrate._config(connection), "0001")
        triggers.install(connection)
    old = sa.MetaData()
    old.reflect(database.engine, only=["unit", "target", "statement"])
    for column in (c for table in old.tables.values() for c in table.c):
        column.server_default = None  # as the models have it: keys come from the database
    with database.write() as session:
        act = Act(session, stream="unit:CB", tag="unit:unit:found", acted_on=OPENED, actor=None)
        act.insert(old.tables["unit"], {"id": 1, "code": "CB"})
        span = {"unit_id": 1, "indicator": "admissions", "period_from": OPENED, "period_to": OPENED, "value": 195}
        act.insert(old.tables["target"], {**span, "paper": "NQ 01"})
        act.insert(old.tables["statement"], {**span, "comparator": ">", "source": "báo"})
        act.write()
    migrate.upgrade(database)
    assert migrate.check(database) == []
    with database.read() as session:
        assert fold.compare(session) == []
        assert session.scalars(sa.select(Target.form)).all() == [None]
    assert list(verify.Audit().findings(export.lines(database))) == []
    database.dispose()
