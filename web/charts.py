"""Pictures of numbers, laid out on the server: rectangles and words with places, drawn by ``macros/charts.html``.

A picture stands beside the table that says the same and repeats its links; who hears the page, or goes by keyboard,
has the table. Nothing is styled here: a mark has a class, the style sheet the colour.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

#: What fits beside the marks; longer labels are cut, the table has them whole.
LABEL, LETTER = 250, 8
ROW = 28


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle; ``url`` leads to the list behind it, ``title`` says it in words."""

    x: float
    y: float
    width: float
    height: float
    look: str
    url: str | None = None
    title: str = ""
    #: What stands in the middle of it.
    text: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """A label; ``anchor`` is start, middle or end."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    look: str = ""


@dataclass
class Picture:
    """All that the macro draws."""

    width: int
    height: int
    marks: list[Mark] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a bar chart: ``shown`` is the value in words, ``goal`` a mark to be reached, ``head`` begins a group."""

    label: str
    value: float
    shown: str
    url: str | None = None
    goal: float | None = None
    note: str = ""
    head: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a grid; ``look`` says how strong it is."""

    text: str
    look: str
    url: str | None = None
    title: str = ""


def bars(rows: Sequence[Bar], width: int = 800) -> Picture:
    """Horizontal bars under each other, on one scale."""
    most = max((max(row.value, row.goal or 0) for row in rows), default=0) or 1
    room = width - LABEL - 230
    made = Picture(width, ROW * len(rows) + 8)
    for place, row in enumerate(rows):
        y = 4 + ROW * place
        made.words.append(Words(0 if row.head else 10, y + 18, row.label if row.head else cut(row.label, LABEL),
                                look="chart-head" if row.head else ""))
        if row.head:
            continue
        long = round(room * row.value / most, 1)
        if row.value:
            made.marks.append(Mark(LABEL, y + 4, max(long, 2), ROW - 9, "bar-value", row.url, f"{row.label}: {row.shown}"))
        if row.goal is not None:
            made.marks.append(Mark(LABEL + round(room * row.goal / most, 1) - 1, y + 1, 3, ROW - 3, "bar-goal"))
        made.words.append(Words(LABEL + max(long, round(room * (row.goal or 0) / most, 1)) + 8, y + 18,
                                f"{row.shown}{'  ' + row.note if row.note else ''}"))
    return made


def grid(heads: Sequence[str], rows: Sequence[tuple[str, Sequence[Field]]], wide: int = 96) -> Picture:
    """Fields in rows under heads that are broken over up to three lines."""
    broken = [wrapped(head, wide) for head in heads]
    top = 16 * max((len(lines) for lines in broken), default=1) + 10
    made = Picture(LABEL + wide * len(heads) + 4, top + ROW * len(rows) + 6)
    for place, lines in enumerate(broken):
        for number, text in enumerate(lines):
            made.words.append(Words(LABEL + wide * place + wide / 2, 14 + 16 * number, text, "middle"))
    for number, (label, fields) in enumerate(rows):
        y = top + ROW * number
        made.words.append(Words(0, y + 18, cut(label, LABEL)))
        for place, one in enumerate(fields):
            made.marks.append(Mark(LABEL + wide * place + 1, y + 1, wide - 2, ROW - 2, one.look, one.url,
                                   one.title, one.text))
    return made


def steps(levels: Sequence[tuple[str, int | None, str, str | None]], most: int = 4) -> Picture:
    """A strip of levels, one column a year: as many blocks as the rank has, none where there is no level.

    ``levels`` are the year, the rank, the level in words and the address of its rating.
    """
    wide, high = 64, 15
    made = Picture(wide * max(len(levels), 1), high * most + 24)
    for place, (year, rank, label, url) in enumerate(levels):
        x = wide * place
        for number in range(most):
            filled = rank is not None and number < rank
            made.marks.append(Mark(x + 4, high * (most - 1 - number) + 2, wide - 8, high - 3,
                                   f"rank-{rank}" if filled else "rank-none", url if filled else None, f"{year}: {label}"))
        made.words.append(Words(x + wide / 2, high * most + 18, year, "middle"))
    return made


def heat(value: int, most: int) -> str:
    """How strong a field is, in five steps that grow with the value; nothing at all for nothing."""
    return "heat-0" if not value or not most else f"heat-{max(1, -(-5 * value // most))}"


def cut(text: str, room: int) -> str:
    fits = room // LETTER
    return text if len(text) <= fits else text[:fits - 1].rstrip() + "…"


def wrapped(text: str, room: int) -> list[str]:
    """The text in at most three lines that fit."""
    lines: list[str] = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room // LETTER:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    lines = lines if len(lines) <= 3 else [*lines[:2], " ".join(lines[2:])]
    return [cut(line, room) for line in lines]
