"""Everything the law names, with types and labels, as one document; and one rule with all that hangs on it."""
from __future__ import annotations

import datetime as dt
from typing import Any

from rules.book import Rulebook
from rules.dated import Cite, NotInForce
from rules.judging import judges_of
from rules.process import ProcessLaw, RuleVersion
from rules.schema import CodeType, Fact, FactType
from rules.shape import Text
from rules.values import plain


def vocabulary(book: Rulebook) -> dict[str, Any]:
    """Processes with states, steps, facts, papers, duties and rules; parameters, ballots, offices, kinds of unit."""
    return {
        "edition": book.edition,
        "processes": {p.id: _process(p) for p in book.processes.values()},
        "rules": {r.id: _says(r.says) for p in (book.common, *book.processes.values()) for r in p.all_rules()},
        "parameters": {n: {"label": _says(p.says), "unit": p.unit, "codes": p.codes, "local": p.local,
                           "values": {d.isoformat(): plain(v) for d, v in book.values_of(n).items()}}
                       for n, p in book.parameters.items()},
        "offices": {n: {"label": _says(o.label), "at": o.at} for n, o in book.offices.items()},
        "unit_kinds": {n: {"label": _says(k.label), "since": plain(k.since), "until": plain(k.until), "level": k.level}
                       for n, k in book.unit_kinds.items()},
        "schemes": {n: {"label": _says(s.label), "since": plain(s.since), "until": plain(s.until), "kinds": s.kinds, "aliases": s.aliases,
                        "levels": {c: {"label": _says(level.label), "rank": level.rank, "points": level.points}
                                   for c, level in s.levels.items()}}
                    for n, s in book.schemes.items()},
        "documents": {n: {"number": d.number, "title": _says(d.title), "since": plain(d.since), "until": plain(d.until),
                          "confidence": d.confidence} for n, d in book.documents.items()},
    }


def _process(process: ProcessLaw) -> dict[str, Any]:
    states = process.states
    return {
        "label": _says(process.label), "subject": process.head.subject,
        "states": {s: {"label": _says(v.label), "kind": kind, "stage": v.stage}
                   for kind, table in (("open", states.open), ("waiting", states.waiting), ("closed", states.closed))
                   for s, v in table.items()},
        "steps": {id_: _step(process, id_) for id_ in process.step_versions},
        "facts": {n: fact_type(f) for n, f in process.facts.items()},
        "papers": {n: {"label": _says(p.says), "form": p.form, "issued_by": p.issued_by, "signed_by": p.signed_by,
                       "personal": p.personal} for n, p in process.papers.items()},
        "duties": {n: {"label": _says(next((v.says for v in versions if v.says), None)), "kind": process.duty_kind(n)}
                   for n, versions in process.duties.items()},
        "ballots": {n: {"label": _says(next((v.says for v in versions if v.says), None)), "base": versions[-1].base,
                        "carries": versions[-1].carries, "share": versions[-1].share}
                    for n, versions in process.ballots.items()},
        "rules": list(process.rule_versions),
    }


def _step(process: ProcessLaw, id: str) -> dict[str, Any]:
    versions = process.step_versions[id]
    step = versions[-1]
    to = step.to if isinstance(step.to, str) else step.to.model_dump()
    return {"label": _says(next((v.label for v in versions if v.label), None)), "from": step.from_, "to": to,
            "below": [o.to for o in process.below(step)], "requires": step.requires, "records": step.records,
            "may_record": step.may_record, "ballot": step.ballot, "papers": step.papers, "expects": step.expects,
            "who": [w.model_dump(exclude_none=True) for w in step.who], "since": plain(step.since),
            "until": plain(step.until)}


def fact_type(fact: Fact) -> dict[str, Any]:
    """A fact's type, label and supplier; a collection lists its fields."""
    common = {"label": _says(fact.label), "by": fact.by, "personal": fact.personal, "source": fact.source}
    if fact.items is not None:
        fields = {n: {**_type(f.type), "label": _says(f.label)} for n, f in fact.items.items()}
        return {"type": "collection", "items": fields, "unique": fact.unique, **common}
    assert fact.type is not None
    return {**_type(fact.type), **common}


def _type(type_: FactType) -> dict[str, Any]:
    if isinstance(type_, CodeType):
        return {"type": "code", "codes": {c: _says(label) for c, label in type_.code.items()}}
    return {"type": type_}


def _says(text: Text | None) -> dict[str, str | None]:
    return {"vi": text.vi if text else None, "en": text.en if text else None}


def find_rule(book: Rulebook, id: str, on: dt.date) -> tuple[ProcessLaw, RuleVersion]:
    """A rule and the process it belongs to, on a day. Raises KeyError when there is none of that id, NotInForce when
    it is not in force then."""
    versions: list[RuleVersion] = []
    for process in (*book.processes.values(), book.common):
        rule = process.rule(id, on)
        if rule is not None:
            return process, rule
        versions += process.rule_versions.get(id) or process.layer_rules.get(id, ())
    if not versions:
        raise KeyError(id)
    spans = ", ".join(f"{v.since} – {v.until or ''}".strip() for v in dict.fromkeys(versions))
    raise NotInForce(f"{id} is not in force on {on}; its versions: {spans}")


def rule_document(book: Rulebook, id: str, on: dt.date) -> dict[str, Any]:
    """Everything that matters about a rule on a day: text, conditions, values, clauses, versions, steps that ask it."""
    process, rule = find_rule(book, id, on)
    units = (rule.layer,) if rule.layer else ()
    ready = judges_of(book).ready(process, rule, on, units)
    parameters = {}
    for name in rule.parameters:
        value = book.value(name, on, units)
        parameters[name] = {"value": plain(value.value), "since": value.since.isoformat(), "layer": value.layer,
                            "confidence": value.confidence, "cites": [_cite(book, c) for c in value.cites]}
    steps = [f"{p.id}.{s}" for p in book.processes.values() for s in p.steps(on)
             if any(r is rule for r in p.guards(s, on, units))]
    return {
        "rule": id, "on": on.isoformat(), "edition": book.edition, "says": _says(rule.says), "when": rule.law.when,
        "applies": rule.law.applies, "unless": list(rule.unless), "follows": rule.law.follows,
        "severity": rule.severity, "fixed_by": list(rule.fixed_by), "since": rule.since.isoformat(),
        "until": plain(rule.until), "layer": rule.layer, "cites": [_cite(book, c) for c in rule.cites(on)],
        "confidence": ready.confidence, "parameters": parameters, "steps": steps,
        "versions": [{"since": v.since.isoformat(), "until": plain(v.until), "when": v.law.when,
                      "applies": v.law.applies}
                     for v in process.rule_versions.get(id) or process.layer_rules.get(id, ())],
        "examples": [{"facts": plain(e.facts), "outcome": e.outcome, "first_day": plain(e.first_day)}
                     for e in rule.examples],
    }


def _cite(book: Rulebook, cite: Cite) -> dict[str, Any]:
    document = book.documents.get(cite.document)
    return {**cite.as_json(), "number": document.number if document else None}
