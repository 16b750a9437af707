"""The forms of administration: accounts, offices, substitutions."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import Field, HiddenField
from wtforms.validators import ValidationError

from web.forms import BaseForm, ChoiceField, DayField, FilterForm, FullNameField, LineField, offer

_PLAIN = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}


class AccountFilter(FilterForm):
    """Search among accounts, in its address."""

    q = LineField(lazy_gettext("Name or user name"), longest=100, render_kw={"type": "search", "autocomplete": "off"})
    only = ChoiceField(lazy_gettext("Only"), [("disabled", lazy_gettext("disabled accounts")),
                                              ("administrator", lazy_gettext("administrators")),
                                              ("code", lazy_gettext("those with a code not yet used"))])


class PersonSearch(FilterForm):
    q = LineField(lazy_gettext("Find a person by name"), longest=100, render_kw={"type": "search", "autocomplete": "off"})


class AccountForm(BaseForm):
    """A new account: of a person chosen before, of a new person, or of nobody (then it only administers)."""

    username = LineField(lazy_gettext("User name"), required=True, longest=40, render_kw=dict(_PLAIN),
                         description=lazy_gettext("2 to 40 lower-case letters without marks, digits and . _ -"))
    full_name = FullNameField(lazy_gettext("Full name of a new person"))
    unit = LineField(lazy_gettext("Unit of the new person"), longest=200, description=lazy_gettext("Code or name of the unit."),
                     render_kw={"list": "units", "autocomplete": "off"})
    administrator = ChoiceField(lazy_gettext("What the account is for"), [
        ("no", lazy_gettext("work on cases, through offices")), ("yes", lazy_gettext("administration of accounts and offices only"))],
        required=True)
    person = HiddenField()


class OfficeForm(BaseForm):
    """Grant an office by a paper."""

    role = ChoiceField(lazy_gettext("Office"), required=True)
    unit = LineField(lazy_gettext("Unit"), required=True, longest=200, description=lazy_gettext("Code or name of the unit."),
                     render_kw={"list": "units", "autocomplete": "off"})
    since = DayField(lazy_gettext("First day"), required=True)
    until = DayField(lazy_gettext("Last day, where it is fixed"))
    paper = LineField(lazy_gettext("Paper"), required=True, longest=300, description=lazy_gettext("Number, day and issuer of the decision."))

    def offer(self, roles: Iterable[tuple[str, str]]) -> None:
        offer(self.role, roles)

    def validate_until(self, field: Field) -> None:
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError(_("The last day lies before the first."))


class EndForm(BaseForm):
    """End an office by a paper."""

    today = dt.date.max
    on = DayField(lazy_gettext("Last day in office"), required=True)
    paper = LineField(lazy_gettext("Paper"), required=True, longest=300, description=lazy_gettext("Number, day and issuer of the decision."))

    def validate_on(self, field: Field) -> None:
        if field.data and field.data > self.today:
            raise ValidationError(_("This day has not come yet. Enter it then."))


class SubstituteForm(BaseForm):
    """Let somebody act for the holder of an office for a time."""

    username = LineField(lazy_gettext("User name of who stands in"), required=True, longest=40, render_kw=dict(_PLAIN))
    since = DayField(lazy_gettext("First day"), required=True)
    until = DayField(lazy_gettext("Last day"), required=True)
    paper = LineField(lazy_gettext("Paper"), required=True, longest=300, description=lazy_gettext("Number, day and issuer of the decision."))


def starting(form: Any, today: dt.date) -> None:
    """A form that is opened, not sent: its first day is today."""
    if not form.is_submitted():
        form.since.data = today
