"""Judging a request: right, state, input, rules, ballot. Reads only; :mod:`workflow.engine` writes."""
from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from rules.nodes import Rows, names_used
from rules.process import ProcessLaw, reads_of
from rules.schema import Step
from rules.verdict import Verdict, decide
from workflow import access, meetings
from workflow.caserows import with_told
from workflow.context import book_of, clock_of
from workflow.errors import NotFound
from workflow.process import choices, sources
from workflow.request import Request, ballot_errors, problems, read_facts
from workflow.snapshot import Snapshot, beside, path_of, place
from workflow.verdict import InputProblem, StepVerdict


def judge(session: Session, snapshot: Snapshot, request: Request, *, lock: bool = False) -> StepVerdict:
    """The whole answer for one request about one case. Raises NotFound for a step the law never had."""
    law = snapshot.law
    step = law.step(request.step, request.on)
    if step is None:
        if request.step not in law.step_versions:
            raise NotFound(f"Quy trình không có bước {request.step}.")
        return _not_in_force(session, snapshot, request)
    given, wrong = read_facts(law, step, request.facts)
    state = snapshot.case["state"]
    offered = choices(law, step, state)
    wrong += problems(snapshot, step, request, given, clock_of(session).today(), offered)
    if request.meeting is not None and not meetings.fits(session, request.meeting, set(snapshot.line.ids), request.on):
        wrong.append(InputProblem("FACT:meeting", "other_meeting"))
    malformed = ballot_errors(request.ballot)
    count = None if malformed else request.count
    facts = _standing(snapshot, wanted(law, request.step, request.on, snapshot.line.codes)) | given
    facts |= {name: with_told(snapshot, name, rows) for name, rows in given.items() if isinstance(rows, Rows)}
    derived = _derived(session, snapshot, step, facts, given)
    facts |= derived
    if step.ballot:
        facts["ballot.round"] = snapshot.round(rounds_with(law, request.step, step, request.on))
    judged = decide(book_of(session), law, request.step, facts, request.on, units=snapshot.line.codes, count=count)
    return StepVerdict(
        process=law.id, step=request.step, law=step, on=request.on, state=state,
        permission=permission(session, snapshot, step, request, given, lock=lock),
        state_allows=state in sources(law, step), judged=judged, inputs=tuple(wrong), choices=offered, derived=derived,
        ballot_problems=tuple(_ballot_problems(step, request, judged, malformed)), facts=facts,
    )


def _standing(snapshot: Snapshot, names: frozenset[str]) -> dict[str, Any]:
    """What is known before the act. What an act tells for itself alone (its reason) is kept, but speaks for no later one."""
    law = snapshot.law
    once = {name for name in snapshot.binding.homes(law) if law.facts[name].source == "act"}
    return {name: value for name, value in snapshot.facts(names).items() if name not in once}


def _derived(session: Session, snapshot: Snapshot, step: Step, facts: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The values that follow from others: of ``sets`` unless given with the act, of ``defaults`` while nothing is known."""
    book, found = book_of(session), {}
    for fact, text in step.derived.items():
        if fact in given or (fact in step.defaults and facts.get(fact) is not None):
            continue
        value = book.evaluate(snapshot.law.following(fact, text), facts, snapshot.on, snapshot.line.codes)
        if value is not None:
            found[fact] = value
    return found


def _not_in_force(session: Session, snapshot: Snapshot, request: Request) -> StepVerdict:
    """A step that the law has, but not on that day: the state does not allow it, whatever the state."""
    law = snapshot.law
    step = law.step_versions[request.step][-1]
    judged = Verdict(law.id, request.step, request.on, book_of(session).edition, "not_met", (), None,
                     step.since if step.since > request.on else None, None)
    return StepVerdict(law.id, request.step, step, request.on, snapshot.case["state"],
                       permission(session, snapshot, step, request, {}), False, judged)


def _ballot_problems(step: Step, request: Request, judged: Verdict, malformed: list[str]) -> list[str]:
    if request.asking:
        return []
    if malformed:
        return ["no_ballot"]
    if step.ballot is None:
        return ["not_a_ballot"] if request.ballot is not None else []
    if request.ballot is None or judged.ballot is None:
        return ["no_ballot"]
    return list(judged.ballot.problems) or ([] if judged.ballot.carried is not None else ["no_ballot"])


def permission(session: Session, snapshot: Snapshot, step: Step, request: Request, given: dict[str, Any], *,
               lock: bool = False) -> access.Permission:
    """Who may take the step, and whether these people may."""
    book, today = book_of(session), clock_of(session).today()
    receiving = snapshot.receiving(given)
    organ = snapshot.path.organ
    rights = access.rights_of(step, snapshot.line, organ.id if organ else None, receiving, book,
                              lambda: beside(session, snapshot.line, request.on))
    current = rights
    if today != request.on:
        line = place(session, snapshot.case["unit_id"], today)
        organ = path_of(session, snapshot.law, line, today).organ
        current = access.rights_of(step, line, organ.id if organ else None, receiving, book,
                                   lambda: beside(session, line, today))
    # Who is related is asked only where it can tell: for a right that rests on it, and for acts that it bars from.
    asked = bool(step.excludes) or any(right.unit_id is None for right in (*rights, *current))
    return access.permit(
        session, book, step, request.signing, case_id=snapshot.id, subject_id=snapshot.case["subject_person_id"],
        subject_unit=snapshot.case["subject_unit_id"], related=snapshot.related if asked else (), on=request.on, today=today,
        rights=rights, rights_today=current, held=access.holdings(session, request.signing.people, lock=lock))


@lru_cache(maxsize=4096)
def wanted(law: ProcessLaw, step_id: str, on: dt.date, units: tuple[str, ...]) -> frozenset[str]:
    """The facts and collections that a step can need: those its rules, duties, outcomes and default days read."""
    names: set[str] = set()
    waiting = law.guards(step_id, on, units)
    seen = set()
    while waiting:
        rule = waiting.pop()
        if rule in seen:
            continue
        seen.add(rule)
        reads = reads_of(rule.when, rule.applies)
        names |= reads.facts | reads.collections
        waiting += [v for v in (law.rule(i, on) for i in rule.unless) if v is not None]
    step = law.step(step_id, on)
    for want, text in _expressions(law, step) if step else ():
        used = names_used(law.expression(want, text))
        names |= used.facts | used.collections
    return frozenset(names)


def _expressions(law: ProcessLaw, step: Step) -> list[tuple[str, str]]:
    kinds = law.names.facts
    found: list[tuple[str, str]] = [(kinds[fact].kind, text) for fact, text in step.derived.items()]
    for name, row in step.appends.items():
        found += [(law.names.collections[name][field].kind, text) for field, text in row.items()]
    if step.opens is not None and step.opens.when is not None:
        found.append(("bool", step.opens.when))
    for name in (*step.starts, *step.restarts):
        for version in law.duties.get(name, ()):
            found += [("date", version.starts), ("date", version.law_of)]
    return found


def rounds_with(law: ProcessLaw, step_id: str, step: Step, on: dt.date) -> tuple[str, ...]:
    """The steps whose short votes are counted together with those of this one."""
    if step.rounds is None:
        return (step_id,)
    return tuple(sorted(s for s, versions in law.step_versions.items()
                        if any(v.rounds == step.rounds for v in versions)))


def short_outcome(session: Session, snapshot: Snapshot, verdict: StepVerdict) -> str:
    """Where a vote that fell short leads: the first outcome whose condition holds."""
    law, book = snapshot.law, book_of(session)
    for outcome in law.below(verdict.law):
        if outcome.when is not None:
            if book.evaluate(law.expression("bool", outcome.when), verdict.facts, verdict.on, snapshot.line.codes) is not True:
                continue
        return verdict.state if outcome.to == "same" else outcome.to
    return verdict.state
