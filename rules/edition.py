"""The edition of the law: one text that says all of it, and the hash that names it.

The text is canonical JSON: keys sorted, NFC, no floats, ISO dates, fractions as ``"2/3"``. It holds what the law says,
not how its files are cut; calendar, layers and the version of the expression language are part of it. Every act names
the edition that judged it, and a Rulebook can be made again from the text alone.
"""
from __future__ import annotations

import datetime as dt
import hashlib
import json
import unicodedata
from fractions import Fraction
from typing import Any

from pydantic import BaseModel

from rules.language import LANGUAGE_VERSION
from rules.schema import LawFile
from rules.scope import Body, Places

#: Raised when the canonical form gets another shape.
FORMAT_VERSION = 1

_STATES = ("open", "waiting", "closed")


def canonical(body: Body) -> str:
    """All that the law says, as one line of JSON."""
    layers = sorted((_plain(layer) for layer in body.layers), key=_dumps)
    return _dumps({
        "format": FORMAT_VERSION,
        "language": LANGUAGE_VERSION,
        "shared": _plain(body.shared),
        "processes": {name: _plain(part) for name, part in body.processes.items()},
        "order": {name: _order(name, part) for name, part in body.processes.items()},
        "layers": layers,
    })


def digest(text: str) -> str:
    """The name of an edition: ``sha256`` of its canonical text, in hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def body_of(text: str) -> Body:
    """The law again, from its canonical text. Raises ValueError for a text of another format."""
    data = json.loads(text)
    if data.get("format") != FORMAT_VERSION or data.get("language") != LANGUAGE_VERSION:
        raise ValueError(f"this edition has format {data.get('format')} and language {data.get('language')}; this "
                         f"programme reads format {FORMAT_VERSION} and language {LANGUAGE_VERSION}")
    return Body(
        LawFile.model_validate(data["shared"]),
        {name: LawFile.model_validate(_ordered(name, part, data["order"][name]))
         for name, part in data["processes"].items()},
        [LawFile.model_validate(layer) for layer in data["layers"]],
        Places(),
    )


def _order(name: str, part: LawFile) -> dict[str, list[str]]:
    """The order of states and stages says something (a case passes through them so), and sorted keys would lose it."""
    order = {kind: list(getattr(part.states, kind)) for kind in _STATES} if part.states else {}
    return {**order, "stages": list(part.process[name].stages)}


def _ordered(name: str, part: dict[str, Any], order: dict[str, list[str]]) -> dict[str, Any]:
    for kind in _STATES:
        if kind in part.get("states", {}):
            part["states"][kind] = {state: part["states"][kind][state] for state in order[kind]}
    if "stages" in part["process"][name]:
        stages = part["process"][name]["stages"]
        part["process"][name]["stages"] = {stage: stages[stage] for stage in order["stages"]}
    return part


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _plain(value: Any) -> Any:
    match value:
        case BaseModel():
            fields = type(value).model_fields
            return {f.alias or name: _plain(getattr(value, name)) for name, f in fields.items()
                    if getattr(value, name) != f.get_default(call_default_factory=True)}
        case dict():
            return {_key(k): _plain(v) for k, v in value.items()}
        case list() | tuple():
            return [_plain(v) for v in value]
        case dt.date():
            return value.isoformat()
        case Fraction():
            return f"{value.numerator}/{value.denominator}"
        case str():
            return unicodedata.normalize("NFC", value)
        case bool() | int() | None:
            return value
    raise TypeError(f"the law holds a value that has no canonical form: {value!r}")


def _key(key: Any) -> str:
    return key.isoformat() if isinstance(key, dt.date) else unicodedata.normalize("NFC", str(key))
