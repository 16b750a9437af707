"""Numbers as articles print them: reading, showing, and what stays of "over" and of rounding when they are worked with."""
from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.reports.seedfigures import figures, register_row
from workflow.reports.seedvalues import Quantity, half_up, quantity, read, shown, whole_range, work_out


@pytest.mark.parametrize(("printed", "value", "comparator", "measure", "decimals"), [
    ("27", 27, "=", "", 0), ("09 chỉ tiêu", 9, "=", "chỉ tiêu", 0), ("hơn 3.600 đảng viên", 3600, ">", "đảng viên", 0),
    ("trên 124,6%", Fraction(1246, 10), ">", "%", 1), ("gần 20 mô hình", 20, "~", "mô hình", 0),
    ("2.506,1 tỷ đồng", Fraction(25061, 10), "=", "tỷ đồng", 1),
    ("100,550 tấn", Fraction(10055, 100), "=", "tấn", 3), ("80 chỗ ngồi trở lên", 80, ">=", "chỗ ngồi", 0),
])
def test_numbers_are_read_as_vietnamese_prints_them(printed: str, value: Fraction, comparator: str, measure: str, decimals: int) -> None:
    found = read(printed)
    assert isinstance(found, Quantity)
    assert (found.value, found.comparator, found.measure, found.decimals) == (value, comparator, measure, decimals)


@pytest.mark.parametrize("printed", ["32-KH/HU", "2016 – 2020", "19:14", "XIII", "Kế hoạch số 49", "11- QĐi/TW", "4 (khoá XIII)", "từ năm 2017"])
def test_words_stay_words(printed: str) -> None:
    assert read(printed) == printed


def test_days_are_days() -> None:
    assert read("4/5/2017") == dt.date(2017, 5, 4)
    assert shown(dt.date(2017, 5, 4)) == "4/5/2017"
    assert work_out("days", [dt.date(2017, 5, 4), dt.date(2018, 5, 14)]) == quantity(375)
    assert work_out("weekday", [dt.date(2021, 12, 8)]) == "Thứ tư"


@given(st.integers(0, 10**12), st.integers(0, 4))
def test_what_is_shown_is_read_again(number: int, decimals: int) -> None:
    value = quantity(Fraction(number, 10 ** decimals), measure="tấn", decimals=decimals)
    assert read(shown(value)) == value


@given(st.fractions(), st.integers(0, 4))
def test_rounding_is_to_the_nearest_and_halves_go_away_from_nought(value: Fraction, decimals: int) -> None:
    step = Fraction(1, 10 ** decimals)
    rounded = half_up(value, decimals) * step
    assert abs(rounded - value) <= step / 2
    assert half_up(-value, decimals) == -half_up(value, decimals)


@pytest.mark.parametrize(("operation", "first", "second", "comparator"), [
    ("over", "195 người", "hơn 3.600 người", "<"), ("over", "hơn 9 km", "3 km", ">"), ("plus", "hơn 9 km", "trên 13 km", ">"),
    ("minus", "10 km", "hơn 2 km", "<"), ("times", "20%", "trên 75%", ">"), ("over", "100 km", "gần 20 km", ">"),
    ("minus", "hơn 9 km", "gần 2 km", ">"),
])
def test_over_and_nearly_are_carried_along(operation: str, first: str, second: str, comparator: str) -> None:
    found = work_out(operation, [read(first), read(second)])
    assert isinstance(found, Quantity) and found.comparator == comparator


def test_over_and_under_together_say_nothing() -> None:
    with pytest.raises(ValueError, match="say nothing together"):
        work_out("plus", [read("hơn 9 km"), read("gần 2 km")])


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_the_range_of_a_rounded_share_holds_the_true_base(part: int, more: int) -> None:
    """Whoever prints a share to one decimal leaves the base within the range that is worked out from it."""
    base = part + more
    share = Fraction(half_up(Fraction(100 * part, base), 1), 10)
    if share == 0:
        return
    printed = quantity(share, measure="%", decimals=1)
    if printed.low <= 0:
        return
    found = work_out("over", [work_out("times", [quantity(100), quantity(part)]), printed])
    assert isinstance(found, Quantity)
    low, high = whole_range(found)
    assert low <= base <= high


def test_figures_have_one_name_each_and_a_place_of_their_own_in_the_register() -> None:
    keys = [figure.key for figure in figures()]
    assert len(set(keys)) == len(keys)
    rows = [register_row(figure) for figure in figures() if figure.way == "stated"]
    places = [(row["unit"], row["indicator"], row["period_from"], row["period_to"], row["source"]) for row in rows]
    assert len(set(places)) == len(places)
