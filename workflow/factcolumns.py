"""The facts of cases as SQL, for rules asked of the database: the same homes as those of a snapshot.

Everything correlates with one alias of the detail table and one of the cases, so that a condition can stand in
``Case.id IN (SELECT ...)`` of any list.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from rules.process import ProcessLaw
from rules.schema import CodeType, Step
from rules.sql import RowsSource
from workflow.binding import Binding
from workflow.lastrating import last_rating_select, rank_now_select
from workflow.models import Case, Duty, Helper, Person, Unit, UnitStrength

_TYPES: dict[str, Any] = {"date": sa.Date(), "bool": sa.Boolean(), "text": sa.Text(), "unit": sa.Text()}


#: Makes the SQL of a day that follows from other facts.
Day = Callable[["CaseFacts"], sa.ColumnElement[Any]]


class CaseFacts:
    """Where the facts of a process are found; ``places`` gives the path facts of each unit, by unit id.

    With a ``step`` the days that follow from it are seen as the engine sees them: those that it sets, and its defaults
    where nothing is known.
    """

    def __init__(self, law: ProcessLaw, binding: Binding, on: dt.date, places: Mapping[int, Mapping[str, Any]],
                 step: Step | None = None, days: Mapping[str, Day] | None = None) -> None:
        self.law, self.binding, self.on, self.places, self.step, self.days = law, binding, on, places, step, days or {}
        self.case = Case.__table__.alias("asked")
        self.detail = binding.detail.alias("stored")
        self.person = Person.__table__.alias("subject")
        self._rows: dict[str, RowsSource] = {}

    def cases(self, condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
        """The ids of the cases for which the condition is true."""
        joined = (self.case.join(self.detail, self.detail.c.case_id == self.case.c.id)
                  .outerjoin(self.person, self.person.c.id == self.case.c.subject_person_id))
        return sa.select(self.case.c.id).select_from(joined).where(self.case.c.process == self.law.id, condition)

    def column(self, fact: str) -> sa.ColumnElement[Any]:
        made = self.days.get(fact)
        if made is None or self.step is None:
            return self.stored(fact)
        derived = made(self)
        return derived if fact in self.step.sets else sa.func.coalesce(self.stored(fact), derived)

    def stored(self, fact: str) -> sa.ColumnElement[Any]:
        """What is kept of a fact."""
        homes = self.binding.homes(self.law)
        if fact in homes:
            if self.law.facts[fact].source == "act":
                return self._unknown(fact)  # each act tells it anew
            return self.detail.c[homes[fact]]
        if fact.startswith("did."):
            day = self.binding.day_column(fact[4:])
            return self.detail.c[day] if day else self._unknown(fact)
        if fact.startswith("duty."):
            return self._duty(*fact[5:].rsplit(".", 1))
        if fact.startswith("path."):
            known = {unit: place[fact] for unit, place in self.places.items() if fact in place}
            return sa.case(known, value=self.case.c.unit_id, else_=None) if known else self._unknown(fact)
        if fact == "case.state":
            return self.case.c.state
        if fact in ("case.unit", "case.decider"):
            key = self.case.c.unit_id if fact == "case.unit" else self.case.c.decider_id
            return self._one(sa.select(Unit.code).where(Unit.id == key))
        home = self.binding.elsewhere.get(fact, "")
        if home.startswith("person."):
            return self.person.c[home[7:]]
        if home == "strength.official":
            return self._one(sa.select(UnitStrength.official).where(
                UnitStrength.unit_id == self.case.c.unit_id, UnitStrength.as_of <= self.on)
                .order_by(UnitStrength.as_of.desc()).limit(1))
        if home == "helper.person_id":
            return self._one(sa.select(Helper.person_id).where(
                Helper.case_id == self.case.c.id, Helper.from_on <= self.on,
                sa.or_(Helper.to_on.is_(None), Helper.to_on >= self.on)).order_by(Helper.id.desc()).limit(1))
        if home == "rating.entry_rank":
            return self._one(rank_now_select(self.detail.c.entry_rating_id))
        if home.startswith("rating."):
            return self._one(last_rating_select(self.case.c.subject_unit_id, self.on, home[7:]))
        return self._unknown(fact)

    def rows(self, collection: str) -> RowsSource:
        if collection not in self._rows:
            child = self.binding.children[collection]
            table = child.table.alias(f"of_{collection}")
            fields = self.law.facts[collection].items or {}
            mine = [table.c[child.link] == (self.detail.c.case_id if child.of == "case" else self.case.c.subject_unit_id)]
            if child.plan is not None and self.binding.plan is not None:
                mine.append(table.c[child.plan] == self.detail.c[self.binding.plan])
            if child.by_act:
                mine.append(table.c.void.is_(False))
            self._rows[collection] = RowsSource(
                table, sa.and_(*mine), sa.true() if child.by_act else self.detail.c[str(child.declared)],
                {name: table.c[child.column(name)] for name in fields})
        return self._rows[collection]

    def _one(self, query: sa.Select[Any]) -> sa.ColumnElement[Any]:
        return query.correlate(self.case, self.detail, self.person).scalar_subquery()

    def _duty(self, kind: str, what: str) -> sa.ColumnElement[Any]:
        mine = (Duty.case_id == self.case.c.id, Duty.kind == kind, Duty.closed_on.is_(None))
        if what == "late":
            query = sa.select(sa.func.sum(sa.case((Duty.open_until < self.on, 1), else_=0))).where(*mine)
        else:
            query = sa.select(Duty.due_on if what == "due_on" else Duty.extended).where(*mine).order_by(Duty.id.desc()).limit(1)
        return self._one(query)

    def _unknown(self, fact: str) -> sa.ColumnElement[Any]:
        law = self.law.facts.get(fact)
        kind = "text" if law is None or isinstance(law.type, CodeType) else str(law.type)
        return sa.cast(sa.null(), _TYPES.get(kind, sa.Integer()))


class Stored:
    """The same facts as they are kept, without what a step would make of them."""

    def __init__(self, facts: CaseFacts) -> None:
        self._facts = facts

    def column(self, fact: str) -> sa.ColumnElement[Any]:
        return self._facts.stored(fact)

    def rows(self, collection: str) -> RowsSource:
        return self._facts.rows(collection)
