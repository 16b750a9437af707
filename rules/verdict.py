"""A step decided from facts: every rule's finding with its reasons, the ballot, and the first day it could pass."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules.ballots import Count, problems, tally
from rules.book import Rulebook
from rules.builtin import BALLOT_FACTS, BASE_NAMES
from rules.dated import Cite, NotInForce, change_days, cites_on, mark_on, worst
from rules.decide import compile_value
from rules.explain import trace
from rules.firstdays import first_day
from rules.judging import Judges, Outcome, Ready, judges_of
from rules.nodes import ACT_ON
from rules.process import ProcessLaw
from rules.schema import Ballot, Step
from rules.shape import Text
from rules.values import plain

HORIZON_DAYS = 3653
#: Reserved id of a count of votes that cannot have happened.
BALLOT = "BALLOT"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of the facts. ``fixed_by`` are offices and relations that can supply what is missing;
    ``missing`` names it. ``values`` are those the outcome rests on, ready for JSON."""

    rule: str
    outcome: Outcome
    severity: str
    says: Text
    values: Mapping[str, Any]
    cites: tuple[Cite, ...]
    confidence: str | None
    fixed_by: tuple[str, ...]
    first_day: dt.date | None
    exceptions: tuple[Finding, ...]
    missing: tuple[str, ...]

    @property
    def blocks(self) -> bool:
        return self.severity == "block" and self.outcome in ("not_met", "unknown")

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule, "outcome": self.outcome, "severity": self.severity,
            "says": {"vi": self.says.vi, "en": self.says.en}, "values": dict(self.values),
            "cites": [c.as_json() for c in self.cites], "confidence": self.confidence, "fixed_by": list(self.fixed_by),
            "first_day": plain(self.first_day), "missing": list(self.missing),
            "exceptions": [e.as_json() for e in self.exceptions],
        }


@dataclass(frozen=True, slots=True)
class BallotResult:
    """How a vote counts. Without a count only the kind of ballot is known; ``problems`` are codes of a count that
    cannot have happened."""

    id: str | None
    carried: bool | None
    base: int | None
    needed: int | None
    problems: tuple[str, ...] = ()
    cites: tuple[Cite, ...] = ()
    confidence: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "carried": self.carried, "base": self.base, "needed": self.needed,
                "problems": list(self.problems), "cites": [c.as_json() for c in self.cites],
                "confidence": self.confidence}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for a step on a day. ``outcome`` is met when every blocking rule is met or does not apply and the
    ballot, if there was one, carried."""

    process: str
    step: str
    on: dt.date
    edition: str
    outcome: Outcome
    findings: tuple[Finding, ...]
    ballot: BallotResult | None
    first_day: dt.date | None
    first_day_reason: str | None

    @property
    def refused(self) -> tuple[str, ...]:
        """Ids of what stands in the way; a ballot that merely falls short is an outcome and not among them."""
        ids = [f.rule for f in self.findings if f.blocks]
        return (*ids, BALLOT) if self.ballot is not None and self.ballot.problems else tuple(ids)

    def as_json(self) -> dict[str, Any]:
        return {
            "process": self.process, "step": self.step, "on": self.on.isoformat(), "edition": self.edition,
            "outcome": self.outcome, "findings": [f.as_json() for f in self.findings],
            "ballot": None if self.ballot is None else self.ballot.as_json(),
            "first_day": plain(self.first_day), "first_day_reason": self.first_day_reason,
        }


def decide(book: Rulebook, process: str | ProcessLaw, step: str, facts: Mapping[str, object], on: dt.date, *,
           units: Sequence[str] = (), count: Count | None = None, horizon_days: int = HORIZON_DAYS,
           explain: bool = False) -> Verdict:
    """Decide a step from facts alone, by the law in force on ``on``.

    ``units`` are the codes from the unit up to the root, for local law. ``count`` is the vote, if there was one; it
    may also stand in the facts ``ballot.*``. Rules that are met carry their values only with ``explain``. Raises
    KeyError for an unknown process and NotInForce for a step that the law does not have on that day.
    """
    law = book.process(process) if isinstance(process, str) else process
    judges = judges_of(book)
    found = law.step(step, on)
    rules = judges.of_step(law, step, on, units)
    if found is None or rules is None:
        raise NotInForce(f"the process {law.id} has no step {step} on {on}")
    count = count or count_of(facts)
    facts = {**_ballot_facts(count), **facts, ACT_ON: on} if count else {**facts, ACT_ON: on}
    last = on + min(dt.timedelta(days=horizon_days), dt.date.max - on)
    work = _Work(book, law, judges, facts, on, tuple(units), last)
    findings = tuple(work.finding(ready, explain) for ready in rules)
    ballot = work.ballot(found, count)
    blocking = [f for f in findings if f.blocks]
    if any(f.outcome == "not_met" for f in blocking) or (ballot and (ballot.problems or ballot.carried is False)):
        outcome: Outcome = "not_met"
    else:
        outcome = "unknown" if blocking else "met"
    day, reason = (on, None) if not blocking else work.first_day(step, blocking)
    return Verdict(law.id, step, on, book.edition, outcome, findings, ballot, day, reason)


def count_of(facts: Mapping[str, object]) -> Count | None:
    """The vote that stands in the facts ``ballot.*``, once those entitled and the votes for are known."""
    given = {field: facts.get(name) for name, field in BALLOT_FACTS.items()}
    if given["entitled"] is None or given["votes_for"] is None:
        return None
    return Count(**{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]


def tally_of(book: Rulebook, law: ProcessLaw, ballot: Ballot, count: Count, on: dt.date,
             units: Sequence[str] = (), share: Any = None) -> tuple[int | None, int | None, bool | None]:
    """Base, votes needed and whether the ballot carried; all None while what the base counts is not known."""
    base = compile_value(law.expression("int", ballot.base), {}, book.calendar)(
        {name: getattr(count, name) for name in BASE_NAMES})
    if not isinstance(base, int):
        return None, None, None
    result = tally(base, ballot.carries, book.value(ballot.share, on, units).value if share is None else share,
                   count.votes_for)
    return result.base, result.needed, result.carried


def _ballot_facts(count: Count) -> dict[str, object]:
    return {name: getattr(count, field) for name, field in BALLOT_FACTS.items()}


@dataclass(frozen=True, slots=True)
class _Work:
    """One decision in progress."""

    book: Rulebook
    law: ProcessLaw
    judges: Judges
    facts: Mapping[str, object]
    on: dt.date
    units: tuple[str, ...]
    end: dt.date

    def finding(self, ready: Ready, explain: bool, *, nested: bool = False) -> Finding:
        own = ready.own(self.facts)
        outcome = ready.judge(self.facts) if ready.exceptions and own in ("not_met", "unknown") else own
        if explain or own not in ("met", "not_applicable"):
            return self._reasoned(ready, outcome, explain, nested)
        # Without reasons such a finding is the same whatever the facts.
        settled: Finding | None = ready.settled.get(own)
        if settled is None:
            rule = ready.rule
            settled = ready.settled[own] = Finding(rule.id, own, rule.severity, rule.says, {}, ready.cites,
                                                   ready.confidence, rule.fixed_by, self.on, (), ())
        return settled

    def _reasoned(self, ready: Ready, outcome: Outcome, explain: bool, nested: bool) -> Finding:
        rule = ready.rule
        fine = outcome in ("met", "not_applicable")
        values, missing = self._reasons(ready)
        exceptions = tuple(self.finding(e, explain, nested=True) for e in ready.exceptions)
        missing = tuple(dict.fromkeys([*missing, *(m for e in exceptions for m in e.missing)]))
        if outcome != "unknown":
            missing = ()
        day = self.on if fine else None if nested else self._first_day_of(rule.id)
        return Finding(rule.id, outcome, rule.severity, rule.says, values, ready.cites, ready.confidence,
                       self._fixed_by(rule.fixed_by, missing), day, exceptions, missing)

    def _reasons(self, ready: Ready) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The values the rule's own outcome rests on, and the facts whose absence leaves it open."""
        values: dict[str, Any] = {}
        if ready.rule.applies is not None:
            seen = trace(ready.rule.applies, ready.params, self.facts, self.book.calendar)
            values = {name: plain(v) for name, v in seen.values.items()}
            if seen.outcome is not True:
                return values, seen.missing
        seen = trace(ready.rule.when, ready.params, self.facts, self.book.calendar)
        return {**values, **{name: plain(v) for name, v in seen.values.items()}}, seen.missing

    def _fixed_by(self, offices: Sequence[str], missing: Sequence[str]) -> tuple[str, ...]:
        """The rule's own offices, then those that supply the missing facts."""
        found = list(offices)
        for name in missing:
            fact = self.law.facts.get(name.split("[")[0])
            found += fact.by if fact else ()
        return tuple(dict.fromkeys(found))

    def _first_day_of(self, id_: str) -> dt.date | None:
        def rules_on(day: dt.date) -> Sequence[Ready]:
            ready = self.judges.of_rule(self.law, id_, day, self.units)
            return () if ready is None else (ready,)
        return first_day(rules_on, self.judges.law_days(self.law, [id_]), self.facts, self.on, self.end,
                         self.book.calendar)

    def first_day(self, step: str, blocking: Sequence[Finding]) -> tuple[dt.date | None, str | None]:
        """The first day of the whole conjunction, or why there is none."""
        def rules_on(day: dt.date) -> Sequence[Ready] | None:
            ready = self.judges.of_step(self.law, step, day, self.units)
            return None if ready is None else [r for r in ready if r.rule.severity == "block"]
        versions = self.law.step_versions[step]
        ids = {r for version in versions for r in version.requires}
        ids |= {r for r, rules in self.law.layer_rules.items() if any((self.law.id, step) in v.guards for v in rules)}
        days = change_days(versions) | self.judges.law_days(self.law, ids)
        day = first_day(rules_on, days, self.facts, self.on, self.end, self.book.calendar)
        return day, None if day is not None else self._why_never(blocking)

    def _why_never(self, blocking: Sequence[Finding]) -> str:
        parts = []
        for finding in (f for f in blocking if f.outcome == "unknown"):
            names = ", ".join(self._fact_text(m) for m in finding.missing)
            parts.append(f"{finding.rule}: chưa biết {names}{self._who(finding)}")
        for finding in (f for f in blocking if f.outcome == "not_met" and f.first_day is None):
            parts.append(f"{finding.rule}: không đạt vào ngày nào đến {self.end:%d/%m/%Y} với dữ kiện hiện có"
                         f"{self._who(finding)}")
        return "; ".join(parts) or f"đến {self.end:%d/%m/%Y} không có ngày nào đạt cùng lúc mọi quy tắc"

    def _fact_text(self, missing: str) -> str:
        name, _, rest = missing.partition("[")
        fact = self.law.facts.get(name)
        if fact is None or fact.label is None:
            return missing
        label = fact.label.vi
        field = (fact.items or {}).get(rest.rpartition("].")[2])
        if field is not None and field.label is not None:
            label = f"{label}: {field.label.vi}"
        return f"{missing} ({label})"

    def _who(self, finding: Finding) -> str:
        offices = self.book.offices
        names = ", ".join(offices[o].label.vi if o in offices else o for o in finding.fixed_by)
        return f" – bổ sung: {names}" if names else ""

    # --- the ballot -------------------------------------------------------------------------------------------------

    def ballot(self, step: Step, count: Count | None) -> BallotResult | None:
        if step.ballot is None:
            return None
        id_ = self._path_ballot() if step.ballot == "path" else step.ballot
        ballot = self.law.ballot(id_, self.on) if id_ else None
        wrong = tuple(problems(count)) if count else ()
        if ballot is None:
            return BallotResult(id_, None, None, None, wrong)
        share = self.book.value(ballot.share, self.on, self.units)
        cites = tuple(dict.fromkeys([*cites_on(ballot.cites, self.on), *share.cites]))
        marks = [mark_on(ballot.confidence, self.on), share.confidence,
                 *(d.confidence for c in cites if (d := self.book.documents.get(c.document)))]
        base = needed = carried = None
        if count is not None and not wrong:
            base, needed, carried = tally_of(self.book, self.law, ballot, count, self.on, self.units)
        return BallotResult(id_, carried, base, needed, wrong, cites, worst(marks))

    def _path_ballot(self) -> str | None:
        """The ballot of the organ that decides: as the facts name it, or by the table of deciders."""
        named = self.facts.get("path.ballot")
        if isinstance(named, str):
            return named
        kinds = [self.facts.get(f"path.{place}") for place in ("unit", "parent", "above")]
        if kinds[0] is None:
            return None
        unit, parent, above = (k if isinstance(k, str) else None for k in kinds)
        try:
            row = self.law.decider(self.on, unit, parent, above, self.facts.get("path.delegated") is True)
        except NotInForce:
            return None
        return row.ballot
