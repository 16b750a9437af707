"""What changes from one day to the next: versions, clauses and marks of confidence, and picking those of a day."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

ONE_DAY = dt.timedelta(days=1)


class NotInForce(LookupError):
    """The law says nothing of this kind on that day."""


class Cite(NamedTuple):
    """A place in an instrument of the law."""

    document: str
    clause: str

    @classmethod
    def parse(cls, text: str) -> Cite:
        """``CHARTER 1.2``: the document's id up to the first blank, then the clause as printed."""
        document, _, clause = text.strip().partition(" ")
        return cls(document, clause.strip())

    def as_json(self) -> dict[str, str]:
        return {"document": self.document, "clause": self.clause}


class HasDays(Protocol):
    @property
    def since(self) -> dt.date: ...
    @property
    def until(self) -> dt.date | None: ...


D = TypeVar("D", bound=HasDays)
V = TypeVar("V")


def in_force(item: HasDays, on: dt.date) -> bool:
    return item.since <= on and (item.until is None or on <= item.until)


def pick(versions: Iterable[D], on: dt.date) -> D | None:
    """The version in force on a day, or None."""
    for version in versions:
        if version.since <= on and (version.until is None or on <= version.until):
            return version
    return None


def latest(table: Mapping[dt.date, V], on: dt.date) -> tuple[dt.date, V] | None:
    """The entry with the last first-day not after ``on``."""
    best = max((d for d in table if d <= on), default=None)
    return None if best is None else (best, table[best])


def cites_on(cites: Sequence[str] | Mapping[dt.date, Sequence[str]], on: dt.date) -> tuple[Cite, ...]:
    """The clauses that carry something on a day; before the first dated entry, the first one speaks."""
    if isinstance(cites, Mapping):
        found = latest(cites, on) or (min(cites.items()) if cites else None)
        cites = found[1] if found else ()
    return tuple(Cite.parse(c) for c in cites)


def mark_on(marks: str | Mapping[dt.date, Any] | None, on: dt.date) -> str | None:
    if isinstance(marks, Mapping):
        found = latest(marks, on) or (min(marks.items()) if marks else None)
        return found[1] if found else None
    return marks


def worst(marks: Iterable[str | None]) -> str | None:
    """The least certain of some marks (A is read in the original, D is our own settling of a gap)."""
    return max((m for m in marks if m), default=None)


def change_days(items: Iterable[HasDays]) -> set[dt.date]:
    """First days, and days after the last day."""
    days: set[dt.date] = set()
    for item in items:
        days.add(item.since)
        if item.until is not None and item.until < dt.date.max:
            days.add(item.until + ONE_DAY)
    return days
