"""My work: what waits for the signed-in person, counted, and next in line by its day."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, render_template, url_for

from web import access
from web.cases import QUEUES, line, starts
from workflow import caselist, queues, waiting
from workflow.models import Case, Person, SponsorReport
from workflow.tree import UnitOn

# The start page of the site; base templates and sign-in link to it by this name.
pages = Blueprint("home", __name__)
#: How many cases the list below the cards shows.
FIRST = 15


@pages.get("/")
def index() -> str:
    """Cards with counts, then one list by due day; for a helper, his candidates first."""
    actor, today, book = access.current_actor(), access.site().clock.today(), access.book()
    cards: list[dict[str, Any]] = []
    helped: list[dict[str, Any]] = []
    reviews: list[UnitOn] = []
    next_up: list[dict[str, Any]] = []
    rest = 0
    if actor.person_id is not None:
        with access.read() as session:
            desk = waiting.desk(session, actor, today)
            found = queues.queues(session, desk)
            counts = queues.counts(session, found)
            cards = [{"slug": q.slug, "label": QUEUES[q.slug], "count": counts[q.slug], "late": q.late and counts[q.slug] > 0,
                      "url": url_for("cases.index", queue=q.slug)} for q in found]
            if any(counts.values()):
                by_slug = {q.slug: q.condition for q in found}
                first = caselist.listed(session, desk, sa.or_(*(by_slug[s] for s in ("mine", "overdue", "month", "arriving"))),
                                        sort="due", size=FIRST)
                next_up, rest = [line(book, r) for r in first.rows], first.total - len(first.rows)
            helped = _helped(session, desk)
            if counts["review"]:
                reviews = sorted({spot.line.unit for places in desk.places.values() for unit, spot in places.items()
                                  if any(h.unit_id == unit and h.role in queues.REVIEWERS for h in desk.held)},
                                 key=lambda u: u.id)
    return render_template("work/index.html", cards=cards, helped=helped, reviews=reviews, next_up=next_up, rest=rest,
                           starts=starts() if cards else [])


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
