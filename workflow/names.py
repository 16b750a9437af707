"""Vietnamese names: search without marks, and the order of a Vietnamese register.

Databases disagree about both (SQLite folds ASCII only, collations place ``đ`` differently), so two plain columns are
stored beside every name and compared in binary order: the same answer everywhere.
"""
from __future__ import annotations

import unicodedata

_LOOKALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "ɖ": "đ", "\u200b": None, "\u200c": None, "\u200d": None, "\ufeff": None})
_ALPHABET = "aăâbcdđeêghiklmnoôơpqrstuưvxyfjwz"
_RANK = {letter: chr(0x30 + place) for place, letter in enumerate(_ALPHABET, start=1)}
#: ngang, huyền, hỏi, ngã, sắc, nặng
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_SHAPES = {"\u0306", "\u0302", "\u031b"}


def tidy(text: str) -> str:
    """NFC, look-alike letters mended, zero-width signs dropped, spaces collapsed."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_LOOKALIKES).split())


def fold(text: str) -> str:
    """The text without marks and case, ``đ`` as ``d``: ``Đặng Thị Đào`` and ``dang thi dao`` become equal."""
    plain = unicodedata.normalize("NFD", tidy(text).casefold().replace("đ", "d"))
    return "".join(c for c in plain if not unicodedata.combining(c))


def sort_key(full_name: str) -> str:
    """Key for binary order: the given name (last word) first, then the rest; tones only break ties."""
    words = tidy(full_name).lower().split()
    return " ".join(_word_key(w) for w in words[-1:] + words[:-1])


def _word_key(word: str) -> str:
    letters: list[str] = []
    tones: list[str] = []
    for sign in unicodedata.normalize("NFD", word):
        if sign in _TONES:
            tones[-1:] = [_TONES[sign]]
        elif sign in _SHAPES and letters:
            letters[-1] = unicodedata.normalize("NFC", letters[-1] + sign)
        elif not unicodedata.combining(sign):
            letters.append(sign)
            tones.append("0")
    return "".join(_RANK.get(letter, letter) for letter in letters) + "!" + "".join(tones)
