"""The machine of each process: states that can be reached and left, steps between states that exist."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from rules.book import Rulebook
from rules.check_spans import covered
from rules.dated import change_days
from rules.loader import Problem, near
from rules.process import OPEN, START, ProcessLaw
from rules.schema import ByFrom, Choice, Step

_WORDS = ("same", "resume")


def check(book: Rulebook) -> Iterator[Problem]:
    """Every step leads from and to known states, every state is reached, every open state has an exit on every day."""
    for process in book.processes.values():
        yield from _Machine(book, process).check()


class _Machine:
    def __init__(self, book: Rulebook, process: ProcessLaw) -> None:
        self.process = process
        self.states = process.all_states
        self._places = book.body.places

    def say(self, path: tuple[Any, ...], message: str, *, warning: bool = False) -> Problem:
        return self._places.problem(self.process.id, path, message, "process", warning=warning)

    def check(self) -> Iterator[Problem]:
        if not self.process.step_versions:
            return
        yield from self.table()
        wrong = []
        for id_, versions in self.process.step_versions.items():
            for n, step in enumerate(versions):
                wrong += list(self.step(("steps", id_, n), step))
        yield from wrong
        if not wrong:
            yield from self.reached()
            yield from self.left()

    def table(self) -> Iterator[Problem]:
        states = self.process.states
        total = len(states.open) + len(states.waiting) + len(states.closed)
        if total != len(self.states):
            twice = [s for s in self.states if sum(s in t for t in (states.open, states.waiting, states.closed)) > 1]
            yield self.say(("states", twice[0]), f"{', '.join(twice)} stands under two of open, waiting, closed; keep one")
        stages = self.process.head.stages
        for id_, state in self.states.items():
            if id_ in (START, OPEN, *_WORDS, "*"):
                yield self.say(("states", id_), f"`{id_}` is a word of the format; take another name for the state")
            if state.stage is not None and state.stage not in stages:
                yield self.say(("states", id_), f"no stage {state.stage}{near(state.stage, stages, 'expected one of ')}")

    def step(self, path: tuple[Any, ...], step: Step) -> Iterator[Problem]:
        known = {*self.states, START, OPEN}
        for name in step.from_:
            if name not in known:
                yield self.say((*path, "from"), f"no state {name}{near(name, known, 'expected one of ')}")
        leaves = set(self.process.leaves(step))
        for name in step.extraordinary:
            if name not in leaves:
                yield self.say((*path, "extraordinary"), f"{name} is not among the states under `from`")
        for name in sorted(leaves & set(self.process.states.closed) - set(step.extraordinary)):
            yield self.say((*path, "from"), f"{name} is closed; a step that leaves it names it under `extraordinary`")
        yield from self.goal(path, step, leaves)
        below = self.process.below(step)
        for k, outcome in enumerate(below):
            where = (*path, "below", k, "to") if isinstance(step.below, list) else (*path, "below")
            yield from self.target(where, outcome.to, ("same",))
            if outcome.when is None and k < len(below) - 1:
                yield self.say(where, "an outcome without `when` always counts; it must stand last")
        if below and below[-1].when is not None:
            yield self.say((*path, "below"), "no outcome is left when no `when` holds; the last one stands without `when`")
        if self.process.starts_case(step) and len(step.from_) > 1 and self.process.head.kept == "cases":
            yield self.say((*path, "from"), "`start` stands alone: a step either opens a case or moves one")

    def goal(self, path: tuple[Any, ...], step: Step, leaves: set[str]) -> Iterator[Problem]:
        match step.to:
            case str():
                yield from self.target((*path, "to"), step.to, _WORDS)
                if step.to in _WORDS and START in step.from_:
                    yield self.say((*path, "to"), "a step that opens a case leads to a state")
            case Choice():
                for name in step.to.choose:
                    yield from self.target((*path, "to", "choose"), name, ())
                if not step.to.choose:
                    yield self.say((*path, "to", "choose"), "nothing to choose from")
            case ByFrom():
                table = step.to.by_from
                for source, name in table.items():
                    yield from self.target((*path, "to", "by_from", source), name, ("same",))
                    if source != "*" and source not in leaves:
                        yield self.say((*path, "to", "by_from", source), f"{source} is not among the states under `from`")
                for source in sorted(leaves - set(table)):
                    if "*" not in table:
                        yield self.say((*path, "to", "by_from"), f"does not say where {source} leads; add it, or `'*'`")

    def target(self, path: tuple[Any, ...], name: str, words: tuple[str, ...]) -> Iterator[Problem]:
        if name not in self.states and name not in words:
            yield self.say(path, f"no state {name}{near(name, {*self.states, *words}, 'expected one of ')}")

    def reached(self) -> Iterator[Problem]:
        """From the start, over the steps of any time. To resume a state is not to reach it: it was left before."""
        steps = [s for versions in self.process.step_versions.values() for s in versions]
        found = {g for s in steps if self.process.starts_case(s) for g in self.goals(s, START)}
        if not found:
            yield self.say(("steps", next(iter(self.process.step_versions))), "no step opens a case; expected one with "
                           "`from: start`")
            return
        queue = list(found)
        while queue:
            state = queue.pop()
            for step in steps:
                if state in self.process.leaves(step):
                    new = set(self.process.goals(step, state)) - found
                    found |= new
                    queue += new
        for state in self.states:
            if state not in found:
                yield self.say(("states", state), "no step leads to this state; add one, or delete the state")

    def left(self) -> Iterator[Problem]:
        """On every day on which steps change, each open or waiting state leads to a closed one."""
        versions = [s for steps in self.process.step_versions.values() for s in steps]
        living = {*self.process.states.open, *self.process.states.waiting}
        told: set[str] = set()
        for day in sorted(change_days(versions)):
            steps = list(self.process.steps(day).values())
            if not steps:
                continue
            moves = {s: {g for step in steps if s in self.process.leaves(step) for g in self.goals(step, s)} - {s}
                     for s in living}
            ends = set(self.process.states.closed)
            while True:
                more = {s for s in living - ends if moves[s] & ends}
                if not more:
                    break
                ends |= more
            for state in sorted(living - ends - told):
                told.add(state)
                says = "has no exit" if not moves[state] else "never leads to a closed state"
                yield self.say(("states", state), f"on {day} this state {says}; add a step that leaves it")

    def goals(self, step: Step, state: str) -> set[str]:
        found = set(self.process.goals(step, state))
        if step.to == "resume":
            found |= set(self.process.states.open)
        return found - {START}


def ballots_in_force(process: ProcessLaw, step: Step) -> dt.date | None:
    """The first day of a step's life on which its ballot is not in force, or None."""
    if step.ballot in (None, "path"):
        return None
    return covered(process.ballots.get(str(step.ballot), ()), step.since, step.until)
