"""Which picture belongs to which report. A report without one has its table."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from web.charts import Bar, Field, Picture, bars, grid, heat
from web.i18n import current_language, says
from web.reportview import figure_link, link
from workflow import reports
from workflow.reports import Cell, Column, Report, Row


def _words(row: Row, column: Column) -> str:
    return reports.words(row.cells.get(column.id, Cell(None)), column, current_language())


def _figure(row: Row, column: str) -> int:
    value = row.cells[column].value if column in row.cells else None
    return value if isinstance(value, int) else 0


def _columns(made: Report) -> Mapping[str, Column]:
    return {column.id: column for column in made.columns}


def funnel(made: Report) -> Picture:
    """The stages of each process: how many are there, and how long they stay."""
    columns, found = _columns(made), []
    for row in made.rows:
        if row.indent > 1:
            continue
        if row.indent == 0:
            found.append(Bar(_words(row, columns["name"]), 0, "", head=True))
            continue
        days = _words(row, columns["days"])
        found.append(Bar(_words(row, columns["name"]), _figure(row, "here"), _words(row, columns["here"]),
                         link(row.cells["here"].filter) if _figure(row, "here") else None,
                         note=_("(median %(days)s days)", days=days) if days else ""))
    return bars(found)


def overdue(made: Report) -> Picture:
    """Units against kinds of periods, the darker the more cases are late."""
    kinds = [column for column in made.columns if column.kind == "number"]
    most = max((_figure(row, column.id) for row in made.rows if row.indent for column in kinds), default=0)
    return grid([says(column.label) for column in kinds], [
        (_words(row, made.columns[0]), [_field(row, column, heat(min(_figure(row, column.id), most), most)) for column in kinds])
        for row in made.rows], wide=112)


def ratings(made: Report) -> Picture:
    """Years against levels; a year has its own scale, as years of different schemes are not compared."""
    ranks = [column for column in made.columns if column.id.startswith("rank")]
    return grid([says(column.label) for column in ranks], [
        (f"{_words(row, made.columns[0])} · {_words(row, made.columns[1])}",
         [_field(row, column, heat(_figure(row, column.id), _figure(row, "rated"))) for column in ranks]) for row in made.rows])


def targets(made: Report, name: str, args: Mapping[str, Any]) -> Picture:
    """Attained against target, unit by unit: the year and the term each on its own."""
    columns, found = _columns(made), []
    for row in made.rows:
        target, counted = row.cells.get("target"), row.cells.get("counted")
        goal = target.value if target is not None and isinstance(target.value, int | Fraction) else None
        if goal is None and not _figure(row, "counted"):
            continue
        label = f"{_words(row, columns['unit'])} · {_words(row, columns['period'])}"
        found.append(Bar(label, _figure(row, "counted"), _words(row, columns["counted"]),
                         figure_link(counted, row.key, "counted", name, args), goal=float(goal) if goal is not None else None,
                         note=_("of %(target)s", target=_words(row, columns["target"])) if goal is not None else ""))
    return bars(found)


def _field(row: Row, column: Column, look: str) -> Field:
    number = _figure(row, column.id)
    return Field(str(number) if number else "", look, link(row.cells[column.id].filter) if number else None,
                 f"{says(column.label)}: {number}")


PICTURES: dict[str, Callable[[Report], Picture]] = {"funnel": funnel, "overdue": overdue, "ratings": ratings}


def picture(made: Report, name: str, args: Mapping[str, Any]) -> Picture | None:
    """The picture of a report; None where it has none, or nothing to draw."""
    if not made.rows:
        return None
    if made.name == "targets":
        return targets(made, name, args)
    draw = PICTURES.get(made.name)
    return draw(made) if draw is not None else None
