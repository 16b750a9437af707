"""Where somebody may open a case, and about whom: choices for the form of a start step."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.process import ProcessLaw
from rules.schema import Step
from workflow import access, lastrating, tree
from workflow.context import Actor, book_of
from workflow.models import Case, Person, UnitProblem, UnitVersion
from workflow.signers import MOST, recordable
from workflow.snapshot import decider_of

_version: sa.Table = UnitVersion.__table__  # type: ignore[assignment]


def units_to_start(session: Session, actor: Actor, law: ProcessLaw, step: Step, on: dt.date) -> list[tuple[int, str]]:
    """The units for which this account may take or record a start step: id and name, in the order of a register.

    Where the subject is a person these are cells; where it is the unit itself, every unit of the line that has no open
    case of the process.
    """
    if actor.person_id is None:
        return []
    held = [h for h in access.holdings(session, [actor.person_id]) if h.valid(on)]
    tops = {h.unit_id for h in held}
    if not tops:
        return []
    connection = session.connection()
    schools = sa.select(_version.c.unit_id, _version.c.parent_id).where(
        _version.c.unit_id.in_(tops), _version.c.kind.in_(access.ATTACHED), _version.c.parent_id.is_not(None), tree.alive(_version, on))
    attached: dict[int, int] = {row[0]: row[1] for row in connection.execute(schools)}
    below = tree.within(_version.c.unit_id, tops | set(attached.values()), on)
    if law.head.subject == "person":
        kind: sa.ColumnElement[bool] = _version.c.kind.in_(sorted(tree.CELLS))
    else:
        running = sa.select(Case.subject_unit_id).where(Case.process == law.id, Case.closed_on.is_(None), Case.subject_unit_id.is_not(None))
        kind = sa.and_(_version.c.kind.not_in(access.ATTACHED), _version.c.unit_id.not_in(running))
    query = (sa.select(_version.c.unit_id, _version.c.name).where(
        below, kind, tree.alive(_version, on)).order_by(_version.c.sort_key, _version.c.unit_id))
    cells: list[tuple[int, str]] = [(unit, name) for unit, name in connection.execute(query)]
    lines = tree.lines(session, [unit for unit, _ in cells], on)
    book = book_of(session)
    found = []
    for unit, name in cells:
        line = lines[unit]
        organ = decider_of(law, line, on).organ
        if organ is None and law.head.subject == "unit":
            continue  # no organ decides over this kind of unit
        above = set(line.ids)
        rights = access.rights_of(step, line, organ.id if organ else None, None, book,
                                  lambda above=above: [u for u, parent in attached.items() if parent in above])  # type: ignore[misc]
        if recordable(book, rights, held):
            found.append((unit, name))
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a unit before a case of it is opened: its latest yearly rating, and the problems noted of it."""

    unit_id: int
    name: str
    rating: lastrating.LastRating | None
    problems: tuple[str, ...]


def standings(session: Session, units: list[tuple[int, str]], on: dt.date) -> list[Standing]:
    """The standing of units (id and name), in two statements; the lowest rank first, then the order of the list."""
    keys = [unit for unit, _name in units]
    ratings = lastrating.last_annual(session, keys, on)
    noted: dict[int, list[str]] = {}
    query = sa.select(UnitProblem.unit_id, UnitProblem.kind).where(
        UnitProblem.unit_id.in_(keys), UnitProblem.cleared_on.is_(None)).order_by(UnitProblem.id)
    for unit, kind in session.connection().execute(query):
        noted.setdefault(unit, []).append(kind)
    found = [Standing(unit, name, ratings.get(unit), tuple(noted.get(unit, ()))) for unit, name in units]
    return sorted(found, key=lambda s: (s.rating.rank if s.rating else 9, not s.problems))


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who may be put forward, with the cell of whoever chooses him."""

    id: int
    name: str
    born_on: dt.date | None
    unit_id: int


def people_to_start(session: Session, actor: Actor, process: str, units: list[int], on: dt.date) -> list[Known]:
    """People of these units who are no members and have no open case, as far as the account may know of them: those of
    whom it sees a former case, and those who never had one."""
    any_case = sa.select(Case.subject_person_id).where(Case.subject_person_id.is_not(None))
    seen = any_case.where(access.visible_cases(actor, book_of(session), on))
    running = any_case.where(Case.process == process, Case.closed_on.is_(None))
    query = (sa.select(Person.id, Person.full_name, Person.born_on, Person.unit_id).where(
        Person.unit_id.in_(units), Person.standing == "none", Person.id.not_in(running), Person.id != (actor.person_id or 0),
        sa.or_(Person.id.in_(seen), Person.id.not_in(any_case))).order_by(Person.sort_key, Person.id).limit(MOST))
    return [Known(key, name, born, unit) for key, name, born, unit in session.connection().execute(query) if unit is not None]
