"""Every name leads somewhere, and nothing stands in the law that nobody reads."""
from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator
from typing import Any

from rules.book import Rulebook
from rules.loader import Problem, near
from rules.nodes import names_used
from rules.process import ProcessLaw
from rules.schema import COLLECTION_NAME, FACT_NAME, Duty, LawFile, Step
from rules.scope import SHARED

Path = tuple[Any, ...]
_YAML_BOOLEANS = {"true", "false", "yes", "no", "on", "off", "null"}
#: Where a right may point to, from the unit of the case.
POINTERS = ("cell", "sub", "base", "above", "decider", "receiving", "any", "union")


def check(book: Rulebook) -> Iterator[Problem]:
    """Names of facts, papers, duties, ballots, offices; parameters, rules and facts that nothing reads."""
    names = _Names(book)
    for scope, part in book.body.parts():
        process = book.processes.get(scope, book.common)
        yield from names.facts(scope, part)
        for id_, steps in part.steps.items():
            for n, step in enumerate(steps):
                yield from names.step(process, ("steps", id_, n), step)
        for id_, duties in part.duties.items():
            for n, duty in enumerate(duties):
                yield from names.duty(process, ("duties", id_, n), duty)
        for id_, rules in part.rules.items():
            for n, rule in enumerate(rules):
                yield from names.known(scope, ("rules", id_, n, "fixed_by"), "office or relation", rule.fixed_by, names.roles)
        for kind, paper in part.papers.items():
            yield from names.known(scope, ("papers", kind, "signed_by"), "office", paper.signed_by, book.offices)
            yield from names.known(scope, ("papers", kind, "issued_by"), "kind of unit, organ or office",
                                   paper.issued_by, {*book.unit_kinds, *book.organs, *book.offices, *POINTERS})
        for n, row in enumerate(part.deciders):
            yield from names.known(scope, ("deciders", n, "ballot"), "ballot", [row.ballot] if row.ballot else [], process.ballots)
            for key in ("unit", "parent", "above"):
                yield from names.known(scope, ("deciders", n, key), "kind of unit", getattr(row, key) or (),
                                       book.unit_kinds)
        for id_, office in part.offices.items():
            yield from names.known(scope, ("offices", id_, "at"), "kind of unit", office.at, book.unit_kinds)
            yield from names.known(scope, ("offices", id_, "recorded_by"), "office", office.recorded_by, book.offices)
    yield from _unread(book)


class _Names:
    def __init__(self, book: Rulebook) -> None:
        self.book = book
        #: Offices, and relations to a case; a law without offices leaves both open.
        self.roles = {*book.offices, *book.relations} if book.offices else set()
        self.say = book.body.places.problem

    def known(self, scope: str, path: Path, what: str, names: Iterable[str], table: Iterable[str]) -> Iterator[Problem]:
        """Names that must stand in a table. A law without such a table (a small one) leaves them open."""
        known = set(table)
        for name in names:
            if known and name not in known:
                yield self.say(scope, path, f"no {what} {name}{near(name, known, 'expected one of ')}", "names")

    def facts(self, scope: str, part: LawFile) -> Iterator[Problem]:
        for name, fact in part.facts.items():
            pattern, form = (FACT_NAME, "subject.name") if fact.items is None else (COLLECTION_NAME, "one word")
            if not pattern.match(name):
                yield self.say(scope, ("facts", name), f"the name is not of the form {form} in small letters, digits "
                               "and underscores", "names")
            for word in (*name.split("."), *(fact.items or ())):
                if keyword.iskeyword(word) or word.lower() in _YAML_BOOLEANS:
                    yield self.say(scope, ("facts", name), f"`{word}` is a reserved word; take another", "names")
            yield from self.known(scope, ("facts", name, "by"), "office or relation", fact.by, self.roles)

    def step(self, process: ProcessLaw, path: Path, step: Step) -> Iterator[Problem]:
        scope = process.id
        kinds = {process.duty_kind(name) for name in process.duties}
        for key, what, table in (
            ("records", "fact", process.facts), ("may_record", "fact", process.facts),
            ("papers", "paper", process.papers), ("expects", "paper", process.papers),
            ("starts", "duty", process.duties), ("meets", "duty", {*process.duties, *kinds}),
            ("restarts", "duty", {*process.duties, *kinds}), ("apart", "step", process.step_versions),
        ):
            for name in getattr(step, key):
                if name not in table:
                    yield self.say(scope, (*path, key), f"no {what} {name}{near(name, table)}", "names")
        for key in ("pauses", "resumes"):
            name = getattr(step, key)
            if name is not None and name != "all" and name not in {*process.duties, *kinds}:
                yield self.say(scope, (*path, key), f"no duty {name}{near(name, {*process.duties, *kinds, 'all'})}",
                               "names")
        for duty, fact in step.extends.items():
            if duty not in {*process.duties, *kinds}:
                yield self.say(scope, (*path, "extends", duty), f"no duty {duty}{near(duty, process.duties)}", "names")
            if fact not in process.facts:
                yield self.say(scope, (*path, "extends", duty), f"no fact {fact}{near(fact, process.facts)}", "names")
        for key, facts in (("sets", step.sets), ("defaults", step.defaults), ("only_to", step.only_to),
                           ("moves_unit", [step.moves_unit] if step.moves_unit else [])):
            for fact in (f for f in facts if f not in process.facts):
                yield self.say(scope, (*path, key),
                               f"no fact {fact}{near(fact, process.facts)}", "names")
        yield from self.lists(process, path, step)
        if step.ballot not in (None, "path") and step.ballot not in process.ballots:
            yield self.say(scope, (*path, "ballot"), f"no ballot {step.ballot}"
                           f"{near(str(step.ballot), {*process.ballots, 'path'})}", "names")
        if step.below is not None and step.ballot is None:
            yield self.say(scope, (*path, "below"), "only a step with a `ballot` can fall short of it", "names")
        yield from self.who(process, path, step)

    def lists(self, process: ProcessLaw, path: Path, step: Step) -> Iterator[Problem]:
        """The collections that a step adds to or renews, and the case that it opens."""
        scope, known = process.id, process.collections
        for key, names in (("appends", list(step.appends)), ("renews", step.renews)):
            for name in (n for n in names if n not in known):
                yield self.say(scope, (*path, key), f"no collection {name}{near(name, known)}", "names")
        for name, fields in step.appends.items():
            items = (known[name].items or {}) if name in known else fields
            for field in (f for f in fields if f not in items):
                yield self.say(scope, (*path, "appends", name), f"no field {field}{near(field, items)}", "names")
        for name in step.excludes:
            yield from self.known(scope, (*path, "excludes"), "relation", [name], self.book.relations)
        if step.opens is not None:
            facts = [step.opens.link, *([step.opens.unit] if step.opens.unit else [])]
            for fact in (f for f in facts if f not in process.facts):
                yield self.say(scope, (*path, "opens"), f"no fact {fact}{near(fact, process.facts)}", "names")
            if step.opens.state not in (*process.all_states, "same"):
                yield self.say(scope, (*path, "opens", "state"),
                               f"no state {step.opens.state}{near(step.opens.state, process.all_states)}", "names")

    def who(self, process: ProcessLaw, path: Path, step: Step) -> Iterator[Problem]:
        scope = process.id
        if not step.who:
            yield self.say(scope, (*path, "who"), "nobody may take this step; expected `who: [{office: ..., at: ...}]`",
                           "who", warning=True)
        for k, right in enumerate(step.who):
            at = (*path, "who", k)
            yield from self.known(scope, at, "office", [right.office] if right.office else (), self.book.offices)
            yield from self.known(scope, at, "relation", [right.relation] if right.relation else (), self.book.relations)
            for pointer in (right.at, right.signer_of):
                if pointer is not None and pointer not in POINTERS and pointer not in self.book.unit_kinds:
                    yield self.say(scope, at, f"no place {pointer}{near(pointer, POINTERS, 'expected one of ')}",
                                   "names")

    def duty(self, process: ProcessLaw, path: Path, duty: Duty) -> Iterator[Problem]:
        for name in duty.ends:
            if name not in process.step_versions:
                yield self.say(process.id, (*path, "ends"), f"no step {name}{near(name, process.step_versions)}", "names")
        for key, table in (("office", self.book.offices), ("relation", self.book.relations)):
            yield from self.known(process.id, (*path, "owner"), key, duty.owed(key), table)


def _unread(book: Rulebook) -> Iterator[Problem]:
    """Parameters and rules that nothing reads are errors; a fact that nothing reads or records is a warning."""
    processes = [*book.processes.values(), book.common]
    say = book.body.places.problem
    read = set(parameters_read(book))
    for name in book.parameters:
        if name not in read:
            scope = next((s for s, part in book.body.parts() if name in part.parameters), SHARED)
            yield say(scope, ("parameters", name), "nothing reads this parameter; use it in a rule, a ballot, a duty or "
                      "a paper, or delete it", "unused")
    steps = [(p.id, s) for p in processes for versions in p.step_versions.values() for s in versions]
    asked = {rule for _, step in steps for rule in step.requires}
    asked |= {other for p in processes for rule in p.all_rules() for other in rule.unless}
    if steps:
        for scope, part in book.body.parts():
            for id_, of_rule in part.rules.items():
                beside = scope == SHARED and all(v.severity == "note" for v in of_rule)  # a measure that reports set beside a figure
                if id_ not in asked and not beside:
                    yield say(scope, ("rules", id_), "no step requires this rule and no rule is excused by it; list it "
                              "under `requires` of a step, or delete it", "unused")
    used = set(facts_read(book))
    for scope, part in book.body.parts():
        for name in part.facts:
            if name not in used:
                yield say(scope, ("facts", name), "no rule reads this fact and no step records it", "unused",
                          warning=True)


def parameters_read(book: Rulebook) -> Iterator[str]:
    """Names of all parameters that the law reads anywhere."""
    for scheme in book.schemes.values():
        yield from (level.points for level in scheme.levels.values() if level.points is not None)
    for process in (*book.processes.values(), book.common):
        for rule in process.all_rules():
            yield from rule.parameters
        for node in process.expressions.values():
            yield from names_used(node).parameters
        for ballots in process.ballots.values():
            yield from (b.share for b in ballots)
        for duties in process.duties.values():
            for duty in duties:
                for term in (duty.term, duty.every):
                    if term is not None:
                        yield from (v for v in (term.working_days, term.months, term.days) if isinstance(v, str))
                if duty.extend_max is not None:
                    yield duty.extend_max
        yield from (p.valid for p in process.papers.values() if p.valid is not None)
        if process.head.deadlock_rounds is not None:
            yield process.head.deadlock_rounds


def facts_read(book: Rulebook) -> Iterator[str]:
    """Names of all facts and collections that a rule reads or a step records."""
    for process in (*book.processes.values(), book.common):
        for rule in process.all_rules():
            yield from rule.reads.facts | rule.reads.collections
        for node in process.expressions.values():
            yield from names_used(node).facts
        for versions in process.step_versions.values():
            for step in versions:
                yield from (*step.records, *step.may_record, *step.extends.values(), *step.derived, *step.appends, *step.renews)
                if step.moves_unit is not None:
                    yield step.moves_unit
                if step.opens is not None:
                    yield from (step.opens.link, *([step.opens.unit] if step.opens.unit else []))
