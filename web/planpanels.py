"""The panels of a case of consolidation: levels, plan with measures, figures, team and cadres, reports and visits, links."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from web import access
from web.caseview import Sight, View
from web.findings import state_label
from web.i18n import says
from web.panels import Panel
from web.planwords import REPORTS, indicator
from workflow import access as rights
from workflow import planboard, plans, planview, records, workreports
from workflow.context import Actor, book_of
from workflow.models import Case, Rating
from workflow.naming import Names, names_of
from workflow.planview import Plan

#: Columns that tie a case to another, told from this side and from the other one.
LINKS = {
    "relapse_of": lazy_gettext("Relapse after"), "relapse_of.back": lazy_gettext("Weak again, taken up in"),
    "continues": lazy_gettext("Continues"), "continues.back": lazy_gettext("Continued by the successor in"),
}
#: How many yearly levels stand in the strip.
YEARS = 6


def panels(session: Session, actor: Actor, view: View, today: dt.date) -> list[Panel]:
    """What this account sees of the plan of a case."""
    seen = view.sight
    snapshot = seen.snapshot
    found = planview.plan(session, seen.id, snapshot.detail["plan_no"])
    cadres, team = view.rows.get("cadres", []), view.rows.get("team", [])
    names = names_of(session, today, {*found.people, snapshot.detail["oversight_id"], *(r["person_id"] for r in (*cadres, *team))})
    keeps = plans.may_keep(session, actor, snapshot)
    linked = planview.linked(session, snapshot.binding.detail, seen.id, ("relapse_of", "continues"),
                             rights.visible_cases(actor, book_of(session), today))
    made: list[Panel] = []
    if "values" in seen.sees:
        made += [Panel("panels/levels.html", "head", {"levels": levels(session, snapshot.case["subject_unit_id"], today)}),
                 Panel("panels/plan.html", "main", _plan(session, actor, seen, found, names, today, keeps)),
                 Panel("panels/people.html", "main", {
                     "team": [{**r, "person": names.person(r["person_id"])} for r in team],
                     "cadres": [{**r, "person": names.person(r["person_id"])} for r in cadres],
                     "team_url": _list(seen, "team"), "cadres_url": _list(seen, "cadres")}),
                 Panel("panels/figures.html", "main", {
                     "indicators": [indicator(r) for r in found.indicators], "keeps": keeps,
                     "criteria": [{**r, "left": r["total"] - r["met"]} for r in found.criteria]})]
    if "reports" in seen.sees:
        made.append(Panel("panels/reports.html", "main", _reports(session, actor, seen, found, names, today, keeps)))
    if linked:
        law = snapshot.law
        made.append(Panel("panels/links.html", "aside", {"links": [
            {"how": LINKS[link.how], "id": link.case_id, "state": state_label(law, link.state), "on": link.opened_on} for link in linked]}))
    return made


def levels(session: Session, unit: int, today: dt.date) -> list[dict[str, Any]]:
    """The latest yearly levels of a unit, oldest first, as printed, each with its scheme: they are not compared."""
    query = (sa.select(Rating.period_to, Rating.label, Rating.scheme, Rating.rank, Rating.state, Rating.decided_on)
             .where(Rating.unit_id == unit, Rating.kind == "year", Rating.rank.is_not(None), Rating.decided_on <= today)
             .order_by(Rating.period_to.desc()).limit(YEARS))
    schemes = access.book().schemes
    return [{"year": r.period_to.year, "label": r.label, "rank": r.rank, "final": r.state == "decided", "on": r.decided_on,
             "scheme": says(schemes[r.scheme].label) if r.scheme in schemes else r.scheme}
            for r in reversed(session.connection().execute(query).all())]


def measure_line(row: Mapping[str, Any], names: Names, today: dt.date) -> dict[str, Any]:
    """A measure in words: whose it is, how far it has come, whether it is late."""
    done = (row["progress"] or 0) == 100 or row["done_on"] is not None
    return {"id": row["id"], "stream": row["stream"], "content": row["content"] or _("Measure %(number)s", number=row["id"]),
            "owner": names.person(row["owner_id"]), "due_on": row["due_on"], "progress": row["progress"] or 0,
            "done": done, "done_on": row["done_on"], "result": row["result"],
            "late": not done and row["due_on"] is not None and row["due_on"] < today}


def weeks(until: dt.date | None, today: dt.date) -> int | None:
    """Whole weeks that are left, negative once it is over; None where no day is set."""
    if until is None:
        return None
    days = (until - today).days
    return days // 7 if days >= 0 else -(-days // 7)


def _plan(session: Session, actor: Actor, seen: Sight, found: Plan, names: Names, today: dt.date, keeps: bool) -> dict[str, Any]:
    snapshot, detail = seen.snapshot, seen.snapshot.detail
    closed = snapshot.case["closed_on"] is not None
    running = session.connection().scalar(sa.select(Case.id).where(Case.id == seen.id, planboard.running(access.book()))) is not None
    lines = []
    for row in found.measures:
        may = not closed and (keeps or (actor.person_id is not None and row["owner_id"] == actor.person_id))
        lines.append(measure_line(row, names, today) | {
            "url": url_for("plans.progress", case_id=seen.id, key=row["id"]) if may and found.version is not None else None})
    may_edit = not closed and records.may_record(session, actor, snapshot, snapshot.law.facts["measures"].by)
    return {"no": found.no, "versions": found.versions, "version": found.version, "target_rank": detail["target_rank"],
            "until": detail["plan_until"], "weeks": weeks(detail["plan_until"], today) if running else None,
            "oversight": names.person(detail["oversight_id"]) if detail["oversight_id"] else None, "own_plan_on": detail["own_plan_on"],
            "entry_rank": detail["entry_rank"], "by_flag": detail["entry_by_flag"], "cause": detail["listing_cause"],
            "measures": lines, "done": sum(1 for m in lines if m["done"]), "late": sum(1 for m in lines if m["late"]),
            "url": _list(seen, "measures"), "may_edit": may_edit,
            "drawn": bool(detail["issue_plan_on"] or detail["begin_planning_on"] or lines),
            "compare": url_for("plans.compare", case_id=seen.id, no=found.no) if found.no > 1 else None}


def _reports(session: Session, actor: Actor, seen: Sight, found: Plan, names: Names, today: dt.date, keeps: bool) -> dict[str, Any]:
    snapshot = seen.snapshot
    kinds = []
    for kind, label in REPORTS.items():
        rows = [{**r, "person": names.person(r["person_id"])} for r in found.reports if r["kind"] == kind]
        due = next((d for d in snapshot.duties if d["kind"] == kind and d["open_until"] is not None), None)
        may = workreports.may_write(session, actor, snapshot, kind)
        kinds.append({"kind": kind, "label": label, "rows": rows, "due_on": due["due_on"] if due else None,
                      "late": due is not None and due["open_until"] < today,
                      "url": url_for("plans.report", case_id=seen.id, kind=kind) if may else None})
    return {"kinds": kinds, "visits": [{**v, "person": names.person(v["person_id"])} for v in found.visits],
            "held_on": snapshot.detail["mid_review_on"], "keeps": keeps, "closed": snapshot.case["closed_on"] is not None}


def _list(seen: Sight, collection: str) -> str:
    return url_for("records.listed", case_id=seen.id, collection=collection)
