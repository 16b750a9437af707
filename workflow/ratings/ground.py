"""What the rules of classification read of many units at once, in a number of statements that does not grow with them."""
from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.book import Rulebook
from rules.dated import NotInForce
from rules.nodes import Rows
from rules.process import ProcessLaw
from workflow import tree
from workflow.context import book_of, clock_of
from workflow.models import Base
from workflow.ratings.levels import Period, rank_of
from workflow.snapshot import Path, decider_of, place_facts
from workflow.tree import Line

PROCESS = "classification"
_T = Base.metadata.tables
RATING, COUNT, PROBLEM, VERSION = (_T[n] for n in ("rating", "rating_count", "unit_problem", "unit_version"))
#: What is not classified: it stands beside the line and is no Party organisation.
BESIDE = ("union", "training_centre")
#: Facts of the law and the columns that keep them.
COLUMNS = {"tasks.done": "tasks_done", "tasks.exceeded": "tasks_exceeded", "tasks.late": "tasks_late",
           "unit.disciplined": "disciplined", "unit.remedied": "remedied", "unit.gov_lowest": "gov_lowest"}
_DAYS = {"did.self_assess": "self_on", "did.verify": "verified_on", "did.decide": "decided_on", "did.reopen": "reopened_on"}
Row = Mapping[str, Any]


@dataclass
class Ground:
    """Everything about the ratings of some units in one period, as on the day of an act."""

    book: Rulebook
    law: ProcessLaw
    period: Period
    on: dt.date
    today: dt.date
    lines: dict[int, Line]
    lines_today: dict[int, Line]
    rows: dict[int, Row]
    children: dict[int, list[int]]
    problems: dict[int, list[dict[str, Any]]]
    counts: dict[int, list[Row]]
    #: Which units an organ rates.
    peers: dict[int, list[int]]
    #: Ranks that are being decided together with the one that is asked about.
    proposed: dict[int, int] = field(default_factory=dict)
    _paths: dict[tuple[int, bool], Path] = field(default_factory=dict)

    def path(self, unit: int, *, today: bool = False) -> Path:
        """Who decides the rating of a unit, on the day of the act or today."""
        key = (unit, today)
        if key not in self._paths:
            line = (self.lines_today if today else self.lines)[unit]
            self._paths[key] = decider_of(self.law, line, self.today if today else self.on)
        return self._paths[key]

    @cached_property
    def scheme(self) -> str | None:
        return self.book.scheme_on(self.period.last, self.period.kind)

    def state(self, unit: int) -> str:
        row = self.rows.get(unit)
        return row["state"] if row else "start"

    def rank(self, unit: int) -> int | None:
        """The rank decided, or else proposed last; what is being decided with this counts first."""
        row = self.rows.get(unit)
        if unit in self.proposed or row is None:
            return self.proposed.get(unit)
        if row["state"] == "decided":
            return int(row["rank"])
        return rank_of(self.book, row["scheme"], row["verified_label"] or row["self_label"])

    def undecided(self, unit: int) -> int:
        """How many units directly below are not decided for the period."""
        return sum(self.state(child) != "decided" and child not in self.proposed for child in self.children.get(unit, ()))

    # --- facts ------------------------------------------------------------------------------------------------------

    def facts(self, unit: int) -> dict[str, Any]:
        """What is known of a unit's rating for the rules."""
        row, line, path = self.rows.get(unit) or {}, self.lines[unit], self.path(unit)
        found: dict[str, Any] = {
            "period.kind": self.period.kind, "period.starts_on": self.period.first, "period.ends_on": self.period.last,
            "period.scheme": self.scheme, "taken.day": self.on, "rated.individual": False,
            "unit.kind": "cell" if line.unit_kind in tree.CELLS else "committee", "lower.undecided": self.undecided(unit),
            **{fact: row.get(column) for fact, column in (*COLUMNS.items(), *_DAYS.items())},
            **place_facts(line, path), **self._cap(unit),
        }
        if path.organ is not None:
            found["rating.organ"] = path.organ.code
        found["problems"] = Rows(False, tuple(self.problems.get(unit, ())))
        found["subordinates"] = self._subordinates(unit)
        if row.get("mass_total") is not None and row.get("mass_lowest") is not None:
            lowest, total = row["mass_lowest"], row["mass_total"]
            found["mass_orgs"] = Rows(True, tuple({"lowest": n < lowest} for n in range(total)))
        if row:
            found |= self._members(row)
        return {name: value for name, value in found.items() if value is not None}

    def _subordinates(self, unit: int) -> Rows:
        ranks = [self.rank(child) if self.state(child) == "decided" else None for child in self.children.get(unit, ())]
        return Rows(True, tuple({} if rank is None else {"weak": rank == 1} for rank in ranks))

    def _members(self, row: Row) -> dict[str, Any]:
        counts = self.counts.get(row["id"], [])
        if not counts:
            return {}
        members = self.book.schemes[row["scheme"]].members if row["scheme"] in self.book.schemes else {}
        lowest = {code for code, level in members.items() if level.rank == 1}
        items = [{"lowest": c["code"] in lowest} for c in counts if c["kind"] == "level" for _ in range(c["number"])]
        unrated = tuple({"reason": c["code"], "number": c["number"]} for c in counts if c["kind"] == "unrated")
        return {"members": Rows(True, tuple(items)), "unrated": Rows(True, unrated)}

    # --- the ceiling on the highest level -----------------------------------------------------------------------------

    def group(self, unit: int) -> list[int]:
        """The units that the ceiling counts together with this one: rated by the same organ, of the same named group, or
        where none is named of the same kind; for the whole level all that the organ rates."""
        organ = self.path(unit).organ
        if organ is None:
            return [unit]
        peers = self.peers.get(organ.id, [unit])
        if self.cap_scope(unit) == "whole_level":
            return peers
        mine = self._group_key(unit)
        return [peer for peer in peers if self._group_key(peer) == mine]

    def cap_scope(self, unit: int) -> str | None:
        """What the ceiling is counted over in the law of the period; None where there is none."""
        try:
            scope: str = self.book.value("cap_scope", self.period.last, self.lines[unit].codes).value
        except NotInForce:
            return None
        return scope

    def _group_key(self, unit: int) -> tuple[str | None, str | None]:
        name = (self.rows.get(unit) or {}).get("group_name")
        return (name, None) if name else (None, self.lines[unit].unit_kind)

    def _cap(self, unit: int) -> dict[str, Any]:
        """No unit has the higher ceiling unless an act says so."""
        scope = self.cap_scope(unit)
        if scope is None or scope == "grassroots_org":
            return {}
        ranks = [rank for peer in self.group(unit) if (rank := self.rank(peer)) is not None]
        return {"cap.scope": scope, "cap.excellent": sum(r == 4 for r in ranks), "cap.good": sum(r >= 3 for r in ranks),
                "cap.rated": len(ranks), "cap.outstanding": False}


def gather(session: Session, units: Iterable[int], period: Period, on: dt.date, *, lock: bool = False) -> Ground:
    """All that is read of some units' ratings. Units without any place in the organisation are left out of ``lines``."""
    book, today = book_of(session), clock_of(session).today()
    law = book.process(PROCESS)
    wanted = sorted(set(units))
    lines = _lines(session, wanted, on)
    organs = {path.organ.id for line in lines.values() if (path := decider_of(law, line, on)).organ is not None}
    day = min(on, period.last)
    candidates = below(session, organs, on)
    lines |= tree.lines(session, candidates - lines.keys(), on)
    peers: dict[int, list[int]] = {}
    for unit, line in sorted(lines.items()):
        organ = decider_of(law, line, on).organ
        if organ is not None and organ.id in organs:
            peers.setdefault(organ.id, []).append(unit)
    children = _children(session, wanted, day)
    asked = set(lines) | {child for found in children.values() for child in found}
    rows = _rows(session, asked, period, wanted if lock else ())
    ids = {row["id"]: unit for unit, row in rows.items() if unit in set(wanted)}
    return Ground(book, law, period, on, today, lines, lines if today == on else _lines(session, wanted, today), rows, children,
                  _problems(session, wanted, period), _counts(session, ids), peers)


def below(session: Session, organs: Collection[int], on: dt.date) -> set[int]:
    """The units that these organs may have to rate: directly below them, or below a subcommittee of theirs."""
    if not organs:
        return set()
    sub = VERSION.alias("sub")
    subs = sa.select(sub.c.unit_id).where(sub.c.parent_id.in_(organs), sub.c.kind == "subcommittee", tree.alive(sub, on))
    query = sa.select(VERSION.c.unit_id).where(
        sa.or_(VERSION.c.parent_id.in_(organs), VERSION.c.parent_id.in_(subs)), VERSION.c.kind.not_in(BESIDE), tree.alive(VERSION, on))
    return set(session.connection().scalars(query))


def _lines(session: Session, units: Collection[int], on: dt.date) -> dict[int, Line]:
    """Lines on a day; of units that did not live then, on their last day before or else their first."""
    found = tree.lines(session, units, on)
    gone = sorted(set(units) - found.keys())
    if not gone:
        return found
    past = sa.case((VERSION.c.to_on < on, VERSION.c.to_on))
    query = (sa.select(VERSION.c.unit_id, sa.func.max(past), sa.func.min(VERSION.c.from_on))
             .where(VERSION.c.unit_id.in_(gone)).group_by(VERSION.c.unit_id))
    days: dict[dt.date, list[int]] = {}
    for unit, last, first in session.connection().execute(query):
        days.setdefault(last or first, []).append(unit)
    for day, those in days.items():
        found |= tree.lines(session, those, day)
    return found


def _children(session: Session, units: Collection[int], on: dt.date) -> dict[int, list[int]]:
    query = (sa.select(VERSION.c.parent_id, VERSION.c.unit_id)
             .where(VERSION.c.parent_id.in_(units), VERSION.c.kind.not_in(BESIDE), tree.alive(VERSION, on))
             .order_by(VERSION.c.unit_id))
    found: dict[int, list[int]] = {}
    for parent, child in session.connection().execute(query):
        found.setdefault(parent, []).append(child)
    return found


def _rows(session: Session, units: Collection[int], period: Period, held: Collection[int]) -> dict[int, Row]:
    connection = session.connection()
    same = (RATING.c.kind == period.kind, RATING.c.period_from == period.first, RATING.c.period_to == period.last)
    if held and connection.dialect.name != "sqlite":
        connection.execute(sa.select(RATING.c.id).where(RATING.c.unit_id.in_(held), *same).order_by(RATING.c.id).with_for_update())
    query = sa.select(RATING).where(RATING.c.unit_id.in_(units), *same)
    return {row["unit_id"]: dict(row) for row in connection.execute(query).mappings()}


def _problems(session: Session, units: Collection[int], period: Period) -> dict[int, list[dict[str, Any]]]:
    """What was noted by the end of the period and not cleared before it began."""
    query = (sa.select(PROBLEM.c.unit_id, PROBLEM.c.kind, PROBLEM.c.cleared_on)
             .where(PROBLEM.c.unit_id.in_(units), sa.or_(PROBLEM.c.noted_on.is_(None), PROBLEM.c.noted_on <= period.last),
                    sa.or_(PROBLEM.c.cleared_on.is_(None), PROBLEM.c.cleared_on >= period.first))
             .order_by(PROBLEM.c.id))
    found: dict[int, list[dict[str, Any]]] = {}
    for unit, kind, cleared in session.connection().execute(query):
        item = {"kind": kind} if cleared is None else {"kind": kind, "cleared_on": cleared}
        found.setdefault(unit, []).append(item)
    return found


def _counts(session: Session, ratings: Mapping[int, int]) -> dict[int, list[Row]]:
    query = sa.select(COUNT).where(COUNT.c.rating_id.in_(list(ratings))).order_by(COUNT.c.id)
    found: dict[int, list[Row]] = {}
    for row in session.connection().execute(query).mappings():
        found.setdefault(row["rating_id"], []).append(dict(row))
    return found
