"""Anybody tries any step of consolidation with whatever facts, for years; a plain model says each time what must come of it."""
from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.workflow import weakworld as weak
from tests.workflow.caseworld import SINCE, World, contents, state_of
from tests.workflow.organisation import law
from tests.workflow.plainconsolidation import CLOSED, STEPS, Plain, Rated
from workflow import engine, export, fold, offices, ratings, verify, workreports
from workflow.errors import NotPermitted, StepRefused
from workflow.models import Case

D = dt.date
FIRST, LAST = D(2016, 2, 1), D(2025, 6, 1)
TRIES = 200
WHO = ("board", "head", "signer", "deputy", weak.HEAD, weak.MEMBER, weak.CADRE, "base", "secretary", "inspector")
#: A step that leads onward from a state: most tries go along the road, or nobody would ever reach its end.
ONWARD = {"start": "open_screening", "screening": "approve_list", "listed": "begin_planning", "planning": "issue_plan",
          "plan_issued": "start_work", "in_progress": "close_period", "awaiting_rating": "recognise_recovery", "extended": "start_work",
          "escalated": "install_leadership", "recovered": "begin_aftercare", "aftercare": "close_aftercare", "suspended": "resume_work"}


class Trial:
    """One unit after another: when a case is closed, the next one opens."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.chance, self.plain = world, random.Random(seed), Plain()
        self.case: int | None = None
        self.met: Counter[str] = Counter()
        world.clock.day = FIRST

    @property
    def on(self) -> D:
        return self.world.clock.day

    def run(self) -> None:
        for _ in range(TRIES):
            if self.chance.random() < 0.3:
                self.world.clock.day = min(LAST, self.on + dt.timedelta(days=self.chance.choice((1, 7, 30, 75, 190))))
            with self.world.database.write() as session:
                if self.chance.random() < 0.25:
                    self._rate(session)
                if self.plain.team and self.plain.state == "in_progress" and self.chance.random() < 0.5:
                    self._report(session)
                self._try(session)

    def _report(self, session: Session) -> None:
        """The team, or the unit, writes all that it still owes."""
        name = self.chance.choice(("team", "unit"))
        clock = self.plain.months[name]
        owed = clock.owed(self.on)
        for month in owed:
            workreports.write(session, self.world.actors[weak.HEAD if name == "team" else "base"], self.on, case_id=self.case or 0,
                              kind=f"{name}_report", period=month, content="Báo cáo tháng")
        if owed:
            clock.written(self.on)

    def _rate(self, session: Session) -> None:
        """The last year is rated, corrected, or taken up again."""
        year = self.on.year - 1
        known = self.plain.ratings.get(year)
        if known is not None and known.final and self.chance.random() < 0.4:
            ratings.reopen(session, None, self.on, unit="X", period=ratings.Period.year(year), ground="violation", reason="Có phản ánh",
                           from_paper=True)
            known.final = False
        else:
            rank = self.chance.choice((1, 2, 2, 3, 3, 4))
            weak.rate(session, "X", year, rank, self.on)
            self.plain.ratings[year] = Rated(rank, self.on)

    def _try(self, session: Session) -> None:
        plain, chance = self.plain, self.chance
        step = ONWARD[plain.state] if chance.random() < 0.7 else chance.choice(sorted(STEPS))
        if self.case is None and step != "open_screening":
            return
        able = sorted(STEPS[step][2])
        who = chance.choice(able) if chance.random() < 0.75 else chance.choice(WHO)
        told = self._told(step)
        case: int | engine.Subject = self.case if self.case is not None else weak.subject(session)
        actor = self.world.actors[who]
        before = contents(session) if chance.random() < 0.1 else None
        answer = engine.explain(session, case, step, actor, on=self.on, facts=told)
        outcome, refused = "taken", set[str]()
        try:
            ref = engine.advance(session, case, step, actor, on=self.on, facts=told)
        except NotPermitted:
            outcome = "forbidden"
        except StepRefused as error:
            outcome, refused = "refused", set(error.refused)
        wanted = ({"STATE"} if plain.state not in STEPS[step][0] else set()) | plain.blocked(step, self.on, told)
        story = (self.on, plain.state, step, who, told, outcome, refused, wanted, plain)
        self.met[outcome] += 1
        if not plain.may(step, who):
            assert outcome == "forbidden", story
            assert not answer.permission.allowed, story
        elif wanted:
            assert (outcome, refused) == ("refused", wanted), story
            assert wanted <= {*answer.refused}, story
            self.met.update(refused)
        else:
            assert outcome == "taken" and answer.possible, story
            plain.take(step, who, self.on, told)
            self.case = int(ref.stream.partition(":")[2])
            assert state_of(session, self.case) == plain.state, story
            self.met[step] += 1
            if plain.state in CLOSED:
                self._next(session, step)
        if before is not None and outcome != "taken":
            assert contents(session) == before, story

    def _next(self, session: Session, step: str) -> None:
        """The unit's ratings and problems stay; its next case knows nothing of the former one. A relapse has begun already."""
        self.plain = Plain(ratings=self.plain.ratings, problems=self.plain.problems)
        self.case = None
        if step == "reopen_as_relapse":
            self.case = session.scalars(sa.select(Case.id).where(Case.closed_on.is_(None))).one()
            self.plain.take("open_screening", "", self.on, {})

    def _told(self, step: str) -> dict[str, Any]:
        """What is told with an act: of all that the step may record, each thing now and then, right or wrong."""
        chance, world, on = self.chance, self.world, self.on
        offered: dict[str, Any] = {
            "listing.cause": "Chi ủy yếu", "listing.type": "task", "team": weak.team(world), "plan.oversight": world.people[weak.OVERSEER],
            "measures": weak.measures(world, due=on + dt.timedelta(days=90)), "plan.target_rank": chance.choice((2, 3, 4)),
            "own_plan.issued_on": on - dt.timedelta(days=chance.choice((0, 3, 60))),
            "mid_review.held_on": on - dt.timedelta(days=chance.choice((0, 40, 200))),
            "leadership.installed_on": on - dt.timedelta(days=chance.choice((0, 20))), "note.reason": "Lý do",
            "cadres": {"declared": True, "items": [{"person": world.people[weak.CADRE], "from_on": D(2016, 1, 4), **(
                {"returned_on": on} if chance.random() < 0.5 else {})}]},
            "problems": {"declared": chance.random() < 0.9, "items": self._problems()}}
        process = recorded(on, step)
        likely = 0.85 if step == ONWARD.get(self.plain.state) else 0.5
        told = {name: value for name, value in offered.items() if name in process and chance.random() < likely}
        if step == "dismiss_screening":
            told["note.reason"] = "Chưa cần"
        return told

    def _problems(self) -> list[dict[str, Any]]:
        open_ones = [kind for kind, cleared in self.plain.problems if cleared is None]
        if open_ones and self.chance.random() < 0.6:
            return [{"kind": kind, "cleared_on": self.on} for kind in dict.fromkeys(open_ones)]
        return [{"kind": self.chance.choice(("security", "disunity"))}] if self.chance.random() < 0.25 else []


def recorded(on: D, step: str) -> set[str]:
    found = law().processes["consolidation"].step(step, on)
    assert found is not None
    return {*found.records, *found.may_record}


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_whatever_anybody_tries_the_plain_model_agrees(database_url: str, seed: int) -> None:
    with weak.weak_world(database_url, FIRST, rank=None) as world:
        with world.database.write() as session:
            for key in ("head", weak.HEAD):
                offices.grant_office(session, None, SINCE, person=world.people[key], role="standing_board_signer", unit="H", since=SINCE,
                                     until=D(2025, 6, 30))
        trial = Trial(world, seed)
        trial.run()
        with world.database.read() as session:
            assert fold.compare(session) == []
        assert [str(finding) for finding in verify.Audit().findings(export.lines(world.database))] == []
    assert trial.met["taken"] > TRIES / 6 and trial.met["refused"] > TRIES / 10 and trial.met["forbidden"] > TRIES / 20, trial.met
