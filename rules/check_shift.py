"""Every number of the law is held by an example on each side.

A parameter is shifted by the smallest step that could be a slip of the pen: whole numbers, days, months and percent by
one, a fraction by one part of what it is taken of in the example, a yes/no to its opposite, a code to each other code.
Each shift must break an example, or nobody would notice the slip. Equal neighbouring values count as one.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from rules.book import DatedValue, Rulebook
from rules.calendar import Due
from rules.check_examples import BallotExampleAt, DutyExampleAt, Examples, RuleExample, collect
from rules.dated import NotInForce
from rules.judging import Judges, judges_of
from rules.loader import Problem
from rules.nodes import Arith, Count, Fact, Node, Param, Rows, RuleError, walk
from rules.schema import Term
from rules.values import written

_BROKEN = (NotInForce, RuleError, ValueError, OverflowError, ArithmeticError)


@dataclass(frozen=True)
class _Run:
    """Equal neighbouring values of a parameter: from the first day to the day before ``end``."""

    name: str
    value: Any
    since: dt.date
    end: dt.date


class ShiftedLaw:
    """A law with another value in one run of one parameter."""

    def __init__(self, book: Rulebook, run: _Run, value: Any) -> None:
        self._book, self._run, self._value = book, run, value
        self.calendar = book.calendar
        self.documents = book.documents
        self.judges: Any = None

    def value(self, name: str, on: dt.date, units: Sequence[str] = ()) -> DatedValue:
        found = self._book.value(name, on, units)
        if name == self._run.name and found.layer is None and self._run.since <= on < self._run.end:
            return replace(found, value=self._value)
        return found

    def change_days(self, name: str) -> set[dt.date]:
        return self._book.change_days(name)

    def due(self, term: Term, start: dt.date, on: dt.date, units: Sequence[str] = (), times: int = 1) -> Due:
        return Rulebook.due(self, term, start, on, units, times)  # type: ignore[arg-type]

    def length(self, written: str | int, on: dt.date, units: Sequence[str] = ()) -> int:
        return Rulebook.length(self, written, on, units)  # type: ignore[arg-type]


def check(book: Rulebook) -> Iterator[Problem]:
    """Shift every value of every central parameter, in each direction."""
    examples = _holding(book, collect(book))
    readers = _readers(book, examples)
    for scope, part in book.body.parts():
        for name in part.parameters:
            near = readers.get(name, Examples([], [], [], []))
            for run in _runs(book, name):
                for target, says in _targets(book, run):
                    if not _breaks(book, run, target, near):
                        yield book.body.places.problem(
                            scope, ("parameters", name, "values", run.since, "value"),
                            f"{name} {written(run.value)} {says} breaks no example between {run.since} and "
                            f"{_last(run)}; add one that sits on the threshold to a rule, ballot or duty that reads it",
                            "shift")


def _last(run: _Run) -> str:
    return "today" if run.end == dt.date.max else str(run.end - dt.timedelta(days=1))


def _runs(book: Rulebook, name: str) -> list[_Run]:
    table = sorted(book.values_of(name).items())
    runs: list[_Run] = []
    for place, (day, value) in enumerate(table):
        end = table[place + 1][0] if place + 1 < len(table) else dt.date.max
        if runs and runs[-1].value == value and runs[-1].end == day:
            runs[-1] = replace(runs[-1], end=end)
        else:
            runs.append(_Run(name, value, day, end))
    return [run for run in runs if run.value is not None]


def _targets(book: Rulebook, run: _Run) -> list[tuple[Any, str]]:
    """The values to try; a fraction gives the direction, as its step depends on the example."""
    parameter = book.parameters[run.name]
    match parameter.unit:
        case "bool":
            return [(not run.value, f"turned to {written(not run.value)}")]
        case "code":
            return [(code, f"turned to {code}") for code in parameter.codes or () if code != run.value]
        case "text":
            return []
        case "fraction":
            return [(1, "raised to the next threshold"), (-1, "lowered to the next threshold")]
    return [(run.value + 1, f"raised to {run.value + 1}"), (run.value - 1, f"lowered to {run.value - 1}")]


def _holding(book: Rulebook, examples: Examples) -> Examples:
    """Only examples that hold as written can notice a shift."""
    judges = judges_of(book)

    def holds(example: Any, law: Any) -> bool:
        try:
            return example.broken(law) is None
        except _BROKEN:
            return False

    return Examples([e for e in examples.rules if holds(e, judges)], [e for e in examples.ballots if holds(e, book)],
                    [e for e in examples.duties if holds(e, book)], [])


def _readers(book: Rulebook, examples: Examples) -> dict[str, Examples]:
    """For each parameter, the examples that read it, exceptions included."""
    found: dict[str, Examples] = {}

    def of(name: str) -> Examples:
        return found.setdefault(name, Examples([], [], [], []))

    closures: dict[tuple[str, str], set[str]] = {}
    for example in examples.rules:
        key = (example.process.id, example.rule.id)
        if key not in closures:
            closures[key] = _closure(example)
        for name in closures[key]:
            of(name).rules.append(example)
    for ballot in examples.ballots:
        of(ballot.ballot.share).ballots.append(ballot)
    for duty in examples.duties:
        term = duty.duty.term or duty.duty.every
        for length in (term.working_days, term.months, term.days) if term else ():
            if isinstance(length, str):
                of(length).duties.append(duty)
    return found


def _closure(example: RuleExample) -> set[str]:
    """The parameters that a rule and its exceptions read, in any version."""
    names: set[str] = set()
    queue, seen = [example.rule.id], set()
    while queue:
        id_ = queue.pop()
        if id_ in seen:
            continue
        seen.add(id_)
        for version in example.process.rule_versions.get(id_) or example.process.layer_rules.get(id_, ()):
            names |= version.reads.parameters
            queue += version.unless
    return names


def _breaks(book: Rulebook, run: _Run, target: Any, examples: Examples) -> bool:
    """Whether any example notices that the value is another. A value that cannot be is noticed at once."""
    unit = book.parameters[run.name].unit
    if unit == "fraction":
        return _fraction_breaks(book, run, target, examples)
    if unit in ("months", "days", "working_days", "percent") and (target < 0 or unit == "percent" and target > 100):
        return bool(examples.rules or examples.ballots or examples.duties)
    law = ShiftedLaw(book, run, target)
    judges = Judges(law)  # type: ignore[arg-type]
    return (any(_feels(e, judges) for e in examples.rules if _reaches(e, run))
            or any(_feels(e, law) for e in examples.duties if run.since <= e.on < run.end))


def _fraction_breaks(book: Rulebook, run: _Run, direction: int, examples: Examples) -> bool:
    for ballot in examples.ballots:
        base = ballot.base(book)
        if base and run.since <= ballot.law.on < run.end:
            share = run.value + Fraction(direction, base)
            if not 0 <= share <= 1 or ballot.broken(book, share) is not None:
                return True
    for example in examples.rules:
        size = _size(example, run.name)
        if size and _reaches(example, run):
            share = run.value + Fraction(direction, size)
            if not 0 <= share <= 1 or _feels(example, Judges(ShiftedLaw(book, run, share))):  # type: ignore[arg-type]
                return True
    return False


def _size(example: RuleExample, name: str) -> int:
    """What a fraction is taken of in an example: the number it multiplies, else its own parts."""
    for node in (example.rule.when, example.rule.applies):
        for part in walk(node) if node is not None else ():
            if isinstance(part, Arith) and part.op == "*":
                sides = (part.left, part.right)
                if any(isinstance(s, Param) and s.name == name for s in sides):
                    other = sides[1] if isinstance(sides[0], Param) and sides[0].name == name else sides[0]
                    return _number(other, example.facts)
    return 0


def _number(node: Node, facts: dict[str, Any]) -> int:
    if isinstance(node, Count):
        rows = facts.get(node.collection)
        return len(rows.items) if isinstance(rows, Rows) else 0
    if isinstance(node, Fact):
        value = facts.get(node.name)
        return value if isinstance(value, int) else 0
    return 0


def _reaches(example: RuleExample, run: _Run) -> bool:
    """Whether the law of the run can matter to an example: on its day, or on the way to its first day."""
    if "first_day" in example.law.model_fields_set:
        return example.on < run.end
    return run.since <= example.on < run.end


def _feels(example: RuleExample | BallotExampleAt | DutyExampleAt, law: Any) -> bool:
    try:
        return example.broken(law) is not None
    except _BROKEN:
        return True
