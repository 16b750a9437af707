"""The rating of one unit for one period: what was said of it, and the forms by which it goes on."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from rules.book import Rulebook
from web import access, ratingrounds  # noqa: F401 - the pages of the round register themselves
from web import ratingwords as told
from web.forms import BaseForm, ChoiceField, CountField, DayField, LineField, NoteField, YesNoField, render_form
from web.i18n import current_language, says
from web.ratinglists import pages
from web.ratings import period_label, period_of, period_slug, round_url
from workflow import ratings, tree, unitsheet, words
from workflow.context import Actor
from workflow.errors import BadInput, Conflict, NotPermitted, StepRefused
from workflow.naming import names_of
from workflow.ratinglist import leaders
from workflow.ratings import Period, RatingView, Said
from workflow.ratings.ground import COUNT, PROBLEM, RATING
from workflow.ratings.judging import Hands, above
from workflow.ratings.problems import kinds
from workflow.sight import READERS
from workflow.signers import Signer
from workflow.snapshot import decider_of
from workflow.tree import Line, UnitOn
from workflow.verdict import StepVerdict

#: Part of the address -> the step of the law.
ACTS = {"tu-danh-gia": "self_assess", "tham-dinh": "verify", "quyet-dinh": "decide", "dang-vien": "count_members",
        "nguoi-dung-dau": "rate_head", "xem-xet-lai": "reopen"}


class ActForm(BaseForm):
    """Every act on a rating has its day and who signs."""

    on = DayField(lazy_gettext("Day of the act"), required=True)
    signer = ChoiceField(lazy_gettext("Who signs"), required=True)


class LevelForm(ActForm):
    """A level, from the scheme or in the words of the paper."""

    label = ChoiceField(lazy_gettext("Level"))
    printed = LineField(lazy_gettext("Level as the paper prints it, where it is another"), longest=200)
    rank = ChoiceField(lazy_gettext("Rank of a level in other words"), [(str(n), str(n)) for n in (4, 3, 2, 1)])
    points = CountField(lazy_gettext("Score"), most=100)


class AssessForm(LevelForm):
    """What the criteria of a scheme ask beside the points."""

    tasks_done = CountField(lazy_gettext("Tasks done (%)"), most=100)
    tasks_exceeded = CountField(lazy_gettext("Tasks exceeded (%)"), most=100)
    tasks_late = CountField(lazy_gettext("Tasks late (%)"), most=100)
    disciplined = YesNoField(lazy_gettext("A unit below or a leader was disciplined"))
    remedied = YesNoField(lazy_gettext("Found by the unit itself and remedied"))


class VerifyForm(AssessForm):
    """What only the advisory body knows."""

    gov_lowest = YesNoField(lazy_gettext("Government of the same level rated lowest"))
    mass_total = CountField(lazy_gettext("Front and mass organisations of the same level"), most=1000)
    mass_lowest = CountField(lazy_gettext("Of these at their lowest level"), most=1000)
    group = LineField(lazy_gettext("Group of similar role"), longest=200)


class DecideForm(LevelForm):
    """The decision."""

    paper = LineField(lazy_gettext("Decision"), longest=300, description=lazy_gettext("Number, symbol and date, as on the paper."))


class HeadForm(LevelForm):
    """The head of the unit."""

    person = ChoiceField(lazy_gettext("Head of the unit"), required=True)
    post = LineField(lazy_gettext("Post"), required=True, longest=200)
    tasks_exceeded = CountField(lazy_gettext("Tasks exceeded (%)"), most=100)


class ReopenForm(ActForm):
    """Why a decided rating is looked at again; never who complained."""

    ground = ChoiceField(lazy_gettext("Ground"), required=True)
    reason = NoteField(lazy_gettext("Reason"), required=True, longest=1000,
                       description=lazy_gettext("Never write who complained or denounced."))


class ProblemForm(BaseForm):
    """A problem of the unit, noted or cleared."""

    kind = ChoiceField(lazy_gettext("Problem"), required=True)
    on = DayField(lazy_gettext("As of"), required=True)
    basis = LineField(lazy_gettext("Basis"), longest=500, description=lazy_gettext("The paper it rests on, never who spoke of it."))


#: Facts of the law -> fields of the forms above.
_FACTS = {"tasks.done": "tasks_done", "tasks.exceeded": "tasks_exceeded", "tasks.late": "tasks_late", "unit.disciplined": "disciplined",
          "unit.remedied": "remedied", "unit.gov_lowest": "gov_lowest"}
_FORMS: dict[str, type[ActForm]] = {"self_assess": AssessForm, "verify": VerifyForm, "decide": DecideForm, "rate_head": HeadForm,
                                    "reopen": ReopenForm, "count_members": ActForm}


@dataclass(frozen=True)
class Place:
    """The unit of a page, its line and the organ that rates it."""

    unit: UnitOn
    line: Line
    organ: UnitOn | None
    row: dict[str, Any] | None

    @property
    def scheme(self) -> str | None:
        return self.row["scheme"] if self.row else None


def _place(session: Session, actor: Actor, unit_id: int, period: Period, today: dt.date) -> Place:
    book = access.book()
    line = tree.line(session, unit_id, today)
    if line is None or not unitsheet.in_sight(session, actor, book, unit_id, today, READERS):
        abort(404)
    row = session.connection().execute(RATING.select().where(
        RATING.c.unit_id == unit_id, RATING.c.kind == period.kind, RATING.c.period_from == period.first,
        RATING.c.period_to == period.last)).mappings().first()
    return Place(line.unit, line, decider_of(told.law_of(book), line, today).organ, dict(row) if row else None)


def _signers(session: Session, actor: Actor, place: Place, step: str, period: Period, today: dt.date) -> list[Signer]:
    return told.may_sign(session, actor, step, place.line, place.organ.id if place.organ else None, period, today)


@pages.get("/xep-loai/don-vi/<int:unit_id>/<kind>/<period>")
def unit(unit_id: int, kind: str, period: str) -> Any:
    """What was said of the unit in the period, members, head, problems, earlier years, and what may be entered."""
    actor, today, book, of = access.current_actor(), access.site().clock.today(), access.book(), period_of(kind, period)
    with access.read() as session:
        place = _place(session, actor, unit_id, of, today)
        law, state = told.law_of(book), place.row["state"] if place.row else "start"
        acts = [(slug, step) for slug, step in ACTS.items() if _open(law, step, state, of) and _signers(session, actor, place, step, of, today)]
        counts = _counts(session, place)
        heads = ratings.heads_of(session, place.row["id"]) if place.row else []
        names = names_of(session, today, people=[h["person_id"] for h in heads])
        history = [r for r in ratings.history_of(session, unit_id, today) if r.period_to != of.last]
        cap = ratings.cap_of(session, unit_id, of, today)
        problems = _problems(session, unit_id)
        may_note = above(book, Hands.of(session, actor), today, set(place.line.ids[1:])) is not None
    labels = kinds(book)
    return render_template(
        "ratings/unit.html", unit=place.unit, organ=place.organ, period=period_label(of), kind=kind, slug=period_slug(of),
        up=round_url(place.organ.id, of) if place.organ else None, state=state, state_label=told.state_label(state), row=place.row,
        line=told.rating_line(book, RatingView.of(place.row) if place.row else None), counts=counts, cap=cap,
        heads=[{**h, "name": names.person(h["person_id"])} for h in heads], may_note=may_note,
        acts=[(slug, says(law.step_versions[step][-1].label)) for slug, step in acts],
        history=[{**told.rating_line(book, r), "year": r.period_to.year} for r in history],
        schemes=len({r.scheme for r in history} | ({place.scheme} if place.scheme else set())),
        problems=[{**p, "label": labels.get(p["kind"], p["kind"])} for p in problems])


def _open(law: Any, step_id: str, state: str, period: Period) -> bool:
    step = law.step(step_id, period.last)
    return step is not None and (state in law.leaves(step) or state == "start" and law.starts_case(step))


def _problems(session: Session, unit: int) -> list[Any]:
    """What was noted of the unit, the latest first."""
    query = PROBLEM.select().where(PROBLEM.c.unit_id == unit).order_by(PROBLEM.c.id.desc())
    return list(session.connection().execute(query).mappings())


def _counts(session: Session, place: Place) -> list[dict[str, Any]]:
    """Members by level and by reason for not being rated, in words."""
    if place.row is None:
        return []
    rows = session.connection().execute(COUNT.select().where(COUNT.c.rating_id == place.row["id"]).order_by(COUNT.c.id)).mappings()
    labels = _count_labels(access.book(), place.scheme)
    return [{"label": labels.get((r["kind"], r["code"]), r["code"]), "number": r["number"], "unrated": r["kind"] == "unrated"} for r in rows]


def _count_labels(book: Rulebook, scheme: str | None) -> dict[tuple[str, str], str]:
    members = book.schemes[scheme].members if scheme in book.schemes else {}
    reasons = (told.law_of(book).facts["unrated"].items or {})["reason"].type.code  # type: ignore[union-attr]
    return {**{("level", c): says(level.label) for c, level in members.items()},
            **{("unrated", c): _("not rated: %(reason)s", reason=says(label)) for c, label in reasons.items()}}


@pages.route("/xep-loai/don-vi/<int:unit_id>/<kind>/<period>/<act>", methods=["GET", "POST"])
def act(unit_id: int, kind: str, period: str, act: str) -> Any:
    """One act on the rating of a unit: asked for, judged by the law, carried out or refused with its findings."""
    actor, today, book, of = access.current_actor(), access.site().clock.today(), access.book(), period_of(kind, period)
    step = ACTS.get(act)
    if step is None:
        abort(404)
    with access.read() as session:
        place = _place(session, actor, unit_id, of, today)
        listed = _signers(session, actor, place, step, of, today)
        if not listed:
            abort(404)
        kept = {(r["kind"], r["code"]): r["number"] for r in session.connection().execute(
            COUNT.select().where(COUNT.c.rating_id == place.row["id"])).mappings()} if place.row else {}
        names = names_of(session, today, units=[s.unit_id for s in listed])
        people = leaders(session, unit_id, today) if step == "rate_head" else []
        teller = told.teller(session, list(place.line.ids), today)
    form = _form(book, place, step, of, listed, names, people, kept, today)
    findings: list[Any] = []
    if form.validate_on_submit():
        signatory, behalf = told.chosen(listed, form.signer.data)
        try:
            with access.write() as session:
                verdict = _carry_out(session, actor, form, step, unit_id, of, signatory, behalf)
            flash(_("Saved."), "good")
            for text in told.warned(teller, [(place.unit.name, verdict)], today):
                flash(text, "warn")
            return redirect(url_for("ratings.unit", unit_id=unit_id, kind=kind, period=period), 303)
        except (BadInput, NotPermitted, StepRefused, Conflict) as error:
            lines, findings = told.refusal(teller, error, today)
            if isinstance(error, BadInput):
                form.accuse(error)
            else:
                form.form_errors += lines or [_("The law does not allow this yet; the reasons stand below.")]
    version = told.law_of(book).step(step, of.last)
    return render_form("ratings/act.html", form, unit=place.unit, period=period_label(of), heading=says(version.label) if version else step,
                       help=says(version.help) if version else "", findings=findings,
                       scheme=told.scheme_label(book, place.scheme or book.scheme_on(of.last, of.kind)),
                       up=url_for("ratings.unit", unit_id=unit_id, kind=kind, period=period))


def _form(book: Rulebook, place: Place, step: str, period: Period, listed: list[Signer], names: Any, people: list[tuple[int, str]],
          kept: dict[tuple[str, str], int], today: dt.date) -> ActForm:
    scheme, row = place.scheme or book.scheme_on(period.last, period.kind), place.row or {}
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {"on": today, "signer": next((s.code for s in listed if told.is_me(s)), listed[0].code)}
    if step == "count_members":
        labels = _count_labels(book, scheme)
        fields = {f"{kind}_{code}": CountField(label) for (kind, code), label in labels.items()}
        fields["outstanding"] = YesNoField(lazy_gettext("Outstanding unit with a higher ceiling"))
        data |= {f"{kind}_{code}": kept.get((kind, code)) for kind, code in labels}
    before = {"self_assess": "self", "verify": "verified" if row.get("verified_label") else "self",
              "decide": "verified" if row.get("verified_label") else "self"}.get(step)
    if before:
        data |= {"label": row.get(f"{before}_label"), "points": row.get(f"{before}_points"), "group": row.get("group_name"),
                 **{f: row.get(f) for f in (*_FACTS.values(), "mass_total", "mass_lowest")}}
    form: ActForm = type("Act", (_FORMS[step],), fields)(data=data)
    form.signer.choices = [SelectChoice(value=code, label=text) for code, text in told.signer_choices(listed, names)]
    if isinstance(form, LevelForm):
        form.label.choices = [form.label.choices[0], *told.level_choices(book, scheme, members=step == "rate_head")]
    if isinstance(form, HeadForm):
        form.person.choices = [form.person.choices[0], *((str(key), name) for key, name in people)]
    if isinstance(form, ReopenForm):
        grounds = told.law_of(book).facts["reopen.ground"].type.code  # type: ignore[union-attr]
        form.ground.choices = [form.ground.choices[0], *((code, says(label)) for code, label in grounds.items())]
    return form


def _carry_out(session: Session, actor: Actor, form: Any, step: str, unit: int, period: Period, signatory: int | None,
               behalf: int | None) -> StepVerdict | None:
    """The act that a filled form asks for, and what the law said to a level of the unit."""
    hands: dict[str, Any] = {"signatory": signatory, "on_behalf_of": behalf}
    on = form.on.data
    if step == "reopen":
        ratings.reopen(session, actor, on, unit=unit, period=period, ground=form.ground.data, reason=form.reason.data, **hands)
        return None
    if step == "count_members":
        given = {kind: {f.short_name.removeprefix(f"{kind}_"): f.data for f in form if f.short_name.startswith(f"{kind}_") and f.data}
                 for kind in ("level", "unrated")}
        ratings.set_counts(session, actor, on, unit=unit, period=period, levels=given["level"], unrated=given["unrated"],
                           outstanding=form.outstanding.data, **hands)
        return None
    label = form.printed.data or form.label.data
    rank = int(form.rank.data) if form.rank.data and form.printed.data else None
    facts = {fact: form[name].data for fact, name in _FACTS.items() if name in form and form[name].data is not None}
    if step == "rate_head":
        ratings.rate_head(session, actor, on, unit=unit, period=period, person=int(form.person.data), post=form.post.data, label=label,
                          rank=rank, points=form.points.data, facts=facts, **hands)
        return None
    mass = None
    if "mass_total" in form and form.mass_total.data is not None:
        mass = (form.mass_total.data, form.mass_lowest.data or 0)
    said = Said(unit, period, label, form.points.data, rank=rank, facts=facts or None, group=form.group.data if "group" in form else None,
                mass=mass, paper=form.paper.data if "paper" in form else None)
    verdict = ratings.ask(session, actor, on, step, said, **hands)
    {"self_assess": ratings.self_assess, "verify": ratings.verify, "decide": ratings.decide}[step](session, actor, on, said, **hands)
    return verdict


@pages.route("/xep-loai/don-vi/<int:unit_id>/van-de", methods=["GET", "POST"])
def problem(unit_id: int) -> Any:
    """Note a problem of a unit, or say that one was cleared; a bare form with what is open above it."""
    actor, today, book = access.current_actor(), access.site().clock.today(), access.book()
    with access.read() as session:
        line = tree.line(session, unit_id, today)
        if line is None or not unitsheet.in_sight(session, actor, book, unit_id, today, READERS) \
                or above(book, Hands.of(session, actor), today, set(line.ids[1:])) is None:
            abort(404)
        rows = _problems(session, unit_id)
    form, labels = ProblemForm(data={"on": today}), kinds(book)
    form.kind.choices = [form.kind.choices[0], *labels.items()]
    if form.validate_on_submit():
        try:
            with access.write() as session:
                if request.form.get("clear") == "1":
                    ratings.clear_problem(session, actor, form.on.data, unit=unit_id, kind=form.kind.data)
                else:
                    ratings.note_problem(session, actor, form.on.data, unit=unit_id, kind=form.kind.data, basis=form.basis.data)
            flash(_("Saved."), "good")
            return redirect(url_for("ratings.problem", unit_id=unit_id), 303)
        except BadInput as error:
            form.accuse(error)
        except NotPermitted as error:
            form.form_errors += [words.say(r, current_language()) for r in error.reasons]
    return render_form("ratings/problem.html", form, unit=line.unit, rows=[{**r, "label": labels.get(r["kind"], r["kind"])} for r in rows])

