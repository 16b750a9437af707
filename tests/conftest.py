"""Fixtures for all tests, and the rule that in continuous integration nothing is skipped in silence."""
from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.databases import fresh_postgres, postgres_server

ROOT = Path(__file__).resolve().parents[1]
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}

try:
    import hypothesis
except ImportError:  # a plain installation may still run the tests that need no properties
    pass
else:
    # Times vary on a shared machine; a slow example is no defect. Failures are told with the blob to repeat them.
    hypothesis.settings.register_profile("nennep", deadline=None, print_blob=True)
    hypothesis.settings.load_profile("nennep")


@pytest.fixture(scope="session")
def postgres_url(testrun_uid: str) -> Iterator[str]:
    """The maintenance database of the run's PostgreSQL server; tests work in databases of their own (`fresh_postgres`)."""
    with postgres_server(testrun_uid) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database of the test's own; the test runs once on each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.sqlite3'}"
    else:
        with fresh_postgres(request.getfixturevalue("postgres_url")) as url:
            yield url


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the developer's own home or database."""
    monkeypatch.setenv("NENNEP_HOME", str(tmp_path_factory.getbasetemp() / "home-of-no-test"))
    for name in ("NENNEP_DATABASE_URL", "NENNEP_SECRET_KEY", "NENNEP_LAW_PATH"):
        monkeypatch.delenv(name, raising=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
    report = yield
    _no_silent_skip(report, item.config)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    report = yield
    _no_silent_skip(report, collector.config)
    return report


def _no_silent_skip(report: Any, config: pytest.Config) -> None:
    """With ``CI=true`` a skipped test is a failed one, unless ``setup.cfg`` lists its reason."""
    if not IN_CI or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    if not any(reason.startswith(allowed) for allowed in config.getini("skips_allowed_in_ci")):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true does not allow: {reason}"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("skips_allowed_in_ci", "beginnings of skip reasons that CI=true lets pass", type="linelist", default=[])
