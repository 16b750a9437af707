"""The acts on a rating: self-assessed, verified, decided, re-opened; one by one, or a whole round in one transaction.

The law of the last day of the period judges (``rules/law/classification``). A row that is refused says why and leaves the
others alone.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.context import Actor
from workflow.errors import BadInput, Conflict, NotPermitted, StepRefused, WorkflowError
from workflow.inputs import optional_text, paper_text, required_text
from workflow.journal import EntryRef
from workflow.models import Base
from workflow.ratings.ground import COLUMNS, RATING, Ground, gather
from workflow.ratings.judging import Hands, act_of, explain, facts_given, line_of
from workflow.ratings.levels import Period, Printed, rank_of, read_level
from workflow.verdict import StepVerdict

UNIT = Base.metadata.tables["unit"]
_TAGS = {"self_assess": "unit:rating:self_assess", "verify": "unit:rating:verify", "decide": "unit:rating:decide",
         "reopen": "unit:rating:reopen"}
#: Columns of a step: the label, the points and the day it leaves.
_LEAVES = {"self_assess": ("self_label", "self_points", "self_on"), "verify": ("verified_label", "verified_points", "verified_on"),
           "decide": ("label", "points", "decided_on")}
_STATES = {"self_assess": "self_assessed", "verify": "verified", "decide": "decided", "reopen": "reopened"}


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one unit's rating. ``facts`` are named as in the law; what is left out stays as it was."""

    unit: str | int
    period: Period
    label: str | None = None
    points: int | None = None
    scheme: str | None = None
    rank: int | None = None
    facts: Mapping[str, Any] | None = None
    group: str | None = None
    mass: tuple[int, int] | None = None
    paper: Any = None
    imported: bool = False


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """What became of one row: its entry, or why not. ``verdict`` is there wherever the law was asked."""

    unit: str
    entry: EntryRef | None = None
    verdict: StepVerdict | None = None
    error: WorkflowError | None = None

    @property
    def done(self) -> bool:
        return self.entry is not None

    @property
    def refused(self) -> tuple[str, ...]:
        """Ids of what stood in the way; a wrong input names its field."""
        if isinstance(self.error, StepRefused):
            return self.error.refused
        if isinstance(self.error, NotPermitted):
            return self.error.reasons
        return (f"FACT:{self.error.field}",) if isinstance(self.error, BadInput) else ()


def self_assess(session: Session, actor: Actor | None, on: dt.date, said: Said, *, signatory: int | None = None,
                on_behalf_of: int | None = None) -> EntryRef:
    """Record what the unit says of itself; said again before it is verified, it replaces the former."""
    return _one(session, actor, on, "self_assess", said, Hands.of(session, actor, signatory, on_behalf_of, lock=True))


def verify(session: Session, actor: Actor | None, on: dt.date, said: Said, *, signatory: int | None = None,
           on_behalf_of: int | None = None) -> EntryRef:
    """Record what the advisory body of the organ that decides proposes; without a label, what the unit proposed."""
    return _one(session, actor, on, "verify", said, Hands.of(session, actor, signatory, on_behalf_of, lock=True))


def decide(session: Session, actor: Actor | None, on: dt.date, said: Said, *, signatory: int | None = None,
           on_behalf_of: int | None = None) -> EntryRef:
    """Decide a rating; without a label, as it was proposed. Raises NotPermitted, StepRefused, BadInput, Conflict."""
    return _one(session, actor, on, "decide", said, Hands.of(session, actor, signatory, on_behalf_of, lock=True))


def decide_many(session: Session, actor: Actor | None, on: dt.date, rows: Sequence[Said], *, step: str = "decide",
                signatory: int | None = None, on_behalf_of: int | None = None) -> list[RowVerdict]:
    """Decide (or ``verify``) many ratings of one period in one transaction, lower units first; a verdict for each row, in
    the order given. A row that is refused leaves the others alone."""
    return _many(session, actor, on, step, rows, Hands.of(session, actor, signatory, on_behalf_of, lock=True))


def take_over(session: Session, actor: Actor | None, on: dt.date, said: Said) -> EntryRef:
    """Enter a decision known from paper, whatever was recorded here before: one that was decided already is re-opened as a
    correction. An office above the unit types it in; ``actor`` None is a file of history. What is marked ``imported`` is
    not judged, but whoever types it in must still have the right to."""
    hands = Hands.of(session, actor, from_paper=True, lock=True)
    ground = gather(session, [unit_id(session, said.unit)], said.period, on, lock=True)
    unit = unit_id(session, said.unit)
    line_of(ground, unit, said.unit)
    if ground.state(unit) == "decided":
        _reopen(session, actor, ground, unit, "correction", "Đính chính theo văn bản", hands)
        ground = gather(session, [unit], said.period, on)
    return _settle(session, actor, ground, unit, "decide", said, hands, lenient=True)


def reopen(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, period: Period, ground: str = "correction",
           reason: str, signatory: int | None = None, on_behalf_of: int | None = None, from_paper: bool = False) -> EntryRef:
    """Re-open a decided rating: on a complaint, a denunciation, a sign of violation, disunity, or because it was entered
    wrongly. The reason never names who complained."""
    hands = Hands.of(session, actor, signatory, on_behalf_of, from_paper=from_paper, lock=True)
    id_ = unit_id(session, unit)
    known = gather(session, [id_], period, on, lock=True)
    line_of(known, id_, unit)
    return _reopen(session, actor, known, id_, ground, reason, hands)


def ask(session: Session, actor: Actor | None, on: dt.date, step: str, said: Said, *, signatory: int | None = None,
        on_behalf_of: int | None = None) -> StepVerdict:
    """The verdict that an act would meet, without taking it: what a page shows beside its form."""
    unit = unit_id(session, said.unit)
    ground = gather(session, [unit], said.period, on)
    line_of(ground, unit, said.unit)
    return ask_on(session, ground, unit, step, said, Hands.of(session, actor, signatory, on_behalf_of))


def ask_on(session: Session, ground: Ground, unit: int, step: str, said: Said, hands: Hands) -> StepVerdict:
    """The same for one of many units that were gathered together."""
    if step == "reopen":
        return explain(session, ground, unit, step, facts_given(ground, said.facts), hands)
    return _asked(session, ground, unit, step, said, hands)[1]


# --- inside -------------------------------------------------------------------------------------------------------------

def _one(session: Session, actor: Actor | None, on: dt.date, step: str, said: Said, hands: Hands) -> EntryRef:
    unit = unit_id(session, said.unit)
    ground = gather(session, [unit], said.period, on, lock=True)
    line_of(ground, unit, said.unit)
    return _settle(session, actor, ground, unit, step, said, hands)


def _many(session: Session, actor: Actor | None, on: dt.date, step: str, rows: Sequence[Said], hands: Hands) -> list[RowVerdict]:
    if len({row.period for row in rows}) > 1:
        raise BadInput("Một lần chỉ quyết định cho một kỳ; hãy tách các kỳ khác ra.", "period")
    ids = _units(session, [row.unit for row in rows])
    known = [unit for row in rows if (unit := ids.get(row.unit)) is not None]
    if not known:
        return [RowVerdict(str(row.unit), error=_unknown(row.unit)) for row in rows]
    ground = gather(session, known, rows[0].period, on, lock=True)
    for row in rows:
        _propose(ground, ids.get(row.unit), row)
    done: dict[int, RowVerdict] = {}
    for place in sorted(range(len(rows)), key=lambda n: -len(_depth(ground, ids.get(rows[n].unit)))):
        row, unit = rows[place], ids.get(rows[place].unit)
        verdict = None
        try:
            if unit is None:
                raise _unknown(row.unit)
            line_of(ground, unit, row.unit)
            if [r.unit for r in rows].count(row.unit) > 1:
                raise BadInput(f"Đơn vị {row.unit} có hai dòng; giữ lại một.", "unit")
            verdict = _asked(session, ground, unit, step, row, hands)[1]
            entry = _settle(session, actor, ground, unit, step, row, hands)
            done[place] = RowVerdict(ground.lines[unit].unit.code, entry, verdict)
        except Conflict:
            raise
        except WorkflowError as error:
            if unit is not None:
                ground.proposed.pop(unit, None)
            done[place] = RowVerdict(str(row.unit), None, verdict, error)
    return [done[place] for place in range(len(rows))]


def _propose(ground: Ground, unit: int | None, row: Said) -> None:
    """What the round as a whole proposes counts towards the ceiling; a row that cannot be read proposes nothing."""
    if unit is None or unit not in ground.lines:
        return
    try:
        ground.proposed[unit] = _printed(ground, unit, row, lenient=False).rank
    except BadInput:
        ground.proposed.pop(unit, None)


def _depth(ground: Ground, unit: int | None) -> tuple[Any, ...]:
    return ground.lines[unit].units if unit in ground.lines else ()


def _asked(session: Session, ground: Ground, unit: int, step: str, said: Said, hands: Hands, *,
           lenient: bool = False) -> tuple[Printed, StepVerdict, dict[str, Any]]:
    given = facts_given(ground, said.facts)
    printed = _printed(ground, unit, said, lenient=lenient)
    points = _points(ground, unit, said, printed)
    told = {"level.label": printed.label, "level.scheme": printed.scheme, "level.rank": printed.rank, "level.points": points,
            "unit.points": points}
    if said.mass is not None and not 0 <= said.mass[1] <= said.mass[0]:
        raise BadInput("Số đoàn thể ở mức thấp nhất phải từ 0 đến tổng số đoàn thể.", "mass")
    before = ground.proposed.get(unit)
    ground.proposed[unit] = printed.rank
    try:
        verdict = explain(session, ground, unit, step, told | given, hands)
    finally:
        if before is None:
            del ground.proposed[unit]
    return printed, verdict, given


def _printed(ground: Ground, unit: int, said: Said, *, lenient: bool) -> Printed:
    """What is said, or what was proposed before it."""
    row = ground.rows.get(unit) or {}
    label, scheme = said.label, said.scheme
    if label is None and said.rank is None and row:
        label, scheme = row["verified_label"] or row["self_label"], scheme or row["scheme"]
    return read_level(ground.book, ground.period, label, scheme=scheme, rank=said.rank, lenient=lenient)


def _points(ground: Ground, unit: int, said: Said, printed: Printed) -> int | None:
    """The points said; where none are and the level is the one proposed, those it was proposed with."""
    row, points = ground.rows.get(unit), said.points
    if points is None and row is not None:
        for label, number in ((row["verified_label"], row["verified_points"]), (row["self_label"], row["self_points"])):
            if label is not None:
                same = said.label is None or rank_of(ground.book, row["scheme"], label) == printed.rank
                points = number if same else None
                break
    if points is not None and (type(points) is not int or not 0 <= points <= 100):
        raise BadInput("Tổng điểm là số nguyên từ 0 đến 100.", "points")
    return points


def _settle(session: Session, actor: Actor | None, ground: Ground, unit: int, step: str, said: Said, hands: Hands, *,
            lenient: bool = False) -> EntryRef:
    printed, verdict, given = _asked(session, ground, unit, step, said, hands, lenient=lenient)
    if said.imported:
        permit(verdict)
    else:
        refuse(verdict)
    organ = ground.path(unit).organ
    label, points, day = _LEAVES[step]
    values: dict[str, Any] = {
        "organ_id": organ.id if organ else None, "state": _STATES[step], "scheme": printed.scheme, label: printed.label,
        points: _points(ground, unit, said, printed), day: ground.on,
        **{COLUMNS[name]: value for name, value in given.items() if name in COLUMNS},
        **({"group_name": optional_text(said.group, "group", "nhóm tương đồng", 200)} if said.group is not None else {}),
        **({"mass_total": said.mass[0], "mass_lowest": said.mass[1]} if said.mass is not None else {}),
    }
    if step == "decide":
        values |= {"rank": printed.rank, "paper": paper_text(said.paper), "imported": said.imported}
    return _write(session, actor, ground, unit, step, values, verdict, hands)


def _reopen(session: Session, actor: Actor | None, ground: Ground, unit: int, why: str, reason: str, hands: Hands) -> EntryRef:
    text = required_text(reason, "reason", "lý do xem xét lại", 1000)
    given = facts_given(ground, {"reopen.ground": why, "reopen.reason": text})
    verdict = explain(session, ground, unit, "reopen", given, hands)
    refuse(verdict)
    return _write(session, actor, ground, unit, "reopen", {"state": "reopened", "reopened_on": ground.on, "reopen_reason": text},
                  verdict, hands)


def refuse(verdict: StepVerdict) -> None:
    """Raises NotPermitted, or else StepRefused, unless the act may be taken."""
    permit(verdict)
    if verdict.refused:
        raise StepRefused(verdict)


def permit(verdict: StepVerdict) -> None:
    """Raises NotPermitted unless these people may take the act."""
    if not verdict.permission.allowed:
        raise NotPermitted("Không được thực hiện việc này.", verdict.permission.reasons,
                           tuple(f"{r.role}@{r.unit_id}" for r in verdict.permission.who))


def _write(session: Session, actor: Actor | None, ground: Ground, unit: int, step: str, values: Mapping[str, Any],
           verdict: StepVerdict, hands: Hands) -> EntryRef:
    row = ground.rows.get(unit)
    act = act_of(session, actor, ground, unit, _TAGS[step], verdict, hands, to=values["state"])
    if row is None:
        try:
            key = act.insert(RATING, {"unit_id": unit, "kind": ground.period.kind, "period_from": ground.period.first,
                                      "period_to": ground.period.last, **values})
        except sa.exc.IntegrityError as error:
            raise Conflict("Vừa có người khác ghi kết quả của đơn vị này; hãy tải lại trang và thử lại.") from error
        ground.rows[unit] = {**{c.name: None for c in RATING.c}, "unit_id": unit, **values, "id": key}
    else:
        act.update(RATING, row["id"], values, old=row, seen={"state": row["state"]})
        ground.rows[unit] = {**row, **values}
    return act.write()


def unit_id(session: Session, unit: str | int) -> int:
    """The id behind a code. Raises BadInput."""
    found = _units(session, [unit]).get(unit)
    if found is None:
        raise _unknown(unit)
    return found


def _units(session: Session, units: Iterable[str | int]) -> dict[str | int, int]:
    """The ids behind codes, in one statement; what is none is left out."""
    wanted = list(units)
    rows = session.connection().execute(sa.select(UNIT.c.id, UNIT.c.code).where(sa.or_(
        UNIT.c.code.in_([u for u in wanted if isinstance(u, str)]), UNIT.c.id.in_([u for u in wanted if isinstance(u, int)]))))
    found: dict[str | int, int] = {}
    for id_, code in rows:
        found[id_] = found[code] = id_
    return found


def _unknown(unit: str | int) -> BadInput:
    return BadInput(f"Không có đơn vị {unit}; kiểm tra mã.", "unit")
