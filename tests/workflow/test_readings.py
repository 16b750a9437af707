"""What the pages of units, history and administration read: the same on both databases."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.web import casework, registers
from tests.web.casework import TODAY
from workflow import accountlist, history, migrate, targets, tree, unitsheet
from workflow.context import FixedClock
from workflow.db import Database
from workflow.history import Filter

NOW = dt.datetime(2026, 10, 15, 5, tzinfo=dt.timezone.utc)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url, info={"book": casework.law(), "clock": FixedClock(TODAY)})
    migrate.upgrade(made)
    registers.fill(made)
    yield made
    made.dispose()


def test_units_history_and_accounts_read_alike(database: Database) -> None:
    law = casework.law()
    with database.read() as session:
        board, cell = casework.actor(session, "ban"), casework.actor(session, "bithu2")
        ids = {code: key for key, code in session.connection().execute(sa.text("SELECT id, code FROM unit"))}

        found, cut = unitsheet.forest(session, board, law, TODAY)
        assert not cut and [(b.unit.code, b.depth) for b in found][:2] == [("G", 0), ("X", 1)]
        assert {b.unit.code for b in found} == {"G", "X", "S", "C1", "C2", "C3", "K", "D"}
        by_code = {b.unit.code: b.cases for b in found}
        assert by_code["G"] == by_code["X"] == by_code["C1"] > 20 and by_code["C2"] == 0
        assert [b.unit.code for b in unitsheet.forest(session, board, law, TODAY, text="nam dip")[0]] == ["S"]

        for actor, sees in ((board, {"G", "X", "H", "HX", "C1"}), (cell, {"C2"})):
            assert {c for c in ids if unitsheet.in_sight(session, actor, law, ids[c], TODAY)} >= sees
        assert not unitsheet.in_sight(session, board, law, ids["L"], TODAY)
        assert not unitsheet.in_sight(session, board, law, 99_999, TODAY)

        sheet = unitsheet.sheet(session, board, law, ids["G"], TODAY)
        assert sheet is not None and sheet.alive and sum(sheet.states.values()) == by_code["G"] + 1  # one was dropped from the list
        assert [o.stands_in_for for o in sheet.offices if o.stands_in_for] == ["Lương Văn Nam"]
        ended = unitsheet.sheet(session, board, law, ids["H"], TODAY)
        assert ended is not None and not ended.alive and ended.states == {} and ended.strengths[0]["comparator"] == ">"
        assert unitsheet.sheet(session, board, law, ids["G"], dt.date(2020, 1, 1)) is None, "not founded by then"

        whole = history.everything(session, history.scope(board, law, TODAY))
        for wanted, some in ((Filter(late=True), True), (Filter(rule="NO.SUCH"), False), (Filter(person="hoang van bach"), True),
                             (Filter(unit=ids["X"]), True), (Filter(recorded_to=dt.date(2000, 1, 1)), False), (Filter(account="bithu1"), True)):
            which = history.scope(board, law, TODAY) & history.condition(wanted, TODAY)
            assert (0 < history.total(session, which) < len(whole)) is some
        page = history.listed(session, history.scope(board, law, TODAY), size=3)
        assert [e.id for e in page] == [e.id for e in reversed(whole)][:3]
        one = history.entry(session, history.scope(board, law, TODAY), page[0].id)
        assert one is not None and one.sound
        assert history.entry(session, history.scope(cell, law, TODAY), whole[-1].id) is None

        rows, total = accountlist.listed(session, NOW, idle=HOUR, absolute=HOUR)
        assert total == len(rows) == 16 and rows[0].administrator
        assert [r.username for r in accountlist.listed(session, NOW, idle=HOUR, absolute=HOUR, text="bach")[0]] == ["bithu1"]
        stand_in = accountlist.grants(session, [r.person_id for r in rows if r.username == "khach" and r.person_id], TODAY)
        assert [g.holder for gs in stand_in.values() for g in gs] == ["Lương Văn Nam"]
        assert [c for _k, c, _n in accountlist.find_unit(session, "chi bo thon nam tra", TODAY)] == ["C3"]
        assert accountlist.find_unit(session, "C1 – Chi bộ thôn Nà Tông", TODAY)[0][1] == "C1"


def test_attainment_of_many_units_is_that_of_each(database: Database) -> None:
    with database.read() as session:
        ids = [tree.unit_id(session, c) for c in ("G", "X", "K", "C1", "H")]
        units = [i for i in ids if i is not None]
        first, last = dt.date(2020, 1, 1), dt.date(2026, 12, 31)
        together = targets.counts(session, units, first, last)
        assert together and {u: together.get(u, 0) for u in units} == {u: targets.count(session, u, first, last) for u in units}
        year = registers.YEAR
        many = targets.attainments(session, units, year["period_from"], year["period_to"], TODAY)
        assert many == {u: targets.attainment(session, u, year["period_from"], year["period_to"], TODAY) for u in units}
