"""What follows a unit that ends or is split: units below, offices, members, open cases and their duties."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import tree
from workflow.bindings import BINDINGS
from workflow.context import Actor
from workflow.errors import BadInput
from workflow.inputs import shown
from workflow.journal import Act
from workflow.models import Base
from workflow.offices import close_office
from workflow.tree import UnitOn
from workflow.unitversions import open_version

_TABLES = Base.metadata.tables
CASE, DUTY, OFFICE, PERSON = (_TABLES[n] for n in ("case", "duty", "office", "person"))
#: The column of a detail row that names the unit to which a case is on its way.
TRANSFER = "transfer_unit_id"


@dataclass(frozen=True, slots=True)
class Successors:
    """Who takes over: ``rest`` everything, unless a case (by id or key of its person) or a unit below is named."""

    rest: UnitOn | None
    cases: Mapping[int | str, UnitOn] = field(default_factory=dict)
    children: Mapping[str, UnitOn] = field(default_factory=dict)

    def of_case(self, case: int | None, key: str | None) -> UnitOn | None:
        return (self.cases.get(case) if case else None) or (self.cases.get(key) if key else None) or self.rest

    def of_child(self, code: str) -> UnitOn | None:
        return self.children.get(code) or self.rest


def settle(act: Act, old: UnitOn, last: dt.date, heirs: Successors) -> None:
    """As part of the act that ends ``old``: its offices end, its own open duties are closed, its members follow.

    Refused when a member would be left without a unit.
    """
    connection = act.connection
    for office in _rows(connection, sa.select(OFFICE).where(OFFICE.c.unit_id == old.id, _beyond(OFFICE.c.to_on, last))):
        if office["from_on"] > last:
            raise BadInput(f"Đơn vị {old.code} có chức trách được giao từ {shown(office['from_on'])}, sau ngày kết thúc "
                           f"{shown(last)}; hãy thôi chức trách đó trước.", "unit")
        close_office(act, office, last)
    for duty in _rows(connection, sa.select(DUTY).where(DUTY.c.unit_id == old.id, DUTY.c.case_id.is_(None), _OPEN)):
        act.update(DUTY, duty["id"], {"closed_on": last, "open_until": None}, old=duty)
    homes = {case["subject_person_id"]: case["id"] for case in _cases(connection, old.id)}
    members = sa.select(PERSON.c.id, PERSON.c.key, PERSON.c.unit_id).where(PERSON.c.unit_id == old.id).order_by(PERSON.c.id)
    for person in _rows(connection, members):
        heir = heirs.of_case(homes.get(person["id"]), person["key"])
        if heir is None:
            raise BadInput(f"Đơn vị {old.code} còn người sinh hoạt; hãy nêu đơn vị kế thừa.", "successor")
        act.update(PERSON, person["id"], {"unit_id": heir.id}, old=person, person=person["id"])


def hand_over(session: Session, actor: Actor | None, on: dt.date, old: UnitOn, heirs: Successors) -> None:
    """Let units below, open cases and their duties follow from the day on. Refused when one would be left without a place.

    Consolidation cases, whose subject is the unit itself, stay: what becomes of them is decided by a step of their own.
    The end of ``old`` must be written before, so that no case can be opened there in between.
    """
    for child in tree.children(session, old.id, on):
        heir = heirs.of_child(child.code)
        if heir is None:
            raise BadInput(f"Đơn vị {old.code} còn {child.name} ({child.code}) trực thuộc; hãy chuyển đơn vị đó trước, "
                           "hoặc nêu đơn vị kế thừa.", "successor")
        if heir.id != old.id:  # a unit that takes over from the one above it moves up into its place
            upper = heir.id if heir.id != child.id else old.parent_id
            open_version(session, actor, on, child.id, {"parent": upper}, kind="moved", tag="unit:unit:move", paper=None,
                         cause=old.code)
    connection = session.connection()
    for case in _cases(connection, old.id):
        heir = heirs.of_case(case["id"], case["key"])
        if heir is None:
            raise BadInput(f"Đơn vị {old.code} còn hồ sơ số {case['id']} đang giải quyết; hãy nêu đơn vị kế thừa.", "successor")
        if heir.id != old.id:
            _follow(session, actor, on, case, old, heir)
    if heirs.rest is not None and heirs.rest.id != old.id:
        for case in _touched(connection, old.id):
            _follow(session, actor, on, case, old, heirs.rest)


_OPEN = sa.and_(DUTY.c.met_on.is_(None), DUTY.c.closed_on.is_(None))
_CASES = (sa.select(CASE.c.id, CASE.c.process, CASE.c.unit_id, CASE.c.version, CASE.c.last_act_on, CASE.c.subject_person_id,
                    PERSON.c.key)
          .outerjoin(PERSON, PERSON.c.id == CASE.c.subject_person_id).where(CASE.c.closed_on.is_(None)).order_by(CASE.c.id))


def _cases(connection: sa.Connection, unit: int) -> list[dict[str, Any]]:
    """The open cases of people at the unit; a case of the unit itself follows nobody."""
    return _rows(connection, _CASES.where(CASE.c.unit_id == unit, CASE.c.subject_person_id.is_not(None)))


def _touched(connection: sa.Connection, unit: int) -> list[dict[str, Any]]:
    """Open cases of other units that wait for this one: for a duty of its, or for a transfer to it."""
    waiting = sa.select(DUTY.c.case_id).where(DUTY.c.unit_id == unit, _OPEN)
    coming = [CASE.c.id.in_(sa.select(b.detail.c.case_id).where(b.detail.c[TRANSFER] == unit)) for b in BINDINGS.values()
              if TRANSFER in b.detail.c]
    return _rows(connection, _CASES.where(CASE.c.unit_id != unit, sa.or_(CASE.c.id.in_(waiting), *coming)))


def _follow(session: Session, actor: Actor | None, on: dt.date, case: Mapping[str, Any], old: UnitOn, heir: UnitOn) -> None:
    act = Act(session, stream=f"case:{case['id']}", tag="case:case:follow", acted_on=on, actor=actor, case_id=case["id"],
              unit_id=heir.id, subject_person_id=case["subject_person_id"],
              header={"from_unit": old.code, "to_unit": heir.code})
    # A paper of an earlier day would now be judged by another cell's place: it is too late for it, as after any act.
    moved = {"unit_id": heir.id, "last_act_on": max(case["last_act_on"], on)} if case["unit_id"] == old.id else {}
    act.update(CASE, case["id"], {**moved, "version": case["version"] + 1}, old=case, seen={"version": case["version"]})
    duties = sa.select(DUTY.c.id, DUTY.c.unit_id).where(DUTY.c.case_id == case["id"], DUTY.c.unit_id == old.id, _OPEN)
    for duty in _rows(act.connection, duties):
        act.update(DUTY, duty["id"], {"unit_id": heir.id}, old=duty)
    detail = BINDINGS[case["process"]].detail
    if TRANSFER in detail.c:
        coming = sa.select(detail.c[TRANSFER]).where(detail.c.case_id == case["id"])
        if act.connection.scalar(coming) == old.id:
            act.update(detail, case["id"], {TRANSFER: heir.id}, old={TRANSFER: old.id})
    act.write()


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]


def _beyond(column: sa.ColumnElement[Any], last: dt.date) -> sa.ColumnElement[bool]:
    return sa.or_(column.is_(None), column > last)
