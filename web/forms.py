"""The ground of all forms: fields that clean what is typed, keep it when it is wrong, and complain in Vietnamese.

A view does three things: build the form, ask ``form.validate_on_submit()``, and otherwise return
:func:`render_form`, which answers 422 with the typed text, a summary of the errors, and their places.
"""
from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Flask, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import (
    Field,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from web.i18n import FormTranslations
from workflow import names
from workflow.errors import BadInput

LINE = 200
NOTE = 4_000
EARLIEST = dt.date(1900, 1, 1)
LATEST = dt.date(2100, 12, 31)
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_DAY = re.compile(r"\s*(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4})\s*\Z", re.ASCII)
_RUN = re.compile(r"\s*(\d{2})(\d{2})(\d{4})\s*\Z", re.ASCII)
_ISO = re.compile(r"\s*(\d{4})-(\d{2})-(\d{2})\s*\Z", re.ASCII)
_translations = FormTranslations()


class BaseForm(FlaskForm):
    """Base of every form; only what the browser sent as a form is read, never a JSON body."""

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            if formdata is None or hasattr(formdata, "getlist"):
                return formdata
            return request.form if request.method not in {"GET", "HEAD", "OPTIONS"} else None

        def get_translations(self, form: Any) -> FormTranslations:
            return _translations

    #: Names of fields in the order of the page, for forms that inherit some; the others follow as declared.
    field_order: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Field]:
        place = {name: at for at, name in enumerate(self.field_order)}
        return iter(sorted(super().__iter__(), key=lambda f: place.get(f.short_name, len(place))))

    def accuse(self, error: BadInput) -> None:
        """Put a refusal of the workflow at the field it names, or at the form as a whole."""
        field = self._fields.get(error.field or "")
        if field is None:
            self.form_errors.append(str(error))
        else:
            field.errors = [*field.errors, str(error)]


class FilterForm(BaseForm):
    """A form in the address of a list: read with GET, no token, wrong values count as left out."""

    class Meta(BaseForm.Meta):
        csrf = False

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            return formdata if hasattr(formdata, "getlist") else request.args

    def values(self) -> dict[str, Any]:
        """The filters that are set and valid, by name."""
        self.validate()
        return {f.short_name: f.data for f in self._fields.values() if not f.errors and f.data not in (None, "", [])}


def render_form(template: str, form: BaseForm, **context: Any) -> tuple[str, int] | str:
    """The page of a form: 200 as long as nothing is wrong, 422 with everything that is."""
    page = render_template(template, form=form, **context)
    return (page, 422) if form.errors else page


#: Kinds of fields that are a group of inputs: they stand in a fieldset with a legend.
GROUPS = ("RadioChoiceField", "YesNoField", "RadioField", "CheckListField")


def offer(field: Field, options: Iterable[tuple[Any, Any]]) -> None:
    """Fill a drop-down below its first line; ``options`` are pairs of code and label."""
    field.choices = [field.choices[0], *(SelectChoice(value=str(code), label=text) for code, text in options)]


def number(text: str | None) -> int | None:
    """A key as an address holds it; None where there is none, 0 (which fits nothing) for what can be no key."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def aria(field: Field, hint: object = None) -> dict[str, str]:
    """The attributes that tie a field to its hint and its errors; the macros write both with these ids."""
    about = [f"{field.id}-hint"] if hint else []
    if not field.errors:
        return {"aria-describedby": about[0]} if about else {}
    return {"aria-describedby": " ".join([*about, f"{field.id}-wrong"]), "aria-invalid": "true"}


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(aria=aria, GROUPS=GROUPS)


def one_line(text: str | None) -> str | None:
    """NFC, invisible signs dropped, spaces collapsed; an empty line is no answer."""
    if text is None:
        return None
    return names.tidy(_CONTROL.sub("", _INVISIBLE.sub("", text.replace("\t", " ")))) or None


def many_lines(text: str | None) -> str | None:
    """The same for longer texts, which keep their line breaks."""
    if text is None:
        return None
    text = _CONTROL.sub("", _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    lines = [line.rstrip() for line in unicodedata.normalize("NFC", text).split("\n")]
    return "\n".join(lines).strip() or None


def parse_day(text: str) -> dt.date:
    """A day typed as 1/3/2026, 01.03.2026, 01032026 or 2026-03-01; :class:`ValueError` for anything else."""
    iso, own = _ISO.match(text), _DAY.match(text) or _RUN.match(text)
    if iso:
        value = dt.date(int(iso[1]), int(iso[2]), int(iso[3]))
    elif own:
        value = dt.date(int(own[3]), int(own[2]), int(own[1]))
    else:
        raise ValueError(text)
    if not EARLIEST <= value <= LATEST:
        raise ValueError(text)
    return value


class Filled(InputRequired):
    """Something must be left of what was typed once it is cleaned: spaces alone are no answer."""

    def __call__(self, form: Any, field: Any) -> None:
        if field.data in (None, "", []) and not field.process_errors:
            field.errors[:] = []
            raise StopValidation(_("This field is required."))


def _presence(required: bool) -> list[Any]:
    return [Filled() if required else Optional()]


class LineField(StringField):
    """One line of text."""

    def __init__(self, label: Any = None, *, required: bool = False, longest: int = LINE, **kwargs: Any) -> None:
        super().__init__(label, [*_presence(required), Length(max=longest), *kwargs.pop("validators", [])],
                         filters=[one_line], **kwargs)


class FullNameField(LineField):
    """A person's whole name in one field, with look-alike letters mended; never split into parts."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"autocomplete": "off", "spellcheck": "false"})
        super().__init__(label or lazy_gettext("Full name"), longest=100, **kwargs)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if self.data and not validation_stopped and any(c.isdigit() or c in "<>{}[]@#$%" for c in self.data):
            raise ValidationError(_("A name holds letters only."))


class NoteField(TextAreaField):
    """Longer text; line breaks are kept."""

    def __init__(self, label: Any = None, *, required: bool = False, longest: int = NOTE, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"rows": 4})
        super().__init__(label, [*_presence(required), Length(max=longest), *kwargs.pop("validators", [])],
                         filters=[many_lines], **kwargs)


class DayField(Field):
    """A day, typed as text dd/mm/yyyy: quicker than a calendar on a phone, and it can be a day long past."""

    widget = TextInput()

    def __init__(self, label: Any = None, *, required: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"inputmode": "numeric", "autocomplete": "off", "maxlength": 20,
                                        "placeholder": "dd/mm/yyyy", "class": "day"})
        super().__init__(label, [*_presence(required), *kwargs.pop("validators", [])], **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:%d/%m/%Y}" if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            try:
                self.data = parse_day(valuelist[0])
            except ValueError:
                raise ValueError(_("Write the day as dd/mm/yyyy, for example 05/03/2026.")) from None


class CountField(IntegerField):
    """A whole number that is not negative, in plain digits."""

    widget = TextInput()

    def __init__(self, label: Any = None, *, required: bool = False, most: int = 1_000_000, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"inputmode": "numeric", "autocomplete": "off", "maxlength": 10, "class": "count"})
        self.most = most
        super().__init__(label, _presence(required), **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            return
        if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > self.most:
            raise ValueError(_("Write a whole number from 0 to %(most)s.", most=self.most))
        self.data = int(text)


class ChoiceField(SelectField):
    """One of a closed list, as a drop-down; ``choices`` are pairs of code and label."""

    def __init__(self, label: Any = None, choices: Any = (), *, required: bool = False, **kwargs: Any) -> None:
        options = [SelectChoice(value=str(code), label=text) for code, text in choices]
        options.insert(0, SelectChoice(value="", label=lazy_gettext("– choose –")))
        super().__init__(label, _presence(required), choices=options, coerce=_code, **kwargs)


class RadioChoiceField(RadioField):
    """One of a short closed list, all of it in sight."""

    def __init__(self, label: Any = None, choices: Any = (), *, required: bool = False, **kwargs: Any) -> None:
        options = [SelectChoice(value=str(code), label=text) for code, text in choices]
        super().__init__(label, _presence(required), choices=options, coerce=_code, **kwargs)


class CheckListField(SelectMultipleField):
    """Any number of a closed list, as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: Any = None, choices: Any = (), *, required: bool = False, **kwargs: Any) -> None:
        options = [SelectChoice(value=str(code), label=text) for code, text in choices]
        super().__init__(label, _presence(required), choices=options, coerce=str, **kwargs)


def _code(value: Any) -> str | None:
    return None if value in (None, "") else str(value)


class YesNoField(RadioField):
    """Yes, no, or not known yet (``True``, ``False``, ``None``): a question left open is not answered with no."""

    def __init__(self, label: Any = None, *, required: bool = False, **kwargs: Any) -> None:
        options = [SelectChoice(value="yes", label=lazy_gettext("Yes")), SelectChoice(value="no", label=lazy_gettext("No"))]
        if not required:
            options.append(SelectChoice(value="", label=lazy_gettext("Not known yet")))
        super().__init__(label, _presence(required), choices=options, coerce=_truth, **kwargs)


def _truth(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    if value not in _ANSWERS:
        raise ValueError(value)
    return _ANSWERS[value]


_ANSWERS = {"yes": True, "no": False, "": None}


class SecretField(PasswordField):
    """A password or one-time code: never shown again, never cleaned beyond what signing in does itself."""

    def __init__(self, label: Any = None, *, autocomplete: str, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"autocomplete": autocomplete, "spellcheck": "false", "autocapitalize": "none"})
        super().__init__(label, [InputRequired(), Length(max=1_000), *kwargs.pop("validators", [])], **kwargs)


class VersionField(HiddenField):
    """The version of the record that the page showed; garbage counts as stale."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("", [_digits], **kwargs)


def _digits(form: Any, field: Field) -> None:
    if not re.fullmatch(r"[0-9]{1,9}", str(field.data or "")):
        raise StopValidation(_("This page is out of date. Load it again."))
