"""States and steps as the engine reads them from the law: the order of states, and where a step may lead.

Nothing here knows a process by name; all of it is worked out from the law files.
"""
from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rules.book import ProcessLaw
from rules.schema import ByFrom, Choice, Step

#: The pseudo-state in which a case does not exist yet.
START = "start"
#: Words of the law files for "the state stays" and "the state that was kept".
SAME, RESUME = "same", "resume"


@lru_cache(maxsize=32)
def ranks(law: ProcessLaw) -> dict[str, int]:
    """Place of each open state on the path; waiting and closed states have none."""
    return {state: place for place, state in enumerate(law.states.open)}


def is_closed(law: ProcessLaw, state: str) -> bool:
    return state in law.states.closed


def is_waiting(law: ProcessLaw, state: str) -> bool:
    return state in law.states.waiting


def sources(law: ProcessLaw, step: Step) -> tuple[str, ...]:
    """The states a step may be taken from; the word ``open`` stands for every open and waiting state."""
    found: list[str] = []
    for name in step.from_:
        if name == "open":
            found += [*law.states.open, *law.states.waiting]
        else:
            found.append(name)
    if step.keeps == "state":
        found = [s for s in found if s not in law.states.waiting]
    return tuple(dict.fromkeys(found))


def choices(law: ProcessLaw, step: Step, state: str) -> tuple[str, ...]:
    """States among which the actor of a step must choose; empty where the law leaves no choice.

    A way back never leads forward: of a choice of earlier states only those not later than ``state`` remain.
    """
    if not isinstance(step.to, Choice):
        return ()
    offered = step.to.choose
    if step.voids != "later":
        return tuple(offered)
    place = ranks(law)
    here = place.get(state, len(place))
    return tuple(s for s in offered if s not in place or place[s] <= here)


def destinations(law: ProcessLaw, step: Step, state: str) -> tuple[str, ...]:
    """Every state this step may lead to from ``state``, outcomes of a short vote included."""
    found = list(_ordinary(law, step, state))
    if isinstance(step.below, str):
        found.append(_word(step.below, state))
    elif step.below:
        found += [_word(outcome.to, state) for outcome in step.below]
    return tuple(dict.fromkeys(found))


def _ordinary(law: ProcessLaw, step: Step, state: str) -> Iterable[str]:
    if isinstance(step.to, Choice):
        return step.to.choose
    if isinstance(step.to, ByFrom):
        return (_word(step.to.by_from.get(state) or step.to.by_from.get("*", SAME), state),)
    if step.to == RESUME:
        return tuple(law.states.open)
    return (_word(step.to, state),)


def _word(name: str, state: str) -> str:
    return state if name == SAME else name


def is_later(law: ProcessLaw, step: Step, target: str) -> bool:
    """Whether what a step brought about is undone when a case goes back to ``target``.

    True where the step leads beyond that state, or can only be taken beyond it.
    """
    place = ranks(law)
    if target not in place:
        return False
    reached = [place[s] for source in sources(law, step) for s in _ordinary(law, step, source) if s in place]
    taken_in = [place[s] for s in sources(law, step) if s in place]
    if step.to == SAME or isinstance(step.to, (ByFrom, Choice)):
        return bool(taken_in) and min(taken_in) > place[target]
    return bool(reached) and max(reached) > place[target]
