"""Versions follow each other without overlap or gap, and what they read has a value on every day of their life."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rules.book import Rulebook
from rules.dated import ONE_DAY, HasDays, NotInForce, change_days, in_force
from rules.loader import Problem, near
from rules.process import ProcessLaw, RuleVersion

Path = tuple[Any, ...]


def check(book: Rulebook) -> Iterator[Problem]:
    """Spans of documents, rules, steps, ballots, duties and organs; parameters in force wherever they are read."""
    say = book.body.places.problem
    for scope, part in book.body.parts():
        for section in ("rules", "steps", "ballots", "duties", "organs"):
            for id_, versions in getattr(part, section).items():
                yield from _versions(book, scope, (section, id_), versions)
        for id_, document in part.documents.items():
            if document.until is not None and document.until < document.since:
                yield say(scope, ("documents", id_, "until"), _backwards(document), "span")
        for n, row in enumerate(part.deciders):
            if row.until is not None and row.until < row.since:
                yield say(scope, ("deciders", n, "until"), _backwards(row), "span")
    for process in (*book.processes.values(), book.common):
        own = [r for r in process.all_rules() if r.scope == process.id]
        yield from _follows(book, process, own)
        for rule in own:
            yield from _readable(book, rule)
        yield from _lengths(book, process)


def _backwards(item: HasDays) -> str:
    return f"ends on {item.until}, before it begins on {item.since}; expected a later last day"


def _versions(book: Rulebook, scope: str, path: Path, versions: Sequence[Any]) -> Iterator[Problem]:
    say = book.body.places.problem
    order = sorted(range(len(versions)), key=lambda n: versions[n].since)
    for n in order:
        if versions[n].until is not None and versions[n].until < versions[n].since:
            yield say(scope, (*path, n, "until"), _backwards(versions[n]), "span")
            return
    for before, after in zip(order, order[1:], strict=False):
        a, b = versions[before], versions[after]
        if a.until is None or a.until >= b.since:
            until = a.until or "no last day"
            yield say(scope, (*path, after, "since"), f"overlaps the version before it ({a.since} to {until}); expected "
                      f"`until: {b.since - ONE_DAY}` there", "overlap")
        elif a.until + ONE_DAY < b.since:
            yield say(scope, (*path, after, "since"), f"leaves a gap: nothing is in force from {a.until + ONE_DAY} to "
                      f"{b.since - ONE_DAY}; expected `since: {a.until + ONE_DAY}`, or a later `until` before it", "gap")


def _follows(book: Rulebook, process: ProcessLaw, rules: Iterable[RuleVersion]) -> Iterator[Problem]:
    """A rule under a new id starts the day after its predecessor ends."""
    for rule in rules:
        old = rule.law.follows
        if old is None:
            continue
        path = ("rules", rule.id, rule.number, "follows")
        versions = process.rule_versions.get(old)
        if versions is None:
            yield book.body.places.problem(rule.scope, path, f"no rule {old}{near(old, process.rule_versions)}", "names")
            continue
        last = max(versions, key=lambda v: v.since)
        if last.until is None or last.until >= rule.since:
            yield book.body.places.problem(rule.scope, path, f"overlaps {old}, which it follows; expected `until: "
                                           f"{rule.since - ONE_DAY}` there", "overlap")
        elif last.until + ONE_DAY < rule.since:
            yield book.body.places.problem(rule.scope, path, f"leaves a gap after {old}, which ends on {last.until}; "
                                           f"expected `since: {last.until + ONE_DAY}`", "gap")


def _readable(book: Rulebook, rule: RuleVersion) -> Iterator[Problem]:
    """No rule reads a parameter on a day on which it has no value."""
    if rule.until is not None and rule.until < rule.since:
        return
    units = (rule.layer,) if rule.layer else ()
    for name in rule.parameters:
        day = _day_without(book, name, rule.since, rule.until, units)
        if day is not None:
            path = ("rules", rule.id, rule.number, "when")
            message = (f"reads {name}, which has no value on {day}; end the rule the day before, or give {name} a value "
                       f"from {day}")
            yield (book.body.places.problem(rule.scope, path, message, "repealed") if rule.place is None
                   else book.body.places.in_layer(rule.place, path, message, "repealed"))


def _lengths(book: Rulebook, process: ProcessLaw) -> Iterator[Problem]:
    """Shares of ballots, terms of duties and lifetimes of papers are parameters in force all along."""
    scoped = dict(book.body.parts())[process.id]
    for id_, ballots in scoped.ballots.items():
        for n, ballot in enumerate(ballots):
            yield from _named(book, process.id, ("ballots", id_, n, "share"), ballot.share, ballot.since, ballot.until,
                              ("fraction",))
    for id_, duties in scoped.duties.items():
        for n, duty in enumerate(duties):
            for key in ("term", "every"):
                term = getattr(duty, key)
                for unit in ("working_days", "months", "days"):
                    name = getattr(term, unit, None)
                    if isinstance(name, str):
                        yield from _named(book, process.id, ("duties", id_, n, key, unit), name, duty.since, duty.until,
                                          (unit,))
            if duty.extend_max is not None:
                yield from _named(book, process.id, ("duties", id_, n, "extend_max"), duty.extend_max, duty.since,
                                  duty.until, ("int", "working_days", "days", "months"))
    for kind, paper in scoped.papers.items():
        if paper.valid is not None:
            yield from _named(book, process.id, ("papers", kind, "valid"), paper.valid, None, None, ("months", "days"))
    for id_, head in scoped.process.items():
        if head.deadlock_rounds is not None:
            yield from _named(book, process.id, ("process", id_, "deadlock_rounds"), head.deadlock_rounds, None, None,
                              ("int",))


def _named(book: Rulebook, scope: str, path: Path, name: str, since: dt.date | None, until: dt.date | None,
           units: Sequence[str]) -> Iterator[Problem]:
    parameter = book.parameters.get(name)
    say = book.body.places.problem
    if parameter is None:
        yield say(scope, path, f"no parameter {name}{near(name, book.parameters)}", "names")
    elif parameter.unit not in units:
        yield say(scope, path, f"{name} is measured in {parameter.unit}; expected {' or '.join(units)}", "names")
    elif since is not None:
        day = _day_without(book, name, since, until, ())
        if day is not None:
            yield say(scope, path, f"{name} has no value on {day}; end this the day before, or give {name} a value from "
                      f"{day}", "repealed")


def _day_without(book: Rulebook, name: str, since: dt.date, until: dt.date | None, units: Sequence[str]
                 ) -> dt.date | None:
    """The first day of a span on which a parameter has no value."""
    for day in sorted({since, *book.change_days(name)}):
        if since <= day and (until is None or day <= until):
            try:
                book.value(name, day, units)
            except NotInForce:
                return day
    return None


def covered(versions: Sequence[HasDays], since: dt.date, until: dt.date | None) -> dt.date | None:
    """The first day of a span on which none of the versions is in force, or None."""
    for day in sorted({since, *change_days(versions)}):
        if since <= day and (until is None or day <= until) and not any(in_force(v, day) for v in versions):
            return day
    return None
