"""Lines, subtrees and the closure of the tree by day."""
from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.workflow.organisation import START, district, empty, found
from workflow import tree, units
from workflow.db import Database
from workflow.errors import BadInput
from workflow.models import Case, UnitClosure, UnitVersion

D = dt.date
LAST, FIRST = D(2025, 6, 30), D(2025, 7, 1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with empty(database_url) as made:
        with made.write() as session:
            district(session)
        yield made


def line_of(database: Database, code: str, on: D) -> tree.Line:
    with database.read() as session:
        found_line = tree.line(session, tree.unit_id(session, code), on)
    assert found_line is not None
    return found_line


def test_the_line_of_a_cell_names_base_and_the_committee_above(database: Database) -> None:
    line = line_of(database, "C1", LAST)
    assert line.codes == ("C1", "X", "H", "T")
    assert (line.base.code, line.above.code, line.sub) == ("X", "H", None)
    assert (line.unit_kind, line.parent_kind, line.above_kind, line.delegated) == ("cell", "base_committee", "district", False)


def test_a_base_cell_is_its_own_base(database: Database) -> None:
    line = line_of(database, "K", LAST)
    assert (line.base.code, line.above.code) == ("K", "H")


def test_a_subcommittee_is_found_on_the_way(database: Database) -> None:
    with database.write() as session:
        found(session, "B", "subcommittee", "X")
        found(session, "C3", "cell", "B")
    line = line_of(database, "C3", LAST)
    assert (line.sub.code, line.base.code, line.above.code) == ("B", "X", "H")


def test_a_cell_directly_under_a_commune_committee_plays_the_base(database: Database) -> None:
    with database.write() as session:
        units.change(session, None, FIRST, unit="X", kind="commune_above_base", parent="T")
    line = line_of(database, "C1", FIRST)
    assert line.codes == ("C1", "X", "T")
    assert (line.base.code, line.above.code, line.parent_kind) == ("C1", "X", "commune_above_base")
    assert line_of(database, "C1", LAST).codes == ("C1", "X", "H", "T")


def test_delegation_is_that_of_the_base_on_the_day(database: Database) -> None:
    with database.write() as session:
        units.delegate(session, None, D(2024, 1, 1), unit="X", delegated=True)
    assert line_of(database, "C1", D(2024, 1, 1)).delegated
    assert not line_of(database, "C1", D(2023, 12, 31)).delegated


def test_nothing_stands_above_a_unit_whose_parent_has_ended(database: Database) -> None:
    line = line_of(database, "K", FIRST)
    assert (line.codes, line.parent, line.above) == (("K",), None, None)


def test_there_is_no_line_before_the_first_day(database: Database) -> None:
    with database.read() as session:
        unit = tree.unit_id(session, "C1")
        assert tree.line(session, unit, START - dt.timedelta(days=1)) is None
        assert tree.unit_on(session, "C1", START - dt.timedelta(days=1)) is None
        assert tree.unit_on(session, unit, START).code == "C1"


def test_subtrees_and_children_by_day(database: Database) -> None:
    with database.write() as session:
        units.move(session, None, D(2020, 5, 1), unit="C2", parent="H")
    with database.read() as session:
        top = tree.unit_id(session, "X")
        assert [u.code for u in tree.subtree(session, top, D(2020, 4, 30))] == ["X", "C1", "C2"]
        assert [u.code for u in tree.subtree(session, top, D(2020, 5, 1))] == ["X", "C1"]
        assert [u.code for u in tree.children(session, tree.unit_id(session, "H"), D(2020, 5, 1))] == ["C2", "K", "X"]
        assert tree.is_within(session, tree.unit_id(session, "C2"), top, D(2020, 4, 30))
        assert not tree.is_within(session, tree.unit_id(session, "C2"), top, D(2020, 5, 1))
        query = sa.select(sa.func.count()).select_from(Case).where(tree.within(Case.unit_id, top, LAST))
        assert session.scalar(query) == 0


def test_a_cached_line_is_forgotten_when_the_tree_changes(database: Database) -> None:
    database.info["lines"] = tree.LineCache()
    assert line_of(database, "C2", D(2022, 1, 1)).codes == ("C2", "X", "H", "T")
    with database.write() as session:
        units.move(session, None, D(2021, 1, 1), unit="C2", parent="H")
        assert tree.line(session, tree.unit_id(session, "C2"), D(2022, 1, 1)).codes == ("C2", "H", "T")
    assert line_of(database, "C2", D(2022, 1, 1)).codes == ("C2", "H", "T")
    with pytest.raises(RuntimeError), database.write() as session:
        units.move(session, None, D(2022, 1, 1), unit="C2", parent="X")
        assert tree.line(session, tree.unit_id(session, "C2"), D(2022, 1, 1)).codes == ("C2", "X", "H", "T")
        raise RuntimeError("rolled back")
    assert line_of(database, "C2", D(2022, 1, 1)).codes == ("C2", "H", "T")


@pytest.mark.parametrize("seed", range(4))
def test_the_closure_equals_a_walk_up_the_versions_on_every_day(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    codes = ["T", "H", "X", "C1", "C2", "K"]
    with database.write() as session:
        day = D(2015, 1, 1)
        for step in range(30):
            day += dt.timedelta(days=chance.randrange(0, 40))
            try:
                if chance.random() < 0.3:
                    found(session, f"N{step}", "cell", chance.choice(codes), day)
                    codes.append(f"N{step}")
                elif chance.random() < 0.2:
                    units.rename(session, None, day, unit=chance.choice(codes), name=f"Tên {step}")
                else:
                    units.move(session, None, day, unit=chance.choice(codes[1:]), parent=chance.choice(codes))
            except BadInput:
                continue
    with database.read() as session:
        versions = session.execute(sa.select(UnitVersion)).scalars().all()
        closure = session.execute(sa.select(UnitClosure)).scalars().all()

    def alive(row: UnitVersion | UnitClosure, on: D) -> bool:
        return row.from_on <= on and (row.to_on is None or on <= row.to_on)

    for offset in range(0, 1500, 11):
        on = D(2015, 1, 1) + dt.timedelta(days=offset)
        parents = {v.unit_id: v.parent_id for v in versions if alive(v, on)}
        expected = set()
        for unit in parents:
            at, depth = unit, 0
            while at in parents:
                expected.add((at, unit, depth))
                at, depth = parents[at], depth + 1
        assert {(c.ancestor_id, c.descendant_id, c.depth) for c in closure if alive(c, on)} == expected


@pytest.mark.parametrize(("statement", "fault"), [
    ("DELETE FROM unit_closure WHERE depth = 2", "is missing beside"),
    ("UPDATE unit_closure SET from_on = '2000-01-01' WHERE depth = 1", "does not follow from"),
    ("UPDATE unit_version SET parent_id = (SELECT id FROM unit WHERE code = 'C1') "
     "WHERE unit_id = (SELECT id FROM unit WHERE code = 'X')", "is missing beside"),
])
def test_a_closure_that_was_changed_by_hand_is_found(database: Database, statement: str, fault: str) -> None:
    with database.write() as session:
        assert tree.closure_faults(session) == []
        session.connection().exec_driver_sql(statement)
        found_faults = tree.closure_faults(session)
    assert any(f.startswith(fault) for f in found_faults), found_faults
