"""What is written stays: triggers that refuse to change or remove a row of the journal, on both databases.

They stop a slip and a careless tool, not the owner of the database; what the owner does is found by the audit. They
are set again after every migration, because Alembic's batch mode on SQLite rebuilds a table without its triggers.
"""
from __future__ import annotations

import re

import sqlalchemy as sa

from workflow import models

#: Tables whose rows are never changed nor removed.
APPEND_ONLY: tuple[type[models.Base], ...] = (models.Entry, models.Part, models.Edition, models.RequestKey)

_FUNCTION = "nennep_append_only"
_FUNCTION_BODY = (" BEGIN RAISE EXCEPTION '%: written rows are never changed', TG_TABLE_NAME "
                  "USING ERRCODE = 'integrity_constraint_violation'; END ")


def install(connection: sa.Connection) -> None:
    """Set all triggers, whatever is there already."""
    for statement in _postgres() if connection.dialect.name == "postgresql" else _sqlite():
        connection.exec_driver_sql(statement)


def remove(connection: sa.Connection) -> None:
    """Take all triggers away: for a migration that must rewrite a journal table, and for tests that attack it."""
    postgres = connection.dialect.name == "postgresql"
    for table in _tables():
        for kind in ("update", "delete", "truncate") if postgres else ("update", "delete", "replace"):
            on = f' ON "{table.name}"' if postgres else ""
            connection.exec_driver_sql(f'DROP TRIGGER IF EXISTS "{_name(table, kind)}"{on}')


def missing(connection: sa.Connection) -> list[str]:
    """Triggers that are not there, are switched off, or say something else than they should."""
    return _missing_postgres(connection) if connection.dialect.name == "postgresql" else _missing_sqlite(connection)


def _tables() -> list[sa.Table]:
    return [model.__table__ for model in APPEND_ONLY]  # type: ignore[misc]


def _name(table: sa.Table, kind: str) -> str:
    return f"keep_{table.name}_{kind}"


def _unique_keys(table: sa.Table) -> list[list[str]]:
    keys = [c for c in table.constraints if isinstance(c, (sa.PrimaryKeyConstraint, sa.UniqueConstraint))]
    return sorted([column.name for column in key.columns] for key in keys)


def _sqlite_triggers() -> dict[str, str]:
    found = {}
    for table in _tables():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table.name}: written rows are never changed'); END"
        for kind in ("update", "delete"):
            found[_name(table, kind)] = f'CREATE TRIGGER "{_name(table, kind)}" BEFORE {kind.upper()} ON "{table.name}" {refuse}'
        # INSERT OR REPLACE removes the old row without any delete trigger: so a row that exists may not come again.
        same = " OR ".join("(" + " AND ".join(f'"{c}" = NEW."{c}"' for c in key) + ")" for key in _unique_keys(table))
        there = f'EXISTS (SELECT 1 FROM "{table.name}" WHERE {same})'  # noqa: S608 (names of our own tables)
        name = _name(table, "replace")
        found[name] = f'CREATE TRIGGER "{name}" BEFORE INSERT ON "{table.name}" WHEN {there} {refuse}'
    return found


def _sqlite() -> list[str]:
    statements = []
    for name, create in _sqlite_triggers().items():
        statements += [f'DROP TRIGGER IF EXISTS "{name}"', create]
    return statements


def _missing_sqlite(connection: sa.Connection) -> list[str]:
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    there = {row[0]: row[1] for row in rows}
    return [name for name, create in _sqlite_triggers().items() if there.get(name) != create]


def _postgres() -> list[str]:
    statements = [f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $${_FUNCTION_BODY}$$"]
    for table in _tables():
        for kind in ("update", "delete", "truncate"):
            name, each = _name(table, kind), "STATEMENT" if kind == "truncate" else "ROW"
            statements += [
                f'DROP TRIGGER IF EXISTS "{name}" ON "{table.name}"',
                f'CREATE TRIGGER "{name}" BEFORE {kind.upper()} ON "{table.name}" FOR EACH {each} EXECUTE FUNCTION {_FUNCTION}()',
                # A session that plays a replica skips ordinary triggers; it does not skip these.
                f'ALTER TABLE "{table.name}" ENABLE ALWAYS TRIGGER "{name}"',
            ]
    # The driver reads a per cent sign as the place of a parameter.
    return [statement.replace("%", "%%") for statement in statements]


def _missing_postgres(connection: sa.Connection) -> list[str]:
    rows = connection.execute(sa.text(
        "SELECT t.tgname, c.relname, t.tgenabled, pg_get_triggerdef(t.oid), p.prosrc FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE NOT t.tgisinternal AND n.nspname = current_schema()")).all()
    there = {(name, table): (enabled, definition, source) for name, table, enabled, definition, source in rows}
    absent = []
    for table in _tables():
        for kind in ("update", "delete", "truncate"):
            name = _name(table, kind)
            enabled, definition, source = there.get((name, table.name), ("", "", ""))
            each = "STATEMENT" if kind == "truncate" else "ROW"
            wanted = rf"BEFORE {kind.upper()} ON \S+ FOR EACH {each} EXECUTE FUNCTION (\w+\.)?{_FUNCTION}\(\)$"
            enabled = enabled.decode() if isinstance(enabled, bytes) else enabled
            if enabled != "A" or source != _FUNCTION_BODY or not re.search(wanted, definition):
                absent.append(name)
    return absent
