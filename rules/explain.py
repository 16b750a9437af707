"""The explaining back end: the answer, the values it rests on, and what is missing.

It walks the tree and gives the same three answers as :mod:`rules.decide`. Of a condition joined by ``and`` that fails,
only the failing parts are reported, all of them; of one that is unknown, only the unknown parts.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from rules import ranges
from rules.calendar import Calendar
from rules.nodes import (
    Arith,
    Compare,
    Const,
    Count,
    Fact,
    Field,
    In,
    Known,
    Logic,
    Node,
    Not,
    Param,
    Quantified,
    Rows,
    asked,
    number,
    value_of,
    walk,
)
from rules.shifts import base_of, move, moves


@dataclass(frozen=True, slots=True)
class Trace:
    """An answer with its reasons.

    ``values`` holds every fact and parameter that the outcome rests on; a collection is
    ``{"declared": ..., "items": [...]}`` with the fields that were read. A fact is None there only where the condition
    asks whether it is known. ``missing`` names the facts whose absence leaves the outcome unknown: a fact, a collection
    that is not declared complete, or a field of an item, as ``introducers[2].signed_on`` (items count from 1).
    """

    outcome: bool | None
    values: dict[str, object]
    missing: tuple[str, ...]


def trace(node: Node, params: Mapping[str, object], facts: Mapping[str, object], calendar: Calendar) -> Trace:
    """Explain a condition for these facts, under the parameters in force."""
    seen = _Walker(params, facts, calendar).condition(node)
    return Trace(seen.outcome, seen.values, tuple(seen.missing) if seen.outcome is None else ())


@dataclass(slots=True)
class _Seen:
    """What a part of the tree answers, and what it read to answer that. ``missing`` is an ordered set."""

    outcome: bool | None
    values: dict[str, object] = field(default_factory=dict)
    missing: dict[str, None] = field(default_factory=dict)

    def take(self, other: _Seen) -> None:
        """Add the reads of another part; two reads of one collection join their fields."""
        for name, value in other.values.items():
            before = self.values.get(name)
            if isinstance(before, dict) and isinstance(value, dict):
                items = [{**a, **b} for a, b in zip(before["items"], value["items"], strict=True)]
                value = {**before, "items": items}
            self.values[name] = value
        self.missing.update(other.missing)


_EXACT: dict[str, Callable[[object, object], bool]] = {"==": lambda a, b: a == b, "!=": lambda a, b: a != b}


class _Walker:
    def __init__(self, params: Mapping[str, object], facts: Mapping[str, object], calendar: Calendar) -> None:
        self.params, self.facts, self.calendar = params, facts, calendar
        #: The item in hand: its fields, and what to call it in `missing`.
        self.item: Mapping[str, object] = {}
        self.item_name = ""

    def condition(self, node: Node) -> _Seen:
        match node:
            case Logic(op=op, args=args):
                return self.join([self.condition(a) for a in args], stop=op == "or")
            case Not(arg=arg):
                seen = self.condition(arg)
                seen.outcome = None if seen.outcome is None else not seen.outcome
                return seen
            case Known(arg=arg):
                seen = _Seen(None)
                seen.outcome = self.read(arg, seen) is not None
                seen.missing.clear()
                if isinstance(arg, Fact):
                    seen.values[arg.name] = self.facts.get(arg.name)
                return seen
            case In(left=left, values=values, negate=negate):
                seen = _Seen(None)
                value = self.read(left, seen)
                seen.outcome = None if value is None else (value in values) is not negate
                return seen
            case Compare():
                return self.compare(node)
            case Quantified():
                return self.quantified(node)
            case _:
                seen = _Seen(None)
                value = self.read(node, seen)
                seen.outcome = None if value is None else bool(value)
                return seen

    def join(self, parts: Iterable[_Seen], stop: bool) -> _Seen:
        """``and`` (stop False) or ``or`` (stop True): the parts that made the outcome what it is."""
        parts = list(parts)
        outcomes = [p.outcome for p in parts]
        joined = _Seen(stop if stop in outcomes else None if None in outcomes else not stop)
        for part in parts:
            if part.outcome is joined.outcome:
                joined.take(part)
        return joined

    def compare(self, node: Compare) -> _Seen:
        seen = _Seen(None)
        if node.left.type.kind in ("int", "fraction"):
            seen.outcome = ranges.COMPARE[node.op](self.range(node.left, seen), self.range(node.right, seen))
            return seen
        a, b = self.read(node.left, seen), self.read(node.right, seen)
        if a is None or b is None:
            return seen
        if node.op in _EXACT:
            seen.outcome = _EXACT[node.op](a, b)
        else:
            # Dates and lengths order as their day numbers do.
            seen.outcome = ranges.COMPARE[node.op](_point(a), _point(b))
        return seen

    def rows(self, collection: str, seen: _Seen, read: Iterable[Node]) -> Rows:
        """A collection; notes the fields that the given parts read of each item."""
        found = self.facts.get(collection)
        rows = found if isinstance(found, Rows) else Rows()
        names = [n.name for part in read for n in walk(part) if isinstance(n, Field)]
        complete = rows.declared is True
        items = [{n: item.get(n) for n in names} for item in rows.items]
        seen.take(_Seen(None, {collection: {"declared": complete, "items": items}},
                        {} if complete else {collection: None}))
        return rows

    def quantified(self, node: Quantified) -> _Seen:
        stop = node.op == "any"
        seen = _Seen(None)
        test = asked(node)
        rows = self.rows(node.collection, seen, [test])
        answers = self.each(node.collection, rows, test)
        outcomes = [a.outcome for a in answers]
        complete = rows.declared is True
        seen.outcome = stop if stop in outcomes else None if not complete or None in outcomes else not stop
        for answer in answers:
            if answer.outcome is seen.outcome:
                seen.take(answer)
        return seen

    def each(self, collection: str, rows: Rows, test: Node) -> list[_Seen]:
        answers = []
        for number_, item in enumerate(rows.items, 1):
            self.item, self.item_name = item, f"{collection}[{number_}]"
            answers.append(self.condition(test))
        return answers

    # Values: read notes what was read; a missing fact gives None.

    def read(self, node: Node, seen: _Seen) -> object:
        match node:
            case Const():
                return node.value
            case Param(name=name):
                seen.values[name] = value_of(name, self.params)
                return seen.values[name]
            case Field(name=name):
                found = self.item.get(name)
                if found is None:
                    seen.missing[f"{self.item_name}.{name}"] = None
                return found
            case Fact(name=name):
                found = self.facts.get(name)
                if found is None:
                    seen.missing[name] = None
                else:
                    seen.values[name] = found
                return found
            case _:
                return self.moved(node, seen)

    def moved(self, node: Node, seen: _Seen) -> object:
        for part in walk(node):
            if isinstance(part, Param):
                seen.values[part.name] = value_of(part.name, self.params)
        day = self.read(base_of(node), seen)
        return move(day, moves(node, self.params), self.calendar) if isinstance(day, dt.date) else None

    def range(self, node: Node, seen: _Seen) -> ranges.Range:
        match node:
            case Arith(op=op, left=left, right=right):
                return ranges.ARITH[op](self.range(left, seen), self.range(right, seen))
            case Count(collection=collection, chosen=chosen):
                rows = self.rows(collection, seen, [chosen] if chosen else [])
                return self.count(collection, rows, chosen, seen)
            case _:
                value = self.read(node, seen)
                return ranges.UNKNOWN if value is None else (number(value), number(value))

    def count(self, collection: str, rows: Rows, chosen: Node | None, seen: _Seen) -> ranges.Range:
        low = high = len(rows.items)
        if chosen is not None:
            answers = self.each(collection, rows, chosen)
            low = sum(a.outcome is True for a in answers)
            high = sum(a.outcome is not False for a in answers)
            for answer in answers:
                seen.take(answer)
        return low, high if rows.declared is True else None


def _point(value: object) -> ranges.Range:
    n = value.toordinal() if isinstance(value, dt.date) else number(value)
    return n, n
