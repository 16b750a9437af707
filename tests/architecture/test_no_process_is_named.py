"""What serves every process names none of them: a second process came by data, and a third shall."""
from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import jinja2
import pytest

from rules import book
from tests.architecture.sources import ROOT, name, strings

#: Modules and templates that know no process.
NEUTRAL = [ROOT / "workflow" / "engine.py", ROOT / "workflow" / "machine.py", ROOT / "workflow" / "carry.py", ROOT / "workflow" / "judge.py",
           ROOT / "workflow" / "road.py", ROOT / "workflow" / "blocked.py", ROOT / "web" / "cases.py",
           *sorted((ROOT / "web" / "templates" / "cases").glob("*.html")), ROOT / "web" / "templates" / "macros" / "case.html"]
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@cache
def ids() -> frozenset[str]:
    """The ids of all processes, their states, steps, lists and duties."""
    found: set[str] = set()
    for law in book.load().processes.values():
        found |= {law.id, *law.all_states, *law.step_versions, *law.collections, *law.duties}
    return frozenset(found)


def spoken(path: Path) -> set[str]:
    """The texts of a module or a template that could be an id: its string constants, whole or as parts of dotted names."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        found = {value for _line, value in strings(ast.parse(text))}
    else:
        tokens = jinja2.Environment(autoescape=True).lex(text)
        found = {value.strip("'\"") for _line, kind, value in tokens if kind == "string"}
    # An address of a page (`records.listed`) is no name of a state, nor is a sentence.
    return {part for value in found if _WORD.fullmatch(value) or re.fullmatch(r"(did|duty)\.\w+(\.\w+)?", value)
            for part in (value, *value.split(".")[1:2])}


@pytest.mark.parametrize("path", NEUTRAL, ids=name)
def test_no_process_state_step_or_list_is_named(path: Path) -> None:
    assert not spoken(path) & ids()


@pytest.mark.parametrize("path", NEUTRAL, ids=name)
def test_no_telling_id_stands_anywhere_in_the_text(path: Path) -> None:
    """Ids of several words cannot stand there by chance, not even in names of variables."""
    telling = {i for i in ids() if "_" in i} | set(book.load().processes)
    found = set(_WORD.findall(path.read_text(encoding="utf-8"))) & telling
    assert not found, sorted(found)


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    template = tmp_path / "bad.html"
    template.write_text('{% if case.state == "planning" %}{{ url_for("records.listed") }}{% endif %}', encoding="utf-8")
    module = tmp_path / "bad.py"
    module.write_text('x = facts["did.issue_plan"]\n', encoding="utf-8")
    assert spoken(template) & ids() == {"planning"} and spoken(module) & ids() == {"issue_plan"}
