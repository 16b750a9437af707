"""What is kept with a case beside its steps: lists of people and opinions, papers, facts, the helper."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from rules.process import ProcessLaw
from rules.schema import Fact
from web import access, caseview, factfields
from web.caseview import Sight
from web.factfields import PLAIN, Choices, field_name
from web.findings import Teller
from web.forms import BaseForm, ChoiceField, DayField, LineField, VersionField
from web.i18n import current_language, says
from workflow import records, words
from workflow.binding import Child
from workflow.context import Actor
from workflow.errors import BadInput, Conflict, NotPermitted
from workflow.naming import Names, names_of
from workflow.signers import cells, members

pages = Blueprint("records", __name__)
#: What a page hands to the workflow: the session, and returns nothing that it shows.
Work = Callable[[Session], Any]


class RecordForm(BaseForm):
    """Every change of a case says which version of it was looked at."""

    version = VersionField()


class DeleteForm(RecordForm):
    """Only the version: the question itself stands on the page."""


class PaperForm(RecordForm):
    kind = ChoiceField(lazy_gettext("Kind of paper"), required=True)
    number = LineField(lazy_gettext("Number and symbol"), longest=60)
    issued_on = DayField(lazy_gettext("Day on the paper"))
    kept_at = LineField(lazy_gettext("Where it is kept"), longest=200)
    extract = LineField(lazy_gettext("Subject line"), longest=500,
                        description=lazy_gettext("Not for personal papers: of those only number, day and place are kept."))


class HelperForm(RecordForm):
    person = ChoiceField(lazy_gettext("Member who helps"), required=True)


# ---- lists

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
        may = records.may_record(session, actor, seen.snapshot, law.by) and _open(seen)
        people = members(session, seen.snapshot, today)
        kept = _rows(session, child, case_id)
        current = next((r for r in kept if r["id"] == key), None)
        if key is not None and (current is None or not may):
            abort(404)
        known = {p for r in kept for p in [r.get("person_id")] if p}
        names = names_of(session, today, known)
    people = people + [(k, names.person(k)) for k in sorted(known - {k for k, _n in people})]
    form = _row_form(law, child, people)(data={"version": str(seen.snapshot.case["version"]), **_row_data(law, child, current)})
    if request.method == "POST" and not may:
        abort(403)
    if may and form.validate_on_submit():
        values = _row_values(law, child, form)
        if _carried_out(form, lambda s: records.put_row(s, case_id, actor, today, collection, values, key=key,
                                                        version=int(form.version.data))):
            flash(_("Saved."), "good")
            return redirect(url_for("records.listed", case_id=case_id, collection=collection), 303)
    return _answer("records/list.html", form, case_id=case_id, collection=collection, label=says(law.label) or collection,
                   name=_name(seen), may=may, key=key, rows=_shown_rows(seen, law, child, kept, names),
                   columns=_columns(law, child), declared=bool(seen.snapshot.detail[child.declared]),
                   version=seen.snapshot.case["version"], help=says(law.help))


@pages.post("/ho-so/<int:case_id>/danh-sach/<collection>/du")
def declare(case_id: int, collection: str) -> Any:
    """Say that a list is complete, or that it is not after all."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        _collection(session, actor, case_id, collection)
    complete = request.form.get("complete") == "1"
    with access.write() as session:
        records.declare(session, case_id, actor, today, collection, complete=complete, version=_version())
    flash(_("The list is declared complete.") if complete else _("The list is open again."), "good")
    return redirect(url_for("records.listed", case_id=case_id, collection=collection), 303)


@pages.route("/ho-so/<int:case_id>/danh-sach/<collection>/<int:key>/bo", methods=["GET", "POST"])
def remove(case_id: int, collection: str, key: int) -> Any:
    """Ask once, then take a row out of a list; the history keeps it."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        seen, law, child = _collection(session, actor, case_id, collection)
        kept = [r for r in _rows(session, child, case_id) if r["id"] == key]
        if not kept or not records.may_record(session, actor, seen.snapshot, law.by) or not _open(seen):
            abort(404)
        names = names_of(session, today, [kept[0].get("person_id")])
    form = DeleteForm(data={"version": str(seen.snapshot.case["version"])})
    if form.validate_on_submit() and _carried_out(
            form, lambda s: records.remove_row(s, case_id, actor, today, collection, key, version=int(form.version.data))):
        flash(_("Taken out of the list."), "good")
        return redirect(url_for("records.listed", case_id=case_id, collection=collection), 303)
    shown = _shown_rows(seen, law, child, kept, names)[0]
    return _answer("records/remove.html", form, case_id=case_id, collection=collection, label=says(law.label) or collection,
                   name=_name(seen), pairs=list(zip(_columns(law, child), shown["cells"], strict=True)))


# ---- papers, facts, helper

@pages.route("/ho-so/<int:case_id>/giay-to", methods=["GET", "POST"])
def papers(case_id: int) -> Any:
    """Register a paper of the case."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        seen = _section(caseview.opened(session, actor, case_id, today), "papers")
        may = records.may_record(session, actor, seen.snapshot, records.KEEPERS) and _open(seen)
    law = seen.snapshot.law
    form = PaperForm(data={"version": str(seen.snapshot.case["version"])})
    _offer(form.kind, [(k, f"{says(p.says)} ({p.form or k})") for k, p in law.papers.items()])
    if request.method == "POST" and not may:
        abort(403)
    if may and form.validate_on_submit() and _carried_out(form, lambda s: records.put_paper(
            s, case_id, actor, today, kind=form.kind.data, number=form.number.data, issued_on=form.issued_on.data,
            kept_at=form.kept_at.data, extract=form.extract.data, version=int(form.version.data))):
        flash(_("The paper is entered."), "good")
        return redirect(url_for("cases.show", case_id=case_id), 303)
    return _answer("records/simple.html", form, case_id=case_id, name=_name(seen), heading=_("Enter a paper"), may=may,
                   button=_("Enter the paper"), who=_roles(records.KEEPERS))


@pages.route("/ho-so/<int:case_id>/thong-tin", methods=["GET", "POST"])
def facts(case_id: int) -> Any:
    """What is known of the case; those facts that this account may enter can be entered and corrected."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        seen = _section(caseview.opened(session, actor, case_id, today), "values")
        snapshot = seen.snapshot
        homes = snapshot.binding.homes(snapshot.law)
        mine = _mine(session, actor, seen, homes)
        known = snapshot.facts()
        units = cells(session, today, snapshot.case["unit_id"]) if factfields.with_units(mine) else []
        people = members(session, snapshot, today) if factfields.with_people(mine) else []
        names = names_of(session, today, [v for k, v in known.items() if _is(snapshot.law, k, "person")],
                         [v for k, v in known.items() if _is(snapshot.law, k, "unit")])
    form = _fact_form(mine, Choices(people, units))(data={
        "version": str(snapshot.case["version"]),
        **{field_name(f): factfields.shown(law, known.get(f)) for f, law in mine.items()}})
    if request.method == "POST" and not mine:
        abort(403)
    if mine and form.validate_on_submit():
        changed = {f: v for f, law in mine.items()
                   if (v := factfields.read(law, form[field_name(f)].data)) != known.get(f)}
        if not changed:
            flash(_("Nothing was changed."), "info")
            return redirect(url_for("cases.show", case_id=case_id), 303)
        if _carried_out(form, lambda s: records.set_facts(s, case_id, actor, today, changed, version=int(form.version.data))):
            flash(_("Saved."), "good")
            return redirect(url_for("cases.show", case_id=case_id), 303)
    teller = Teller(access.book(), snapshot.law, names, values=True)
    shown = [(teller.label(f), teller.value(f, v)) for f, v in known.items()
             if f not in mine and (f in homes or f in snapshot.binding.elsewhere)]
    return _answer("records/facts.html", form, case_id=case_id, name=_name(seen), mine=bool(mine), shown=shown,
                   fields=[form[field_name(f)] for f in mine])


def _mine(session: Session, actor: Actor, seen: Sight, homes: dict[str, str]) -> dict[str, Fact]:
    """The stored facts that this account may enter."""
    if not _open(seen):
        return {}
    asked: dict[tuple[str, ...], bool] = {}
    found = {}
    for name, law in seen.snapshot.law.facts.items():
        if name in homes:
            by = tuple(law.by)
            if by not in asked:
                asked[by] = records.may_record(session, actor, seen.snapshot, by)
            if asked[by]:
                found[name] = law
    return found


@pages.route("/ho-so/<int:case_id>/nguoi-giup-do", methods=["GET", "POST"])
def helper(case_id: int) -> Any:
    """Name another member to help the candidate."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        seen = _section(caseview.opened(session, actor, case_id, today), "values")
        may = records.may_record(session, actor, seen.snapshot, records.ASSIGNERS) and _open(seen)
        people = members(session, seen.snapshot, today)
    form = HelperForm(data={"version": str(seen.snapshot.case["version"])})
    _offer(form.person, people)
    if request.method == "POST" and not may:
        abort(403)
    if may and form.validate_on_submit() and _carried_out(form, lambda s: records.replace_helper(
            s, case_id, actor, today, int(form.person.data), version=int(form.version.data))):
        flash(_("The helper is assigned from today on."), "good")
        return redirect(url_for("cases.show", case_id=case_id), 303)
    return _answer("records/simple.html", form, case_id=case_id, name=_name(seen), heading=_("Assign another helper"), may=may,
                   button=_("Assign"), who=_roles(records.ASSIGNERS))


# ---- what they share

def _collection(session: Session, actor: Actor, case_id: int, collection: str) -> tuple[Sight, Fact, Child]:
    today = access.site().clock.today()
    seen = caseview.opened(session, actor, case_id, today)
    child, law = seen.snapshot.binding.children.get(collection), seen.snapshot.law.facts.get(collection)
    if child is None or law is None:
        abort(404)
    _section(seen, caseview.SECTION.get(collection, "values"))
    return seen, law, child


def _section(seen: Sight, section: str) -> Sight:
    if section not in seen.sees:
        abort(404)
    return seen


def _open(seen: Sight) -> bool:
    return seen.snapshot.case["closed_on"] is None


def _name(seen: Sight) -> str:
    return seen.snapshot.person["full_name"] or _("Case %(number)s", number=seen.id)


def _version() -> int:
    text = request.form.get("version", "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        abort(400)
    return int(text)


def _carried_out(form: BaseForm, work: Work) -> bool:
    """Do the work in one transaction; what the workflow complains about goes into the form."""
    try:
        with access.write() as session:
            work(session)
    except BadInput as error:
        own = form._fields.get(field_name(error.field or ""))
        if own is None:
            form.accuse(error)
        else:
            own.errors = [*own.errors, str(error)]
        return False
    except NotPermitted as error:
        form.form_errors += [words.say(r, current_language()) for r in error.reasons]
        return False
    except Conflict as error:
        form.form_errors.append(str(error))
        form.conflict = True
        return False
    except sa.exc.IntegrityError:
        form.form_errors.append(_("This contradicts what is entered already, for example the same person twice."))
        return False
    return True


def _answer(template: str, form: BaseForm, **context: Any) -> Any:
    conflict = getattr(form, "conflict", False)
    if conflict:
        today, case_id = access.site().clock.today(), context["case_id"]
        with access.read() as session:
            seen = caseview.opened(session, access.current_actor(), case_id, today)
        form["version"].data = str(seen.snapshot.case["version"])
        context.update({"version": seen.snapshot.case["version"]} if "version" in context else {})
    page = render_template(template, form=form, **context)
    return (page, 409) if conflict else (page, 422) if form.errors else page


def _offer(field: Any, options: list[tuple[Any, str]]) -> None:
    first = field.choices[0]
    field.choices = [first, *(type(first)(value=str(v), label=text) for v, text in options)]


def _roles(roles: Any) -> str:
    offices = access.book().offices
    return ", ".join(says(offices[r].label) for r in roles if r in offices)


def _is(law: ProcessLaw, name: str, kind: str) -> bool:
    fact = law.facts.get(name)
    return fact is not None and fact.type == kind


def _rows(session: Session, child: Child, case_id: int) -> list[dict[str, Any]]:
    query = sa.select(child.table).where(child.table.c.case_id == case_id).order_by(child.table.c.id)
    return [dict(r) for r in session.connection().execute(query).mappings()]


def _extra(law: Fact, child: Child) -> list[str]:
    """Columns of a list that no rule reads."""
    bound = {child.column(name) for name in law.items or {}}
    return [c.name for c in child.table.c if c.name not in bound | {"id", "case_id"}]


def _row_form(law: Fact, child: Child, people: list[tuple[int, str]]) -> type[RecordForm]:
    fields: dict[str, Any] = {}
    items, choices = law.items or {}, Choices(people)
    for name in _extra(law, child):
        if name == "person_id":
            fields[name] = ChoiceField(PLAIN[name], people, description=_("Only when the person holds an office or is a member here."))
        else:
            fields[name] = LineField(PLAIN.get(name, name), longest=200)
    for name, field in items.items():
        column = child.table.c[child.column(name)]
        fields[f"i_{name}"] = factfields.made(name, field, choices, required=not column.nullable or name == law.unique)
    return type("RowForm", (RecordForm,), fields)


def _row_data(law: Fact, child: Child, current: dict[str, Any] | None) -> dict[str, Any]:
    if current is None:
        return {}
    data: dict[str, Any] = {name: current[name] for name in _extra(law, child)}
    if "person_id" in data:
        data["person_id"] = str(data["person_id"]) if data["person_id"] else None
    for name, field in (law.items or {}).items():
        data[f"i_{name}"] = factfields.shown(field, current[child.column(name)])
    return data


def _row_values(law: Fact, child: Child, form: BaseForm) -> dict[str, Any]:
    values: dict[str, Any] = {name: form[name].data for name in _extra(law, child)}
    if "person_id" in values:
        values["person_id"] = int(values["person_id"]) if values["person_id"] else None
    for name, field in (law.items or {}).items():
        values[name] = factfields.read(field, form[f"i_{name}"].data)
    return values


def _columns(law: Fact, child: Child) -> list[str]:
    return [str(PLAIN.get(n, n)) for n in _extra(law, child)] + [says(f.label) or n for n, f in (law.items or {}).items()]


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


def _fact_form(mine: dict[str, Fact], choices: Choices) -> type[RecordForm]:
    return type("FactForm", (RecordForm,), {field_name(f): factfields.made(f, law, choices) for f, law in mine.items()})


