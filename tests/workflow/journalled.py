"""A small history for the tests of the journal: a unit, two people, an account, and a case that was voted on."""
from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules import book as rulebook
from workflow import migrate, models, tree
from workflow.context import Actor, FixedClock
from workflow.db import Database
from workflow.journal import Act, EntryRef
from workflow.names import fold, sort_key

LAW = Path(__file__).parents[1] / "rules" / "laws" / "small"
TODAY = dt.date(2026, 3, 2)
OPENED, VOTED = dt.date(2026, 2, 2), dt.date(2026, 2, 20)
CLERK = Actor(1, 2, "clerk")


def table(model: type[models.Base]) -> sa.Table:
    found = model.__table__
    assert isinstance(found, sa.Table)
    return found


@cache
def law() -> rulebook.Rulebook:
    return rulebook.load([LAW])


def opened(url: str, today: dt.date = TODAY) -> Database:
    return Database(url, info={"book": law(), "clock": FixedClock(today)})


def add_person(session: Session, key: str, name: str) -> int:
    act = Act(session, stream=f"person:{key}", tag="person:person:add", acted_on=OPENED, actor=None)
    found = act.insert(table(models.Person), {"key": key, "full_name": name, "name_fold": fold(name), "sort_key": sort_key(name),
                                              "born_on": dt.date(2000, 5, 20)})
    act.write()
    return found


def step(session: Session, name: str, on: dt.date, left: str | None, reached: str, case: int, person: int) -> Act:
    return Act(session, stream=f"case:{case}", tag="case:step:take", acted_on=on, actor=CLERK, case_id=case, unit_id=1,
               subject_person_id=person, header={"step": name, "from": left, "to": reached, "signatory": 2})


def open_case(session: Session, case: int, person: int) -> EntryRef:
    act = step(session, "open_case", OPENED, None, "opinions_done", case, person)
    act.insert(table(models.Case), {"id": case, "process": "admission", "subject_person_id": person, "unit_id": 1,
                                    "state": "opinions_done", "opened_on": OPENED, "last_act_on": OPENED, "state_since": OPENED})
    act.insert(table(models.Admission), {"case_id": case, "state": "opinions_done", "dossier_set_up_on": OPENED})
    return act.write()


def vote(session: Session, case: int, person: int) -> EntryRef:
    act = step(session, "cell_vote", VOTED, "opinions_done", "cell_approved", case, person)
    cases = table(models.Case)
    act.update(cases, case, {"state": "cell_approved", "version": 2, "last_act_on": VOTED}, seen={"version": 1})
    act.update(table(models.Admission), case, {"state": "cell_approved", "cell_vote_on": VOTED})
    act.insert(table(models.Ballot), {"case_id": case, "step": "cell_vote", "law": "VOTE.CELL", "held_on": VOTED, "round": 1,
                                      "entitled": 9, "votes_for": 8, "against": 1, "base": 9, "needed": 6, "carried": True})
    act.insert(table(models.Paper), {"case_id": case, "kind": "6-KND", "number": "03-NQ/CB", "issued_on": VOTED})
    act.note("values", [{"rule": "AGE.MIN", "values": {"candidate.born_on": dt.date(2000, 5, 20)}}])
    return act.write()


def fill(database: Database) -> None:
    """Migrate an empty database and make the history."""
    migrate.upgrade(database)
    with database.write() as session:
        act = Act(session, stream="unit:C1", tag="unit:unit:found", acted_on=OPENED, actor=None)
        unit = act.insert(table(models.Unit), {"code": "C1"})
        act.insert(table(models.UnitVersion), {"unit_id": unit, "name": "Chi bộ 1", "name_fold": "chi bo 1", "sort_key": "1",
                                               "kind": "cell", "from_on": dt.date(2010, 1, 1)})
        act.write()
        tree.rebuild_closure(session, [unit])
        an, clerk = add_person(session, "an", "Nông Văn An"), add_person(session, "clerk", "Đặng Thị Đào")
        act = Act(session, stream="account:1", tag="account:account:add", acted_on=OPENED, actor=None)
        act.insert(table(models.Account), {"username": "clerk", "person_id": clerk})
        act.write()
        open_case(session, 1, an)
    with database.write() as session:
        vote(session, 1, 1)
        session.connection().execute(sa.insert(table(models.RequestKey)), {"key": "r1", "digest": "d", "entry_id": 1})


def scalars(database: Database, sql: str, **values: Any) -> list[Any]:
    with database.read() as session:
        return list(session.connection().execute(sa.text(sql), values).scalars())
