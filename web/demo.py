"""Only in a demo home: its own today that can be moved forward, and accounts that anybody may try."""
from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Flask, flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from web import access
from web.auth_forms import DemoDayForm
from web.presenters import day
from web.routing import own_path
from workflow.errors import BadInput
from workflow.models import Setting

pages = Blueprint("demo", __name__)
#: The setting that lists the demo's accounts: JSON, [{"username", "password", "name", "says"}, ...].
ACCOUNTS = "demo.accounts"


@pages.post("/dung-thu/ngay")
def move_day() -> Response:
    """Move the demo's day forward; never back, as acts were recorded on the days before."""
    form = DemoDayForm()
    if not form.validate():
        flash(" ".join(form.day.errors) or _("Write the day as dd/mm/yyyy, for example 05/03/2026."), "bad")
    else:
        try:
            access.site().set_demo_today(form.day.data)
        except BadInput as error:
            flash(str(error), "bad")
        else:
            flash(_("Today is now %(day)s.", day=day(form.day.data)), "good")
    return redirect(own_path(request.form.get("back")) or "/", 303)


def accounts() -> list[dict[str, Any]]:
    """The accounts shown on the sign-in page of a demo home; none anywhere else."""
    if not access.site().is_demo:
        return []
    with access.read() as session:
        text = session.scalar(sa.select(Setting.value).where(Setting.key == ACCOUNTS))
    return json.loads(text) if text else []


def init_app(app: Flask) -> None:
    @app.before_request
    def _see_moved_day() -> None:
        """The command line may have moved the day since."""
        if access.site().is_demo and request.endpoint != "static":
            access.site().refresh()
