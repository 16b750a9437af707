"""Loading a demo set: one transaction from the first unit to the last account, so that it is there whole or not at all."""
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.book import Rulebook
from workflow.context import FixedClock
from workflow.db import Database
from workflow.demo import organisation
from workflow.demo.accounts import ACCOUNTS, SET, DemoAccount, open_accounts, seal, try_person
from workflow.demo.plan import plan_cases
from workflow.demo.seeds import load as seeds
from workflow.demo.taken_over import plan_taken_over
from workflow.demo.weak import goals, rounds, story
from workflow.demo.weak.stage import Stage
from workflow.demo.world import BEGIN, COMMUNE_BEGINS, World
from workflow.models import Account, Entry, Setting, Unit

#: The sets there are: name -> what it shows.
SETS = {"lam-binh": "huyện Lâm Bình đến 30/6/2025 và xã Lâm Khê (hư cấu) từ 01/7/2025: 150 hồ sơ kết nạp, 20 hồ sơ củng cố, xếp loại, chỉ tiêu",
        "seeds": "năm huyện như năm bài báo mô tả, để đối chiếu từng số liệu bằng nennep report seeds"}
#: The set that is loaded when none is named.
USUAL = "lam-binh"

Told = Callable[[int, int, dt.date], None]


def load(database: Database, book: Rulebook, name: str = USUAL, *, told: Told = lambda done, of, day: None) -> list[DemoAccount]:
    """Fill an empty, migrated database with a set; ``told`` hears of the progress. Nothing is kept of a load that fails."""
    clock = FixedClock(BEGIN)
    before = dict(database.info)
    database.info |= {"book": book, "clock": clock}
    try:
        with database.write() as session:
            world = World(session, book, clock)
            shown = seeds.play(world, told) if name == "seeds" else _lam_binh(world, told)
            seal(world, shown, name, clock.day)
            return shown
    finally:
        database.info.clear()
        database.info.update(before)


def _lam_binh(world: World, told: Told) -> list[DemoAccount]:
    organisation.district(world)
    stage = Stage(world)
    stage.begin()
    world.plan(COMMUNE_BEGINS, lambda: organisation.turn(world), first=True)
    plan_cases(world)
    plan_taken_over(world)
    for part in (goals, rounds, story):
        part.plan(stage)
    world.play(told)
    try_person(world)
    return open_accounts(world, stage.people)


def loaded(session: Session) -> str | None:
    """The set that a home holds; None for a home without one."""
    return session.scalar(sa.select(Setting.value).where(Setting.key == SET))


def accounts_of(session: Session) -> list[DemoAccount]:
    """The accounts of a loaded demo, as they are shown."""
    text = session.scalar(sa.select(Setting.value).where(Setting.key == ACCOUNTS))
    return [DemoAccount(**row) for row in json.loads(text)] if text else []


def is_empty(session: Session) -> bool:
    """Whether nobody has entered anything yet."""
    return not any(session.scalar(sa.select(sa.exists().select_from(table))) for table in (Account, Unit, Entry))
