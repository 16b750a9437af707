"""What the pages of records share: one version per form, one transaction, complaints at their fields."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import abort, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from web import access, caseview
from web.caseview import Sight
from web.factfields import field_name
from web.forms import BaseForm, VersionField
from web.i18n import current_language, says
from workflow import words
from workflow.errors import BadInput, Conflict, NotPermitted

#: What a page hands to the workflow: the session, and returns nothing that it shows.
Work = Callable[[Session], Any]


class RecordForm(BaseForm):
    """Every change of a case says which version of it was looked at."""

    version = VersionField()


def section(seen: Sight, section: str) -> Sight:
    """The case, or 404 where this section of it is not shown."""
    if section not in seen.sees:
        abort(404)
    return seen


def is_open(seen: Sight) -> bool:
    """Whether anything may still be entered."""
    return seen.snapshot.case["closed_on"] is None


def name_of(seen: Sight) -> str:
    """Whom or what the case is about."""
    return seen.name


def version_sent() -> int:
    """The version that a bare button sends; 400 for anything else."""
    text = request.form.get("version", "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        abort(400)
    return int(text)


def carried_out(form: BaseForm, work: Work) -> bool:
    """Do the work in one transaction; what the workflow complains about goes into the form."""
    try:
        with access.write() as session:
            work(session)
    except BadInput as error:
        own = form._fields.get(field_name(error.field or ""))
        if own is None:
            form.accuse(error)
        else:
            own.errors = [*own.errors, str(error)]
        return False
    except NotPermitted as error:
        form.form_errors += [words.say(r, current_language()) for r in error.reasons]
        return False
    except Conflict as error:
        form.form_errors.append(str(error))
        form.conflict = True
        return False
    except sa.exc.IntegrityError:
        form.form_errors.append(_("This contradicts what is entered already, for example the same person twice."))
        return False
    return True


def answer(template: str, form: BaseForm, **context: Any) -> Any:
    """The page with its status: 409 after a conflict, with the new version and what was typed; 422 where something is wrong."""
    conflict = getattr(form, "conflict", False)
    if conflict:
        today, case_id = access.site().clock.today(), context["case_id"]
        with access.read() as session:
            seen = caseview.opened(session, access.current_actor(), case_id, today)
        form["version"].data = str(seen.snapshot.case["version"])
        context.update({"version": seen.snapshot.case["version"]} if "version" in context else {})
    page = render_template(template, form=form, **context)
    return (page, 409) if conflict else (page, 422) if form.errors else page


def role_names(roles: Any) -> str:
    """The legal terms of some offices."""
    offices = access.book().offices
    return ", ".join(says(offices[r].label) for r in roles if r in offices)
