"""Reports: one definition for page and command, what an account sees, copies locked as sent and why they differ."""
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from rules.schema import Text
from tests.workflow.caseworld import CARRIED, World, take, world
from workflow import corrections, reports, targets, tree, units
from workflow.cli import cli
from workflow.errors import BadInput, NotFound, NotPermitted
from workflow.reports.model import Cell, Column
from workflow.site import open_home

D = dt.date
ON = D(2025, 3, 3)
DECIDED = {"cell_vote": D(2025, 1, 20), "decide_admission": D(2025, 2, 10)}
CONSENT = [{"kind": "9-KND", "number": "07-QĐ/HU"}]


@pytest.fixture
def there(database_url: str) -> Iterator[World]:
    with world(database_url) as made:
        yield made


def admitted(there: World, who: str, on: D, unit: str = "C1") -> int:
    """Somebody on whom the standing board decides on a day."""
    with there.database.write() as session:
        case = there.case(session, "base_approved", who=who, unit=unit, did={"cell_vote": D(2025, 1, 20), "base_vote": D(2025, 1, 25)},
                          on=D(2025, 1, 26))
        take(session, case, "decide_admission", there.actors["signer"], on, ballot=CARRIED, papers=CONSENT, second_reader=True)
        return case


def total(report: reports.Report) -> int:
    return int(report.rows[0].cells["number"].value)  # type: ignore[arg-type]


def test_attributes_are_those_of_the_day_of_the_decision_and_what_is_not_known_is_no_no(there: World) -> None:
    case = admitted(there, "an", D(2025, 2, 10))
    with there.database.read() as session:
        made = reports.run(session, "admissions", unit="X", on=ON)
    rows = {row.key: row.cells for row in made.rows}
    assert rows["total"]["number"].cases == (case,)
    assert rows["young"]["number"].value == 0 and rows["age"]["number"].value == Fraction(34 * 12 + 8, 12)
    assert rows["minority"]["unknown"].cases == (case,) and rows["minority"]["share"].comparator == ">="
    assert rows["edu:higher"]["share"].value == 1 and "unknown" not in rows["edu:higher"]
    assert rows["organisations"]["number"].value == 1
    assert made.options["by"] == "decision" and "ngày quyết định" in (made.basis or Text(vi="")).vi


def test_an_account_counts_what_it_sees(there: World) -> None:
    admitted(there, "an", D(2025, 2, 10))
    with there.database.read() as session:
        for who, number in (("officer", 1), ("secretary3", 0), ("root", None)):
            made = reports.run(session, "admissions", actor=there.actors[who], on=ON)
            assert total(made) == (number or 0), who
        with pytest.raises(NotFound):
            reports.run(session, "admissions", actor=there.actors["secretary3"], unit="X", on=ON)
        with pytest.raises(NotFound, match="admissions"):
            reports.run(session, "admission", on=ON)
        with pytest.raises(BadInput, match="then, now"):
            reports.run(session, "targets", on=ON, options={"map": "x"})


def test_a_copy_is_locked_whole_by_those_who_write_there(there: World) -> None:
    admitted(there, "an", D(2025, 2, 10))
    with there.database.write() as session:
        made = reports.run(session, "admissions", actor=there.actors["officer"], unit="X", on=ON)
        reports.lock(session, there.actors["officer"], ON, made, sent_to="Ban Tổ chức", paper="12-BC/ĐU")
        with pytest.raises(NotPermitted):
            reports.lock(session, there.actors["inspector"], ON, made)
        with pytest.raises(BadInput):
            reports.lock(session, there.actors["officer"], ON, reports.run(session, "admissions", actor=there.actors["officer"], on=ON))
        x = tree.unit_id(session, "X")
        (copy,) = reports.copies(session, "admissions", x)
        assert copy.sound and (copy.sent_to, copy.paper, copy.cut_on) == ("Ban Tổ chức", "12-BC/ĐU", ON)
        assert {k: v for k, v in copy.content.items() if k != "journal"} == reports.as_json(made, cases=True)
        assert reports.differences(session, copy, made) == []
        with pytest.raises(NotFound):
            reports.copy_of(session, there.actors["secretary3"], copy.id, ON)


def test_every_difference_is_explained_from_the_journal(there: World) -> None:
    gone = admitted(there, "an", D(2025, 2, 10))
    with there.database.write() as session:
        targets.set_target(session, None, ON, unit="X", period_from=D(2025, 1, 1), period_to=D(2025, 12, 31), value=4)
        reports.lock(session, None, ON, reports.run(session, "admissions", unit="X", on=ON))
    late = admitted(there, "binh", D(2025, 2, 12))
    with there.database.write() as session:
        take(session, gone, "annul_admission", there.actors["signer"], ON, to="annulled", facts={"note.reason": "Sai thẩm quyền"},
             second_reader=True)
        targets.set_target(session, None, ON, unit="X", period_from=D(2025, 1, 1), period_to=D(2025, 12, 31), value=5)
    with there.database.read() as session:
        (copy,) = reports.copies(session, "admissions", tree.unit_id(session, "X"))
        found = {(d.row, d.column): d for d in reports.differences(session, copy, reports.run(session, "admissions", unit="X", on=ON))}
    of_total = found["total", "number"]
    assert (of_total.before, of_total.after) == (1, 1), "one came for one that went: the same number of others"
    assert {(r.code, r.case_id, r.step) for r in of_total.reasons} == {("late", late, "decide_admission"), ("late", gone, "annul_admission")}
    assert {r.code for r in found["plan", "number"].reasons} == {"figure"}
    assert (found["plan", "number"].before, found["plan", "number"].after) == (4, 5)
    assert {r.code for r in found["plan", "share"].reasons} == {"follows"}
    assert all(d.reasons and all(r.words() and r.words("en") for r in d.reasons) for d in found.values())


def test_an_entry_taken_back_and_a_unit_that_moved_are_told_as_such(there: World) -> None:
    back = admitted(there, "an", D(2025, 2, 10))
    moved = admitted(there, "binh", D(2025, 2, 12), "C2")
    with there.database.write() as session:
        reports.lock(session, None, ON, reports.run(session, "admissions", unit="X", on=ON, options={"map": "now"}))
    with there.database.write() as session:
        corrections.recall(session, back, there.actors["signer"], ON, reason="Nhập nhầm")
        units.move(session, None, D(2025, 3, 1), unit="BP", parent="X2")
    with there.database.read() as session:
        (copy,) = reports.copies(session, "admissions", tree.unit_id(session, "X"))
        now = reports.run(session, "admissions", unit="X", on=ON, options={"map": "now"})
        found = {(d.row, d.column): d for d in reports.differences(session, copy, now)}
    assert {(r.code, r.case_id) for r in found["total", "number"].reasons} == {("recalled", back), ("organisation", moved)}


def test_the_command_prints_what_run_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NENNEP_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NENNEP_DATABASE_URL", raising=False)
    runner = CliRunner()
    assert runner.invoke(cli, ["db", "upgrade"]).exit_code == 0
    site = open_home()
    with site.database.write() as session:
        units.found(session, None, D(2010, 1, 1), code="T", name="Tỉnh T", kind="province")
        targets.set_target(session, None, ON, unit="T", period_from=D(2025, 1, 1), period_to=D(2025, 12, 31), value=4)
    for name in reports.REPORTS:
        result = runner.invoke(cli, ["report", name, "--on", "2025-03-03", "--json"])
        with site.database.read() as session:
            try:
                expected = reports.as_json(reports.run(session, name, on=ON))
            except reports.NotAvailable:
                assert result.exit_code == 1
                continue
        assert result.exit_code == 0, result.output
        assert json.loads(result.output) == expected, name
        assert runner.invoke(cli, ["report", name, "--on", "2025-03-03"]).exit_code == 0
    wrong = runner.invoke(cli, ["report", "nix"])
    assert wrong.exit_code == 2 and "admissions" in wrong.output
    assert runner.invoke(cli, ["report", "targets", "-o", "map=x"]).exit_code == 2
    assert runner.invoke(cli, ["report", "targets", "--unit", "ZZ"]).exit_code == 2
    assert "forecast" in runner.invoke(cli, ["report", "-h"]).output
    site.close()


def test_numbers_are_said_as_people_write_them() -> None:
    share = Column("share", Text(vi="Tỷ lệ"), "percent")
    assert reports.words(Cell(Fraction(195, 200)), share) == "97,5 %"
    assert reports.words(Cell(Fraction(1246, 1000), comparator=">"), share, "en") == "over 124.6 %"
    assert reports.words(Cell(20, comparator="~"), Column("n", Text(vi="Số"))) == "gần 20"
    assert reports.words(Cell(None), share) == ""
