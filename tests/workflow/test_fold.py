"""All domain tables equal the fold of the journal, whatever was inserted, changed and deleted in whatever order."""
from __future__ import annotations

import datetime as dt
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa
from hypothesis import strategies as st

from tests.workflow.journalled import CLERK, VOTED, open_case, opened, table, vote
from workflow import fold, migrate, models
from workflow.db import Database
from workflow.journal import Act

PERSON, PAPER = table(models.Person), table(models.Paper)


def test_the_fold_is_what_the_tables_hold(filled: Database) -> None:
    with filled.read() as session:
        rows = fold.rebuild(fold.changes(session))
        assert fold.compare(session) == []
    assert rows["person"][1]["full_name"] == "Nông Văn An"
    assert rows["person"][1]["born_on"] == "2000-05-20"
    assert rows["case"][1]["state"] == rows["admission"][1]["state"] == "cell_approved"
    assert rows["ballot"][1]["carried"] is True
    assert "signatory_id" not in rows["paper"][1]


def test_one_case_alone_can_be_folded(filled: Database) -> None:
    with filled.write() as session:
        open_case(session, 2, 2)
        vote(session, 2, 2)
    with filled.read() as session:
        assert fold.rebuild(fold.changes(session, case_id=2))["case"].keys() == {2}


@pytest.mark.parametrize(("statement", "expected"), [
    ("UPDATE person SET full_name = 'Khác' WHERE id = 2", ["person 2 full_name: journal says 'Đặng Thị Đào', table has 'Khác'"]),
    ("UPDATE person SET ethnicity = 'Tày' WHERE id = 2", ["person 2 ethnicity: journal says None, table has 'Tày'"]),
    ("DELETE FROM ballot", ["ballot 1: the journal knows this row, the table has it not"]),
    ("INSERT INTO unit (id, code) VALUES (5, 'Z')", ["unit 5 the row is in the table, the journal knows nothing of it"]),
])
def test_a_row_changed_behind_the_journal_is_named(filled: Database, statement: str, expected: list[str]) -> None:
    with filled.engine.begin() as connection:
        connection.execute(sa.text(statement))
    with filled.read() as session:
        assert fold.compare(session) == expected


def test_every_journalled_table_can_be_told(filled: Database) -> None:
    """Each table has one whole-number key and constant defaults: what an act needs to tell its rows."""
    from workflow.rowchanges import shape

    for one in models.JOURNALLED:
        assert shape(one).key.type.python_type is int


ROWS = st.sampled_from(["insert", "name", "empty", "delete"])


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Database:
    folder: Path = tmp_path_factory.mktemp("fold")
    database = opened(f"sqlite:///{folder / 'fold.sqlite3'}")
    migrate.upgrade(database)
    return database


@hypothesis.settings(max_examples=30)
@hypothesis.given(acts=st.lists(st.lists(st.tuples(ROWS, st.integers(0, 5), st.text(max_size=4)), min_size=1, max_size=5), max_size=6))
def test_any_acts_fold_to_the_tables(scratch: Database, acts: list[list[tuple[str, int, str]]]) -> None:
    for changes in acts:
        with scratch.write() as session:
            act = Act(session, stream="law", tag="law:data:migrate", acted_on=VOTED, actor=CLERK)
            for verb, which, text in changes:
                keys = list(session.connection().scalars(sa.select(PAPER.c.id).order_by(PAPER.c.id)))
                if verb == "insert":
                    act.insert(PAPER, {"kind": text, "issued_on": dt.date(2026, 1, 1 + which), "void": which % 2 == 0})
                elif keys and verb == "delete":
                    act.delete(PAPER, keys[which % len(keys)])
                elif keys:
                    act.update(PAPER, keys[which % len(keys)], {"number": text if verb == "name" else None, "void": which > 2})
            act.write()
    with scratch.read() as session:
        assert fold.compare(session) == []
