"""A running case taken over from paper: the state it is in, and what that state rests on. Marked, and not judged."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules import values
from rules.loader import near
from rules.nodes import Rows
from rules.process import ProcessLaw
from workflow import tree
from workflow.binding import Binding
from workflow.bindings import BINDINGS
from workflow.caserows import assign_helper, state_strength
from workflow.context import Actor, book_of
from workflow.engine import Subject, check_subject, law_of
from workflow.errors import AlreadyOpen, BadInput
from workflow.journal import Act
from workflow.models import Case, Duty, Paper, Person
from workflow.snapshot import decider_of, place

_case: sa.Table = Case.__table__  # type: ignore[assignment]
_duty: sa.Table = Duty.__table__  # type: ignore[assignment]
_paper: sa.Table = Paper.__table__  # type: ignore[assignment]
_person: sa.Table = Person.__table__  # type: ignore[assignment]


def import_case(session: Session, actor: Actor | None, subject: Subject, *, state: str, on: dt.date,
                facts: Mapping[str, Any] | None = None, did: Mapping[str, dt.date] | None = None,
                papers: Sequence[Mapping[str, Any]] = (), duties: Sequence[Mapping[str, Any]] = ()) -> int:
    """Open a case in the middle of its way; returns its id.

    ``did`` gives the days of former steps, ``duties`` the running periods ``{kind, started, due?, met?}``, whose due
    day follows the law of the day they started. Raises BadInput naming what does not fit.
    """
    law, binding = law_of(session, subject.process), BINDINGS[subject.process]
    check_subject(law, subject)
    if state not in law.all_states:
        raise BadInput(f"Không có trạng thái {state}{near(state, law.all_states)}.", "state")
    if state in law.states.waiting:
        raise BadInput(f"Không thể nhập hồ sơ đang ở trạng thái chờ ({state}).", "state")
    read, wrong = values.read_facts(facts or {}, law.facts)
    if wrong:
        raise BadInput("; ".join(f"{name}: {why}" for name, why in wrong), wrong[0][0])
    line = place(session, subject.unit_id, on)
    tree.hold(session, line)
    organ = decider_of(law, line, on).organ
    act = Act(session, stream="", tag="case:case:import", acted_on=on, actor=actor, unit_id=subject.unit_id,
              subject_person_id=subject.person_id, header={"process": law.id, "to": state})
    closed = on if state in law.states.closed else None
    try:
        case_id = act.insert(_case, {
            "process": law.id, "subject_person_id": subject.person_id, "subject_unit_id": subject.subject_unit_id,
            "unit_id": subject.unit_id, "decider_id": organ.id if organ else None, "state": state, "opened_on": on,
            "last_act_on": on, "state_since": on, "closed_on": closed, "imported": True})
    except sa.exc.IntegrityError as error:
        raise AlreadyOpen from error
    act.stream, act.case_id = f"case:{case_id}", case_id
    detail = _stored(law, binding, read) | _days(binding, law, did or {})
    act.insert(binding.detail, {"case_id": case_id, "state": state, "imported": True, **detail})
    _elsewhere(act, binding, subject, case_id, read, on)
    _children(act, binding, subject, case_id, read)
    for paper in papers:
        act.insert(_paper, {"case_id": case_id, "kind": _kind(law, paper), "number": paper.get("number"),
                            "issued_on": paper.get("date"), "issuer_id": paper.get("issuer"),
                            "signatory_id": paper.get("signed_by"), "kept_at": paper.get("kept_at")})
    for duty in duties:
        row = _running(session, law, duty, line.codes)
        act.insert(_duty, {"case_id": case_id, "unit_id": subject.unit_id, **row})
    act.write()
    return case_id


def _stored(law: ProcessLaw, binding: Binding, read: Mapping[str, Any]) -> dict[str, Any]:
    homes = binding.homes(law)
    found = {}
    for name, value in read.items():
        if name in homes:
            found[homes[name]] = value
        elif law.facts[name].items is None and name not in binding.elsewhere:
            raise BadInput(f"{name} không phải dữ kiện được lưu; hãy nêu trong `did` hoặc `duties`.", name)
    return found


def _days(binding: Binding, law: ProcessLaw, did: Mapping[str, dt.date]) -> dict[str, Any]:
    found = {}
    for step, day in did.items():
        column = binding.day_column(step)
        if column is None:
            raise BadInput(f"Quy trình không lưu ngày của bước {step}{near(step, law.step_versions)}.", f"did.{step}")
        found[column] = day
    return found


def _elsewhere(act: Act, binding: Binding, subject: Subject, case_id: int, read: Mapping[str, Any], on: dt.date) -> None:
    for name, home in binding.elsewhere.items():
        value = read.get(name)
        if value is None:
            continue
        if home == "strength.official":
            state_strength(act, subject.unit_id, value, on)
        elif home == "helper.person_id":
            assign_helper(act, [], case_id, value, on)
        elif home.startswith("person.") and subject.person_id is not None:
            act.update(_person, subject.person_id, {home.partition(".")[2]: value}, person=subject.person_id)


def _children(act: Act, binding: Binding, subject: Subject, case_id: int, read: Mapping[str, Any]) -> None:
    for name, child in binding.children.items():
        rows = read.get(name)
        if not isinstance(rows, Rows):
            continue
        owner = case_id if child.of == "case" else subject.subject_unit_id
        for number, item in enumerate(rows.items, start=1):
            counted = {"no": number} if "no" in child.table.c else {}
            act.insert(child.table, {child.link: owner, **counted, **{child.column(k): v for k, v in item.items()}})
        if rows.declared and child.declared is not None:
            act.update(binding.detail, case_id, {child.declared: True}, old={child.declared: False})


def _kind(law: ProcessLaw, paper: Mapping[str, Any]) -> str:
    kind = str(paper.get("kind"))
    if kind not in law.papers:
        raise BadInput(f"Không có loại văn bản {kind}{near(kind, law.papers)}.", "papers")
    return kind


def _running(session: Session, law: ProcessLaw, duty: Mapping[str, Any], codes: tuple[str, ...]) -> dict[str, Any]:
    kind, started = str(duty.get("kind")), duty["started"]
    named = [name for name in law.duties if kind in (name, law.duty_kind(name))]
    found = next(((name, version) for name in named if (version := law.duty(name, started))), None)
    if found is None:
        raise BadInput(f"Không có thời hạn {kind} vào ngày {started:%d/%m/%Y}{near(kind, law.duties)}.", "duties")
    name, version = found
    term = version.term or version.every
    assert term is not None
    due = book_of(session).due(term, started, started, codes)
    due_on = duty.get("due") or due.on
    met = duty.get("met")
    return {"kind": law.duty_kind(name), "law": name, "basis": f"import@{started.isoformat()}", "started_on": started,
            "due_on": due_on, "open_until": None if met else due_on, "met_on": met, "provisional": due.provisional,
            "edition": book_of(session).edition}
