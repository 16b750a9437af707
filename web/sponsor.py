"""What comes back every month: the helper's remarks, and the cell's review of its source list."""
from __future__ import annotations

import datetime as dt
import re
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from web import access, caseview
from web.findings import state_label
from web.forms import BaseForm, DayField, NoteField, RadioChoiceField
from web.presenters import month as month_text
from web.reportwords import PROPOSALS, TASKS
from workflow import monthly, queues, tree
from workflow.access import visible_cases, visible_units
from workflow.errors import BadInput, Conflict
from workflow.models import Case, Person, SourceReview, SourceReviewItem, SponsorReport, Unit

pages = Blueprint("sponsor", __name__)
_report: sa.Table = SponsorReport.__table__  # type: ignore[assignment]
_unit: sa.Table = Unit.__table__  # type: ignore[assignment]
_MONTH = re.compile(r"(\d{4})-(\d{2})\Z", re.ASCII)


class ReportForm(BaseForm):
    """A month in four answers; only one of them has to be given."""

    task = RadioChoiceField(lazy_gettext("The task of this month"), TASKS.items(), required=True)
    proposes = RadioChoiceField(lazy_gettext("I propose"), PROPOSALS.items(), required=True)
    met_on = DayField(lazy_gettext("Met on"))
    note = NoteField(lazy_gettext("Short note"), longest=500, render_kw={"rows": 3})


class ReviewForm(BaseForm):
    """The cell's review: when it was held, and a verdict on each candidate."""

    held_on = DayField(lazy_gettext("Day of the meeting"), required=True)
    note = NoteField(lazy_gettext("What the meeting said of the list"), longest=1_000)


@pages.route("/ho-so/<int:case_id>/nhan-xet", methods=["GET", "POST"])
def report(case_id: int) -> Any:
    """The helper's remarks of a month (this one unless the address names another); writing again corrects them."""
    actor, today = access.current_actor(), access.site().clock.today()
    month = _month(today)
    with access.read() as session:
        seen = caseview.opened(session, actor, case_id, today)
        if not caseview.may_report(session, actor, seen):
            abort(404)
        helping = "sponsor" in seen.roles
        written = session.connection().execute(sa.select(_report).where(
            _report.c.case_id == case_id, _report.c.month == month)).mappings().first()
    form = ReportForm(data=dict(written) if written else {"proposes": "keep"})
    if form.validate_on_submit():
        try:
            with access.write() as session:
                monthly.sponsor_report(session, actor, today, case_id=case_id, month=month, met_on=form.met_on.data,
                                       task=form.task.data, note=form.note.data, proposes=form.proposes.data)
        except BadInput as error:
            form.accuse(error)
        except Conflict as error:
            form.form_errors.append(str(error))
        else:
            flash(_("Your remarks for %(month)s are kept.", month=month_text(month)), "good")
            return redirect(url_for("home.index") if helping else url_for("cases.show", case_id=case_id), 303)
    page = render_template("sponsor/report.html", form=form, case_id=case_id, name=seen.snapshot.person["full_name"], month=month,
                           state=state_label(seen.snapshot.law, seen.snapshot.case["state"]), written=written is not None,
                           on_behalf=not helping, before=_before(month, seen.snapshot.case["opened_on"]))
    return (page, 422) if form.errors else page


@pages.route("/chi-bo/<int:unit_id>/ra-soat", methods=["GET", "POST"])
def review(unit_id: int) -> Any:
    """The cell's monthly review of its source list, a verdict per candidate; the steps that follow are taken apart."""
    actor, today = access.current_actor(), access.site().clock.today()
    month = _month(today)
    with access.read() as session:
        unit = tree.unit_on(session, unit_id, today)
        connection = session.connection()
        own = visible_units(actor, access.book(), today, _unit.c.id, queues.REVIEWERS)
        if unit is None or connection.scalar(sa.select(_unit.c.id).where(_unit.c.id == unit_id, own)) is None:
            abort(404)
        wanted = monthly.under_review(session, unit_id)
        people = connection.execute(
            sa.select(Case.id, Case.process, Person.full_name, Case.state).join(Person, Person.id == Case.subject_person_id)
            .where(visible_cases(actor, access.book(), today, queues.REVIEWERS), Case.id.in_(wanted), Case.unit_id == unit_id,
                   Case.closed_on.is_(None)).order_by(Person.sort_key, Case.id)).all()
        known = connection.execute(sa.select(SourceReview.__table__).where(
            SourceReview.unit_id == unit_id, SourceReview.month == month)).mappings().first()
        items = {row.case_id: row for row in connection.execute(sa.select(SourceReviewItem.__table__).where(
            SourceReviewItem.review_id == (known["id"] if known else 0)))}
    laws = access.book().processes
    listed = [{"id": key, "name": name, "state": state_label(laws.get(process), state)} for key, process, name, state in people]
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {"held_on": known["held_on"] if known else today, "note": known["note"] if known else None}
    for person in listed:
        fields[f"v{person['id']}"] = RadioChoiceField(person["name"], PROPOSALS.items(), required=True, description=person["state"])
        data[f"v{person['id']}"] = items[person["id"]].verdict if person["id"] in items else "keep"
    form = type("TheReviewForm", (ReviewForm,), fields)(data=data)
    if form.validate_on_submit():
        try:
            with access.write() as session:
                monthly.source_review(session, actor, today, unit=unit_id, month=month, held_on=form.held_on.data, note=form.note.data,
                                      items=[{"case": p["id"], "verdict": form[f"v{p['id']}"].data} for p in listed])
        except BadInput as error:
            form.accuse(error)
        except Conflict as error:
            form.form_errors.append(str(error))
        else:
            flash(_("The review of %(month)s is kept.", month=month_text(month)), "good")
            return redirect(url_for("home.index"), 303)
    page = render_template("sponsor/review.html", form=form, unit=unit, month=month, people=listed, written=known is not None,
                           before=_before(month, today - dt.timedelta(days=366)))
    return (page, 422) if form.errors else page


def _before(month: dt.date, earliest: dt.date) -> dt.date | None:
    """The month before, as long as there is something to write about it."""
    found = (month - dt.timedelta(days=1)).replace(day=1)
    return found if found >= earliest.replace(day=1) else None


def _month(today: dt.date) -> dt.date:
    """The month of the address (``2026-09``), this one where it names none, and none that is still ahead."""
    found = _MONTH.match(request.args.get("thang", ""))
    if not found:
        return today.replace(day=1)
    year, month = int(found[1]), int(found[2])
    if not (1 <= month <= 12 and 1900 <= year <= today.year) or dt.date(year, month, 1) > today:
        abort(404)
    return dt.date(year, month, 1)
