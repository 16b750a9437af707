"""What else happened in a period beside admissions: recognised, removed, moved away and in, sent to the class, certified.

Acts are read from the journal, so what was taken over from paper is not among them; decisions and certificates of such
cases are, by their days. A case counts once for a line, however often it happened to it.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.shape import Text
from workflow import stays
from workflow.models import Base
from workflow.targets import maps

_T = Base.metadata.tables
CASE, ADMISSION, ENTRY = (_T[n] for n in ("case", "admission", "entry"))
SEND, ACCEPT, CLASS, CERTIFICATE = "send_transfer", "accept_transfer", "assign_class", "record_certificate"
Days = tuple[dt.date, dt.date]
Places = list[tuple[int, int, dt.date]]


@dataclass(frozen=True, slots=True)
class Asked:
    """For which units, on which map, among which cases."""

    heads: tuple[int, ...]
    on: dt.date
    on_map: str
    seen: sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the report; ``cases`` finds what counts between two days."""

    key: str
    label: Text
    how: Text
    cases: Callable[[Session, Asked, Days], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Move:
    """One transfer of a case; ``taken_on`` is None while it is on its way."""

    case: int
    sent_on: dt.date | None
    taken_on: dt.date | None
    origin: int
    goal: int | None


def _decided(indicator: str) -> Callable[[Session, Asked, Days], tuple[int, ...]]:
    def cases(session: Session, asked: Asked, days: Days) -> tuple[int, ...]:
        found = maps.counted(session, asked.heads, *days, asked.on, indicator=indicator, on_map=asked.on_map, seen=asked.seen)
        return tuple(sorted({case for ids in found.values() for case in ids}))
    return cases


def _away(session: Session, asked: Asked, days: Days) -> tuple[int, ...]:
    """Sent from below the units to a place that is not below them."""
    sent = [(m, m.sent_on) for m in moves(session, asked.seen, *days) if m.sent_on is not None and days[0] <= m.sent_on <= days[1]]
    ours = _under(session, asked, [*((m.origin, day) for m, day in sent), *((m.goal or 0, day) for m, day in sent)])
    return _each(m.case for m, day in sent if (m.origin, day) in ours and (m.goal or 0, day) not in ours)


def _in(session: Session, asked: Asked, days: Days) -> tuple[int, ...]:
    """Accepted below the units from a place that is not below them."""
    taken = [(m, m.taken_on) for m in moves(session, asked.seen, *days) if m.taken_on is not None and days[0] <= m.taken_on <= days[1]]
    ours = _under(session, asked, [*((m.origin, day) for m, day in taken), *((m.goal or 0, day) for m, day in taken)])
    return _each(m.case for m, day in taken if (m.goal or 0, day) in ours and (m.origin, day) not in ours)


def moves(session: Session, seen: sa.ColumnElement[bool], first: dt.date, last: dt.date) -> list[Move]:
    """The transfers of the cases that were sent or accepted between two days; an act tells of the unit before it, so
    where a transfer led is what the next act tells."""
    within = sa.select(stays.taken(session, (SEND, ACCEPT), first, last).subquery().c.case_id)
    acts = stays.taken(session, (SEND, ACCEPT), dt.date.min, last).subquery()
    later = (sa.select(ENTRY.c.unit_id).where(ENTRY.c.case_id == acts.c.case_id, ENTRY.c.stream_seq > acts.c.stream_seq,
                                              ENTRY.c.stream.startswith("case:"))
             .order_by(ENTRY.c.stream_seq).limit(1).correlate(acts).scalar_subquery())
    query = (sa.select(acts.c.case_id, acts.c.step, acts.c.acted_on, acts.c.unit_id, sa.func.coalesce(later, CASE.c.unit_id),
                       ADMISSION.c.transfer_unit_id)
             .select_from(acts.join(CASE, CASE.c.id == acts.c.case_id).join(ADMISSION, ADMISSION.c.case_id == CASE.c.id))
             .where(CASE.c.id.in_(within), seen).order_by(acts.c.case_id, acts.c.stream_seq))
    found: list[Move] = []
    for case, step, day, unit, after, bound in session.connection().execute(query):
        if step == SEND:
            found.append(Move(case, day, None, unit, bound))
            continue
        waiting = bool(found) and found[-1].case == case and found[-1].taken_on is None
        sent = found.pop().sent_on if waiting else None
        found.append(Move(case, sent, day, unit, after))
    return found


def _class(session: Session, asked: Asked, days: Days) -> tuple[int, ...]:
    acts = stays.taken(session, (CLASS,), *days).subquery()
    query = sa.select(acts.c.case_id, acts.c.unit_id, acts.c.acted_on).select_from(acts.join(CASE, CASE.c.id == acts.c.case_id))
    return _placed(session, asked, [(case, unit, day) for case, unit, day in session.connection().execute(query.where(asked.seen))])


def _certificates(session: Session, asked: Asked, days: Days) -> tuple[int, ...]:
    issued = ADMISSION.c.certificate_issued_on
    at = (sa.select(ENTRY.c.unit_id).where(ENTRY.c.case_id == CASE.c.id, ENTRY.c.step == CERTIFICATE)
          .order_by(ENTRY.c.id.desc()).limit(1).correlate(CASE).scalar_subquery())
    query = (sa.select(CASE.c.id, sa.func.coalesce(at, CASE.c.unit_id), issued)
             .select_from(ADMISSION.join(CASE, CASE.c.id == ADMISSION.c.case_id)).where(issued.between(*days), asked.seen))
    return _placed(session, asked, [(case, unit, day) for case, unit, day in session.connection().execute(query)])


def _placed(session: Session, asked: Asked, at: Places) -> tuple[int, ...]:
    ours = _under(session, asked, [(unit, day) for _case, unit, day in at])
    return _each(case for case, unit, day in at if (unit, day) in ours)


def _under(session: Session, asked: Asked, places: Iterable[tuple[int, dt.date]]) -> set[tuple[int, dt.date]]:
    return maps.under(session, places, asked.heads, asked.on, asked.on_map)


def _each(cases: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(cases)))


_BY_DECISION = Text(vi="Theo ngày quyết định", en="By the day of the decision")
_BY_ACT = Text(vi="Theo việc ghi ở đây; không gồm việc trước khi nhập hồ sơ", en="By the acts recorded here; none from before a case was taken over")
LINES = (
    Line("recognised", Text(vi="Được công nhận chính thức trong kỳ", en="Recognised as official in the period"), _BY_DECISION,
         _decided("recognitions")),
    Line("removed", Text(vi="Bị xóa tên trong thời gian dự bị", en="Removed during probation"), _BY_DECISION, _decided("removals")),
    Line("moved_away", Text(vi="Chuyển đi nơi khác khi đang bồi dưỡng, xét hoặc dự bị", en="Sent away in transfer on the way or in probation"),
         _BY_ACT, _away),
    Line("moved_in", Text(vi="Tiếp nhận từ nơi khác chuyển đến", en="Accepted in transfer from elsewhere"), _BY_ACT, _in),
    Line("class", Text(vi="Được cử học lớp bồi dưỡng nhận thức về Đảng", en="Sent to the awareness class"), _BY_ACT, _class),
    Line("certificate", Text(vi="Được cấp giấy chứng nhận lớp bồi dưỡng nhận thức về Đảng", en="Issued the awareness certificate"),
         Text(vi="Theo ngày cấp của giấy đang ghi trong hồ sơ", en="By the day of issue of the certificate that stands in the case"), _certificates),
)
