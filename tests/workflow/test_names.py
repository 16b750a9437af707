"""Search without marks, and the order of a Vietnamese register."""
from __future__ import annotations

import random
import unicodedata

import pytest

from workflow.names import fold, sort_key, tidy

ALPHABET = "a ă â b c d đ e ê g h i k l m n o ô ơ p q r s t u ư v x y".split()
#: ngang, huyền, hỏi, ngã, sắc, nặng
TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]


def shuffled(words: list[str]) -> list[str]:
    mixed = list(words)
    random.Random(7).shuffle(mixed)
    return mixed


def test_the_29_letters_stand_in_their_order() -> None:
    words = [letter + "n" for letter in ALPHABET]
    assert len(ALPHABET) == 29
    assert sorted(shuffled(words), key=sort_key) == words
    assert sorted(shuffled([w.upper() for w in words]), key=sort_key) == [w.upper() for w in words]


@pytest.mark.parametrize("vowel", ["a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y"])
def test_the_six_tones_stand_in_their_order(vowel: str) -> None:
    words = [unicodedata.normalize("NFC", f"l{vowel}{tone}n") for tone in TONES]
    assert sorted(shuffled(words), key=sort_key) == words


def test_letters_decide_before_tones() -> None:
    words = ["la", "lạ", "lan", "lán", "làng", "lăm", "lâm", "li"]
    assert sorted(shuffled(words), key=sort_key) == words


def test_the_given_name_comes_first_then_the_rest_from_the_left() -> None:
    names = ["Bàn Thị An", "Đặng Văn An", "Hà An", "Hà Thị An", "Hoàng An", "Hà Ánh", "Chẩu Văn Bình", "Ma Đình Dũng", "An Đức", "Y Êban"]
    assert sorted(shuffled(names), key=sort_key) == names


def test_short_names_stand_before_longer_ones_that_begin_alike() -> None:
    names = ["Lý Thu", "Lý Thương", "Lý Thường", "Lý Thượng"]
    assert sorted(shuffled(names), key=sort_key) == names


@pytest.mark.parametrize("typed", ["dang thi dao", "đặng thị đào", "ĐẶNG THỊ ĐÀO", unicodedata.normalize("NFD", "Đặng Thị Đào"),
                                   "Ðặng Thị Đào", "Ɖặng  Thị\u00a0Đào", "Đặng\u200b Thị Đào\ufeff"])
def test_all_ways_to_type_a_name_fold_to_one(typed: str) -> None:
    assert fold(typed) == "dang thi dao"


def test_both_places_of_a_tone_mark_are_found_and_kept() -> None:
    assert fold("Thủy") == fold("Thuỷ") == fold("Thùy") == "thuy"
    assert tidy("Thuỷ") == "Thuỷ" and tidy("Thủy") == "Thủy"


def test_composed_and_decomposed_text_have_one_key() -> None:
    for name in ("Nguyễn Thị Hường", "Lường Ế", "Ơ", "Ẩn Ậ"):
        assert sort_key(unicodedata.normalize("NFD", name)) == sort_key(name)
        assert tidy(unicodedata.normalize("NFD", name)) == name


def test_a_fixture_of_200_names_sorts_as_letter_by_letter_comparison_says() -> None:
    """An oracle that does not share the code: names compared by places in the alphabet, then by tones."""
    chance = random.Random(3)
    family = ["Nông", "Hoàng", "Ma", "Đặng", "Bàn", "Lý", "Quan", "Chẩu", "Triệu", "Nguyễn"]
    given = ["An", "Ấn", "Bảo", "Cường", "Dũng", "Đào", "Đạo", "Giang", "Hạnh", "Hành", "Kiên", "Lan", "Lân", "Mai", "Ơn",
             "Sơn", "Thủy", "Uy", "Ước", "Yên"]
    names = sorted({f"{chance.choice(family)} {chance.choice(['Thị', 'Văn', 'Đình'])} {chance.choice(given)}" for _ in range(400)})[:200]
    place = {letter: number for number, letter in enumerate(ALPHABET)}

    def split(word: str) -> tuple[list[int], list[int]]:
        letters, tones = [], []
        for sign in word.lower():
            parts = unicodedata.normalize("NFD", sign)
            tone = next((TONES.index(p) for p in parts[1:] if p in TONES), 0)
            letters.append(place[unicodedata.normalize("NFC", parts[0] + "".join(p for p in parts[1:] if p not in TONES))])
            tones.append(tone)
        return letters, tones

    def oracle(name: str) -> list[tuple[list[int], list[int]]]:
        words = name.split()
        return [split(w) for w in (words[-1], *words[:-1])]

    assert len(names) == 200
    assert sorted(shuffled(names), key=sort_key) == sorted(names, key=oracle)
