"""Lists of cases: filters, order, pages, in two statements whatever the number of rows."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.book import Rulebook
from rules.process import ProcessLaw
from workflow import blocked, stays, tree
from workflow.access import related_to
from workflow.bindings import BINDINGS
from workflow.context import book_of
from workflow.models import Base, Case, Duty, Measure, Person, Unit
from workflow.names import fold
from workflow.waiting import Desk

_version, _case = Base.metadata.tables["unit_version"], Base.metadata.tables["case"]
#: How many rows a file of a filtered list may have.
LONGEST = 50_000
SORTS = ("name", "due", "opened", "since")
#: Passing conditions of a case; never states.
FLAGS = ("overdue", "soon", "blocked", "imported", "late_measure", "ended")


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; every part that is None or empty lets all through."""

    text: str | None = None
    state: str | None = None
    stage: str | None = None
    unit: int | None = None
    #: Somebody who stands in a relation to the case on the day.
    person: int | None = None
    flag: str | None = None
    rule: str | None = None
    opened_before: dt.date | None = None
    process: str | None = None
    #: A period of this name has run out.
    late: str | None = None
    #: A stage the case has come to at some time, wherever it is now.
    reached: str | None = None
    #: The state, the stage and what is late are those of this day, not of today.
    as_of: dt.date | None = None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of a list."""

    id: int
    process: str
    state: str
    name: str
    unit_id: int
    unit: str
    opened_on: dt.date
    state_since: dt.date
    closed_on: dt.date | None
    due_kind: str | None
    due_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list, and how many rows there are in all."""

    rows: tuple[CaseRow, ...]
    total: int


def condition(session: Session, book: Rulebook, desk: Desk, wanted: Filter) -> sa.ColumnElement[bool]:
    """The cases in sight that a filter lets through. Without a flag or a state that says otherwise only open ones."""
    parts: list[sa.ColumnElement[bool]] = [desk.scope]
    on = wanted.as_of or desk.on
    past = on < desk.on
    state: sa.ColumnElement[Any] = stays.state_on(session, on) if past else _case.c.state
    laws = {id_: law for id_, law in book.processes.items() if wanted.process in (None, id_)}
    closed = {s for law in laws.values() for s in law.states.closed}
    ended = state.in_(sorted(closed)) if past else Case.closed_on.is_not(None)
    if wanted.flag == "ended":
        parts.append(ended)
    elif wanted.state not in closed and not wanted.reached:
        parts.append(state.not_in(sorted(closed)) if past else Case.closed_on.is_(None))
    if wanted.process:
        parts.append(Case.process == wanted.process)
    if wanted.state:
        parts.append(state == wanted.state)
    if wanted.stage:
        parts.append(state.in_(_of_stage(laws, wanted.stage)))
    if wanted.reached:
        parts.append(stays.reached(session, _of_stage(laws, wanted.reached), on))
    if wanted.late:
        parts.append(Case.id.in_(sa.select(Duty.case_id).where(
            Duty.case_id.is_not(None), Duty.law == wanted.late, late_on(on) if past else Duty.open_until < on)))
    if wanted.unit is not None:
        parts.append(tree.within(_case.c.unit_id, wanted.unit, desk.on))
    if wanted.person is not None:
        parts.append(related_to(wanted.person, desk.on))
    if wanted.opened_before is not None:
        parts.append(Case.opened_on < wanted.opened_before)
    if wanted.text:
        parts.append(_named(wanted.text))
    if wanted.flag == "overdue":
        parts.append(Case.id.in_(sa.select(Duty.case_id).where(late_on(on))) if past else overdue(on))
    elif wanted.flag == "soon":
        parts.append(due_within(book, desk.on, 30))
    elif wanted.flag == "imported":
        parts.append(Case.imported.is_(True))
    elif wanted.flag == "late_measure":
        parts.append(late_measure(desk.on))
    elif wanted.flag == "blocked":
        parts.append(blocked.stuck(session, desk, desk.on))
    if wanted.rule:
        parts.append(blocked.stuck(session, desk, desk.on, blocked.reads_rule(wanted.rule)))
    return sa.and_(*parts)


def recurring(book: Rulebook) -> list[str]:
    """The periods that come back every month: they have queues of their own, and would drown the others."""
    return sorted({name for law in book.processes.values() for name, versions in law.duties.items()
                   if any(v.every is not None for v in versions)})


def _of_stage(laws: Mapping[str, ProcessLaw], stage: str) -> list[str]:
    return sorted({name for law in laws.values() for name, state in law.all_states.items() if state.stage == stage})


def late_on(on: dt.date) -> sa.ColumnElement[bool]:
    """A condition on :class:`Duty`: it had run out on a day of the past, as far as its present row still tells.

    A period that was extended since counts with the day it has now.
    """
    def running(ended: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        return sa.or_(ended.is_(None), ended > on)

    duty = Base.metadata.tables["duty"]
    return sa.and_(Duty.started_on <= on, Duty.due_on < on, running(duty.c.met_on), running(duty.c.closed_on), running(duty.c.paused_on))


def overdue(on: dt.date) -> sa.ColumnElement[bool]:
    """A period of the case has run out, one that comes back every month included."""
    return Case.id.in_(sa.select(Duty.case_id).where(Duty.case_id.is_not(None), Duty.open_until < on))


def own(book: Rulebook, desk: Desk) -> sa.ColumnElement[bool]:
    """A condition on :class:`Duty`: it runs once, or it comes back every month and is this person's own to do.

    What others owe every month would drown the work of those above them.
    """
    return sa.or_(Duty.law.not_in(recurring(book)), owned(book, desk))


def owned(book: Rulebook, desk: Desk) -> sa.ColumnElement[bool]:
    """A condition on :class:`Duty`: by the law it is this person's to do, through an office at its unit or a relation."""
    mine: list[sa.ColumnElement[bool]] = [sa.false()]
    for law in book.processes.values():
        for name, versions in law.duties.items():
            roles = {role for v in versions for role in v.owed("office")}
            offices = sorted({h.unit_id for h in desk.held if h.role in roles})
            if offices:
                mine.append(sa.and_(Duty.law == name, Duty.unit_id.in_(offices)))
            relations = {relation for v in versions for relation in v.owed("relation")}
            if desk.actor.person_id is not None and relations:
                related = sa.select(Case.id).where(related_to(desk.actor.person_id, desk.on, relations, law.id))
                mine.append(sa.and_(Duty.law == name, Duty.case_id.in_(related)))
    return sa.or_(*mine)


def own_overdue(book: Rulebook, desk: Desk) -> sa.ColumnElement[bool]:
    """A period of the case has run out that runs once, or that is this person's own."""
    return Case.id.in_(sa.select(Duty.case_id).where(Duty.case_id.is_not(None), Duty.open_until < desk.on, own(book, desk)))


def unfinished() -> sa.ColumnElement[bool]:
    """A condition on :class:`Measure`: it is of the plan in force, and not done."""
    in_force = [sa.exists().where(detail.c.case_id == Measure.case_id, detail.c[plan] == Measure.plan_no).correlate(Measure)
                for detail, plan in ((b.detail, b.plan) for b in BINDINGS.values()) if plan is not None]
    return sa.and_(sa.func.coalesce(Measure.progress, 0) < 100, Measure.done_on.is_(None), sa.or_(sa.false(), *in_force))


def late_measure(on: dt.date) -> sa.ColumnElement[bool]:
    """A measure of the plan in force is late."""
    return Case.id.in_(sa.select(Measure.case_id).where(unfinished(), Measure.due_on < on))


def due_within(book: Rulebook, on: dt.date, days: int) -> sa.ColumnElement[bool]:
    """A period of the case ends today or within so many days; what comes back every month is not meant."""
    return Case.id.in_(sa.select(Duty.case_id).where(
        Duty.case_id.is_not(None), Duty.law.not_in(recurring(book)), Duty.open_until >= on,
        Duty.open_until <= on + dt.timedelta(days=days)))


def _named(text: str) -> sa.ColumnElement[bool]:
    """Every word is in the name of the person or the unit, marks and case aside; a number is the number of a case."""
    words = fold(text).split()
    by_name = sa.or_(
        Case.subject_person_id.in_(sa.select(Person.id).where(*(Person.name_fold.contains(word, autoescape=True) for word in words))),
        # A unit is found by every name it ever had: papers of its time know it by that.
        Case.subject_unit_id.in_(sa.select(_version.c.unit_id).where(
            *(_version.c.name_fold.contains(word, autoescape=True) for word in words))))
    if len(words) == 1 and words[0].isascii() and words[0].isdigit() and len(words[0]) < 10:
        return sa.or_(Case.id == int(words[0]), by_name)
    return by_name if words else sa.true()


def listed(session: Session, desk: Desk, condition: sa.ColumnElement[bool], *, sort: str = "name", size: int = 25,
           page: int = 1, mine: bool = False) -> Listed:
    """One page of the cases for which the condition holds; with ``mine`` the due days leave out what others owe monthly."""
    total = session.connection().scalar(sa.select(sa.func.count()).select_from(Case).where(condition)) or 0
    rows = _rows(session, desk, condition, sort, size, (page - 1) * size, mine) if total > (page - 1) * size else ()
    return Listed(tuple(rows), total)


def everything(session: Session, desk: Desk, condition: sa.ColumnElement[bool], sort: str = "name",
               mine: bool = False) -> list[CaseRow]:
    """All rows of a list, for a file."""
    return list(_rows(session, desk, condition, sort, LONGEST, 0, mine))


def _rows(session: Session, desk: Desk, condition: sa.ColumnElement[bool], sort: str, size: int, skip: int,
          mine: bool) -> Iterator[CaseRow]:
    book, on = book_of(session), desk.on
    shown = sa.or_(Duty.open_until < on, Duty.law.not_in(recurring(book)))
    if mine:
        shown = sa.and_(shown, own(book, desk))
    due = (sa.select(Duty.case_id, sa.func.min(Duty.open_until).label("due_on"))
           .where(Duty.open_until.is_not(None), Duty.case_id.is_not(None), shown).group_by(Duty.case_id).subquery("due"))
    kind = (sa.select(sa.func.min(Duty.law)).where(Duty.case_id == Case.id, Duty.open_until == due.c.due_on, shown)
            .correlate(Case, due).scalar_subquery())
    subject, place = _version.alias("subject"), _version.alias("place")
    # Where the subject is a unit its own name is told already: what it belongs to says more.
    where = sa.case((Case.subject_unit_id.is_(None), Case.unit_id), else_=subject.c.parent_id)
    query = (
        sa.select(Case.id, Case.process, Case.state, sa.func.coalesce(Person.full_name, subject.c.name, Unit.code), Case.unit_id,
                  sa.func.coalesce(place.c.name, subject.c.name, Unit.code), Case.opened_on, Case.state_since, Case.closed_on, kind,
                  due.c.due_on)
        .select_from(Case).join(Unit, Unit.id == Case.unit_id)
        .outerjoin(Person, Person.id == Case.subject_person_id)
        .outerjoin(due, due.c.case_id == Case.id)
        .outerjoin(subject, sa.and_(subject.c.unit_id == Case.subject_unit_id, subject.c.from_on == _begun(on)))
        .outerjoin(place, sa.and_(place.c.unit_id == where, tree.alive(place, on)))
        .where(condition).order_by(*_order(sort, due.c.due_on), sa.func.coalesce(Person.sort_key, subject.c.sort_key), Case.id)
        .limit(size).offset(skip)
    )
    for row in session.connection().execute(query):
        yield CaseRow(*row)


def _begun(on: dt.date) -> sa.ColumnElement[Any]:
    """The first day of the version that a case's unit has on a day, or had last where it has ended."""
    any_ = _version.alias("any_version")
    return (sa.select(sa.func.max(any_.c.from_on)).where(any_.c.unit_id == _case.c.subject_unit_id, any_.c.from_on <= on)
            .correlate(_case).scalar_subquery())


def _order(sort: str, due: sa.ColumnElement[Any]) -> Sequence[sa.ColumnElement[Any]]:
    orders: Mapping[str, Sequence[sa.ColumnElement[Any]]] = {
        "due": (due.is_(None), due), "opened": (_case.c.opened_on.desc(),), "since": (_case.c.state_since,)}
    return orders.get(sort, ())


def people_in_sight(session: Session, desk: Desk) -> list[tuple[int, str]]:
    """Who stands in a relation to an open case in sight today: id and name, in the order of a register."""
    open_ = sa.select(Case.id).where(desk.scope, Case.closed_on.is_(None))
    related = [sa.select(c[relation.person]).where(
        c.case_id.in_(open_), sa.or_(c[relation.since].is_(None), c[relation.since] <= desk.on),
        sa.or_(c[relation.until].is_(None), c[relation.until] >= desk.on))
        for binding in BINDINGS.values() for relation in binding.relations.values() for c in (relation.table.c,)]
    query = (sa.select(Person.id, Person.full_name).where(sa.or_(sa.false(), *(Person.id.in_(q) for q in related)))
             .order_by(Person.sort_key, Person.id))
    return [(key, name) for key, name in session.connection().execute(query)]


def units_in_sight(session: Session, desk: Desk) -> list[tuple[int, str, int]]:
    """The units whose cases somebody may narrow a list to: id, name, depth below the topmost; parents first."""
    above = {u.id: u for places in desk.places.values() for spot in places.values() for u in spot.line.units}
    tops = {h.unit_id for h in desk.held}
    own = {spot.line.unit.id for places in desk.places.values() for spot in places.values()}
    shown = {spot_unit.id for places in desk.places.values() for spot in places.values()
             for i, spot_unit in enumerate(spot.line.units) if tops & {u.id for u in spot.line.units[i:]}} | own
    children: dict[int | None, list[int]] = {}
    for key in shown:
        parent = above[key].parent_id
        children.setdefault(parent if parent in shown else None, []).append(key)
    found: list[tuple[int, str, int]] = []

    def walk(parent: int | None, depth: int) -> None:
        for key in sorted(children.get(parent, ()), key=lambda k: fold(above[k].name)):
            found.append((key, above[key].name, depth))
            walk(key, depth + 1)

    walk(None, 0)
    return found
