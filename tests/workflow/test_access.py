"""Who may do what, and who sees what: denied unless the law files grant it."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.workflow.caseworld import ENDS, PEOPLE, SINCE, TODAY, VOTE, World, contents, take, world
from workflow import access, engine, offices, people, records, sight, units
from workflow.context import book_of
from workflow.errors import BadInput, Conflict, NotPermitted
from workflow.models import Case, Helper, Office
from workflow.snapshot import load

D = dt.date


@pytest.fixture
def place(database_url: str) -> Iterator[World]:
    with world(database_url) as made:
        yield made


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that the tests only ask, or roll back."""
    with world(f"sqlite:///{tmp_path_factory.mktemp('access') / 'access.sqlite3'}") as made:
        yield made


def seen(session: Session, place: World, who: str, on: D = TODAY) -> set[int]:
    condition = access.visible_cases(place.actors[who], book_of(session), on)
    return set(session.scalars(sa.select(Case.id).where(condition)))


def permitted(session: Session, place: World, case: int | engine.Subject, step: str, on: D = TODAY, **asked: Any) -> set[str]:
    return {who for who in place.actors if engine.explain(session, case, step, place.actors[who], on=on, **asked).permission.allowed}


# ---- who sees which case

def test_scope_follows_offices(place: World) -> None:
    with place.database.write() as session:
        one = place.case(session, who="an", unit="C1", facts={"helper.person": place.people["helper"]})
        two = place.case(session, who="binh", unit="C2")
        other = place.case(session, who="deputy", unit="C3")
        for who, cases in {
            "secretary": {one}, "committee": {one}, "secretary2": {two}, "secretary3": {other}, "secretary_k": set(),
            "sub": {two}, "officer": {one, two}, "base": {one, two}, "base2": {other},
            "board": {one, two, other}, "head": {one, two, other}, "signer": {one, two, other}, "inspector": {one, two, other},
            "school": {one, two, other}, "helper": {one}, "stranger": set(), "an": set(), "keeper": set(), "root": set(), "union": set(),
        }.items():
            assert seen(session, place, who) == cases, who
        assert seen(session, place, "board", ENDS + dt.timedelta(days=1)) == set()
        assert seen(session, place, "secretary", SINCE - dt.timedelta(days=1)) == set()


def test_scope_ends_with_the_office_and_with_the_help(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session, facts={"helper.person": place.people["helper"]})
        records.replace_helper(session, case, place.actors["secretary"], TODAY, place.people["deputy"])
        office = session.scalars(sa.select(Office.id).where(Office.person_id == place.people["officer"])).one()
        offices.end_office(session, None, TODAY, office=office)
        assert seen(session, place, "helper") == set()
        assert seen(session, place, "helper", TODAY - dt.timedelta(days=1)) == {case}
        assert seen(session, place, "deputy") == {case}
        assert seen(session, place, "officer") == {case}
        assert seen(session, place, "officer", TODAY + dt.timedelta(days=1)) == set()


def test_who_opened_a_case_and_who_awaits_it_see_it(place: World) -> None:
    with place.database.write() as session:
        subject = place.subject(session, "an", "C1")
        case = take(session, subject, "nominate", place.actors["union"], TODAY)
        assert seen(session, place, "union") == {case}
        assert seen(session, place, "secretary3") == set()
        target = place.subject(session, "an", "C3").unit_id
        take(session, case, "send_transfer", place.actors["secretary"], TODAY, facts={"transfer.to_unit": target})
        assert seen(session, place, "secretary3") == {case}
        assert seen(session, place, "base2") == {case}
        take(session, case, "accept_transfer", place.actors["secretary3"], TODAY)
        assert seen(session, place, "secretary3") == {case}
        assert seen(session, place, "secretary") == set()


def test_scope_moves_with_the_units(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session)
        units.move(session, None, TODAY, unit="C1", parent="X2")
        assert seen(session, place, "base2") == {case}
        assert seen(session, place, "base") == set()
        assert seen(session, place, "base", TODAY - dt.timedelta(days=1)) == {case}


def test_a_substitute_sees_for_his_time(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session)
        office = session.scalars(sa.select(Office.id).where(Office.person_id == place.people["secretary"])).one()
        offices.grant_substitution(session, None, TODAY, office=office, person=place.people["deputy"], since=D(2025, 3, 5), until=D(2025, 3, 9))
        for on, sees in ((D(2025, 3, 4), set()), (D(2025, 3, 5), {case}), (D(2025, 3, 9), {case}), (D(2025, 3, 10), set())):
            assert seen(session, place, "deputy", on) == sees


# ---- who sees which part

def test_sections_by_role(still: World) -> None:
    assert sight.sections(frozenset({"sponsor"})) == {"stage", "person", "reports"}
    assert not sight.sections(frozenset({"sponsor"})) & {"verification", "opinions", "values", "votes"}
    assert sight.sections(frozenset({"sponsor", "cell_secretary"})) == set(sight.SECTIONS)
    assert sight.sections(frozenset()) == {"stage"}
    assert sight.sections(frozenset({"administrator"})) == frozenset()
    book = still.database.info["book"]
    assert set(sight.TABLE) - {"opener"} <= {*book.offices, *book.relations}
    assert {role for role, office in book.offices.items() if office.reads == "none"} & set(sight.TABLE) == set()


def test_roles_on_a_case(still: World) -> None:
    with still.database.write() as session:
        case = still.case(session, facts={"helper.person": still.people["helper"]})
        found = load(session, book_of(session).processes, case, TODAY)
        for who, roles in {"secretary": {"cell_secretary"}, "board": {"board_officer"}, "helper": {"sponsor"}, "stranger": set(),
                           "secretary3": set(), "root": set()}.items():
            assert sight.roles_on(session, still.actors[who], found, TODAY) == roles
        session.rollback()


# ---- who may take which step

@pytest.mark.parametrize(("state", "step", "unit", "who"), [
    ("opinions_done", "cell_vote", "C1", {"secretary"}),
    ("cell_approved", "base_vote", "C1", {"base"}),
    ("cell_approved", "sub_appraise", "C2", {"sub"}),
    ("cell_approved", "sub_appraise", "C1", set()),
    ("base_approved", "decide_admission", "C1", {"signer"}),
    ("base_approved", "decide_admission", "K", {"signer"}),
    ("verifying", "conclude_verification", "C1", {"officer", "base"}),
    ("verifying", "conclude_verification", "K", {"secretary_k"}),
    ("introduced", "complete_opinions", "C1", {"secretary", "committee"}),
    ("source_listed", "record_certificate", "C1", {"secretary", "officer", "board", "school"}),
    ("base_approved", "return_file", "C1", {"secretary", "officer", "base", "board", "head", "signer"}),
    ("decided", "agree_late_ceremony", "C1", {"base", "signer"}),
    ("applying", "withdraw", "C3", {"secretary3", "base2"}),
])
def test_rights_of_a_step(still: World, state: str, step: str, unit: str, who: set[str]) -> None:
    with still.database.write() as session:
        case = still.case(session, state, unit=unit)
        found = permitted(session, still, case, step)
        assert who <= found
        assert found <= who | {"signer", "base", "officer", "secretary"} if step == "withdraw" else found == who
        session.rollback()


def test_opening_a_case(still: World) -> None:
    with still.database.write() as session:
        subject = still.subject(session, "an", "C1")
        assert permitted(session, still, subject, "nominate") == {"union", "secretary", "officer"}
        session.rollback()


def test_nobody_without_an_office_may_do_anything(still: World) -> None:
    law = still.database.info["book"].processes["admission"]
    with still.database.write() as session:
        case = still.case(session)
        for step in law.step_versions:
            for who in ("stranger", "inspector", "keeper", "root", "an"):
                assert not engine.explain(session, case, step, still.actors[who], on=TODAY).permission.allowed, (step, who)
        session.rollback()


def test_an_office_of_yesterday_signs_no_more_and_types_no_more(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session)
        office = session.scalars(sa.select(Office.id).where(Office.person_id == place.people["secretary"])).one()
        offices.end_office(session, None, D(2025, 3, 1), office=office)
        old = place.actors["secretary"]
        assert engine.explain(session, case, "cell_vote", old, on=TODAY).permission.reasons == ("not_holder",)
        # He held it on that day, so he could sign; but he may type in nothing today.
        assert engine.explain(session, case, "cell_vote", old, on=D(2025, 2, 20)).permission.reasons == ("not_holder",)
        typed = engine.explain(session, case, "cell_vote", place.actors["committee"], on=D(2025, 2, 20),
                               signatory=place.people["secretary"])
        assert typed.permission.allowed
        late = engine.explain(session, case, "cell_vote", place.actors["committee"], on=TODAY, signatory=place.people["secretary"])
        assert late.permission.reasons == ("not_holder",)


@pytest.mark.parametrize(("recorder", "allowed"), [("signer", True), ("board", True), ("head", True), ("inspector", False), ("secretary", False),
                                                   ("officer", False), ("stranger", False)])
def test_who_types_in_what_the_standing_board_signed(still: World, recorder: str, allowed: bool) -> None:
    with still.database.write() as session:
        case = still.case(session, "base_approved")
        verdict = engine.explain(session, case, "decide_admission", still.actors[recorder], on=TODAY, signatory=still.people["signer"])
        assert verdict.permission.allowed is allowed
        assert verdict.permission.reasons == (() if allowed else ("not_recorder",))
        session.rollback()


def test_what_must_not_be_in_one_hand(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session, "verifying", facts={"helper.person": place.people["officer"]})
        assert engine.explain(session, case, "conclude_verification", place.actors["officer"], on=TODAY).permission.reasons == ("related",)
        assert engine.explain(session, case, "conclude_verification", place.actors["base"], on=TODAY).permission.allowed
        own = place.case(session, who="base", unit="C1")
        assert engine.explain(session, own, "redo_papers", place.actors["base"], on=TODAY).permission.reasons == ("own_case",)
        people.declare_conflict(session, None, TODAY, person=place.people["an"], other=place.people["base"], tie="con rể")
        assert engine.explain(session, case, "conclude_verification", place.actors["base"], on=TODAY).permission.reasons == ("relative",)


def test_a_relative_named_in_the_dossier_may_not_act(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session)
        records.put_row(session, case, place.actors["officer"], TODAY, "relatives", {"kind": "father", "person_id": place.people["secretary"]})
        assert engine.explain(session, case, "cell_vote", place.actors["secretary"], on=TODAY).permission.reasons == ("relative",)
        with pytest.raises(NotPermitted):
            engine.advance(session, case, "cell_vote", place.actors["secretary"], on=TODAY, **VOTE)


def test_typing_in_does_not_make_a_personal_act(place: World) -> None:
    """Who typed the resolution of the cell may sign the decision; who signed the resolution may not."""
    with place.database.write() as session:
        offices.grant_office(session, None, SINCE, person=place.people["committee"], role="standing_board_signer", unit="H", since=SINCE, until=ENDS)
        offices.grant_office(session, None, SINCE, person=place.people["secretary"], role="standing_board_signer", unit="H", since=SINCE, until=ENDS)
        case = place.case(session)
        take(session, case, "cell_vote", place.actors["committee"], TODAY, signatory=place.people["secretary"], **VOTE)
        assert engine.explain(session, case, "decide_admission", place.actors["committee"], on=TODAY).permission.allowed
        assert engine.explain(session, case, "decide_admission", place.actors["secretary"], on=TODAY).permission.reasons == ("apart",)


def test_acting_on_behalf(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session)
        office = session.scalars(sa.select(Office.id).where(Office.person_id == place.people["secretary"])).one()
        offices.grant_substitution(session, None, TODAY, office=office, person=place.people["deputy"], since=TODAY, until=TODAY)
        deputy = place.actors["deputy"]
        plain = engine.explain(session, case, "cell_vote", deputy, on=TODAY).permission
        assert (plain.allowed, plain.on_behalf_of, plain.office_id) == (True, place.people["secretary"], office)
        assert not engine.explain(session, case, "cell_vote", deputy, on=TODAY, on_behalf_of=place.people["base"]).permission.allowed
        # A tie of the one he stands in for binds him too, named or not.
        people.declare_conflict(session, None, TODAY, person=place.people["an"], other=place.people["secretary"], tie="anh")
        for behalf in (place.people["secretary"], None):
            assert engine.explain(session, case, "cell_vote", deputy, on=TODAY, on_behalf_of=behalf).permission.reasons == ("relative",)


# ---- records beside the steps

def test_records_need_the_office_that_supplies_them(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session)
    writes: list[Any] = [
        lambda s, who: records.set_facts(s, case, place.actors[who], TODAY, {"certificate.issued_on": D(2024, 1, 1)}),
        lambda s, who: records.put_row(s, case, place.actors[who], TODAY, "opinions", {"source": "mass"}),
        lambda s, who: records.declare(s, case, place.actors[who], TODAY, "introducers", complete=False),
        lambda s, who: records.put_paper(s, case, place.actors[who], TODAY, kind="5-KND", number="1"),
        lambda s, who: records.replace_helper(s, case, place.actors[who], TODAY, place.people["helper"]),
    ]
    with place.database.read() as session:
        before = contents(session)
    for write in writes:
        for who in ("stranger", "inspector", "secretary3", "an", "root"):
            with pytest.raises(NotPermitted), place.database.write() as session:
                write(session, who)
    with place.database.read() as session:
        assert contents(session) == before
    for write in writes:
        with place.database.write() as session:
            write(session, "secretary")


def test_records_refuse_what_cannot_be(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session)
        secretary = place.actors["secretary"]
        for facts in ({"no.such": 1}, {"candidate.edu": "doctor"}, {"certificate.issued_on": D(2026, 1, 1)}, {"case.state": "official"}):
            with pytest.raises(BadInput):
                records.set_facts(session, case, secretary, TODAY, facts)
        with pytest.raises(BadInput):
            records.replace_helper(session, case, secretary, TODAY, place.people["an"])
        with pytest.raises(BadInput):
            records.put_paper(session, case, secretary, TODAY, kind="no-such")
        with pytest.raises(Conflict):
            records.set_facts(session, case, secretary, TODAY, {"candidate.edu": "higher"}, version=99)
        take(session, case, "withdraw", secretary, TODAY)
        with pytest.raises(BadInput):
            records.set_facts(session, case, secretary, TODAY, {"candidate.edu": "higher"})


def test_an_accepted_transfer_keeps_the_former_helper_in_the_record(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session, "source_listed", facts={"helper.person": place.people["helper"]})
        take(session, case, "send_transfer", place.actors["secretary"], TODAY,
             facts={"transfer.to_unit": place.subject(session, "an", "C3").unit_id})
        take(session, case, "accept_transfer", place.actors["secretary3"], TODAY, facts={"helper.person": place.people["deputy"]})
        rows = {h.person_id: (h.from_on, h.to_on) for h in session.scalars(sa.select(Helper).where(Helper.case_id == case))}
        assert rows == {place.people["helper"]: (D(2025, 2, 1), TODAY - dt.timedelta(days=1)), place.people["deputy"]: (TODAY, None)}


def test_every_office_of_the_tests_is_one_of_the_law(still: World) -> None:
    assert {office[0] for office in PEOPLE.values() if office} <= set(still.database.info["book"].offices)
