"""Working days and calendar months.

The day after a start is day 1, and the last day still passes. Days, working days and months never convert into each
other. All functions are pure and total: a result that would leave the range of :class:`datetime.date` stops at its
first or last day, so that an odd date typed by somebody makes a rule fail instead of the program.
"""
from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rules.schema_organisation import CalendarYear, SpecialDay

_LAST_ORDINAL = dt.date.max.toordinal()
_FIRST_MONTH, _LAST_MONTH = 12, dt.MAXYEAR * 12 + 11
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Due:
    """The last day of a period. ``provisional``: it rests on days for which no final notice is loaded."""

    on: dt.date
    provisional: bool


def add_months(day: dt.date, n: int) -> dt.date:
    """The same day ``n`` months later (earlier when negative), or the last day of that month where it is shorter."""
    month = day.year * 12 + day.month - 1 + n
    if month < _FIRST_MONTH:
        return dt.date.min
    if month > _LAST_MONTH:
        return dt.date.max
    year, index = divmod(month, 12)
    return dt.date(year, index + 1, min(day.day, monthrange(year, index + 1)[1]))


def add_days(day: dt.date, n: int) -> dt.date:
    """``n`` days later (earlier when negative)."""
    return _date(day.toordinal() + n)


def month_bound(limit: dt.date, n: int) -> dt.date:
    """The greatest day ``c`` with ``add_months(c, n) <= limit``.

    It differs from ``add_months(limit, -n)`` at the ends of months: every day from 28 to 31 January, one month later,
    is clamped to 28 February, so the bound of that day is 31 January.
    """
    bound = add_months(limit, -n)
    if limit.day < monthrange(limit.year, limit.month)[1] or bound in (dt.date.min, dt.date.max):
        return bound
    return bound.replace(day=monthrange(bound.year, bound.month)[1])


def month_start(day: dt.date) -> dt.date:
    """The first day of the month of ``day``."""
    return day.replace(day=1)


def _weekdays_to(ordinal: int) -> int:
    """Mondays to Fridays up to and including the day; ordinal 1 (0001-01-01) was a Monday."""
    weeks, rest = divmod(ordinal, 7)
    return weeks * 5 + min(rest, 5)


def _nth_weekday(n: int) -> int:
    weeks, rest = divmod(n - 1, 5)
    return weeks * 7 + rest + 1


def _date(ordinal: int) -> dt.date:
    return dt.date.fromordinal(max(1, min(ordinal, _LAST_ORDINAL)))


class Calendar:
    """Which days are worked, from the notices of each year.

    Every working day has a rank, counted from the first day of the era; adding working days is adding ranks. Within
    the years that are loaded the ranks come from a sorted list; outside them Monday to Friday are taken as worked,
    and the answer is provisional.
    """

    __slots__ = ("_before", "_days", "_first", "_last", "_provisional", "_special")

    def __init__(self, special: Mapping[dt.date, SpecialDay], provisional: Mapping[int, bool]) -> None:
        self._special = dict(special)
        self._provisional = dict(provisional)
        if provisional:
            self._first = dt.date(min(provisional), 1, 1).toordinal()
            self._last = dt.date(max(provisional), 12, 31).toordinal()
        else:
            self._first, self._last = 1, 0
        changed = {day.toordinal() for day in special}
        # A listed day is the opposite of what the week makes of it: off on a weekday, worked on a weekend.
        self._days = [o for o in range(self._first, self._last + 1) if ((o - 1) % 7 < _SATURDAY) != (o in changed)]
        self._before = _weekdays_to(self._first - 1)

    @classmethod
    def from_years(cls, years: Mapping[int, CalendarYear]) -> Calendar:
        """Build from the law files.

        Raises ValueError when a day stands under the wrong year, stands there twice, or does not differ from the
        ordinary week (a day off must be a weekday, a worked day a Saturday or Sunday).
        """
        special: dict[dt.date, SpecialDay] = {}
        for year, content in years.items():
            for entry, worked in _entries(content):
                kind = "worked" if worked else "off"
                if entry.on.year != year:
                    raise ValueError(f"calendar {year}: {entry.on} under `{kind}` belongs to another year")
                if (entry.on.weekday() >= _SATURDAY) != worked:
                    expected = "a Saturday or Sunday" if worked else "a day from Monday to Friday"
                    raise ValueError(f"calendar {year}: {entry.on} under `{kind}` must be {expected}")
                if entry.on in special:
                    raise ValueError(f"calendar {year}: {entry.on} is listed twice")
                special[entry.on] = entry
        return cls(special, {year: content.provisional for year, content in years.items()})

    @property
    def years(self) -> tuple[int, ...]:
        """The years that are loaded, in order."""
        return tuple(sorted(self._provisional))

    def is_working(self, day: dt.date) -> bool:
        """True when the day is worked; Monday to Friday outside the loaded years."""
        return (day.weekday() < _SATURDAY) != (day in self._special)

    def notices(self, day: dt.date) -> tuple[SpecialDay, ...]:
        """Why the day differs from the ordinary week; empty when it does not."""
        entry = self._special.get(day)
        return () if entry is None else (entry,)

    def special_days(self, start: dt.date, end: dt.date) -> tuple[SpecialDay, ...]:
        """The days from ``start`` to ``end``, both included, that differ from the ordinary week, in order."""
        return tuple(self._special[day] for day in sorted(self._special) if start <= day <= end)

    def is_provisional(self, start: dt.date, end: dt.date) -> bool:
        """True when a day from ``start`` to ``end``, both included, lacks a final notice."""
        return any(self._provisional.get(year, True) for year in range(start.year, end.year + 1))

    def add(self, day: dt.date, n: int) -> Due:
        """The ``n``-th working day after ``day``; before it when ``n`` is negative; ``day`` itself when it is 0."""
        on = self.shift(day, n)
        if n == 0:
            return Due(on, False)
        one = dt.timedelta(days=1)
        start, end = (day, on) if on == day else (day + one, on) if n > 0 else (on, day - one)
        return Due(on, self.is_provisional(start, end))

    def shift(self, day: dt.date, n: int) -> dt.date:
        """As :meth:`add`, the day alone."""
        if n == 0:
            return day
        ordinal = day.toordinal()
        return _date(self._at(self._rank(ordinal) + n if n > 0 else self._rank(ordinal - 1) + 1 + n))

    def between(self, a: dt.date, b: dt.date) -> int:
        """Working days after ``a`` up to and including ``b``; negative when ``b`` is before ``a``."""
        return self._rank(b.toordinal()) - self._rank(a.toordinal())

    def bound(self, limit: dt.date, n: int) -> dt.date:
        """The greatest day ``c`` with ``shift(c, n) <= limit``, so that a condition on a sum is one on its start."""
        if n == 0:
            return limit
        after = self._rank(limit.toordinal()) - n + 1
        # Days off after a working day share its rank; the last of them is the day before the next working day.
        return _date(self._at(after) - 1 if n > 0 else self._at(after - 1))

    def _rank(self, ordinal: int) -> int:
        """Working days up to and including the day."""
        if ordinal < self._first:
            return _weekdays_to(ordinal)
        if ordinal <= self._last:
            return self._before + bisect_right(self._days, ordinal)
        return self._before + len(self._days) + _weekdays_to(ordinal) - _weekdays_to(self._last)

    def _at(self, rank: int) -> int:
        """The ordinal of the working day of this rank."""
        if rank <= self._before:
            return _nth_weekday(rank)
        index = rank - self._before
        if index <= len(self._days):
            return self._days[index - 1]
        return _nth_weekday(index - len(self._days) + _weekdays_to(self._last))


def _entries(content: CalendarYear) -> Iterator[tuple[SpecialDay, bool]]:
    for entry in content.off:
        yield entry, False
    for entry in content.worked:
        yield entry, True
