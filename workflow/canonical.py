"""The one way in which the journal writes values: what is hashed must come out the same on every machine and database."""
from __future__ import annotations

import datetime as dt
import enum
import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence, Set
from fractions import Fraction
from typing import Any


def instant(moment: dt.datetime) -> str:
    """A moment in UTC, always with microseconds, so that texts sort as moments do."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return moment.astimezone(dt.timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")


_AS_THEY_ARE = frozenset({type(None), int, bool})


def plain(value: Any) -> Any:
    """A value as JSON can carry it: ISO dates, instants in UTC, fractions as ``2/3``, text in NFC.

    Raises TypeError for floating-point numbers (two machines may print one number differently) and unknown kinds.
    """
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is str:
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if kind is dict:  # what an entry is made of; scalars are let through here, or half the time goes into calls
        return {k if type(k) is str and k.isascii() else _key(k): v if type(v) in _AS_THEY_ARE else plain(v)
                for k, v in value.items()}
    if kind is list:
        return [v if type(v) in _AS_THEY_ARE else plain(v) for v in value]
    if kind is dt.date:
        return value.isoformat()
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, str):
        return plain(str(value))
    if isinstance(value, dt.datetime):
        return instant(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_key(k): plain(v) for k, v in value.items()}
    if isinstance(value, Set):
        return sorted((plain(v) for v in value), key=repr)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [plain(v) for v in value]
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    raise TypeError(f"the journal cannot hold a {kind.__name__}: {value!r}")


def _key(key: Any) -> str:
    if isinstance(key, str):
        return unicodedata.normalize("NFC", key)
    raise TypeError(f"a key of the journal is a text, not {key!r}")


_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical(value: Any) -> str:
    """Canonical JSON: sorted keys, no blanks, marks and letters as they are."""
    return _encode(plain(value))


def digest(text: str) -> str:
    """SHA-256 of the UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def commitment(salt: str, body: str) -> str:
    """SHA-256 over the salt's bytes and the body: says nothing of the body to whom the salt is unknown."""
    return hashlib.sha256(bytes.fromhex(salt) + body.encode()).hexdigest()
