"""My work: what waits for the signed-in person, counted, and next in line by its day."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _

from web import access
from web.cases import line, starts
from web.planwords import REPORTS
from web.queuewords import QUEUES
from workflow import caselist, monthly, queues, waiting, workreports
from workflow.access import related_to
from workflow.bindings import BINDINGS
from workflow.models import Case, Duty, Measure, Person, SponsorReport
from workflow.tree import UnitOn

# The start page of the site; base templates and sign-in link to it by this name.
pages = Blueprint("home", __name__)
#: How many cases a list below the cards shows.
FIRST = 15


@pages.get("/")
def index() -> str:
    """Cards with counts, what waits for one's own step, what else is due; for a helper, his candidates first."""
    actor, today = access.current_actor(), access.site().clock.today()
    cards: list[dict[str, Any]] = []
    helped: list[dict[str, Any]] = []
    teams: list[dict[str, Any]] = []
    reviews: list[UnitOn] = []
    lists: list[dict[str, Any]] = []
    if actor.person_id is not None:
        with access.read() as session:
            desk = waiting.desk(session, actor, today)
            found = queues.queues(session, desk)
            counts = queues.counts(session, found)
            cards = [{"slug": q.slug, "label": QUEUES[q.slug], "count": counts[q.slug], "late": q.late and counts[q.slug] > 0,
                      "url": url_for("cases.index", queue=q.slug)} for q in found
                     if q.of is None or counts[q.slug] or q.of & desk.pairs.keys()]
            if any(counts.values()):
                lists = _lists(session, desk, {q.slug: q.condition for q in found})
            helped = _helped(session, desk)
            teams = _teams(session, desk)
            if counts["review"]:
                reviews = sorted({spot.line.unit for places in desk.places.values() for unit, spot in places.items()
                                  if any(h.unit_id == unit and h.role in queues.REVIEWERS for h in desk.held)},
                                 key=lambda u: u.id)
    return render_template("work/index.html", cards=cards, helped=helped, teams=teams, reviews=reviews, lists=lists,
                           starts=starts() if cards else [])


def _lists(session: Any, desk: waiting.Desk, by_slug: dict[str, sa.ColumnElement[bool]]) -> list[dict[str, Any]]:
    """What waits for this person's own step, by due day; after it what else is due in sight."""
    book = access.book()
    other = sa.and_(sa.or_(by_slug["overdue"], by_slug["month"], by_slug["arriving"]), sa.case((by_slug["mine"], 1), else_=0) == 0)
    made = []
    for title, condition, url in ((_("Waiting for my step"), by_slug["mine"], url_for("cases.index", queue="mine")),
                                  (_("Also due, with others"), other, url_for("cases.index", sort="due"))):
        found = caselist.listed(session, desk, condition, sort="due", size=FIRST, mine=True)
        if found.rows:
            made.append({"title": title, "rows": [line(book, r) for r in found.rows], "rest": found.total - len(found.rows), "url": url})
    return made


def _helped(session: Any, desk: waiting.Desk) -> list[dict[str, Any]]:
    """Those whom this person helps today, and whether the report of this month is written."""
    assert desk.actor.person_id is not None
    month = desk.on.replace(day=1)
    report = sa.select(SponsorReport.id).where(SponsorReport.case_id == Case.id, SponsorReport.month == month).exists()
    query = (sa.select(Case.id, Person.full_name, Case.process, Case.state, report)
             .join(Person, Person.id == Case.subject_person_id)
             .where(desk.scope, Case.closed_on.is_(None), related_to(desk.actor.person_id, desk.on, monthly.REPORTERS))
             .order_by(Person.sort_key, Case.id))
    laws = access.book().processes
    return [{"id": key, "name": name, "state": laws[process].all_states[state].label, "done": done}
            for key, name, process, state, done in session.connection().execute(query)]


def _teams(session: Any, desk: waiting.Desk) -> list[dict[str, Any]]:
    """The plans that this person works on: as the one who answers for a measure, or in a relation to the case."""
    me = desk.actor.person_id
    assert me is not None
    planned = [p for p, binding in BINDINGS.items() if binding.plan]
    mine = sa.or_(*(related_to(me, desk.on, process=p) for p in planned),
                  Case.id.in_(sa.select(Measure.case_id).where(Measure.owner_id == me, caselist.unfinished())))
    rows = caselist.everything(session, desk, sa.and_(desk.scope, Case.closed_on.is_(None), Case.process.in_(planned), mine), "due")
    due = (sa.select(Duty.case_id, Duty.kind, Duty.open_until).where(
        Duty.case_id.in_([r.id for r in rows]), Duty.kind.in_(workreports.KINDS), Duty.open_until.is_not(None),
        caselist.owned(access.book(), desk)).order_by(Duty.open_until))
    owed: dict[int, list[dict[str, Any]]] = {}
    for case, kind, until in session.connection().execute(due):
        owed.setdefault(case, []).append({"label": REPORTS[kind], "due_on": until, "late": until < desk.on,
                                          "url": url_for("plans.report", case_id=case, kind=kind)})
    own = (sa.select(Measure).where(Measure.owner_id == me, Measure.case_id.in_([r.id for r in rows]), caselist.unfinished())
           .order_by(Measure.due_on, Measure.id))
    measures: dict[int, list[dict[str, Any]]] = {}
    for m in session.scalars(own):
        measures.setdefault(m.case_id, []).append({
            "content": m.content, "due_on": m.due_on, "late": m.due_on is not None and m.due_on < desk.on, "progress": m.progress or 0,
            "url": url_for("plans.progress", case_id=m.case_id, key=m.id)})
    book = access.book()
    return [line(book, r) | {"owed": owed.get(r.id, []), "measures": measures.get(r.id, [])} for r in rows]
