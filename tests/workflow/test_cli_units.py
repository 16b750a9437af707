"""``nennep unit``: a new installation gets its organisation, act by act, without the site."""
from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from workflow.cli import cli


def nennep(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NENNEP_HOME", str(tmp_path / "home"))
    assert nennep("setup").exit_code == 0
    for words in (("T", "Tỉnh ủy", "province", "--on", "2010-01-01"), ("H", "Huyện ủy", "district", "--on", "2010-01-01", "--parent", "T"),
                  ("C1", "Chi bộ thôn Đông", "base_cell", "--on", "2010-01-01", "--parent", "H"),
                  ("C2", "Chi bộ thôn Tây", "base_cell", "--on", "2010-01-01", "--parent", "H", "--paper", "01-QĐ/HU")):
        assert nennep("unit", "found", *words).exit_code == 0


def listed(day: str) -> dict[str, tuple[str, str, str | None]]:
    result = nennep("unit", "list", "--on", day, "--json")
    return {u["code"]: (u["name"], u["kind"], u["parent"]) for u in json.loads(result.stdout)}


def test_units_are_founded_and_listed_as_they_were_on_a_day(home: None) -> None:
    assert listed("2024-01-01")["C1"] == ("Chi bộ thôn Đông", "base_cell", "H")
    assert listed("2009-12-31") == {}
    assert "Chi bộ thôn Đông [base_cell] · thuộc H" in nennep("unit", "list").stdout


def test_the_organisation_changes_from_a_day_on_and_stays_what_it_was_before(home: None) -> None:
    on = ("--on", "2025-07-01")
    assert nennep("unit", "found", "X", "Đảng ủy xã", "commune_above_base", "--parent", "T", *on).exit_code == 0
    assert nennep("unit", "move", "C1", "X", *on).exit_code == 0
    assert nennep("unit", "rename", "C1", "Chi bộ thôn Bắc", *on).exit_code == 0
    assert nennep("unit", "merge", "C2", "--into", "C1", "--on", "2025-08-01").exit_code == 0
    assert nennep("unit", "end", "H", "--on", "2025-08-31").exit_code == 0
    assert listed("2025-06-30")["C1"] == ("Chi bộ thôn Đông", "base_cell", "H")
    assert listed("2025-07-31")["C2"][2] == "H"
    assert listed("2025-09-01") == {"T": ("Tỉnh ủy", "province", None), "X": ("Đảng ủy xã", "commune_above_base", "T"),
                                    "C1": ("Chi bộ thôn Bắc", "base_cell", "X")}


def test_a_kind_is_changed_on_its_day(home: None) -> None:
    assert nennep("unit", "change", "C1", "base_committee", "--on", "2024-01-01").exit_code == 0
    assert listed("2024-01-01")["C1"][1] == "base_committee"
    assert listed("2023-12-31")["C1"][1] == "base_cell"


@pytest.mark.parametrize(("words", "said"), [
    (("found", "C1", "Lại", "base_cell", "--on", "2024-01-01"), "Mã C1 đã được dùng"),
    (("found", "D", "Huyện mới", "district", "--on", "2025-07-01", "--parent", "T"), "chỉ có đến 30/06/2025"),
    (("move", "C9", "T", "--on", "2024-01-01"), "C9"),
    (("end", "H", "--on", "2024-01-01"), "trực thuộc"),
    (("rename", "C1", "  ", "--on", "2024-01-01"), "Chưa nhập"),
])
def test_what_cannot_be_is_told_and_nothing_is_written(home: None, words: tuple[str, ...], said: str) -> None:
    before = listed("2024-01-01")
    result = nennep("unit", *words)
    assert (result.exit_code, said in result.stderr) == (2, True), result.output
    assert listed("2024-01-01") == before
