"""Offices: granted and ended by dates, and held for somebody else for a time.

An office is a role at a unit. Nobody grants one to himself, and who administers accounts holds no office that judges
cases. A substitution stays inside the dates of its office, is never the holder's own and is not passed on.
"""
from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import tree
from workflow.context import Actor, book_of, clock_of
from workflow.errors import BadInput, NotPermitted
from workflow.inputs import optional_text, paper_text, shown
from workflow.journal import Act, EntryRef
from workflow.models import Base

_TABLES = Base.metadata.tables
OFFICE, SUBSTITUTION, PERSON, ACCOUNT = (_TABLES[n] for n in ("office", "substitution", "person", "account"))
UNIT, VERSION = _TABLES["unit"], _TABLES["unit_version"]
ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class HeldOffice:
    """An office somebody holds on a day, by his own grant or, with ``substitution_id``, for its holder."""

    office_id: int
    role: str
    unit_id: int
    unit_code: str
    unit_name: str
    holder_id: int
    holder_name: str
    from_on: dt.date
    to_on: dt.date | None
    substitution_id: int | None = None


def grant_office(session: Session, actor: Actor | None, on: dt.date, *, person: int, role: str, unit: str | int,
                 since: dt.date | None = None, until: dt.date | None = None, paper: Any = None) -> int:
    """Grant a role at a unit from ``since`` (default ``on``) to ``until``, both included; returns the id of the office.

    The kind of unit is checked as it stands on the first day; for a first day still ahead it is not, since the
    organisation may be changed until then.
    """
    since = since or on
    law = book_of(session).offices.get(role)
    if law is None:
        near = difflib.get_close_matches(str(role), book_of(session).offices, n=3, cutoff=0.4)
        raise BadInput(f"Không có chức trách “{role}”{'; có thể là: ' + ', '.join(near) if near else ''}.", "role")
    if until is not None and until < since:
        raise BadInput(f"Ngày kết thúc {shown(until)} trước ngày bắt đầu {shown(since)}.", "until")
    if actor is not None and actor.person_id == person:
        raise NotPermitted("Không ai tự giao chức trách cho mình; việc này do người khác ghi.", ("grants_own",))
    _check_person(session, person)
    place = tree.unit_on(session, unit, since)
    if place is None:
        raise BadInput(f"Không có đơn vị {unit} hoạt động vào ngày {shown(since)}; kiểm tra mã và ngày.", "unit")
    if law.at and place.kind not in law.at and since <= clock_of(session).today():
        kinds = ", ".join(_kind_label(session, k) for k in law.at)
        raise BadInput(f"Chức trách “{law.label.vi}” chỉ giao ở: {kinds}; {place.name} là {_kind_label(session, place.kind)}.", "role")
    connection = session.connection()
    if role != ADMINISTRATOR and connection.scalar(sa.select(ACCOUNT.c.administrator).where(ACCOUNT.c.person_id == person)):
        raise BadInput("Người quản trị tài khoản không giữ chức trách giải quyết hồ sơ; hãy chọn người khác.", "person")
    same = sa.select(OFFICE.c.from_on).where(OFFICE.c.person_id == person, OFFICE.c.role == role, OFFICE.c.unit_id == place.id,
                                             _overlaps(OFFICE, since, until))
    held = connection.scalar(same.limit(1))
    if held is not None:
        raise BadInput(f"Người này đã giữ chức trách đó từ {shown(held)}; hãy kết thúc lần trước rồi giao lại.", "since")
    act = Act(session, stream=f"person:{person}", tag="person:office:grant", acted_on=on, actor=actor, unit_id=place.id,
              subject_person_id=person, header={"role": role, "unit": place.code})
    office = act.insert(OFFICE, {"person_id": person, "role": role, "unit_id": place.id, "from_on": since, "to_on": until,
                                 "paper": paper_text(paper)})
    act.header["office"] = office
    act.write()
    return office


def end_office(session: Session, actor: Actor | None, on: dt.date, *, office: int, paper: Any = None) -> EntryRef:
    """End an office; ``on`` is its last day. Substitutions for it end too."""
    held = _office(session, office)
    if held["to_on"] is not None and held["to_on"] <= on:
        raise BadInput(f"Chức trách này đã kết thúc ngày {shown(held['to_on'])}.", "office")
    if on < held["from_on"]:
        raise BadInput(f"Ngày kết thúc {shown(on)} trước ngày bắt đầu {shown(held['from_on'])}.", "on")
    act = Act(session, stream=f"person:{held['person_id']}", tag="person:office:end", acted_on=on, actor=actor,
              unit_id=held["unit_id"], subject_person_id=held["person_id"], header={"role": held["role"], "office": office})
    close_office(act, held, on)
    text = paper_text(paper)
    if text:
        act.note("papers", [text])
    return act.write()


def close_office(act: Act, office: dict[str, Any], last: dt.date) -> None:
    """As part of an act: the office ends with ``last``, and what was granted beyond it."""
    act.update(OFFICE, office["id"], {"to_on": last}, old=office, person=office["person_id"])
    beyond = sa.select(SUBSTITUTION).where(SUBSTITUTION.c.office_id == office["id"], SUBSTITUTION.c.to_on > last)
    for row in act.connection.execute(beyond.order_by(SUBSTITUTION.c.id)).mappings().all():
        _close_substitution(act, dict(row), last)


def grant_substitution(session: Session, actor: Actor | None, on: dt.date, *, office: int, person: int, since: dt.date,
                       until: dt.date, paper: Any = None) -> int:
    """Let somebody act for the holder of an office from ``since`` to ``until``, both included; returns the id."""
    held = _office(session, office)
    _check_person(session, person)
    if person == held["person_id"]:
        raise BadInput("Người giữ chức trách không tự thay chính mình; hãy chọn người khác.", "person")
    if until < since:
        raise BadInput(f"Ngày kết thúc {shown(until)} trước ngày bắt đầu {shown(since)}.", "until")
    if since < held["from_on"] or (held["to_on"] is not None and until > held["to_on"]):
        last = f" đến {shown(held['to_on'])}" if held["to_on"] else ""
        raise BadInput(f"Thời gian thay phải nằm trong thời gian giữ chức trách: từ {shown(held['from_on'])}{last}.", "since")
    if actor is not None and actor.person_id is not None and actor.person_id != held["person_id"] \
            and actor.person_id in _substitutes(session, office):
        raise NotPermitted("Người đang thay không được ủy nhiệm tiếp cho người khác.", ("passed_on",))
    if actor is not None and actor.person_id == person:
        raise NotPermitted("Không ai tự giao cho mình việc thay người khác.", ("grants_own",))
    taken = sa.select(SUBSTITUTION.c.id).where(SUBSTITUTION.c.office_id == office, _overlaps(SUBSTITUTION, since, until))
    if session.connection().execute(taken).first():
        raise BadInput("Trong thời gian đó đã có người được ủy nhiệm thay; hãy kết thúc lần trước.", "since")
    act = Act(session, stream=f"person:{person}", tag="person:substitution:grant", acted_on=on, actor=actor,
              unit_id=held["unit_id"], subject_person_id=person, header={"office": office, "role": held["role"]})
    substitution = act.insert(SUBSTITUTION, {"office_id": office, "person_id": person, "from_on": since, "to_on": until,
                                             "paper": paper_text(paper)})
    act.write()
    return substitution


def end_substitution(session: Session, actor: Actor | None, on: dt.date, *, substitution: int,
                     reason: str | None = None) -> EntryRef:
    """End a substitution before its time; ``on`` is its last day. One that has not begun is taken back."""
    row = session.connection().execute(sa.select(SUBSTITUTION).where(SUBSTITUTION.c.id == substitution)).mappings().first()
    if row is None:
        raise BadInput("Không có lần ủy nhiệm này; hãy chọn lại.", "substitution")
    if row["to_on"] <= on:
        raise BadInput(f"Lần ủy nhiệm này đã kết thúc ngày {shown(row['to_on'])}.", "substitution")
    act = Act(session, stream=f"person:{row['person_id']}", tag="person:substitution:end", acted_on=on, actor=actor,
              subject_person_id=row["person_id"], header={"office": row["office_id"]})
    _close_substitution(act, dict(row), on)
    text = optional_text(reason, "reason", "lý do")
    if text:
        act.note("note", text)
    return act.write()


def offices_of(session: Session, person: int, on: dt.date, units: Iterable[int] | None = None) -> list[HeldOffice]:
    """What somebody holds on the day at living units, own offices first, then those held for others."""
    own = _HELD.where(OFFICE.c.person_id == person, tree.alive(OFFICE, on), tree.alive(VERSION, on))
    for_others = (
        _HELD.add_columns(SUBSTITUTION.c.id).join(SUBSTITUTION, SUBSTITUTION.c.office_id == OFFICE.c.id)
        .where(SUBSTITUTION.c.person_id == person, tree.alive(SUBSTITUTION, on), tree.alive(OFFICE, on), tree.alive(VERSION, on))
    )
    connection = session.connection()
    found = [HeldOffice(*row) for query in (own, for_others) for row in connection.execute(query.order_by(OFFICE.c.id))]
    if units is None:
        return found
    wanted = set(units)
    return [held for held in found if held.unit_id in wanted]


_HELD = (
    sa.select(OFFICE.c.id, OFFICE.c.role, OFFICE.c.unit_id, UNIT.c.code, VERSION.c.name, OFFICE.c.person_id,
              PERSON.c.full_name, OFFICE.c.from_on, OFFICE.c.to_on)
    .join(UNIT, UNIT.c.id == OFFICE.c.unit_id).join(VERSION, VERSION.c.unit_id == OFFICE.c.unit_id)
    .join(PERSON, PERSON.c.id == OFFICE.c.person_id)
)


def _close_substitution(act: Act, row: dict[str, Any], last: dt.date) -> None:
    if row["from_on"] > last:
        act.delete(SUBSTITUTION, row["id"], person=row["person_id"])
    else:
        act.update(SUBSTITUTION, row["id"], {"to_on": last}, old=row, person=row["person_id"])


def _office(session: Session, office: int) -> dict[str, Any]:
    row = session.connection().execute(sa.select(OFFICE).where(OFFICE.c.id == office)).mappings().first()
    if row is None:
        raise BadInput("Không có chức trách này; hãy chọn lại.", "office")
    return dict(row)


def _check_person(session: Session, person: int) -> None:
    if session.connection().execute(sa.select(PERSON.c.id).where(PERSON.c.id == person)).first() is None:
        raise BadInput("Không có người này; hãy chọn lại.", "person")


def _substitutes(session: Session, office: int) -> set[int]:
    return set(session.connection().scalars(sa.select(SUBSTITUTION.c.person_id).where(SUBSTITUTION.c.office_id == office)))


def _overlaps(table: sa.Table, first: dt.date, last: dt.date | None) -> sa.ColumnElement[bool]:
    begins = table.c.from_on <= last if last is not None else sa.true()
    return sa.and_(begins, sa.or_(table.c.to_on.is_(None), table.c.to_on >= first))


def _kind_label(session: Session, kind: str) -> str:
    law = book_of(session).unit_kinds.get(kind)
    return law.label.vi if law else kind
