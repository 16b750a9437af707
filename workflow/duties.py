"""What an act does to the duties of a case: start, meet, pause, resume, extend, close. Pure plans; the engine writes them."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rules.book import Rulebook
from rules.process import SAME, ProcessLaw
from rules.schema import Duty as DutyLaw
from rules.schema import Step
from workflow.tree import Line, UnitOn


@dataclass(slots=True)
class Plan:
    """Rows to insert, and changes of rows by id."""

    inserts: list[dict[str, Any]] = field(default_factory=list)
    updates: dict[int, dict[str, Any]] = field(default_factory=dict)

    def change(self, duty: Mapping[str, Any], **values: Any) -> None:
        self.updates.setdefault(duty["id"], {}).update(values)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and when an act happens, as far as duties care."""

    book: Rulebook
    law: ProcessLaw
    line: Line
    organ: UnitOn | None
    on: dt.date
    facts: Mapping[str, Any]
    basis: str

    @property
    def codes(self) -> tuple[str, ...]:
        return self.line.codes


def is_open(duty: Mapping[str, Any]) -> bool:
    return duty["met_on"] is None and duty["closed_on"] is None


def start(setting: Setting, name: str) -> dict[str, Any] | None:
    """The row of a duty that starts with this act; None where the law of its day knows none.

    ``law_of`` names the day whose law gives version and length: a running period keeps the rule it began under.
    """
    law = _version(setting, name)
    if law is None:
        return None
    begun = _start_day(setting, law)
    if begun is None:
        return None
    judged = setting.facts.get(law.law_of) or setting.on
    due = setting.book.due(law.term or law.every, begun, judged, setting.codes)  # type: ignore[arg-type]
    return {
        "unit_id": _owner(setting, law), "kind": law.kind or name, "law": name, "basis": setting.basis,
        "started_on": begun, "due_on": due.on, "open_until": due.on, "provisional": due.provisional,
        "edition": setting.book.edition,
    }


def _version(setting: Setting, name: str) -> DutyLaw | None:
    versions = setting.law.duties.get(name, ())
    day = setting.facts.get(versions[0].law_of) if versions else None
    return setting.law.duty(name, day or setting.on)


def _start_day(setting: Setting, law: DutyLaw) -> dt.date | None:
    found = setting.book.evaluate(setting.law.expression("date", law.starts), setting.facts, setting.on, setting.codes)
    return found if isinstance(found, dt.date) else None


def _owner(setting: Setting, law: DutyLaw) -> int:
    at = str((law.owner or {}).get("at", "cell"))
    line = setting.line
    unit = {"cell": line.unit, "sub": line.sub, "base": line.base, "above": line.above, "decider": setting.organ}.get(at)
    return (unit or line.unit).id


def plan(setting: Setting, step: Step, standing: Iterable[Mapping[str, Any]], *, carried: bool, closes: bool,
         voided: frozenset[str], unmet: Set[tuple[str, dt.date]], days: Mapping[str, int]) -> Plan:
    """What a step does to the duties of its case.

    ``carried`` is False where a vote fell short: then nothing new starts. ``voided`` are the steps whose duties are
    undone, ``unmet`` kinds and days of what they met: that has to be done again, by the day it always had. ``days`` is
    the extension per kind.
    """
    made, standing = Plan(), list(standing)
    step_id = setting.basis.partition("@")[0]
    for duty in standing:
        if _undone(setting.law, duty, voided):
            made.change(duty, closed_on=setting.on, open_until=None)
        elif not is_open(duty):
            if (duty["kind"], duty["met_on"]) in unmet and duty["kind"] not in step.restarts:
                made.change(duty, met_on=None, open_until=duty["due_on"])
        elif duty["kind"] in step.meets:
            made.change(duty, met_on=setting.on, open_until=None)
        elif closes or (carried and step_id in _law(setting, duty).ends) or duty["kind"] in step.restarts or duty["law"] in step.restarts:
            made.change(duty, closed_on=setting.on, open_until=None)
        elif step.pauses and duty["paused_on"] is None and _law(setting, duty).pausable:
            made.change(duty, paused_on=setting.on, remaining=_remaining(setting, duty), open_until=None)
        elif step.resumes and duty["paused_on"] is not None:
            due = _resumed(setting, duty)
            made.change(duty, paused_on=None, remaining=None, due_on=due, open_until=due, former_due_on=duty["due_on"])
        elif duty["kind"] in days:
            due = setting.book.calendar.shift(duty["due_on"], days[duty["kind"]])
            made.change(duty, due_on=due, open_until=due, former_due_on=duty["due_on"],
                        extended=duty["extended"] + days[duty["kind"]])
    if carried:
        # A period that still runs is not begun a second time: to record its start again would move the day it ends.
        running = {duty["kind"] for duty in standing
                   if is_open(duty) and not made.updates.get(duty["id"], {}).keys() & {"met_on", "closed_on"}}
        begun = (name for name in step.starts if setting.law.duty_kind(name) not in running)
        rows = (start(setting, name) for name in (*begun, *step.restarts))
        made.inserts += [row for row in rows if row is not None]
    return made


def _undone(law: ProcessLaw, duty: Mapping[str, Any], voided: frozenset[str]) -> bool:
    """Whether the step that began a duty is undone; of an imported duty, every step that could have begun it."""
    step = str(duty["basis"]).partition("@")[0]
    if step in law.step_versions or not voided:
        return step in voided
    began = {id_ for id_, versions in law.step_versions.items() if any(duty["law"] in (*v.starts, *v.restarts) for v in versions)}
    return bool(began) and began <= voided


def touched(law: ProcessLaw, step_id: str, step: Step) -> bool:
    """Whether a step that neither closes a case nor undoes another can do anything to the duties that stand."""
    return bool(step.meets or step.restarts or step.pauses or step.resumes or step.extends or step.moves_unit
                or step.sets_decider or step_id in _enders(law) or (step.starts and step.to == SAME))


@lru_cache(maxsize=16)
def _enders(law: ProcessLaw) -> frozenset[str]:
    """The steps that end a duty which comes back."""
    return frozenset(step for versions in law.duties.values() for version in versions for step in version.ends)


def moved(standing: Iterable[Mapping[str, Any]], setting: Setting, made: Plan) -> None:
    """Open duties go to who answers for them now: after a transfer, or when competence passes on."""
    for duty in standing:
        if is_open(duty) and made.updates.get(duty["id"], {}).get("closed_on") is None:
            unit = _owner(setting, _law(setting, duty))
            if unit != duty["unit_id"]:
                made.change(duty, unit_id=unit)


def _law(setting: Setting, duty: Mapping[str, Any]) -> DutyLaw:
    return setting.law.duty(duty["law"], duty["started_on"]) or setting.law.duties[duty["law"]][-1]


def _in_working_days(law: DutyLaw) -> bool:
    term = law.term or law.every
    return term is not None and term.working_days is not None


def _remaining(setting: Setting, duty: Mapping[str, Any]) -> int:
    """Working days left of a period in working days; calendar days left of one in months."""
    if _in_working_days(_law(setting, duty)):
        return setting.book.calendar.between(setting.on, duty["due_on"])
    return int((duty["due_on"] - setting.on).days)


def _resumed(setting: Setting, duty: Mapping[str, Any]) -> dt.date:
    if _in_working_days(_law(setting, duty)):
        return setting.book.calendar.shift(setting.on, duty["remaining"])
    found: dt.date = setting.on + dt.timedelta(days=duty["remaining"])
    return found
