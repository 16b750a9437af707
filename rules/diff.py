"""What differs between two editions of the law, key by key."""
from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_MISSING = object()


@dataclass(frozen=True)
class Change:
    """One key that one edition has otherwise than the other. ``old`` or ``new`` is None where the key is not there."""

    kind: str
    process: str
    section: str
    key: str
    path: str
    old: Any
    new: Any

    def as_json(self) -> dict[str, Any]:
        return {"change": self.kind, "process": self.process or None, "section": self.section, "key": self.key,
                "path": self.path, "old": self.old, "new": self.new}

    def __str__(self) -> str:
        place = ".".join(p for p in (self.process, self.section, self.key, self.path) if p)
        if self.kind == "added":
            return f"+ {place}: {_short(self.new)}"
        if self.kind == "removed":
            return f"- {place}: {_short(self.old)}"
        return f"~ {place}: {_short(self.old)} -> {_short(self.new)}"


def diff(old: str, new: str) -> list[Change]:
    """Compare two canonical texts: documents, parameters, rules, steps and all else, by key."""
    a, b = json.loads(old), json.loads(new)
    found = list(_part("", a["shared"], b["shared"]))
    for name in sorted({*a["processes"], *b["processes"]}):
        found += _part(name, a["processes"].get(name, {}), b["processes"].get(name, {}))
    before, after = _layers(a["layers"]), _layers(b["layers"])
    for name in sorted({*before, *after}):
        found += _part(name, before.get(name, {}), after.get(name, {}))
    return found


def _layers(layers: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Layers by unit and first day; of several with the same, in their order."""
    named: dict[str, dict[str, Any]] = {}
    for layer in layers:
        name = f"layer {layer['layer']['unit']} {layer['layer']['since']}"
        number = 1
        while (unique := name if number == 1 else f"{name} ({number})") in named:
            number += 1
        named[unique] = layer
    return named


def _part(process: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    for section in sorted({*old, *new}):
        a, b = old.get(section, {}), new.get(section, {})
        if isinstance(a, list) or isinstance(b, list):
            a, b = _keyed(a or []), _keyed(b or [])
        for key in sorted({*a, *b}):
            for kind, path, before, after in _changes("", a.get(key, _MISSING), b.get(key, _MISSING)):
                yield Change(kind, process, section, str(key), path, before, after)


def _changes(path: str, old: Any, new: Any) -> Iterator[tuple[str, str, Any, Any]]:
    if old == new:
        return
    if old is _MISSING:
        yield "added", path, None, new
    elif new is _MISSING:
        yield "removed", path, old, None
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from _changes(f"{path}.{key}" if path else str(key), old.get(key, _MISSING), new.get(key, _MISSING))
    elif isinstance(old, list) and isinstance(new, list) and all(isinstance(i, dict) for i in (*old, *new)):
        yield from _changes(path, _keyed(old), _keyed(new))
    else:
        yield "changed", path, old, new


def _keyed(items: list[Any]) -> dict[str, Any]:
    """The items of a list by what tells them apart: versions by their first day, others by their place."""
    days = [i.get("since") if isinstance(i, dict) else None for i in items]
    if items and all(days) and len(set(days)) == len(days):
        return {f"[{day}]": item for day, item in zip(days, items, strict=True)}
    return {f"[{place + 1}]": item for place, item in enumerate(items)}


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 160 else text[:157] + "..."
