"""Cases that wander: anybody tries any step with whatever values, for a long time, and a plain model watches.

The model knows only what the law files draw: from which state a step leads where. It checks that what is answered
beforehand agrees with what happens, that an act adds one version and one entry, and that a refusal adds nothing.
"""
from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench import village
from rules.process import ProcessLaw
from rules.schema import Step
from workflow import engine, export, fold, offices, units, verify
from workflow.context import Actor, FixedClock, book_of
from workflow.db import Database
from workflow.errors import BadInput, Conflict, NotPermitted, StepRefused
from workflow.models import Case, Entry
from workflow.tree import unit_id

FIRST_DAY = dt.date(2022, 3, 1)
OTHER_BASE = "X2"


def build(database: Database, cases: int) -> list[int]:
    """The village with a second base committee, to which the cell may move, and so many cases opened."""
    village.build(database)
    clock(database).day = FIRST_DAY
    with database.write() as session:
        units.found(session, None, village.FOUNDED, code=OTHER_BASE, name="Đảng ủy xã Khuổi Nọi", kind="base_committee", parent="H")
        staff = village.staff(session)
        for key, role in (("officer", "base_officer"), ("base", "base_signer")):
            person = staff[key].person_id
            assert person is not None
            offices.grant_office(session, None, village.STARTED, person=person, role=role, unit=OTHER_BASE, since=village.STARTED)
        opening = replace(village.OPENING, on=FIRST_DAY)
        return [village.case_of(opening.take(session, subject, staff))
                for subject in village.candidates(session, cases)]


def clock(database: Database) -> FixedClock:
    found: FixedClock = database.info["clock"]
    return found


class Wanderer:
    """One who tries. ``alone`` is whether nobody else writes meanwhile: only then can every count be checked."""

    def __init__(self, database: Database, cases: list[int], seed: int, *, alone: bool) -> None:
        self.database, self.cases, self.alone = database, cases, alone
        self.chance = random.Random(seed)
        self.met: Counter[str] = Counter()
        with database.read() as session:
            self.staff = village.staff(session)
            self.law = book_of(session).processes["admission"]
            self.cells = [unit_id(session, "C1"), unit_id(session, "X")]

    @property
    def today(self) -> dt.date:
        return clock(self.database).day

    def go(self, acts: int) -> None:
        for _ in range(acts):
            if self.alone and self.chance.random() < 0.02:
                self._event()
            self._try()

    # ---- one act

    def _try(self) -> None:
        case = self.chance.choice(self.cases)
        with self.database.read() as session:
            before = self._seen(session, case)
        step_id, step = self._step(before[0])
        actor = self._actor(step)
        given = self._given(step)
        with self.database.read() as session:
            asked = {k: v for k, v in given.items() if k in ("facts", "papers", "ballot", "to")}
            told = engine.explain(session, case, step_id, actor, on=self.today, **asked)
        outcome, refused = self._advance(case, step_id, actor, given)
        self.met[outcome] += 1
        if not self.alone:
            return
        with self.database.read() as session:
            after = self._seen(session, case)
        self._check(step, before, after, outcome, told, refused)

    def _advance(self, case: int, step: str, actor: Actor, given: dict[str, Any]) -> tuple[str, set[str]]:
        try:
            with self.database.write() as session:
                engine.advance(session, case, step, actor, on=self.today, **given)
            return "taken", set()
        except StepRefused as error:
            return "refused", set(error.refused)
        except (NotPermitted, Conflict, BadInput) as error:
            return type(error).__name__, set()

    def _check(self, step: Step, before: Any, after: Any, outcome: str, told: Any, refused: set[str]) -> None:
        story = (before, after, outcome, told.step, told.refused, refused)
        if outcome != "taken":
            assert before == after, story
            assert told.permission.allowed == (outcome != "NotPermitted"), story
            assert outcome != "refused" or (refused and {f.rule for f in told.blocking} <= refused), story
            return
        assert told.possible, story
        (state, version, entries), (reached, new_version, new_entries) = before, after
        assert (new_version, new_entries) == (version + 1, entries + 1), story
        assert reached in (self.law.states.open if step.to == "resume" else self.law.goals(step, state)), story
        self.met[reached] += 1

    @staticmethod
    def _seen(session: Session, case: int) -> tuple[str, int, int]:
        state, version = session.execute(sa.select(Case.state, Case.version).where(Case.id == case)).one()
        entries = session.scalar(sa.select(sa.func.count()).where(Entry.case_id == case))
        return state, version, entries or 0

    # ---- chance

    def _step(self, state: str) -> tuple[str, Step]:
        steps = self.law.steps(self.today)
        fitting = [step_id for step_id, step in steps.items() if state in self.law.leaves(step)]
        onward = [act.do for act in village.ROAD if act.do in fitting
                  and self.law.goals(steps[act.do], state) != (state,)][-1:] or ["direct_revote"]
        pool = self.chance.choices([onward, fitting or list(steps), list(steps)], [85, 10, 5])[0]
        chosen = self.chance.choice(pool)
        return chosen, steps[chosen]

    def _actor(self, step: Step) -> Actor:
        able = [act.by for act in village.ROAD if self.law.step(act.do, self.today) == step]
        return self.staff[self.chance.choice(able if able and self.chance.random() < 0.85 else sorted(self.staff))]

    def _given(self, step: Step) -> dict[str, Any]:
        usual = next((act for act in village.ROAD if self.law.step(act.do, self.today) == step), None)
        if usual is not None and self.chance.random() < 0.7:
            facts = {name: _moved(value, self.today - usual.on) for name, value in usual.facts.items()}
        else:
            facts = {name: self._fact(self.law, name) for name in step.records}
            facts |= {name: self._fact(self.law, name) for name in step.may_record if self.chance.random() < 0.3}
        choices = getattr(step.to, "choose", None)
        return {
            "facts": {name: value for name, value in facts.items() if value is not None},
            "papers": [{"kind": kind, "number": str(self.chance.randrange(99))} for kind in step.papers],
            "ballot": self._ballot() if step.ballot else None, "second_reader": True,
            "to": self.chance.choice(choices) if choices else None}

    def _ballot(self) -> dict[str, Any]:
        entitled = self.chance.randrange(3, 30)
        present = self.chance.randrange(entitled * 2 // 3, entitled + 1)
        votes = self.chance.choice([present] * 8 + [present * 3 // 4, present // 2])
        return {"entitled": entitled, "present": present, "for": votes, "against": present - votes, "blank": 0,
                "method": self.chance.choice(["secret", "card"])}

    def _fact(self, law: ProcessLaw, name: str) -> Any:
        fact = law.facts[name]
        if fact.items is None:
            return self._value(fact.type)
        rows = [{field: self._value(shape.type) for field, shape in fact.items.items()} for _ in range(self.chance.randrange(4))]
        return {"declared": self.chance.random() < 0.9, "items": [] if fact.unique else rows}

    def _value(self, kind: Any) -> Any:
        if not isinstance(kind, str):
            return self.chance.choice(list(kind.code))
        days = dt.timedelta(days=self.chance.randrange(300))
        people = [actor.person_id for actor in self.staff.values()]
        return {"bool": self.chance.random() < 0.5, "int": self.chance.randrange(1, 25), "date": self.today - days, "text": "Lý do",
                "person": self.chance.choice(people), "unit": self.chance.choice(self.cells)}[kind]

    def _event(self) -> None:
        """Time passes, and now and then the cell moves to the other committee, is renamed, or an office passes on."""
        clock(self.database).day += dt.timedelta(days=self.chance.randrange(60))
        with self.database.write() as session:
            kind = self.chance.randrange(4)
            if kind == 0:
                units.rename(session, None, self.today, unit="C1", name=f"Chi bộ thôn {self.chance.randrange(99)}")
            elif kind == 1:
                units.move(session, None, self.today, unit="C1", parent=self.chance.choice(["X", OTHER_BASE]))


def _moved(value: Any, days: dt.timedelta) -> Any:
    """The facts of another day, all dates moved."""
    if isinstance(value, dict):
        return {key: _moved(item, days) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, days) for item in value]
    return value + days if isinstance(value, dt.date) else value


def prove(database: Database) -> None:
    """The tables are what the journal makes them, and the audit finds nothing."""
    with database.read() as session:
        differences = fold.compare(session)
        assert not differences, differences[:5]
        taken = session.execute(sa.select(Case.id, Case.version, sa.func.count(Entry.id)).join(Entry, Entry.case_id == Case.id)
                                .where(Entry.tag == "case:step:take").group_by(Case.id, Case.version)).all()
        assert all(version == entries for _, version, entries in taken), taken
    findings = [str(finding) for finding in verify.Audit().findings(export.lines(database))]
    assert not findings, findings[:5]
