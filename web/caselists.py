"""The lists that are kept with a case (relatives, measures, members of a team ...): entered, corrected, declared complete,
taken out."""
from __future__ import annotations

import datetime as dt
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from rules.schema import Fact, Field_
from web import access, caseview, factfields
from web.caseview import Sight
from web.factfields import LONG, OWN_PAGE, Choices, plain
from web.forms import BaseForm, ChoiceField, DayField, LineField
from web.i18n import says
from web.recordbase import RecordForm, answer, carried_out, is_open, name_of, section, version_sent
from web.records import pages
from workflow import records
from workflow.binding import Child
from workflow.context import Actor
from workflow.naming import Names, names_of
from workflow.signers import members


class DeleteForm(RecordForm):
    """Only the version: the question itself stands on the page."""


@pages.route("/ho-so/<int:case_id>/danh-sach/<collection>", methods=["GET", "POST"])
def listed(case_id: int, collection: str) -> Any:
    """The rows of a list, and the form that adds one."""
    return _row_page(case_id, collection, None)


@pages.route("/ho-so/<int:case_id>/danh-sach/<collection>/<int:key>", methods=["GET", "POST"])
def row(case_id: int, collection: str, key: int) -> Any:
    """One row of a list, to be corrected."""
    return _row_page(case_id, collection, key)


def _row_page(case_id: int, collection: str, key: int | None) -> Any:
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        seen, law, child = _collection(session, actor, case_id, collection)
        may = records.may_record(session, actor, seen.snapshot, law.by) and is_open(seen)
        people = members(session, seen.snapshot, today)
        kept = caseview.child_rows(session, seen.snapshot, child)
        current = next((r for r in kept if r["id"] == key), None)
        if key is not None and (current is None or not may):
            abort(404)
        known = {p for r in kept for p in (r.get(c) for c in _person_columns(law, child)) if p}
        names = names_of(session, today, known)
    people = people + [(k, names.person(k)) for k in sorted(known - {k for k, _n in people})]
    form = _row_form(law, child, people)(data={"version": str(seen.snapshot.case["version"]), **_row_data(law, child, current)})
    if request.method == "POST" and not may:
        abort(403)
    if may and all([form.validate_on_submit(), request.method == "POST" and _is_somebody(form)]):
        values = _row_values(law, child, form)
        if carried_out(form, lambda s: records.put_row(s, case_id, actor, today, collection, values, key=key,
                                                        version=int(form.version.data))):
            flash(_("Saved."), "good")
            return redirect(url_for("records.listed", case_id=case_id, collection=collection), 303)
    return answer("records/list.html", form, case_id=case_id, collection=collection, label=says(law.label) or collection,
                   name=name_of(seen), may=may, key=key, rows=_shown_rows(seen, law, child, kept, names),
                   columns=_columns(law, child), declared=bool(seen.snapshot.detail[str(child.declared)]),
                   version=seen.snapshot.case["version"], help=says(law.help))


@pages.post("/ho-so/<int:case_id>/danh-sach/<collection>/du")
def declare(case_id: int, collection: str) -> Any:
    """Say that a list is complete, or that it is not after all."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        _collection(session, actor, case_id, collection)
    complete = request.form.get("complete") == "1"
    with access.write() as session:
        records.declare(session, case_id, actor, today, collection, complete=complete, version=version_sent())
    flash(_("The list is declared complete.") if complete else _("The list is open again."), "good")
    return redirect(url_for("records.listed", case_id=case_id, collection=collection), 303)


@pages.route("/ho-so/<int:case_id>/danh-sach/<collection>/<int:key>/bo", methods=["GET", "POST"])
def remove(case_id: int, collection: str, key: int) -> Any:
    """Ask once, then take a row out of a list; the history keeps it."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        seen, law, child = _collection(session, actor, case_id, collection)
        kept = [r for r in caseview.child_rows(session, seen.snapshot, child) if r["id"] == key]
        if not kept or not records.may_record(session, actor, seen.snapshot, law.by) or not is_open(seen):
            abort(404)
        names = names_of(session, today, [kept[0].get(c) for c in _person_columns(law, child)])
    form = DeleteForm(data={"version": str(seen.snapshot.case["version"])})
    if form.validate_on_submit() and carried_out(
            form, lambda s: records.remove_row(s, case_id, actor, today, collection, key, version=int(form.version.data))):
        flash(_("Taken out of the list."), "good")
        return redirect(url_for("records.listed", case_id=case_id, collection=collection), 303)
    shown = _shown_rows(seen, law, child, kept, names)[0]
    return answer("records/remove.html", form, case_id=case_id, collection=collection, label=says(law.label) or collection,
                   name=name_of(seen), pairs=list(zip(_columns(law, child), shown["cells"], strict=True)))


def _collection(session: Session, actor: Actor, case_id: int, collection: str) -> tuple[Sight, Fact, Child]:
    today = access.site().clock.today()
    seen = caseview.opened(session, actor, case_id, today)
    child, law = seen.snapshot.binding.children.get(collection), seen.snapshot.law.facts.get(collection)
    if child is None or law is None or child.by_act:
        abort(404)
    section(seen, caseview.SECTION.get(collection, "values"))
    return seen, law, child


def _extra(law: Fact, child: Child) -> list[str]:
    """Columns of a list that no rule reads, but for those that have a page of their own."""
    bound = {child.column(name) for name in law.items or {}}
    return [c.name for c in child.table.c
            if c.name not in bound | {"id", "origin_id", child.link, child.plan} | OWN_PAGE.get(child.table.name, frozenset())]


def _person_columns(law: Fact, child: Child) -> set[str]:
    return {"person_id"} | {child.column(name) for name, field in (law.items or {}).items() if field.type == "person"}


def _asked(law: Fact, child: Child) -> dict[str, Field_]:
    """The fields of the law that are entered here."""
    away = OWN_PAGE.get(child.table.name, frozenset())
    return {name: field for name, field in (law.items or {}).items() if child.column(name) not in away}


def _row_form(law: Fact, child: Child, people: list[tuple[int, str]]) -> type[RecordForm]:
    fields: dict[str, Any] = {}
    choices = Choices(people)
    for name in _extra(law, child):
        label = plain(child.table.name, name)
        kind = child.table.c[name].type.python_type
        if name == "person_id":
            fields[name] = ChoiceField(label, people, description=_("Only when the person holds an office or is a member here."))
        elif kind is dt.date:
            fields[name] = DayField(label)
        else:
            fields[name] = LineField(label, longest=300 if name in LONG else 200)
    for name, field in _asked(law, child).items():
        column = child.table.c[child.column(name)]
        fields[f"i_{name}"] = factfields.made(name, field, choices, required=not column.nullable or name == law.unique)
    return type("RowForm", (RecordForm,), fields)


def _row_data(law: Fact, child: Child, current: dict[str, Any] | None) -> dict[str, Any]:
    if current is None:
        return {}
    data: dict[str, Any] = {name: current[name] for name in _extra(law, child)}
    if "person_id" in data:
        data["person_id"] = str(data["person_id"]) if data["person_id"] else None
    for name, field in _asked(law, child).items():
        data[f"i_{name}"] = factfields.shown(field, current[child.column(name)])
    return data


def _row_values(law: Fact, child: Child, form: BaseForm) -> dict[str, Any]:
    values: dict[str, Any] = {name: form[name].data for name in _extra(law, child)}
    if "person_id" in values:
        values["person_id"] = int(values["person_id"]) if values["person_id"] else None
    for name, field in _asked(law, child).items():
        values[name] = factfields.read(field, form[f"i_{name}"].data)
    return values


def _is_somebody(form: BaseForm) -> bool:
    """A row that names a person says who it is: by name, or as somebody known here."""
    if not {"full_name", "person_id"} <= form._fields.keys() or form["full_name"].data or form["person_id"].data:
        return True
    form["full_name"].errors = [_("Write the name, or choose the person known here.")]
    return False


def _columns(law: Fact, child: Child) -> list[str]:
    return [str(plain(child.table.name, n)) for n in _extra(law, child)] + [says(f.label) or n for n, f in (law.items or {}).items()]


def _shown_rows(seen: Sight, law: Fact, child: Child, kept: list[dict[str, Any]], names: Names) -> list[dict[str, Any]]:
    found = []
    for record in kept:
        told: list[Any] = []
        for name in _extra(law, child):
            told.append(names.person(record[name]) if name == "person_id" and record[name] else record[name] or "")
        for name, field in (law.items or {}).items():
            value = record[child.column(name)]
            if value is not None and field.type == "person":
                value = names.person(value)
            elif value is not None and hasattr(field.type, "code"):
                value = says(field.type.code[value]) if value in field.type.code else value
            told.append(value)
        found.append({"id": record["id"], "cells": told})
    return found
