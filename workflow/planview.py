"""What a plan holds and how one version of it differs from the next: read models for pages, in one statement a table."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.models import Base

_TABLES = Base.metadata.tables
MEASURE, INDICATOR, CRITERIA, VISIT, REPORT, PLAN, CASE = (
    _TABLES[n] for n in ("measure", "indicator", "criteria_set", "visit", "work_report", "plan_version", "case"))
#: Columns of a row that say where it stands, not what it says.
_PLACE = frozenset({"id", "case_id", "plan_no", "origin_id"})
#: What becomes of a measure after the plan was issued: told on its own, no difference of the plan.
_COURSE = frozenset({"progress", "done_on", "result"})
Fate = Literal["unchanged", "changed", "added", "dropped"]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan with what it holds and what was reported of it; rows are as they are stored."""

    no: int
    versions: Sequence[Mapping[str, Any]]
    measures: Sequence[Mapping[str, Any]]
    indicators: Sequence[Mapping[str, Any]]
    criteria: Sequence[Mapping[str, Any]]
    visits: Sequence[Mapping[str, Any]]
    reports: Sequence[Mapping[str, Any]]

    @property
    def version(self) -> Mapping[str, Any] | None:
        """The plan as it was issued; None while it is still drawn up."""
        return next((v for v in self.versions if v["no"] == self.no), None)

    @property
    def people(self) -> set[Any]:
        """Everybody who is named in it."""
        return {row.get(key) for rows in (self.measures, self.visits, self.reports, self.versions) for row in rows
                for key in ("owner_id", "person_id", "oversight_id")}


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one row from a version of the plan to the next; ``changed`` are the columns that say something else."""

    fate: Fate
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    changed: frozenset[str] = frozenset()


def plan(session: Session, case_id: int, no: int) -> Plan:
    """Version ``no`` of the plan of a case, with all that was reported of the case."""
    def rows(table: sa.Table, *order: sa.ColumnElement[Any], **where: Any) -> list[dict[str, Any]]:
        query = sa.select(table).where(table.c.case_id == case_id, *(table.c[c] == v for c, v in where.items()))
        return [dict(row) for row in session.connection().execute(query.order_by(*order, table.c.id)).mappings()]

    return Plan(no, rows(PLAN, PLAN.c.no, void=False), rows(MEASURE, plan_no=no), rows(INDICATOR, INDICATOR.c.name, INDICATOR.c.as_of),
                rows(CRITERIA, CRITERIA.c.as_of), rows(VISIT, VISIT.c.visited_on.desc()), rows(REPORT, REPORT.c.period.desc()))


def compare(session: Session, case_id: int, no: int) -> list[Difference]:
    """The measures of version ``no`` beside those of the one before it, row by row: first what is in the new one, then
    what was dropped."""
    query = sa.select(MEASURE).where(MEASURE.c.case_id == case_id, MEASURE.c.plan_no.in_((no - 1, no))).order_by(MEASURE.c.id)
    rows = [dict(row) for row in session.connection().execute(query).mappings()]
    before = {row["id"]: row for row in rows if row["plan_no"] == no - 1}
    found, kept = [], set()
    for row in rows:
        if row["plan_no"] != no:
            continue
        old = before.get(row["origin_id"])
        if old is None:
            found.append(Difference("added", None, row))
            continue
        kept.add(old["id"])
        changed = frozenset(c for c in row if c not in _PLACE | _COURSE and row[c] != old[c])
        found.append(Difference("changed" if changed else "unchanged", old, row, changed))
    return found + [Difference("dropped", old, None) for key, old in before.items() if key not in kept]


@dataclass(frozen=True, slots=True)
class Figure:
    """The numbers of an indicator, exactly. ``by_points`` and ``by_share`` are the change as it follows from value and
    former value; ``prior_points`` and ``prior_share`` the former value as it follows from value and stated change."""

    value: Fraction | None
    plan: Fraction | None
    prior: Fraction | None
    change: Fraction | None

    @property
    def of_plan(self) -> Fraction | None:
        """Value / plan."""
        return self.value / self.plan if self.value is not None and self.plan else None

    @property
    def by_points(self) -> Fraction | None:
        return self.value - self.prior if self.value is not None and self.prior is not None else None

    @property
    def by_share(self) -> Fraction | None:
        """In percent."""
        return (self.value - self.prior) / self.prior * 100 if self.value is not None and self.prior else None

    @property
    def prior_points(self) -> Fraction | None:
        return self.value - self.change if self.value is not None and self.change is not None else None

    @property
    def prior_share(self) -> Fraction | None:
        if self.value is None or self.change is None or self.change == -100:
            return None
        return self.value / (1 + self.change / 100)


def figure(row: Mapping[str, Any]) -> Figure:
    """The numbers of a stored indicator."""
    unit = Fraction(1, 10 ** (row["scale"] or 0))
    value, plan, prior, change = (None if row[c] is None else row[c] * unit for c in ("value", "plan_value", "prior_value", "change"))
    return Figure(value, plan, prior, change)


@dataclass(frozen=True, slots=True)
class Linked:
    """Another case of the story: what it is to this one, and where it stands."""

    how: str
    case_id: int
    state: str
    opened_on: dt.date


def linked(session: Session, detail: sa.Table, case_id: int, links: Sequence[str], condition: sa.ColumnElement[bool]) -> list[Linked]:
    """Cases tied to this one in either direction, within a condition on cases.

    ``links`` are columns of the detail table that hold the id of another case; a tie that comes from the other case is
    told with ``<column>.back``.
    """
    found = []
    for column in links:
        forth = sa.select(CASE.c.id).join(detail, detail.c[column] == CASE.c.id).where(detail.c.case_id == case_id)
        back = sa.select(detail.c.case_id).where(detail.c[column] == case_id)
        for how, ids in ((column, forth), (f"{column}.back", back)):
            query = sa.select(CASE.c.id, CASE.c.state, CASE.c.opened_on).where(CASE.c.id.in_(ids), condition).order_by(CASE.c.id)
            found += [Linked(how, *row) for row in session.connection().execute(query)]
    return found
