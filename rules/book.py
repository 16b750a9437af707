"""The rulebook: the law in force on any day, from files or from the text of an edition."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from rules import edition
from rules.building import Builder
from rules.calendar import Calendar, Due, add_days, add_months
from rules.dated import in_force
from rules.decide import compile_value
from rules.loader import LawError, Problem, read_folders
from rules.nodes import Node, names_used
from rules.parameters import DatedValue, Parameters
from rules.process import DeciderRow, ProcessLaw, RuleVersion
from rules.schema import Document, Parameter, Term
from rules.schema_organisation import CalendarYear, Office, Organ, Relation, Scheme, UnitKind
from rules.scope import Body, assemble

__all__ = ["DatedValue", "DeciderRow", "ProcessLaw", "RuleVersion", "Rulebook", "load"]


class Rulebook:
    """All that the law says. It never changes once made; a change of the law is another rulebook, another edition."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self._parameters = Parameters(body)
        builder = Builder(body, self._parameters)
        self.processes: Mapping[str, ProcessLaw] = builder.processes()
        #: Rules and facts that no process owns, in the same form.
        self.common: ProcessLaw = builder.common()
        problems = [*self._parameters.problems, *builder.problems]
        self.calendar = _calendar(body, problems)
        if problems:
            raise LawError(problems)
        shared = body.shared
        self.documents: Mapping[str, Document] = {k: d for part in body.all() for k, d in part.documents.items()}
        self.parameters: Mapping[str, Parameter] = self._parameters.central
        self.offices: Mapping[str, Office] = {k: o for part in body.all() for k, o in part.offices.items()}
        self.unit_kinds: Mapping[str, UnitKind] = shared.unit_kinds
        self.organs: Mapping[str, Sequence[Organ]] = {k: o for part in body.all() for k, o in part.organs.items()}
        self.relations: Mapping[str, Relation] = {k: r for part in body.all() for k, r in part.relations.items()}
        self.schemes: Mapping[str, Scheme] = {k: s for part in body.all() for k, s in part.schemes.items()}
        #: Compiled rules, kept here by :mod:`rules.judging`.
        self.judges: Any = None
        self._values: dict[tuple[str, dt.date, tuple[str, ...]], DatedValue] = {}

    @classmethod
    def from_canonical(cls, text: str) -> Rulebook:
        """The rulebook of a stored edition. Its hash is that of the text, or ValueError."""
        book = cls(edition.body_of(text))
        if book.canonical != text:
            raise ValueError("the text of this edition is not canonical: it was changed after it was stored")
        return book

    @cached_property
    def canonical(self) -> str:
        """The whole law as canonical JSON, calendar and layers included."""
        return edition.canonical(self.body)

    @cached_property
    def edition(self) -> str:
        """SHA-256 of :attr:`canonical`, the name that every act carries."""
        return edition.digest(self.canonical)

    def value(self, name: str, on: dt.date, units: Sequence[str] = ()) -> DatedValue:
        """A parameter's value in force for a unit; ``units`` are the codes from the unit up to the root.

        The nearest layer wins. Raises NotInForce when no value is in force.
        """
        key = (name, on, tuple(units))
        found = self._values.get(key)
        if found is None:
            found = self._parameters.value(name, on, units)
            if len(self._values) > 50_000:
                self._values.clear()
            self._values[key] = found
        return found

    def change_days(self, name: str) -> set[dt.date]:
        """The days on which a parameter's value may change, layers included."""
        return self._parameters.change_days(name)

    def values_of(self, name: str) -> dict[dt.date, Any]:
        """The central values of a parameter by their first day; None marks a repeal."""
        return self._parameters.values_of(name)

    def due(self, term: Term, start: dt.date, on: dt.date, units: Sequence[str] = (), times: int = 1) -> Due:
        """The last day of a term that starts on ``start`` and has the length of the law of ``on``.

        The day after the start is day 1. ``times`` counts the periods of a recurring duty: the n-th day is the start
        plus n periods, never chained. Months clamp to the last day of the month.
        """
        if term.working_days is not None:
            return self.calendar.add(start, times * self.length(term.working_days, on, units))
        if term.months is not None:
            return Due(add_months(start, times * self.length(term.months, on, units)), False)
        assert term.days is not None
        return Due(add_days(start, times * self.length(term.days, on, units)), False)

    def length(self, written: str | int, on: dt.date, units: Sequence[str] = ()) -> int:
        """A length that is either written out or the name of a parameter."""
        value: Any = written if isinstance(written, int) else self.value(written, on, units).value
        return int(value)

    @cached_property
    def cases(self) -> Mapping[str, ProcessLaw]:
        """The processes whose subjects have cases; the others move rows of a register."""
        return {id_: law for id_, law in self.processes.items() if law.head.kept == "cases"}

    def scheme(self, name: str) -> str | None:
        """The id of the scheme of this id or alias."""
        if name in self.schemes:
            return name
        return next((id_ for id_, scheme in self.schemes.items() if name in scheme.aliases), None)

    def scheme_on(self, period_end: dt.date, kind: str = "year") -> str | None:
        """The id of the scheme by which a period that ends on this day is classified."""
        return next((id_ for id_, s in self.schemes.items() if kind in s.kinds and in_force(s, period_end)), None)

    def evaluate(self, node: Node, facts: Mapping[str, object], on: dt.date, units: Sequence[str] = ()) -> Any:
        """What an expression of the law comes to with these facts, under the parameters of a day; None is unknown."""
        values = {name: self.value(name, on, units).value for name in names_used(node).parameters}
        return compile_value(node, values, self.calendar)(facts)

    def process(self, id: str) -> ProcessLaw:
        """A process by its id. Raises KeyError naming the known ones."""
        if id not in self.processes:
            raise KeyError(f"no process {id}; there are {', '.join(self.processes)}")
        return self.processes[id]


def _calendar(body: Body, problems: list[Problem]) -> Calendar:
    """The calendar; each year that cannot be used is reported and left out."""
    years: dict[int, CalendarYear] = {}
    for scope, part in body.parts():
        for year, days in part.calendar.items():
            try:
                Calendar.from_years({year: days})
            except ValueError as error:
                problems.append(body.places.problem(scope, ("calendar", year), str(error), "calendar"))
            else:
                years[year] = days
    return Calendar.from_years(years)


def load(paths: Sequence[Path | str] | None = None) -> Rulebook:
    """Read the law. ``None`` is the shipped law.

    A folder with any file that is not a layer replaces the shipped law; folders of layer files are added on top of it.
    Raises LawError listing everything that makes the law unusable.
    """
    body, problems = assemble(read_folders(paths))
    try:
        book = Rulebook(body)
    except LawError as error:
        raise LawError([*problems, *error.problems]) from None
    if problems:
        raise LawError(problems)
    return book
