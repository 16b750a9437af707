"""One case as it stands, and the facts that rules read from it. A handful of statements, whatever the case holds."""
from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.dated import NotInForce
from rules.nodes import Rows
from rules.process import DeciderRow, ProcessLaw
from workflow import lastrating, tree
from workflow.access import Related
from workflow.binding import Binding, Child, Relation
from workflow.bindings import BINDINGS
from workflow.errors import NotFound
from workflow.models import Ballot, Case, Duty, Helper, Person, Unit, UnitStrength, UnitVersion

_case: sa.Table = Case.__table__  # type: ignore[assignment]
_person: sa.Table = Person.__table__  # type: ignore[assignment]
_duty: sa.Table = Duty.__table__  # type: ignore[assignment]
_helper: sa.Table = Helper.__table__  # type: ignore[assignment]
_unit: sa.Table = Unit.__table__  # type: ignore[assignment]
_PERSON_FACTS = ("born_on", "full_name", "standing", "gender")


@dataclass(frozen=True, slots=True)
class Path:
    """Who decides, by law, on a day: the row of the table of deciders, and the organ it points to."""

    row: DeciderRow | None
    organ: tree.UnitOn | None


@dataclass(slots=True)
class Snapshot:
    """A case, its detail row, its subject, its place in the organisation on a day.

    A case of a unit that has ended is decided by whoever stands above its heir; ``line`` stays the unit's own.
    """

    session: Session
    law: ProcessLaw
    binding: Binding
    on: dt.date
    case: Mapping[str, Any]
    detail: Mapping[str, Any]
    person: Mapping[str, Any]
    decider_code: str | None
    line: tree.Line
    path: Path
    _duties: list[Mapping[str, Any]] | None = field(default=None)
    _helpers: list[Mapping[str, Any]] | None = field(default=None)
    _related: list[Related] | None = field(default=None)
    _ratings: dict[int, lastrating.LastRating] | None = field(default=None)

    @property
    def id(self) -> int | None:
        found: int | None = self.case["id"]
        return found

    @property
    def duties(self) -> list[Mapping[str, Any]]:
        """The standing duties of the case, oldest first; those of voided steps are gone."""
        if self._duties is None:
            rows = self.session.connection().execute(_DUTIES, {"case": self.id}).mappings() if self.id else ()
            self._duties = [dict(row) for row in rows]
        return self._duties

    def helpers_rows(self) -> list[Mapping[str, Any]]:
        """The rows of everybody who was ever assigned to help, oldest first."""
        if self._helpers is None:
            rows = self.session.connection().execute(_HELPERS, {"case": self.id}).mappings() if self.id else ()
            self._helpers = [dict(row) for row in rows]
        return self._helpers

    @property
    def related(self) -> list[Related]:
        """Everybody who ever stood in a relation to the case, in the order of the relations of its process."""
        if self._related is None:
            self._related = [r for role, relation in self.binding.relations.items() for r in self._of(role, relation)]
        return self._related

    def _of(self, role: str, relation: Relation) -> list[Related]:
        if self.id is None:
            return []
        rows = self.session.connection().execute(_relation(relation), {"case": self.id})
        return [Related(role, *row) for row in rows if row[0] is not None]

    def owner(self, child: Child) -> dict[str, Any]:
        """The columns that make a row one of this case: whose it is, and the plan it stands in."""
        found = {child.link: self.id if child.of == "case" else self.case["subject_unit_id"]}
        if child.plan is not None and self.binding.plan is not None:
            found[child.plan] = self.detail[self.binding.plan]
        return found

    def receiving(self, given: Mapping[str, Any]) -> int | None:
        """The unit that a transfer names: with the act, or in the case."""
        for fact in self.law.transfers:
            found = given.get(fact) or self.detail.get(self.binding.homes(self.law).get(fact, ""))
            if type(found) is int:  # anything else is no unit, and told as an input that is wrong
                return found
        return None

    def facts(self, wanted: Collection[str] | None = None) -> dict[str, Any]:
        """What is known for rules; ``wanted`` bounds what costs a further statement."""
        found: dict[str, Any] = {"act.on": self.on}
        for fact, column in self.binding.homes(self.law).items():
            value = self.detail[column]
            if value is not None:
                found[fact] = value
        for fact, column in self.binding.days(self.law):
            value = self.detail[column]
            if value is not None:
                found[fact] = value
        found.update(self._case_facts())
        wants = self.law.facts if wanted is None else wanted
        for fact, home in self.binding.elsewhere.items():
            if home.startswith("person."):
                value = self.person.get(home[7:])
                if value is not None:
                    found[fact] = value
            elif fact in wants:
                value = self._calculated(home)
                if value is not None:
                    found[fact] = value
        if any(name.startswith("duty.") for name in wants):
            found.update(self._duty_facts())
        for name in self.binding.children:
            if name in wants:
                found[name] = self.rows(name)
        return found

    def _case_facts(self) -> dict[str, Any]:
        own = {"case.state": self.case["state"], "case.unit": self.line.unit.code}
        decider = {} if self.decider_code is None else {"case.decider": self.decider_code}
        return own | decider | place_facts(self.line, self.path)

    def _calculated(self, home: str) -> Any:
        if home == "strength.official":
            return self.session.connection().scalar(_STRENGTH, {"unit": self.line.unit.id, "day": self.on})
        if home == "helper.person_id":
            return next((row["person_id"] for row in reversed(self.helpers_rows())
                         if row["from_on"] <= self.on and (row["to_on"] is None or self.on <= row["to_on"])), None)
        if home == "rating.entry_rank":
            entry = self.detail["entry_rating_id"]
            return None if entry is None else self.session.connection().scalar(lastrating.rank_now_select(entry))
        if home.startswith("rating."):
            return getattr(self._last_rating(), home[7:], None)
        raise KeyError(home)

    def _last_rating(self) -> lastrating.LastRating | None:
        if self._ratings is None:
            unit = self.case["subject_unit_id"]
            self._ratings = lastrating.last_annual(self.session, [] if unit is None else [unit], self.on)
        return next(iter(self._ratings.values()), None)

    def _duty_facts(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for duty in self.duties:
            kind = duty["kind"]
            found[f"duty.{kind}.due_on"] = duty["due_on"]
            found[f"duty.{kind}.extended"] = duty["extended"]
            late = duty["open_until"] is not None and duty["open_until"] < self.on
            found[f"duty.{kind}.late"] = found.get(f"duty.{kind}.late", 0) + int(late)
        return found

    def rows(self, name: str) -> Rows:
        """A collection of the case with its declaration."""
        child = self.binding.children[name]
        fields = self.law.facts[name].items or {}
        if self.id is None and child.of == "case":
            return Rows(child.by_act, ())
        columns = {item: child.table.c[child.column(item)] for item in fields}
        rows = self.session.connection().execute(_children(child), self.owner(child)).mappings()
        items = tuple({item: row[column.name] for item, column in columns.items() if row[column.name] is not None} for row in rows)
        return Rows(child.by_act or bool(self.detail[str(child.declared)]), items)

    def round(self, group: tuple[str, ...]) -> int:
        """Which round a vote of these steps would be: the standing short votes among them, and one."""
        if self.id is None:
            return 1
        short = self.session.connection().scalar(_SHORT, {"case": self.id, "steps": list(group)})
        return int(short or 0) + 1


_DUTIES = (sa.select(*_duty.c).where(_duty.c.case_id == sa.bindparam("case"))
           .where(_duty.c.closed_on.is_(None)).order_by(_duty.c.id))
_HELPERS = sa.select(*_helper.c).where(Helper.case_id == sa.bindparam("case")).order_by(Helper.id)
_STRENGTH = (sa.select(UnitStrength.official).where(UnitStrength.unit_id == sa.bindparam("unit"),
                                                    UnitStrength.as_of <= sa.bindparam("day"))
             .order_by(UnitStrength.as_of.desc()).limit(1))
_SHORT = sa.select(sa.func.count()).where(Ballot.case_id == sa.bindparam("case"), Ballot.void.is_(False),
                                          Ballot.carried.is_(False),
                                          Ballot.step.in_(sa.bindparam("steps", expanding=True)))


_EARLIER = UnitVersion.to_on < sa.bindparam("day")
_LAST_AND_FIRST = (sa.select(sa.func.max(sa.case((_EARLIER, UnitVersion.to_on))), sa.func.min(UnitVersion.from_on))
                   .where(UnitVersion.unit_id == sa.bindparam("unit")))


@lru_cache(maxsize=64)
def _children(child: Child) -> sa.Select[Any]:
    c = child.table.c
    mine = [c[name] == sa.bindparam(name) for name in (child.link, *([child.plan] if child.plan else []))]
    standing = [c.void.is_(False)] if child.by_act else []
    return sa.select(*c).where(*mine, *standing).order_by(c.id)


@lru_cache(maxsize=16)
def _relation(relation: Relation) -> sa.Select[Any]:
    c = relation.table.c
    which = [] if relation.where is None else [c[relation.where].is_(True)]
    return (sa.select(c[relation.person], c[relation.since], c[relation.until])
            .where(c.case_id == sa.bindparam("case"), *which).order_by(c.id))


@lru_cache(maxsize=16)
def _whole(binding: Binding) -> sa.Select[Any]:
    decider = _unit.alias("decider")
    return (
        sa.select(*(c.label(f"case_{c.name}") for c in _case.c), *(c.label(f"detail_{c.name}") for c in binding.detail.c),
                  *(_person.c[c].label(f"person_{c}") for c in _PERSON_FACTS), decider.c.code.label("decider_code"))
        .select_from(_case.join(binding.detail, binding.detail.c.case_id == _case.c.id)
                     .outerjoin(_person, _person.c.id == _case.c.subject_person_id)
                     .outerjoin(decider, decider.c.id == _case.c.decider_id))
        .where(_case.c.id == sa.bindparam("case"))
    )


@lru_cache(maxsize=16)
def _names(binding: Binding) -> tuple[tuple[str, ...], ...]:
    """The columns of :func:`_whole` in their order: of the case, of its detail row, of the person."""
    return tuple(c.name for c in _case.c), tuple(c.name for c in binding.detail.c), _PERSON_FACTS


_HOLD = sa.select(_case.c.id).where(_case.c.id == sa.bindparam("case")).with_for_update()
_PROCESS = sa.select(_case.c.process).where(_case.c.id == sa.bindparam("case"))


def load(session: Session, processes: Mapping[str, ProcessLaw], case_id: int, on: dt.date, *, lock: bool = False) -> Snapshot:
    """The case as it stands, placed in the organisation of ``on``. Raises NotFound.

    ``lock`` holds the case's row until the end of the transaction (on SQLite the transaction itself does). It is held
    before anything is read: a row joined to one that was waited for would be as old as the wait.
    """
    connection = session.connection()
    if lock and connection.dialect.name != "sqlite":
        connection.execute(_HOLD, {"case": case_id})
    name = connection.scalar(_PROCESS, {"case": case_id}) if len(BINDINGS) > 1 else next(iter(BINDINGS))
    if name is None or name not in BINDINGS:
        raise NotFound("Không tìm thấy hồ sơ.")
    binding, law = BINDINGS[name], processes[name]
    row = connection.execute(_whole(binding), {"case": case_id}).first()
    if row is None:
        raise NotFound("Không tìm thấy hồ sơ.")
    values = iter(row)
    case, detail, person = (dict(zip(names, values, strict=False)) for names in _names(binding))
    line = place(session, case["unit_id"], on)
    return Snapshot(session, law, binding, on, case, detail, person, next(values), line, path_of(session, law, line, on))


def path_of(session: Session, law: ProcessLaw, line: tree.Line, on: dt.date) -> Path:
    """Who decides a case by law on a day. Of a unit that has ended: who decides for the unit that took its place, or else
    whoever stands where its superior stood."""
    if law.head.subject != "unit" or line.unit.to_on is None or line.unit.to_on >= on:
        return decider_of(law, line, on)
    heir = tree.heir(session, line.unit.id, on)
    if heir is not None:
        return decider_of(law, heir, on)
    former = decider_of(law, line, line.unit.to_on)
    organ = None if former.organ is None else tree.heir(session, former.organ.id, on)
    return Path(former.row, organ.unit if organ else None)


def place_facts(line: tree.Line, path: Path) -> dict[str, Any]:
    """What a unit's place in the organisation says to rules."""
    row = path.row
    found = {"path.unit": line.unit_kind, "path.parent": line.parent_kind, "path.above": line.above_kind,
             "path.delegated": line.delegated, "path.sub": line.sub is not None}
    if row is not None:
        found |= {"path.body": row.body, "path.ballot": row.ballot, "path.base_vote": row.base_vote}
    if path.organ is not None:
        found["path.organ"] = path.organ.code
    return {name: value for name, value in found.items() if value is not None}


def person_of(session: Session, person_id: int | None) -> dict[str, Any]:
    """What rules read of a person; nothing where the subject is a unit or nobody known."""
    row = session.connection().execute(_PERSON_ROW, {"person": person_id}).mappings().first() if person_id else None
    return dict(row) if row else {}


_PERSON_ROW = sa.select(*(_person.c[c] for c in _PERSON_FACTS)).where(_person.c.id == sa.bindparam("person"))


def place(session: Session, unit_id: int, on: dt.date) -> tree.Line:
    """The line of a unit on a day; where it did not live then, on the last day before, or else on its first.

    A case may stand in a unit that was founded after the day asked about, when it has gone over to it. Raises NotFound.
    """
    found = tree.line(session, unit_id, on)
    if found is None:
        last, first = session.connection().execute(_LAST_AND_FIRST, {"unit": unit_id, "day": on}).one()
        found = tree.line(session, unit_id, last or first) if last or first else None
    if found is None:
        raise NotFound("Không tìm thấy tổ chức của hồ sơ.")
    return found


def beside(session: Session, line: tree.Line, on: dt.date) -> tuple[int, ...]:
    """The unions and training centres that stand beside a line: attached to one of its units on a day."""
    return tuple(session.connection().scalars(_BESIDE, {"parents": list(line.ids), "day": on}))


_BESIDE = sa.select(UnitVersion.unit_id).where(
    UnitVersion.parent_id.in_(sa.bindparam("parents", expanding=True)), UnitVersion.kind.in_(("union", "training_centre")),
    UnitVersion.from_on <= sa.bindparam("day"), sa.or_(UnitVersion.to_on.is_(None), UnitVersion.to_on >= sa.bindparam("day")))


def decider_of(law: ProcessLaw, line: tree.Line, on: dt.date) -> Path:
    """Who decides by law on a day, where the table of deciders says so."""
    try:
        row = law.decider(on, line.unit_kind, line.parent_kind, line.above_kind, line.delegated)
    except NotInForce:
        return Path(None, None)
    if row.base_vote and line.base is line.unit:
        # A cell that is itself the basic organisation has no base committee that could vote first.
        row = row.model_copy(update={"base_vote": False})
    return Path(row, {"parent": line.parent, "base": line.base, "above": line.above}[row.organ])
