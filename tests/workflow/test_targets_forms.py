"""Forms of a target, members at the base of a rate, and the maps of then and now across merges and divisions."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow.organisation import district, empty, found
from tests.workflow.test_targets import decided
from workflow import targets, tree, units
from workflow.db import Database
from workflow.errors import BadInput
from workflow.exact import Figure, total
from workflow.targets import maps

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
        yield made


def goal(database: Database, unit: str, first: D, last: D, on_map: str = "then", on: D = ON) -> targets.Goal | None:
    with database.read() as session:
        key = tree.unit_id(session, unit) or 0
        return targets.goals(session, [key], first, last, on, on_map=on_map).get(key)


def put(database: Database, unit: str, value: object, **more: object) -> None:
    with database.write() as session:
        targets.set_target(session, None, ON, unit=unit, value=value, **{**YEAR, **more})  # type: ignore[arg-type]


def test_a_yearly_average_holds_for_the_term_and_for_each_year_of_it(database: Database) -> None:
    put(database, "H", 155, form="average", **TERM)
    whole, year = goal(database, "H", *TERM.values()), goal(database, "H", *YEAR.values())
    assert whole is not None and whole.low.value == 155 * F(66, 12)
    assert year is not None and year.low.value == 155
    assert goal(database, "H", D(2025, 1, 1), D(2025, 12, 31)) is None, "the year ends after the term"


def test_a_target_of_the_year_itself_wins_over_the_average(database: Database) -> None:
    put(database, "H", 155, form="average", **TERM)
    put(database, "H", 160)
    found_goal = goal(database, "H", *YEAR.values())
    assert found_goal is not None and (found_goal.low.value, found_goal.form) == (160, "absolute")


def test_a_term_target_is_not_divided_into_years(database: Database) -> None:
    put(database, "H", 200, **TERM)
    assert goal(database, "H", *YEAR.values()) is None


def test_a_range_and_a_rate_of_the_members_on_the_first_of_january(database: Database) -> None:
    put(database, "X", 3, form="range", value_max=5)
    ranged = goal(database, "X", *YEAR.values())
    assert ranged is not None and (ranged.low.value, ranged.high) == (3, 5)
    put(database, "H", "3,5", form="rate", value_max=4)
    assert goal(database, "H", *YEAR.values()) is None, "nobody knows the members"
    with database.write() as session:
        units.state_strength(session, None, D(2023, 12, 1), unit="H", official=3550, probationary=50, comparator=">")
        units.state_strength(session, None, D(2024, 2, 1), unit="H", official=4000)
    rate = goal(database, "H", *YEAR.values())
    assert rate is not None and (rate.low, rate.high) == (Figure(F(126), ">"), 144)


def test_members_are_summed_from_cells_where_the_unit_has_no_figure(database: Database) -> None:
    with database.write() as session:
        units.state_strength(session, None, D(2023, 12, 1), unit="C1", official=20)
    with database.read() as session:
        x = tree.unit_id(session, "X") or 0
        known = targets.members(session, [x], D(2024, 1, 1))[x]
        assert (known.figure, known.own) == (Figure(F(20), ">="), False), "C2 has no figure"


def test_every_cell_with_a_source(database: Database) -> None:
    put(database, "X", 0, form="every_unit")
    decided(database, "C1", D(2024, 5, 1))
    decided(database, "C2", D(2025, 2, 1))
    every = goal(database, "X", *YEAR.values())
    assert every is not None and every.low.value == 2
    with database.read() as session:
        assert every.cells == {tree.unit_id(session, "C1"), tree.unit_id(session, "C2")}


@pytest.mark.parametrize("wrong", [{"form": "x"}, {"form": "range"}, {"form": "range", "value_max": 0}, {"value_max": 3}, {"value": 1.5}])
def test_a_target_that_cannot_be_is_refused(database: Database, wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        put(database, "H", **{"value": 1, **wrong})  # type: ignore[arg-type]


def merged(database: Database) -> None:
    """C1 and C2 become C9 on 1/1/2025; each had a target and a decision in 2024, C9 a decision in 2025."""
    for cell, value in (("C1", 2), ("C2", 3)):
        put(database, cell, value)
        decided(database, cell, D(2024, 5, 1), "official", D(2024, 12, 1))
    with database.write() as session:
        units.merge(session, None, D(2025, 1, 1), units=["C1", "C2"], into="C9", name="Chi bộ Chín", kind="cell", parent="X")
    decided(database, "C9", D(2025, 2, 1))


def test_the_old_map_and_the_new_one_over_a_merge(database: Database) -> None:
    merged(database)
    with database.read() as session:
        ids = {code: tree.unit_id(session, code) or 0 for code in ("C1", "C2", "C9", "X", "H")}

        def numbers(on_map: str, last: D) -> dict[str, int]:
            by_unit = targets.counted(session, ids.values(), D(2024, 1, 1), last, ON, on_map=on_map)
            return {code: len(by_unit.get(unit, ())) for code, unit in ids.items()}

        assert numbers("then", ON) == {"C1": 1, "C2": 1, "C9": 1, "X": 3, "H": 3}
        assert numbers("now", ON) == {"C1": 0, "C2": 0, "C9": 3, "X": 3, "H": 3}
        assert maps.below(session, ids["X"], *YEAR.values(), ON, "then") == sorted([ids["C1"], ids["C2"]])
        assert maps.below(session, ids["X"], *YEAR.values(), ON, "now") == [ids["C9"]]
    of_heir = goal(database, "C9", *YEAR.values(), on_map="now")
    assert of_heir is not None and of_heir.low.value == 5
    assert goal(database, "C9", *YEAR.values()) is None
    put(database, "C9", 4)
    own = goal(database, "C9", *YEAR.values(), on_map="now")
    assert own is not None and own.low.value == 4, "its own target wins"


def test_what_was_divided_counts_for_what_stands_above_all_heirs(database: Database) -> None:
    decided(database, "C1", D(2024, 5, 1), "official", D(2024, 12, 1))
    with database.write() as session:
        found(session, "Y", "base_committee", "H")
        units.split(session, None, D(2025, 1, 1), unit="C1", rest="C7", into=[
            {"code": "C7", "name": "Chi bộ Bảy", "kind": "cell", "parent": "X"},
            {"code": "C8", "name": "Chi bộ Tám", "kind": "cell", "parent": "Y"}])
    with database.read() as session:
        ids = {code: tree.unit_id(session, code) or 0 for code in ("C1", "C7", "C8", "X", "Y", "H")}
        now = maps.heirs(session, [ids["C1"], ids["C7"]], ON)
        assert now == {ids["C1"]: ids["H"], ids["C7"]: ids["C7"]}
        by_unit = targets.counted(session, ids.values(), D(2024, 1, 1), ON, ON, on_map="now")
        assert {code for code, unit in ids.items() if by_unit.get(unit)} == {"H"}


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 300)), min_size=1, max_size=8))
def test_the_ratio_of_sums_lies_between_the_ratios_and_weighs_them_by_target(pairs: list[tuple[int, int]]) -> None:
    found_rows = [targets.Attainment(n, "admissions", target, None, "=", None, reached) for n, (reached, target) in enumerate(pairs)]
    whole = targets.together(found_rows, "counted")
    ratios = [row.ratio("counted") for row in found_rows]
    assert whole.ratio is not None and min(ratios) <= whole.ratio <= max(ratios)  # type: ignore[type-var]
    weighed = sum((r * row.target for r, row in zip(ratios, found_rows, strict=True) if r is not None and row.target), F(0))
    assert whole.ratio == weighed / sum(target for _, target in pairs)
    reached = total([Figure(F(r)) for r, _ in pairs])
    meant = total([Figure(F(t)) for _, t in pairs])
    assert reached is not None and meant is not None and reached.over(meant) == Figure(whole.ratio)
