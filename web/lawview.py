"""The law in words for its pages: rules, parameters, documents and processes as on a day."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from rules.book import ProcessLaw, Rulebook, RuleVersion
from rules.dated import Cite, NotInForce, cites_on, in_force, mark_on, pick
from rules.process import OPEN, DeciderRow
from rules.schema import Ballot, Duty, Paper, Parameter, Step, Term, Who
from web import access
from web.findings import measured, role_label, state_label, step_label
from web.i18n import says


def keep(on: dt.date) -> str | None:
    """The day as the address keeps it; today is left out."""
    return None if on == access.site().clock.today() else on.isoformat()


def cites(book: Rulebook, found: Iterable[Cite], on: dt.date) -> list[tuple[str, str]]:
    """Clauses as text and address of the document."""
    told = []
    for cite in found:
        document = book.documents.get(cite.document)
        number = document.number if document else cite.document
        text = _("%(document)s, point %(clause)s", document=number, clause=cite.clause) if cite.clause else number
        told.append((text, url_for("law.document", id=cite.document, on=keep(on))))
    return told


def rule_url(id: str, on: dt.date) -> str:
    return url_for("law.rule", id=id, on=keep(on))


def owners(book: Rulebook) -> list[ProcessLaw]:
    """All parts of the law that hold rules: the processes, and what they share."""
    return [*book.processes.values(), book.common]


@dataclass(frozen=True)
class Found:
    """A rule with the part of the law it belongs to, and all its versions."""

    law: ProcessLaw
    id: str
    versions: Sequence[RuleVersion]

    def on(self, day: dt.date) -> RuleVersion | None:
        return pick(self.versions, day)


def rules(book: Rulebook) -> list[Found]:
    """Every rule once, in the order of the files; those of layers after the central ones."""
    seen: dict[str, Found] = {}
    for law in owners(book):
        for table in (law.rule_versions, law.layer_rules):
            for id_, versions in table.items():
                seen.setdefault(id_, Found(law, id_, versions))
    return list(seen.values())


def guarded(book: Rulebook, id: str, on: dt.date) -> list[tuple[str, str]]:
    """The steps that ask a rule on a day: label and address on the map."""
    found = []
    for law in book.processes.values():
        for step_id, step in law.steps(on).items():
            local = any((law.id, step_id) in v.guards and in_force(v, on) for v in law.layer_rules.get(id, ()))
            if id in step.requires or local:
                found.append((step_label(law, step_id, on), step_url(law, step_id, on)))
    return found


def step_url(law: ProcessLaw, step: str, on: dt.date) -> str:
    """Where the map tells of a step: at the first state it leaves."""
    found = law.step(step, on)
    leaves = law.leaves(found) if found else ()
    place = "anywhere" if found and OPEN in found.from_ else f"state-{leaves[0]}" if leaves else "states"
    return url_for("law.process", id=law.id, on=keep(on), _anchor=place)


def fact_label(law: ProcessLaw, name: str) -> str:
    fact = law.facts.get(name)
    return (says(fact.label) if fact else "") or name


def parameter_value(book: Rulebook, name: str, on: dt.date) -> Mapping[str, Any]:
    """A parameter on a day: its value in words, since when, its clauses; no value where it is not in force."""
    parameter = book.parameters.get(name)
    found: dict[str, Any] = {"name": name, "says": (says(parameter.says) if parameter else "") or name, "value": None, "since": None,
                             "cites": [], "confidence": None, "url": url_for("law.parameter", name=name, on=keep(on)) if parameter else None}
    try:
        value = book.value(name, on)
    except NotInForce:
        return found
    return found | {"value": worded(value.value, parameter), "since": value.since, "cites": cites(book, value.cites, on),
                    "confidence": value.confidence}


def worded(value: Any, parameter: Parameter | None) -> Any:
    """A value with its unit of measure."""
    if parameter is not None and isinstance(value, int) and not isinstance(value, bool):
        return measured(value, parameter.unit)
    return f"{value.numerator}/{value.denominator}" if isinstance(value, Fraction) else value


def version(book: Rulebook, found: Found, rule: RuleVersion) -> dict[str, Any]:
    """One version of a rule with the clauses it rested on in its time."""
    starts = sorted(rule.law.cites) if isinstance(rule.law.cites, Mapping) else [rule.since]
    bases = []
    for at, start in enumerate(starts):
        last = starts[at + 1] - dt.timedelta(days=1) if at + 1 < len(starts) else rule.until
        day = max(start, rule.since)
        bases.append({"from": day, "to": last, "cites": cites(book, rule.cites(day), day), "confidence": rule.confidence(day)})
    return {"since": rule.since, "until": rule.until, "when": rule.law.when, "says": says(rule.says), "bases": bases,
            "layer": rule.layer, "number": rule.number}


def examples(found: Found, rule: RuleVersion) -> list[dict[str, Any]]:
    """Worked examples in words: the facts by their labels, the outcome, the first day."""
    told = []
    for example in rule.examples:
        facts = [(_("Day of the act") if name == "act.on" else fact_label(found.law, name), _given(found.law, name, value))
                 for name, value in example.facts.items()]
        told.append({"facts": facts, "outcome": example.outcome, "first_day": example.first_day, "note": says(example.note)})
    return told


def _given(law: ProcessLaw, name: str, value: Any) -> Any:
    fact = law.facts.get(name)
    if fact is not None and isinstance(value, str) and hasattr(fact.type, "code"):
        return says(fact.type.code.get(value)) or value  # type: ignore[union-attr]
    return value


def users_of(book: Rulebook, name: str, on: dt.date) -> list[tuple[str, str]]:
    """Rules, ballots and periods that read a parameter on a day: label and address."""
    found: dict[str, str] = {}
    for rule in rules(book):
        now = rule.on(on)
        if now is not None and name in now.reads.parameters:
            found[f"{rule.id}: {says(now.says)}"] = rule_url(rule.id, on)
    for law in owners(book):
        for id_, ballots in law.ballots.items():
            ballot = pick(ballots, on)
            if ballot is not None and name in (ballot.share, *ballot.base.split()):
                found[says(ballot.says) or id_] = url_for("law.process", id=law.id, on=keep(on), _anchor="ballots") \
                    if law.id in book.processes else url_for("law.rules", on=keep(on))
        if law.id not in book.processes:
            continue
        for id_, duties in law.duties.items():
            duty = pick(duties, on)
            term = (duty.term or duty.every) if duty else None
            if duty is not None and name in (duty.extend_max, *(term.model_dump().values() if term else ())):
                found[says(duty.says) or id_] = url_for("law.process", id=law.id, on=keep(on), _anchor="duties")
        for kind, paper in law.papers.items():
            if paper.valid == name:
                found[f"{kind}: {says(paper.says)}"] = url_for("law.process", id=law.id, on=keep(on), _anchor="papers")
    return list(found.items())


def cited_by(book: Rulebook, document: str) -> list[dict[str, Any]]:
    """Where a document is cited: rules and parameters with the days of each."""
    told = []
    for found in rules(book):
        days = [(base["from"], cite) for v in found.versions for base in _bases(v) for cite in base["cites"] if cite.document == document]
        if days:
            label = says(found.versions[-1].says)
            told.append({"id": found.id, "label": label, "url": rule_url(found.id, min(d for d, _c in days)),
                         "clauses": ", ".join(dict.fromkeys(c.clause for _d, c in days)), "from": min(d for d, _c in days)})
    for name, parameter in book.parameters.items():
        hits = [(day, Cite.parse(c)) for day, entry in parameter.values.items() for c in entry.cites]
        hits = [(day, c) for day, c in hits if c.document == document]
        if hits:
            day = min(d for d, _c in hits)
            told.append({"id": name, "label": says(parameter.says) or name, "url": url_for("law.parameter", name=name, on=keep(day)),
                         "clauses": ", ".join(dict.fromkeys(c.clause for _d, c in hits)), "from": day})
    return told


def _bases(rule: RuleVersion) -> list[dict[str, Any]]:
    starts = sorted(rule.law.cites) if isinstance(rule.law.cites, Mapping) else [rule.since]
    return [{"from": max(s, rule.since), "cites": rule.cites(max(s, rule.since))} for s in starts]


def step(book: Rulebook, law: ProcessLaw, id: str, found: Step, on: dt.date, state: str | None = None) -> dict[str, Any]:
    """A step as the map tells it; from a state, where it leads from there."""
    goals = law.goals(found, state) if state is not None else _goals(found)
    ballot = pick(law.ballots.get(found.ballot or "", ()), on)
    asked = [(r, says(now.says)) for r in found.requires if (now := law.rule(r, on)) is not None]
    return {"id": id, "label": step_label(law, id, on), "help": says(found.help), "goals": [state_label(law, g) for g in goals],
            "resumes": found.to == "resume", "stays": found.to == "same",
            "who": [right(book, w) for w in found.who], "rules": [(r, text, rule_url(r, on)) for r, text in asked],
            "papers": [f"{kind}: {says(law.papers[kind].says)}" if kind in law.papers else kind for kind in found.papers],
            "ballot": (says(ballot.says) or found.ballot) if ballot else (_("as the table of deciders says") if found.ballot else None),
            "cites": cites(book, _cites(found, on), on), "confidence": _mark(found, on)}


def _goals(found: Step) -> tuple[str, ...]:
    if isinstance(found.to, str):
        return () if found.to in ("same", "resume") else (found.to,)
    return tuple(found.to.choose) if hasattr(found.to, "choose") else tuple(dict.fromkeys(found.to.by_from.values()))


def _cites(item: Any, on: dt.date) -> tuple[Cite, ...]:
    return cites_on(item.cites, on)


def _mark(item: Any, on: dt.date) -> str | None:
    return mark_on(item.confidence, on)


def right(book: Rulebook, who: Who) -> str:
    """Who may take a step, in words."""
    if who.signer_of:
        return _("who signs for the organ that decides")
    if who.relation:
        return role_label(book, who.relation)
    at = {"cell": _("of the cell"), "sub": _("of the subcommittee"), "base": _("of the base committee"),
          "above": _("of the committee above the basic organisation"), "decider": _("of the organ that decides"),
          "receiving": _("of the receiving unit"), "any": _("of any unit in the line")}.get(who.at or "cell", who.at or "")
    return f"{role_label(book, who.office or '')} {at}".strip()


def length(book: Rulebook, term: Term, on: dt.date) -> str:
    """The length of a term on a day, with its unit."""
    for unit in ("working_days", "months", "days"):
        written = getattr(term, unit)
        if written is not None:
            try:
                return measured(book.length(written, on), unit)
            except NotInForce:
                return "–"
    return "–"


def duty(book: Rulebook, id: str, found: Duty, on: dt.date) -> dict[str, Any]:
    """A period as on a day."""
    term = found.term or found.every
    assert term is not None
    extended = parameter_value(book, found.extend_max, on)["value"] if found.extend_max else None
    return {"id": id, "says": says(found.says) or id, "length": length(book, term, on), "every": found.every is not None,
            "extended": extended, "pausable": found.pausable, "cites": cites(book, _cites(found, on), on),
            "confidence": _mark(found, on)}


def ballot(book: Rulebook, id: str, found: Ballot, on: dt.date) -> dict[str, Any]:
    """A threshold as on a day: which part of which base."""
    share = parameter_value(book, found.share, on)
    return {"id": id, "says": says(found.says) or id, "base": found.base, "more": found.carries == "more_than", "share": share,
            "cites": cites(book, _cites(found, on), on), "confidence": _mark(found, on)}


def decider(book: Rulebook, law: ProcessLaw, row: DeciderRow, on: dt.date) -> dict[str, Any]:
    """A line of the table of who decides."""
    body = pick(book.organs.get(row.body, ()), on)
    found = pick(law.ballots.get(row.ballot, ()), on)
    organ = {"parent": _("the committee directly above the unit"), "base": _("the base committee"),
             "above": _("the committee above the basic organisation")}[row.organ]
    return {"unit": kinds(book, row.unit), "parent": kinds(book, row.parent), "above": kinds(book, row.above), "delegated": row.delegated,
            "organ": organ, "body": says(body.label) if body else row.body, "ballot": (says(found.says) if found else "") or row.ballot,
            "base_vote": row.base_vote, "cites": cites(book, [Cite.parse(c) for c in row.cites], on), "confidence": row.confidence}


def kinds(book: Rulebook, found: Sequence[str] | None) -> str:
    """Kinds of unit; a key that is left out fits any."""
    if found is None:
        return _("any")
    return ", ".join(says(book.unit_kinds[k].label) if k in book.unit_kinds else k for k in found)


def paper(book: Rulebook, kind: str, found: Paper, on: dt.date) -> dict[str, Any]:
    """A kind of paper: who issues it, who signs it, how long it counts."""
    return {"kind": kind, "says": says(found.says), "form": found.form, "issued_by": [kinds_or_role(book, k) for k in found.issued_by],
            "signed_by": [role_label(book, r) for r in found.signed_by],
            "valid": parameter_value(book, found.valid, on)["value"] if found.valid else None,
            "cites": cites(book, [Cite.parse(c) for c in found.cites], on), "confidence": found.confidence}


def kinds_or_role(book: Rulebook, name: str) -> str:
    """An issuer: a kind of unit, an organ, or an office."""
    if name in book.unit_kinds:
        return says(book.unit_kinds[name].label)
    if name in book.organs:
        return says(book.organs[name][-1].label)
    return role_label(book, name)
