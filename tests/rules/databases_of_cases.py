"""Random cases in a real database, as the SQL back end finds them."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from rules.language import Rows, Type
from rules.nodes import Node
from rules.sql import RowsSource, predicate
from tests.rules.strategies import CALENDAR, COLLECTIONS, FACTS

_SQL = {"date": sa.Date, "bool": sa.Boolean, "int": sa.Integer, "code": sa.String, "text": sa.String,
        "unit": sa.Integer}
METADATA = sa.MetaData()


def _columns(types: Mapping[str, Type]) -> list[sa.Column[Any]]:
    found: list[sa.Column[Any]] = []
    for name, type_ in types.items():
        flat = name.replace(".", "_")
        if type_.kind == "fraction":
            found += [sa.Column(f"{flat}_numerator", sa.Integer), sa.Column(f"{flat}_denominator", sa.Integer)]
        else:
            found.append(sa.Column(flat, _SQL[type_.kind]))
    return found


CASES = sa.Table("cases", METADATA, sa.Column("id", sa.Integer, primary_key=True), *_columns(FACTS),
                 *(sa.Column(f"{c}_declared", sa.Boolean) for c in COLLECTIONS))
ITEMS = {c: sa.Table(f"items_{c}", METADATA, sa.Column("id", sa.Integer, primary_key=True),
                     sa.Column("case_id", sa.ForeignKey(CASES.c.id), index=True), *_columns(fields))
         for c, fields in COLLECTIONS.items()}


def _row(values: Mapping[str, Any], types: Mapping[str, Type]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, type_ in types.items():
        value, flat = values.get(name), name.replace(".", "_")
        if type_.kind == "fraction":
            row[f"{flat}_numerator"] = None if value is None else value.numerator
            row[f"{flat}_denominator"] = None if value is None else value.denominator
        else:
            row[flat] = value
    return row


def load(engine: sa.Engine, cases: list[dict[str, Any]]) -> None:
    """Store the cases in fresh tables, numbered from 1."""
    METADATA.create_all(engine)
    with engine.begin() as connection:
        for number, facts in enumerate(cases, 1):
            # A collection nobody has touched has no mark at all: NULL, not false.
            marks = {f"{c}_declared": facts[c].declared if c in facts else None for c in COLLECTIONS}
            connection.execute(CASES.insert(), {"id": number, **_row(facts, FACTS), **marks})
            for collection, fields in COLLECTIONS.items():
                rows = facts.get(collection, Rows())
                for item in rows.items:
                    connection.execute(ITEMS[collection].insert(), {"case_id": number, **_row(item, fields)})


class TableSource:
    """Facts in one table, items in one table per collection."""

    def column(self, fact: str) -> sa.ColumnElement[Any]:
        return CASES.c[fact.replace(".", "_")]

    def rows(self, collection: str) -> RowsSource:
        items = ITEMS[collection]
        columns = {c.key.replace("_numerator", ".numerator").replace("_denominator", ".denominator"): c for c in items.c}
        return RowsSource(items, items.c.case_id == CASES.c.id, CASES.c[f"{collection}_declared"], columns)


def ask(engine: sa.Engine, node: Node, params: Mapping[str, object], act_on: dt.date) -> list[bool | None]:
    """The condition's answer for every stored case, in their order."""
    condition = predicate(node, params, TableSource(), act_on, CALENDAR)
    query = sa.select(CASES.c.id, sa.type_coerce(condition, sa.Integer)).order_by(CASES.c.id)
    with engine.connect() as connection:
        return [None if v is None else bool(v) for _, v in connection.execute(query)]
