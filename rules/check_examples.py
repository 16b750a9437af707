"""Every worked example holds: of rules, ballots and duties; and every blocking rule is exampled on both sides."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from rules import values
from rules.ballots import Count, problems
from rules.book import Rulebook
from rules.calendar import Due
from rules.dated import NotInForce, in_force
from rules.firstdays import first_day
from rules.judging import Judges, Ready, judges_of
from rules.loader import Problem
from rules.nodes import ACT_ON, RuleError
from rules.process import ProcessLaw, RuleVersion
from rules.schema import Ballot, BallotExample, Duty, DutyExample, Example
from rules.verdict import HORIZON_DAYS, tally_of

Path = tuple[Any, ...]


class Terms(Protocol):
    """Where the length of a duty comes from: a rulebook, or one with a value shifted."""

    def due(self, term: Any, start: dt.date, on: dt.date, units: Any = (), times: int = 1) -> Due: ...


class BadExample(ValueError):
    """An example that cannot be worked at all."""


@dataclass(frozen=True)
class RuleExample:
    """An example of a rule, its facts read."""

    process: ProcessLaw
    rule: RuleVersion
    number: int
    law: Example
    facts: dict[str, Any]
    on: dt.date

    @property
    def path(self) -> Path:
        return ("rules", self.rule.id, self.rule.number, "examples", self.number)

    def broken(self, judges: Judges) -> str | None:
        """What does not come out as written; None when the example holds."""
        units = (self.rule.layer,) if self.rule.layer else ()
        ready = judges.ready(self.process, self.rule, self.on, units)
        outcome = ready.judge(self.facts)
        expected = self.law.outcome
        if outcome != expected and not (expected == "met" and outcome == "not_applicable"):
            return f"comes out as {outcome}, and says {expected}"
        if "first_day" not in self.law.model_fields_set:
            return None

        def rules_on(day: dt.date) -> tuple[Ready, ...]:
            then = judges.of_rule(self.process, self.rule.id, day, units)
            return () if then is None else (then,)
        end = self.on + dt.timedelta(days=HORIZON_DAYS)
        day = first_day(rules_on, judges.law_days(self.process, [self.rule.id]), self.facts, self.on, end,
                        judges.book.calendar)
        return None if day == self.law.first_day else f"first passes on {day}, not on {self.law.first_day}"


@dataclass(frozen=True)
class BallotExampleAt:
    """An example of a ballot."""

    process: ProcessLaw
    id: str
    version: int
    ballot: Ballot
    number: int
    law: BallotExample

    @property
    def path(self) -> Path:
        return ("ballots", self.id, self.version, "examples", self.number)

    @property
    def count(self) -> Count:
        law = self.law
        return Count(law.entitled, law.away, law.exempt_absent, votes_for=law.votes_for)

    def base(self, book: Rulebook) -> int | None:
        """What the share is taken of."""
        return tally_of(book, self.process, self.ballot, self.count, self.law.on)[0]

    def broken(self, book: Rulebook, share: Any = None) -> str | None:
        wrong = problems(self.count)
        if wrong:
            return f"cannot happen: {', '.join(wrong)}"
        _, needed, carried = tally_of(book, self.process, self.ballot, self.count, self.law.on, share=share)
        if needed != self.law.need:
            return f"needs {needed} votes, not {self.law.need}"
        return None if carried == self.law.carried else f"carried comes out as {carried}, not {self.law.carried}"


@dataclass(frozen=True)
class DutyExampleAt:
    """An example of a duty."""

    process: ProcessLaw
    id: str
    version: int
    duty: Duty
    number: int
    law: DutyExample

    @property
    def path(self) -> Path:
        return ("duties", self.id, self.version, "examples", self.number)

    @property
    def on(self) -> dt.date:
        """The day whose law gives the length: that of the start, within the life of the version."""
        day = max(self.law.start, self.duty.since)
        return min(day, self.duty.until) if self.duty.until else day

    def broken(self, book: Terms) -> str | None:
        term = self.duty.term or self.duty.every
        due = book.due(term, self.law.start, self.on).on
        return None if due == self.law.due else f"falls due on {due}, not on {self.law.due}"


@dataclass(frozen=True)
class Examples:
    """All examples of the law that can be worked, and what is wrong with the others."""

    rules: list[RuleExample]
    ballots: list[BallotExampleAt]
    duties: list[DutyExampleAt]
    problems: list[Problem]


def collect(book: Rulebook) -> Examples:
    """Read the facts of all examples."""
    found = Examples([], [], [], [])
    for process in (*book.processes.values(), book.common):
        part = dict(book.body.parts())[process.id]
        for rule in process.all_rules():
            if rule.scope == process.id:
                for number, example in enumerate(rule.examples):
                    try:
                        found.rules.append(_read(process, rule, number, example))
                    except BadExample as error:
                        found.problems.append(_say(book, rule, number, str(error)))
        for id_, ballots in part.ballots.items():
            for n, ballot in enumerate(ballots):
                for k, worked in enumerate(ballot.examples):
                    if in_force(ballot, worked.on):
                        found.ballots.append(BallotExampleAt(process, id_, n, ballot, k, worked))
                    else:
                        found.problems.append(book.body.places.problem(
                            process.id, ("ballots", id_, n, "examples", k, "on"),
                            f"{worked.on} is outside the life of this version", "example"))
        for id_, duties in part.duties.items():
            for n, duty in enumerate(duties):
                found.duties.extend(DutyExampleAt(process, id_, n, duty, k, e) for k, e in enumerate(duty.examples))
    return found


def _read(process: ProcessLaw, rule: RuleVersion, number: int, example: Example) -> RuleExample:
    facts, wrong = values.read_facts(example.facts, process.facts)
    if wrong:
        raise BadExample("; ".join(f"{name}: {message}" for name, message in wrong))
    on = facts.get(ACT_ON)
    if not isinstance(on, dt.date):
        raise BadExample(f"the day is missing; expected `{ACT_ON}: yyyy-mm-dd` among the facts")
    if not in_force(rule, on):
        until = rule.until or "further notice"
        raise BadExample(f"{ACT_ON} {on} is outside the life of this version ({rule.since} to {until})")
    return RuleExample(process, rule, number, example, facts, on)


def check(book: Rulebook) -> Iterator[Problem]:
    """Work all examples."""
    examples = collect(book)
    yield from examples.problems
    judges = judges_of(book)
    items: list[tuple[Any, Any]] = [(e, judges) for e in examples.rules]
    items += [(e, book) for e in (*examples.ballots, *examples.duties)]
    for example, law in items:
        try:
            said = example.broken(law)
        except (NotInForce, RuleError, ValueError, OverflowError) as error:
            said = f"cannot be worked: {error}"
        if said is not None:
            scope = example.rule.scope if isinstance(example, RuleExample) else example.process.id
            place = example.rule.place if isinstance(example, RuleExample) else None
            message = f"this example {said}; mend the example or what it exemplifies"
            yield (book.body.places.problem(scope, example.path, message, "example") if place is None
                   else book.body.places.in_layer(place, example.path, message, "example"))
    yield from _sides(book)


def _sides(book: Rulebook) -> Iterator[Problem]:
    """Each version has an example, and a rule that can stop a step has one on each side."""
    for process in (*book.processes.values(), book.common):
        asked = {r for versions in process.step_versions.values() for s in versions for r in s.requires}
        seen: dict[str, set[str]] = {}
        rules = [r for r in process.all_rules() if r.scope == process.id]
        for rule in rules:
            seen.setdefault(rule.id, set()).update(e.outcome for e in rule.examples)
            if not rule.examples:
                yield _say(book, rule, None, "has no worked example; expected `examples: [{facts: {...}, outcome: ...}]`")
        for rule in {r.id: r for r in rules}.values():
            if rule.severity == "block" and (rule.id in asked or rule.guards) and any(r.examples for r in rules if r.id == rule.id):
                for side in ("met", "not_met"):
                    if side not in seen[rule.id]:
                        yield _say(book, rule, None, f"no example comes out as {side}; add one on that side")
        part = dict(book.body.parts())[process.id]
        for id_, ballots in part.ballots.items():
            for n, ballot in enumerate(ballots):
                for carried in (True, False):
                    if not any(e.carried is carried for e in ballot.examples):
                        yield book.body.places.problem(process.id, ("ballots", id_, n), "no example in which it "
                                                       f"{'carries' if carried else 'falls short'}; add one", "sides")


def _say(book: Rulebook, rule: RuleVersion, number: int | None, message: str) -> Problem:
    path: Path = ("rules", rule.id, rule.number)
    code = "sides"
    if number is not None:
        path, code = (*path, "examples", number), "example"
    if rule.place is not None:
        return book.body.places.in_layer(rule.place, path, message, code)
    return book.body.places.problem(rule.scope, path, message, code)

