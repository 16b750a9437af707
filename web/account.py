"""One's own account: who one is here, one's password, one's other sessions."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from web import access, auth
from web.auth_forms import ChangePasswordForm
from web.forms import render_form
from workflow import accounts
from workflow.errors import BadInput
from workflow.models import UserSession

pages = Blueprint("account", __name__)


@pages.get("/tai-khoan")
def show() -> str:
    actor = access.current_actor()
    with access.read() as session:
        alive = session.scalar(sa.select(sa.func.count()).select_from(UserSession).where(
            UserSession.account_id == actor.account_id, UserSession.ended_at.is_(None),
            UserSession.seen_at > auth.now() - auth.IDLE, UserSession.created_at > auth.now() - auth.ABSOLUTE)) or 1
    return render_template("auth/account.html", others=alive - 1)


@pages.route("/tai-khoan/mat-khau", methods=["GET", "POST"])
def change_password() -> Any:
    """Change the password; every other session of the account ends, this one goes on under a new token."""
    form = ChangePasswordForm()
    actor = access.current_actor()
    if form.validate_on_submit():
        try:
            done = accounts.change_password(access.site().database, actor.account_id, form.current.data, form.password.data,
                                            address=request.remote_addr or "", now=auth.now())
        except BadInput as error:
            form.accuse(error)
        else:
            if done:
                auth.start_session(actor.account_id)
                flash(_("The password is changed. All your other sessions have ended."), "good")
                return redirect(url_for("account.show"), 303)
            form.current.errors = [_("This is not your current password.")]
    return render_form("auth/change_password.html", form)


@pages.post("/tai-khoan/ket-thuc-phien")
def end_others() -> Response:
    """End all sessions of this account but this one."""
    actor = access.current_actor()
    with access.write() as session:
        accounts.end_all(session, actor.account_id, auth.now(), keep=current_user.token)
    flash(_("All your other sessions have ended."), "good")
    return redirect(url_for("account.show"), 303)
