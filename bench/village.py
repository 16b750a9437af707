"""An invented district with every office a candidate meets, and the whole road of one: what races and measurements run on.

Everything is made by the operations of the application; nothing is written past the journal.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules import book as rulebook
from workflow import accounts, engine, migrate, offices, people, units
from workflow.context import Actor, FixedClock
from workflow.db import Database
from workflow.importing import import_case
from workflow.journal import EntryRef
from workflow.models import Account, Person
from workflow.tree import LineCache, unit_id

D = dt.date
FOUNDED, STARTED = D(2010, 1, 1), D(2015, 1, 1)

_UNITS = [("T", "Tỉnh ủy Nà Sơn", "province", None), ("H", "Huyện ủy Khau Mạ", "district", "T"),
          ("X", "Đảng ủy xã Bản Lìm", "base_committee", "H"), ("C1", "Chi bộ thôn Nà Pò", "cell", "X"),
          ("DX", "Đoàn xã Bản Lìm", "union", "X"), ("TT", "Trung tâm chính trị huyện", "training_centre", "H")]
#: Who holds which office; the district has two signers, either of whom may sign a decision.
_OFFICES = {"secretary": ("Hà Thị Bé", "cell_secretary", "C1"), "officer": ("Đàm Thị Diễm", "base_officer", "X"),
            "base": ("Lý Văn Cư", "base_signer", "X"), "signer": ("Mã Văn Dư", "standing_board_signer", "H"),
            "other_signer": ("Lục Thị Én", "standing_board_signer", "H"), "union": ("Hoàng Thị Gấm", "union_officer", "DX"),
            "school": ("Ma Văn Hải", "training_centre", "TT")}
HELPER = "helper"


def opened(url: str, today: dt.date = STARTED) -> Database:
    """A database as the application opens it, with the shipped law and a clock that stands."""
    return Database(url, info={"book": rulebook.load(), "clock": FixedClock(today), "lines": LineCache()})


def build(database: Database) -> None:
    """Migrate an empty database; found the units, take in the people, grant the offices."""
    migrate.upgrade(database)
    with database.write() as session:
        for code, name, kind, parent in _UNITS:
            units.found(session, None, FOUNDED, code=code, name=name, kind=kind, parent=parent)
        for key, (name, role, unit) in _OFFICES.items():
            person = people.add_person(session, None, STARTED, key=key, full_name=name)
            accounts.create_account(session, None, username=key, person=person)
            offices.grant_office(session, None, STARTED, person=person, role=role, unit=unit, since=STARTED)
        people.add_person(session, None, STARTED, key=HELPER, full_name="Lường Văn Chung")


def staff(session: Session) -> dict[str, Actor]:
    """Everybody who has an account, by key."""
    found = session.execute(sa.select(Account.id, Person.id, Person.key).join(Person, Person.id == Account.person_id)
                            .order_by(Account.id))
    return {key: Actor(account, person, key) for account, person, key in found if key is not None}


def candidates(session: Session, count: int) -> list[engine.Subject]:
    """So many new people, each the subject of a case that a first step would open."""
    cell = unit_id(session, "C1")
    assert cell is not None
    return [engine.Subject("admission", cell, people.add_person(
        session, None, STARTED, full_name=f"Nông Văn {number}", born_on=D(1998, 5, 20))) for number in range(count)]


def case_of(entry: EntryRef) -> int:
    """The case whose journal an entry stands in."""
    return int(entry.stream.partition(":")[2])


@dataclass(frozen=True)
class Act:
    """A step of the road: what is done, by whom, on which day, with what."""

    do: str
    by: str
    on: dt.date
    facts: Mapping[str, Any] = field(default_factory=dict)
    votes: int | None = None
    papers: tuple[str, ...] = ()

    def take(self, session: Session, case: int | engine.Subject, staff: Mapping[str, Actor], *, by: str | None = None,
             **given: Any) -> EntryRef:
        """Take the step, as ``by`` where somebody else does. Whoever types in a vote has a second reader beside him."""
        facts = {name: staff[value].person_id if name == "helper.person" else value for name, value in self.facts.items()}
        return engine.advance(
            session, case, self.do, staff[by or self.by], on=self.on, facts=facts, ballot=self.ballot,
            papers=[{"kind": kind, "number": "12", "date": self.on} for kind in self.papers],
            second_reader=True if self.votes else None, **given)

    @property
    def ballot(self) -> dict[str, Any] | None:
        if self.votes is None:
            return None
        return {"entitled": self.votes, "present": self.votes, "for": self.votes - 1, "against": 1, "blank": 0, "method": "secret"}


_ABOUT = {"candidate.nominated_by": "youth_union", "candidate.edu": "higher", "candidate.former_member": False,
          "candidate.youth_member": True, "candidate.youth_union_here": True, "candidate.trade_union_here": False,
          "candidate.mass_member": True}
_RELATIVES = {"declared": True, "items": [{"kind": "father", "full_capacity": True, "result_on": D(2022, 10, 20)},
                                          {"kind": "mother", "full_capacity": True, "result_on": D(2022, 10, 20)}]}
_INTRODUCERS = {"declared": True, "items": [{"official": True, "same_org": True, "mode": "work", "waived": False,
                                             "together_since": D(2020, 1, 1), "signed_on": D(2022, 12, 2)}]}
_OPINIONS = {"declared": True, "items": [{"source": "mass", "given_on": D(2022, 12, 10)},
                                         {"source": "residence", "given_on": D(2022, 12, 12)}]}

#: From being put forward to recognition as an official member: 18 steps under the law of their days.
ROAD = (
    Act("nominate", "union", D(2022, 3, 15), _ABOUT),
    Act("list_source", "secretary", D(2022, 4, 5), {"cell.official_members": 12}),
    Act("assign_class", "base", D(2022, 5, 10)),
    Act("record_certificate", "school", D(2022, 6, 20), {"certificate.issued_on": D(2022, 6, 18)}, papers=("CN-NTVD",)),
    Act("permit_application", "secretary", D(2022, 9, 5), {"candidate.application_on": D(2022, 9, 5)}, papers=("1-KND",)),
    Act("start_verification", "officer", D(2022, 9, 20), {"candidate.cv_on": D(2022, 9, 12), "cv.sealed_on": D(2022, 9, 19)},
        papers=("2-KND",)),
    Act("conclude_verification", "officer", D(2022, 11, 15), {"cv.certified_on": D(2022, 11, 14), "relatives": _RELATIVES}),
    Act("complete_introduction", "secretary", D(2022, 12, 5),
        {"union.youth_resolution_on": D(2022, 12, 1), "introducers": _INTRODUCERS}, papers=("3-KND", "4-KND")),
    Act("complete_opinions", "secretary", D(2022, 12, 20), {"opinions.summary_on": D(2022, 12, 19), "opinions": _OPINIONS},
        papers=("5-KND",)),
    Act("cell_vote", "secretary", D(2023, 1, 5), votes=12, papers=("6-KND",)),
    Act("base_vote", "base", D(2023, 2, 10), votes=15, papers=("8-KND",)),
    Act("decide_admission", "signer", D(2023, 3, 15), votes=11, papers=("9-KND",)),
    Act("receive_decision", "secretary", D(2023, 3, 20)),
    Act("hold_ceremony", "secretary", D(2023, 4, 10)),
    Act("start_recognition", "secretary", D(2024, 4, 11), {"new_member.certificate_on": D(2023, 10, 20)},
        papers=("10-KND", "11-KND", "12-KND")),
    Act("recognition_cell_vote", "secretary", D(2024, 5, 5), votes=12, papers=("13-KND",)),
    Act("recognition_base_vote", "base", D(2024, 5, 20), votes=15, papers=("15-KND",)),
    Act("decide_recognition", "signer", D(2024, 6, 10), votes=11, papers=("16-KND",)),
)
#: The first act, which opens the case, and the one over which two signers can meet.
OPENING = ROAD[0]
DECISION = next(act for act in ROAD if act.do == "decide_admission")


def at_decision(session: Session, count: int) -> list[int]:
    """So many cases, taken over from paper, that lie before the deciding organ."""
    on = DECISION.on - dt.timedelta(days=1)
    facts = {**_ABOUT, "cell.official_members": 12, "introducers": _INTRODUCERS, "certificate.issued_on": D(2022, 6, 18),
             "dossier.set_up_on": D(2022, 9, 5)}
    return [import_case(session, None, subject, state="base_approved", on=on, facts=facts,
                        did={"cell_vote": D(2023, 1, 5), "base_vote": D(2023, 2, 10)},
                        duties=[{"kind": "admission_decision", "started": D(2023, 1, 5)}])
            for subject in candidates(session, count)]
