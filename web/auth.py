"""Signing in and out. Flask-Login is a thin shim here, used in this module only.

What Flask-Login calls the user's id is a random token; only its SHA-256 is stored, in ``user_session``. Every request
looks it up, so signing out, disabling an account or ending a session works at the next request, whatever copies of the
cookie exist. There is no "remember me", and no switch that turns the check off.
"""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask, flash, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user, login_user
from werkzeug.wrappers import Response

from web import access, carry, demo
from web.auth_forms import CodeForm, SignInForm
from web.forms import render_form
from web.i18n import COOKIE, LANGUAGES
from web.routing import own_path
from web.whoami import ShownOffice, describe
from workflow import accounts
from workflow.context import Actor
from workflow.errors import BadInput

IDLE = dt.timedelta(minutes=30)
ABSOLUTE = dt.timedelta(hours=12)
#: How often a session's last use is written down: a write for each page would queue behind the work of others.
TOUCH_EVERY = dt.timedelta(minutes=1)

pages = Blueprint("auth", __name__)


@dataclass
class SignedIn(UserMixin):
    """The account behind a request, with what the head of the page shows."""

    token: str
    actor: Actor
    shown_name: str
    offices: list[ShownOffice] = field(default_factory=list)

    def get_id(self) -> str:
        return self.token


def now() -> dt.datetime:
    """Sessions live in real time, also where a demo's today stands still."""
    return dt.datetime.now(dt.timezone.utc)


def load(token: str) -> SignedIn | None:
    """The account of a token that is still good, or None."""
    moment = now()
    site = access.site()
    with access.read() as db:
        found = accounts.session_account(db, token, moment, idle=IDLE, absolute=ABSOLUTE)
        if found is None:
            return None
        name, offices = describe(db, found.actor, site.book, site.clock.today())
    if moment - found.seen_at > TOUCH_EVERY:
        with access.write() as db:
            accounts.touch(db, token, moment)
    return SignedIn(token, found.actor, name, offices)


def start_session(account_id: int) -> None:
    """A new token for whoever has just proved who he is; what the cookie held before is gone, form tokens included."""
    old = session.get("_user_id")
    with access.write() as db:
        if old:
            accounts.end_session(db, old, now())
        token = accounts.open_session(db, account_id, now())
    session.clear()
    g.pop("csrf_token", None)
    user = load(token)
    if user is not None:
        login_user(user)


def finish_session() -> None:
    """End this session here and in the database."""
    token = session.get("_user_id")
    if token:
        with access.write() as db:
            accounts.end_session(db, token, now())
    session.clear()
    g.pop("csrf_token", None)


def init_app(app: Flask) -> None:
    if "LOGIN_DISABLED" in app.config:
        raise RuntimeError("LOGIN_DISABLED must not be set: it opens every page to everybody")
    manager = LoginManager()
    manager.session_protection = None
    manager.user_loader(load)
    manager.unauthorized_handler(_ask_to_sign_in)
    manager.init_app(app, add_context_processor=False)  # pages are given `me` by web.navigation


def _ask_to_sign_in() -> Any:
    """To the sign-in page, and back afterwards; what was being sent is kept on the way."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        if session.pop("_user_id", None):
            flash(_("Your session has ended. Sign in again."), "warn")
        path = own_path(request.full_path.rstrip("?"))
        return redirect(url_for("auth.sign_in", next=path if path not in (None, "/") else None), 302)
    form = SignInForm(formdata=None)
    form.carried.data = carry.pack()
    form.next.data = own_path(request.form.get("back")) or ""
    return make_response(_sign_in_page(form, expired=True)[0], 401)


def _sign_in_page(form: SignInForm, expired: bool = False) -> tuple[str, int]:
    page = render_form("auth/sign_in.html", form, expired=expired, accounts=demo.accounts())
    return page if isinstance(page, tuple) else (page, 200)


@pages.route("/dang-nhap", methods=["GET", "POST"])
def sign_in() -> Any:
    """Sign in, and go where one was going. Unknown name, wrong password, too many tries: one and the same answer."""
    form = SignInForm()
    if request.method != "POST":
        target = own_path(request.args.get("next")) or "/"
        if current_user.is_authenticated:
            return redirect(target, 302)
        form.next.data = target
        return _sign_in_page(form)
    if form.validate():
        account_id = accounts.sign_in(access.site().database, form.username.data, form.password.data,
                                      address=request.remote_addr or "", now=now())
        if account_id is not None:
            start_session(account_id)
            kept = carry.unpack(form.carried.data)
            if kept:
                return render_template("auth/resume.html", kept=kept, stale=False, own_path="/")
            return redirect(own_path(form.next.data) or "/", 303)
        form.form_errors.append(_("User name and password do not match, or there were too many tries. Check both; after "
                                  "several tries wait a few minutes."))
    return _sign_in_page(form)


@pages.post("/dang-xuat")
def sign_out() -> Response:
    finish_session()
    flash(_("You are signed out."), "good")
    return redirect(url_for("auth.sign_in"), 303)


@pages.route("/ma-mot-lan", methods=["GET", "POST"])
def use_code() -> Any:
    """Set the first password, or a new one after a reset, with the administrator's code; then sign in with it."""
    form = CodeForm()
    if form.validate_on_submit():
        try:
            done = accounts.use_code(access.site().database, form.username.data, form.code.data, form.password.data,
                                     address=request.remote_addr or "", now=now())
        except BadInput as error:
            form.accuse(error)
        else:
            if done:
                flash(_("The new password is set. Sign in with it."), "good")
                return redirect(url_for("auth.sign_in"), 303)
            form.form_errors.append(_("User name and code do not match, or the code was used before or is too old. Ask the "
                                      "administrator for a new one."))
    return render_form("auth/use_code.html", form)


@pages.post("/ngon-ngu")
def language() -> Response:
    """Switch the language; it stays chosen on this device."""
    response = redirect(own_path(request.form.get("back")) or "/", 303)
    wanted = request.form.get("language")
    if wanted in LANGUAGES:
        response.set_cookie(COOKIE, wanted, max_age=365 * 24 * 3600, httponly=True, samesite="Lax",
                            secure=request.is_secure)
    return response
