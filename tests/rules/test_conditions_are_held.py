"""No part of a condition of the law may be lost or turned without an example noticing.

Numbers are shifted by the check itself. Here each condition is damaged in one place (a branch left out, a comparison
moved to the other side of its threshold, a code dropped from a list, a `not` lost), and some example must break.
"""
from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from rules.book import Rulebook, load
from rules.check_examples import RuleExample, collect
from rules.decide import compile_rule
from rules.judging import Ready, judges_of
from rules.nodes import Compare, In, Logic, Node, Not
from rules.process import RuleVersion

_TURNED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}


def damaged(node: Node) -> Iterator[tuple[str, Node]]:
    """The condition with one slip, for every place where one can be made."""
    if isinstance(node, Logic):
        for place in range(len(node.args)):
            rest = node.args[:place] + node.args[place + 1:]
            yield (f"branch {place + 1} of `{node.op}` left out",
                   rest[0] if len(rest) == 1 else dataclasses.replace(node, args=rest))
    elif isinstance(node, Not):
        yield "`not` lost", node.arg
    elif isinstance(node, Compare):
        yield (f"`{node.op}` turned to `{_TURNED[node.op]}`",
               dataclasses.replace(node, op=_TURNED[node.op]))  # type: ignore[arg-type]
    elif isinstance(node, In) and len(node.values) > 1:
        for place, value in enumerate(node.values):
            values = node.values[:place] + node.values[place + 1:]
            yield f"`{value}` dropped", dataclasses.replace(node, values=values)
    for field in dataclasses.fields(node):
        inner = getattr(node, field.name)
        if isinstance(inner, Node):
            for slip, other in damaged(inner):
                yield slip, dataclasses.replace(node, **{field.name: other})
        elif isinstance(inner, tuple):
            for place, item in enumerate(inner):
                if isinstance(item, Node):
                    for slip, other in damaged(item):
                        yield slip, dataclasses.replace(node, **{
                            field.name: (*inner[:place], other, *inner[place + 1:])})


def unnoticed(book: Rulebook, rule: RuleVersion, examples: list[RuleExample]) -> Iterator[str]:
    judges = judges_of(book)
    for part in ("when", "applies"):
        node = getattr(rule, part)
        for slip, other in damaged(node) if node is not None else ():
            if all(_holds(book, judges.ready(e.process, rule, e.on), part, other, e) for e in examples):
                yield f"{rule.id} (from {rule.since}), {part}: {slip}"


def _holds(book: Rulebook, ready: Ready, part: str, node: Node, example: RuleExample) -> bool:
    condition = compile_rule(node, ready.params, book.calendar)
    slipped = dataclasses.replace(ready, **{part: condition})  # type: ignore[arg-type]
    return slipped.judge(example.facts) == ready.judge(example.facts)


@pytest.mark.parametrize("process", ["admission"])
def test_every_slip_in_a_condition_breaks_an_example(process: str) -> None:
    book = load()
    by_rule: dict[RuleVersion, list[RuleExample]] = {}
    for example in collect(book).rules:
        if example.process.id == process:
            by_rule.setdefault(example.rule, []).append(example)
    slips = sum(1 for rule in by_rule for node in (rule.when, rule.applies) if node is not None for _ in damaged(node))
    assert slips > 200
    assert [slip for rule, examples in by_rule.items() for slip in unnoticed(book, rule, examples)] == []
