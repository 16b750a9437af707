"""Files of the site: addresses that change with the content, and a small size on slow networks.

Pages themselves are never compressed: a page holds both the visitor's token and text that others typed, and the size of
such a mixture tells on the token.
"""
from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for

STATIC = Path(__file__).parent / "static"
TEXTS = {"text/css", "text/javascript", "application/javascript", "image/svg+xml"}


def asset(name: str) -> str:
    """Address of a file of the site; browsers may keep it for good, as a change gives it another address."""
    return url_for("static", filename=name, v=_digest(name))


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@cache
def _compressed(name: str, _changed: float) -> bytes:
    return gzip.compress((STATIC / name).read_bytes(), compresslevel=9, mtime=0)


def _compress(response: Response) -> Response:
    if request.endpoint != "static" or response.mimetype not in TEXTS:
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code != 200 or request.method != "GET" or "gzip" not in request.accept_encodings:
        return response
    name = (request.view_args or {})["filename"]
    etag = response.get_etag()[0]
    response.direct_passthrough = False
    response.set_data(_compressed(name, (STATIC / name).stat().st_mtime))
    response.headers["Content-Encoding"] = "gzip"
    if etag:
        response.set_etag(etag + "-gzip")
    return response


def init_app(app: Flask) -> None:
    app.jinja_env.globals["asset"] = asset
    app.after_request(_compress)
