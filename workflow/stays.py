"""Where cases stood on a day, and how long they stayed: read from the journal, which alone knows the past.

An entry that was recalled never happened as far as stays go, and neither did the recall.
"""
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.models import Base, Case, Entry

_entry, _case = Base.metadata.tables["entry"], Base.metadata.tables["case"]
_RECALL = "case:entry:recall"


class Stay(NamedTuple):
    """One stay of a case in a state; ``until`` is None while it lasts."""

    case_id: int
    process: str
    state: str
    since: dt.date
    until: dt.date | None


def _header(session: Session, entry: sa.FromClause, name: str) -> sa.ColumnElement[Any]:
    """What the header of an entry says under a name, as text."""
    text: sa.ColumnElement[Any] = entry.c.canonical
    if session.get_bind().dialect.name == "sqlite":
        return sa.func.json_extract(text, f"$.header.{name}")
    return sa.func.json_extract_path_text(sa.cast(text, sa.JSON), "header", name)


def _standing(session: Session, entry: sa.FromClause, on: dt.date) -> tuple[sa.ColumnElement[bool], ...]:
    """The entry moved a case by the day, and was not recalled since."""
    recall = _entry.alias()
    recalled = sa.exists().where(recall.c.stream == entry.c.stream, recall.c.tag == _RECALL,
                                 sa.cast(_header(session, recall, "recalls"), sa.Integer()) == entry.c.stream_seq)
    return (entry.c.acted_on <= on, entry.c.tag != _RECALL, _header(session, entry, "to").is_not(None), ~recalled)


def state_on(session: Session, on: dt.date) -> sa.ColumnElement[str]:
    """SQL: the state of a case at the end of a day; NULL for one that was not opened by then."""
    moved = _entry.alias()
    return (sa.select(_header(session, moved, "to")).where(moved.c.case_id == _case.c.id, *_standing(session, moved, on))
            .order_by(moved.c.stream_seq.desc()).limit(1).correlate(_case).scalar_subquery())


def reached(session: Session, states: Collection[str], on: dt.date) -> sa.ColumnElement[bool]:
    """SQL: the case has come to one of the states by the day, wherever it is now."""
    moved = _entry.alias()
    return _case.c.id.in_(sa.select(moved.c.case_id).where(
        moved.c.case_id.is_not(None), *_standing(session, moved, on), _header(session, moved, "to").in_(sorted(states))))


def taken(session: Session, steps: Collection[str], first: dt.date, last: dt.date) -> sa.Select[Any]:
    """SQL: case, place in its stream, step, day and unit of each time that one of the steps was taken between two days."""
    e = _entry.c
    return (sa.select(e.case_id, e.stream_seq, e.step, e.acted_on, e.unit_id)
            .where(e.case_id.is_not(None), e.step.in_(sorted(steps)), e.acted_on >= first, *_standing(session, _entry, last)))


def stays(session: Session, condition: sa.ColumnElement[bool], on: dt.date) -> Iterator[Stay]:
    """All stays, up to a day, of the cases for which the condition holds; one statement."""
    query = (sa.select(Case.id, Case.process, Entry.stream_seq, Entry.tag, Entry.acted_on, Entry.canonical)
             .join(Entry, Entry.case_id == Case.id).where(condition, Entry.stream.startswith("case:"))
             .order_by(Case.id, Entry.stream_seq))
    case, process = 0, ""
    path: list[tuple[int, dt.date, str]] = []
    for id_, of, seq, tag, acted_on, text in session.connection().execute(query):
        if id_ != case:
            yield from _told(case, process, path, on)
            case, process, path = id_, of, []
        header = json.loads(text)["header"]
        if tag == _RECALL:
            path = [step for step in path if step[0] != header["recalls"]]
        elif header.get("to") is not None:
            path.append((seq, acted_on, header["to"]))
    yield from _told(case, process, path, on)


def _told(case: int, process: str, path: list[tuple[int, dt.date, str]], on: dt.date) -> Iterator[Stay]:
    """Steps that lead nowhere else prolong a stay; what happened after the day has not happened."""
    begun: tuple[str, dt.date] | None = None
    for _seq, day, state in path:
        if day > on:
            break
        if begun is None or begun[0] != state:
            if begun is not None:
                yield Stay(case, process, *begun, day)
            begun = (state, day)
    if begun is not None:
        yield Stay(case, process, *begun, None)
