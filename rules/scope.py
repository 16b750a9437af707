"""From files to one body of law: which file belongs to which process, and nothing said twice.

A folder whose files hold a ``process:`` head (or states and steps: then the folder's name is the process) belongs to
that process, its sub-folders included. Everything else is shared by all processes. Where exactly a file stands inside
its folder means nothing, so that files may be split and renamed without a new edition.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rules.loader import Problem, Source
from rules.schema import LawFile, Process
from rules.yaml12 import Path as KeyPath
from rules.yaml12 import dotted

SHARED = ""
#: Sections whose keys are unique in the whole law, wherever they stand.
GLOBAL = ("documents", "parameters", "rules", "ballots", "offices", "relations", "unit_kinds", "organs", "schemes", "calendar", "process")


@dataclass
class Body:
    """The law as one piece: the shared part, the part of each process, and the layers of local law."""

    shared: LawFile
    processes: dict[str, LawFile]
    layers: list[LawFile]
    places: Places = field(default_factory=lambda: Places())

    def parts(self) -> Iterator[tuple[str, LawFile]]:
        yield SHARED, self.shared
        yield from self.processes.items()

    def all(self) -> Iterator[LawFile]:
        yield self.shared
        yield from self.processes.values()
        yield from self.layers


class Places:
    """Where each key of the law was written; empty for an edition that comes from a database."""

    def __init__(self) -> None:
        self._where: dict[tuple[Any, ...], tuple[Source, KeyPath]] = {}
        self.layers: dict[int, Source] = {}

    def note(self, scope: str, section: str, key: Any, source: Source, path: KeyPath) -> None:
        self._where[scope, section, key] = (source, path)

    def problem(self, scope: str, path: KeyPath, message: str, code: str, *, warning: bool = False) -> Problem:
        """A problem at a key of the law; ``path`` starts with section and key."""
        found = self._where.get((scope, *path[:2])) or self._where.get((SHARED, *path[:2]))
        if found is None:
            return Problem(scope, 0, dotted(path), message, code, warning)
        source, start = found
        return source.problem((*start, *path[2:]), message, code, warning=warning)

    def in_layer(self, place: int, path: KeyPath, message: str, code: str) -> Problem:
        source = self.layers.get(place)
        if source is None:
            return Problem(f"layer {place + 1}", 0, dotted(path), message, code)
        return source.problem(path, message, code)


def assemble(sources: Sequence[Source]) -> tuple[Body, list[Problem]]:
    """Join the files. Problems: a key that two files give, two processes in a folder, a process that is not named."""
    central = [s for s in sources if s.law.layer is None]
    layers = [s for s in sources if s.law.layer is not None]
    problems: list[Problem] = []
    homes = _homes(central, problems)
    places = Places()
    parts: dict[str, dict[str, Any]] = {SHARED: {}}
    for name in dict.fromkeys(homes.values()):
        parts[name] = {}
    for source in central:
        scope = _home_of(source.folder, homes)
        _join(source, scope, parts[scope], places, problems)
    for scope in list(parts):
        head = parts[scope].get("process", {})
        if scope != SHARED and scope not in head:
            parts[scope]["process"] = {scope: Process.model_validate({"label": scope, "subject": "person"})}
    files = {scope: LawFile.model_construct(**_complete(sections)) for scope, sections in parts.items()}
    for place, source in enumerate(layers):
        places.layers[place] = source
    shared = files.pop(SHARED)
    return Body(shared, files, [s.law for s in layers], places), problems + _twice(places)


def _homes(central: Iterable[Source], problems: list[Problem]) -> dict[Path, str]:
    heads: dict[Path, dict[str, Source]] = {}
    steps: dict[Path, Source] = {}
    for source in central:
        for name in source.law.process:
            heads.setdefault(source.folder, {})[name] = source
        if source.law.states is not None or source.law.steps:
            steps.setdefault(source.folder, source)
    homes: dict[Path, str] = {}
    for folder, named in heads.items():
        first, *others = named
        homes[folder] = first
        problems += [named[o].problem(("process", o), f"the folder already belongs to the process {first}; give each "
                                      "process a folder of its own", "process") for o in others]
    for folder in steps:
        if not any(f == folder or f in folder.parents for f in homes):
            homes[folder] = folder.resolve().name
    return homes


def _home_of(folder: Path, homes: dict[Path, str]) -> str:
    for candidate in (folder, *folder.parents):
        if candidate in homes:
            return homes[candidate]
    return SHARED


def _join(source: Source, scope: str, into: dict[str, Any], places: Places, problems: list[Problem]) -> None:
    for section in source.law.model_fields_set:
        value = getattr(source.law, section)
        if isinstance(value, dict):
            table = into.setdefault(section, {})
            for key, item in value.items():
                if key in table:
                    problems.append(source.problem((section, key), f"{key} already stands in "
                                    f"{places.problem(scope, (section, key), '', '').file}; keep one", "duplicate"))
                    continue
                table[key] = item
                places.note(scope, section, key, source, (section, key))
        elif isinstance(value, list):
            rows = into.setdefault(section, [])
            for number, item in enumerate(value):
                places.note(scope, section, len(rows), source, (section, number))
                rows.append(item)
        elif value is not None:
            if section in into:
                problems.append(source.problem((section,), f"{section} already stand in another file of this process; "
                                               "write them in one file", "duplicate"))
                continue
            into[section] = value
            for kind in ("open", "waiting", "closed"):
                for state in getattr(value, kind):
                    places.note(scope, section, state, source, (section, kind, state))


def _twice(places: Places) -> list[Problem]:
    """Keys that are unique in the whole law but stand in two scopes; shared facts and papers may not be hidden."""
    seen: dict[tuple[str, Any], str] = {}
    found: list[Problem] = []
    shared = {(section, key) for scope, section, key in places._where if scope == SHARED}
    for scope, section, key in places._where:
        if section in GLOBAL:
            first = seen.setdefault((section, key), scope)
            clash = first != scope
        else:
            clash = scope != SHARED and section in ("facts", "papers", "duties") and (section, key) in shared
        if clash:
            found.append(places.problem(scope, (section, key), f"{key} stands in two parts of the law; give it another "
                                        "name, or move it to the shared part", "duplicate"))
    return found


def _complete(sections: dict[str, Any]) -> dict[str, Any]:
    empty = LawFile()
    return {name: sections.get(name, getattr(empty, name)) for name in LawFile.model_fields}
