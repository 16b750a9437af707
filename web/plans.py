"""Pages to enter what is reported of a plan: progress of a measure, figures, criteria, visits, reports; and its versions
side by side."""
from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from web import access, caseview
from web.caseview import Sight
from web.forms import (
    BaseForm,
    ChoiceField,
    CountField,
    DayField,
    LineField,
    NoteField,
    RadioChoiceField,
    offer,
)
from web.planpanels import measure_line
from web.planwords import CHANGES, COMPARATORS, FATES, MEASURE, REPORTS
from web.presenters import day, month
from web.recordbase import carried_out, section
from workflow import plans as work
from workflow import planview, workreports
from workflow.context import Actor
from workflow.naming import Names, names_of
from workflow.signers import members

pages = Blueprint("plans", __name__)
#: What a measure is said to have come to with one tap.
TAPS = (0, 25, 50, 75, 100)


class ProgressForm(BaseForm):
    progress = CountField(lazy_gettext("Another percentage"), most=100)
    result = LineField(lazy_gettext("Result in short"), longest=1000)


class IndicatorForm(BaseForm):
    name = LineField(lazy_gettext("Figure"), required=True)
    unit = LineField(lazy_gettext("Unit of measure"), longest=60)
    as_of = DayField(lazy_gettext("As of"))
    comparator = ChoiceField(lazy_gettext("How the source puts it"), COMPARATORS.items())
    value = LineField(lazy_gettext("Value"), longest=30, render_kw={"inputmode": "decimal"})
    plan_value = LineField(lazy_gettext("Planned value"), longest=30, render_kw={"inputmode": "decimal"})
    prior_value = LineField(lazy_gettext("Former value"), longest=30, render_kw={"inputmode": "decimal"})
    change = LineField(lazy_gettext("Change as stated"), longest=30, description=lazy_gettext("A decrease with a minus sign."))
    change_kind = ChoiceField(lazy_gettext("The change is counted"), CHANGES.items())
    source = LineField(lazy_gettext("Source"), longest=300)


class CriteriaForm(BaseForm):
    name = LineField(lazy_gettext("Set of criteria"), required=True)
    as_of = DayField(lazy_gettext("As of"), required=True)
    total = CountField(lazy_gettext("Criteria in all"), required=True, most=10_000)
    met = CountField(lazy_gettext("Of these met"), required=True, most=10_000)
    exceeded = CountField(lazy_gettext("Of these exceeded"), most=10_000)
    source = LineField(lazy_gettext("Source"), longest=300)


class VisitForm(BaseForm):
    person = ChoiceField(lazy_gettext("Who was there"), required=True)
    visited_on = DayField(lazy_gettext("Day of the visit"), required=True)
    occasion = LineField(lazy_gettext("Occasion"), longest=300)
    note = NoteField(lazy_gettext("What was found"), longest=1000, render_kw={"rows": 3})


class ReportForm(BaseForm):
    period = RadioChoiceField(lazy_gettext("Period"), required=True)
    content = NoteField(lazy_gettext("What is reported"), longest=4000, required=True)
    number = LineField(lazy_gettext("Number and symbol"), longest=60)


class ReviewForm(ReportForm):
    held_on = DayField(lazy_gettext("Day of the review"), required=True)
    field_order = ("period", "held_on", "content", "number")


@pages.route("/ho-so/<int:case_id>/bien-phap/<int:key>", methods=["GET", "POST"])
def progress(case_id: int, key: int) -> Any:
    """How far a measure has come: one tap on a part of the whole, or a percentage of one's own."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        seen = _seen(session, actor, case_id, today, "values")
        row = _of_case(session, work.MEASURE, case_id, key)
        if row["plan_no"] != seen.snapshot.detail["plan_no"] or not work.may_tell(session, actor, seen.snapshot, row):
            abort(404)
        line = measure_line(row, names_of(session, today, [row["owner_id"]]), today)
    form = ProgressForm(data={"result": row["result"]})
    if form.validate_on_submit():
        tapped = request.form.get("tap", "")
        value = int(tapped) if tapped in {str(t) for t in TAPS} else form.progress.data
        if value is None:
            form.progress.errors = [_("Choose how far it has come.")]
        elif carried_out(form, lambda s: work.set_progress(s, case_id, actor, today, key, progress=value, result=form.result.data)):
            flash(_("Saved: %(measure)s, %(progress)s%%.", measure=line["content"], progress=value), "good")
            return redirect(url_for("cases.show", case_id=case_id) + "#plan", 303)
    return _page("plans/progress.html", form, seen, measure=line, taps=TAPS)


@pages.route("/ho-so/<int:case_id>/chi-tieu-theo-doi", defaults={"key": None}, methods=["GET", "POST"])
@pages.route("/ho-so/<int:case_id>/chi-tieu-theo-doi/<int:key>", methods=["GET", "POST"])
def indicator(case_id: int, key: int | None) -> Any:
    """Enter a figure that the plan watches, or correct it."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        seen = _kept(session, actor, case_id, today)
        row = _of_case(session, work.INDICATOR, case_id, key) if key else None
    form = IndicatorForm(data=_typed(row) if row else {"comparator": "="})
    if form.validate_on_submit() and carried_out(form, lambda s: work.put_indicator(
            s, case_id, actor, today, {n: form[n].data for n in form._fields if n != "csrf_token"}, key=key)):
        return _saved(case_id)
    return _page("plans/entry.html", form, seen, heading=_("Correct an indicator") if key else _("Enter an indicator"),
                 hint=_("Numbers with a comma before the decimals, without thousands separators."), kind="indicator", key=key)


@pages.route("/ho-so/<int:case_id>/tieu-chi", defaults={"key": None}, methods=["GET", "POST"])
@pages.route("/ho-so/<int:case_id>/tieu-chi/<int:key>", methods=["GET", "POST"])
def criteria(case_id: int, key: int | None) -> Any:
    """Enter how many criteria of a set are met on a day, or correct it."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        seen = _kept(session, actor, case_id, today)
        row = _of_case(session, work.CRITERIA, case_id, key) if key else None
    form = CriteriaForm(data=row or {"as_of": today})
    if form.validate_on_submit() and carried_out(form, lambda s: work.put_criteria(
            s, case_id, actor, today, name=form.name.data, as_of=form.as_of.data, total=form.total.data, met=form.met.data,
            exceeded=form.exceeded.data, source=form.source.data, key=key)):
        return _saved(case_id)
    return _page("plans/entry.html", form, seen, heading=_("Correct a set of criteria") if key else _("Enter a set of criteria"),
                 hint=None, kind="criteria", key=key)


@pages.route("/ho-so/<int:case_id>/den-don-vi", defaults={"key": None}, methods=["GET", "POST"])
@pages.route("/ho-so/<int:case_id>/den-don-vi/<int:key>", methods=["GET", "POST"])
def visit(case_id: int, key: int | None) -> Any:
    """Enter that somebody was at the unit, or correct it."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        seen = _kept(session, actor, case_id, today)
        row = _of_case(session, work.VISIT, case_id, key) if key else None
        people = members(session, seen.snapshot, today)
        related = {r.person_id for r in seen.snapshot.related} | ({row["person_id"]} if row else set())
        names = names_of(session, today, related)
    people += [(p, names.person(p)) for p in sorted(related - {k for k, _name in people})]
    form = VisitForm(data={**row, "person": str(row["person_id"])} if row else
                     {"visited_on": today, "person": str(actor.person_id) if actor.person_id in related else None})
    offer(form.person, people)
    if form.validate_on_submit() and carried_out(form, lambda s: work.put_visit(
            s, case_id, actor, today, person=int(form.person.data), visited_on=form.visited_on.data, occasion=form.occasion.data,
            note=form.note.data, key=key)):
        return _saved(case_id, "reports")
    return _page("plans/entry.html", form, seen, heading=_("Correct a visit") if key else _("Enter a visit"), hint=None, kind="visit", key=key)


@pages.route("/ho-so/<int:case_id>/bo/<kind>/<int:key>", methods=["GET", "POST"])
def remove(case_id: int, kind: str, key: int) -> Any:
    """Ask once, then take a figure or a visit out; the history keeps it."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        seen = _kept(session, actor, case_id, today)
        if kind not in work.KINDS:
            abort(404)
        row = _of_case(session, work.KINDS[kind][0], case_id, key)
        what = row.get("name") or _("Visit of %(day)s", day=day(row["visited_on"]))
    form = BaseForm()
    if form.validate_on_submit() and carried_out(form, lambda s: work.remove(s, case_id, actor, today, kind, key)):
        flash(_("Taken out of the list."), "good")
        return redirect(url_for("cases.show", case_id=case_id), 303)
    return _page("plans/remove.html", form, seen, what=what)


@pages.route("/ho-so/<int:case_id>/bao-cao/<kind>", methods=["GET", "POST"])
def report(case_id: int, kind: str) -> Any:
    """Write a periodic report or the mid review; writing again for the same period corrects it."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        seen = _seen(session, actor, case_id, today, "reports")
        if kind not in REPORTS or not workreports.may_write(session, actor, seen.snapshot, kind):
            abort(404)
        periods = workreports.periods(session, seen.snapshot, kind)
        written = {r["period"]: r for r in planview.plan(session, case_id, seen.snapshot.detail["plan_no"]).reports if r["kind"] == kind}
    chosen = _month(request.args.get("ky", "")) or next(
        (p.month for p in reversed(periods) if p.due_on and not p.written and p.month <= today), today.replace(day=1))
    old = written.get(chosen)
    reviewed = workreports.KINDS[kind] is not None
    data = {"period": f"{chosen:%Y-%m}", "content": old["content"] if old else None, "number": old["number"] if old else None,
            **({"held_on": seen.snapshot.detail["mid_review_on"] or today} if reviewed else {})}
    form = (ReviewForm if reviewed else ReportForm)(data=data)
    form.period.choices = [(f"{p.month:%Y-%m}", _period(p)) for p in periods if p.month <= today]
    if form.validate_on_submit() and carried_out(form, lambda s: workreports.write(
            s, actor, today, case_id=case_id, kind=kind, period=_month(form.period.data) or today, content=form.content.data,
            number=form.number.data, held_on=form.held_on.data if reviewed else None)):
        return _saved(case_id, "reports")
    return _page("plans/entry.html", form, seen, heading=REPORTS[kind], hint=_("A report that is already written is corrected.") if old else None,
                 kind=None, key=None)


@pages.get("/ho-so/<int:case_id>/ke-hoach/<int:no>/so-sanh")
def compare(case_id: int, no: int) -> Any:
    """A version of the plan beside the one before it: what stayed, what says something else, what came and went."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        seen = _seen(session, actor, case_id, today, "values")
        versions = {v["no"]: v for v in planview.plan(session, case_id, no).versions}
        if no not in versions or no - 1 not in versions:
            abort(404)
        found = planview.compare(session, case_id, no)
        people = {row[c] for d in found for row in (d.old, d.new) if row for c in ("owner_id",)} | {v["oversight_id"] for v in versions.values()}
        names = names_of(session, today, people)
    return render_template("plans/compare.html", case_id=case_id, name=seen.name, no=no, rows=[_told(d, names) for d in found],
                           old=versions[no - 1], new=versions[no], person=names.person, versions=sorted(versions))


# ---- what they share

def _seen(session: Session, actor: Actor, case_id: int, today: dt.date, part: str) -> Sight:
    """The case, or 404 where it has no plan or this part of it is not shown."""
    seen = section(caseview.opened(session, actor, case_id, today), part)
    if seen.snapshot.binding.plan is None:
        abort(404)
    return seen


def _kept(session: Session, actor: Actor, case_id: int, today: dt.date) -> Sight:
    seen = _seen(session, actor, case_id, today, "values")
    if not work.may_keep(session, actor, seen.snapshot):
        abort(404)
    return seen


def _of_case(session: Session, table: sa.Table, case_id: int, key: int) -> dict[str, Any]:
    query = sa.select(table).where(table.c.id == key, table.c.case_id == case_id)
    row = session.connection().execute(query).mappings().first()
    if row is None:
        abort(404)
    return dict(row)


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    """A stored indicator as somebody would type it."""
    def text(value: int | None) -> str | None:
        if value is None:
            return None
        scale = row["scale"] or 0
        digits = str(abs(value)).rjust(scale + 1, "0")
        return ("-" if value < 0 else "") + (f"{digits[:-scale]},{digits[-scale:]}" if scale else digits)
    return {**row, **{name: text(row[name]) for name in ("value", "plan_value", "prior_value", "change")}}


def _month(text: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        return None


def _period(period: workreports.Period) -> str:
    told = _("%(month)s, due %(day)s", month=month(period.month), day=day(period.due_on)) if period.due_on else month(period.month)
    return f"{told} ({_('written')})" if period.written else told


def _told(difference: planview.Difference, names: Names) -> dict[str, Any]:
    def shown(row: Any, column: str) -> Any:
        value = row[column] if row else None
        return names.person(value) if column == "owner_id" and value else day(value) if isinstance(value, dt.date) else value or "–"
    row = difference.new or difference.old
    assert row is not None
    return {"fate": FATES[difference.fate], "kind": {"unchanged": "", "changed": "warn", "added": "good", "dropped": "bad"}[difference.fate],
            "content": row["content"] or "–", "owner": shown(row, "owner_id"), "due_on": row["due_on"],
            "changes": [(MEASURE.get(c, c), shown(difference.old, c), shown(difference.new, c)) for c in sorted(difference.changed)]}


def _saved(case_id: int, place: str = "figures") -> Any:
    flash(_("Saved."), "good")
    return redirect(url_for("cases.show", case_id=case_id) + f"#{place}", 303)


def _page(template: str, form: BaseForm, seen: Sight, **context: Any) -> Any:
    page = render_template(template, form=form, case_id=seen.id, name=seen.name, **context)
    return (page, 422) if form.errors else page
