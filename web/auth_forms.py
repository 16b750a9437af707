"""The forms of signing in. What they hold is a secret: nothing here is ever shown again or kept for later."""
from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import Field, HiddenField
from wtforms.validators import ValidationError

from web.forms import BaseForm, DayField, LineField, SecretField

_PLAIN = {"autocapitalize": "none", "spellcheck": "false"}


class SignInForm(BaseForm):
    username = LineField(lazy_gettext("User name"), required=True, longest=100,
                         render_kw={"autocomplete": "username", **_PLAIN})
    password = SecretField(lazy_gettext("Password"), autocomplete="current-password")
    next = HiddenField()
    carried = HiddenField()


class NewPasswordForm(BaseForm):
    password = SecretField(lazy_gettext("New password"), autocomplete="new-password",
                           description=lazy_gettext("At least 12 characters. A short sentence with spaces is good."))
    again = SecretField(lazy_gettext("New password once more"), autocomplete="new-password")

    def validate_again(self, field: Field) -> None:
        if field.data != self.password.data:
            raise ValidationError(_("The two passwords differ."))


class CodeForm(NewPasswordForm):
    """First password, or a new one after a reset: by a one-time code from the administrator."""

    field_order = ("username", "code", "password", "again")
    username = LineField(lazy_gettext("User name"), required=True, longest=100,
                         render_kw={"autocomplete": "username", **_PLAIN})
    code = LineField(lazy_gettext("One-time code"), required=True, longest=100,
                     description=lazy_gettext("The administrator gives it to you; it works once, for 24 hours."),
                     render_kw={"autocomplete": "one-time-code", **_PLAIN})


class ChangePasswordForm(NewPasswordForm):
    field_order = ("current", "password", "again")
    current = SecretField(lazy_gettext("Current password"), autocomplete="current-password")


class DemoDayForm(BaseForm):
    """Move the demo's own today forward."""

    day = DayField(lazy_gettext("New day"), required=True)
