"""The engine against a plain model: a table written by hand from the vocabulary, walked by chance.

The model knows no law files. It says for every step, in every state, whether it passes and where it leads; the engine
must agree in state, version and length of the journal, and must write nothing when it refuses.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.workflow.caseworld import World, contents, entries_of, state_of, take, version_of, world
from workflow import engine, fold, offices, units
from workflow.errors import NotPermitted, StepRefused
from workflow.models import Case

D = dt.date
FIRST = D(2025, 8, 4)

#: In probation, while nobody above has voted.
UNDECIDED = ("probationary", "recognition_review", "recognition_cell_short", "recognition_cell_approved", "recognition_base_short")
#: The way of a cell under a base committee below a commune, without a subcommittee.
ROAD = {
    "list_source": {"nominated": "source_listed"},
    "assign_class": {"source_listed": "class_assigned"},
    "record_certificate": {"source_listed": "class_done", "class_assigned": "class_done",
                           **{s: s for s in ("class_done", "applying", "verifying", "verified", "introduced", "opinions_done", "cell_short")}},
    "permit_application": {"class_done": "applying"},
    "start_verification": {"applying": "verifying"},
    "conclude_verification": {"verifying": "verified"},
    "complete_introduction": {"verified": "introduced"},
    "complete_opinions": {"introduced": "opinions_done"},
    "cell_vote": {"opinions_done": "cell_approved"},
    "direct_revote": {"cell_short": "opinions_done", "base_short": "cell_approved"},
    "base_vote": {"cell_approved": "base_approved"},
    "decide_admission": {"base_approved": "decided"},
    "decide_rejection": dict.fromkeys(("cell_short", "cell_approved", "base_short", "base_approved"), "rejected"),
    "receive_decision": {"decided": "decided"},
    "hold_ceremony": {"decided": "probationary"},
    "start_recognition": {"probationary": "recognition_review"},
    "recognition_cell_vote": dict.fromkeys(("recognition_review", "recognition_cell_short", "recognition_base_short"), "recognition_cell_approved"),
    "recognition_base_vote": {"recognition_cell_approved": "recognition_base_approved"},
    "decide_recognition": {"recognition_base_approved": "official"},
    "propose_removal": dict.fromkeys(UNDECIDED, "removal_proposed"),
    "removal_base_vote": {"removal_proposed": "removal_base_approved"},
    "decide_removal": {"removal_base_approved": "removed"},
    "decide_deadlock": {"recognition_deadlock": "removed"},
    "drop_source": dict.fromkeys(("nominated", "source_listed", "class_assigned", "class_done"), "dropped"),
    "reopen": dict.fromkeys(("rejected", "withdrawn", "dropped"), "source_listed"),
    "annul_admission": dict.fromkeys(("decided", *UNDECIDED, "recognition_base_approved", "recognition_deadlock", "official"), "annulled"),
}
CLOSED = {"official", "dropped", "rejected", "removed", "annulled", "withdrawn", "deceased", "disqualified"}
#: A short vote of these counts as a round; the third leads to the superior.
ROUNDS = {"recognition_cell_vote": "recognition_cell_short", "recognition_base_vote": "recognition_base_short",
          "propose_removal": None, "removal_base_vote": "removal_proposed"}
SHORT = {"cell_vote": "cell_short", "base_vote": "base_short", "decide_admission": "rejected", "decide_recognition": "recognition_deadlock",
         "decide_removal": "recognition_deadlock"}
WHO = {"base_vote": "base", "recognition_base_vote": "base", "removal_base_vote": "base", "conclude_verification": "officer",
       **dict.fromkeys(("decide_admission", "decide_rejection", "decide_recognition", "decide_removal", "decide_deadlock", "direct_revote",
                        "annul_admission"), "signer")}
#: Left to chance: they end the walk.
ASIDE = ("drop_source", "annul_admission", "decide_rejection", "propose_removal")
STEPS = [*ROAD, "withdraw", "return_file", "send_transfer", "accept_transfer", "sub_appraise"]


@dataclass
class Model:
    """One case as the vocabulary tells it."""

    state: str = "nominated"
    resume: str | None = None
    version: int = 1
    rounds: int = 0
    ceremony: D | None = None
    received: bool = False
    sent: bool = False

    def take(self, step: str, on: D, short: bool) -> str:
        """'moved', 'refused' or 'forbidden'."""
        if step == "sub_appraise" or (step == "accept_transfer" and not self.sent):
            return "forbidden"  # there is no subcommittee; nobody was asked to receive
        reached = self._reached(step, on, short)
        if reached is None:
            return "refused"
        self.version += 1
        if step == "hold_ceremony":
            self.ceremony = on
        if step == "receive_decision":
            self.received = True
        if step == "reopen":
            self.rounds, self.received, self.ceremony = 0, False, None
        self.state = reached
        return "moved"

    def _reached(self, step: str, on: D, short: bool) -> str | None:
        state = self.state
        if step == "withdraw":
            return None if state in CLOSED else "withdrawn"
        if step == "send_transfer":
            if state in CLOSED or state == "in_transfer":
                return None
            self.resume, self.sent = state, True
            return "in_transfer"
        if step == "accept_transfer":
            back, self.resume = self.resume, None
            return back if state == "in_transfer" else None
        if step == "return_file":
            return "verifying" if state in ("verifying", "verified", "introduced", "opinions_done", "cell_short", "cell_approved",
                                            "base_short", "base_approved") else None
        if state not in ROAD[step]:
            return None
        if step == "hold_ceremony" and not self.received:
            return None
        if step == "start_recognition":
            assert self.ceremony is not None
            if not on > D(self.ceremony.year + 1, self.ceremony.month, self.ceremony.day):
                return None
        if not short or step not in {*SHORT, *ROUNDS}:
            return ROAD[step][state]
        if step in SHORT:
            return SHORT[step]
        self.rounds += 1
        return "recognition_deadlock" if self.rounds >= 3 else ROUNDS[step] or state


def asked(world_: World, step: str, on: D, short: bool, goal: int) -> dict[str, Any]:
    """All that a step needs, so that only state, path and days can stand in its way."""
    facts: dict[str, dict[str, Any]] = {
        "list_source": {"helper.person": world_.people["helper"], "cell.official_members": 18},
        "record_certificate": {"certificate.issued_on": on},
        "start_verification": {"candidate.application_on": on, "candidate.cv_on": on, "cv.sealed_on": on, "candidate.former_member": False},
        "conclude_verification": {"cv.sealed_on": on, "cv.certified_on": on, "relatives": {"declared": True, "items": [
            {"kind": "father", "result_on": on}, {"kind": "mother", "skip_judged": True}]}},
        "complete_introduction": {"candidate.youth_union_here": False, "candidate.trade_union_here": False, "introducers": {
            "declared": True, "items": [{"official": True, "waived": True, "signed_on": on}] * 2}},
        "complete_opinions": {"candidate.mass_member": False, "opinions.summary_on": on,
                              "opinions": {"declared": True, "items": [{"source": "residence", "given_on": on}]}},
        "cell_vote": {"candidate.edu": "higher", "cell.official_members": 18},
        "start_recognition": {"new_member.certificate_on": on}, "recognition_cell_vote": {"new_member.certificate_on": on},
        "drop_source": {"note.reason": "Lý do"}, "return_file": {"note.reason": "Lý do"},
        "send_transfer": {"transfer.to_unit": goal},
    }
    papers = {"cell_vote": "6-KND", "base_vote": "8-KND", "decide_admission": "9-KND", "recognition_cell_vote": "13-KND",
              "recognition_base_vote": "15-KND", "decide_recognition": "16-KND", "sub_appraise": "7-KND"}
    to = {"return_file": "verifying", "annul_admission": "annulled", "decide_deadlock": "removed"}
    ballot = {"entitled": 18, "for": 5 if short else 16, "against": 2} if step in {*SHORT, *ROUNDS} else None
    return {"facts": facts.get(step, {}), "papers": [{"kind": papers[step]}] if step in papers else [], "to": to.get(step), "ballot": ballot,
            "second_reader": True}


def built(made: World) -> World:
    """A commune with a base committee below it; the cell is as full as the law wants and may be moved from and to."""
    with made.database.write() as session:
        made.clock.day = D(2031, 1, 1)
        units.found(session, None, D(2025, 7, 1), code="XA", name="Đảng ủy xã Bản Lìm", kind="commune_above_base", parent="T")
        units.change(session, None, D(2025, 7, 1), unit="X", parent="XA")
        units.change(session, None, D(2025, 7, 1), unit="X2", parent="XA")
        offices.grant_office(session, None, D(2025, 7, 1), person=made.people["signer"], role="standing_board_signer", unit="XA", since=D(2025, 7, 1))
        units.found(session, None, D(2025, 7, 1), code="C1B", name="Chi bộ thôn Nà Hin", kind="cell", parent="X")
        offices.grant_office(session, None, D(2025, 7, 1), person=made.people["secretary"], role="cell_secretary", unit="C1B", since=D(2025, 7, 1))
    return made


def elsewhere(made: World, session: Session, case: int) -> int:
    """The other one of two cells that have one secretary: where a case is sent."""
    here = session.connection().scalar(sa.select(Case.unit_id).where(Case.id == case))
    return next(unit for code in ("C1", "C1B") if (unit := made.subject(session, "an", code).unit_id) != here)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def village(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    from tests.databases import fresh_postgres

    if request.param == "sqlite":
        with world(f"sqlite:///{tmp_path_factory.mktemp('model') / 'model.sqlite3'}") as made:
            yield built(made)
        return
    with fresh_postgres(request.getfixturevalue("postgres_url")) as url, world(url) as made:
        yield built(made)


#: Where a case may be taken over, and the days of steps it rests on.
TAKEN_OVER: dict[str, dict[str, D]] = {
    "opinions_done": {}, "base_approved": {"cell_vote": D(2025, 7, 2), "base_vote": D(2025, 7, 20)},
    "probationary": {"decide_admission": D(2025, 4, 1), "hold_ceremony": D(2025, 5, 1)},
    "recognition_review": {"decide_admission": D(2024, 4, 1), "hold_ceremony": D(2024, 5, 1)},
}
#: Mostly onward, now and then anything; days pass between, sometimes more than a year.
MOVE = st.tuples(st.floats(0, 1), st.sampled_from(STEPS), st.integers(0, 40), st.booleans(), st.sampled_from([0, 0, 1, 2, 400]))


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(begun=st.sampled_from(["nominated", *TAKEN_OVER]), moves=st.lists(MOVE, min_size=8, max_size=30))
def test_the_engine_does_what_the_model_does(village: World, begun: str, moves: list[tuple[float, str, int, bool, int]]) -> None:
    did = TAKEN_OVER.get(begun, {})
    model, on = Model(begun, ceremony=did.get("hold_ceremony")), FIRST
    with village.database.write() as session:
        if begun in TAKEN_OVER:
            case = village.case(session, begun, on=on, did=did)
        else:
            case = take(session, village.subject(session, "an", "C1"), "nominate", village.actors["secretary"], on)
        for chance, step, pick, short, days in moves:
            onward = [s for s in ROAD if ROAD[s].get(model.state, model.state) != model.state and s not in ASIDE]
            if model.state == "decided" and not model.received:
                onward = ["receive_decision"]
            if chance < 0.85 and onward:
                step = onward[pick % len(onward)]
            on += dt.timedelta(days=days if model.state in ("probationary", "official") else min(days, 2))
            before = (state_of(session, case), version_of(session, case), entries_of(session, case))
            expected = model.take(step, on, short and chance < 0.4)
            untouched = contents(session) if expected != "moved" and chance > 0.9 else None
            who = village.actors[WHO.get(step, "secretary")]
            try:
                engine.advance(session, case, step, who, on=on, **asked(village, step, on, short and chance < 0.4, elsewhere(village, session, case)))
                outcome = "moved"
            except StepRefused:
                outcome = "refused"
            except NotPermitted:
                outcome = "forbidden"
            after = (state_of(session, case), version_of(session, case), entries_of(session, case))
            assert (outcome, after[0]) == (expected, model.state), (before, step, on)
            assert after[1] == model.version
            if outcome == "moved":
                assert after[2] == before[2] + 1
            else:
                assert after == before
                assert untouched is None or contents(session) == untouched
        assert fold.compare(session) == []
        session.rollback()
