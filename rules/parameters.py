"""Dated parameters: the central values, and those that local layers put in their place.

For a unit the nearest layer wins: its own, then that of its parent, up to the root, then the central law. What a layer
may do is said by the parameter (``local``: none, raise, lower, any) and checked for every day.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rules import values
from rules.builtin import parameter_type
from rules.dated import ONE_DAY, Cite, NotInForce, in_force, latest
from rules.loader import Problem, near
from rules.nodes import Type
from rules.schema import DatedEntry, LocalParameter, Parameter
from rules.scope import Body


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A parameter's value on a day: what says so, how certain that is, since when, and the unit whose layer it is."""

    value: Any
    cites: tuple[Cite, ...]
    confidence: str | None
    since: dt.date
    layer: str | None = None


@dataclass(frozen=True)
class _Local:
    unit: str
    since: dt.date
    until: dt.date | None
    place: int
    values: dict[dt.date, Any]
    entries: dict[dt.date, DatedEntry]


class Parameters:
    """All parameters of a body of law, their values read and checked against their unit."""

    def __init__(self, body: Body) -> None:
        self.problems: list[Problem] = []
        self._body = body
        self.central: dict[str, Parameter] = {}
        self.scopes: dict[str, str] = {}
        self._values: dict[str, dict[dt.date, Any]] = {}
        self._locals: dict[str, list[_Local]] = {}
        self._own: dict[int, dict[str, Type]] = {}
        for scope, part in body.parts():
            for name, parameter in part.parameters.items():
                if isinstance(parameter, Parameter):
                    self._central(scope, name, parameter)
        for place in range(len(body.layers)):
            self._layer(place)

    def own_types(self, place: int) -> dict[str, Type]:
        """Parameters that only a layer has, for its own rules."""
        return self._own.get(place, {})

    def names(self) -> set[str]:
        return {*self.central, *self._locals}

    def values_of(self, name: str) -> dict[dt.date, Any]:
        """The central values by first day; None marks a repeal."""
        return self._values.get(name, {})

    def value(self, name: str, on: dt.date, units: Sequence[str] = ()) -> DatedValue:
        """The value in force for a unit, given the codes from the unit up to the root.

        Raises NotInForce when the law gives none on that day (not yet, or repealed).
        """
        local = self._locals.get(name)
        if local and units:
            found = self._local_value(local, on, units)
            if found is not None:
                return found
        entry = latest(self._values.get(name, {}), on)
        if entry is None or entry[1] is None:
            if name not in self.names():
                raise NotInForce(f"no parameter {name}{near(name, self.central)}")
            raise NotInForce(f"the parameter {name} has no value on {on}; end what reads it on the day it was "
                             "repealed, or give it a value")
        written = self.central[name].values[entry[0]]
        return DatedValue(entry[1], tuple(Cite.parse(c) for c in written.cites), written.confidence, entry[0])

    def change_days(self, name: str) -> set[dt.date]:
        """Days on which the value may change, layers included."""
        days = set(self._values.get(name, {}))
        for local in self._locals.get(name, ()):
            days |= {max(d, local.since) for d in local.values}
            if local.until is not None:
                days.add(local.until + ONE_DAY)
        return days

    def _local_value(self, layers: list[_Local], on: dt.date, units: Sequence[str]) -> DatedValue | None:
        for unit in units:
            for layer in layers:
                if layer.unit == unit and in_force(layer, on):
                    entry = latest(layer.values, on)
                    if entry is not None and entry[1] is not None:
                        written = layer.entries[entry[0]]
                        cites = tuple(Cite.parse(c) for c in written.cites)
                        if not cites:
                            basis = self._body.layers[layer.place].layer
                            cites = (Cite.parse(basis.basis),) if basis and basis.basis else ()
                        return DatedValue(entry[1], cites, written.confidence, max(entry[0], layer.since), unit)
        return None

    def _central(self, scope: str, name: str, parameter: Parameter) -> None:
        self.central[name] = parameter
        self.scopes[name] = scope
        table: dict[dt.date, Any] = {}
        for day, entry in parameter.values.items():
            try:
                table[day] = _read(parameter, entry)
            except ValueError as error:
                self.problems.append(self._body.places.problem(
                    scope, ("parameters", name, "values", day, "value"), str(error), "parameter"))
        self._values[name] = dict(sorted(table.items()))

    def _layer(self, place: int) -> None:
        file = self._body.layers[place]
        assert file.layer is not None
        for name, written in file.parameters.items():
            path = ("parameters", name)
            central = self.central.get(name)
            if central is None:
                central = self._own_parameter(place, name, written)
                if central is None:
                    continue
            table: dict[dt.date, Any] = {}
            for day, entry in written.values.items():
                try:
                    table[day] = _read(central, entry)
                except ValueError as error:
                    self._say(place, (*path, "values", day, "value"), str(error))
            local = _Local(file.layer.unit, file.layer.since, file.layer.until, place, table, dict(written.values))
            self._locals.setdefault(name, []).append(local)
            # Of two layers of one unit the later one speaks first.
            self._locals[name].sort(key=lambda layer: (layer.since, layer.place), reverse=True)
            if name in self.central:
                self._permitted(name, central, local)

    def _own_parameter(self, place: int, name: str, written: Parameter | LocalParameter) -> Parameter | None:
        if written.unit is None:
            self._say(place, ("parameters", name), f"no parameter {name} in the central law{near(name, self.central)}; "
                      "a parameter that only this layer has also needs `unit:`")
            return None
        own = Parameter(says=written.says, unit=written.unit, values=written.values,
                        codes=getattr(written, "codes", None))
        self._own.setdefault(place, {})[name] = parameter_type(own)
        return own

    def _permitted(self, name: str, central: Parameter, local: _Local) -> None:
        """Every value a layer gives is held against the central one on every day it speaks."""
        days = {max(d, local.since) for d in local.values}
        days |= {d for d in self._values[name] if local.since <= d and (local.until is None or d <= local.until)}
        for day in sorted(days):
            entry, above = latest(local.values, day), latest(self._values[name], day)
            if entry is None or entry[1] is None or above is None or above[1] is None or entry[1] == above[1]:
                continue
            if central.local == "any" or (central.unit not in ("bool", "code", "text") and (
                    (central.local == "raise" and entry[1] > above[1])
                    or (central.local == "lower" and entry[1] < above[1]))):
                continue
            says = {"none": "may not be changed locally", "raise": "may only be raised locally",
                    "lower": "may only be lowered locally"}[central.local]
            self._say(local.place, ("parameters", name, "values", entry[0]),
                      f"{name} {says}; the central law says {values.written(above[1])} on {day}, "
                      f"this layer {values.written(entry[1])}")
            return

    def _say(self, place: int, path: tuple[Any, ...], message: str) -> None:
        self.problems.append(self._body.places.in_layer(place, path, message, "parameter"))


def _read(parameter: Parameter, entry: DatedEntry) -> Any:
    if parameter.unit == "code":
        return values.read(entry.value, "code", dict.fromkeys(parameter.codes or ()))
    return values.read(entry.value, parameter.unit)
