"""The last lock draws exactly the edges of the law, keeps no case, and refuses everything else."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.process import ProcessLaw
from tests.workflow.organisation import law
from workflow.machine import IllegalMove, fire, machine
from workflow.process import START, destinations, sources

PROCESSES = sorted(law().processes)


def edges(process: ProcessLaw) -> set[tuple[str, str, str]]:
    return {(id_, source, target) for id_, versions in process.step_versions.items() for step in versions
            for source in sources(process, step) for target in destinations(process, step, source)}


@pytest.mark.parametrize("name", PROCESSES)
def test_every_edge_of_the_law_can_be_fired(name: str) -> None:
    process = law().processes[name]
    for step, source, target in edges(process):
        assert fire(process, step, source, target) == target


@given(st.data())
def test_no_other_edge_can(data: st.DataObject) -> None:
    process = law().processes[data.draw(st.sampled_from(PROCESSES))]
    states = [START, *process.all_states]
    move = (data.draw(st.sampled_from(sorted(process.step_versions))), data.draw(st.sampled_from(states)), data.draw(st.sampled_from(states)))
    if move in edges(process):
        assert fire(process, *move) == move[2]
    else:
        with pytest.raises(IllegalMove):
            fire(process, *move)


def test_it_holds_no_case_and_makes_no_transitions_of_its_own() -> None:
    process = law().processes["admission"]
    made = machine(process)
    assert made is machine(process)
    assert made.models == []
    fire(process, "withdraw", "applying", "withdrawn")
    assert made.models == []
    assert set(made.events) == set(process.step_versions)
    assert not [name for name in made.events if name.startswith("to_")]


def test_a_closed_state_is_left_by_extraordinary_steps_alone() -> None:
    for process in law().processes.values():
        for id_, versions in process.step_versions.items():
            for step in versions:
                for state in set(process.leaves(step)) & set(process.states.closed):
                    assert state in step.extraordinary, f"{id_} leaves {state}"
