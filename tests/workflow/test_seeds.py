"""Every figure of the seeds: what the report says of each, and that it reads, counts and works out what it says."""
from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from tests.databases import fresh_postgres
from workflow import export, migrate, reports, verify
from workflow.cli import cli
from workflow.context import Actor, FixedClock
from workflow.db import Database
from workflow.demo import load as demo
from workflow.demo.seeds.load import TODAY
from workflow.models import Account, Base, Case, Rating, Unit, UnitVersion
from workflow.reports.seedcounts import GENERATED
from workflow.reports.seedfigures import figures
from workflow.scenarios import shipped

TABLES = Base.metadata.tables
FILES = {"000": 21, "001": 15, "002": 60, "003": 71, "004": 28}
#: What is not simply equal.
OVER = {"000.members", "001.units_good", "001.members_good", "002.dy_axis", "002.dy_lanes", "002.dy_seats", "002.nt_lanes", "004.online_years",
        "004.ethics", "004.attained"}
NEARLY = {"003.front_models", "004.study_plans"}
DIFFERS = {"003.grain"}
READINGS = {"001.best_of_all", "001.best_of_good", "001.best_in_good", "002.poor_2017_points", "002.poor_2017_relative"}
#: What the articles do not print: figure -> value here.
UNSTATED = {
    "000.attained": "97.5 %", "000.remaining": "5 đảng viên", "000.new_share": "under 5.4 %", "000.target_a_year": "40 đảng viên mỗi năm",
    "000.target_rate": "under 1.1 %", "000.benchmark_low": "over 108 đảng viên mỗi năm", "000.benchmark_high": "over 144 đảng viên mỗi năm",
    "001.dual_number": "70 người",
    "002.dy_2016_rank": "1 bậc", "002.dy_2017_rank": "4 bậc", "002.dy_rise": "3 bậc", "002.nt_2017_rank": "2 bậc", "002.nt_2018_rank": "3 bậc",
    "002.nt_rise": "1 bậc", "002.dy_roads": "over 22 km", "002.cadres": "3 cán bộ", "002.households": "874 hộ", "002.criteria_share": "52.6 %",
    "002.criteria_left": "9 tiêu chí", "002.best_share": "60.0 %", "002.others": "22 tổ chức", "002.first_gap": "174 ngày",
    "002.second_gap": "375 ngày", "002.dy_after": "124 ngày", "002.nt_after": "134 ngày", "002.dy_to_end": "241 ngày", "002.nt_to_end": "231 ngày",
    "003.documents": "16 văn bản", "003.class_size": "80.2 học viên", "003.dialogues_2020": "18 cuộc", "003.dialogues_growth": "100 %",
    "003.income_plan": "55.60 triệu đồng", "003.income_2020": "50.52 triệu đồng", "003.income_growth": "10.1 %",
    "003.farming_plan": "2,501.6 tỷ đồng", "003.farming_2020": "2,409.5 tỷ đồng", "003.grain_plan": "99,162 tấn",
    "003.industry_plan": "4,208.9 tỷ đồng", "003.industry_2020": "3,460.6 tỷ đồng", "003.budget_target_province": "114,793 triệu đồng",
    "003.budget_target_district": "150,256 triệu đồng", "003.budget_targets_apart": "35,463 triệu đồng", "003.budget_2020": "133,692 triệu đồng",
    "003.goals_exact": "8 chỉ tiêu",
    "004.implied_target": "under 124.40 đảng viên mỗi năm", "004.whole_target": "125.0 %", "004.rate": "3.46 %",
    "004.admitted_years": "620 đảng viên", "004.goals_share": "95.8 %", "004.goals_left": "1 chỉ tiêu",
}
READING_VALUES = {"001.best_of_all": "20 %", "001.best_of_good": "over 15 %", "001.best_in_good": "under 26.7 %",
                  "002.poor_2017_points": "28.8 %", "002.poor_2017_relative": "23.2 %"}


def opened(url: str) -> Database:
    return Database(url, info={"book": shipped(), "clock": FixedClock(TODAY)})


def load(url: str) -> Database:
    database = opened(url)
    migrate.upgrade(database)
    demo.load(database, shipped(), "seeds")
    return database


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = load(f"sqlite:///{tmp_path_factory.mktemp('seeds') / 'nennep.sqlite3'}")
    yield database
    database.dispose()


def made(database: Database) -> dict[str, dict[str, str]]:
    with database.read() as session:
        return told(session)


def told(session: Any) -> dict[str, dict[str, str]]:
    """Figure -> column -> the English words, or the only ones."""
    report = reports.run(session, "seeds", on=TODAY)
    return {row.key: {c.id: reports.words(row.cells[c.id], c, "en") for c in report.columns} for row in report.rows}


class Undone(Exception):
    pass


@contextmanager
def altered(database: Database, *statements: sa.Executable) -> Iterator[dict[str, dict[str, str]]]:
    """The report of a home in which somebody altered rows behind the journal's back; undone afterwards."""
    with pytest.raises(Undone), database.write() as session:
        for statement in statements:
            assert session.execute(statement).rowcount >= 1
        yield told(session)
        raise Undone


def unit(code: str) -> sa.ScalarSelect[int]:
    return sa.select(Unit.id).where(Unit.code == code).scalar_subquery()


def case(code: str) -> sa.ScalarSelect[int]:
    return sa.select(Case.id).where(Case.subject_unit_id == unit(code)).scalar_subquery()


def statement(figure: str) -> sa.ColumnElement[bool]:
    one = next(f for f in figures() if f.key == figure)
    return sa.and_(TABLES["statement"].c.indicator == one.home()[1], TABLES["statement"].c.source == one.article.source)


# ---- what the report says

def test_every_figure_has_a_row(home: Database) -> None:
    assert dict(Counter(key[:3] for key in made(home))) == FILES
    assert sum(FILES.values()) == 195


def test_each_verdict(home: Database) -> None:
    for key, row in made(home).items():
        expected = ("consistent with “over”" if key in OVER else "consistent with “nearly”" if key in NEARLY else
                    "differs because the comma" if key in DIFFERS else "one reading" if key in READINGS else
                    "not in the article" if key in UNSTATED else "equal")
        assert row["verdict"].startswith(expected), (key, row)


def test_what_is_worked_out(home: Database) -> None:
    rows = made(home)
    wanted = UNSTATED | READING_VALUES
    assert {key: rows[key]["value"] for key in wanted} == wanted
    assert {rows[key]["type"] for key in wanted} == {"derived"}
    assert "873 đến 876" in rows["002.households"]["how"]


def test_one_indicator_with_two_targets_and_a_target_that_is_no_whole_number(home: Database) -> None:
    rows = made(home)
    assert all("hai mức giao" in rows[f"003.{key}"]["how"] for key in ("budget_province", "budget_district"))
    assert "tổng chia tổng" in rows["004.implied_target"]["how"]


def test_rows_made_up_are_no_evidence(home: Database) -> None:
    """What was counted of generated rows is called stated; what is called counted rests on none."""
    rows = made(home)
    counted = {key for key, row in rows.items() if row["type"] == "counted"}
    assert counted == {"002.dy_cadres", "002.dy_team", "002.nt_cadres", "002.nt_chair", "002.nt_deputy", "003.places"}
    shown = {key for key, row in rows.items() if "không chứng minh gì" in row["how"]}
    assert shown == {"000.base_units", "000.committees", "000.base_cells", "001.village_cells", "002.best", "002.rated", "002.units", "004.units",
                     "004.cells"}
    assert {rows[key]["type"] for key in shown} == {"stated"}


def test_the_last_line_counts_the_rows(home: Database) -> None:
    with home.read() as session:
        note = reports.run(session, "seeds", on=TODAY).notes[0].en
    assert note is not None and note.startswith("195 figures: counted 6, derived 63, stated 126. equal: 127; consistent with “over”: 10; "
                                                "consistent with “nearly”: 2; differs: 1; missing here: 0;")


# ---- that it computes

@pytest.mark.parametrize(("statements", "key", "verdict", "follows"), [
    ([sa.update(TABLES["statement"]).where(statement("000.admitted")).values(value=190)], "000.admitted", "differs because it is 190",
     {"000.attained": "95.0 %", "000.remaining": "10 đảng viên"}),
    ([sa.update(TABLES["target"]).values(value=201)], "000.target", "differs because it is 201", {"000.remaining": "6 đảng viên"}),
    ([sa.update(TABLES["statement"]).where(statement("000.members")).values(value=3650, comparator="=")], "000.members", "consistent with “over”",
     {"000.new_share": "5.3 %"}),
    ([sa.update(TABLES["statement"]).where(statement("000.members")).values(value=3600, comparator="=")], "000.members", "differs", {}),
    ([sa.update(TABLES["statement"]).where(statement("003.front_models")).values(value=19, comparator="=")], "003.front_models",
     "consistent with “nearly”", {}),
    ([sa.update(TABLES["statement"]).where(statement("003.front_models")).values(value=20, comparator="=")], "003.front_models", "differs", {}),
    ([sa.update(TABLES["statement"]).where(statement("003.grain")).values(value=100551)], "003.grain", "differs because it is 100,551", {}),
    ([sa.delete(TABLES["statement"]).where(statement("003.dialogues_more"))], "003.dialogues_more", "missing", {"003.dialogues_2020": ""}),
    ([sa.update(TABLES["statement"]).where(statement("002.kh32_on")).values(period_from=TODAY, period_to=TODAY)], "002.kh32_on", "differs", {}),
    ([sa.update(UnitVersion).where(UnitVersion.unit_id == unit("LB-MH-CS001")).values(kind="base_committee")], "000.base_cells",
     "differs because it is 12", {"000.committees": "15", "000.parts": "27"}),
    ([sa.delete(TABLES["unit_closure"]).where(TABLES["unit_closure"].c.descendant_id == unit("DH-MH-CB001"))], "001.village_cells",
     "differs because it is 69", {"001.one_each": "1"}),
    ([sa.update(Rating).where(Rating.id == sa.select(sa.func.min(Rating.id)).where(Rating.rank == 4, Rating.paper == GENERATED).scalar_subquery())
      .values(rank=3)], "002.best", "differs because it is 32", {"002.best_share": "58.2 %", "002.others": "23 tổ chức"}),
    ([sa.update(Rating).where(Rating.unit_id == unit("BS-DY"), Rating.rank == 1).values(label="Yếu kém")], "002.dy_2016", "differs", {}),
    ([sa.delete(TABLES["cadre"]).where(TABLES["cadre"].c.case_id == case("BS-NT"), TABLES["cadre"].c.post == "Phó Bí thư Đảng ủy")],
     "002.nt_cadres", "differs because it is 1", {"002.nt_deputy": "0 đồng chí", "002.cadres": "2 cán bộ"}),
    ([sa.update(TABLES["plan_version"]).where(TABLES["plan_version"].c.case_id == case("BS-DY")).values(issued_on=TODAY)], "002.kh49_on",
     "differs", {"002.dy_chosen": "năm 2023"}),
    ([sa.update(TABLES["paper"]).where(TABLES["paper"].c.case_id == case("BS-NT")).values(number="83")], "002.kh82", "differs", {}),
    ([sa.update(TABLES["indicator"]).where(TABLES["indicator"].c.name == "Hộ nghèo").values(value=190)], "002.poor", "differs",
     {"002.households": "884 hộ", "002.poor_back": "21.7 %"}),
    ([sa.update(TABLES["criteria_set"]).values(met=11)], "002.criteria_met", "differs", {"002.criteria_left": "8 tiêu chí"}),
    ([sa.delete(TABLES["team_member"])], "002.dy_team", "differs", {}),
], ids=lambda value: value if isinstance(value, str) else "")
def test_an_altered_row_changes_the_verdict(home: Database, statements: list[sa.Executable], key: str, verdict: str,
                                            follows: dict[str, str]) -> None:
    with altered(home, *statements) as rows:
        assert rows[key]["verdict"].startswith(verdict), rows[key]
        assert {other: rows[other]["value"] for other in follows} == follows
    assert not made(home)[key]["verdict"].startswith("differs because it is")


# ---- the demo and the command

def test_the_loaded_home_proves_itself(home: Database) -> None:
    assert list(verify.Audit().findings(export.lines(home))) == []


def test_the_two_cases_are_taken_over_and_not_judged(home: Database) -> None:
    with home.read() as session:
        rows = session.execute(sa.select(Unit.code, Case.state, Case.imported).join(Unit, Unit.id == Case.subject_unit_id).order_by(Unit.code)).all()
    assert rows == [("BS-DY", "aftercare", True), ("BS-NT", "recovered", True)]


def test_an_officer_reads_the_figures_of_his_district(home: Database) -> None:
    with home.read() as session:
        account = session.scalars(sa.select(Account).where(Account.username == "bs.to-chuc")).one()
        report = reports.run(session, "seeds", actor=Actor(account.id, account.person_id), on=TODAY)
        of_one = reports.run(session, "seeds", unit="LS", on=TODAY)
    assert {row.cells["file"].value for row in report.rows} == {"002"}
    assert [row.key for row in report.rows] == [row.key for row in of_one.rows] and len(report.rows) == FILES["002"]


@pytest.mark.postgres
def test_the_same_on_postgresql(home: Database, postgres_url: str) -> None:
    with fresh_postgres(postgres_url) as url:
        database = load(url)
        try:
            assert made(database) == made(home)
        finally:
            database.dispose()


def test_the_command_prints_what_the_report_says(home: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NENNEP_HOME", str(tmp_path))
    runner = CliRunner()
    assert runner.invoke(cli, ["setup"]).exit_code == 0
    refused = runner.invoke(cli, ["report", "seeds"])
    assert refused.exit_code == 1 and "nennep demo seeds" in refused.output
    shutil.copy(str(home.engine.url.database), tmp_path / "nennep.sqlite3")
    printed = runner.invoke(cli, ["report", "seeds", "--json"])
    assert printed.exit_code == 0, printed.output
    document = json.loads(printed.output)
    with home.read() as session:
        assert document == reports.as_json(reports.run(session, "seeds", on=TODAY))
    for same in ([], ["seeds"]):
        again = runner.invoke(cli, ["demo", *same])
        assert again.exit_code == 0 and "nennep report seeds" in again.output
    other = runner.invoke(cli, ["demo", "lam-binh"])
    assert other.exit_code == 1 and "seeds" in other.output
