"""People: added, changed, found by name, and the ties that keep one from judging another."""
from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import tree
from workflow.context import Actor, clock_of
from workflow.errors import BadInput
from workflow.inputs import optional_text, required_text, shown
from workflow.journal import Act, EntryRef
from workflow.models import Base
from workflow.names import fold, sort_key, tidy
from workflow.offices import (
    HeldOffice,
    end_office,
    end_substitution,
    grant_office,
    grant_substitution,
    offices_of,
)

__all__ = ["HeldOffice", "add_person", "declare_conflict", "end_office", "end_substitution", "grant_office",
           "grant_substitution", "offices_of", "person_id", "search", "update_person"]

_TABLES = Base.metadata.tables
PERSON, CASE, CONFLICT = _TABLES["person"], _TABLES["case"], _TABLES["conflict"]

_GENDERS = {"female": "nữ", "male": "nam"}
_STANDINGS = {"none": "quần chúng", "probationary": "đảng viên dự bị", "official": "đảng viên chính thức"}
#: Nobody alive was born before; an earlier day is a slip of the hand.
_OLDEST = dt.date(1900, 1, 1)


def add_person(session: Session, actor: Actor | None, on: dt.date, *, full_name: str, key: str | None = None,
               born_on: dt.date | None = None, gender: str | None = None, ethnicity: str | None = None,
               standing: str = "none", unit: str | int | None = None) -> int:
    """Add a person and return the id. ``key`` is a short name of one's own choice; left out, one is drawn."""
    key = required_text(key, "key", "mã người", 64) if key is not None else f"p-{secrets.token_hex(6)}"
    if person_id(session, key) is not None:
        raise BadInput(f"Mã người “{key}” đã được dùng; hãy chọn mã khác.", "key")
    values = _checked(session, on, {"full_name": full_name, "born_on": born_on, "gender": gender, "ethnicity": ethnicity,
                                    "standing": standing, "unit": unit})
    act = Act(session, stream="person:", tag="person:person:add", acted_on=on, actor=actor, unit_id=values["unit_id"])
    person = act.insert(PERSON, {"key": key, **values})
    act.stream, act.subject_person_id = f"person:{person}", person
    act.write()
    return person


def update_person(session: Session, actor: Actor | None, on: dt.date, *, person: int, **changes: Any) -> EntryRef:
    """Change what is kept of a person: any of the arguments of :func:`add_person` but ``key``.

    Rules read some of it, so the person's open cases get a new version and nobody decides on what he saw before.
    """
    connection = session.connection()
    old = connection.execute(sa.select(PERSON).where(PERSON.c.id == person)).mappings().first()
    if old is None:
        raise BadInput("Không có người này; hãy chọn lại.", "person")
    act = Act(session, stream=f"person:{person}", tag="person:person:change", acted_on=on, actor=actor,
              subject_person_id=person, unit_id=old["unit_id"])
    act.update(PERSON, person, _checked(session, on, changes), old=dict(old))
    open_cases = sa.select(CASE.c.id, CASE.c.version).where(CASE.c.subject_person_id == person, CASE.c.closed_on.is_(None))
    for case, version in connection.execute(open_cases.order_by(CASE.c.id)).all():
        act.update(CASE, case, {"version": version + 1}, old={"version": version}, seen={"version": version})
    return act.write()


def person_id(session: Session, key: str) -> int | None:
    """The id of the person of that key."""
    return session.connection().scalar(sa.select(PERSON.c.id).where(PERSON.c.key == key))


def search(session: Session, text: str, *, units: Sequence[int] | None = None, on: dt.date | None = None,
           limit: int = 50) -> list[Mapping[str, Any]]:
    """People whose name holds every word of ``text``, marks and case aside; those that match with marks come first.

    ``units`` narrows the search to the subtrees of these units on the day.
    """
    words = fold(text).split()
    if not words:
        return []
    query = sa.select(PERSON).where(*(PERSON.c.name_fold.contains(word, autoescape=True) for word in words))
    if units is not None:
        query = query.where(tree.within(PERSON.c.unit_id, units, on or clock_of(session).today()))
    found = session.connection().execute(query.order_by(PERSON.c.sort_key, PERSON.c.id).limit(limit)).mappings().all()
    typed = tidy(text).casefold()
    if typed == fold(text):
        return [dict(row) for row in found]
    return [dict(row) for row in sorted(found, key=lambda row: typed not in row["full_name"].casefold())]


def declare_conflict(session: Session, actor: Actor | None, on: dt.date, *, person: int, other: int, tie: str) -> EntryRef:
    """Declare that two people are tied by kinship or interest: neither may act on the other's case from then on."""
    if person == other:
        raise BadInput("Cần hai người khác nhau để khai báo quan hệ.", "other")
    first, second = sorted((person, other))
    connection = session.connection()
    if connection.scalar(sa.select(sa.func.count()).select_from(PERSON).where(PERSON.c.id.in_([first, second]))) != 2:
        raise BadInput("Không có người này; hãy chọn lại.", "other")
    known = sa.select(CONFLICT.c.declared_on).where(CONFLICT.c.person_id == first, CONFLICT.c.other_id == second)
    since = connection.scalar(known)
    if since is not None:
        raise BadInput(f"Quan hệ giữa hai người này đã được khai báo ngày {shown(since)}.", "other")
    act = Act(session, stream=f"person:{person}", tag="person:conflict:declare", acted_on=on, actor=actor,
              subject_person_id=person)
    act.insert(CONFLICT, {"person_id": first, "other_id": second, "declared_on": on,
                          "tie": required_text(tie, "tie", "quan hệ", 200)})
    return act.write()


def _checked(session: Session, on: dt.date, given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a person from what was typed."""
    values: dict[str, Any] = {}
    for field, value in given.items():
        if field == "full_name":
            name = required_text(value, field, "họ và tên", 120)
            values |= {"full_name": name, "name_fold": fold(name), "sort_key": sort_key(name)}
        elif field == "born_on":
            if value is not None and not _OLDEST <= value <= clock_of(session).today():
                raise BadInput(f"Ngày sinh {shown(value)} không hợp lý; hãy kiểm tra năm.", field)
            values[field] = value
        elif field == "gender":
            values[field] = _one_of(value, _GENDERS, field, "giới tính") if value else None
        elif field == "standing":
            values[field] = _one_of(value, _STANDINGS, field, "tư cách")
        elif field == "ethnicity":
            values[field] = optional_text(value, field, "dân tộc", 60)
        elif field == "unit":
            values["unit_id"] = _unit(session, value, on)
        else:
            raise TypeError(f"people have no {field}")
    return values


def _one_of(value: Any, choices: Mapping[str, str], field: str, what: str) -> str:
    if value not in choices:
        raise BadInput(f"{what.capitalize()} phải là một trong: {', '.join(choices)}.", field)
    return str(value)


def _unit(session: Session, unit: str | int | None, on: dt.date) -> int | None:
    if unit is None:
        return None
    found = tree.unit_on(session, unit, on)
    if found is None:
        raise BadInput(f"Không có đơn vị {unit} hoạt động vào ngày {shown(on)}; kiểm tra mã và ngày.", "unit")
    return found.id
