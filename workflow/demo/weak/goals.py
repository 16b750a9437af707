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
    """A committee says how many members it has; that of the commune is also kept as a figure with its source."""
    session, on = stage.world.session, told["on"]
    for unit, official in told["units"].items():
        units.state_strength(session, None, on, unit=unit, official=official, probationary=told["probationary"].get(unit, 0), source=SAMPLE)
    whole = sum(told["units"].values()) + told["cells"]
    observations.state(session, None, on, unit=COMMUNE, period_from=on, period_to=on, indicator="members", value=whole,
                       comparator=told.get("comparator", "="), source=f"Báo cáo đảng viên ngày {on:%d/%m/%Y} ({SAMPLE})")
