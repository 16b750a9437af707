"""The whole journal and all domain rows as text lines, from one snapshot: what an inspector takes home."""
from __future__ import annotations

import datetime as dt
import gzip
import itertools
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from workflow import models
from workflow.canonical import canonical, plain
from workflow.db import Database
from workflow.journal import FORM
from workflow.rowchanges import kind_of

_CHUNK = 1000
_entry: sa.Table = models.Entry.__table__  # type: ignore[assignment]
_part: sa.Table = models.Part.__table__  # type: ignore[assignment]
_edition: sa.Table = models.Edition.__table__  # type: ignore[assignment]
_COLUMNS = ("stream", "stream_seq", "tag", "recorded_by", "acted_on", "recorded_at", "case_id", "unit_id", "edition",
            "prev_hash", "step", "signatory_id")


def write(database: Database, path: Path) -> dict[str, int]:
    """Write an export file, ``.gz`` compressed, readable by its owner alone; it appears whole or not at all.

    Returns how many editions, entries, parts and rows it holds.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    counts: dict[str, int] = {}
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            file: IO[bytes] = gzip.GzipFile("", "wb", fileobj=raw, mtime=0) if path.suffix == ".gz" else raw  # type: ignore[assignment]
            for line in lines(database, counts):
                file.write(line.encode() + b"\n")
            if file is not raw:
                file.close()
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return counts


def lines(database: Database, counts: dict[str, int] | None = None) -> Iterator[str]:
    """The lines of an export. ``counts`` is filled on the way."""
    counts = counts if counts is not None else {}
    counts.update(editions=0, entries=0, parts=0, rows=0)
    yield canonical({"kind": "head", "form": FORM, "made_by": "nennep", "tables": [t.name for t in models.JOURNALLED]})
    with snapshot(database) as connection:
        for row in rows_of(connection, sa.select(_edition).order_by(_edition.c.first_used_at, _edition.c.hash), _edition):
            counts["editions"] += 1
            yield canonical({"kind": "edition", "hash": row["hash"], "canonical": row["canonical"]})
        for line in _entries(connection):
            counts["entries"] += line["kind"] == "entry"
            counts["parts"] += len(line.get("parts", ()))
            yield canonical(line)
        for table in models.JOURNALLED:
            (key,) = table.primary_key.columns
            for row in rows_of(connection, sa.select(table).order_by(key), table):
                counts["rows"] += 1
                number = row.pop(key.name)
                yield canonical({"kind": "row", "table": table.name, "key": number,
                                 "row": {c: v for c, v in row.items() if v is not None}})
    yield canonical({"kind": "end", **counts})


@contextmanager
def snapshot(database: Database) -> Iterator[sa.Connection]:
    """One unchanging state of the database. A SQLite file is copied first, so that a long read holds up no writer."""
    if not database.is_sqlite or database.url.database in (None, "", ":memory:"):
        with database.read() as session:
            yield session.connection()
        return
    with tempfile.TemporaryDirectory(prefix="nennep-") as folder:
        copy = Path(folder) / "copy.sqlite3"
        with sqlite3.connect(copy) as target, database.engine.connect() as connection:
            source: Any = connection.connection.driver_connection
            source.backup(target)
        target.close()
        reading = Database(f"sqlite:///{copy}")
        try:
            with reading.read() as session:
                yield session.connection()
        finally:
            reading.dispose()


def _entries(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    """Entries with their parts, side by side in one pass over both tables; parts without an entry are told as such."""
    parts = itertools.groupby(rows_of(connection, sa.select(_part).order_by(_part.c.entry_id, _part.c.no, _part.c.id), _part),
                              key=lambda p: p["entry_id"])
    waiting: tuple[int, list[dict[str, Any]]] | None = _next(parts)
    for entry in rows_of(connection, sa.select(_entry).order_by(_entry.c.id), _entry):
        while waiting and waiting[0] < entry["id"]:
            yield from _strays(waiting)
            waiting = _next(parts)
        own: list[dict[str, Any]] = []
        if waiting and waiting[0] == entry["id"]:
            own, waiting = waiting[1], _next(parts)
        yield {"kind": "entry", "id": entry["id"], "canonical": entry["canonical"], "hash": entry["hash"],
               "columns": {c: entry[c] for c in _COLUMNS},
               "parts": [{"no": p["no"], "kind": p["kind"], "person": p["person_id"], "salt": p["salt"], "body": p["body"],
                          "commitment": p["commitment"]} for p in own]}
    while waiting:
        yield from _strays(waiting)
        waiting = _next(parts)


def _next(groups: Iterator[tuple[Any, Iterator[dict[str, Any]]]]) -> tuple[int, list[dict[str, Any]]] | None:
    for entry_id, group in groups:
        return entry_id, list(group)
    return None


def _strays(waiting: tuple[int, list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    for part in waiting[1]:
        yield {"kind": "stray", "part": part["id"], "entry": waiting[0]}


def rows_of(connection: sa.Connection, query: sa.Select[Any], table: sa.Table) -> Iterator[dict[str, Any]]:
    """Rows as the journal writes values, read past SQLAlchemy's own conversion: a value that was tampered with until it
    fits its column no more must be shown, not stop the audit."""
    kinds = [(column.name, kind_of(column)) for column in table.columns]
    bare = query.with_only_columns(*(sa.type_coerce(c, sa.types.NullType()).label(c.name) for c in table.columns))
    result = connection.execution_options(yield_per=_CHUNK).execute(bare)
    for row in result:
        yield {name: shown(value, kind) for (name, kind), value in zip(kinds, row, strict=True)}


def shown(value: Any, kind: type) -> Any:
    """A bare value of a database as the journal writes it."""
    if value is None:
        return None
    if kind is bool and value in (0, 1):
        return bool(value)
    if kind is dt.datetime and isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError:
            return value
        return plain(value if value.tzinfo else value.replace(tzinfo=dt.timezone.utc))
    try:
        return plain(value)
    except TypeError:
        return f"{type(value).__name__} {value!r}"
