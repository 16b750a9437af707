"""Carrying out a step that was judged and allowed: every row it changes, and the entry that tells of it."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.nodes import Rows
from rules.process import ProcessLaw
from workflow import duties, further, outbox, tree
from workflow.caserows import assign_helper, end_help, renew_rows, replace_rows, state_strength
from workflow.context import ZONE, book_of, clock_of
from workflow.errors import AlreadyOpen, BadInput
from workflow.journal import Act, EntryRef
from workflow.models import Ballot, Case, Duty, Paper, Person
from workflow.process import is_later, ranks
from workflow.request import Request
from workflow.snapshot import Snapshot, decider_of, place
from workflow.verdict import StepVerdict

_case: sa.Table = Case.__table__  # type: ignore[assignment]
_ballot: sa.Table = Ballot.__table__  # type: ignore[assignment]
_paper: sa.Table = Paper.__table__  # type: ignore[assignment]
_duty: sa.Table = Duty.__table__  # type: ignore[assignment]
_person: sa.Table = Person.__table__  # type: ignore[assignment]


@lru_cache(maxsize=16)
def _standing(table: sa.Table) -> sa.Select[Any]:
    """The rows that acts have written beside a case and that still count, with the step of each."""
    return sa.select(table.c.id, table.c.step).where(table.c.case_id == sa.bindparam("case"), table.c.void.is_(False))


def out(session: Session, snapshot: Snapshot, verdict: StepVerdict, request: Request, reached: str) -> EntryRef:
    """Write the step. Raises Conflict when somebody else changed the case meanwhile."""
    return _Carry(session, snapshot, verdict, request, reached).run()


@lru_cache(maxsize=256)
def voided_steps(law: ProcessLaw, target: str) -> frozenset[str]:
    """The steps that are undone when a case goes back to a state."""
    return frozenset(step for step, versions in law.step_versions.items()
                     if any(is_later(law, version, target) for version in versions))


@lru_cache(maxsize=256)
def voided_facts(law: ProcessLaw, voided: frozenset[str]) -> frozenset[str]:
    """The facts that go with undone steps: those they must record and the days they set, unless a step that stands
    records them too. Left standing, they would count for steps that are yet to be taken again."""
    undone, standing = set(), set()
    for step, versions in law.step_versions.items():
        for version in versions:
            if step in voided:
                undone |= {*version.records, *version.derived}
            else:
                standing |= {*version.records, *version.may_record, *version.derived}
    return frozenset(undone - standing)


class _Carry:
    def __init__(self, session: Session, snapshot: Snapshot, verdict: StepVerdict, request: Request, reached: str) -> None:
        self.session, self.snapshot, self.verdict, self.request, self.reached = session, snapshot, verdict, request, reached
        self.law, self.step, self.on = snapshot.law, verdict.law, request.on
        ballot = verdict.judged.ballot
        self.carried = ballot is None or ballot.carried is not False
        self.closes = reached in self.law.states.closed
        self.back = self.step.voids == "later" and reached in ranks(self.law)
        self.voided = voided_steps(self.law, reached) if self.back else frozenset()
        self.given = {name: verdict.facts.get(name) for name in self._recorded() if verdict.facts.get(name) is not None}
        if self.carried:
            self.given |= verdict.derived
        for fact, state in self.step.only_to.items():
            if state != reached:
                self.given.pop(fact, None)
        self.case_id = snapshot.id
        self.plan_no = self._plan_no()
        self.act: Act

    def _recorded(self) -> set[str]:
        return set(self.request.facts) & {*self.step.records, *self.step.may_record, *self.step.derived}

    def run(self) -> EntryRef:
        case, now = self.snapshot.case, clock_of(self.session).now()
        act = self.act = Act(self.session, stream=f"case:{self.case_id}", tag="case:step:take", acted_on=self.on,
                             actor=self.request.signing.actor, recorded_at=now, case_id=self.case_id, unit_id=case["unit_id"],
                             subject_person_id=case["subject_person_id"], header=self._header(now))
        if self.case_id is None:
            self._open()
        self._detail()
        line = self._case_row()
        if line is not self.snapshot.line:
            self._move(line)
        with _there("facts"):
            self._elsewhere(line)
        self._lists()
        self._ballot()
        with _there("papers"):
            self._papers()
        started = self._duties(line)
        self._standing()
        act.note("values", {k: _told(v) for k, v in self.verdict.facts.items() if not k.startswith("act.")})
        if self.step.opens is not None and self.carried:
            opened = further.open_beside(self.session, self.snapshot, self.verdict, self.request.signing.actor, self.step.opens)
            if opened is not None:
                act.header["opens"] = opened
        entry = act.write()
        outbox.enqueue(act.connection, message_id=f"{act.stream}.{entry.stream_seq}", kind="case.returned" if self.back else "case.waits",
                       run_at=now, case_id=self.case_id, unit_id=started or line.unit.id)
        return entry

    def _header(self, now: dt.datetime) -> dict[str, Any]:
        signing, permission, judged = self.request.signing, self.verdict.permission, self.verdict.judged
        header: dict[str, Any] = {
            "process": self.law.id, "step": self.verdict.step, "from": self.verdict.state, "to": self.reached,
            "signatory": signing.signatory_id, "right": permission.acting.role if permission.acting else None,
            "office": permission.office_id, "organ": permission.acting.unit_id if permission.acting else None,
            "rules": {f.rule: f.outcome for f in judged.findings}, "edition": judged.edition,
            "late": now.astimezone(ZONE).date() > self.on,
        }
        if permission.on_behalf_of:
            header["on_behalf_of"] = permission.on_behalf_of
        if signing.second_reader is not None:
            header["second_reader"] = signing.second_reader
        if judged.ballot is not None:
            header["carried"] = judged.ballot.carried
        if self.voided:
            header["voids"] = sorted(self.voided)
        return header

    # ---- rows

    def _open(self) -> None:
        """The case and its detail row of a start step."""
        case, act = self.snapshot.case, self.act
        try:
            case_id = act.insert(_case, {
                "process": case["process"], "subject_person_id": case["subject_person_id"],
                "subject_unit_id": case["subject_unit_id"], "unit_id": case["unit_id"], "decider_id": case["decider_id"],
                "state": self.reached, "version": 1, "opened_on": self.on, "last_act_on": self.on, "state_since": self.on})
        except sa.exc.IntegrityError as error:
            raise AlreadyOpen from error
        act.insert(self.snapshot.binding.detail, {"case_id": case_id, "state": self.reached})
        act.stream, act.case_id, self.case_id = f"case:{case_id}", case_id, case_id

    def _detail(self) -> None:
        """Facts, the day of the step, cleared days and facts of steps that are undone, and the state that CHECKs look at."""
        binding, detail = self.snapshot.binding, self.snapshot.detail
        homes = binding.homes(self.law)
        changes: dict[str, Any] = {"state": self.reached}
        for step in self.voided:
            column = binding.day_column(step)
            if column and detail[column] is not None:
                changes[column] = None
        for fact in voided_facts(self.law, self.voided) & homes.keys():
            if detail[homes[fact]] is not None:
                changes[homes[fact]] = None
        for fact, value in self.given.items():
            if fact in homes:
                changes[homes[fact]] = value
        for name, child in binding.children.items():
            rows = self.given.get(name)
            if isinstance(rows, Rows) and child.declared is not None:
                changes[child.declared] = rows.declared
        if binding.plan is not None and self.plan_no is not None:
            changes[binding.plan] = self.plan_no
        column = binding.day_column(self.verdict.step)
        if column:
            changes[column] = self.on
        old = _blank(binding.detail) | {"state": self.reached} if detail["case_id"] is None else detail
        try:
            self.act.update(binding.detail, self.case_id or 0, changes, old=old)
        except sa.exc.IntegrityError as error:
            raise BadInput(f"Hồ sơ chưa đủ căn cứ cho trạng thái {self.reached}: {error.orig}", "to") from error

    def _case_row(self) -> tree.Line:
        """State and version, guarded by the version that was read. Returns the line the case stands in afterwards."""
        case, line, path = self.snapshot.case, self.snapshot.line, self.snapshot.path
        waiting = self.reached in self.law.states.waiting
        changes: dict[str, Any] = {
            "state": self.reached, "version": case["version"] + 1, "last_act_on": self.on,
            "resume_state": (case["resume_state"] or case["state"]) if waiting else None,
            "closed_on": self.on if self.closes else None,
        }
        if self.reached != case["state"]:
            changes["state_since"] = self.on
        if self.step.moves_unit:
            unit_id = self.given.get(self.step.moves_unit) or self.verdict.facts.get(self.step.moves_unit)
            if unit_id is None:
                raise BadInput("Chưa có tổ chức tiếp nhận.", self.step.moves_unit)
            line = place(self.session, unit_id, self.on)
            tree.hold(self.session, line)
            path = decider_of(self.law, line, self.on)
            changes["unit_id"] = unit_id
        if self.step.sets_decider or self.step.moves_unit:
            changes["decider_id"] = path.organ.id if path.organ else None
        if case["id"] is None:
            return line
        try:
            self.act.update(_case, case["id"], changes, old=case, seen={"version": case["version"]})
        except sa.exc.IntegrityError as error:  # a closed case may only come back while its subject has no other
            raise AlreadyOpen from error
        return line

    def _move(self, line: tree.Line) -> None:
        """With the case its subject goes over to another unit; who helped there helps no more."""
        person = self.snapshot.case["subject_person_id"]
        if person is not None:
            self.act.update(_person, person, {"unit_id": line.unit.id}, person=person)
        if "helper.person_id" not in {self.snapshot.binding.elsewhere.get(fact) for fact in self.given}:
            end_help(self.act, self.snapshot.helpers_rows(), self.on)

    def _elsewhere(self, line: tree.Line) -> None:
        """Facts whose home is neither the case nor its detail row; the strength is that of the unit the case stands in now."""
        for fact, home in self.snapshot.binding.elsewhere.items():
            value = self.given.get(fact)
            if value is None:
                continue
            if home == "helper.person_id":
                assign_helper(self.act, self.snapshot.helpers_rows(), self.case_id or 0, value, self.on)
            elif home == "strength.official":
                state_strength(self.act, line.unit.id, value, self.on)
        for name in self.snapshot.binding.children:
            rows = self.given.get(name)
            if isinstance(rows, Rows):
                replace_rows(self.act, self.snapshot, self.case_id or 0, name, rows, self.plan_no)

    def _plan_no(self) -> int | None:
        """The number of the plan in force after the act."""
        column = self.snapshot.binding.plan
        if column is None:
            return None
        return int(self.snapshot.detail[column] or 1) + int(bool(self.step.renews) and self.carried)

    def _lists(self) -> None:
        """Rows that the act itself adds to collections, those of undone steps void, and the next version of a plan."""
        children, book = self.snapshot.binding.children, book_of(self.session)
        for child in children.values() if self.back else ():
            if child.by_act:
                self._void(child.table)
        if not self.carried:
            return
        facts = {**self.verdict.facts, **self.given}
        for name, fields in self.step.appends.items():
            child, kinds = children[name], self.law.names.collections[name]
            row: dict[str, Any] = {"case_id": self.case_id, "step": self.verdict.step}
            if "no" in child.table.c:
                row["no"] = self.plan_no
            for field, text in fields.items():
                node = self.law.expression(kinds[field].kind, text)
                row[child.column(field)] = book.evaluate(node, facts, self.on, self.snapshot.line.codes)
            self.act.insert(child.table, row)
        for name in (n for n in self.step.renews if n not in self.given):
            renew_rows(self.act, self.snapshot, children[name], int(self.plan_no or 1))

    def _ballot(self) -> None:
        if self.back:
            self._void(_ballot)
        judged, count = self.verdict.judged.ballot, self.request.count
        if self.step.ballot is None or judged is None or count is None:
            return
        self.act.insert(_ballot, {
            "case_id": self.case_id, "meeting_id": self.request.meeting, "step": self.verdict.step, "law": judged.id or "",
            "held_on": self.on, "round": self.verdict.facts["ballot.round"], "entitled": count.entitled,
            "away": count.away, "exempt_absent": count.exempt_absent, "present": count.present,
            "votes_for": count.votes_for, "against": count.against, "blank": count.blank, "method": self.request.method,
            "base": judged.base, "needed": judged.needed, "carried": bool(judged.carried)})

    def _papers(self) -> None:
        if self.back:
            self._void(_paper)
        right = self.verdict.permission.acting
        for paper in self.request.papers:
            self.act.insert(_paper, {
                "case_id": self.case_id, "kind": paper["kind"], "number": paper.get("number"),
                "issued_on": paper.get("date") or self.on, "issuer_id": paper.get("issuer") or (right.unit_id if right else None),
                "signatory_id": paper.get("signed_by") or self.request.signing.signatory_id,
                "extract": paper.get("extract"), "kept_at": paper.get("kept_at"), "secrecy": paper.get("secrecy"),
                "step": self.verdict.step})

    def _void(self, table: sa.Table) -> None:
        if self.snapshot.id is None:
            return
        for key, step in self.session.connection().execute(_standing(table), {"case": self.snapshot.id}).all():
            if step in self.voided:
                self.act.update(table, key, {"void": True}, old={"void": False})

    def _duties(self, line: tree.Line) -> int | None:
        """Duties as the law files say. Returns the unit that owns the first one started."""
        organ = self.snapshot.path.organ if line is self.snapshot.line else decider_of(self.law, line, self.on).organ
        facts = {**self.verdict.facts, **self.given, "act.on": self.on}
        if self.carried:
            facts[f"did.{self.verdict.step}"] = self.on
        setting = duties.Setting(book_of(self.session), self.law, line, organ, self.on, facts,
                                 f"{self.verdict.step}@{self.snapshot.case['version'] + 1}")
        days = {kind: int(facts[fact]) for kind, fact in self.step.extends.items() if facts.get(fact) is not None}
        reaches = self.closes or self.voided or duties.touched(self.law, self.verdict.step, self.step)
        standing = self.snapshot.duties if reaches else []
        made = duties.plan(setting, self.step, standing, carried=self.carried, closes=self.closes, voided=self.voided,
                           unmet=self._unmet(), days=days)
        if self.step.moves_unit or self.step.sets_decider:
            duties.moved(standing, setting, made)
        by_id = {duty["id"]: duty for duty in standing}
        for key, changes in made.updates.items():
            self.act.update(_duty, key, changes, old=by_id[key])
        for row in made.inserts:
            self.act.insert(_duty, {"case_id": self.case_id, **row})
        return made.inserts[0]["unit_id"] if made.inserts else None

    def _unmet(self) -> set[tuple[str, dt.date]]:
        """Kind and day of every duty that a step met which is undone now."""
        found = set()
        for step in self.voided:
            column = self.snapshot.binding.day_column(step)
            day = self.snapshot.detail[column] if column else None
            found |= {(kind, day) for version in self.law.step_versions[step] for kind in version.meets if day is not None}
        return found

    def _standing(self) -> None:
        """What a state makes of the person: a probationary or an official member, or neither any more."""
        binding, person = self.snapshot.binding, self.snapshot.case["subject_person_id"]
        standing = binding.standing_at(self.law, self.reached) if self.back else binding.standing.get(self.reached)
        if standing is None or person is None or self.snapshot.person.get("standing") == standing:
            return
        self.act.update(_person, person, {"standing": standing}, old=self.snapshot.person, person=person)


@contextmanager
def _there(field: str) -> Iterator[None]:
    """What is told may name a person or an organisation that does not exist, or one person twice."""
    try:
        yield
    except sa.exc.IntegrityError as error:
        raise BadInput("Thông tin kèm theo nêu người hoặc tổ chức không có, hoặc nêu một người hai lần.", field) from error


def _blank(table: sa.Table) -> dict[str, Any]:
    """What a row holds that was just inserted with nothing but its defaults."""
    return {c.name: c.default.arg if isinstance(c.default, sa.ColumnDefault) else None for c in table.c}


def _told(value: Any) -> Any:
    """A fact as the journal keeps it."""
    if isinstance(value, Rows):
        return {"declared": value.declared, "items": [dict(item) for item in value.items]}
    return value
