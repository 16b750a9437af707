"""What stands in the way of the next step, asked of the database for all cases in sight at once."""
from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules import sql
from rules.book import Rulebook
from rules.judging import Ready, judges_of
from rules.nodes import names_used
from rules.process import ProcessLaw
from workflow import road
from workflow.bindings import BINDINGS
from workflow.context import book_of
from workflow.factcolumns import CaseFacts, Day, Stored
from workflow.models import Case
from workflow.snapshot import place_facts
from workflow.waiting import Desk

Condition = sa.ColumnElement[bool]
Chosen = Callable[[Ready], bool]


def _every(ready: Ready) -> bool:
    return True


def waits_for_time(ready: Ready) -> bool:
    """A rule that only asks how long ago a former step was: nobody can do anything but wait."""
    reads = ready.rule.reads
    return bool(reads.facts) and not reads.collections and not ready.exceptions \
        and all(name.startswith("did.") or name == "act.on" for name in reads.facts) \
        and any(name.startswith("did.") for name in reads.facts)


def reads_rule(rule_id: str) -> Chosen:
    """Picks the rule of that id."""
    return lambda ready: ready.rule.id == rule_id


def stuck(session: Session, desk: Desk, on: dt.date, chosen: Chosen = _every, *, surely: bool = False) -> Condition:
    """Cases of whose next step a chosen rule is not met or not known; with ``surely`` only those not met."""
    book = book_of(session)
    parts: list[Condition] = []
    for process, pairs in desk.pairs.items():
        law = book.processes[process]
        places = {unit: place_facts(spot.line, spot.path) for unit, spot in desk.places[process].items()}
        groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        rules: dict[tuple[Any, ...], tuple[Ready, ...]] = {}
        for unit, state in sorted(pairs):
            codes = desk.places[process][unit].line.codes
            for step in road.next_steps(book, law, desk.on, state, places[unit], codes):
                asked = tuple(r for r in judges_of(book).of_step(law, step, on, codes) or ()
                              if r.rule.severity == "block" and chosen(r))
                if asked:
                    key = (state, step, tuple((r.rule, tuple(r.params.items())) for r in asked), _lengths(book, law, step, on, codes))
                    rules.setdefault(key, asked)
                    groups[key].append(unit)
        for key, units in groups.items():
            state, step, _rules, lengths = key
            source = CaseFacts(law, BINDINGS[process], on, places, law.step(step, on), _days(book, law, step, on, dict(lengths)))
            fails = sa.or_(*(_fails(book, r, source, on, surely) for r in rules[key]))
            parts.append(Case.id.in_(source.cases(sa.and_(
                source.case.c.state == state, source.case.c.unit_id.in_(sorted(set(units))),
                source.case.c.closed_on.is_(None), fails))))
    return sa.or_(sa.false(), *parts)


def _lengths(book: Rulebook, law: ProcessLaw, step: str, on: dt.date, codes: tuple[str, ...]) -> tuple[tuple[str, Any], ...]:
    """The parameters that the derived days of a step read, for a unit."""
    found = law.step(step, on)
    derived = (found.derived if found else {}).items()
    names = {p for fact, text in derived for p in names_used(law.following(fact, text)).parameters}
    return tuple((name, book.value(name, on, codes).value) for name in sorted(names))


def _days(book: Rulebook, law: ProcessLaw, step: str, on: dt.date, params: Mapping[str, Any]) -> dict[str, Day]:
    """How what a step derives is written in SQL; each value sees the stored facts, never another derived one."""
    def made(fact: str, text: str) -> Day:
        node = law.following(fact, text)
        return lambda source: sql.value(node, params, Stored(source), on, book.calendar)
    found = law.step(step, on)
    return {fact: made(fact, text) for fact, text in (found.derived if found else {}).items()}


def _fails(book: Rulebook, ready: Ready, source: CaseFacts, on: dt.date, surely: bool) -> Condition:
    """The rule blocks: not met or not known, and no exception is met."""
    when = sql.predicate(ready.rule.when, ready.params, source, on, book.calendar)
    if surely:
        own: Condition = when.is_(sa.false())
    else:
        own = sa.or_(when.is_(sa.false()), when.is_(sa.null()))
    if ready.rule.applies is not None:
        applies = sql.predicate(ready.rule.applies, ready.params, source, on, book.calendar)
        own = sa.and_(applies.is_(sa.true()), own) if surely else \
            sa.or_(applies.is_(sa.null()), sa.and_(applies.is_(sa.true()), own))
    excused = [_met(book, ready=e, source=source, on=on) for e in ready.exceptions]
    return sa.and_(own, sa.not_(sa.or_(*excused))) if excused else own


def _met(book: Rulebook, ready: Ready, source: CaseFacts, on: dt.date) -> Condition:
    """The exception is met; two-valued, so that its negation is safe."""
    when: Condition = sa.func.coalesce(sql.predicate(ready.rule.when, ready.params, source, on, book.calendar), sa.false())
    found: Sequence[Condition] = [when]
    if ready.rule.applies is not None:
        applies = sql.predicate(ready.rule.applies, ready.params, source, on, book.calendar)
        found = [sa.func.coalesce(applies, sa.false()), when]
    own = sa.and_(*found)
    return sa.or_(own, *(_met(book, e, source, on) for e in ready.exceptions)) if ready.exceptions else own
