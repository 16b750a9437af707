"""The fast back end: a checked expression becomes one Python function.

The function is generated from the checked tree alone. Names of facts enter it as quoted strings, values of parameters
as variables of its own namespace, and no text of the law is ever run. It returns ``True``, ``False`` or ``None``
(unknown), and reads only the facts that it needs to know the answer.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import CodeType
from typing import cast

from rules import ranges
from rules.calendar import Calendar, add_days, add_months, month_start
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
    MonthStart,
    Node,
    Not,
    Param,
    Quantified,
    Shift,
    asked,
    has_count,
    value_of,
)
from rules.shifts import amount

Facts = Mapping[str, object]
#: Fills the variables of generated code: a parameter's value, or the length of a move.
_Binding = tuple[str, Param | Shift]


def compile_rule(node: Node, params: Mapping[str, object], calendar: Calendar) -> Callable[[Facts], bool | None]:
    """A function from facts to met (True), not met (False) or unknown (None), under the parameters in force.

    Raises :class:`rules.nodes.RuleError` when a parameter that the expression reads has no value.
    """
    return cast("Callable[[Facts], bool | None]", _function(node, params, calendar))


def compile_value(node: Node, params: Mapping[str, object], calendar: Calendar
                  ) -> Callable[[Facts], object]:
    """As :func:`compile_rule`, for expressions of any kind (starts of duties, ballot bases, values that follow)."""
    return _function(node, params, calendar)


def _function(node: Node, params: Mapping[str, object], calendar: Calendar) -> Callable[[Facts], object]:
    code, constants, bindings = _generate(node)
    space: dict[str, object] = {"__builtins__": {}, "_months": add_months, "_shift": calendar.shift, "_days": add_days,
                                "_month_start": month_start, "_compare": ranges.COMPARE, "_arith": ranges.ARITH,
                                "_known": _known, **constants}
    for variable, source in bindings:
        space[variable] = value_of(source.name, params) if isinstance(source, Param) else amount(source, params)
    exec(code, space)  # noqa: S102  the code comes from _generate, never from a text
    function = space["rule"]
    assert callable(function)
    return function


def _known(value: ranges.Number | None) -> ranges.Range:
    return value, value


@lru_cache(maxsize=4096)
def _generate(node: Node) -> tuple[CodeType, dict[str, object], tuple[_Binding, ...]]:
    """Code, its constants and its bindings; the same tree serves all days and all values of its parameters."""
    writer = _Writer()
    if node.type.kind == "bool":
        result = writer.condition(node, 1)
    else:
        guards, expression = writer.value(node, 1)
        result = f"None if {guards} else {expression}" if guards else expression
    source = "\n".join(["def rule(facts):", " g = facts.get", *writer.lines, f" return {result}"])
    return compile(source, "<rule>", "exec"), writer.constants, tuple(writer.bindings)


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.constants: dict[str, object] = {}
        self.bindings: list[_Binding] = []
        self.count = 0

    def fresh(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def line(self, indent: int, text: str) -> None:
        self.lines.append(" " * indent + text)

    def constant(self, value: object) -> str:
        name = self.fresh("c")
        self.constants[name] = value
        return name

    def bind(self, source: Param | Shift) -> str:
        name = self.fresh("p")
        self.bindings.append((name, source))
        return name

    # Conditions: each writes its lines and returns a variable or expression that is True, False or None.

    def condition(self, node: Node, indent: int) -> str:
        match node:
            case Logic():
                return self.logic(node, indent)
            case Not(arg=arg):
                out = self.fresh("r")
                self.line(indent, f"{out} = {self.condition(arg, indent)}")
                self.line(indent, f"if {out} is not None: {out} = not {out}")
                return out
            case Known(arg=arg):
                return f"({self.read(arg)} is not None)"
            case In(left=left, values=values, negate=negate):
                guards, expression = self.value(left, indent)
                test = f"{expression} {'not in' if negate else 'in'} {self.constant(frozenset(values))}"
                return self.guarded(guards, test)
            case Compare():
                return self.compare(node, indent)
            case Quantified():
                return self.quantified(node, indent)
            case Const(value=value):
                return repr(bool(value))
            case Param():
                return self.bind(node)
            case _:
                return self.read(node)

    def guarded(self, guards: str, expression: str) -> str:
        return f"(None if {guards} else {expression})" if guards else f"({expression})"

    def logic(self, node: Logic, indent: int) -> str:
        """Stop at the first deciding part; unknown ones only count when no part decides."""
        stop = node.op == "or"
        out = self.fresh("r")
        self.line(indent, f"{out} = {not stop}")
        self.line(indent, "while True:")
        for arg in node.args:
            part = self.fresh("r")
            self.line(indent + 1, f"{part} = {self.condition(arg, indent + 1)}")
            self.line(indent + 1, f"if {part} is not {not stop}:")
            self.line(indent + 2, f"{out} = {part}")
            self.line(indent + 2, f"if {part} is {stop}: break")
            # `out` must stay unknown once a part was; only a deciding part may overwrite it, and that one breaks.
        self.line(indent + 1, "break")
        return out

    def quantified(self, node: Quantified, indent: int) -> str:
        stop = node.op == "any"
        rows, out, part = self.fresh("x"), self.fresh("r"), self.fresh("r")
        self.line(indent, f"{rows} = g({node.collection!r})")
        self.line(indent, f"{out} = None")
        self.line(indent, f"if {rows} is not None:")
        self.line(indent + 1, f"if {rows}.declared is True: {out} = {not stop}")
        self.line(indent + 1, f"for i in {rows}.items:")
        self.line(indent + 2, f"{part} = {self.condition(asked(node), indent + 2)}")
        self.line(indent + 2, f"if {part} is {stop}:")
        self.line(indent + 3, f"{out} = {stop}")
        self.line(indent + 3, "break")
        self.line(indent + 2, f"if {part} is None: {out} = None")
        return out

    def compare(self, node: Compare, indent: int) -> str:
        if has_count(node):
            a, b = self.span(node.left, indent), self.span(node.right, indent)
            return f"_compare[{node.op!r}]({a}, {b})"
        (left_guards, a), (right_guards, b) = self.value(node.left, indent), self.value(node.right, indent)
        return self.guarded(" or ".join(x for x in (left_guards, right_guards) if x), f"{a} {node.op} {b}")

    # Values: a test that is true when the value is unknown (empty when it never is), and an expression.

    def value(self, node: Node, indent: int) -> tuple[str, str]:
        match node:
            case Const(value=value):
                return "", self.constant(value)
            case Param():
                return "", self.bind(node)
            case Fact() | Field():
                variable = self.fresh("v")
                self.line(indent, f"{variable} = {self.read(node)}")
                return f"{variable} is None", variable
            case Shift(base=base, unit=unit):
                guards, expression = self.value(base, indent)
                mover = {"months": "_months", "days": "_days", "working_days": "_shift"}[unit]
                return guards, f"{mover}({expression}, {self.bind(node)})"
            case MonthStart(base=base):
                guards, expression = self.value(base, indent)
                return guards, f"_month_start({expression})"
            case Arith(op=op, left=left, right=right):
                (left_guards, a), (right_guards, b) = self.value(left, indent), self.value(right, indent)
                return " or ".join(x for x in (left_guards, right_guards) if x), f"({a} {op} {b})"
            case _:
                raise AssertionError(f"not a value: {node}")

    def read(self, node: Node) -> str:
        assert isinstance(node, Fact | Field)
        return f"i.get({node.name!r})" if isinstance(node, Field) else f"g({node.name!r})"

    def span(self, node: Node, indent: int) -> str:
        """A number as a range; only numbers that count items need it."""
        out = self.fresh("n")
        if isinstance(node, Count):
            self.count_items(node, indent, out)
        elif isinstance(node, Arith) and has_count(node):
            a, b = self.span(node.left, indent), self.span(node.right, indent)
            self.line(indent, f"{out} = _arith[{node.op!r}]({a}, {b})")
        else:
            guards, expression = self.value(node, indent)
            self.line(indent, f"{out} = _known({self.guarded(guards, expression)})")
        return out

    def count_items(self, node: Count, indent: int, out: str) -> None:
        rows, low, high, part = self.fresh("x"), self.fresh("n"), self.fresh("n"), self.fresh("r")
        self.line(indent, f"{low} = 0; {high} = None; {rows} = g({node.collection!r})")
        self.line(indent, f"if {rows} is not None:")
        self.line(indent + 1, f"{high} = 0")
        self.line(indent + 1, f"for i in {rows}.items:")
        chosen = "True" if node.chosen is None else self.condition(node.chosen, indent + 2)
        self.line(indent + 2, f"{part} = {chosen}")
        self.line(indent + 2, f"if {part} is True: {low} += 1")
        self.line(indent + 2, f"if {part} is not False: {high} += 1")
        self.line(indent + 1, f"if {rows}.declared is not True: {high} = None")
        self.line(indent, f"{out} = ({low}, {high})")


