"""Papers, facts and the helper of a case, entered beside its steps. The lists have a module of their own."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from rules.process import ProcessLaw
from rules.schema import Fact
from web import access, caseview, factfields
from web.caseview import Sight
from web.factfields import Choices, field_name
from web.findings import Teller
from web.forms import ChoiceField, DayField, LineField, offer
from web.i18n import says
from web.recordbase import RecordForm, answer, carried_out, is_open, name_of, role_names, section
from workflow import records
from workflow.context import Actor
from workflow.naming import names_of
from workflow.signers import members, places

pages = Blueprint("records", __name__)


class PaperForm(RecordForm):
    kind = ChoiceField(lazy_gettext("Kind of paper"), required=True)
    number = LineField(lazy_gettext("Number and symbol"), longest=60)
    issued_on = DayField(lazy_gettext("Day on the paper"))
    kept_at = LineField(lazy_gettext("Where it is kept"), longest=200)
    extract = LineField(lazy_gettext("Subject line"), longest=500,
                        description=lazy_gettext("Not for personal papers: of those only number, day and place are kept."))


class HelperForm(RecordForm):
    person = ChoiceField(lazy_gettext("Member who helps"), required=True)


@pages.route("/ho-so/<int:case_id>/giay-to", methods=["GET", "POST"])
def papers(case_id: int) -> Any:
    """Register a paper of the case."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        seen = section(caseview.opened(session, actor, case_id, today), "papers")
        may = records.may_record(session, actor, seen.snapshot, records.keepers(access.book())) and is_open(seen)
    law = seen.snapshot.law
    form = PaperForm(data={"version": str(seen.snapshot.case["version"])})
    offer(form.kind, [(k, f"{says(p.says)} ({p.form or k})") for k, p in law.papers.items()])
    if request.method == "POST" and not may:
        abort(403)
    if may and form.validate_on_submit() and carried_out(form, lambda s: records.put_paper(
            s, case_id, actor, today, kind=form.kind.data, number=form.number.data, issued_on=form.issued_on.data,
            kept_at=form.kept_at.data, extract=form.extract.data, version=int(form.version.data))):
        flash(_("The paper is entered."), "good")
        return redirect(url_for("cases.show", case_id=case_id), 303)
    return answer("records/simple.html", form, case_id=case_id, name=name_of(seen), heading=_("Enter a paper"), may=may,
                   button=_("Enter the paper"), who=role_names(records.keepers(access.book())))


@pages.route("/ho-so/<int:case_id>/thong-tin", methods=["GET", "POST"])
def facts(case_id: int) -> Any:
    """What is known of the case; those facts that this account may enter can be entered and corrected."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        seen = section(caseview.opened(session, actor, case_id, today), "values")
        snapshot = seen.snapshot
        homes = snapshot.binding.homes(snapshot.law)
        mine = _mine(session, actor, seen, homes)
        known = snapshot.facts()
        units = places(session, snapshot, today) if factfields.with_units(mine) else []
        people = members(session, snapshot, today) if factfields.with_people(mine) else []
        names = names_of(session, today, [v for k, v in known.items() if _is(snapshot.law, k, "person")],
                         [v for k, v in known.items() if _is(snapshot.law, k, "unit")])
    form = _fact_form(mine, Choices(people, units))(data={
        "version": str(snapshot.case["version"]),
        **{field_name(f): factfields.shown(law, known.get(f)) for f, law in mine.items()}})
    if request.method == "POST" and not mine:
        abort(403)
    if mine and form.validate_on_submit():
        changed = {f: v for f, law in mine.items()
                   if (v := factfields.read(law, form[field_name(f)].data)) != known.get(f)}
        if not changed:
            flash(_("Nothing was changed."), "info")
            return redirect(url_for("cases.show", case_id=case_id), 303)
        if carried_out(form, lambda s: records.set_facts(s, case_id, actor, today, changed, version=int(form.version.data))):
            flash(_("Saved."), "good")
            return redirect(url_for("cases.show", case_id=case_id), 303)
    teller = Teller(access.book(), snapshot.law, names, values=True)
    shown = [(teller.label(f), teller.value(f, v)) for f, v in known.items()
             if f not in mine and (f in homes or f in snapshot.binding.elsewhere)]
    return answer("records/facts.html", form, case_id=case_id, name=name_of(seen), mine=bool(mine), shown=shown,
                   areas={area: [form[field_name(f)] for f in facts] for area, facts in factfields.by_area(mine).items()})


def _mine(session: Session, actor: Actor, seen: Sight, homes: dict[str, str]) -> dict[str, Fact]:
    """The stored facts that this account may enter."""
    if not is_open(seen):
        return {}
    asked: dict[tuple[str, ...], bool] = {}
    found = {}
    for name, law in seen.snapshot.law.facts.items():
        if name in homes and law.source == "stored":
            by = tuple(law.by)
            if by not in asked:
                asked[by] = records.may_record(session, actor, seen.snapshot, by)
            if asked[by]:
                found[name] = law
    return found


@pages.route("/ho-so/<int:case_id>/nguoi-giup-do", methods=["GET", "POST"])
def helper(case_id: int) -> Any:
    """Name another member to help the candidate."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        seen = section(caseview.opened(session, actor, case_id, today), "values")
        named_by = records.assigners(seen.snapshot)
        if not named_by:
            abort(404)
        may = records.may_record(session, actor, seen.snapshot, named_by) and is_open(seen)
        people = members(session, seen.snapshot, today)
    form = HelperForm(data={"version": str(seen.snapshot.case["version"])})
    offer(form.person, people)
    if request.method == "POST" and not may:
        abort(403)
    if may and form.validate_on_submit() and carried_out(form, lambda s: records.replace_helper(
            s, case_id, actor, today, int(form.person.data), version=int(form.version.data))):
        flash(_("The helper is assigned from today on."), "good")
        return redirect(url_for("cases.show", case_id=case_id), 303)
    return answer("records/simple.html", form, case_id=case_id, name=name_of(seen), heading=_("Assign another helper"), may=may,
                   button=_("Assign"), who=role_names(named_by))


def _is(law: ProcessLaw, name: str, kind: str) -> bool:
    fact = law.facts.get(name)
    return fact is not None and fact.type == kind


def _fact_form(mine: dict[str, Fact], choices: Choices) -> type[RecordForm]:
    return type("FactForm", (RecordForm,), {field_name(f): factfields.made(f, law, choices) for f, law in mine.items()})
