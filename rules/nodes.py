"""The parts of a checked expression: types, names and the small tree that every back end reads.

A tree is built by :func:`rules.language.parse` only, so whoever holds a node holds a type-checked expression. Nodes are
frozen and hashable: compiled code is kept per tree.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Literal

#: The acting day: the one name whose value moves when a first day is sought.
ACT_ON = "act.on"

Kind = Literal["bool", "int", "fraction", "text", "code", "date", "person", "unit", "months", "days", "working_days"]
#: Kinds of which ``date + kind(n)`` moves a date.
SHIFTS: tuple[Kind, ...] = ("months", "days", "working_days")
#: Kinds that are counted with whole or exact numbers.
NUMBERS: tuple[Kind, ...] = ("int", "fraction")


class RuleError(ValueError):
    """Something in the law is wrong, told to whoever wrote it: where, in which column, and what to do.

    ``where`` is a rule id or file, ``column`` counts characters of the expression from 1.
    """

    def __init__(self, message: str, *, where: str = "", column: int | None = None) -> None:
        self.message, self.where, self.column = message, where, column
        place = ", ".join(p for p in (where, "" if column is None else f"column {column}") if p)
        super().__init__(f"{place}: {message}" if place else message)


@dataclass(frozen=True, slots=True)
class Type:
    """What a value is. ``codes`` is the closed list of a code."""

    kind: Kind
    codes: tuple[str, ...] = ()


BOOL, INT, FRACTION, TEXT, DATE = Type("bool"), Type("int"), Type("fraction"), Type("text"), Type("date")


@dataclass(frozen=True, slots=True)
class Names:
    """The names an expression may read. ``act.on`` is a date in all of them."""

    facts: Mapping[str, Type] = field(default_factory=dict)
    collections: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    parameters: Mapping[str, Type] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rows:
    """The value of a collection. Until it is ``declared`` complete, items that nobody has entered may exist."""

    declared: bool = False
    items: Sequence[Mapping[str, object]] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """Base of all parts of a tree; ``type`` is what the part yields."""

    type: Type


@dataclass(frozen=True, slots=True)
class Const(Node):
    value: bool | int | str


@dataclass(frozen=True, slots=True)
class Fact(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Field(Node):
    """A field of the item that the surrounding ``all``, ``any`` or ``count`` looks at."""

    collection: str
    name: str


@dataclass(frozen=True, slots=True)
class Param(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Arith(Node):
    op: Literal["+", "-", "*"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Shift(Node):
    """A date moved by whole months, days or working days; ``sign`` is 1 or -1."""

    base: Node
    unit: Kind
    sign: int
    amount: Const | Param


@dataclass(frozen=True, slots=True)
class MonthStart(Node):
    base: Node


@dataclass(frozen=True, slots=True)
class Compare(Node):
    op: Literal["<", "<=", ">", ">=", "==", "!="]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    left: Node
    values: tuple[bool | int | str, ...]
    negate: bool


@dataclass(frozen=True, slots=True)
class Known(Node):
    arg: Fact | Field


@dataclass(frozen=True, slots=True)
class Not(Node):
    arg: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    op: Literal["and", "or"]
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """``all`` or ``any`` of ``test`` over the items for which ``chosen`` holds (all items where it is None)."""

    op: Literal["all", "any"]
    collection: str
    test: Node
    chosen: Node | None


@dataclass(frozen=True, slots=True)
class Count(Node):
    collection: str
    chosen: Node | None


@dataclass(frozen=True, slots=True)
class Used:
    """What an expression reads. ``fields`` are ``(collection, field)`` pairs."""

    facts: set[str]
    collections: set[str]
    parameters: set[str]
    fields: set[tuple[str, str]]


def children(node: Node) -> Iterator[Node]:
    """The parts directly below a node, in reading order."""
    for spec in fields(node):
        value = getattr(node, spec.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from (v for v in value if isinstance(v, Node))


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it, in reading order."""
    yield node
    for child in children(node):
        yield from walk(child)


def names_used(node: Node) -> Used:
    """Facts, collections and parameters that an expression reads."""
    used = Used(set(), set(), set(), set())
    for part in walk(node):
        match part:
            case Fact(name=name):
                used.facts.add(name)
            case Param(name=name):
                used.parameters.add(name)
            case Field(collection=collection, name=name):
                used.fields.add((collection, name))
            case Quantified(collection=collection) | Count(collection=collection):
                used.collections.add(collection)
            case _:
                pass
    return used


def asked(node: Quantified) -> Node:
    """What is asked of each item: ``all(t if c)`` asks ``not c or t``, ``any(t if c)`` asks ``c and t``."""
    if node.chosen is None:
        return node.test
    if node.op == "all":
        return Logic(BOOL, "or", (Not(BOOL, node.chosen), node.test))
    return Logic(BOOL, "and", (node.chosen, node.test))


def has_count(node: Node) -> bool:
    """Whether the number may be a range, because it counts items of a collection."""
    return any(isinstance(part, Count) for part in walk(node))


def value_of(name: str, params: Mapping[str, object]) -> object:
    """A parameter's value in force; a repealed one must not be read."""
    value = params.get(name)
    if value is None:
        raise RuleError(f"the parameter `{name}` has no value in force on this day; end the rule that reads it on the"
                        " day the parameter is repealed, or give the parameter a value", where=name)
    return value


def number(value: object) -> int | Fraction:
    """A value that the type check has found to be a number."""
    assert isinstance(value, int | Fraction)
    return value
