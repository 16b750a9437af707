"""The ceiling on the highest level: the known cases, a base of our own examples, and that the rule says the same."""
from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.check_shift import ShiftedLaw, _Run
from rules.judging import Judges
from tests.workflow.organisation import law
from workflow.errors import BadInput
from workflow.ratings.cap import BASES, ROUNDINGS, cap

DAY = dt.date(2022, 12, 31)


@pytest.mark.parametrize(("n", "good_only", "good_or_better"), [
    (3, 0, 0), (5, 0, 1), (10, 1, 2), (30, 5, 6), (50, 8, 10), (100, 16, 20), (219, 36, 43)])
def test_the_two_bases_of_the_texts(n: int, good_only: int, good_or_better: int) -> None:
    assert cap(n, n, percent=20, base="good_only").allowed == good_only
    assert cap(n, n, percent=20, base="good_or_better").allowed == good_or_better


@pytest.mark.parametrize(("good", "rated", "allowed"), [
    (4, 4, 0), (4, 5, 1), (40, 44, 8), (40, 45, 9), (7, 60, 7), (0, 100, 0), (200, 219, 43)])
def test_all_rated_as_the_base_never_gives_more_than_are_good(good: int, rated: int, allowed: int) -> None:
    assert cap(good, rated, percent=20, base="all_rated").allowed == allowed


def test_rounding_and_the_higher_ceiling() -> None:
    assert cap(33, 33, percent=20, base="good_only").allowed == 5
    assert cap(33, 33, percent=20, base="good_only", rounding="half_up").allowed == 6
    assert cap(12, 12, percent=20, base="good_or_better", rounding="half_up").allowed == 2
    assert cap(13, 13, percent=20, base="good_or_better", rounding="half_up").allowed == 3
    assert cap(24, 24, percent=20, base="good_only", rounding="half_up", exceptional=25).allowed == 4
    assert cap(25, 25, percent=20, base="good_only", exceptional=25).allowed == 5


def test_the_working_is_shown_line_by_line() -> None:
    found = cap(219, 230, percent=20, base="good_only")
    assert found.exact == Fraction(73, 2)
    assert found.lines == (
        "Được mức tốt trở lên: 219; tổng số được xếp loại: 230.",
        "Tính trên số mức tốt, không kể số xuất sắc: x ≤ 20 % × (219 − x), tức x ≤ 20/120 × 219 = 36,5.",
        "Làm tròn xuống: nhiều nhất 36.")
    assert "= 16,66…" in cap(100, 100, percent=20, base="good_only").lines[1]
    assert "25 % thay cho 20 %" in cap(25, 25, percent=20, base="good_only", exceptional=25).lines[1]


@pytest.mark.parametrize("wrong", [
    {"n_eligible": 5, "all_rated": 4}, {"n_eligible": -1}, {"percent": 101}, {"base": "none"}, {"rounding": "up"}, {"exceptional": -1}])
def test_numbers_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    given_: dict[str, Any] = {"n_eligible": 4, "all_rated": 5, "percent": 20, "base": "good_only", **wrong}
    with pytest.raises(BadInput):
        cap(given_.pop("n_eligible"), given_.pop("all_rated"), **given_)


class Chosen(ShiftedLaw):
    """The law with other choices for the ceiling."""

    def __init__(self, **chosen: Any) -> None:
        super().__init__(law(), _Run("", None, dt.date.min, dt.date.max), None)
        self.chosen = chosen

    def value(self, name: str, on: dt.date, units: Any = ()) -> Any:
        found = law().value(name, on, units)
        return replace(found, value=self.chosen[name]) if name in self.chosen else found


@given(good=st.integers(0, 400), more=st.integers(0, 200), excellent=st.integers(0, 400), percent=st.integers(0, 100),
       base=st.sampled_from(BASES), rounding=st.sampled_from(ROUNDINGS))
def test_the_rule_and_the_calculator_agree(good: int, more: int, excellent: int, percent: int, base: str, rounding: str) -> None:
    excellent = min(excellent, good)
    book = Chosen(cap_percent=percent, cap_base=base, cap_rounding=rounding, cap_min_base=0)
    ready = Judges(book).of_rule(law().process("classification"), "CLS-CAP", DAY)  # type: ignore[arg-type]
    assert ready is not None
    facts = {"act.on": DAY, "cap.scope": "grassroots_org", "cap.excellent": excellent, "cap.good": good, "cap.rated": good + more}
    allowed = cap(good, good + more, percent=percent, base=base, rounding=rounding).allowed
    assert (ready.judge(facts) == "met") == (excellent <= allowed)
