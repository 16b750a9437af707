"""What stands beside the rating of a unit: how many members at which level, who was not rated and why, and its head."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.nodes import Rows
from workflow import tree
from workflow.context import Actor, book_of
from workflow.errors import BadInput
from workflow.inputs import required_text
from workflow.journal import EntryRef
from workflow.models import Base
from workflow.ratings.acts import refuse, unit_id
from workflow.ratings.ground import COUNT, RATING, Ground, gather
from workflow.ratings.judging import Hands, act_of, explain, facts_given, line_of
from workflow.ratings.levels import Period, read_level

HEAD = Base.metadata.tables["rating_head"]
CLOSURE = Base.metadata.tables["unit_closure"]


@dataclass(frozen=True, slots=True)
class Tally:
    """Members of some units together, by normalised rank; ``unrated`` by reason."""

    ranks: Mapping[int, int]
    unrated: Mapping[str, int]

    @property
    def rated(self) -> int:
        return sum(self.ranks.values())

    @property
    def good(self) -> int:
        """Good or better, the excellent included."""
        return self.ranks.get(3, 0) + self.ranks.get(4, 0)


def set_counts(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, period: Period,
               levels: Mapping[str, int], unrated: Mapping[str, int] | None = None, outstanding: bool | None = None,
               signatory: int | None = None, on_behalf_of: int | None = None) -> EntryRef:
    """Say how many members stand at each level of the scheme, and how many were not rated for which reason; said again, it
    replaces the former. Whatever the law finds wrong with it is kept with the entry."""
    id_ = unit_id(session, unit)
    ground = gather(session, [id_], period, on, lock=True)
    line_of(ground, id_, unit)
    row = _there(ground, id_)
    scheme = ground.book.schemes[row["scheme"]]
    reasons = ground.law.facts["unrated"].items or {}
    wanted = _numbers("level", levels, scheme.members) | _numbers("unrated", unrated or {}, _codes(reasons["reason"].type))
    given = _cap_facts(session, ground, id_, {code: n for (kind, code), n in wanted.items() if kind == "level"})
    given |= {"unrated": Rows(True, tuple({"reason": c, "number": n} for (k, c), n in wanted.items() if k == "unrated"))}
    if outstanding is not None:
        given["cap.outstanding"] = outstanding
    hands = Hands.of(session, actor, signatory, on_behalf_of, lock=True)
    verdict = explain(session, ground, id_, "count_members", given, hands)
    refuse(verdict)
    known = {(c["kind"], c["code"]): c for c in ground.counts.get(row["id"], [])}
    act = act_of(session, actor, ground, id_, "unit:rating:count", verdict, hands)
    for key, number in wanted.items():
        if key not in known:
            act.insert(COUNT, {"rating_id": row["id"], "kind": key[0], "code": key[1], "number": number})
        elif known[key]["number"] != number:
            act.update(COUNT, known[key]["id"], {"number": number}, old=known[key])
    for key in sorted(known.keys() - wanted.keys()):
        act.delete(COUNT, known[key]["id"])
    return act.write()


def rate_head(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, period: Period, person: int, post: str,
              label: str | None = None, rank: int | None = None, points: int | None = None, facts: Mapping[str, Any] | None = None,
              signatory: int | None = None, on_behalf_of: int | None = None) -> EntryRef:
    """Rate the head of a unit, after the unit, by the same organ; said again, it replaces the former."""
    id_ = unit_id(session, unit)
    ground = gather(session, [id_], period, on, lock=True)
    line_of(ground, id_, unit)
    row = _there(ground, id_)
    if points is not None and (type(points) is not int or not 0 <= points <= 100):
        raise BadInput("Tổng điểm là số nguyên từ 0 đến 100.", "points")
    printed = read_level(ground.book, period, label, scheme=row["scheme"], rank=rank, individual=True)
    given = facts_given(ground, {"level.label": printed.label, "level.scheme": printed.scheme, "level.rank": printed.rank,
                                 "level.points": points, "rated.individual": True, **(facts or {})})
    # What the unit did is no fact about its head: only what is given with the act counts.
    given.setdefault("tasks.exceeded", None)
    hands = Hands.of(session, actor, signatory, on_behalf_of, lock=True)
    verdict = explain(session, ground, id_, "rate_head", given, hands)
    refuse(verdict)
    act = act_of(session, actor, ground, id_, "unit:rating:head", verdict, hands, person=person)
    values = {"post": required_text(post, "post", "chức vụ"), "label": printed.label, "points": points, "rank": printed.rank,
              "decided_on": on}
    known = act.connection.execute(sa.select(HEAD).where(HEAD.c.rating_id == row["id"], HEAD.c.person_id == person)).mappings().first()
    if known is None:
        act.insert(HEAD, {"rating_id": row["id"], "person_id": person, **values}, person=person)
    else:
        act.update(HEAD, known["id"], values, old=dict(known), person=person)
    return act.write()


def heads_of(session: Session, rating: int) -> list[dict[str, Any]]:
    """The heads rated with a unit, by post."""
    rows = session.connection().execute(sa.select(HEAD).where(HEAD.c.rating_id == rating).order_by(HEAD.c.post, HEAD.c.id))
    return [dict(row) for row in rows.mappings()]


def tally(session: Session, top: int, period: Period, on: dt.date, *, without: Iterable[int] = ()) -> Tally:
    """The members of a unit and of all below it on a day, in one statement; units in ``without`` are left out."""
    under = sa.and_(CLOSURE.c.descendant_id == RATING.c.unit_id, CLOSURE.c.ancestor_id == top, tree.alive(CLOSURE, on))
    query = (sa.select(RATING.c.scheme, COUNT.c.kind, COUNT.c.code, sa.func.sum(COUNT.c.number))
             .select_from(COUNT.join(RATING, RATING.c.id == COUNT.c.rating_id).join(CLOSURE, under))
             .where(RATING.c.kind == period.kind, RATING.c.period_from == period.first, RATING.c.period_to == period.last,
                    RATING.c.unit_id.not_in(list(without)))
             .group_by(RATING.c.scheme, COUNT.c.kind, COUNT.c.code))
    ranks: dict[int, int] = {}
    unrated: dict[str, int] = {}
    schemes = book_of(session).schemes
    for scheme, kind, code, number in session.connection().execute(query):
        if kind == "unrated":
            unrated[code] = unrated.get(code, 0) + int(number)
            continue
        level = schemes[scheme].members.get(code) if scheme in schemes else None
        if level is not None:
            ranks[level.rank] = ranks.get(level.rank, 0) + int(number)
    return Tally(ranks, unrated)


def _cap_facts(session: Session, ground: Ground, unit: int, levels: Mapping[str, int]) -> dict[str, Any]:
    """Members are counted over the basic organisation. Where the law caps groups of similar role, the members of one
    basic organisation are taken for such a group."""
    scope, base = ground.cap_scope(unit), ground.lines[unit].base
    if scope is None or base is None:
        return {}
    others = tally(session, base.id, ground.period, min(ground.on, ground.period.last), without=[unit])
    members = ground.book.schemes[ground.rows[unit]["scheme"]].members
    ranks = dict(others.ranks)
    for code, number in levels.items():
        ranks[members[code].rank] = ranks.get(members[code].rank, 0) + number
    whole = Tally(ranks, {})
    return {"cap.scope": scope, "cap.excellent": ranks.get(4, 0), "cap.good": whole.good, "cap.rated": whole.rated,
            "cap.outstanding": False}


def _there(ground: Ground, unit: int) -> Mapping[str, Any]:
    row = ground.rows.get(unit)
    if row is None:
        raise BadInput(f"Đơn vị {ground.lines[unit].unit.code} chưa có kết quả đánh giá nào của kỳ {ground.period.label}.", "period")
    return row


def _numbers(kind: str, given: Mapping[str, int], codes: Iterable[str]) -> dict[tuple[str, str], int]:
    known = list(codes)
    for code, number in given.items():
        if code not in known:
            raise BadInput(f"Không có mục {code}; có: {', '.join(known)}.", code)
        if type(number) is not int or not 0 <= number <= 1_000_000:
            raise BadInput("Số đảng viên là số nguyên không âm.", code)
    return {(kind, code): number for code, number in given.items() if number}


def _codes(type_: Any) -> list[str]:
    return list(type_.code)
