"""The check finds what is wrong with the law, names the place, and says what to do; and it lets a sound law pass."""
from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from rules.book import load
from rules.check import check
from rules.check_examples import check as examples_of
from rules.loader import SHIPPED, LawError, Problem

HERE = Path(__file__).parent
LEAST = HERE / "laws" / "least.yaml"
SMALL = HERE / "laws" / "small"
BROKEN = sorted((HERE / "broken").glob("*.yaml"))
_EXPECT = re.compile(r"^# expect: (.*)$", re.M)


@pytest.mark.parametrize("file", BROKEN, ids=lambda f: f.stem)
def test_a_broken_file_is_refused_with_a_message_one_can_act_on(file: Path) -> None:
    expected = _EXPECT.findall(file.read_text(encoding="utf-8"))
    assert expected
    problems = [str(p) for p in check([file]).errors]
    for message in expected:
        assert any(message in problem for problem in problems), problems
    # The place is named, and one slip does not bury it under others.
    assert all(re.match(r"[\w-]+\.yaml:\d+: ", problem) for problem in problems), problems
    assert len(problems) <= len(expected) + 4, problems


def test_there_are_enough_broken_files() -> None:
    assert len(BROKEN) >= 20


@pytest.mark.parametrize("law", [LEAST, SMALL], ids=["least", "small"])
def test_a_sound_law_passes(law: Path) -> None:
    report = check([law])
    assert [str(p) for p in report.problems] == []
    assert report.counts["examples"] > 0


def test_the_shipped_law_is_sound() -> None:
    report = check()
    assert [str(p) for p in report.errors] == []
    assert not [p for p in report.problems if p.code == "unused"]


def test_what_the_caller_proves_is_part_of_the_check() -> None:
    report = check([SMALL], hooks=[lambda book: [Problem("here", 1, "x", book.edition[:4])]])
    assert len(report.errors) == 1


def _numbers() -> list[tuple[str, str]]:
    """Every value of every numeric parameter of the shipped law, as (name, first day); equal neighbours count once."""
    found = []
    for file in sorted(SHIPPED.rglob("*.yaml")):
        parameters = (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("parameters", {})
        for name, parameter in parameters.items():
            if parameter["unit"] in ("bool", "code", "text"):
                continue
            before = object()
            for day, entry in sorted(parameter["values"].items()):
                if entry["value"] not in (before, None):
                    found.append((name, str(day)))
                before = entry["value"]
    return found


@pytest.fixture(scope="module")
def shipped() -> dict[Path, str]:
    return {f.relative_to(SHIPPED): f.read_text(encoding="utf-8") for f in SHIPPED.rglob("*.yaml")}


@pytest.mark.parametrize("up", [1, -1], ids=["up", "down"])
@pytest.mark.parametrize(("name", "day"), _numbers())
def test_a_shifted_number_of_the_shipped_law_breaks_an_example(name: str, day: str, up: int, tmp_path: Path,
                                                              shipped: dict[Path, str]) -> None:
    """What an officer's slip would do: one unit more or less in the file, and an example no longer holds.

    A fraction is moved by a tenth here; that its very next threshold is held is proved by the check itself.
    """
    changed, data = next((path, data) for path, text in shipped.items()
                         if name in (data := yaml.safe_load(text) or {}).get("parameters", {}))
    values = data["parameters"][name]["values"]
    days = sorted(values)
    first = next(d for d in days if str(d) == day)
    old = values[first]["value"]
    if data["parameters"][name]["unit"] == "fraction":
        new: object = str(Fraction(old) + Fraction(up, 10))
    else:
        new = old + up
    for later in days[days.index(first):]:
        if values[later]["value"] != old:
            break
        values[later]["value"] = new
    for path, text in shipped.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(yaml.safe_dump(data, allow_unicode=True) if path == changed else text, encoding="utf-8")
    try:
        broken = list(examples_of(load([tmp_path])))
    except LawError as error:
        broken = error.problems
    assert broken, f"{name} {old} -> {new} from {day} is noticed by no example"


LAYER = """layer: {unit: XA, since: 2026-01-01}
documents: {NQ-1: {number: 01-NQ/ĐU, title: NQ, issuer: Xã, since: 2026-01-01, confidence: A, checked_on: 2026-11-21}}
parameters: {age_min: {values: {2026-01-01: {value: 240, cites: [NQ-1 2]}}}}
rules:
  L.GATE:
    says: Có chủ trương của đảng ủy xã
    when: candidate.over60_gate
    guards: [admission.cell_vote]
    cites: [NQ-1 3]
    since: 2026-01-01
    examples:
    - {facts: {candidate.over60_gate: true, act.on: 2026-02-01}, outcome: met}
    - {facts: {candidate.over60_gate: false, act.on: 2026-02-01}, outcome: not_met}
"""


@pytest.mark.parametrize(("old", "new", "says"), [
    ("", "", ""),
    ("cites: [NQ-1 2]", "cites: [NQ-2 2]", "xa.yaml:3: parameters.age_min.values.2026-01-01: no document NQ-2; did you mean NQ-1"),
    (", cites: [NQ-1 2]", "", "parameters.age_min.values.2026-01-01: nothing is cited"),
    ("    cites: [NQ-1 3]\n", "", "rules.L.GATE.cites: nothing is cited"),
    ("NQ-1: {", "R24: {", "documents.R24: R24 already stands in the central law"),
    ("outcome: not_met", "outcome: met", "rules.L.GATE.examples[1]: this example comes out as not_met, and says met"),
    ("since: 2026-01-01}\ndocuments", "since: 2026-01-01, until: 2025-01-01}\ndocuments", "xa.yaml:1: layer: ends on 2025-01-01, before it begins"),
    ("act.on: 2026-02-01}, outcome: met", "act.on: 2025-02-01}, outcome: met", "2025-02-01 is outside the life of this version"),
])
def test_local_law_is_checked_like_the_central_one(old: str, new: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "xa.yaml").write_text(LAYER.replace(old, new) if old else LAYER, encoding="utf-8")
    found = [str(p) for p in check([SMALL, tmp_path]).errors]
    assert any(says in p for p in found) if says else found == []
