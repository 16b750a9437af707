"""The main road: which step is next for a case, by the law of a day, its state and its place in the organisation.

A process offers many steps from a state (withdraw, transfer, return ...). The next one is the nearest step forward
that the case's path allows; queues and the case page lead with it. Nothing here knows a process by name.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from rules.book import Rulebook
from rules.judging import judges_of
from rules.process import RESUME, SAME, ProcessLaw
from rules.schema import Step
from workflow.process import ranks

#: What a case's place says; rules that read nothing else choose the path.
_PLACE = ("path.", "case.state")


def next_steps(book: Rulebook, law: ProcessLaw, on: dt.date, state: str, place: Mapping[str, Any],
               units: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The steps that lead a case onward from a state; usually one, none from an end.

    ``place`` are the facts of :func:`workflow.snapshot.place_facts`, ``units`` the codes from the unit to the root.
    """
    return _next(book, law, on, state, tuple(sorted(place.items())), units)


@lru_cache(maxsize=4096)
def _next(book: Rulebook, law: ProcessLaw, on: dt.date, state: str, place: tuple[tuple[str, Any], ...],
          units: tuple[str, ...]) -> tuple[str, ...]:
    facts = {**dict(place), "case.state": state}
    onward: dict[int, list[str]] = {}
    sideways: list[str] = []
    closing: list[str] = []
    for id_, step in law.steps(on).items():
        if state not in law.leaves(step) or step.voids is not None or state in step.extraordinary:
            continue
        if not _on_path(book, law, on, id_, facts, units):
            continue
        weight = _weight(law, step, state)
        if weight is not None:
            onward.setdefault(weight, []).append(id_)
        if any(goal != state and goal in ranks(law) for goal in law.carried(step, state)):
            sideways.append(id_)
        if step.ballot and any(goal in law.states.closed for goal in law.carried(step, state)):
            closing.append(id_)
    straight = {weight: on_road for weight, found in onward.items() if (on_road := _towards(law, on, state, found))}
    back_on_it = _towards(law, on, state, sideways)
    if straight or not back_on_it:
        onward = straight or onward
        return tuple(onward[min(onward)]) if onward else tuple(sideways or closing)
    return tuple(back_on_it)


def _towards(law: ProcessLaw, on: dt.date, state: str, steps: list[str]) -> list[str]:
    """Those steps from whose goal the end that the process is about can still be reached."""
    ends = _reaching(law, on)
    return [id_ for id_ in steps if (step := law.step(id_, on)) and (step.to == RESUME or any(g in ends for g in law.carried(step, state)))]


@lru_cache(maxsize=64)
def _reaching(law: ProcessLaw, on: dt.date) -> frozenset[str]:
    """The states from which votes that carry lead to a closed state with a stage of its own, and those ends themselves."""
    found = {name for name, state in law.states.closed.items() if state.stage is not None}
    steps = [step for step in law.steps(on).values() if step.voids is None and not step.extraordinary and step.to not in (SAME, RESUME)]
    while True:
        more = {state for step in steps for state in law.leaves(step)
                if state in law.states.open and any(goal in found for goal in law.carried(step, state) if goal != state)} - found
        if not more:
            return frozenset(found)
        found |= more


def _weight(law: ProcessLaw, step: Step, state: str) -> int | None:
    """How far a step leads onward; None for one that does not."""
    place = ranks(law)
    if step.to == RESUME:
        return 0
    found = []
    for goal in law.carried(step, state):
        if goal in place and place[goal] > place.get(state, -1):
            found.append(place[goal])
        elif goal in law.states.closed and law.states.closed[goal].stage is not None:
            found.append(len(place))
    return min(found, default=None)


def _on_path(book: Rulebook, law: ProcessLaw, on: dt.date, step: str, facts: Mapping[str, Any], units: tuple[str, ...]) -> bool:
    """Whether the rules that look at nothing but the case's place let the step through."""
    for ready in judges_of(book).of_step(law, step, on, units) or ():
        reads = ready.rule.reads
        if ready.rule.severity == "block" and not reads.collections and reads.facts \
                and all(name.startswith(_PLACE) for name in reads.facts) and ready.judge(facts) == "not_met":
            return False
    return True
