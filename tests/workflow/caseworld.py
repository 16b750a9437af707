"""A small world for the tests of the engine: people with offices in an invented district, and cases at any state.

Province T, district H (to 30/6/2025), base committee X with the subcommittee BP below it, cell C1 under X, cell C2 under
BP, base cell K under H; another base committee X2 with cell C3. Every key of PEOPLE has an account.
"""
from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.workflow.organisation import empty, found
from workflow import accounts, engine, offices, people, tree
from workflow.context import Actor, FixedClock
from workflow.db import Database
from workflow.importing import import_case
from workflow.models import Base, Case, Entry

D = dt.date
TODAY = D(2025, 3, 3)
SINCE = D(2015, 1, 1)
#: Key of a person -> role and unit of his office.
PEOPLE: dict[str, tuple[str, str] | None] = {
    "an": None, "binh": None, "helper": None, "stranger": None, "deputy": None,
    "secretary": ("cell_secretary", "C1"), "committee": ("cell_committee", "C1"), "secretary2": ("cell_secretary", "C2"),
    "secretary3": ("cell_secretary", "C3"), "secretary_k": ("cell_secretary", "K"), "officer": ("base_officer", "X"),
    "base": ("base_signer", "X"), "base2": ("base_signer", "X2"), "sub": ("subcommittee_officer", "BP"),
    "board": ("board_officer", "H"), "head": ("board_head", "H"), "signer": ("standing_board_signer", "H"),
    "inspector": ("inspector", "H"), "keeper": ("law_keeper", "H"), "union": ("union_officer", "X"), "school": ("training_centre", "H"),
}
#: Roles of a district end with the district.
ENDS = D(2025, 6, 30)

INTRODUCERS = {"declared": True, "items": [
    {"official": True, "same_org": True, "mode": "work", "together_since": D(2020, 1, 1), "signed_on": D(2025, 1, 10), "waived": False}] * 2}
#: What a case rests on whose cell may vote.
READY: dict[str, Any] = {
    "certificate.issued_on": D(2023, 6, 1), "dossier.set_up_on": D(2024, 11, 1), "candidate.edu": "higher",
    "candidate.former_member": False, "candidate.youth_union_here": False, "candidate.trade_union_here": False,
    "cell.official_members": 18, "introducers": INTRODUCERS,
}
CARRIED = {"entitled": 18, "for": 15, "against": 3, "blank": 0, "method": "secret"}
SHORT = {"entitled": 18, "for": 5, "against": 13, "blank": 0}
VOTE: dict[str, Any] = {"ballot": CARRIED, "papers": [{"kind": "6-KND", "number": "03-NQ/CB"}], "second_reader": True}


@dataclass
class World:
    database: Database
    people: dict[str, int] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    @property
    def clock(self) -> FixedClock:
        clock: FixedClock = self.database.info["clock"]
        return clock

    def case(self, session: Session, state: str = "opinions_done", *, who: str = "an", unit: str = "C1", on: D = D(2025, 2, 1),
             facts: Mapping[str, Any] | None = None, did: Mapping[str, D] | None = None, without: tuple[str, ...] = (),
             duties: tuple[Mapping[str, Any], ...] = ()) -> int:
        """A case taken over at a state, with all that READY holds but for ``without``."""
        given = {name: value for name, value in {**READY, **(facts or {})}.items() if name not in without}
        return import_case(session, None, self.subject(session, who, unit), state=state, on=on, facts=given, did=did or {}, duties=duties)

    def subject(self, session: Session, who: str, unit: str) -> engine.Subject:
        found = tree.unit_id(session, unit)
        assert found is not None
        return engine.Subject("admission", found, self.people[who])


@contextmanager
def world(url: str, today: D = TODAY) -> Iterator[World]:
    """The district with its people, in a new database."""
    with empty(url, today) as database:
        made = World(database)
        with database.write() as session:
            _units(session)
            for number, (key, office) in enumerate(PEOPLE.items()):
                person = people.add_person(session, None, SINCE, key=key, full_name=f"Nông Văn {key.title()}",
                                           born_on=D(1990, 5, 20) if key in ("an", "binh") else D(1975, 1, 1))
                account = accounts.create_account(session, None, username=f"tai-khoan-{number}", person=person)
                made.people[key], made.actors[key] = person, Actor(account, person, key)
                if office is not None:
                    offices.grant_office(session, None, SINCE, person=person, role=office[0], unit=office[1], since=SINCE,
                                         until=ENDS if office[1] == "H" else None)
            root = accounts.create_account(session, None, username="quan-tri", administrator=True)
            made.actors["root"] = Actor(root, None, "quan-tri", administrator=True)
        yield made


def _units(session: Session) -> None:
    found(session, "T", "province")
    found(session, "H", "district", "T", until=ENDS)
    found(session, "X", "base_committee", "H")
    found(session, "X2", "base_committee", "H")
    found(session, "BP", "subcommittee", "X")
    found(session, "C1", "cell", "X")
    found(session, "C2", "cell", "BP")
    found(session, "C3", "cell", "X2")
    found(session, "K", "base_cell", "H")


def take(session: Session, case: int | engine.Subject, step: str, actor: Actor, on: D, **given: Any) -> int:
    """Take a step and return the case."""
    return int(engine.advance(session, case, step, actor, on=on, **given).stream.partition(":")[2])


def state_of(session: Session, case: int) -> str:
    state = session.connection().scalar(sa.select(Case.__table__.c.state).where(Case.__table__.c.id == case))
    assert state is not None
    return str(state)


def version_of(session: Session, case: int) -> int:
    return int(session.connection().scalar(sa.select(Case.__table__.c.version).where(Case.__table__.c.id == case)) or 0)


def entries_of(session: Session, case: int) -> int:
    return int(session.connection().scalar(sa.select(sa.func.count()).select_from(Entry).where(Entry.case_id == case)) or 0)


def contents(session: Session) -> str:
    """A digest of every row of every table."""
    digest = hashlib.sha256()
    for table in Base.metadata.sorted_tables:
        digest.update(table.name.encode())
        rows = [json.dumps([str(v) for v in row]) for row in session.connection().execute(sa.select(table))]
        digest.update("\n".join(sorted(rows)).encode())
    return digest.hexdigest()
