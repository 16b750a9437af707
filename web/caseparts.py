"""The parts of a case page as plain data: stages, papers, periods, events."""
from __future__ import annotations

import datetime as dt
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from rules.calendar import add_months
from rules.process import ProcessLaw
from web import access
from web.caseview import View
from web.findings import state_label, step_label
from web.i18n import current_language, says
from workflow import history, tags
from workflow.journal import EntryView


def stages(view: View) -> list[dict[str, Any]]:
    """The stages of the process with the day on which the case reached each, for the tracker."""
    law, case = view.sight.snapshot.law, view.sight.snapshot.case
    place = list(law.head.stages)
    state = case["resume_state"] or case["state"]
    now = law.all_states[state].stage
    reached = _reached(view, law)
    if now is None:  # ended beside the path: the last stage it was in
        now = next((s for s in reversed(place) if s in reached), None)
    ended_well = case["closed_on"] is not None and law.all_states[case["state"]].stage is not None
    ahead = [v for v in view.verdicts if v.step in view.next]
    held_up = bool(ahead) and all(v.blocking for v in ahead)
    found = []
    for stage in place:
        before = now is not None and place.index(stage) < place.index(now)
        if stage == now:
            mark = "done" if ended_well else "blocked" if held_up or (case["closed_on"] and not ended_well) else "now"
        else:
            mark = "done" if before else "later"
        note = state_label(law, case["state"]) if stage == now else None
        on = reached.get(stage) or (case["state_since"] if stage == now else None)
        found.append({"label": says(law.head.stages[stage]), "state": mark, "on": on if mark != "later" else None, "note": note})
    return found


def _reached(view: View, law: ProcessLaw) -> dict[str, dt.date]:
    """Stage -> the day on which the case first stood in it, as far as it still stands or lies behind it."""
    found: dict[str, dt.date] = {}
    for entry in reversed(view.entries):
        to = entry.header.get("to")
        stage = law.all_states[to].stage if to in law.all_states else None
        if stage is not None:
            found.setdefault(stage, entry.acted_on)
    return found


def papers(view: View, today: dt.date) -> list[dict[str, Any]]:
    """The checklist: every kind of paper that a step of the path asks for or expects, and the papers there are."""
    law = view.sight.snapshot.law
    given: dict[str, list[dict[str, Any]]] = {}
    for row in view.papers:
        given.setdefault(row["kind"], []).append(row)
    groups: dict[str, list[dict[str, Any]]] = {}
    for kind, needed, stage in _wanted(law, today):
        if kind in given or _concerns(view, law, stage):
            groups.setdefault(stage or "", []).append(_paper(view, kind, given.pop(kind, []), needed, today))
    for kind, rows in given.items():
        groups.setdefault("", []).append(_paper(view, kind, rows, False, today))
    order = {stage: place for place, stage in enumerate(law.head.stages)}
    case = view.sight.snapshot.case
    now = law.all_states[case["resume_state"] or case["state"]].stage
    return [{"stage": says(law.head.stages[stage]) if stage in order else _("Other papers"), "items": items,
             "now": stage == now, "there": sum(1 for i in items if i["status"] != "missing")}
            for stage, items in sorted(groups.items(), key=lambda g: order.get(g[0], 99))]


def _wanted(law: ProcessLaw, on: dt.date) -> list[tuple[str, bool, str | None]]:
    """Kinds of paper in the order of the path: kind, whether a step demands it, the stage it belongs to."""
    found: dict[str, tuple[str, bool, str | None]] = {}
    for step in law.steps(on).values():
        states = [s for s in law.leaves(step) if s in law.states.open]
        # What may be done from anywhere (a transfer, a withdrawal) is no part of the checklist.
        stage = law.all_states[states[0]].stage if states and "open" not in step.from_ else None
        for kind in (*step.papers, *step.expects):
            own = law.papers[kind].stage if kind in law.papers else None
            known = found.get(kind)
            found[kind] = (kind, (known[1] if known else False) or kind in step.papers, (known[2] if known else None) or own or stage)
    return [row for row in found.values() if row[0] in law.papers]


def _concerns(view: View, law: ProcessLaw, stage: str | None) -> bool:
    """A stage that the case has reached or stands before."""
    case = view.sight.snapshot.case
    now = law.all_states[case["resume_state"] or case["state"]].stage
    place = list(law.head.stages)
    return stage in place and now in place and place.index(stage) <= place.index(now) + 1


def _paper(view: View, kind: str, rows: list[dict[str, Any]], needed: bool, today: dt.date) -> dict[str, Any]:
    law = view.sight.snapshot.law.papers[kind]
    standing = [r for r in rows if not r["void"]]
    items = [{"number": r["number"], "on": r["issued_on"], "kept_at": r["kept_at"], "void": r["void"],
              "issuer": view.names.unit(r["issuer_id"]) if r["issuer_id"] else None,
              "signatory": view.names.person(r["signatory_id"]) if r["signatory_id"] else None,
              "expires": expiry(view, kind, r["issued_on"])} for r in rows]
    until = max((i["expires"] for i in items if i["expires"] and not i["void"]), default=None)
    return {"kind": kind, "form": law.form, "says": says(law.says), "needed": needed, "rows": items,
            "signed_by": [view.teller.role(r) for r in law.signed_by],
            "status": "expired" if until and until < today else "there" if standing else "missing"}


def expiry(view: View, kind: str, issued: dt.date | None) -> dt.date | None:
    """The last day on which a paper counts, where the law limits its life."""
    parameter = view.sight.snapshot.law.papers[kind].valid
    if not parameter or issued is None:
        return None
    value = access.book().value(parameter, issued, view.sight.snapshot.line.codes).value
    return add_months(issued, value) if isinstance(value, int) else None


def duties(view: View) -> list[dict[str, Any]]:
    """The periods of the case: open ones first by day (what comes back every month last, unless it is late), then paused
    ones, then those met."""
    law, today = view.sight.snapshot.law, view.sight.snapshot.on
    found = []
    for duty in view.sight.snapshot.duties:
        version = law.duty(duty["law"], duty["started_on"]) or (law.duties.get(duty["law"]) or [None])[-1]
        state = "met" if duty["met_on"] else "paused" if duty["paused_on"] else "open"
        label = says(version.says) if version and version.says else duty["kind"]
        found.append({**duty, "label": label, "state": state, "recurs": bool(version and version.every),
                      "owner": view.names.unit(duty["unit_id"])})
    order = {"open": 0, "paused": 1, "met": 2}
    return sorted(found, key=lambda d: (order[d["state"]], d["recurs"] and d["due_on"] >= today, d["due_on"]))


def duty_label(law: ProcessLaw | None, name: str | None) -> str:
    """What a period is called."""
    versions = law.duties.get(name or "") if law else None
    return says(versions[-1].says) if versions and versions[-1].says else (name or "")


def tables(view: View) -> list[dict[str, Any]]:
    """The lists kept with a case (introducers, measures ...): how many, whether complete, and where they are."""
    found = []
    snapshot = view.sight.snapshot
    for name, rows in view.rows.items():
        law, child = snapshot.law.facts[name], snapshot.binding.children[name]
        found.append({"name": name, "label": says(law.label) or name, "count": len(rows), "declared": bool(snapshot.detail[str(child.declared)]),
                      "url": url_for("records.listed", case_id=view.sight.id, collection=name),
                      "people": [view.names.person(r["person_id"]) for r in rows if r.get("person_id") and not r.get("full_name")]})
    return found


def relations(view: View) -> list[dict[str, Any]]:
    """Who stands to the case in which relation, by its legal term; whoever stands in several is told under the first."""
    found: dict[str, list[tuple[str, dt.date | None, dt.date | None]]] = {role: [] for role in view.sight.snapshot.binding.relations}
    told: set[tuple[int, dt.date | None]] = set()
    for related in view.sight.snapshot.related:
        if (related.person_id, related.from_on) not in told:
            told.add((related.person_id, related.from_on))
            found[related.role].append((view.names.person(related.person_id), related.from_on, related.to_on))
    return [{"label": view.teller.role(role), "people": people} for role, people in found.items()]


#: Entries that have a section of their own and stand in the timeline only when asked for.
_ASIDE = frozenset({"case:report:write", "case:work:report", "case:progress:report"})


def events(view: View, everything: bool) -> tuple[list[dict[str, Any]], int]:
    """The timeline, newest first, and how many entries are left out of it."""
    shown = [entry for entry in view.entries if everything or entry.tag not in _ASIDE]
    return [event(view, entry) for entry in shown], len(view.entries) - len(shown)


def event(view: View, entry: EntryView) -> dict[str, Any]:
    """One act: what, when, by whom, for whom, under which law."""
    law, header = view.sight.snapshot.law, entry.header
    step = header.get("step")
    title = step_label(law, step, entry.acted_on) if step in law.step_versions else tags.label(entry.tag, current_language())
    lines, marks = [], []
    if header.get("to") and header.get("to") != header.get("from"):
        lines.append(_("State: %(state)s", state=state_label(law, header["to"])))
    if header.get("carried") is False:
        marks.append((_("vote fell short"), "bad"))
    if header.get("voids"):
        lines.append(_("Undone: %(steps)s", steps="; ".join(step_label(law, s) for s in header["voids"] if s in law.step_versions)))
    failed = [rule for rule, outcome in (header.get("rules") or {}).items() if outcome in ("not_met", "unknown")]
    if failed:
        lines.append(_("Noted, not in the way: %(rules)s", rules="; ".join(_rule_text(law, rule, entry.acted_on) for rule in failed)))
    if header.get("month"):
        lines.append(_("Month %(month)s", month="/".join(reversed(str(header["month"]).split("-")))))
    return {"id": entry.id, "title": title, "on": entry.acted_on, "recorded_at": entry.recorded_at,
            "by": _by(view, entry), "late": bool(header.get("late")), "lines": lines, "tags": marks,
            "url": _entry_url(view, entry.id), "edition": entry.edition[:8] if entry.edition else None}


def _rule_text(law: ProcessLaw, rule: str, on: dt.date) -> str:
    found = law.rule(rule, on)
    return says(found.says) if found else rule


def _entry_url(view: View, entry: int) -> str | None:
    """The page of an entry, for who sees the history through an office: whoever only has a part in the case reads it here."""
    by_office = view.sight.roles & history.readers() & set(access.book().offices)
    return url_for("history.show", entry_id=entry) if by_office else None


def _by(view: View, entry: EntryView) -> str:
    header = entry.header
    parts = []
    if header.get("signatory"):
        name = view.names.person(header["signatory"])
        right = view.teller.role(header["right"]) if header.get("right") else None
        organ = view.names.unit(header["organ"]) if header.get("organ") else None
        parts.append(", ".join(p for p in (name, right, organ) if p))
    if header.get("on_behalf_of"):
        parts.append(_("on behalf of %(name)s", name=view.names.person(header["on_behalf_of"])))
    if entry.recorder and (not header.get("signatory") or entry.recorder != view.names.person(header.get("signatory"))):
        parts.append(_("entered by %(name)s", name=entry.recorder))
    if isinstance(header.get("second_reader"), int) and not isinstance(header.get("second_reader"), bool):
        parts.append(_("read by %(name)s", name=view.names.person(header["second_reader"])))
    return "; ".join(parts)
