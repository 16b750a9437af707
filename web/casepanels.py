"""What the page of a case shows beside what every process has: panels of one process, by its name.

The case page includes the templates that are named here; it knows none of them. A process without panels has none.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from web import caseview, planpanels
from web.caseview import View
from web.panels import Panel
from web.reportwords import PROPOSALS, TASKS
from workflow.context import Actor
from workflow.models import SponsorReport
from workflow.naming import names_of

_report: sa.Table = SponsorReport.__table__  # type: ignore[assignment]
Loader = Callable[[Session, Actor, View, dt.date], Sequence[Panel]]


def helper(session: Session, actor: Actor, view: View, today: dt.date) -> list[Panel]:
    """The helper of a candidate: what he reported, and whether this account may write a report."""
    reports: list[dict[str, Any]] = []
    if "reports" in view.sight.sees:
        query = sa.select(_report).where(_report.c.case_id == view.sight.id).order_by(_report.c.month.desc())
        rows = session.connection().execute(query).mappings().all()
        names = names_of(session, today, {row["person_id"] for row in rows})
        reports = [{"month": r["month"], "task": TASKS[r["task"]], "proposes": PROPOSALS[r["proposes"]], "note": r["note"],
                    "met_on": r["met_on"], "person": names.person(r["person_id"])} for r in rows]
    helped = any(r.valid(today) for r in view.sight.snapshot.related)
    may = helped and view.sight.snapshot.case["closed_on"] is None and caseview.may_report(session, actor, view.sight)
    return [Panel("panels/helper.html", "aside", {"reports": reports, "may_report": may})]


#: Process -> what its pages show beside the common parts.
LOADERS: Mapping[str, Loader] = {"admission": helper, "consolidation": planpanels.panels}


def load(session: Session, actor: Actor, view: View, today: dt.date) -> Sequence[Panel]:
    """The panels of a case, loaded; rendering touches no database."""
    loader = LOADERS.get(view.sight.snapshot.law.id)
    return loader(session, actor, view, today) if loader else ()
