"""Which cases wait for somebody: exact, as one SQL condition over the cases in his sight.

Rights depend on a case's unit and state alone, so they are worked out once per pair of the two; kinship, relations to
the case and acts that must be kept apart depend on the case and stay in SQL.
"""
from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.book import Rulebook
from rules.process import ProcessLaw
from rules.schema import Step
from workflow import access, road, tree
from workflow.bindings import BINDINGS
from workflow.context import Actor, book_of
from workflow.models import Case, Conflict, Entry, Relative, UnitVersion
from workflow.signers import recordable
from workflow.snapshot import Path, path_of, place, place_facts

Pair = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Place:
    """A unit with cases: its line and who decides there on the day."""

    line: tree.Line
    path: Path


@dataclass(frozen=True)
class Desk:
    """What one account looks after on a day: its offices, and the places of the cases in its sight."""

    actor: Actor
    on: dt.date
    held: Sequence[access.Holding]
    scope: sa.ColumnElement[bool]
    #: Unions and schools of which offices are held -> the unit they are attached to.
    beside: Mapping[int, int]
    #: Process -> unit -> its place; pairs of unit and state of the open cases in sight.
    places: Mapping[str, Mapping[int, Place]]
    pairs: Mapping[str, frozenset[Pair]]


def desk(session: Session, actor: Actor, on: dt.date) -> Desk:
    """Gather what the conditions below need, in a handful of statements whatever the number of cases."""
    book = book_of(session)
    scope = access.visible_cases(actor, book, on)
    pairs: dict[str, set[Pair]] = defaultdict(set)
    if actor.person_id is not None:
        query = sa.select(Case.process, Case.unit_id, Case.state).where(scope, Case.closed_on.is_(None)).distinct()
        for process, unit, state in session.connection().execute(query):
            if process in BINDINGS and process in book.processes:
                pairs[process].add((unit, state))
    lines = tree.lines(session, {unit for found in pairs.values() for unit, _ in found}, on)
    places = {}
    for process, found in pairs.items():
        law = book.processes[process]
        places[process] = {unit: _place(session, law, lines.get(unit) or place(session, unit, on), on)
                           for unit in {u for u, _ in found}}
    held = [] if actor.person_id is None else [
        h for h in access.holdings(session, [actor.person_id]) if h.valid(on)]
    beside: dict[int, int] = {}
    if held:
        attached = sa.select(UnitVersion.unit_id, UnitVersion.parent_id).where(
            UnitVersion.unit_id.in_({h.unit_id for h in held}), UnitVersion.kind.in_(access.ATTACHED),
            tree.alive(UnitVersion.__table__, on), UnitVersion.parent_id.is_not(None))
        beside = {unit: parent for unit, parent in session.connection().execute(attached) if parent is not None}
    return Desk(actor, on, held, scope, beside, places, {p: frozenset(found) for p, found in pairs.items()})


def _place(session: Session, law: ProcessLaw, line: tree.Line, on: dt.date) -> Place:
    return Place(line, path_of(session, law, line, on))


#: What bars somebody from a step that is open to him: steps kept apart, relations, and signing over one's own unit.
Bars = tuple[tuple[str, ...], tuple[str, ...], tuple[int, ...]]


def for_me(session: Session, desk: Desk) -> sa.ColumnElement[bool]:
    """The cases whose next step this person may take or type in for who signs: by office or relation, not his own, no
    tie, nothing to be kept apart."""
    me = desk.actor.person_id
    if me is None:
        return sa.false()
    book = book_of(session)
    parts: list[sa.ColumnElement[bool]] = []
    for process, pairs in desk.pairs.items():
        law = book.processes[process]
        by_office: dict[Bars, set[Pair]] = defaultdict(set)
        by_relation: dict[tuple[str, Bars], set[Pair]] = defaultdict(set)
        arriving: dict[str, list[int]] = defaultdict(list)
        for unit, state in pairs:
            spot = desk.places[process][unit]
            facts = place_facts(spot.line, spot.path)
            for step_id in road.next_steps(book, law, desk.on, state, facts, spot.line.codes):
                step = law.step(step_id, desk.on)
                assert step is not None
                bars = _bars(book, desk, step, spot)
                if _holds(book, desk, step, spot):
                    by_office[bars].add((unit, state))
                for relation in (g.relation for g in step.who if g.relation):
                    by_relation[relation, bars].add((unit, state))
                receiving = [access.Right(str(g.office), h.unit_id) for g in step.who if g.at == "receiving" for h in desk.held]
                arriving[state] += [right.unit_id for right in recordable(book, receiving, desk.held) if right.unit_id]
        own = [sa.and_(_among(found), _unbarred(bars, me, process)) for bars, found in by_office.items()]
        own += [sa.and_(_among(found), access.related_to(me, desk.on, [role], process), _unbarred(bars, me, process))
                for (role, bars), found in by_relation.items()]
        own += [sa.and_(Case.state == state, arriving_at(process, units)) for state, units in arriving.items()]
        parts.append(sa.and_(Case.process == process, sa.or_(sa.false(), *own)))
    return sa.and_(Case.closed_on.is_(None), sa.or_(sa.false(), *parts), ~_tied(me))


def _bars(book: Rulebook, desk: Desk, step: Step, spot: Place) -> Bars:
    """Who signs for the organ above signs nothing over a unit in which he holds an office himself."""
    organ = spot.path.organ
    signs = organ is not None and any(g.signer_of for g in step.who) and any(
        h.unit_id == organ.id and h.role in book.offices and book.offices[h.role].signs for h in desk.held)
    return (tuple(sorted(step.apart)) if step.alone else (), tuple(sorted(step.excludes)),
            tuple(sorted({h.unit_id for h in desk.held})) if signs else ())


def _unbarred(bars: Bars, person: int, process: str) -> sa.ColumnElement[bool]:
    apart, excludes, units = bars
    parts: list[sa.ColumnElement[bool]] = [_kept_apart(apart, person)]
    if excludes:
        parts.append(~access.related_to(person, None, excludes, process))
    if units:
        parts.append(sa.or_(Case.subject_unit_id.is_(None), Case.subject_unit_id.not_in(units)))
    return sa.and_(*parts)


def _holds(book: Rulebook, desk: Desk, step: Step, spot: Place) -> bool:
    organ = spot.path.organ
    above = set(spot.line.ids)
    rights = access.rights_of(step, spot.line, organ.id if organ else None, None, book,
                              lambda: [unit for unit, parent in desk.beside.items() if parent in above])
    return bool(recordable(book, rights, desk.held))


def _among(pairs: set[Pair]) -> sa.ColumnElement[bool]:
    """State and unit are among these pairs."""
    by_state: dict[str, list[int]] = defaultdict(list)
    for unit, state in sorted(pairs):
        by_state[state].append(unit)
    return sa.or_(sa.false(), *(sa.and_(Case.state == state, Case.unit_id.in_(units)) for state, units in by_state.items()))


def arriving_at(process: str, units: Sequence[int]) -> sa.ColumnElement[bool]:
    """The case is on its way to one of these units."""
    detail = BINDINGS[process].detail
    if "transfer_unit_id" not in detail.c or not units:
        return sa.false()
    return Case.id.in_(sa.select(detail.c.case_id).where(detail.c.transfer_unit_id.in_(units)))


def _kept_apart(steps: tuple[str, ...], person: int) -> sa.ColumnElement[bool]:
    if not steps:
        return sa.true()
    return Case.id.not_in(sa.select(Entry.case_id).where(
        Entry.step.in_(steps), Entry.signatory_id == person, Entry.case_id.is_not(None)))


def _tied(person: int) -> sa.ColumnElement[bool]:
    """His own case, a declared tie, or a relative of his."""
    ties = sa.union_all(sa.select(Conflict.other_id).where(Conflict.person_id == person),
                        sa.select(Conflict.person_id).where(Conflict.other_id == person))
    return sa.and_(Case.subject_person_id.is_not(None), sa.or_(
        Case.subject_person_id == person, Case.subject_person_id.in_(ties),
        Case.id.in_(sa.select(Relative.case_id).where(Relative.person_id == person))))
