"""Scenario files: who is who, what happens on which day, and what must come of it. Run on a database of their own.

A refused act must be refused for every id it lists; with ``strict`` for no other rule besides.
"""
from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules import book as rulebooks
from rules.book import Rulebook
from rules.process import ProcessLaw
from workflow import accounts, engine, meetings, migrate, offices, people, scenario_ratings, units
from workflow.context import Actor, FixedClock
from workflow.db import Database
from workflow.errors import AlreadyOpen, NotPermitted, StepRefused, WorkflowError
from workflow.importing import import_case
from workflow.machine import IllegalMove
from workflow.models import Case, Duty, Unit
from workflow.scenario_events import PEOPLE, happen
from workflow.scenario_file import ActLine, CaseLine, EventLine, PaperLine, Scenario, read
from workflow.snapshot import load
from workflow.tree import LineCache

#: The reserved actor for what no office records.
ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Result:
    """How a scenario ended; ``failures`` say which line and why."""

    name: str
    failures: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.failures


def run_file(path: Path, *, strict: bool = False, database: Database | None = None) -> Result:
    """Run one scenario file. Raises :class:`rules.loader.LawError` where the file itself cannot be read."""
    scenario = read(path)
    layers = [path.parent / folder for folder in scenario.law]
    return run(scenario, rulebooks.load(layers) if layers else shipped(), strict=strict, database=database)


_SHIPPED: list[Rulebook] = []


def shipped() -> Rulebook:
    """The shipped law, read once per process."""
    if not _SHIPPED:
        _SHIPPED.append(rulebooks.load())
    return _SHIPPED[0]


def run(scenario: Scenario, book: Rulebook, *, strict: bool = False, database: Database | None = None) -> Result:
    """Play a scenario through the engine on an empty database (a scratch one unless given)."""
    if database is not None:
        return _Play(scenario, book, database, strict).run()
    with tempfile.TemporaryDirectory(prefix="nennep-scenario-") as folder:
        scratch = Database(f"sqlite:///{Path(folder) / 'scenario.sqlite3'}")
        try:
            migrate.upgrade(scratch)
            return _Play(scenario, book, scratch, strict).run()
        finally:
            scratch.dispose()


@dataclass
class _Play:
    scenario: Scenario
    book: Rulebook
    database: Database
    strict: bool
    failures: list[str] = field(default_factory=list)
    persons: dict[str, int] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)

    def run(self) -> Result:
        lines = _in_order(self.scenario)
        first = min([c.start.date for c in self.scenario.cases if c.start] + [line.date for line in lines], default=dt.date(2025, 1, 1))
        self.clock = FixedClock(first)
        self.database.info |= {"book": self.book, "clock": self.clock, "lines": LineCache()}
        try:
            with self.database.write() as session:
                self._given(session)
        except (WorkflowError, *_TROUBLES) as error:
            return Result(self.scenario.name, (f"given: {_said(error)}",))
        for line in lines:
            self._play(line)
        with self.database.read() as session:
            try:
                self._then(session)
            except (WorkflowError, *_TROUBLES) as error:
                self.failures.append(f"then: {_said(error)}")
        return Result(self.scenario.name, tuple(self.failures))

    # ---- given

    def _given(self, session: Session) -> None:
        given = self.scenario.given
        for unit in given.units:
            units.found(session, None, unit.since, code=unit.code, name=unit.name, kind=unit.kind, parent=unit.parent,
                        until=unit.until, delegated=unit.delegated)
        start = self.clock.day
        for person in given.people:
            self.persons[person.key] = people.add_person(
                session, None, start, key=person.key, full_name=person.full_name, born_on=person.born_on,
                gender=person.gender, standing=person.standing)
            account = accounts.create_account(session, None, username=f"person-{len(self.persons)}", person=self.persons[person.key])
            self.actors[person.key] = Actor(account, self.persons[person.key], person.key)
        root = accounts.create_account(session, None, username=ADMIN, administrator=True)
        self.actors[ADMIN] = Actor(root, None, ADMIN, administrator=True)
        for office in given.offices:
            offices.grant_office(session, None, start, person=self._who(office.person), role=office.role, unit=office.unit,
                                 since=office.since, until=office.until)
        for rating in given.ratings:
            scenario_ratings.history(session, **rating.model_dump(exclude_unset=True))
        for case in self.scenario.cases:
            if case.start is not None:
                self._import(session, case)

    def _import(self, session: Session, case: CaseLine) -> None:
        start = case.start
        assert start is not None
        law = engine.law_of(session, case.process)
        self.clock.day = max(self.clock.day, start.date)
        self.cases[case.key] = import_case(
            session, self.actors[ADMIN], self._subject(session, case), state=start.state, on=start.date,
            facts=self._facts(session, law.facts, start.facts), did=start.did, papers=self._papers(session, start.papers),
            duties=[duty.model_dump(exclude_unset=True) for duty in start.duties])

    def _subject(self, session: Session, case: CaseLine) -> engine.Subject:
        person, unit = case.subject.person, case.subject.unit
        return engine.Subject(case.process, self._unit(session, case.unit), self._who(person) if person else None,
                              self._unit(session, unit) if unit else None)

    # ---- acts and events

    def _play(self, line: ActLine | EventLine) -> None:
        where = f"{line.date:%d/%m/%Y} {line.do}"
        self.clock.day = (line.entered if isinstance(line, ActLine) else None) or line.date
        try:
            with self.database.write() as session:
                if isinstance(line, EventLine):
                    self._event(session, line)
                    return
                outcome = self._act(session, line)
        except NotPermitted as error:
            if isinstance(line, EventLine) or not line.forbidden:
                self.failures.append(f"{where}: không được phép ({', '.join(error.reasons)})")
            return
        except StepRefused as error:
            self._refused(where, line, error.refused)
            return
        except AlreadyOpen as error:
            # No state of this case stands in the way, but that of another one of the same subject.
            if isinstance(line, EventLine) or "STATE" not in line.refused:
                self.failures.append(f"{where}: {error}")
            return
        except WorkflowError as error:
            self.failures.append(f"{where}: {error}")
            return
        except _TROUBLES as error:
            self.failures.append(f"{where}: {_said(error)}")
            return
        self._reached(where, line, outcome)

    def _act(self, session: Session, line: ActLine) -> str:
        law = engine.law_of(session, self._case_line(line.case).process)
        target = self._target(session, line, law)
        ref = engine.advance(
            session, target, line.do, self._actor(line.by), on=line.date,
            facts=self._facts(session, law.facts, line.facts), papers=self._papers(session, line.papers), ballot=line.ballot,
            to=line.to, signatory=self._who(line.signed_by) if line.signed_by else None, second_reader=self._reader(line.second_reader),
            on_behalf_of=self._who(line.on_behalf_of) if line.on_behalf_of else None, no_conflict=line.no_conflict,
            meeting=self._meeting(session, line))
        case_id = int(ref.stream.partition(":")[2])
        self.cases[line.case] = case_id
        state = session.scalar(sa.select(Case.state).where(Case.id == case_id))
        assert state is not None
        return state

    def _target(self, session: Session, line: ActLine, law: ProcessLaw) -> int | engine.Subject:
        """The case of a key, or its subject, for which a start step opens one."""
        step = law.step(line.do, line.date)
        starts = step is None or law.starts_case(step)
        if line.case in self.cases or not starts:
            self._beside(session, line.case)
        return self.cases.get(line.case) or self._subject(session, self._case_line(line.case))

    def _beside(self, session: Session, key: str) -> None:
        """A case that no act of the scenario names was opened beside another: the open one of its subject."""
        if key in self.cases:
            return
        case = self._case_line(key)
        subject = self._subject(session, case)
        found = session.scalar(sa.select(Case.id).where(
            Case.process == case.process, Case.closed_on.is_(None), Case.id.not_in(self.cases.values()),
            Case.subject_person_id.is_not_distinct_from(subject.person_id),
            Case.subject_unit_id.is_not_distinct_from(subject.subject_unit_id)))
        if found is not None:
            self.cases[key] = found

    def _meeting(self, session: Session, line: ActLine) -> int | None:
        if line.meeting is None:
            return None
        given = dict(line.meeting)
        return meetings.record(session, self._actor(line.by), line.date, unit=given.pop("unit"), **given)

    def _reader(self, given: bool | str) -> int | bool | None:
        return self._who(given) if isinstance(given, str) else given or None

    def _refused(self, where: str, line: ActLine | EventLine, refused: Sequence[str]) -> None:
        listed = set(line.refused) if isinstance(line, ActLine) else set()
        if not listed:
            self.failures.append(f"{where}: bị từ chối vì {', '.join(refused)}")
            return
        missed = listed - set(refused)
        if missed:
            self.failures.append(f"{where}: chờ từ chối vì {', '.join(sorted(missed))}, thực tế {', '.join(refused)}")
        extra = {r for r in refused if ":" not in r and r not in ("STATE", "BALLOT")} - listed
        if self.strict and extra:
            self.failures.append(f"{where}: còn bị từ chối vì {', '.join(sorted(extra))}")

    def _reached(self, where: str, line: ActLine, state: str) -> None:
        if line.forbidden or line.refused:
            self.failures.append(f"{where}: đáng lẽ bị {'cấm' if line.forbidden else 'từ chối'}, nhưng đã thực hiện ({state})")
        elif line.expect and state != line.expect:
            self.failures.append(f"{where}: chờ trạng thái {line.expect}, thực tế {state}")

    def _event(self, session: Session, line: EventLine) -> None:
        given = dict(line.given)
        for key in PEOPLE & given.keys():
            given[key] = self._who(given[key])
        if line.do.startswith(("case.", "entry.")):
            key = given.pop("case")
            self._beside(session, key)
            if key not in self.cases:
                raise ValueError(f"hồ sơ {key} chưa mở")
            given["case"] = self.cases[key]
            if "facts" in given:
                law = engine.law_of(session, self._case_line(key).process)
                given["facts"] = self._facts(session, law.facts, given["facts"])
        happen(session, self._actor(line.by), line.date, line.do, given)

    # ---- then

    def _then(self, session: Session) -> None:
        for key, wanted in self.scenario.then.items():
            if any(case.key == key for case in self.scenario.cases):
                self._beside(session, key)
            if key not in self.cases:
                self.failures.append(f"then {key}: không có hồ sơ này")
                continue
            snapshot = load(session, self.book.processes, self.cases[key], self.clock.day)
            if wanted.state and snapshot.case["state"] != wanted.state:
                self.failures.append(f"then {key}: chờ trạng thái {wanted.state}, thực tế {snapshot.case['state']}")
            for fact, value in self._facts(session, snapshot.law.facts, wanted.facts).items():
                found = snapshot.facts().get(fact)
                if found != value:
                    self.failures.append(f"then {key}: {fact} chờ {value}, thực tế {found}")
            rows = session.execute(sa.select(*Duty.__table__.c).where(Duty.case_id == self.cases[key])).mappings().all()
            for duty in (line.model_dump(exclude_unset=True) for line in wanted.duties):
                if not any(_fits(duty, row) for row in map(dict, rows)):
                    self.failures.append(f"then {key}: không có thời hạn {duty}; đang có "
                                         + "; ".join(f"{r['kind']} {r['started_on']} – {r['due_on']} ({r['met_on']})" for r in rows))

    # ---- names

    def _case_line(self, key: str) -> CaseLine:
        for case in self.scenario.cases:
            if case.key == key:
                return case
        raise ValueError(f"không có hồ sơ {key} trong `cases`")

    def _who(self, key: str) -> int:
        if key not in self.persons:
            raise ValueError(f"không có người {key} trong `people`")
        return self.persons[key]

    def _actor(self, key: str) -> Actor:
        if key not in self.actors:
            self._stranger(key)
        return self.actors[key]

    def _stranger(self, key: str) -> None:
        """Somebody who is nowhere given: an account with no office at all."""
        self.actors[key] = Actor(0, -1, key)

    def _unit(self, session: Session, code: str) -> int:
        found = session.scalar(sa.select(Unit.id).where(Unit.code == code))
        if found is None:
            raise ValueError(f"không có tổ chức {code}")
        return found

    def _papers(self, session: Session, papers: Sequence[PaperLine]) -> list[dict[str, Any]]:
        found = []
        for paper in papers:
            row = paper.model_dump(exclude_unset=True)
            if isinstance(row.get("number"), int):
                row["number"] = str(row["number"])
            if row.get("issuer"):
                row["issuer"] = self._unit(session, row["issuer"])
            if row.get("signed_by"):
                row["signed_by"] = self._who(row["signed_by"])
            found.append(row)
        return found

    def _facts(self, session: Session, declared: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """Keys of people and codes of units become the ids that the tables hold."""
        found = {}
        for name, value in given.items():
            fact = declared.get(name)
            if fact is None or value is None:
                found[name] = value
            elif fact.items is not None and isinstance(value, Mapping):
                people_fields = {k for k, f in fact.items.items() if f.type == "person"}
                found[name] = {**value, "items": [
                    {k: self._who(v) if k in people_fields and isinstance(v, str) else v for k, v in item.items()}
                    for item in value.get("items", [])]}
            elif fact.type == "person":
                found[name] = self._who(value)
            elif fact.type == "unit" and isinstance(value, str) and fact.source != "derived":
                found[name] = self._unit(session, value)
            else:
                found[name] = value
        return found


def _in_order(scenario: Scenario) -> list[EventLine | ActLine]:
    """Acts by date, as they stand in the file on one day; before each the events up to that day.

    An act entered later finds what has happened by the day of its entry: who may type it is asked on that day.
    """
    events = sorted(scenario.events, key=lambda e: e.date)
    lines: list[EventLine | ActLine] = []
    done = 0
    for act in sorted(scenario.acts, key=lambda a: a.date):
        entered = max(act.date, act.entered or act.date)
        while done < len(events) and events[done].date <= entered:
            lines.append(events[done])
            done += 1
        lines.append(act)
    return lines + events[done:]


_DUTY_KEYS = {"kind": "kind", "started": "started_on", "due": "due_on", "met": "met_on", "former_due": "former_due_on",
              "extended": "extended", "paused": "paused_on", "closed": "closed_on"}
#: What a line may run into besides a refusal: a name or value that does not exist, a row that cannot be.
_TROUBLES = (KeyError, TypeError, ValueError, AttributeError, IllegalMove, sa.exc.SQLAlchemyError)


def _said(error: Exception) -> str:
    return f"không có khóa {error}" if isinstance(error, KeyError) else str(error)


def _fits(wanted: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    return all(row[_DUTY_KEYS[key]] == value for key, value in wanted.items())
