"""What is reported of a plan: progress, figures, visits, reports; versions side by side; the board and the queues."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa

from tests.workflow.caseworld import World, entries_of, take, version_of, world
from tests.workflow.planworld import rate, screening, working
from workflow import caselist, engine, planboard, plans, planview, queues, snapshot, waiting, workreports
from workflow.caselist import Filter
from workflow.context import book_of
from workflow.errors import BadInput, NotFound, NotPermitted
from workflow.models import Case, Consolidation, CriteriaSet, Duty, Indicator, Measure, Visit, WorkReport

D = dt.date
TODAY = D(2025, 3, 3)


@pytest.fixture
def place(database_url: str) -> Iterator[World]:
    with world(database_url, TODAY) as made:
        yield made


@pytest.fixture
def case(place: World) -> int:
    with place.database.write() as session:
        return working(place, session, measures=(("officer", D(2024, 6, 1)), ("head", D(2025, 12, 1))))


def measures(session: Any, case: int) -> list[Any]:
    return list(session.connection().execute(sa.select(Measure.__table__).where(Measure.case_id == case).order_by(Measure.id)))


def test_the_owner_and_the_team_tell_how_far_a_measure_has_come(place: World, case: int) -> None:
    with place.database.write() as session:
        first, second = measures(session, case)
        version = version_of(session, case)
        plans.set_progress(session, case, place.actors["officer"], TODAY, first.id, progress=50, result="đã họp dân")
        plans.set_progress(session, case, place.actors["helper"], TODAY, second.id, progress=100)
        plans.set_progress(session, case, place.actors["board"], TODAY, first.id, progress=75)
        first, second = measures(session, case)
        assert (first.progress, first.done_on, first.result) == (75, None, "đã họp dân")
        assert (second.progress, second.done_on) == (100, TODAY)
        assert version_of(session, case) == version, "no rule reads it"
        plans.set_progress(session, case, place.actors["head"], TODAY, second.id, progress=90)
        assert measures(session, case)[1].done_on is None


def test_nobody_else_tells_progress_and_nothing_impossible_is_kept(place: World, case: int) -> None:
    with place.database.read() as session:
        first = measures(session, case)[0].id
        before = entries_of(session, case)
    for who in ("stranger", "secretary", "inspector", "secretary3"):
        with pytest.raises(NotPermitted), place.database.write() as session:
            plans.set_progress(session, case, place.actors[who], TODAY, first, progress=10)
    for wrong in ({"progress": 101}, {"progress": -1}, {"progress": True}, {"progress": 50, "done_on": TODAY},
                  {"progress": 100, "done_on": TODAY + dt.timedelta(days=1)}):
        with pytest.raises(BadInput), place.database.write() as session:
            plans.set_progress(session, case, place.actors["board"], TODAY, first, **wrong)
    with pytest.raises(NotFound), place.database.write() as session:
        plans.set_progress(session, case, place.actors["board"], TODAY, 999, progress=1)
    with place.database.read() as session:
        assert entries_of(session, case) == before


def test_an_indicator_is_kept_to_the_last_digit(place: World, case: int) -> None:
    given = {"name": "Hộ nghèo", "unit": "%", "value": "21,5", "plan_value": "20", "prior_value": "28.80", "comparator": ">",
             "change": "-7,3", "change_kind": "points", "as_of": D(2024, 12, 31), "source": "báo cáo"}
    with place.database.write() as session:
        plans.put_indicator(session, case, place.actors["helper"], TODAY, given)
        row = session.connection().execute(sa.select(Indicator.__table__)).mappings().one()
        found = planview.figure(row)
        assert (found.value, found.plan, found.prior, found.change) == (Fraction(43, 2), 20, Fraction(144, 5), Fraction(-73, 10))
        assert found.by_points == Fraction(-73, 10) and row["scale"] == 1 and row["plan_no"] == 1
        plans.put_indicator(session, case, place.actors["board"], TODAY, {"name": "Hộ nghèo", "value": "21,5", "change": "-7,3"}, key=row["id"])
        again = planview.figure(session.connection().execute(sa.select(Indicator.__table__)).mappings().one())
        assert (again.prior_points, round(float(again.prior_share), 2)) == (Fraction(144, 5), 23.19)  # type: ignore[arg-type]
        plans.remove(session, case, place.actors["board"], TODAY, "indicator", row["id"])
        assert session.scalar(sa.select(sa.func.count(Indicator.id))) == 0


@pytest.mark.parametrize("wrong", [
    {"value": "1.000,5"}, {"value": "abc"}, {"value": "1,1234567"}, {"value": "9999999999999"}, {"value": "1", "comparator": "≈"},
    {"value": "1", "change_kind": "points"}, {"value": "1", "change": "1", "change_kind": "x"}, {"name": ""},
    {"value": "1", "as_of": TODAY + dt.timedelta(days=1)}])
def test_an_indicator_that_cannot_be_is_refused(place: World, case: int, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput), place.database.write() as session:
        plans.put_indicator(session, case, place.actors["board"], TODAY, {"name": "x", **wrong})


def test_criteria_and_visits(place: World, case: int) -> None:
    board = place.actors["board"]
    with place.database.write() as session:
        plans.put_criteria(session, case, board, TODAY, name="Nông thôn mới", as_of=TODAY, total=19, met=10)
        plans.put_visit(session, case, place.actors["helper"], TODAY, person=place.people["helper"], visited_on=D(2025, 2, 1), occasion="họp chi bộ")
    for wrong in ({"met": 20}, {"total": 0, "met": 0}, {"exceeded": 11}, {"as_of": TODAY + dt.timedelta(days=1)}, {}):
        with pytest.raises(BadInput), place.database.write() as session:
            plans.put_criteria(session, case, board, TODAY, **{"name": "Nông thôn mới", "as_of": TODAY, "total": 19, "met": 10, **wrong})
    for person, day in ((place.people["helper"], TODAY + dt.timedelta(days=1)), (99_999, TODAY)):
        with pytest.raises(BadInput), place.database.write() as session:
            plans.put_visit(session, case, board, TODAY, person=person, visited_on=day)
    with place.database.read() as session:
        assert session.execute(sa.select(CriteriaSet.met, CriteriaSet.total)).one() == (10, 19)
        assert session.scalar(sa.select(Visit.occasion)) == "họp chi bộ"


def due(session: Any, case: int, kind: str) -> D | None:
    return session.scalar(sa.select(Duty.open_until).where(Duty.case_id == case, Duty.kind == kind, Duty.closed_on.is_(None)))


def report(place: World, case: int, who: str, kind: str, month: D, on: D = TODAY, **more: Any) -> None:
    with place.database.write() as session:
        workreports.write(session, place.actors[who], on, case_id=case, kind=kind, period=month, **{"content": "đã làm", **more})


def test_reports_meet_the_day_of_their_month(place: World, case: int) -> None:
    with place.database.read() as session:
        assert due(session, case, "team_report") == D(2024, 4, 15) and due(session, case, "unit_report") == D(2024, 6, 15)
    report(place, case, "helper", "team_report", D(2024, 4, 1))
    report(place, case, "head", "team_report", D(2024, 6, 1))
    with place.database.read() as session:
        assert due(session, case, "team_report") == D(2024, 5, 15)
    report(place, case, "head", "team_report", D(2024, 5, 1))
    report(place, case, "base", "unit_report", D(2024, 6, 1))
    report(place, case, "officer", "unit_report", D(2024, 6, 1), content="sửa lại")
    with place.database.read() as session:
        assert due(session, case, "team_report") == D(2024, 7, 15) and due(session, case, "unit_report") == D(2024, 9, 15)
        assert session.scalar(sa.select(WorkReport.content).where(WorkReport.kind == "unit_report")) == "sửa lại"
        found = snapshot.load(session, book_of(session).processes, case, TODAY)
        periods = {p.month: p for p in workreports.periods(session, found, "unit_report")}
        assert periods[D(2024, 6, 1)].written and periods[D(2024, 9, 1)].due_on == D(2024, 9, 15)


def test_the_mid_review_is_a_fact_and_meets_its_duty(place: World, case: int) -> None:
    report(place, case, "head", "mid_review", D(2024, 9, 1), held_on=D(2024, 9, 10))
    with place.database.read() as session:
        assert session.scalar(sa.select(Consolidation.mid_review_on)) == D(2024, 9, 10)
        assert due(session, case, "mid_review") is None


@pytest.mark.parametrize(("who", "kind", "month", "error"), [
    ("stranger", "team_report", D(2024, 4, 1), NotPermitted), ("base", "team_report", D(2024, 4, 1), NotPermitted),
    ("helper", "unit_report", D(2024, 4, 1), NotPermitted), ("head", "team_report", D(2025, 4, 1), BadInput),
    ("head", "team_report", D(2023, 4, 1), BadInput), ("head", "nothing", D(2024, 4, 1), BadInput)])
def test_who_may_not_report_and_what_cannot_be_reported(place: World, case: int, who: str, kind: str, month: D, error: type[Exception]) -> None:
    with pytest.raises(error):
        report(place, case, who, kind, month)


def test_versions_of_a_plan_stand_side_by_side(place: World, case: int) -> None:
    for month in range(4, 13):
        report(place, case, "head", "team_report", D(2024, month, 1))
    for month in (6, 9, 12):
        report(place, case, "base", "unit_report", D(2024, month, 1))
    report(place, case, "head", "mid_review", D(2024, 9, 1), held_on=D(2024, 9, 10))
    signer = place.actors["signer"]
    with place.database.write() as session:
        take(session, case, "close_period", signer, D(2024, 12, 31))
        rate(session, "X", 2024, "Hoàn thành nhiệm vụ", D(2025, 1, 15))
        take(session, case, "extend_plan", signer, D(2025, 2, 1), facts={"plan.target_rank": 3})
    with place.database.write() as session:
        old, other, first, second = measures(session, case)
        assert (first.plan_no, first.origin_id, second.origin_id) == (2, old.id, other.id)
        from workflow import records
        board = place.actors["board"]
        records.put_row(session, case, board, TODAY, "measures", {"content": "mới", "owner": place.people["head"], "due_on": D(2025, 9, 1)})
        records.put_row(session, case, board, TODAY, "measures", {"owner": place.people["head"], "due_on": D(2025, 8, 1)}, key=first.id)
        records.remove_row(session, case, board, TODAY, "measures", second.id)
    with place.database.read() as session:
        found = planview.compare(session, case, 2)
        assert [d.fate for d in found] == ["changed", "added", "dropped"]
        assert found[0].changed == {"owner_id", "due_on"} and found[2].old["id"] == other.id  # type: ignore[index]
        plan = planview.plan(session, case, 2)
        assert [v["no"] for v in plan.versions] == [1, 2] and plan.version["issued_on"] == D(2025, 2, 1)  # type: ignore[index]
    with pytest.raises(BadInput), place.database.write() as session:
        plans.set_progress(session, case, place.actors["board"], TODAY, old.id, progress=10)


def test_queues_and_board_count_what_their_lists_hold(place: World, case: int) -> None:
    with place.database.write() as session:
        other = screening(place, session, "K")
    with place.database.read() as session:
        book = book_of(session)
        want = {"head": {"work_reports": {case}, "late_reports": {case}, "own_measures": set(), "plan_ends": {case}},
                "officer": {"work_reports": set(), "late_reports": {case}, "own_measures": {case}, "plan_ends": {case}},
                "base": {"work_reports": {case}, "late_reports": {case}, "own_measures": set(), "plan_ends": {case}},
                "signer": {"work_reports": set(), "late_reports": {case}, "own_measures": set(), "plan_ends": {case}},
                "secretary3": {"work_reports": set(), "late_reports": set(), "own_measures": set(), "plan_ends": set()}}
        for who, expected in want.items():
            desk = waiting.desk(session, place.actors[who], TODAY)
            found = queues.queues(session, desk)
            counts = queues.counts(session, found)
            for queue in found:
                ids = set(session.scalars(sa.select(Case.id).where(queue.condition)))
                assert len(ids) == counts[queue.slug] == caselist.listed(session, desk, queue.condition).total
                assert ids == expected.get(queue.slug, ids), (who, queue.slug)
        desk = waiting.desk(session, place.actors["signer"], TODAY)
        rows = {r.case.id: r for r in planboard.board(session, desk)}
        assert set(rows) == {case, other}
        mine = rows[case]
        assert (mine.measures, mine.done, mine.late, mine.late_reports, mine.stage) == (2, 0, 1, 3, "work") and mine.ends_soon(TODAY)
        assert not rows[other].issued and rows[other].case.name == "Đơn vị K" and mine.case.unit == "Đơn vị H"
        late = caselist.condition(session, book, desk, Filter(process="consolidation", flag="late_measure"))
        assert set(session.scalars(sa.select(Case.id).where(late))) == {case}
        named = caselist.condition(session, book, desk, Filter(text="don vi k"))
        assert [r.id for r in caselist.everything(session, desk, named)] == [other]
        helped = caselist.condition(session, book, desk, Filter(person=place.people["helper"]))
        assert set(session.scalars(sa.select(Case.id).where(helped))) == {case}


def test_what_waits_is_what_the_engine_says_for_units_too(place: World, case: int) -> None:
    """Relations give a right, and bar from another; who holds an office in the unit does not sign over it."""
    with place.database.write() as session:
        screening(place, session, "K")
    with place.database.read() as session:
        book = book_of(session)
        law = book.processes["consolidation"]
        from workflow import road, signers
        for who, actor in place.actors.items():
            desk = waiting.desk(session, actor, TODAY)
            found = set(session.scalars(sa.select(Case.id).where(desk.scope, waiting.for_me(session, desk))))
            want = set()
            for key in session.scalars(sa.select(Case.id).where(desk.scope, Case.closed_on.is_(None))):
                seen = snapshot.load(session, book.processes, key, TODAY)
                ahead = road.next_steps(book, law, TODAY, seen.case["state"], snapshot.place_facts(seen.line, seen.path), seen.line.codes)
                for verdict in engine.steps(session, key, actor, on=TODAY):
                    rights = signers.recordable(book, verdict.permission.who, desk.held) if verdict.permission.reasons == ("not_holder",) else []
                    typed = any(engine.explain(session, key, verdict.step, actor, on=TODAY, signatory=s.person_id).permission.allowed
                                for s in signers.signers(session, rights, TODAY))
                    if verdict.step in ahead and (verdict.permission.allowed or typed):
                        want.add(key)
            assert found == want, who
