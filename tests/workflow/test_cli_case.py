"""``nennep case``: the same sight and the same answers as on the site."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from tests.workflow.caseworld import TODAY, VOTE, World, take, world
from workflow import migrate
from workflow.cli import cli
from workflow.db import Database
from workflow.models import Account, Person, Setting
from workflow.site import DEMO_TODAY

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, World, dict[str, int]]]:
    """A home whose day stands, with three cases: one voted on, one waiting, one closed."""
    folder = tmp_path_factory.mktemp("home")
    url = f"sqlite:///{folder / 'nennep.sqlite3'}"
    empty = Database(url)
    migrate.upgrade(empty)
    empty.dispose()
    with world(url) as made:
        with made.database.write() as session:
            session.connection().execute(sa.insert(Setting.__table__), {"key": DEMO_TODAY, "value": TODAY.isoformat()})
            cases = {"an": made.case(session, facts={"helper.person": made.people["helper"]}),
                     "binh": made.case(session, who="binh", unit="C2", without=("candidate.edu",)),
                     "deputy": made.case(session, "applying", who="deputy", unit="C3")}
            take(session, cases["an"], "cell_vote", made.actors["secretary"], TODAY, **VOTE)
            take(session, cases["deputy"], "withdraw", made.actors["secretary3"], TODAY)
        yield folder, made, cases


@pytest.fixture
def run(home: tuple[Path, World, dict[str, int]], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("NENNEP_HOME", str(home[0]))

    def call(*words: Any, code: int = 0) -> Result:
        result = CliRunner().invoke(cli, ["case", *map(str, words)])
        assert result.exit_code == code, result.output
        return result

    return call


@pytest.fixture
def user(home: tuple[Path, World, dict[str, int]]) -> Callable[[str], str]:
    def name(key: str) -> str:
        with home[1].database.read() as session:
            return str(session.scalars(sa.select(Account.username).join(Person, Person.id == Account.person_id).where(Person.key == key)).one())

    return name


def test_the_list(run: Run, home: tuple[Path, World, dict[str, int]], user: Callable[[str], str]) -> None:
    cases = home[2]

    def listed(*words: str) -> set[int]:
        return {row["id"] for row in json.loads(run("list", "--json", *words).stdout)}

    assert listed() == {cases["an"], cases["binh"]}
    assert listed("--all") == set(cases.values())
    assert listed("--state", "withdrawn") == {cases["deputy"]}
    assert listed("--unit", "X") == {cases["an"], cases["binh"]}
    assert listed("--unit", "BP") == {cases["binh"]}
    assert listed("--process", "admission", "--state", "cell_approved") == {cases["an"]}
    assert listed("--as", user("secretary")) == {cases["an"]}
    assert listed("--as", user("helper")) == {cases["an"]}
    assert listed("--as", user("stranger")) == set()
    assert run("list").stdout.splitlines()[-1] == "2 hồ sơ (cases)"
    for words in (("--state", "no_such"), ("--unit", "NONE"), ("--process", "none"), ("--as", "nobody")):
        run("list", *words, code=2)


def test_one_case_whole(run: Run, home: tuple[Path, World, dict[str, int]]) -> None:
    case = home[2]["an"]
    document = json.loads(run("show", case, "--json").stdout)
    assert (document["state"], document["unit"]["code"], document["decider"], document["version"]) == ("cell_approved", "C1", "H", 2)
    assert document["facts"]["did.cell_vote"] == TODAY.isoformat()
    assert [d["kind"] for d in document["duties"]] == ["admission_decision"]
    assert document["ballots"][0]["carried"] is True
    assert document["papers"][0]["kind"] == "6-KND"
    assert [e["tag"] for e in document["history"]] == ["case:case:import", "case:step:take"]
    assert document["introducers"]["declared"] is True
    text = run("show", case).stdout
    assert "Chi bộ đề nghị kết nạp" in text
    assert "6-KND 03-NQ/CB" in text
    run("show", 999, code=2)


def test_in_somebodys_sight(run: Run, home: tuple[Path, World, dict[str, int]], user: Callable[[str], str]) -> None:
    case = home[2]["an"]
    helper = json.loads(run("show", case, "--as", user("helper"), "--json").stdout)
    assert helper["state"] == "cell_approved"
    assert not {"facts", "introducers", "relatives", "opinions", "papers", "ballots", "history"} & helper.keys()
    secretary = json.loads(run("show", case, "--as", user("secretary"), "--json").stdout)
    assert {"facts", "relatives", "ballots", "history"} <= secretary.keys()
    run("show", case, "--as", user("secretary3"), code=2)
    run("explain", case, "base_vote", "--as", user("secretary3"), code=2)


def test_why_not_yet(run: Run, home: tuple[Path, World, dict[str, int]], user: Callable[[str], str]) -> None:
    case = home[2]["binh"]
    document = json.loads(run("explain", case, "cell_vote", "--as", user("secretary2"), "--on", "2025-03-01", "--json").stdout)
    assert (document["permitted"], document["refused"], document["on"]) == (True, ["EDU.BASE"], "2025-03-01")
    finding = next(f for f in document["findings"] if f["rule"] == "EDU.BASE")
    assert finding["missing"][0] == "candidate.edu"
    assert finding["cites"]
    text = run("explain", case, "cell_vote", "--as", user("secretary2")).stdout
    assert "chưa làm được" in text
    assert "[chưa đủ dữ kiện] EDU.BASE" in text
    other = json.loads(run("explain", case, "cell_vote", "--as", user("officer"), "--json").stdout)
    assert (other["permitted"], other["reasons"]) == (False, ["not_holder"])
    assert other["who"] == [{"role": "cell_secretary", "unit": "C2"}]
    run("explain", case, "no_such_step", "--as", user("secretary2"), code=2)
    run("explain", case, "cell_vote", code=2)
    run("explain", case, "cell_vote", "--as", user("secretary2"), "--on", "ngày mai", code=2)


def test_who_may_not_see_values_is_told_none(run: Run, home: tuple[Path, World, dict[str, int]], user: Callable[[str], str]) -> None:
    case = home[2]["an"]
    document = json.loads(run("explain", case, "decide_admission", "--as", user("helper"), "--json").stdout)
    assert document["findings"]
    assert all(f["values"] == {} and f["first_day"] is None for f in document["findings"])
    assert document["first_day"] is None
    assert "1990" not in run("explain", case, "decide_admission", "--as", user("helper")).stdout
