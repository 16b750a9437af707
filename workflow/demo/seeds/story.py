"""The two communes of article 002: their ratings, and their consolidations as cases taken over from paper."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import records
from workflow.context import Actor
from workflow.demo.seeds.stage import read
from workflow.demo.world import World
from workflow.engine import Subject
from workflow.importing import import_case
from workflow.models import Rating, Unit, UnitVersion
from workflow.plans import put_criteria, put_indicator
from workflow.ratings import Period, Said, take_over
from workflow.reports.seedcounts import GENERATED

DISTRICT = "BS"


def play(world: World) -> None:
    """Ratings first, since the cases rest on them."""
    story = read("story.yaml")
    officer = world.actors[world.holder("board_officer", DISTRICT, world.clock.day)]
    _ratings(world, officer, story)
    for case in story["cases"]:
        _case(world, officer, case, story)


def _ratings(world: World, officer: Actor, story: Mapping[str, Any]) -> None:
    made_up = story["made_up"]
    rows = [{"paper": story["paper"], **row} for row in story["ratings"]]
    labels = [label for label, number in made_up["levels"].items() for _ in range(number)]
    rows += [{"unit": unit, "year": made_up["year"], "decided": made_up["decided"], "label": label, "paper": GENERATED}
             for unit, label in zip(_unrated(world.session, made_up["year"], rows), labels, strict=True)]
    for row in rows:
        said = Said(row["unit"], Period.year(row["year"]), label=row["label"], rank=row.get("rank"), paper=row["paper"], imported=True)
        take_over(world.session, officer, row["decided"], said)


def _unrated(session: Session, year: int, rows: list[dict[str, Any]]) -> list[str]:
    """Codes of the units directly under the district for which no rating of the year is told."""
    told = {row["unit"] for row in rows if row["year"] == year}
    upper = sa.select(Unit.id).where(Unit.code == DISTRICT).scalar_subquery()
    codes = session.scalars(sa.select(Unit.code).join(UnitVersion, UnitVersion.unit_id == Unit.id)
                            .where(UnitVersion.parent_id == upper).order_by(Unit.code))
    return [code for code in codes if code not in told]


def _case(world: World, officer: Actor, case: Mapping[str, Any], story: Mapping[str, Any]) -> None:
    session, on = world.session, story["taken_over_on"]
    unit, plan, key = world.unit_id(case["unit"]), case["plan"], case["unit"].lower()
    signer = world.holder("standing_board_signer", DISTRICT, on)
    rating = session.execute(sa.select(Rating.id, Rating.rank).where(
        Rating.unit_id == unit, Rating.period_to == dt.date(case["entry"], 12, 31))).one()
    issued = {"issued_on": plan["issued_on"], "until_on": plan["until_on"]}
    number = import_case(
        session, officer, Subject("consolidation", unit, subject_unit_id=unit), state=case["state"], on=on,
        facts={"entry.rating": rating.id, "entry.rank": rating.rank, "entry.by_flag": False, "listing.cause": case["cause"],
               "plan.until": plan["until_on"], "plans": {"declared": True, "items": [issued]}},
        did={"issue_plan": plan["issued_on"]},
        papers=[{"kind": "consolidation_plan", "number": plan["number"], "date": plan["issued_on"], "issuer": world.unit_id(DISTRICT)}])
    if case["team"]:
        records.put_row(session, number, officer, on, "team", {"person": signer, "head": True, "standing_board": True})
    for count, cadre in enumerate(case["cadres"], start=1):
        person = world.member(f"{key}.tang-cuong-{count}", None)
        records.put_row(session, number, officer, on, "cadres", {"person": person, **cadre})
    for indicator in case["indicators"]:
        put_indicator(session, number, officer, on, {"source": story["source"], **indicator})
    if "criteria" in case:
        put_criteria(session, number, officer, on, **case["criteria"], source=story["source"])
