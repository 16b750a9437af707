"""Where the time of a step goes: processor time by part of the engine, and what the database is asked."""
from __future__ import annotations

import cProfile
import pstats
from collections import Counter
from typing import Any

import sqlalchemy as sa

from bench.contest import Engine

#: Function -> the part of a step it stands for. Times are those of the function and all it calls.
PARTS = {
    ("engine.py", "_snapshot"): "read the case and place it in the organisation",
    ("judge.py", "judge"): "judge: right, input, rules, ballot",
    ("access.py", "permit"): "- whether these people may",
    ("verdict.py", "decide"): "- rules and ballot",
    ("carry.py", "run"): "carry out: rows and journal",
    ("journal.py", "write"): "- the journal's entry and parts",
    ("default.py", "do_commit"): "commit (writing to the disk)",
    ("engine.py", "advance"): "advance() in all, without opening and commit",
}


def show(engine: Engine, cases: int) -> None:
    """Profile one lap and print the parts of a step, then count the statements of another."""
    work = engine.prepared(cases)
    profile = cProfile.Profile()
    profile.enable()
    steps = work()
    profile.disable()
    stats: Any = pstats.Stats(profile)
    whole = sum(own for _, _, own, _, _ in stats.stats.values())
    driver = sum(own for (file, _, name), (_, _, own, _, _) in stats.stats.items() if file == "~" and "sqlite3" in name)
    alchemy = sum(own for (file, _, _), (_, _, own, _, _) in stats.stats.items() if "sqlalchemy" in file)
    times: Counter[str] = Counter()
    for (file, _, name), (_, _, _, total, _) in stats.stats.items():
        part = PARTS.get((file.rpartition("/")[2], name))
        if part:
            times[part] += total
    for part in PARTS.values():
        print(f"  {part:52}{times[part] / steps * 1000:7.2f} ms {times[part] / whole:6.0%}")
    print(f"  {'whole step':52}{whole / steps * 1000:7.2f} ms   (the profiler itself makes everything slower)")
    print(f"  {'of that inside SQLite':52}{driver / steps * 1000:7.2f} ms {driver / whole:6.0%}")
    print(f"  {'of that inside SQLAlchemy':52}{alchemy / steps * 1000:7.2f} ms {alchemy / whole:6.0%}")
    asked = _statements(engine)
    print("\n  statements a step: " + ", ".join(f"{count:.1f} {verb}" for verb, count in asked.items()))


def _statements(engine: Engine) -> dict[str, float]:
    work = engine.prepared(1)
    met: Counter[str] = Counter()

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        met[statement.split(None, 1)[0]] += 1

    sa.event.listen(engine.database.engine, "before_cursor_execute", count)
    try:
        steps = work()
    finally:
        sa.event.remove(engine.database.engine, "before_cursor_execute", count)
    return {verb: number / steps for verb, number in met.most_common()}
