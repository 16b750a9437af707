"""The law browser: documents, values, rules and processes as on any day, each with its clauses and how sure we are."""
from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from rules.dated import Cite, in_force, pick
from rules.process import OPEN
from web import access, lawview, processmap
from web.findings import role_label, state_label
from web.forms import ChoiceField, DayField, FilterForm, LineField, parse_day
from web.i18n import says
from workflow.access import visible_cases
from workflow.models import Case
from workflow.names import fold

pages = Blueprint("law", __name__, url_prefix="/quy-dinh")
SEVERITY = {"block": lazy_gettext("blocks the step"), "warn": lazy_gettext("warns"), "note": lazy_gettext("notes")}
MARKS = {"A": lazy_gettext("A: read in the original"), "B": lazy_gettext("B: a second source agrees"),
         "C": lazy_gettext("C: from memory, not yet verified"), "D": lazy_gettext("D: our own choice where the text is silent")}
LOCAL = {"none": lazy_gettext("may not be changed locally"), "raise": lazy_gettext("may be raised locally"),
         "lower": lazy_gettext("may be lowered locally"), "any": lazy_gettext("may be set locally")}


class DayForm(FilterForm):
    """The day about which the pages are asked."""

    on = DayField(lazy_gettext("As on the day"))


class RuleForm(DayForm):
    q = LineField(lazy_gettext("Words or id"), longest=100, render_kw={"type": "search", "autocomplete": "off"})
    mark = ChoiceField(lazy_gettext("How sure"), MARKS.items())
    severity = ChoiceField(lazy_gettext("Weight"), SEVERITY.items())
    time = ChoiceField(lazy_gettext("Time"), [("all", lazy_gettext("also those not in force on the day"))])


def day() -> dt.date:
    """``on`` of the address, else today; what cannot be a day counts as left out."""
    try:
        return parse_day(request.args.get("on") or "")
    except ValueError:
        return access.site().clock.today()


def _page(template: str, here: str, on: dt.date, **context: Any) -> str:
    """A page of the law with its tabs; every link keeps the day."""
    book, kept = access.book(), lawview.keep(on)
    tabs = [(_("Documents"), url_for("law.index", on=kept), here == "documents"),
            (_("Rules"), url_for("law.rules", on=kept), here == "rules"),
            (_("Values"), url_for("law.parameters", on=kept), here == "values"),
            *((says(law.label), url_for("law.process", id=id_, on=kept), here == id_) for id_, law in book.processes.items())]
    filled = DayForm()
    filled.on.data, filled.on.raw_data = on, None
    return render_template(template, **{"day_form": filled, **context}, tabs=tabs, on=on, kept=kept, edition=book.edition, marks=MARKS)


@pages.get("")
def index() -> str:
    """The documents in force on the day, and the others."""
    on, book = day(), access.book()
    found = [{"id": id_, "number": d.number, "title": says(d.title), "issuer": d.issuer, "since": d.since, "until": d.until,
              "confidence": d.confidence, "checked": d.checked_on, "now": in_force(d, on),
              "url": url_for("law.document", id=id_, on=lawview.keep(on))} for id_, d in book.documents.items()]
    found.sort(key=lambda d: d["since"], reverse=True)
    return _page("law/index.html", "documents", on, current=[d for d in found if d["now"]], others=[d for d in found if not d["now"]])


@pages.get("/van-ban/<id>")
def document(id: str) -> str:
    """One instrument, and what rests on it."""
    on, book = day(), access.book()
    found = book.documents.get(id) or abort(404)
    after = book.documents.get(found.replaced_by or "")
    before = [(d.number, url_for("law.document", id=k, on=lawview.keep(on))) for k, d in book.documents.items() if d.replaced_by == id]
    return _page("law/document.html", "documents", on, document=found, title=says(found.title), note=says(found.note),
                 after=(after.number, url_for("law.document", id=found.replaced_by, on=lawview.keep(on))) if after else None,
                 before=before, cited=lawview.cited_by(book, id))


@pages.get("/quy-tac")
def rules() -> str:
    """The rules of the day, searched and narrowed by the address."""
    on, book = day(), access.book()
    form = RuleForm()
    given = form.values()
    words = fold(given.get("q") or "").split()
    rows = []
    for found in lawview.rules(book):
        now = found.on(on)
        shown = now or (found.versions[-1] if given.get("time") == "all" else None)
        if shown is None or not all(w in fold(f"{found.id} {says(shown.says)}") for w in words):
            continue
        mark = shown.confidence(on if now else shown.since)
        if given.get("mark") not in (None, mark) or given.get("severity") not in (None, shown.severity):
            continue
        rows.append({"id": found.id, "says": says(shown.says), "severity": SEVERITY[shown.severity], "mark": mark, "now": now is not None,
                     "layer": shown.layer, "group": says(found.law.label) if found.law.id in book.processes else _("Shared by all"),
                     "since": shown.since, "until": shown.until, "url": lawview.rule_url(found.id, on)})
    form.on.data = on
    return _page("law/rules.html", "rules", on, found=rows, filters=form, words=given.get("q") or "",
                 active=sum(1 for name in given if name != "on"))


@pages.get("/quy-tac/<id>")
def rule(id: str) -> str:
    """One rule: what it says on the day, on what it rests, its versions and its worked examples."""
    on, book = day(), access.book()
    found = next((f for f in lawview.rules(book) if f.id == id), None) or abort(404)
    now = found.on(on)
    shown = now or found.versions[-1]
    texts = {f.id: says((f.on(on) or f.versions[-1]).says) for f in lawview.rules(book)}
    return _page(
        "law/rule.html", "rules", on, id=id, says_=says(shown.says), now=now, shown=shown, severity=SEVERITY[shown.severity],
        note=says(shown.law.note), cites=lawview.cites(book, shown.cites(on), on), mark_=shown.confidence(on),
        unless=[(r, texts.get(r, r), lawview.rule_url(r, on)) for r in shown.unless],
        excuses=[(f.id, texts[f.id], lawview.rule_url(f.id, on)) for f in lawview.rules(book)
                 if (v := f.on(on)) is not None and id in v.unless],
        follows=shown.law.follows, fixed_by=[role_label(book, r) for r in shown.fixed_by],
        facts=sorted({lawview.fact_label(found.law, n) for n in (*shown.reads.facts, *shown.reads.collections) if n != "act.on"}),
        values=[lawview.parameter_value(book, name, on) for name in shown.parameters],
        steps=lawview.guarded(book, id, on), versions=[lawview.version(book, found, v) for v in reversed(found.versions)],
        examples=lawview.examples(found, shown))


@pages.get("/gia-tri")
def parameters() -> str:
    """The numbers of the law on the day."""
    on, book = day(), access.book()
    found = [lawview.parameter_value(book, name, on) for name in book.parameters]
    return _page("law/parameters.html", "values", on, current=[p for p in found if p["since"]], others=[p for p in found if not p["since"]])


@pages.get("/gia-tri/<name>")
def parameter(name: str) -> str:
    """One number of the law: all its values by day, what units may do with it, and what reads it."""
    on, book = day(), access.book()
    found = book.parameters.get(name) or abort(404)
    known = book.values_of(name)
    rows = [{"since": first, "value": lawview.worded(value, found) if value is not None else None,
             "cites": lawview.cites(book, [Cite.parse(c) for c in found.values[first].cites], first),
             "confidence": found.values[first].confidence, "note": says(found.values[first].note)} for first, value in known.items()]
    local = [{"unit": layer.layer.unit, "since": max(first, layer.layer.since), "value": lawview.worded(entry.value, found)}
             for layer in book.body.layers if layer.layer and name in layer.parameters
             for first, entry in layer.parameters[name].values.items()]
    return _page("law/parameter.html", "values", on, name=name, title=says(found.says) or name, now=lawview.parameter_value(book, name, on),
                 rows=rows[::-1], local=local, may=LOCAL[found.local], readers=lawview.users_of(book, name, on))


@pages.get("/quy-trinh/<id>")
def process(id: str) -> str:
    """A process as on the day: the map of its states and steps, and the table that says the same and more."""
    on, book = day(), access.book()
    law = book.processes.get(id) or abort(404)
    steps = law.steps(on)
    with access.read() as session:
        query = sa.select(Case.state, sa.func.count()).where(
            Case.process == id, visible_cases(access.current_actor(), book, access.site().clock.today())).group_by(Case.state)
        numbers = {state: int(n) for state, n in session.connection().execute(query)}
    labels = {s: state_label(law, s) for s in law.all_states}
    stages = {s: says(label) for s, label in law.head.stages.items()}
    states = [{"id": s, "label": labels[s], "help": says(state.help), "number": numbers.get(s, 0), "kind": _kind(law, s),
               "stage": stages.get(state.stage or ""), "url": url_for("cases.index", state=s),
               "steps": [lawview.step(book, law, i, found, on, s) for i, found in steps.items()
                         if s in law.leaves(found) and OPEN not in found.from_]}
              for s, state in law.all_states.items()]
    return _page(
        "law/process.html", id, on, title=says(law.label), states=states,
        picture=processmap.draw(law, steps, labels, stages, numbers), may_see=access.allowed(access.Policy.OFFICE),
        starts=[lawview.step(book, law, i, s, on) for i, s in steps.items() if law.starts_case(s)],
        anywhere=[lawview.step(book, law, i, s, on) for i, s in steps.items() if OPEN in s.from_],
        duties=[lawview.duty(book, i, d, on) for i, versions in law.duties.items() if (d := pick(versions, on)) is not None],
        ballots=[lawview.ballot(book, i, b, on) for i, versions in law.ballots.items() if (b := pick(versions, on)) is not None],
        deciders=[lawview.decider(book, law, row, on) for row in law.deciders if in_force(row, on)],
        papers=[lawview.paper(book, kind, paper, on) for kind, paper in law.papers.items()])


def _kind(law: Any, state: str) -> str:
    return "closed" if state in law.states.closed else "waiting" if state in law.states.waiting else "open"
