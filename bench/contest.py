"""The contestants: the engine, the floor beneath it, and the peers. Each repeats its work when asked and says how long it took."""
from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bench import village
from bench.floor import Floor
from workflow import engine
from workflow.db import Database

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Lap:
    """One repetition: steps completed, seconds on the clock, seconds of processor time."""

    steps: int
    wall: float
    cpu: float


class Contestant(Protocol):
    name: str

    def lap(self, cases: int) -> Lap:
        """Do the work for so many new cases; what prepares it is not timed."""

    def close(self) -> None: ...


def timed(work: Callable[[], int]) -> Lap:
    wall, cpu = time.perf_counter(), time.process_time()
    steps = work()
    return Lap(steps, time.perf_counter() - wall, time.process_time() - cpu)


class Engine:
    """engine.advance() as a page calls it: with the version seen and a request key, everything included."""

    name = "Nền Nếp"

    def __init__(self, path: Path) -> None:
        self.database = village.opened(f"sqlite:///{path}")
        village.build(self.database)
        self._laps = 0

    def lap(self, cases: int) -> Lap:
        return timed(self.prepared(cases))

    def prepared(self, cases: int) -> Callable[[], int]:
        """The work of a lap on candidates made now."""
        self._laps += 1
        with self.database.write() as session:
            staff, subjects = village.staff(session), village.candidates(session, cases)
        return lambda: self._walk(subjects, staff, f"lap{self._laps}")

    def _walk(self, subjects: list[engine.Subject], staff: dict[str, Any], key: str) -> int:
        found: list[int | engine.Subject] = [*subjects]
        for version, act in enumerate(village.ROAD):
            self.database.info["clock"].day = act.on
            for number, case in enumerate(found):
                with self.database.write() as session:
                    entry = act.take(session, case, staff, version=version or None, request_key=f"{key}-{act.do}-{number}")
                found[number] = village.case_of(entry)
        return len(village.ROAD) * len(subjects)

    def pragma(self, name: str) -> str:
        with self.database.read() as session:
            return str(session.connection().exec_driver_sql(f"PRAGMA {name}").scalar())

    def close(self) -> None:
        self.database.dispose()


class CoreFloor:
    """SQLAlchemy Core writing the very rows the engine wrote, in the same transactions, and nothing else."""

    name = "SQLAlchemy Core, the same writes"

    def __init__(self, folder: Path, cases: int) -> None:
        self.path, self.cases = folder / "floor.sqlite3", cases
        source = Engine(self.path)
        source.lap(1)
        work = source.prepared(cases)
        self.floor = Floor(source.database)
        source.close()
        self.before = self.path.read_bytes()
        again = village.opened(f"sqlite:///{self.path}")
        source.database = again
        work()
        self.floor.learn(again)
        again.dispose()

    def lap(self, cases: int) -> Lap:
        if cases != self.cases:
            raise ValueError(f"the floor was laid for {self.cases} cases")
        self.path.write_bytes(self.before)
        database = Database(f"sqlite:///{self.path}")
        try:
            self.floor.warm(database)
            return timed(lambda: self.floor.write(database))
        finally:
            database.dispose()

    def close(self) -> None: ...


class Peer:
    """A peer in its own virtual environment: a worker that answers one line of JSON for each line it is sent."""

    def __init__(self, name: str, python: Path, script: str, path: Path, journal: str) -> None:
        self.name = name
        command = [str(python), str(HERE / "peers" / script), str(path), journal, str(len(village.ROAD))]
        self._worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def lap(self, cases: int) -> Lap:
        assert self._worker.stdin is not None and self._worker.stdout is not None
        print(cases, file=self._worker.stdin, flush=True)
        answer = self._worker.stdout.readline()
        if not answer:
            raise SystemExit(f"{self.name} has stopped; its message stands above")
        return Lap(**json.loads(answer))

    def close(self) -> None:
        assert self._worker.stdin is not None
        self._worker.stdin.close()
        self._worker.wait(30)


def peers(folder: Path, environment: Path, journal: str) -> list[Peer]:
    """Both peers, after making their virtual environment where it is not there yet."""
    python, stamp = environment / "bin" / "python", environment / ".installed"
    wanted = HERE / "requirements-peers.txt"
    if not stamp.exists() or stamp.stat().st_mtime < wanted.stat().st_mtime:
        print(f"making {environment} for the peers ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(wanted)], check=True)
        stamp.touch()
    return [Peer("viewflow.fsm", python, "viewflow_fsm.py", folder / "fsm.sqlite3", journal),
            Peer("django-viewflow workflow", python, "viewflow_workflow.py", folder / "workflow.sqlite3", journal)]
