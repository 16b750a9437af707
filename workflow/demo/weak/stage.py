"""Who takes part in consolidations and ratings of the demo beside those who are there for admissions, and a cell of old."""
from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from rules import yaml12
from workflow import units
from workflow.context import Actor
from workflow.demo.names import Names
from workflow.demo.organisation import COMMUNE
from workflow.demo.world import BEGIN, COMMUNE_BEGINS, SAMPLE, SEED, World
from workflow.models import Base
from workflow.snapshot import decider_of, place

_FOLDER = Path(__file__).parent
#: A cell that was merged into another in the district's time.
OLD_CELL = "LC-15"
#: Who may be called on by the story: key -> the cell each is a member of.
_OF_OLD = {"lc.uv": "LC-02", "lc.cb": "LC-03", "tl.uv": "TL-01", "tl.cb": "TL-03", "kh.uv": "KH-01", "kh.cb": "KH-03"}
_OF_COMMUNE = {"lk.uv": "CQ-04", "lk.cb-1": "CQ-02", "lk.cb-2": "CQ-03", "lk.pt-1": "UB-02", "lk.pt-2": "UB-03",
               "can-bo-tang-cuong": "CQ-01", "lk.tc-2": "UB-05", "lk.tc-3": "UB-06", "to-truong": "CQ-02"}


def read(name: str) -> dict[str, Any]:
    """One of the data files beside this module."""
    found: dict[str, Any] = yaml12.read((_FOLDER / name).read_bytes()).value
    return found


class Stage:
    """The world with a draw of its own, so that what is told here never changes who the candidates are."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng = Random(SEED + 1)
        self.people: dict[str, int] = {}
        self._names = Names(self.rng)
        self.law = world.book.process("consolidation")

    def begin(self) -> None:
        """Everybody who is there from the first day of the records, and the cell that is no more."""
        world, key = self.world, OLD_CELL.lower()
        units.found(world.session, None, BEGIN, code=OLD_CELL, name=f"Chi bộ thôn {self._names.village()}", kind="cell", parent="LC", paper=SAMPLE)
        units.state_strength(world.session, None, BEGIN, unit=OLD_CELL, official=8, source=SAMPLE)
        self.people[f"{key}.bi-thu"] = self._member(f"{key}.bi-thu", OLD_CELL)
        world.grant(self.people[f"{key}.bi-thu"], "cell_secretary", OLD_CELL, BEGIN, dt.date(2023, 5, 31))
        self._enter(_OF_OLD)
        world.plan(COMMUNE_BEGINS, self._commune)

    def _commune(self) -> None:
        """The standing board's second signer heads working teams; the others have no office and act for their cases only."""
        self._enter(_OF_COMMUNE)
        self.world.grant(self.people["to-truong"], "standing_board_signer", COMMUNE, COMMUNE_BEGINS)

    def _enter(self, people: dict[str, str]) -> None:
        for key, cell in people.items():
            self.people[key] = self._member(key, cell)

    def _member(self, key: str, unit: str) -> int:
        return self.world.member(key, unit, youngest=34, oldest=54, names=self._names)

    # ---- who

    def person(self, key: str, unit: str) -> int:
        """A person of the story: by key, or ``secretary`` and ``member`` of the unit."""
        if key in ("secretary", "member"):
            cell = self.world.cells.get(unit)
            if cell is None:
                return self.people[f"{unit.lower()}.bi-thu"]
            return cell.secretary if key == "secretary" else cell.members[2]
        return self.people[key]

    def actor(self, key: str, unit: str) -> Actor:
        """The account of somebody of the story."""
        return self.world.actors[self.person(key, unit)]

    def organ(self, unit: int, on: dt.date) -> str:
        """The committee whose standing board decides about a unit on a day."""
        organ = decider_of(self.law, place(self.world.session, unit, on), on).organ
        if organ is None:
            raise LookupError(f"nobody decides about {unit} on {on}")
        return organ.code

    def officer(self, organ: str, on: dt.date) -> int:
        """Who drafts for an organ on a day."""
        return self._holder(("board_officer", "base_officer"), organ, on)

    def signer(self, organ: str, on: dt.date) -> int:
        """Who signs for an organ on a day."""
        return self._holder(("standing_board_signer", "base_signer"), organ, on)

    def _holder(self, roles: tuple[str, ...], organ: str, on: dt.date) -> int:
        role = next(role for role in roles if (role, organ) in self.world.holders)
        return self.world.holder(role, organ, on)

    def each_day(self, day: dt.date, deed: Any, *given: Any) -> None:
        """Have something done on its day."""
        self.world.plan(day, partial(deed, *given))


#: Tables that are read by key while the story is told.
CASE, MEASURE = Base.metadata.tables["case"], Base.metadata.tables["measure"]
