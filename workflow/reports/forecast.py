"""Who can lawfully be admitted by a day, cell by cell, with the earliest lawful day of each."""
from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.process import ProcessLaw
from rules.schema import Text
from workflow import tree
from workflow.bindings import BINDINGS
from workflow.casefacts import known
from workflow.context import Actor, book_of
from workflow.inputs import shown
from workflow.models import Case
from workflow.process import ranks
from workflow.reports.model import Cell, Column, Option, Report, Row, cases_seen, report
from workflow.reports.outlook import Outlook, ahead
from workflow.tree import UnitOn

PROCESS, GOAL = "admission", "decide_admission"
#: How far beyond the day asked about a first day is still looked for.
_BEYOND = dt.timedelta(days=731)
TITLE = Text(vi="Dự báo kết nạp", en="Forecast of admissions")
UNTIL = Option(Text(vi="Đến ngày (mặc định 31/12)", en="By (default 31 December)"), day=True)
LIST = Option(Text(vi="Từng hồ sơ", en="Case by case"), {"cases": Text(vi="có", en="yes"), "cells": Text(vi="chỉ chi bộ", en="cells only")})
VERDICTS = {
    "sure": Text(vi="Đủ điều kiện theo thông tin đã có", en="Allowed by what is known"),
    "open": Text(vi="Chưa rõ: còn thiếu thông tin", en="Not known: facts are missing"),
    "late": Text(vi="Không kịp", en="Not by then"),
    "blocked": Text(vi="Vướng với thông tin đã có", en="In the way, by what is known"),
}
COLUMNS = (
    Column("unit", Text(vi="Chi bộ, hồ sơ", en="Cell, case"), "text"),
    Column("waiting", Text(vi="Hồ sơ chưa quyết định", en="Cases before the decision")),
    *(Column(key, text) for key, text in VERDICTS.items()),
    Column("earliest", Text(vi="Ngày sớm nhất", en="Earliest day"), "day"),
    Column("verdict", Text(vi="Kết luận", en="Verdict"), "text"),
    Column("missing", Text(vi="Còn thiếu, vướng", en="Missing, in the way"), "text"),
)
_HOW = Text(vi="Mỗi bước vào ngày đầu tiên luật cho phép với thông tin đã có", en="Each step on the first day the law allows with what is known")
_COUNTED = Text(vi="Hồ sơ đang mở, chưa có quyết định kết nạp", en="Open cases without a decision")


@report("forecast", TITLE, until=UNTIL, rows=LIST)
def made(session: Session, actor: Actor | None, unit: UnitOn | None, on: dt.date, *, until: dt.date | None, rows: str) -> Report:
    """Every open case before the decision, judged along the road that remains."""
    by = until or dt.date(on.year, 12, 31)
    book = book_of(session)
    law = book.processes[PROCESS]
    place = ranks(law)
    before = sorted(s for s in place if place[s] < place[_reached(law, on)])
    states = sa.or_(Case.state.in_(before), sa.and_(Case.state.in_(sorted(law.states.waiting)), Case.resume_state.in_(before)))
    scope = sa.and_(states, cases_seen(session, actor, on), sa.true() if unit is None else tree.within(Case.__table__.c.unit_id, unit.id, on))
    found = [ahead(book, law, case, GOAL, on, by + _BEYOND) for case in known(session, law, BINDINGS[PROCESS], scope, on)]
    of_cell: dict[int, list[Outlook]] = defaultdict(list)
    for one in found:
        of_cell[one.case.line.unit.id].append(one)
    lines = [_sum("total", Text(vi="Tổng số", en="Together"), found, by, None, 0)]
    for cell in sorted(of_cell, key=lambda u: (of_cell[u][0].case.line.unit.name, u)):
        at = of_cell[cell][0].case.line.unit
        lines.append(_sum(at.code, f"{at.name} [{at.code}]", of_cell[cell], by, cell, 1))
        if rows == "cases":
            lines += [_case(law, one, by, cell) for one in sorted(of_cell[cell], key=lambda o: (o.earliest, o.case.id))]
    return Report("forecast", TITLE, unit, on, COLUMNS, tuple(lines), _NOTES, Text(
        vi=f"Dự báo đến {shown(by)} với thông tin có vào ngày {shown(on)}.", en=f"By {shown(by)}, with what is known on {shown(on)}."),
        {"until": by.isoformat(), "rows": rows})


_NOTES = (
    Text(vi="Giả định các cuộc biểu quyết đủ tỷ lệ và mỗi bước được làm ngay ngày đầu tiên luật cho phép; thực tế chỉ có thể muộn hơn.",
         en="Assumes that votes carry and that each step is taken on its first lawful day; in practice it can only be later."),
    Text(vi="“Chưa rõ” không phải là không đủ điều kiện: ngày nêu là sớm nhất, còn phụ thuộc thông tin chưa nhập.",
         en="“Not known” is not a no: the day is the earliest, and depends on facts not yet entered."),
)


def _reached(law: ProcessLaw, on: dt.date) -> str:
    """The state that the decision leads to."""
    step = law.step(GOAL, on) or law.step_versions[GOAL][-1]
    return law.carried(step, "")[0]


def _sum(key: str, label: Text | str, found: Iterable[Outlook], by: dt.date, unit: int | None, indent: int) -> Row:
    outlooks = [*found]
    ids = tuple(sorted(o.case.id for o in outlooks))
    cells = {"unit": Cell(label), "waiting": Cell(len(ids), "counted", _COUNTED, cases=ids)}
    for verdict, how in VERDICTS.items():
        of = tuple(sorted(o.case.id for o in outlooks if o.verdict(by) == verdict))
        cells[verdict] = Cell(len(of), "counted", how, cases=of)
    days = [o.earliest for o in outlooks if o.blocked is None]
    if days:
        cells["earliest"] = Cell(min(days), "derived", _HOW)
    return Row(key, cells, indent, unit)


def _case(law: ProcessLaw, one: Outlook, by: dt.date, unit: int) -> Row:
    state = law.all_states[one.case.state].label
    number = one.case.id
    cells = {"unit": Cell(Text(vi=f"Hồ sơ {number} – {state.vi}", en=f"Case {number} – {state.en or state.vi}")),
             "waiting": Cell(1, "counted", _COUNTED, cases=(number,)), "verdict": Cell(VERDICTS[one.verdict(by)], "derived", _HOW)}
    if one.blocked is None:
        cells["earliest"] = Cell(one.earliest, "derived", _HOW, ">=" if one.missing else "=")
    told = [_fact(law, name) for name in one.missing] + ([_blocked(law, one.blocked)] if one.blocked else [])
    if told:
        cells["missing"] = Cell(Text(vi="; ".join(t.vi for t in told), en="; ".join(t.en or t.vi for t in told)))
    return Row(f"case:{number}", cells, 2, unit)


def _fact(law: ProcessLaw, name: str) -> Text:
    fact = law.facts.get(name)
    return fact.label if fact is not None and fact.label is not None else Text(vi=name)


def _blocked(law: ProcessLaw, blocked: tuple[str, str]) -> Text:
    step, rule = blocked
    versions = law.step_versions.get(step)
    label = versions[-1].label if versions else None
    name = label or Text(vi=step)
    return Text(vi=f"{name.vi}: {rule}".rstrip(": "), en=f"{name.en or name.vi}: {rule}".rstrip(": "))
