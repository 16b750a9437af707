"""Keep the Vietnamese catalogue in step with code and templates: ``python -m web.translate``.

Collects every English message, adds the new ones to ``messages.po`` with an empty translation, drops those that are
gone, and lists what is still untranslated. Exit code 1 while anything is.
"""
from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

WEB = Path(__file__).parent
CATALOGUE = WEB / "translations" / "vi" / "LC_MESSAGES" / "messages.po"
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}
HEADER = r'''# Nền Nếp: tiếng Việt của trang web. Written by `python -m web.translate`; only the msgstr lines are yours.
msgid ""
msgstr ""
"Language: vi\n"
"Plural-Forms: nplurals=1; plural=0;\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

'''
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "lazy_ngettext": (1, 2)}


def collect() -> Catalog:
    """All messages of the site, with the files that use them."""
    found = Catalog(locale="vi", project="Nền Nếp", charset="utf-8")
    for file, _line, message, comments, context in extract_from_dir(str(WEB), METHODS, OPTIONS, keywords=KEYWORDS):
        found.add(message, None, [(f"web/{file}", None)], auto_comments=comments, context=context)
    return found


def stored() -> Catalog:
    """The catalogue as it is kept."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="vi")


def untranslated(catalogue: Catalog) -> list[str]:
    """Messages without a Vietnamese text, or with one that is only guessed."""
    lacking = []
    for message in catalogue:
        texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.id and (message.fuzzy or not all(texts)):
            lacking.append(message.id if isinstance(message.id, str) else message.id[0])
    return lacking


def main() -> int:
    catalogue = stored() if CATALOGUE.exists() else Catalog(locale="vi")
    catalogue.update(collect(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    text = io.BytesIO()
    write_po(text, catalogue, width=120, sort_output=True, omit_header=True, include_lineno=False)
    # Of the usual header only what changes the reading: dates and tools would make every run a change.
    CATALOGUE.write_bytes(HEADER.encode() + text.getvalue())
    lacking = untranslated(catalogue)
    for text in lacking:
        print(f"untranslated: {text}")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
