"""The worked example of docs/how-to-change-a-rule.md, done as the page says."""
from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path

import pytest

from rules.book import load
from rules.check import check
from rules.loader import SHIPPED
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "how-to-change-a-rule.md").read_text(encoding="utf-8")
DOCUMENT, VALUE, EXAMPLES, CLAUSE = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)[:4]
NAMED = re.findall(r"In `(rules/law/[\w/.-]+)`", PAGE)


@pytest.fixture
def law(tmp_path: Path) -> Path:
    """A copy of the law of today, to be changed."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "law"))


def enter(law: Path, file: str, after: str, block: str) -> None:
    """Put the block behind the last line that the pattern finds."""
    path = law / file
    text = path.read_text(encoding="utf-8")
    end = max(match.end() for match in re.finditer(after, text, re.M))
    path.write_text(text[:end] + block + text[end:], encoding="utf-8")


def within(section: str, rest: str) -> str:
    """Lines that fit ``rest``, inside the entry called ``section``."""
    return rf"^  {re.escape(section)}:\n(?:   .*\n)*?{rest}"


def enter_all_but_examples(law: Path) -> None:
    enter(law, "documents.yaml", r"^documents:\n", DOCUMENT)
    enter(law, "admission/parameters.yaml", within("cert_valid", r"(?:      \d{4}-.*\n)+"), VALUE)
    enter(law, "admission/rules-certificate-dossier.yaml", within("CERT.AWARE.VALID", r"    cites:\n(?:      \d{4}-.*\n)+"), CLAUSE)


def test_the_page_names_the_files_that_are_changed() -> None:
    assert all((ROOT / name).exists() for name in NAMED)
    assert len(NAMED) >= 3


def test_a_value_without_an_example_is_refused_as_the_page_says(law: Path) -> None:
    enter_all_but_examples(law)
    problems = [p.message for p in check([law]).problems if not p.warning]
    assert ["cert_valid 36 lowered to 35 breaks no example" in p or "cert_valid 36 raised to 37 breaks no example" in p
            for p in problems] == [True, True]


def test_with_its_examples_the_change_is_sound_and_dated(law: Path) -> None:
    enter_all_but_examples(law)
    enter(law, "admission/rules-certificate-dossier.yaml", within("CERT.AWARE.VALID", r"(?:    .*\n)*?    examples:\n(?:    - .*\n)+"), EXAMPLES)
    assert [str(p) for p in check([law]).problems if not p.warning] == []
    book = load([law])
    assert book.value("cert_valid", dt.date(2027, 2, 28)).value == 60
    changed = book.value("cert_valid", dt.date(2027, 3, 1))
    assert (changed.value, changed.confidence) == (36, "A")
