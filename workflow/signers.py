"""For whom somebody may record a step, and whom he may name: choices for forms. The engine decides, not this."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from rules.book import Rulebook
from workflow import tree
from workflow.access import ATTACHED, Holding, Right
from workflow.models import Office, Person, Substitution, UnitVersion
from workflow.snapshot import Snapshot

MOST = 300


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who may sign on a day: in an office of his own, standing in for its holder, or by a relation to the case
    (then there is no unit)."""

    person_id: int
    name: str
    role: str
    unit_id: int | None
    behalf_id: int | None = None
    behalf_name: str | None = None

    @property
    def code(self) -> str:
        return f"{self.person_id}-{self.behalf_id}" if self.behalf_id else str(self.person_id)


def recordable(book: Rulebook, rights: Iterable[Right], held: Iterable[Holding]) -> list[Right]:
    """Of the rights that would do, those whose acts somebody with these offices may type in."""
    mine = {(h.role, h.unit_id) for h in held}
    found = []
    for right in rights:
        office = book.offices.get(right.role)
        roles = (right.role, *(office.recorded_by if office else ()))
        if right.unit_id is not None and any((role, right.unit_id) in mine for role in roles):
            found.append(right)
    return found


def signers(session: Session, rights: Iterable[Right], on: dt.date) -> list[Signer]:
    """Everybody who holds one of these rights on the day, own offices first."""
    wanted = [r for r in rights if r.unit_id is not None]
    if not wanted:
        return []
    right = sa.or_(*(sa.and_(Office.role == r.role, Office.unit_id == r.unit_id) for r in wanted))
    holder = aliased(Person)
    own = sa.select(Office.person_id, holder.full_name, Office.role, Office.unit_id, sa.null(), sa.null()).join(
        holder, holder.id == Office.person_id).where(right, _alive(Office, on)).order_by(Office.id)
    acting = aliased(Person)
    standing_in = (
        sa.select(Substitution.person_id, acting.full_name, Office.role, Office.unit_id, Office.person_id, holder.full_name)
        .select_from(Substitution).join(Office, Office.id == Substitution.office_id)
        .join(acting, acting.id == Substitution.person_id).join(holder, holder.id == Office.person_id)
        .where(right, _alive(Office, on), _alive(Substitution, on)).order_by(Substitution.id))
    connection = session.connection()
    found = [Signer(*row) for query in (own, standing_in) for row in connection.execute(query)]
    return list({s.code: s for s in reversed(found)}.values())[::-1]


def members(session: Session, snapshot: Snapshot, on: dt.date) -> list[tuple[int, str]]:
    """Members that a case may name (helper, introducer, reader, member of a team): those of the basic organisation, and
    who holds an office in the line; never the subject. Of a case about a unit also who holds an office anywhere under the
    organ that decides: from there people are sent to help."""
    line, organ = snapshot.line, snapshot.path.organ
    base = line.base or line.unit
    below = tree.within(Person.__table__.c.unit_id, base.id, on)
    at = Office.__table__.c.unit_id
    here = at.in_(line.ids) if organ is None or snapshot.law.head.subject == "person" else sa.or_(
        at.in_(line.ids), tree.within(at, organ.id, on))
    in_office = sa.select(Office.person_id).where(here, _alive(Office, on))
    query = (sa.select(Person.id, Person.full_name).where(
        sa.or_(sa.and_(below, Person.standing == "official"), Person.id.in_(in_office)),
        Person.id != (snapshot.case["subject_person_id"] or 0))
        .order_by(Person.sort_key, Person.id).limit(MOST))
    return [(key, name) for key, name in session.connection().execute(query)]


def places(session: Session, snapshot: Snapshot, on: dt.date) -> list[tuple[int, str]]:
    """The units of a day to which a case may go, of the sort of its own, each with what it belongs to."""
    version, parent = UnitVersion.__table__.alias("cell"), UnitVersion.__table__.alias("parent")
    here = snapshot.line.unit
    alike = version.c.kind.in_(sorted(tree.CELLS)) if here.kind in tree.CELLS else version.c.kind.not_in(sorted({*tree.CELLS, *ATTACHED}))
    query = (sa.select(version.c.unit_id, version.c.name, parent.c.name)
             .select_from(version.outerjoin(parent, sa.and_(parent.c.unit_id == version.c.parent_id, tree.alive(parent, on))))
             .where(alike, tree.alive(version, on), version.c.unit_id != here.id)
             .order_by(version.c.sort_key, version.c.unit_id).limit(2_000))
    return [(key, f"{name} ({above})" if above else name) for key, name, above in session.connection().execute(query)]


def _alive(model: type[Office] | type[Substitution], on: dt.date) -> sa.ColumnElement[bool]:
    return sa.and_(model.from_on <= on, sa.or_(model.to_on.is_(None), model.to_on >= on))
