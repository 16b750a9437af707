"""Units: the tree in sight, and the page of one unit with its life, its people, its figures and its cases."""
from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, render_template, url_for
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from rules.book import Rulebook
from web import access
from web.charts import Picture
from web.charts import steps as blocks
from web.findings import role_label, state_label
from web.forms import ChoiceField, FilterForm, LineField, offer
from web.i18n import says
from web.ratings import period_slug
from web.ratingwords import scheme_label
from workflow import ratings, targets, unitsheet
from workflow.context import Actor
from workflow.ratings import Period, RatingView
from workflow.ratings.ground import PROBLEM
from workflow.ratings.problems import kinds
from workflow.sight import READERS
from workflow.unitsheet import Branch, Happening, Sheet

pages = Blueprint("units", __name__)
INDICATORS = {"admissions": lazy_gettext("Members newly admitted"), "members": lazy_gettext("Members"),
              "recognitions": lazy_gettext("Members recognised as official")}
#: Kind of act -> how it is told of the unit itself, and of the one that inherits.
ACTS = {
    "founded": (lazy_gettext("Founded"), lazy_gettext("Founded")),
    "renamed": (lazy_gettext("Renamed"), lazy_gettext("Renamed")),
    "changed": (lazy_gettext("Changed in kind, name or place"), lazy_gettext("Changed in kind, name or place")),
    "moved": (lazy_gettext("Moved under another committee"), lazy_gettext("Moved under another committee")),
    "merged": (lazy_gettext("Merged into"), lazy_gettext("Took over by merger")),
    "split": (lazy_gettext("Split into"), lazy_gettext("Came out of the split of")),
    "ended": (lazy_gettext("Ended, succeeded by"), lazy_gettext("Succeeded")),
    "delegated": (lazy_gettext("Delegation of decisions changed"), lazy_gettext("Delegation of decisions changed")),
}


class UnitFilter(FilterForm):
    """Search in the tree, in its address."""

    q = LineField(lazy_gettext("Name or code of the unit"), longest=100, render_kw={"type": "search", "autocomplete": "off"})
    kind = ChoiceField(lazy_gettext("Kind of unit"))


@pages.get("/don-vi")
def index() -> str:
    """The units in sight as a tree; searched, as a flat list."""
    actor, today, book = access.current_actor(), access.site().clock.today(), access.book()
    form = UnitFilter()
    offer(form.kind, [(k, says(kind.label)) for k, kind in book.unit_kinds.items()])
    given = form.values()
    with access.read() as session:
        found, cut = unitsheet.forest(session, actor, book, today, text=given.get("q"), kind=given.get("kind"))
    return render_template("units/index.html", filters=form, active=len(given), words=given.get("q") or "", cut=cut,
                           found=[_branch(book, b) for b in found])


@pages.get("/don-vi/<int:unit_id>")
def show(unit_id: int) -> str:
    """One unit; the same answer for one that does not exist and one that is not in sight."""
    actor, today, book = access.current_actor(), access.site().clock.today(), access.book()
    with access.read() as session:
        if not unitsheet.in_sight(session, actor, book, unit_id, today):
            abort(404)
        sheet = unitsheet.sheet(session, actor, book, unit_id, today)
        if sheet is None:
            abort(404)
        reachable = _reachable(session, actor, book, sheet, today)
        reads = unitsheet.in_sight(session, actor, book, unit_id, today, READERS)
        history = ratings.history_of(session, unit_id, today) if reads else []
        problems = _problems(session, book, unit_id) if reads else []
        own = unitsheet.own_cases(session, actor, book, unit_id, today)
    return render_template(
        "units/show.html", sheet=sheet, unit=sheet.unit, kind=_kind(book, sheet.unit.kind), reachable=reachable,
        line=sheet.line[::-1], offices=[_office(book, o) for o in sheet.offices], figures=_figures(sheet),
        roll=_roll(sheet), stages=_stages(book, sheet), children=[_branch(book, c) for c in sheet.children],
        versions=[_version(book, v) for v in reversed(sheet.versions)], story=[_happening(book, h) for h in sheet.happenings],
        total=sum(n for (p, s), n in sheet.states.items() if _open(book, p, s)),
        late_url=_cases(flag="overdue", unit=unit_id), all_url=_cases(unit=unit_id), reads=reads, problems=problems,
        levels=_levels(book, unit_id, history), strip=_strip(unit_id, history), schemes=len({r.scheme for r in history}),
        own=[{"process": says(book.processes[process].label), "state": state_label(book.processes[process], state),
              "url": url_for("cases.show", case_id=key)} for key, process, state in own if process in book.processes])


def _problems(session: Session, book: Rulebook, unit: int) -> list[dict[str, Any]]:
    """Problems of the unit that are not cleared."""
    labels = kinds(book)
    query = PROBLEM.select().where(PROBLEM.c.unit_id == unit, PROBLEM.c.cleared_on.is_(None)).order_by(PROBLEM.c.id)
    return [{"label": labels.get(row.kind, row.kind), "on": row.noted_on} for row in session.connection().execute(query)]


def _levels(book: Rulebook, unit: int, history: Sequence[RatingView]) -> list[dict[str, Any]]:
    """The yearly levels, the latest first, each with the scheme it belongs to."""
    return [{"year": r.period_to.year, "label": r.label, "rank": r.rank, "scheme": scheme_label(book, r.scheme), "on": r.decided_on,
             "reopened": r.state == "reopened", "paper": r.paper, "url": _rating(unit, r)} for r in history]


def _strip(unit: int, history: Sequence[RatingView]) -> Picture | None:
    """The same as blocks, from the earliest year to the latest; a year without a rating is an empty column."""
    by_year = {r.period_to.year: r for r in history}
    if not by_year:
        return None
    columns: list[tuple[str, int | None, str, str | None]] = []
    for year in range(min(by_year), max(by_year) + 1):
        found = by_year.get(year)
        columns.append((str(year), found.rank, found.label or "", _rating(unit, found)) if found else (str(year), None, "–", None))
    return blocks(columns)


def _rating(unit: int, rating: RatingView) -> str:
    return url_for("ratings.unit", unit_id=unit, kind="year", period=period_slug(Period("year", rating.period_from, rating.period_to)))


def _reachable(session: Session, actor: Actor, book: Rulebook, sheet: Sheet, on: dt.date) -> set[int]:
    """Other units named on the page that may be opened: those in sight, and those that live on in this one."""
    named = [*(u.id for u in sheet.line), *(u.id for h in sheet.happenings for u in h.units)]
    return unitsheet.seen(session, actor, book, named, on) | {u.id for h in sheet.happenings if h.inherits for u in h.units}


def _kind(book: Rulebook, kind: str) -> str:
    law = book.unit_kinds.get(kind)
    return says(law.label) if law else kind


def _branch(book: Rulebook, branch: Branch) -> dict[str, Any]:
    unit = branch.unit
    return {"id": unit.id, "code": unit.code, "name": unit.name, "depth": min(branch.depth, 6), "kind": _kind(book, unit.kind),
            "cases": branch.cases, "url": url_for("units.show", unit_id=unit.id), "cases_url": _cases(unit=unit.id)}


def _cases(**filters: Any) -> str:
    return url_for("cases.index", **filters)


def _office(book: Rulebook, row: unitsheet.OfficeRow) -> dict[str, Any]:
    return {"person": row.person, "role": role_label(book, row.role), "from": row.from_on, "to": row.to_on, "paper": row.paper,
            "for": row.stands_in_for}


def _figures(sheet: Sheet) -> list[dict[str, Any]]:
    """Target, stated figure and count of the unit itself, a line for each period and indicator."""
    found = []
    for (indicator, first, last), by_unit in sheet.attainments.items():
        own = by_unit[sheet.unit.id]
        found.append({"indicator": INDICATORS.get(indicator, indicator), "first": first, "last": last, "own": own,
                      "paper": sheet.papers.get((indicator, first, last)), "counts": indicator in targets.COUNTED,
                      "most": max(own.target or 0, own.stated or 0, own.counted)})
    return found


def _roll(sheet: Sheet) -> list[dict[str, Any]]:
    """The same for the units directly below, where any has a target or a figure, with the sums of each period."""
    found = []
    for (indicator, first, last), by_unit in sheet.attainments.items():
        rows = [{"unit": c.unit, "of": by_unit[c.unit.id]} for c in sheet.children]
        if not any(r["of"].target is not None or r["of"].stated is not None for r in rows):
            continue
        of = [r["of"] for r in rows]
        found.append({"indicator": INDICATORS.get(indicator, indicator), "first": first, "last": last, "rows": rows,
                      "counts": indicator in targets.COUNTED, "stated": targets.together(of, "stated"),
                      "counted": targets.together(of, "counted")})
    return found


def _open(book: Rulebook, process: str, state: str) -> bool:
    law = book.processes.get(process)
    return law is not None and state not in law.states.closed


def _stages(book: Rulebook, sheet: Sheet) -> list[dict[str, Any]]:
    """Cases by state in the order of the law, for each process that has any."""
    found = []
    for process, law in book.processes.items():
        rows = [{"state": state_label(law, state), "number": number, "closed": state in law.states.closed,
                 "stage": says(law.head.stages[place]) if (place := law.all_states[state].stage) in law.head.stages else "",
                 "url": _cases(state=state, unit=sheet.unit.id)}
                for state in law.all_states if (number := sheet.states.get((process, state), 0))]
        if rows:
            found.append({"process": says(law.label), "rows": rows, "most": max(r["number"] for r in rows)})
    return found


def _version(book: Rulebook, row: Any) -> dict[str, Any]:
    return {**row, "kind": _kind(book, row["kind"])}


def _happening(book: Rulebook, happening: Happening) -> dict[str, Any]:
    own, inherits = ACTS.get(happening.kind, (happening.kind, happening.kind))
    return {"on": happening.on, "says": inherits if happening.inherits else own, "units": happening.units, "paper": happening.paper}


