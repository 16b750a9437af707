"""The report of targets: year and term beside one another, words that go on, the benchmark that is never an error."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction

import pytest

from rules.schema import Text
from tests.workflow.organisation import district, empty, law
from tests.workflow.test_targets import decided
from workflow import reports, targets, units
from workflow.db import Database
from workflow.errors import BadInput
from workflow.exact import Figure
from workflow.reports.targets import benchmark

D = dt.date
F = Fraction
ON = D(2025, 6, 1)
YEAR = {"period_from": D(2024, 1, 1), "period_to": D(2024, 12, 31)}
TERM = {"period_from": D(2020, 1, 1), "period_to": D(2025, 6, 30)}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with empty(database_url) as made:
        with made.write() as session:
            district(session)
            targets.set_target(session, None, ON, unit="H", value=200, **TERM)
            targets.set_target(session, None, ON, unit="X", value=2, **YEAR)
            targets.set_target(session, None, ON, unit="K", value=3, **YEAR)
            units.state_strength(session, None, D(2023, 12, 31), unit="X", official=28, probationary=2)
        for cell, day in (("C1", D(2024, 5, 1)), ("C2", D(2024, 6, 1)), ("K", D(2024, 7, 1)), ("C1", D(2025, 1, 2))):
            decided(made, cell, day)
        yield made


def rows_of(database: Database, **options: str) -> dict[str, reports.Row]:
    with database.read() as session:
        return {row.key: row for row in reports.run(session, "targets", unit="H", on=ON, options={"year": "2024", **options}).rows}


def test_year_and_term_and_the_ratio_of_sums_of_those_below(database: Database) -> None:
    rows = rows_of(database)
    x, together = rows["X:year"].cells, rows["H:year:below"].cells
    assert (x["target"].value, x["counted"].value, x["ratio"].value, x["remaining"].value) == (2, 2, 1, 0)
    assert (together["target"].value, together["counted"].value, together["ratio"].value) == (5, 3, F(3, 5))
    assert set(x["counted"].cases or ()) < set(together["counted"].cases or ())
    term = rows["H:term"].cells
    assert (term["target"].value, term["counted"].value, term["remaining"].value) == (200, 4, 196)
    assert rows["H:year"].cells["counted"].value == 3 and "target" not in rows["H:year"].cells


def test_a_stated_figure_stands_beside_and_its_word_goes_on(database: Database) -> None:
    with database.write() as session:
        targets.set_statement(session, None, ON, unit="H", value=195, source="Báo cáo", comparator=">", **TERM)
    cells = rows_of(database)["H:term"].cells
    assert (cells["stated"].value, cells["stated"].kind, cells["counted"].value) == (195, "stated", 4)
    assert (cells["ratio_stated"].value, cells["ratio_stated"].comparator) == (F(195, 200), ">")
    assert cells["ratio"].value == F(4, 200)


def test_the_rate_is_of_the_members_at_the_base_and_the_benchmark_only_advises(database: Database) -> None:
    cells = rows_of(database)["X:year"].cells
    assert cells["rate"].value == F(2, 30)
    assert isinstance(cells["benchmark"].value, Text) and cells["benchmark"].value.en == "above 3–4 %"
    assert "rate" not in rows_of(database)["H:term"].cells


@pytest.mark.parametrize(("admitted", "members", "on", "word"), [
    (30, Figure(F(1000)), D(2024, 12, 31), "within 3–4 %"), (29, Figure(F(1000)), D(2024, 12, 31), "below 3–4 %"),
    (41, Figure(F(1000)), D(2024, 12, 31), "above 3–4 %"), (29, Figure(F(1000)), D(2022, 6, 15), None),
    (29, Figure(F(1000)), D(2031, 1, 1), None), (35, Figure(F(1000), ">"), D(2024, 12, 31), None),
    (29, Figure(F(1000), ">"), D(2024, 12, 31), "below 3–4 %"), (0, Figure(F(0)), D(2024, 12, 31), None)])
def test_the_side_is_told_only_where_it_is_certain_and_the_law_gives_a_rate(admitted: int, members: Figure, on: D, word: str | None) -> None:
    cell = benchmark(law(), (), on, admitted, members)
    assert (cell.value.en if cell is not None and isinstance(cell.value, Text) else None) == word


def test_every_cell_with_a_source_counts_cells(database: Database) -> None:
    with database.write() as session:
        targets.set_target(session, None, ON, unit="H", value=0, form="every_unit", **YEAR)
    cells = rows_of(database)["H:year"].cells
    assert (cells["target"].value, cells["counted"].value, cells["ratio"].value) == (3, 3, 1)
    assert (cells["target"].kind, cells["counted"].kind) == ("derived", "derived")


def test_by_the_ceremony_and_options_that_cannot_be(database: Database) -> None:
    assert rows_of(database, by="ceremony")["H:year"].cells["counted"].value == 0
    for wrong in ({"year": "24"}, {"year": "²"}, {"year": "02024"}, {"by": "ceremony", "indicator": "recognitions"}, {"nix": "1"}):
        with pytest.raises(BadInput):
            rows_of(database, **wrong)


def test_units_below_with_nothing_to_tell_are_counted_together(database: Database) -> None:
    with database.read() as session:
        rows = {row.key: row for row in reports.run(session, "targets", unit="X", on=ON, options={"year": "2023"}).rows}
    assert set(rows) == {"X:year", "X:year:silent"} | {key for key in rows if ":term" in key}
    assert isinstance(rows["X:year:silent"].cells["unit"].value, Text)


def test_a_day_that_explains_the_figures_is_told(database: Database) -> None:
    def notes(unit: str | None, on: dt.date) -> list[str]:
        with database.read() as session:
            return [note.en or "" for note in reports.run(session, "targets", unit=unit, on=on).notes if note.en]

    def starts(unit: str | None, on: dt.date, text: str) -> bool:
        return any(note.startswith(text) for note in notes(unit, on))

    assert not any(starts("X", D(2024, 6, 1), text) for text in ("The cut-off", "This unit", "There is no"))
    assert starts("X", D(2199, 1, 1), "The cut-off day lies ahead")
    assert starts("H", D(2025, 7, 1), "This unit ended after 30/06/2025")
    assert starts(None, D(1900, 1, 1), "There is no unit")
