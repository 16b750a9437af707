"""A round of classification as its organ sees it, what is missing from it, and what a unit was rated over the years.

A round costs the same handful of statements whether the organ rates three units or three hundred.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.dated import NotInForce
from workflow import tree
from workflow.context import Actor
from workflow.errors import BadInput
from workflow.ratings.acts import Said, ask_on, unit_id
from workflow.ratings.cap import CapWorking, cap
from workflow.ratings.ground import BESIDE, RATING, Ground, below, gather
from workflow.ratings.judging import Hands
from workflow.ratings.levels import Period
from workflow.ratings.members import tally
from workflow.tree import UnitOn
from workflow.verdict import StepVerdict

#: Which step may come next from a state.
_NEXT = {"start": ("self_assess", "decide"), "self_assessed": ("self_assess", "verify", "decide"), "verified": ("verify", "decide"),
         "reopened": ("verify", "decide"), "decided": ("reopen",)}


@dataclass(frozen=True, slots=True)
class RatingView:
    """A rating as kept: what was proposed and what was decided, the label as printed, its scheme, our rank."""

    id: int
    unit_id: int
    kind: str
    period_from: dt.date
    period_to: dt.date
    scheme: str
    state: str
    label: str | None
    rank: int | None
    points: int | None
    decided_on: dt.date | None
    paper: str | None
    self_label: str | None
    self_points: int | None
    verified_label: str | None
    verified_points: int | None
    reopened_on: dt.date | None
    reopen_reason: str | None
    group_name: str | None
    imported: bool

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> RatingView:
        return cls(**{name: row[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class CapView:
    """The ceiling of one group: what was counted, what it may hold, the way there; ``over`` warns."""

    name: str
    excellent: int
    good: int
    rated: int
    scope: str
    working: CapWorking | None

    @property
    def over(self) -> bool:
        return self.working is not None and self.excellent > self.working.allowed


@dataclass(frozen=True, slots=True)
class RoundRow:
    """One unit of a round: its rating so far, the ratings before, and the verdict on each step that may come next."""

    unit: UnitOn
    rating: RatingView | None
    proposed_rank: int | None
    undecided_below: int
    verdicts: Mapping[str, StepVerdict]
    history: Sequence[RatingView]

    @property
    def state(self) -> str:
        return self.rating.state if self.rating else "start"


@dataclass(frozen=True, slots=True)
class Round:
    """All units that an organ rates for a period."""

    organ: UnitOn
    period: Period
    scheme: str | None
    rows: Sequence[RoundRow]
    caps: Sequence[CapView]

    @property
    def decided(self) -> int:
        return sum(row.state == "decided" for row in self.rows)


@dataclass(frozen=True, slots=True)
class MissingRow:
    """A unit below an organ that is not decided for a period; ``state`` is ``start`` where nothing is recorded."""

    unit: UnitOn
    state: str


def round_of(session: Session, actor: Actor | None, organ: str | int, period: Period, on: dt.date) -> Round:
    """The round of an organ as on a day, with what ``actor`` may do next. Raises BadInput for a unit not alive that day."""
    top = tree.unit_on(session, organ, on)
    if top is None:
        raise BadInput(f"Không có đơn vị {organ} hoạt động vào ngày {on:%d/%m/%Y}; kiểm tra mã và ngày.", "organ")
    ground = gather(session, below(session, [top.id], on), period, on)
    mine = [u for u in ground.peers.get(top.id, ()) if u in ground.lines]
    hands = Hands.of(session, actor)
    past = histories(session, mine, on)
    rows = []
    for unit in sorted(mine, key=lambda u: (ground.lines[u].unit.kind, ground.lines[u].unit.name, u)):
        row = ground.rows.get(unit)
        rows.append(RoundRow(ground.lines[unit].unit, RatingView.of(row) if row else None, ground.rank(unit), ground.undecided(unit),
                             _verdicts(session, ground, unit, hands), past.get(unit, ())))
    return Round(top, period, ground.scheme, rows, _caps(ground, mine))


def _verdicts(session: Session, ground: Ground, unit: int, hands: Hands) -> dict[str, StepVerdict]:
    found = {}
    for step in _NEXT[ground.state(unit)]:
        try:
            found[step] = ask_on(session, ground, unit, step, Said(unit, ground.period), hands)
        except BadInput:  # nothing is proposed yet, or the law has no such step for the period
            continue
    return found


def cap_of(session: Session, unit: str | int, period: Period, on: dt.date) -> CapView | None:
    """The ceiling for the members of the basic organisation of a unit; None where the law of the period has none. It warns,
    and never blocks."""
    id_ = unit_id(session, unit)
    ground = gather(session, [id_], period, on)
    scope = ground.cap_scope(id_) if id_ in ground.lines else None
    base = ground.lines[id_].base if scope is not None else None
    if scope is None or base is None:
        return None
    members = tally(session, base.id, period, min(on, period.last))
    return CapView(base.name, members.ranks.get(4, 0), members.good, members.rated, scope,
                   _working(ground, id_, members.good, members.rated))


def _caps(ground: Ground, units: Sequence[int]) -> list[CapView]:
    """The ceilings of a round, one for each group; none where the law caps the members of a basic organisation."""
    found: list[CapView] = []
    seen: set[int] = set()
    for unit in units:
        scope = ground.cap_scope(unit)
        if unit in seen or scope is None or scope == "grassroots_org":
            continue
        group = ground.group(unit)
        seen |= set(group)
        ranks = [rank for peer in group if (rank := ground.rank(peer)) is not None]
        good = sum(r >= 3 for r in ranks)
        found.append(CapView(_group_name(ground, unit, scope), sum(r == 4 for r in ranks), good, len(ranks), scope,
                             _working(ground, unit, good, len(ranks))))
    return found


def _group_name(ground: Ground, unit: int, scope: str) -> str:
    if scope == "whole_level":
        return ""
    kind = ground.book.unit_kinds.get(ground.lines[unit].unit_kind)
    return (ground.rows.get(unit) or {}).get("group_name") or (kind.label.vi if kind else ground.lines[unit].unit_kind)


def _working(ground: Ground, unit: int, good: int, rated: int) -> CapWorking | None:
    """The working by the parameters of the law; None below the smallest base it is applied to."""
    def value(name: str) -> Any:
        return ground.book.value(name, ground.period.last, ground.lines[unit].codes).value
    try:
        if good < value("cap_min_base"):
            return None
        return cap(good, rated, percent=value("cap_percent"), base=value("cap_base"), rounding=value("cap_rounding"))
    except NotInForce:
        return None


def missing(session: Session, organ: str | int, period: Period, on: dt.date) -> list[MissingRow]:
    """The units below an organ, the whole subtree, that lived at the end of the period (or on the day, if that is earlier)
    and are not decided for it; in the order of the tree."""
    day = min(on, period.last)
    top = tree.unit_on(session, organ, day)
    if top is None:
        raise BadInput(f"Không có đơn vị {organ} hoạt động vào ngày {day:%d/%m/%Y}; kiểm tra mã và ngày.", "organ")
    units = [u for u in tree.subtree(session, top.id, day) if u.id != top.id and u.kind not in BESIDE]
    query = sa.select(RATING.c.unit_id, RATING.c.state).where(
        RATING.c.kind == period.kind, RATING.c.period_from == period.first, RATING.c.period_to == period.last,
        tree.within(RATING.c.unit_id, top.id, day))
    states: dict[int, str] = {row.unit_id: row.state for row in session.connection().execute(query)}
    return [MissingRow(unit, states.get(unit.id, "start")) for unit in units if states.get(unit.id) != "decided"]


def history_of(session: Session, unit: int, on: dt.date, *, kind: str | None = "year") -> list[RatingView]:
    """What a unit was rated, latest period first, by decisions up to a day."""
    return histories(session, [unit], on, kind=kind).get(unit, [])


def histories(session: Session, units: Iterable[int], on: dt.date, *, kind: str | None = "year") -> dict[int, list[RatingView]]:
    """The same for many units, in one statement. A re-opened rating stands with the level it had."""
    wanted = sorted(set(units))
    if not wanted:
        return {}
    query = sa.select(RATING).where(RATING.c.unit_id.in_(wanted), RATING.c.decided_on <= on)
    if kind is not None:
        query = query.where(RATING.c.kind == kind)
    found: dict[int, list[RatingView]] = {}
    for row in session.connection().execute(query.order_by(RATING.c.period_to.desc(), RATING.c.id.desc())).mappings():
        found.setdefault(row["unit_id"], []).append(RatingView.of(dict(row)))
    return found
