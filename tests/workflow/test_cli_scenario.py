"""``nennep scenario run``: the last line, the exit code, and what it says about files that fail or cannot be read."""
from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from workflow.cli import cli

FOLDER = Path(__file__).parents[1] / "scenarios" / "admission"
GOOD = FOLDER / "tuoi-chua-du-18.yaml"


def nennep(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, ["scenario", "run", *map(str, words)])


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A scenario that expects what does not happen: the refusal left out, another state, another day."""
    path = tmp_path / "wrong.yaml"
    text = GOOD.read_text(encoding="utf-8")
    path.write_text(text.replace("refused: [AGE.MIN]", "expect: cell_approved").replace("due: 2025-08-12", "due: 2025-08-13"), encoding="utf-8")
    return path


def test_a_scenario_that_holds() -> None:
    result = nennep(GOOD)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "1 passed, 0 failed"


def test_a_scenario_that_does_not_hold(wrong: Path) -> None:
    result = nennep(wrong, GOOD)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "1 passed, 1 failed"
    assert "AGE.MIN" in result.stdout
    assert "2025-08-13" in result.stdout.replace("datetime.date(2025, 8, 13)", "2025-08-13")


@pytest.mark.parametrize(("text", "said"), [
    ("name: [", "not YAML"), ("name: x\nnames: y\n", "names: no such key here"), ("name: x\nname: y\n", ":2"),
    ("name: x\nacts:\n- {case: an, date: hôm nay, by: b, do: c}\n", ":3"), ("name: x\nlaw: [no-such-folder]\n", "no-such-folder"),
])
def test_a_file_that_cannot_be_read_fails_with_its_problems(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    result = nennep(path)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "0 passed, 1 failed"
    assert said in result.stdout


@pytest.mark.parametrize("line", [
    "events: [{date: 2025-01-01, by: admin, do: unit.explode, with: {}}]",
    "acts: [{case: nobody, date: 2025-01-01, by: b, do: cell_vote}]",
    "then: {nobody: {state: official}}",
    "given: {offices: [{person: nobody, role: cell_secretary, unit: C1, since: 2020-01-01}]}",
    "given: {units: [{code: C1, name: Chi bộ, kind: no_such_kind, since: 2010-01-01}]}",
])
def test_names_that_do_not_exist_fail_in_words(tmp_path: Path, line: str) -> None:
    path = tmp_path / "names.yaml"
    path.write_text(f"name: Tên không có\n{line}\n", encoding="utf-8")
    result = nennep(path)
    assert (result.exit_code, result.exception.__class__) == (1, SystemExit)
    assert result.stdout.splitlines()[-1] == "0 passed, 1 failed"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = nennep(tmp_path / "none.yaml")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "0 passed, 1 failed"


def test_wrong_use() -> None:
    assert nennep().exit_code == 2
    assert nennep("--no-such-option", GOOD).exit_code == 2


def test_strict_counts_rules_besides(tmp_path: Path) -> None:
    path = tmp_path / "besides.yaml"
    text = (FOLDER / "ket-nap-lai-khong-duoc-xet.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("refused: [READMIT.BAR, READMIT.MAX]", "refused: [READMIT.BAR]"), encoding="utf-8")
    assert nennep(path).exit_code == 0
    result = nennep("--strict", path)
    assert result.exit_code == 1
    assert "READMIT.MAX" in result.stdout


def test_a_folder_and_json(wrong: Path) -> None:
    result = nennep("--json", wrong.parent)
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert (document["passed"], document["failed"]) == (0, 1)
    assert document["scenarios"][0]["failures"]


def test_layers_beside_the_scenario(tmp_path: Path) -> None:
    """A scenario may bring a layer of local law: here one more rule for one cell."""
    (tmp_path / "layer").mkdir()
    (tmp_path / "layer" / "local.yaml").write_text(
        "layer: {unit: C1, since: 2020-01-01}\n"
        "rules:\n  LOCAL.DILIGENT:\n    says: {vi: Chi bộ đã xác nhận hoàn thành nhiệm vụ}\n    guards: [admission.cell_vote]\n"
        "    when: candidate.mass_member\n    cites: [CHARTER-2011 1(2)]\n    confidence: D\n    since: 2020-01-01\n"
        "    examples:\n    - {facts: {candidate.mass_member: true, act.on: 2025-01-01}, outcome: met}\n"
        "    - {facts: {candidate.mass_member: false, act.on: 2025-01-01}, outcome: not_met}\n", encoding="utf-8")
    text = GOOD.read_text(encoding="utf-8").replace("given:\n", "law: [layer]\ngiven:\n", 1)
    path = tmp_path / "local.yaml.scenario"
    path.write_text(text, encoding="utf-8")
    result = nennep(path)
    assert "LOCAL.DILIGENT" in result.stdout, result.stdout
    path.write_text(text.replace("      candidate.edu: higher", "      candidate.edu: higher\n      candidate.mass_member: true"), encoding="utf-8")
    assert nennep(path).exit_code == 0
