"""Districts, their units, officers, targets and stated figures."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from workflow import observations, targets, units
from workflow.demo.world import World
from workflow.reports.seedcounts import GENERATED
from workflow.reports.seedfigures import Figure, figures, register_row

_FOLDER = Path(__file__).parent
#: What the papers of units say that an article names.
NAMED = "đơn vị có tên trong bài"
_CALLED = {"base_committee": "Đảng bộ cơ sở", "base_cell": "Chi bộ cơ sở", "cell": "Chi bộ"}


def read(name: str) -> dict[str, Any]:
    """One of the data files beside this module."""
    found: dict[str, Any] = yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))
    return found


def districts(world: World) -> None:
    """All units, on the first day of the records, with the last day that the level of districts had."""
    plan = read("units.yaml")
    for district in plan["districts"]:
        province = district["province"]
        _found(world, province["code"], province["name"], "province", None, NAMED, None)
        _district(world, district, plan["ends"])
        for role in ("board_officer", "standing_board_signer"):
            world.officer(f"{district['code'].lower()}.{_POSTS[role]}", role, district["code"], plan["begin"], plan["ends"])
    for target in plan["targets"]:
        targets.set_target(world.session, None, target["from"], unit=target["unit"], period_from=target["from"], period_to=target["to"],
                           value=target["value"], paper=target["paper"])


_POSTS = {"board_officer": "to-chuc", "standing_board_signer": "thuong-vu"}


def _district(world: World, district: Mapping[str, Any], ends: dt.date) -> None:
    code, made_up = district["code"], district.get("made_up", {})
    _found(world, code, district["name"], "district", district["province"]["code"], NAMED, ends)
    committees = dict(district["committees"])
    for key, name in committees.items():
        _found(world, key, name, "base_committee", code, NAMED, ends)
    for number in range(1, made_up.get("base_committee", 0) + 1):
        committees[_made_up(world, code, "base_committee", number, code, ends)] = ""
    for number in range(1, made_up.get("base_cell", 0) + 1):
        _made_up(world, code, "base_cell", number, code, ends)
    for key, (name, under) in district.get("cells", {}).items():
        _found(world, key, name, "cell", under, NAMED, ends)
    places = list(committees)
    for number in range(1, made_up.get("cell", 0) + 1):
        _made_up(world, code, "cell", number, places[number % len(places)], ends)


_LETTERS = {"base_committee": "DB", "base_cell": "CS", "cell": "CB"}


def _made_up(world: World, district: str, kind: str, number: int, parent: str, ends: dt.date) -> str:
    """A unit that is there only because the article counts so many; name, code and paper say so."""
    code = f"{district}-MH-{_LETTERS[kind]}{number:03d}"
    _found(world, code, f"{_CALLED[kind]} minh họa số {number}", kind, parent, GENERATED, ends)
    return code


def _found(world: World, code: str, name: str, kind: str, parent: str | None, paper: str, until: dt.date | None) -> None:
    units.found(world.session, None, world.clock.day, code=code, name=name, kind=kind, parent=parent, paper=paper, until=until)


def stated(world: World) -> None:
    """Every figure that an article only states, in the register with its source."""
    for figure in figures():
        if figure.way == "stated":
            _state(world, figure)


def _state(world: World, figure: Figure) -> None:
    observations.state(world.session, None, world.clock.day, **register_row(figure))
