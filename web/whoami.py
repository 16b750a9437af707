"""Who an account is today: the person's name and the offices held, for the head of every page."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.book import Rulebook
from workflow.access import holdings
from workflow.context import Actor
from workflow.models import Person
from workflow.tree import unit_on


@dataclass(frozen=True, slots=True)
class HeldOffice:
    """An office held today, or held for somebody else."""

    role: str
    label: Any
    unit_id: int
    unit_name: str
    stands_in_for: str | None = None


def describe(session: Session, actor: Actor, book: Rulebook, today: dt.date) -> tuple[str, list[HeldOffice]]:
    """Name to show and offices in force today, own ones first."""
    if actor.person_id is None:
        return actor.username, []
    held = [h for h in holdings(session, [actor.person_id]) if h.valid(today)]
    people = {actor.person_id, *(h.holder_id for h in held)}
    names = {row.id: row.full_name for row in session.execute(sa.select(Person.id, Person.full_name).where(Person.id.in_(people)))}
    offices = []
    for h in sorted(held, key=lambda h: (h.holder_id != actor.person_id, h.from_on, h.office_id)):
        unit = unit_on(session, h.unit_id, today)
        if unit is None:  # the unit has ended; an office in it opens nothing
            continue
        office = book.offices.get(h.role)
        offices.append(HeldOffice(h.role, office.label if office else h.role, h.unit_id, unit.name,
                                  names.get(h.holder_id) if h.holder_id != actor.person_id else None))
    return names.get(actor.person_id, actor.username), offices
