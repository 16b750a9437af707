"""The pages of the project are there, lead somewhere, and agree with code and law."""
from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from rules.loader import SHIPPED, read_folders
from tests.architecture.sources import ROOT, files, name
from tools import glossary

PAGES = [ROOT / p for p in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + files("docs", suffix=".md")
WORDS = re.compile(r"\| `([\w.]+):([\w.]+)` \|$", re.M)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "docs/operations.md", "docs/glossary.md",
                                  "docs/how-to-change-a-rule.md", "docs/decisions/README.md"])
def test_the_page_is_there(page: str) -> None:
    assert (ROOT / page).stat().st_size > 300


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [t for t in targets if "://" not in t and not (page.parent / t).exists()] == []


def test_every_decision_is_in_the_list() -> None:
    listed = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    assert [name(p) for p in files("docs/decisions", suffix=".md") if p.name != "README.md" and p.name not in listed] == []


def test_the_terms_of_the_law_are_as_the_law_has_them() -> None:
    text = glossary.PAGE.read_text(encoding="utf-8")
    assert glossary.page(text) == text, "the law files have other terms; run `make glossary`"


def test_words_of_the_system_are_in_the_code() -> None:
    words = WORDS.findall(glossary.PAGE.read_text(encoding="utf-8"))
    assert len(words) >= 12
    for module, path in words:
        thing = importlib.import_module(module)
        for part in path.split("."):
            assert hasattr(thing, part) or part in getattr(thing, "__annotations__", {}) or part in getattr(thing, "model_fields", {}), \
                f"docs/glossary.md: {module}:{path} is not there"
            thing = getattr(thing, part, None)


def test_every_law_file_loads() -> None:
    sources = read_folders([SHIPPED])
    assert sorted(s.name for s in sources) == sorted(p.relative_to(SHIPPED).as_posix() for p in SHIPPED.rglob("*.yaml"))


def test_pages_speak_of_the_project_alone() -> None:
    """No path of somebody's machine, no host of a package registry."""
    foreign = re.compile(r"(?<![\w.])/(?:work|root|home|Users)/\w|index-url|extra-index|file://")
    pages = [*PAGES, *files(), ROOT / "constraints.txt", ROOT / "Makefile", ROOT / "setup.cfg", ROOT / ".ci/run"]
    assert [name(p) for p in pages if foreign.search(p.read_text(encoding="utf-8"))] == []


def test_constraints_are_plain_pins() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    assert len(lines) > 40
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)] == []


def test_every_setting_is_in_the_manual() -> None:
    manual = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    read = {word for path in files() for word in re.findall(r"\bNENNEP_[A-Z_]+\b", path.read_text(encoding="utf-8"))}
    assert sorted(word for word in read if f"`{word}`" not in manual) == []
