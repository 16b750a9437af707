"""Of two who act on one weak unit in the same moment exactly one does, and the other is told why not."""
from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.workflow import weakworld as weak
from tests.workflow.caseworld import TODAY, World, take
from tests.workflow.organisation import found
from workflow import engine, fold, records, units
from workflow.errors import Conflict, StepRefused
from workflow.models import Case, Entry, PlanExtension

CASES = 12
PATIENCE = 60
WON = "won"
#: One act of somebody: it raises when it may not be.
Run = Callable[[Session, int], object]


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with weak.weak_world(database_url) as made:
        yield made


def cases(world: World, state: str, rank: int = 3) -> list[int]:
    with world.database.write() as session:
        for number in range(CASES):
            found(session, f"W{number}", "base_committee", "H")
            weak.rate(session, f"W{number}", 2024, rank, weak.D(2025, 1, 10))
        return [weak.taken_over(session, world, state, f"W{number}") for number in range(CASES)]


def race(world: World, on: list[int], *runs: Run) -> list[list[str]]:
    """Each case is acted on by all at once; what came of it for each, in their order."""
    barrier = threading.Barrier(len(runs))

    def go(run: Run) -> list[str]:
        told = []
        for case in on:
            barrier.wait(PATIENCE)
            try:
                with world.database.write() as session:
                    run(session, case)
                told.append(WON)
            except Conflict as error:
                told.append(str(error))
            except StepRefused as error:
                told.append(error.refused[0])
        return told

    with ThreadPoolExecutor(len(runs)) as pool:
        told = [pool.submit(go, run) for run in runs]
        return [list(row) for row in zip(*(one.result(PATIENCE * 2) for one in told), strict=True)]


def one_each(outcomes: list[list[str]]) -> None:
    assert [row.count(WON) for row in outcomes] == [1] * CASES, outcomes
    assert all(word for row in outcomes for word in row)


def taken(session: Session, on: list[int]) -> Counter[int]:
    query = sa.select(Entry.case_id).where(Entry.case_id.in_(on), Entry.step.is_not(None))
    return Counter(case for case in session.scalars(query) if case is not None)


def by(world: World, who: str, step: str, **facts: object) -> Run:
    given = {name.replace("__", "."): value for name, value in facts.items()}
    return lambda session, case: take(session, case, step, world.actors[who], TODAY, facts=given)


def test_two_signers_who_recognise_at_once_recognise_once(world: World) -> None:
    on = cases(world, "awaiting_rating")
    one_each(race(world, on, by(world, "signer", "recognise_recovery"), by(world, "deputy", "recognise_recovery")))
    with world.database.read() as session:
        assert taken(session, on) == Counter(on)
        assert set(session.execute(sa.select(Case.state, Case.version).where(Case.id.in_(on)))) == {("recovered", 2)}
        assert fold.compare(session) == []


def test_a_unit_is_recognised_or_extended_never_both(world: World) -> None:
    on = cases(world, "awaiting_rating")
    outcomes = race(world, on, by(world, "signer", "recognise_recovery"), by(world, "deputy", "extend_plan"))
    one_each(outcomes)
    with world.database.read() as session:
        states = [session.scalar(sa.select(Case.state).where(Case.id == case)) for case in on]
        assert states == ["recovered" if row[0] == WON else "extended" for row in outcomes]
        extended = set(session.scalars(sa.select(PlanExtension.case_id)))
        assert extended == {case for case, state in zip(on, states, strict=True) if state == "extended"}
        assert fold.compare(session) == []


def test_a_relapse_opens_one_case(world: World) -> None:
    on = cases(world, "aftercare", rank=2)
    one_each(race(world, on, by(world, "board", "reopen_as_relapse"), by(world, "school", "reopen_as_relapse")))
    with world.database.read() as session:
        opened = Counter(session.scalars(sa.select(Case.subject_unit_id).where(Case.closed_on.is_(None))))
        assert len(opened) == CASES and set(opened.values()) == {1}
        assert fold.compare(session) == []


def test_two_who_screen_one_unit_open_one_case(world: World) -> None:
    with world.database.write() as session:
        for number in range(CASES):
            found(session, f"W{number}", "base_committee", "H")
            weak.rate(session, f"W{number}", 2024, 2, weak.D(2025, 1, 10))
        on = [weak.subject(session, f"W{number}").unit_id for number in range(CASES)]

    def screen(who: str) -> Run:
        return lambda session, unit: engine.advance(session, engine.Subject("consolidation", unit, subject_unit_id=unit), "open_screening",
                                                    world.actors[who], on=TODAY)
    one_each(race(world, on, screen("board"), screen("school")))
    with world.database.read() as session:
        assert Counter(session.scalars(sa.select(Case.subject_unit_id).where(Case.subject_unit_id.in_(on)))) == Counter(on)
        assert fold.compare(session) == []


def test_a_verdict_sees_the_problem_that_is_entered_meanwhile(world: World) -> None:
    """Whoever is faster: a unit whose problem stood on the register before the verdict is not recognised."""
    on = cases(world, "awaiting_rating")

    def enter(session: Session, case: int) -> object:
        return records.put_row(session, case, world.actors["board"], TODAY, "problems", {"kind": "disunity"})

    outcomes = race(world, on, by(world, "signer", "recognise_recovery"), enter)
    with world.database.read() as session:
        for case, (verdict, entered) in zip(on, outcomes, strict=True):
            tags = list(session.scalars(sa.select(Entry.tag).where(Entry.stream == f"case:{case}").order_by(Entry.stream_seq)))[1:]
            assert entered == WON or tags == ["case:step:take"], (verdict, entered)
            assert (verdict == WON) == (tags[0] == "case:step:take"), (verdict, entered, tags)
            assert verdict in (WON, "CON-FLAGS-CLEAR") or "khác" in verdict, verdict
        assert fold.compare(session) == []


def test_a_case_goes_over_to_a_successor_once(world: World) -> None:
    on = cases(world, "in_progress")
    with world.database.write() as session:
        for number in range(CASES):
            units.merge(session, None, TODAY, units=[f"W{number}"], into=f"M{number}", name=f"Đảng bộ xã mới {number}")
        heirs = {case: weak.subject(session, f"M{number}").unit_id for number, case in enumerate(on)}

    def reorganise(who: str) -> Run:
        return lambda session, case: take(session, case, "reorganise", world.actors[who], TODAY, facts={
            "reorganise.continues": True, "reorganise.successor": heirs[case]})
    one_each(race(world, on, reorganise("signer"), reorganise("deputy")))
    with world.database.read() as session:
        assert Counter(session.scalars(sa.select(Case.subject_unit_id).where(Case.closed_on.is_(None)))) == Counter(heirs.values())
        assert fold.compare(session) == []
