"""The list of ratings behind a number: units, years and levels in sight, narrowed by the address."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from web import access
from web.download import csv_file
from web.forms import ChoiceField, CountField, DayField, FilterForm, number, offer
from web.i18n import says
from web.presenters import day
from workflow import ratinglist, unitsheet
from workflow.ratinglist import RatingFilter, RatingRow

pages = Blueprint("ratings", __name__)
RANKS = {"4": lazy_gettext("Rank 4 (highest)"), "3": lazy_gettext("Rank 3"), "2": lazy_gettext("Rank 2"), "1": lazy_gettext("Rank 1 (lowest)")}
KINDS = {"year": lazy_gettext("Year"), "quarter": lazy_gettext("Quarter"), "term": lazy_gettext("Term"), "ad_hoc": lazy_gettext("Ad hoc")}
OF = {"base": lazy_gettext("Basic organisations"), "cell": lazy_gettext("Cells")}


class RatingFilterForm(FilterForm):
    """The filters of the list, all of them in its address."""

    unit = ChoiceField(lazy_gettext("Unit and below"), validate_choice=False)
    year = CountField(lazy_gettext("Year"), most=9999)
    kind = ChoiceField(lazy_gettext("Kind of period"), KINDS.items())
    of = ChoiceField(lazy_gettext("Kind of unit"), OF.items())
    rank = ChoiceField(lazy_gettext("Level"), RANKS.items())
    missing = ChoiceField(lazy_gettext("Decided or not"), [("1", lazy_gettext("Not decided"))])
    on = DayField(lazy_gettext("As it stood on"))

    def wanted(self) -> RatingFilter:
        given = self.values()
        return RatingFilter(number(given.get("unit")), given.get("year") or None, given.get("kind") or "year", given.get("of") or "all",
                            number(given.get("rank")), bool(given.get("missing")), given.get("on"))


@pages.get("/xep-loai/danh-sach")
def listed() -> Any:
    """The ratings in sight, or the units without one; ``format=csv`` gives the same rows as a file."""
    actor, today, book = access.current_actor(), access.site().clock.today(), access.book()
    form = RatingFilterForm()
    with access.read() as session:
        units, _cut = unitsheet.forest(session, actor, book, today)
        offer(form.unit, [(b.unit.id, "\u2003" * b.depth + b.unit.name) for b in units])
        wanted = form.wanted()
        found, total = ratinglist.listed(session, actor, wanted)
    if request.args.get("format") == "csv":
        return csv_file("xep-loai", today, [_("Unit"), _("From"), _("To"), _("Level"), _("Scheme"), _("Score"), _("Decided on")],
                        [(r.unit, r.period_from and day(r.period_from), r.period_to and day(r.period_to), r.label, r.scheme, r.points,
                          r.decided_on and day(r.decided_on)) for r in found])
    args = {name: day(value) if hasattr(value, "year") else str(value) for name, value in form.values().items()}
    return render_template("ratings/list.html", filters=form, active=len(args), found=[_line(r) for r in found], total=total,
                           missing=wanted.missing, schemes=len({r.scheme for r in found if r.scheme}),
                           csv=url_for("ratings.listed", **args, format="csv"))


def _line(row: RatingRow) -> dict[str, Any]:
    scheme = access.book().schemes.get(row.scheme or "")
    return {"unit": row.unit, "unit_url": url_for("units.show", unit_id=row.unit_id), "from": row.period_from, "to": row.period_to,
            "label": row.label, "rank": row.rank, "scheme": says(scheme.label) if scheme else row.scheme, "points": row.points,
            "reopened": row.state == "reopened", "decided_on": row.decided_on}
