"""Taking a step: one page and one POST for every step of every process, built from its definition."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from rules.schema import Step
from web import access, caseview, factfields, stepform
from web.caseview import Sight
from web.factfields import Choices
from web.findings import Teller, state_label
from web.forms import parse_day
from web.i18n import current_language, says
from web.stepform import StepForm
from workflow import engine, words
from workflow.access import holdings
from workflow.context import Actor, book_of
from workflow.errors import BadInput, Conflict, NotFound, NotPermitted, StepRefused
from workflow.models import Case
from workflow.naming import Names, names_of
from workflow.signers import Signer, members, places, recordable, signers
from workflow.verdict import StepVerdict

pages = Blueprint("steps", __name__)


@dataclass
class Desk:
    """What the page of a step needs, loaded in one read."""

    sight: Sight
    verdict: StepVerdict
    form_class: type[StepForm]
    before: dict[str, Any]
    names: Names
    teller: Teller
    may: bool
    signer: str | None
    lists: list[dict[str, Any]]


@pages.route("/ho-so/<int:case_id>/buoc/<step>", methods=["GET", "POST"])
def take(case_id: int, step: str) -> Any:
    """The form of a step with the reasons for and against it; POST takes it, or says everything that stands in the way."""
    actor, today = access.current_actor(), access.site().clock.today()
    on = _typed_day(today)
    with access.read() as session:
        try:
            desk = _desk(session, actor, case_id, step, on, today)
        except NotFound:
            if on == today:
                raise
            desk = _desk(session, actor, case_id, step, today, today)  # no such unit on the day that was typed
    form = desk.form_class(formdata=request.form if request.method == "POST" else None, data=_shown(desk, today))
    form.refresh_key()
    if request.method != "POST":
        return _page(desk, form, today)
    if not form.validate():
        return _page(desk, form, today)
    try:
        with access.write() as session:
            entry = engine.advance(session, case_id, step, actor, on=form.on.data, version=int(form.version.data),
                                   request_key=form.request_key.data, **form.given(desk.before))
            state = session.connection().scalar(sa.select(Case.state).where(Case.id == entry_case(entry.stream)))
    except StepRefused as refused:
        with access.read() as session:
            desk = _desk(session, actor, case_id, step, refused.verdict.on, today, told=refused.verdict)
        form.blame(refused.verdict, _told(desk))
        form.renew_key()
        return _page(desk, form, today)
    except BadInput as error:
        form.accuse(error)
        form.renew_key()
        return _page(desk, form, today)
    except NotFound as error:
        form.on.errors = [*form.on.errors, str(error)]
        return _page(desk, form, today)
    except NotPermitted as error:
        form.form_errors += [words.say(r, current_language()) for r in error.reasons] or [str(error)]
        return _page(desk, form, today, status=403)
    except Conflict as error:
        return _conflict(actor, case_id, step, form, error, today)
    flash(_("Done: %(step)s. The case now stands at: %(state)s.", step=says(desk.verdict.law.label) or step,
            state=state_label(desk.sight.snapshot.law, state)), "good")
    return redirect(url_for("cases.show", case_id=case_id), 303)


def entry_case(stream: str) -> int:
    """The case of a stream ``case:7``."""
    return int(stream.partition(":")[2])


def _conflict(actor: Actor, case_id: int, step: str, form: StepForm, error: Conflict, today: dt.date) -> Any:
    """Somebody was faster: the page as the case is now, with what was typed, to be looked at and sent again."""
    with access.read() as session:
        desk = _desk(session, actor, case_id, step, form.on.data if form.on.data <= today else today, today)
    form.version.data = str(desk.sight.snapshot.case["version"])
    form.renew_key()
    form.form_errors.append(str(error))
    return _page(desk, form, today, status=409)


def _typed_day(today: dt.date) -> dt.date:
    """The day of the act as typed, as far as it can be one; the form complains about the rest."""
    try:
        day = parse_day(request.form.get("on", ""))
    except ValueError:
        return today
    return min(day, today)


def _desk(session: Session, actor: Actor, case_id: int, step: str, on: dt.date, today: dt.date,
          told: StepVerdict | None = None) -> Desk:
    seen = caseview.opened(session, actor, case_id, today)
    book, snapshot = book_of(session), seen.snapshot
    if step not in snapshot.law.step_versions or snapshot.law.starts_case(snapshot.law.step_versions[step][-1]):
        abort(404)
    verdict = told or engine.explain(session, case_id, step, actor, on=on)
    law = verdict.law
    held = [h for h in holdings(session, [actor.person_id]) if h.valid(today)] if actor.person_id else []
    # Who is barred from the act has no hand in it at all, not even by typing in what another signs.
    barred = set(verdict.permission.reasons) - {"not_holder"}
    rights = [] if barred else recordable(book, verdict.permission.who, held)
    may = verdict.permission.allowed or bool(rights)
    if told is not None and not may:
        may = True  # it was let through to the rules a moment ago
    listed = signers(session, rights, on)
    acting = verdict.permission.acting
    if verdict.permission.allowed and acting is not None and acting.unit_id is None and actor.person_id is not None:
        # Whoever stands in a relation to the case signs for himself; nobody types that in for him.
        listed.insert(0, Signer(actor.person_id, names_of(session, on, [actor.person_id]).person(actor.person_id), acting.role, None))
    facts = {f: snapshot.law.facts[f] for f in (*law.records, *law.may_record, *law.derived)}
    people = members(session, snapshot, on) if factfields.with_people(facts) or law.ballot else []
    units = places(session, snapshot, on) if factfields.with_units(facts) else []
    stored = snapshot.facts(facts) if "values" in seen.sees else {}
    names = names_of(session, on, [s.person_id for s in listed], {r.unit_id for r in verdict.permission.who} | {
        s.unit_id for s in listed} | _spoken(verdict))
    teller = Teller(book, snapshot.law, names, values="values" in seen.sees, kinds=caseview.kinds(snapshot))
    form_class = stepform.build(
        snapshot.law, law, choices=Choices(people, units), goals=[(s, state_label(snapshot.law, s)) for s in verdict.choices],
        signers=listed, labels={s.code: _signer(teller, s) for s in listed}, me=actor.person_id, readers=people,
        missing={m.split("[")[0] for f in verdict.blocking for m in f.missing} | {p.name for p in verdict.inputs})
    own = next((s.code for s in listed if s.person_id == actor.person_id), None)
    return Desk(seen, verdict, form_class, stored, names, teller, may, own, _lists(seen, law, session))


def _spoken(verdict: StepVerdict) -> set[Any]:
    """Units that findings speak of."""
    return {v for f in verdict.judged.findings for n, v in f.values.items() if n in caseview.UNIT_FACTS}


def _signer(teller: Teller, signer: Signer) -> str:
    place = () if signer.unit_id is None else (teller.names.unit(signer.unit_id),)
    told = ", ".join((signer.name, teller.role(signer.role), *place))
    return told + " " + _("(on behalf of %(name)s)", name=signer.behalf_name) if signer.behalf_name else told


def _lists(seen: Sight, law: Step, session: Session) -> list[dict[str, Any]]:
    """The collections that belong to the step: they have pages of their own, here stands only whether they are complete."""
    found = []
    for name in dict.fromkeys((*law.records, *law.may_record)):
        fact, child = seen.snapshot.law.facts[name], seen.snapshot.binding.children.get(name)
        if fact.items is not None and child is not None and not child.by_act:
            found.append({"label": says(fact.label) or name, "declared": bool(seen.snapshot.detail[str(child.declared)]),
                          "url": url_for("records.listed", case_id=seen.id, collection=name)})
    return found


def _shown(desk: Desk, today: dt.date) -> dict[str, Any]:
    """What stands in the form at first: today, the version that is looked at, and what is already known."""
    law = desk.sight.snapshot.law
    shown = {"on": today, "version": str(desk.sight.snapshot.case["version"]), "signatory": desk.signer}
    step = desk.verdict.law
    for fact in step.may_record:
        if fact in desk.before and law.facts[fact].items is None:
            shown[stepform.field_name(fact)] = factfields.shown(law.facts[fact], desk.before[fact])
    return shown


def _told(desk: Desk) -> list[str]:
    """Every blocking finding as one line of the summary."""
    lines = []
    for f in desk.teller.findings(desk.verdict.blocking, desk.verdict.on):
        rest = _("not known yet: %(facts)s", facts="; ".join(f.missing)) if f.missing else _("not met")
        lines.append(f"{f.says} ({rest}; {'; '.join(text for text, _url in f.cites)})")
    return lines


def _page(desk: Desk, form: StepForm, today: dt.date, status: int | None = None) -> Any:
    seen, verdict, teller = desk.sight, desk.verdict, desk.teller
    case = seen.snapshot.case
    page = render_template(
        "cases/step.html", form=form, verdict=verdict, case=case, today=today, may=desk.may, lists=desk.lists,
        name=seen.name,
        label=says(verdict.law.label) or verdict.step, help=says(verdict.law.help), denied=None if desk.may else teller.denied(verdict),
        state=state_label(seen.snapshot.law, case["state"]), findings=teller.findings(verdict.judged.findings, verdict.on),
        first_day=verdict.judged.first_day if verdict.blocking and teller.values else None,
        reason=teller.first_day_reason(verdict), state_allows=verdict.state_allows, goal=_goal(desk),
        sees_values=teller.values)
    if status is not None:
        return page, status
    return (page, 422) if form.errors else page


def _goal(desk: Desk) -> str | None:
    """Where the step leads, where that is one state and not the present one."""
    law = desk.sight.snapshot.law
    goals = [g for g in law.goals(desk.verdict.law, desk.verdict.state) if g not in {o.to for o in law.below(desk.verdict.law)}]
    return state_label(law, goals[0]) if len(goals) == 1 and goals[0] != desk.verdict.state else None
