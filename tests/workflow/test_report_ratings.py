"""The report of classification: the share of the resolution beside each year, of basic organisations and of members."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction

import pytest
import sqlalchemy as sa

from rules.schema import Text
from tests.workflow.organisation import district, empty
from workflow import ratings, reports, tree
from workflow.db import Database
from workflow.models import Rating, RatingCount
from workflow.ratings import Period, Said

D = dt.date
ON = D(2025, 6, 1)
GOOD, FAIR = "Hoàn thành tốt nhiệm vụ", "Hoàn thành nhiệm vụ"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with empty(database_url) as made:
        with made.write() as session:
            district(session)
            for unit, year, label in (("X", 2024, GOOD), ("K", 2024, FAIR), ("C1", 2024, GOOD), ("C2", 2024, GOOD), ("X", 2021, GOOD)):
                ratings.take_over(session, None, D(2025, 2, 1), Said(unit, Period.year(year), label, imported=True))
        yield made


def members(database: Database, unit: str, **levels: int) -> None:
    with database.write() as session:
        rating = session.scalar(sa.select(Rating.id).where(Rating.unit_id == tree.unit_id(session, unit), Rating.period_to == D(2024, 12, 31)))
        session.add_all(RatingCount(rating_id=rating, kind="level", code=code, number=number) for code, number in levels.items())


def year(database: Database, which: str = "2024", unit: str | None = "H", **options: str) -> dict[str, reports.Cell]:
    with database.read() as session:
        rows = {row.key: row for row in reports.run(session, "ratings", unit=unit, on=ON, options=options).rows}
        return dict(rows[which].cells)


def says(cell: reports.Cell) -> str:
    assert isinstance(cell.value, Text) and cell.kind == "derived" and cell.comparator == "="
    return str(cell.value.en)


def test_the_benchmark_is_of_basic_organisations_whatever_units_are_shown(database: Database) -> None:
    for of, share in (("all", Fraction(3, 4)), ("base", Fraction(1, 2)), ("cell", Fraction(2, 3))):
        cells = year(database, of=of)
        assert cells["good"].value == share
        assert says(cells["benchmark"]) == "not over 90 %"
        assert "1 trên 2 tổ chức cơ sở đảng" in (cells["benchmark"].how or Text(vi="")).vi
        assert "NQ-21-2022" in (cells["benchmark"].how or Text(vi="")).vi


def test_exactly_the_share_is_not_more_than_it(database: Database) -> None:
    members(database, "C1", HTXS=2, HTT=7, HT=1)
    cells = year(database)
    assert (cells["members_good"].value, says(cells["members_benchmark"])) == (Fraction(9, 10), "not over 90 %")
    members(database, "C2", HTT=1)
    cells = year(database)
    assert (cells["members_good"].value, says(cells["members_benchmark"])) == (Fraction(10, 11), "over 90 %")
    assert "2 đơn vị" in (cells["members_good"].how or Text(vi="")).vi


def test_where_no_count_of_members_or_no_law_is_there_nothing_is_said(database: Database) -> None:
    assert not {"members_good", "members_benchmark"} & year(database).keys()
    before = year(database, "2021")
    assert before["good"].value == 1 and "benchmark" not in before, "the resolution is of 2022"
