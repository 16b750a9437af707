"""What is reported of a plan while it is carried out: the team's and the unit's periodic reports, and the mid review.

As the monthly remarks on a candidate they are records, not steps: they move no case. A recurring duty is one row that
shows the first day still open, and the report for the calendar month of that day meets it; a review that is due once
is met by the day on which it was held.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.process import ProcessLaw
from rules.schema import Duty as DutyLaw
from workflow import records, shapes
from workflow.context import Actor, book_of, clock_of
from workflow.errors import BadInput, NotPermitted
from workflow.inputs import optional_text, required_text, shown
from workflow.journal import Act, EntryRef
from workflow.models import Base
from workflow.monthly import roll
from workflow.snapshot import Snapshot, load

_TABLES = Base.metadata.tables
REPORT, DUTY, CASE = (_TABLES[n] for n in ("work_report", "duty", "case"))
#: Kinds of report, and the fact that the day of a review is kept as.
KINDS: Mapping[str, str | None] = {"team_report": None, "unit_report": None, "mid_review": "mid_review.held_on"}
#: How many months back the page offers a report that was not due as a duty.
_BACK = 24


@dataclass(frozen=True, slots=True)
class Period:
    """A period that a report can be written for: its month, the day it is due where a duty says so, whether it is there."""

    month: dt.date
    due_on: dt.date | None
    written: bool


def authors(law: ProcessLaw, kind: str) -> frozenset[str]:
    """The offices and relations that write a report of this kind: who owes it, and the team as far as it owes it."""
    owed = [v for name, versions in law.duties.items() if law.duty_kind(name) == kind for v in versions]
    found = {role for v in owed for key in ("office", "relation") for role in v.owed(key)}
    # What the head of a team owes, its members write as well: the head answers for it all the same.
    return frozenset(found | ({"team_member"} if "team_head" in found else set()))


def may_write(session: Session, actor: Actor, snapshot: Snapshot, kind: str) -> bool:
    """Whether an account may write a report of this kind on an open case."""
    by = authors(snapshot.law, kind) if kind in KINDS else frozenset()
    return bool(by) and snapshot.case["closed_on"] is None and records.may_record(session, actor, snapshot, by)


def write(session: Session, actor: Actor, on: dt.date, *, case_id: int, kind: str, period: dt.date, content: str,
          number: str | None = None, held_on: dt.date | None = None) -> EntryRef:
    """Write a report for the period of a month, or correct the one there is; of a review, ``held_on`` is its day."""
    snapshot = load(session, book_of(session).processes, case_id, on, lock=True)
    today = clock_of(session).today()
    if kind not in KINDS or not authors(snapshot.law, kind):
        raise BadInput("Không có loại báo cáo này.", "kind")
    if snapshot.case["closed_on"] is not None:
        raise BadInput("Hồ sơ đã kết thúc, không ghi thêm được.", None)
    if not may_write(session, actor, snapshot, kind):
        raise NotPermitted("Bạn không được viết báo cáo này.", ("not_holder",), tuple(sorted(authors(snapshot.law, kind))))
    shapes.day(period, "period", "Kỳ báo cáo")
    month = period.replace(day=1)
    if month > today:
        raise BadInput(f"Tháng {month:%m/%Y} chưa đến.", "period")
    if month < snapshot.case["opened_on"].replace(day=1):
        raise BadInput(f"Tháng {month:%m/%Y} trước khi mở hồ sơ.", "period")
    fact = KINDS[kind]
    if held_on is not None and (fact is None or held_on > today or held_on > on):
        raise BadInput(f"Ngày họp {shown(held_on)} không được ở tương lai.", "held_on")
    if held_on is not None and held_on < snapshot.case["opened_on"]:
        raise BadInput(f"Ngày họp {shown(held_on)} trước khi mở hồ sơ.", "held_on")
    act = Act(session, stream=f"case:{case_id}", tag="case:work:report", acted_on=on, actor=actor, case_id=case_id,
              unit_id=snapshot.case["unit_id"], header={"kind": kind, "month": f"{month:%Y-%m}"})
    values = {"written_on": on, "person_id": actor.person_id, "number": optional_text(number, "number", "số văn bản", 60),
              "content": required_text(content, "content", "nội dung báo cáo", 4000)}
    key = {"case_id": case_id, "kind": kind, "period": month}
    known = act.connection.execute(sa.select(REPORT).where(*(REPORT.c[c] == v for c, v in key.items()))).mappings().first()
    if known is None:
        act.insert(REPORT, {**key, **values})
    else:
        act.update(REPORT, known["id"], values, old=dict(known))
    if fact is not None:
        _held(act, snapshot, kind, fact, held_on or on)
    months = set(act.connection.scalars(sa.select(REPORT.c.period).where(REPORT.c.case_id == case_id, REPORT.c.kind == kind)))
    roll(act, DUTY.c.case_id == case_id, kind, months)
    return act.write()


def _held(act: Act, snapshot: Snapshot, kind: str, fact: str, day: dt.date) -> None:
    """Keep the day of a review, which rules read, and meet the duty to hold it."""
    column = snapshot.binding.homes(snapshot.law)[fact]
    act.update(snapshot.binding.detail, snapshot.case["id"], {column: day}, old=snapshot.detail)
    for duty in snapshot.duties:
        if duty["kind"] == kind and duty["open_until"] is not None:
            act.update(DUTY, duty["id"], {"met_on": day, "open_until": None}, old=dict(duty))
    case = snapshot.case
    act.update(CASE, case["id"], {"version": case["version"] + 1}, old=case, seen={"version": case["version"]})


def periods(session: Session, snapshot: Snapshot, kind: str) -> list[Period]:
    """The periods of a kind, newest first: those that were due since its duty began, the one that is next, and those
    that reports were written for all the same."""
    query = sa.select(REPORT.c.period).where(REPORT.c.case_id == snapshot.id, REPORT.c.kind == kind)
    written: set[dt.date] = set(session.connection().scalars(query))
    today = clock_of(session).today()
    found: dict[dt.date, dt.date | None] = dict.fromkeys(written)
    for duty in snapshot.duties:
        law = snapshot.law.duty(duty["law"], duty["started_on"])
        if duty["kind"] == kind and law is not None:
            found |= {day.replace(day=1): day for day in _days(session, snapshot, duty, law, today)}
    found.setdefault(today.replace(day=1), None)
    return [Period(month, due, month in written) for month, due in sorted(found.items(), reverse=True) if month <= today or due][:_BACK]


def _days(session: Session, snapshot: Snapshot, duty: Mapping[str, Any], law: DutyLaw, today: dt.date) -> list[dt.date]:
    """The days on which a duty fell or falls due, the first one ahead included."""
    if law.every is None:
        return [duty["due_on"]]
    book, found = book_of(session), []
    last = duty["met_on"] or duty["closed_on"]
    for number in range(1, 1200):
        due = book.due(law.every, duty["started_on"], duty["started_on"], snapshot.line.codes, number).on
        if last is not None and due > last:
            break
        found.append(due)
        if due >= today:
            break
    return found
