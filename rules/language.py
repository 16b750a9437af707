"""The language in which conditions of the law are written.

The grammar is Python's own expression grammar, of which a short list of forms is allowed: facts by dotted name,
parameters by name, constants, ``and or not``, comparisons, ``in`` a list of constants, ``+ - *`` on numbers,
``known(fact)``, dates moved by ``months(n)``, ``days(n)``, ``working_days(n)`` and ``month_start(date)``, and over the
declared collections ``all(... for x in xs if ...)``, ``any(...)``, ``count(x for x in xs if ...)``. The text is parsed
and type-checked as data; it is never run. Everything else is refused with a :class:`RuleError` that names the place.
"""
from __future__ import annotations

import ast
import unicodedata
import warnings
from dataclasses import dataclass
from typing import NoReturn

from rules.kinds import fit, misfit, near, words
from rules.nodes import (
    ACT_ON,
    BOOL,
    DATE,
    FRACTION,
    INT,
    NUMBERS,
    SHIFTS,
    TEXT,
    Arith,
    Compare,
    Const,
    Count,
    Fact,
    Field,
    In,
    Kind,
    Known,
    Logic,
    MonthStart,
    Names,
    Node,
    Not,
    Param,
    Quantified,
    Rows,
    RuleError,
    Shift,
    Type,
    Used,
    has_count,
    names_used,
    walk,
)
from rules.shifts import LONGEST, rests_on_act

__all__ = ["ACT_ON", "LANGUAGE_VERSION", "MAX_DEPTH", "MAX_LENGTH", "Names", "Node", "Rows", "RuleError", "Type",
           "Used", "names_used", "parse"]

#: Part of every edition: a change of meaning changes the edition.
LANGUAGE_VERSION = 1
MAX_LENGTH = 4000
#: Law needs less than ten; generated code could not nest its loops much deeper.
MAX_DEPTH = 16
#: Larger written numbers have no meaning in the law and could leave a database's integers.
_LARGEST = 1_000_000_000
_COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_ARITH = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
_FORMS = "known, months, days, working_days, month_start, all, any, count"


def parse(text: str, names: Names, *, where: str, want: Kind = "bool") -> Node:
    """Parse and type-check one expression.

    ``where`` names the rule in errors. ``want`` is the kind the whole must have: ``bool`` for conditions, ``date`` for
    starts of duties, ``int`` for the bases of ballots. Raises :class:`RuleError`.
    """
    if not isinstance(text, str):
        raise RuleError(f"an expression is a text, this is {text!r}; put it in quotes", where=where)
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > MAX_LENGTH:
        raise RuleError(f"the expression has {len(text)} characters, {MAX_LENGTH} are allowed; split the rule",
                        where=where)
    # A comment would silently swallow the rest of a condition, and a line break is only the file's layout.
    if "#" in text:
        raise RuleError("`#` is not allowed; put remarks in the key `note`", where=where, column=text.index("#") + 1)
    text = " ".join(text.split("\n"))
    checker = _Checker(text, names, where)
    try:
        node = checker.go(_syntax(text, where), 0, None)
    except (RecursionError, MemoryError):
        raise RuleError("the expression is nested too deeply; split the rule", where=where) from None
    if node.type.kind != want:
        raise RuleError(f"{words(Type(want))} is expected here, this is {words(node.type)}: {text}", where=where)
    if want != "bool" and has_count(node):
        raise RuleError("a count may only stand in a condition, as items may be missing", where=where)
    return node


def _syntax(text: str, where: str) -> ast.expr:
    if not text:
        raise RuleError("the expression is empty; write a condition or leave the key out", where=where)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise RuleError(f"this is not an expression ({error.msg}): {text[:80]}", where=where,
                        column=error.offset or len(text) + 1) from None
    except (RecursionError, MemoryError):
        raise RuleError("the expression is nested too deeply; split the rule", where=where) from None
    except ValueError as error:
        raise RuleError(f"the text holds characters that are not allowed ({error})", where=where) from None


@dataclass(frozen=True, slots=True)
class _Scope:
    """Inside ``all``, ``any`` or ``count``: the name of the item and its collection."""

    variable: str
    collection: str


class _Checker:
    def __init__(self, text: str, names: Names, where: str) -> None:
        self.text, self.names, self.where = text, names, where

    def bad(self, at: ast.AST, message: str) -> NoReturn:
        # Python counts columns in bytes; Vietnamese letters take several.
        offset = getattr(at, "col_offset", 0)
        column = len(self.text.encode()[:offset].decode(errors="ignore")) + 1
        raise RuleError(message, where=self.where, column=column)

    def go(self, n: ast.expr, depth: int, scope: _Scope | None) -> Node:
        if depth > MAX_DEPTH:
            self.bad(n, f"more than {MAX_DEPTH} levels of nesting; split the rule")
        depth += 1
        match n:
            case ast.BoolOp(op=op, values=values):
                args = tuple(self.condition(v, depth, scope) for v in values)
                return Logic(BOOL, "and" if isinstance(op, ast.And) else "or", args)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(BOOL, self.condition(operand, depth, scope))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)) if type(value) is int:
                return self.constant(n, -value)
            case ast.Constant(value=value):
                return self.constant(n, value)
            case ast.Name() | ast.Attribute():
                return self.name(n, scope)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                if isinstance(op, ast.In | ast.NotIn):
                    return self.member(n, left, right, isinstance(op, ast.NotIn), depth, scope)
                if type(op) in _COMPARE:
                    return self.compare(n, _COMPARE[type(op)], self.go(left, depth, scope),
                                        self.go(right, depth, scope))
                self.bad(n, "`is` is not allowed; write == or !=, or known(fact)")
            case ast.Compare():
                self.bad(n, "comparisons are not chained; write two of them joined by `and`")
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITH:
                return self.arithmetic(n, _ARITH[type(op)], left, right, depth, scope)
            case ast.Call():
                return self.call(n, depth, scope)
        self.bad(n, f"this form is not allowed: {ast.unparse(n)[:60]}")

    def condition(self, n: ast.expr, depth: int, scope: _Scope | None) -> Node:
        node = self.go(n, depth, scope)
        if node.type.kind != "bool":
            self.bad(n, f"a condition is expected here, this is {words(node.type)}")
        return node

    def constant(self, n: ast.expr, value: object) -> Const:
        if isinstance(value, bool):
            return Const(BOOL, value)
        if isinstance(value, int):
            if abs(value) > _LARGEST:
                self.bad(n, f"numbers up to {_LARGEST} are allowed")
            return Const(INT, value)
        if isinstance(value, str):
            return Const(TEXT, value)
        if value is None:
            self.bad(n, "None is not a value; write known(fact) or not known(fact)")
        self.bad(n, f"this constant is not allowed: {value!r}; a fraction is a parameter")

    def name(self, n: ast.Name | ast.Attribute, scope: _Scope | None) -> Node:
        """A fact, a parameter, or a field of the item in hand."""
        parts: list[str] = []
        at: ast.expr = n
        while isinstance(at, ast.Attribute):
            parts.append(at.attr)
            at = at.value
        if not isinstance(at, ast.Name):
            self.bad(n, "a name is a fact like `candidate.born_on` or a parameter like `age_min`")
        root, dotted = at.id, ".".join([at.id, *reversed(parts)])
        if scope and root == scope.variable:
            return self.item_field(n, parts, scope)
        if dotted == ACT_ON:
            return Fact(DATE, ACT_ON)
        if dotted in self.names.facts:
            return Fact(self.names.facts[dotted], dotted)
        if dotted in self.names.parameters:
            return Param(self.names.parameters[dotted], dotted)
        if root in self.names.collections:
            self.bad(n, f"`{root}` is a collection; read it with all(...), any(...) or count(... for x in {root})")
        if dotted in ("true", "false"):
            self.bad(n, f"write {dotted.capitalize()}")
        self.bad(n, f"unknown name `{dotted}`{near(dotted, [*self.names.facts, *self.names.parameters, ACT_ON])}")

    def item_field(self, n: ast.expr, parts: list[str], scope: _Scope) -> Field:
        fields = self.names.collections[scope.collection]
        if len(parts) != 1:
            self.bad(n, f"read one field of `{scope.variable}`, like `{scope.variable}.{next(iter(fields), 'field')}`")
        if parts[0] not in fields:
            self.bad(n, f"`{scope.collection}` has no field `{parts[0]}`{near(parts[0], fields)}")
        return Field(fields[parts[0]], scope.collection, parts[0])

    def compare(self, n: ast.expr, op: str, left: Node, right: Node) -> Compare:
        left, right = fit(left, right.type), fit(right, left.type)
        if isinstance(left, Const) and isinstance(right, Const):
            self.bad(n, "two constants are compared; one side must be a fact or a parameter")
        if isinstance(left, Const):
            op, left, right = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op), right, left
        if problem := misfit(op, left, right):
            self.bad(n, problem)
        if left.type.kind == "date":
            self.dates(n, left, right)
        return Compare(BOOL, op, left, right)  # type: ignore[arg-type]

    def dates(self, n: ast.expr, left: Node, right: Node) -> None:
        by_act = [rests_on_act(left), rests_on_act(right)]
        if all(by_act):
            self.bad(n, f"both sides move with {ACT_ON}, so the answer never changes; compare it with a fact")
        counted = any(isinstance(p, Shift) and p.unit == "working_days" for side in (left, right) for p in walk(side))
        if counted and not any(by_act):
            self.bad(n, f"working days can only be compared with {ACT_ON}; against another fact read duty.KIND.due_on"
                        " instead")

    def member(self, n: ast.expr, left: ast.expr, right: ast.expr, negate: bool, depth: int,
               scope: _Scope | None) -> Node:
        if not isinstance(right, ast.Tuple | ast.List) or not right.elts:
            self.bad(right, "`in` needs a list in parentheses, like ('a', 'b'); a list of one is ('a',)")
        value = self.go(left, depth, scope)
        # Checking each member as a comparison gives the same type errors as ==, at the member's own column.
        tests = tuple(self.compare(e, "==", value, self.go(e, depth, scope)) for e in right.elts)
        members = [t.right for t in tests]
        if isinstance(value, Fact | Field) and all(isinstance(m, Const) for m in members) and value.type.kind != "bool":
            return In(BOOL, value, tuple(m.value for m in members if isinstance(m, Const)), negate)
        found: Node = Logic(BOOL, "or", tests)
        return Not(BOOL, found) if negate else found

    def arithmetic(self, n: ast.expr, op: str, left: ast.expr, right: ast.expr, depth: int,
                   scope: _Scope | None) -> Node:
        a = self.go(left, depth, scope)
        if a.type.kind == "date":
            return self.shift(n, a, op, right, depth, scope)
        b = self.go(right, depth, scope)
        for side, node in ((left, a), (right, b)):
            if node.type.kind not in NUMBERS:
                self.bad(side, f"`{op}` needs numbers, this is {words(node.type)}")
        if op == "*":
            if has_count(a) and has_count(b):
                self.bad(n, "two counts cannot be multiplied, as both may be ranges")
            if _multiplies(a) or _multiplies(b):
                self.bad(n, "only two numbers can be multiplied")
        type_ = FRACTION if "fraction" in (a.type.kind, b.type.kind) else INT
        return Arith(type_, op, a, b)  # type: ignore[arg-type]

    def shift(self, n: ast.expr, base: Node, op: str, right: ast.expr, depth: int, scope: _Scope | None) -> Shift:
        match right:
            case ast.Call(func=ast.Name(id=unit), args=[length], keywords=[]) if unit in SHIFTS and op != "*":
                amount = self.go(length, depth, scope)
            case _:
                self.bad(right, "a date is moved by + or - and months(n), days(n) or working_days(n)")
        if isinstance(amount, Const) and amount.type.kind == "int":
            if not 0 <= int(amount.value) <= LONGEST[unit]:
                self.bad(length, f"{unit}(n) takes 0 to {LONGEST[unit]}; write - {unit}(n) to go back")
        elif not isinstance(amount, Param) or amount.type.kind != unit:
            self.bad(length, f"{unit}(n) takes a number or a parameter with `unit: {unit}`, not {words(amount.type)}")
        return Shift(DATE, base, unit, 1 if op == "+" else -1, amount)

    def call(self, n: ast.Call, depth: int, scope: _Scope | None) -> Node:
        if not isinstance(n.func, ast.Name) or n.keywords or len(n.args) != 1:
            self.bad(n, f"this form is not allowed; there are: {_FORMS}, each with one argument")
        form, argument = n.func.id, n.args[0]
        if form in ("all", "any", "count"):
            return self.quantified(n, form, argument, depth, scope)
        if form == "known":
            fact = self.go(argument, depth, scope)
            if not isinstance(fact, Fact | Field):
                self.bad(argument, "known(...) asks about one fact")
            return Known(BOOL, fact)
        if form == "month_start":
            base = self.go(argument, depth, scope)
            if base.type.kind != "date":
                self.bad(argument, f"month_start takes a date, this is {words(base.type)}")
            return MonthStart(DATE, base)
        if form in SHIFTS:
            self.bad(n, f"{form}(n) stands after + or - of a date")
        self.bad(n, f"unknown form `{form}`{near(form, _FORMS.split(', '))}")

    def quantified(self, n: ast.Call, form: str, argument: ast.expr, depth: int, scope: _Scope | None) -> Node:
        if scope:
            self.bad(n, "collections are read one level deep")
        match argument:
            case ast.GeneratorExp(elt=elt, generators=[ast.comprehension(
                    target=ast.Name(id=variable), iter=ast.Name(id=collection), ifs=conditions, is_async=0)]):
                pass
            case _:
                self.bad(n, f"write {form}({'x' if form == 'count' else 'x.field'} for x in collection)")
        if collection not in self.names.collections:
            self.bad(n, f"unknown collection `{collection}`{near(collection, self.names.collections)}")
        taken = {name.split(".")[0] for name in self.names.facts} | {*self.names.parameters, *self.names.collections, "act"}
        if variable in taken:
            self.bad(n, f"`{variable}` is already the name of something else; use another letter")
        if len(conditions) > 1:
            self.bad(conditions[1], "write one `if`, with its parts joined by `and`")
        inner = _Scope(variable, collection)
        chosen = self.condition(conditions[0], depth, inner) if conditions else None
        if form != "count":
            return Quantified(BOOL, form, collection, self.condition(elt, depth, inner), chosen)  # type: ignore[arg-type]
        if not isinstance(elt, ast.Name) or elt.id != variable:
            self.bad(elt, f"count takes the item itself: count({variable} for {variable} in {collection} if ...)")
        return Count(INT, collection, chosen)


def _multiplies(node: Node) -> bool:
    """Whether a product is part of a number; what a count asks of its items is not."""
    return isinstance(node, Arith) and (node.op == "*" or _multiplies(node.left) or _multiplies(node.right))
