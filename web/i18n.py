"""Languages of the site: Vietnamese first, English by switch.

Message ids are English and stand in code and templates; ``translations/vi/LC_MESSAGES/*.po`` holds the Vietnamese.
Catalogues are read as they are, so there is nothing to compile and nothing to forget. Legal terms never come through
here: they are data of the law files, picked by :func:`says`.
"""
from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request
from flask_babel import Babel, Domain, get_locale

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
DEFAULT = "vi"
COOKIE = "nennep_lang"
FOLDER = Path(__file__).parent / "translations"


@cache
def catalogue(language: str, domain: str) -> NullTranslations:
    """The messages of a domain (``messages`` ours, ``wtforms`` the library's) in a language; English is the source."""
    path = FOLDER / language / "LC_MESSAGES" / f"{domain}.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        messages = read_po(file, locale=language, domain=domain)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled, domain)


class SourceDomain(Domain):
    """A domain whose catalogues are the ``.po`` files themselves."""

    def get_translations(self) -> NullTranslations:
        return catalogue(current_language(), self.domain[0])


babel = Babel()
_forms = SourceDomain(domain="wtforms")


class FormTranslations:
    """What WTForms asks when it words its own complaints."""

    def gettext(self, string: str) -> str:
        return _forms.gettext(string)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return _forms.get_translations().ungettext(singular, plural, n)


def chosen_language() -> str:
    """The language of the visitor's cookie; the browser's own preference does not count: the work is in Vietnamese."""
    wanted = request.cookies.get(COOKIE) if has_request_context() else None
    return wanted if wanted in LANGUAGES else DEFAULT


def current_language() -> str:
    locale = get_locale()
    return locale.language if locale else DEFAULT


def says(text: Any) -> str:
    """A text of the law files (``vi`` always, ``en`` perhaps) in the visitor's language."""
    if text is None or isinstance(text, str):
        return text or ""
    get = text.get if isinstance(text, Mapping) else lambda key: getattr(text, key, None)
    return (get("en") if current_language() == "en" else None) or get("vi") or ""


def init_app(app: Flask) -> None:
    babel.init_app(app, default_locale=DEFAULT, default_timezone="Asia/Ho_Chi_Minh", locale_selector=chosen_language)
    babel.__dict__["domain_instance"] = SourceDomain(domain="messages")
    app.jinja_env.globals.update(says=says, languages=LANGUAGES, language=current_language)
