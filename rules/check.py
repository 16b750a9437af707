"""What ``nennep rules check`` proves of the law before anybody is judged by it.

Each part of the proof stands in a module of its own and yields problems; this one runs them all. What depends on the
database (every fact bound to a column, no stored case in a state that is gone) is handed in by the caller.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rules.book import Rulebook, load
from rules.check_cites import check as cites_resolve
from rules.check_deciders import check as deciders_decide
from rules.check_examples import check as examples_hold
from rules.check_names import check as names_lead
from rules.check_process import check as states_connect
from rules.check_schemes import check as schemes_meet
from rules.check_shift import check as shifts_are_felt
from rules.check_spans import check as spans_meet
from rules.loader import LawError, Problem

#: A further check of a rulebook, such as that every fact has a column.
Hook = Callable[[Rulebook], Iterable[Problem]]


@dataclass(frozen=True)
class Report:
    """The result of a check: what is wrong, and how much was looked at. ``book`` is None when the law cannot be read."""

    problems: tuple[Problem, ...]
    book: Rulebook | None

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if not p.warning)

    @property
    def counts(self) -> dict[str, int]:
        """Documents, parameters, rules (versions) and examples that were checked."""
        if self.book is None:
            return {}
        parts = [*self.book.processes.values(), self.book.common]
        rules = {id(r): r for part in parts for r in part.all_rules()}
        ballots = {id(b): b for part in parts for versions in part.ballots.values() for b in versions}
        duties = {id(d): d for part in parts for versions in part.duties.values() for d in versions}
        examples = sum(len(item.examples) for table in (rules, ballots, duties) for item in table.values())
        return {"documents": len(self.book.documents), "parameters": len(self.book.parameters), "rules": len(rules),
                "steps": sum(len(p.step_versions) for p in parts), "examples": examples}


def check_book(book: Rulebook, hooks: Iterable[Hook] = ()) -> list[Problem]:
    """All that is wrong with a law that can be read, in the order of the files."""
    problems: list[Problem] = []
    for part in (cites_resolve, spans_meet, names_lead, states_connect, deciders_decide, schemes_meet,
                 examples_hold, shifts_are_felt, *hooks):
        problems += part(book)
    return sorted(dict.fromkeys(problems))


def check(paths: Sequence[Path | str] | None = None, hooks: Iterable[Hook] = ()) -> Report:
    """Read the law and prove what can be proved of it."""
    try:
        book = load(paths)
    except LawError as error:
        return Report(tuple(error.problems), None)
    return Report(tuple(check_book(book, hooks)), book)
