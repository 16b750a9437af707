"""Targets of the demo in the forms there are, and how many members the committees say they have at the turn of the year."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow import observations, targets, units
from workflow.demo.organisation import COMMUNE
from workflow.demo.weak.stage import Stage, read
from workflow.demo.world import COMMUNE_BEGINS, SAMPLE


def plan(stage: Stage) -> None:
    """Targets are set on the first day of the commune, members are said on the first of January."""
    told = read("goals.yaml")
    stage.each_day(COMMUNE_BEGINS, _targets, stage, told["targets"])
    for members in told["members"]:
        stage.each_day(members["on"], _members, stage, members)


def _targets(stage: Stage, told: list[Mapping[str, Any]]) -> None:
    for target in told:
        given = dict(target)
        targets.set_target(stage.world.session, None, COMMUNE_BEGINS, unit=given.pop("unit"), period_from=given.pop("from"),
                           period_to=given.pop("to"), paper=SAMPLE, **given)


def _members(stage: Stage, told: Mapping[str, Any]) -> None:
    """Base committees say how many members they have, all their cells together; the commune's whole is kept with its source."""
    session, on, world = stage.world.session, told["on"], stage.world
    for unit, groups in told["units"].items():
        official = sum(cell.official for cell in world.cells.values() if cell.group in groups)
        units.state_strength(session, None, on, unit=unit, official=official, probationary=told["probationary"], source=SAMPLE)
    whole = sum(cell.official for cell in world.cells.values()) + told["probationary"] * len(told["units"])
    observations.state(session, None, on, unit=COMMUNE, period_from=on, period_to=on, indicator="members", value=whole,
                       comparator=told["comparator"], source=f"Báo cáo đảng viên ngày {on:%d/%m/%Y} ({SAMPLE})")
