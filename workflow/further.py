"""A case that an act opens beside the one it moves: of a unit that fell back, or of the unit that took another's place."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.process import ProcessLaw
from rules.schema import Opens
from workflow import duties, tree
from workflow.binding import Binding, Child
from workflow.context import Actor, book_of, clock_of
from workflow.errors import BadInput, Conflict
from workflow.journal import Act
from workflow.models import Case, Duty
from workflow.snapshot import Snapshot, decider_of, place
from workflow.verdict import StepVerdict

_case: sa.Table = Case.__table__  # type: ignore[assignment]
_duty: sa.Table = Duty.__table__  # type: ignore[assignment]
#: Columns of a detail row that are the new case's own.
_OWN = frozenset({"case_id", "state", "imported"})


def open_beside(session: Session, snapshot: Snapshot, verdict: StepVerdict, actor: Actor, opens: Opens) -> int | None:
    """Open the further case, once the act that asks for it has changed its own. Returns its id, None where none is opened.

    With ``carries`` it stands where the first one stood: facts, lists and running duties come along, each duty with the
    days it had. Without, it begins as its start step would have it begin. Raises Conflict when the unit has an open case.
    """
    book, law, on = book_of(session), snapshot.law, verdict.on
    if opens.when is not None:
        asked = law.expression("bool", opens.when)
        if book.evaluate(asked, verdict.facts, on, snapshot.line.codes) is not True:
            return None
    unit = snapshot.case["subject_unit_id"] if opens.unit is None else verdict.facts.get(opens.unit)
    if opens.unit is not None and unit is None:
        raise BadInput("Chưa có tổ chức kế thừa.", opens.unit)
    line = place(session, unit or snapshot.case["unit_id"], on)
    tree.hold(session, line)
    organ = decider_of(law, line, on).organ
    state = verdict.state if opens.state == "same" else opens.state
    person = snapshot.case["subject_person_id"]
    act = Act(session, stream="", tag="case:case:open", acted_on=on, actor=actor, recorded_at=clock_of(session).now(),
              unit_id=line.unit.id, subject_person_id=person,
              header={"process": law.id, "to": state, "case": snapshot.id, "edition": book.edition})
    try:
        case_id = act.insert(_case, {
            "process": law.id, "subject_person_id": person, "subject_unit_id": unit, "unit_id": line.unit.id,
            "decider_id": organ.id if organ else None, "state": state, "opened_on": on, "last_act_on": on, "state_since": on,
            "resume_state": snapshot.case["resume_state"] if state in law.states.waiting else None,
            "imported": bool(snapshot.case["imported"]) and opens.carries})
    except sa.exc.IntegrityError as error:
        raise Conflict("Tổ chức này đã có một hồ sơ đang mở; hãy giải quyết hồ sơ đó trước.") from error
    act.stream, act.case_id = f"case:{case_id}", case_id
    binding, homes = snapshot.binding, snapshot.binding.homes(law)
    begun = None if opens.carries else _begin(session, law, binding, state, unit, line, verdict)
    detail = _carried(snapshot) if begun is None else begun.detail
    act.insert(binding.detail, {**detail, homes[opens.link]: snapshot.id, "case_id": case_id, "state": state,
                                "imported": bool(snapshot.detail["imported"]) and opens.carries})
    if begun is not None:
        for duty in begun.duties:
            act.insert(_duty, {"case_id": case_id, **duty})
    else:
        for child in binding.children.values():
            if child.of == "case":
                _copy(act, child, snapshot, case_id)
        _duties(act, snapshot, case_id, line, organ.id if organ else None)
    act.write()
    return case_id


def _carried(snapshot: Snapshot) -> dict[str, Any]:
    return {name: value for name, value in snapshot.detail.items() if name not in _OWN}


class Begun(NamedTuple):
    """What the start step that leads to a state would have written by itself: columns of the detail row, and duties."""

    detail: dict[str, Any]
    duties: list[dict[str, Any]]


def _begin(session: Session, law: ProcessLaw, binding: Binding, state: str, unit: int | None, line: tree.Line,
           verdict: StepVerdict) -> Begun:
    book, on = book_of(session), verdict.on
    start = next(((id_, step) for id_, step in law.steps(on).items() if law.starts_case(step) and step.to == state), None)
    if start is None:
        return Begun({}, [])
    id_, step = start
    case = {"id": None, "subject_unit_id": unit, "state": state}
    path = decider_of(law, line, on)
    unborn = Snapshot(session, law, binding, on, case, dict.fromkeys(binding.detail.c.keys()), {}, None, line, path)
    homes, facts = binding.homes(law), unborn.facts()
    found = {homes[fact]: book.evaluate(law.following(fact, text), facts, on, line.codes) for fact, text in step.derived.items()
             if fact in homes}
    day = binding.day_column(id_)
    setting = duties.Setting(book, law, line, path.organ, on, {**facts, f"did.{id_}": on}, f"{id_}@1")
    begun = [row for row in (duties.start(setting, name) for name in step.starts) if row is not None]
    return Begun(found | ({day: on} if day else {}), begun)


def _copy(act: Act, child: Child, snapshot: Snapshot, case_id: int) -> None:
    rows = sa.select(child.table).where(child.table.c.case_id == snapshot.id).order_by(child.table.c.id)
    copied: dict[int | None, int] = {}
    for row in act.connection.execute(rows).mappings().all():
        # A row of a later plan says which row of the former one it was: here that is the copy.
        origin = {"origin_id": copied.get(row["origin_id"])} if "origin_id" in row else {}
        copied[row["id"]] = act.insert(child.table, {**row, "id": None, "case_id": case_id, **origin})


def _duties(act: Act, snapshot: Snapshot, case_id: int, line: tree.Line, organ: int | None) -> None:
    """The duties that still ran when the act was judged go on in the new case; those of the unit with the new unit."""
    own = snapshot.case["unit_id"]
    for duty in snapshot.duties:
        if duties.is_open(duty):
            unit = line.unit.id if duty["unit_id"] == own else organ or line.unit.id
            act.insert(_duty, {**_plain(duty), "case_id": case_id, "unit_id": unit})


def _plain(duty: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in duty.items() if name != "id"}
