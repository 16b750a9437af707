"""What is entered on a case outside its steps: facts, people, opinions, papers, the helper.

Rules read these rows, so every change bumps the version of the case: whoever decides sees what he decides on.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules import values
from rules.book import Rulebook
from rules.loader import near
from workflow import shapes
from workflow.access import holdings
from workflow.binding import Child
from workflow.caserows import assign_helper
from workflow.context import Actor, book_of, clock_of
from workflow.errors import BadInput, Conflict, NotFound, NotPermitted
from workflow.inputs import optional_text, shown
from workflow.journal import Act, EntryRef
from workflow.models import Case, Paper
from workflow.snapshot import Snapshot, beside, load

_case: sa.Table = Case.__table__  # type: ignore[assignment]
_paper: sa.Table = Paper.__table__  # type: ignore[assignment]


def set_facts(session: Session, case_id: int, actor: Actor, on: dt.date, facts: Mapping[str, Any], *,
              version: int | None = None) -> EntryRef:
    """Enter or correct stored facts; None clears one. Raises NotPermitted, BadInput naming the fact, Conflict."""
    snapshot = _open(session, case_id, on, version)
    law, binding = snapshot.law, snapshot.binding
    unknown = [name for name in facts if name not in binding.homes(law)]
    if unknown:
        raise BadInput(f"{unknown[0]} không nhập được ở đây.", unknown[0])
    read, wrong = values.read_facts(facts, law.facts)
    if wrong:
        raise BadInput(f"{wrong[0][0]}: {wrong[0][1]}", wrong[0][0])
    for roles in {tuple(law.facts[name].by) for name in facts} or {()}:  # each fact asks for its own right
        _allow(session, actor, snapshot, roles)
    for name, value in read.items():
        if isinstance(value, dt.date) and value > on and law.facts[name].type == "date" and not law.facts[name].future:
            raise BadInput(f"Ngày {shown(value)} ở tương lai.", name)
        if law.facts[name].type in ("person", "unit"):
            shapes.whole(value, name, "Giá trị")
    act = _act(session, snapshot, actor, on, "case:facts:record")
    try:
        act.update(binding.detail, case_id, {binding.homes(law)[n]: v for n, v in read.items()}, old=snapshot.detail)
    except sa.exc.IntegrityError as error:
        raise BadInput("Trạng thái hiện nay của hồ sơ không cho phép ghi hoặc xóa giá trị này.", next(iter(read))) from error
    return _finish(act, snapshot)


def put_row(session: Session, case_id: int, actor: Actor, on: dt.date, collection: str, row: Mapping[str, Any], *,
            key: int | None = None, version: int | None = None) -> EntryRef:
    """Add a row to a collection of the case, or change the one with ``key``."""
    snapshot = _open(session, case_id, on, version)
    child, fields = _child(snapshot, collection)
    _allow(session, actor, snapshot, snapshot.law.facts[collection].by)
    changes = _read_row(child, fields, row)
    act = _act(session, snapshot, actor, on, f"{child.tag}:record")
    old = None if key is None else _row(session, snapshot, child, key)
    try:
        if old is None:
            act.insert(child.table, {**snapshot.owner(child), **changes})
        else:
            act.update(child.table, old["id"], changes, old=old)
    except sa.exc.IntegrityError as error:
        raise BadInput("Người này đã có trong danh sách, hoặc không có người này.", "person") from error
    return _finish(act, snapshot)


def remove_row(session: Session, case_id: int, actor: Actor, on: dt.date, collection: str, key: int, *,
               version: int | None = None) -> EntryRef:
    """Take a row out of a collection; the journal keeps it."""
    snapshot = _open(session, case_id, on, version)
    child, _ = _child(snapshot, collection)
    _allow(session, actor, snapshot, snapshot.law.facts[collection].by)
    _row(session, snapshot, child, key)
    act = _act(session, snapshot, actor, on, f"{child.tag}:remove")
    act.delete(child.table, key)
    return _finish(act, snapshot)


def declare(session: Session, case_id: int, actor: Actor, on: dt.date, collection: str, *, complete: bool = True,
            version: int | None = None) -> EntryRef:
    """Say that a collection is complete, or that it is not after all."""
    snapshot = _open(session, case_id, on, version)
    child, _ = _child(snapshot, collection)
    _allow(session, actor, snapshot, snapshot.law.facts[collection].by)
    act = _act(session, snapshot, actor, on, "case:collection:declare")
    act.update(snapshot.binding.detail, case_id, {str(child.declared): complete}, old=snapshot.detail)
    return _finish(act, snapshot)


def put_paper(session: Session, case_id: int, actor: Actor, on: dt.date, *, kind: str, number: str | None = None,
              issued_on: dt.date | None = None, kept_at: str | None = None, extract: str | None = None,
              version: int | None = None) -> EntryRef:
    """Register a paper of the case: number, day and keeper. A personal paper holds no extract."""
    snapshot = _open(session, case_id, on, version)
    law = snapshot.law.papers.get(str(kind))
    if law is None:
        raise BadInput(f"Không có loại văn bản {kind}{near(str(kind), snapshot.law.papers)}.", "kind")
    if issued_on is not None:
        shapes.day(issued_on, "issued_on", "Ngày văn bản")
    if issued_on is not None and issued_on > on:
        raise BadInput(f"Ngày văn bản {shown(issued_on)} ở tương lai.", "issued_on")
    if law.personal and extract:
        raise BadInput("Giấy tờ cá nhân chỉ ghi số, ngày và nơi lưu; không chép nội dung.", "extract")
    _allow(session, actor, snapshot, keepers(book_of(session)))
    act = _act(session, snapshot, actor, on, "case:paper:record")
    act.insert(_paper, {"case_id": case_id, "kind": kind, "number": optional_text(number, "number", "số văn bản", 60),
                        "issued_on": issued_on, "kept_at": optional_text(kept_at, "kept_at", "nơi lưu", 200),
                        "extract": optional_text(extract, "extract", "trích yếu", 500)})
    return _finish(act, snapshot)


def keepers(book: Rulebook) -> tuple[str, ...]:
    """The offices that keep the papers of a case."""
    return tuple(role for role, office in book.offices.items() if office.keeps_papers)


def assigners(snapshot: Snapshot) -> tuple[str, ...]:
    """The offices that name the helper; none in a process without one."""
    return tuple(role for fact, home in snapshot.binding.elsewhere.items() if home == "helper.person_id"
                 for role in snapshot.law.facts[fact].by)


def replace_helper(session: Session, case_id: int, actor: Actor, on: dt.date, person: int, *,
                   version: int | None = None) -> EntryRef:
    """The cell names another member to help; the time worked together is not asked again."""
    snapshot = _open(session, case_id, on, version)
    if person == snapshot.case["subject_person_id"]:
        raise BadInput("Không thể phân công chính người trong hồ sơ.", "person")
    _allow(session, actor, snapshot, assigners(snapshot))
    shapes.whole(person, "person", "Người được phân công")
    act = _act(session, snapshot, actor, on, "case:helper:assign")
    try:
        assign_helper(act, snapshot.helpers_rows(), case_id, person, on)
    except sa.exc.IntegrityError as error:
        raise BadInput("Không có người này; hãy chọn lại.", "person") from error
    return _finish(act, snapshot)


# ---- what they share

def _open(session: Session, case_id: int, on: dt.date, version: int | None) -> Snapshot:
    snapshot = load(session, book_of(session).processes, case_id, on, lock=True)
    if on > clock_of(session).today():
        raise BadInput("Ngày ghi ở tương lai.", "on")
    if version is not None and snapshot.case["version"] != version:
        raise Conflict("Hồ sơ đã được người khác thay đổi từ khi bạn mở trang; hãy xem lại rồi ghi tiếp.")
    if snapshot.case["closed_on"] is not None:
        raise BadInput("Hồ sơ đã kết thúc, không ghi thêm được.", None)
    return snapshot


def may_record(session: Session, actor: Actor, snapshot: Snapshot, roles: Iterable[str]) -> bool:
    """Whether an account holds one of these offices in the line of the case today, or stands in one of these relations to it."""
    person, today = actor.person_id, clock_of(session).today()
    if person is None or person == snapshot.case["subject_person_id"]:
        return False
    allowed, book = set(roles), book_of(session)
    for role in tuple(allowed):
        office = book.offices.get(role)
        allowed.update(office.recorded_by if office else ())
    if any(r.role in allowed and r.person_id == person and r.valid(today) for r in snapshot.related):
        return True
    units = set(snapshot.line.ids)
    held = [h for h in holdings(session, [person]) if h.valid(today) and h.role in allowed]
    return any(h.unit_id in units for h in held) or bool(
        held and {h.unit_id for h in held} & set(beside(session, snapshot.line, today)))


def _allow(session: Session, actor: Actor, snapshot: Snapshot, roles: Iterable[str]) -> None:
    roles = tuple(roles)
    if not may_record(session, actor, snapshot, roles):
        raise NotPermitted("Bạn không được nhập thông tin này.", ("not_holder",), roles)


def _child(snapshot: Snapshot, collection: str) -> tuple[Child, Mapping[str, Any]]:
    child = snapshot.binding.children.get(collection)
    if child is None or child.tag is None:
        raise NotFound("Không có danh sách này.")
    return child, snapshot.law.facts[collection].items or {}


def _read_row(child: Child, fields: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in row.items():
        if name in fields:
            try:
                found[child.column(name)] = values.read_as(value, fields[name].type)
                if fields[name].type in ("person", "unit"):
                    shapes.whole(value, name, "Giá trị")
            except ValueError as error:
                raise BadInput(f"{name}: {error}", name) from error
        elif name in child.table.c and name not in ("id", "case_id", "unit_id", "plan_no", "origin_id"):
            found[name] = _beside_the_law(child.table.c[name], name, value)
        else:
            raise BadInput(f"Không có mục {name}.", name)
    return found


def _beside_the_law(column: sa.Column[Any], name: str, value: Any) -> Any:
    """A column that no rule reads: a name or an organ in words, or a person."""
    kind = column.type.python_type
    if kind is str:
        return optional_text(value, name, "nội dung")
    if value is not None and type(value) is not kind:
        raise BadInput(f"{name}: giá trị không đúng kiểu.", name)
    return value


def _row(session: Session, snapshot: Snapshot, child: Child, key: int) -> dict[str, Any]:
    """A row of the collection as it stands; one of a former plan cannot be changed any more."""
    shapes.whole(key, "key", "Dòng")
    whose = (child.table.c[column] == value for column, value in snapshot.owner(child).items())
    row = session.connection().execute(sa.select(child.table).where(child.table.c.id == key, *whose)).mappings().first()
    if row is None:
        raise NotFound("Không tìm thấy dòng này.")
    return dict(row)


def _act(session: Session, snapshot: Snapshot, actor: Actor, on: dt.date, tag: str) -> Act:
    return Act(session, stream=f"case:{snapshot.id}", tag=tag, acted_on=on, actor=actor, case_id=snapshot.id,
               unit_id=snapshot.case["unit_id"], subject_person_id=snapshot.case["subject_person_id"])


def _finish(act: Act, snapshot: Snapshot) -> EntryRef:
    case = snapshot.case
    act.update(_case, case["id"], {"version": case["version"] + 1}, old=case, seen={"version": case["version"]})
    return act.write()
