"""The last lock: one state machine per process and edition. Nothing else in the project imports ``transitions``.

The rules have been decided before a machine is fired; it only makes sure that no case ever moves along an edge that
the law does not draw. Machines hold no case: ``add_model`` would keep every row alive and overwrite its state.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from transitions import EventData, Machine, MachineError

from rules.process import START, ProcessLaw
from workflow.process import destinations, sources


@dataclass(slots=True)
class Token:
    """What runs through the machine in place of the case: the state it is in and the one it aims at."""

    state: str
    target: str


class IllegalMove(RuntimeError):
    """The machine has no such edge: a defect in the engine, never an answer to a user."""


def fire(law: ProcessLaw, step: str, state: str, target: str) -> str:
    """Move from ``state`` along ``step`` to ``target`` and return the state reached.

    Raises :class:`IllegalMove` where the law draws no such edge.
    """
    token = Token(state, target)
    event = machine(law).events.get(step)
    try:
        moved = event is not None and event.trigger(token)
    except MachineError as error:
        raise IllegalMove(str(error)) from error
    if not moved:
        raise IllegalMove(f"{law.id}.{step}: {state} -> {target}")
    return token.state


@lru_cache(maxsize=32)
def machine(law: ProcessLaw) -> Machine:
    """The machine of one process under one edition: an edge for each source and destination of each step."""
    edges = {
        (step_id, source, target)
        for step_id, versions in law.step_versions.items()
        for step in versions
        for source in sources(law, step)
        for target in destinations(law, step, source)
    }
    return Machine(
        model=None,
        states=[START, *law.all_states],
        initial=START,
        auto_transitions=False,
        send_event=True,
        transitions=[
            {"trigger": step, "source": source, "dest": target, "conditions": _aims_at(target)}
            for step, source, target in sorted(edges)
        ],
    )


def _aims_at(target: str) -> Callable[[EventData], bool]:
    def aims(event: EventData) -> bool:
        token = event.model
        return isinstance(token, Token) and token.target == target

    return aims
