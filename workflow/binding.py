"""Where the facts of a process live: which column, which child table, or which calculation.

A binding joins one process of the law files to its typed tables. :func:`check` proves, both ways, that every stored
fact has a home and every column is the home of a fact; it is part of ``nennep rules check``.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import sqlalchemy as sa

from rules.process import ProcessLaw


@dataclass(frozen=True, eq=False)
class Child:
    """The home of a collection: a table of rows, and the flag that says that all are entered.

    Without a flag the rows are written by acts alone, and so are always complete; those of steps that were undone are
    void. ``of`` says whose rows they are: the case's, or its subject's unit's. ``plan`` is the column that numbers the
    plan a row stands in; rules then see the plan in force. ``tag`` begins the tags of entries that change a row;
    ``noted`` is the column of the day on which a row of the unit came to be known.
    """

    table: sa.Table
    declared: str | None
    columns: Mapping[str, str] = field(default_factory=dict)
    tag: str | None = None
    of: Literal["case", "unit"] = "case"
    plan: str | None = None
    noted: str | None = None

    def column(self, name: str) -> str:
        """The column of a field: of the same name, or ``<name>_id`` for a person or a unit."""
        return self.columns.get(name, name)

    @property
    def link(self) -> str:
        """The column that says whose a row is."""
        return "case_id" if self.of == "case" else "unit_id"

    @property
    def by_act(self) -> bool:
        """Whether only acts write these rows."""
        return self.declared is None


@dataclass(frozen=True, eq=False)
class Relation:
    """People who stand to a case in a way that gives a right to it or bars from it, each from a day to a day.

    A missing first day is as long as the case; ``where`` is a column that must be true.
    """

    table: sa.Table
    person: str = "person_id"
    since: str = "from_on"
    until: str = "to_on"
    where: str | None = None


@dataclass(frozen=True, eq=False)
class Binding:
    """The tables of one process.

    ``detail`` has one row per case. ``elsewhere`` are stored facts whose home is not the detail row: the person's own
    row (``person.<column>``), or a calculation of the snapshot (``strength``, ``helper``, ``rating``). ``standing`` says
    what reaching a state makes of the subject (a probationary member, an official one), ``unmade`` what it is before all
    of them. ``plan`` is the column with the number of the plan in force.
    """

    process: str
    detail: sa.Table
    children: Mapping[str, Child]
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    standing: Mapping[str, str] = field(default_factory=dict)
    unmade: str | None = None
    relations: Mapping[str, Relation] = field(default_factory=dict)
    plan: str | None = None

    def home(self, fact: str) -> str | None:
        """The detail column of a fact: ``a.b`` lives in ``a_b``, or in ``b`` where that says enough."""
        if fact in self.columns:
            return self.columns[fact]
        area, _, name = fact.partition(".")
        for candidate in (f"{area}_{name}", name):
            if candidate.replace(".", "_") in self.detail.c:
                return candidate.replace(".", "_")
        return None

    def homes(self, law: ProcessLaw) -> dict[str, str]:
        """Every fact that lives in the detail row, and its column."""
        return _homes(self, law)

    def standing_at(self, law: ProcessLaw, state: str) -> str | None:
        """What the subject of a case is that went back to an open state: what the last state up to there makes of it."""
        places = list(law.states.open)
        passed = [self.standing[s] for s in places[:places.index(state) + 1] if s in self.standing]
        return passed[-1] if passed else self.unmade

    def days(self, law: ProcessLaw) -> tuple[tuple[str, str], ...]:
        """The fact ``did.<step>`` of every step whose day is kept, and its column."""
        return _days(self, law)

    def day_column(self, step: str) -> str | None:
        """The column that holds the day of the last standing act of a step, where the process keeps it."""
        name = f"{step}_on"
        return name if name in self.detail.c else None


#: Facts that are worked out from the case, its duties and the act.
_DERIVED = ("did.", "case.", "path.", "duty.", "ballot.", "act.")


@lru_cache(maxsize=16)
def _homes(binding: Binding, law: ProcessLaw) -> dict[str, str]:
    found = {}
    for name, fact in law.facts.items():
        if fact.items is None and name not in binding.elsewhere and not name.startswith(_DERIVED):
            column = binding.home(name)
            if column is not None:
                found[name] = column
    return found


@lru_cache(maxsize=16)
def _days(binding: Binding, law: ProcessLaw) -> tuple[tuple[str, str], ...]:
    return tuple((f"did.{step}", column) for step in law.step_versions if (column := binding.day_column(step)))


#: Columns of every detail table that are no facts.
_OWN = {"case_id", "state", "imported"}


def check(binding: Binding, law: ProcessLaw) -> list[str]:
    """What does not fit between the facts of the law and the columns of the tables; empty when all is well."""
    problems = []
    homes = binding.homes(law)
    for name, fact in law.facts.items():
        if fact.items is not None:
            child = binding.children.get(name)
            if child is None:
                problems.append(f"{law.id}: the collection {name} has no table")
                continue
            for item in fact.items:
                if child.column(item) not in child.table.c:
                    problems.append(f"{law.id}: {name}.{item} has no column in {child.table.name}")
        elif fact.source == "stored" and name not in homes and name not in binding.elsewhere:
            problems.append(f"{law.id}: the stored fact {name} has no column")
    problems += [f"{law.id}: the table of {name} belongs to no collection" for name in binding.children if name not in law.collections]
    relations = {w.relation for steps in law.step_versions.values() for s in steps for w in s.who if w.relation}
    relations |= {name for steps in law.step_versions.values() for s in steps for name in s.excludes}
    problems += [f"{law.id}: the relation {name} has no table" for name in sorted(relations - binding.relations.keys())]
    days = {binding.day_column(step) for step in law.step_versions}
    known = {*homes.values(), *days, *_OWN, *(c.declared for c in binding.children.values()), binding.plan}
    problems += [f"{law.id}: the column {binding.detail.name}.{c.name} is the home of no fact"
                 for c in binding.detail.c if c.name not in known]
    return problems
