"""The shape of the law files.

Every YAML file under a law folder is one :class:`LawFile`. The models are strict: an unknown key, a wrong type or a
malformed date is an error that names the file, the key and the expected form (see :mod:`rules.loader`). They hold what
the files say and nothing more; :mod:`rules.book` gives the meaning.

Anything that the law changes over time may be written once, or as a list of versions with their own ``since`` and
``until``; the two forms mean the same.
"""
from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from rules.schema_organisation import CalendarYear, Office, Organ, Relation, Scheme, UnitKind
from rules.shape import Cites, Confidence, Dated, Marks, NameList, Shape, Text, Versions

Severity = Literal["block", "warn", "note"]
Scalar = Literal["bool", "int", "fraction", "text", "date", "person", "unit", "months", "days", "working_days"]
#: How a parameter is measured; months, days and working days never convert into each other.
ParameterUnit = Literal["bool", "int", "fraction", "percent", "months", "days", "working_days", "code", "text"]

FACT_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\Z")
COLLECTION_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


class Document(Shape):
    """An instrument of the law. ``until`` is the last day in force."""

    number: str
    title: Text
    issuer: str
    signed: dt.date | None = None
    since: dt.date
    until: dt.date | None = None
    replaced_by: str | None = None
    confidence: Confidence
    checked_on: dt.date
    note: Text | None = None


class CodeType(Shape):
    """A closed list of codes; written as a list, or as a mapping of code to label."""

    code: dict[str, Text]

    @model_validator(mode="before")
    @classmethod
    def _list_without_labels(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("code"), list):
            return {**value, "code": {c: {"vi": str(c)} for c in value["code"]}}
        return value


FactType = Scalar | CodeType


def _long_form(value: Any) -> Any:
    """``born_on: date`` and ``edu: {code: [...]}`` are short for ``{type: ...}``."""
    if isinstance(value, str):
        return {"type": value}
    if isinstance(value, dict) and "code" in value and "type" not in value:
        rest = {k: v for k, v in value.items() if k != "code"}
        return {"type": {"code": value["code"]}, **rest}
    return value


class Field_(Shape):
    """A field of the items of a collection."""

    type: FactType
    label: Text | None = None
    help: Text | None = None
    future: bool = False


class Fact(Shape):
    """A fact that rules read.

    ``source`` says where its value comes from: ``stored`` (a column, filled by a step or a page), ``act`` (given with
    the act itself), ``derived`` (worked out from the organisation, the duties or the case). ``by`` lists the offices
    and relations that may supply it. A fact with ``items`` is a collection, complete only once it is declared so.
    A day that may lie ahead of the act that records it (when something is due) is ``future``.
    """

    type: FactType | None = None
    items: dict[str, Annotated[Field_, BeforeValidator(_long_form)]] | None = None
    unique: str | None = None
    label: Text | None = None
    help: Text | None = None
    by: NameList = Field(default_factory=list)
    personal: bool = False
    future: bool = False
    source: Literal["stored", "act", "derived"] = "stored"

    @model_validator(mode="after")
    def _value_or_items(self) -> Fact:
        if (self.type is None) == (self.items is None):
            raise ValueError("a fact has either a `type` or `items`")
        if self.unique is not None and self.unique not in (self.items or {}):
            raise ValueError(f"`unique` names no field of the items: {self.unique}")
        return self


class DatedEntry(Shape):
    """A parameter's value from one day on; ``null`` says that the rule was repealed on that day."""

    value: bool | int | str | None
    cites: list[str] = Field(default_factory=list)
    confidence: Confidence | None = None
    note: Text | None = None


class Parameter(Shape):
    says: Text | None = None
    unit: ParameterUnit
    codes: list[str] | None = None
    local: Literal["none", "raise", "lower", "any"] = "none"
    values: dict[dt.date, DatedEntry]


class LocalParameter(Shape):
    """A parameter in a layer file: only the values; unit and permission stand in the central law."""

    says: Text | None = None
    unit: ParameterUnit | None = None
    values: dict[dt.date, DatedEntry]


class Example(Shape):
    """Facts and what must come of them; ``first_day`` is compared only where it is written."""

    facts: dict[str, Any]
    outcome: Literal["met", "not_met", "unknown", "not_applicable"]
    first_day: dt.date | None = None
    note: Text | None = None


class Rule(Dated):
    """One version of a rule: met, not met, unknown, or not applicable.

    ``unless`` names rules of which any one, when met, excuses a failure. ``guards`` (``process.step``) is for rules of
    layers; central steps list their own in ``requires``.
    """

    says: Text | None = None
    when: str
    applies: str | None = None
    unless: NameList = Field(default_factory=list)
    follows: str | None = None
    guards: NameList = Field(default_factory=list)
    cites: Cites = Field(default_factory=list)
    confidence: Marks | None = None
    fixed_by: NameList = Field(default_factory=list)
    severity: Severity = "block"
    examples: list[Example] = Field(default_factory=list)
    note: Text | None = None


class BallotExample(Shape):
    on: dt.date
    entitled: int
    away: int = 0
    exempt_absent: int = 0
    votes_for: int = Field(alias="for")
    need: int
    carried: bool


class Ballot(Dated):
    """Which part of which base carries a vote, in integers."""

    says: Text | None = None
    base: str
    carries: Literal["at_least", "more_than"]
    share: str
    cites: Cites = Field(default_factory=list)
    confidence: Marks | None = None
    examples: list[BallotExample] = Field(default_factory=list)
    note: Text | None = None


class Decider(Dated):
    """Which organ and body decide a case of a unit. An absent key matches anything.

    ``above`` is the kind of the committee directly above the basic organisation. ``organ`` points from the unit:
    ``parent`` its parent, ``base`` its base committee, ``above`` the committee directly above the basic organisation.
    """

    unit: NameList | None = None
    parent: NameList | None = None
    above: NameList | None = None
    delegated: bool | None = None
    organ: Literal["parent", "base", "above"]
    body: str
    ballot: str | None = None
    base_vote: bool = False
    cites: list[str] = Field(default_factory=list)
    confidence: Confidence | None = None
    note: Text | None = None


class Term(Shape):
    """A length: exactly one of the three, a parameter's name or a number."""

    working_days: str | int | None = None
    months: str | int | None = None
    days: str | int | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Term:
        if sum(v is not None for v in (self.working_days, self.months, self.days)) != 1:
            raise ValueError("a term has exactly one of working_days, months, days")
        return self


class DutyExample(Shape):
    start: dt.date
    due: dt.date
    note: Text | None = None


class Duty(Dated):
    """A period that starts with an act. ``law_of`` names the day whose law gives version and length.

    The day after the start is day 1, and the last day still passes. A recurring duty (``every``) falls due at
    start + n periods until one of the steps in ``ends`` is taken. ``owner`` says whose it is: an ``office`` (or one of
    several, where units of different kinds have different ones) ``at`` a unit of the line, or a ``relation``.
    """

    says: Text | None = None
    kind: str | None = None
    owner: dict[str, str | list[str]] | None = None
    starts: str = "act.on"
    law_of: str = "act.on"
    term: Term | None = None
    every: Term | None = None
    ends: NameList = Field(default_factory=list)
    extend_max: str | None = None
    pausable: bool = False
    warn: list[int] = Field(default_factory=list)
    cites: Cites = Field(default_factory=list)
    confidence: Marks | None = None
    examples: list[DutyExample] = Field(default_factory=list)
    note: Text | None = None

    @model_validator(mode="after")
    def _once_or_recurring(self) -> Duty:
        if (self.term is None) == (self.every is None):
            raise ValueError("a duty has either a `term` or `every`")
        return self

    def owed(self, key: str) -> tuple[str, ...]:
        """The offices (``office``) or relations (``relation``) that owe the duty."""
        found = (self.owner or {}).get(key, [])
        return (found,) if isinstance(found, str) else tuple(found)


class Paper(Shape):
    """A kind of paper: who issues it, who signs, how long it stays valid (a parameter in months)."""

    says: Text
    form: str | None = None
    issued_by: NameList = Field(default_factory=list)
    signed_by: NameList = Field(default_factory=list)
    valid: str | None = None
    personal: bool = False
    stage: str | None = None
    cites: list[str] = Field(default_factory=list)
    confidence: Confidence | None = None
    note: Text | None = None


class Outcome(Shape):
    to: str
    when: str | None = None


class Choice(Shape):
    choose: list[str]


class ByFrom(Shape):
    by_from: dict[str, str]


class Who(Shape):
    """A right to take a step. ``at`` points from the case's unit: cell, sub, base, above, decider, receiving, any."""

    office: str | None = None
    at: str | None = None
    relation: str | None = None
    signer_of: str | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Who:
        if sum(v is not None for v in (self.office, self.relation, self.signer_of)) != 1:
            raise ValueError("a right has exactly one of office, relation, signer_of")
        return self


class Opens(Shape):
    """The case that an act opens beside the one it moves: of the same subject, or of the unit that a fact names.

    ``state`` is a state, or ``same`` for the one that is left. ``carries`` takes facts, lists and running duties along.
    ``link`` is the fact of the new case that names the old one; ``when`` a condition without which nothing is opened.
    """

    state: str
    link: str
    unit: str | None = None
    when: str | None = None
    carries: bool = False


class Step(Dated):
    """A step of a process: the only way from one state to another.

    ``to`` is a state, ``same``, ``resume``, a choice, or a table by the state left. ``below`` is where a ballot that
    does not carry leads: an outcome, not an error. ``records`` are the facts given with the act; those in
    ``may_record`` may be left out. Two lists give values that follow from an expression where the act leaves them
    out: those in ``sets`` always, those in ``defaults`` only while nothing else is known. ``only_to`` names the one
    state for which a fact is kept, where the step leads to several. ``appends`` adds a row to a collection, each field
    by its expression; ``renews`` begins the next version of a plan with the rows of these collections. ``rounds`` names
    the count of short votes that a ballot belongs to. ``papers`` must come with the act; ``expects`` are those of the
    checklist. ``apart`` lists steps whose personal actor may not take this one personally; ``excludes`` relations to
    the case whose holders may have no hand in it at all.
    """

    label: Text | None = None
    help: Text | None = None
    from_: NameList = Field(alias="from")
    to: str | Choice | ByFrom
    below: str | list[Outcome] | None = None
    rounds: str | None = None
    who: list[Who] = Field(default_factory=list)
    requires: NameList = Field(default_factory=list)
    records: NameList = Field(default_factory=list)
    may_record: NameList = Field(default_factory=list)
    sets: dict[str, str] = Field(default_factory=dict)
    defaults: dict[str, str] = Field(default_factory=dict)
    only_to: dict[str, str] = Field(default_factory=dict)
    appends: dict[str, dict[str, str]] = Field(default_factory=dict)
    renews: NameList = Field(default_factory=list)
    ballot: str | None = None
    papers: NameList = Field(default_factory=list)
    expects: NameList = Field(default_factory=list)
    starts: NameList = Field(default_factory=list)
    meets: NameList = Field(default_factory=list)
    pauses: str | None = None
    resumes: str | None = None
    extends: dict[str, str] = Field(default_factory=dict)
    restarts: NameList = Field(default_factory=list)
    voids: Literal["later"] | None = None
    opens: Opens | None = None
    keeps: Literal["state"] | None = None
    moves_unit: str | None = None
    sets_decider: bool = False
    extraordinary: NameList = Field(default_factory=list)
    apart: NameList = Field(default_factory=list)
    excludes: NameList = Field(default_factory=list)
    alone: bool = False
    cites: Cites = Field(default_factory=list)
    confidence: Marks | None = None
    note: Text | None = None

    @property
    def derived(self) -> dict[str, str]:
        """Every fact that the step can work out by itself, and the expression of its value."""
        return {**self.sets, **self.defaults}


class State(Shape):
    label: Text
    stage: str | None = None
    help: Text | None = None


def _labelled_states(value: Any) -> Any:
    """A list of ids is short for ids without labels."""
    if isinstance(value, list):
        return {s: {"label": s} for s in value}
    if isinstance(value, dict):
        return {k: v if isinstance(v, dict) and "label" in v else {"label": v} for k, v in value.items()}
    return value


StateTable = Annotated[dict[str, State], BeforeValidator(_labelled_states)]


class States(Shape):
    open: StateTable
    waiting: StateTable = Field(default_factory=dict)
    closed: StateTable


class Process(Shape):
    """Head of a process: its id is the key in the file.

    What is ``kept`` in a register moves rows of that register by the same law, but opens no cases.
    """

    label: Text
    subject: Literal["person", "unit"]
    kept: Literal["cases", "register"] = "cases"
    stages: dict[str, Text] = Field(default_factory=dict)
    deadlock_rounds: str | None = None


class Layer(Dated):
    unit: str
    basis: str | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Layer:
        if self.until is not None and self.until < self.since:
            raise ValueError(f"ends on {self.until}, before it begins on {self.since}; expected a later last day")
        return self


class LawFile(Shape):
    """One file of the law. A file with ``layer`` is local law; there ``parameters`` and ``rules`` alone may follow."""

    layer: Layer | None = None
    documents: dict[str, Document] = Field(default_factory=dict)
    process: dict[str, Process] = Field(default_factory=dict)
    facts: dict[str, Annotated[Fact, BeforeValidator(_long_form)]] = Field(default_factory=dict)
    parameters: dict[str, Parameter | LocalParameter] = Field(default_factory=dict)
    rules: dict[str, Versions[Rule]] = Field(default_factory=dict)
    ballots: dict[str, Versions[Ballot]] = Field(default_factory=dict)
    deciders: list[Decider] = Field(default_factory=list)
    duties: dict[str, Versions[Duty]] = Field(default_factory=dict)
    papers: dict[str, Paper] = Field(default_factory=dict)
    states: States | None = None
    steps: dict[str, Versions[Step]] = Field(default_factory=dict)
    offices: dict[str, Office] = Field(default_factory=dict)
    relations: dict[str, Relation] = Field(default_factory=dict)
    unit_kinds: dict[str, UnitKind] = Field(default_factory=dict)
    organs: dict[str, Versions[Organ]] = Field(default_factory=dict)
    schemes: dict[str, Scheme] = Field(default_factory=dict)
    calendar: dict[int, CalendarYear] = Field(default_factory=dict)
