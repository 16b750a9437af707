"""May a step of a rating be taken, by these people, on this day? The same answer for one unit and for a whole round."""
from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from rules.book import Rulebook
from rules.schema import Step
from rules.values import plain, read_facts
from rules.verdict import decide
from workflow import access, tree
from workflow.access import Holding, Permission, Signing
from workflow.context import Actor
from workflow.errors import BadInput
from workflow.inputs import shown
from workflow.journal import Act
from workflow.judge import wanted
from workflow.ratings.ground import Ground
from workflow.verdict import InputProblem, StepVerdict


@dataclass(frozen=True, slots=True)
class Hands:
    """Whose act it is: nobody's (what a file or another act brings), that of the law's own rights, or a decision typed
    in from paper by an office above the unit."""

    signing: Signing | None
    held: list[Holding] = field(default_factory=list)
    from_paper: bool = False

    @classmethod
    def of(cls, session: Session, actor: Actor | None, signatory: int | None = None, on_behalf_of: int | None = None, *,
           from_paper: bool = False, lock: bool = False) -> Hands:
        """One look at the offices of everybody who takes part."""
        if actor is None:
            return cls(None)
        signing = Signing.by(actor, signatory, on_behalf_of)
        return cls(signing, access.holdings(session, signing.people, lock=lock), from_paper)


def explain(session: Session, ground: Ground, unit: int, step_id: str, given: Mapping[str, Any], hands: Hands) -> StepVerdict:
    """Right, state, input and law about one unit. ``given`` are facts of the law; None is not known, whatever is stored.
    Raises BadInput where the law has no such step for the period."""
    step = ground.law.step(step_id, ground.period.last)
    if step is None:
        raise BadInput(f"Bộ quy định không có bước {step_id} cho kỳ {ground.period.label}.", "period")
    known = {**ground.facts(unit), **given}
    facts = {name: value for name, value in known.items() if value is not None}
    judged = decide(ground.book, ground.law, step_id, facts, ground.period.last, units=ground.lines[unit].codes)
    state = ground.state(unit)
    allows = state in ground.law.leaves(step) or state == "start" and ground.law.starts_case(step)
    return StepVerdict(
        process=ground.law.id, step=step_id, law=step, on=ground.on, state=state, state_allows=allows, judged=judged,
        permission=permission(session, ground, unit, step, hands), inputs=tuple(_inputs(ground, unit, step_id)), facts=facts)


def permission(session: Session, ground: Ground, unit: int, step: Step, hands: Hands) -> Permission:
    """Whether these people may: no statement for a unit, as their offices are known."""
    if hands.signing is None:
        return Permission((), ())
    if hands.from_paper:
        return _from_paper(ground, unit, hands)
    organ = ground.path(unit).organ
    rights = access.rights_of(step, ground.lines[unit], organ.id if organ else None, None, ground.book, tuple)
    current = rights
    if ground.today != ground.on and unit in ground.lines_today:
        now = ground.path(unit, today=True).organ
        current = access.rights_of(step, ground.lines_today[unit], now.id if now else None, None, ground.book, tuple)
    return access.permit(session, ground.book, step, hands.signing, case_id=None, subject_id=None, subject_unit=unit,
                         related=(), on=ground.on, today=ground.today, rights=rights, rights_today=current, held=hands.held)


def _from_paper(ground: Ground, unit: int, hands: Hands) -> Permission:
    """An office that keeps the papers of all below its unit, or signs for it, held today above the unit, types in what was decided."""
    places = {*ground.lines[unit].ids[1:], *ground.lines_today.get(unit, ground.lines[unit]).ids[1:]}
    held = above(ground.book, hands, ground.today, places)
    if held is None:
        return Permission(("not_holder",), ())
    return Permission((), (), access.Right(held.role, held.unit_id), held.office_id)


def above(book: Rulebook, hands: Hands, on: dt.date, places: Collection[int]) -> Holding | None:
    """The office by which whoever types keeps the papers of all below one of these units on a day, or signs for one."""
    person = hands.signing.actor.person_id if hands.signing else None
    for held in hands.held:
        office = book.offices.get(held.role)
        if (held.person_id == person and held.valid(on) and held.unit_id in places and office is not None
                and (office.keeps_papers or office.signs) and office.reads == "subtree"):
            return held
    return None


def _inputs(ground: Ground, unit: int, step_id: str) -> list[InputProblem]:
    row = ground.rows.get(unit)
    found = [InputProblem("FACT:taken.day", "future")] if ground.on > ground.today else []
    if row is not None and step_id in ("verify", "reopen"):
        last = row["decided_on"] if step_id == "reopen" else row["reopened_on"] or row["self_on"]
        if last is not None and ground.on < last:
            found.append(InputProblem("FACT:taken.day", "before_last_act"))
    return found


def facts_given(ground: Ground, raw: Mapping[str, Any] | None) -> dict[str, Any]:
    """What was given by the names of the law, in its types. Raises BadInput naming the first that is wrong."""
    facts, wrong = read_facts(raw or {}, ground.law.facts)
    if wrong:
        name, message = wrong[0]
        raise BadInput(f"{name}: {message}", name)
    return facts


def act_of(session: Session, actor: Actor | None, ground: Ground, unit: int, tag: str, verdict: StepVerdict, hands: Hands, *,
           to: str | None = None, person: int | None = None) -> Act:
    """The act in the journal, with what it was judged by. ``to`` is the state reached; values about a ``person`` are his."""
    code, may = ground.lines[unit].unit.code, verdict.permission
    header: dict[str, Any] = {
        "process": ground.law.id, "step": verdict.step, "from": verdict.state, "to": to or verdict.state, "unit": code,
        "kind": ground.period.kind, "period_from": ground.period.first.isoformat(), "period_to": ground.period.last.isoformat(),
        "rules": {f.rule: f.outcome for f in verdict.judged.findings}, "right": may.acting.role if may.acting else None,
        "office": may.office_id, "organ": may.acting.unit_id if may.acting else None,
    }
    if hands.signing is not None and not hands.from_paper:
        header["signatory"] = hands.signing.signatory_id
        if may.on_behalf_of:
            header["on_behalf_of"] = may.on_behalf_of
    act = Act(session, stream=f"unit:{code}", tag=tag, acted_on=ground.on, actor=actor, unit_id=unit, header=header)
    asked = wanted(ground.law, verdict.step, ground.period.last, ground.lines[unit].codes)
    act.note("values", {name: plain(value) for name, value in sorted(verdict.facts.items()) if name in asked}, person)
    return act


def line_of(ground: Ground, unit: int, code: str | int) -> tree.Line:
    """The place of a unit. Raises BadInput for one that never lived."""
    if unit not in ground.lines:
        raise BadInput(f"Không có đơn vị {code} vào ngày {shown(ground.on)}; kiểm tra mã và ngày.", "unit")
    return ground.lines[unit]
