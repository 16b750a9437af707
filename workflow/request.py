"""What somebody asks for when taking a step, and what is wrong with it before any rule is asked."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from rules import values
from rules.ballots import Count
from rules.nodes import Rows
from rules.process import ProcessLaw
from rules.schema import Fact, Step
from workflow import tree
from workflow.access import Signing
from workflow.snapshot import Snapshot
from workflow.verdict import InputProblem

#: Keys of a paper as it is given with an act.
PAPER_KEYS = ("kind", "number", "date", "issuer", "signed_by", "extract", "kept_at", "secrecy")


@dataclass(frozen=True, slots=True)
class Request:
    """A step as it was asked for. ``asking`` is True where only the answer is wanted: then nothing may be missing yet."""

    step: str
    on: dt.date
    signing: Signing
    facts: Mapping[str, Any] = field(default_factory=dict)
    papers: Sequence[Mapping[str, Any]] = ()
    ballot: Mapping[str, Any] | None = None
    method: str | None = None
    meeting: int | None = None
    to: str | None = None
    no_conflict: bool = True
    asking: bool = False

    @property
    def count(self) -> Count | None:
        """The vote as the law counts it; None where none or none that can be read was given."""
        if self.ballot is None:
            return None
        given = {("votes_for" if key == "for" else key): value for key, value in self.ballot.items()}
        names = {f.name for f in fields(Count)}
        return Count(**{k: v for k, v in given.items() if k in names and v is not None})


#: How a vote may be taken.
METHODS = ("secret", "card")
_COUNTS = {"entitled", "away", "exempt_absent", "present", "for", "votes_for", "against", "blank"}


def ballot_errors(ballot: Mapping[str, Any] | None) -> list[str]:
    """What is wrong with the form of a count: unknown keys, no numbers, the two that are always needed."""
    if ballot is None:
        return []
    wrong = [str(k) for k in ballot if k not in _COUNTS | {"method"}]
    if ballot.get("method") not in (None, *METHODS):
        wrong.append("method")
    wrong += [k for k in _COUNTS & ballot.keys()
              if ballot[k] is not None and (type(ballot[k]) is not int or abs(ballot[k]) > values.LARGEST)]
    if ballot.get("entitled") is None or (ballot.get("for") is None and ballot.get("votes_for") is None):
        wrong.append("entitled")
    return wrong


def read_facts(law: ProcessLaw, step: Step, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[InputProblem]]:
    """The facts of the act in their types, and everything wrong with them. Facts the step does not record are refused."""
    allowed = {*step.records, *step.may_record, *step.derived}
    told = {k: v for k, v in given.items() if k in allowed and v is not None and not (isinstance(v, str) and not v.strip())}
    facts, wrong = values.read_facts(told, law.facts)
    problems = [InputProblem(f"FACT:{name}", "unknown_fact") for name in given if name not in allowed]
    problems += [InputProblem(f"FACT:{name.split('[')[0]}", "wrong_type") for name, _ in wrong]
    problems += [InputProblem(f"FACT:{name}", "wrong_type") for name, value in facts.items()
                 if law.facts[name].type in ("person", "unit") and type(value) is not int]
    return facts, problems


def problems(snapshot: Snapshot, step: Step, request: Request, facts: Mapping[str, Any], today: dt.date,
             offered: Sequence[str]) -> list[InputProblem]:
    """What is missing or impossible in a request that means to be carried out."""
    found = _days(snapshot, request, today)
    if request.asking:
        return found
    found += [InputProblem(f"FACT:{name}", "missing") for name in step.records if facts.get(name) is None
              and name not in step.derived]
    found += [InputProblem(f"FACT:{name}", "after_act") for name, value in facts.items()
              if _ahead(snapshot.law.facts[name], value, request.on)]
    found += _named(snapshot, facts, request.on)
    found += _papers(snapshot.law, step, request)
    if offered and request.to is None:
        found.append(InputProblem("FACT:to", "choose"))
    if request.to is not None and request.to not in offered:
        found.append(InputProblem("FACT:to", "not_offered"))
    if not request.no_conflict:
        found.append(InputProblem("FACT:no_conflict", "no_conflict"))
    if step.ballot and request.ballot is not None and request.signing.alone and request.signing.second_reader is None:
        found.append(InputProblem("FACT:second_reader", "second_reader"))
    return found


def _days(snapshot: Snapshot, request: Request, today: dt.date) -> list[InputProblem]:
    if request.on > today:
        return [InputProblem("FACT:act.on", "future")]
    last = snapshot.case["last_act_on"]
    if last is not None and request.on < last:
        return [InputProblem("FACT:act.on", "before_last_act")]
    return []


def _ahead(law: Fact, value: Any, on: dt.date) -> bool:
    """Whether a fact speaks of a day after the act that nobody can have known then."""
    if isinstance(value, Rows):
        past = {name for name, field in (law.items or {}).items() if not field.future}
        return any(isinstance(day, dt.date) and day > on for item in value.items for name, day in item.items() if name in past)
    return isinstance(value, dt.date) and value > on and not law.future


def _named(snapshot: Snapshot, facts: Mapping[str, Any], on: dt.date) -> list[InputProblem]:
    """Nobody helps, introduces or is a relative of himself; a case goes to a living unit of the sort it comes from."""
    found = []
    subject = snapshot.case["subject_person_id"]
    for name, value in facts.items():
        declared = snapshot.law.facts[name]
        if isinstance(value, Rows):
            people = {k for k, field in (declared.items or {}).items() if field.type == "person"}
            if any(item.get(k) == subject for item in value.items for k in people if subject is not None):
                found.append(InputProblem(f"FACT:{name}", "is_subject"))
        elif declared.type == "person" and value == subject:
            found.append(InputProblem(f"FACT:{name}", "is_subject"))
        elif declared.type == "unit":
            unit, here = tree.unit_on(snapshot.session, value, on), snapshot.line.unit
            if unit is None:
                found.append(InputProblem(f"FACT:{name}", "no_unit"))
            elif unit.id == here.id:
                found.append(InputProblem(f"FACT:{name}", "same_unit"))
            elif (unit.kind in tree.CELLS) != (here.kind in tree.CELLS):
                found.append(InputProblem(f"FACT:{name}", "other_sort"))
    return found


def _readable(paper: Mapping[str, Any]) -> bool:
    """Whether what is told of a paper can be kept: texts, a day, and ids of its issuer and signatory."""
    texts = (paper.get(key) for key in ("number", "extract", "kept_at", "secrecy"))
    ids = (paper.get(key) for key in ("issuer", "signed_by"))
    return (all(text is None or values.storable(text) for text in texts)
            and all(key is None or (type(key) is int and 0 < key <= values.LARGEST) for key in ids)
            and type(paper.get("date")) in (dt.date, type(None)))


def _papers(law: ProcessLaw, step: Step, request: Request) -> list[InputProblem]:
    found = []
    for paper in request.papers:
        kind = str(paper.get("kind"))
        if kind not in law.papers:
            found.append(InputProblem(f"PAPER:{kind}", "paper_unknown"))
        elif paper.keys() - set(PAPER_KEYS):
            found.append(InputProblem(f"PAPER:{kind}", "paper_key"))
        elif not _readable(paper):
            found.append(InputProblem(f"PAPER:{kind}", "wrong_type"))
        elif paper.get("date") is not None and paper["date"] > request.on:
            found.append(InputProblem(f"PAPER:{kind}", "paper_future"))
        elif law.papers[kind].personal and paper.get("extract"):
            found.append(InputProblem(f"PAPER:{kind}", "paper_personal"))
    given = {str(paper.get("kind")) for paper in request.papers}
    return found + [InputProblem(f"PAPER:{kind}", "missing") for kind in step.papers if kind not in given]
