"""Consolidation through the engine: who may have no hand in a verdict, what acts add by themselves, plans that are renewed,
cases that are opened beside another, and the unit's own rating."""
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.workflow import weakworld as weak
from tests.workflow.caseworld import World, contents, entries_of, state_of, take
from workflow import (
    corrections,
    engine,
    export,
    fold,
    offices,
    planview,
    ratings,
    records,
    snapshot,
    units,
    verify,
)
from workflow.canonical import canonical, digest
from workflow.context import book_of
from workflow.errors import BadInput, Conflict, NotFound, NotPermitted, StepRefused
from workflow.models import (
    Case,
    Consolidation,
    Duty,
    Measure,
    Office,
    PlanExtension,
    PlanVersion,
    Rating,
    TeamMember,
    UnitProblem,
)

D = dt.date
VERDICT = D(2025, 2, 3)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with weak.weak_world(database_url) as made:
        yield made


def rows(session: Session, model: Any, case: int) -> list[Any]:
    session.expire_all()
    return list(session.scalars(sa.select(model).where(model.case_id == case).order_by(model.id)))


def detail(session: Session, case: int) -> Consolidation:
    session.expire_all()
    found = session.get(Consolidation, case)
    assert found is not None
    return found


def whole(world: World) -> None:
    """The tables are what the journal makes them, and the audit finds nothing."""
    with world.database.read() as session:
        assert fold.compare(session) == []
    assert [str(finding) for finding in verify.Audit().findings(export.lines(world.database))] == []


def awaiting(session: Session, world: World, rank: int = 3) -> int:
    """A case that waits for its verdict, and the rating it waited for."""
    case = weak.walk(session, world, "close_period")
    weak.rate(session, "X", 2024, rank, D(2025, 1, 10))
    return case


def facts_of(session: Session, case: int, on: D = VERDICT) -> dict[str, Any]:
    return snapshot.load(session, book_of(session).processes, case, on).facts()


# ---- who may have no hand in it

@pytest.mark.parametrize("who", [weak.HEAD, weak.MEMBER, weak.CADRE])
def test_whoever_works_on_a_plan_has_no_hand_in_its_verdict(world: World, who: str) -> None:
    recognise = {"facts": {"problems": weak.NONE}}
    with world.database.write() as session:
        case = awaiting(session, world)
        offices.grant_office(session, None, D(2020, 1, 1), person=world.people[who], role="standing_board_signer", unit="H")
        # Neither by signing, nor by typing for who signs, nor where another signs and he is substituted.
        for given in ({}, {"signatory": world.people["signer"]}):
            with pytest.raises(NotPermitted) as error:
                take(session, case, "recognise_recovery", world.actors[who], VERDICT, **recognise, **given)
            assert "related" in error.value.reasons
        office = session.scalars(sa.select(Office.id).where(Office.person_id == world.people[who])).one()
        offices.grant_substitution(session, None, D(2025, 1, 1), office=office, person=world.people["secretary3"],
                                   since=D(2025, 1, 1), until=D(2025, 3, 31))
        with pytest.raises(NotPermitted) as error:
            take(session, case, "recognise_recovery", world.actors["secretary3"], VERDICT, **recognise)
        assert error.value.reasons == ("related",)
        # Another step asks nothing of the kind.
        verdict = engine.explain(session, case, "extend_plan", world.actors[who], on=VERDICT)
        assert "related" not in verdict.permission.reasons
        take(session, case, "recognise_recovery", world.actors["deputy"], VERDICT, **recognise)
    whole(world)


def test_a_cadre_who_went_back_is_barred_all_the_same(world: World) -> None:
    with world.database.write() as session:
        case = awaiting(session, world)
        cadre = {"person": world.people["deputy"], "from_on": D(2024, 3, 1), "returned_on": D(2024, 12, 1)}
        records.put_row(session, case, world.actors["board"], VERDICT, "cadres", cadre)
        assert engine.explain(session, case, "recognise_recovery", world.actors["deputy"], on=VERDICT).permission.reasons == ("related",)


def test_who_drafted_does_not_list(world: World) -> None:
    with world.database.write() as session:
        offices.grant_office(session, None, D(2020, 1, 1), person=world.people["board"], role="standing_board_signer", unit="H")
        case = weak.walk(session, world, "open_screening")
        for given in ({}, {"signatory": world.people["signer"]}):
            with pytest.raises(NotPermitted) as error:
                take(session, case, "approve_list", world.actors["board"], D(2024, 2, 15), **given)
            assert error.value.reasons == ("apart",)
        take(session, case, "approve_list", world.actors["signer"], D(2024, 2, 15))


def test_nobody_decides_over_the_unit_in_which_he_holds_an_office(world: World) -> None:
    with world.database.write() as session:
        case = awaiting(session, world)
        offices.grant_office(session, None, D(2025, 1, 1), person=world.people["deputy"], role="base_officer", unit="X")
        with pytest.raises(NotPermitted) as error:
            take(session, case, "recognise_recovery", world.actors["deputy"], VERDICT, facts={"problems": weak.NONE})
        assert error.value.reasons == ("own_case",)


# ---- what acts add by themselves

def test_issuing_and_extending_leave_versions_of_the_plan(world: World) -> None:
    with world.database.write() as session:
        case = awaiting(session, world, rank=2)
        take(session, case, "extend_plan", world.actors["signer"], VERDICT, facts={"plan.target_rank": 4, "note.reason": "Còn chuyển biến"})
        first, second = rows(session, PlanVersion, case)
        assert (first.no, first.issued_on, first.target_rank, first.until_on, first.step) == (1, D(2024, 3, 1), 3, D(2025, 3, 1), "issue_plan")
        assert (second.no, second.issued_on, second.target_rank, second.until_on, second.step) == (2, VERDICT, 4, D(2026, 2, 3), "extend_plan")
        assert second.oversight_id == world.people[weak.OVERSEER]
        assert [(row.decided_on, row.void) for row in rows(session, PlanExtension, case)] == [(VERDICT, False)]
        assert detail(session, case).plan_no == 2
        found = facts_of(session, case)
        assert len(found["plans"].items) == 2 and found["plans"].declared
        assert [dict(item) for item in found["extensions"].items] == [{"decided_on": VERDICT}]
    whole(world)


def test_a_second_extension_needs_stronger_measures_instead(world: World) -> None:
    with world.database.write() as session:
        case = awaiting(session, world, rank=2)
        take(session, case, "extend_plan", world.actors["signer"], VERDICT)
        take(session, case, "start_work", world.actors[weak.HEAD], D(2025, 2, 10))
        take(session, case, "close_period", world.actors["signer"], D(2025, 2, 20))
        with pytest.raises(StepRefused) as error:
            take(session, case, "extend_plan", world.actors["signer"], D(2025, 3, 3))
        assert error.value.refused == ("CON-EXTEND-MAX",)
        take(session, case, "escalate", world.actors["signer"], D(2025, 3, 3))


def test_a_recalled_extension_leaves_the_plan_as_it_was(world: World) -> None:
    with world.database.write() as session:
        case = awaiting(session, world, rank=2)
        before = (detail(session, case).plan_until, facts_of(session, case)["measures"])
        take(session, case, "extend_plan", world.actors["signer"], VERDICT)
        corrections.recall(session, case, world.actors["signer"], VERDICT, reason="Nhầm hồ sơ")
        assert (detail(session, case).plan_until, facts_of(session, case)["measures"]) == before
        assert detail(session, case).plan_no == 1 and detail(session, case).extend_plan_on is None
        assert rows(session, PlanExtension, case) == [] and len(rows(session, PlanVersion, case)) == 1
        assert {row.plan_no for row in rows(session, Measure, case)} == {1}
        take(session, case, "extend_plan", world.actors["deputy"], VERDICT)
    whole(world)


# ---- plans that are renewed

def test_the_next_plan_takes_its_measures_over(world: World) -> None:
    with world.database.write() as session:
        case = awaiting(session, world, rank=2)
        key = rows(session, Measure, case)[0].id
        records.put_row(session, case, world.actors["officer"], D(2024, 5, 6), "measures", {"done_on": D(2024, 5, 6)}, key=key)
        take(session, case, "extend_plan", world.actors["signer"], VERDICT)
        one, two, three, four = rows(session, Measure, case)
        assert [(m.plan_no, m.origin_id, m.owner_id, m.done_on) for m in (three, four)] == [
            (2, one.id, one.owner_id, D(2024, 5, 6)), (2, two.id, two.owner_id, None)]
        assert len(facts_of(session, case)["measures"].items) == 2, "rules see the plan in force alone"
        # What the former plan held is history; what the new one holds can change.
        with pytest.raises(NotFound):
            records.put_row(session, case, world.actors["officer"], VERDICT, "measures", {"done_on": VERDICT}, key=two.id)
        records.put_row(session, case, world.actors["officer"], VERDICT, "measures", {"done_on": VERDICT}, key=four.id)
        assert [m.done_on for m in rows(session, Measure, case)] == [D(2024, 5, 6), None, D(2024, 5, 6), VERDICT]
    whole(world)


# ---- cases beside a case

def merged(session: Session, world: World) -> tuple[int, int]:
    """A case at work, its unit merged into another base committee; the case and the successor."""
    case = weak.walk(session, world, "start_work")
    world.clock.day = D(2024, 4, 2)
    units.merge(session, None, D(2024, 4, 1), units=["X"], into="X2")
    return case, weak.subject(session, "X2").unit_id


def test_a_successor_goes_on_with_plan_team_and_periods(world: World) -> None:
    with world.database.write() as session:
        case, heir = merged(session, world)
        standing = {(d.kind, d.started_on, d.due_on) for d in rows(session, Duty, case) if d.open_until}
        given = {"facts": {"reorganise.continues": True, "reorganise.successor": heir}}
        take(session, case, "reorganise", world.actors["signer"], D(2024, 4, 2), **given)
        new = session.scalars(sa.select(Case).where(Case.subject_unit_id == heir)).one()
        assert (new.state, new.unit_id, new.process, new.closed_on) == ("in_progress", heir, "consolidation", None)
        old = session.get(Case, case)
        assert old is not None and (old.state, old.closed_on) == ("reorganised", D(2024, 4, 2))
        then, now = detail(session, case), detail(session, new.id)
        assert (now.continues, now.plan_no, now.issue_plan_on, now.target_rank, now.entry_rank) == (
            case, then.plan_no, then.issue_plan_on, then.target_rank, then.entry_rank)
        for model, names in ((TeamMember, ("person_id", "head")), (Measure, ("owner_id", "due_on", "plan_no")), (PlanVersion, ("no", "until_on"))):
            told = [[tuple(getattr(row, name) for name in names) for row in rows(session, model, key)] for key in (case, new.id)]
            assert told[0] == told[1] and told[0]
        assert {(d.kind, d.started_on, d.due_on) for d in rows(session, Duty, new.id) if d.open_until} == standing
        assert not [d for d in rows(session, Duty, case) if d.open_until]
        assert {d.unit_id for d in rows(session, Duty, new.id) if d.kind == "unit_report"} == {heir}
        assert entries_of(session, new.id) == 1
        with pytest.raises(BadInput):
            corrections.recall(session, case, world.actors["signer"], D(2024, 4, 2), reason="Nhầm")
        # The head of the team goes on as the head of the team.
        take(session, new.id, "close_period", world.actors["signer"], D(2024, 4, 2))
    whole(world)


def test_a_renewed_plan_goes_on_with_its_versions(world: World) -> None:
    with world.database.write() as session:
        case = awaiting(session, world, rank=2)
        take(session, case, "extend_plan", world.actors["signer"], VERDICT)
        world.clock.day = D(2025, 3, 2)
        units.merge(session, None, D(2025, 3, 1), units=["X"], into="X2")
        heir = weak.subject(session, "X2").unit_id
        take(session, case, "reorganise", world.actors["signer"], D(2025, 3, 2),
             facts={"reorganise.continues": True, "reorganise.successor": heir})
        new = session.scalars(sa.select(Case.id).where(Case.subject_unit_id == heir)).one()
        for key in (case, new):
            assert [d.fate for d in planview.compare(session, key, 2)] == ["unchanged", "unchanged"]
    whole(world)


def test_a_case_that_ends_with_its_unit_opens_none(world: World) -> None:
    with world.database.write() as session:
        case, heir = merged(session, world)
        take(session, case, "reorganise", world.actors["signer"], D(2024, 4, 2), facts={"reorganise.continues": False})
        assert session.scalars(sa.select(Case.id)).all() == [case]
        assert heir not in session.scalars(sa.select(Case.subject_unit_id)).all()
    whole(world)


def test_where_the_successor_has_a_case_nothing_is_written(world: World) -> None:
    with world.database.write() as session:
        case, heir = merged(session, world)
        weak.rate(session, "X2", 2023, 2, D(2024, 1, 10))
        other = take(session, weak.subject(session, "X2"), "open_screening", world.actors["board"], D(2024, 4, 2))
    with world.database.read() as session:
        before = contents(session)
    with pytest.raises(Conflict), world.database.write() as session:
        take(session, case, "reorganise", world.actors["signer"], D(2024, 4, 2),
             facts={"reorganise.continues": True, "reorganise.successor": heir})
    with world.database.read() as session:
        assert contents(session) == before
        assert (state_of(session, case), state_of(session, other)) == ("in_progress", "screening")


def test_a_relapse_begins_as_a_screening_does(world: World) -> None:
    with world.database.write() as session:
        case = awaiting(session, world)
        for step, by, on, facts in weak.road(world)[-2:]:
            take(session, case, step, world.actors[by], on, facts=facts)
        weak.rate(session, "X", 2024, 2, D(2025, 2, 20))  # corrected: what was recognised does not hold
        take(session, case, "reopen_as_relapse", world.actors["board"], D(2025, 3, 3))
        new = session.scalars(sa.select(Case).where(Case.closed_on.is_(None))).one()
        begun = detail(session, new.id)
        rating = session.scalars(sa.select(Rating.id).where(Rating.period_to == D(2024, 12, 31))).one()
        assert (new.state, begun.relapse_of, begun.entry_rank, begun.entry_by_flag, begun.entry_rating_id, begun.open_screening_on) == (
            "screening", case, 2, False, rating, D(2025, 3, 3))
        assert rows(session, TeamMember, new.id) == [] and begun.issue_plan_on is None
        assert [d.kind for d in rows(session, Duty, new.id)] == ["screening"]
    whole(world)


def _edited(change: Callable[[dict[str, Any]], object], step: bool) -> Callable[[dict[str, Any]], None]:
    """The header of the step that opened another case (or of that case's first entry) is changed as a forger would."""
    def forge(line: dict[str, Any]) -> None:
        said = json.loads(line["canonical"])
        if ("opens" in said["header"]) is step and (step or said["tag"] == verify.OPENS):
            change(said["header"])
            line["canonical"] = canonical(said)
            line["hash"] = digest(line["canonical"])
    return forge


@pytest.mark.parametrize(("change", "step", "found"), [
    (lambda header: header.pop("opens"), True, "was opened beside case 1, where no step says so"),
    (lambda header: header.update(opens=9), True, "step reopen_as_relapse cannot have opened case 9 beside this one"),
    (lambda header: header.update(case=7), False, "cannot have opened case 2 beside this one"),
    (lambda header: header.update(to="aftercare"), False, "cannot have opened case 2 beside this one")])
def test_the_audit_joins_a_case_to_the_step_that_opened_it(world: World, change: Callable[[dict[str, Any]], object], step: bool, found: str) -> None:
    with world.database.write() as session:
        case = weak.taken_over(session, world, "aftercare", "X", weak.D(2025, 2, 10))
        take(session, case, "reopen_as_relapse", world.actors["board"], D(2025, 3, 3))
    lines = []
    for text in export.lines(world.database):
        line = json.loads(text)
        if line["kind"] == "entry":
            _edited(change, step)(line)
        lines.append(json.dumps(line))
    findings = [str(finding) for finding in verify.Audit().findings(lines)]
    assert any(found in finding for finding in findings), findings


def test_a_unit_has_one_open_case(world: World) -> None:
    with world.database.write() as session:
        weak.walk(session, world, "open_screening")
    with pytest.raises(Conflict), world.database.write() as session:
        weak.walk(session, world, "open_screening")


# ---- the unit's own rating and problems

def test_a_rating_is_read_as_of_the_day(world: World) -> None:
    with world.database.write() as session:
        case = weak.walk(session, world, "close_period")
        weak.rate(session, "X", 2024, 4, D(2025, 1, 10))
        assert [facts_of(session, case, on).get("last_rating.rank") for on in (D(2025, 1, 9), D(2025, 1, 10))] == [2, 4]
        weak.reopen(session, "X", 2024, D(2025, 2, 1))
        found = facts_of(session, case)
        assert (found["last_rating.rank"], found["last_rating.final"], found["entry.rank"], found["entry.rank_now"]) == (4, False, 2, 2)
        with pytest.raises(StepRefused) as error:
            take(session, case, "recognise_recovery", world.actors["signer"], VERDICT, facts={"problems": weak.NONE})
        assert error.value.refused == ("CON-EXIT-RANK",)
        weak.rate(session, "X", 2023, 3, D(2025, 2, 2))
        assert facts_of(session, case)["entry.rank_now"] == 3
        take(session, case, "cancel", world.actors["signer"], VERDICT)


def test_a_unit_without_a_rating_enters_for_its_problem_alone(world: World) -> None:
    with world.database.write() as session:
        with pytest.raises(StepRefused) as error:
            take(session, weak.subject(session, "X2"), "open_screening", world.actors["board"], D(2024, 2, 1), facts={"problems": weak.NONE})
        assert "WEAK-RANK" in error.value.refused
        case = take(session, weak.subject(session, "X2"), "open_screening", world.actors["board"], D(2024, 2, 1),
                    facts={"problems": {"declared": True, "items": [{"kind": "security"}]}})
        assert (detail(session, case).entry_rank, detail(session, case).entry_by_flag) == (None, True)
        # Problems are the unit's: they outlive the case, and clearing one completes its row.
        take(session, case, "dismiss_screening", world.actors["head"], D(2024, 2, 20), facts={"note.reason": "Đã giải quyết xong"})
        again = take(session, weak.subject(session, "X2"), "open_screening", world.actors["board"], D(2024, 2, 21))
        assert [dict(i) for i in facts_of(session, again, D(2024, 2, 21))["problems"].items] == [{"kind": "security"}]
        take(session, again, "dismiss_screening", world.actors["head"], D(2024, 2, 22), facts={"note.reason": "Đã giải quyết xong"})
        assert len(session.scalars(sa.select(UnitProblem)).all()) == 1
    whole(world)


def test_a_problem_on_the_register_is_not_told_away(world: World) -> None:
    """An act adds to what is known of the unit: an empty list hides nothing, and what comes back is a problem of its own."""
    disunity = {"kind": "disunity"}
    with world.database.write() as session:
        case = awaiting(session, world)
        unit = weak.subject(session).unit_id
        ratings.note_problem(session, None, D(2024, 6, 3), unit="X", kind="disunity")
        for told in (weak.NONE, {"declared": True, "items": [{"kind": "security", "cleared_on": D(2024, 7, 1)}]}):
            with pytest.raises(StepRefused) as error:
                take(session, case, "recognise_recovery", world.actors["signer"], VERDICT, facts={"problems": told})
            assert error.value.refused == ("CON-FLAGS-CLEAR",)
        take(session, case, "recognise_recovery", world.actors["signer"], VERDICT,
             facts={"problems": {"declared": True, "items": [{**disunity, "cleared_on": D(2025, 1, 20)}]}})
        take(session, case, "begin_aftercare", world.actors["board"], VERDICT)
        take(session, case, "reopen_as_relapse", world.actors["board"], D(2025, 3, 3), facts={"problems": {"declared": True, "items": [disunity]}})
        session.expire_all()
        problems = session.scalars(sa.select(UnitProblem).where(UnitProblem.unit_id == unit).order_by(UnitProblem.id)).all()
        assert [(p.kind, p.noted_on, p.cleared_on) for p in problems] == [
            ("disunity", D(2024, 6, 3), D(2025, 1, 20)), ("disunity", D(2025, 3, 3), None)]
        new = session.scalars(sa.select(Case.id).where(Case.closed_on.is_(None))).one()
        assert (detail(session, new).entry_rank, detail(session, new).entry_by_flag) == (3, True)
    whole(world)
