"""Acts on the organisation: units are founded, renamed, changed, moved, delegated, merged, split and ended.

Every act happens on a day, by a paper, and goes through the journal on the stream of the unit concerned. A change on
day D closes the version in force with D - 1 and opens a new one from D; a second change on the same day corrects that
new version in place. Whether the actor may do so is asked by the caller (:mod:`workflow.access`).
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from workflow import tree
from workflow.context import Actor, clock_of
from workflow.errors import BadInput
from workflow.followers import Successors, hand_over, settle
from workflow.inputs import required_text, shown
from workflow.journal import EntryRef
from workflow.tree import UnitOn
from workflow.unitversions import Keep, Paper, close, found_unit, lock, newest, open_version, receive, record_strength

__all__ = ["change", "delegate", "end", "found", "merge", "move", "rename", "split", "state_strength"]


def found(session: Session, actor: Actor | None, on: dt.date, *, code: str, name: str, kind: str,
          parent: str | int | None = None, paper: Paper = None, until: dt.date | None = None,
          delegated: bool = False) -> EntryRef:
    """Found a unit on a day. ``until`` is its last day, where that is known beforehand."""
    lock(session)
    return found_unit(session, actor, on, code=code, name=name, kind=kind, parent=parent, paper=paper, until=until,
                      delegated=delegated)


def rename(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, name: str,
           paper: Paper = None) -> EntryRef:
    """Give the unit another name from the day on."""
    lock(session)
    return open_version(session, actor, on, unit, {"name": name}, kind="renamed", tag="unit:unit:rename", paper=paper)


def change(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, kind: str | None = None,
           name: str | None = None, parent: str | int | None | Keep = Keep.PARENT, delegated: bool | None = None,
           paper: Paper = None) -> EntryRef:
    """Change kind, name, parent and delegation of a unit together, in one new version.

    What is not given stays; ``parent=None`` puts the unit at the top of the tree.
    """
    lock(session)
    values: dict[str, Any] = {k: v for k, v in (("kind", kind), ("name", name), ("delegated", delegated)) if v is not None}
    if not isinstance(parent, Keep):
        values["parent"] = parent
    return open_version(session, actor, on, unit, values, kind="changed", tag="unit:unit:change", paper=paper)


def move(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, parent: str | int | None,
         paper: Paper = None) -> EntryRef:
    """Put the unit, with all below it, under another parent from the day on."""
    lock(session)
    return open_version(session, actor, on, unit, {"parent": parent}, kind="moved", tag="unit:unit:move", paper=paper)


def delegate(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, delegated: bool,
             paper: Paper = None) -> EntryRef:
    """Delegate a base committee to decide admissions from the day on, or take the delegation back."""
    lock(session)
    return open_version(session, actor, on, unit, {"delegated": delegated}, kind="delegated", tag="unit:unit:delegate",
                        paper=paper)


def end(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, successor: str | int | None = None,
        paper: Paper = None) -> EntryRef:
    """End a unit; ``on`` is its last day. What lives on goes to ``successor`` from the next day.

    Without a successor, units below, open cases and members must have been placed elsewhere before.
    """
    lock(session)
    old = newest(session, unit)
    next_day = on + dt.timedelta(days=1)
    heir = _living(session, successor, next_day, "successor") if successor is not None else None
    if heir and heir.id == old.id:
        raise BadInput(f"Đơn vị {old.code} không thể kế thừa chính mình; hãy chọn đơn vị khác.", "successor")
    _not_ahead(session, on)
    plan = Successors(heir)
    ref = close(session, actor, on, old, kind="ended", tag="unit:unit:end", successors=[heir] if heir else [], paper=paper,
                also=lambda act: settle(act, old, on, plan))
    hand_over(session, actor, next_day, old, plan)
    return ref


def merge(session: Session, actor: Actor | None, on: dt.date, *, units: Sequence[str | int], into: str | Mapping[str, Any],
          name: str | None = None, kind: str | None = None, parent: str | int | None = None,
          paper: Paper = None) -> EntryRef:
    """Merge units into one from the day on; they end the day before.

    ``into`` may be one of them, another living unit, or a code not used yet: then ``name`` founds it, with ``kind``
    and ``parent`` of the first unit unless others are given; a mapping may hold all four. Units below, open cases,
    their duties and members follow.
    """
    if not isinstance(into, str):
        return merge(session, actor, on, units=units, into=str(into.get("code", "")), name=into.get("name"),
                     kind=into.get("kind"), parent=into.get("parent"), paper=paper)
    lock(session)
    _not_ahead(session, on)
    olds = [newest(session, unit) for unit in dict.fromkeys(units)]
    heir = tree.unit_on(session, into, on)
    ending = [old for old in olds if heir is None or old.id != heir.id]
    if not ending:
        raise BadInput("Sáp nhập cần ít nhất một đơn vị khác với đơn vị tiếp nhận.", "units")
    codes = [old.code for old in ending]
    if heir is None:
        if tree.unit_id(session, into) is not None:
            raise BadInput(f"Đơn vị tiếp nhận {into} không hoạt động vào ngày {shown(on)}; chọn đơn vị khác hoặc mã mới.", "into")
        ref = found_unit(session, actor, on, code=into, name=required_text(name, "name", "tên đơn vị mới"),
                         kind=kind or ending[0].kind, parent=parent or _same_parent(session, ending[0], on), paper=paper, header={"merged": codes})
        heir = _living(session, into, on, "into")
    else:
        ref = receive(session, actor, on, heir, codes, paper)
    for old in ending:
        _dissolve(session, actor, on, old, Successors(heir), [heir], "merged", "unit:unit:merge", paper)
    return ref


def split(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, into: Sequence[Mapping[str, Any]],
          cases: Mapping[int | str, str] | None = None, children: Mapping[str, str] | None = None,
          rest: str | None = None, paper: Paper = None) -> EntryRef:
    """Split a unit from the day on into units of ``into`` (each with ``code``, ``name``; ``kind``, ``parent`` as before).

    ``cases`` says which open case (by id, or by the key of its person) goes where, ``children`` which unit below;
    ``rest`` takes what neither names. Where one of ``into`` bears the code of the split unit, that unit lives on.
    """
    lock(session)
    _not_ahead(session, on)
    old = newest(session, unit)
    lives_on = any(part.get("code") == old.code for part in into)
    if len(into) < 2:
        raise BadInput("Chia tách cần ít nhất hai đơn vị nhận, kể cả đơn vị cũ nếu còn giữ lại.", "into")
    heirs: dict[str, UnitOn] = {}
    for part in into:
        code = required_text(part.get("code"), "into", "mã đơn vị mới", 64)
        if code != old.code:
            found_unit(session, actor, on, code=code, name=required_text(part.get("name"), "into", "tên đơn vị mới"),
                       kind=part.get("kind") or old.kind, parent=part.get("parent") or _same_parent(session, old, on), paper=paper,
                       header={"split_from": old.code})
        heirs[code] = _living(session, code, on, "into")
    for named in {rest, *(cases or {}).values(), *(children or {}).values()} - {None} - heirs.keys():
        raise BadInput(f"Đơn vị {named} không nằm trong các đơn vị nhận của lần chia tách này.", "into")
    heir = heirs[rest] if rest else None
    plan = Successors(heir, {k: heirs[c] for k, c in (cases or {}).items()}, {k: heirs[c] for k, c in (children or {}).items()})
    if lives_on:
        ref = receive(session, actor, on, heirs[old.code], [], paper, kind="split", tag="unit:unit:split",
                      successors=[h for h in heirs.values() if h.id != old.id])
        hand_over(session, actor, on, old, Successors(heir or heirs[old.code], plan.cases, plan.children))
        return ref
    return _dissolve(session, actor, on, old, plan, list(heirs.values()), "split", "unit:unit:split", paper)


def state_strength(session: Session, actor: Actor | None, on: dt.date, *, unit: str | int, official: int,
                   probationary: int = 0, comparator: str = "=", source: str | None = None) -> EntryRef:
    """State how many members a unit had on a day, and who says so; a second figure for the day corrects the first."""
    return record_strength(session, actor, on, unit, official, probationary, comparator, source)


def _dissolve(session: Session, actor: Actor | None, on: dt.date, old: UnitOn, plan: Successors, heirs: Sequence[UnitOn],
              kind: str, tag: str, paper: Paper) -> EntryRef:
    """The last day of ``old`` is the one before ``on``; what it leaves goes over on ``on``."""
    last = on - dt.timedelta(days=1)
    ref = close(session, actor, last, old, kind=kind, tag=tag, successors=heirs, paper=paper,
                also=lambda act: settle(act, old, last, plan))
    hand_over(session, actor, on, old, plan)
    return ref


def _living(session: Session, unit: str | int, on: dt.date, field: str) -> UnitOn:
    found_unit_on = tree.unit_on(session, unit, on)
    if found_unit_on is None:
        raise BadInput(f"Không có đơn vị {unit} hoạt động vào ngày {shown(on)}; kiểm tra mã và ngày.", field)
    return found_unit_on


def _same_parent(session: Session, old: UnitOn, on: dt.date) -> int | None:
    """The parent that a unit had, for its heir."""
    if old.parent_id is not None and tree.unit_on(session, old.parent_id, on) is None:
        raise BadInput(f"Cấp trên cũ của đơn vị {old.code} không còn hoạt động ngày {shown(on)}; hãy nêu cấp trên của đơn vị mới.", "parent")
    return old.parent_id


def _not_ahead(session: Session, on: dt.date) -> None:
    """Cases move at once, so an act that moves them cannot be entered before its day."""
    if on > clock_of(session).today():
        raise BadInput(f"Ngày {shown(on)} chưa đến; việc làm thay đổi nơi giải quyết hồ sơ chỉ ghi từ ngày có hiệu lực.", "on")
