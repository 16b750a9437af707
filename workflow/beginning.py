"""Where somebody may open a case, and about whom: choices for the form of a start step."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.process import ProcessLaw
from rules.schema import Step
from workflow import access, tree
from workflow.context import Actor, book_of
from workflow.models import Case, Person, UnitVersion
from workflow.signers import MOST, recordable
from workflow.snapshot import decider_of

_version: sa.Table = UnitVersion.__table__  # type: ignore[assignment]


def units_to_start(session: Session, actor: Actor, law: ProcessLaw, step: Step, on: dt.date) -> list[tuple[int, str]]:
    """The cells for which this account may take or record a start step: id and name, in the order of a register."""
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
    query = (sa.select(_version.c.unit_id, _version.c.name).where(
        below, _version.c.kind.in_(sorted(tree.CELLS)), tree.alive(_version, on)).order_by(_version.c.sort_key, _version.c.unit_id))
    cells: list[tuple[int, str]] = [(unit, name) for unit, name in connection.execute(query)]
    lines = tree.lines(session, [unit for unit, _ in cells], on)
    book = book_of(session)
    found = []
    for unit, name in cells:
        line = lines[unit]
        organ = decider_of(law, line, on).organ
        above = set(line.ids)
        rights = access.rights_of(step, line, organ.id if organ else None, None, book,
                                  lambda above=above: [u for u, parent in attached.items() if parent in above])  # type: ignore[misc]
        if recordable(book, rights, held):
            found.append((unit, name))
    return found


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
