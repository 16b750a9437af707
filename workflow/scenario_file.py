"""The shape of a scenario file, strict: an unknown or repeated key is an error that names its line."""
from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, Field, ValidationError, model_validator

from rules import yaml12
from rules.loader import LawError, Problem
from rules.shape import NameList, Shape


class UnitLine(Shape):
    code: str
    name: str
    kind: str
    parent: str | None = None
    since: dt.date
    until: dt.date | None = None
    delegated: bool = False


class PersonLine(Shape):
    key: str
    full_name: str
    born_on: dt.date | None = None
    gender: str | None = None
    standing: str = "none"


class OfficeLine(Shape):
    person: str
    role: str
    unit: str
    since: dt.date
    until: dt.date | None = None


class RatingLine(Shape):
    """A rating that stands when the scenario begins. Left out, the scheme is that of the year, the day of the decision
    the last of the period."""

    unit: str
    year: int | None = None
    quarter: int | None = None
    kind: str = "year"
    first: dt.date | None = None
    last: dt.date | None = None
    label: str | None = None
    scheme: str | int | None = None
    rank: int | None = None
    points: int | None = None
    decided: dt.date | None = Field(default=None, validation_alias=AliasChoices("decided", "decided_on", "on"))
    paper: Any = None


class Given(Shape):
    units: list[UnitLine] = Field(default_factory=list)
    people: list[PersonLine] = Field(default_factory=list)
    offices: list[OfficeLine] = Field(default_factory=list)
    ratings: list[RatingLine] = Field(default_factory=list)


class PaperLine(Shape):
    kind: str
    number: str | int | None = None
    date: dt.date | None = None
    issuer: str | None = None
    signed_by: str | None = None
    extract: str | None = None
    kept_at: str | None = None
    secrecy: str | None = None


class RunningLine(Shape):
    """A period that was already running when a case was taken over."""

    kind: str
    started: dt.date
    due: dt.date | None = None
    met: dt.date | None = None


class DutyLine(Shape):
    """What must be true of a period at the end; what is not told may be anything."""

    kind: str
    started: dt.date | None = None
    due: dt.date | None = None
    met: dt.date | None = None
    former_due: dt.date | None = None
    extended: int | None = None
    paused: dt.date | None = None
    closed: dt.date | None = None


class SubjectLine(Shape):
    person: str | None = None
    unit: str | None = None


class StartLine(Shape):
    state: str
    date: dt.date = Field(validation_alias=AliasChoices("date", "on"))
    facts: dict[str, Any] = Field(default_factory=dict)
    did: dict[str, dt.date] = Field(default_factory=dict)
    papers: list[PaperLine] = Field(default_factory=list)
    duties: list[RunningLine] = Field(default_factory=list)


class CaseLine(Shape):
    key: str
    process: str
    subject: SubjectLine
    unit: str
    start: StartLine | None = None


class ActLine(Shape):
    case: str
    date: dt.date
    entered: dt.date | None = None
    by: str
    do: str
    facts: dict[str, Any] = Field(default_factory=dict)
    ballot: dict[str, Any] | None = None
    papers: list[PaperLine] = Field(default_factory=list)
    to: str | None = None
    signed_by: str | None = None
    on_behalf_of: str | None = None
    second_reader: bool | str = True
    meeting: dict[str, Any] | None = None
    no_conflict: bool = True
    expect: str | None = None
    refused: NameList = Field(default_factory=list)
    forbidden: bool = False


class EventLine(Shape):
    date: dt.date
    by: str
    do: str
    given: dict[str, Any] = Field(default_factory=dict, alias="with")


class ThenLine(Shape):
    state: str | None = None
    duties: list[DutyLine] = Field(default_factory=list)
    facts: dict[str, Any] = Field(default_factory=dict)


class Scenario(Shape):
    name: str
    source: str | None = None
    law: list[str] = Field(default_factory=list)
    given: Given = Field(default_factory=Given)
    cases: list[CaseLine] = Field(default_factory=list)
    acts: list[ActLine] = Field(default_factory=list)
    events: list[EventLine] = Field(default_factory=list)
    then: dict[str, ThenLine] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _keys_stand_once(self) -> Scenario:
        for what, keys in (("cases", [c.key for c in self.cases]), ("people", [p.key for p in self.given.people]),
                           ("units", [u.code for u in self.given.units])):
            twice = sorted({k for k in keys if keys.count(k) > 1})
            if twice:
                raise ValueError(f"{what}: {', '.join(twice)} is there twice; keep one")
        return self


def read(path: Path) -> Scenario:
    """Read a scenario file. Raises LawError listing what is wrong and on which line."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LawError([Problem(str(path), 0, "", f"cannot be read: {error.strerror}")]) from None
    try:
        tree = yaml12.read(content)
    except yaml12.YamlError as error:
        raise LawError([Problem(str(path), error.line, "", error.message)]) from None
    problems = [Problem(str(path), e.line, "", e.message) for e in tree.problems]
    if problems:
        raise LawError(problems)
    try:
        return Scenario.model_validate(tree.value)
    except ValidationError as error:
        raise LawError([_problem(path, tree, item) for item in error.errors(include_url=False)]) from None


_MESSAGES = {
    "extra_forbidden": "no such key here", "missing": "this key is needed",
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "expected keys with values"),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
                    "expected a date yyyy-mm-dd"),
    "list_type": "expected a list", "string_type": "expected a text", "bool_type": "expected true or false",
}


def _problem(path: Path, tree: yaml12.Tree, item: Any) -> Problem:
    loc = tuple(part for part in item["loc"])
    message = _MESSAGES.get(item["type"], item["msg"].removeprefix("Value error, "))
    return Problem(str(path), tree.line(loc), yaml12.dotted(loc), message)
