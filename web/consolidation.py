"""The board of consolidation: every open plan in sight, its time, its measures, its reports, and what is due next."""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from web import access
from web.cases import line, starts
from web.download import csv_file
from web.forms import ChoiceField, FilterForm, LineField, number, offer
from web.i18n import says
from web.planpanels import weeks
from web.presenters import day
from workflow import caselist, planboard, waiting
from workflow.bindings import CONSOLIDATION
from workflow.names import fold
from workflow.planboard import PlanRow

pages = Blueprint("consolidation", __name__)
PROCESS = CONSOLIDATION.process
ONLY: dict[str, tuple[Any, Callable[[PlanRow, dt.date], bool]]] = {
    "measures": (lazy_gettext("a measure is late"), lambda row, on: row.late > 0),
    "reports": (lazy_gettext("a report is late"), lambda row, on: row.late_reports > 0),
    "ending": (lazy_gettext("the plan ends within 30 days"), lambda row, on: row.ends_soon(on)),
    "unplanned": (lazy_gettext("no plan is issued yet"), lambda row, on: not row.issued),
}
SORTS: dict[str, tuple[Any, Callable[[PlanRow], Any]]] = {
    "ends": (lazy_gettext("end of the plan"), lambda row: (row.until is None, row.until)),
    "late": (lazy_gettext("most measures late"), lambda row: -row.late),
    "report": (lazy_gettext("longest without a report"), lambda row: (row.last_report is not None, row.last_report)),
    "due": (lazy_gettext("next due day"), lambda row: (row.case.due_on is None, row.case.due_on)),
}


class BoardFilter(FilterForm):
    """The filters of the board, in its address."""

    q = LineField(lazy_gettext("Name of the unit"), longest=100, render_kw={"type": "search", "autocomplete": "off"})
    unit = ChoiceField(lazy_gettext("Unit and below"))
    stage = ChoiceField(lazy_gettext("Stage"))
    only = ChoiceField(lazy_gettext("Only those where"), [(key, label) for key, (label, _holds) in ONLY.items()])
    sort = ChoiceField(lazy_gettext("Order by"), [(key, label) for key, (label, _key) in SORTS.items()])


@pages.get("/cung-co")
def board() -> Any:
    """The open plans, narrowed and ordered by the address; ``format=csv`` gives the same rows as a file."""
    actor, today, book = access.current_actor(), access.site().clock.today(), access.book()
    form = BoardFilter()
    with access.read() as session:
        desk = waiting.desk(session, actor, today)
        offer(form.unit, [(key, "\u2003" * depth + name) for key, name, depth in caselist.units_in_sight(session, desk)])
        offer(form.stage, [(s, says(label)) for s, label in book.processes[PROCESS].head.stages.items()])
        given = form.values()
        everything = planboard.board(session, desk, number(given.get("unit")))
    rows = [r for r in everything if _fits(r, given, today)]
    if given.get("sort") in SORTS:
        rows.sort(key=SORTS[given["sort"]][1])
    shown = [_line(r, today) for r in rows]
    if request.args.get("format") == "csv":
        return _file(shown, today)
    args = {name: str(value) for name, value in given.items()}
    return render_template("consolidation/board.html", filters=form, rows=shown, args=args, active=sum(1 for name in given if name != "sort"),
                           counts=_counts(everything, today, given.get("unit")), words=given.get("q") or "",
                           starts=[s for s in starts() if f"/{PROCESS}/" in s["url"]])


def _fits(row: PlanRow, given: dict[str, Any], today: dt.date) -> bool:
    words = fold(given.get("q") or "").split()
    return all(word in fold(row.case.name) for word in words) and given.get("stage") in (None, row.stage) \
        and (given.get("only") is None or ONLY[given["only"]][1](row, today))


def _line(row: PlanRow, today: dt.date) -> dict[str, Any]:
    return line(access.book(), row.case) | {
        "under": row.case.unit, "plan_no": row.plan_no if row.issued else None, "target_rank": row.target_rank, "until": row.until,
        "weeks": weeks(row.until, today) if row.running else None, "measures": row.measures, "done": row.done, "late": row.late,
        "last_report": row.last_report, "late_reports": row.late_reports, "criteria": row.criteria}


def _counts(rows: list[PlanRow], today: dt.date, unit: str | None) -> list[dict[str, Any]]:
    """Counts above the board, each with the list of cases behind it."""
    stages = access.book().processes[PROCESS].head.stages
    found = [{"label": says(label), "count": sum(1 for r in rows if r.stage == stage), "late": False,
              "url": url_for("cases.index", process=PROCESS, stage=stage, unit=unit)} for stage, label in stages.items()]
    late = sum(1 for r in rows if r.late)
    reports = sum(1 for r in rows if r.late_reports)
    found.append({"label": _("with a late measure"), "count": late, "late": late > 0,
                  "url": url_for("cases.index", process=PROCESS, flag="late_measure", unit=unit)})
    found.append({"label": _("with a late report"), "count": reports, "late": reports > 0,
                  "url": url_for("cases.index", queue="late_reports", unit=unit)})
    return found


def _file(rows: list[dict[str, Any]], today: dt.date) -> Response:
    head = [_("Number"), _("Unit"), _("Under"), _("State"), _("Version of the plan"), _("To reach"), _("Plan until"), _("Weeks left"),
            _("Measures"), _("Of these done"), _("Of these late"), _("Last report"), _("Late reports"), _("Criteria"), _("Due on"), _("What is due")]
    return csv_file("cung-co", today, head, (
        (r["id"], r["name"], r["under"], r["state"], r["plan_no"], r["target_rank"], day(r["until"]) if r["until"] else None, r["weeks"],
         r["measures"], r["done"], r["late"], day(r["last_report"]) if r["last_report"] else None, r["late_reports"],
         f"{r['criteria'][1]}/{r['criteria'][2]} {r['criteria'][0]}" if r["criteria"] else None,
         day(r["due_on"]) if r["due_on"] else None, r["due"]) for r in rows))
