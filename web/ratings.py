"""The yearly round of classification: which rounds there are, and the way into one."""
from __future__ import annotations

import datetime as dt
import re
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from web import access
from web.forms import ChoiceField, CountField, FilterForm, number, offer
from web.presenters import day
from web.ratinglists import KINDS, pages
from workflow import ratinglist, unitsheet
from workflow.ratings.levels import Period

_QUARTER = re.compile(r"(\d{4})-q([1-4])\Z", re.ASCII)
_SPAN = re.compile(r"(\d{4}-\d\d-\d\d)_(\d{4}-\d\d-\d\d)\Z", re.ASCII)


class RoundForm(FilterForm):
    """Which round to open."""

    organ = ChoiceField(lazy_gettext("Organ that decides"), validate_choice=False)
    kind = ChoiceField(lazy_gettext("Kind of period"), [(k, KINDS[k]) for k in ("year", "quarter")])
    year = CountField(lazy_gettext("Year"), most=2100)
    quarter = ChoiceField(lazy_gettext("Quarter"), [(str(n), str(n)) for n in range(1, 5)])


@pages.get("/xep-loai")
def rounds() -> Any:
    """The rounds of which anything is recorded; a filled form leads to the one it names."""
    actor, today, book = access.current_actor(), access.site().clock.today(), access.book()
    form = RoundForm()
    with access.read() as session:
        found = ratinglist.rounds(session, actor)
        units, _cut = unitsheet.forest(session, actor, book, today)
    above = {b.unit.parent_id for b in units}
    organs = [b for b in units if b.unit.id in above]
    # Who sees no organ with units below it has no round to open, but the ratings of his own units.
    offer(form.organ, [(b.unit.id, "\u2003" * b.depth + b.unit.name) for b in organs or units])
    if not organs:
        form.organ.label.text = _("Unit")
    given = form.values()
    organ, year = number(given.get("organ")), given.get("year")
    if organ and year and year >= 1900:
        kind = "quarter" if given.get("kind") == "quarter" and given.get("quarter") else "year"
        period = Period.quarter(year, int(given["quarter"])) if kind == "quarter" else Period.year(year)
        return redirect(round_url(organ, period) if organs else
                        url_for("ratings.unit", unit_id=organ, kind=period.kind, period=period_slug(period)), 303)
    if request.args.get("year") is None:
        form.year.data = today.year - 1 if today.month < 7 else today.year
    return render_template("ratings/rounds.html", filters=form, found=[
        {"organ": r.organ, "period": period_label(Period(r.kind, r.first, r.last)), "rows": r.rows, "decided": r.decided,
         "url": _way(r, {b.unit.id for b in units})} for r in found])


def _way(found: ratinglist.Round, alive: set[int]) -> str:
    """To the round; where its organ is out of sight or is no more, to what is in sight of that year."""
    if found.organ_id in alive:
        return round_url(found.organ_id, Period(found.kind, found.first, found.last))
    return url_for("ratings.listed", year=found.last.year, kind=found.kind)


def round_url(organ: int, period: Period, **more: Any) -> str:
    """The address of the round of an organ."""
    return url_for("ratings.show", organ=organ, kind=period.kind, period=period_slug(period), **more)


def period_slug(period: Period) -> str:
    """A period in an address: 2025, 2025-q3, or its two days."""
    if period.kind == "year" and period == Period.year(period.last.year):
        return str(period.last.year)
    if period.kind == "quarter" and period == Period.quarter(period.last.year, (period.last.month + 2) // 3):
        return f"{period.last.year}-q{(period.last.month + 2) // 3}"
    return f"{period.first.isoformat()}_{period.last.isoformat()}"


def period_of(kind: str, slug: str) -> Period:
    """The period that an address names; 404 for anything else."""
    quarter, span = _QUARTER.match(slug), _SPAN.match(slug)
    try:
        if kind == "year" and re.fullmatch(r"(19|20)\d\d", slug, re.ASCII):
            return Period.year(int(slug))
        if kind == "quarter" and quarter:
            return Period.quarter(int(quarter[1]), int(quarter[2]))
        if kind in KINDS and span:
            return Period(kind, dt.date.fromisoformat(span[1]), dt.date.fromisoformat(span[2]))
    except ValueError:
        pass
    abort(404)


def period_label(period: Period) -> str:
    """A period in words."""
    slug = period_slug(period)
    if period.kind == "year" and slug.isdigit():
        return _("year %(year)s", year=slug)
    if period.kind == "quarter" and "q" in slug:
        return _("quarter %(number)s of %(year)s", number=slug[-1], year=slug[:4])
    return f"{KINDS[period.kind]} {day(period.first)} – {day(period.last)}"
