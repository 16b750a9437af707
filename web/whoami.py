"""Who an account is today: the person's name and the offices held, for the head of every page."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.book import Rulebook
from workflow.context import Actor
from workflow.models import Person
from workflow.offices import offices_of


@dataclass(frozen=True, slots=True)
class ShownOffice:
    """An office held today, with its legal term; ``stands_in_for`` names the holder where it is held for somebody."""

    role: str
    label: Any
    unit_id: int
    unit_name: str
    stands_in_for: str | None = None


def describe(session: Session, actor: Actor, book: Rulebook, today: dt.date) -> tuple[str, list[ShownOffice]]:
    """Name to show, and the offices in force today, own ones first."""
    if actor.person_id is None:
        return actor.username, []
    name = session.scalar(sa.select(Person.full_name).where(Person.id == actor.person_id)) or actor.username
    offices = []
    for held in offices_of(session, actor.person_id, today):
        law = book.offices.get(held.role)
        offices.append(ShownOffice(held.role, law.label if law else held.role, held.unit_id, held.unit_name,
                                   held.holder_name if held.substitution_id is not None else None))
    return name, offices
