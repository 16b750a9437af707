"""rules <- workflow <- web, and nothing else; the contracts stand in setup.cfg."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from web.startup import shadowed


def test_the_contracts_of_the_layers_hold() -> None:
    run = subprocess.run([sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
                         cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "0 broken" in run.stdout


def test_our_packages_are_the_ones_that_are_imported() -> None:
    assert shadowed() == []


def test_a_package_in_our_place_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another distribution's ``rules`` on the path would win over ours; the start must say so."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "__init__.py").write_text("")
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; import web.cli; web.cli.main()", "--help"],
        capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert run.returncode == 2
    assert f"package 'rules' should come from {ROOT / 'rules'} but is found in {tmp_path / 'rules'}" in run.stderr
    assert "Traceback" not in run.stderr
