"""The application: one factory that puts the parts together, in the order in which requests meet them."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined

from web import (
    access,
    account,
    admin,
    assets,
    auth,
    caselists,
    cases,
    consolidation,
    demo,
    errors,
    forms,
    health,
    history,
    i18n,
    law,
    navigation,
    plans,
    presenters,
    ratingunits,
    recall,
    reports,
    routing,
    security,
    sponsor,
    starts,
    units,
    work,
)
from workflow.site import Site, open_home

#: Pages, one module each. A new one is added here and its endpoints in ``access.POLICY``.
PAGES = (account.pages, admin.pages, auth.pages, cases.pages, demo.pages, health.pages, history.pages,
         law.pages, caselists.pages, consolidation.pages, plans.pages, recall.pages,
         ratingunits.pages, reports.pages, sponsor.pages, starts.pages, units.pages, work.pages)


def create_app(site: Site | None = None, **overrides: Any) -> Flask:
    """The site of an installation; ``None`` opens the one that the environment names. ``overrides`` are settings for
    tests. Raises when a page has no policy: it would be a page that nobody decided about."""
    site = site or open_home()
    app = Flask("web", root_path=str(Path(__file__).parent))
    app.extensions["nennep"] = site
    app.config["SECRET_KEY"] = site.secret_key()
    security.configure(app)
    app.config.update(overrides)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    routing.init_app(app)
    errors.init_app(app)
    i18n.init_app(app)
    security.init_app(app)
    assets.init_app(app)
    demo.init_app(app)
    auth.init_app(app)
    access.init_app(app)
    presenters.init_app(app)
    forms.init_app(app)
    navigation.init_app(app)
    for pages in PAGES:
        app.register_blueprint(pages)
    access.check_policies(app)
    return app
