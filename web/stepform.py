"""The one form of all steps, built from what the law says a step records."""
from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import BooleanField, HiddenField

from rules.process import ProcessLaw
from rules.schema import Step
from web import factfields
from web.factfields import Choices, field_name
from web.forms import BaseForm, ChoiceField, CountField, DayField, LineField, RadioChoiceField, VersionField
from web.i18n import current_language, says
from workflow import words
from workflow.errors import BadInput
from workflow.request import PAPER_KEYS
from workflow.signers import Signer
from workflow.verdict import StepVerdict

#: Ballot key -> field and label, in the order of the minutes.
COUNTS = {
    "entitled": lazy_gettext("Entitled to vote"), "away": lazy_gettext("Temporarily transferred out"),
    "exempt_absent": lazy_gettext("Exempt from meetings and absent"), "present": lazy_gettext("Present"),
    "for": lazy_gettext("Votes for"), "against": lazy_gettext("Votes against"), "blank": lazy_gettext("Blank or spoiled votes"),
}
METHODS = {"secret": lazy_gettext("Secret ballot"), "card": lazy_gettext("Show of member cards")}
#: The value of the second reader's field for somebody who is not listed.
PRESENT = "present"
#: So many facts are all shown at once; of more, those that are not asked for are folded away.
FEW = 3
_FORE = ("note.", "helper.", "reorganise.")
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")


class Group(NamedTuple):
    """Fields that stand together on the page."""

    heading: str | None
    fields: list[Any]
    look: str = ""
    folded: bool = False

    @property
    def wrong(self) -> bool:
        return any(f.errors for f in self.fields)


class StepForm(BaseForm):
    """What every step asks: the day, who signs, that nothing stands between the people. The rest is added by law."""

    version = VersionField()
    request_key = HiddenField()
    on = DayField(lazy_gettext("Day of the act"), required=True, description=lazy_gettext("The day on the paper, not the day of typing."))

    law: ProcessLaw
    step: Step
    facts: Sequence[str] = ()
    foremost: frozenset[str] = frozenset()
    papers: Sequence[str] = ()

    def refresh_key(self) -> None:
        """A new one-time token, unless the form brought one."""
        if not _KEY.match(self.request_key.data or ""):
            self.renew_key()

    def renew_key(self) -> None:
        self.request_key.data = secrets.token_urlsafe(18)

    def parts(self) -> list[Group]:
        """The fields in groups for the page; what is rarely needed stands folded."""
        by = self._fields
        groups = [Group(None, [by["on"], *([by["to"]] if "to" in by else [])])]
        groups.append(Group(_("What is recorded"), [by[field_name(f)] for f in self.facts if f in self.foremost]))
        if "b_entitled" in by:
            groups.append(Group(_("The vote"), [by[f"b_{key}"] for key in COUNTS] + [by["b_method"]], look="counts"))
        for place, kind in enumerate(self.papers):
            if kind in self.step.papers:
                groups.append(Group(self._paper_name(kind), [by[f"p{place}_number"], by[f"p{place}_on"]], look="two"))
        groups.append(Group(_("Who answers for it"), [by[n] for n in ("signatory", "second_reader", "no_conflict") if n in by]))
        groups.append(Group(_("Further facts, where they are new or have changed"),
                            [by[field_name(f)] for f in self.facts if f not in self.foremost], folded=True))
        for place, kind in enumerate(self.papers):
            if kind not in self.step.papers:
                groups.append(Group(self._paper_name(kind), [by[f"p{place}_number"], by[f"p{place}_on"]], look="two", folded=True))
        return [g for g in groups if g.fields]

    def _paper_name(self, kind: str) -> str:
        law = self.law.papers[kind]
        return _("Paper: %(name)s", name=says(law.says)) + (f" ({law.form})" if law.form else "")

    def given(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """What was typed, as the engine wants it; facts that the step only may record are left out when unchanged."""
        facts = {}
        for fact in self.facts:
            value = factfields.read(self.law.facts[fact], self._fields[field_name(fact)].data)
            if value is not None and (fact in self.step.records or value != before.get(fact)):
                facts[fact] = value
        given: dict[str, Any] = {"facts": facts, "papers": self._papers(), "no_conflict": bool(self._fields["no_conflict"].data)}
        if "b_entitled" in self._fields:
            counts = {key: self._fields[f"b_{key}"].data for key in COUNTS}
            given["ballot"] = {**{k: v for k, v in counts.items() if v is not None}, "method": self._fields["b_method"].data or None}
        if "to" in self._fields:
            given["to"] = self._fields["to"].data
        reader = self._fields["second_reader"].data if "second_reader" in self._fields else None
        if reader:
            given["second_reader"] = True if reader == PRESENT else int(reader)
        signatory, _sign, behalf = (self._fields["signatory"].data or "").partition("-") if "signatory" in self._fields else ("", "", "")
        if signatory:
            given["signatory"] = int(signatory)
        if behalf:
            given["on_behalf_of"] = int(behalf)
        return given

    def _papers(self) -> list[dict[str, Any]]:
        found = []
        for place, kind in enumerate(self.papers):
            number, day = self._fields[f"p{place}_number"].data, self._fields[f"p{place}_on"].data
            if number or day or kind in self.step.papers:
                found.append({"kind": kind, "number": number, "date": day or self.on.data})
        assert all(key in PAPER_KEYS for paper in found for key in paper)
        return found

    # ---- complaints

    def blame(self, verdict: StepVerdict, told: Sequence[str]) -> None:
        """Put everything that a refusal lists at its field; what has none stands with the form, findings in the words of
        ``told``."""
        if not verdict.state_allows:
            self.form_errors.append(_("The case is no longer in a state from which this step is taken."))
        for problem in verdict.inputs:
            self._at(problem.id, words.say(problem.code, current_language()))
        self.form_errors += told
        for code in verdict.ballot_problems:
            self._at("BALLOT", words.say(code, current_language()))

    def _at(self, id_: str, text: str) -> None:
        kind, _sign, name = id_.partition(":")
        if kind == "PAPER":
            target = f"p{list(self.papers).index(name)}_number" if name in self.papers else ""
        elif kind == "BALLOT":
            target = "b_entitled"
        else:
            target = {"act.on": "on"}.get(name, name if name in self._fields else field_name(name))
        found = self._fields.get(target)
        if found is None:
            self.form_errors.append(text)
        else:
            found.errors = [*found.errors, text]

    def accuse(self, error: BadInput) -> None:
        """As the base, for complaints that name a fact."""
        name = error.field or ""
        own = {"act.on": "on", "transfer.to_unit": field_name("transfer.to_unit")}.get(name, field_name(name))
        target = self._fields.get(own)
        if target is None:
            super().accuse(error)
        else:
            target.errors = [*target.errors, str(error)]


def build(law: ProcessLaw, step: Step, *, choices: Choices, goals: Sequence[tuple[str, str]], signers: Sequence[Signer],
          labels: Mapping[str, str], me: int | None, readers: Sequence[tuple[int, str]],
          missing: Collection[str] = ()) -> type[StepForm]:
    """The form class of one step on one day. ``goals`` are states to choose from, ``labels`` say each signer's office;
    the facts that are ``missing`` come to the fore."""
    fields: dict[str, Any] = {"law": law, "step": step}
    # What the law sets and nobody is to record is not asked: it follows from what stands already.
    asked = [f for f in dict.fromkeys((*step.records, *step.may_record, *step.defaults)) if law.facts[f].items is None]
    for fact in asked:
        needed = fact in step.records and fact not in step.derived
        hint = None
        if fact in step.derived:
            hint = _("Left empty, it follows from the day of the act.") if law.facts[fact].type == "date" else _("Left empty, it follows by the law.")
        fields[field_name(fact)] = factfields.made(fact, law.facts[fact], choices, required=needed, hint=hint)
    fields["facts"] = tuple(asked)
    first = {*step.records, *missing, *(f for f in asked if f.startswith(_FORE))}
    fields["foremost"] = frozenset(asked if len(asked) <= FEW else first)
    if goals:
        fields["to"] = RadioChoiceField(_("Where the case goes"), goals, required=True)
    if step.ballot:
        for key, label in COUNTS.items():
            fields[f"b_{key}"] = CountField(label, required=key in ("entitled", "for"), most=100_000)
        fields["b_method"] = ChoiceField(_("How it was voted"), METHODS.items())
    papers = tuple(dict.fromkeys(k for k in (*step.papers, *step.expects) if k in law.papers))
    for place, kind in enumerate(papers):
        fields[f"p{place}_number"] = LineField(_("Number and symbol"), required=kind in step.papers, longest=60)
        fields[f"p{place}_on"] = DayField(_("Day on the paper"), description=_("Left empty: the day of the act.") if kind in step.papers else "")
    fields["papers"] = papers
    if len(signers) > 1 or any(s.person_id != me for s in signers):
        options = [(s.code, labels[s.code]) for s in signers]
        fields["signatory"] = ChoiceField(_("Signed by"), options, required=True)
    if step.ballot:
        listed = [(key, name) for key, name in readers if key != me]
        fields["second_reader"] = ChoiceField(
            _("Second reader"), [(PRESENT, _("somebody who is not listed")), *listed],
            description=_("Who types and who signs are one person: somebody else has compared the numbers with the minutes."))
    fields["no_conflict"] = BooleanField(
        _("Nobody who acts here is kin to the person or has an interest of his own in the case.") if law.head.subject == "person" else
        _("Nobody who acts here has an interest of his own in the case."))
    return type("TheStepForm", (StepForm,), fields)


