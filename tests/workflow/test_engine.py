"""What the engine answers and writes: whole or not at all, once, and what it said beforehand."""
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workflow.caseworld import (
    CARRIED,
    SHORT,
    TODAY,
    VOTE,
    World,
    contents,
    entries_of,
    state_of,
    take,
    version_of,
    world,
)
from workflow import engine, fold, records
from workflow.errors import BadInput, Conflict, NotFound, NotPermitted, StepRefused
from workflow.models import Ballot, Case, Duty, Entry, Outbox, Paper, RequestKey

D = dt.date


@pytest.fixture
def place(database_url: str) -> Iterator[World]:
    with world(database_url) as made:
        yield made


@pytest.fixture
def place_here(tmp_path: Any) -> Iterator[World]:
    """On SQLite only: for answers that no database can change."""
    with world(f"sqlite:///{tmp_path / 'engine.sqlite3'}") as made:
        yield made


def test_a_step_writes_everything_once(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session, duties=({"kind": "dossier", "started": D(2024, 11, 1)},))
    with place.database.write() as session:
        ref = engine.advance(session, case, "cell_vote", place.actors["secretary"], on=TODAY, **VOTE)
    with place.database.read() as session:
        assert (state_of(session, case), version_of(session, case), entries_of(session, case)) == ("cell_approved", 2, 2)
        ballot = session.scalars(sa.select(Ballot)).one()
        assert (ballot.base, ballot.needed, ballot.carried, ballot.round, ballot.law) == (18, 12, True, 1, "VOTE.CELL")
        paper = session.scalars(sa.select(Paper)).one()
        assert (paper.kind, paper.issued_on, paper.step, paper.signatory_id) == ("6-KND", TODAY, "cell_vote", place.people["secretary"])
        duties = {d.kind: d for d in session.scalars(sa.select(Duty))}
        assert duties["dossier"].met_on == TODAY
        assert duties["dossier"].open_until is None
        assert (duties["admission_decision"].started_on, duties["admission_decision"].open_until) == (TODAY, D(2025, 5, 29))
        entry = session.get(Entry, ref.id)
        assert entry is not None
        header = json.loads(entry.canonical)["header"]
        assert (entry.step, header["from"], header["to"], entry.acted_on) == ("cell_vote", "opinions_done", "cell_approved", TODAY)
        assert header["rules"]["AGE.MIN"] == "met"
        assert entry.edition == place.database.info["book"].edition
        assert header["late"] is False
        assert session.scalars(sa.select(Outbox.message_id)).all() == [f"case:{case}.2"]
        assert fold.compare(session) == []


def test_the_entry_holds_no_personal_value(place_here: World) -> None:
    with place_here.database.write() as session:
        case = place_here.case(session)
        ref = engine.advance(session, case, "cell_vote", place_here.actors["secretary"], on=TODAY, **VOTE)
        entry = session.get(Entry, ref.id)
        assert entry is not None
        for secret in ("1990-05-20", "Nông Văn", "higher"):
            assert secret not in entry.canonical


REFUSED: list[tuple[str, str, dict[str, Any], type[Exception]]] = [
    ("secretary", "cell_vote", {**VOTE, "papers": []}, StepRefused),
    ("secretary", "cell_vote", {"papers": VOTE["papers"], "second_reader": True}, StepRefused),
    ("secretary", "cell_vote", {**VOTE, "second_reader": None}, StepRefused),
    ("secretary", "cell_vote", {**VOTE, "no_conflict": False}, StepRefused),
    ("secretary", "cell_vote", {**VOTE, "ballot": {"entitled": 3, "for": 9}}, StepRefused),
    ("secretary", "cell_vote", {**VOTE, "ballot": {"for": 9}}, StepRefused),
    ("secretary", "cell_vote", {**VOTE, "ballot": {"entitled": "3", "for": 9}}, StepRefused),
    ("secretary", "cell_vote", {**VOTE, "facts": {"candidate.edu": "doctor"}}, StepRefused),
    ("secretary", "cell_vote", {**VOTE, "facts": {"certificate.issued_on": D(2024, 1, 1)}}, StepRefused),
    ("secretary", "cell_vote", {**VOTE, "facts": {"cell.official_members": 2}}, StepRefused),
    ("secretary", "cell_vote", {**VOTE, "papers": [{"kind": "no-such"}]}, StepRefused),
    ("secretary", "cell_vote", {**VOTE, "papers": [{"kind": "6-KND", "date": D(2030, 1, 1)}]}, StepRefused),
    ("secretary", "cell_vote", {**VOTE, "to": "official"}, StepRefused),
    ("secretary", "cell_vote", {**VOTE, "meeting": 99}, NotFound),
    ("secretary", "cell_vote", {**VOTE, "version": 7}, Conflict),
    ("secretary", "hold_ceremony", {}, StepRefused),
    ("secretary", "withdraw", {"ballot": CARRIED}, StepRefused),
    ("stranger", "cell_vote", VOTE, NotPermitted),
    ("inspector", "cell_vote", VOTE, NotPermitted),
    ("root", "cell_vote", VOTE, NotPermitted),
    ("secretary", "no_such_step", {}, NotFound),
    ("secretary", "return_file", {"facts": {"note.reason": "x"}}, StepRefused),
]


def test_a_refusal_writes_nothing(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session)
    with place.database.read() as session:
        before = contents(session)
    for who, step, asked, error in REFUSED:
        with pytest.raises(error), place.database.write() as session:
            engine.advance(session, case, step, place.actors[who], on=TODAY, **asked)
        with place.database.read() as session:
            assert contents(session) == before, (who, step, asked)


def test_right_before_state_before_input_before_rules_before_ballot(place_here: World) -> None:
    with place_here.database.write() as session:
        case = place_here.case(session, "cell_approved", without=("candidate.edu",))
    with place_here.database.write() as session:
        with pytest.raises(NotPermitted) as forbidden:
            engine.advance(session, case, "cell_vote", place_here.actors["signer"], on=TODAY)
        assert forbidden.value.reasons == ("not_holder",)
        assert forbidden.value.who
        with pytest.raises(StepRefused) as refused:
            engine.advance(session, case, "cell_vote", place_here.actors["secretary"], on=TODAY, second_reader=True)
        assert refused.value.refused == ("STATE", "PAPER:6-KND", "EDU.BASE", "BALLOT")


def test_asking_needs_nothing_given(place_here: World) -> None:
    with place_here.database.write() as session:
        case = place_here.case(session, without=("candidate.edu", "certificate.issued_on"))
        verdict = engine.explain(session, case, "cell_vote", place_here.actors["secretary"], on=TODAY)
        assert verdict.permission.allowed
        assert set(verdict.refused) == {"EDU.BASE", "CERT.AWARE.VALID"}
        assert {f.missing[0] for f in verdict.blocking} == {"candidate.edu", "certificate.issued_on"}
        answers = {v.step: v for v in engine.steps(session, case, place_here.actors["secretary"], on=TODAY)}
        assert answers["cell_vote"].refused == verdict.refused
        assert answers["withdraw"].possible
        assert "sub_appraise" not in answers
        assert answers["return_file"].choices == ("applying", "verifying", "verified", "introduced", "opinions_done")


def test_only_known_ids_refuse(place_here: World) -> None:
    law = place_here.database.info["book"].processes["admission"]
    with place_here.database.write() as session:
        case = place_here.case(session, without=("candidate.edu", "introducers", "certificate.issued_on"))
        for step in law.step_versions:
            for id_ in engine.explain(session, case, step, place_here.actors["secretary"], on=TODAY).refused:
                kind, _, name = id_.partition(":")
                assert kind in ("STATE", "BALLOT") or (kind == "FACT" and name in {*law.facts, "to", "act.on"}) \
                    or (kind == "PAPER" and name in law.papers) or id_ in law.rule_versions, id_


# ---- requests that come twice, versions that are old

def test_a_repeated_request_is_answered_once(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session)
    answers = []
    for _ in range(10):
        with place.database.write() as session:
            answers.append(engine.advance(session, case, "cell_vote", place.actors["secretary"], on=TODAY, request_key="một", **VOTE))
    assert len(set(answers)) == 1
    with place.database.read() as session:
        assert (version_of(session, case), entries_of(session, case)) == (2, 2)
        assert session.scalar(sa.select(sa.func.count()).select_from(RequestKey)) == 1
    for changed in ({**VOTE, "ballot": SHORT}, {**VOTE, "papers": []}, {**VOTE, "no_conflict": False}):
        with pytest.raises(Conflict), place.database.write() as session:
            engine.advance(session, case, "cell_vote", place.actors["secretary"], on=TODAY, request_key="một", **changed)
    with pytest.raises(Conflict), place.database.write() as session:
        engine.advance(session, case, "base_vote", place.actors["base"], on=TODAY, request_key="một", second_reader=True)


def test_a_refused_request_may_be_sent_again(place_here: World) -> None:
    """The key is kept with what was done, not with what was refused."""
    with place_here.database.write() as session:
        case = place_here.case(session, without=("candidate.edu",))
    for _ in range(2):
        with pytest.raises(StepRefused), place_here.database.write() as session:
            engine.advance(session, case, "cell_vote", place_here.actors["secretary"], on=TODAY, request_key="hai", **VOTE)
    with place_here.database.write() as session:
        take(session, case, "cell_vote", place_here.actors["secretary"], TODAY, request_key="hai",
             **{**VOTE, "facts": {"candidate.edu": "higher"}})


def test_an_opening_sent_twice_opens_one_case(place: World) -> None:
    with place.database.write() as session:
        subject = place.subject(session, "an", "C1")
        first = engine.advance(session, subject, "nominate", place.actors["secretary"], on=TODAY, request_key="mở")
    with place.database.write() as session:
        assert engine.advance(session, subject, "nominate", place.actors["secretary"], on=TODAY, request_key="mở") == first
    with pytest.raises(Conflict), place.database.write() as session:
        engine.advance(session, subject, "nominate", place.actors["secretary"], on=TODAY)
    with place.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Case)) == 1


def test_who_saw_an_older_version_is_told(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session)
        seen = version_of(session, case)
        records.set_facts(session, case, place.actors["secretary"], TODAY, {"candidate.edu": "lower_diploma"})
    with pytest.raises(Conflict), place.database.write() as session:
        engine.advance(session, case, "cell_vote", place.actors["secretary"], on=TODAY, version=seen, **VOTE)
    with place.database.write() as session:
        take(session, case, "cell_vote", place.actors["secretary"], TODAY, version=seen + 1, **VOTE)


# ---- days

def test_days_of_acts(place_here: World) -> None:
    with place_here.database.write() as session:
        case = place_here.case(session)
        secretary = place_here.actors["secretary"]
        for on, refused in ((TODAY + dt.timedelta(days=1), ["FACT:act.on"]), (D(2025, 1, 31), ["FACT:act.on"])):
            assert [i for i in engine.explain(session, case, "cell_vote", secretary, on=on).refused if i == "FACT:act.on"] == refused
        ref = engine.advance(session, case, "cell_vote", secretary, on=D(2025, 2, 10), **VOTE)
        entry = session.get(Entry, ref.id)
        assert entry is not None
        header = json.loads(entry.canonical)["header"]
        assert header["late"] is True
        assert entry.acted_on == D(2025, 2, 10)


def test_a_step_that_the_law_of_the_day_does_not_have(place_here: World) -> None:
    with place_here.database.write() as session:
        case = place_here.case(session, on=D(2016, 7, 1))
        verdict = engine.explain(session, case, "cell_vote", place_here.actors["secretary"], on=D(2016, 7, 24))
        assert verdict.refused == ("STATE",)
        assert verdict.judged.first_day == D(2016, 7, 25)


def test_unknown_things(place_here: World) -> None:
    with place_here.database.write() as session:
        with pytest.raises(NotFound):
            engine.explain(session, 999, "cell_vote", place_here.actors["secretary"], on=TODAY)
        with pytest.raises(NotFound):
            engine.advance(session, engine.Subject("no_such", 1, 1), "nominate", place_here.actors["secretary"], on=TODAY)


def test_a_way_back_cannot_lead_to_a_state_without_its_evidence(place_here: World) -> None:
    """A case that never was before the base committee cannot be sent back to there."""
    with place_here.database.write() as session:
        subject = place_here.subject(session, "an", "K")
        case = take(session, subject, "nominate", place_here.actors["secretary_k"], D(2024, 1, 5))
        session.connection().execute(sa.text("UPDATE admission SET decide_admission_on = '2024-06-01' WHERE case_id = :c"), {"c": case})
        session.connection().execute(sa.text("UPDATE admission SET state = 'decided' WHERE case_id = :c"), {"c": case})
        session.connection().execute(sa.text('UPDATE "case" SET state = \'decided\' WHERE id = :c'), {"c": case})
        with pytest.raises(BadInput):
            engine.advance(session, case, "annul_admission", place_here.actors["signer"], on=TODAY, to="base_approved")
        session.rollback()


# ---- what is said beforehand is what happens

FACTS = st.fixed_dictionaries({}, optional={
    "candidate.edu": st.sampled_from(["none", "primary", "lower_programme", "lower_diploma", "higher"]),
    "candidate.edu_area": st.booleans(), "cell.official_members": st.integers(1, 20),
    "candidate.former_member": st.booleans(), "readmit.reason": st.sampled_from(["struck_off", "quit", "resigned"]),
    "readmit.left_on": st.dates(D(2021, 1, 1), D(2023, 1, 1)), "readmit.before": st.integers(0, 2),
    "pop.breach_child": st.integers(1, 6), "pop.born_on": st.dates(D(2021, 1, 1), D(2025, 1, 1)),
})


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(f"sqlite:///{tmp_path_factory.mktemp('engine') / 'engine.sqlite3'}") as made:
        yield made


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(facts=FACTS, without=st.sets(st.sampled_from(["candidate.edu", "candidate.former_member", "introducers", "cell.official_members"])),
       who=st.sampled_from(["secretary", "secretary", "secretary", "committee", "base", "stranger"]),
       on=st.dates(D(2025, 2, 1), TODAY), paper=st.booleans(), votes=st.integers(0, 18), reader=st.sampled_from([True, True, None]))
def test_possible_means_it_passes(lasting: World, facts: dict[str, Any], without: set[str], who: str, on: D, paper: bool, votes: int,
                                  reader: bool | None) -> None:
    actor = lasting.actors[who]
    asked: dict[str, Any] = {"facts": facts, "ballot": {"entitled": 18, "for": votes, "against": 18 - votes},
                             "papers": VOTE["papers"] if paper else [], "second_reader": reader}
    with lasting.database.write() as session:
        case = lasting.case(session, without=tuple(without))
        told = engine.explain(session, case, "cell_vote", actor, on=on, **asked)
        before = (state_of(session, case), version_of(session, case), entries_of(session, case))
        complete = paper and reader is True
        try:
            reached = take(session, case, "cell_vote", actor, on, **asked) and state_of(session, case)
        except NotPermitted as error:
            assert error.reasons == told.permission.reasons
            reached = None
        except StepRefused as error:
            assert told.permission.allowed
            assert [i for i in error.refused if ":" not in i] == list(told.refused)
            reached = None
        assert (reached is not None) == (told.possible and complete)
        if reached:
            assert reached == ("cell_approved" if votes >= 12 else "cell_short")
            assert (version_of(session, case), entries_of(session, case)) == (before[1] + 1, before[2] + 1)
        else:
            assert (state_of(session, case), version_of(session, case), entries_of(session, case)) == before
        session.rollback()


def test_a_start_step_knows_the_person_as_later_steps_do(place_here: World) -> None:
    """A local rule may ask an age already where somebody is put forward."""
    with place_here.database.read() as session:
        verdict = engine.explain(session, place_here.subject(session, "an", "C1"), "nominate", place_here.actors["secretary"],
                                 on=place_here.clock.day)
        snapshot = engine._snapshot(session, place_here.subject(session, "an", "C1"), place_here.clock.day)
    assert verdict.state == "start"
    assert isinstance(snapshot.facts({"candidate.born_on"})["candidate.born_on"], dt.date)
