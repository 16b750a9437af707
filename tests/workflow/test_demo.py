"""The demo: what it promises to show is there, its history proves itself, and one person can be taken all the way by hand."""
from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.orm import Session

from tests.databases import fresh_postgres
from workflow import (
    accounts,
    engine,
    export,
    migrate,
    planboard,
    ratings,
    records,
    reports,
    targets,
    tree,
    verify,
    waiting,
)
from workflow.cli import cli
from workflow.context import Actor, FixedClock
from workflow.db import Database
from workflow.demo import load as demo
from workflow.demo import organisation, world
from workflow.demo.accounts import TRY_KEY, WORD
from workflow.errors import NotPermitted, StepRefused
from workflow.models import Account, Case, Consolidation, Duty, Entry, Person, Rating, RatingCount, RatingHead, Unit
from workflow.monthly import sponsor_report
from workflow.scenarios import shipped
from workflow.snapshot import load as snapshot_of

TODAY = world.TODAY


def _opened(url: str, day: dt.date = TODAY) -> Database:
    return Database(url, info={"book": shipped(), "clock": FixedClock(day)})


@pytest.fixture(scope="module")
def _loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    database = _opened(f"sqlite:///{path}")
    migrate.upgrade(database)
    demo.load(database, shipped())
    database.dispose()
    return path


@pytest.fixture(scope="module")
def home(_loaded: Path) -> Iterator[Database]:
    """The loaded demo, for reading only."""
    database = _opened(f"sqlite:///{_loaded}")
    yield database
    database.dispose()


def _doubts(database: Database) -> list[verify.Finding]:
    return list(verify.Audit().findings(export.lines(database)))


def _in_commune(session: Session) -> sa.ColumnElement[bool]:
    top = tree.unit_id(session, organisation.COMMUNE)
    assert top is not None
    return tree.within(Case.unit_id, top, TODAY)


def test_every_state_of_the_machine_has_a_candidate(home: Database) -> None:
    with home.read() as session:
        states = session.scalars(sa.select(Case.state).where(_in_commune(session), Case.process == "admission")).all()
    assert set(states) == set(shipped().process("admission").all_states)
    assert len(states) == 150


def test_every_state_of_consolidation_has_a_unit(home: Database) -> None:
    with home.read() as session:
        states = session.scalars(sa.select(Case.state).where(Case.process == "consolidation")).all()
        linked = session.scalars(sa.select(Consolidation)).all()
        passed = session.scalars(sa.select(Entry.case_id).join(Case, Case.id == Entry.case_id)
                                 .where(Entry.step == "pass_competence", Case.process == "consolidation")).all()
    assert set(states) == set(shipped().process("consolidation").all_states)
    assert len(states) == 20
    assert any(row.relapse_of for row in linked) and any(row.continues for row in linked)
    assert max(row.plan_no or 0 for row in linked) == 2 and any(row.entry_by_flag for row in linked)
    assert len(passed) == 3  # open on the day the district ended


def test_plans_have_what_the_board_shows(home: Database) -> None:
    with home.read() as session:
        account = session.execute(sa.select(Account.id, Account.person_id).where(Account.username == "xay-dung-dang")).one()
        lines = planboard.board(session, waiting.desk(session, Actor(account.id, account.person_id), TODAY))
        overdue = set(session.scalars(sa.select(Duty.kind).where(Duty.open_until < TODAY)))
    assert any(line.late for line in lines) and any(line.done for line in lines) and any(line.criteria for line in lines)
    assert overdue >= {"team_report", "unit_report", "plan_due", "screening"}


def test_a_round_is_in_the_middle_and_a_ceiling_is_passed(home: Database) -> None:
    quarter, year = ratings.Period.quarter(2026, 3), ratings.Period.year(2025)
    with home.read() as session:
        states = Counter(row.state for row in ratings.missing(session, organisation.COMMUNE, quarter, TODAY))
        caps = ratings.round_of(session, None, organisation.COMMUNE, year, TODAY).caps
        schemes = set(session.scalars(sa.select(Rating.scheme).where(Rating.state == "decided")))
        counted = session.scalar(sa.select(sa.func.count(RatingCount.rating_id.distinct())))
        heads = session.scalar(sa.select(sa.func.count()).select_from(RatingHead))
        unrated = set(session.scalars(sa.select(RatingCount.code).where(RatingCount.kind == "unrated")))
    assert {"start", "self_assessed", "verified", "reopened"} == set(states)
    assert any(cap.working is not None and cap.excellent > cap.working.allowed for cap in caps)
    assert schemes == {"HD-21-2019", "HD-25-2023", "HD-43-2025"}
    assert counted is not None and counted > 100 and heads == 16 and unrated == {"exempt", "other"}


@pytest.mark.parametrize("name", ["admissions", "forecast", "funnel", "overdue", "ratings", "targets"])
def test_no_report_of_the_commune_is_empty(home: Database, name: str) -> None:
    with home.read() as session:
        made = reports.run(session, name, unit=organisation.COMMUNE, on=TODAY)
    assert made.rows
    assert any(cell.value for row in made.rows for cell in row.cells.values() if cell.kind)


def test_the_district_is_as_the_article_says_until_its_last_day(home: Database) -> None:
    with home.read() as session:
        district, commune = (tree.unit_id(session, code) for code in (organisation.DISTRICT, organisation.COMMUNE))
        assert district is not None and commune is not None
        kinds = Counter(u.kind for u in tree.children(session, district, world.DISTRICT_ENDS))
        assert (kinds["base_committee"], kinds["base_cell"]) == (14, 13)
        assert tree.unit_on(session, "LB", world.COMMUNE_BEGINS) is None
        cells = [u for u in tree.subtree(session, commune, TODAY) if u.kind in tree.CELLS]
        assert len(cells) == 60
        first, last = organisation.TERM
        reached = targets.attainment(session, district, first, last, TODAY)
        members = targets.attainment(session, district, first, last, TODAY, indicator="members")
    assert (reached.target, reached.stated, reached.source) == (200, 195, organisation.ARTICLE)
    assert (members.stated, members.comparator) == (3600, ">")
    assert 0 < reached.counted < 100  # what was invented is told apart from what was stated


def _blocking(session: Session, case: int) -> set[str]:
    """The rules that stand in the way of any step the case could take."""
    return {f.rule for v in engine.steps(session, case, Actor(0, -1), on=TODAY) for f in v.judged.findings
            if f.severity == "block" and f.outcome in ("not_met", "unknown")}


def test_each_family_of_refusals_is_there(home: Database) -> None:
    with home.read() as session:
        cases = session.scalars(sa.select(Case.id).where(Case.closed_on.is_(None))).all()
        blocked = set().union(*(_blocking(session, case) for case in cases))
    assert blocked >= {"AGE.MIN", "AGE.MAX", "AGE.OVER60.CONSENT", "EDU.BASE", "CERT.AWARE.VALID", "DOSSIER.STALE", "ORDER.APP_CV",
                       "VERIFY.SCOPE", "INTRO.COUNT", "INTRO.YU", "OPINION.REQ", "CELL.MIN", "READMIT.WAIT", "READMIT.CRIME", "READMIT.BAR",
                       "READMIT.CONSENT", "POP.WAIT3", "CEREMONY.LATE", "PROB.LEN", "PROB.CLASS", "PATH.PASSED"}


def test_the_page_about_the_demo_names_people_who_are_there(home: Database) -> None:
    page = (Path(__file__).parents[2] / "docs" / "demo.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| ([^|`]+) \| `([\w-]+)` \| .*\(`([A-Z0-9.]+)`\) \|$", page, re.M)
    assert len(told) >= 15
    with home.read() as session:
        for name, cell, rule in told:
            case = session.scalar(sa.select(Case.id).join(Person, Person.id == Case.subject_person_id).join(Unit, Unit.id == Case.unit_id)
                                  .where(Person.full_name == name, Unit.code == cell))
            assert case is not None, name
            assert rule in _blocking(session, case), name
        for code, rule in re.findall(r"^\| `([A-Z0-9-]+)` \| .*\(`(CON-[A-Z-]+)`\) \|$", page, re.M):
            case = session.scalar(sa.select(Case.id).join(Unit, Unit.id == Case.subject_unit_id).where(Unit.code == code, Case.closed_on.is_(None)))
            assert case is not None and rule in _blocking(session, case), (code, rule)
        assert all(a.username in page and a.password in page for a in demo.accounts_of(session))


def test_some_work_is_overdue_late_carried_over_and_taken_over(home: Database) -> None:
    with home.read() as session:
        overdue = set(session.scalars(sa.select(Duty.kind).where(Duty.open_until < TODAY)))
        old = session.scalars(sa.select(Case.id).where(Case.opened_on <= world.DISTRICT_ENDS, Case.imported.is_(False))).all()
        passed = set(session.scalars(sa.select(Entry.case_id).where(Entry.step == "pass_competence")))
        late = session.scalar(sa.select(sa.func.count()).select_from(Entry).where(Entry.canonical.contains('"late":true')))
        imported = session.scalar(sa.select(sa.func.count()).select_from(Case).where(Case.imported))
    assert overdue >= {"admission_decision", "ceremony", "dossier", "verification_reply", "recog_cell", "sponsor_report", "source_review"}
    assert len(set(old) & passed) >= 20
    assert late is not None and late > 40
    assert imported == 8


def test_the_history_proves_itself(home: Database) -> None:
    assert _doubts(home) == []


def test_every_account_on_the_list_opens(_loaded: Path, tmp_path: Path) -> None:
    database = _opened(f"sqlite:///{shutil.copy(_loaded, tmp_path / 'demo.sqlite3')}")
    with database.read() as session:
        shown = demo.accounts_of(session)
    now = dt.datetime(2026, 10, 15, 5, tzinfo=dt.timezone.utc)
    assert {a.username for a in shown} >= {"bi-thu", "giup-do", "doan-xa", "can-bo-co-so", "ky-co-so", "xay-dung-dang", "thuong-vu", "kiem-tra",
                                           "to-truong", "can-bo-tang-cuong", "quan-tri"}
    for account in shown:
        assert accounts.sign_in(database, account.username, account.password, address="test", now=now) is not None, account.username
    database.dispose()


class _Hand:
    """A visitor: signs in as this one and that one, and moves the day forward."""

    def __init__(self, database: Database) -> None:
        self.database, self.case = database, 0
        self.day = TODAY

    def actor(self, username: str) -> Actor:
        with self.database.read() as session:
            account = session.execute(sa.select(Account.id, Account.person_id).where(Account.username == username)).one()
        return Actor(account.id, account.person_id, username)

    def on(self, day: dt.date) -> None:
        assert day >= self.day
        self.day = self.database.info["clock"].day = day

    def take(self, username: str, step: str, **given: Any) -> str:
        with self.database.write() as session:
            entry = engine.advance(session, self.case or self._subject(session), step, self.actor(username), on=self.day, **given)
            self.case = int(entry.stream.partition(":")[2])
            state = session.scalar(sa.select(Case.state).where(Case.id == self.case))
        assert state is not None
        return state

    def _subject(self, session: Session) -> engine.Subject:
        person = session.scalar(sa.select(Person).where(Person.key == TRY_KEY))
        assert person is not None and person.unit_id is not None
        return engine.Subject("admission", person.unit_id, person.id)

    def person(self, username: str) -> int:
        found = self.actor(username).person_id
        assert found is not None
        return found


def _votes(entitled: int) -> dict[str, Any]:
    return {"entitled": entitled, "away": 0, "exempt_absent": 0, "present": entitled, "for": entitled, "against": 0, "blank": 0, "method": "secret"}


def test_one_person_is_taken_by_hand_from_nomination_to_membership(_loaded: Path, tmp_path: Path) -> None:
    database = _opened(f"sqlite:///{shutil.copy(_loaded, tmp_path / 'demo.sqlite3')}")
    hand, day = _Hand(database), dt.date
    told = {"candidate.nominated_by": "youth_union", "candidate.edu": "higher", "candidate.former_member": False,
            "candidate.youth_union_here": True, "candidate.youth_member": True, "candidate.mass_member": True}
    assert hand.take("doan-xa", "nominate", facts=told) == "nominated"
    with pytest.raises(NotPermitted):
        hand.take("kiem-tra", "list_source")
    hand.on(day(2026, 10, 20))
    assert hand.take("bi-thu", "list_source", facts={"helper.person": hand.person("giup-do")}) == "source_listed"
    hand.on(day(2026, 11, 10))
    with database.write() as session:
        sponsor_report(session, hand.actor("giup-do"), hand.day, case_id=hand.case, month=hand.day, met_on=hand.day, task="done", proposes="class")
    assert hand.take("xay-dung-dang", "assign_class") == "class_assigned"
    hand.on(day(2026, 12, 7))
    assert hand.take("trung-tam", "record_certificate", facts={"certificate.issued_on": day(2026, 12, 4)}) == "class_done"
    hand.on(day(2027, 1, 5))
    assert hand.take("bi-thu", "permit_application", facts={"candidate.application_on": hand.day}) == "applying"
    hand.on(day(2027, 1, 20))
    cv = {"candidate.cv_on": day(2027, 1, 12), "cv.sealed_on": day(2027, 1, 19)}
    assert hand.take("can-bo-co-so", "start_verification", facts=cv) == "verifying"
    hand.on(day(2027, 3, 1))
    with database.write() as session:
        officer = hand.actor("can-bo-co-so")
        for kind in ("father", "mother"):
            records.put_row(session, hand.case, officer, hand.day, "relatives",
                            {"kind": kind, "full_capacity": True, "result_on": day(2027, 2, 25)})
        records.declare(session, hand.case, officer, hand.day, "relatives")
    assert hand.take("can-bo-co-so", "conclude_verification", facts={"cv.certified_on": hand.day}) == "verified"
    hand.on(day(2027, 3, 10))
    introducers = {"declared": True, "items": [{"person": hand.person("giup-do"), "official": True, "same_org": True, "mode": "work",
                                                "together_since": day(2024, 1, 2), "signed_on": hand.day, "waived": False}]}
    assert hand.take("bi-thu", "complete_introduction",
                     facts={"union.youth_resolution_on": day(2027, 3, 8), "introducers": introducers}) == "introduced"
    hand.on(day(2027, 3, 19))
    opinions = {"declared": True, "items": [{"source": s, "given_on": day(2027, 3, 15)} for s in ("mass", "residence")]}
    assert hand.take("bi-thu", "complete_opinions", facts={"opinions.summary_on": hand.day, "opinions": opinions}) == "opinions_done"
    hand.on(day(2027, 3, 26))
    with database.read() as session:
        official = snapshot_of(session, shipped().processes, hand.case, hand.day).facts()["cell.official_members"]
    assert hand.take("bi-thu", "cell_vote", ballot=_votes(official), papers=[{"kind": "6-KND"}], second_reader=True) == "cell_approved"
    hand.on(day(2027, 4, 5))
    assert hand.take("can-bo-co-so", "base_vote", signatory=hand.person("ky-co-so"), ballot=_votes(11), papers=[{"kind": "8-KND"}]) == "base_approved"
    hand.on(day(2027, 4, 20))
    assert hand.take("thuong-vu", "decide_admission", ballot=_votes(13), papers=[{"kind": "9-KND"}], second_reader=True) == "decided"
    hand.on(day(2027, 4, 26))
    assert hand.take("bi-thu", "receive_decision") == "decided"
    hand.on(day(2027, 5, 10))
    assert hand.take("bi-thu", "hold_ceremony", facts={"helper.person": hand.person("giup-do")}) == "probationary"
    hand.on(day(2028, 5, 10))
    with pytest.raises(StepRefused) as early:
        hand.take("bi-thu", "start_recognition", facts={"new_member.certificate_on": day(2027, 11, 12)})
    assert list(early.value.refused) == ["PROB.LEN"]
    hand.on(day(2028, 5, 11))
    assert hand.take("bi-thu", "start_recognition", facts={"new_member.certificate_on": day(2027, 11, 12)}) == "recognition_review"
    hand.on(day(2028, 5, 22))
    assert hand.take("bi-thu", "recognition_cell_vote", ballot=_votes(official), papers=[{"kind": "13-KND"}],
                     second_reader=True) == "recognition_cell_approved"
    hand.on(day(2028, 6, 2))
    assert hand.take("ky-co-so", "recognition_base_vote", ballot=_votes(11), papers=[{"kind": "15-KND"}],
                     second_reader=True) == "recognition_base_approved"
    hand.on(day(2028, 6, 14))
    assert hand.take("xay-dung-dang", "decide_recognition", signatory=hand.person("thuong-vu"), ballot=_votes(13),
                     papers=[{"kind": "16-KND"}]) == "official"
    with database.read() as session:
        person = session.scalar(sa.select(Person).where(Person.key == TRY_KEY))
        assert person is not None and person.standing == "official"
    assert _doubts(database) == []
    database.dispose()


# ---- the command

def _run(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str) -> Any:
    monkeypatch.setenv("NENNEP_HOME", str(folder))
    return CliRunner().invoke(cli, ["demo", *arguments])


@pytest.fixture
def held(_loaded: Path, tmp_path: Path) -> Path:
    """A home that holds the demo."""
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copy(_loaded, folder / "nennep.sqlite3")
    return folder


def test_a_home_that_holds_the_demo_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch, held: Path) -> None:
    before = (held / "nennep.sqlite3").read_bytes()
    for arguments in ((), ("--if-empty",)):
        result = _run(monkeypatch, held, *arguments)
        assert result.exit_code == 0 and WORD in result.output and "bi-thu" in result.output
    assert (held / "nennep.sqlite3").read_bytes() == before
    told = json.loads(_run(monkeypatch, held, "--json").output)
    assert told["today"] == TODAY.isoformat() and {a["username"] for a in told["accounts"]} >= {"bi-thu", "kiem-tra"}


def test_an_unknown_set_is_wrong_use_and_lists_those_there_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    result = _run(monkeypatch, tmp_path / "home", "khong-co")
    assert result.exit_code == 2 and "lam-binh" in result.output and "seeds" in result.output
    assert not (tmp_path / "home" / "nennep.sqlite3").exists()


def test_a_home_with_data_of_its_own_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NENNEP_HOME", str(tmp_path))
    assert CliRunner().invoke(cli, ["setup"]).exit_code == 0
    refused = _run(monkeypatch, tmp_path)
    assert refused.exit_code == 1 and "NENNEP_HOME" in refused.output
    assert _run(monkeypatch, tmp_path, "--if-empty").exit_code == 0
    assert _run(monkeypatch, tmp_path, "--today", "2027-01-01").exit_code == 1


def test_the_day_of_the_demo_moves_forward_only(monkeypatch: pytest.MonkeyPatch, held: Path) -> None:
    assert "01/12/2026" in _run(monkeypatch, held, "--today", "2026-12-01").output
    back = _run(monkeypatch, held, "--today", "2026-11-30")
    assert back.exit_code == 2 and "01/12/2026" in back.output


def test_a_load_that_breaks_off_leaves_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class BreaksOff(Exception):
        pass

    def stop(*_: object) -> None:
        raise BreaksOff

    database = _opened(database_url)
    migrate.upgrade(database)
    with pytest.raises(BreaksOff):
        demo.load(database, shipped(), told=lambda done, of, day: stop() if done == 40 else None)
    with database.read() as session:
        assert demo.is_empty(session) and demo.loaded(session) is None
    database.dispose()


@pytest.mark.postgres
def test_both_databases_hold_the_same_demo(home: Database, postgres_url: str) -> None:
    query = (sa.select(Person.full_name, Unit.code, Case.state, Case.opened_on, Case.state_since)
             .outerjoin(Person, Person.id == Case.subject_person_id).join(Unit, Unit.id == Case.unit_id).order_by(Case.id))
    with fresh_postgres(postgres_url) as url:
        other = _opened(url)
        migrate.upgrade(other)
        demo.load(other, shipped())
        with home.read() as one, other.read() as two:
            assert one.execute(query).all() == two.execute(query).all()
        assert _doubts(other) == []
        other.dispose()
