"""The floor beneath the engine: plain SQLAlchemy Core that writes the same rows in the same transactions.

What to write is learnt from the journal, which tells every row change; the rest (entries, parts, notices, request
keys) is read from its tables. So floor and engine cannot drift apart.
"""
from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa

from workflow import models
from workflow.db import Database

Write = tuple[Any, dict[str, Any] | list[dict[str, Any]]]
_TABLES = models.Base.metadata.tables
_ENTRY, _PART, _OUTBOX, _KEY = (_TABLES[name] for name in ("entry", "part", "outbox", "request_key"))


class Floor:
    """The writes of a run of acts, one list per transaction."""

    def __init__(self, database: Database) -> None:
        with database.read() as session:
            self._since = session.connection().scalar(sa.select(sa.func.max(_ENTRY.c.id)))
        self._acts: list[list[Write]] = []

    def learn(self, database: Database) -> None:
        """Learn what was written since the floor was laid."""
        with database.read() as session:
            connection = session.connection()
            for entry in connection.execute(sa.select(_ENTRY).where(_ENTRY.c.id > self._since).order_by(_ENTRY.c.id)).mappings():
                parts = _rows(connection, _PART, _PART.c.entry_id == entry["id"])
                changes = [change for part in parts if part["kind"] == "rows" for change in json.loads(part["body"])]
                notice = _rows(connection, _OUTBOX, _OUTBOX.c.message_id == f"{entry['stream']}.{entry['stream_seq']}")
                key = _rows(connection, _KEY, _KEY.c.entry_id == entry["id"])
                self._acts.append([
                    *(_change(change) for change in sorted(changes, key=lambda change: int(change["n"]))),
                    (sa.insert(_ENTRY), dict(entry)), (sa.insert(_PART), parts), (sa.insert(_OUTBOX), notice[0]),
                    (sa.insert(_KEY), key[0])])

    def warm(self, database: Database) -> None:
        """Compile every statement once, and leave no trace."""
        with database.engine.connect() as connection:
            self._write(connection, self._acts[:1])
            connection.rollback()

    def write(self, database: Database) -> int:
        """Write everything, a transaction for each act; returns how many."""
        for act in self._acts:
            with database.write() as session:
                self._write(session.connection(), [act])
        return len(self._acts)

    @staticmethod
    def _write(connection: sa.Connection, acts: Iterable[list[Write]]) -> None:
        for act in acts:
            for statement, values in act:
                connection.execute(statement, values)


def _rows(connection: sa.Connection, table: sa.Table, where: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(sa.select(table).where(where)).mappings()]


def _change(change: dict[str, Any]) -> Write:
    table = _TABLES[change["table"]]
    (key,) = table.primary_key.columns
    new = {name: _value(table.c[name], pair[1]) for name, pair in change["set"].items()}
    if change["op"] == "insert":
        return sa.insert(table), {key.name: change["key"], **new}
    if change["op"] == "update":
        return _update(table, tuple(new)), {"key_": change["key"], **{f"{name}_": value for name, value in new.items()}}
    return sa.delete(table).where(key == sa.bindparam("key_")), {"key_": change["key"]}


@cache
def _update(table: sa.Table, columns: tuple[str, ...]) -> sa.Update:
    (key,) = table.primary_key.columns
    return sa.update(table).where(key == sa.bindparam("key_")).values({name: sa.bindparam(f"{name}_") for name in columns})


def _value(column: sa.Column[Any], value: Any) -> Any:
    """A value of the journal as the column takes it."""
    kind = column.type.python_type
    return value if value is None or isinstance(value, kind) else kind.fromisoformat(value)
