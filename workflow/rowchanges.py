"""Inserting, changing and deleting single rows by SQLAlchemy Core, and knowing exactly what changed.

The values written are those that the journal tells: text in NFC, a boolean never as 0 or 1, a day never as a text.
Statements are built once per table and set of columns, so that SQLAlchemy's cache always hits.
"""
from __future__ import annotations

import datetime as dt
import enum
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa

from workflow.db import Instant
from workflow.errors import Conflict

_GONE = "Dữ liệu đã được người khác thay đổi; hãy tải lại trang và thử lại."


@dataclass(frozen=True, slots=True)
class Shape:
    """What has to be known of a table to write its rows."""

    name: str
    key: sa.Column[int]
    kinds: Mapping[str, Any]
    defaults: Mapping[str, Any]
    insert: sa.Insert
    insert_with_key: sa.Insert
    whole: sa.Select[Any]
    delete: sa.Delete


def kind_of(column: sa.Column[Any]) -> type:
    """The Python type of a column's values."""
    return dt.datetime if isinstance(column.type, Instant) else column.type.python_type


@cache
def shape(table: sa.Table) -> Shape:
    """The shape of a table with one whole-number key and no values made by the database."""
    (key,) = table.primary_key.columns
    defaults: dict[str, Any] = {}
    for column in table.columns:
        if column.server_default is not None or (column.default is not None and not column.default.is_scalar):
            raise TypeError(f"{table.name}.{column.name}: only constant defaults of the model can be journalled")
        if column is not key:
            defaults[column.name] = column.default.arg if isinstance(column.default, sa.ColumnDefault) else None
    bound: dict[str, Any] = {name: sa.bindparam(name) for name in defaults}
    return Shape(
        name=table.name, key=key, kinds={c.name: kind_of(c) for c in table.columns}, defaults=defaults,
        insert=sa.insert(table).values(bound), insert_with_key=sa.insert(table).values({key.name: sa.bindparam(key.name), **bound}),
        whole=sa.select(table).where(key == sa.bindparam("key_")).with_for_update(), delete=sa.delete(table).where(key == sa.bindparam("key_")))


@lru_cache(maxsize=4096)
def _select(table: sa.Table, columns: tuple[str, ...]) -> sa.Select[Any]:
    return sa.select(*(table.c[c] for c in columns)).where(shape(table).key == sa.bindparam("key_")).with_for_update()


@lru_cache(maxsize=4096)
def _update(table: sa.Table, columns: tuple[str, ...], seen: tuple[str, ...]) -> sa.Update:
    statement = sa.update(table).where(shape(table).key == sa.bindparam("key_"),
                                       *(table.c[c].is_not_distinct_from(sa.bindparam(f"{c}_seen")) for c in seen))
    return statement.values({c: sa.bindparam(f"{c}_") for c in columns})


def _checked(form: Shape, column: str, value: Any) -> Any:
    """The value as both the row and the journal will hold it."""
    kind = form.kinds.get(column)
    if kind is None:
        raise KeyError(f"{form.name} has no column {column}")
    if value is None:
        return None
    if isinstance(value, enum.Enum):
        value = value.value
    if type(value) is not kind:
        raise TypeError(f"{form.name}.{column} takes {kind.__name__}, not {type(value).__name__}: {value!r}")
    if kind is str and not value.isascii():
        return unicodedata.normalize("NFC", value)
    if kind is dt.datetime and value.tzinfo is None:
        raise TypeError(f"{form.name}.{column}: an instant needs a time zone")
    return value


def insert(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    """Insert a row; returns its key and every other column with its value."""
    form = shape(table)
    given = {column: _checked(form, column, value) for column, value in values.items()}
    row = {**form.defaults, **given}
    key = row.pop(form.key.name, None)
    if key is not None:
        connection.execute(form.insert_with_key, {form.key.name: key, **row})
        return key, row
    result = connection.execute(form.insert, row)
    return result.inserted_primary_key[0], row  # type: ignore[index]


def update(connection: sa.Connection, table: sa.Table, key: int, values: Mapping[str, Any], old: Mapping[str, Any] | None,
           seen: Mapping[str, Any] | None) -> dict[str, list[Any]]:
    """Change a row; returns the columns that changed with their old and new values.

    Raises Conflict when there is no such row, or it no longer holds what was ``seen``. Where others may write meanwhile
    (not on SQLite), neither may a column have changed since ``old`` was read: the journal would tell what was never there.
    """
    form = shape(table)
    new = {column: _checked(form, column, values[column]) for column in sorted(values)}
    before = old or {}
    if not new.keys() <= before.keys():
        found = connection.execute(_select(table, tuple(new)), {"key_": key}).mappings().first()
        if found is None:
            raise Conflict(_GONE)
        before = dict(found)
    changed = {column: [before[column], value] for column, value in new.items() if before[column] != value}
    if not changed and not seen:
        return changed
    columns = tuple(changed) or tuple(new)
    held = dict(seen or {})
    if connection.dialect.name != "sqlite":
        held = {c: before[c] for c in changed} | held
    bound = {"key_": key, **{f"{c}_": new[c] for c in columns}, **{f"{c}_seen": value for c, value in held.items()}}
    if connection.execute(_update(table, columns, tuple(held)), bound).rowcount != 1:
        raise Conflict(_GONE)
    return changed


def delete(connection: sa.Connection, table: sa.Table, key: int) -> dict[str, Any]:
    """Delete a row; returns what it held, without its key. Raises Conflict when there is no such row."""
    form = shape(table)
    found = connection.execute(form.whole, {"key_": key}).mappings().first()
    if found is None or connection.execute(form.delete, {"key_": key}).rowcount != 1:
        raise Conflict(_GONE)
    return {column: value for column, value in found.items() if column != form.key.name}
