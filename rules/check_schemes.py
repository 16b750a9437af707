"""Schemes of classification: for every kind of period exactly one on each day, levels in order, points that descend."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from rules.book import Rulebook
from rules.dated import ONE_DAY, NotInForce, in_force
from rules.loader import Problem, near
from rules.schema_organisation import Level, Scheme
from rules.scope import SHARED


def check(book: Rulebook) -> Iterator[Problem]:
    """Spans, names, ranks and points of all schemes."""
    for kind in dict.fromkeys(k for scheme in book.schemes.values() for k in scheme.kinds):
        yield from _spans(book, kind, {id_: s for id_, s in book.schemes.items() if kind in s.kinds})
    names: dict[str, str] = {}
    for id_, scheme in book.schemes.items():
        for name in (id_, *scheme.aliases):
            if names.setdefault(name, id_) != id_:
                yield _say(book, id_, "aliases", f"{name} already names {names[name]}; a name leads to one scheme")
        for section, levels in (("levels", scheme.levels), ("members", scheme.members)):
            yield from _ranks(book, id_, section, levels)
        yield from _points(book, id_, scheme)


def _spans(book: Rulebook, kind: str, schemes: Mapping[str, Scheme]) -> Iterator[Problem]:
    order = sorted(schemes.items(), key=lambda item: item[1].since)
    for (before, former), (after, latter) in zip(order, order[1:], strict=False):
        if former.until is None or former.until >= latter.since:
            yield _say(book, after, "since", f"overlaps {before} for periods of the kind {kind}; expected `until: "
                       f"{latter.since - ONE_DAY}` there")
        elif former.until + ONE_DAY < latter.since:
            yield _say(book, after, "since", f"leaves a gap after {before} for periods of the kind {kind}; expected "
                       f"`since: {former.until + ONE_DAY}`")


def _ranks(book: Rulebook, id_: str, section: str, levels: Mapping[str, Level]) -> Iterator[Problem]:
    ranks = [level.rank for level in levels.values()]
    if ranks != sorted(set(ranks), reverse=True):
        yield _say(book, id_, section, f"the ranks {ranks} do not descend; list the levels from the highest, one for each rank")


def _points(book: Rulebook, id_: str, scheme: Scheme) -> Iterator[Problem]:
    named = [level.points for level in scheme.levels.values() if level.points is not None]
    for name in named:
        parameter = book.parameters.get(name)
        if parameter is None or parameter.unit != "int":
            yield _say(book, id_, "levels", f"no parameter {name} of the unit int{near(name, book.parameters)}")
            return
    days = {scheme.since, *(d for name in named for d in book.change_days(name) if in_force(scheme, d))}
    for day in sorted(days):
        values = [value for name in named if (value := _value(book, name, day)) is not None]
        if values != sorted(set(values), reverse=True):
            yield _say(book, id_, "levels", f"on {day} the points {values} do not descend with the ranks")
            return
    last = scheme.until or max(days)
    if any(_value(book, name, last) is None for name in named):
        yield _say(book, id_, "levels", f"the points of a level have no value on {last}, when a period of this scheme may end")


def _value(book: Rulebook, name: str, day: dt.date) -> int | None:
    try:
        return int(book.value(name, day).value)
    except NotInForce:
        return None


def _say(book: Rulebook, id_: str, key: str, message: str) -> Problem:
    scope = next((s for s, part in book.body.parts() if id_ in part.schemes), SHARED)
    return book.body.places.problem(scope, ("schemes", id_, key), message, "scheme")
