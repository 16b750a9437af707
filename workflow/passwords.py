"""Passwords and one-time codes: hashed with Argon2id, never stored or logged in any other form.

A password needs length, not decoration; refused are only those that anybody would try first.
"""
from __future__ import annotations

import re
import secrets
import threading
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from workflow.errors import BadInput
from workflow.names import fold

SHORTEST, LONGEST = 12, 128
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: Hashing is heavy on purpose; more at once would only let strangers use up the memory.
_AT_ONCE = threading.BoundedSemaphore(4)
#: Signs of a code: no 0 and O, no 1, I and L, so that it can be read out on the telephone.
_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_GROUPS, _GROUP = 4, 4
#: Fewer letters and digits than this beside words that anybody would try are no secret.
_OWN = 6


def hash_secret(secret: str) -> str:
    with _AT_ONCE:
        return _HASHER.hash(unicodedata.normalize("NFC", secret))


def matches(stored: str | None, secret: str) -> bool:
    """Whether the secret is the one that was hashed. Without a hash the same work is done, and the answer is no."""
    with _AT_ONCE:
        try:
            right = _HASHER.verify(stored or _nobodys(), unicodedata.normalize("NFC", secret[: 4 * LONGEST]))
        except (VerificationError, InvalidHashError):
            return False
    return right and stored is not None


def outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_hex(16))


def new_code() -> str:
    """A one-time code as it is shown, such as ``7KQM-2XHD-9TRV-B4WN``."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(_GROUP)) for _ in range(_GROUPS))


def plain_code(typed: str) -> str:
    """The code without the dashes, spaces and small letters that people type."""
    return re.sub(r"[^0-9A-Z]", "", typed.upper())


def check_password(password: str, words: Iterable[str] = ()) -> None:
    """Raise BadInput unless the password may be used; ``words`` are names that others know to belong to the person."""
    length = len(unicodedata.normalize("NFC", password))
    if length < SHORTEST:
        raise BadInput(f"Mật khẩu cần ít nhất {SHORTEST} ký tự; một câu ngắn dễ nhớ là tốt nhất.", "password")
    if length > LONGEST:
        raise BadInput(f"Mật khẩu dài quá {LONGEST} ký tự.", "password")
    rest = "".join(c for c in fold(password) if c.isalnum())
    known = {"".join(c for c in fold(part) if c.isalnum()) for word in words for part in [word, *word.split()]}
    for word in sorted(known | _common(), key=len, reverse=True):
        if len(word) >= 3:
            rest = rest.replace(word, "")
    if len(rest) < _OWN or len(set(rest)) < 4:
        raise BadInput("Mật khẩu này quá dễ đoán (từ thông dụng, tên đăng nhập, tên đơn vị hoặc dãy phím); hãy chọn câu khác.", "password")


@cache
def _common() -> frozenset[str]:
    text = Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))
