"""Rows that stand beside a case and change with its acts: helpers, collections, the strength of its unit."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import sqlalchemy as sa

from rules.nodes import Rows
from workflow.binding import Child
from workflow.journal import Act
from workflow.models import Helper, UnitStrength
from workflow.snapshot import Snapshot

_helper: sa.Table = Helper.__table__  # type: ignore[assignment]
_strength: sa.Table = UnitStrength.__table__  # type: ignore[assignment]
_Row = TypeVar("_Row", bound=Mapping[str, Any])


def assign_helper(act: Act, standing: list[Mapping[str, Any]], case_id: int, person: int, on: dt.date) -> None:
    """From ``on`` this member helps; whoever helped until then stops the day before."""
    if any(row["person_id"] == person for row in standing if row["to_on"] is None):
        return
    end_help(act, standing, on)
    act.insert(_helper, {"case_id": case_id, "person_id": person, "from_on": on})


def end_help(act: Act, standing: list[Mapping[str, Any]], on: dt.date) -> None:
    """Whoever helps stops the day before ``on``."""
    for row in standing:
        if row["to_on"] is None:
            act.update(_helper, row["id"], {"to_on": max(row["from_on"], on - dt.timedelta(days=1))}, old=row)


def replace_rows(act: Act, snapshot: Snapshot, case_id: int, name: str, rows: Rows, plan_no: int | None) -> None:
    """A collection given whole with an act takes the place of what was entered before; a former plan keeps its rows.

    What belongs to the unit outlives the case: there the act adds to what is known and never takes anything away.
    """
    child = snapshot.binding.children[name]
    if child.of == "unit":
        add_rows(act, snapshot, child, rows, snapshot.law.facts[name].items or {})
        return
    owner: dict[str, Any] = {child.link: case_id}
    if child.plan is not None:
        owner[child.plan] = plan_no
    standing = sa.select(child.table.c.id).where(*(child.table.c[column] == value for column, value in owner.items()))
    for key in act.connection.scalars(standing).all():
        act.delete(child.table, key)
    for item in rows.items:
        act.insert(child.table, {**owner, **{child.column(field): value for field, value in item.items()}})


def add_rows(act: Act, snapshot: Snapshot, child: Child, rows: Rows, fields: Iterable[str]) -> None:
    """Each item that says more of a row that has an empty place for it completes that row; any other is a row of its own."""
    owner, columns = snapshot.owner(child), [child.column(field) for field in fields]
    mine = sa.select(child.table).where(*(child.table.c[column] == value for column, value in owner.items())).order_by(child.table.c.id)
    standing = [dict(row) for row in act.connection.execute(mine).mappings()]
    for item in rows.items:
        told = {child.column(field): value for field, value in item.items()}
        known = _spoken_of(told, standing, columns)
        if known is None:
            noted = {} if child.noted is None else {child.noted: min(day for day in (act.acted_on, *told.values()) if isinstance(day, dt.date))}
            act.insert(child.table, {**owner, **noted, **told})
        else:
            standing.remove(known)
            act.update(child.table, known["id"], told, old=known)


def with_told(snapshot: Snapshot, name: str, told: Rows) -> Rows:
    """A collection as rules see it when an act tells of it: of what belongs to the unit, all that is known and what is told."""
    if snapshot.binding.children[name].of != "unit":
        return told
    fields = snapshot.law.facts[name].items or {}
    found: list[Mapping[str, Any]] = list(snapshot.rows(name).items)
    waiting = list(found)
    for item in told.items:
        known = _spoken_of(item, waiting, fields)
        if known is None:
            found.append(item)
        else:
            waiting = [row for row in waiting if row is not known]
            found = [{**row, **item} if row is known else row for row in found]
    return Rows(told.declared, tuple(found))


def _spoken_of(told: Mapping[str, Any], rows: Iterable[_Row], fields: Iterable[str]) -> _Row | None:
    """The row that an item speaks of: none of its fields says anything else, and most of them the same."""
    keys = list(fields)
    fitting = [row for row in rows if all(row.get(key) in (None, told.get(key)) for key in keys)]
    return max(fitting, key=lambda row: sum(row.get(key) == told.get(key) for key in keys), default=None)


def renew_rows(act: Act, snapshot: Snapshot, child: Child, plan_no: int) -> None:
    """The rows of the plan that was in force, copied into the next; each copy knows where it comes from."""
    owner = snapshot.owner(child)
    rows = sa.select(child.table).where(*(child.table.c[column] == value for column, value in owner.items())).order_by(child.table.c.id)
    for row in act.connection.execute(rows).mappings().all():
        act.insert(child.table, {**row, "id": None, "origin_id": row["id"], str(child.plan): plan_no})


def state_strength(act: Act, unit_id: int, official: int, on: dt.date) -> None:
    """The number of official members of a cell on a day, as the act states it."""
    row = act.connection.execute(_STRENGTH_OF, {"unit": unit_id, "day": on}).mappings().first()
    if row is None:
        act.insert(_strength, {"unit_id": unit_id, "as_of": on, "official": official})
    elif row["official"] != official:
        act.update(_strength, row["id"], {"official": official}, old=dict(row))


_STRENGTH_OF = (sa.select(_strength).where(_strength.c.unit_id == sa.bindparam("unit"), _strength.c.as_of == sa.bindparam("day"))
                .with_for_update())
