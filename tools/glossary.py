"""Writes the tables of ``docs/glossary.md`` from the law files: ``python -m tools.glossary``.

The terms stand in the law files alone; the page repeats them for readers, and a test compares the two.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rules.loader import Source, read_folders
from rules.shape import Text

PAGE = Path(__file__).resolve().parents[1] / "docs" / "glossary.md"
BEGIN = "<!-- from the law files; written by `make glossary` -->"
END = "<!-- end of what is written by `make glossary` -->"


def page(text: str) -> str:
    """The glossary with its tables as the law files have them today; the rest of the page stays."""
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    return "\n".join([head + BEGIN, "", *_tables(read_folders()), END]) + tail


def _tables(sources: list[Source]) -> Iterator[str]:
    laws = [source.law for source in sources if source.law.layer is None]
    groups = ("admission", "consolidation")
    for process in groups:
        here = [s.law for s in sources if s.law.layer is None and process in Path(s.name).parts]
        states = [(key, state.label) for law in here if law.states
                  for part in (law.states.open, law.states.waiting, law.states.closed) for key, state in part.items()]
        steps = [(key, versions[-1].label) for law in here for key, versions in law.steps.items()]
        papers = [(key, paper.says) for law in here for key, paper in law.papers.items()]
        yield from _table(f"States of `{process}`", states)
        yield from _table(f"Steps of `{process}`", steps)
        yield from _table(f"Papers of `{process}`", papers)
    yield from _table("Roles", [(key, office.label) for law in laws for key, office in law.offices.items()])
    yield from _table("Kinds of unit", [(key, kind.label) for law in laws for key, kind in law.unit_kinds.items()])


def _table(title: str, rows: Iterable[tuple[str, Text | None]]) -> Iterator[str]:
    lines = [f"| `{key}` | {_cell(text.vi if text else '')} | {_cell(text.en or '' if text else '')} |" for key, text in rows]
    if lines:
        yield from (f"### {title}", "", "| id | thuật ngữ | in English |", "|---|---|---|", *lines, "")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
