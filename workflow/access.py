"""Rights: who may take a step, and which cases somebody sees. Denied unless the law files grant it.

An act has three people: the signatory, who must hold a right on the day of the act; the recorder, whose right is
checked today; and, where the signatory substitutes, the person on whose behalf. Separation of duties looks at all of
them. Reasons are codes; :mod:`workflow.words` says them.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.book import Rulebook
from rules.schema import Step, Who
from workflow import tree
from workflow.bindings import BINDINGS
from workflow.context import Actor
from workflow.models import (
    Case,
    Conflict,
    Entry,
    Office,
    Relative,
    Substitution,
    UnitClosure,
    UnitSuccession,
    UnitVersion,
)
from workflow.tree import Line

_succession: sa.Table = UnitSuccession.__table__  # type: ignore[assignment]
_version: sa.Table = UnitVersion.__table__  # type: ignore[assignment]


#: Kinds of unit that stand beside the line of a case: attached to a committee, with nothing below them.
ATTACHED = ("union", "training_centre")


class Right(NamedTuple):
    """An office at a unit, or a relation to the case."""

    role: str
    unit_id: int | None


class Related(NamedTuple):
    """Somebody who stands in a relation to a case; a missing first day is as long as the case."""

    role: str
    person_id: int
    from_on: dt.date | None
    to_on: dt.date | None

    def valid(self, on: dt.date) -> bool:
        return (self.from_on is None or self.from_on <= on) and (self.to_on is None or on <= self.to_on)


@dataclass(frozen=True, slots=True)
class Holding:
    """An office held by a person in a time; ``holder_id`` differs from ``person_id`` where somebody substitutes."""

    office_id: int
    person_id: int
    holder_id: int
    role: str
    unit_id: int
    from_on: dt.date
    to_on: dt.date | None

    def valid(self, on: dt.date) -> bool:
        return self.from_on <= on and (self.to_on is None or on <= self.to_on)


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether an act is permitted; ``acting`` is the right it rests on, ``who`` the rights that would do."""

    reasons: tuple[str, ...]
    who: tuple[Right, ...]
    acting: Right | None = None
    office_id: int | None = None
    on_behalf_of: int | None = None

    @property
    def allowed(self) -> bool:
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Signing:
    """The people of an act: who signs, for whom, who types, who read it a second time."""

    actor: Actor
    signatory_id: int | None
    on_behalf_of: int | None = None
    second_reader: int | bool | None = None

    @classmethod
    def by(cls, actor: Actor, signatory: int | None = None, on_behalf_of: int | None = None,
           second_reader: int | bool | None = None) -> Signing:
        return cls(actor, signatory or actor.person_id, on_behalf_of, second_reader or None)

    @property
    def people(self) -> set[int]:
        found = {self.signatory_id, self.actor.person_id, self.on_behalf_of}
        return {p for p in found if p is not None}

    @property
    def alone(self) -> bool:
        return self.signatory_id == self.actor.person_id


def rights_of(step: Step, line: Line, organ_id: int | None, receiving_id: int | None, book: Rulebook,
              beside: Callable[[], Iterable[int]]) -> list[Right]:
    """The rights the law grants for a step, with its pointers resolved for one case on one day.

    ``beside`` gives the unions and schools attached to the line; it is asked only when a right may lie there.
    """
    found: list[Right] = []
    for grant in step.who:
        if grant.relation:
            found.append(Right(grant.relation, None))
        elif grant.signer_of:
            found += [Right(role, organ_id) for role, office in book.offices.items() if office.signs and organ_id]
        else:
            found += [Right(str(grant.office), unit) for unit in _units_at(grant, line, organ_id, receiving_id, beside)]
    return list(dict.fromkeys(found))


def _units_at(grant: Who, line: Line, organ_id: int | None, receiving_id: int | None,
              beside: Callable[[], Iterable[int]]) -> Iterable[int]:
    at = grant.at or "cell"
    if at == "any":
        return (*line.ids, *beside())
    if at in ("decider", "receiving"):
        unit_id = organ_id if at == "decider" else receiving_id
        return () if unit_id is None else (unit_id,)
    unit = {"cell": line.unit, "sub": line.sub, "base": line.base, "above": line.above, "parent": line.parent}[at]
    return () if unit is None else (unit.id,)


def holdings(session: Session, people: Iterable[int], *, lock: bool = False) -> list[Holding]:
    """All offices these people ever held, and those they held for somebody else.

    ``lock`` keeps the grants from being withdrawn until the end of the transaction.
    """
    ids = list(people)
    if not ids:
        return []
    connection = session.connection()
    asked = _HELD_LOCKED if lock and connection.dialect.name != "sqlite" else _HELD
    return [Holding(*row) for query in asked for row in connection.execute(query, {"people": ids})]


_PEOPLE: sa.BindParameter[Any] = sa.bindparam("people", expanding=True)
_OFFICES = sa.select(Office.id, Office.person_id, Office.person_id, Office.role, Office.unit_id, Office.from_on,
                     Office.to_on).where(Office.person_id.in_(_PEOPLE))
_SUBSTITUTIONS = (
    sa.select(Office.id, Substitution.person_id, Office.person_id, Office.role, Office.unit_id, Substitution.from_on,
              Substitution.to_on)
    .join(Substitution, Substitution.office_id == Office.id).where(Substitution.person_id.in_(_PEOPLE))
)
_HELD: tuple[sa.Executable, ...] = (sa.union_all(_OFFICES, _SUBSTITUTIONS),)
#: PostgreSQL locks no row of a union.
_HELD_LOCKED: tuple[sa.Executable, ...] = (_OFFICES.with_for_update(read=True, of=[Office]),
                _SUBSTITUTIONS.with_for_update(read=True, of=[Office, Substitution]))


def permit(session: Session, book: Rulebook, step: Step, signing: Signing, *, case_id: int | None,
           subject_id: int | None, subject_unit: int | None, related: Sequence[Related], on: dt.date, today: dt.date,
           rights: list[Right], rights_today: list[Right], held: list[Holding]) -> Permission:
    """Whether the people of an act may take a step.

    ``rights`` are those of the day of the act, ``rights_today`` those by which a recorder is judged. Who decides for the
    organ above holds no office in the unit that the case is about.
    """
    who = tuple(rights)
    signatory, recorder = signing.signatory_id, signing.actor.person_id
    if signatory is None or recorder is None:
        return Permission(("no_person",), who)
    acting, office, behalf = _acting(signatory, signing.on_behalf_of, rights, related, on, held)
    reasons: list[str] = []
    if acting is None:
        reasons.append("not_holder")
    if not _may_record(recorder, signatory, acting, rights_today, related, today, held, book):
        reasons.append("not_holder" if recorder == signatory else "not_recorder")
    # Whoever is substituted counts even where nobody names him: a tie is not shed by letting somebody else sign.
    people = signing.people if behalf is None else signing.people | {behalf}
    reasons += _ties(session, step, people, case_id, subject_id, related)
    deciding = acting is not None and acting.role in book.offices and book.offices[acting.role].signs and acting.unit_id != subject_unit
    if subject_unit is not None and deciding and any(
            h.person_id in (signatory, behalf) and h.unit_id == subject_unit and h.valid(on) for h in held):
        reasons.append("own_case")
    if type(signing.second_reader) is int and signing.second_reader in (recorder, signatory, subject_id):
        reasons.append("reads_own")
    return Permission(tuple(dict.fromkeys(reasons)), who, acting, office, behalf)


def _acting(signatory: int, behalf: int | None, rights: list[Right], related: Sequence[Related], on: dt.date,
            held: list[Holding]) -> tuple[Right | None, int | None, int | None]:
    mine = [h for h in held if h.person_id == signatory and h.valid(on)]
    for right in rights:
        if right.unit_id is None:
            if stands(related, right.role, signatory, on):
                return right, None, None
            continue
        for h in mine:
            if Right(h.role, h.unit_id) == right and behalf in (None, h.holder_id):
                return right, h.office_id, None if h.holder_id == signatory else h.holder_id
    return None, None, None


def stands(related: Iterable[Related], role: str, person: int, on: dt.date) -> bool:
    """Whether somebody stands in a relation to a case on a day."""
    return any(r.role == role and r.person_id == person and r.valid(on) for r in related)


def _may_record(recorder: int, signatory: int, acting: Right | None, rights_today: list[Right], related: Sequence[Related],
                today: dt.date, held: list[Holding], book: Rulebook) -> bool:
    """The recorder holds a right to the step today; for another's signature the one that this rests on, or an office
    that may type in what such an office signed. The organ may be another today: what signs for one signs for the other.
    """
    if recorder != signatory and acting is not None:
        signing = {role for role, office in book.offices.items() if office.signs}
        like = {acting.role} | (signing if acting.role in signing else set())
        rights_today = [right for right in rights_today if right.role in like]
    allowed: set[Right] = set()
    for right in rights_today:
        if right.unit_id is None:
            if stands(related, right.role, recorder, today):
                return True
            continue
        allowed.add(right)
        if recorder != signatory:
            office = book.offices.get(right.role)
            allowed.update(Right(role, right.unit_id) for role in (office.recorded_by if office else ()))
    return any(h.person_id == recorder and h.valid(today) and Right(h.role, h.unit_id) in allowed for h in held)


def _ties(session: Session, step: Step, people: set[int], case_id: int | None, subject_id: int | None,
          related: Iterable[Related]) -> list[str]:
    """Own case, a relative's case, a relation that bars, and acts that must not be in one hand."""
    reasons = []
    if subject_id in people:
        reasons.append("own_case")
    if any(r.role in step.excludes and r.person_id in people for r in related):
        reasons.append("related")
    apart = list(step.apart) if step.alone else []
    if not people or (subject_id is None and not apart):
        return reasons
    values = {"people": list(people), "subject": subject_id, "case": case_id, "apart": apart}
    rows = session.connection().scalars(_TIED_APART if apart and case_id is not None else _TIED, values)
    return reasons + list(dict.fromkeys(rows))


_RELATIVE: sa.ColumnClause[str] = sa.literal_column("'relative'")
_SUBJECT, _CASE = sa.bindparam("subject", type_=sa.Integer()), sa.bindparam("case", type_=sa.Integer())
_TIES = (
    sa.select(_RELATIVE).where(Conflict.person_id == _SUBJECT, Conflict.other_id.in_(_PEOPLE)),
    sa.select(_RELATIVE).where(Conflict.other_id == _SUBJECT, Conflict.person_id.in_(_PEOPLE)),
    sa.select(_RELATIVE).where(Relative.case_id == _CASE, Relative.person_id.in_(_PEOPLE)),
)
_TIED: sa.CompoundSelect[Any] = sa.union_all(*_TIES)
_TIED_APART: sa.CompoundSelect[Any] = sa.union_all(*_TIES, sa.select(sa.literal_column("'apart'")).where(
    Entry.case_id == _CASE, Entry.step.in_(sa.bindparam("apart", expanding=True)), Entry.signatory_id.in_(_PEOPLE)))


def visible_cases(actor: Actor, book: Rulebook, on: dt.date, roles: Collection[str] | None = None) -> sa.ColumnElement[bool]:
    """The one place that says which cases an account sees: a condition on :class:`Case`.

    Offices see the cases of their unit or of all below it, and those that were closed in units whose place these have
    taken; who stands in a relation to a case (helps, works on its plan) sees it, and so does whoever opened it; where a
    case is on its way to, it is seen already; an administrator sees none. With ``roles`` only what is seen through these offices counts.
    """
    if actor.person_id is None:
        return sa.false()
    subtree, own = _reach(actor, book, on, roles)
    opened = sa.select(Entry.case_id).where(Entry.recorded_by == actor.account_id, Entry.stream_seq == 1,
                                            Entry.case_id.is_not(None))
    arriving = [
        sa.select(binding.detail.c.case_id).where(sa.or_(binding.detail.c.transfer_unit_id.in_(subtree),
                                                         binding.detail.c.transfer_unit_id.in_(own)))
        for binding in BINDINGS.values() if "transfer_unit_id" in binding.detail.c]
    beside_office = [related_to(actor.person_id, on), Case.id.in_(opened)] if roles is None else []
    return sa.or_(Case.unit_id.in_(subtree), Case.unit_id.in_(own), Case.unit_id.in_(_former(subtree, own, on)), *beside_office,
                  *(sa.and_(Case.resume_state.is_not(None), Case.id.in_(found)) for found in arriving))


def related_to(person: int, on: dt.date | None, roles: Collection[str] | None = None,
               process: str | None = None) -> sa.ColumnElement[bool]:
    """A condition on :class:`Case`: somebody stands in one of these relations to it on a day; without a day, ever."""
    found = []
    for binding in BINDINGS.values():
        for role, relation in binding.relations.items():
            if (roles is not None and role not in roles) or process not in (None, binding.process):
                continue
            c = relation.table.c
            when = [] if on is None else [sa.or_(c[relation.since].is_(None), c[relation.since] <= on),
                                          sa.or_(c[relation.until].is_(None), c[relation.until] >= on)]
            which = [] if relation.where is None else [c[relation.where].is_(True)]
            found.append(Case.id.in_(sa.select(c.case_id).where(c[relation.person] == person, *when, *which)))
    return sa.or_(sa.false(), *found)


def visible_units(actor: Actor, book: Rulebook, on: dt.date, unit: sa.ColumnElement[Any],
                  roles: Collection[str] | None = None) -> sa.ColumnElement[bool]:
    """Which units an account sees, by its offices alone: a condition on a column that holds the id of a unit."""
    if actor.person_id is None:
        return sa.false()
    subtree, own = _reach(actor, book, on, roles)
    return sa.or_(unit.in_(subtree), unit.in_(own))


def _former(subtree: sa.Select[Any], own: sa.Select[Any], on: dt.date) -> sa.Select[Any]:
    """The units that ended before a day and whose successors, or the successors of these, somebody looks at.

    Open cases have gone over to the successor; closed ones stay where they were closed.
    """
    first, later, alive = (table.alias() for table in (_succession, _succession, _version))

    def ended(unit: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        return ~sa.exists().where(alive.c.unit_id == unit, tree.alive(alive, on))

    former = (sa.select(first.c.unit_id).where(sa.or_(first.c.successor_id.in_(subtree), first.c.successor_id.in_(own)),
                                               ended(first.c.unit_id))
              .cte("former_unit", recursive=True))
    former = former.union(sa.select(later.c.unit_id).where(later.c.successor_id == former.c.unit_id, ended(later.c.unit_id)))
    return sa.select(former.c.unit_id)


def _reach(actor: Actor, book: Rulebook, on: dt.date, roles: Collection[str] | None) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """The units with all below them, and the units alone, that offices held on a day let somebody look at."""
    in_office = sa.and_(Office.person_id == actor.person_id, Office.from_on <= on,
                        sa.or_(Office.to_on.is_(None), Office.to_on >= on))
    standing_in = sa.select(Substitution.office_id).where(
        Substitution.person_id == actor.person_id, Substitution.from_on <= on, Substitution.to_on >= on)
    mine = sa.or_(in_office, Office.id.in_(standing_in))
    wanted = {role: office.reads for role, office in book.offices.items() if roles is None or role in roles}
    below = [role for role, reads in wanted.items() if reads == "subtree"]
    here = [role for role, reads in wanted.items() if reads == "unit"]
    tops = sa.select(Office.unit_id).where(mine, Office.role.in_(below))
    # A union or a school looks at what it is attached to.
    attached = (sa.select(_version.c.parent_id).join(Office, Office.unit_id == _version.c.unit_id)
                .where(mine, Office.role.in_(below), _version.c.kind.in_(ATTACHED), tree.alive(_version, on)))
    subtree = sa.select(UnitClosure.descendant_id).where(
        sa.or_(UnitClosure.ancestor_id.in_(tops), UnitClosure.ancestor_id.in_(attached)), UnitClosure.from_on <= on,
        sa.or_(UnitClosure.to_on.is_(None), UnitClosure.to_on >= on))
    return subtree, sa.select(Office.unit_id).where(mine, Office.role.in_(here))
