"""The funnel of every process: how many cases came to each stage, how many are there, how long they stayed.

Days come from the journal: the days a case spent in a stage, summed where it came back, of the cases that have left it.
The middle value is told, not the mean, which one forgotten case would move.
"""
from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.process import ProcessLaw
from rules.shape import Text
from workflow import stays, tree
from workflow.caselist import Filter
from workflow.context import Actor, book_of, clock_of
from workflow.models import Base
from workflow.reports.model import Cell, Column, Report, Row, cases_seen, report
from workflow.tree import UnitOn

_case = Base.metadata.tables["case"]
TITLE = Text(vi="Phễu hồ sơ và số ngày ở từng giai đoạn", en="Funnel of cases and days in each stage")
COLUMNS = (
    Column("name", Text(vi="Giai đoạn, trạng thái", en="Stage, state"), "text"),
    Column("reached", Text(vi="Đã từng đến", en="Ever came here")),
    Column("here", Text(vi="Đang ở", en="Here now")),
    Column("days", Text(vi="Số ngày (trung vị)", en="Days (median)")),
    Column("measured", Text(vi="Số hồ sơ đã rời đi", en="Cases that have left")),
)
_REACHED = Text(vi="Hồ sơ đã từng vào giai đoạn này, kể cả đã kết thúc", en="Cases that once entered the stage, ended ones included")
_HERE = Text(vi="Hồ sơ đang mở ở trạng thái của ngày chốt", en="Open cases by their state on the cut-off day")
_ENDED = Text(vi="Hồ sơ đã kết thúc ở trạng thái này", en="Cases that ended in this state")
_DAYS = Text(vi="Trung vị số ngày theo nhật ký, chỉ tính hồ sơ đã rời đi", en="Median of the days by the journal, of cases that have left")
_NOTES = (
    Text(vi="Số hồ sơ theo địa bàn và phạm vi được xem hiện nay; trạng thái theo ngày chốt. Hồ sơ nhập từ giấy chỉ tính ngày kể từ khi nhập.",
         en="Cases by today's organisation and sight, states as of the cut-off day. Cases taken over from paper are measured from their entry on."),
)


@dataclass
class _Told:
    """What is known of a stage or state: who came, who is there, how long those stayed who left."""

    came: set[int] = field(default_factory=set)
    here: set[int] = field(default_factory=set)
    days: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def left(self) -> list[int]:
        return [days for case, days in self.days.items() if case not in self.here]


@report("funnel", TITLE)
def funnel(session: Session, actor: Actor | None, unit: UnitOn | None, on: dt.date) -> Report:
    """Stages of every process with their states below them."""
    today = clock_of(session).today()
    condition = cases_seen(session, actor, today)
    if unit is not None:
        condition = sa.and_(condition, tree.within(_case.c.unit_id, unit.id, today))
    laws = book_of(session).cases
    told = _gathered(laws, stays.stays(session, condition, on), on)
    place = Filter(unit=unit.id if unit else None, as_of=on if on < today else None)
    rows = [row for process, law in laws.items() for row in _rows(law, told[process], place)]
    return Report("funnel", TITLE, unit, on, COLUMNS, tuple(rows), _NOTES)


def median(values: Iterable[int]) -> Fraction | None:
    """The middle value, of an even number the mean of the two in the middle; None of nothing."""
    found = sorted(values)
    if not found:
        return None
    middle = len(found) // 2
    return Fraction(found[middle]) if len(found) % 2 else Fraction(found[middle - 1] + found[middle], 2)


def _gathered(laws: Mapping[str, ProcessLaw], found: Iterable[stays.Stay], on: dt.date) -> dict[str, dict[tuple[str, str], _Told]]:
    """Process -> stage or state -> what is told of it."""
    told: dict[str, dict[tuple[str, str], _Told]] = {process: defaultdict(_Told) for process in laws}
    for stay in found:
        law = laws.get(stay.process)
        known = law.all_states.get(stay.state) if law else None
        if known is None:
            continue
        keys = [("state", stay.state)] + ([("stage", known.stage)] if known.stage else [])
        for key in keys:
            one = told[stay.process][key]
            one.came.add(stay.case_id)
            one.days[stay.case_id] += ((stay.until or on) - stay.since).days
            if stay.until is None:
                one.here.add(stay.case_id)
    return told


def _rows(law: ProcessLaw, told: Mapping[tuple[str, str], _Told], place: Filter) -> list[Row]:
    none = _Told()
    rows = [Row(law.id, {"name": Cell(law.label)})]
    for stage, label in law.head.stages.items():
        one = told.get(("stage", stage), none)
        ended = {case for state in law.states.closed if law.states.closed[state].stage == stage
                 for case in told.get(("state", state), none).here}
        rows.append(Row(f"{law.id}/{stage}", {
            "name": Cell(label),
            "reached": _counted(one.came, _REACHED, _narrow(place, law, reached=stage)),
            "here": _counted(one.here - ended, _HERE, _narrow(place, law, stage=stage)), **_length(one)}, indent=1))
        rows += [_state(law, state, told.get(("state", state), none), place)
                 for state, known in law.all_states.items() if known.stage == stage]
    rows += [_state(law, state, told[key], place) for state, known in law.all_states.items()
             if known.stage is None and (key := ("state", state)) in told]
    return rows


def _state(law: ProcessLaw, state: str, one: _Told, place: Filter) -> Row:
    closed = state in law.states.closed
    return Row(f"{law.id}//{state}", {
        "name": Cell(law.all_states[state].label),
        "here": _counted(one.here, _ENDED if closed else _HERE, _narrow(place, law, state=state)),
        **({} if closed else _length(one))}, indent=2)


def _narrow(place: Filter, law: ProcessLaw, **more: Any) -> Filter:
    return replace(place, process=law.id, **more)


def _counted(cases: set[int], how: Text, wanted: Filter) -> Cell:
    return Cell(len(cases), "counted", how, filter=wanted, cases=tuple(sorted(cases)))


def _length(one: _Told) -> dict[str, Cell]:
    left = one.left()
    return {"days": Cell(median(left), "derived", _DAYS), "measured": Cell(len(left), "counted")}
