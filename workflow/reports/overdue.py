"""What has run out, unit by unit and period by period: cases, not periods, so that each number is a list."""
from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.shape import Text
from workflow import stays, tree
from workflow.caselist import Filter, late_on
from workflow.context import Actor, book_of, clock_of
from workflow.models import Base, Case, Duty
from workflow.reports.model import Cell, Column, Report, Row, cases_seen, report, tops
from workflow.tree import UnitOn

_closure, _case = Base.metadata.tables["unit_closure"], Base.metadata.tables["case"]
TITLE = Text(vi="Quá hạn theo đơn vị và loại thời hạn", en="Overdue by unit and kind of period")
_UNIT = Column("unit", Text(vi="Đơn vị", en="Unit"), "text")
_ANY = Column("any", Text(vi="Hồ sơ có việc quá hạn", en="Cases with anything overdue"))
_HOW = Text(vi="Hồ sơ đang mở có thời hạn loại này đã qua vào ngày chốt", en="Open cases of which such a period had run out on the cut-off day")
_NOTES = (
    Text(vi="Mỗi số là số hồ sơ của đơn vị và cấp dưới, theo tổ chức hiện nay; một hồ sơ quá hạn nhiều loại được tính ở từng cột. "
            "Đơn vị trực thuộc cộng lại có thể ít hơn dòng cấp trên, vì cấp trên có hồ sơ của chính mình.",
         en="Each number is of cases of the unit and those below it, by today's organisation; a case that is late in several ways "
            "counts in each column. Units below may add up to less than the line above, which has cases of its own."),
    Text(vi="Ngày chốt đã qua: thời hạn được gia hạn sau ngày đó tính theo hạn hiện nay.",
         en="For a past day, a period that was extended since counts with the day it has now."),
)

Pair = tuple[str, str]


@report("overdue", TITLE)
def overdue(session: Session, actor: Actor | None, unit: UnitOn | None, on: dt.date) -> Report:
    """A line for each unit directly below, a column for each kind of period of which one has run out anywhere."""
    today, laws = clock_of(session).today(), book_of(session).cases
    heads = [unit] if unit is not None else tops(session, actor, today)
    below = {head.id: tree.children(session, head.id, today) for head in heads}
    late = _late(session, actor, on, today, [u.id for head in heads for u in (head, *below[head.id])])
    pairs = [(process, name) for process, law in laws.items() for name in law.duties
             if any((process, name) in found for found in late.values())]
    columns = [_UNIT, _ANY, *(Column(f"{process}.{name}", laws[process].duties[name][-1].says or Text(vi=name, en=name))
                              for process, name in pairs)]
    past = on if on < today else None
    rows = [_row(u, depth, late.get(u.id, {}), pairs, past) for head in heads
            for depth, u in ((0, head), *((1, child) for child in below[head.id]))]
    return Report("overdue", TITLE, unit, on, tuple(columns), tuple(rows), _NOTES if past else _NOTES[:1])


def _late(session: Session, actor: Actor | None, on: dt.date, today: dt.date, units: Sequence[int]) -> Mapping[int, Mapping[Pair, set[int]]]:
    """Unit -> process and period -> the open cases below it that are late there; one statement."""
    past = on < today
    closed = sorted({s for law in book_of(session).cases.values() for s in law.states.closed})
    open_ = stays.state_on(session, on).not_in(closed) if past else Case.closed_on.is_(None)
    query = (sa.select(_closure.c.ancestor_id, Case.process, Duty.law, Case.id).distinct()
             .select_from(Case).join(Duty, Duty.case_id == Case.id)
             .join(_closure, sa.and_(_closure.c.descendant_id == _case.c.unit_id, tree.alive(_closure, today)))
             .where(_closure.c.ancestor_id.in_(units), cases_seen(session, actor, today), open_,
                    late_on(on) if past else Duty.open_until < on))
    found: dict[int, dict[Pair, set[int]]] = defaultdict(lambda: defaultdict(set))
    for ancestor, process, name, case in session.connection().execute(query):
        found[ancestor][process, name].add(case)
    return found


def _row(unit: UnitOn, depth: int, late: Mapping[Pair, set[int]], pairs: Sequence[Pair], past: dt.date | None) -> Row:
    any_ = {case for cases in late.values() for case in cases}
    cells = {"unit": Cell(unit.name), "any": _counted(any_, Filter(unit=unit.id, flag="overdue", as_of=past))}
    for process, name in pairs:
        cells[f"{process}.{name}"] = _counted(late.get((process, name), set()), Filter(unit=unit.id, process=process, late=name, as_of=past))
    return Row(unit.code, cells, indent=depth, unit=unit.id)


def _counted(cases: set[int], wanted: Filter) -> Cell:
    return Cell(len(cases), "counted", _HOW, filter=wanted, cases=tuple(sorted(cases)))
