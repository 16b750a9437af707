"""The history as its readers search it: entries in sight, narrowed, newest first, page by page.

Acts on cases are seen through the offices that see a case's history, acts on units and offices through the same
offices' units. Acts on accounts belong to the administrator. What an entry's parts say is another question, answered
by :func:`section_of` and :mod:`workflow.sight`.
"""
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.book import Rulebook
from workflow import sight, tree
from workflow.access import visible_cases, visible_units
from workflow.canonical import commitment, digest
from workflow.context import ZONE, Actor
from workflow.journal import EntryView, PartView
from workflow.models import Account, Base, Case, Entry, Person
from workflow.names import fold

_T = Base.metadata.tables
PART, UNIT_CLOSURE, ENTRY = _T["part"], _T["unit_closure"], _T["entry"]
#: How many lines a file of the history may have.
LONGEST = 50_000
#: Table of a row change -> the section of a case in which it shows; others show with the values.
SECTION = {"relative": "verification", "opinion": "opinions", "introducer": "introducers", "ballot": "votes", "paper": "papers",
           "sponsor_report": "reports", "work_report": "reports", "visit": "reports", "person": "person", "case": "stage", "duty": "stage"}
#: Streams beside cases that an office shows.
OPEN_STREAMS = ("unit:", "person:")


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of the history is narrowed to; every part that is None lets all through."""

    acted_from: dt.date | None = None
    acted_to: dt.date | None = None
    recorded_from: dt.date | None = None
    recorded_to: dt.date | None = None
    unit: int | None = None
    case: int | None = None
    person: str | None = None
    step: str | None = None
    tag: str | None = None
    rule: str | None = None
    outcome: str | None = None
    late: bool | None = None
    account: str | None = None


def readers() -> frozenset[str]:
    """The offices that see the history of cases."""
    return frozenset(role for role, shown in sight.TABLE.items() if "history" in shown)


def scope(actor: Actor, book: Rulebook, on: dt.date) -> sa.ColumnElement[bool]:
    """The entries an account sees: a condition on :class:`Entry`.

    Of an ended unit those acts are seen that happened while it stood below a unit in sight.
    """
    if actor.person_id is None:
        return sa.false()
    cases = sa.select(Case.id).where(visible_cases(actor, book, on, readers()))
    then = UNIT_CLOSURE.alias("then")
    below = sa.exists().where(then.c.descendant_id == Entry.unit_id, then.c.from_on <= Entry.acted_on,
                              sa.or_(then.c.to_on.is_(None), then.c.to_on >= Entry.acted_on),
                              visible_units(actor, book, on, then.c.ancestor_id, readers()))
    beside = sa.and_(Entry.case_id.is_(None), sa.or_(*(Entry.stream.startswith(s) for s in OPEN_STREAMS)),
                     sa.or_(visible_units(actor, book, on, ENTRY.c.unit_id, readers()), below))
    return sa.or_(Entry.case_id.in_(cases), beside)


def condition(wanted: Filter, on: dt.date) -> sa.ColumnElement[bool]:
    """The entries that a filter lets through; ``on`` is the day on which the tree of units is read."""
    parts: list[sa.ColumnElement[bool]] = [sa.true()]
    if wanted.acted_from is not None:
        parts.append(Entry.acted_on >= wanted.acted_from)
    if wanted.acted_to is not None:
        parts.append(Entry.acted_on <= wanted.acted_to)
    if wanted.recorded_from is not None:
        parts.append(Entry.recorded_at >= _midnight(wanted.recorded_from))
    if wanted.recorded_to is not None:
        parts.append(Entry.recorded_at < _midnight(wanted.recorded_to + dt.timedelta(days=1)))
    if wanted.unit is not None:
        parts.append(_at_unit(wanted.unit, on))
    if wanted.case is not None:
        parts.append(Entry.case_id == wanted.case)
    if wanted.person:
        parts.append(_of_person(wanted.person))
    if wanted.step:
        parts.append(Entry.step == wanted.step)
    if wanted.tag:
        parts.append(Entry.tag == wanted.tag)
    if wanted.rule:
        outcome = f'"{wanted.outcome}"' if wanted.outcome else ""
        parts.append(Entry.canonical.contains(f"{json.dumps(wanted.rule, ensure_ascii=False)}:{outcome}", autoescape=True))
    elif wanted.outcome:
        parts.append(Entry.canonical.contains(f':"{wanted.outcome}"', autoescape=True))
    if wanted.late is not None:
        has = Entry.canonical.contains('"late":true', autoescape=True)
        parts.append(has if wanted.late else ~has)
    if wanted.account:
        parts.append(Entry.recorded_by.in_(sa.select(Account.id).where(Account.username == wanted.account.strip().lower())))
    return sa.and_(*parts)


def _midnight(day: dt.date) -> dt.datetime:
    """The moment at which a day begins in Viet Nam."""
    return dt.datetime.combine(day, dt.time(), ZONE).astimezone(dt.timezone.utc)


def _at_unit(unit: int, on: dt.date) -> sa.ColumnElement[bool]:
    """Acts in the subtree of a unit, as it is now or as it was on the day of the act; of a case now there, all its acts."""
    then = UNIT_CLOSURE.alias("at")
    return sa.or_(
        Entry.unit_id == unit, tree.within(ENTRY.c.unit_id, unit, on),
        Entry.case_id.in_(sa.select(Case.id).where(tree.within(_T["case"].c.unit_id, unit, on))),
        sa.exists().where(then.c.descendant_id == Entry.unit_id, then.c.ancestor_id == unit, then.c.from_on <= Entry.acted_on,
                          sa.or_(then.c.to_on.is_(None), then.c.to_on >= Entry.acted_on)))


def _of_person(text: str) -> sa.ColumnElement[bool]:
    """Acts on the cases of people so named, acts that they signed or typed in, and those on their offices."""
    words = fold(text).split()
    if not words:
        return sa.true()
    people = sa.select(Person.id).where(*(Person.name_fold.contains(word, autoescape=True) for word in words))
    streams = sa.select(sa.literal("person:").concat(sa.cast(Person.id, sa.Text))).where(Person.id.in_(people))
    return sa.or_(Entry.case_id.in_(sa.select(Case.id).where(Case.subject_person_id.in_(people))), Entry.signatory_id.in_(people),
                  Entry.recorded_by.in_(sa.select(Account.id).where(Account.person_id.in_(people))), Entry.stream.in_(streams))


def listed(session: Session, which: sa.ColumnElement[bool], *, before: int | None = None, size: int = 50) -> list[EntryView]:
    """A page of entries without their parts, the newest first; ``before`` is the last id of the page before."""
    query = _query().where(which).order_by(Entry.id.desc()).limit(size)
    if before is not None:
        query = query.where(Entry.id < before)
    return list(_views(session, query))


def total(session: Session, which: sa.ColumnElement[bool]) -> int:
    """How many entries there are."""
    return session.connection().scalar(sa.select(sa.func.count()).select_from(Entry).where(which)) or 0


def everything(session: Session, which: sa.ColumnElement[bool]) -> list[EntryView]:
    """All entries for a file, oldest first, without their parts."""
    return list(_views(session, _query().where(which).order_by(Entry.id).limit(LONGEST)))


@dataclass(frozen=True, slots=True)
class About:
    """What an entry on a case is about."""

    process: str
    person: str | None
    unit_id: int


def subjects(session: Session, entries: Sequence[EntryView]) -> dict[int, About]:
    """Case -> what it is about, for the cases of some entries."""
    cases = {e.case_id for e in entries if e.case_id is not None}
    if not cases:
        return {}
    query = (sa.select(Case.id, Case.process, Person.full_name, Case.unit_id)
             .outerjoin(Person, Person.id == Case.subject_person_id).where(Case.id.in_(cases)))
    return {case: About(process, person, unit) for case, process, person, unit in session.connection().execute(query)}


@dataclass(frozen=True, slots=True)
class Whole:
    """An entry with its parts, its neighbours in the stream, and whether text, hash and parts still agree."""

    view: EntryView
    canonical: str
    prev_hash: str
    former: int | None
    next: int | None
    sound: bool


def entry(session: Session, which: sa.ColumnElement[bool], entry_id: int) -> Whole | None:
    """One entry, if the condition holds for it."""
    row = session.execute(_query().where(which, Entry.id == entry_id)).first()
    if row is None:
        return None
    found, recorder = row
    connection = session.connection()
    parts = connection.execute(sa.select(PART).where(PART.c.entry_id == entry_id).order_by(PART.c.no)).all()
    beside = {row.stream_seq: row.id for row in connection.execute(sa.select(Entry.stream_seq, Entry.id).where(
        Entry.stream == found.stream, Entry.stream_seq.in_([found.stream_seq - 1, found.stream_seq + 1])))}
    told = json.loads(found.canonical)
    promised = {p["no"]: p["commitment"] for p in told["parts"]}
    sound = (digest(found.canonical) == found.hash and told["prev_hash"] == found.prev_hash
             and promised == {p.no: p.commitment for p in parts}
             and all(p.body is None or commitment(p.salt, p.body) == p.commitment for p in parts))
    shown = tuple(PartView(p.kind, p.person_id, json.loads(p.body) if p.body else None) for p in parts)
    return Whole(_view(found, recorder, shown), found.canonical, found.prev_hash, beside.get(found.stream_seq - 1),
                 beside.get(found.stream_seq + 1), sound)


def section_of(table: str) -> str:
    """The section of a case in which a change of a table shows."""
    return SECTION.get(table, "values")


def _query() -> sa.Select[Entry, str]:
    return (sa.select(Entry, sa.func.coalesce(Person.full_name, Account.username))
            .outerjoin(Account, Account.id == Entry.recorded_by).outerjoin(Person, Person.id == Account.person_id))


def _views(session: Session, query: sa.Select[Entry, str]) -> Iterator[EntryView]:
    for found, recorder in session.execute(query):
        yield _view(found, recorder, ())


def _view(e: Entry, recorder: str | None, parts: tuple[PartView, ...]) -> EntryView:
    return EntryView(e.id, e.stream, e.stream_seq, e.tag, e.case_id, e.unit_id, e.recorded_by, recorder, e.acted_on, e.recorded_at,
                     e.edition, json.loads(e.canonical)["header"], e.hash, parts)
