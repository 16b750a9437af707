"""What a report is made of, and the one way in which a report is run.

One definition serves the page, the command line, the file, the print and the copy that is locked. A figure says how it
was come by: *counted* from rows kept here, *derived* from other figures by arithmetic, or *stated* by a source.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.dated import NotInForce
from rules.loader import near
from rules.shape import Text
from workflow import access, tree
from workflow.caselist import Filter
from workflow.context import Actor, book_of, clock_of
from workflow.errors import BadInput, NotFound, WorkflowError
from workflow.exact import decimal
from workflow.inputs import shown
from workflow.models import Base
from workflow.ratinglist import RatingFilter
from workflow.tree import UnitOn
from workflow.unitsheet import in_sight

Kind = Literal["counted", "derived", "stated"]
Value = int | str | Fraction | dt.date | Text | None
_version = Base.metadata.tables["unit_version"]
_unit = Base.metadata.tables["unit"]
_COLUMNS = (_unit.c.id, _unit.c.code, *(_version.c[n] for n in ("name", "kind", "parent_id", "delegated", "from_on", "to_on")))


class NotAvailable(WorkflowError):
    """The report cannot be made from what this installation holds; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; a ``percent`` holds a fraction of one, a ``number`` a whole number or an exact fraction."""

    id: str
    label: Text
    kind: Literal["text", "number", "percent", "day"] = "number"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and where it comes from.

    ``cases`` are the ids that a counted figure counts, ``filter`` the list that shows the same ones where a list has
    such a filter. ``streams`` name the streams of the journal, beside those of its cases, that can change the figure.
    """

    value: Value
    kind: Kind | None = None
    how: Text | None = None
    comparator: str = "="
    filter: Filter | RatingFilter | None = None
    cases: tuple[int, ...] | None = None
    streams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A line; ``key`` names it from one copy to the next. ``unit`` is the id of the unit that it is about."""

    key: str
    cells: Mapping[str, Cell]
    indent: int = 0
    unit: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A report on a day; ``basis`` says by what it counts, ``options`` are those it was made with."""

    name: str
    title: Text
    unit: UnitOn | None
    on: dt.date
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[Text, ...] = ()
    basis: Text | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Option:
    """A choice that a report offers. With ``choices`` one of them, the first being the default; else a free text
    (``day``: yyyy-mm-dd) that may be left out. ``parameter`` names the parameter of the law that gives the default."""

    label: Text
    choices: Mapping[str, Text] = field(default_factory=dict)
    day: bool = False
    parameter: str | None = None

    @property
    def default(self) -> str:
        return next(iter(self.choices), "")


#: Makes a report of a unit, or of all in sight, as on a day: ``(session, actor, unit, on, **options)``. Options arrive
#: complete and checked, a day as a day or None.
Maker = Callable[..., Report]


@dataclass(frozen=True, slots=True)
class Definition:
    """A report that can be asked for by its name."""

    name: str
    title: Text
    make: Maker
    options: Mapping[str, Option]


#: Name -> report. Filled by the modules that :mod:`workflow.reports` imports.
REPORTS: dict[str, Definition] = {}


def report(name: str, title: Text, **options: Option) -> Callable[[Maker], Maker]:
    """Register a function as the report of a name."""
    def registered(make: Maker) -> Maker:
        REPORTS[name] = Definition(name, title, make, options)
        return make
    return registered


def run(session: Session, name: str, *, actor: Actor | None = None, unit: str | int | None = None, on: dt.date,
        options: Mapping[str, str] | None = None) -> Report:
    """Make a report. An actor sees what its offices see; without one everything is counted.

    Raises NotFound for an unknown report or a unit not in sight, BadInput for an option that there is not.
    """
    found = REPORTS.get(name)
    if found is None:
        raise NotFound(f"Không có báo cáo {name}{near(name, REPORTS)}; có: {', '.join(sorted(REPORTS))}.")
    place = None if unit is None else unit_of(session, actor, unit, on)
    chosen = checked(found, {**_by_law(session, found, place, on), **{k: v for k, v in (options or {}).items() if v}})
    values = {key: _day(text, key) if found.options[key].day else text for key, text in chosen.items()}
    made: Report = found.make(session, actor, place, on, **values)
    return replace(made, notes=(*_of_the_day(session, place, on), *made.notes))


def _of_the_day(session: Session, unit: UnitOn | None, on: dt.date) -> tuple[Text, ...]:
    """What the day explains of figures that would surprise: it lies ahead, the unit has ended, no unit lived yet."""
    found = []
    if on > clock_of(session).today():
        found.append(Text(vi="Ngày chốt ở sau hôm nay: chỉ có số liệu của những việc đã ghi đến nay.",
                          en="The cut-off day lies ahead: the figures are of what is recorded by now."))
    if unit is not None and unit.to_on is not None and unit.to_on < on:
        found.append(Text(vi=f"Đơn vị này đã kết thúc sau ngày {shown(unit.to_on)}; hồ sơ còn mở đã chuyển sang đơn vị kế thừa.",
                          en=f"This unit ended after {shown(unit.to_on)}; open cases have gone over to its successor."))
    elif unit is None and session.connection().scalar(sa.select(sa.exists().where(tree.alive(_version, on)))) is False:
        found.append(Text(vi="Vào ngày này chưa có đơn vị nào.", en="There is no unit on this day."))
    return tuple(found)


def checked(definition: Definition, options: Mapping[str, str]) -> dict[str, str]:
    """All options of a report, those that were not given at their default. Raises BadInput."""
    unknown = sorted(set(options) - definition.options.keys())
    if unknown:
        there = ", ".join(definition.options) or "không có tùy chọn nào"
        raise BadInput(f"Báo cáo {definition.name} không có tùy chọn {', '.join(unknown)}; có: {there}.", unknown[0])
    chosen = {}
    for key, option in definition.options.items():
        value = options.get(key) or option.default
        if option.choices and value not in option.choices:
            raise BadInput(f"{option.label.vi}: chọn một trong {', '.join(option.choices)}.", key)
        chosen[key] = value
    return chosen


def _by_law(session: Session, definition: Definition, unit: UnitOn | None, on: dt.date) -> dict[str, str]:
    """The defaults that the law gives on a day, for a unit where it has a law of its own."""
    wanted = {key: o.parameter for key, o in definition.options.items() if o.parameter is not None}
    line = tree.line(session, unit.id, min(on, unit.to_on or on)) if unit is not None and wanted else None
    found = {}
    for key, parameter in wanted.items():
        try:
            found[key] = str(book_of(session).value(parameter, on, line.codes if line else ()).value)
        except NotInForce:
            continue
    return found


def _day(text: str, key: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput("Ngày viết dạng 2026-03-11.", key) from None


def unit_of(session: Session, actor: Actor | None, unit: str | int, on: dt.date) -> UnitOn:
    """The unit as on the day, or as it last was where it has ended. Raises NotFound where it is not in sight."""
    found = tree.unit_on(session, unit, on) or _last(session, unit, on)
    if found is None or (actor is not None and not in_sight(session, actor, book_of(session), found.id, on)):
        raise NotFound(f"Không có đơn vị {unit} vào ngày {shown(on)}.")
    return found


def _last(session: Session, unit: str | int, on: dt.date) -> UnitOn | None:
    key = _unit.c.code if isinstance(unit, str) else _unit.c.id
    last = session.connection().execute(
        sa.select(_version.c.unit_id, sa.func.max(_version.c.to_on)).join(_unit, _unit.c.id == _version.c.unit_id)
        .where(key == unit, _version.c.to_on < on).group_by(_version.c.unit_id)).first()
    return tree.unit_on(session, last[0], last[1]) if last else None


def line_of(session: Session, unit: int, on: dt.date) -> tree.Line | None:
    """Where the unit stands on the day, or stood last where it has ended."""
    found = tree.line(session, unit, on)
    last = _last(session, unit, on) if found is None else None
    return found if last is None or last.to_on is None else tree.line(session, unit, last.to_on)


def cases_seen(session: Session, actor: Actor | None, on: dt.date) -> sa.ColumnElement[bool]:
    """A condition on the cases: those that the report may count."""
    return sa.true() if actor is None else access.visible_cases(actor, book_of(session), on)


def units_seen(session: Session, actor: Actor | None, on: dt.date, unit: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """A condition on a column with ids of units: those that the report may name."""
    return sa.true() if actor is None else access.visible_units(actor, book_of(session), on, unit)


def tops(session: Session, actor: Actor | None, on: dt.date) -> list[UnitOn]:
    """The topmost living units in sight: where a report without a unit begins."""
    lived = [UnitOn(*row) for row in session.connection().execute(
        sa.select(*_COLUMNS).select_from(_unit.join(_version, _version.c.unit_id == _unit.c.id))
        .where(tree.alive(_version, on), units_seen(session, actor, on, _unit.c.id)).order_by(_version.c.sort_key, _unit.c.id))]
    known = {found.id for found in lived}
    return [found for found in lived if found.parent_id not in known]


# ---- as a document


def as_json(made: Report, *, cases: bool = False) -> dict[str, Any]:
    """The report as one JSON value, always the same for the same figures; with ``cases`` also what each figure counts."""
    return {
        "report": made.name, "title": _text(made.title), "unit": made.unit.code if made.unit else None, "on": made.on.isoformat(),
        "options": dict(sorted(made.options.items())), "basis": _text(made.basis),
        "columns": [{"id": c.id, "label": _text(c.label), "kind": c.kind} for c in made.columns],
        "rows": [{"key": r.key, "indent": r.indent, "cells": {key: _cell(cell, cases) for key, cell in r.cells.items()}}
                 for r in made.rows],
        "notes": [_text(note) for note in made.notes],
    }


def _text(text: Text | None) -> dict[str, str | None] | None:
    return None if text is None else {"vi": text.vi, "en": text.en}


def _cell(cell: Cell, cases: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"value": plain(cell.value)}
    if cell.comparator != "=":
        found["comparator"] = cell.comparator
    if cell.kind is not None:
        found["kind"] = cell.kind
    if cell.how is not None:
        found["how"] = _text(cell.how)
    if cell.filter is not None:
        found["filter"] = {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in asdict(cell.filter).items() if v}
    if cases and cell.cases is not None:
        found["cases"] = list(cell.cases)
    if cases and cell.streams:
        found["streams"] = list(cell.streams)
    return found


def plain(value: Value) -> Any:
    """A value for JSON: days in ISO form, a fraction as ``39/40``, a text with its two languages."""
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"
    if isinstance(value, dt.date):
        return value.isoformat()
    return _text(value) if isinstance(value, Text) else value


# ---- as words

#: Comparator -> what stands before the number, Vietnamese and English. ``~`` is a little less than what is said.
COMPARATORS: dict[str, tuple[str, str]] = {"=": ("", ""), ">": ("trên ", "over "), "<": ("dưới ", "under "),
                                           ">=": ("ít nhất ", "at least "), "<=": ("nhiều nhất ", "at most "),
                                           "~": ("gần ", "nearly ")}
KINDS: dict[str, tuple[str, str]] = {"counted": ("đếm", "counted"), "derived": ("tính", "derived"), "stated": ("nêu", "stated")}


def words(cell: Cell, column: Column, language: str = "vi", places: int = 1) -> str:
    """A cell as people read it; a percentage with so many decimal places, rounded half up, nothing for no value."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, Text):
        return value.en or value.vi if language == "en" else value.vi
    if isinstance(value, dt.date):
        return shown(value)
    if isinstance(value, str):
        return value
    before = COMPARATORS[cell.comparator][1 if language == "en" else 0]
    if column.kind == "percent":
        return f"{before}{decimal(Fraction(value) * 100, places, language)} %"
    return before + decimal(Fraction(value), places if Fraction(value).denominator > 1 else 0, language)


def names(definitions: Collection[Definition] | None = None) -> list[tuple[str, Text]]:
    """The names of all reports with their titles."""
    return [(d.name, d.title) for d in sorted(definitions or REPORTS.values(), key=lambda d: d.name)]
