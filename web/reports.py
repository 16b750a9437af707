"""Reports: the list of them, one as a table with its picture, the file, and the copies locked as they were sent."""
from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from sqlalchemy.orm import Session

from web import access, cases, reportview
from web.download import csv_file
from web.forms import BaseForm, ChoiceField, DayField, FilterForm, LineField, number, offer, render_form
from web.i18n import current_language, says
from web.presenters import day
from web.reportcharts import picture
from workflow import caselist, history, reports, unitsheet, waiting, words
from workflow.context import Actor
from workflow.errors import BadInput, NotFound, NotPermitted
from workflow.models import Case
from workflow.reports import Definition, Report, copies, copy_of, differences
from workflow.reports.copies import Copy, may_lock
from workflow.reports.model import tops

pages = Blueprint("reports", __name__)


class ReportFilter(FilterForm):
    """Unit and cut-off day of every report; its own options follow."""

    unit = ChoiceField(lazy_gettext("Unit and below"), validate_choice=False)
    on = DayField(lazy_gettext("Cut-off day"))


class LockForm(BaseForm):
    """To whom a report was sent, and with which letter."""

    sent_to = LineField(lazy_gettext("Sent to"), longest=300, required=True)
    paper = LineField(lazy_gettext("Letter it was sent with"), longest=300,
                      description=lazy_gettext("Number, symbol and date, as on the letter."))


@pages.get("/bao-cao")
def index() -> str:
    """The reports there are."""
    return render_template("reports/index.html", found=[
        {"title": says(title), "url": url_for("reports.show", name=name), "name": name} for name, title in reports.names()])


@pages.route("/bao-cao/<name>", methods=["GET", "POST"])
def show(name: str) -> Any:
    """A report of a unit on a day; ``format=csv`` gives the same rows as a file, a POST locks it as it was sent."""
    definition = reports.REPORTS.get(name)
    if definition is None:
        abort(404)
    actor, today = access.current_actor(), access.site().clock.today()
    form, locking = _filter(definition)(), LockForm()
    try:
        with access.read() as session:
            unit, on, options = _wanted(session, actor, definition, form, today)
            made = reports.run(session, name, actor=actor, unit=unit, on=on, options=options)
            may = unit is not None and may_lock(session, actor, unit, today)
            kept = copies(session, name, unit) if unit is not None else []
    except reports.NotAvailable as missing:
        return render_template("reports/missing.html", title=says(definition.title), why=str(missing))
    except BadInput as wrong:
        return render_template("reports/missing.html", title=says(definition.title), why=str(wrong)), 422
    if request.args.get("format") == "csv":
        return csv_file(f"bao-cao-{name}", on, *reportview.csv_rows(made))
    if request.method == "POST" and not may:
        abort(403)
    if may and locking.validate_on_submit():
        entry = _locked(locking, actor, made, today)
        if entry is not None:
            flash(_("The report is locked as it was sent."), "good")
            return redirect(url_for("reports.copied", key=entry), 303)
    args = _args(form, unit, on, options, today)
    return render_form(
        "reports/show.html", locking, filters=form, active=len(form.values()), made=made, report=reportview.view(made, name, args), may=may,
        picture=picture(made, name, args), args=args, name=name, copies=[_copy(c) for c in kept],
        here=url_for("reports.show", name=name, **args), csv=url_for("reports.show", name=name, **args, format="csv"))


@pages.get("/bao-cao/<name>/ho-so")
def behind(name: str) -> str:
    """The cases that a figure counts, where no filter of the list of cases says the same; ``row`` and ``column`` name it."""
    definition = reports.REPORTS.get(name)
    if definition is None:
        abort(404)
    actor, today, book = access.current_actor(), access.site().clock.today(), access.book()
    form = _filter(definition)()
    with access.read() as session:
        unit, on, options = _wanted(session, actor, definition, form, today)
        try:
            made = reports.run(session, name, actor=actor, unit=unit, on=on, options=options)
        except reports.NotAvailable:
            abort(404)
        row = next((r for r in made.rows if r.key == request.args.get("row")), None)
        cell = row.cells.get(request.args.get("column", "")) if row else None
        if cell is None or cell.cases is None:
            abort(404)
        desk = waiting.desk(session, actor, today)
        found = caselist.everything(session, desk, desk.scope & Case.id.in_(cell.cases))
    column = next(c for c in made.columns if c.id == request.args["column"])
    return render_template("reports/behind.html", title=says(made.title), label=says(column.label), found=[cases.line(book, r) for r in found],
                           counted=len(cell.cases), up=url_for("reports.show", name=name, **_args(form, unit, on, options, today)))


@pages.get("/bao-cao/ban-khoa/<int:key>")
def copied(key: int) -> str:
    """A locked copy, and what has become different since; ``with`` names another copy to compare it to."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        copy = copy_of(session, actor, key, today)
        others = [c for c in copies(session, copy.name, copy.unit_id) if c.id != copy.id]
        against = next((c for c in others if c.id == number(request.args.get("with"))), None)
        assert copy.unit_id is not None
        unit = reports.model.unit_of(session, actor, copy.unit_id, today)
        now: Report | Copy = against or reports.run(session, copy.name, actor=actor, unit=copy.unit_id, on=copy.cut_on,
                                                    options=copy.content["options"])
        former, later = (copy, now) if not isinstance(now, Copy) or now.id > copy.id else (now, copy)
        found = differences(session, former, later)
    then = reportview.of_copy(former.content, unit, former.cut_on)
    after = reportview.of_copy(later.content, unit, later.cut_on) if isinstance(later, Copy) else later
    return render_template("reports/copy.html", copy=copy, report=reportview.view(reportview.of_copy(copy.content, unit, copy.cut_on)),
                           unit=unit, others=[_copy(c) for c in others], against=against, former=former, later=later,
                           changes=reportview.changes(found, then, after), sound=copy.sound, reads_history=_reads_history(),
                           up=url_for("reports.show", name=copy.name, unit=copy.unit_id, on=day(copy.cut_on), **copy.content["options"]))


def _reads_history() -> bool:
    return any(held.role in history.readers() for held in current_user.offices)


def _filter(definition: Definition) -> type[ReportFilter]:
    fields: dict[str, Any] = {}
    for key, option in definition.options.items():
        label = says(option.label)
        fields[key] = (DayField(label) if option.day else ChoiceField(label, [(c, says(t)) for c, t in option.choices.items()])
                       if option.choices else LineField(label, longest=100))
    return type("OwnFilter", (ReportFilter,), fields)


def _wanted(session: Session, actor: Actor, definition: Definition, form: ReportFilter, today: dt.date
            ) -> tuple[int | None, dt.date, dict[str, str]]:
    """Unit, day and options of the address. Who looks at one unit with all below it sees that; ``unit=0`` is all."""
    found, _cut = unitsheet.forest(session, actor, access.book(), today)
    offer(form.unit, [(0, _("All in sight")), *((b.unit.id, "\u2003" * b.depth + b.unit.name) for b in found)])
    given = form.values()
    unit = number(given.get("unit"))
    if unit is None:
        heads = tops(session, actor, today)
        unit = heads[0].id if len(heads) == 1 else None
    options = {key: value.isoformat() if isinstance(value, dt.date) else str(value)
               for key in definition.options if (value := given.get(key)) is not None}
    return unit or None, given.get("on") or today, options


def _args(form: ReportFilter, unit: int | None, on: dt.date, options: dict[str, str], today: dt.date) -> dict[str, Any]:
    """The address of what is shown, whole, so that it can be kept and sent."""
    form.unit.data, form.on.data = str(unit or 0), on
    return {"unit": unit or 0, "on": day(on), **options}


def _locked(form: LockForm, actor: Actor, made: Report, today: dt.date) -> int | None:
    """Lock the report; the id of the copy, or None with the complaint in the form."""
    try:
        with access.write() as session:
            again = reports.run(session, made.name, actor=actor, unit=made.unit.id if made.unit else None, on=made.on, options=made.options)
            reports.lock(session, actor, today, again, sent_to=form.sent_to.data, paper=form.paper.data)
            return max(c.id for c in copies(session, made.name, made.unit.id if made.unit else None))
    except BadInput as error:
        form.accuse(error)
    except NotPermitted as error:
        form.form_errors += [words.say(r, current_language()) for r in error.reasons]
    except NotFound as error:
        form.form_errors.append(str(error))
    return None


def _copy(copy: Copy) -> dict[str, Any]:
    return {"id": copy.id, "cut_on": copy.cut_on, "locked_on": copy.locked_on, "sent_to": copy.sent_to, "paper": copy.paper,
            "url": url_for("reports.copied", key=copy.id)}
