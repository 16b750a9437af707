"""Lists of cases, and the page of one case."""
from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from rules.book import Rulebook
from web import access, casepanels, caseparts, caseview
from web.casefilter import CaseFilter
from web.download import csv_file
from web.findings import role_label, state_label, step_label
from web.i18n import says
from web.presenters import day
from web.queuewords import QUEUES
from workflow import caselist, queues, waiting
from workflow.caselist import CaseRow

pages = Blueprint("cases", __name__)
SIZES = (25, 50, 100)


@pages.get("/ho-so")
def index() -> Any:
    """The cases in sight, narrowed by the address; ``format=csv`` gives the same rows as a file."""
    actor, today, book = access.current_actor(), access.site().clock.today(), access.book()
    form = CaseFilter()
    slug = request.args.get("queue", "")
    with access.read() as session:
        desk = waiting.desk(session, actor, today)
        form.offer(book, caselist.units_in_sight(session, desk), caselist.people_in_sight(session, desk), today)
        wanted = form.wanted()
        queue = next((q for q in queues.queues(session, desk) if q.slug == slug), None) if slug else None
        if slug and queue is None:
            abort(404)
        condition = caselist.condition(session, book, desk, wanted)
        if queue is not None:
            condition = condition & queue.condition
        sort = form.values().get("sort") or ("due" if queue is not None else "name")
        if request.args.get("format") == "csv":
            return _file(book, caselist.everything(session, desk, condition, sort, mine=queue is not None), today)
        size = _of(SIZES, request.args.get("size"))
        page = max(1, int(request.args.get("page", "1")) if request.args.get("page", "1").isdecimal()
                   and len(request.args.get("page", "1")) < 7 else 1)
        found = caselist.listed(session, desk, condition, sort=sort, size=size, page=page, mine=queue is not None)
        if not found.rows and page > 1:
            found, page = caselist.listed(session, desk, condition, sort=sort, size=size, mine=queue is not None), 1
    args = {**_kept(form), "queue": slug or None, "size": size if size != SIZES[0] else None}
    return render_template("cases/index.html", filters=form, found=[line(book, r) for r in found.rows], total=found.total,
                           page=page, size=size, sizes=SIZES, args=args, words=wanted.text or "", heading=QUEUES.get(slug),
                           active=sum(1 for name in _kept(form) if name != "sort"), starts=starts())


def _of(allowed: tuple[int, ...], text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 5 and int(text) in allowed else allowed[0]


def _kept(form: CaseFilter) -> dict[str, str]:
    """The filters as the address holds them."""
    return {name: day(value) if isinstance(value, dt.date) else str(value) for name, value in form.values().items()}


def line(book: Rulebook, row: CaseRow) -> dict[str, Any]:
    """A row of a list in words."""
    law = book.processes.get(row.process)
    return {"id": row.id, "name": row.name, "url": url_for("cases.show", case_id=row.id), "state": state_label(law, row.state),
            "ended": row.closed_on, "unit": row.unit, "since": row.state_since, "opened": row.opened_on,
            "due_on": row.due_on, "due": caseparts.duty_label(law, row.due_kind)}


def starts() -> list[dict[str, str]]:
    """The steps that open a case, for the buttons of lists: those that one of the offices held may take or type in."""
    book, today = access.book(), access.site().clock.today()
    held = {office.role for office in current_user.offices}
    found = []
    for law in book.cases.values():
        for id_, step in law.steps(today).items():
            roles = {g.office for g in step.who if g.office}
            roles |= {r for role in roles if role in book.offices for r in book.offices[role].recorded_by}
            if law.starts_case(step) and roles & held:
                found.append({"label": says(step.label) or id_, "url": url_for("steps.start", process=law.id, step=id_)})
    return found


def _file(book: Rulebook, rows: list[CaseRow], today: dt.date) -> Response:
    head = [_("Number"), _("Person or unit"), _("State"), _("Unit"), _("Opened on"), _("In this state since"), _("Due on"), _("What is due")]
    told = (line(book, row) for row in rows)
    return csv_file("ho-so", today, head, (
        (t["id"], t["name"], t["state"], t["unit"], day(t["opened"]), day(t["since"]), day(t["due_on"]) if t["due_on"] else None, t["due"])
        for t in told))


@pages.get("/ho-so/<int:case_id>")
def show(case_id: int) -> str:
    """Where the case stands, what stands in its way, who is next, and all that has happened."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        view = caseview.view(session, actor, case_id, today)
        panels = casepanels.load(session, actor, view, today)
    order, everything = request.args.get("order"), request.args.get("all") == "1"
    events, aside = caseparts.events(view, everything)
    snapshot = view.sight.snapshot
    case, law = snapshot.case, snapshot.law
    return render_template(
        "cases/show.html", view=view, case=case, sees=view.sight.sees, person=snapshot.person, title=view.sight.name,
        state=state_label(law, case["state"]), resumes=_resumes(view), unit=view.names.unit(case["unit_id"]),
        kind=caseview.kind_of_subject(view), decider=view.names.unit(case["decider_id"]), stages=caseparts.stages(view),
        ahead=[step(view, v, today) for v in view.verdicts if v.step in view.next],
        able=[step(view, v, today) for v in view.verdicts if caseview.may_open_step(view, v) and v.step not in view.next],
        others=[step(view, v, today) for v in view.verdicts if not caseview.may_open_step(view, v) and v.step not in view.next],
        papers=caseparts.papers(view, today) if "papers" in view.sight.sees else [], duties=caseparts.duties(view),
        events=events[::-1] if order == "oldest" else events, oldest=order == "oldest", aside=aside, everything=everything,
        roles=[role_label(access.book(), r) for r in sorted(view.sight.roles)], tables=caseparts.tables(view), panels=panels,
        relations=caseparts.relations(view), step_name=lambda s: step_label(law, s))


def _resumes(view: caseview.View) -> str | None:
    kept = view.sight.snapshot.case["resume_state"]
    return state_label(view.sight.snapshot.law, kept) if kept else None


def step(view: caseview.View, verdict: Any, today: dt.date) -> dict[str, Any]:
    """A step as the page offers it: possible, possible to type in for who signs, or refused with its reason."""
    teller, law = view.teller, view.sight.snapshot.law
    open_ = caseview.may_open_step(view, verdict)
    return {
        "id": verdict.step, "label": says(verdict.law.label) or verdict.step, "help": says(verdict.law.help),
        "possible": open_ and not verdict.refused, "mine": open_, "for_signer": verdict.step in view.recordable,
        "why": teller.why(verdict) if not open_ or verdict.refused else None,
        "who": teller.rights(view.recordable.get(verdict.step) or verdict.permission.who), "denied": None if open_ else teller.denied(verdict),
        # The refusal itself names who takes it: not to be said twice.
        "named": verdict.permission.reasons == ("not_holder",) and bool(verdict.permission.who),
        "findings": teller.findings(verdict.judged.findings, today), "blocked": len(verdict.blocking),
        "first_day": verdict.judged.first_day if verdict.blocking and "values" in view.sight.sees else None,
        "reason": teller.first_day_reason(verdict),
        "url": url_for("steps.take", case_id=view.sight.id, step=verdict.step), "process": law.id,
    }
