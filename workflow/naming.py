"""Names for the ids and codes that a page speaks of: gathered first, then read in two statements."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.models import Person, Unit, UnitVersion


class Names:
    """Names of people by id, and of units by id or code, as units were called on a day (or last, once they ended)."""

    def __init__(self, people: dict[int, str] | None = None, units: dict[int | str, str] | None = None) -> None:
        self._people, self._units = people or {}, units or {}

    def person(self, key: Any) -> str:
        return self._people.get(key, "–") if isinstance(key, int) else str(key or "–")

    def unit(self, key: Any) -> str:
        return self._units.get(key, str(key)) if key is not None else "–"


def names_of(session: Session, on: dt.date, people: Iterable[Any] = (), units: Iterable[Any] = ()) -> Names:
    """Read the names of these people (ids) and units (ids or codes)."""
    persons = {p for p in people if type(p) is int}
    places = {u for u in units if type(u) in (int, str)}
    connection = session.connection()
    found: dict[int, str] = {}
    if persons:
        for key, name in connection.execute(sa.select(Person.id, Person.full_name).where(Person.id.in_(persons))):
            found[key] = name
    called: dict[int | str, str] = {}
    if places:
        query = (sa.select(Unit.id, Unit.code, UnitVersion.name)
                 .join(UnitVersion, UnitVersion.unit_id == Unit.id)
                 .where(sa.or_(Unit.id.in_({u for u in places if isinstance(u, int)}),
                               Unit.code.in_({u for u in places if isinstance(u, str)})), UnitVersion.from_on <= on)
                 .order_by(UnitVersion.from_on))
        for key, code, name in connection.execute(query):
            called[key] = called[code] = name
    return Names(found, called)
