"""What the macros of ``macros/case.html`` are given: values already chosen and worded, nothing left to look up.

A view decides what may be seen and fills these; a template only lays them out.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Stage:
    """One place on the way of a case."""

    label: str
    state: Literal["done", "now", "blocked", "later"]
    on: dt.date | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding in words: ``values`` are label and value, ``cites`` text and address (None where there is no page)."""

    rule: str
    outcome: Literal["met", "not_met", "unknown", "not_applicable"]
    says: str
    severity: Literal["block", "warn", "note"] = "block"
    values: Sequence[tuple[str, Any]] = ()
    cites: Sequence[tuple[str, str | None]] = ()
    confidence: str | None = None
    fixed_by: Sequence[str] = ()
    first_day: dt.date | None = None
    missing: Sequence[str] = ()
    exceptions: Sequence[ShownFinding] = ()
    #: The page of the rule.
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the history on a timeline; ``tags`` are text and kind of further marks."""

    id: int
    title: str
    on: dt.date
    by: str | None = None
    recorded_at: dt.datetime | None = None
    late: bool = False
    url: str | None = None
    lines: Sequence[str] = ()
    tags: Sequence[tuple[str, str]] = ()
