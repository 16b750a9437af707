"""What refusals look like: one plain page each, with what to do next. Nothing of the inside shows.

"There is no such thing" and "it is not yours" are the same page, byte for byte.
"""
from __future__ import annotations

import logging
import secrets

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from web import carry
from web.i18n import current_language
from workflow import words
from workflow.errors import BadInput, Conflict, NotFound, NotPermitted, StepRefused

log = logging.getLogger("nennep.web")

#: Status -> title and what to do. Any other status is shown as 400 or 500, whichever it belongs to.
PAGES = {
    400: (lazy_gettext("This request cannot be read"),
          lazy_gettext("Go back, load the page again and repeat what you did.")),
    401: (lazy_gettext("Please sign in"),
          lazy_gettext("Sign in to open this page.")),
    403: (lazy_gettext("Not permitted"),
          lazy_gettext("You may not do this. Nothing was changed.")),
    404: (lazy_gettext("Page not found"),
          lazy_gettext("There is nothing at this address, or it is not within what you may see.")),
    405: (lazy_gettext("This address cannot be used in this way"),
          lazy_gettext("Go back and use the buttons of the page.")),
    409: (lazy_gettext("Somebody was faster"),
          lazy_gettext("Load the page again, look at what has changed, and decide anew.")),
    413: (lazy_gettext("Too much at once"),
          lazy_gettext("What was sent is too large. Shorten the text and send it again.")),
    422: (lazy_gettext("This cannot be accepted"),
          lazy_gettext("Nothing was changed.")),
    429: (lazy_gettext("Too many tries"),
          lazy_gettext("Wait a few minutes and try again.")),
    500: (lazy_gettext("Something went wrong here"),
          lazy_gettext("The fault is ours and nothing was changed. Try again later.")),
    503: (lazy_gettext("Not available at the moment"),
          lazy_gettext("The database does not answer. Nothing was changed. Try again in a minute.")),
}


def error_page(status: int, detail: str = "", lines: tuple[str, ...] = (), reference: str = "") -> Response:
    """The page of a status; ``detail`` says what was wrong, ``lines`` list reasons."""
    if status not in PAGES:
        status = 500 if status >= 500 else 400
    g.failing = status >= 500
    title, advice = PAGES[status]
    page = render_template("errors/error.html", status=status, heading=title, advice=advice, detail=detail, lines=lines,
                           reference=reference, own_path="/")
    return make_response(page, status)


def _http(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return make_response(error.get_response())
    page = error_page(error.code)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            page.headers[name] = value
    return page


def _csrf(error: CSRFError) -> Response:
    """Most often somebody has signed in again in another window. What he typed is shown to him, to be sent once more;
    only where the browser vouches that it was typed on a page of this site, since a foreign page could fill it in too."""
    kept = carry.take() if request.headers.get("Sec-Fetch-Site") == "same-origin" and current_user.is_authenticated else None
    if kept:
        return make_response(render_template("auth/resume.html", kept=kept, stale=True, own_path="/"), 400)
    return error_page(400, _("This page was opened before you signed in again, or in another window. Nothing was changed."))


def _unexpected(error: Exception) -> Response:
    if isinstance(error, InternalServerError) and error.original_exception:
        error = error.original_exception  # type: ignore[assignment]
    reference = secrets.token_hex(4)
    log.error("%s: %s %s failed", reference, request.method, request.endpoint, exc_info=error)
    return error_page(500, reference=reference)


def _database(error: OperationalError) -> Response:
    reference = secrets.token_hex(4)
    log.error("%s: the database failed", reference, exc_info=error)
    return error_page(503, reference=reference)


def _forbidden(error: NotPermitted) -> Response:
    return error_page(403, str(error), tuple(words.say(reason, current_language()) for reason in error.reasons))


def _refused(error: StepRefused) -> Response:
    return error_page(422, str(error))


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(InternalServerError, _unexpected)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(NotFound, lambda error: error_page(404))
    app.register_error_handler(NotPermitted, _forbidden)
    app.register_error_handler(Conflict, lambda error: error_page(409, str(error)))
    app.register_error_handler(BadInput, lambda error: error_page(422, str(error)))
    app.register_error_handler(StepRefused, _refused)
