"""What a refusal asks for is what it takes: all of it makes the step pass, all but one thing does not.

Remedies are the facts a finding misses, and the first day it names. The branches of an ``or`` (an exception, another
way) count as one: the first fact missing is the one asked for.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.workflow.caseworld import INTRODUCERS, World, state_of, take, world
from workflow import engine, records
from workflow.verdict import StepVerdict

D = dt.date
EARLY, LATE = D(2025, 2, 1), D(2025, 10, 1)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(f"sqlite:///{tmp_path_factory.mktemp('remedies') / 'remedies.sqlite3'}", LATE) as made:
        yield made


#: What somebody would supply when asked: the ordinary answer.
ANSWERS: dict[str, Any] = {
    "candidate.edu": "higher", "candidate.former_member": False, "candidate.youth_union_here": False, "candidate.trade_union_here": False,
    "cell.official_members": 18, "certificate.issued_on": D(2023, 6, 1), "dossier.set_up_on": D(2024, 11, 1), "introducers": INTRODUCERS,
    "readmit.reason": "struck_off", "readmit.left_on": D(2010, 1, 1), "readmit.before": 0, "candidate.born_on": D(1990, 5, 20),
    "pop.born_on": D(2010, 1, 1), "readmit.hard_family": True, "consent.readmit_on": EARLY - dt.timedelta(days=5),
    "readmit.cleared_on": D(2010, 1, 1), "candidate.over60_gate": True, "consent.over60_on": EARLY - dt.timedelta(days=5),
    "cv.sealed_on": D(2024, 12, 5), "candidate.mass_member": False, "opinions.summary_on": D(2025, 1, 5),
    "opinions": {"declared": True, "items": [{"source": "residence", "given_on": D(2025, 1, 3)}]},
    "relatives": {"declared": True, "items": [{"kind": "father", "result_on": D(2025, 1, 3)}, {"kind": "mother", "result_on": D(2025, 1, 3)}]},
    "new_member.certificate_on": D(2025, 1, 3), "decision.received_on": EARLY,
}
#: Facts that may be unknown when the step is first asked for, and days of them that lie too late.
UNKNOWN = st.sets(st.sampled_from(["candidate.edu", "candidate.former_member", "cell.official_members", "certificate.issued_on",
                                   "introducers", "dossier.set_up_on"]), max_size=5)
WAITING = st.fixed_dictionaries({}, optional={
    "candidate.born_on": st.dates(D(2007, 2, 2), D(2007, 6, 30)),
    "readmit": st.dates(D(2022, 2, 2), D(2022, 6, 30)),
    "pop": st.tuples(st.sampled_from([3, 4]), st.dates(D(2022, 2, 2), D(2022, 6, 30))),
})


def opened(session: Session, place: World, facts: dict[str, Any], unknown: set[str]) -> int:
    return place.case(session, on=EARLY, facts=facts, without=tuple(unknown))


def asked(session: Session, place: World, facts: dict[str, Any], unknown: set[str], on: D) -> StepVerdict:
    """The verdict of the cell's vote for a case of these facts; the case is not kept."""
    with session.begin_nested() as nested:
        case = opened(session, place, facts, unknown)
        verdict = engine.explain(session, case, "cell_vote", place.actors["secretary"], on=on)
        nested.rollback()
    return verdict


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(unknown=UNKNOWN, waiting=WAITING)
def test_all_remedies_help_and_none_is_idle(place: World, unknown: set[str], waiting: dict[str, Any]) -> None:
    given_: dict[str, Any] = {}
    if "candidate.born_on" in waiting:
        given_["candidate.born_on"] = waiting["candidate.born_on"]
    if "readmit" in waiting and "candidate.former_member" not in unknown:
        given_ |= {"candidate.former_member": True, "readmit.reason": "struck_off", "readmit.left_on": waiting["readmit"], "readmit.before": 0}
    if "pop" in waiting:
        given_ |= {"pop.breach_child": waiting["pop"][0], "pop.born_on": waiting["pop"][1]}
    with place.database.write() as session:
        told = asked(session, place, given_, unknown, EARLY)
        assume(told.blocking)
        remedies = {f.missing[0] for f in told.blocking if f.missing}
        assert remedies == unknown
        for f in told.blocking:
            assert f.missing or f.first_day, f.rule
        # All facts supplied, the answer names one first day; on it the step passes, the day before it does not.
        answered = {**given_, **{name: ANSWERS[name] for name in remedies}}
        whole = asked(session, place, answered, set(), EARLY)
        assert not any(f.missing for f in whole.blocking)
        day = EARLY if not whole.blocking else whole.judged.first_day
        assume(day is not None and day <= D(2025, 6, 20))
        assert day is not None
        assert day == max([EARLY, *(f.first_day for f in whole.blocking)])
        assert asked(session, place, answered, set(), day).possible
        if day > EARLY:
            assert not asked(session, place, answered, set(), day - dt.timedelta(days=1)).possible
        for left_out in remedies:
            rest = {**given_, **{name: ANSWERS[name] for name in remedies - {left_out}}}
            still = asked(session, place, rest, {left_out}, day)
            assert not still.possible
            assert {f.missing[0] for f in still.blocking} == {left_out}
        session.rollback()


@pytest.mark.parametrize(("state", "step", "who", "needs"), [
    ("applying", "start_verification", "officer", set()),
    ("verifying", "conclude_verification", "officer", {"relatives"}),
    ("verified", "complete_introduction", "secretary", {"introducers"}),
    ("introduced", "complete_opinions", "secretary", {"candidate.mass_member", "opinions"}),
    ("class_done", "permit_application", "secretary", {"certificate.issued_on"}),
    ("nominated", "list_source", "secretary", {"cell.official_members"}),
    ("recognition_review", "recognition_cell_vote", "secretary", {"new_member.certificate_on"}),
])
def test_supplying_what_is_missing_makes_any_step_pass(place: World, state: str, step: str, who: str, needs: set[str]) -> None:
    """Step by step what is asked for is supplied; never more than is asked, and at the end the step is taken."""
    law = place.database.info["book"].processes["admission"]
    law_of_step = law.step(step, LATE)
    papers = [{"kind": kind} for kind in law_of_step.papers]
    on = D(2025, 3, 3)
    with place.database.write() as session:
        case = place.case(session, state, on=EARLY, without=("introducers", "certificate.issued_on", "cell.official_members"),
                          did={"hold_ceremony": D(2024, 1, 10)} if state.startswith("recognition") else {})
        supplied: dict[str, Any] = {}
        found: set[str] = set()
        for _ in range(8):
            verdict = engine.explain(session, case, step, place.actors[who], on=on, facts=supplied)
            missing = [f.missing[0] for f in verdict.blocking if f.missing]
            if not missing:
                break
            name = missing[0].partition("[")[0]
            found.add(name)
            if name in {*law_of_step.records, *law_of_step.may_record}:
                supplied[name] = ANSWERS[name]
            else:  # not for this act to give: it is entered on the case
                records.set_facts(session, case, place.actors[who], on, {name: ANSWERS[name]})
        assert found == needs
        assert verdict.possible
        ballot = {"entitled": 18, "for": 16} if law_of_step.ballot else None
        take(session, case, step, place.actors[who], on, facts=supplied, papers=papers, ballot=ballot, second_reader=True)
        assert state_of(session, case) != state
        session.rollback()


def test_a_finding_says_who_can_supply_what_is_missing(place: World) -> None:
    book = place.database.info["book"]
    with place.database.write() as session:
        verdict = asked(session, place, {}, {"candidate.edu", "certificate.issued_on", "introducers", "cell.official_members"}, EARLY)
        for finding in verdict.blocking:
            assert finding.fixed_by, finding.rule
            assert set(finding.fixed_by) <= set(book.offices)
        assert verdict.judged.first_day is None
        assert verdict.judged.first_day_reason
        session.rollback()
