"""Verdicts in the words of a reader: labels instead of ids, names instead of keys, clauses with their links."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from rules.book import ProcessLaw, Rulebook
from rules.dated import Cite
from rules.schema import CodeType
from rules.shape import Text
from rules.verdict import Finding
from web import access
from web.i18n import current_language, says
from web.shapes import ShownFinding
from workflow import words
from workflow.access import Right
from workflow.naming import Names
from workflow.verdict import StepVerdict


class Teller:
    """Says findings and values of one case; ``names`` knows the people and units they speak of.

    With ``values`` False nothing of the case is told but what kind of thing is missing and whose it is. ``kinds`` are
    those of the units in the line, to leave out offices that are not held there.
    """

    def __init__(self, book: Rulebook, law: ProcessLaw, names: Names, *, values: bool,
                 kinds: Mapping[int, str] | None = None) -> None:
        self.book, self.law, self.names, self.values, self.kinds = book, law, names, values, kinds or {}

    def findings(self, found: Iterable[Finding], on: dt.date) -> list[ShownFinding]:
        return [self.finding(f, on) for f in found]

    def finding(self, f: Finding, on: dt.date) -> ShownFinding:
        """One finding in words; exceptions are told within it."""
        return ShownFinding(
            rule=f.rule, outcome=f.outcome, severity=f.severity, says=says(f.says) or f.rule,
            values=[(self.label(k), self.value(k, v)) for k, v in f.values.items()] if self.values else [],
            cites=[(self.cite(c), law_url("document", c.document, on)) for c in f.cites], confidence=f.confidence,
            # What only time brings is put right by nobody.
            fixed_by=[self.role(r) for r in f.fixed_by] if f.missing or f.first_day is None else [],
            first_day=f.first_day if self.values and f.outcome != "met" else None,
            missing=[self.label(m) for m in f.missing], exceptions=self.findings(f.exceptions, on),
            url=law_url("rule", f.rule, on))

    def label(self, name: str) -> str:
        """What a fact or parameter is called; ``relatives[2].result_on`` is the field of the third row."""
        head, _sign, rest = name.partition("[")
        fact = self.law.facts.get(head)
        if fact is not None:
            label = says(fact.label) or head
            if not rest:
                return label
            number, _sign, field = rest.partition("].")
            law = (fact.items or {}).get(field)
            which = _("%(list)s, line %(number)s", list=label, number=int(number) + 1) if number.isdigit() else label
            return f"{which}: {says(law.label) if law and law.label else field}" if field else which
        parameter = self.book.parameters.get(name)
        return says(parameter.says) or name if parameter else name

    def value(self, name: str, value: Any) -> Any:
        """A value as it is read: names of people and units, labels of codes, units of measure."""
        fact = self.law.facts.get(name)
        if fact is not None:
            if isinstance(fact.type, CodeType) and isinstance(value, str):
                label = fact.type.code.get(value)
                return says(label) if label else value
            if fact.type == "person":
                return self.names.person(value)
            if fact.type == "unit":
                return self.names.unit(value)
            if isinstance(value, str) and name.endswith(("_body", ".body")):
                organ = self.book.organs.get(value)
                return says(organ[-1].label) if organ else value
            return value
        parameter = self.book.parameters.get(name)
        if parameter is not None and isinstance(value, int) and not isinstance(value, bool):
            return measured(value, parameter.unit)
        return value

    def cite(self, cite: Cite) -> str:
        document = self.book.documents.get(cite.document)
        number = document.number if document else cite.document
        return _("%(document)s, point %(clause)s", document=number, clause=cite.clause) if cite.clause else number

    def role(self, role: str) -> str:
        return role_label(self.book, role)

    def why(self, verdict: StepVerdict) -> str:
        """One sentence that says why a step cannot be taken now."""
        if not verdict.permission.allowed:
            return self.denied(verdict)
        problems = [words.say(p.code, current_language()) for p in verdict.inputs]
        blocking = [says(f.says) or f.rule for f in verdict.blocking]
        text = (problems + blocking or [_("Not possible from this state.")])[0]
        more = len(problems) + len(blocking) - 1
        return text if more <= 0 else ngettext("%(text)s (and %(num)s more)", "%(text)s (and %(num)s more)", more, text=text)

    def denied(self, verdict: StepVerdict) -> str:
        reasons = verdict.permission.reasons
        if reasons == ("not_holder",) and verdict.permission.who:
            return _("This is for: %(who)s.", who=self.rights(verdict.permission.who))
        return " ".join(words.say(r, current_language()) for r in reasons)

    def rights(self, who: Iterable[Right]) -> str:
        told = []
        for right in who:
            office = self.book.offices.get(right.role)
            if office and office.at and self.kinds.get(right.unit_id or 0, office.at[0]) not in office.at:
                continue  # the law grants it to who signs for the organ; this office does not exist there
            label = self.role(right.role)
            told.append(f"{label}, {self.names.unit(right.unit_id)}" if right.unit_id is not None else label)
        return "; ".join(dict.fromkeys(told)) or "–"

    def first_day_reason(self, verdict: StepVerdict) -> str | None:
        """Why no day can be named: whose facts are missing, or that nothing but a change of the facts helps."""
        if verdict.judged.first_day is not None or not verdict.blocking:
            return None
        missing = list(dict.fromkeys(self.label(m) for f in verdict.blocking for m in f.missing))
        if missing:
            return _("The first day can be told once this is known: %(facts)s.", facts="; ".join(missing))
        return _("With the facts as they are there is no such day.")


def role_label(book: Rulebook, role: str) -> str:
    """The legal term of an office, or of a relation to the case."""
    known = book.offices.get(role) or book.relations.get(role)
    return says(known.label) if known else _("who opened the case") if role == "opener" else role


def measured(value: int, unit: str) -> str:
    """A number with its unit; months, days and working days are different things."""
    if unit == "months":
        return ngettext("%(num)s month", "%(num)s months", value)
    if unit == "days":
        return ngettext("%(num)s day", "%(num)s days", value)
    if unit == "working_days":
        return ngettext("%(num)s working day", "%(num)s working days", value)
    return f"{value}%" if unit == "percent" else str(value)


def law_url(kind: str, id_: str, on: dt.date | None = None) -> str:
    """The page of a ``rule`` or a ``document`` as the law stood on a day."""
    past = on is not None and on != access.site().clock.today()
    return url_for(f"law.{kind}", id=id_, on=on.isoformat() if past and on else None)


def state_label(law: ProcessLaw | None, state: str) -> str:
    """The legal term of a state."""
    found = law.all_states.get(state) if law else None
    return says(found.label) if found else state


def step_label(law: ProcessLaw, step: str, on: dt.date | None = None) -> str:
    """What a step is called, on a day or in its newest version."""
    version = (law.step(step, on) if on else None) or law.step_versions.get(step, [None])[-1]
    return text_or(version.label if version else None, step)


def text_or(text: Text | Mapping[str, str] | None, otherwise: str) -> str:
    return says(text) or otherwise
