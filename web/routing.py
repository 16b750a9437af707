"""Parts of addresses."""
from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask
from werkzeug.routing import IntegerConverter

LARGEST_ID = 2**31 - 1


class IdConverter(IntegerConverter):
    """``<int:id>``: a number that fits the databases; anything longer is an address that does not exist."""

    regex = r"\d{1,10}"

    def __init__(self, map, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        kwargs.setdefault("max", LARGEST_ID)
        super().__init__(map, *args, **kwargs)


def own_path(text: str | None) -> str | None:
    """The text if it is a path of this site, else None: nobody is sent elsewhere by a link prepared for him."""
    if not text or len(text) > 2_000 or not text.startswith("/") or text.startswith(("//", "/\\")):
        return None
    if any(ord(c) < 33 or c == "\\" or ord(c) == 127 for c in text):
        return None
    parts = urlsplit(text)
    return text if not parts.scheme and not parts.netloc else None


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = IdConverter
