"""Verdicts on ratings in words, who may sign for an organ, and the levels a form offers."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from rules.book import Rulebook
from rules.process import ProcessLaw
from web import access
from web.findings import Teller, role_label
from web.i18n import current_language, says
from web.presenters import show
from workflow import access as rights
from workflow import words
from workflow.context import Actor
from workflow.errors import NotPermitted, StepRefused, WorkflowError
from workflow.naming import Names, names_of
from workflow.ratings import Period, RatingView
from workflow.ratings.ground import PROCESS
from workflow.signers import Signer, recordable, signers
from workflow.tree import Line
from workflow.verdict import StepVerdict


def law_of(book: Rulebook) -> ProcessLaw:
    """The law of classification."""
    return book.processes[PROCESS]


def scheme_label(book: Rulebook, scheme: str | None) -> str:
    """What a scheme is called; the id of one that the law in use does not know."""
    known = book.schemes.get(scheme or "")
    return says(known.label) if known else scheme or ""


def level_choices(book: Rulebook, scheme: str | None, *, members: bool = False) -> list[tuple[str, str]]:
    """The levels of a scheme, the highest first; the code of a choice is the label as decisions print it."""
    known = book.schemes.get(scheme or "")
    levels = (known.members if members else known.levels) if known else {}
    return [(level.label.vi, f"{says(level.label)} ({level.short})" if level.short else says(level.label)) for level in levels.values()]


def teller(session: Session, units: Iterable[int | str], on: dt.date) -> Teller:
    """Says the findings of classification about some units."""
    book = access.book()
    return Teller(book, law_of(book), names_of(session, on, units=units), values=True)


def open_findings(told: Teller, verdict: StepVerdict | None, on: dt.date) -> list[Any]:
    """What the law has against a step or warns of; what is met needs no words here."""
    if verdict is None:
        return []
    return told.findings([f for f in verdict.judged.findings if f.outcome in ("not_met", "unknown")
                          and (f.severity != "note" or f.outcome == "not_met")], on)


def warned(told: Teller, verdicts: Iterable[tuple[str, StepVerdict | None]], on: dt.date) -> list[str]:
    """What the law minded about acts that were carried out all the same: each finding once, after the units it is about."""
    found: dict[str, list[str]] = {}
    for unit, verdict in verdicts:
        for finding in open_findings(told, verdict, on):
            if finding.outcome == "not_met":
                found.setdefault(f"{finding.says} [{finding.rule}]", []).append(unit)
    return [f"{', '.join(units)}: {says}" for says, units in found.items()]


def refusal(told: Teller, error: WorkflowError, on: dt.date) -> tuple[list[str], list[Any]]:
    """A refusal as sentences, and the findings of the law behind it."""
    if isinstance(error, NotPermitted):
        return [words.say(r, current_language()) for r in error.reasons] or [str(error)], []
    if isinstance(error, StepRefused):
        lines = [words.say(p.code, current_language()) for p in error.verdict.inputs]
        if not error.verdict.state_allows:
            lines.append(_("Not possible from the state “%(state)s”.", state=state_label(error.verdict.state)))
        return lines, told.findings(error.verdict.blocking, on)
    return [str(error)], []


def state_label(state: str | None) -> str:
    """What a state of a rating is called."""
    law = law_of(access.book())
    known = law.all_states.get(state or "")
    return says(known.label) if known else _("Nothing entered yet")


def may_sign(session: Session, actor: Actor, step_id: str, line: Line, organ: int | None, period: Period, on: dt.date) -> list[Signer]:
    """For whom this account may record a step, himself included; nobody where it may not record it at all."""
    book = access.book()
    step = law_of(book).step(step_id, period.last)
    if step is None or actor.person_id is None:
        return []
    held = [h for h in rights.holdings(session, [actor.person_id]) if h.valid(on)]
    return signers(session, recordable(book, rights.rights_of(step, line, organ, None, book, tuple), held), on)


def signer_choices(listed: Iterable[Signer], names: Names) -> list[tuple[str, str]]:
    """Who signs, for a drop-down."""
    book = access.book()
    return [(s.code, f"{s.name} – {role_label(book, s.role)}, {names.unit(s.unit_id)}"
             + (f" ({_('standing in for %(name)s', name=s.behalf_name)})" if s.behalf_name else "")) for s in listed]


def chosen(listed: Iterable[Signer], code: str | None) -> tuple[int | None, int | None]:
    """Signatory and, where he stands in for somebody, for whom."""
    found = next((s for s in listed if s.code == code), None)
    return (found.person_id, found.behalf_id) if found else (None, None)


def rating_line(book: Rulebook, rating: RatingView | None) -> dict[str, Any]:
    """A rating as tables show it: each level with its points."""
    def of(label: str | None, points: int | None) -> str:
        return "" if label is None else label if points is None else _("%(level)s, %(points)s points", level=label, points=show(points))
    if rating is None:
        return {"self": "", "verified": "", "decided": "", "scheme": "", "reopened": False, "decided_on": None, "paper": None}
    return {"self": of(rating.self_label, rating.self_points), "verified": of(rating.verified_label, rating.verified_points),
            "decided": of(rating.label, rating.points), "scheme": scheme_label(book, rating.scheme), "reopened": rating.state == "reopened",
            "decided_on": rating.decided_on, "paper": rating.paper}


def is_me(signer: Signer) -> bool:
    """Whether a signer is who sits at the keyboard."""
    return bool(signer.person_id == current_user.actor.person_id and signer.behalf_id is None)
