"""The history: entries searched by whoever may read them, one entry with all it holds, the same rows as a file."""
from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from rules.book import Rulebook
from web import access, entryview
from web.download import csv_file
from web.findings import Teller, step_label
from web.forms import ChoiceField, DayField, FilterForm, LineField, number, offer
from web.i18n import current_language, says
from web.presenters import day, moment
from workflow import caselist, history, sight, snapshot, tags, waiting
from workflow.context import Actor
from workflow.history import Filter
from workflow.journal import EntryView
from workflow.naming import names_of

pages = Blueprint("history", __name__)
SIZE = 50
OUTCOMES = {"met": lazy_gettext("met"), "not_met": lazy_gettext("not met"), "unknown": lazy_gettext("not known"),
            "not_applicable": lazy_gettext("does not apply")}


class HistoryFilter(FilterForm):
    """The filters of the history, all of them in its address."""

    person = LineField(lazy_gettext("Person: candidate, signatory or who entered it"), longest=100,
                       render_kw={"type": "search", "autocomplete": "off"})
    acted_from = DayField(lazy_gettext("Done from"))
    acted_to = DayField(lazy_gettext("Done until"))
    recorded_from = DayField(lazy_gettext("Entered from"))
    recorded_to = DayField(lazy_gettext("Entered until"))
    unit = ChoiceField(lazy_gettext("Unit and below"))
    step = ChoiceField(lazy_gettext("Step"))
    tag = ChoiceField(lazy_gettext("Kind of act"))
    rule = ChoiceField(lazy_gettext("Rule"))
    outcome = ChoiceField(lazy_gettext("Outcome of a rule"), OUTCOMES.items())
    late = ChoiceField(lazy_gettext("Entered late"), [("yes", lazy_gettext("only those entered late")),
                                                      ("no", lazy_gettext("only those entered in time"))])
    account = LineField(lazy_gettext("Account"), longest=60)
    case = LineField(lazy_gettext("Number of the case"), longest=10, render_kw={"inputmode": "numeric"})

    def offer(self, book: Rulebook, units: list[tuple[int, str, int]]) -> None:
        """Fill the drop-downs from the law and from the units in sight; a unit of the address beside them may stay."""
        laws = list(book.processes.values())
        asked = request.args.get("unit", "")
        if asked.isdecimal() and len(asked) < 10 and int(asked) not in {u for u, _n, _d in units}:
            units = [*units, (int(asked), _("the unit of this address"), 0)]
        offer(self.unit, [(str(key), "\u2003" * depth + name) for key, name, depth in units])
        offer(self.step, sorted({s: step_label(law, s) for law in laws for s in law.step_versions}.items(), key=lambda p: p[1]))
        offer(self.tag, [(t, tags.label(t, current_language())) for t in tags.LABELS if not t.startswith("account:")])
        offer(self.rule, sorted({r: f"{r}: {says(v[-1].says)}" for law in laws for r, v in law.rule_versions.items()}.items()))

    def wanted(self) -> Filter:
        given = self.values()
        return Filter(
            given.get("acted_from"), given.get("acted_to"), given.get("recorded_from"), given.get("recorded_to"),
            number(given.get("unit")), number(given.get("case")), given.get("person"), given.get("step"),
            given.get("tag"), given.get("rule"), given.get("outcome"), {"yes": True, "no": False}.get(given.get("late", "")),
            given.get("account"))

    def kept(self) -> dict[str, str]:
        """The filters as the address holds them."""
        return {name: day(value) if isinstance(value, dt.date) else str(value) for name, value in self.values().items()}


@pages.get("/lich-su")
def index() -> Any:
    """The entries in sight, newest first, narrowed by the address; ``format=csv`` gives the same as a file."""
    actor, today, book = access.current_actor(), access.site().clock.today(), access.book()
    form = HistoryFilter()
    with access.read() as session:
        form.offer(book, caselist.units_in_sight(session, waiting.desk(session, actor, today)))
        which = history.scope(actor, book, today) & history.condition(form.wanted(), today)
        if request.args.get("format") == "csv":
            return _file(_lines(session, book, history.everything(session, which), today), today)
        total = history.total(session, which)
        before = request.args.get("before", "")
        found = history.listed(session, which, before=number(before), size=SIZE + 1)
        lines = _lines(session, book, found[:SIZE], today)
    kept = form.kept()
    return render_template("history/index.html", filters=form, found=lines, total=total, active=len(kept), args=kept,
                           before=before, more=found[SIZE - 1].id if len(found) > SIZE else None)


def _lines(session: Session, book: Rulebook, entries: list[EntryView], today: dt.date) -> list[dict[str, Any]]:
    about = history.subjects(session, entries)
    units = {e.unit_id for e in entries} | {a.unit_id for a in about.values()}
    names = names_of(session, today, entryview.people_of(entries), {u for u in units if u is not None})
    return [{**entryview.line(book, e, about.get(e.case_id or 0), names), "url": url_for("history.show", entry_id=e.id),
             "case_id": e.case_id, "case_url": url_for("cases.show", case_id=e.case_id) if e.case_id else None} for e in entries]


@pages.get("/lich-su/<int:entry_id>")
def show(entry_id: int) -> str:
    """One entry: its header, the law it was judged by, what it changed, and how to prove it."""
    actor, today, book = access.current_actor(), access.site().clock.today(), access.book()
    with access.read() as session:
        whole = history.entry(session, history.scope(actor, book, today), entry_id) or abort(404)
        entry = whole.view
        about = history.subjects(session, [entry]).get(entry.case_id or 0)
        law = entryview.law_of(book, entry, about)
        people, units = entryview.named(entry)
        names = names_of(session, today, people, units | ({about.unit_id} if about else set()))
        sees = _sees(session, actor, book, entry, today)
    teller = Teller(book, law or book.common, names, values=True)
    return render_template(
        "history/show.html", entry=entry, whole=whole, title=entryview.title(book, entry, law), kind_of_act=tags.label(entry.tag, current_language()),
        who=entryview.subject(entry, about, names), unit=names.unit(entry.unit_id) if entry.unit_id else None,
        case_url=url_for("cases.show", case_id=entry.case_id) if entry.case_id else None,
        facts=entryview.head(book, entry, about, names), outcomes=entryview.outcomes(book, entry, law),
        values=entryview.values(teller, entry) if sees is None or "values" in sees else [],
        changes=entryview.changes(book, law, names, entry, sees), notes=[str(n) for n in entry.bodies("note")],
        late=bool(entry.header.get("late")), erased=sum(1 for p in entry.parts if p.body is None), now=entry.edition == book.edition)


def _sees(session: Session, actor: Actor, book: Rulebook, entry: EntryView, today: dt.date) -> frozenset[str] | None:
    """The sections of the case that the account sees; None where the entry is on no case."""
    if entry.case_id is None:
        return None
    found = snapshot.load(session, book.processes, entry.case_id, today)
    return sight.sections(sight.roles_on(session, actor, found, today))


def _file(lines: list[dict[str, Any]], today: dt.date) -> Response:
    head = [_("Entry"), _("Done on"), _("Entered at"), _("Act"), _("About"), _("Unit"), _("State before"), _("State after"),
            _("Signed by"), _("Entered by"), _("Entered late"), _("Edition of the law"), _("Chain"), _("Hash")]
    return csv_file("lich-su", today, head, (
        (row["id"], day(row["acted_on"]), moment(row["recorded_at"]), row["title"], row["who"], row["unit"], row["from_state"],
         row["to_state"], row["signatory"], row["recorder"], _("yes") if row["late"] else _("no"), row["edition"],
         f"{row['stream']} #{row['seq']}", row["hash"]) for row in lines))
