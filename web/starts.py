"""Opening a case: the same form as for other steps, with the person and the cell, or the unit, before it."""
from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from rules.process import ProcessLaw
from rules.schema import CodeType, Step
from web import access, stepform
from web.factfields import Choices
from web.findings import Teller, state_label
from web.forms import CheckListField, ChoiceField, DayField, FullNameField, LineField
from web.i18n import current_language, says
from web.shapes import ShownFinding
from web.stepform import Group, StepForm
from web.steps import pages
from workflow import beginning, engine, people, words
from workflow.beginning import Known, Standing
from workflow.bindings import BINDINGS
from workflow.context import Actor
from workflow.errors import BadInput, Conflict, NotFound, NotPermitted, StepRefused
from workflow.journal import EntryRef
from workflow.models import Entry, Person, RequestKey
from workflow.names import tidy
from workflow.naming import Names
from workflow.verdict import StepVerdict

GENDERS = {"female": lazy_gettext("female"), "male": lazy_gettext("male")}


@pages.route("/ho-so/moi/<process>/<step>", methods=["GET", "POST"])
def start(process: str, step: str) -> Any:
    """Open a case of a person who is already known here, of one who is entered now, or of a unit."""
    actor, today = access.current_actor(), access.site().clock.today()
    law = access.book().cases.get(process)
    found = law.step(step, today) if law else None
    if law is None or found is None or not law.starts_case(found):
        abort(404)
    about_person = law.head.subject == "person"
    with access.read() as session:
        units = beginning.units_to_start(session, actor, law, found, today)
        known = beginning.people_to_start(session, actor, process, [u for u, _name in units], today) if units and about_person else []
        standings = [] if about_person else beginning.standings(session, units, today)
    if not units:
        return _page(None, law, found, [], None, today)
    form = (_form(law, found, units, known) if about_person else _unit_form(law, found, standings))(
        formdata=request.form if request.method == "POST" else None, data={
            "on": today, "version": "0", "unit": str(units[0][0]) if len(units) == 1 else _asked_for(units)})
    form.refresh_key()
    if request.method != "POST" or not form.validate() or not (_one_person(form) if about_person else True):
        return _page(form, law, found, [], None, today)
    try:
        with access.write() as session:
            case_id = _open(session, actor, law, step, form, known)
    except StepRefused as refused:
        told = Teller(access.book(), law, Names(), values=True).findings(refused.verdict.blocking, refused.verdict.on)
        form.blame(refused.verdict, [f.says for f in told])
        form.renew_key()
        return _page(form, law, found, told, refused.verdict, today)
    except BadInput as error:
        form.accuse(error)
        return _page(form, law, found, [], None, today)
    except NotFound as error:
        form.on.errors = [*form.on.errors, str(error)]
        return _page(form, law, found, [], None, today)
    except NotPermitted as error:
        form.form_errors += [words.say(r, current_language()) for r in error.reasons] or [str(error)]
        return _page(form, law, found, [], None, today, status=403)
    except Conflict as error:
        form.renew_key()
        form.form_errors.append(str(error))
        return _page(form, law, found, [], None, today, status=409)
    flash(_("The case is opened."), "good")
    return redirect(url_for("cases.show", case_id=case_id), 303)


def _form(law: ProcessLaw, step: Step, units: list[tuple[int, str]], known: list[Known]) -> type[StepForm]:
    base = stepform.build(law, step, choices=Choices(), goals=[], signers=[], labels={}, me=None, readers=[])
    fields: dict[str, Any] = {
        "unit": ChoiceField(_("Cell"), units, description=_("Left empty, it is the cell of the person who is already entered.") if known else ""),
        "full_name": FullNameField(_("Full name of a person who is not yet entered")),
        "born_on": DayField(_("Day of birth")), "gender": ChoiceField(_("Gender"), GENDERS.items()),
        "ethnicity": LineField(_("Ethnic group"), longest=60),
    }
    if known:
        cells = dict(units)
        fields["person"] = ChoiceField(_("Somebody who is already entered"), [
            (k.id, ", ".join(filter(None, (k.name, f"{k.born_on:%d/%m/%Y}" if k.born_on else None, cells[k.unit_id])))) for k in known])
    form = type("TheStartForm", (base,), fields)
    # The day of birth is asked above; no step asks it twice.
    form.facts = tuple(f for f in form.facts if law.facts[f].type not in ("person", "unit"))
    return form


def _one_person(form: Any) -> bool:
    """Either somebody known or a new name, not both and not neither."""
    chosen = form.person.data if "person" in form else None
    if bool(chosen) == bool(form.full_name.data):
        text = _("Either choose somebody who is already entered or write a new name, not both.") if chosen else \
            _("Write the name of the person, or choose somebody who is already entered.")
        form.full_name.errors = [*form.full_name.errors, text]
        return False
    if not chosen and not form.unit.data:
        form.unit.errors = [*form.unit.errors, _("Choose the cell.")]
        return False
    return True


def _asked_for(units: list[tuple[int, str]]) -> str | None:
    """The unit that the address names, where a case of it may be opened."""
    wanted = request.args.get("unit", "")
    return wanted if wanted in {str(key) for key, _name in units} else None


def _unit_form(law: ProcessLaw, step: Step, standings: list[Standing]) -> type[StepForm]:
    """The form of a start step about a unit: which one, and what is noted of it with the act."""
    base = stepform.build(law, step, choices=Choices(), goals=[], signers=[], labels={}, me=None, readers=[])
    fields: dict[str, Any] = {"unit": ChoiceField(_("Unit"), [(s.unit_id, _standing(s)) for s in standings], required=True)}
    for name, options in _noted(law, step).items():
        fields[f"c_{name}"] = CheckListField(
            says(law.facts[name].label) or name, options, description=_("Tick what is known and not settled; none where there is none."))
    form = type("TheUnitStartForm", (base,), fields)
    # A new case links to no other by hand: the step that opens one from another does that.
    form.facts = tuple(f for f in form.facts if law.facts[f].type not in ("person", "unit", "int"))
    return form


def _noted(law: ProcessLaw, step: Step) -> dict[str, list[tuple[str, str]]]:
    """The lists of the unit that may come with the step, as far as a row of them is told by one code."""
    found = {}
    for name in (*step.records, *step.may_record):
        items = law.facts[name].items or {}
        codes = [field.type for field in items.values() if isinstance(field.type, CodeType)]
        if len(codes) == 1 and BINDINGS[law.id].children[name].of == "unit":
            found[name] = [(code, says(text)) for code, text in codes[0].code.items()]
    return found


def _standing(unit: Standing) -> str:
    parts = [unit.name]
    if unit.rating is not None:
        parts.append(_("%(year)s: %(label)s (rank %(rank)s of 4)", year=unit.rating.period_end.year, label=unit.rating.label, rank=unit.rating.rank))
    else:
        parts.append(_("no yearly rating"))
    if unit.problems:
        parts.append(ngettext("%(num)s open problem", "%(num)s open problems", len(unit.problems)))
    return " – ".join(parts)


def _open(session: Session, actor: Actor, law: ProcessLaw, step: str, form: Any, known: list[Known]) -> int:
    done = session.connection().scalar(
        sa.select(Entry.case_id).join(RequestKey, RequestKey.entry_id == Entry.id)
        .where(RequestKey.key == form.request_key.data, Entry.recorded_by == actor.account_id))
    if done is not None:
        return int(done)
    if law.head.subject == "unit":
        unit, given = int(form.unit.data), form.given({})
        for name in _noted(law, form.step):
            if form[f"c_{name}"].data:
                code = next(k for k, f in (law.facts[name].items or {}).items() if isinstance(f.type, CodeType))
                given["facts"][name] = {"declared": True, "items": [{code: value} for value in form[f"c_{name}"].data]}
        subject = engine.Subject(law.id, unit, subject_unit_id=unit)
        return _case(engine.advance(session, subject, step, actor, on=form.on.data, request_key=form.request_key.data, **given))
    chosen = next((k for k in known if str(k.id) == form.person.data), None) if "person" in form else None
    unit = int(form.unit.data) if form.unit.data else chosen.unit_id if chosen else 0
    person = chosen.id if chosen else _add(session, actor, form, unit, known)
    return _case(engine.advance(session, engine.Subject(law.id, unit, person), step, actor, on=form.on.data,
                                request_key=form.request_key.data, **form.given({})))


def _case(entry: EntryRef) -> int:
    return int(entry.stream.partition(":")[2])


def _add(session: Session, actor: Actor, form: Any, unit: int, known: list[Known]) -> int:
    twin = sa.select(Person.full_name).where(
        Person.id.in_([k.id for k in known]), Person.full_name == tidy(form.full_name.data), Person.born_on == form.born_on.data)
    if form.born_on.data and session.connection().scalar(twin):
        raise BadInput(_("Somebody of this name and day of birth is already entered: choose that person above."), "full_name")
    return people.add_person(session, actor, form.on.data, full_name=form.full_name.data, born_on=form.born_on.data,
                             gender=form.gender.data, ethnicity=form.ethnicity.data, unit=unit)


def _page(form: Any, law: ProcessLaw, step: Step, findings: list[ShownFinding], verdict: StepVerdict | None, today: dt.date,
          status: int | None = None) -> Any:
    groups: list[Group] = []
    if form is not None:
        who = [form[n] for n in ("unit", "person", "full_name", "born_on", "gender", "ethnicity") if n in form]
        noted = [f for f in form if f.short_name.startswith("c_")]
        about = _("The person") if law.head.subject == "person" else _("The unit")
        groups = [Group(None, [form.on]), Group(about, [*who, *noted]), *form.parts()[1:]]
    goals = law.goals(step, "start")
    page: str | Response = render_template(
        "cases/start.html", form=form, groups=groups, label=says(step.label), help=says(step.help), findings=findings,
        goal=state_label(law, goals[0]) if goals else None,
        nothing=_("None of your offices opens such a case today.") if law.head.subject == "person" else
        _("There is no unit of which you may open such a case today: none is in the care of your organ, or each has an open one."))
    if status is not None:
        return page, status
    return (page, 422) if form is not None and form.errors else page
