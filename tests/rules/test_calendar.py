"""Working days and months: a plain day-by-day model against the arithmetic, and the shipped years against what was
published."""
from __future__ import annotations

import datetime as dt
from pathlib import Path

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rules
from rules import yaml12
from rules.calendar import Calendar, Due, add_months, month_bound, month_start
from rules.schema import LawFile
from rules.schema_organisation import CalendarYear

ONE = dt.timedelta(days=1)
D = dt.date


def day(text: str) -> D:
    """A day written as dd/mm/yyyy, as on the notices."""
    return dt.datetime.strptime(text, "%d/%m/%Y").date()


@pytest.fixture(scope="module")
def files() -> list[LawFile]:
    folder = Path(rules.__file__).parent / "law" / "calendar"
    trees = [yaml12.read(path.read_bytes()) for path in sorted(folder.glob("*.yaml"))]
    assert [problem for tree in trees for problem in tree.problems] == []
    return [LawFile.model_validate(tree.value) for tree in trees]


@pytest.fixture(scope="module")
def years(files) -> dict[int, CalendarYear]:
    return {year: content for file in files for year, content in file.calendar.items()}


@pytest.fixture(scope="module")
def shipped(years) -> Calendar:
    return Calendar.from_years(years)


# The arithmetic -----------------------------------------------------------------------------------------------------

SPAN = [D(2024, 1, 1) + ONE * n for n in range(3 * 365 + 1)]


@st.composite
def calendars(draw) -> tuple[Calendar, set[D]]:
    """A calendar of 2024 to 2026 with invented special days, and the set of those days."""
    special = draw(st.sets(st.sampled_from(SPAN), max_size=60))
    years = {}
    for year in (2024, 2025, 2026):
        entries = [{"on": d, "says": "x"} for d in sorted(special) if d.year == year]
        years[year] = CalendarYear.model_validate({
            "off": [e for e in entries if e["on"].weekday() < 5],
            "worked": [e for e in entries if e["on"].weekday() >= 5],
        })
    return Calendar.from_years(years), special


def is_worked(special: set[D], d: D) -> bool:
    return (d.weekday() < 5) != (d in special)


def walk(special: set[D], start: D, n: int) -> D:
    """Count working days one by one."""
    step = ONE if n > 0 else -ONE
    while n:
        start += step
        if is_worked(special, start):
            n -= 1 if n > 0 else -1
    return start


near = st.dates(D(2023, 9, 1), D(2027, 4, 30))
lengths = st.integers(-90, 90)


@given(calendars(), near, lengths)
def test_adding_is_counting_one_by_one(made, start, n):
    calendar, special = made
    assert calendar.shift(start, n) == walk(special, start, n)
    assert calendar.add(start, n).on == calendar.shift(start, n)


@given(calendars(), near, lengths)
def test_bound_is_the_greatest_start(made, limit, n):
    calendar, _ = made
    bound = calendar.bound(limit, n)
    assert calendar.shift(bound, n) <= limit < calendar.shift(bound + ONE, n)


@given(calendars(), near, near)
def test_between_counts_the_worked_days(made, a, b):
    calendar, special = made
    first, last = min(a, b), max(a, b)
    count = sum(is_worked(special, first + ONE * n) for n in range(1, (last - first).days + 1))
    assert calendar.between(first, last) == count
    assert calendar.between(last, first) == -count


@given(calendars(), near)
def test_worked_days_are_the_week_but_for_the_special_days(made, d):
    calendar, special = made
    assert calendar.is_working(d) == is_worked(special, d)
    assert [entry.on for entry in calendar.notices(d)] == [d] * (d in special)


@given(st.dates(), st.integers(-3000, 3000))
def test_without_years_monday_to_friday_count_and_all_is_provisional(d, n):
    calendar = Calendar.from_years({})
    due = calendar.add(d, n)
    assert due.provisional == (n != 0)
    if D(100, 1, 1) < d < D(9900, 1, 1):
        # Backwards from a weekend, the Friday before it is the first day met and no working day lies between.
        assert calendar.between(d, due.on) == n + (n < 0 and d.weekday() >= 5)
        assert due.on.weekday() < 5 or n == 0


def test_an_answer_is_provisional_when_a_counted_day_is():
    calendar = Calendar.from_years({2025: CalendarYear(), 2026: CalendarYear(provisional=True)})
    assert calendar.add(D(2025, 12, 30), 1) == Due(D(2025, 12, 31), False)
    assert calendar.add(D(2025, 12, 30), 2) == Due(D(2026, 1, 1), True)
    assert calendar.add(D(2025, 12, 31), 1).provisional
    assert calendar.add(D(2026, 1, 1), -1) == Due(D(2025, 12, 31), False)
    assert calendar.add(D(2024, 12, 31), 1) == Due(D(2025, 1, 1), False)
    assert calendar.add(D(2025, 1, 1), -1) == Due(D(2024, 12, 31), True)
    assert not calendar.is_provisional(D(2025, 1, 1), D(2025, 12, 31))
    assert calendar.is_provisional(D(2024, 12, 31), D(2025, 1, 1))


def test_a_missing_year_between_two_is_provisional():
    calendar = Calendar.from_years({2024: CalendarYear(), 2026: CalendarYear()})
    assert calendar.add(D(2024, 12, 31), 5).provisional
    assert calendar.between(D(2024, 12, 31), D(2025, 12, 31)) == 261


def test_the_range_of_dates_is_never_left():
    calendar = Calendar.from_years({})
    assert calendar.shift(D.max, 10) == add_months(D.max, 1) == month_bound(D.max, -1) == D.max
    assert calendar.shift(D.min, -10) == add_months(D.min, -1) == month_bound(D.min, 1) == D.min
    assert month_bound(D(1, 1, 31), 12) == D.min
    assert calendar.bound(D.min, 10) == D.min
    assert calendar.bound(D.max, -10) == D.max


@pytest.mark.parametrize(("year", "part", "on", "words"), [
    (2025, "off", "2024-05-01", "another year"),
    (2025, "off", "2025-05-03", "Monday to Friday"),
    (2025, "worked", "2025-05-05", "Saturday or Sunday"),
])
def test_a_wrong_day_is_named(year, part, on, words):
    content = CalendarYear.model_validate({part: [{"on": on, "says": "x"}]})
    with pytest.raises(ValueError, match=f"calendar {year}: {on} .*{words}"):
        Calendar.from_years({year: content})


def test_a_day_listed_twice_is_named():
    content = CalendarYear.model_validate({"off": [{"on": "2025-05-01", "says": "x"}, {"on": "2025-05-01", "says": "y"}]})
    with pytest.raises(ValueError, match="2025-05-01 is listed twice"):
        Calendar.from_years({2025: content})


# Months -------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("start", "n", "end"), [
    ("31/01/2025", 1, "28/02/2025"), ("31/01/2024", 1, "29/02/2024"), ("29/02/2024", 12, "28/02/2025"),
    ("29/02/2024", 48, "29/02/2028"), ("10/03/2025", 12, "10/03/2026"), ("31/12/2025", -1, "30/11/2025"),
    ("12/03/2008", 216, "12/03/2026"), ("15/06/2025", 0, "15/06/2025"),
])
def test_months_keep_the_day_or_clamp(start, n, end):
    assert add_months(day(start), n) == day(end)


@pytest.mark.parametrize(("limit", "n", "bound"), [
    ("28/02/2025", 1, "31/01/2025"), ("27/02/2025", 1, "27/01/2025"), ("28/02/2024", 1, "28/01/2024"),
    ("30/03/2025", 1, "28/02/2025"), ("28/02/2025", 12, "29/02/2024"), ("11/03/2026", 216, "11/03/2008"),
])
def test_month_bound_at_the_ends_of_months(limit, n, bound):
    assert month_bound(day(limit), n) == day(bound)


month_ends = st.builds(lambda d, n: month_start(d) - ONE * n, st.dates(D(1900, 2, 1), D(2100, 12, 31)),
                       st.integers(-3, 4))


@given(st.dates(D(1900, 1, 1), D(2100, 12, 31)) | month_ends, st.integers(-800, 800))
def test_month_bound_is_the_greatest_start(limit, n):
    bound = month_bound(limit, n)
    assert add_months(bound, n) <= limit < add_months(bound + ONE, n)


@given(st.dates(D(1900, 1, 1), D(2100, 12, 31)), st.integers(-400, 400))
def test_adding_months_lands_in_the_right_month(start, n):
    end = add_months(start, n)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == n
    assert end.day == start.day or (end.day < start.day and (end + ONE).day == 1)


def test_month_start():
    assert month_start(D(2024, 2, 29)) == D(2024, 2, 1)


# The shipped years --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("start", "n", "due"), [
    ("20/05/2025", 60, "12/08/2025"), ("27/05/2025", 60, "19/08/2025"), ("17/07/2025", 30, "28/08/2025"),
    # Friday 2 January is off and Saturday 10 January is worked.
    ("31/12/2025", 1, "05/01/2026"), ("05/01/2026", 5, "10/01/2026"), ("09/01/2026", 2, "12/01/2026"),
    # Five days of Lunar New Year between two weekends.
    ("13/02/2026", 1, "23/02/2026"),
    # Saturday 22 August is worked so that 29 August to 2 September is one rest.
    ("21/08/2026", 1, "22/08/2026"), ("28/08/2026", 1, "03/09/2026"),
    ("23/11/2026", 1, "25/11/2026"), ("26/04/2024", 1, "02/05/2024"), ("03/05/2024", 1, "04/05/2024"),
    ("25/04/2025", 1, "26/04/2025"), ("29/04/2025", 1, "05/05/2025"),
])
def test_due_days(shipped, start, n, due):
    assert shipped.add(day(start), n) == Due(day(due), False)


def test_every_year_since_2016_is_there_and_only_the_next_is_provisional(shipped, years):
    assert shipped.years == tuple(range(2016, 2028))
    assert [year for year in shipped.years if years[year].provisional] == [2027]
    assert not shipped.is_provisional(D(2016, 1, 1), D(2026, 12, 31))
    assert shipped.add(D(2026, 12, 31), 1) == Due(D(2027, 1, 4), True)


def test_every_year_gives_the_paid_days_of_the_labour_code(years):
    """Days in lieu and exchanged days move rest about, they never add or lose a day."""
    free = {year: len(content.off) - len(content.worked) for year, content in years.items()}
    # 31/12/2018 was made up for in the next year. National Day has two days since 2021; 24 November came in 2026.
    assert free == {2016: 10, 2017: 10, 2018: 11, 2019: 9, 2020: 10, **dict.fromkeys(range(2021, 2026), 11),
                    2026: 12, 2027: 12}


def test_every_day_names_a_notice_that_was_known_by_then(files, years):
    documents = {name: document for file in files for name, document in file.documents.items()}
    for year, content in years.items():
        days = [*content.off, *content.worked]
        assert {entry.notice for entry in days} == set(content.notices), year
        for entry in days:
            document = documents[entry.notice]
            assert document.since <= entry.on <= (document.until or D.max), entry
            assert entry.says.vi and entry.says.en, entry


def test_new_year_days_by_the_moon(shipped):
    for text in ("08/02/2016 28/01/2017 16/02/2018 05/02/2019 25/01/2020 12/02/2021 01/02/2022 22/01/2023 10/02/2024 "
                 "29/01/2025 17/02/2026 06/02/2027").split():
        eve, second = day(text) - ONE, day(text) + ONE
        assert not any(map(shipped.is_working, (eve, day(text), second))), text


#: Official days that the package lacks, with the reason.
NOT_IN_PACKAGE = {
    day("02/01/2026"): "off, agreed only on 25/12/2025 (12729/VPCP-KGVX)",
    day("10/01/2026"): "worked in exchange for 02/01/2026",
}


def test_the_holidays_package_agrees_but_for_known_days(shipped):
    package = holidays.country_holidays("VN", years=range(2015, 2028))
    worked_weekends = package.weekend_workdays
    span = [D(2016, 1, 1) + ONE * n for n in range((D(2027, 12, 31) - D(2016, 1, 1)).days + 1)]
    differ = {d for d in span
              if shipped.is_working(d) != (d in worked_weekends or (d.weekday() < 5 and d not in package))}
    assert differ == set(NOT_IN_PACKAGE)


def test_why_a_day_is_off(shipped):
    assert [(entry.says.vi, entry.notice) for entry in shipped.notices(D(2026, 11, 24))] == [
        ("Ngày Văn hóa Việt Nam", "NQ-80-2026")]
    assert shipped.notices(D(2026, 11, 25)) == ()
    assert [entry.on for entry in shipped.special_days(D(2026, 8, 1), D(2026, 9, 1))] == [
        D(2026, 8, 22), D(2026, 8, 31), D(2026, 9, 1)]
