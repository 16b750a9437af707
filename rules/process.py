"""The law of one process: its facts, rules, steps, papers, duties and deciders, each by day.

Expressions are parsed and type-checked once, when the law is loaded; what is wrong with them is collected.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rules.dated import Cite, NotInForce, cites_on, in_force, mark_on, pick
from rules.nodes import Names, Node, Used, names_used
from rules.schema import (
    Ballot,
    ByFrom,
    Choice,
    Decider,
    Duty,
    Example,
    Fact,
    Outcome,
    Paper,
    Process,
    Rule,
    State,
    States,
    Step,
)
from rules.shape import Text

#: Words of the law files: a case that does not exist yet, every open or waiting state, the state stays, the state that
#: was kept when the case began to wait.
START, OPEN, SAME, RESUME = "start", "open", "same", "resume"
DeciderRow = Decider


@dataclass(frozen=True, eq=False)
class RuleVersion:
    """One version of a rule with its parsed conditions. Compared by identity, so that compiled code hangs on it."""

    id: str
    number: int
    scope: str
    law: Rule
    says: Text
    when: Node
    applies: Node | None
    since: dt.date
    until: dt.date | None
    layer: str | None = None
    #: The layer file it stands in, and of which process its names are.
    place: int | None = None
    guards: frozenset[tuple[str, str]] = frozenset()
    reads: Used = field(default_factory=lambda: Used(set(), set(), set(), set()))

    @property
    def severity(self) -> str:
        return self.law.severity

    @property
    def fixed_by(self) -> tuple[str, ...]:
        return tuple(self.law.fixed_by)

    @property
    def unless(self) -> tuple[str, ...]:
        return tuple(self.law.unless)

    @property
    def examples(self) -> Sequence[Example]:
        return self.law.examples

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters that ``when`` and ``applies`` read, sorted."""
        return tuple(sorted(self.reads.parameters))

    def cites(self, on: dt.date) -> tuple[Cite, ...]:
        return cites_on(self.law.cites, on)

    def confidence(self, on: dt.date) -> str | None:
        return mark_on(self.law.confidence, on)


def reads_of(*nodes: Node | None) -> Used:
    """All names that some expressions read together."""
    total = Used(set(), set(), set(), set())
    for node in nodes:
        if node is not None:
            used = names_used(node)
            for name in ("facts", "collections", "parameters", "fields"):
                getattr(total, name).update(getattr(used, name))
    return total


@dataclass(frozen=True, eq=False)
class ProcessLaw:
    """Everything the law says of one process. Made by :mod:`rules.book`."""

    id: str
    head: Process
    facts: Mapping[str, Fact]
    names: Names
    states: States
    step_versions: Mapping[str, Sequence[Step]]
    rule_versions: Mapping[str, Sequence[RuleVersion]]
    layer_rules: Mapping[str, Sequence[RuleVersion]]
    papers: Mapping[str, Paper]
    duties: Mapping[str, Sequence[Duty]]
    ballots: Mapping[str, Sequence[Ballot]]
    deciders: Sequence[Decider]
    #: Parsed ballot bases, duty starts and conditions of outcomes, by their text.
    expressions: Mapping[tuple[str, str], Node]

    @property
    def label(self) -> Text:
        return self.head.label

    @property
    def collections(self) -> Mapping[str, Fact]:
        """The facts that are collections."""
        return {n: f for n, f in self.facts.items() if f.items is not None}

    @cached_property
    def transfers(self) -> tuple[str, ...]:
        """The facts that name the unit to which a step moves a case."""
        return tuple(dict.fromkeys(s.moves_unit for versions in self.step_versions.values() for s in versions if s.moves_unit))

    @property
    def all_states(self) -> dict[str, State]:
        """All states in the order of the law: open, waiting, closed."""
        return {**self.states.open, **self.states.waiting, **self.states.closed}

    # --- steps ------------------------------------------------------------------------------------------------------

    def steps(self, on: dt.date) -> dict[str, Step]:
        """The steps in force on a day."""
        found = ((id_, pick(versions, on)) for id_, versions in self.step_versions.items())
        return {id_: step for id_, step in found if step is not None}

    def step(self, id: str, on: dt.date) -> Step | None:
        return pick(self.step_versions.get(id, ()), on)

    def leaves(self, step: Step) -> tuple[str, ...]:
        """The states a step may be taken from. The word ``open`` means every open state and every waiting one, save
        that a step into a waiting state is not taken from one. A start step leaves none."""
        found: list[str] = []
        for name in step.from_:
            if name == OPEN:
                found += self.states.open
                if not (isinstance(step.to, str) and step.to in self.states.waiting):
                    found += self.states.waiting
            elif name != START:
                found.append(name)
        return tuple(dict.fromkeys(found))

    def starts_case(self, step: Step) -> bool:
        return START in step.from_

    def carried(self, step: Step, state: str) -> tuple[str, ...]:
        """The states a step leads to when nothing falls short: one, or those of which one is chosen.

        None for ``resume``: that leads to whatever open state was left for waiting.
        """
        if isinstance(step.to, Choice):
            return tuple(step.to.choose)
        goal = step.to.by_from.get(state, step.to.by_from.get("*")) if isinstance(step.to, ByFrom) else step.to
        return () if goal in (RESUME, None) else (state if goal == SAME else goal,)

    def goals(self, step: Step, state: str) -> tuple[str, ...]:
        """The states a step may lead to from a state, outcomes of a short vote included (see :meth:`carried`)."""
        short = [state if o.to == SAME else o.to for o in self.below(step)]
        return tuple(dict.fromkeys([*self.carried(step, state), *short]))

    def below(self, step: Step) -> tuple[Outcome, ...]:
        """Where a ballot that does not carry leads, in order; the first whose condition holds counts."""
        if step.below is None:
            return ()
        return (Outcome(to=step.below),) if isinstance(step.below, str) else tuple(step.below)

    # --- rules ------------------------------------------------------------------------------------------------------

    def rule(self, id: str, on: dt.date) -> RuleVersion | None:
        return pick(self.rule_versions.get(id) or self.layer_rules.get(id, ()), on)

    def guards(self, step_id: str, on: dt.date, units: Sequence[str] = ()) -> list[RuleVersion]:
        """The rules in force that a step asks: its own, then those of the layers of the units in its line."""
        step = self.step(step_id, on)
        if step is None:
            return []
        found = [pick(self.rule_versions[r], on) for r in step.requires]
        for versions in self.layer_rules.values():
            version = pick(versions, on)
            if version is not None and version.layer in units and (self.id, step_id) in version.guards:
                found.append(version)
        return [rule for rule in found if rule is not None]

    # --- papers, duties, ballots, deciders --------------------------------------------------------------------------

    def paper(self, kind: str) -> Paper:
        """A kind of paper. Raises KeyError for one that the law does not know."""
        return self.papers[kind]

    def duty(self, name: str, on: dt.date) -> Duty | None:
        """The version of a duty whose law is that of ``on``."""
        return pick(self.duties.get(name, ()), on)

    def duty_kind(self, name: str) -> str:
        """The kind under which a duty is kept (two duties of successive law may be one kind)."""
        return self.duties[name][0].kind or name

    def ballot(self, id: str, on: dt.date) -> Ballot | None:
        return pick(self.ballots.get(id, ()), on)

    def expression(self, want: str, text: str) -> Node:
        """The parsed form of a ballot base (``int``), a start of a duty (``date``) or a condition (``bool``)."""
        return self.expressions[want, text]

    def following(self, fact: str, text: str) -> Node:
        """The parsed form of the expression from which a fact follows."""
        return self.expression(self.names.facts[fact].kind, text)

    def decider_rows(self, on: dt.date, unit: str | None, parent: str | None, above: str | None,
                     delegated: bool) -> list[DeciderRow]:
        """Every row of the table that fits; the check proves that there is exactly one."""
        def fits(key: Sequence[str] | None, kind: str | None) -> bool:
            return key is None or kind in key
        return [row for row in self.deciders if in_force(row, on) and fits(row.unit, unit) and fits(row.parent, parent)
                and fits(row.above, above) and row.delegated in (None, delegated)]

    def decider(self, on: dt.date, unit: str | None, parent: str | None, above: str | None,
                delegated: bool = False) -> DeciderRow:
        """Who decides a case of a unit of this kind on a day. Raises NotInForce when the table does not say."""
        rows = self.decider_rows(on, unit, parent, above, delegated)
        if len(rows) != 1:
            raise NotInForce(f"{len(rows)} rows of the deciders of {self.id} fit on {on}: unit {unit}, parent {parent}, "
                             f"above {above}, delegated {delegated}; exactly one must")
        return rows[0]

    def all_rules(self) -> Iterator[RuleVersion]:
        for versions in (*self.rule_versions.values(), *self.layer_rules.values()):
            yield from versions
