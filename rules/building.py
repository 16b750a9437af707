"""From the joined files to parsed law: names resolved, expressions checked, problems collected.

What is found here makes the law unusable. What makes it merely wrong (a gap, a broken example) is for
:mod:`rules.check`.
"""
from __future__ import annotations

from typing import Any

from rules.builtin import BASE_NAMES, facts_of, names_of, parameter_type
from rules.language import parse
from rules.loader import Problem, near
from rules.nodes import Names, Node, RuleError, Type
from rules.parameters import Parameters
from rules.process import ProcessLaw, RuleVersion, reads_of
from rules.schema import Fact, LawFile, Process, Rule, States
from rules.scope import SHARED, Body
from rules.shape import Text

_BASE = Names(facts={name: Type("int") for name in BASE_NAMES})


class Builder:
    """Builds the processes of a body of law; ``problems`` lists what could not be built."""

    def __init__(self, body: Body, parameters: Parameters) -> None:
        self.body = body
        self.problems: list[Problem] = []
        self.parameters = parameters
        self.types = {n: parameter_type(p) for n, p in parameters.central.items()}
        self.facts = {scope: self._facts(scope, part) for scope, part in body.parts()}
        self.names = {scope: names_of(facts, self.types) for scope, facts in self.facts.items()}
        self.rules = {scope: self._rules(scope, part) for scope, part in body.parts()}
        self.layer_rules = self._layer_rules()

    def processes(self) -> dict[str, ProcessLaw]:
        built = {name: self._process(name, part) for name, part in self.body.processes.items()}
        for name in built:
            self._references(built[name])
        self._references(self.common())
        return built

    def common(self) -> ProcessLaw:
        """The shared part alone, in the same form: rules that no process owns."""
        return self._process(SHARED, self.body.shared)

    def _facts(self, scope: str, part: LawFile) -> dict[str, Fact]:
        shared = self.body.shared
        builtin = facts_of(part.states, part.steps, {**shared.duties, **part.duties}, shared.unit_kinds)
        return {**builtin, **shared.facts, **part.facts}

    def _rules(self, scope: str, part: LawFile) -> dict[str, list[RuleVersion]]:
        built: dict[str, list[RuleVersion]] = {}
        for id_, versions in part.rules.items():
            for number, law in enumerate(versions):
                rule = self._rule(scope, id_, number, versions, law, self.names[scope])
                if rule is not None:
                    built.setdefault(id_, []).append(rule)
        return built

    def _rule(self, scope: str, id_: str, number: int, versions: list[Rule], law: Rule, names: Names,
              **layer: Any) -> RuleVersion | None:
        path = ("rules", id_, number)
        place = layer.get("place")
        when = self._parse(scope, (*path, "when"), law.when, names, place=place)
        applies = None
        if law.applies is not None:
            applies = self._parse(scope, (*path, "applies"), law.applies, names, place=place)
            if applies is None:
                return None
        if when is None:
            return None
        says = law.says or next((v.says for v in versions if v.says), None) or Text(vi=id_)
        span = {"since": law.since, "until": law.until, **layer}
        return RuleVersion(id=id_, number=number, scope=scope, law=law, says=says, when=when, applies=applies,
                           reads=reads_of(when, applies), **span)

    def _layer_rules(self) -> dict[str, dict[str, list[RuleVersion]]]:
        built: dict[str, dict[str, list[RuleVersion]]] = {scope: {} for scope, _ in self.body.parts()}
        central = {id_ for part in self.rules.values() for id_ in part}
        for place, file in enumerate(self.body.layers):
            assert file.layer is not None
            for id_, versions in file.rules.items():
                if id_ in central or any(id_ in known for known in built.values()):
                    self._say(SHARED, ("rules", id_), f"a rule {id_} already stands elsewhere; a layer adds rules under "
                              "ids of its own", place)
                    continue
                for number, law in enumerate(versions):
                    scope, guards = self._guards(place, id_, number, law)
                    if scope is None:
                        continue
                    since = max(law.since, file.layer.since)
                    until = min((d for d in (law.until, file.layer.until) if d is not None), default=None)
                    extra = self.parameters.own_types(place)
                    names = Names(self.names[scope].facts, self.names[scope].collections, {**self.types, **extra})
                    rule = self._rule(scope, id_, number, versions, law, names, layer=file.layer.unit, place=place,
                                      guards=guards, since=since, until=until)
                    if rule is not None:
                        built[scope].setdefault(id_, []).append(rule)
        return built

    def _guards(self, place: int, id_: str, number: int, law: Rule) -> tuple[str | None, frozenset[tuple[str, str]]]:
        """The process a layer's rule belongs to, and the steps it guards."""
        path = ("rules", id_, number, "guards")
        pairs = set()
        for text in law.guards:
            process, _, step = text.partition(".")
            part = self.body.processes.get(process)
            if part is None:
                self._say(SHARED, path, f"no process {process}{near(process, self.body.processes, 'expected one of ')}",
                          place)
                return None, frozenset()
            if step not in part.steps:
                self._say(SHARED, path, f"the process {process} has no step {step}{near(step, part.steps)}", place)
                return None, frozenset()
            pairs.add((process, step))
        if len({p for p, _ in pairs}) != 1:
            self._say(SHARED, path, "a rule of a layer guards steps of exactly one process; expected "
                                    "`guards: [process.step]`", place)
            return None, frozenset()
        return next(p for p, _ in pairs), frozenset(pairs)

    def _process(self, scope: str, part: LawFile) -> ProcessLaw:
        shared = self.body.shared
        states = part.states or States(open={}, closed={})
        ballots, duties = {**shared.ballots, **part.ballots}, {**shared.duties, **part.duties}
        rank = {state: n for n, state in enumerate(["start", *states.open, *states.waiting, *states.closed])}
        # Steps in the order of the states they leave: the same, however the files are cut.
        steps = dict(sorted(part.steps.items(), key=lambda item: (
            min((rank.get(s, len(rank) if s == "open" else len(rank) + 1) for s in item[1][0].from_), default=0),
            rank.get(item[1][0].to, len(rank)) if isinstance(item[1][0].to, str) else len(rank), item[0])))
        return ProcessLaw(
            id=scope, head=part.process.get(scope, Process(label=Text(vi=scope), subject="person")),
            facts=self.facts[scope], names=self.names[scope], step_versions=steps,
            rule_versions={**self.rules[SHARED], **self.rules[scope]}, layer_rules=self.layer_rules[scope],
            papers={**shared.papers, **part.papers}, duties=duties, ballots=ballots,
            deciders=[*shared.deciders, *part.deciders] if scope else list(shared.deciders),
            expressions=self._expressions(scope, part), states=states,
        )

    def _expressions(self, scope: str, part: LawFile) -> dict[tuple[str, str], Node]:
        """Bases of ballots, starts of duties, conditions of outcomes and values that follow, each parsed once."""
        shared, names = self.body.shared, self.names[scope]
        texts: dict[tuple[str, str], tuple[Names, tuple[Any, ...]]] = {}
        for section in (shared, part):
            for id_, ballots in section.ballots.items():
                for n, ballot in enumerate(ballots):
                    texts.setdefault(("int", ballot.base), (_BASE, ("ballots", id_, n, "base")))
            for id_, duties in section.duties.items():
                for n, duty in enumerate(duties):
                    texts.setdefault(("date", duty.starts), (names, ("duties", id_, n, "starts")))
                    texts.setdefault(("date", duty.law_of), (names, ("duties", id_, n, "law_of")))
        for id_, steps in part.steps.items():
            for n, step in enumerate(steps):
                for k, outcome in enumerate(step.below if isinstance(step.below, list) else ()):
                    if outcome.when is not None:
                        texts.setdefault(("bool", outcome.when), (names, ("steps", id_, n, "below", k, "when")))
                for key in ("sets", "defaults"):
                    for fact, text in getattr(step, key).items():
                        kind = names.facts[fact].kind if fact in names.facts else "date"
                        texts.setdefault((kind, text), (names, ("steps", id_, n, key, fact)))
                for name, fields in step.appends.items():
                    known = names.collections.get(name, {})
                    for field, text in fields.items():
                        kind = known[field].kind if field in known else "date"
                        texts.setdefault((kind, text), (names, ("steps", id_, n, "appends", name, field)))
                if step.opens is not None and step.opens.when is not None:
                    texts.setdefault(("bool", step.opens.when), (names, ("steps", id_, n, "opens", "when")))
        parsed = {key: self._parse(scope, path, key[1], own, want=key[0]) for key, (own, path) in texts.items()}
        return {key: node for key, node in parsed.items() if node is not None}

    def _references(self, process: ProcessLaw) -> None:
        """What a decision follows must exist: rules that steps require, exceptions, without a circle."""
        known = {*process.rule_versions, *process.layer_rules}
        for id_, steps in process.step_versions.items():
            for n, step in enumerate(steps):
                for k, rule in enumerate(step.requires):
                    if rule not in process.rule_versions and not self._declared(rule):
                        self._say(process.id, ("steps", id_, n, "requires", k),
                                  f"no rule {rule}{near(rule, process.rule_versions)}")
        for version in process.all_rules():
            for k, other in enumerate(version.unless):
                path = ("rules", version.id, version.number, "unless", k)
                if other not in known and not self._declared(other):
                    self._say(version.scope, path, f"no rule {other}{near(other, known)}", version.place)
                elif self._circle(process, version.id):
                    self._say(version.scope, path, f"{version.id} excuses itself in a circle; break it", version.place)

    def _declared(self, rule: str) -> bool:
        """A rule that stands in the files but could not be parsed has been reported already."""
        return any(rule in part.rules and rule not in self.rules[scope] for scope, part in self.body.parts())

    def _circle(self, process: ProcessLaw, start: str) -> bool:
        seen: set[str] = set()
        queue = [start]
        while queue:
            for version in process.rule_versions.get(queue.pop()) or ():
                for other in version.unless:
                    if other == start:
                        return True
                    if other not in seen:
                        seen.add(other)
                        queue.append(other)
        return False

    def _parse(self, scope: str, path: tuple[Any, ...], text: str, names: Names, *, want: Any = "bool",
               place: int | None = None) -> Node | None:
        try:
            return parse(text, names, where=str(path[1]), want=want)
        except RuleError as error:
            at = f"column {error.column}: " if error.column else ""
            self._say(scope, path, at + error.message, place)
            return None

    def _say(self, scope: str, path: tuple[Any, ...], message: str, place: int | None = None) -> None:
        if place is None:
            problem = self.body.places.problem(scope, path, message, "expression")
        else:
            problem = self.body.places.in_layer(place, path, message, "expression")
        if problem not in self.problems:
            self.problems.append(problem)

