"""Meetings of an organ: recorded once, with many cases on the agenda and a ballot for each."""
from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import tree
from workflow.context import Actor, clock_of
from workflow.errors import BadInput, NotFound
from workflow.inputs import optional_text, shown
from workflow.journal import Act
from workflow.models import Meeting

_meeting: sa.Table = Meeting.__table__  # type: ignore[assignment]


def record(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, entitled: int, present: int | None = None,
           body: str | None = None, chair: int | None = None) -> int:
    """Record a meeting held on a day; returns its id. Raises BadInput for counts that cannot be."""
    found = tree.unit_on(session, unit, on)
    if found is None:
        raise BadInput(f"Không có tổ chức {unit} vào ngày {shown(on)}.", "unit")
    if on > clock_of(session).today():
        raise BadInput(f"Ngày họp {shown(on)} ở tương lai.", "held_on")
    if entitled < 0 or (present is not None and not 0 <= present <= entitled):
        raise BadInput("Số có mặt phải từ 0 đến số được triệu tập.", "present")
    act = Act(session, stream=f"unit:{found.code}", tag="unit:meeting:record", acted_on=on, actor=actor, unit_id=found.id)
    meeting = act.insert(_meeting, {"unit_id": found.id, "body": optional_text(body, "body", "tên cuộc họp", 100),
                                    "held_on": on, "chair_id": chair, "entitled": entitled, "present": present})
    act.write()
    return meeting


def fits(session: Session, meeting: int, units: set[int], on: dt.date) -> bool:
    """Whether a meeting was held on that day by one of these units. Raises NotFound."""
    row = session.connection().execute(sa.select(_meeting.c.unit_id, _meeting.c.held_on).where(_meeting.c.id == meeting)).first()
    if row is None:
        raise NotFound("Không tìm thấy cuộc họp.")
    return row.unit_id in units and row.held_on == on
