"""Where a step may lead, what a way back undoes: answered for any process, and as the vocabulary says for admission."""
from __future__ import annotations

import pytest

from rules.process import ProcessLaw
from rules.schema import Step
from tests.workflow.organisation import law
from workflow.carry import voided_facts, voided_steps
from workflow.process import START, choices, destinations, is_later, ordinary, ranks, sources

ADMISSION = law().processes["admission"]


def step(name: str) -> Step:
    return ADMISSION.step_versions[name][-1]


def test_places_follow_the_order_of_the_law() -> None:
    places = ranks(ADMISSION)
    assert list(places) == list(ADMISSION.states.open)
    assert places["nominated"] < places["opinions_done"] < places["cell_short"] < places["cell_approved"] < places["decided"]
    assert "official" not in places
    assert "in_transfer" not in places


@pytest.mark.parametrize(("name", "state", "reached"), [
    ("cell_vote", "opinions_done", "cell_approved"),
    ("record_certificate", "source_listed", "class_done"),
    ("record_certificate", "verified", "verified"),
    ("extend_decision", "base_approved", "base_approved"),
    ("direct_revote", "cell_short", "opinions_done"),
    ("direct_revote", "base_short", "cell_approved"),
    ("accept_transfer", "in_transfer", None),
    ("return_file", "cell_approved", None),
])
def test_the_ordinary_goal(name: str, state: str, reached: str | None) -> None:
    assert ordinary(ADMISSION, step(name), state) == reached


def test_start_steps_leave_the_state_before_all_states() -> None:
    starts = [id_ for id_, versions in ADMISSION.step_versions.items() if START in sources(ADMISSION, versions[-1])]
    assert starts == ["nominate"]


def test_a_way_back_never_leads_forward() -> None:
    back = step("return_file")
    assert choices(ADMISSION, back, "verifying") == ("applying", "verifying")
    assert choices(ADMISSION, back, "introduced") == ("applying", "verifying", "verified", "introduced")
    assert choices(ADMISSION, step("annul_admission"), "decided")[0] == "annulled" or \
        set(choices(ADMISSION, step("annul_admission"), "decided")) <= set(ranks(ADMISSION))
    places = ranks(ADMISSION)
    for versions in ADMISSION.step_versions.values():
        for version in versions:
            if version.voids == "later":
                for state in set(ADMISSION.leaves(version)) & set(places):
                    assert all(places.get(s, -1) <= places[state] for s in choices(ADMISSION, version, state))


def test_annulling_offers_the_end_and_the_faulty_steps() -> None:
    offered = set(choices(ADMISSION, step("annul_admission"), "probationary"))
    assert {"annulled", "verifying", "opinions_done", "cell_approved", "base_approved"} <= offered
    assert set(choices(ADMISSION, step("annul_admission"), "official")) == set(step("annul_admission").to.choose)  # type: ignore[union-attr]


def test_a_transfer_resumes_wherever_it_left() -> None:
    assert set(destinations(ADMISSION, step("accept_transfer"), "in_transfer")) == set(ADMISSION.states.open)
    assert set(sources(ADMISSION, step("send_transfer"))) == set(ADMISSION.states.open)


@pytest.mark.parametrize(("target", "undone", "standing"), [
    ("verified", {"complete_introduction", "complete_opinions", "cell_vote", "base_vote", "decide_admission", "hold_ceremony"},
     {"permit_application", "start_verification", "conclude_verification", "list_source"}),
    ("applying", {"start_verification", "conclude_verification", "cell_vote"}, {"permit_application", "record_certificate"}),
    ("base_approved", {"decide_admission", "receive_decision", "agree_late_ceremony", "decide_recognition"},
     {"cell_vote", "sub_appraise", "base_vote"}),
    ("source_listed", {"permit_application", "cell_vote", "decide_rejection"}, {"nominate", "list_source", "record_certificate"}),
])
def test_what_a_way_back_undoes(target: str, undone: set[str], standing: set[str]) -> None:
    found = voided_steps(ADMISSION, target)
    assert undone <= found
    assert not standing & found


def test_facts_that_go_with_undone_steps() -> None:
    gone = voided_facts(ADMISSION, voided_steps(ADMISSION, "base_approved"))
    assert {"late.agreed_on", "decision.received_on", "candidate.official_on"} <= gone
    assert "dossier.set_up_on" not in gone
    assert "dossier.set_up_on" not in voided_facts(ADMISSION, voided_steps(ADMISSION, "verified"))
    again = voided_facts(ADMISSION, voided_steps(ADMISSION, "source_listed"))
    assert "dossier.set_up_on" in again
    assert "certificate.issued_on" not in again
    assert voided_facts(ADMISSION, frozenset()) == frozenset()


def test_a_step_to_a_state_ahead_is_later() -> None:
    places = ranks(ADMISSION)
    for versions in ADMISSION.step_versions.values():
        for version in versions:
            if isinstance(version.to, str) and version.to in places:
                for target, place in places.items():
                    assert is_later(ADMISSION, version, target) == (places[version.to] > place)


def test_every_step_has_somebody_to_take_it() -> None:
    """A step without a declared right could be taken by nobody: the law files leave none so."""
    process: ProcessLaw
    for process in law().processes.values():
        for id_, versions in process.step_versions.items():
            assert all(version.who for version in versions), id_
