"""The periods that reports are made for."""
from __future__ import annotations

import datetime as dt

from rules.calendar import add_days, add_months
from rules.schema import Text
from workflow.errors import BadInput
from workflow.inputs import shown
from workflow.reports.model import Option

PERIOD = Option(Text(vi="Kỳ báo cáo", en="Period"), {
    "year": Text(vi="năm", en="year"), "month": Text(vi="tháng", en="month"), "quarter": Text(vi="quý", en="quarter"),
    "half": Text(vi="sáu tháng đầu năm", en="first six months"), "nine": Text(vi="chín tháng", en="nine months"),
    "term": Text(vi="nhiệm kỳ", en="term")})
FROM = Option(Text(vi="Từ ngày", en="From"), day=True)
TO = Option(Text(vi="Đến ngày", en="To"), day=True)


def days_of(kind: str, on: dt.date, term: tuple[dt.date, dt.date] | None, first: dt.date | None = None,
            last: dt.date | None = None) -> tuple[dt.date, dt.date]:
    """First and last day of the period of a kind around a day; two days given by hand win over the kind.

    Raises BadInput where no term is known, or where the days given make no period.
    """
    if first is not None or last is not None:
        if first is None or last is None or last < first:
            raise BadInput("Khoảng ngày cần cả ngày đầu và ngày cuối, ngày đầu không sau ngày cuối.", "from")
        return first, last
    if kind == "term":
        if term is None:
            raise BadInput("Đơn vị này không có chỉ tiêu nhiệm kỳ nào bao gồm ngày chốt; hãy nhập từ ngày, đến ngày.", "period")
        return term
    start, months = dt.date(on.year, 1, 1), {"half": 6, "nine": 9, "year": 12}.get(kind, 12)
    if kind in ("month", "quarter"):
        months = 1 if kind == "month" else 3
        start = dt.date(on.year, (on.month - 1) // months * months + 1, 1)
    return start, add_days(add_months(start, months), -1)


def year_before(first: dt.date, until: dt.date) -> tuple[dt.date, dt.date]:
    """The same days one year earlier; a period that ends with its month ends with its month there too."""
    whole = (until + dt.timedelta(days=1)).day == 1
    return add_months(first, -12), add_days(add_months(until + dt.timedelta(days=1), -12), -1) if whole else add_months(until, -12)


def text(first: dt.date, last: dt.date) -> str:
    """A calendar year or month as its number, any other period by its days."""
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return f"{first.year}" if first.year == last.year else f"{first.year}–{last.year}"
    return f"{shown(first)} – {shown(last)}"
