"""Taking back one's own last entry of a case, with a reason; the history keeps both."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from web import access, caseview, entryview
from web.forms import NoteField, VersionField
from web.recordbase import RecordForm, answer, carried_out, name_of
from workflow import corrections, journal

pages = Blueprint("recall", __name__)


class RecallForm(RecordForm):
    """Why, and which entry was looked at."""

    entry = VersionField()
    reason = NoteField(lazy_gettext("Reason"), required=True, longest=500,
                       description=lazy_gettext("The entry stays in the history; what it changed becomes what it was before."))


@pages.route("/ho-so/<int:case_id>/thu-hoi", methods=["GET", "POST"])
def ask(case_id: int) -> Any:
    """Ask for the reason, then take the last entry back; 404 where there is none of one's own."""
    actor, today = access.current_actor(), access.site().clock.today()
    with access.read() as session:
        seen = caseview.opened(session, actor, case_id, today)
        own = corrections.recallable(session, case_id, actor)
        if own is None and request.method == "GET":
            abort(404)
        last = journal.history(session, case_id=case_id)[0]
    form = RecallForm(data={"version": str(seen.snapshot.case["version"]), "entry": str(own or 0)})
    if form.validate_on_submit() and carried_out(form, lambda s: corrections.recall(
            s, case_id, actor, today, reason=form.reason.data, entry_id=int(form.entry.data))):
        flash(_("The entry is taken back."), "good")
        return redirect(url_for("cases.show", case_id=case_id), 303)
    title = entryview.title(access.book(), last, seen.snapshot.law)
    return answer("records/simple.html", form, case_id=case_id, name=name_of(seen), may=True, who="",
                  heading=_("Take back: %(act)s", act=title), button=_("Take back"))
