"""The facts of many cases about persons at once, as rules read them, in a fixed number of statements.

One case is read by :mod:`workflow.snapshot`; a test holds the two against each other. Facts that name a person or that
come with the act itself are left out: nothing here acts, it only looks ahead.
"""
from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.nodes import Rows
from rules.process import ProcessLaw
from workflow import tree
from workflow.binding import Binding, Child
from workflow.models import Base
from workflow.snapshot import decider_of, place, place_facts

_T = Base.metadata.tables
CASE, PERSON, DUTY, STRENGTH, HELPER, UNIT = (_T[n] for n in ("case", "person", "duty", "unit_strength", "helper", "unit"))
_PART = 500


@dataclass(frozen=True, slots=True)
class Known:
    """A case with what is known of it on a day."""

    id: int
    state: str
    resume_state: str | None
    line: tree.Line
    facts: Mapping[str, Any]


def known(session: Session, law: ProcessLaw, binding: Binding, condition: sa.ColumnElement[bool], on: dt.date) -> Iterator[Known]:
    """The open cases of a process for which the condition holds, by number, with all their facts."""
    query = (sa.select(CASE.c.id).where(CASE.c.process == law.id, CASE.c.closed_on.is_(None), condition).order_by(CASE.c.id))
    ids = list(session.connection().scalars(query))
    for start in range(0, len(ids), _PART):
        yield from _part(session, law, binding, ids[start:start + _PART], on)


def _part(session: Session, law: ProcessLaw, binding: Binding, ids: list[int], on: dt.date) -> Iterator[Known]:
    connection = session.connection()
    cases = {row["id"]: row for row in connection.execute(sa.select(CASE).where(CASE.c.id.in_(ids))).mappings()}
    details = {row["case_id"]: row for row in connection.execute(sa.select(binding.detail).where(binding.detail.c.case_id.in_(ids))).mappings()}
    people = {row["id"]: row for row in connection.execute(
        sa.select(PERSON).where(PERSON.c.id.in_({c["subject_person_id"] for c in cases.values()}))).mappings()}
    units = {c["unit_id"] for c in cases.values()}
    lines = tree.lines(session, units, on)
    lines |= {unit: place(session, unit, on) for unit in units - lines.keys()}
    codes = _pairs(session, sa.select(UNIT.c.id, UNIT.c.code).where(UNIT.c.id.in_({c["decider_id"] for c in cases.values() if c["decider_id"]})))
    rows = {name: _rows(session, law, child, name, ids) for name, child in binding.children.items() if child.of == "case" and not child.plan}
    duties, strengths, helpers = _duties(session, ids, on), _strengths(session, lines, on), _helpers(session, ids, on)
    for id_ in ids:
        case, detail, line = cases[id_], details[id_], lines[cases[id_]["unit_id"]]
        facts: dict[str, Any] = {fact: detail[column] for fact, column in binding.homes(law).items()}
        facts |= {fact: detail[column] for fact, column in binding.days(law)}
        person = dict(people.get(case["subject_person_id"]) or {})
        calculated = {"strength.official": strengths.get(line.unit.id), "helper.person_id": helpers.get(id_)}
        facts |= {fact: person.get(home[7:]) if home.startswith("person.") else calculated[home] for fact, home in binding.elsewhere.items()}
        facts |= {"case.state": case["state"], "case.unit": line.unit.code, "case.decider": codes.get(case["decider_id"])}
        facts |= place_facts(line, decider_of(law, line, on))
        facts |= duties.get(id_, {})
        found = {name: value for name, value in facts.items() if value is not None}
        for name, child in binding.children.items():
            if name in rows:
                found[name] = Rows(child.by_act or bool(detail[str(child.declared)]), tuple(rows[name].get(id_, ())))
        yield Known(id_, case["state"], case["resume_state"], line, found)


def _rows(session: Session, law: ProcessLaw, child: Child, name: str, ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    columns = {item: child.table.c[child.column(item)] for item in law.facts[name].items or {}}
    query = sa.select(child.table).where(child.table.c.case_id.in_(ids)).order_by(child.table.c.id)
    if "void" in child.table.c:
        query = query.where(child.table.c.void.is_(False))
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in session.connection().execute(query).mappings():
        found[row["case_id"]].append({item: row[c.name] for item, c in columns.items() if row[c.name] is not None})
    return found


def _duties(session: Session, ids: Collection[int], on: dt.date) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    query = sa.select(DUTY).where(DUTY.c.case_id.in_(ids), DUTY.c.closed_on.is_(None)).order_by(DUTY.c.id)
    for row in session.connection().execute(query).mappings():
        facts, kind = found[row["case_id"]], row["kind"]
        facts[f"duty.{kind}.due_on"] = row["due_on"]
        facts[f"duty.{kind}.extended"] = row["extended"]
        late = row["open_until"] is not None and row["open_until"] < on
        facts[f"duty.{kind}.late"] = facts.get(f"duty.{kind}.late", 0) + int(late)
    return found


def _strengths(session: Session, lines: Mapping[int, tree.Line], on: dt.date) -> dict[int, int]:
    units = {line.unit.id for line in lines.values()}
    query = (sa.select(STRENGTH.c.unit_id, STRENGTH.c.official).where(STRENGTH.c.unit_id.in_(units), STRENGTH.c.as_of <= on)
             .order_by(STRENGTH.c.as_of))
    return _pairs(session, query)


def _helpers(session: Session, ids: Collection[int], on: dt.date) -> dict[int, int]:
    query = (sa.select(HELPER.c.case_id, HELPER.c.person_id).where(
        HELPER.c.case_id.in_(ids), HELPER.c.from_on <= on, sa.or_(HELPER.c.to_on.is_(None), HELPER.c.to_on >= on)).order_by(HELPER.c.id))
    return _pairs(session, query)


def _pairs(session: Session, query: sa.Select[Any]) -> dict[int, Any]:
    """The rows of two columns; of several rows of one key the last."""
    return {row[0]: row[1] for row in session.connection().execute(query)}
