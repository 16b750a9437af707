"""YAML as the law files use it: a strict part of YAML 1.2, read with the line of every key kept.

Only ``true`` and ``false`` are booleans, so ``on:`` and ``no:`` are ordinary keys. A duplicate key, a decimal number,
a tag, a merge key, a second document, an anchor that holds itself, or a text so nested or so repetitive that it can
only be an attack is an error. The file is read as a stream of events; no Python object is ever built from a tag.
"""
from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_BYTES = 4_000_000
MAX_DEPTH = 40
MAX_NODES = 200_000

Path = tuple[Any, ...]

_NULL = {"", "~", "null", "Null", "NULL"}
_TRUE = {"true", "True", "TRUE"}
_FALSE = {"false", "False", "FALSE"}
_INT = re.compile(r"[-+]?[0-9]{1,18}\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z|[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")


class YamlError(ValueError):
    """The text cannot be read; ``line`` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass
class Tree:
    """What a file says, and on which line each key and item stands."""

    value: Any
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[YamlError] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of the key, or of the nearest one around it."""
        for size in range(len(path), -1, -1):
            found = self.lines.get(path[:size])
            if found is not None:
                return found
        return 1


@dataclass(frozen=True)
class _Anchored:
    value: Any
    size: int


class _Reader:
    def __init__(self, text: str) -> None:
        self.events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self.tree = Tree(None)
        self.anchors: dict[str, _Anchored | None] = {}
        self.nodes = 0

    def read(self) -> Tree:
        started = False
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if started:
                    raise YamlError(_line(event), "a second document starts here; expected one document a file")
                started = True
                self.tree.value = self._node(next(self.events), (), 0)
        return self.tree

    def _node(self, event: Any, path: Path, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise YamlError(_line(event), f"nested more than {MAX_DEPTH} levels deep")
        self.tree.lines.setdefault(path, _line(event))
        self._grow(1, event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if event.tag is not None and not (isinstance(event, yaml.ScalarEvent) and event.tag == "!"):
            raise YamlError(_line(event), f"the tag {event.tag} is not allowed; write plain values")
        before = self.nodes
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(path, depth)
        else:
            value = self._mapping(path, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(value, self.nodes - before + 1)
        return value

    def _grow(self, size: int, event: Any) -> None:
        self.nodes += size
        if self.nodes > MAX_NODES:
            raise YamlError(_line(event), f"more than {MAX_NODES} values, repeated ones counted")

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self.anchors:
            raise YamlError(_line(event), f"*{event.anchor} repeats an anchor that stands nowhere above")
        anchored = self.anchors[event.anchor]
        if anchored is None:
            raise YamlError(_line(event), f"*{event.anchor} stands inside itself")
        self._grow(anchored.size, event)
        return anchored.value

    def _sequence(self, path: Path, depth: int) -> list[Any]:
        items: list[Any] = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, (*path, len(items)), depth + 1))
        return items

    def _mapping(self, path: Path, depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event, (*path, object()), depth + 1)
            line = _line(event)
            if isinstance(key, (list, dict)) or key is None:
                raise YamlError(line, "a key must be one word, a number or a date")
            if key == "<<":
                raise YamlError(line, "merge keys (<<) are not allowed; write the keys out")
            where = (*path, key)
            if key in result:
                first = self.tree.lines[where]
                self.tree.problems.append(
                    YamlError(line, f"{dotted(where)}: the key is written twice, first on line {first}; keep one"))
                where = (*path, object())
            self.tree.lines[where] = line
            value = self._node(next(self.events), where, depth + 1)
            result.setdefault(key, value)
        return result

    def _scalar(self, event: Any) -> Any:
        text = event.value
        if not event.implicit[0] or event.style not in (None, ""):
            return unicodedata.normalize("NFC", text)
        if text in _NULL:
            return None
        if text in _TRUE:
            return True
        if text in _FALSE:
            return False
        if _INT.match(text):
            return int(text)
        if _DATE.match(text):
            try:
                return dt.date.fromisoformat(text)
            except ValueError:
                raise YamlError(_line(event), f"{text} is no day of the calendar; expected yyyy-mm-dd") from None
        if text.lstrip("+-").isdigit():
            raise YamlError(_line(event), f"{text} is too large a number; expected at most 18 digits")
        if _DECIMAL.match(text):
            raise YamlError(_line(event), f'{text} is a decimal number; expected a whole number, a fraction such as '
                                          f'"2/3", or a text in quotes')
        return unicodedata.normalize("NFC", text)


def read(content: bytes) -> Tree:
    """Read one file. Raises :class:`YamlError`; duplicate keys are collected in ``problems``."""
    if len(content) > MAX_BYTES:
        raise YamlError(1, f"the file is larger than {MAX_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise YamlError(line, "the file is not UTF-8 text") from None
    try:
        return _Reader(text).read()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(part for part in (error.context, error.problem) if part)
        raise YamlError(mark.line + 1 if mark else 1, f"this is not YAML: {said}") from None
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise YamlError(1, f"this is not YAML: {said}") from None


def dotted(path: Path) -> str:
    """A path as people write it: ``rules.AGE.MIN.examples[2].facts``."""
    out = ""
    for part in path:
        if isinstance(part, int) and not isinstance(part, bool) and out and part < 1000:
            out += f"[{part}]"
        else:
            out += f".{part}" if out else str(part)
    return out


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
