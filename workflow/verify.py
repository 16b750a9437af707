"""Proves an export of the journal. Runs alone, with nothing but Python: ``python verify.py FILE``.

An export is a text file (or ``.gz``) of JSON lines: a head, the editions of the law, the entries with their parts in
the order in which they were written, the rows of all domain tables, an end. Verified are: the form that was hashed,
the hashes and the chain of each stream, numbers without a gap, time that never goes back, the commitments of the
parts, that every step was one that the stored law allows, and that the rows are exactly what the entries made them.
"""
from __future__ import annotations

import gzip
import hashlib
import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

FORM = 1
GENESIS = "0" * 64
#: Columns that repeat what the hashed text says.
REPEATED = ("stream", "stream_seq", "tag", "recorded_by", "acted_on", "recorded_at", "case_id", "unit_id", "edition", "prev_hash")
#: Acts that set a state without a step of the law.
WITHOUT_STEP = ("case:case:import", "case:case:open", "case:entry:recall", "case:entry:correct", "case:entry:annul")
#: The act by which a step on one case opens another; it stands just before the entry of that step.
OPENS = "case:case:open"


class Finding(NamedTuple):
    """Something that should not be: ``entry`` is its number in the database, ``where`` names entry or row."""

    where: str
    what: str
    entry: int | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def canonical(value: Any) -> str:
    """The one way of writing a value: sorted keys, no blanks, NFC."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def read(text: Any) -> Any:
    """JSON without floats and without a key that is there twice. Raises ValueError."""
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({k for k, _ in pairs}) != len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)

    def never(number: str) -> Any:
        raise ValueError(f"{number} is not a whole number")

    if not isinstance(text, str):
        raise ValueError("not a text")
    return json.loads(text, object_pairs_hook=once, parse_float=never, parse_constant=never)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Fold:
    """Rows as the journal makes them, one act after the other."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[Any, dict[str, Any]]] = {}

    def apply(self, change: dict[str, Any]) -> Iterator[str]:
        """Carry out one row change; yields in what it does not fit what came before."""
        table, key, op, columns = change["table"], change["key"], change["op"], change["set"]
        rows = self.rows.setdefault(table, {})
        if op == "insert":
            if key in rows:
                yield f"inserts {table} {key}, which is there already"
            rows[key] = {c: new for c, (_, new) in columns.items() if new is not None}
            return
        row = rows.get(key)
        if row is None:
            yield f"changes {table} {key}, which is not there"
            row = rows[key] = {}
        for column, (old, _) in columns.items():
            if row.get(column) != old:
                yield f"{table} {key} {column}: entry says it was {old!r}, the entries before it say {row.get(column)!r}"
        if op == "delete":
            del rows[key]
            return
        for column, (_, new) in columns.items():
            if new is None:
                row.pop(column, None)
            else:
                row[column] = new

    def meet(self, table: str, key: Any, there: dict[str, Any]) -> Iterator[str]:
        """Compare a row of a table with what the journal says of it, and be done with it."""
        row = self.rows.get(table, {}).pop(key, None)
        if row is None:
            yield "the row is in the table, the journal knows nothing of it"
            return
        for column in sorted(row.keys() | there.keys()):
            if row.get(column) != there.get(column):
                yield f"{column}: journal says {row.get(column)!r}, table has {there.get(column)!r}"

    def left(self) -> Iterator[tuple[str, Any]]:
        """Rows that the journal knows and no table showed."""
        for table, rows in sorted(self.rows.items()):
            for key in sorted(rows, key=str):
                yield table, key


class Law:
    """Which steps an edition allows, read from its stored text."""

    def __init__(self, text: str) -> None:
        self.processes: dict[str, Any] = read(text)["processes"]

    def problem(self, process: str, step: str, on: str, left: str | None, reached: str) -> str | None:
        """Why a step could not lead from ``left`` (None: a new case) to ``reached`` on a day; None when it could."""
        law = self.processes.get(process)
        if law is None:
            return f"the edition has no process {process}"
        version, states = self._version(process, step, on), law["states"]
        if version is None:
            return f"the edition has no step {step} on {on}"
        names = version["from"] if isinstance(version["from"], list) else [version["from"]]
        waiting = states.get("waiting", {})
        if isinstance(version["to"], str) and version["to"] in waiting:
            waiting = {}  # a case that waits is not sent to wait again
        if (left or "start") not in names and not ("open" in names and (left in states["open"] or left in waiting)):
            return f"step {step} cannot be taken from {left or 'start'}"
        goals = self._goals(version, left)
        if reached not in goals and not ("resume" in goals and reached in states["open"]):
            return f"step {step} cannot lead from {left or 'start'} to {reached}"
        return None

    def opening(self, process: str, step: str, on: str, left: str | None) -> Any:
        """The state in which a step taken in ``left`` opens a further case; None where it opens none."""
        opens = (self._version(process, step, on) or {}).get("opens")
        return None if opens is None else left if opens["state"] == "same" else opens["state"]

    def _version(self, process: str, step: str, on: str) -> dict[str, Any] | None:
        versions = self.processes.get(process, {}).get("steps", {}).get(step, [])
        versions = versions if isinstance(versions, list) else [versions]
        return next((v for v in versions if v["since"] <= on and (v.get("until") is None or on <= v["until"])), None)

    @staticmethod
    def _goals(version: dict[str, Any], left: str | None) -> set[Any]:
        to, below = version["to"], version.get("below") or []
        if isinstance(to, dict):
            table = to.get("by_from", {})
            goals = set(to.get("choose", [])) | {table.get(left, table.get("*"))}
        else:
            goals = {to}
        goals |= {below} if isinstance(below, str) else {outcome["to"] for outcome in below}
        return goals | {left} if "same" in goals else goals


class Audit:
    """Takes the lines of an export one by one; :meth:`findings` yields all that is wrong, in order."""

    def __init__(self) -> None:
        self.fold = Fold()
        self.counts = {"editions": 0, "entries": 0, "parts": 0, "rows": 0, "streams": 0}
        self._laws: dict[str, Law] = {}
        self._heads: dict[str, tuple[int, str, str]] = {}
        self._last_id = 0
        #: Cases opened beside another whose entry is still to come: that other case, and the state they opened in.
        self._beside: dict[Any, tuple[Any, Any]] = {}

    def findings(self, lines: Iterable[str]) -> Iterator[Finding]:
        last: Any = None
        for number, text in enumerate(lines, start=1):
            try:
                line = read(text)
                yield from getattr(self, f"_{line['kind']}")(line)
                last = line
            except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
                yield Finding(f"line {number}", f"cannot be understood ({type(error).__name__}: {error})")
        if not isinstance(last, dict) or last.get("kind") != "end":
            yield Finding("export", "has no end: it was cut off")
        for case, (first, _) in sorted(self._beside.items(), key=str):
            yield Finding(f"case {case}", f"was opened beside case {first}, where no step says so")
        for table, key in self.fold.left():
            yield Finding(f"{table} {key}", "the journal knows this row, the table has it not")

    def _head(self, line: dict[str, Any]) -> Iterator[Finding]:
        if line["form"] != FORM:
            yield Finding("export", f"form {line['form']} is not known here; a newer verifier is needed")

    def _edition(self, line: dict[str, Any]) -> Iterator[Finding]:
        self.counts["editions"] += 1
        if sha256(line["canonical"]) != line["hash"]:
            yield Finding(f"edition {line['hash']}", "its text does not have this hash")
        self._laws[line["hash"]] = Law(line["canonical"])

    def _stray(self, line: dict[str, Any]) -> Iterator[Finding]:
        yield Finding(f"part {line['part']}", f"belongs to entry {line['entry']}, which is not there", line["entry"])

    def _entry(self, line: dict[str, Any]) -> Iterator[Finding]:
        self.counts["entries"] += 1
        entry = line["id"]
        where = f"entry {entry} ({line['columns']['stream']} no. {line['columns']['stream_seq']})"
        try:
            said = read(line["canonical"])
            changes, problems = self._parts(line, said)
            for problem in (*self._chain(line, said), *problems, *self._apply(changes), *self._step(said, changes)):
                yield Finding(where, problem, entry)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            yield Finding(where, f"cannot be understood ({type(error).__name__}: {error})", entry)

    def _chain(self, line: dict[str, Any], said: dict[str, Any]) -> Iterator[str]:
        columns = line["columns"]
        if said["form"] != FORM:
            yield f"form {said['form']} is not known here"
        if canonical(said) != line["canonical"]:
            yield "its text is not in the canonical form"
        if sha256(line["canonical"]) != line["hash"]:
            yield "its text does not have its hash: one of them was changed"
        repeated = {name: said[name] for name in REPEATED}
        repeated |= {"step": said["header"].get("step"), "signatory_id": said["header"].get("signatory")}
        for name, value in repeated.items():
            if columns[name] != value:
                yield f"column {name} has {columns[name]!r}, the hashed text says {value!r}"
        if line["id"] <= self._last_id:
            yield "stands out of order"
        self._last_id = max(self._last_id, line["id"])
        if columns["stream"] not in self._heads:
            self.counts["streams"] += 1
        seq, prev, at = self._heads.get(columns["stream"], (0, GENESIS, ""))
        if columns["stream_seq"] != seq + 1:
            yield f"no. {seq + 1} was expected: entries of {columns['stream']} are missing or out of order"
        elif columns["prev_hash"] != prev:
            yield "does not follow the entry before it: prev_hash is another"
        if columns["recorded_at"] < at:
            yield f"was recorded at {columns['recorded_at']}, before the entry before it ({at})"
        if said["edition"] is not None and said["edition"] not in self._laws:
            yield f"edition {said['edition']} is not stored"
        self._heads[columns["stream"]] = (columns["stream_seq"], line["hash"], columns["recorded_at"])

    def _parts(self, line: dict[str, Any], said: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
        """The row changes of an entry in their order, and what is wrong with its parts."""
        changes: list[dict[str, Any]] = []
        problems: list[str] = []
        promised = {p["no"]: p for p in said["parts"]}
        for part in line["parts"]:
            self.counts["parts"] += 1
            no, promise = part["no"], promised.pop(part["no"], None)
            if promise is None:
                problems.append(f"part {no} is not one of this entry's")
                continue
            if any(part[name] != promise[name] for name in ("kind", "person", "commitment")):
                problems.append(f"part {no} is not the one the entry commits to")
            if part["body"] is None or part["salt"] is None:
                problems.append(f"part {no} was emptied")
                continue
            if hashlib.sha256(bytes.fromhex(part["salt"]) + part["body"].encode()).hexdigest() != promise["commitment"]:
                problems.append(f"part {no} ({part['kind']}) does not match its commitment: it was changed")
            body = read(part["body"])
            if canonical(body) != part["body"]:
                problems.append(f"part {no} is not in the canonical form")
            if part["kind"] == "rows":
                changes += body
        problems += [f"part {no} is missing" for no in promised]
        return sorted(changes, key=lambda change: int(change["n"])), problems

    def _apply(self, changes: list[dict[str, Any]]) -> Iterator[str]:
        for change in changes:
            yield from self.fold.apply(change)

    def _step(self, said: dict[str, Any], changes: list[dict[str, Any]]) -> Iterator[str]:
        """A state changes by a step of the stored law, and header and row tell the same."""
        header, step = said["header"], said["header"].get("step")
        left, reached = None if header.get("from") == "start" else header.get("from"), header.get("to")
        for change in changes:
            if change["table"] == "case" and "state" in change["set"] and (
                    list(change["set"]["state"]) != [left, reached]):
                yield f"case {change['key']}: the row goes {change['set']['state']}, the header says {[left, reached]}"
        if said["tag"] == OPENS:
            self._beside[said["case_id"]] = header.get("case"), reached
        if said["tag"] != "case:step:take":
            if step is None and said["tag"] not in WITHOUT_STEP and any(
                    c["table"] == "case" and "state" in c["set"] for c in changes):
                yield f"an act {said['tag']} changes the state of a case"
            return
        case, law = self.fold.rows.get("case", {}).get(said["case_id"]), self._laws.get(said["edition"])
        if step is None or case is None or law is None:
            yield "a step without its name, its case or its edition"
            return
        if case.get("state") != reached:
            yield f"the case is in {case.get('state')}, the header says {reached}"
        problem = law.problem(str(case.get("process")), step, said["acted_on"], left, str(reached))
        if problem:
            yield problem
        opened = header.get("opens")
        if opened is not None and self._beside.pop(opened, None) != (
                said["case_id"], law.opening(str(case.get("process")), step, said["acted_on"], left)):
            yield f"step {step} cannot have opened case {opened} beside this one"

    def _row(self, line: dict[str, Any]) -> Iterator[Finding]:
        self.counts["rows"] += 1
        for problem in self.fold.meet(line["table"], line["key"], line["row"]):
            yield Finding(f"{line['table']} {line['key']}", problem)

    def _end(self, line: dict[str, Any]) -> Iterator[Finding]:
        for name in ("editions", "entries", "parts", "rows"):
            if line[name] != self.counts[name]:
                yield Finding("export", f"has {self.counts[name]} {name}, its end says {line[name]}")


def open_lines(path: str) -> Iterator[str]:
    """The lines of an export file, compressed or not."""
    with (gzip.open(path, "rt", encoding="utf-8") if str(path).endswith(".gz") else open(path, encoding="utf-8")) as file:
        yield from file


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: verify.py FILE", file=sys.stderr)
        return 2
    audit, found = Audit(), 0
    for finding in audit.findings(open_lines(arguments[0])):
        found += 1
        print(finding)
    print(", ".join(f"{n} {name}" for name, n in audit.counts.items()) + f": {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
