"""Thresholds in integers, against exact fractions, and counts that cannot be."""
from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.ballots import Count, Tally, needed_votes, problems, tally

TWO_THIRDS, HALF = Fraction(2, 3), Fraction(1, 2)

people = st.integers(0, 500)
bases = st.integers(1, 500)
shares = st.fractions(0, 1, max_denominator=60)


@pytest.mark.parametrize(("base", "votes_for", "result"), [
    (20, 13, Tally(20, 14, False)),      # three of the 20 are absent and still count
    (20, 14, Tally(20, 14, True)),
    (17, 12, Tally(17, 12, True)),       # 20, two temporarily out, one exempt and absent
    (18, 12, Tally(18, 12, True)),       # the exempt member came and voted
    (18, 11, Tally(18, 12, False)),
    (3, 2, Tally(3, 2, True)),
    (15, 10, Tally(15, 10, True)),
    (15, 9, Tally(15, 10, False)),
])
def test_two_thirds(base, votes_for, result):
    assert tally(base, "at_least", TWO_THIRDS, votes_for) == result


@pytest.mark.parametrize(("base", "needed"), [(3, 2), (4, 3), (5, 4), (9, 6), (10, 7)])
def test_two_thirds_of_small_cells(base, needed):
    assert needed_votes(base, "at_least", TWO_THIRDS) == needed


@pytest.mark.parametrize(("base", "needed"), [(1, 1), (2, 2), (10, 6), (11, 6), (13, 7)])
def test_more_than_half(base, needed):
    assert needed_votes(base, "more_than", HALF) == needed
    assert not tally(base, "more_than", HALF, needed - 1).carried
    assert tally(base, "more_than", HALF, needed).carried


@given(bases, shares, people)
def test_integers_agree_with_exact_fractions(base, share, votes_for):
    assert tally(base, "at_least", share, votes_for).carried == (Fraction(votes_for, base) >= share)
    assert tally(base, "more_than", share, votes_for).carried == (Fraction(votes_for, base) > share)


@given(bases, shares, st.sampled_from(["at_least", "more_than"]))
def test_needed_is_the_least_number_that_carries(base, share, carries):
    needed = tally(base, carries, share, 0).needed
    assert tally(base, carries, share, needed).carried
    assert needed == 0 or not tally(base, carries, share, needed - 1).carried


@given(bases, shares, people, st.sampled_from(["at_least", "more_than"]))
def test_one_more_vote_for_never_hurts(base, share, votes_for, carries):
    assert tally(base, carries, share, votes_for).carried <= tally(base, carries, share, votes_for + 1).carried


@given(st.integers(-5, 0), shares, people, st.sampled_from(["at_least", "more_than"]))
def test_a_base_of_nobody_carries_nothing(base, share, votes_for, carries):
    assert not tally(base, carries, share, votes_for).carried


def test_an_unknown_way_to_carry_is_an_error():
    with pytest.raises(ValueError, match="at_least.*more_than.*most"):
        needed_votes(10, "most", HALF)


@st.composite
def meetings(draw) -> Count:
    """Counts of a meeting that could have happened, person by person."""
    left, numbers = draw(people.filter(bool)), []
    entitled = left
    for _ in range(2):
        numbers.append(draw(st.integers(0, left - 1)))  # somebody stays who may vote
        left -= numbers[-1]
    present = draw(st.integers(0, left))
    votes, room = [], present
    for _ in range(3):
        votes.append(draw(st.integers(0, room)))
        room -= votes[-1]
    told = draw(st.booleans())
    return Count(entitled, *numbers, present if told else None, *votes)


@given(meetings())
def test_a_meeting_that_could_happen_has_no_problems(count):
    assert problems(count) == []
    assert count.cast == count.votes_for + count.against + count.blank


@pytest.mark.parametrize(("count", "codes"), [
    (Count(18, away=1, present=16, votes_for=11, against=4, blank=1), []),
    (Count(11, votes_for=11), []),
    (Count(13, votes_for=9), []),
    (Count(0), ["nobody_to_vote"]),
    (Count(18, exempt_absent=18), ["nobody_to_vote"]),
    (Count(-1), ["negative"]),
    (Count(10, blank=-1), ["negative"]),
    (Count(10, present=-1), ["negative"]),
    (Count(10, away=11), ["away_more_than_entitled"]),
    (Count(10, away=8, exempt_absent=3), ["exempt_more_than_entitled"]),
    (Count(10, present=11), ["present_more_than_remaining"]),
    (Count(10, away=1, exempt_absent=1, present=9, votes_for=9), ["present_more_than_remaining"]),
    (Count(10, present=8, votes_for=7, against=1, blank=1), ["votes_more_than_present"]),
    (Count(10, votes_for=6, against=5), ["votes_more_than_present"]),
    (Count(10, away=2, votes_for=9), ["votes_more_than_present"]),
    (Count(10, present=0, votes_for=1), ["votes_more_than_present"]),
    (Count(3, away=4, present=1, votes_for=2),
     ["away_more_than_entitled", "present_more_than_remaining", "votes_more_than_present"]),
])
def test_impossible_counts(count, codes):
    assert problems(count) == codes
