"""Habits of the sources that no linter knows."""
from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, comments, files, modules, name, strings

LONGEST = 400
#: Names whose meaning is fixed by custom.
CUSTOMARY = {"main", "init_app"}
#: The shapes of the law files are one table, read from top to bottom; cutting it would only hide half of it.
LONGER = {"rules/schema.py": 500}

#: Numbers of instruments (24-QĐ/TW, 66/2025/QH15, 3.5.2), articles and clauses: they belong in the law files.
CITATION = re.compile(
    r"\b\d{1,4}\s*[-/]\s*(?:\d{4}\s*/\s*)?(?:Q[ĐD]|HD|TT|TB|CT|KL|NQ|KH|CV|BC|L)\s*[-/]\s*\w+"
    r"|\b\d{1,4}/\d{4}/(?:QH|NĐ|TT|NQ)\w*"
    r"|\b(?:Điều|Khoản|khoản|Mục|điều)\s+\d+"
    r"|\b(?:QD|HD|NQ|QC)-\d{1,4}-\d{4}\b")


@pytest.mark.parametrize("path", files(), ids=name)
def test_no_citation_of_the_law_in_python(path: Path) -> None:
    """Law is data: code, comments and docstrings name no instrument and no clause."""
    found = [f"{name(path)}:{number}: {line.strip()}" for number, line in
             enumerate(path.read_text(encoding="utf-8").splitlines(), start=1) if CITATION.search(line)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("text", ["24-QĐ/TW", "Quy định 294-QĐ/TW", "06-HD/TW", "66/2025/QH15", "khoản 3", "Điều 4", "QD-294-2025",
                                  "12-HD/BTCTW", "123/2024/NĐ-CP"])
def test_the_search_for_citations_finds_them(text: str) -> None:
    assert CITATION.search(text)


@pytest.mark.parametrize("text", ["6-KND", "2026-01-02", "15/10/2026", "N-th day", "sha256", "03/2026", "GET /a/1/2025"])
def test_the_search_for_citations_leaves_other_text_alone(text: str) -> None:
    assert not CITATION.search(text)


@pytest.mark.parametrize("path", files(*PACKAGES, "tests", "tools", "bench"), ids=name)
def test_nothing_is_left_to_be_done(path: Path) -> None:
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    assert [f"{name(path)}:{n}: {c}" for n, c in comments(path) if marks.search(c)] == []


@pytest.mark.parametrize("path", [p for p in files(*PACKAGES, "tests", "tools", "bench") if "migrations/versions" not in name(p)], ids=name)
def test_files_are_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    limit = LONGER.get(name(path), LONGEST)
    assert lines <= limit, f"{name(path)} has {lines} lines; split it where its subjects part (at most {limit})"


def test_every_module_says_what_it_is_for() -> None:
    silent = [path for path, tree in modules().items() if tree.body and not ast.get_docstring(tree)]
    assert not silent


def test_what_is_public_says_what_it_means() -> None:
    """Functions and classes with public names at the top of a module have docstrings; the shortest explain themselves."""
    silent = []
    for path, tree in modules().items():
        if "migrations/" in path:
            continue
        silent += [f"{path}: {node.name}" for node in tree.body
                   if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.name not in CUSTOMARY
                   and not ast.get_docstring(node) and (node.end_lineno or 0) - node.lineno >= 8]
    assert not silent, "\n".join(silent)


#: The hour of the machine is read at the edges only; rules and engine get their day given.
CLOCK = re.compile(r"\b(date\.today|datetime\.(now|utcnow|today)|time\.time)\(")


@pytest.mark.parametrize("path", files("rules") + [ROOT / "workflow" / "engine.py"], ids=lambda p: p.name)
def test_rules_and_engine_have_no_clock(path: Path) -> None:
    if path.exists():
        assert not CLOCK.search(path.read_text(encoding="utf-8"))


def test_no_text_is_run_as_code_unless_it_is_made_from_checked_trees() -> None:
    """``eval`` and ``exec`` stand in no module but the compiler of rules, which reads whitelisted trees."""
    found = [f"{path}:{node.lineno}" for path, tree in modules().items() if path != "rules/decide.py" for node in ast.walk(tree)
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec"}]
    assert not found


def test_passwords_and_keys_stand_in_no_source() -> None:
    shape = re.compile(r"(?i)^(sk|pk|key|token|secret|passw)[-_=:].{12,}$")
    found = [f"{path}:{line}" for path, tree in modules().items() for line, text in strings(tree) if shape.match(text) and " " not in text
             and any(c.isdigit() for c in text)]
    assert not found
