"""Looking ahead: the earliest days on which a case could lawfully take each step up to a decision.

The road that remains is walked step by step with what is known today. Each step is taken on the first day that the law
allows, its own days follow as the law sets them, and the next is judged on that day or later; periods between steps
are kept in this way. What nobody has entered yet is not guessed: it is named, and the day then is only the earliest.
"""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from rules.book import Rulebook
from rules.dated import NotInForce
from rules.process import RESUME, ProcessLaw
from rules.schema import Step
from rules.verdict import Finding, decide
from workflow import road
from workflow.casefacts import Known
from workflow.process import ranks

#: No road through the states is longer.
_LONGEST = 30
#: Facts that come with the act itself: votes are counted when they are cast.
_WITH_THE_ACT = ("ballot.", "act.")


@dataclass(frozen=True, slots=True)
class Outlook:
    """``earliest`` is the first lawful day of the goal as far as is known; ``missing`` names the facts that may move it,
    ``blocked`` the rule that no day within sight meets, with the step it stands before."""

    case: Known
    earliest: dt.date
    steps: tuple[str, ...]
    missing: tuple[str, ...]
    blocked: tuple[str, str] | None

    def verdict(self, until: dt.date) -> str:
        """``blocked``, ``late``, ``open`` while facts are missing, or ``sure``."""
        if self.blocked is not None:
            return "blocked"
        if self.earliest > until:
            return "late"
        return "open" if self.missing else "sure"


def ahead(book: Rulebook, law: ProcessLaw, case: Known, goal: str, on: dt.date, end: dt.date) -> Outlook:
    """Walk from the case's state until the step ``goal`` has been taken; days beyond ``end`` are not looked at."""
    facts, state, day = dict(case.facts), case.state, on
    steps: list[str] = []
    missing: dict[str, None] = {}
    place = {name: value for name, value in facts.items() if name.startswith("path.")}
    while len(steps) < _LONGEST and (not steps or steps[-1] != goal):
        following = road.next_steps(book, law, day, state, place, case.line.codes)
        step = law.step(following[0], day) if following else None
        if step is None:
            return Outlook(case, day, tuple(steps), tuple(missing), (state, ""))
        name = following[0]
        facts["case.state"] = state
        reached, unknown, never = _first_day(book, law, step, name, facts, day, end, case.line.codes)
        missing |= dict.fromkeys(unknown)
        steps.append(name)
        if never is not None:
            return Outlook(case, reached, tuple(steps), tuple(missing), (name, never))
        day = reached
        facts |= _follows(book, law, step, facts, day, case.line.codes) | {f"did.{name}": day}
        state = _state_after(law, step, state, case.resume_state)
    return Outlook(case, day, tuple(steps), tuple(missing), None)


def _first_day(book: Rulebook, law: ProcessLaw, step: Step, name: str, facts: dict[str, object], day: dt.date, end: dt.date,
               codes: tuple[str, ...]) -> tuple[dt.date, tuple[str, ...], str | None]:
    """The first day on which no known fact forbids a step, the facts that are not known, and the rule that never holds.

    Where the whole cannot be settled each rule is asked for its own first day, again from there, since windows close.
    """
    unknown: dict[str, None] = {}
    for _ in range(4):
        then = {**facts, **_follows(book, law, step, facts, day, codes)}
        try:
            verdict = decide(book, law, name, then, day, units=codes, horizon_days=max((end - day).days, 1))
        except NotInForce:
            return day, tuple(unknown), name
        if verdict.first_day == day:
            return day, tuple(unknown), None
        if verdict.first_day is not None:
            day = verdict.first_day
            continue
        blocking = [f for f in verdict.findings if f.blocks]
        open_ = {f.rule: names for f in blocking if (names := _open(f))}
        unknown |= {fact: None for names in open_.values() for fact in names}
        waits = [f for f in blocking if f.outcome == "not_met" and f.rule not in open_]
        never = next((f.rule for f in waits if f.first_day is None), None)
        if never is not None or not waits:
            return day, tuple(unknown), never
        day = max(f.first_day for f in waits if f.first_day is not None)
    return day, tuple(unknown), None


def _open(finding: Finding) -> list[str]:
    """The facts whose entry may still turn a rule: those missing, or those that it asks to be there and that are not."""
    asked = finding.missing if finding.outcome == "unknown" else [name for name, value in finding.values.items() if value is None]
    return [name.partition("[")[0] for name in asked if not name.startswith(_WITH_THE_ACT)]


def _follows(book: Rulebook, law: ProcessLaw, step: Step, facts: dict[str, object], day: dt.date, codes: tuple[str, ...]) -> dict[str, object]:
    """The facts that the law works out itself when the step is taken on the day."""
    then = {**facts, "act.on": day}
    found = {}
    for fact, text in step.derived.items():
        if fact in step.defaults and facts.get(fact) is not None:
            continue
        value = book.evaluate(law.expression(law.names.facts[fact].kind, text), then, day, codes)
        if value is not None:
            found[fact] = value
    return found


def _state_after(law: ProcessLaw, step: Step, state: str, resume: str | None) -> str:
    """Where the step leads when votes carry; of several states that may be chosen the one furthest on the road."""
    if step.to == RESUME:
        return resume or state
    place = ranks(law)
    return max(law.carried(step, state), key=lambda goal: place.get(goal, -1), default=state)
