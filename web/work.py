"""My work: what waits for the signed-in person, counted, and next in line by its day."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _

from web import access
from web.cases import QUEUES, line, starts
from workflow import caselist, queues, waiting
from workflow.models import Case, Person, SponsorReport
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
    reviews: list[UnitOn] = []
    lists: list[dict[str, Any]] = []
    if actor.person_id is not None:
        with access.read() as session:
            desk = waiting.desk(session, actor, today)
            found = queues.queues(session, desk)
            counts = queues.counts(session, found)
            cards = [{"slug": q.slug, "label": QUEUES[q.slug], "count": counts[q.slug], "late": q.late and counts[q.slug] > 0,
                      "url": url_for("cases.index", queue=q.slug)} for q in found]
            if any(counts.values()):
                lists = _lists(session, desk, {q.slug: q.condition for q in found})
            helped = _helped(session, desk)
            if counts["review"]:
                reviews = sorted({spot.line.unit for places in desk.places.values() for unit, spot in places.items()
                                  if any(h.unit_id == unit and h.role in queues.REVIEWERS for h in desk.held)},
                                 key=lambda u: u.id)
    return render_template("work/index.html", cards=cards, helped=helped, reviews=reviews, lists=lists,
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
             .where(desk.scope, Case.closed_on.is_(None), waiting.helps(desk.actor.person_id, desk.on))
             .order_by(Person.sort_key, Case.id))
    laws = access.book().processes
    return [{"id": key, "name": name, "state": laws[process].all_states[state].label, "done": done}
            for key, name, process, state, done in session.connection().execute(query)]
