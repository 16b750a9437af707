"""The command as a person calls it, in a process of its own."""
from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import ROOT


def nennep(*arguments: str, home: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NENNEP_HOME": str(home), **environ}
    return subprocess.run([sys.executable, "-m", "web", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60,
                          check=False)


def test_help_names_the_commands(tmp_path: Path) -> None:
    run = nennep("--help", home=tmp_path)
    assert run.returncode == 0
    assert {"serve", "rules", "calendar"} <= set(re.findall(r"^  (\w+)", run.stdout, re.M))


@pytest.mark.parametrize(("arguments", "code", "says"), [
    (("serve", "--port", "70000"), 2, "70000"),
    (("no-such-command",), 2, "no-such-command"),
    (("serve", "--port"), 2, "port"),
])
def test_wrong_use_ends_with_two_and_a_sentence(tmp_path: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    run = nennep(*arguments, home=tmp_path)
    assert (run.returncode, "Traceback" in run.stderr) == (code, False)
    assert says in run.stderr


def test_a_law_that_cannot_be_read_is_said_not_thrown(tmp_path: Path) -> None:
    (tmp_path / "law").mkdir()
    (tmp_path / "law" / "broken.yaml").write_text("rules: [1, 2\n", encoding="utf-8")
    run = nennep("serve", home=tmp_path, NENNEP_LAW_PATH=str(tmp_path / "law"))
    assert run.returncode == 1
    assert "broken.yaml" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("url", ["nonsense", "oracle9://x", "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2"])
def test_a_database_that_is_not_there_is_said_not_thrown(tmp_path: Path, url: str) -> None:
    run = nennep("serve", home=tmp_path, NENNEP_DATABASE_URL=url)
    assert (run.returncode, "Traceback" in run.stderr) == (1, False), run.stderr
    assert "database" in run.stderr


def test_a_database_of_another_version_is_not_served(tmp_path: Path) -> None:
    run = nennep("serve", home=tmp_path)
    assert run.returncode == 1
    assert "nennep db upgrade" in run.stderr


def test_serve_answers_and_a_second_one_finds_the_port_taken(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert nennep("db", "upgrade", home=tmp_path).returncode == 0
    environment = {**os.environ, "NENNEP_HOME": str(tmp_path), "PORT": str(port)}
    server = subprocess.Popen([sys.executable, "-m", "web", "serve"], cwd=ROOT, env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
    try:
        assert _answers(f"http://127.0.0.1:{port}/", server) < 500
        second = nennep("serve", "--port", str(port), home=tmp_path)
        assert second.returncode == 1
        assert str(port) in second.stderr
        assert "Traceback" not in second.stderr
    finally:
        server.terminate()
        server.wait(timeout=20)
        assert server.stdout
        server.stdout.close()


def _answers(url: str, server: subprocess.Popen[str]) -> int:
    """Status of the first answer; redirects are followed."""
    for _ in range(150):
        assert server.poll() is None, server.stdout.read() if server.stdout else ""
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            return refusal.code
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"nothing answers at {url}")
