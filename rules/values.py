"""Values as files write them, turned into the values that rules compute with, and back."""
from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from rules.loader import near
from rules.nodes import Rows
from rules.schema import CodeType, Fact, FactType

_FRACTION = re.compile(r"(-?[0-9]{1,9})(?:/([0-9]{1,9}))?\Z")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
#: Nothing that is counted here is larger, and every database holds it.
LARGEST = 2**31 - 1
_WHOLE = {"int", "percent", "months", "days", "working_days"}
EXPECTED = {
    "bool": "true or false", "int": "a whole number", "percent": "a whole number of percent", "text": "a text without control signs",
    "fraction": 'a fraction such as "2/3"', "date": "a date yyyy-mm-dd", "person": "the key of a person",
    "unit": "the code of a unit", "months": "a whole number of months", "days": "a whole number of days",
    "working_days": "a whole number of working days",
}


def read(value: Any, kind: str, codes: Mapping[str, Any] | None = None) -> Any:
    """One value of a kind. Raises ValueError that says what was expected; None stays None (unknown)."""
    if value is None:
        return None
    if kind == "code":
        return _code(value, codes or {})
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind in _WHOLE and isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST:
        return value
    if kind == "fraction":
        return _fraction(value)
    if kind == "text" and storable(value):
        return value
    if kind == "date":
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value
        if isinstance(value, str) and _ISO.match(value):
            return dt.date.fromisoformat(value)
    if kind in ("person", "unit") and (storable(value, 200) or type(value) is int and abs(value) <= LARGEST):
        return value
    raise ValueError(f"found `{written(value)}`; expected {EXPECTED[kind]}")


def storable(value: object, limit: int = 2000) -> bool:
    """Whether a value is a text that both databases keep as it is: not too long, no control signs but line ends."""
    return isinstance(value, str) and len(value) <= limit and not any(
        unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\r\n\t" for sign in value)


def _code(value: Any, codes: Mapping[str, Any]) -> str:
    if isinstance(value, str) and value in codes:
        return value
    raise ValueError(f"found `{value}`{near(str(value), codes, 'expected one of ')}")


def _fraction(value: Any) -> Fraction:
    if isinstance(value, Fraction):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    match = _FRACTION.match(value) if isinstance(value, str) else None
    if match is None or int(match[2] or 1) == 0:
        raise ValueError(f"found `{value}`; expected {EXPECTED['fraction']}")
    return Fraction(int(match[1]), int(match[2] or 1))


def read_as(value: Any, type_: FactType) -> Any:
    if isinstance(type_, CodeType):
        return read(value, "code", type_.code)
    return read(value, type_)


def read_facts(raw: Mapping[str, Any], declared: Mapping[str, Fact]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Facts as a file gives them -> values, and what is wrong as (name, message), all at once."""
    facts: dict[str, Any] = {}
    wrong: list[tuple[str, str]] = []
    for name, value in raw.items():
        fact = declared.get(name)
        if fact is None:
            wrong.append((str(name), f"no such fact{near(str(name), declared)}"))
        elif fact.items is not None:
            rows, found = _rows(name, value, fact)
            wrong += found
            facts[name] = rows
        else:
            assert fact.type is not None
            try:
                facts[name] = read_as(value, fact.type)
            except ValueError as error:
                wrong.append((name, str(error)))
    return facts, wrong


def _rows(name: str, value: Any, fact: Fact) -> tuple[Rows, list[tuple[str, str]]]:
    fields = fact.items or {}
    if not (isinstance(value, Mapping) and set(value) <= {"declared", "items"}
            and isinstance(value.get("declared", False), bool) and isinstance(value.get("items", []), list)):
        return Rows(False, ()), [(name, "expected {declared: true or false, items: [{...}, ...]}")]
    items: list[dict[str, Any]] = []
    wrong: list[tuple[str, str]] = []
    for place, raw in enumerate(value.get("items", [])):
        if not isinstance(raw, Mapping):
            wrong.append((f"{name}[{place}]", "expected keys with values: " + ", ".join(fields)))
            continue
        item: dict[str, Any] = {}
        for key, given in raw.items():
            if key not in fields:
                wrong.append((f"{name}[{place}].{key}", f"no such field{near(str(key), fields, 'expected one of ')}"))
                continue
            try:
                item[key] = read_as(given, fields[key].type)
            except ValueError as error:
                wrong.append((f"{name}[{place}].{key}", str(error)))
        items.append(item)
    return Rows(value.get("declared", False), tuple(items)), wrong


def written(value: Any) -> str:
    """A value as a law file writes it."""
    return str(value).lower() if isinstance(value, bool) else str(plain(value))


def plain(value: Any) -> Any:
    """A value as JSON writes it: ISO dates, fractions as "2/3"."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return str(value) if value.denominator != 1 else f"{value.numerator}/1"
    if isinstance(value, Rows):
        return {"declared": value.declared, "items": [plain(i) for i in value.items]}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in value]
    return value
