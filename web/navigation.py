"""The main menu, by what the signed-in person is, and what every page knows."""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Flask, current_app, g, request, url_for
from flask_babel import lazy_gettext
from flask_login import current_user

from web import access
from web.routing import own_path
from workflow import history


class Entry(NamedTuple):
    endpoint: str
    label: Any
    #: Blueprints whose pages belong under this entry.
    under: tuple[str, ...] = ()
    #: What is seen through an office alone: not offered to somebody whose offices, if he holds any, do not show it.
    seen: Callable[[], bool] = lambda: True


def _sees_units() -> bool:
    offices = access.book().offices
    return any(held.role in offices and offices[held.role].reads != "none" for held in current_user.offices)


def _sees_history() -> bool:
    return any(held.role in history.readers() for held in current_user.offices)


MENU = (
    Entry("home.index", lazy_gettext("My work"), ("home",)),
    Entry("cases.index", lazy_gettext("Cases"), ("cases", "steps", "records", "recall", "sponsor", "plans")),
    Entry("consolidation.board", lazy_gettext("Consolidation"), ("consolidation",)),
    Entry("units.index", lazy_gettext("Units"), ("units",), _sees_units),
    Entry("ratings.rounds", lazy_gettext("Classification"), ("ratings",)),
    Entry("reports.index", lazy_gettext("Reports"), ("reports",)),
    Entry("law.index", lazy_gettext("Law"), ("law",)),
    Entry("history.index", lazy_gettext("History"), ("history", "audit"), _sees_history),
    Entry("admin.index", lazy_gettext("Administration"), ("admin",)),
)


def navigation() -> list[dict[str, Any]]:
    """The entries that the signed-in account may open and finds something behind."""
    shown = []
    for entry in MENU:
        if entry.endpoint not in current_app.view_functions or not access.allowed(access.POLICY[entry.endpoint]) \
                or not entry.seen():
            continue
        shown.append({"url": url_for(entry.endpoint), "label": entry.label, "exact": request.endpoint == entry.endpoint,
                      "here": request.blueprint in entry.under})
    return shown


def _context() -> dict[str, Any]:
    site = access.site()
    today = site.clock.today()
    safe = request.method in {"GET", "HEAD"} and request.endpoint is not None
    path = request.full_path.rstrip("?") if safe else request.referrer and _path_of_referrer()
    # Where the database fails, asking it again who is signed in would fail again: such a page greets nobody.
    me = None if g.get("failing") or not current_user.is_authenticated else current_user
    return {"me": me, "demo": site.is_demo, "today": today,
            "tomorrow": min(today + dt.timedelta(days=1), dt.date.max), "own_path": own_path(path) or "/"}


def _path_of_referrer() -> str:
    prefix = request.host_url.rstrip("/")
    referrer = request.referrer or ""
    return referrer[len(prefix):] if referrer.startswith(prefix + "/") else "/"


def init_app(app: Flask) -> None:
    app.jinja_env.globals["navigation"] = navigation
    app.context_processor(_context)
