"""Periods: what starts, meets, pauses, extends and closes them, and by whose law they run."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from rules.calendar import add_months
from tests.workflow.caseworld import SHORT, TODAY, VOTE, World, take, world
from tests.workflow.organisation import law
from workflow import offices, units
from workflow.duties import Setting, _remaining, _resumed
from workflow.models import Duty
from workflow.snapshot import load
from workflow.tree import unit_id

D = dt.date
CALENDAR = law().calendar


@pytest.fixture
def place(database_url: str) -> Iterator[World]:
    with world(database_url, D(2025, 6, 30)) as made:
        yield made


def duties(session: Session, case: int) -> dict[str, Mapping[str, Any]]:
    """The duties of a case by kind; of two of one kind the newer."""
    session.flush()
    rows = session.connection().execute(sa.select(Duty.__table__).where(Duty.__table__.c.case_id == case).order_by(Duty.__table__.c.id))
    return {row["kind"]: dict(row) for row in rows.mappings()}


def test_a_vote_starts_and_meets(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session, duties=({"kind": "dossier", "started": D(2024, 11, 1)},))
        take(session, case, "cell_vote", place.actors["secretary"], D(2025, 2, 5), **VOTE)
        found = duties(session, case)
        assert (found["dossier"]["met_on"], found["dossier"]["open_until"]) == (D(2025, 2, 5), None)
        decision = found["admission_decision"]
        assert (decision["started_on"], decision["due_on"], decision["open_until"]) == (D(2025, 2, 5), D(2025, 5, 5), D(2025, 5, 5))
        assert decision["unit_id"] == unit_id(session, "H")
        assert decision["edition"] == law().edition
        assert found["dossier"]["unit_id"] == unit_id(session, "C1")


def test_a_short_vote_starts_nothing(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session)
        take(session, case, "cell_vote", place.actors["secretary"], D(2025, 2, 5), **{**VOTE, "ballot": SHORT})
        assert "admission_decision" not in duties(session, case)


def test_an_extension_moves_the_day_and_keeps_the_former(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session, "base_approved", duties=({"kind": "admission_decision", "started": D(2025, 1, 10)},))
        take(session, case, "extend_decision", place.actors["signer"], D(2025, 4, 1), facts={"extension.days": 10})
        found = duties(session, case)["admission_decision"]
        assert (found["former_due_on"], found["extended"]) == (D(2025, 4, 14), 10)
        assert found["due_on"] == CALENDAR.shift(D(2025, 4, 14), 10) == found["open_until"]
        snapshot = load(session, law().processes, case, D(2025, 4, 2))
        assert snapshot.facts(["duty.admission_decision.extended"])["duty.admission_decision.extended"] == 10


def test_a_transfer_pauses_and_resumes(place: World) -> None:
    """Working days left stay left; a period of months moves by as many calendar days."""
    with place.database.write() as session:
        case = place.case(session, "base_approved", duties=({"kind": "admission_decision", "started": D(2025, 1, 10)},
                                                            {"kind": "dossier", "started": D(2024, 11, 1)}))
        take(session, case, "send_transfer", place.actors["base"], D(2025, 2, 3), facts={"transfer.to_unit": unit_id(session, "C3")})
        paused = duties(session, case)
        assert paused["admission_decision"]["remaining"] == CALENDAR.between(D(2025, 2, 3), D(2025, 4, 14))
        assert paused["dossier"]["remaining"] == (D(2025, 11, 1) - D(2025, 2, 3)).days
        assert paused["admission_decision"]["open_until"] is None
        assert paused["transfer"]["open_until"] == CALENDAR.add(D(2025, 2, 3), 60).on
        take(session, case, "accept_transfer", place.actors["secretary3"], D(2025, 3, 3))
        found = duties(session, case)
        assert found["transfer"]["met_on"] == D(2025, 3, 3)
        decision = found["admission_decision"]
        assert CALENDAR.between(D(2025, 3, 3), decision["due_on"]) == paused["admission_decision"]["remaining"]
        assert (decision["former_due_on"], decision["paused_on"], decision["remaining"]) == (D(2025, 4, 14), None, None)
        assert found["dossier"]["due_on"] == D(2025, 11, 1) + (D(2025, 3, 3) - D(2025, 2, 3))
        assert found["dossier"]["unit_id"] == unit_id(session, "C3")


def test_an_end_closes_what_is_open(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session, duties=({"kind": "dossier", "started": D(2024, 11, 1)}, {"kind": "verification_reply", "started": D(2024, 12, 1),
                                                                                           "met": D(2024, 12, 20)}))
        take(session, case, "withdraw", place.actors["secretary"], TODAY)
        found = duties(session, case)
        assert (found["dossier"]["closed_on"], found["dossier"]["met_on"], found["dossier"]["open_until"]) == (TODAY, None, None)
        assert found["verification_reply"]["closed_on"] is None
        assert found["verification_reply"]["met_on"] == D(2024, 12, 20)


def test_a_way_back_closes_the_periods_of_what_is_undone(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session, duties=({"kind": "dossier", "started": D(2024, 11, 1)},))
        take(session, case, "cell_vote", place.actors["secretary"], D(2025, 2, 5), **VOTE)
        take(session, case, "return_file", place.actors["board"], D(2025, 2, 10), to="verified", facts={"note.reason": "Thiếu giấy"})
        found = duties(session, case)
        assert found["admission_decision"]["closed_on"] == D(2025, 2, 10)
        facts = load(session, law().processes, case, D(2025, 2, 10)).facts(["duty.admission_decision.due_on"])
        assert "duty.admission_decision.due_on" not in facts


def test_imported_periods_count_from_their_start_by_the_law_of_that_day(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session, "decided", duties=({"kind": "ceremony", "started": D(2025, 1, 20)},
                                                      {"kind": "recog_cell", "started": D(2025, 1, 20)},
                                                      {"kind": "admission_decision", "started": D(2024, 12, 2), "due": D(2025, 3, 31),
                                                       "met": D(2025, 1, 15)}))
        found = duties(session, case)
        assert found["ceremony"]["law"] == "ceremony_receipt"
        assert found["ceremony"]["due_on"] == CALENDAR.add(D(2025, 1, 20), 30).on
        assert (found["admission_decision"]["due_on"], found["admission_decision"]["open_until"]) == (D(2025, 3, 31), None)


def test_lateness_is_counted_while_a_period_is_open(place: World) -> None:
    with place.database.write() as session:
        case = place.case(session, duties=({"kind": "source_review", "started": D(2025, 1, 10)},))
        for on, late in ((D(2025, 2, 10), 0), (D(2025, 2, 11), 1)):
            assert load(session, law().processes, case, on).facts(["duty.source_review.late"])["duty.source_review.late"] == late


@pytest.mark.parametrize(("decided", "received", "started"), [
    (D(2026, 7, 25), D(2026, 8, 10), D(2026, 8, 10)), (D(2026, 7, 26), D(2026, 8, 10), D(2026, 7, 26))])
def test_the_clock_of_the_ceremony_is_that_of_the_decisions_day(tmp_path: Any, decided: D, received: D, started: D) -> None:
    """Before 26/7/2026 from receipt, from that day on from issue, whenever it is received."""
    with world(f"sqlite:///{tmp_path / 'clock.sqlite3'}", D(2026, 9, 30)) as place, place.database.write() as session:
        units.move(session, None, D(2025, 7, 1), unit="K", parent="T")
        offices.grant_office(session, None, D(2025, 7, 1), person=place.people["signer"], role="standing_board_signer", unit="T", since=D(2025, 7, 1))
        case = place.case(session, "cell_approved", unit="K", on=D(2026, 7, 1), did={"cell_vote": D(2026, 6, 1)})
        take(session, case, "decide_admission", place.actors["signer"], decided, ballot={"entitled": 9, "for": 9}, papers=[{"kind": "9-KND"}],
             second_reader=True)
        take(session, case, "receive_decision", place.actors["secretary_k"], received)
        found = duties(session, case)["ceremony"]
        assert (found["started_on"], found["due_on"]) == (started, CALENDAR.add(started, 30).on)


@given(st.dates(D(2024, 1, 1), D(2026, 6, 30)), st.integers(1, 90), st.integers(0, 60))
def test_pausing_loses_no_working_day(start: D, days: int, waited: int) -> None:
    setting = _setting(start)
    duty = {"law": "admission_decision", "started_on": start, "due_on": CALENDAR.add(start, days).on}
    left = _remaining(setting, duty)
    assert left == days
    again = start + dt.timedelta(days=waited)
    resumed = _resumed(_setting(again), {**duty, "remaining": left})
    assert CALENDAR.between(again, resumed) == days
    assert resumed >= duty["due_on"]


@given(st.dates(D(2024, 1, 1), D(2026, 6, 30)), st.integers(0, 300), st.integers(0, 60))
def test_pausing_a_period_of_months_moves_it_by_the_days_waited(start: D, used: int, waited: int) -> None:
    due = add_months(start, 12)
    duty = {"law": "dossier", "started_on": start, "due_on": due}
    paused = start + dt.timedelta(days=used)
    left = _remaining(_setting(paused), duty)
    again = paused + dt.timedelta(days=waited)
    assert _resumed(_setting(again), {**duty, "remaining": left}) == due + dt.timedelta(days=waited)


def _setting(on: D) -> Setting:
    return Setting(law(), law().processes["admission"], None, None, on, {}, "x@1")  # type: ignore[arg-type]
