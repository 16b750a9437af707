"""What the check of the law cannot know of consolidation: its machine, its pinned ids, and what no step may ever do."""
from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from rules.book import Rulebook, load
from rules.check_examples import RuleExample, collect
from rules.process import RuleVersion
from rules.schema import Text
from rules.verdict import decide
from tests.rules.test_conditions_are_held import unnoticed

OPEN = ["screening", "listed", "planning", "plan_issued", "in_progress", "awaiting_rating", "extended", "escalated", "recovered", "aftercare"]
CLOSED = ["not_needed", "closed", "reorganised", "cancelled"]
#: Step -> the states it leaves and where it leads; "open" and "same" are words of the law files.
MACHINE: dict[str, tuple[list[str], str]] = {
    "open_screening": (["start"], "screening"), "dismiss_screening": (["screening"], "not_needed"),
    "approve_list": (["screening"], "listed"), "begin_planning": (["listed"], "planning"),
    "issue_plan": (["planning"], "plan_issued"), "start_work": (["plan_issued", "extended"], "in_progress"),
    "suspend": (["in_progress", "awaiting_rating"], "suspended"), "resume_work": (["suspended"], "resume"),
    "close_period": (["in_progress"], "awaiting_rating"), "recognise_recovery": (["awaiting_rating"], "recovered"),
    "extend_plan": (["awaiting_rating"], "extended"), "escalate": (["in_progress", "awaiting_rating"], "escalated"),
    "install_leadership": (["escalated"], "in_progress"), "begin_aftercare": (["recovered"], "aftercare"),
    "close_aftercare": (["aftercare"], "closed"), "reopen_as_relapse": (["aftercare"], "closed"),
    "reorganise": (["open"], "reorganised"), "pass_competence": (["open"], "same"),
    "cancel": ([*OPEN[1:], "suspended"], "cancelled"),
}
DAY = dt.date(2018, 2, 1)
PLACES = [
    (dt.date(2017, 1, 1), "base_committee", "district", "district", "parent"),
    (dt.date(2017, 1, 1), "base_cell", "district", "district", "parent"),
    (dt.date(2017, 1, 1), "cell", "base_committee", "district", "parent"),
    (dt.date(2017, 1, 1), "cell", "subcommittee", "district", "base"),
    (dt.date(2025, 7, 1), "base_cell", "commune_above_base", "commune_above_base", "parent"),
    (dt.date(2025, 7, 1), "base_committee", "commune_above_base", "commune_above_base", "parent"),
    (dt.date(2025, 7, 1), "commune_above_base", "province", None, "parent"),
]


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load()


def test_the_machine_is_that_of_the_vocabulary_from_the_first_day(book: Rulebook) -> None:
    law = book.process("consolidation")
    assert (list(law.states.open), list(law.states.waiting), list(law.states.closed)) == (OPEN, ["suspended"], CLOSED)
    assert set(law.step_versions) == set(MACHINE)
    for id_, (sources, goal) in MACHINE.items():
        step = law.step(id_, dt.date(2010, 1, 1))
        assert step is not None and step.who, id_
        assert (sorted(step.from_), step.to) == (sorted(sources), goal), id_
        assert step.extraordinary == [], id_


def test_everything_is_said_in_both_languages(book: Rulebook) -> None:
    law = book.process("consolidation")
    own = dict(book.body.parts())["consolidation"]
    texts = [s.label for s in law.all_states.values()]
    texts += [s.label for versions in law.step_versions.values() for s in versions if s.label]
    texts += [v.says for versions in law.rule_versions.values() for v in versions]
    texts += [f.label for f in own.facts.values() if f.label] + [p.says for p in own.papers.values()]
    assert len(texts) > 100
    assert [t.vi for t in texts if not _both(t)] == []


def test_no_central_number_is_claimed_and_every_default_may_be_changed_by_a_layer(book: Rulebook) -> None:
    for name, parameter in dict(book.body.parts())["consolidation"].parameters.items():
        assert parameter.local == "any", name  # type: ignore[union-attr]
        assert {entry.confidence for entry in parameter.values.values()} <= {"B", "D"}, name


def test_no_step_demands_a_paper_and_none_disbands(book: Rulebook) -> None:
    law = book.process("consolidation")
    for id_ in MACHINE:
        step = law.step(id_, DAY)
        assert step is not None and step.papers == [], id_
    assert not any("disband" in name for name in (*law.all_states, *law.step_versions))


def test_whoever_worked_on_the_plan_has_no_hand_in_the_recognition(book: Rulebook) -> None:
    step = book.process("consolidation").step("recognise_recovery", DAY)
    assert step is not None and set(step.excludes) == {"team_head", "team_member", "reinforced_cadre"}
    listing = book.process("consolidation").step("approve_list", DAY)
    assert listing is not None and listing.apart == ["open_screening"] and listing.alone


@pytest.mark.parametrize(("rating", "by_flag"), [
    ({}, True),
    ({"last_rating.rank": 3, "last_rating.final": True}, True),
    ({"last_rating.rank": 2, "last_rating.final": False}, True),
    ({"last_rating.rank": 2, "last_rating.final": True}, False),
    ({"last_rating.rank": 1, "last_rating.final": True}, False),
])
def test_an_entry_without_a_weak_final_rating_is_one_by_flag(book: Rulebook, rating: dict[str, Any], by_flag: bool) -> None:
    law = book.process("consolidation")
    step = law.step("open_screening", DAY)
    assert step is not None
    assert book.evaluate(law.following("entry.by_flag", step.sets["entry.by_flag"]), rating, DAY) is by_flag


@pytest.mark.parametrize(("on", "unit", "parent", "above", "organ"), PLACES)
def test_the_directly_superior_standing_board_decides(book: Rulebook, on: dt.date, unit: str, parent: str, above: str | None,
                                                      organ: str) -> None:
    row = book.process("consolidation").decider(on, unit, parent, above)
    assert (row.organ, row.body) == (organ, "standing_board")


def test_the_seed_units_recover_by_the_next_rating_and_not_by_the_one_before_the_plan(book: Rulebook) -> None:
    facts = {"entry.by_flag": False, "entry.rank": 1, "did.issue_plan": dt.date(2017, 5, 4), "last_rating.final": True,
             "last_rating.rank": 4, "last_rating.period_end": dt.date(2017, 12, 31), "last_rating.decided_on": dt.date(2018, 1, 10)}
    verdict = decide(book, "consolidation", "recognise_recovery", facts, DAY)
    assert _outcome(verdict, "CON-EXIT-RANK") == "met"
    assert (_outcome(verdict, "CON-FLAGS-CLEAR"), verdict.outcome) == ("unknown", "unknown")
    former = facts | {"last_rating.period_end": dt.date(2016, 12, 31)}
    assert _outcome(decide(book, "consolidation", "recognise_recovery", former, DAY), "CON-EXIT-RANK") == "not_met"


def test_every_slip_in_a_condition_breaks_an_example(book: Rulebook) -> None:
    by_rule: dict[RuleVersion, list[RuleExample]] = {}
    for example in collect(book).rules:
        if example.process.id == "consolidation":
            by_rule.setdefault(example.rule, []).append(example)
    assert len(by_rule) == 23
    assert [slip for rule, examples in by_rule.items() for slip in unnoticed(book, rule, examples)] == []


def _outcome(verdict: Any, rule: str) -> str:
    found: str = next(f.outcome for f in verdict.findings if f.rule == rule)
    return found


def _both(text: Text) -> bool:
    return bool(text.vi.strip() and text.en and text.en.strip())
