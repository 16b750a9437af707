"""What comes back every month in the care of candidates: the helper's report, and the cell's review of its source list.
(What is reported of a plan stands in :mod:`workflow.workreports`.)

Both are records, not steps: they move no case and renew no version. A recurring duty is one row that shows the first
day still open; its n-th day is start + n periods, and the record for the calendar month of that day meets it.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import tree
from workflow.context import Actor, book_of, clock_of
from workflow.errors import BadInput, NotFound
from workflow.inputs import optional_text, shown
from workflow.journal import Act, EntryRef
from workflow.models import Base
from workflow.offices import offices_of

SPONSOR_REPORT, SOURCE_REVIEW = "sponsor_report", "source_review"
#: Whose the report of a month is to write, and who may enter it for him.
REPORTERS = ("sponsor", "cell_secretary")
TASKS = {"done": "hoàn thành", "partly": "hoàn thành một phần", "none": "chưa giao hoặc chưa làm"}
PROPOSALS = {"keep": "tiếp tục giúp đỡ", "class": "cử học lớp nhận thức về Đảng", "drop": "đưa ra khỏi danh sách"}

_TABLES = Base.metadata.tables
CASE, DUTY, HELPER, REPORT, REVIEW, ITEM = (
    _TABLES[n] for n in ("case", "duty", "helper", "sponsor_report", "source_review", "source_review_item"))
#: A recurring duty is never followed further than this many periods.
_PERIODS = 1200


def sponsor_report(session: Session, actor: Actor, on: dt.date, *, case_id: int, month: dt.date, met_on: dt.date | None = None,
                   task: str, note: str | None = None, proposes: str = "keep") -> EntryRef:
    """Write the helper's report for a month, or correct the one there is.

    The helper of that month writes it; the cell secretary, or who records for the secretary, may enter it for the helper,
    and the journal says so.
    Raises NotFound for a case that is none of the actor's.
    """
    month = month.replace(day=1)
    case = _case(session, case_id)
    helper = _helper(session, actor, on, case, month)
    if case["closed_on"] is not None:
        raise BadInput("Hồ sơ đã kết thúc, không ghi thêm nhận xét.", None)
    _check_month(session, month)
    if met_on is not None and (met_on.replace(day=1) != month or met_on > clock_of(session).today()):
        raise BadInput(f"Ngày gặp {shown(met_on)} phải nằm trong tháng {month:%m/%Y} và không ở tương lai.", "met_on")
    values = {"person_id": helper, "met_on": met_on, "task": _one_of(task, TASKS, "task"),
              "note": optional_text(note, "note", "ghi chú", 500), "proposes": _one_of(proposes, PROPOSALS, "proposes")}
    act = Act(session, stream=f"case:{case_id}", tag="case:report:write", acted_on=on, actor=actor, case_id=case_id,
              unit_id=case["unit_id"], subject_person_id=case["subject_person_id"],
              header={"month": f"{month:%Y-%m}", **({"on_behalf_of": helper} if helper != actor.person_id else {})})
    _put(act, REPORT, {"case_id": case_id, "month": month}, values)
    reported = set(act.connection.scalars(sa.select(REPORT.c.month).where(REPORT.c.case_id == case_id)))
    roll(act, DUTY.c.case_id == case_id, SPONSOR_REPORT, reported)
    return act.write()


def source_review(session: Session, actor: Actor, on: dt.date, *, unit: str | int, month: dt.date, held_on: dt.date,
                  items: Sequence[Mapping[str, Any]] = (), note: str | None = None) -> EntryRef:
    """Write the cell's review of its source list for a month, or correct the one there is.

    ``items`` say of open cases of the cell: ``case`` (id), ``verdict`` (keep, class, drop), ``note``. The step that
    follows from a verdict is taken apart from this.
    """
    month = month.replace(day=1)
    cell = tree.unit_on(session, unit, held_on)
    if cell is None or not _holds(session, actor, cell.id, ("cell_secretary", "cell_committee")):
        raise NotFound("Không có chi bộ này, hoặc bạn không được ghi cho chi bộ này.")
    _check_month(session, month)
    if held_on.replace(day=1) != month or held_on > clock_of(session).today():
        raise BadInput(f"Ngày họp {shown(held_on)} phải nằm trong tháng {month:%m/%Y} và không ở tương lai.", "held_on")
    act = Act(session, stream=f"unit:{cell.code}", tag="unit:review:record", acted_on=held_on, actor=actor, unit_id=cell.id,
              header={"unit": cell.code, "month": f"{month:%Y-%m}"})
    review = _put(act, REVIEW, {"unit_id": cell.id, "month": month},
                  {"held_on": held_on, "note": optional_text(note, "note", "ghi chú", 1000)})
    _put_items(act, cell.id, review, items)
    held = set(act.connection.scalars(sa.select(REVIEW.c.month).where(REVIEW.c.unit_id == cell.id)))
    roll(act, DUTY.c.unit_id == cell.id, SOURCE_REVIEW, held)
    return act.write()


def under_review(session: Session, unit: int) -> list[int]:
    """The cases that the cell has to speak about at its next review: those with an open duty of review."""
    query = sa.select(DUTY.c.case_id).where(DUTY.c.unit_id == unit, DUTY.c.kind == SOURCE_REVIEW, DUTY.c.open_until.is_not(None))
    return list(session.connection().scalars(query.order_by(DUTY.c.case_id)))


def _put(act: Act, table: sa.Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> int:
    """Insert the record of that key, or correct it; returns its id."""
    known = act.connection.scalar(sa.select(table.c.id).where(*(table.c[c] == v for c, v in key.items())))
    if known is None:
        return act.insert(table, {**key, **values})
    act.update(table, known, values)
    return int(known)


def _put_items(act: Act, unit: int, review: int, items: Sequence[Mapping[str, Any]]) -> None:
    query = sa.select(CASE.c.id, CASE.c.subject_person_id).where(CASE.c.unit_id == unit, CASE.c.closed_on.is_(None))
    subjects = {case: person for case, person in act.connection.execute(query) if person is not None}
    known = {row.case_id: row.id for row in act.connection.execute(sa.select(ITEM).where(ITEM.c.review_id == review))}
    told: set[int] = set()
    for item in items:
        case = item.get("case")
        if not isinstance(case, int) or case not in subjects or case in told:
            raise BadInput(f"Hồ sơ {case} không đang ở chi bộ này, hoặc được nêu hai lần.", "items")
        told.add(case)
        values = {"verdict": _one_of(item.get("verdict"), PROPOSALS, "items"),
                  "note": optional_text(item.get("note"), "items", "ghi chú", 500)}
        if case in known:
            act.update(ITEM, known[case], values, person=subjects[case])
        else:
            act.insert(ITEM, {"review_id": review, "case_id": case, **values}, person=subjects[case])
    for case in known.keys() - told:
        act.delete(ITEM, known[case], person=subjects.get(case))


def roll(act: Act, which: sa.ColumnElement[bool], kind: str, months: Collection[dt.date]) -> None:
    """As part of an act: set the open recurring duties of a kind to their first day in a month without a record."""
    book = book_of(act.session)
    query = sa.select(DUTY, CASE.c.process).join(CASE, CASE.c.id == DUTY.c.case_id).where(
        which, DUTY.c.kind == kind, DUTY.c.open_until.is_not(None)).order_by(DUTY.c.id)
    for duty in act.connection.execute(query).mappings().all():
        law = book.process(duty["process"]).duty(duty["law"], duty["started_on"])
        if law is None or law.every is None or duty["due_on"].replace(day=1) not in months:
            continue
        line = tree.line(act.session, duty["unit_id"], act.acted_on)
        for number in range(1, _PERIODS):
            due = book.due(law.every, duty["started_on"], duty["started_on"], line.codes if line else (), number)
            # What lies before the day that is open now was met, or the period stood still then.
            if due.on > duty["due_on"] and due.on.replace(day=1) not in months:
                act.update(DUTY, duty["id"], {"due_on": due.on, "open_until": due.on, "provisional": due.provisional},
                           old=dict(duty))
                break


def _case(session: Session, case_id: int) -> Mapping[str, Any]:
    query = sa.select(CASE).where(CASE.c.id == case_id, CASE.c.subject_person_id.is_not(None))
    row = session.connection().execute(query).mappings().first()
    if row is None:
        raise NotFound("Không có hồ sơ này.")
    return dict(row)


def _helper(session: Session, actor: Actor, on: dt.date, case: Mapping[str, Any], month: dt.date) -> int:
    """Whose report it is: the actor's, who helped in that month, or that of the last helper in it."""
    last = min(on, (month + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1))
    query = sa.select(HELPER.c.person_id).where(
        HELPER.c.case_id == case["id"], HELPER.c.from_on <= last, sa.or_(HELPER.c.to_on.is_(None), HELPER.c.to_on >= month))
    helpers = list(session.connection().scalars(query.order_by(HELPER.c.from_on, HELPER.c.id)))
    if actor.person_id in helpers:
        return int(actor.person_id)  # type: ignore[arg-type]
    offices = book_of(session).offices
    enterers = {r for role in REPORTERS if role in offices for r in (role, *offices[role].recorded_by)}
    if not _holds(session, actor, case["unit_id"], enterers):
        raise NotFound("Không có hồ sơ này.")
    if not helpers:
        raise BadInput(f"Trong tháng {month:%m/%Y} chưa có đảng viên được phân công giúp đỡ.", "month")
    return int(helpers[-1])


def _holds(session: Session, actor: Actor, unit: int, roles: Collection[str]) -> bool:
    if actor.person_id is None:
        return False
    held = offices_of(session, actor.person_id, clock_of(session).today(), [unit])
    return any(office.role in roles for office in held)


def _check_month(session: Session, month: dt.date) -> None:
    if month > clock_of(session).today():
        raise BadInput(f"Tháng {month:%m/%Y} chưa đến.", "month")


def _one_of(value: Any, choices: Mapping[str, str], field: str) -> str:
    if value not in choices:
        raise BadInput(f"Hãy chọn một trong: {', '.join(choices.values())}.", field)
    return str(value)
