"""Where a step may lead from a state, and what a way back undoes. Nothing here knows a process by name."""
from __future__ import annotations

from functools import lru_cache

from rules.process import RESUME, START, ProcessLaw
from rules.schema import Choice, Step


@lru_cache(maxsize=32)
def ranks(law: ProcessLaw) -> dict[str, int]:
    """Place of each open state on the path; waiting and closed states have none."""
    return {state: place for place, state in enumerate(law.states.open)}


def sources(law: ProcessLaw, step: Step) -> tuple[str, ...]:
    """The states a step may be taken from, ``start`` included."""
    return (START, *law.leaves(step)) if law.starts_case(step) else law.leaves(step)


def choices(law: ProcessLaw, step: Step, state: str) -> tuple[str, ...]:
    """States among which the actor has to choose; empty where the law leaves no choice.

    A way back never leads forward: of earlier states only those not beyond ``state`` are offered.
    """
    if not isinstance(step.to, Choice):
        return ()
    place = ranks(law)
    if step.voids != "later" or state not in place:
        return tuple(step.to.choose)
    return tuple(s for s in step.to.choose if place.get(s, -1) <= place[state])


def ordinary(law: ProcessLaw, step: Step, state: str) -> str | None:
    """The one state an act leads to when nothing is left to choose or to resume; None where something is."""
    carried = law.carried(step, state)
    return None if isinstance(step.to, Choice) or not carried else carried[0]


def destinations(law: ProcessLaw, step: Step, state: str) -> tuple[str, ...]:
    """Every state this step may lead to from ``state``, outcomes of a short vote included."""
    return tuple(law.states.open) if step.to == RESUME else law.goals(step, state)


def is_later(law: ProcessLaw, step: Step, target: str) -> bool:
    """Whether what a step brought about is undone when a case goes back to ``target``.

    True where the step leads beyond that state, or can only be taken beyond it.
    """
    place = ranks(law)
    if target not in place:
        return False
    if isinstance(step.to, str) and step.to in place:
        return place[step.to] > place[target]
    places = [place[s] for s in law.leaves(step) if s in place]
    return bool(places) and min(places) > place[target]
