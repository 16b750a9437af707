"""Who decides is never open and never doubtful: exactly one row for each kind of unit on each day."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import product

from rules.book import Rulebook
from rules.check_process import ballots_in_force
from rules.check_spans import covered
from rules.dated import change_days, in_force
from rules.loader import Problem
from rules.process import ProcessLaw
from rules.schema import Decider

Place = tuple[str | None, str | None, str | None, bool]


def check(book: Rulebook) -> Iterator[Problem]:
    """The table of deciders is total and unambiguous on every day on which it or the kinds of unit change; the ballots
    of steps and deciders are in force as long as these are."""
    for process in book.processes.values():
        yield from _ballots(book, process)
        rows = process.deciders
        if not rows:
            for id_, versions in process.step_versions.items():
                for n, step in enumerate(versions):
                    if step.ballot == "path" or step.sets_decider or any(w.signer_of == "decider" for w in step.who):
                        yield book.body.places.problem(process.id, ("steps", id_, n), "nobody is said to decide; expected "
                                                       "rows under `deciders`", "deciders")
            continue
        told: set[tuple[Place, bool]] = set()
        kinds = [k for k in book.unit_kinds.values() if k.since or k.until]
        days = change_days(rows) | {k.since for k in kinds if k.since}
        days |= {k.until + dt.timedelta(days=1) for k in kinds if k.until}
        start = min(r.since for r in rows)
        for day in sorted(d for d in days if d >= start):
            for place in sorted(_places(book, rows, day), key=str):
                found = process.decider_rows(day, *place)
                if len(found) == 1 or (place, bool(found)) in told:
                    continue
                told.add((place, bool(found)))
                row = found[1] if found else _nearest(rows, place)
                words = f"unit {place[0]}, parent {place[1]}, above {place[2]}, delegated {str(place[3]).lower()}"
                message = (f"{len(found)} rows decide on {day} for {words}; make them exclude each other" if found
                           else f"no row decides on {day} for {words}; add one, or move a last day")
                yield book.body.places.problem(process.id, ("deciders", rows.index(row)), message, "deciders")


def _ballots(book: Rulebook, process: ProcessLaw) -> Iterator[Problem]:
    for id_, versions in process.step_versions.items():
        for n, step in enumerate(versions):
            day = ballots_in_force(process, step)
            if day is not None and step.ballot in process.ballots:
                yield book.body.places.problem(process.id, ("steps", id_, n, "ballot"), f"{step.ballot} is not in force "
                                               f"on {day}, when this step is", "ballot")
    for n, row in enumerate(process.deciders):
        if row.ballot is not None and row.ballot in process.ballots:
            day = covered(process.ballots[row.ballot], row.since, row.until)
            if day is not None:
                yield book.body.places.problem(process.id, ("deciders", n), f"{row.ballot} is not in force on {day}, "
                                               "when this row is", "ballot")


def _places(book: Rulebook, rows: Sequence[Decider], day: dt.date) -> set[Place]:
    """The combinations that the table has to answer on a day: those its rows speak of, of kinds alive that day."""
    current = [r for r in rows if in_force(r, day)]
    spoken = {k for r in current for key in (r.unit, r.parent, r.above) for k in key or ()}

    def alive(kind: str | None) -> bool:
        known = book.unit_kinds.get(kind or "")
        if kind is None:
            return True
        if known is None or (known.since is None and known.until is None):
            return kind in spoken
        return (known.since is None or known.since <= day) and (known.until is None or day <= known.until)

    pairs = {(u, p) for r in rows for u, p in product(_or_any(r.unit), _or_any(r.parent)) if alive(u) and alive(p)}
    found: set[Place] = set()
    for unit, parent in pairs:
        above = {a for r in rows if _speaks(r, unit, parent) for a in r.above or () if alive(a)}
        found |= {(unit, parent, a, d) for a in _or_any(sorted(above)) for d in (False, True)}
    return found


def _or_any(kinds: Sequence[str] | None) -> list[str | None]:
    return [*kinds] if kinds else [None]


def _speaks(row: Decider, unit: str | None, parent: str | None) -> bool:
    return (row.unit is None or unit in row.unit) and (row.parent is None or parent in row.parent)


def _nearest(rows: Sequence[Decider], place: Place) -> Decider:
    """The row to show for a combination that none decides: the last that speaks of its unit and parent."""
    fits = [r for r in rows if _speaks(r, place[0], place[1])]
    return max(fits or rows, key=lambda r: r.since)
