"""Ratings and problems of units in scenario files."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.workflow.organisation import law
from workflow import migrate
from workflow.db import Database
from workflow.models import Rating, UnitProblem
from workflow.scenario_file import read
from workflow.scenarios import Result, run

D = dt.date
HEAD = """
name: Xếp loại và vấn đề của đơn vị
given:
  units: [{code: H, name: Huyện ủy, kind: district, since: 2010-01-01, until: 2025-06-30},
          {code: X, name: Đảng ủy xã, kind: base_committee, parent: H, since: 2010-01-01}]
  people: [{key: board, full_name: Nông Văn Ba}, {key: stranger, full_name: Nông Văn Lạ}]
  offices: [{person: board, role: board_officer, unit: H, since: 2015-01-01}]
  ratings: [{unit: X, year: 2015, label: Yếu kém, scheme: đề án tỉnh, rank: 1, decided: 2016-01-20},
            {unit: X, year: 2016, label: không hoàn thành nhiệm vụ, scheme: 27-HD/BTCTW, rank: 1}]
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'scenario.sqlite3'}")
    migrate.upgrade(made)
    yield made
    made.dispose()


def play(tmp_path: Path, database: Database, events: str) -> Result:
    path = tmp_path / "scenario.yaml"
    path.write_text(HEAD + "events:\n" + events, encoding="utf-8")
    return run(read(path), law(), database=database)


def test_history_decisions_corrections_and_problems(tmp_path: Path, database: Database) -> None:
    result = play(tmp_path, database, """
- {date: 2018-01-10, by: board, do: rating.decide, with: {unit: X, year: 2017, label: "Trong sạch, vững mạnh", rank: 4, points: 92,
                                                           paper: {number: 10-QĐ/HU}}}
- {date: 2018-03-01, by: board, do: rating.decide, with: {unit: X, year: 2016, label: Hoàn thành nhiệm vụ, decided: 2018-02-20}}
- {date: 2018-03-02, by: admin, do: rating.reopen, with: {unit: X, year: 2017, ground: disunity, reason: Mất đoàn kết}}
- {date: 2018-03-03, by: board, do: unit.problem, with: {unit: X, kind: disunity, basis: Kết luận kiểm tra}}
- {date: 2018-04-03, by: board, do: unit.problem, with: {unit: X, kind: disunity, cleared: true}}
- {date: 2018-04-04, by: board, do: unit.problem, with: {unit: X, kind: security}}
""")
    assert result.failures == ()
    with database.read() as session:
        rows = session.execute(sa.select(Rating.period_to, Rating.label, Rating.scheme, Rating.rank, Rating.state, Rating.decided_on, Rating.imported)
                               .order_by(Rating.period_to)).all()
        assert [tuple(r) for r in rows] == [
            (D(2015, 12, 31), "Yếu kém", "HD-27-2014", 1, "decided", D(2016, 1, 20), True),
            (D(2016, 12, 31), "Hoàn thành nhiệm vụ", "HD-27-2014", 2, "decided", D(2018, 2, 20), False),
            (D(2017, 12, 31), "Trong sạch, vững mạnh", "HD-27-2014", 4, "reopened", D(2018, 1, 10), False)]
        problems = session.execute(sa.select(UnitProblem.kind, UnitProblem.noted_on, UnitProblem.cleared_on).order_by(UnitProblem.id)).all()
        assert [tuple(p) for p in problems] == [("disunity", D(2018, 3, 3), D(2018, 4, 3)), ("security", D(2018, 4, 4), None)]


@pytest.mark.parametrize(("event", "says"), [
    ("{date: 2018-01-10, by: stranger, do: rating.decide, with: {unit: X, year: 2017, label: TSVM}}", "không được phép"),
    ("{date: 2018-01-10, by: stranger, do: unit.problem, with: {unit: X, kind: security}}", "không được phép"),
    ("{date: 2018-01-10, by: board, do: rating.decide, with: {unit: X, year: 2017, label: Tạm được}}", "không có mức"),
    ("{date: 2018-01-10, by: board, do: rating.decide, with: {unit: X, label: TSVM}}", "thiếu năm"),
    ("{date: 2018-01-10, by: board, do: rating.decide, with: {unit: Y, year: 2017, label: TSVM}}", "Không có đơn vị Y"),
    ("{date: 2018-01-10, by: board, do: rating.decide, with: {unit: X, year: 2017, labl: TSVM}}", "labl"),
    ("{date: 2018-01-10, by: board, do: rating.reopen, with: {unit: X, year: 2017}}", "STATE"),
    ("{date: 2018-01-10, by: board, do: unit.problem, with: {unit: X, kind: gossip}}", "Không có loại vấn đề"),
    ("{date: 2018-01-10, by: board, do: unit.problem, with: {unit: X, kind: security, cleared: true}}", "chưa giải quyết"),
])
def test_what_cannot_be_is_told(tmp_path: Path, database: Database, event: str, says: str) -> None:
    failures = play(tmp_path, database, f"- {event}\n").failures
    assert len(failures) == 1 and says in failures[0]
