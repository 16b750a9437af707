"""What is undone is undone whole: days, duties, ballots, papers, standing; and what moves takes its people along."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench import village
from workflow import access, corrections, engine, fold, offices, people, records, sight, snapshot, tree, units
from workflow.context import Actor, book_of
from workflow.db import Database
from workflow.errors import BadInput, Conflict, NotPermitted, StepRefused
from workflow.models import Admission, AdmissionProfile, Ballot, Case, Duty, Helper, Paper, Person, UnitStrength

D = dt.date
TODAY = D(2024, 7, 1)
ROAD = {act.do: act for act in village.ROAD}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = village.opened(database_url, TODAY)
    village.build(made)
    yield made
    made.dispose()


def begin(session: Session) -> tuple[dict[str, Actor], int, int]:
    """The people in office, one case before the deciding organ, and its subject."""
    (case,) = village.at_decision(session, 1)
    return village.staff(session), case, one(session, Case, case).subject_person_id


def one(session: Session, model: Any, key: int) -> Any:
    session.expire_all()
    return session.get(model, key)


def take(session: Session, staff: Mapping[str, Actor], case: int, *names: str) -> None:
    for name in names:
        ROAD[name].take(session, case, staff)


def open_duties(session: Session, case: int) -> list[tuple[str, dt.date]]:
    """Kind and start of every period of a case that runs."""
    query = sa.select(Duty.kind, Duty.started_on).where(Duty.case_id == case, Duty.open_until.is_not(None)).order_by(Duty.id)
    return [(kind, day) for kind, day in session.execute(query)]


def whole(session: Session) -> bool:
    return fold.compare(session) == []


def test_an_annulled_admission_leaves_nothing_of_the_later_steps(database: Database) -> None:
    with database.write() as session:
        staff, case, person = begin(session)
        take(session, staff, case, "decide_admission", "receive_decision", "hold_ceremony")
        assert one(session, Person, person).standing == "probationary"
        engine.advance(session, case, "annul_admission", staff["signer"], on=D(2024, 6, 1), to="cell_approved")
        detail = one(session, Admission, case)
        assert (detail.decide_admission_on, detail.hold_ceremony_on, detail.decision_received_on) == (None, None, None)
        assert detail.base_vote_on is None and detail.cell_vote_on == D(2023, 1, 5)
        assert one(session, Person, person).standing == "none"
        assert set(session.scalars(sa.select(Ballot.void).where(Ballot.case_id == case))) == {True}
        assert set(session.scalars(sa.select(Paper.void).where(Paper.case_id == case, Paper.kind == "9-KND"))) == {True}
        # The decision is to be made again, within the period it always had.
        assert open_duties(session, case) == [("admission_decision", D(2023, 1, 5))]
        assert whole(session)


def test_what_the_undone_decision_wrote_of_the_candidate_no_longer_counts(database: Database) -> None:
    """Rows that an act adds by itself: void with the act, and written anew when it is taken again."""
    with database.write() as session:
        staff, case, _ = begin(session)

        def profiles() -> list[tuple[dt.date, bool]]:
            session.expire_all()
            rows = session.scalars(sa.select(AdmissionProfile).where(AdmissionProfile.case_id == case).order_by(AdmissionProfile.id))
            return [(row.decided_on, row.void) for row in rows]

        def counted() -> int:
            facts = snapshot.load(session, book_of(session).processes, case, TODAY).facts({"profiles"})
            return len(facts["profiles"].items)

        take(session, staff, case, "decide_admission")
        decided = ROAD["decide_admission"].on
        assert profiles() == [(decided, False)] and counted() == 1
        engine.advance(session, case, "annul_admission", staff["signer"], on=D(2024, 6, 1), to="cell_approved")
        assert profiles() == [(decided, True)] and counted() == 0
        corrections.recall(session, case, staff["signer"], D(2024, 6, 1), reason="Nhầm hồ sơ")
        assert profiles() == [(decided, False)] and counted() == 1
        assert whole(session)


def test_a_file_that_goes_back_to_the_cell_runs_on_its_twelve_months(database: Database) -> None:
    with database.write() as session:
        subject, staff = village.candidates(session, 1)[0], village.staff(session)
        case = village.case_of(village.OPENING.take(session, subject, staff))
        for act in village.ROAD[1:11]:
            act.take(session, case, staff)
        assert "dossier" not in dict(open_duties(session, case))
        engine.advance(session, case, "return_file", staff["base"], on=D(2023, 2, 20), to="opinions_done",
                       facts={"note.reason": "thiếu biên bản"})
        assert dict(open_duties(session, case))["dossier"] == D(2022, 9, 5)
        assert "admission_decision" not in dict(open_duties(session, case))
        engine.advance(session, case, "cell_vote", staff["secretary"], on=D(2023, 3, 1), ballot=ROAD["cell_vote"].ballot,
                       papers=[{"kind": "6-KND"}], second_reader=True)
        assert "dossier" not in dict(open_duties(session, case))
        assert whole(session)


def test_who_withdraws_in_probation_is_no_member(database: Database) -> None:
    with database.write() as session:
        staff, case, person = begin(session)
        take(session, staff, case, "decide_admission", "receive_decision", "hold_ceremony")
        engine.advance(session, case, "withdraw", staff["secretary"], on=D(2024, 6, 1))
        assert one(session, Person, person).standing == "none"


def test_a_closed_case_does_not_come_back_beside_an_open_one(database: Database) -> None:
    with database.write() as session:
        staff, case, person = begin(session)
        engine.advance(session, case, "withdraw", staff["secretary"], on=D(2024, 6, 1))
        cell = one(session, Case, case).unit_id
        engine.advance(session, engine.Subject("admission", cell, person), "nominate", staff["secretary"], on=D(2024, 6, 2))
    with pytest.raises(Conflict, match="đã có một hồ sơ đang mở"), database.write() as session:
        engine.advance(session, case, "reopen", staff["secretary"], on=D(2024, 6, 3))
    with database.read() as session:
        assert one(session, Case, case).state == "withdrawn"
        assert whole(session)


def test_a_tie_is_not_shed_by_a_substitute(database: Database) -> None:
    with database.write() as session:
        staff, case, person = begin(session)
        deputy = people.person_id(session, village.HELPER)
        held = offices.offices_of(session, staff["signer"].person_id or 0, TODAY)[0]
        offices.grant_substitution(session, None, village.STARTED, office=held.office_id, person=deputy or 0,
                                   since=D(2023, 1, 1), until=D(2024, 12, 31))
        people.declare_conflict(session, None, TODAY, person=person, other=staff["signer"].person_id or 0, tie="chú")
    act = ROAD["decide_admission"]
    for behalf in (None, staff["signer"].person_id):
        with pytest.raises(NotPermitted) as refused, database.write() as session:
            engine.advance(session, case, act.do, Actor(staff["signer"].account_id, deputy), on=act.on, ballot=act.ballot,
                           papers=[{"kind": "9-KND"}], second_reader=True, on_behalf_of=behalf)
        assert refused.value.reasons == ("relative",)


def test_nobody_types_in_what_an_office_signed_that_is_none_of_his_staffs(database: Database) -> None:
    """A right of one's own to a step is none to sign it in the name of another organ."""
    with database.write() as session:
        staff, case, _ = begin(session)
        verdict = engine.explain(session, case, "withdraw", staff["secretary"], on=TODAY, signatory=staff["signer"].person_id)
        assert verdict.permission.reasons == ("not_recorder",)
        assert engine.explain(session, case, "withdraw", staff["secretary"], on=TODAY).permission.allowed


def test_no_second_reader_is_none_however_it_is_said(database: Database) -> None:
    with database.write() as session:
        staff, case, _ = begin(session)
    act = ROAD["decide_admission"]
    for nobody in (None, False):
        with pytest.raises(StepRefused) as refused, database.write() as session:
            engine.advance(session, case, act.do, staff["signer"], on=act.on, ballot=act.ballot, papers=[{"kind": "9-KND"}],
                           second_reader=nobody)
        assert refused.value.refused == ("FACT:second_reader",)


def test_a_transfer_takes_the_person_along_and_leaves_the_helper(database: Database) -> None:
    with database.write() as session:
        staff, case, person = begin(session)
        units.found(session, None, village.FOUNDED, code="C2", name="Chi bộ thôn Bản Pục", kind="cell", parent="X")
        there = tree.unit_id(session, "C2") or 0
        offices.grant_office(session, None, village.STARTED, person=staff["school"].person_id or 0, role="cell_secretary", unit="C2")
        take(session, staff, case, "decide_admission", "receive_decision")
        helper = people.person_id(session, village.HELPER)
        engine.advance(session, case, "hold_ceremony", staff["secretary"], on=D(2023, 4, 10), facts={"helper.person": helper})
        engine.advance(session, case, "send_transfer", staff["secretary"], on=D(2023, 6, 1), facts={"transfer.to_unit": there})
        assert one(session, Case, case).resume_state == "probationary"
        engine.advance(session, case, "accept_transfer", staff["school"], on=D(2023, 6, 20), facts={"cell.official_members": 7})
        moved = one(session, Case, case)
        assert (moved.state, moved.resume_state, moved.unit_id) == ("probationary", None, there)
        assert one(session, Person, person).unit_id == there
        assert session.scalars(sa.select(Helper.to_on).where(Helper.case_id == case)).all() == [D(2023, 6, 19)]
        assert session.execute(sa.select(UnitStrength.unit_id, UnitStrength.official).where(
            UnitStrength.as_of == D(2023, 6, 20))).all() == [(there, 7)]
        assert set(session.scalars(sa.select(Duty.unit_id).where(Duty.case_id == case, Duty.open_until.is_not(None)))) == {there}
        assert whole(session)


def test_closed_cases_of_a_merged_cell_stay_in_sight_and_open_ones_follow(database: Database) -> None:
    with database.write() as session:
        staff, closed, _ = begin(session)
        _, running, _ = begin(session)
        engine.advance(session, closed, "withdraw", staff["secretary"], on=D(2024, 1, 5))
        units.merge(session, None, D(2024, 5, 1), units=["C1"], into="C9", name="Chi bộ liên thôn", kind="cell", parent="X")
        new = people.add_person(session, None, TODAY, full_name="Triệu Thị Khuyên")
        offices.grant_office(session, None, D(2024, 5, 1), person=new, role="cell_secretary", unit="C9")
    with database.read() as session:
        for person in (new, staff["officer"].person_id, staff["signer"].person_id):
            actor = Actor(99, person)
            seen = sa.select(Case.id).where(access.visible_cases(actor, book_of(session), TODAY)).order_by(Case.id)
            assert session.scalars(seen).all() == [closed, running]
            old = snapshot.load(session, book_of(session).processes, closed, TODAY)
            assert "history" in sight.sections(sight.roles_on(session, actor, old, TODAY))
        stranger = Actor(99, people.person_id(session, village.HELPER))
        assert session.scalars(sa.select(Case.id).where(access.visible_cases(stranger, book_of(session), TODAY))).all() == []
        # A paper of the former cell's time can no longer be judged where the case stands now.
        assert "FACT:act.on" in engine.explain(session, running, "withdraw", Actor(1, new), on=D(2024, 4, 30)).refused


def test_no_case_is_opened_where_no_unit_is(database: Database) -> None:
    with database.write() as session:
        (subject,), staff = village.candidates(session, 1), village.staff(session)
        units.found(session, None, village.FOUNDED, code="C2", name="Chi bộ thôn Bản Pục", kind="cell", parent="X")
        units.end(session, None, D(2024, 5, 31), unit="C1", successor="C2")
    for day in (D(2024, 6, 1), D(2009, 12, 31)):
        with pytest.raises(BadInput, match="không hoạt động"), database.write() as session:
            engine.advance(session, subject, "nominate", staff["officer"], on=day)


def test_a_paper_is_corrected_by_who_typed_it_and_keeps_no_personal_words(database: Database) -> None:
    with database.write() as session:
        staff, case, _ = begin(session)
        take(session, staff, case, "decide_admission")
        paper = session.scalars(sa.select(Paper.id).where(Paper.case_id == case, Paper.kind == "9-KND")).one()
        take(session, staff, case, "receive_decision")
    with pytest.raises(NotPermitted), database.write() as session:  # who typed another entry of the case did not type this
        corrections.correct_paper(session, paper, staff["secretary"], TODAY, {"number": "13"}, reason="gõ nhầm")
    with pytest.raises(BadInput), database.write() as session:
        corrections.correct_paper(session, paper, staff["signer"], TODAY + dt.timedelta(1), {"number": "13"}, reason="gõ nhầm")
    with database.write() as session:
        corrections.correct_paper(session, paper, staff["signer"], TODAY, {"number": "13"}, reason="gõ nhầm")
        assert one(session, Paper, paper).number == "13"
        personal = next(kind for kind, law in book_of(session).process("admission").papers.items() if law.personal)
    with pytest.raises(StepRefused) as refused, database.write() as session:
        engine.advance(session, case, "hold_ceremony", staff["secretary"], on=D(2023, 4, 10),
                       papers=[{"kind": personal, "extract": "nội dung lý lịch"}])
    assert f"PAPER:{personal}" in refused.value.refused


def test_what_followed_from_an_act_on_the_organisation_is_not_recalled(database: Database) -> None:
    with database.write() as session:
        staff, case, _ = begin(session)
        officer = staff["officer"]
        units.merge(session, officer, D(2024, 5, 1), units=["C1"], into="C9", name="Chi bộ liên thôn", kind="cell", parent="X")
    with pytest.raises(BadInput, match="không thu hồi được"), database.write() as session:
        corrections.recall(session, case, officer, TODAY, reason="ghi nhầm")


@pytest.mark.parametrize(("paper", "ballot"), [
    ({"number": "0\x001"}, {}), ({"number": 12}, {}), ({"date": "2023-03-15"}, {}), ({"issuer": "H"}, {}), ({"extract": "x" * 3000}, {}),
    ({}, {"entitled": 10**20}), ({}, {"for": "9"})])
def test_what_no_database_can_keep_is_refused_in_words(database: Database, paper: dict[str, Any], ballot: dict[str, Any]) -> None:
    with database.write() as session:
        staff, case, _ = begin(session)
    act = ROAD["decide_admission"]
    with pytest.raises(StepRefused) as refused, database.write() as session:
        engine.advance(session, case, act.do, staff["signer"], on=act.on, ballot={**(act.ballot or {}), **ballot},
                       papers=[{"kind": "9-KND", **paper}], second_reader=True)
    assert refused.value.refused == (("PAPER:9-KND",) if paper else ("BALLOT",))


def test_a_reason_no_database_can_keep_is_refused(database: Database) -> None:
    with database.write() as session:
        staff, case, _ = begin(session)
        told = engine.explain(session, case, "withdraw", staff["secretary"], on=TODAY, facts={"note.reason": "vì\x00"})
    assert told.refused == ("FACT:note.reason",)


def test_each_fact_asks_for_its_own_right(database: Database) -> None:
    with database.write() as session:
        staff, case, _ = begin(session)
    school, day = staff["school"], D(2023, 1, 1)
    with database.write() as session:
        records.set_facts(session, case, school, TODAY, {"certificate.issued_on": day})
    with pytest.raises(NotPermitted), database.write() as session:
        records.set_facts(session, case, school, TODAY, {"certificate.issued_on": day, "cv.certified_on": day})
    with pytest.raises(NotPermitted), database.write() as session:
        records.set_facts(session, case, school, TODAY, {})


def test_a_fact_that_a_state_rests_on_is_not_cleared(database: Database) -> None:
    with database.write() as session:
        subject, staff = village.candidates(session, 1)[0], village.staff(session)
        case = village.case_of(village.OPENING.take(session, subject, staff))
        for act in village.ROAD[1:4]:
            act.take(session, case, staff)
    with pytest.raises(BadInput, match="Trạng thái hiện nay"), database.write() as session:
        records.set_facts(session, case, staff["secretary"], TODAY, {"certificate.issued_on": None})
