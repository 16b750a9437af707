"""The domain tables as the journal makes them: rebuilt from the entries, and compared with the tables themselves."""
from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import models
from workflow.export import rows_of
from workflow.verify import Fold

_part: sa.Table = models.Part.__table__  # type: ignore[assignment]


def rebuild(bodies: Iterable[list[dict[str, Any]]]) -> dict[str, dict[int, dict[str, Any]]]:
    """Table -> key -> row, from the row changes of entries in the order of the entries.

    Columns without a value are left out; values stand as the journal writes them.
    """
    fold = Fold()
    for changes in bodies:
        for change in sorted(changes, key=lambda c: int(c["n"])):
            for problem in fold.apply(change):
                raise ValueError(problem)
    return fold.rows


def changes(session: Session, *, case_id: int | None = None) -> Iterable[list[dict[str, Any]]]:
    """The row changes of every entry in order, one list an entry; of one case's entries when asked."""
    query = sa.select(_part.c.entry_id, _part.c.body).where(_part.c.kind == "rows", _part.c.body.is_not(None))
    if case_id is not None:
        query = query.join(models.Entry, models.Entry.id == _part.c.entry_id).where(models.Entry.case_id == case_id)
    current: int | None = None
    found: list[dict[str, Any]] = []
    for entry_id, body in session.connection().execution_options(yield_per=1000).execute(
            query.order_by(_part.c.entry_id, _part.c.no)):
        if entry_id != current and found:
            yield found
            found = []
        current = entry_id
        found += json.loads(body)
    if found:
        yield found


def compare(session: Session) -> list[str]:
    """In what the domain tables differ from the journal: ``person 3 full_name: journal says ..., table has ...``."""
    fold, found = Fold(), []
    for group in changes(session):
        for change in sorted(group, key=lambda c: int(c["n"])):
            found += list(fold.apply(change))
    for table in models.JOURNALLED:
        (key,) = table.primary_key.columns
        for row in rows_of(session.connection(), sa.select(table).order_by(key), table):
            number = row.pop(key.name)
            there = {c: v for c, v in row.items() if v is not None}
            found += [f"{table.name} {number} {problem}" for problem in fold.meet(table.name, number, there)]
    found += [f"{table} {key}: the journal knows this row, the table has it not" for table, key in fold.left()]
    return found
