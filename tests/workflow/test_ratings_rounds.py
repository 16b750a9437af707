"""A round as its organ sees it: many rows at once, a verdict for each, what is missing, and a bounded number of statements."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from tests.workflow.caseworld import World, world
from tests.workflow.organisation import found
from workflow import fold, ratings, tree
from workflow.db import Database
from workflow.errors import BadInput, NotPermitted
from workflow.models import Rating
from workflow.ratings import Period, Said

D = dt.date
YEAR = Period.year(2024)
ON = D(2025, 1, 10)


@pytest.fixture
def place(database_url: str) -> Iterator[World]:
    with world(database_url) as made:
        yield made


def cells(made: World, number: int, first: int = 0) -> list[str]:
    """So many further cells under X."""
    with made.database.write() as session:
        for n in range(first, first + number):
            found(session, f"N{n:03}", "cell", "X")
    return [f"N{n:03}" for n in range(first, first + number)]


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)


def test_rows_that_are_refused_do_not_stop_the_others(place: World) -> None:
    with place.database.write() as session:
        ratings.self_assess(session, place.actors["secretary"], D(2024, 12, 20), Said("C1", YEAR, "HTT"))
        done = ratings.decide_many(session, place.actors["base"], ON, [
            Said("X", YEAR, "HTT"), Said("C1", YEAR), Said("C2", YEAR, "Tạm được"), Said("BP", YEAR, "HTXS"), Said("Z", YEAR, "HTT"),
            Said("C3", YEAR, "HTT")])
        assert [d.done for d in done] == [False, False, False, True, False, False]
        assert [d.refused for d in done] == [("not_holder",), ("CLS-STEPS",), ("FACT:label",), (), ("FACT:unit",), ("not_holder",)]
        assert done[1].verdict is not None and done[1].verdict.blocking[0].missing == ("did.verify",)
        again = ratings.decide_many(session, place.actors["base"], ON, [Said("C2", YEAR, "HT"), Said("C2", YEAR, "HTT")])
        assert [d.refused for d in again] == [("FACT:unit",), ("FACT:unit",)]
        assert [d.refused for d in ratings.decide_many(session, place.actors["base"], ON, [Said("Z", YEAR, "HT")])] == [("FACT:unit",)]
        with pytest.raises(BadInput):
            ratings.decide_many(session, place.actors["base"], ON, [Said("C1", YEAR, "HT"), Said("C2", Period.year(2023), "HT")])
    with place.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).where(Rating.state == "decided")) == 1
        assert fold.compare(session) == []


def test_a_round_decides_lower_units_first(place: World) -> None:
    rows = [Said("X", YEAR, "HTT"), Said("BP", YEAR, "HTT"), Said("C1", YEAR, "HTT")]
    with place.database.write() as session:
        ratings.self_assess(session, place.actors["base"], D(2024, 12, 20), rows[0])
        ratings.verify(session, place.actors["board"], D(2025, 1, 5), Said("X", YEAR))
        done = ratings.decide_many(session, None, ON, rows)
    assert [d.done for d in done] == [True, True, True]


def test_a_round_over_the_ceiling_warns_on_every_excellent_row(place: World) -> None:
    names = cells(place, 8)
    with place.database.write() as session:
        done = ratings.decide_many(session, place.actors["base"], ON, [
            Said(unit, YEAR, "HTXS" if n < 2 else "HTT") for n, unit in enumerate(names)])
        assert all(d.done for d in done)
        warned = [f.outcome for d in done if d.verdict for f in d.verdict.judged.findings if f.rule == "CLS-CAP"]
        assert set(warned) == {"not_met"}
        shown = ratings.round_of(session, place.actors["base"], "X", YEAR, ON)
    cap = next(c for c in shown.caps if c.good == 8)
    assert (cap.excellent, cap.rated, cap.over) == (2, 8, True)
    assert cap.working is not None and cap.working.allowed == 1


def test_a_round_shows_state_and_verdicts_for_the_one_who_looks(place: World) -> None:
    with place.database.write() as session:
        ratings.self_assess(session, place.actors["secretary"], D(2024, 12, 20), Said("C1", YEAR, "HTT"))
        ratings.take_over(session, None, D(2024, 1, 9), Said("C1", Period.year(2023), "HT", imported=True))
        shown = ratings.round_of(session, place.actors["officer"], "X", YEAR, ON)
        signer = ratings.round_of(session, place.actors["base"], "X", YEAR, ON)
        with pytest.raises(BadInput):
            ratings.round_of(session, None, "nowhere", YEAR, ON)
    rows = {r.unit.code: r for r in shown.rows}
    assert set(rows) == {"BP", "C1", "C2"} and shown.scheme == "HD-25-2023" and shown.decided == 0
    assert (rows["C1"].state, rows["C1"].proposed_rank, rows["C2"].state) == ("self_assessed", 3, "start")
    assert [h.rank for h in rows["C1"].history] == [2]
    assert rows["BP"].undecided_below == 1
    assert rows["C1"].verdicts["verify"].possible and not rows["C1"].verdicts["decide"].permission.allowed
    decide = next(r for r in signer.rows if r.unit.code == "C1").verdicts["decide"]
    assert decide.permission.allowed and decide.refused == ("CLS-STEPS",)


def test_a_round_costs_the_same_whatever_its_size(place: World) -> None:
    def cost(units: list[str]) -> tuple[int, int]:
        with place.database.read() as session, statements(place.database) as looked:
            ratings.round_of(session, place.actors["officer"], "X", YEAR, ON)
        with place.database.write() as session, statements(place.database) as written:
            done = ratings.decide_many(session, place.actors["base"], ON, [Said(unit, YEAR, "HTT") for unit in units])
            assert all(d.done for d in done)
        return len(looked), sum(not s.startswith(("INSERT", "SELECT journal", "SELECT entry")) for s in written) - len(units)
    few = cost(cells(place, 3))
    many = cost(cells(place, 40, first=100))
    assert many[0] == few[0] <= 16
    assert many[1] <= few[1] + 40  # the head of each unit's own stream


def test_what_is_missing_is_listed_over_the_whole_subtree(place: World) -> None:
    with place.database.write() as session:
        found(session, "LATE", "cell", "X", on=D(2025, 1, 5))
        ratings.decide(session, None, ON, Said("C1", YEAR, "HTT"))
        ratings.self_assess(session, None, ON, Said("K", YEAR, "HTT"))
    with place.database.read() as session:
        missing = {m.unit.code: m.state for m in ratings.missing(session, "H", YEAR, ON)}
    assert missing == {"X": "start", "X2": "start", "BP": "start", "C2": "start", "C3": "start", "K": "self_assessed"}


def test_the_story_of_a_unit_keeps_labels_and_schemes(place: World) -> None:
    with place.database.write() as session:
        for year, label, rank in ((2016, "không hoàn thành nhiệm vụ", 1), (2017, "trong sạch, vững mạnh", 4), (2018, "hoàn thành nhiệm vụ", 2)):
            ratings.take_over(session, None, D(year + 1, 1, 10), Said("K", Period.year(year), label, rank=rank, imported=True))
        unit = tree.unit_id(session, "K")
        assert unit is not None
        story = [(r.period_to.year, r.label, r.scheme, r.rank) for r in ratings.history_of(session, unit, D(2018, 12, 31))]
    assert story == [(2017, "trong sạch, vững mạnh", "HD-27-2014", 4), (2016, "không hoàn thành nhiệm vụ", "HD-27-2014", 1)]


def test_problems_are_noted_by_who_looks_after_the_unit_and_cleared_once(place: World) -> None:
    with place.database.write() as session:
        for by in ("secretary", "inspector", "school", "stranger", "base2"):
            with pytest.raises(NotPermitted):
                ratings.note_problem(session, place.actors[by], ON, unit="C1", kind="disunity")
        ratings.note_problem(session, place.actors["officer"], ON, unit="C1", kind="disunity")
        ratings.note_problem(session, place.actors["board"], ON, unit="C1", kind="disunity", basis="Kết luận 05")
        with pytest.raises(BadInput):
            ratings.clear_problem(session, place.actors["officer"], ON - dt.timedelta(days=1), unit="C1", kind="disunity")
        ratings.clear_problem(session, place.actors["officer"], D(2025, 2, 1), unit="C1", kind="disunity")
        with pytest.raises(BadInput):
            ratings.clear_problem(session, place.actors["officer"], D(2025, 2, 2), unit="C1", kind="disunity")
        for wrong in ({"unit": "Z", "kind": "disunity"}, {"unit": "C1", "kind": "gossip"}):
            with pytest.raises(BadInput):
                ratings.note_problem(session, place.actors["officer"], ON, **wrong)
        with pytest.raises(BadInput):
            ratings.note_problem(session, place.actors["officer"], D(2026, 1, 1), unit="C1", kind="security")
        assert fold.compare(session) == []
