"""Reports in words: from a report just made or from a locked copy, for the page, the file and the print alike."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from rules.schema import Text
from web.i18n import current_language, says
from web.presenters import page_url
from workflow import reports
from workflow.caselist import Filter
from workflow.ratinglist import RatingFilter
from workflow.reports import Cell, Column, Report, Row
from workflow.reports.model import KINDS

#: Part of a filter of cases -> its name in the address of the list.
_CASES = {"text": "q", "opened_before": "before", "as_of": "on"}
_RATINGS = {"as_of": "on"}


def link(wanted: Filter | RatingFilter | None) -> str | None:
    """The address of the list behind a number."""
    if wanted is None:
        return None
    endpoint, renamed = ("cases.index", _CASES) if isinstance(wanted, Filter) else ("ratings.listed", _RATINGS)
    args = {renamed.get(key, key): value.isoformat() if isinstance(value, dt.date) else 1 if value is True else value
            for key, value in asdict(wanted).items() if value not in (None, "", False)}
    return page_url(endpoint, {}, **args)


def figure_link(cell: Cell | None, row: str, column: str, name: str | None, args: Mapping[str, Any]) -> str | None:
    """Where a number leads: to the filtered list, or to the cases that the report says it counts."""
    if cell is None or not cell.value:
        return None
    if cell.filter is not None:
        return link(cell.filter)
    return url_for("reports.behind", name=name, **args, row=row, column=column) if name and cell.cases else None


def view(made: Report, name: str | None = None, args: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A report as its table shows it; with its name and address numbers lead to what they count.

    Where all figures of a column were come by in one way, its head says so once.
    """
    kinds = {column.id: {cell.kind for row in made.rows if (cell := row.cells.get(column.id)) and cell.value is not None}
             for column in made.columns}
    same = {key: next(iter(found)) if len(found) == 1 else None for key, found in kinds.items()}
    return {
        "columns": [{"id": c.id, "label": says(c.label), "kind": c.kind, "numeric": c.kind in ("number", "percent"),
                     "way": way(same[c.id])} for c in made.columns],
        "rows": [{"key": row.key, "indent": min(row.indent, 6), "cells": [
                      _cell(row, c, same[c.id], name, args or {}, c is made.columns[0]) for c in made.columns],
                  "head": len(row.cells) == 1} for row in made.rows],
        "notes": [says(note) for note in made.notes], "basis": says(made.basis), "title": says(made.title),
    }


def way(kind: str | None) -> str:
    """How a figure was come by, in a word."""
    return KINDS[kind][1 if current_language() == "en" else 0] if kind else ""


def _cell(row: Row, column: Column, same: str | None, name: str | None, args: Mapping[str, Any],
          first: bool) -> dict[str, Any]:
    cell = row.cells.get(column.id)
    if cell is None:
        return {"text": "", "url": None, "how": "", "way": "", "label": says(column.label), "numeric": column.kind in ("number", "percent")}
    about = row.unit if first else None
    url = figure_link(cell, row.key, column.id, name, args) or (url_for("units.show", unit_id=about) if about else None)
    return {"text": reports.words(cell, column, current_language()), "url": url, "how": says(cell.how),
            "way": way(cell.kind) if same is None else "", "label": says(column.label), "numeric": column.kind in ("number", "percent")}


def csv_rows(made: Report) -> tuple[list[str], list[list[str]]]:
    """Head and rows of the file: each figure with how it was come by."""
    head, language = [], current_language()
    for column in made.columns:
        head += [says(column.label)] + ([_("how: %(figure)s", figure=says(column.label))] if column.kind in ("number", "percent") else [])
    rows = []
    for row in made.rows:
        line: list[str] = []
        for column in made.columns:
            cell = row.cells.get(column.id, Cell(None))
            line.append(reports.words(cell, column, language))
            if column.kind in ("number", "percent"):
                line.append(way(cell.kind))
        rows.append(line)
    return head, rows


def of_copy(content: Mapping[str, Any], unit: Any, on: dt.date) -> Report:
    """A locked copy as the report it was."""
    columns = tuple(Column(c["id"], Text(**c["label"]), c["kind"]) for c in content["columns"])
    kinds = {c.id: c.kind for c in columns}
    rows = tuple(Row(r["key"], {key: Cell(value_of(cell["value"], kinds[key]), cell.get("kind"), text_of(cell.get("how")),
                                          cell.get("comparator", "=")) for key, cell in r["cells"].items() if key in kinds},
                     r["indent"]) for r in content["rows"])
    return Report(content["report"], Text(**content["title"]), unit, on, columns, rows,
                  tuple(Text(**note) for note in content["notes"]), text_of(content["basis"]), content["options"])


def text_of(text: Mapping[str, Any] | None) -> Text | None:
    return Text(**text) if text else None


def value_of(value: Any, kind: str) -> Any:
    """A value of a document back as what it was."""
    if isinstance(value, Mapping):
        return Text(**value)
    if isinstance(value, str) and kind in ("number", "percent"):
        return Fraction(value)
    if isinstance(value, str) and kind == "day":
        return dt.date.fromisoformat(value)
    return value


def changes(found: list[reports.Difference], former: Report, now: Report) -> list[dict[str, Any]]:
    """What became different, row by row, in words with its reasons; ``rowspan`` groups the cells of a row."""
    columns = {c.id: c for c in (*former.columns, *now.columns)}
    names = {row.key: _name(row, report) for report in (former, now) for row in report.rows}
    language, told = current_language(), []
    for one in found:
        column = columns.get(one.column or "")
        told.append({
            "row": names.get(one.row, one.row), "change": one.change, "column": says(column.label) if column else "",
            "before": _said(one.before, column) if column else "", "after": _said(one.after, column) if column else "",
            "reasons": [{"text": reason.words(language), "url": url_for("history.show", entry_id=reason.entry_id) if reason.entry_id else None}
                        for reason in one.reasons]})
    return told


def _name(row: Row, report: Report) -> str:
    first = next((c for c in report.columns if c.kind == "text"), None)
    return reports.words(row.cells[first.id], first, current_language()) if first and first.id in row.cells else row.key


def _said(value: Any, column: Column) -> str:
    """A value of a difference, in words."""
    comparator = "="
    if isinstance(value, Mapping) and "comparator" in value:
        comparator, value = value["comparator"], value["value"]
    return reports.words(Cell(value_of(value, column.kind), comparator=comparator), column, current_language()) or "–"
