"""Versions of units: how one opens, how a unit begins and ends. The acts themselves are in :mod:`workflow.units`."""
from __future__ import annotations

import datetime as dt
import difflib
import enum
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import tree
from workflow.context import Actor, book_of
from workflow.errors import BadInput
from workflow.inputs import optional_text, paper_text, required_text, shown
from workflow.journal import Act, EntryRef
from workflow.models import Base
from workflow.names import fold, sort_key
from workflow.tree import UnitOn

Paper = str | Mapping[str, Any] | None

_TABLES = Base.metadata.tables
UNIT, VERSION, SUCCESSION, STRENGTH = (_TABLES[n] for n in ("unit", "unit_version", "unit_succession", "unit_strength"))
_CODE = re.compile(r"\w[\w./-]*\Z")
_DAY = dt.timedelta(days=1)


class Keep(enum.Enum):
    """Says that an optional value, for which ``None`` has a meaning, was not given."""

    PARENT = "parent"


def lock(session: Session) -> None:
    """Let one act on the organisation follow the other: two moves at once could close a circle.

    Readers go on; on SQLite every writing transaction stands alone anyway.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE unit_version IN SHARE ROW EXCLUSIVE MODE")


def newest(session: Session, unit: str | int) -> UnitOn:
    """The last version of a unit, whether it still lasts or not."""
    key = UNIT.c.code == unit if isinstance(unit, str) else UNIT.c.id == unit
    row = session.connection().execute(
        sa.select(UNIT.c.id, UNIT.c.code, VERSION.c.name, VERSION.c.kind, VERSION.c.parent_id, VERSION.c.delegated,
                  VERSION.c.from_on, VERSION.c.to_on)
        .join(VERSION, VERSION.c.unit_id == UNIT.c.id).where(key).order_by(VERSION.c.from_on.desc()).limit(1)).first()
    if row is None:
        raise BadInput(f"Không có đơn vị {unit}; kiểm tra mã đơn vị.", "unit")
    return UnitOn(*row)


def found_unit(session: Session, actor: Actor | None, on: dt.date, *, code: str, name: str, kind: str,
               parent: str | int | None, paper: Paper, until: dt.date | None = None, delegated: bool = False,
               header: Mapping[str, Any] | None = None) -> EntryRef:
    """Write a new unit, its first version and its closure."""
    code = required_text(code, "code", "mã đơn vị", 64)
    if not _CODE.match(code):
        raise BadInput(f"Mã đơn vị “{code}” chỉ được gồm chữ, số và các dấu . _ / - và bắt đầu bằng chữ hoặc số.", "code")
    if tree.unit_id(session, code) is not None:
        raise BadInput(f"Mã {code} đã được dùng cho một đơn vị khác; hãy chọn mã mới.", "code")
    if until is not None and until < on:
        raise BadInput(f"Ngày kết thúc {shown(until)} trước ngày thành lập {shown(on)}.", "until")
    _check_kind(session, kind, on)
    upper = _parent(session, parent, on)
    text = paper_text(paper)
    act = Act(session, stream=f"unit:{code}", tag="unit:unit:found", acted_on=on, actor=actor,
              header={"unit": code, "kind": kind, "parent": upper.code if upper else None, **(header or {})})
    unit = act.unit_id = act.insert(UNIT, {"code": code})
    act.insert(VERSION, {"unit_id": unit, **_named(name), "kind": kind, "parent_id": upper.id if upper else None,
                         "delegated": delegated, "from_on": on, "to_on": until, "paper": text})
    return _finish(act, unit, on, "founded", [], text, paper, True)


def open_version(session: Session, actor: Actor | None, on: dt.date, unit: str | int, values: Mapping[str, Any], *,
                 kind: str, tag: str, paper: Paper, cause: str | None = None) -> EntryRef:
    """Close the version in force with the day before and open a new one; on its own first day, correct it in place.

    ``values`` may hold ``name``, ``kind``, ``delegated`` and ``parent`` (a code, an id, or ``None``).
    """
    now = newest(session, unit)
    _check_day(session, now, on)
    new: dict[str, Any] = {k: v for k, v in values.items() if k in ("kind", "delegated")}
    if "name" in values:
        new |= _named(values["name"])
    if "parent" in values:
        upper = _parent(session, values["parent"], on)
        if upper:
            _check_circle(session, now, upper, on)
        new["parent_id"] = upper.id if upper else None
    _check_kind(session, new.get("kind", now.kind), on)
    text = paper_text(paper)
    act = Act(session, stream=f"unit:{now.code}", tag=tag, acted_on=on, actor=actor, unit_id=now.id,
              header={"unit": now.code, "changes": sorted(values), **({"cause": cause} if cause else {})})
    old = dict(session.connection().execute(
        sa.select(VERSION).where(VERSION.c.unit_id == now.id, VERSION.c.from_on == now.from_on)).mappings().one())
    if now.from_on == on:
        act.update(VERSION, old["id"], {**new, "paper": text or old["paper"]}, old=old)
    else:
        act.update(VERSION, old["id"], {"to_on": on - _DAY}, old=old)
        act.insert(VERSION, {**{k: v for k, v in old.items() if k != "id"}, **new, "from_on": on, "paper": text})
    return _finish(act, now.id, on, kind, [], text, paper, new.get("parent_id", now.parent_id) != now.parent_id)


def close(session: Session, actor: Actor | None, last: dt.date, unit: UnitOn, *, kind: str, tag: str,
          successors: Sequence[UnitOn], paper: Paper, also: Callable[[Act], None]) -> EntryRef:
    """Let the unit end with ``last``; ``also`` writes what else this act brings to an end.

    A unit whose last day was known to be ``last`` beforehand may be closed as well: only its followers change then.
    """
    if last < unit.from_on:
        raise BadInput(f"Đơn vị {unit.code} có thay đổi từ {shown(unit.from_on)}, không thể kết thúc ngày {shown(last)}; "
                       "hãy kiểm tra ngày.", "on")
    if unit.to_on is not None and unit.to_on < last:
        raise BadInput(f"Đơn vị {unit.code} đã kết thúc hoạt động ngày {shown(unit.to_on)}.", "unit")
    text = paper_text(paper)
    act = Act(session, stream=f"unit:{unit.code}", tag=tag, acted_on=last, actor=actor, unit_id=unit.id,
              header={"unit": unit.code, "successors": [s.code for s in successors]})
    version = session.connection().scalar(
        sa.select(VERSION.c.id).where(VERSION.c.unit_id == unit.id, VERSION.c.from_on == unit.from_on))
    assert version is not None
    act.update(VERSION, version, {"to_on": last}, old={"to_on": unit.to_on})
    also(act)
    return _finish(act, unit.id, last, kind, successors, text, paper, True)


def receive(session: Session, actor: Actor | None, on: dt.date, unit: UnitOn, merged: Sequence[str], paper: Paper, *,
            kind: str | None = None, tag: str = "unit:unit:merge", successors: Sequence[UnitOn] = ()) -> EntryRef:
    """Tell on the stream of a unit that lives on what it took over, or what was split off from it."""
    act = Act(session, stream=f"unit:{unit.code}", tag=tag, acted_on=on, actor=actor, unit_id=unit.id,
              header={"unit": unit.code, "merged": list(merged), "successors": [s.code for s in successors]})
    return _finish(act, unit.id, on, kind, successors, paper_text(paper), paper, False)


def record_strength(session: Session, actor: Actor | None, on: dt.date, unit: str | int, official: int,
                    probationary: int, comparator: str, source: str | None) -> EntryRef:
    """Write how many members a unit had on a day, or correct what was written for that day."""
    if min(official, probationary) < 0 or comparator not in ("=", ">", "<", ">=", "<="):
        raise BadInput("Số đảng viên phải là số không âm, kèm dấu so sánh =, >, <, >= hoặc <=.", "official")
    found = tree.unit_on(session, unit, on)
    if found is None:
        raise BadInput(f"Không có đơn vị {unit} hoạt động vào ngày {shown(on)}; kiểm tra mã và ngày.", "unit")
    values = {"official": official, "probationary": probationary, "comparator": comparator,
              "source": optional_text(source, "source", "nguồn số liệu", 300)}
    act = Act(session, stream=f"unit:{found.code}", tag="unit:strength:state", acted_on=on, actor=actor, unit_id=found.id,
              header={"unit": found.code})
    known = session.connection().scalar(
        sa.select(STRENGTH.c.id).where(STRENGTH.c.unit_id == found.id, STRENGTH.c.as_of == on))
    if known is None:
        act.insert(STRENGTH, {"unit_id": found.id, "as_of": on, **values})
    else:
        act.update(STRENGTH, known, values)
    return act.write()


def _finish(act: Act, unit: int, on: dt.date, kind: str | None, successors: Sequence[UnitOn], text: str | None,
            paper: Paper, rebuild: bool) -> EntryRef:
    heirs: list[int | None] = [s.id for s in successors]
    for heir in heirs or ([None] if kind else []):
        act.insert(SUCCESSION, {"kind": kind, "on_day": on, "unit_id": unit, "successor_id": heir, "paper": text})
    if paper:
        act.note("papers", [paper if isinstance(paper, str) else dict(paper)])
    ref = act.write()
    act.session.info["tree_changed"] = True
    if rebuild:
        tree.rebuild_closure(act.session, [unit])
    return ref


def _named(name: object) -> dict[str, str]:
    text = required_text(name, "name", "tên đơn vị")
    return {"name": text, "name_fold": fold(text), "sort_key": sort_key(text)}


def _check_day(session: Session, now: UnitOn, on: dt.date) -> None:
    if now.to_on is not None and on > now.to_on:
        raise BadInput(f"Đơn vị {now.code} đã kết thúc hoạt động ngày {shown(now.to_on)}; ngày {shown(on)} không thể thay đổi.", "on")
    if on >= now.from_on:
        return
    first = session.connection().scalar(sa.select(sa.func.min(VERSION.c.from_on)).where(VERSION.c.unit_id == now.id))
    if first is not None and on < first:
        raise BadInput(f"Ngày {shown(on)} trước ngày thành lập đơn vị {now.code} ({shown(first)}); hãy kiểm tra ngày.", "on")
    raise BadInput(f"Đơn vị {now.code} đã có thay đổi từ {shown(now.from_on)}; thay đổi mới phải từ ngày đó trở đi, "
                   f"không phải {shown(on)}.", "on")


def _check_kind(session: Session, kind: str, on: dt.date) -> None:
    kinds = book_of(session).unit_kinds
    law = kinds.get(kind)
    if law is None:
        near = difflib.get_close_matches(str(kind), kinds, n=3, cutoff=0.4) or sorted(kinds)
        raise BadInput(f"Không có loại đơn vị “{kind}”; có thể là: {', '.join(near)}.", "kind")
    if law.since is not None and on < law.since:
        raise BadInput(f"Loại đơn vị “{law.label.vi}” chỉ có từ {shown(law.since)}, chưa dùng được ngày {shown(on)}.", "kind")
    if law.until is not None and on > law.until:
        raise BadInput(f"Loại đơn vị “{law.label.vi}” chỉ có đến {shown(law.until)}, không dùng được ngày {shown(on)}; "
                       "hãy chọn loại mới.", "kind")


def _parent(session: Session, parent: str | int | None, on: dt.date) -> UnitOn | None:
    if parent is None:
        return None
    found = tree.unit_on(session, parent, on)
    if found is None:
        raise BadInput(f"Không có đơn vị cấp trên {parent} hoạt động vào ngày {shown(on)}; kiểm tra mã và ngày.", "parent")
    return found


def _check_circle(session: Session, unit: UnitOn, upper: UnitOn, on: dt.date) -> None:
    closure = _TABLES["unit_closure"]
    below = sa.select(sa.literal(1)).where(closure.c.ancestor_id == unit.id, closure.c.descendant_id == upper.id,
                                           sa.or_(closure.c.to_on.is_(None), closure.c.to_on >= on))
    if session.connection().execute(below.limit(1)).first():
        raise BadInput(f"Không thể đặt {unit.code} dưới {upper.code}, vì {upper.code} đang là chính đơn vị đó hoặc nằm dưới nó.", "parent")
