"""Administration: accounts, one-time codes, offices and who stands in for whom. No case is seen from here."""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import access, auth
from web.admin_forms import (
    AccountFilter,
    AccountForm,
    EndForm,
    OfficeForm,
    PersonSearch,
    SubstituteForm,
    starting,
)
from web.findings import role_label
from web.forms import render_form
from web.i18n import current_language
from workflow import accountlist, accounts, journal, offices, people, tags
from workflow.accountlist import AccountRow, Grant
from workflow.errors import BadInput, NotPermitted
from workflow.naming import names_of

T = TypeVar("T")
pages = Blueprint("admin", __name__, url_prefix="/quan-tri")
SIZE = 50
#: Units are suggested while there are no more than these; else code or name is typed.
SUGGESTED = 300


def _today() -> dt.date:
    return access.site().clock.today()


@pages.get("")
def index() -> str:
    """All accounts, searched and narrowed by the address."""
    form = AccountFilter()
    given = form.values()
    asked = request.args.get("page", "1")
    page = int(asked) if asked.isdecimal() and 0 < len(asked) < 6 and int(asked) > 0 else 1
    with access.read() as session:
        rows, total = accountlist.listed(session, auth.now(), idle=auth.IDLE, absolute=auth.ABSOLUTE, text=given.get("q"),
                                         only=given.get("only"), size=SIZE, page=page)
        held = accountlist.grants(session, [r.person_id for r in rows if r.person_id], _today())
    return render_template("admin/index.html", filters=form, active=len(given), words=given.get("q") or "", total=total, page=page,
                           size=SIZE, args={k: str(v) for k, v in given.items()},
                           found=[{"row": r, "offices": [_told(g) for g in held.get(r.person_id or 0, [])]} for r in rows])


def _told(grant: Grant) -> str:
    text = f"{role_label(access.book(), grant.role)}, {grant.unit}"
    return _("%(office)s (for %(name)s)", office=text, name=grant.holder) if grant.holder else text


def _account(session: Session, account_id: int) -> AccountRow:
    rows, _total = accountlist.listed(session, auth.now(), idle=auth.IDLE, absolute=auth.ABSOLUTE, account=account_id)
    return rows[0] if rows else abort(404)


@pages.route("/tai-khoan/moi", methods=["GET", "POST"])
def create() -> Any:
    """A new account. Its one-time code is shown once, on the answer to this form, and nowhere again."""
    form, search = AccountForm(), PersonSearch()
    asked = form.person.data or request.args.get("person", "")
    chosen = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else None
    with access.read() as session:
        names = names_of(session, _today(), [chosen] if chosen else [])
        known = names.person(chosen) if chosen and names.person(chosen) != "–" else None
        found = people.search(session, search.values().get("q", ""), limit=20) if request.method == "GET" else []
        places = names_of(session, _today(), [], [p["unit_id"] for p in found if p["unit_id"]])
        units = accountlist.all_units(session, _today(), SUGGESTED)
    form.person.data = str(chosen) if known else ""
    if form.validate_on_submit():
        made = _trying(form, lambda session: _make(session, form, chosen if known else None))
        if made is not None:
            return _show_code(*made)
    return render_form("admin/create.html", form, search=search, known=known, units=units, asked=search.values().get("q"), found=[
        {"name": p["full_name"], "unit": places.unit(p["unit_id"]), "url": url_for("admin.create", person=p["id"])} for p in found])


def _make(session: Session, form: AccountForm, person: int | None) -> tuple[int, str]:
    """Account, perhaps its person, and its first code, in one transaction."""
    actor, today = access.current_actor(), _today()
    administers = form.administrator.data == "yes"
    if person is None and form.full_name.data:
        person = people.add_person(session, actor, today, full_name=form.full_name.data, standing="official",
                                   unit=_unit(session, form.unit.data, today) if form.unit.data else None)
    if person is None and not administers:
        raise BadInput(_("Choose a person, or write the full name of a new one: an account that works on cases belongs to somebody."),
                       "full_name")
    account = accounts.create_account(session, actor, username=form.username.data, person=person, administrator=administers)
    return account, accounts.issue_code(session, actor, account, auth.now())


def _unit(session: Session, text: str, on: dt.date) -> int:
    """The unit that was typed, by code or name; BadInput that lists those it may mean."""
    found = accountlist.find_unit(session, text, on)
    if len(found) == 1:
        return found[0][0]
    if found:
        raise BadInput(_("Several units are called so; write the code: %(units)s", units="; ".join(f"{c} – {n}" for _k, c, n in found[:8])), "unit")
    raise BadInput(_("There is no such unit on %(day)s.", day=f"{on:%d/%m/%Y}"), "unit")


def _trying(form: Any, act: Callable[[Session], T]) -> T | None:
    """Do something in one transaction; what the workflow refuses is told at the form, and nothing is written."""
    try:
        with access.write() as session:
            return act(session)
    except BadInput as error:
        form.accuse(error)
    except NotPermitted as error:
        form.form_errors.append(str(error))
    return None


def _show_code(account_id: int, code: str) -> str:
    with access.read() as session:
        row = _account(session, account_id)
    return render_template("admin/code.html", account=row, code=code)


@pages.get("/tai-khoan/<int:account_id>")
def show(account_id: int) -> str:
    """One account: whose it is, its offices, its sessions, and what was done with it."""
    today = _today()
    with access.read() as session:
        row = _account(session, account_id)
        held = accountlist.grants(session, [row.person_id], today, past=True).get(row.person_id, []) if row.person_id else []
        entries = journal.history(session, stream=f"account:{account_id}", limit=20)
        if row.person_id:
            entries += [e for e in journal.history(session, stream=f"person:{row.person_id}", limit=50)
                        if e.tag.startswith(("person:office:", "person:substitution:"))]
    entries.sort(key=lambda e: e.id, reverse=True)
    return render_template(
        "admin/show.html", account=row, me_here=row.id == access.current_actor().account_id,
        held=[{"grant": g, "label": role_label(access.book(), g.role), "over": g.over(today)} for g in held],
        events=[{"title": tags.label(e.tag, current_language()), "on": e.acted_on, "by": e.recorder, "at": e.recorded_at,
                 "role": role_label(access.book(), e.header["role"]) if e.header.get("role") else None} for e in entries[:20]])


@pages.post("/tai-khoan/<int:account_id>/ma")
def reset(account_id: int) -> Any:
    """A new one-time code, shown once; password and sessions so far end."""
    with access.write() as session:
        _account(session, account_id)
        code = accounts.issue_code(session, access.current_actor(), account_id, auth.now())
    return _show_code(account_id, code)


def _done(account_id: int, act: Callable[[Session], object], told: str) -> Response:
    """One button of an account's page."""
    with access.read() as session:
        _account(session, account_id)
    try:
        with access.write() as session:
            act(session)
    except BadInput as error:
        flash(str(error), "bad")
    else:
        flash(told, "good")
    return redirect(url_for("admin.show", account_id=account_id), 303)


@pages.post("/tai-khoan/<int:account_id>/khoa")
def disable(account_id: int) -> Response:
    return _done(account_id, lambda s: accounts.disable_account(s, access.current_actor(), account_id, auth.now()),
                 _("The account is disabled; its sessions have ended."))


@pages.post("/tai-khoan/<int:account_id>/mo-khoa")
def enable(account_id: int) -> Response:
    return _done(account_id, lambda s: accounts.enable_account(s, access.current_actor(), account_id), _("The account can be used again."))


@pages.post("/tai-khoan/<int:account_id>/ket-thuc-phien")
def end_sessions(account_id: int) -> Response:
    return _done(account_id, lambda s: accounts.end_all(s, account_id, auth.now()), _("All sessions of the account have ended."))


@pages.post("/tai-khoan/<int:account_id>/quan-tri")
def set_administrator(account_id: int) -> Response:
    wanted = request.form.get("administrator") == "yes"
    return _done(account_id, lambda s: accounts.set_administrator(s, access.current_actor(), account_id, wanted),
                 _("The account administers now.") if wanted else _("The account no longer administers."))


@pages.route("/tai-khoan/<int:account_id>/chuc-trach", methods=["GET", "POST"])
def grant(account_id: int) -> Any:
    """Grant an office to the person of an account, by a paper."""
    form, book, today = OfficeForm(), access.book(), _today()
    form.offer([(r, role_label(book, r)) for r in book.offices if r != offices.ADMINISTRATOR])
    starting(form, today)
    with access.read() as session:
        row = _account(session, account_id)
        units = accountlist.all_units(session, today, SUGGESTED)
    if row.person_id is None:
        abort(404)
    if form.validate_on_submit():
        done = _trying(form, lambda s: offices.grant_office(
            s, access.current_actor(), today, person=row.person_id or 0, role=form.role.data, unit=_unit(s, form.unit.data, form.since.data),
            since=form.since.data, until=form.until.data, paper=form.paper.data))
        if done is not None:
            flash(_("The office is granted."), "good")
            return redirect(url_for("admin.show", account_id=account_id), 303)
    return render_form("admin/office.html", form, account=row, units=units)


def _office(session: Session, office_id: int) -> tuple[Grant, int | None]:
    found = accountlist.grant(session, office_id, _today())
    if found is None:
        abort(404)
    return found, accountlist.account_of(session, found.person_id)


@pages.route("/chuc-trach/<int:office_id>/ket-thuc", methods=["GET", "POST"])
def end_office(office_id: int) -> Any:
    """End an office on a day, by a paper; who stands in for its holder ends with it."""
    form = EndForm()
    form.today = _today()
    with access.read() as session:
        held, account_id = _office(session, office_id)
    if form.validate_on_submit():
        if _trying(form, lambda s: offices.end_office(s, access.current_actor(), form.on.data, office=office_id, paper=form.paper.data)):
            flash(_("The office ends."), "good")
            return redirect(url_for("admin.show", account_id=account_id) if account_id else url_for("admin.index"), 303)
    elif not form.is_submitted():
        form.on.data = _today()
    return render_form("admin/end_office.html", form, held=held, label=role_label(access.book(), held.role), account_id=account_id)


@pages.route("/chuc-trach/<int:office_id>/thay", methods=["GET", "POST"])
def substitute(office_id: int) -> Any:
    """Let somebody act for the holder of an office from one day to another, by a paper."""
    form = SubstituteForm()
    starting(form, _today())
    with access.read() as session:
        held, account_id = _office(session, office_id)
    if form.validate_on_submit():
        done = _trying(form, lambda s: offices.grant_substitution(
            s, access.current_actor(), _today(), office=office_id, person=_person(s, form.username.data), since=form.since.data,
            until=form.until.data, paper=form.paper.data))
        if done is not None:
            flash(_("The substitution is granted."), "good")
            return redirect(url_for("admin.show", account_id=account_id) if account_id else url_for("admin.index"), 303)
    return render_form("admin/substitute.html", form, held=held, label=role_label(access.book(), held.role), account_id=account_id)


def _person(session: Session, username: str) -> int:
    account = accounts.account_id(session, username)
    found = _account(session, account).person_id if account is not None else None
    if found is None:
        raise BadInput(_("No person has an account of that name."), "username")
    return found


@pages.post("/thay/<int:substitution_id>/ket-thuc")
def end_substitution(substitution_id: int) -> Response:
    """End a substitution today; one that has not begun is taken back."""
    try:
        with access.write() as session:
            offices.end_substitution(session, access.current_actor(), _today(), substitution=substitution_id)
    except BadInput as error:
        flash(str(error), "bad")
    else:
        flash(_("The substitution ends today."), "good")
    account = request.form.get("account", "")
    known = account.isascii() and account.isdecimal() and len(account) < 10
    return redirect(url_for("admin.show", account_id=int(account)) if known else url_for("admin.index"), 303)
