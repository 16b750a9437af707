"""Problems noted of a unit (complex security, disunity ...): what makes it weak beside its rating. Who spoke is never kept."""
from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.book import Rulebook
from rules.schema import CodeType
from workflow import tree
from workflow.context import Actor, book_of, clock_of
from workflow.errors import BadInput, NotPermitted
from workflow.inputs import optional_text, shown
from workflow.journal import Act, EntryRef
from workflow.ratings.acts import unit_id
from workflow.ratings.ground import PROBLEM
from workflow.ratings.judging import Hands, above


def kinds(book: Rulebook) -> dict[str, str]:
    """The kinds of problem that the law's processes know, with what they are called."""
    found: dict[str, str] = {}
    for law in book.processes.values():
        fact = law.facts.get("problems")
        field = (fact.items or {}).get("kind") if fact else None
        if field is not None and isinstance(field.type, CodeType):
            found |= {code: label.vi for code, label in field.type.code.items()}
    return found


def note_problem(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, kind: str, basis: str | None = None) -> EntryRef:
    """Note a problem of a unit as of a day. One that is open already is not noted twice: its basis is corrected."""
    known = kinds(book_of(session))
    if kind not in known:
        raise BadInput(f"Không có loại vấn đề “{kind}”; có: {', '.join(known)}.", "kind")
    act, id_ = _act(session, actor, on, unit, "unit:problem:note", kind)
    text = optional_text(basis, "basis", "căn cứ", 500)
    row = _open(session, id_, kind)
    if row is None:
        act.insert(PROBLEM, {"unit_id": id_, "kind": kind, "noted_on": on, "basis": text})
    else:
        act.update(PROBLEM, row["id"], {"noted_on": min(on, row["noted_on"] or on), "basis": text or row["basis"]}, old=row)
    return act.write()


def clear_problem(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, kind: str) -> EntryRef:
    """Say that a noted problem was cleared on a day. Raises BadInput when none of that kind is open."""
    act, id_ = _act(session, actor, on, unit, "unit:problem:clear", kind)
    row = _open(session, id_, kind)
    if row is None:
        raise BadInput(f"Đơn vị không có vấn đề nào thuộc loại “{kinds(book_of(session)).get(kind, kind)}” chưa giải quyết.", "kind")
    if row["noted_on"] is not None and on < row["noted_on"]:
        raise BadInput(f"Ngày giải quyết {shown(on)} trước ngày ghi nhận {shown(row['noted_on'])}.", "cleared_on")
    act.update(PROBLEM, row["id"], {"cleared_on": on}, old=row)
    return act.write()


def _open(session: Session, unit: int, kind: str) -> dict[str, Any] | None:
    query = (sa.select(PROBLEM).where(PROBLEM.c.unit_id == unit, PROBLEM.c.kind == kind, PROBLEM.c.cleared_on.is_(None))
             .order_by(PROBLEM.c.id.desc()).limit(1))
    row = session.connection().execute(query).mappings().first()
    return dict(row) if row else None


def _act(session: Session, actor: Actor | None, on: dt.date, unit: str | int, tag: str, kind: str) -> tuple[Act, int]:
    """An act about a unit alive that day, by an office that keeps the papers of all below its unit and stands above this one."""
    id_, today = unit_id(session, unit), clock_of(session).today()
    if on > today:
        raise BadInput(f"Ngày {shown(on)} chưa đến.", "on")
    line = tree.line(session, id_, on)
    if line is None:
        raise BadInput(f"Đơn vị {unit} không hoạt động vào ngày {shown(on)}; kiểm tra mã và ngày.", "unit")
    if actor is not None:
        now = tree.line(session, id_, today) or line
        if above(book_of(session), Hands.of(session, actor), today, {*line.ids[1:], *now.ids[1:]}) is None:
            raise NotPermitted("Bạn không được ghi vấn đề của đơn vị này.", ("not_holder",))
    return Act(session, stream=f"unit:{line.unit.code}", tag=tag, acted_on=on, actor=actor, unit_id=id_,
               header={"unit": line.unit.code, "kind": kind}), id_
