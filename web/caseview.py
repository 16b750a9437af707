"""One case, gathered for its page: what it is, what stands in its way, what may be done, what has happened."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import abort
from sqlalchemy.orm import Session

from web.findings import Teller
from web.i18n import says
from workflow import corrections, engine, journal, monthly, records, road, sight, snapshot
from workflow.access import Holding, Right, holdings, visible_cases
from workflow.binding import Child
from workflow.context import Actor, book_of
from workflow.models import Ballot, Case, Paper
from workflow.naming import Names, names_of
from workflow.signers import recordable
from workflow.snapshot import Snapshot
from workflow.verdict import StepVerdict

_paper: sa.Table = Paper.__table__  # type: ignore[assignment]
_ballot: sa.Table = Ballot.__table__  # type: ignore[assignment]


@dataclass
class Sight:
    """A case in somebody's sight: the snapshot, and the sections he sees."""

    snapshot: Snapshot
    roles: frozenset[str]
    sees: frozenset[str]

    @property
    def id(self) -> int:
        assert self.snapshot.id is not None
        return self.snapshot.id

    @property
    def name(self) -> str:
        """Whom or what the case is about: a person, or a unit as it is called on the day or was called last."""
        return str(self.snapshot.person.get("full_name") or self.snapshot.line.unit.name)


@dataclass
class View:
    """All that the page of a case shows, loaded; rendering touches no database."""

    sight: Sight
    verdicts: list[StepVerdict]
    next: tuple[str, ...]
    recordable: Mapping[str, list[Right]]
    papers: list[dict[str, Any]]
    ballots: list[dict[str, Any]]
    rows: dict[str, list[dict[str, Any]]]
    entries: list[journal.EntryView]
    names: Names
    teller: Teller
    #: The last entry, where this account may take it back.
    recallable: int | None


def opened(session: Session, actor: Actor, case_id: int, on: dt.date) -> Sight:
    """The case, or 404: the same answer for what does not exist and what is not one's own."""
    book = book_of(session)
    seen = session.connection().scalar(
        sa.select(Case.process).where(Case.id == case_id, visible_cases(actor, book, on)))
    if seen is None:
        abort(404)
    found = snapshot.load(session, book.processes, case_id, on)
    roles = sight.roles_on(session, actor, found, on)
    return Sight(found, roles, sight.sections(roles))


def view(session: Session, actor: Actor, case_id: int, on: dt.date) -> View:
    """Load the page of a case."""
    seen = opened(session, actor, case_id, on)
    found, book = seen.snapshot, book_of(session)
    verdicts = engine.steps(session, case_id, actor, on=on)
    place = snapshot.place_facts(found.line, found.path)
    ahead = road.next_steps(book, found.law, on, found.case["state"], place, found.line.codes)
    held = [] if actor.person_id is None else [h for h in holdings(session, [actor.person_id]) if h.valid(on)]
    rows = {name: child_rows(session, found, child) for name, child in found.binding.children.items()
            if not child.by_act and _shows(seen, name)}
    papers = _of_case(session, _paper, case_id) if "papers" in seen.sees else []
    ballots = _of_case(session, _ballot, case_id) if "votes" in seen.sees else []
    entries = journal.history(session, case_id=case_id) if "history" in seen.sees else []
    names = names_of(session, on, _people(seen, rows, papers, entries), _units(seen, verdicts, papers, entries))
    teller = Teller(book, found.law, names, values="values" in seen.sees, kinds=kinds(found))
    verdicts.sort(key=lambda v: (v.step not in ahead, not v.possible))
    return View(seen, verdicts, ahead, _recordable(session, actor, held, verdicts), papers, ballots, rows, entries,
                names, teller, corrections.recallable(session, case_id, actor))


def may_report(session: Session, actor: Actor, seen: Sight) -> bool:
    """Whether the account may write the monthly remarks on a candidate, as the helper or for him."""
    law = seen.snapshot.law
    asked = any(law.duty_kind(name) == monthly.SPONSOR_REPORT for name in law.duties)
    return asked and "reports" in seen.sees and records.may_record(session, actor, seen.snapshot, monthly.REPORTERS)


def kinds(found: Snapshot) -> dict[int, str]:
    """The kinds of the units that stand in the line of a case, and of the organ that decides it."""
    line = {u.id: u.kind for u in found.line.units}
    return line | ({found.path.organ.id: found.path.organ.kind} if found.path.organ else {})


#: Collection -> the section in which it is shown; one that is not here stands with the values.
SECTION = {"relatives": "verification", "introducers": "introducers", "opinions": "opinions"}


def kind_of_subject(view: View) -> str | None:
    """What kind of unit the case is about, by its legal term; None where it is about a person."""
    if view.sight.snapshot.case["subject_unit_id"] is None:
        return None
    kind = view.sight.snapshot.line.unit.kind
    law = view.teller.book.unit_kinds.get(kind)
    return says(law.label) if law else kind


def _shows(seen: Sight, collection: str) -> bool:
    return SECTION.get(collection, "values") in seen.sees


def _recordable(session: Session, actor: Actor, held: list[Holding], verdicts: list[StepVerdict]) -> dict[str, list[Right]]:
    """Steps that the account may not sign, but may type in, and for whom."""
    book = book_of(session)
    found = {v.step: recordable(book, v.permission.who, held) for v in verdicts if v.permission.reasons == ("not_holder",)}
    return {step: rights for step, rights in found.items() if rights}


def _of_case(session: Session, table: sa.Table, case_id: int) -> list[dict[str, Any]]:
    query = sa.select(table).where(table.c.case_id == case_id).order_by(table.c.id)
    return [dict(row) for row in session.connection().execute(query).mappings()]


def child_rows(session: Session, found: Snapshot, child: Child) -> list[dict[str, Any]]:
    """The rows of a list of the case, or of the unit it is about, as they stand; of a plan those of the one in force."""
    whose = (child.table.c[column] == value for column, value in found.owner(child).items())
    query = sa.select(child.table).where(*whose).order_by(child.table.c.id)
    return [dict(row) for row in session.connection().execute(query).mappings()]


def _people(seen: Sight, rows: dict[str, list[dict[str, Any]]], papers: list[dict[str, Any]],
            entries: list[journal.EntryView]) -> set[Any]:
    found: set[Any] = {related.person_id for related in seen.snapshot.related}
    found |= {row.get("person_id") for listed in rows.values() for row in listed}
    found |= {row["signatory_id"] for row in papers}
    for entry in entries:
        found |= {entry.header.get(key) for key in ("signatory", "on_behalf_of", "second_reader")}
    return found


def _units(seen: Sight, verdicts: list[StepVerdict], papers: list[dict[str, Any]], entries: list[journal.EntryView]) -> set[Any]:
    case = seen.snapshot.case
    found: set[Any] = {case["unit_id"], case["decider_id"], seen.snapshot.detail.get("transfer_unit_id")}
    found |= {right.unit_id for v in verdicts for right in v.permission.who}
    found |= {row["issuer_id"] for row in papers} | {e.header.get("organ") for e in entries}
    found |= {d["unit_id"] for d in seen.snapshot.duties}
    for verdict in verdicts:
        for f in verdict.judged.findings:
            found |= {v for name, v in f.values.items() if name in UNIT_FACTS or _is_unit(seen, name)}
    return found


#: Facts of every process that name a unit by its code.
UNIT_FACTS = ("case.unit", "case.decider", "path.organ")


def _is_unit(seen: Sight, name: str) -> bool:
    fact = seen.snapshot.law.facts.get(name)
    return fact is not None and fact.type == "unit"


def may_open_step(view: View, verdict: StepVerdict) -> bool:
    """Whether the form of a step is of use to this account: as signatory or as who types it in."""
    return verdict.permission.allowed or verdict.step in view.recordable

