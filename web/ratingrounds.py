"""The round of one organ and period: entered, verified and decided in one table, with a verdict for each row."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from sqlalchemy.orm import Session
from wtforms import BooleanField

from rules.book import Rulebook
from web import access
from web import ratingwords as told
from web.download import csv_file
from web.forms import BaseForm, ChoiceField, CountField, DayField, LineField
from web.i18n import says
from web.presenters import day
from web.ratinglists import pages
from web.ratings import period_label, period_of, period_slug, round_url
from workflow import ratings, tree, unitsheet
from workflow.context import Actor
from workflow.errors import BadInput, Conflict
from workflow.ratings import Period, Round, RoundRow, RowVerdict, Said
from workflow.ratings.ground import COUNT, PROBLEM
from workflow.ratings.problems import kinds
from workflow.sight import READERS
from workflow.signers import Signer

#: The steps that can be taken for many units at once.
BULK = ("verify", "decide")


class BulkForm(BaseForm):
    """What holds for all rows; a box, a level and the points of each row follow."""

    on = DayField(lazy_gettext("Day of the decision or the verification"), required=True)
    signer = ChoiceField(lazy_gettext("Who signs"))
    paper = LineField(lazy_gettext("Decision"), longest=300, description=lazy_gettext("Number, symbol and date, as on the paper."))


@dataclass
class Seen:
    """A round as loaded for a page."""

    round: Round
    rows: list[RoundRow]
    signers: dict[str, list[Signer]]
    counts: dict[int, dict[str, int]]
    problems: dict[int, list[str]]
    teller: Any
    names: Any


@pages.route("/xep-loai/<int:organ>/<kind>/<period>", methods=["GET", "POST"])
def show(organ: int, kind: str, period: str) -> Any:
    """The table of a round; a POST verifies or decides the rows that are ticked, each on its own."""
    actor, today, book, of = access.current_actor(), access.site().clock.today(), access.book(), period_of(kind, period)
    with access.read() as session:
        seen = _load(session, actor, book, organ, of, today)
    if request.args.get("format") == "csv":
        return _file(book, seen, today)
    form, verdicts = _form(book, seen, today), {}
    step = request.form.get("step", "")
    if request.method == "POST":
        if step not in BULK or not seen.signers[step]:
            abort(403)
        picked = [row for row in seen.rows if form[f"pick_{row.unit.id}"].data]
        if form.validate_on_submit() and picked:
            found = _carried_out(form, actor, seen, step, picked, of)
            if found and all(one.done for one in found):
                flash(ngettext("%(num)s rating recorded.", "%(num)s ratings recorded.", len(found)), "good")
                for text in told.warned(seen.teller, [(row.unit.name, one.verdict) for row, one in zip(picked, found, strict=True)], today):
                    flash(text, "warn")
                return redirect(round_url(organ, of), 303)
            verdicts = {row.unit.id: one for row, one in zip(picked, found, strict=False)}
            with access.read() as session:
                seen = _load(session, actor, book, organ, of, today)
        elif not picked:
            form.form_errors.append(_("Tick the units this is about."))
    for row in seen.rows:
        if row.unit.id in verdicts and verdicts[row.unit.id].done:
            form[f"pick_{row.unit.id}"].data = False
    refused = sum(not one.done for one in verdicts.values())
    page = render_template(
        "ratings/round.html", form=form, round=seen.round, period=period_label(of), scheme=told.scheme_label(book, seen.round.scheme),
        rows=[_row(book, seen, row, form, verdicts.get(row.unit.id), of, today) for row in seen.rows], caps=seen.round.caps,
        steps=[(s, says(told.law_of(book).step_versions[s][-1].label)) for s in BULK if seen.signers[s]],
        decided=sum(r.state == "decided" for r in seen.rows),
        done=sum(one.done for one in verdicts.values()), refused=refused, schemes=len({row.rating.scheme for row in seen.rows if row.rating}),
        missing=[r for r in seen.rows if r.state != "decided"], slug=period_slug(of), csv=round_url(organ, of, format="csv"))
    return page, 422 if form.errors or refused else 200


def loaded(session: Session, actor: Actor, organ: int, period: Period, on: dt.date) -> Round:
    """The round, or 404 where its organ is not in sight on the day."""
    if not unitsheet.in_sight(session, actor, access.book(), organ, on, READERS) or tree.unit_on(session, organ, on) is None:
        abort(404)
    return ratings.round_of(session, actor, organ, period, on)


def _load(session: Session, actor: Actor, book: Rulebook, organ: int, period: Period, on: dt.date) -> Seen:
    found = loaded(session, actor, organ, period, on)
    ids = [row.unit.id for row in found.rows]
    shown = unitsheet.seen(session, actor, book, ids, on, READERS)
    line = tree.line(session, organ, on)
    assert line is not None
    signers = {step: told.may_sign(session, actor, step, line, organ, period, on) for step in BULK}
    named = [organ, *ids, *(s.unit_id for listed in signers.values() for s in listed)]
    teller = told.teller(session, named, on)
    return Seen(found, [row for row in found.rows if row.unit.id in shown], signers, _counts(session, found), _problems(session, book, ids),
                teller, teller.names)


def _counts(session: Session, found: Round) -> dict[int, dict[str, int]]:
    """Rating -> how many members are rated, and how many not; one statement."""
    of = {row.rating.id: row.unit.id for row in found.rows if row.rating}
    counted: dict[int, dict[str, int]] = {}
    query = COUNT.select().where(COUNT.c.rating_id.in_(of))
    for row in session.connection().execute(query).mappings():
        one = counted.setdefault(of[row["rating_id"]], {"level": 0, "unrated": 0})
        one[row["kind"]] += row["number"]
    return counted


def _problems(session: Session, book: Rulebook, units: list[int]) -> dict[int, list[str]]:
    """Unit -> its problems that are not cleared; one statement."""
    labels, found = kinds(book), {}
    for row in session.connection().execute(PROBLEM.select().where(PROBLEM.c.unit_id.in_(units), PROBLEM.c.cleared_on.is_(None))
                                            .order_by(PROBLEM.c.id)):
        found.setdefault(row.unit_id, []).append(labels.get(row.kind, row.kind))
    return found


def _form(book: Rulebook, seen: Seen, today: dt.date) -> BulkForm:
    levels = told.level_choices(book, seen.round.scheme)
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {"on": today}
    for row in seen.rows:
        key, rating = row.unit.id, row.rating
        fields[f"pick_{key}"] = BooleanField(row.unit.name)
        fields[f"label_{key}"] = ChoiceField(_("Level of %(unit)s", unit=row.unit.name), levels)
        fields[f"points_{key}"] = CountField(_("Points of %(unit)s", unit=row.unit.name), most=100)
        if rating is not None:
            data[f"label_{key}"] = rating.label if rating.state == "decided" else rating.verified_label or rating.self_label
            data[f"points_{key}"] = rating.points if rating.state == "decided" else (
                rating.verified_points if rating.verified_label else rating.self_points)
    form: BulkForm = type("RoundTable", (BulkForm,), fields)(data=data)
    people = list({s.code: s for step in BULK for s in seen.signers[step]}.values())
    form.signer.choices = told.signer_choices(people, seen.names) or form.signer.choices
    if request.method == "GET" and people:
        form.signer.data = next((s.code for s in people if told.is_me(s)), people[0].code)
    return form


def _carried_out(form: BulkForm, actor: Actor, seen: Seen, step: str, picked: list[RoundRow], period: Period) -> list[RowVerdict]:
    """Do it for all rows that are ticked; what concerns all of them goes into the form."""
    signatory, behalf = told.chosen(seen.signers[step], form.signer.data)
    if signatory is None:
        form.signer.errors = [*form.signer.errors, _("Choose who signs this.")]
        return []
    said = [Said(row.unit.id, period, form[f"label_{row.unit.id}"].data, form[f"points_{row.unit.id}"].data,
                 paper=form.paper.data if step == "decide" else None) for row in picked]
    try:
        with access.write() as session:
            return ratings.decide_many(session, actor, form.on.data, said, step=step, signatory=signatory, on_behalf_of=behalf)
    except (BadInput, Conflict) as error:
        form.form_errors.append(str(error))
        return []


def _row(book: Rulebook, seen: Seen, row: RoundRow, form: BulkForm, verdict: RowVerdict | None, period: Period, today: dt.date
         ) -> dict[str, Any]:
    key = row.unit.id
    lines, findings = told.refusal(seen.teller, verdict.error, today) if verdict and verdict.error else ([], [])
    ahead = row.verdicts.get("decide")
    return {
        **told.rating_line(book, row.rating), "id": key, "name": row.unit.name, "state": row.state, "state_label": told.state_label(row.state),
        "pick": form[f"pick_{key}"], "label": form[f"label_{key}"], "points": form[f"points_{key}"], "below": row.undecided_below,
        "counts": seen.counts.get(key), "problems": seen.problems.get(key, []), "refused": verdict is not None and not verdict.done,
        "done": verdict is not None and verdict.done, "lines": lines, "findings": findings,
        "warnings": told.open_findings(seen.teller, verdict.verdict if verdict and verdict.done else ahead if verdict is None else None, today),
        "url": url_for("ratings.unit", unit_id=key, kind=period.kind, period=period_slug(period)),
    }


def _file(book: Rulebook, seen: Seen, today: dt.date) -> Response:
    rows = []
    for row in seen.rows:
        one, counts = told.rating_line(book, row.rating), seen.counts.get(row.unit.id, {})
        rows.append([row.unit.name, row.unit.code, told.state_label(row.state), one["self"], one["verified"], one["decided"], one["scheme"],
                     one["decided_on"] and day(one["decided_on"]), one["paper"], counts.get("level"), counts.get("unrated"),
                     "; ".join(seen.problems.get(row.unit.id, []))])
    return csv_file(f"xep-loai-{period_slug(seen.round.period)}", today, [
        _("Unit"), _("Code"), _("State"), _("Self-assessed"), _("Verified"), _("Decided"), _("Scheme"), _("Decided on"), _("Decision"),
        _("Members rated"), _("Members not rated"), _("Problems")], rows)


@pages.get("/xep-loai/<int:organ>/<kind>/<period>/in/<what>")
def printed(organ: int, kind: str, period: str, what: str) -> Any:
    """For print: the ``missing`` list, the ``submission`` to the organ, or its ``decision``."""
    if what not in ("missing", "submission", "decision"):
        abort(404)
    actor, today, book, of = access.current_actor(), access.site().clock.today(), access.book(), period_of(kind, period)
    with access.read() as session:
        found = loaded(session, actor, organ, of, today)
        shown = unitsheet.seen(session, actor, book, [row.unit.id for row in found.rows], today, READERS)
        left = ratings.missing(session, organ, of, today) if what == "missing" and tree.unit_on(session, organ, min(today, of.last)) else []
        mine = unitsheet.seen(session, actor, book, [row.unit.id for row in left], today, READERS)
    rows = [{**told.rating_line(book, row.rating), "name": row.unit.name, "rating": row.rating} for row in found.rows if row.unit.id in shown]
    wanted = {"submission": lambda r: r["rating"] and r["rating"].state in ("self_assessed", "verified", "reopened"),
              "decision": lambda r: r["rating"] and r["rating"].state == "decided", "missing": lambda r: False}[what]
    return render_template(
        "ratings/print.html", what=what, organ=found.organ, period=period_label(of), today=today, scheme=told.scheme_label(book, found.scheme),
        verb=says(book.schemes[found.scheme].verb) if found.scheme in book.schemes else "", rows=[r for r in rows if wanted(r)],
        missing=[{"name": row.unit.name, "state": told.state_label(row.state)} for row in left if row.unit.id in mine], up=round_url(organ, of))
