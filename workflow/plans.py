"""What is entered of a plan between its steps: progress of measures, visits, indicators, sets of criteria.

These are records, not steps: no rule reads them, so they move no case and renew no version. Who may write them are the
people who stand to the case in one of its relations and the offices that keep its papers; the progress of a measure
also whoever owns it.
"""
from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.values import LARGEST
from workflow import records, shapes
from workflow.context import Actor, book_of, clock_of
from workflow.errors import BadInput, NotFound, NotPermitted
from workflow.exact import COMPARATORS, LONGEST_SCALE
from workflow.inputs import optional_text, required_text, shown
from workflow.journal import Act, EntryRef
from workflow.models import Base
from workflow.snapshot import Snapshot, load

_TABLES = Base.metadata.tables
MEASURE, INDICATOR, CRITERIA, VISIT = (_TABLES[n] for n in ("measure", "indicator", "criteria_set", "visit"))
CHANGES = ("points", "relative", "unclear")
_DECIMAL = re.compile(r"\s*(-?)(\d{1,15})(?:[.,](\d{1,9}))?\s*\Z", re.ASCII)


def keepers(snapshot: Snapshot) -> tuple[str, ...]:
    """The relations and offices whose holders may enter what is reported of a plan."""
    return (*snapshot.binding.relations, *records.keepers(book_of(snapshot.session)))


def may_keep(session: Session, actor: Actor, snapshot: Snapshot) -> bool:
    """Whether an account may enter visits, indicators and criteria of an open case, and the progress of any measure."""
    return snapshot.case["closed_on"] is None and records.may_record(session, actor, snapshot, keepers(snapshot))


def may_tell(session: Session, actor: Actor, snapshot: Snapshot, measure: Mapping[str, Any]) -> bool:
    """Whether an account may enter the progress of a measure: its owner, or who keeps the plan."""
    if snapshot.case["closed_on"] is not None or actor.person_id is None:
        return False
    return measure["owner_id"] == actor.person_id or may_keep(session, actor, snapshot)


def set_progress(session: Session, case_id: int, actor: Actor, on: dt.date, measure: int, *, progress: int,
                 result: str | None = None, done_on: dt.date | None = None) -> EntryRef:
    """Enter how far a measure of the plan in force has come. What is wholly done was done on ``done_on``, or on the day."""
    snapshot = _open(session, case_id, on)
    old = _row(session, MEASURE, case_id, measure)
    if not may_tell(session, actor, snapshot, old):
        raise NotPermitted("Bạn không được ghi tiến độ của biện pháp này.", ("not_holder",), keepers(snapshot))
    if old["plan_no"] != snapshot.detail["plan_no"]:
        raise BadInput("Biện pháp này thuộc bản kế hoạch trước; hãy ghi vào bản đang thực hiện.", "progress")
    if type(progress) is not int or not 0 <= progress <= 100:
        raise BadInput("Tiến độ là số phần trăm từ 0 đến 100.", "progress")
    if done_on is not None and (progress < 100 or done_on > on):
        raise BadInput("Ngày hoàn thành chỉ ghi khi tiến độ là 100 phần trăm và không ở tương lai.", "done_on")
    done = (done_on or old["done_on"] or on) if progress == 100 else None
    act = _act(session, snapshot, actor, on, "case:progress:report")
    act.update(MEASURE, measure, {"progress": progress, "done_on": done,
                                  "result": optional_text(result, "result", "kết quả", 1000) or old["result"]}, old=old)
    return act.write()


def put_visit(session: Session, case_id: int, actor: Actor, on: dt.date, *, person: int, visited_on: dt.date,
              occasion: str | None = None, note: str | None = None, key: int | None = None) -> EntryRef:
    """Enter that somebody was at the unit, or correct what was entered."""
    snapshot = _kept(session, case_id, actor, on)
    shapes.whole(person, "person", "Người đến đơn vị")
    shapes.day(visited_on, "visited_on", "Ngày đến")
    if visited_on > clock_of(session).today():
        raise BadInput(f"Ngày đến {shown(visited_on)} ở tương lai.", "visited_on")
    values = {"person_id": person, "visited_on": visited_on, "occasion": optional_text(occasion, "occasion", "dịp đến", 300),
              "note": optional_text(note, "note", "ghi chú", 1000)}
    return _put(session, snapshot, actor, on, VISIT, "case:visit:record", values, key)


def put_indicator(session: Session, case_id: int, actor: Actor, on: dt.date, given: Mapping[str, Any], *,
                  key: int | None = None) -> EntryRef:
    """Enter a figure that the plan watches, or correct it.

    ``given``: ``name``, ``unit``, ``as_of``, ``comparator``, ``change_kind``, ``source``, and as decimals in text
    ``value``, ``plan_value``, ``prior_value``, ``change``. All are kept exactly, as whole numbers of one scale.
    """
    snapshot = _kept(session, case_id, actor, on)
    comparator = given.get("comparator") or "="
    if comparator not in COMPARATORS:
        raise BadInput(f"Dấu so sánh phải là một trong: {' '.join(COMPARATORS)}.", "comparator")
    kind = given.get("change_kind") or None
    if kind is not None and kind not in CHANGES:
        raise BadInput("Cách tính mức tăng, giảm không đúng.", "change_kind")
    if kind is not None and given.get("change") is None:
        raise BadInput("Đã chọn cách tính thì phải ghi mức tăng, giảm.", "change")
    as_of = given.get("as_of")
    if as_of is not None and as_of > clock_of(session).today():
        raise BadInput(f"Ngày của số liệu {shown(as_of)} ở tương lai.", "as_of")
    numbers, scale = _scaled({name: given.get(name) for name in ("value", "plan_value", "prior_value", "change")})
    values = {"name": required_text(given.get("name"), "name", "tên chỉ tiêu", 200),
              "unit": optional_text(given.get("unit"), "unit", "đơn vị tính", 60), "as_of": as_of, "comparator": comparator,
              "change_kind": kind, "source": optional_text(given.get("source"), "source", "nguồn", 300), "scale": scale, **numbers}
    if key is None:
        values["plan_no"] = snapshot.detail["plan_no"]
    return _put(session, snapshot, actor, on, INDICATOR, "case:indicator:record", values, key)


def put_criteria(session: Session, case_id: int, actor: Actor, on: dt.date, *, name: str, as_of: dt.date, total: int, met: int,
                 exceeded: int | None = None, source: str | None = None, key: int | None = None) -> EntryRef:
    """Enter how many criteria of a set are met on a day, or correct it."""
    snapshot = _kept(session, case_id, actor, on)
    for value, field in ((total, "total"), (met, "met"), (exceeded, "exceeded")):
        if value is not None and (type(value) is not int or not 0 <= value <= 10_000):
            raise BadInput("Số tiêu chí là số nguyên không âm.", field)
    if total < 1 or met > total:
        raise BadInput(f"Số tiêu chí đạt ({met}) không thể lớn hơn tổng số ({total}).", "met")
    if exceeded is not None and exceeded > met:
        raise BadInput(f"Số tiêu chí vượt ({exceeded}) không thể lớn hơn số đạt ({met}).", "exceeded")
    if as_of > clock_of(session).today():
        raise BadInput(f"Ngày đánh giá {shown(as_of)} ở tương lai.", "as_of")
    values = {"name": required_text(name, "name", "tên bộ tiêu chí", 200), "as_of": as_of, "total": total, "met": met,
              "exceeded": exceeded, "source": optional_text(source, "source", "nguồn", 300)}
    twin = sa.select(CRITERIA.c.id).where(CRITERIA.c.case_id == case_id, CRITERIA.c.name == values["name"], CRITERIA.c.as_of == as_of)
    known = session.connection().scalar(twin)
    if known is not None and known != key:
        raise BadInput("Ngày này đã có số liệu của bộ tiêu chí; hãy sửa dòng đó.", "as_of")
    return _put(session, snapshot, actor, on, CRITERIA, "case:criteria:record", values, key)


#: What can be taken out again: the word of an address, its table, the tag of the entry.
KINDS: Mapping[str, tuple[sa.Table, str]] = {
    "visit": (VISIT, "case:visit:remove"), "indicator": (INDICATOR, "case:indicator:remove"),
    "criteria": (CRITERIA, "case:criteria:remove"),
}


def remove(session: Session, case_id: int, actor: Actor, on: dt.date, kind: str, key: int) -> EntryRef:
    """Take a visit, an indicator or a set of criteria out; the journal keeps it."""
    snapshot = _kept(session, case_id, actor, on)
    if kind not in KINDS:
        raise NotFound("Không có mục này.")
    table, tag = KINDS[kind]
    _row(session, table, case_id, key)
    act = _act(session, snapshot, actor, on, tag)
    act.delete(table, key)
    return act.write()


def decimal(text: str, field: str = "value") -> tuple[int, int]:
    """A number as people write it (``21,5``): its digits as a whole number, and how many of them follow the comma."""
    found = _DECIMAL.match(text)
    if found is None:
        raise BadInput("Ghi một số, phần lẻ sau dấu phẩy, không có dấu chấm ngăn hàng nghìn.", field)
    rest = (found[3] or "").rstrip("0")
    if len(rest) > LONGEST_SCALE:
        raise BadInput(f"Số có nhiều nhất {LONGEST_SCALE} chữ số sau dấu phẩy.", field)
    return int(found[1] + found[2] + rest), len(rest)


def _scaled(texts: Mapping[str, str | None]) -> tuple[dict[str, int | None], int]:
    read = {name: decimal(text, name) for name, text in texts.items() if text is not None and text.strip()}
    scale = max((digits for _number, digits in read.values()), default=0)
    numbers = {name: read[name][0] * 10 ** (scale - read[name][1]) if name in read else None for name in texts}
    for name, number in numbers.items():
        if number is not None and abs(number) > LARGEST:
            raise BadInput("Số quá lớn.", name)
    return numbers, scale


# ---- what they share

def _open(session: Session, case_id: int, on: dt.date) -> Snapshot:
    snapshot = load(session, book_of(session).processes, case_id, on, lock=True)
    if snapshot.binding.plan is None:
        raise NotFound("Hồ sơ này không có kế hoạch.")
    if on > clock_of(session).today():
        raise BadInput("Ngày ghi ở tương lai.", "on")
    if snapshot.case["closed_on"] is not None:
        raise BadInput("Hồ sơ đã kết thúc, không ghi thêm được.", None)
    return snapshot


def _kept(session: Session, case_id: int, actor: Actor, on: dt.date) -> Snapshot:
    snapshot = _open(session, case_id, on)
    if not may_keep(session, actor, snapshot):
        raise NotPermitted("Bạn không được nhập thông tin này.", ("not_holder",), keepers(snapshot))
    return snapshot


def _row(session: Session, table: sa.Table, case_id: int, key: int) -> dict[str, Any]:
    shapes.whole(key, "key", "Dòng")
    found = session.connection().execute(sa.select(table).where(table.c.id == key, table.c.case_id == case_id)).mappings().first()
    if found is None:
        raise NotFound("Không tìm thấy dòng này.")
    return dict(found)


def _put(session: Session, snapshot: Snapshot, actor: Actor, on: dt.date, table: sa.Table, tag: str, values: Mapping[str, Any],
         key: int | None) -> EntryRef:
    assert snapshot.id is not None
    old = None if key is None else _row(session, table, snapshot.id, key)
    act = _act(session, snapshot, actor, on, tag)
    try:
        if old is None:
            act.insert(table, {"case_id": snapshot.id, **values})
        else:
            act.update(table, old["id"], values, old=old)
    except sa.exc.IntegrityError as error:
        raise BadInput("Không có người này; hãy chọn lại.", "person") from error
    return act.write()


def _act(session: Session, snapshot: Snapshot, actor: Actor, on: dt.date, tag: str) -> Act:
    return Act(session, stream=f"case:{snapshot.id}", tag=tag, acted_on=on, actor=actor, case_id=snapshot.id,
               unit_id=snapshot.case["unit_id"], subject_person_id=snapshot.case["subject_person_id"])
