"""Ratings of the demo: the years since 2022, round by round, members and heads beside them, and a quarter in the middle."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from workflow import tree
from workflow.context import Actor
from workflow.demo.organisation import COMMUNE, DISTRICT
from workflow.demo.weak.stage import Stage, read
from workflow.demo.world import DISTRICT_ENDS, SAMPLE
from workflow.ratings import (
    Period,
    RowVerdict,
    Said,
    decide_many,
    rate_head,
    reopen,
    self_assess,
    set_counts,
    take_over,
)

YEARS = range(2022, 2026)
#: Who rates whom, in the district's time and after it: base committees first, then the organ above.
_BASES = ("LC", "TL", "KH", "CQ", "UB", "YT", "GD")
_ROUNDS = {True: (*_BASES, DISTRICT), False: ("CQ", "UB", "YT", COMMUNE)}
#: Points that go with a rank where the scheme scores, and the share of tasks exceeded or late.
_POINTS = {4: (90, 97), 3: (72, 88), 2: (52, 68), 1: (35, 48)}
_SCORED_SINCE = 2025


def plan(stage: Stage) -> None:
    """Put the yearly rounds and the quarter on the agenda."""
    told = read("ratings.yaml")
    for year in YEARS:
        organs = _ROUNDS[dt.date(year, 12, 31) <= DISTRICT_ENDS]
        for number, organ in enumerate(organs):
            on = dt.date(year + 1, 1, 8 if number < len(organs) - 1 else 16)
            stage.each_day(stage.world.working(on), _round, stage, told, organ, year, stage.world.working(on))
    again = told["corrected"]
    stage.each_day(again["reopened"], _reopened, stage, again)
    stage.each_day(again["decided"], _decided_again, stage, again)
    Quarter(stage, told["quarter"]).plan()


def _round(stage: Stage, told: Mapping[str, Any], organ: str, year: int, on: dt.date) -> None:
    """One organ decides a year for all units that it rates, in one act each."""
    period, ranks = Period.year(year), _ranks(stage, told, organ, year, on)
    rows = [_said(stage, unit, period, rank, paper=SAMPLE) for unit, rank in ranks.items()]
    signer = stage.world.actors[stage.signer(organ, on)]
    _all_done(decide_many(stage.world.session, signer, on, rows))
    if year in (YEARS[0], YEARS[-1]):
        for unit in ranks:
            _members(stage, unit, period, on)
    if organ in ("LC", COMMUNE):
        for unit in [u for u in ranks if u in stage.world.cells][:4]:
            rate_head(stage.world.session, signer, on, unit=unit, period=period, person=stage.world.cells[unit].secretary,
                      post="Bí thư chi bộ", rank=min(ranks[unit], 3), points=_points(stage, year, min(ranks[unit], 3)))


def _ranks(stage: Stage, told: Mapping[str, Any], organ: str, year: int, on: dt.date) -> dict[str, int]:
    """The rank of each unit that an organ rates: told, or drawn; the excellent are as many as the ceiling allows."""
    fixed: Mapping[str, int] = told["ranks"].get(year, {})
    rng = stage.rng
    units = [u.code for u in _rated_by(stage, organ, on)]
    ranks = {unit: fixed[unit] if unit in fixed else 2 if rng.random() < 0.04 else 3 for unit in units}
    good = [unit for unit in units if ranks[unit] == 3 and unit not in fixed]
    many = told["excellent"].get(year, {}).get(organ, sum(rank >= 3 for rank in ranks.values()) // 6)
    return ranks | dict.fromkeys(rng.sample(good, min(many, len(good))), 4)


def _rated_by(stage: Stage, organ: str, on: dt.date) -> list[tree.UnitOn]:
    """The organisations right below an organ, and those below a subcommittee of it."""
    session = stage.world.session
    found: list[tree.UnitOn] = []
    for unit in tree.children(session, stage.world.unit_id(organ), on):
        if unit.kind == "subcommittee":
            found += tree.children(session, unit.id, on)
        if unit.kind not in ("union", "training_centre"):
            found.append(unit)
    return found


def _said(stage: Stage, unit: str, period: Period, rank: int, **given: Any) -> Said:
    year, rng = period.last.year, stage.rng
    facts: dict[str, Any] = {"order.others_rated": True}
    if year >= _SCORED_SINCE:
        facts |= {4: {"tasks.exceeded": rng.randint(32, 55)}, 2: {"tasks.late": rng.randint(8, 19)}}.get(rank, {})
    return Said(unit, period, rank=rank, points=_points(stage, year, rank), facts=facts, **given)


def _points(stage: Stage, year: int, rank: int) -> int | None:
    return stage.rng.randint(*_POINTS[rank]) if year >= _SCORED_SINCE else None


def _all_done(rows: Sequence[RowVerdict]) -> None:
    """A round of the demo is whole: the first row that is refused ends the load."""
    for row in rows:
        if row.error is not None:
            raise row.error


def _members(stage: Stage, unit: str, period: Period, on: dt.date) -> None:
    """The members of a cell by level, with one who was not rated here and there; they add up to those it has."""
    cell, rng = stage.world.cells.get(unit), stage.rng
    if cell is None:
        return
    unrated = {reason: 1 for reason, chance in (("exempt", 0.3), ("other", 0.1)) if cell.official > 8 and rng.random() < chance}
    rated = cell.official - sum(unrated.values())
    best, low = rated // 7, int(rng.random() < 0.3)
    set_counts(stage.world.session, stage.world.actors[cell.secretary], on, unit=unit, period=period, unrated=unrated,
               levels={"HTXS": best, "HTT": rated - best - low, "HT": low})


def _reopened(stage: Stage, told: Mapping[str, Any]) -> None:
    on = told["reopened"]
    signer = stage.world.actors[stage.signer(COMMUNE, on)]
    reopen(stage.world.session, signer, on, unit=told["unit"], period=Period.year(told["year"]), ground="correction", reason=told["reason"])


def _decided_again(stage: Stage, told: Mapping[str, Any]) -> None:
    on, period = told["decided"], Period.year(told["year"])
    officer = stage.world.actors[stage.officer(COMMUNE, on)]
    take_over(stage.world.session, officer, on, _said(stage, told["unit"], period, told["rank"], paper=SAMPLE))


class Quarter:
    """A round in the middle: some wait for the cell, some for the officer, some for the standing board; one is looked at again."""

    def __init__(self, stage: Stage, told: Mapping[str, Any]) -> None:
        self.stage, self.told = stage, told
        self.period = Period.quarter(told["year"], told["number"])

    def plan(self) -> None:
        """Each unit goes as far as it is told: what is verified was assessed, and what is decided was verified."""
        for group in (self.told, self.told["below"]):
            stages = [group["self_assessed"], group["verified"], group["decided"]]
            self.stage.each_day(stages[0]["on"], self._assess, stages[0]["on"], [u for part in stages for u in part["units"]])
            self.stage.each_day(stages[1]["on"], self._together, "verify", stages[1]["on"], [u for part in stages[1:] for u in part["units"]])
            self.stage.each_day(stages[2]["on"], self._together, "decide", stages[2]["on"], stages[2]["units"])
        self.stage.each_day(self.told["reopened"]["on"], self._reopen)

    def _assess(self, on: dt.date, units: Sequence[str]) -> None:
        for unit in units:
            cell = self.stage.world.cells.get(unit)
            actor = self.stage.world.actors[cell.secretary if cell else self.stage.signer(unit, on)]
            self_assess(self.stage.world.session, actor, on, self._rank(unit))

    def _rank(self, unit: str) -> Said:
        rank = 4 if unit in self.told["excellent"] else self.told["weak"].get(unit, 3)
        return _said(self.stage, unit, self.period, rank)

    def _together(self, step: str, on: dt.date, units: Sequence[str]) -> None:
        organ = self.stage.organ(self.stage.world.unit_id(units[0]), on)
        actor: Actor = self.stage.world.actors[(self.stage.officer if step == "verify" else self.stage.signer)(organ, on)]
        rows = [Said(unit, self.period, facts={"order.others_rated": True}) for unit in units]
        _all_done(decide_many(self.stage.world.session, actor, on, rows, step=step))

    def _reopen(self) -> None:
        told = self.told["reopened"]
        signer = self.stage.world.actors[self.stage.signer(COMMUNE, told["on"])]
        reopen(self.stage.world.session, signer, told["on"], unit=told["unit"], period=self.period, ground=told["ground"], reason=told["reason"])
