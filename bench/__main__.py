"""``python -m bench``: the engine, the floor beneath it and its peers, in one run and in turn.

What is measured and why is told in README.md beside this file.
"""
from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
from pathlib import Path

from bench import anatomy, village
from bench.contest import Contestant, CoreFloor, Engine, Lap, peers

ENVIRONMENT = Path("var/bench-venv")


def main() -> None:
    asked = _arguments()
    folder = Path(asked.folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as place:
        here = Path(place)
        engine = Engine(here / "engine.sqlite3")
        journal = engine.pragma("journal_mode")
        print(f"SQLite {sqlite3.sqlite_version}: journal {journal.upper()}, synchronous {engine.pragma('synchronous')} (2 is FULL), in {folder}")
        print(f"{asked.cases} cases of {len(village.ROAD)} steps a lap, {asked.laps} laps each, in turn; medians\n", flush=True)
        contestants: list[Contestant] = [engine, CoreFloor(here, asked.cases)]
        if not asked.alone:
            contestants += peers(here, ENVIRONMENT, journal)
        laps = _race(contestants, asked.cases, asked.laps)
        _table(contestants, laps)
        print("\nWhere the time of a step goes:\n", flush=True)
        anatomy.show(engine, asked.cases)
        for contestant in contestants:
            contestant.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--cases", type=int, default=10, help="cases in a lap (default 10)")
    parser.add_argument("--laps", type=int, default=7, help="laps of each contestant (default 7)")
    parser.add_argument("--folder", default="var/bench", help="where the databases lie (default var/bench; /dev/shm leaves the disk out)")
    parser.add_argument("--alone", action="store_true", help="without the peers, which are fetched from the package index")
    return parser.parse_args()


def _race(contestants: list[Contestant], cases: int, laps: int) -> dict[str, list[Lap]]:
    """Laps in turn, each round beginning with another contestant; a first round to warm up is not counted."""
    found: dict[str, list[Lap]] = {contestant.name: [] for contestant in contestants}
    for number in range(laps + 1):
        for contestant in contestants[number % len(contestants):] + contestants[:number % len(contestants)]:
            lap = contestant.lap(cases)
            if number:
                found[contestant.name].append(lap)
    return found


def _table(contestants: list[Contestant], laps: dict[str, list[Lap]]) -> None:
    def rates(name: str) -> tuple[list[float], list[float]]:
        return [lap.steps / lap.wall for lap in laps[name]], [lap.cpu / lap.steps * 1000 for lap in laps[name]]

    ours = [statistics.median(values) for values in rates(contestants[0].name)]
    print(f"{'':34}{'steps/s':>9}{'least':>8}{'most':>8}{'ours/it':>9}   {'CPU ms/step':>11}{'its/ours':>10}")
    for contestant in contestants:
        wall, cpu = rates(contestant.name)
        middle, used = statistics.median(wall), statistics.median(cpu)
        print(f"{contestant.name:34}{middle:9.0f}{min(wall):8.0f}{max(wall):8.0f}{ours[0] / middle:9.2f}   {used:11.2f}{used / ours[1]:10.2f}")


if __name__ == "__main__":
    main()
