"""Which step is next: the road of an admission by state and by place."""
from __future__ import annotations

import datetime as dt

import pytest

from workflow import road
from workflow.scenarios import shipped

ON = dt.date(2026, 10, 15)
#: A cell directly under the commune; one under a base committee; one under a subcommittee of it.
DIRECT = {"path.unit": "base_cell", "path.parent": "commune_above_base", "path.base_vote": False, "path.sub": False, "path.delegated": False}
BASE = {"path.unit": "cell", "path.parent": "base_committee", "path.base_vote": True, "path.sub": False, "path.delegated": False}
SUB = {**BASE, "path.parent": "subcommittee", "path.sub": True}


@pytest.mark.parametrize(("state", "place", "expected"), [
    ("nominated", DIRECT, "list_source"), ("source_listed", DIRECT, "assign_class"), ("class_done", DIRECT, "permit_application"),
    ("opinions_done", BASE, "cell_vote"), ("cell_short", BASE, "direct_revote"), ("base_short", BASE, "direct_revote"),
    ("cell_approved", DIRECT, "decide_admission"), ("cell_approved", BASE, "base_vote"), ("cell_approved", SUB, "sub_appraise"),
    ("base_approved", BASE, "decide_admission"), ("decided", DIRECT, "hold_ceremony"), ("probationary", DIRECT, "start_recognition"),
    ("recognition_review", BASE, "recognition_cell_vote"), ("recognition_cell_short", BASE, "recognition_cell_vote"),
    ("recognition_base_short", BASE, "recognition_cell_vote"), ("recognition_cell_approved", DIRECT, "decide_recognition"),
    ("recognition_cell_approved", BASE, "recognition_base_vote"), ("recognition_cell_approved", SUB, "recognition_sub_appraise"),
    ("recognition_base_approved", BASE, "decide_recognition"), ("recognition_deadlock", BASE, "decide_deadlock"),
    ("removal_proposed", BASE, "removal_base_vote"), ("removal_proposed", DIRECT, "decide_removal"),
    ("removal_base_approved", BASE, "decide_removal"), ("in_transfer", DIRECT, "accept_transfer"),
])
def test_the_next_step(state: str, place: dict[str, object], expected: str) -> None:
    book = shipped()
    assert road.next_steps(book, book.process("admission"), ON, state, place) == (expected,)


def test_every_open_state_has_a_next_step_and_no_closed_one() -> None:
    book = shipped()
    law = book.process("admission")
    for state in law.states.open:
        # a base vote and an appraisal exist only where the path has them
        assert any(road.next_steps(book, law, ON, state, place) for place in (DIRECT, BASE, SUB)), state
    for state in law.states.closed:
        assert road.next_steps(book, law, ON, state, DIRECT) == (), state
