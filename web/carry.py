"""What somebody typed while his session ran out is handed back to him, not thrown away.

The typed form travels inside the sign-in page, signed, and comes back as a page that shows it with one button to send
it again. It is never sent again by itself: whoever signed in must look at it first.
"""
from __future__ import annotations

from typing import NamedTuple

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

from web.routing import own_path

LIFE = 12 * 3600
LARGEST = 200_000
#: Beginnings of field names that never travel.
SECRET = ("csrf_token", "password", "current", "again", "code", "carried")


class Carried(NamedTuple):
    path: str
    fields: list[tuple[str, str]]


def take() -> Carried | None:
    """The form of this request; None where there is nothing worth keeping."""
    fields = [(k, v) for k, v in request.form.items(multi=True) if not k.startswith(SECRET)]
    path = own_path(request.full_path.rstrip("?"))
    if not path or not any(v.strip() for _, v in fields) or sum(len(k) + len(v) for k, v in fields) > LARGEST:
        return None
    return Carried(path, fields)


def pack() -> str:
    """The same as text for a hidden field."""
    kept = take()
    return _signer().dumps(kept) if kept else ""


def unpack(text: str | None) -> Carried | None:
    """What :func:`pack` made here within the last hours; anything else is nothing."""
    if not text:
        return None
    try:
        path, fields = _signer().loads(text, max_age=LIFE)
    except BadData:
        return None
    return Carried(path, [(k, v) for k, v in fields])


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="nennep.carried")
