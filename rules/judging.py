"""Rules made ready for a day: compiled for the parameters in force, with their exceptions, clauses and marks.

What is ready is kept, since the same rules judge many cases on one day: a decision then only calls functions.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rules.book import Rulebook
from rules.dated import Cite, NotInForce, change_days, pick, worst
from rules.decide import compile_rule
from rules.process import ProcessLaw, RuleVersion

Outcome = Literal["met", "not_met", "unknown", "not_applicable"]
Condition = Callable[[Mapping[str, object]], bool | None]
_KEPT = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """One rule, ready to judge facts under the law of one day."""

    rule: RuleVersion
    params: Mapping[str, Any]
    when: Condition
    applies: Condition | None
    exceptions: tuple[Ready, ...]
    cites: tuple[Cite, ...]
    confidence: str | None
    #: Findings that are the same for all facts (met, not applicable), kept by :mod:`rules.verdict`.
    settled: dict[str, Any] = field(default_factory=dict)

    def own(self, facts: Mapping[str, object]) -> Outcome:
        """The outcome without exceptions."""
        if self.applies is not None:
            applies = self.applies(facts)
            if applies is None:
                return "unknown"
            if not applies:
                return "not_applicable"
        when = self.when(facts)
        return "unknown" if when is None else "met" if when else "not_met"

    def judge(self, facts: Mapping[str, object]) -> Outcome:
        """Met when the rule itself or any exception in force is; unknown while an exception still might be."""
        outcome = self.own(facts)
        if self.exceptions and outcome in ("not_met", "unknown"):
            for exception in self.exceptions:
                excuse = exception.judge(facts)
                if excuse == "met":
                    return "met"
                if excuse == "unknown":
                    outcome = "unknown"
        return outcome


@dataclass(slots=True)
class _Kept:
    compiled: dict[tuple[Any, ...], Condition] = field(default_factory=dict)
    ready: dict[tuple[Any, ...], Ready] = field(default_factory=dict)
    steps: dict[tuple[Any, ...], tuple[Ready, ...] | None] = field(default_factory=dict)


class Judges:
    """The ready rules of a rulebook, made when first asked for. One per rulebook: :func:`judges_of`."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self._kept = _Kept()

    def of_step(self, process: ProcessLaw, step: str, on: dt.date, units: Sequence[str] = ()
                ) -> tuple[Ready, ...] | None:
        """The rules that guard a step on a day; None when there is no such step that day."""
        key = (process.id, step, on, tuple(units))
        if key not in self._kept.steps:
            known = process.step(step, on) is not None
            self._room(self._kept.steps)[key] = tuple(
                self.ready(process, rule, on, units) for rule in process.guards(step, on, units)) if known else None
        return self._kept.steps[key]

    def of_rule(self, process: ProcessLaw, id: str, on: dt.date, units: Sequence[str] = ()) -> Ready | None:
        """One rule by its id, ready for a day; None when no version is in force."""
        rule = process.rule(id, on)
        return None if rule is None else self.ready(process, rule, on, units)

    def ready(self, process: ProcessLaw, rule: RuleVersion, on: dt.date, units: Sequence[str] = (),
              shifted: Mapping[str, Any] | None = None) -> Ready:
        """A version of a rule under the parameters of a day; ``shifted`` puts other values in their place."""
        key = (rule, process.id, on, tuple(units))
        if shifted is None and key in self._kept.ready:
            return self._kept.ready[key]
        dated = {name: self.book.value(name, on, units) for name in rule.parameters}
        params = {name: (shifted or {}).get(name, value.value) for name, value in dated.items()}
        exceptions = []
        for id_ in rule.unless:
            version = process.rule(id_, on)
            if version is not None:
                exceptions.append(self.ready(process, version, on, units, shifted))
        cites = tuple(dict.fromkeys([*rule.cites(on), *(c for v in dated.values() for c in v.cites)]))
        marks = [rule.confidence(on), *(v.confidence for v in dated.values()),
                 *(d.confidence for c in cites if (d := self.book.documents.get(c.document)))]
        made = Ready(rule, params, self._compiled(rule, "when", params),
                     None if rule.applies is None else self._compiled(rule, "applies", params),
                     tuple(exceptions), cites, worst(marks))
        if shifted is None:
            self._room(self._kept.ready)[key] = made
        return made

    def law_days(self, process: ProcessLaw, ids: Iterable[str]) -> set[dt.date]:
        """The days on which these rules, their exceptions or the parameters they read may change."""
        days: set[dt.date] = set()
        queue, seen = list(ids), set()
        while queue:
            id_ = queue.pop()
            if id_ in seen:
                continue
            seen.add(id_)
            versions = process.rule_versions.get(id_) or process.layer_rules.get(id_, ())
            days |= change_days(versions)
            for version in versions:
                queue += version.unless
                for name in version.parameters:
                    days |= self.book.change_days(name)
        return days

    def _compiled(self, rule: RuleVersion, part: str, params: Mapping[str, Any]) -> Condition:
        key = (rule, part, tuple(params.items()))
        found = self._kept.compiled.get(key)
        if found is None:
            node = rule.when if part == "when" else rule.applies
            assert node is not None
            found = compile_rule(node, params, self.book.calendar)
            self._room(self._kept.compiled)[key] = found
        return found

    @staticmethod
    def _room(table: dict[Any, Any]) -> dict[Any, Any]:
        """The table, emptied when it has grown past all use."""
        if len(table) > _KEPT:
            table.clear()
        return table


def judges_of(book: Rulebook) -> Judges:
    """The ready rules of a rulebook."""
    if book.judges is None:
        book.judges = Judges(book)
    found: Judges = book.judges
    return found


def rule_of(process: ProcessLaw, id: str, on: dt.date) -> RuleVersion:
    """A rule in force on a day. Raises NotInForce."""
    versions = process.rule_versions.get(id) or process.layer_rules.get(id, ())
    found = pick(versions, on)
    if found is None:
        raise NotInForce(f"no version of {id} is in force on {on}")
    return found
