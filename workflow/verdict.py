"""The answer about one step of one case: may it be taken, by this actor, on this day, with what was given?

Buttons, refusals, JSON and tests all use this same answer.
"""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from rules.schema import Step
from rules.verdict import Verdict
from workflow.access import Permission


@dataclass(frozen=True, slots=True)
class InputProblem:
    """Something missing or wrong in what was given: ``id`` is ``FACT:<name>`` or ``PAPER:<kind>``, ``code`` why."""

    id: str
    code: str

    @property
    def name(self) -> str:
        return self.id.partition(":")[2]


@dataclass(frozen=True, slots=True)
class StepVerdict:
    """Right, state, input, law: in this order, and all of them."""

    process: str
    step: str
    law: Step
    on: dt.date
    state: str
    permission: Permission
    state_allows: bool
    judged: Verdict
    inputs: tuple[InputProblem, ...] = ()
    choices: tuple[str, ...] = ()
    ballot_problems: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict, repr=False)
    #: Days that the act left out and that follow from others; part of ``facts``.
    derived: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def refused(self) -> tuple[str, ...]:
        """Ids of everything that stands in the way, in the order of the contract."""
        found = [] if self.state_allows else ["STATE"]
        found += [problem.id for problem in self.inputs]
        found += [finding.rule for finding in self.blocking]
        if self.ballot_problems:
            found.append("BALLOT")
        return tuple(dict.fromkeys(found))

    @property
    def blocking(self) -> tuple[Any, ...]:
        """The findings of block rules that are not met or unknown."""
        return tuple(f for f in self.judged.findings if f.severity == "block" and f.outcome in ("not_met", "unknown"))

    @property
    def possible(self) -> bool:
        return self.permission.allowed and not self.refused

    def as_json(self) -> dict[str, Any]:
        """The verdict as one JSON value, for the command line."""
        return {
            **self.judged.as_json(),
            "state": self.state,
            "permitted": self.permission.allowed,
            "reasons": list(self.permission.reasons),
            "who": [{"role": right.role, "unit": right.unit_id} for right in self.permission.who],
            "refused": list(self.refused),
            "choices": list(self.choices),
        }
