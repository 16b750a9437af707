"""``nennep rules`` and ``nennep calendar`` from outside: what they print, and how they end."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from rules.book import load
from workflow.cli import cli

LAWS = Path(__file__).parents[1] / "rules" / "laws"
SMALL = str(LAWS / "small")
BROKEN = Path(__file__).parents[1] / "rules" / "broken"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NENNEP_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NENNEP_LAW_PATH", raising=False)
    monkeypatch.delenv("NENNEP_DATABASE_URL", raising=False)
    return tmp_path / "home"


def run(*words: str) -> Result:
    result = CliRunner().invoke(cli, [str(w) for w in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def document(*words: str, code: int = 0) -> Any:
    """Exactly one JSON document on standard output."""
    result = run(*words, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def facts_file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "facts.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def decide(tmp_path: Path, text: str, *more: str, step: str = "cell_vote", code: int = 0) -> Any:
    return document("rules", "decide", "admission", step, "--on", "2026-03-11", "--facts", facts_file(tmp_path, text),
                    "--law", SMALL, *more, code=code)


def test_working_days() -> None:
    assert run("calendar", "add", "2025-05-20", "60").stdout.startswith("2025-08-12")
    assert run("calendar", "between", "20/05/2025", "12/08/2025").stdout.strip() == "60"
    assert document("calendar", "add", "31/12/2025", "1") == {
        "start": "2025-12-31", "working_days": 1, "date": "2026-01-05", "provisional": False}
    assert document("calendar", "add", "2030-01-01", "1")["provisional"] is True
    assert document("calendar", "between", "2025-05-20", "2025-05-21")["working_days"] == 1


@pytest.mark.parametrize("words", [
    ("calendar", "add", "soon", "1"), ("calendar", "add", "30/02/2025", "1"), ("calendar", "add", "2025-01-01", "many"),
    ("calendar", "add", "2025-01-01", "-1"), ("calendar", "add", "9999-12-30", "100"),
    ("calendar", "between", "2025-01-02", "2025-01-01"), ("rules", "show", "AGE.MINN", "--on", "2025-01-01", "--law", SMALL),
    ("rules", "show", "AGE.MIN", "--on", "2010-01-01", "--law", SMALL), ("rules", "show", "AGE.MIN", "--law", SMALL),
    ("rules", "check", "--law", "/no/such/folder"), ("rules", "diff", SMALL, "0123456789ab"), ("rules", "diff", SMALL, "x"),
    ("rules", "decide", "entry", "cell_vote", "--on", "2025-01-01", "--facts", __file__, "--law", SMALL),
    ("rules", "decide", "admission", "vote", "--on", "2025-01-01", "--facts", __file__, "--law", SMALL),
    ("rules", "nothing"),
])
def test_wrong_use_ends_with_two(words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert result.stderr
    assert "Traceback" not in result.output


def test_check(tmp_path: Path) -> None:
    result = run("rules", "check", "--law", SMALL)
    assert result.exit_code == 0
    assert "Quy định hợp lệ" in result.stdout
    found = document("rules", "check", "--law", SMALL)
    assert (found["ok"], found["problems"], found["edition"]) == (True, [], load([SMALL]).edition)
    broken = document("rules", "check", "--law", str(BROKEN / "gap.yaml"), code=1)
    assert broken["ok"] is False
    assert broken["problems"][0]["file"] == "gap.yaml"
    assert broken["problems"][0]["line"] > 1
    assert run("rules", "check", "--law", str(BROKEN / "not-yaml.yaml")).exit_code == 1


def test_check_of_the_law_in_use() -> None:
    result = run("rules", "check")
    assert result.exit_code == 0, result.output


def test_a_layer_in_the_environment_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layer = tmp_path / "layer"
    layer.mkdir()
    (layer / "xa.yaml").write_text("layer: {unit: XA, since: 2026-01-01}\nparameters: {age_min: {values: {2026-01-01: "
                                   "{value: 240, cites: [R24 2]}}}}\n", encoding="utf-8")
    monkeypatch.setenv("NENNEP_LAW_PATH", str(layer))
    young = "candidate.born_on: 2007-03-01\n"
    local = decide(tmp_path, young, "--unit", "XA")
    assert local["findings"][0]["outcome"] == "not_met"
    assert decide(tmp_path, young)["findings"][0]["outcome"] == "met"
    assert decide(tmp_path, young, "--unit", "XB")["findings"][0]["outcome"] == "met"


def test_vocabulary() -> None:
    found = document("rules", "vocabulary", "--law", SMALL)
    process = found["processes"]["admission"]
    assert process["states"]["cell_short"] == {"label": {"vi": "Chưa đủ tỷ lệ", "en": None}, "kind": "open", "stage": "vote"}
    assert process["facts"]["candidate.edu"]["codes"]["none"]["vi"] == "Chưa biết chữ"
    assert process["facts"]["introducers"]["items"]["signed_on"]["type"] == "date"
    assert process["steps"]["cell_vote"]["label"] == {"vi": "Chi bộ biểu quyết", "en": "Cell vote"}
    assert "AGE.MIN" in found["rules"]
    assert "cell_vote  Chi bộ biểu quyết" in run("rules", "vocabulary", "--law", SMALL).stdout


def test_show() -> None:
    found = document("rules", "show", "AGE.MIN", "--on", "11/03/2026", "--law", SMALL)
    assert found["parameters"]["age_min"]["value"] == 216
    assert found["cites"] == [{"document": "R24", "clause": "1.1.1", "number": "24-QĐ/TW"}]
    assert found["steps"] == ["admission.cell_vote"]
    assert "Đủ 18 tuổi" in run("rules", "show", "AGE.MIN", "--on", "2026-03-11", "--law", SMALL).stdout


def test_decide(tmp_path: Path) -> None:
    facts = ("candidate.born_on: 2008-03-12\ncandidate.edu: lower\nballot.entitled: 20\nballot.away: 3\nballot.for: 12\n"
             "introducers: {declared: true, items: [{official: true, together_since: 2020-01-01, signed_on: 2025-01-01}, "
             "{official: true, together_since: 2020-01-01, signed_on: 2025-01-01}]}\n")
    found = decide(tmp_path, facts)
    assert {k: found[k] for k in ("process", "step", "on", "outcome", "first_day", "first_day_reason")} == {
        "process": "admission", "step": "cell_vote", "on": "2026-03-11", "outcome": "not_met", "first_day": "2026-03-12",
        "first_day_reason": None}
    assert {k: found["ballot"][k] for k in ("carried", "base", "needed")} == {"carried": True, "base": 17, "needed": 12}
    assert decide(tmp_path, facts, "--exit-code", code=1)["outcome"] == "not_met"
    text = run("rules", "decide", "admission", "cell_vote", "--on", "2026-03-11", "--facts", facts_file(tmp_path, facts),
               "--law", SMALL).stdout
    assert "[không đạt] AGE.MIN: Đủ 18 tuổi" in text
    assert "Sớm nhất: 12/03/2026" in text


def test_facts_may_be_json_and_may_be_none(tmp_path: Path) -> None:
    assert decide(tmp_path, '{"candidate.born_on": "2000-01-01"}')["findings"][0]["outcome"] == "met"
    assert decide(tmp_path, "")["outcome"] == "unknown"


@pytest.mark.parametrize(("text", "fact", "says"), [
    ("candidate.bornon: 2008-03-12", "candidate.bornon", "did you mean candidate.born_on"),
    ("candidate.born_on: soon", "candidate.born_on", "expected a date yyyy-mm-dd"),
    ("candidate.edu: low", "candidate.edu", "did you mean lower"),
    ("candidate.over60_gate: yes", "candidate.over60_gate", "expected true or false"),
    ("introducers: [{official: true}]", "introducers", "expected {declared: true or false"),
    ("introducers: {declared: true, items: [{oficial: true}]}", "introducers[0].oficial", "did you mean official"),
    ("introducers: {declared: true, items: [{signed_on: 5}]}", "introducers[0].signed_on", "expected a date"),
    ("act.on: 2020-01-01", "act.on", "--on says 2026-03-11"),
])
def test_wrong_facts_are_named(tmp_path: Path, text: str, fact: str, says: str) -> None:
    errors = decide(tmp_path, text, code=2)["errors"]
    assert [e["fact"] for e in errors] == [fact]
    assert says in errors[0]["message"]
    assert errors[0]["line"] == 1


@pytest.mark.parametrize("text", ["- a", "a: 1\na: 1", "a: [", "a: 1.5", "x"])
def test_a_file_that_is_no_facts(tmp_path: Path, text: str) -> None:
    assert "facts.yaml" in decide(tmp_path, text, code=2)["error"]


def test_diff(tmp_path: Path) -> None:
    edition = tmp_path / "edition.json"
    edition.write_text(load([LAWS / "least.yaml"]).canonical, encoding="utf-8")
    assert document("rules", "diff", SMALL, SMALL)["changes"] == []
    found = document("rules", "diff", str(LAWS / "least.yaml"), str(edition))
    assert found["old"] == found["new"]
    text = run("rules", "diff", SMALL, str(edition))
    assert text.exit_code == 0
    assert "- admission.parameters.age_max: " in text.stdout
    assert run("rules", "diff", SMALL, str(edition), "--exit-code").exit_code == 1


def test_diff_with_an_edition_that_was_in_use(home: Path) -> None:
    import datetime as dt

    import sqlalchemy as sa

    from workflow import models
    from workflow.db import Database
    from workflow.site import database_url

    home.mkdir()
    book = load([SMALL])
    database = Database(database_url(home))
    table: Any = models.Edition.__table__
    table.metadata.create_all(database.engine)
    with database.write() as session:
        session.execute(sa.insert(table), {"hash": book.edition, "canonical": book.canonical,
                                           "first_used_at": dt.datetime.now(dt.timezone.utc)})
    database.dispose()
    assert document("rules", "diff", book.edition[:12], SMALL)["changes"] == []
