"""What waits for somebody and what is held up, by the engine itself, case by case: the measure of every queue."""
from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.book import Rulebook
from rules.judging import judges_of
from workflow import blocked, engine, road, signers, snapshot
from workflow.models import Case
from workflow.verdict import StepVerdict
from workflow.waiting import Desk


@dataclass
class Expected:
    """The open cases in sight that wait for this account, and those that something holds up; how many wait for time alone."""

    mine: set[int] = field(default_factory=set)
    stuck: set[int] = field(default_factory=set)
    timed: int = 0


def by_engine(session: Session, book: Rulebook, desk: Desk) -> Expected:
    """Ask the engine about every step onward of every open case in sight."""
    found = Expected()
    for case in session.scalars(sa.select(Case.id).where(desk.scope, Case.closed_on.is_(None))):
        seen = snapshot.load(session, book.processes, case, desk.on)
        ahead = road.next_steps(book, seen.law, desk.on, seen.case["state"], snapshot.place_facts(seen.line, seen.path), seen.line.codes)
        for verdict in engine.steps(session, case, desk.actor, on=desk.on):
            if verdict.step not in ahead:
                continue
            if verdict.blocking:
                found.stuck.add(case)
            late = any(f.outcome == "not_met" and blocked.waits_for_time(ready) for f in verdict.blocking
                       if (ready := judges_of(book).of_rule(seen.law, f.rule, desk.on, seen.line.codes)) is not None)
            found.timed += late
            if not late and _may(session, book, desk, case, verdict):
                found.mine.add(case)
    return found


def _may(session: Session, book: Rulebook, desk: Desk, case: int, verdict: StepVerdict) -> bool:
    """As signatory, or as who types it in for somebody who may sign."""
    if verdict.permission.allowed or verdict.permission.reasons != ("not_holder",):
        return verdict.permission.allowed
    rights = signers.recordable(book, verdict.permission.who, desk.held)
    return any(engine.explain(session, case, verdict.step, desk.actor, on=desk.on, signatory=s.person_id,
                              on_behalf_of=s.behalf_id).permission.allowed
               for s in signers.signers(session, rights, desk.on))
