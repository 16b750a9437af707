"""What the administrator sees of accounts: whose they are, whether they work, what offices go with them. No case."""
from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import tree
from workflow.models import Base
from workflow.names import fold

_T = Base.metadata.tables
ACCOUNT, CREDENTIAL, SESSION, PERSON = (_T[n] for n in ("account", "credential", "user_session", "person"))
OFFICE, SUBSTITUTION, UNIT, VERSION = (_T[n] for n in ("office", "substitution", "unit", "unit_version"))

_then = VERSION.alias("then")


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account; ``code_until`` is when its waiting one-time code ends, ``sessions`` counts signed-in browsers."""

    id: int
    username: str
    person_id: int | None
    person: str | None
    administrator: bool
    disabled: bool
    has_password: bool
    code_until: dt.datetime | None
    sessions: int
    seen_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Grant:
    """An office of a person, held or standing in for its holder; ``substitution_id`` marks the latter."""

    office_id: int
    substitution_id: int | None
    person_id: int
    person: str
    role: str
    unit_id: int
    unit: str
    from_on: dt.date
    to_on: dt.date | None
    paper: str | None
    holder: str | None

    def over(self, on: dt.date) -> bool:
        return self.to_on is not None and self.to_on < on


def listed(session: Session, now: dt.datetime, *, idle: dt.timedelta, absolute: dt.timedelta, text: str | None = None,
           only: str | None = None, account: int | None = None, size: int = 50, page: int = 1) -> tuple[list[AccountRow], int]:
    """Accounts in the order of their people, and how many there are. ``only``: disabled, administrator, code."""
    alive = sa.and_(SESSION.c.account_id == ACCOUNT.c.id, SESSION.c.ended_at.is_(None), SESSION.c.seen_at > now - idle,
                    SESSION.c.created_at > now - absolute)
    sessions = sa.select(sa.func.count()).where(alive).correlate(ACCOUNT).scalar_subquery()
    seen = sa.select(sa.func.max(SESSION.c.seen_at)).where(SESSION.c.account_id == ACCOUNT.c.id).correlate(ACCOUNT).scalar_subquery()
    waiting = sa.and_(CREDENTIAL.c.code_hash.is_not(None), CREDENTIAL.c.code_expires_at > now)
    joined = (ACCOUNT.outerjoin(PERSON, PERSON.c.id == ACCOUNT.c.person_id)
              .outerjoin(CREDENTIAL, CREDENTIAL.c.account_id == ACCOUNT.c.id))
    parts: list[sa.ColumnElement[bool]] = [sa.true()]
    if account is not None:
        parts.append(ACCOUNT.c.id == account)
    words = fold(text or "").split()
    if words:
        by_name = sa.and_(*(PERSON.c.name_fold.contains(w, autoescape=True) for w in words))
        parts.append(sa.or_(by_name, ACCOUNT.c.username.contains((text or "").strip().lower(), autoescape=True)))
    narrowed = _ONLY.get(only or "")
    if narrowed is not None:
        parts.append(narrowed(waiting))
    which = sa.and_(*parts)
    connection = session.connection()
    total = connection.scalar(sa.select(sa.func.count()).select_from(joined).where(which)) or 0
    query = (sa.select(ACCOUNT.c.id, ACCOUNT.c.username, ACCOUNT.c.person_id, PERSON.c.full_name, ACCOUNT.c.administrator,
                       ACCOUNT.c.disabled, CREDENTIAL.c.password_hash.is_not(None), sa.case((waiting, CREDENTIAL.c.code_expires_at)),
                       sessions, seen)
             .select_from(joined).where(which).order_by(ACCOUNT.c.administrator.desc(), PERSON.c.sort_key, ACCOUNT.c.username)
             .limit(size).offset((page - 1) * size))
    return [AccountRow(*row) for row in connection.execute(query)], total


_ONLY: Mapping[str, Any] = {
    "disabled": lambda waiting: ACCOUNT.c.disabled,
    "administrator": lambda waiting: ACCOUNT.c.administrator,
    "code": lambda waiting: waiting,
}


def grants(session: Session, people: Collection[int], on: dt.date, *, past: bool = False) -> dict[int, list[Grant]]:
    """Offices and substitutions of some people by person; those to come too, those that are over only with ``past``."""
    if not people:
        return {}
    holder = PERSON.alias("holder")
    named = sa.and_(VERSION.c.unit_id == OFFICE.c.unit_id, VERSION.c.from_on == sa.select(sa.func.max(_then.c.from_on)).where(
        _then.c.unit_id == OFFICE.c.unit_id, _then.c.from_on <= on).correlate(OFFICE).scalar_subquery())
    own = (sa.select(OFFICE.c.id, sa.null(), PERSON.c.id, PERSON.c.full_name, OFFICE.c.role, OFFICE.c.unit_id,
                     sa.func.coalesce(VERSION.c.name, UNIT.c.code), OFFICE.c.from_on, OFFICE.c.to_on, OFFICE.c.paper, sa.null())
           .select_from(OFFICE.join(PERSON, PERSON.c.id == OFFICE.c.person_id).join(UNIT, UNIT.c.id == OFFICE.c.unit_id)
                        .outerjoin(VERSION, named)).where(PERSON.c.id.in_(people)))
    stands = (sa.select(OFFICE.c.id, SUBSTITUTION.c.id, PERSON.c.id, PERSON.c.full_name, OFFICE.c.role, OFFICE.c.unit_id,
                        sa.func.coalesce(VERSION.c.name, UNIT.c.code), SUBSTITUTION.c.from_on, SUBSTITUTION.c.to_on,
                        SUBSTITUTION.c.paper, holder.c.full_name)
              .select_from(SUBSTITUTION.join(OFFICE, OFFICE.c.id == SUBSTITUTION.c.office_id)
                           .join(PERSON, PERSON.c.id == SUBSTITUTION.c.person_id).join(holder, holder.c.id == OFFICE.c.person_id)
                           .join(UNIT, UNIT.c.id == OFFICE.c.unit_id).outerjoin(VERSION, named)).where(PERSON.c.id.in_(people)))
    if not past:
        own = own.where(sa.or_(OFFICE.c.to_on.is_(None), OFFICE.c.to_on >= on))
        stands = stands.where(SUBSTITUTION.c.to_on >= on)
    found: dict[int, list[Grant]] = {}
    for query in (own, stands):
        for row in session.connection().execute(query.order_by(OFFICE.c.id)):
            found.setdefault(row[2], []).append(Grant(*row))
    return found


def grant(session: Session, office: int, on: dt.date) -> Grant | None:
    """One office by its id."""
    person = session.connection().scalar(sa.select(OFFICE.c.person_id).where(OFFICE.c.id == office))
    if person is None:
        return None
    return next(g for g in grants(session, [person], on, past=True)[person] if g.office_id == office and g.substitution_id is None)


def account_of(session: Session, person: int) -> int | None:
    """The account of a person."""
    return session.connection().scalar(sa.select(ACCOUNT.c.id).where(ACCOUNT.c.person_id == person))


def find_unit(session: Session, text: str, on: dt.date) -> list[tuple[int, str, str]]:
    """Units that a typed code or name may mean on a day (id, code, name): one, when it is plain which."""
    code = text.split(" – ")[0].strip()
    query = sa.select(UNIT.c.id, UNIT.c.code, VERSION.c.name).join(VERSION, VERSION.c.unit_id == UNIT.c.id).where(tree.alive(VERSION, on))
    connection = session.connection()
    exact = connection.execute(query.where(UNIT.c.code == code)).all()
    if exact:
        return [(key, c, name) for key, c, name in exact]
    words = fold(text).split()
    if not words:
        return []
    found = connection.execute(query.where(*(VERSION.c.name_fold.contains(w, autoescape=True) for w in words))
                               .order_by(VERSION.c.sort_key, UNIT.c.id).limit(20)).all()
    same = [row for row in found if row[2].casefold() == text.strip().casefold()]
    return [(key, c, name) for key, c, name in (same if len(same) == 1 else found)]


def all_units(session: Session, on: dt.date, most: int) -> Sequence[tuple[str, str]]:
    """Codes and names of the units of a day, for suggestions; none where there are more than ``most``."""
    query = (sa.select(UNIT.c.code, VERSION.c.name).join(VERSION, VERSION.c.unit_id == UNIT.c.id).where(tree.alive(VERSION, on))
             .order_by(VERSION.c.sort_key, UNIT.c.id).limit(most + 1))
    found = [(code, name) for code, name in session.connection().execute(query)]
    return found if len(found) <= most else []
