"""What every response promises the browser, and which requests are not even looked at.

Nothing here knows accounts or pages. The policy for scripts and styles is fixed and needs no nonce: all of them are
files of this site.
"""
from __future__ import annotations

import ipaddress
import logging
import os
import socket
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

CONTENT_POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'",
))
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: on HTTPS the check of the form token asks for a Referer of the same host.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_BODY = 1_000_000
MAX_FORM_FIELDS = 2_000
YEAR = 365 * 24 * 3600

csrf = CSRFProtect()
log = logging.getLogger("nennep.web")


def configure(app: Flask) -> None:
    """Settings that depend on where the site is reached: ``NENNEP_URL`` (its public address) and ``NENNEP_PROXIES``
    (how many proxies stand in front; their forwarded addresses are believed, nobody else's)."""
    url = urlsplit(os.environ.get("NENNEP_URL", ""))
    https = url.scheme == "https"
    app.config.update(
        PUBLIC_HOST=url.hostname,
        HTTPS=https,
        SESSION_COOKIE_NAME="__Host-nennep" if https else "nennep",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        MAX_FORM_PARTS=MAX_FORM_FIELDS,
        # A long form may stay open all day; the token dies with the session.
        WTF_CSRF_TIME_LIMIT=None,
        PREFERRED_URL_SCHEME="https" if https else "http",
    )
    proxies = int(os.environ.get("NENNEP_PROXIES", "0"))
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]


def init_app(app: Flask) -> None:
    """Register the checks before, and the headers after, every request. Call before anything else registers one."""
    app.before_request(_refuse_foreign_hosts)
    app.before_request(_refuse_cross_site)
    app.before_request(_refuse_broken_input)
    csrf.init_app(app)
    app.after_request(_headers)


def _refuse_foreign_hosts() -> None:
    """A name that is not this site's is somebody else's web page talking to us through the visitor's browser.

    Plain addresses are let in: no foreign page can make its name look like one.
    """
    name = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    name = name.strip("[]").lower()
    known = request_app_hosts()
    if name in known:
        return
    try:
        ipaddress.ip_address(name)
    except ValueError:
        log.warning("refused host %r; set NENNEP_URL if this site is known by it", name[:100])
        abort(400)


def request_app_hosts() -> frozenset[str]:
    """Names under which this site answers."""
    from flask import current_app

    public = current_app.config.get("PUBLIC_HOST")
    return frozenset(filter(None, ("localhost", socket.gethostname().lower(), public)))


def _refuse_cross_site() -> None:
    if request.method not in SAFE_METHODS and request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        abort(403)


def _refuse_broken_input() -> None:
    """A NUL byte is no text: one database would store it, the other fails. Refuse it before anybody reads it."""
    if "\x00" in request.path:
        abort(404)
    values = [*request.args.items(multi=True)]
    if request.method not in SAFE_METHODS:
        values += [*request.form.items(multi=True)]
    if len(values) > MAX_FORM_FIELDS:
        abort(413)
    if any("\x00" in key or "\x00" in value for key, value in values):
        abort(400)


def _headers(response: Response) -> Response:
    from flask import current_app

    response.headers.update(HEADERS)
    if current_app.config["HTTPS"]:
        response.headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    if request.endpoint == "static":
        if response.status_code == 200 and "v" in request.args:
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    return response
