"""Queues of consolidation asked of the database say what the engine says case by case: rules over ratings and problems of
the unit, rows of the plan in force, relations that give a right and relations that bar, cases of units that have ended."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.databases import fresh_postgres
from tests.workflow import weakworld as weak
from tests.workflow.agreement import by_engine
from tests.workflow.caseworld import TODAY, World, take
from tests.workflow.organisation import found, law
from workflow import access, blocked, engine, factcolumns, offices, queues, snapshot, units, waiting
from workflow.bindings import BINDINGS
from workflow.context import book_of
from workflow.models import Case

D = dt.date
LATE = ({"kind": "team_report", "started": D(2024, 11, 1)}, {"kind": "unit_report", "started": D(2024, 11, 1)})
NOT_LATE = ({"kind": "team_report", "started": D(2025, 3, 1)}, {"kind": "unit_report", "started": D(2025, 3, 1)})
OPEN = {"declared": True, "items": [{"kind": "disunity"}]}
CLEARED = {"declared": True, "items": [{"kind": "disunity", "cleared_on": D(2025, 1, 20)}]}


def _cases(session: Session, world: World) -> None:
    """A unit for every case: one in each open state, and variants of what its next step rests on."""
    number = 0

    def case(state: str, rank: int | None = 3, duties: tuple = (), below: str | None = None, **facts: object) -> int:
        nonlocal number
        number += 1
        kind, parent = (("base_committee", "H"), ("cell", "X"), ("cell", "BP"), ("base_cell", "H"))[number % 4]
        kind, parent = (kind, parent) if below is None else ("base_committee", below)
        code = f"W{number}"
        found(session, code, kind, parent)
        if rank is not None:
            weak.rate(session, code, 2024, rank, D(2025, 1, 10))
        return weak.taken_over(session, world, state, code, facts={k.replace("__", "."): v for k, v in facts.items()}, duties=duties)

    for state in law().processes["consolidation"].states.open:
        for _ in range(2):
            case(state, duties=NOT_LATE if state == "in_progress" else ())
    case("screening", listing__cause=None)
    case("screening", listing__type=None)
    for team in (None, {"declared": False, "items": weak.team(world)["items"]}, {"declared": True, "items": weak.team(world)["items"][1:]}):
        case("planning", team=team)
    for measures in (None, weak.NONE, {"declared": True, "items": [{"owner": world.people["base"]}, {"due_on": D(2025, 6, 1)}]}):
        case("planning", measures=measures)
    case("planning", plan__oversight=None, plan__target_rank=None)
    case("planning", plan__target_rank=2)
    case("plan_issued", own_plan__issued_on=None)
    case("plan_issued", own_plan__issued_on=D(2024, 2, 1))
    case("extended", cadres={"declared": True, "items": [{"person": world.people["secretary3"]}]})
    case("plan_issued", cadres=None)
    for duties in (LATE, LATE[:1], (*NOT_LATE[:1], LATE[1]), ()):
        case("in_progress", duties=duties)
    case("in_progress", duties=NOT_LATE, mid_review__held_on=None)
    case("in_progress", duties=NOT_LATE, mid_review__held_on=D(2024, 3, 1))
    for rank in (1, 2, 4, None):
        case("awaiting_rating", rank)
    for problems in (None, OPEN, CLEARED):
        case("awaiting_rating", problems=problems)
    case("awaiting_rating", entry__rank=3)
    case("awaiting_rating", entry__rank=3, entry__by_flag=True)
    case("awaiting_rating", entry__rank=None, entry__by_flag=True)
    case("awaiting_rating", extensions={"declared": True, "items": [{"decided_on": D(2024, 2, 1)}]})
    again = case("awaiting_rating", below="H")
    weak.reopen(session, f"W{number}", 2024, D(2025, 2, 20))
    weak.rate(session, f"W{number}", 2024, 3, D(2025, 2, 25))
    case("awaiting_rating")
    weak.reopen(session, f"W{number}", 2024, D(2025, 2, 20))
    for cadres in (None, weak.NONE, {"declared": True, "items": [{"made_permanent": True}, {"returned_on": D(2025, 1, 2)}]}):
        case("aftercare", cadres=cadres)
    # Plans that were renewed, a pause, and units that were merged away while a case of theirs was open.
    extended = case("awaiting_rating", 2, below="H")
    take(session, extended, "extend_plan", world.actors["signer"], D(2025, 2, 14))
    paused = case("awaiting_rating", below="H")
    take(session, paused, "suspend", world.actors["signer"], D(2025, 2, 14), facts={"note.reason": "Lũ ống"})
    # Who works on one plan signs for others: relations bar case by case.
    for key in (weak.HEAD, weak.CADRE):
        offices.grant_office(session, None, D(2020, 1, 1), person=world.people[key], role="standing_board_signer", unit="H")
    take(session, again, "recognise_recovery", world.actors["signer"], D(2025, 2, 26))
    for state in ("screening", "awaiting_rating"):
        case(state)
        units.merge(session, None, D(2025, 3, 1), units=[f"W{number}"], into=f"M{number}", name=f"Đơn vị mới {number}", parent="X2",
                    kind="cell")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Made once for each kind of database: nothing here writes."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('weak') / 'weak.sqlite3'}"
        else:
            url = stack.enter_context(fresh_postgres(request.getfixturevalue("postgres_url")))
        made = stack.enter_context(weak.weak_world(url))
        with made.database.write() as session:
            _cases(session, made)
        yield made


def _ids(session: Session, condition: sa.ColumnElement[bool]) -> set[int]:
    return set(session.scalars(sa.select(Case.id).where(condition)))


def test_what_waits_and_what_is_held_up_is_what_the_engine_says(world: World) -> None:
    seen: set[str] = set()
    with world.database.read() as session:
        for key, actor in world.actors.items():
            desk = waiting.desk(session, actor, TODAY)
            wanted = by_engine(session, law(), desk)
            mine = {q.slug: q.condition for q in queues.queues(session, desk)}["mine"]
            assert _ids(session, mine) == wanted.mine, key
            assert _ids(session, desk.scope & blocked.stuck(session, desk, desk.on)) == wanted.stuck, key
            seen |= {key} if wanted.mine else set()
    assert seen >= {"signer", "deputy", "board", "base", weak.HEAD}, "nothing waits for them: the test would not notice"


def test_facts_of_a_case_are_the_same_in_sql(world: World) -> None:
    """Every fact and collection that a rule reads, of every case, on two days."""
    process, binding = law().processes["consolidation"], BINDINGS["consolidation"]
    names = sorted(n for n, fact in process.facts.items()
                   if fact.items is None and fact.source != "act" and not n.startswith(("act.", "path.", "ballot.")))
    told = 0
    with world.database.read() as session:
        for on in (D(2025, 2, 21), TODAY):
            source = factcolumns.CaseFacts(process, binding, on, {})
            columns = [source.column(name).label(f"f{i}") for i, name in enumerate(names)]
            query = source.cases(sa.true()).add_columns(*columns)
            for case, *values in session.connection().execute(query):
                known = snapshot.load(session, book_of(session).processes, case, on).facts()
                for name, value in zip(names, values, strict=True):
                    wanted = known.get(name)
                    assert value == wanted or (isinstance(wanted, bool) and bool(value) is wanted), (case, name, value, wanted)
                    told += wanted is not None
    assert told > 500


def test_a_rating_read_as_of_a_day_is_the_same_in_sql(world: World) -> None:
    """What is blocked on any of the days around a decision, a re-opening and a correction."""
    with world.database.read() as session:
        for on in (D(2025, 2, 19), D(2025, 2, 20), D(2025, 2, 24), D(2025, 2, 25), TODAY):
            desk = waiting.desk(session, world.actors["signer"], on)
            assert _ids(session, desk.scope & blocked.stuck(session, desk, on)) == by_engine(session, law(), desk).stuck, on


def test_people_of_a_plan_see_its_case_and_no_other(world: World) -> None:
    with world.database.read() as session:
        everything = _ids(session, sa.true())
        for key in (weak.MEMBER, weak.OVERSEER):
            seen = _ids(session, access.visible_cases(world.actors[key], law(), TODAY))
            related = {case for case in everything if any(r.person_id == world.people[key] for r in
                                                          snapshot.load(session, law().processes, case, TODAY).related)}
            assert seen == related and (key == weak.OVERSEER or (related and related < everything)), key
        verdicts = engine.steps(session, min(everything), world.actors[weak.OVERSEER], on=TODAY)
        assert not any(v.permission.allowed for v in verdicts)
