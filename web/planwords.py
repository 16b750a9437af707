"""What the parts of a plan are called: comparisons, kinds of change, kinds of report, fates of a measure."""
from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from web.presenters import number
from workflow import planview

COMPARATORS = {"=": lazy_gettext("exactly"), ">": lazy_gettext("over"), "<": lazy_gettext("under"),
               ">=": lazy_gettext("at least"), "<=": lazy_gettext("at most"), "~": lazy_gettext("nearly")}
CHANGES = {"points": lazy_gettext("in points (value less former value)"),
           "relative": lazy_gettext("relative (percent of the former value)"),
           "unclear": lazy_gettext("the source does not say which")}
REPORTS = {"team_report": lazy_gettext("Report of the working team"), "unit_report": lazy_gettext("Report of the unit"),
           "mid_review": lazy_gettext("Mid review")}
FATES = {"unchanged": lazy_gettext("unchanged"), "changed": lazy_gettext("changed"), "added": lazy_gettext("added"),
         "dropped": lazy_gettext("dropped")}
#: Columns of a measure that a new version of the plan may change.
MEASURE = {"stream": lazy_gettext("Field of work"), "content": lazy_gettext("Measure"), "owner_id": lazy_gettext("Owner"),
           "due_on": lazy_gettext("Due day")}


def told(value: Fraction | None, unit: str | None = None, digits: int = 6) -> str:
    """A number with its unit, or a dash."""
    return "–" if value is None else f"{number(value, digits)} {unit}".rstrip() if unit else number(value, digits)


def indicator(row: Mapping[str, Any]) -> dict[str, Any]:
    """An indicator in words: what the source states, and what follows from it. Where it is not said how a change is
    counted, both readings are told."""
    found = planview.figure(row)
    sign = {"=": ""}.get(row["comparator"] or "=", f"{COMPARATORS.get(row['comparator'] or '=', '')} ")
    change, follows = None, []
    if found.change is not None:
        signed = f"{'+' if found.change > 0 else ''}{told(found.change)}"
        change = f"{signed} ({CHANGES.get(row['change_kind'] or 'unclear')})"
        if row["change_kind"] in (None, "unclear") and found.prior is None:
            follows = [_("former value %(value)s if in points", value=told(found.prior_points, row["unit"], 2)),
                       _("former value %(value)s if relative", value=told(found.prior_share, row["unit"], 2))]
    elif found.by_points is not None:
        plus = "+" if found.by_points > 0 else ""
        shares = row["unit"] == "%"
        follows = [_("%(change)s in points", change=plus + told(found.by_points)) if shares else plus + told(found.by_points, row["unit"])]
        if found.by_share is not None:
            follows.append(_("%(change)s%% relative", change=f"{'+' if found.by_share > 0 else ''}{told(found.by_share, None, 2)}"))
    return {"id": row["id"], "name": row["name"], "as_of": row["as_of"], "value": f"{sign}{told(found.value, row['unit'])}",
            "plan": told(found.plan, row["unit"]) if found.plan is not None else None,
            "of_plan": f"{told(found.of_plan * 100, None, 2)}%" if found.of_plan is not None else None,
            "prior": told(found.prior, row["unit"]) if found.prior is not None else None, "change": change, "follows": follows,
            "source": row["source"]}
