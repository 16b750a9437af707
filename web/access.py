"""Who may open which page: one table, and nothing that is not in it opens.

The table says only who may knock. What a signed-in person sees and may do behind the door is decided by
:mod:`workflow.access` for each case and unit; pages ask it through :func:`current_actor`.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from flask import Flask, abort, current_app, request
from flask_login import current_user
from sqlalchemy.orm import Session

from rules.book import Rulebook
from workflow.context import Actor
from workflow.sight import READERS
from workflow.site import Site


class Policy(StrEnum):
    """Who may open a page."""

    PUBLIC = "public"            #: everybody
    SIGNED_IN = "signed_in"      #: everybody with an account
    OFFICE = "office"            #: people, not accounts that only administer
    READER = "reader"            #: people with an office that sees what cases say, not only how far they have come
    ADMINISTRATOR = "administrator"
    DEMO = "demo"                #: signed in, and only in a demo home


#: Every endpoint of the site. ``create_app`` refuses to start when one is missing here, or stands here in vain.
POLICY: Mapping[str, Policy] = {
    "static": Policy.PUBLIC,
    "health.live": Policy.PUBLIC,
    "auth.sign_in": Policy.PUBLIC,
    "auth.sign_out": Policy.PUBLIC,
    "auth.use_code": Policy.PUBLIC,
    "auth.language": Policy.PUBLIC,
    "account.show": Policy.SIGNED_IN,
    "account.change_password": Policy.SIGNED_IN,
    "account.end_others": Policy.SIGNED_IN,
    "demo.move_day": Policy.DEMO,
    "home.index": Policy.SIGNED_IN,
    "cases.index": Policy.OFFICE,
    "cases.show": Policy.OFFICE,
    "steps.take": Policy.OFFICE,
    "steps.start": Policy.OFFICE,
    "records.listed": Policy.OFFICE,
    "records.row": Policy.OFFICE,
    "records.remove": Policy.OFFICE,
    "records.declare": Policy.OFFICE,
    "records.papers": Policy.OFFICE,
    "records.facts": Policy.OFFICE,
    "records.helper": Policy.OFFICE,
    "recall.ask": Policy.OFFICE,
    "plans.progress": Policy.OFFICE,
    "plans.indicator": Policy.OFFICE,
    "plans.criteria": Policy.OFFICE,
    "plans.visit": Policy.OFFICE,
    "plans.remove": Policy.OFFICE,
    "plans.report": Policy.OFFICE,
    "plans.compare": Policy.OFFICE,
    "consolidation.board": Policy.READER,
    "sponsor.report": Policy.OFFICE,
    "sponsor.review": Policy.OFFICE,
    "units.index": Policy.OFFICE,
    "units.show": Policy.OFFICE,
    "history.index": Policy.OFFICE,
    "history.show": Policy.OFFICE,
    "ratings.rounds": Policy.READER,
    "ratings.listed": Policy.READER,
    "ratings.show": Policy.READER,
    "ratings.printed": Policy.READER,
    "ratings.unit": Policy.READER,
    "ratings.act": Policy.READER,
    "ratings.problem": Policy.READER,
    "reports.index": Policy.READER,
    "reports.show": Policy.READER,
    "reports.behind": Policy.READER,
    "reports.copied": Policy.READER,
    "law.index": Policy.SIGNED_IN,
    "law.document": Policy.SIGNED_IN,
    "law.rules": Policy.SIGNED_IN,
    "law.rule": Policy.SIGNED_IN,
    "law.parameters": Policy.SIGNED_IN,
    "law.parameter": Policy.SIGNED_IN,
    "law.process": Policy.SIGNED_IN,
    "admin.index": Policy.ADMINISTRATOR,
    "admin.create": Policy.ADMINISTRATOR,
    "admin.show": Policy.ADMINISTRATOR,
    "admin.reset": Policy.ADMINISTRATOR,
    "admin.disable": Policy.ADMINISTRATOR,
    "admin.enable": Policy.ADMINISTRATOR,
    "admin.end_sessions": Policy.ADMINISTRATOR,
    "admin.set_administrator": Policy.ADMINISTRATOR,
    "admin.grant": Policy.ADMINISTRATOR,
    "admin.end_office": Policy.ADMINISTRATOR,
    "admin.substitute": Policy.ADMINISTRATOR,
    "admin.end_substitution": Policy.ADMINISTRATOR,
}


def site() -> Site:
    """The installation this site serves."""
    found: Site = current_app.extensions["nennep"]
    return found


def book() -> Rulebook:
    """The law in use."""
    return site().book


def current_actor() -> Actor:
    """The account that is signed in, as the workflow wants it; 401 where nobody is."""
    if not current_user.is_authenticated:
        abort(401)
    actor: Actor = current_user.actor
    return actor


@contextmanager
def read() -> Iterator[Session]:
    """A short snapshot to load from. Render after the block: an open read holds up the writers of a small database."""
    with site().database.read() as session:
        yield session


@contextmanager
def write() -> Iterator[Session]:
    """One transaction: it commits when the block ends, and is undone whole when an error leaves it."""
    with site().database.write() as session:
        yield session


def allowed(policy: Policy) -> bool:
    """Whether the signed-in account satisfies a policy."""
    if policy is Policy.PUBLIC:
        return True
    if not current_user.is_authenticated:
        return False
    actor: Actor = current_user.actor
    if policy is Policy.ADMINISTRATOR:
        return actor.administrator
    if policy is Policy.OFFICE:
        return actor.person_id is not None
    if policy is Policy.READER:
        return actor.person_id is not None and any(held.role in READERS for held in current_user.offices)
    return policy is Policy.SIGNED_IN or site().is_demo


def _guard() -> Any:
    endpoint = request.endpoint
    if endpoint is None:  # no such address: answered by the router, the same for everybody
        return None
    policy = POLICY.get(endpoint)
    if policy is None:
        abort(404)
    if allowed(policy):
        return None
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    abort(404)


def init_app(app: Flask) -> None:
    app.before_request(_guard)


def check_policies(app: Flask) -> None:
    """Raise when pages and table differ; called at the end of ``create_app``."""
    endpoints = set(app.view_functions)
    missing, vain = endpoints - POLICY.keys(), POLICY.keys() - endpoints
    if missing or vain:
        raise RuntimeError(f"web/access.py: endpoints without a policy: {sorted(missing)}; policies without an endpoint: {sorted(vain)}")
