"""What the check of the law cannot know of the admission law: that nothing the regulations ask for has been left out."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from rules.book import Rulebook, load
from rules.shape import Text
from rules.verdict import decide

STANDARDS = ["AGE.MIN", "AGE.MAX", "AGE.OVER60.CONSENT", "EDU.BASE", "EDU.EXC.PRIMARY", "EDU.EXC.LITERATE", "CERT.AWARE.REQ",
             "CERT.AWARE.VALID", "DOSSIER.STALE", "INTRO.COUNT", "INTRO.YU", "INTRO.TU", "INTRO.TOGETHER", "VERIFY.SCOPE",
             "VERIFY.SKIP", "VERIFY.ORDER", "VERIFY.REPLY", "OPINION.REQ", "ORDER.APP_CV", "READMIT.WAIT", "READMIT.CRIME",
             "READMIT.CONSENT", "READMIT.MAX", "READMIT.BAR", "POP.WAIT3", "POP.WAIT4", "POP.BAR5"]
ROUTES = ["SR-AGE60", "SR-EDU-PRIMARY", "SR-EDU-LITERATE", "SR-POP3", "SR-POP4", "SR-RELIGION", "SR-HOA", "SR-FOREIGN-MARRIAGE",
          "SR-POLITICAL-HISTORY", "SR-PRIVATE-OWNER", "SR-NO-CELL", "SR-ABROAD", "SR-ARMED-FORCES", "SR-READMIT"]
VOTES = ["VOTE.BASE", "VOTE.CELL", "VOTE.BASECOM", "VOTE.DELEGATED", "VOTE.COMP", "VOTE.METHOD", "VOTE.SHORT", "VOTE.DEADLOCK",
         "CELL.MIN", "ONE_BY_ONE"]
DECISIONS = ["DECIDE.ADMIT.DAYS", "DECIDE.EXT", "DECIDE.RECOG.DAYS", "DECIDER.UP", "DECIDER.DELEGATED", "DECIDER.BASE.208",
             "DECIDER.PROV", "DECIDER.DISTRICT", "DECIDER.COMMUNE", "PATH.BASE", "PATH.SUB", "PATH.BASEVOTE", "PATH.PASSED"]
LATER = ["CEREMONY.DAYS", "CEREMONY.START.RECEIPT", "CEREMONY.START.ISSUE", "CEREMONY.LATE", "PROB.LEN", "PROB.CLASS",
         "RECOG.CELL.DAYS", "RECOG.DATE", "PARTYAGE.START", "REMOVE.PROB", "TRANSFER.DAYS", "WRONG.STANDARD", "WRONG.PROC",
         "WRONG.DEFUNCT", "MONTHLY.REVIEW"]

OPEN = ["nominated", "source_listed", "class_assigned", "class_done", "applying", "verifying", "verified", "introduced",
        "opinions_done", "cell_short", "cell_approved", "sub_appraised", "base_short", "base_approved", "decided", "probationary",
        "recognition_review", "recognition_cell_short", "recognition_cell_approved", "recognition_sub_appraised",
        "recognition_base_short", "recognition_base_approved", "recognition_deadlock", "removal_proposed",
        "removal_base_approved"]
CLOSED = ["official", "dropped", "rejected", "removed", "annulled", "withdrawn", "deceased", "disqualified"]
STEPS = ["nominate", "list_source", "drop_source", "assign_class", "record_certificate", "permit_application",
         "start_verification", "conclude_verification", "complete_introduction", "complete_opinions", "redo_papers", "cell_vote",
         "direct_revote", "sub_appraise", "base_vote", "decide_admission", "extend_decision", "decide_rejection", "return_file",
         "receive_decision", "agree_late_ceremony", "hold_ceremony", "start_recognition", "recognition_cell_vote",
         "recognition_sub_appraise", "recognition_base_vote", "decide_recognition", "propose_removal", "removal_base_vote",
         "decide_removal", "decide_deadlock", "send_transfer", "accept_transfer", "pass_competence", "withdraw", "record_death",
         "disqualify", "annul_admission", "reopen"]


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load()


def _ids_and_notes(book: Rulebook) -> Iterator[str]:
    """The ids under which the law is kept, and the remarks that name a row which is no rule of its own."""
    law = book.process("admission")
    tables = (law.ballots, law.duties)
    yield from law.rule_versions
    for table in tables:
        for id_, versions in table.items():
            yield id_
            yield from (v.note.vi for v in versions if v.note)
    yield from (v.law.note.vi for versions in law.rule_versions.values() for v in versions if v.law.note)
    yield from (row.note.vi for row in law.deciders if row.note)


@pytest.mark.parametrize("row", [*STANDARDS, *ROUTES, *VOTES, *DECISIONS, *LATER])
def test_every_row_of_the_table_of_rules_is_found(book: Rulebook, row: str) -> None:
    words = {word.strip(".,;:()") for text in _ids_and_notes(book) for word in text.split()}
    assert row in words


def test_states_are_those_of_the_regulations_and_labelled(book: Rulebook) -> None:
    states = book.process("admission").states
    assert list(states.open) == OPEN
    assert list(states.waiting) == ["in_transfer"]
    assert list(states.closed) == CLOSED
    for state in (*states.open.values(), *states.waiting.values(), *states.closed.values()):
        assert _both(state.label)


def test_every_step_is_there_from_the_first_day_with_a_label_and_somebody_who_may(book: Rulebook) -> None:
    law = book.process("admission")
    assert set(STEPS) <= set(law.step_versions)
    for id_ in STEPS:
        step = law.step(id_, dt.date(2016, 7, 25))
        assert step is not None and step.label is not None and _both(step.label), id_
        assert step.who, id_


def test_every_rule_speaks_both_languages(book: Rulebook) -> None:
    for versions in book.process("admission").rule_versions.values():
        for version in versions:
            assert _both(version.says), version.id


def test_facts_have_labels_and_somebody_who_supplies_them(book: Rulebook) -> None:
    own = dict(book.body.parts())["admission"].facts
    for name, fact in own.items():
        assert fact.label is not None and _both(fact.label), name
        assert fact.by or fact.source == "derived", name


@pytest.mark.parametrize("day", [dt.date(2016, 9, 20), dt.date(2021, 7, 29), dt.date(2021, 7, 30), dt.date(2025, 6, 30),
                                 dt.date(2025, 7, 1), dt.date(2026, 4, 8), dt.date(2026, 7, 25), dt.date(2026, 7, 26)])
def test_each_regime_answers_every_step_and_cites_what_is_in_force(book: Rulebook, day: dt.date) -> None:
    law = book.process("admission")
    for step in STEPS:
        verdict = decide(book, law, step, {}, day, horizon_days=1)
        for finding in verdict.findings:
            assert finding.cites, (step, finding.rule)
            assert any(_in_force(book, c.document, day) for c in finding.cites), (step, finding.rule, day)


def _in_force(book: Rulebook, document: str, day: dt.date) -> bool:
    found = book.documents[document]
    return found.since <= day and (found.until is None or day <= found.until)


def _both(text: Text) -> bool:
    return bool(text.vi.strip() and text.en and text.en.strip())
