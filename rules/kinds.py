"""Which kinds of values go together, and how to say that two do not."""
from __future__ import annotations

import difflib
from collections.abc import Iterable

from rules.nodes import NUMBERS, SHIFTS, Const, Fact, Field, Node, Param, Type

_WORDS = {"bool": "a yes/no value", "int": "a whole number", "fraction": "a fraction", "text": "a text",
          "code": "a code", "date": "a date", "person": "a person", "unit": "a unit", "months": "a number of months",
          "days": "a number of days", "working_days": "a number of working days"}
#: Kinds that have an order; the others are only equal or not.
_ORDERED = ("int", "fraction", "date", *SHIFTS)


def words(type_: Type) -> str:
    """A kind in plain words."""
    return _WORDS[type_.kind]


def near(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest known ones."""
    options = sorted(set(known))
    close = difflib.get_close_matches(name, options, n=3, cutoff=0.5)
    if close:
        return f"; near ones: {', '.join(close)}"
    if options and len(options) <= 12:
        return f"; there are: {', '.join(options)}"
    return ""


def fit(node: Node, type_: Type) -> Node:
    """A written constant in the type of what it is compared with: a text as a code, a number as months or days."""
    if isinstance(node, Const):
        if node.type.kind == "text" and type_.kind == "code":
            return Const(type_, node.value)
        if node.type.kind == "int" and type_.kind in SHIFTS:
            return Const(type_, node.value)
    return node


def misfit(op: str, left: Node, right: Node) -> str | None:
    """Why two values cannot be compared with this operator; None when they can. Constants have been fitted."""
    a, b = left.type, right.type
    if a.kind in NUMBERS and b.kind in NUMBERS:
        return None
    if a.kind in ("person", "unit") and isinstance(right, Const):
        return f"{words(a)} cannot be compared with a written value; compare it with another fact"
    if a.kind != b.kind:
        return f"{words(a)} cannot be compared with {words(b)}"
    if op not in ("==", "!=") and a.kind not in _ORDERED:
        return f"{words(a)} has no order; only == and != compare it"
    if a.kind == "bool" and not all(isinstance(n, Const | Fact | Field | Param) for n in (left, right)):
        return "whole conditions cannot be compared; join them with `and`, `or`, `not`"
    if a.kind == "code":
        return code_misfit(left, right)
    return None


def code_misfit(left: Node, right: Node) -> str | None:
    """Why two codes can never be equal: a written one outside the list, or lists without a common member."""
    for here, other in ((left, right), (right, left)):
        if isinstance(here, Const):
            code = str(here.value)
            return None if code in other.type.codes else f"`{code}` is not one of the codes{near(code, other.type.codes)}"
    if not set(left.type.codes) & set(right.type.codes):
        return "these two lists of codes have no member in common"
    return None
