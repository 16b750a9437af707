"""What is installed is what is needed: declared packages, data files in the wheel, one place for metadata."""
from __future__ import annotations

import ast
import configparser
import importlib.metadata
import re
import subprocess
import sys
import tomllib

import pytest

from tests.architecture.sources import PACKAGES, ROOT, files, modules, name

SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg", encoding="utf-8")


def declared(*extras: str) -> set[str]:
    """Normalised names of the distributions that setup.cfg asks for."""
    texts = [SETUP["options"]["install_requires"], *(SETUP["options.extras_require"][e] for e in extras)]
    return {normal(re.split(r"[\[<>=!~;\s]", line, maxsplit=1)[0]) for text in texts for line in text.split("\n") if line.strip()}


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def test_metadata_stand_in_one_place() -> None:
    assert set(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))) == {"build-system"}


def test_what_is_imported_is_declared() -> None:
    """A package that is only there because another one needs it may be gone with that one's next version."""
    homes = importlib.metadata.packages_distributions()
    asked = declared("postgres")
    foreign: dict[str, str] = {}
    for path, tree in modules().items():
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else \
                [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            for top in {n.split(".")[0] for n in names} - set(sys.stdlib_module_names) - set(PACKAGES):
                if not {normal(d) for d in homes.get(top, [])} & asked:
                    foreign[top] = path
    assert not foreign, f"imported but not in install_requires: {foreign}"


def test_what_is_declared_is_pinned() -> None:
    pins = {normal(line.split("==")[0]) for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split()}
    assert declared("postgres", "dev") - pins == set()


def test_data_files_get_into_the_package() -> None:
    patterns = {p.strip().removeprefix("*") for p in SETUP["options.package_data"]["*"].split("\n") if p.strip()}
    left_out = [name(p) for p in files(suffix="") if p.is_file() and p.suffix not in {".py", ".pyc", *patterns}]
    assert not left_out, f"setup.cfg, package_data: nothing takes {left_out}"


@pytest.mark.parametrize("module", ["rules", "workflow", "web.cli"])
def test_each_package_imports_with_what_is_declared(module: str) -> None:
    """In a process of its own, so that nothing is there by accident of the test run."""
    run = subprocess.run([sys.executable, "-W", "error::SyntaxWarning", "-c", f"import {module}"], cwd=ROOT, capture_output=True, text=True,
                         timeout=60, check=False)
    assert run.returncode == 0, run.stderr
