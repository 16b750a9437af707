"""A step decided from facts alone: findings, exceptions, the ballot, and the first day it could pass."""
from __future__ import annotations

import datetime as dt
import json
import random
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from rules.ballots import Count
from rules.book import Rulebook, load
from rules.dated import NotInForce
from rules.nodes import Rows
from rules.process import ProcessLaw
from rules.schema import CodeType
from rules.verdict import Verdict, decide

SMALL = Path(__file__).parent / "laws" / "small"
D = dt.date
DAY = D(2026, 3, 11)
TWO = Rows(True, ({"official": True, "together_since": D(2020, 1, 1), "signed_on": D(2025, 1, 1)},) * 2)
READY: dict[str, Any] = {"candidate.born_on": D(2000, 1, 1), "candidate.edu": "lower", "introducers": TWO}


@lru_cache
def shipped_law() -> Rulebook:
    return load()


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load([SMALL])


def vote(book: Rulebook, on: dt.date = DAY, step: str = "cell_vote", **changes: Any) -> Verdict:
    more = {k: v for k, v in changes.items() if k in ("units", "count", "explain", "horizon_days")}
    facts = {**READY, **{k.replace("__", "."): v for k, v in changes.items() if k not in more}}
    return decide(book, "admission", step, facts, on, **more)


def finding(verdict: Verdict, rule: str) -> Any:
    return next(f for f in verdict.findings if f.rule == rule)


def test_all_rules_met(book: Rulebook) -> None:
    verdict = vote(book)
    assert (verdict.outcome, verdict.refused, verdict.first_day, verdict.first_day_reason) == ("met", (), DAY, None)
    assert [f.rule for f in verdict.findings] == ["AGE.MIN", "AGE.MAX", "EDU.BASE", "INTRO.COUNT"]
    assert verdict.edition == book.edition


def test_a_refusal_explains_itself(book: Rulebook) -> None:
    verdict = vote(book, candidate__born_on=D(2008, 3, 12))
    found = finding(verdict, "AGE.MIN").as_json()
    assert found == {
        "rule": "AGE.MIN", "outcome": "not_met", "severity": "block", "says": {"vi": "Đủ 18 tuổi", "en": "At least 18"},
        "values": {"candidate.born_on": "2008-03-12", "age_min": 216, "act.on": "2026-03-11"},
        "cites": [{"document": "R24", "clause": "1.1.1"}], "confidence": "B", "fixed_by": ["cell_secretary"],
        "first_day": "2026-03-12", "missing": [], "exceptions": []}
    assert (verdict.outcome, verdict.refused, verdict.first_day) == ("not_met", ("AGE.MIN",), D(2026, 3, 12))


def test_the_clause_is_that_of_the_day(book: Rulebook) -> None:
    on = D(2021, 7, 29)
    verdict = vote(book, on, explain=True, candidate__born_on=D(2000, 1, 1))
    assert [c.document for c in finding(verdict, "AGE.MIN").cites] == ["R29"]
    assert finding(verdict, "AGE.MIN").confidence == "A"


def test_what_is_missing_is_named_with_who_can_supply_it(book: Rulebook) -> None:
    verdict = vote(book, candidate__born_on=None, introducers=Rows(False, ()))
    assert verdict.outcome == "unknown"
    born = finding(verdict, "AGE.MIN")
    assert (born.missing, born.fixed_by) == (("candidate.born_on",), ("cell_secretary",))
    assert finding(verdict, "INTRO.COUNT").missing == ("introducers",)
    assert verdict.first_day is None
    assert verdict.first_day_reason is not None
    assert "candidate.born_on (Ngày sinh) – bổ sung: Bí thư chi bộ" in verdict.first_day_reason


def test_one_finding_that_fails_outweighs_those_not_known(book: Rulebook) -> None:
    assert vote(book, candidate__born_on=None, candidate__edu="none").outcome == "not_met"


def test_an_exception_excuses_and_stays_visible(book: Rulebook) -> None:
    old = {"candidate__born_on": D(1960, 1, 1)}
    excused = finding(vote(book, candidate__over60_gate=True, **old), "AGE.MAX")
    assert (excused.outcome, excused.exceptions[0].rule, excused.exceptions[0].outcome) == ("met", "SR-AGE60", "met")
    open_ = finding(vote(book, **old), "AGE.MAX")
    assert (open_.outcome, open_.missing, open_.fixed_by) == (
        "unknown", ("candidate.over60_gate",), ("standing_board_signer",))
    assert open_.values["candidate.born_on"] == "1960-01-01"
    refused = vote(book, candidate__over60_gate=False, **old)
    assert refused.refused == ("AGE.MAX",)
    assert finding(refused, "AGE.MAX").first_day is None
    assert "không đạt vào ngày nào" in str(refused.first_day_reason)


def test_windows_close_too(book: Rulebook) -> None:
    """The rules of July 2026 ask for more education, so who turns 18 after that has no first day."""
    early = vote(book, candidate__born_on=D(2008, 7, 25))
    late = vote(book, candidate__born_on=D(2008, 7, 26))
    assert early.first_day == D(2026, 7, 25)
    assert late.first_day is None
    assert finding(late, "AGE.MIN").first_day == D(2026, 7, 26)
    assert late.first_day_reason == "đến 11/03/2036 không có ngày nào đạt cùng lúc mọi quy tắc"
    assert vote(book, candidate__born_on=D(2008, 7, 26), candidate__edu="higher").first_day == D(2026, 7, 26)


@pytest.mark.parametrize("born", [D(2008, 3, 11), D(2008, 3, 12), D(2008, 7, 25), D(2008, 7, 26), D(1966, 3, 1), D(1966, 2, 28)])
@pytest.mark.parametrize("edu", ["none", "lower", "higher"])
def test_the_first_day_is_that_of_trying_every_day(book: Rulebook, born: dt.date, edu: str) -> None:
    facts = {"candidate__born_on": born, "candidate__edu": edu, "candidate__over60_gate": False}
    tried = next((DAY + dt.timedelta(days=n) for n in range(201)
                  if vote(book, DAY + dt.timedelta(days=n), **facts).outcome == "met"), None)
    assert vote(book, horizon_days=200, **facts).first_day == tried


def test_beyond_the_horizon_no_day_is_promised(book: Rulebook) -> None:
    born = {"candidate__born_on": D(2008, 3, 21), "candidate__edu": "higher"}
    assert vote(book, horizon_days=9, **born).first_day is None
    assert vote(book, horizon_days=10, **born).first_day == D(2026, 3, 21)


def test_the_ballot(book: Rulebook) -> None:
    carried = vote(book, count=Count(18, votes_for=12)).ballot
    assert carried is not None
    assert carried.as_json() == {"id": "VOTE.CELL", "carried": True, "base": 18, "needed": 12, "problems": [],
                                 "cites": [{"document": "CHARTER", "clause": "4"}], "confidence": "A"}
    short = vote(book, count=Count(20, away=1, votes_for=12))
    assert (short.outcome, short.refused, short.ballot.carried) == ("not_met", (), False)  # type: ignore[union-attr]
    wrong = vote(book, count=Count(3, votes_for=12))
    assert (wrong.refused, wrong.ballot.problems) == (("BALLOT",), ("votes_more_than_present",))  # type: ignore[union-attr]
    silent = vote(book).ballot
    assert silent is not None
    assert (silent.carried, silent.base, silent.needed) == (None, None, None)


def test_the_ballot_may_stand_in_the_facts(book: Rulebook) -> None:
    ballot = vote(book, ballot__entitled=20, ballot__away=2, ballot__exempt_absent=1, ballot__votes_for=12).ballot
    assert ballot is not None
    assert (ballot.base, ballot.needed, ballot.carried) == (17, 12, True)


def test_the_ballot_of_whoever_decides(book: Rulebook) -> None:
    facts = {"step": "decide_admission", "case__decider": "H", "path__organ": "H", "count": Count(10, votes_for=5)}
    kinds = {"path__unit": "cell", "path__parent": "base_committee", "path__above": "district"}
    by_table = vote(book, **kinds, **facts).ballot
    by_fact = vote(book, path__ballot="VOTE.COMP", **facts).ballot
    assert by_table == by_fact
    assert by_table is not None
    assert (by_table.id, by_table.needed, by_table.carried) == ("VOTE.COMP", 6, False)
    nobody = vote(book, **facts).ballot
    assert nobody is not None
    assert (nobody.id, nobody.carried) == (None, None)


def test_local_law_judges_in_its_subtree(tmp_path: Path) -> None:
    (tmp_path / "xa.yaml").write_text("""
layer: {unit: XA, since: 2026-01-01}
parameters: {age_min: {values: {2026-01-01: {value: 240, cites: [R24 2], confidence: D}}}}
rules:
  L.ONE: {says: Riêng, when: candidate.over60_gate, since: 2026-01-01, guards: [admission.cell_vote], cites: [R24 2], severity: warn}
""", encoding="utf-8")
    book = load([SMALL, tmp_path])
    born = {"candidate__born_on": D(2007, 3, 1)}
    assert vote(book, **born).outcome == "met"
    local = vote(book, units=("C", "XA"), **born)
    assert local.refused == ("AGE.MIN",)
    assert finding(local, "AGE.MIN").confidence == "D"
    assert finding(local, "AGE.MIN").values["age_min"] == 240
    assert (finding(local, "L.ONE").outcome, finding(local, "L.ONE").blocks) == ("unknown", False)


def test_every_step_is_answered_from_no_facts_at_all() -> None:
    for law in (load([SMALL]), shipped_law()):
        for process in law.processes.values():
            for step in process.steps(DAY):
                verdict = decide(law, process, step, {}, DAY, explain=True)
                assert json.loads(json.dumps(verdict.as_json()))["outcome"] in ("met", "not_met", "unknown")
                assert (verdict.outcome == "met") == (not verdict.refused)
                if verdict.refused:
                    assert verdict.first_day_reason or verdict.first_day


def test_a_step_that_is_not_law_is_not_decided(book: Rulebook) -> None:
    with pytest.raises(NotInForce):
        vote(book, D(2016, 7, 24))
    with pytest.raises(NotInForce):
        vote(book, step="no_such_step")
    with pytest.raises(KeyError, match="there are admission"):
        decide(book, "entry", "cell_vote", {}, DAY)


def _value(type_: Any, draw: random.Random) -> Any:
    if isinstance(type_, CodeType):
        return draw.choice(list(type_.code))
    if type_ == "date":
        near = draw.choice([0, 1, -1, -30, -365, -366, -3650, -7305, -21900, draw.randint(-8000, 200)])
        return D(2026, 7, 26) + dt.timedelta(days=near)
    return {"bool": draw.random() < 0.5, "int": draw.choice([0, 1, 2, 3, 4, 5, 30, 31]), "person": draw.choice("AB"),
            "unit": draw.choice("AB"), "text": "x"}.get(type_, 1)


def _random_facts(law: ProcessLaw, step: str, draw: random.Random) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for rule in law.guards(step, D(2026, 7, 1)):
        for version in (rule, *(v for id_ in rule.unless if (v := law.rule(id_, D(2026, 7, 1))))):
            for name in sorted(version.reads.facts - {"act.on"}):
                if draw.random() < 0.9:
                    facts[name] = _value(law.facts[name].type, draw)
            for name in sorted(version.reads.collections):
                fields = law.facts[name].items or {}
                facts[name] = Rows(draw.random() < 0.8, tuple(
                    {k: _value(f.type, draw) for k, f in fields.items() if draw.random() < 0.9}
                    for _ in range(draw.randint(0, 3))))
    return facts


@pytest.mark.parametrize("seed", range(4))
def test_the_first_day_of_the_shipped_law_is_that_of_trying_every_day(seed: int) -> None:
    """Random facts around the days on which the law of 2026 changes, on every kind of step."""
    law = shipped_law()
    process = law.processes["admission"]
    draw = random.Random(seed)
    later = 0
    for step in process.steps(D(2026, 7, 1)):
        for _ in range(8):
            on = D(2026, 7, 1) + dt.timedelta(days=draw.randint(-60, 30))
            facts = _random_facts(process, step, draw)
            days = (on + dt.timedelta(days=n) for n in range(46))
            tried = next((d for d in days if not decide(law, process, step, facts, d, horizon_days=0).refused), None)
            assert decide(law, process, step, facts, on, horizon_days=45).first_day == tried, (step, on, facts)
            later += tried is not None and tried > on
    assert later > 0
