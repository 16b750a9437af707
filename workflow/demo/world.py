"""The stage of the demo: the session it is written in, its clock, who holds what, and the agenda of its acts.

Everything happens through the same operations as on the site, each on its day: the agenda is played in the order in
which things were entered, and the clock goes along.
"""
from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from rules.book import Rulebook
from workflow import accounts, engine, offices, people, tree
from workflow.context import Actor, FixedClock
from workflow.demo.names import Invented, Names

SEED = 2026
#: The first day of the records, the last day of the district, and the day on which the demo opens.
BEGIN, DISTRICT_ENDS, TODAY = dt.date(2020, 1, 1), dt.date(2025, 6, 30), dt.date(2026, 10, 15)
COMMUNE_BEGINS = DISTRICT_ENDS + dt.timedelta(days=1)
#: What every paper of the demo says of itself.
SAMPLE = "dữ liệu mẫu"

#: Keys of people whose account is for visitors, and its short name.
USERNAMES = {"ub-01.bi-thu": "bi-thu", "ub-01.dv2": "giup-do", "lc-01.bi-thu": "bi-thu-thon", "ub.can-bo": "can-bo-co-so", "ub.ky": "ky-co-so"}

Deed = Callable[[], Any]


@dataclass(slots=True)
class Cell:
    """A cell with the people the demo knows of it; ``official`` counts all its official members."""

    code: str
    group: str
    official: int
    secretary: int = 0
    members: list[int] = field(default_factory=list)


@dataclass(slots=True)
class World:
    """What the parts of the demo share."""

    session: Session
    book: Rulebook
    clock: FixedClock
    rng: Random = field(default_factory=lambda: Random(SEED))
    cells: dict[str, Cell] = field(default_factory=dict)
    actors: dict[int, Actor] = field(default_factory=dict)
    holders: dict[tuple[str, str], list[tuple[dt.date, dt.date | None, int]]] = field(default_factory=dict)
    agenda: list[tuple[dt.date, int, int, Deed]] = field(default_factory=list)
    numbers: Counter[tuple[str, str]] = field(default_factory=Counter)
    names: Names = field(init=False)

    def __post_init__(self) -> None:
        self.names = Names(self.rng)

    # ---- people

    def person(self, who: Invented, *, key: str, unit: str | None = None, standing: str = "official", by: Actor | None = None) -> int:
        """Enter a person on the day the clock shows."""
        return people.add_person(self.session, by, self.clock.day, key=key, full_name=who.full_name, born_on=who.born_on,
                                 gender=who.gender, ethnicity=who.ethnicity, standing=standing, unit=unit)

    def member(self, key: str, unit: str | None, *, youngest: int = 28, oldest: int = 55, names: Names | None = None) -> int:
        """A member with an account to act with; nobody can sign in to it until a password is set."""
        found = self.person((names or self.names).person(youngest, oldest, self.clock.day), key=key, unit=unit)
        username = USERNAMES.get(key, key)
        self.actors[found] = Actor(accounts.create_account(self.session, None, username=username, person=found), found, username)
        return found

    def grant(self, person: int, role: str, unit: str, since: dt.date, until: dt.date | None = None) -> None:
        """Give an office. ``until`` also says when the unit is going to end, which ends the office by itself."""
        offices.grant_office(self.session, None, self.clock.day, person=person, role=role, unit=unit, since=since, paper=SAMPLE)
        self.holders.setdefault((role, unit), []).append((since, until, person))

    def officer(self, key: str, role: str, unit: str, since: dt.date, until: dt.date | None = None) -> int:
        """A new person in an office."""
        found = self.member(key, None)
        self.grant(found, role, unit, since, until)
        return found

    def holder(self, role: str, unit: str, on: dt.date) -> int:
        """Who holds an office on a day. Raises LookupError when nobody does."""
        for since, until, person in self.holders.get((role, unit), ()):
            if since <= on and (until is None or on <= until):
                return person
        raise LookupError(f"nobody holds {role} at {unit} on {on}")

    def unit_id(self, code: str) -> int:
        """The id of a unit by its code."""
        found = tree.unit_id(self.session, code)
        if found is None:
            raise LookupError(code)
        return found

    # ---- time

    def plan(self, day: dt.date, deed: Deed, *, first: bool = False) -> None:
        """Have something done on the day it is entered; ``first`` goes before all else of that day."""
        self.agenda.append((day, 0 if first else 1, len(self.agenda), deed))

    def play(self, told: Callable[[int, int, dt.date], None]) -> None:
        """Do everything on the agenda in its order; ``told`` hears how much is done, of how much, and the day."""
        lines = sorted(self.agenda, key=lambda line: line[:3])
        for number, (day, _, _, deed) in enumerate(lines, start=1):
            self.clock.day = day
            deed()
            told(number, len(lines), day)
        self.clock.day = TODAY

    def working(self, day: dt.date) -> dt.date:
        """The day itself, or the next working day."""
        while not self.book.calendar.is_working(day):
            day += dt.timedelta(days=1)
        return day

    # ---- cases

    def number(self, issuer: str, form: str) -> str:
        """The next number of an issuer's papers of a form, as it is written on them."""
        self.numbers[issuer, form] += 1
        return f"{self.numbers[issuer, form]:02d}-{form}"

    def advance(self, case: int | engine.Subject, step: str, person: int, on: dt.date, **given: Any) -> int:
        """One step by one person; returns the case."""
        entry = engine.advance(self.session, case, step, self.actors[person], on=on, **given)
        return int(entry.stream.partition(":")[2])
