"""The shape of what the law says of organisation: offices, relations, kinds of unit, organs, levels, the calendar."""
from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from rules.shape import Confidence, Dated, NameList, Shape, Text


class Office(Shape):
    """An office or role. ``recorded_by`` lists the offices whose holder, at the same unit, may type in a paper that
    this office has signed; ``signs`` marks the offices that sign for the organ that decides, ``keeps_papers`` those that keep
    the papers of its line and enter what is only known from them."""

    label: Text
    at: NameList = Field(default_factory=list)
    recorded_by: NameList = Field(default_factory=list)
    reads: Literal["unit", "subtree", "none"] = "unit"
    writes: bool = True
    signs: bool = False
    keeps_papers: bool = False
    help: Text | None = None


class Relation(Shape):
    """How somebody stands to a case other than by an office: assigned to help, working on its plan."""

    label: Text
    help: Text | None = None


class UnitKind(Shape):
    label: Text
    since: dt.date | None = None
    until: dt.date | None = None
    level: int
    help: Text | None = None


class Organ(Dated):
    """What an organ or body is called in a time."""

    label: Text
    at: NameList = Field(default_factory=list)


class SpecialDay(Shape):
    """A day that differs from the ordinary week, with the notice that says so."""

    on: dt.date
    says: Text
    notice: str | None = None


class CalendarYear(Shape):
    """All days of a year that differ from Monday-to-Friday: days off on a weekday, and worked weekend days."""

    provisional: bool = False
    notices: list[str] = Field(default_factory=list)
    off: list[SpecialDay] = Field(default_factory=list)
    worked: list[SpecialDay] = Field(default_factory=list)


class Level(Shape):
    """A level of a scheme: what it is called, our normalised rank from 1 (lowest) to 4, and the parameter that holds the
    fewest points for it."""

    label: Text
    short: str | None = None
    rank: int = Field(ge=1, le=4)
    points: str | None = None


class Scheme(Dated):
    """A scheme of classification. ``since`` and ``until`` bound the last day of the period that is reviewed, whenever
    that is decided. ``aliases`` are other names that records use for it."""

    label: Text
    verb: Text
    kinds: NameList = Field(default_factory=lambda: ["year"])
    aliases: NameList = Field(default_factory=list)
    levels: dict[str, Level]
    members: dict[str, Level] = Field(default_factory=dict)
    cites: list[str] = Field(default_factory=list)
    confidence: Confidence | None = None
    note: Text | None = None
