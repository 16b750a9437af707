"""The rulebook: what is in force on a day, layers of local law, and editions."""
from __future__ import annotations

import datetime as dt
import json
import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from rules.book import Rulebook, load
from rules.calendar import Due
from rules.dated import NotInForce
from rules.diff import diff
from rules.loader import LawError
from rules.schema import Term

SMALL = Path(__file__).parent / "laws" / "small"
D = dt.date


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load([SMALL])


def layered(tmp_path: Path, text: str, name: str = "xa.yaml") -> Rulebook:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return load([SMALL, tmp_path])


def refused(tmp_path: Path, text: str) -> str:
    with pytest.raises(LawError) as caught:
        layered(tmp_path, text)
    return str(caught.value)


def test_values_of_a_day(book: Rulebook) -> None:
    value = book.value("age_min", D(2021, 7, 29))
    assert (value.value, value.cites[0].document, value.confidence, value.since, value.layer) == (
        216, "R29", "A", D(2016, 7, 25), None)
    assert book.value("age_min", D(2021, 7, 30)).cites[0] == ("R24", "1.1.1")
    assert book.value("cell_share", D(2025, 1, 1)).value == Fraction(2, 3)
    with pytest.raises(NotInForce, match="has no value on 2016-07-24"):
        book.value("age_min", D(2016, 7, 24))
    with pytest.raises(NotInForce, match="did you mean age_min"):
        book.value("age_mim", D(2025, 1, 1))


def test_versions_of_a_day(book: Rulebook) -> None:
    law = book.processes["admission"]
    first, second = law.rule("EDU.BASE", D(2026, 7, 25)), law.rule("EDU.BASE", D(2026, 7, 26))
    assert first is not None
    assert second is not None
    assert (first.number, second.number) == (0, 1)
    assert second.says.vi == first.says.vi
    assert law.rule("EDU.BASE", D(2016, 7, 24)) is None
    assert law.step("cell_vote", D(2016, 7, 24)) is None
    assert [r.id for r in law.guards("cell_vote", D(2025, 1, 1))] == ["AGE.MIN", "AGE.MAX", "EDU.BASE", "INTRO.COUNT"]
    rule = law.rule("AGE.MIN", D(2025, 1, 1))
    assert rule is not None
    assert rule.cites(D(2021, 7, 29))[0].document == "R29"
    assert rule.cites(D(2021, 7, 30))[0].document == "R24"


def test_facts_every_process_has(book: Rulebook) -> None:
    law = book.processes["admission"]
    assert {"act.on", "case.state", "did.cell_vote", "duty.admission_decision.due_on", "ballot.round",
            "path.organ"} <= set(law.facts)
    assert law.names.facts["case.state"].codes == ("opinions_done", "cell_short", "cell_approved", "decided", "withdrawn")
    assert set(law.collections) == {"introducers"}


def test_states_and_steps(book: Rulebook) -> None:
    law = book.processes["admission"]
    today = D(2025, 1, 1)
    withdraw, vote = law.step("withdraw", today), law.step("cell_vote", today)
    assert withdraw is not None
    assert vote is not None
    assert law.leaves(withdraw) == ("opinions_done", "cell_short", "cell_approved")
    assert law.goals(vote, "opinions_done") == ("cell_approved", "cell_short")
    assert list(law.step_versions)[0] == "open_case"


def test_who_decides(book: Rulebook) -> None:
    law = book.processes["admission"]
    assert law.decider(D(2025, 1, 1), "cell", "base_committee", "district").body == "standing_board"
    with pytest.raises(NotInForce, match="0 rows"):
        law.decider(D(2025, 1, 1), "cell", None, None)


def test_terms(book: Rulebook) -> None:
    day = D(2025, 8, 29)
    assert book.due(Term(working_days="decide_days"), day, day) == Due(D(2025, 9, 4), False)
    assert book.due(Term(months=1), D(2025, 1, 31), day).on == D(2025, 2, 28)
    # The n-th day of a recurring duty is start + n periods, never chained.
    assert book.due(Term(months=1), D(2025, 1, 31), day, times=2).on == D(2025, 3, 31)
    assert book.due(Term(days=10), day, day, times=3).on == D(2025, 9, 28)


LAYER = "layer: {unit: XA, since: 2026-01-01, until: 2026-12-31}\n"
RAISED = LAYER + "parameters: {age_min: {values: {2026-03-01: {value: 240, cites: [R24 2], confidence: D}}}}\n"


def test_the_nearest_layer_wins(tmp_path: Path) -> None:
    (tmp_path / "huyen.yaml").write_text("layer: {unit: H, since: 2020-01-01}\nparameters: {age_min: {values: {2020-01-01: "
                                         "{value: 228, cites: [R24 2]}}}}\n", encoding="utf-8")
    book = layered(tmp_path, RAISED)
    line = ("C1", "XA", "H")
    assert book.value("age_min", D(2026, 2, 28), line).value == 228
    assert book.value("age_min", D(2026, 3, 1), line).value == 240
    assert book.value("age_min", D(2026, 3, 1), line).layer == "XA"
    assert book.value("age_min", D(2027, 1, 1), line).value == 228
    assert book.value("age_min", D(2026, 3, 1)).value == 216
    assert {D(2026, 3, 1), D(2027, 1, 1)} <= book.change_days("age_min")


@pytest.mark.parametrize(("text", "says"), [
    ("parameters: {age_min: {values: {2026-03-01: {value: 204}}}}", "age_min may only be raised locally; the central law says 216"),
    ("parameters: {age_max: {values: {2026-03-01: {value: 600}}}}", "age_max may not be changed locally"),
    ("parameters: {age_mim: {values: {2026-03-01: {value: 600}}}}", "no parameter age_mim in the central law; did you mean age_min"),
    ("parameters: {age_min: {values: {2026-03-01: {value: soon}}}}", "expected a whole number of months"),
    ("rules: {L.ONE: {when: candidate.over60_gate, since: 2026-01-01}}", "a rule of a layer guards steps of exactly one process"),
    ("rules: {L.ONE: {when: candidate.over60_gate, since: 2026-01-01, guards: [admission.vote]}}", "has no step vote"),
    ("rules: {L.ONE: {when: candidate.over60_gate, since: 2026-01-01, guards: [entry.vote]}}", "no process entry"),
    ("rules: {AGE.MIN: {when: candidate.over60_gate, since: 2026-01-01, guards: [admission.cell_vote]}}", "a rule AGE.MIN already stands elsewhere"),
])
def test_a_layer_keeps_to_what_it_may_do(text: str, says: str, tmp_path: Path) -> None:
    said = refused(tmp_path, LAYER + text + "\n")
    assert says in said
    assert "xa.yaml:" in said


def test_a_layer_adds_rules_for_its_subtree(tmp_path: Path) -> None:
    book = layered(tmp_path, LAYER + """
parameters: {board_age: {unit: months, values: {2026-01-01: {value: 240, cites: [R24 2]}}}}
rules:
  L.AGE: {says: Địa phương, when: candidate.born_on + months(board_age) <= act.on, since: 2025-01-01, guards: [admission.cell_vote], cites: [R24 2]}
""")
    law = book.processes["admission"]
    def ids(day: dt.date, units: tuple[str, ...]) -> list[str]:
        return [r.id for r in law.guards("cell_vote", day, units)]
    assert "L.AGE" in ids(D(2026, 6, 1), ("C1", "XA"))
    assert "L.AGE" not in ids(D(2026, 6, 1), ("C1",))
    assert "L.AGE" not in ids(D(2027, 1, 1), ("C1", "XA"))  # the layer has ended
    assert "L.AGE" not in ids(D(2025, 12, 31), ("C1", "XA"))  # it had not begun


def test_an_edition_is_made_again_from_its_text(book: Rulebook) -> None:
    again = Rulebook.from_canonical(book.canonical)
    assert (again.edition, again.canonical) == (book.edition, book.canonical)
    assert list(again.processes["admission"].states.open) == ["opinions_done", "cell_short", "cell_approved"]
    assert list(again.processes["admission"].step_versions) == list(book.processes["admission"].step_versions)
    with pytest.raises(ValueError, match="not canonical"):
        Rulebook.from_canonical(book.canonical.replace('"shared":', '"shared": '))
    with pytest.raises(ValueError, match="format"):
        Rulebook.from_canonical('{"format": 99}')


def test_the_shipped_law_is_made_again_from_its_text() -> None:
    book = load()
    assert Rulebook.from_canonical(book.canonical).edition == book.edition


def test_an_edition_is_what_the_law_says_not_how_its_files_are_cut(book: Rulebook, tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "law")
    rules = tmp_path / "law" / "admission" / "rules.yaml"
    text = rules.read_text(encoding="utf-8")
    (tmp_path / "law" / "admission" / "a-rules.yaml").write_text(text[text.index("rules:"):], encoding="utf-8")
    rules.write_text("# a remark\n" + text[: text.index("rules:")], encoding="utf-8")
    assert load([tmp_path / "law"]).edition == book.edition
    process = tmp_path / "law" / "admission" / "process.yaml"
    process.write_text(process.read_text(encoding="utf-8").replace("Chi bộ đề nghị", "Chi bộ nhất trí"), encoding="utf-8")
    assert load([tmp_path / "law"]).edition != book.edition


def test_the_canonical_text_is_canonical(book: Rulebook) -> None:
    data = json.loads(book.canonical)
    assert json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")) == book.canonical
    assert data["processes"]["admission"]["parameters"]["cell_share"]["values"] == {
        "2016-07-25": {"value": "2/3", "cites": ["CHARTER 4"], "confidence": "A"}}
    assert data["shared"]["calendar"]["2025"]["off"][0]["on"] == "2025-09-01"


def test_what_differs_between_two_editions(book: Rulebook, tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "law")
    rules = tmp_path / "law" / "admission" / "rules.yaml"
    text = rules.read_text(encoding="utf-8").replace("value: 720", "value: 660").replace("until: 2026-07-25", "until: 2026-07-24")
    rules.write_text(text.replace("  half:", "  third: {unit: fraction, values: {2016-07-25: {value: 1/3}}}\n  half:"), encoding="utf-8")
    changes = {(c.kind, c.section, c.key, c.path): (c.old, c.new) for c in diff(book.canonical, load([tmp_path / "law"]).canonical)}
    assert changes == {
        ("changed", "parameters", "age_max", "values.2016-07-25.value"): (720, 660),
        ("added", "parameters", "third", ""): (None, {"unit": "fraction", "values": {"2016-07-25": {"value": "1/3"}}}),
        ("changed", "rules", "EDU.BASE", "[2016-07-25].until"): ("2026-07-25", "2026-07-24"),
    }
    assert diff(book.canonical, book.canonical) == []


def test_two_processes_keep_their_facts_apart(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "law")
    other = tmp_path / "law" / "consolidation"
    other.mkdir()
    (other / "all.yaml").write_text("""
process: {consolidation: {label: Củng cố, subject: unit}}
states: {open: {listed: Trong danh sách}, closed: {closed: Xong}}
steps:
  list_unit: {from: start, to: listed, since: 2020-01-01}
  close: {from: [listed], to: closed, requires: [RANK], since: 2020-01-01}
facts: {unit.rank: int}
rules: {RANK: {when: unit.rank >= 3, since: 2020-01-01, cites: [CHARTER 9]}}
""", encoding="utf-8")
    book = load([tmp_path / "law"])
    assert set(book.processes) == {"admission", "consolidation"}
    assert "unit.rank" not in book.processes["admission"].facts
    assert "candidate.born_on" not in book.processes["consolidation"].facts
    assert "did.close" in book.processes["consolidation"].facts


def test_a_key_in_two_files_is_refused(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "law")
    (tmp_path / "law" / "admission" / "more.yaml").write_text("facts: {candidate.born_on: date}\n", encoding="utf-8")
    (tmp_path / "law" / "more.yaml").write_text("documents: {R29: {number: x, title: x, issuer: x, since: 2016-01-01, "
                                                "confidence: A, checked_on: 2026-11-21}}\n", encoding="utf-8")
    with pytest.raises(LawError) as caught:
        load([tmp_path / "law"])
    said = str(caught.value)
    assert "candidate.born_on already stands in admission/more.yaml" in said
    assert "R29 already stands in documents.yaml" in said
