"""The journal: every change of a domain table goes through an :class:`Act`, which writes the rows and one chained entry.

An entry is hashed; what it says about people stands apart in parts, of which the entry holds only salted commitments,
so that a part can one day be erased and the chain still proves the rest. All of it is written in the caller's
transaction: there is no row without its entry, and no entry without its rows.
"""
from __future__ import annotations

import datetime as dt
import json
import secrets
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.book import Rulebook
from workflow import models, rowchanges
from workflow.canonical import canonical, commitment, digest, instant
from workflow.context import Actor, clock_of
from workflow.errors import Conflict
from workflow.tags import TAGS

#: The form of the hashed text; a verifier refuses forms that it does not know.
FORM = 1
#: What stands before the first entry of a stream.
GENESIS = "0" * 64

#: Rows of these say nothing about a person but an id; their changes survive when a person's parts are erased.
_IMPERSONAL = frozenset({"case", "duty", "ballot", "meeting", "unit", "unit_version", "unit_succession", "unit_strength",
                         "target", "statement", "source_review"})

_entry: sa.Table = models.Entry.__table__  # type: ignore[assignment]
_part: sa.Table = models.Part.__table__  # type: ignore[assignment]
_edition: sa.Table = models.Edition.__table__  # type: ignore[assignment]
_HEAD = (sa.select(_entry.c.stream_seq, _entry.c.hash, _entry.c.recorded_at)
         .where(_entry.c.stream == sa.bindparam("stream")).order_by(_entry.c.stream_seq.desc()).limit(1))
_INSERT_ENTRY = sa.insert(_entry)
_INSERT_PARTS = sa.insert(_part)
_HAS_EDITION = sa.select(sa.literal(1)).where(_edition.c.hash == sa.bindparam("hash"))


@dataclass(frozen=True, slots=True)
class EntryRef:
    """Where an act stands in the journal."""

    id: int
    stream: str
    stream_seq: int
    hash: str


class Act:
    """One act: row changes made as they are told, and at the end, by :meth:`write`, the entry that tells of them.

    ``stream`` names the chain (``case:7``, ``unit:XA-01``, ``person:3``, ``account:2``, ``law``). ``header`` is hashed
    and kept for ever: it holds steps, states, ids and outcomes, never a personal value. What concerns a person goes
    into parts: those of ``subject_person_id`` unless ``person`` names another.
    """

    def __init__(self, session: Session, *, stream: str, tag: str, acted_on: dt.date, actor: Actor | None,
                 recorded_at: dt.datetime | None = None, case_id: int | None = None, unit_id: int | None = None,
                 subject_person_id: int | None = None, header: Mapping[str, Any] | None = None) -> None:
        if tag not in TAGS:
            raise ValueError(f"unknown tag {tag!r}: add it to workflow/tags.py")
        self.session = session
        self.connection = session.connection()
        self.stream = stream
        self.tag = tag
        self.acted_on = acted_on
        self.actor = actor
        self.recorded_at = recorded_at
        self.case_id = case_id
        self.unit_id = unit_id
        self.subject_person_id = subject_person_id
        self.header: dict[str, Any] = dict(header or {})
        self._bodies: dict[tuple[str, int | None], list[Any]] = {}
        self._changes = 0
        self._written = False

    # ---- rows

    def insert(self, table: sa.Table, values: Mapping[str, Any], *, person: int | None = None) -> int:
        """Insert a row; defaults of the model apply. Returns its primary key."""
        key, row = rowchanges.insert(self.connection, table, values)
        self._changed(table, key, "insert", {c: [None, v] for c, v in row.items() if v is not None}, person)
        return key

    def insert_many(self, table: sa.Table, rows: Iterable[Mapping[str, Any]], *, person: int | None = None) -> list[int]:
        """Insert rows in order; returns their primary keys in the same order."""
        return [self.insert(table, row, person=person) for row in rows]

    def update(self, table: sa.Table, key: int, values: Mapping[str, Any], *, old: Mapping[str, Any] | None = None,
               person: int | None = None, seen: Mapping[str, Any] | None = None) -> None:
        """Change a row. Only columns whose value differs from ``old`` are told; without ``old`` they are read first.

        ``seen`` is what the row must still hold (the version). Raises Conflict when no such row is there.
        """
        changed = rowchanges.update(self.connection, table, key, values, old, seen)
        if changed:
            self._changed(table, key, "update", changed, person)

    def delete(self, table: sa.Table, key: int, *, person: int | None = None) -> None:
        """Delete a row; the journal keeps what it held. Raises Conflict when no such row is there."""
        row = rowchanges.delete(self.connection, table, key)
        self._changed(table, key, "delete", {c: [v, None] for c, v in row.items() if v is not None}, person)

    def _changed(self, table: sa.Table, key: int, op: str, columns: dict[str, list[Any]], person: int | None) -> None:
        if table.name in models.UNJOURNALLED:
            raise ValueError(f"{table.name} is not a journalled table")
        if person is None and table.name not in _IMPERSONAL:
            person = key if table.name == "person" else self.subject_person_id
        self._changes += 1
        change = {"n": self._changes, "table": table.name, "key": key, "op": op, "set": columns}
        self._bodies.setdefault(("rows", person), []).append(change)

    # ---- what the rows do not say

    def note(self, kind: str, body: object, person: int | None = None) -> None:
        """Add what an entry should keep beside rows: ``values`` of findings, ``papers``, a ``note``."""
        if kind == "rows":
            raise ValueError("row changes are told by insert, update and delete")
        self._bodies.setdefault((kind, person if person is not None else self.subject_person_id), []).append(body)

    # ---- the entry

    def write(self) -> EntryRef:
        """Write the entry and its parts; once, last.

        Raises Conflict when another transaction has written to the same stream meanwhile.
        """
        if self._written:
            raise RuntimeError("an act is written once")
        self._written = True
        clock = clock_of(self.session) if self.recorded_at is None else None
        edition = self._edition()
        head = self.connection.execute(_HEAD, {"stream": self.stream}).first()
        seq, prev, before = (head[0] + 1, head[1], head[2]) if head else (1, GENESIS, None)
        recorded_at = self.recorded_at or clock.now()  # type: ignore[union-attr]
        if before is not None and before > recorded_at:
            recorded_at = before  # a clock that was set back must not make the past look newer
        recorded_by = self.actor.account_id if self.actor else None
        parts = self._parts()
        text = canonical({
            "form": FORM, "stream": self.stream, "stream_seq": seq, "tag": self.tag, "recorded_by": recorded_by,
            "acted_on": self.acted_on, "recorded_at": instant(recorded_at), "case_id": self.case_id,
            "unit_id": self.unit_id, "edition": edition, "header": self.header, "prev_hash": prev,
            "parts": [{"no": p["no"], "kind": p["kind"], "person": p["person_id"], "commitment": p["commitment"]} for p in parts],
        })
        hashed = digest(text)
        try:
            result = self.connection.execute(_INSERT_ENTRY, {
                "stream": self.stream, "stream_seq": seq, "tag": self.tag, "case_id": self.case_id, "unit_id": self.unit_id,
                "step": self.header.get("step"), "signatory_id": self.header.get("signatory"), "recorded_by": recorded_by,
                "acted_on": self.acted_on, "recorded_at": recorded_at, "edition": edition,
                "canonical": text, "prev_hash": prev, "hash": hashed})
        except sa.exc.IntegrityError as error:
            raise Conflict("Vừa có người khác ghi vào hồ sơ này; hãy tải lại trang và thử lại.") from error
        entry_id: int = result.inserted_primary_key[0]  # type: ignore[index]
        if parts:
            for part in parts:
                part["entry_id"] = entry_id
            self.connection.execute(_INSERT_PARTS, parts)
        return EntryRef(entry_id, self.stream, seq, hashed)

    def _edition(self) -> str | None:
        """The law that the act was judged by: named in the header, or the one in use."""
        named = self.header.pop("edition", None)
        book: Rulebook | None = self.session.info.get("book")
        if book is not None and named in (None, book.edition):
            remember_edition(self.session, book, recorded_at=self.recorded_at)
            return book.edition
        return named

    def _parts(self) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = []
        for no, ((kind, person), items) in enumerate(self._bodies.items(), start=1):
            body, salt = canonical(items), secrets.token_hex(32)
            parts.append({"no": no, "kind": kind, "person_id": person, "salt": salt, "body": body,
                          "commitment": commitment(salt, body)})
        return parts


#: Editions that are known to be stored, per engine, so that an act need not ask again.
_stored: weakref.WeakKeyDictionary[Any, set[str]] = weakref.WeakKeyDictionary()


def remember_edition(session: Session, book: Rulebook, *, recorded_at: dt.datetime | None = None) -> None:
    """Store the law in use under its hash, unless it is there."""
    known = _stored.setdefault(session.get_bind().engine, set())
    if book.edition in known:
        return
    connection = session.connection()
    if connection.execute(_HAS_EDITION, {"hash": book.edition}).first():
        if book.edition not in session.info.get("nennep_new_editions", ()):
            known.add(book.edition)  # seen, and not only by this transaction, which may yet be rolled back
        return
    row = {"hash": book.edition, "canonical": book.canonical, "first_used_at": recorded_at or clock_of(session).now()}
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert

        connection.execute(insert(_edition).on_conflict_do_nothing(), row)
    else:
        connection.execute(sa.insert(_edition), row)
    session.info.setdefault("nennep_new_editions", set()).add(book.edition)


@dataclass(frozen=True, slots=True)
class PartView:
    """A part as pages show it; ``body`` is None once it was erased."""

    kind: str
    person_id: int | None
    body: Any


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as pages show it."""

    id: int
    stream: str
    stream_seq: int
    tag: str
    case_id: int | None
    unit_id: int | None
    recorded_by: int | None
    recorder: str | None
    acted_on: dt.date
    recorded_at: dt.datetime
    edition: str | None
    header: Mapping[str, Any]
    hash: str
    parts: tuple[PartView, ...]

    def bodies(self, kind: str) -> list[Any]:
        """What the parts of one kind say, item by item."""
        return [item for part in self.parts if part.kind == kind and part.body is not None for item in part.body]


def history(session: Session, *, case_id: int | None = None, unit_id: int | None = None, stream: str | None = None,
            before_id: int | None = None, limit: int | None = None) -> list[EntryView]:
    """Entries with their parts, the newest first, in two queries. ``before_id`` continues a list.

    ``recorder`` is the name of the person whose account typed the entry, or the account's. Who may see a part is for
    the caller to decide.
    """
    account, person = models.Account, models.Person
    query = (sa.select(models.Entry, sa.func.coalesce(person.full_name, account.username))
             .outerjoin(account, account.id == models.Entry.recorded_by).outerjoin(person, person.id == account.person_id)
             .order_by(models.Entry.id.desc()).limit(limit))
    for column, value in ((models.Entry.case_id, case_id), (models.Entry.unit_id, unit_id), (models.Entry.stream, stream)):
        if value is not None:
            query = query.where(column == value)
    if before_id is not None:
        query = query.where(models.Entry.id < before_id)
    found = session.execute(query).all()
    parts: dict[int, list[PartView]] = {entry.id: [] for entry, _ in found}
    for part in session.execute(sa.select(_part).where(_part.c.entry_id.in_(parts)).order_by(_part.c.entry_id, _part.c.no)):
        parts[part.entry_id].append(PartView(part.kind, part.person_id, json.loads(part.body) if part.body else None))
    return [EntryView(e.id, e.stream, e.stream_seq, e.tag, e.case_id, e.unit_id, e.recorded_by, name, e.acted_on, e.recorded_at,
                      e.edition, json.loads(e.canonical)["header"], e.hash, tuple(parts[e.id])) for e, name in found]
