"""Numbers kept exactly, and the words that go before them."""
from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.errors import BadInput
from workflow.exact import COMPARATORS, Figure, combined, decimal, scaled, total, unscaled

F = Fraction
#: Word -> whether a true value fits what is said.
FITS = {"=": lambda v, s: v == s, ">": lambda v, s: v > s, ">=": lambda v, s: v >= s, "<": lambda v, s: v < s,
        "<=": lambda v, s: v <= s, "~": lambda v, s: v < s}
numbers = st.fractions(min_value=F(1, 10), max_value=1000, max_denominator=50)
words = st.sampled_from(COMPARATORS)


@given(st.lists(st.tuples(numbers, numbers, words), min_size=1, max_size=5))
def test_a_sum_says_only_what_its_parts_say(parts: list[tuple[Fraction, Fraction, str]]) -> None:
    fitting = [(true, said, word) for true, said, word in parts if FITS[word](true, said)]
    whole = total([Figure(said, word) for _, said, word in fitting])
    if whole is not None:
        assert FITS[whole.comparator](sum((true for true, _, _ in fitting), F(0)), whole.value)


@given(numbers, numbers, words, numbers, numbers, words)
def test_a_ratio_says_only_what_both_sides_say(a: Fraction, said_a: Fraction, word_a: str, b: Fraction, said_b: Fraction,
                                               word_b: str) -> None:
    if FITS[word_a](a, said_a) and FITS[word_b](b, said_b):
        ratio = Figure(said_a, word_a).over(Figure(said_b, word_b))
        assert ratio is None or FITS[ratio.comparator](a / b, ratio.value)


def test_words_that_point_to_both_sides_say_nothing() -> None:
    assert combined([">", "~"]) is None
    assert combined(["=", "="]) == "="
    assert combined([">", ">=", "="]) == ">"
    assert combined(["~", "="]) == "~"
    assert Figure(F(1)).over(Figure(F(0))) is None


@given(st.decimals(min_value=0, max_value=2000, places=3))
def test_a_decimal_comes_back_as_it_was(value: Decimal) -> None:
    assert unscaled(*scaled(value)) == F(value)
    assert unscaled(*scaled(str(value).replace(".", ","))) == F(value)


@pytest.mark.parametrize("value", ["", "một", "1.000.5", "-3", -3, F(1, 3), 1.5, Decimal("NaN"), 2**31, "1e3"])
def test_what_is_no_exact_number_is_refused(value: object) -> None:
    with pytest.raises(BadInput):
        scaled(value)  # type: ignore[arg-type]


def test_numbers_are_rounded_half_up_and_grouped_as_the_language_does() -> None:
    assert decimal(F(975, 10), 1) == "97,5"
    assert decimal(F(1, 8), 2) == "0,13"
    assert decimal(F(-1, 8), 2, "en") == "-0.13"
    assert decimal(F(3600), 0) == "3.600"
