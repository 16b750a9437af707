"""An entry of the history in words: what happened, by whom, under which law, and what it changed."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from rules.book import ProcessLaw, Rulebook
from web import storedwords
from web.findings import Teller, role_label, state_label, step_label
from web.i18n import current_language, says
from workflow import tags
from workflow.bindings import BINDINGS
from workflow.history import About, section_of
from workflow.journal import EntryView
from workflow.naming import Names

TABLES: Mapping[str, Any] = {
    "case": lazy_gettext("Case"), "admission": lazy_gettext("Details of the case"), "helper": lazy_gettext("Assigned helper"),
    "introducer": lazy_gettext("Introducer"), "relative": lazy_gettext("Relative"), "opinion": lazy_gettext("Opinion"),
    "ballot": lazy_gettext("Count of votes"), "paper": lazy_gettext("Paper"), "duty": lazy_gettext("Period"),
    "meeting": lazy_gettext("Meeting"), "sponsor_report": lazy_gettext("Helper's report"),
    "source_review": lazy_gettext("Review of the source list"), "source_review_item": lazy_gettext("Review of the source list"),
    "person": lazy_gettext("Person"), "office": lazy_gettext("Office"), "substitution": lazy_gettext("Substitution"),
    "conflict": lazy_gettext("Declared tie"), "unit": lazy_gettext("Unit"), "unit_version": lazy_gettext("Version of the unit"),
    "unit_succession": lazy_gettext("What became of the unit"), "unit_strength": lazy_gettext("Strength"),
    "target": lazy_gettext("Target"), "statement": lazy_gettext("Stated figure"), "account": lazy_gettext("Account"),
    "consolidation": lazy_gettext("Details of the case"), "team_member": lazy_gettext("Member of the working team"),
    "cadre": lazy_gettext("Reinforced cadre"), "measure": lazy_gettext("Measure"), "indicator": lazy_gettext("Indicator"),
    "criteria_set": lazy_gettext("Set of criteria"), "plan_version": lazy_gettext("Version of the plan"),
    "plan_extension": lazy_gettext("Extension of the plan"), "work_report": lazy_gettext("Report on the plan"),
    "visit": lazy_gettext("Visit"), "rating": lazy_gettext("Classification"), "rating_count": lazy_gettext("Members by level"),
    "rating_head": lazy_gettext("Level of the head"), "unit_problem": lazy_gettext("Problem of the unit"),
    "admission_profile": lazy_gettext("What was known on the day of the decision"), "report_copy": lazy_gettext("Locked copy of a report"),
}
#: Column -> what it is called, where it holds no fact of the law.
COLUMNS: Mapping[str, Any] = {
    "state": lazy_gettext("State"), "resume_state": lazy_gettext("State to take up again"), "version": lazy_gettext("Version"),
    "opened_on": lazy_gettext("Opened on"), "closed_on": lazy_gettext("Ended on"), "last_act_on": lazy_gettext("Last act on"),
    "state_since": lazy_gettext("In this state since"), "unit_id": lazy_gettext("Unit"), "decider_id": lazy_gettext("Organ that decides"),
    "person_id": lazy_gettext("Person"), "case_id": lazy_gettext("Case"), "process": lazy_gettext("Process"),
    "subject_person_id": lazy_gettext("Person"), "subject_unit_id": lazy_gettext("Unit"), "imported": lazy_gettext("Taken over from paper"),
    "kind": lazy_gettext("Kind"), "number": lazy_gettext("Number"), "issued_on": lazy_gettext("Issued on"),
    "issuer_id": lazy_gettext("Issued by"), "signatory_id": lazy_gettext("Signed by"), "signed_by": lazy_gettext("Signed by"),
    "kept_at": lazy_gettext("Kept at"), "extract": lazy_gettext("Extract"), "step": lazy_gettext("Step"), "void": lazy_gettext("Void"),
    "law": lazy_gettext("By the law of"), "basis": lazy_gettext("Started by"), "started_on": lazy_gettext("Started on"),
    "due_on": lazy_gettext("Due on"), "former_due_on": lazy_gettext("Due before on"), "open_until": lazy_gettext("Runs until"),
    "met_on": lazy_gettext("Met on"), "paused_on": lazy_gettext("Paused on"), "extended": lazy_gettext("Extended by"),
    "provisional": lazy_gettext("Provisional"), "edition": lazy_gettext("Edition of the law"), "held_on": lazy_gettext("Held on"),
    "round": lazy_gettext("Round"), "entitled": lazy_gettext("Entitled"), "away": lazy_gettext("Temporarily away"),
    "exempt_absent": lazy_gettext("Exempt and absent"), "present": lazy_gettext("Present"), "votes_for": lazy_gettext("For"),
    "against": lazy_gettext("Against"), "blank": lazy_gettext("Blank"), "base": lazy_gettext("Counted against"),
    "needed": lazy_gettext("Needed"), "carried": lazy_gettext("Carried"), "method": lazy_gettext("Method"),
    "month": lazy_gettext("Month"), "task": lazy_gettext("Task"), "note": lazy_gettext("Note"), "proposes": lazy_gettext("Proposes"),
    "verdict": lazy_gettext("Verdict"), "review_id": lazy_gettext("Review of the source list"), "reason": lazy_gettext("Reason"),
    "transfer_unit_id": lazy_gettext("Receiving unit"), "from_on": lazy_gettext("From"), "to_on": lazy_gettext("To"),
    "paper": lazy_gettext("Paper"), "role": lazy_gettext("Office"), "office_id": lazy_gettext("Office"), "code": lazy_gettext("Code"),
    "name": lazy_gettext("Name"), "parent_id": lazy_gettext("Under"), "delegated": lazy_gettext("Delegated"),
    "on_day": lazy_gettext("On the day"), "successor_id": lazy_gettext("Successor"), "as_of": lazy_gettext("As of"),
    "official": lazy_gettext("Official members"), "probationary": lazy_gettext("Probationary members"),
    "comparator": lazy_gettext("Comparison"), "source": lazy_gettext("Source"), "indicator": lazy_gettext("Indicator"),
    "period_from": lazy_gettext("Period from"), "period_to": lazy_gettext("Period to"), "value": lazy_gettext("Value"),
    "key": lazy_gettext("Key"), "full_name": lazy_gettext("Full name"), "born_on": lazy_gettext("Born on"),
    "gender": lazy_gettext("Gender"), "ethnicity": lazy_gettext("Ethnicity"), "standing": lazy_gettext("Standing"),
    "username": lazy_gettext("User name"), "disabled": lazy_gettext("Disabled"), "administrator": lazy_gettext("Administrator"),
    "tie": lazy_gettext("Tie"), "other_id": lazy_gettext("Person"), "declared_on": lazy_gettext("Declared on"),
    "plan_no": lazy_gettext("Version of the plan"), "no": lazy_gettext("Version of the plan"), "owner_id": lazy_gettext("Owner"),
    "oversight_id": lazy_gettext("Charged with oversight"), "stream": lazy_gettext("Field of work"), "content": lazy_gettext("Content"),
    "progress": lazy_gettext("Progress"), "result": lazy_gettext("Result"), "unit": lazy_gettext("Unit of measure"),
    "scale": lazy_gettext("Digits after the comma"), "plan_value": lazy_gettext("Planned value"), "prior_value": lazy_gettext("Former value"),
    "change": lazy_gettext("Change as stated"), "change_kind": lazy_gettext("The change is counted"), "total": lazy_gettext("Criteria in all"),
    "met": lazy_gettext("Of these met"), "exceeded": lazy_gettext("Of these exceeded"), "until_on": lazy_gettext("Plan until"),
    "decided_on": lazy_gettext("Decided on"), "period": lazy_gettext("Period"), "written_on": lazy_gettext("Written on"),
    "visited_on": lazy_gettext("Day of the visit"), "occasion": lazy_gettext("Occasion"), "former_post": lazy_gettext("Post before"),
    "post": lazy_gettext("Post in the unit"), "organ": lazy_gettext("From which organ"), "noted_on": lazy_gettext("Noted on"),
    "origin_id": lazy_gettext("The same in the plan before"), "label": lazy_gettext("Level as printed"), "scheme": lazy_gettext("Scheme"),
    "rank": lazy_gettext("Rank"), "points": lazy_gettext("Points"), "organ_id": lazy_gettext("Organ that decides"),
}
#: Columns that only serve searching and sorting.
HIDDEN = ("name_fold", "sort_key")
OPERATIONS = {"insert": lazy_gettext("added"), "update": lazy_gettext("changed"), "delete": lazy_gettext("removed")}
PEOPLE, UNITS = ("person_id", "signatory_id", "other_id", "second_reader_id", "subject_person_id", "owner_id",
                 "oversight_id"), (
    "unit_id", "issuer_id", "parent_id", "transfer_unit_id", "decider_id", "successor_id", "subject_unit_id", "successor_unit_id", "organ_id")


def law_of(book: Rulebook, entry: EntryView, about: About | None) -> ProcessLaw | None:
    """The process of an entry on a case."""
    return book.processes.get(entry.header.get("process") or (about.process if about else ""))


def title(book: Rulebook, entry: EntryView, law: ProcessLaw | None) -> str:
    """What was done: the step by its legal term, or the kind of act."""
    step = entry.header.get("step")
    if law is not None and step in law.step_versions:
        return step_label(law, step, entry.acted_on)
    return tags.label(entry.tag, current_language())


def people_of(entries: Iterable[EntryView]) -> set[Any]:
    """The people whom the headers name."""
    return {e.header.get(k) for e in entries for k in ("signatory", "on_behalf_of", "second_reader")} | {
        int(e.stream[7:]) for e in entries if e.stream.startswith("person:") and e.stream[7:].isdigit()}


def line(book: Rulebook, entry: EntryView, about: About | None, names: Names) -> dict[str, Any]:
    """A line of the list."""
    law, header = law_of(book, entry, about), entry.header
    return {"id": entry.id, "title": title(book, entry, law), "acted_on": entry.acted_on, "recorded_at": entry.recorded_at,
            "late": bool(header.get("late")), "who": subject(entry, about, names),
            "to": state_label(law, header["to"]) if law and header.get("to") and header.get("to") != header.get("from") else None,
            "short": header.get("carried") is False, "unit": names.unit(entry.unit_id) if entry.unit_id else "–",
            "signatory": names.person(header.get("signatory")) if header.get("signatory") else None, "recorder": entry.recorder,
            "edition": entry.edition, "hash": entry.hash, "stream": entry.stream, "seq": entry.stream_seq,
            "from_state": state_label(law, header["from"]) if header.get("from") else None,
            "to_state": state_label(law, header["to"]) if header.get("to") else None, "tag": entry.tag, "step": header.get("step")}


def subject(entry: EntryView, about: About | None, names: Names) -> str | None:
    """Whom or what the entry is about."""
    if about is not None:
        return about.person or names.unit(about.unit_id)
    if entry.stream.startswith("person:") and entry.stream[7:].isdigit():
        return names.person(int(entry.stream[7:]))
    return names.unit(entry.unit_id) if entry.unit_id else None


def head(book: Rulebook, entry: EntryView, about: About | None, names: Names) -> list[tuple[str, Any]]:
    """The header in words: label and value."""
    law, header = law_of(book, entry, about), entry.header
    found: list[tuple[str, Any]] = []
    if header.get("from") or header.get("to"):
        found += [(_("State before"), state_label(law, header["from"]) if header.get("from") else _("none")),
                  (_("State after"), state_label(law, header["to"]) if header.get("to") else "–")]
    if header.get("signatory"):
        found.append((_("Signed by"), names.person(header["signatory"])))
    if header.get("right") or header.get("role"):
        found.append((_("As"), role_label(book, header.get("right") or header["role"])))
    if header.get("organ"):
        found.append((_("Organ"), names.unit(header["organ"])))
    if header.get("on_behalf_of"):
        found.append((_("On behalf of"), names.person(header["on_behalf_of"])))
    second = header.get("second_reader")
    if second is not None:
        found.append((_("Second reader"), names.person(second) if not isinstance(second, bool) else (_("yes") if second else _("no"))))
    found.append((_("Entered by"), entry.recorder or _("the installation itself")))
    if "carried" in header:
        found.append((_("Vote"), _("carried") if header["carried"] else _("fell short")))
    if header.get("voids") and law is not None:
        found.append((_("Undone steps"), "; ".join(step_label(law, s) for s in header["voids"])))
    if header.get("month"):
        found.append((_("Month"), "/".join(reversed(str(header["month"]).split("-")))))
    return found


def outcomes(book: Rulebook, entry: EntryView, law: ProcessLaw | None) -> list[dict[str, Any]]:
    """The rules as they were judged, those that failed first."""
    order = {"not_met": 0, "unknown": 1, "met": 2, "not_applicable": 3}
    found = []
    for rule, outcome in (entry.header.get("rules") or {}).items():
        version = law.rule(rule, entry.acted_on) if law is not None else None
        found.append({"rule": rule, "outcome": outcome, "says": says(version.says) if version else rule})
    return sorted(found, key=lambda f: order.get(f["outcome"], 4))


def values(teller: Teller, entry: EntryView) -> list[tuple[str, Any]]:
    """The facts that the act rested on."""
    found: dict[str, Any] = {}
    for body in entry.bodies("values"):
        inner = body.get("values", body) if isinstance(body, Mapping) else {}
        found |= inner
    return [(teller.label(name), teller.value(name, value)) for name, value in sorted(found.items())]


def changes(book: Rulebook, law: ProcessLaw | None, names: Names, entry: EntryView, sees: frozenset[str] | None) -> list[dict[str, Any]]:
    """The row changes that one may see, in their order; ``sees`` are the sections of a case, None for acts beside cases."""
    found = []
    for change in sorted((c for c in entry.bodies("rows")), key=lambda c: c["n"]):
        table = change["table"]
        if sees is not None and section_of(table) not in sees:
            continue
        rows = [(column_label(law, table, column), shown(book, law, names, table, column, old), shown(book, law, names, table, column, new))
                for column, (old, new) in sorted(change["set"].items()) if column not in HIDDEN]
        found.append({"table": TABLES.get(table, table), "key": change["key"], "op": OPERATIONS.get(change["op"], change["op"]),
                      "rows": rows, "changed": change["op"] == "update"})
    return found


def column_label(law: ProcessLaw | None, table: str, column: str) -> Any:
    """What a column is called: the label of the fact that lives there, a common word, or its own name."""
    binding = BINDINGS.get(law.id) if law is not None else None
    if law is None or binding is None:
        return COLUMNS.get(column, column)
    if table == binding.detail.name:
        for name, home in binding.homes(law).items():
            if home == column and law.facts[name].label:
                return says(law.facts[name].label)
        if column.endswith("_on") and column[:-3] in law.step_versions:
            return step_label(law, column[:-3])
    for name, child in binding.children.items():
        if child.table.name == table:
            for field, item in (law.facts[name].items or {}).items():
                if child.column(field) == column and item.label:
                    return says(item.label)
    return COLUMNS.get(column, column)


def shown(book: Rulebook, law: ProcessLaw | None, names: Names, table: str, column: str, value: Any) -> Any:
    """A stored value as it is read: names for numbers, words for codes, a month without its first day."""
    if value is None:
        return None
    if column in PEOPLE:
        return names.person(value)
    if column in UNITS:
        return names.unit(value)
    if column in ("month", "period") and isinstance(value, str):
        return "/".join(reversed(value.split("-")[:2]))
    return storedwords.told(book, law, table, column, value) if isinstance(value, str) else value


def named(entry: EntryView) -> tuple[set[Any], set[Any]]:
    """The people and units that an entry's header and row changes name."""
    people, places = people_of([entry]), {entry.unit_id, entry.header.get("organ")}
    for change in entry.bodies("rows"):
        for column, pair in change["set"].items():
            (people if column in PEOPLE else places if column in UNITS else set()).update(pair)
    for body in entry.bodies("values"):
        for name, value in (body.get("values", body) if isinstance(body, Mapping) else {}).items():
            if name in ("case.unit", "case.decider", "path.organ"):
                places.add(value)
            elif isinstance(value, int) and not isinstance(value, bool) and name.endswith(("person", "helper")):
                people.add(value)
    return people, {p for p in places if p is not None}
