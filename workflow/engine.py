"""The one way a case moves: :func:`explain` answers, :func:`steps` lists, :func:`advance` decides and writes.

An act writes state, facts, papers, ballot, duties, notice and journal entry in the caller's transaction, or nothing.
No process is named here; everything particular comes from the law files and the bindings.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.process import START, ProcessLaw
from rules.values import LARGEST, plain
from workflow import carry, shapes, tree
from workflow.access import Signing
from workflow.bindings import BINDINGS
from workflow.canonical import canonical, digest
from workflow.context import Actor, book_of
from workflow.errors import BadInput, Conflict, NotFound, NotPermitted, StepRefused
from workflow.journal import EntryRef
from workflow.judge import judge, short_outcome
from workflow.machine import fire
from workflow.models import Case, Entry, Person, RequestKey, Unit
from workflow.process import ordinary
from workflow.request import Request
from workflow.snapshot import Snapshot, decider_of, load, person_of
from workflow.verdict import StepVerdict


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what a new case is about, and the unit that holds it."""

    process: str
    unit_id: int
    person_id: int | None = None
    subject_unit_id: int | None = None


def explain(session: Session, case: int | Case | Subject, step: str, actor: Actor, *, on: dt.date,
            signatory: int | None = None, **given: Any) -> StepVerdict:
    """Whether a step could be taken: right, state and every rule's finding, with the first day it could pass.

    Nothing has to be given yet; what is given is judged with it. Raises NotFound for an unknown case or step.
    """
    shapes.step_of(step, on)
    snapshot = _snapshot(session, case, on)
    return judge(session, snapshot, _request(step, on, actor, signatory, given, asking=True))


def steps(session: Session, case: int | Case, actor: Actor, *, on: dt.date) -> list[StepVerdict]:
    """Every step that leaves the case's present state, with its verdict for this actor."""
    snapshot = _snapshot(session, case, on)
    law, state = snapshot.law, snapshot.case["state"]
    return [judge(session, snapshot, _request(step_id, on, actor, None, {}, asking=True))
            for step_id, step in law.steps(on).items() if state in law.leaves(step)]


def advance(session: Session, case: int | Case | Subject, step: str, actor: Actor, *, on: dt.date,
            facts: Mapping[str, Any] | None = None, papers: Sequence[Mapping[str, Any]] = (),
            ballot: Mapping[str, Any] | None = None, meeting: int | None = None, to: str | None = None,
            signatory: int | None = None, second_reader: int | bool | None = None, on_behalf_of: int | None = None,
            no_conflict: bool = True, version: int | None = None, request_key: str | None = None) -> EntryRef:
    """Take a step, or refuse it whole.

    ``on`` is the day on the paper, judged by the law of that day; the time of entry comes from the clock. ``version``
    is the one the actor saw. A repeated ``request_key`` returns the first answer.

    Raises NotPermitted (right), StepRefused (state, input, rules, ballot: all findings), Conflict (somebody was
    faster, or the key was used for something else), NotFound.
    """
    given = {"facts": facts or {}, "papers": papers or (), "ballot": ballot, "meeting": meeting, "to": to,
             "second_reader": second_reader, "on_behalf_of": on_behalf_of, "no_conflict": no_conflict}
    shapes.step_of(step, on)
    shapes.given(signatory, given)
    shapes.whole(version, "version", "Phiên bản của hồ sơ")
    shapes.text(request_key, "request_key", "Mã yêu cầu")
    asked = _digest(case, step, actor, on, signatory, given) if request_key else ""
    snapshot = _snapshot(session, case, on, lock=True)
    tree.hold(session, snapshot.line)
    if request_key and (done := _done(session, request_key, asked)):  # asked under the lock: a twin may have just finished
        return done
    if version is not None and version != snapshot.case["version"]:
        raise Conflict("Hồ sơ đã được người khác thay đổi từ khi bạn mở trang; hãy xem lại rồi thực hiện.")
    request = _request(step, on, actor, signatory, given, asking=False)
    verdict = judge(session, snapshot, request, lock=True)
    if not verdict.permission.allowed:
        raise NotPermitted("Không được thực hiện bước này.", verdict.permission.reasons,
                           tuple(f"{r.role}@{r.unit_id}" for r in verdict.permission.who))
    if verdict.refused:
        raise StepRefused(verdict)
    target = _target(session, snapshot, verdict, request)
    reached = fire(snapshot.law, step, snapshot.case["state"], target)
    entry = carry.out(session, snapshot, verdict, request, reached)
    if request_key:
        session.connection().execute(_REMEMBER, {"key": request_key, "digest": asked, "entry_id": entry.id})
    return entry


def _target(session: Session, snapshot: Snapshot, verdict: StepVerdict, request: Request) -> str:
    ballot = verdict.judged.ballot
    if ballot is not None and ballot.carried is False:
        return short_outcome(session, snapshot, verdict)
    if request.to is not None:
        return request.to
    found = ordinary(snapshot.law, verdict.law, verdict.state) or snapshot.case["resume_state"]
    if found is None:
        raise BadInput("Hồ sơ không có trạng thái để trở lại.", "to")
    return str(found)


def _request(step: str, on: dt.date, actor: Actor, signatory: int | None, given: Mapping[str, Any], *,
             asking: bool) -> Request:
    given = dict(given)
    shapes.given(signatory, given)
    signing = Signing.by(actor, signatory, given.pop("on_behalf_of", None), given.pop("second_reader", None))
    ballot = given.pop("ballot", None)
    return Request(step=step, on=on, signing=signing, ballot=ballot, asking=asking,
                   method=(ballot or {}).get("method"), **given)


def _snapshot(session: Session, case: int | Case | Subject, on: dt.date, *, lock: bool = False) -> Snapshot:
    if isinstance(case, Subject):
        for value, field, what in ((case.unit_id, "unit", "Tổ chức"), (case.person_id, "person", "Người trong hồ sơ"),
                                   (case.subject_unit_id, "unit", "Tổ chức trong hồ sơ")):
            shapes.whole(value, field, what)
        if lock:
            _hold(session, case)
        return _unborn(session, case, on)
    shapes.day(on, "on", "Ngày")
    key = case.id if isinstance(case, Case) else case
    if type(key) is not int or not 0 < key <= LARGEST:
        raise NotFound("Không tìm thấy hồ sơ.")
    return load(session, book_of(session).processes, key, on, lock=lock)


def _hold(session: Session, subject: Subject) -> None:
    """Make whoever else opens a case of this subject wait for the end of the transaction; on SQLite all wait anyway."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return
    table, key = (Person, subject.person_id) if subject.person_id is not None else (Unit, subject.subject_unit_id)
    connection.execute(sa.select(table.id).where(table.id == key).with_for_update(key_share=True))


def _unborn(session: Session, subject: Subject, on: dt.date) -> Snapshot:
    """The snapshot of a case that a start step would open."""
    law = law_of(session, subject.process)
    check_subject(law, subject)
    binding = BINDINGS[subject.process]
    line = tree.line(session, subject.unit_id, on)
    if line is None:
        raise BadInput("Tổ chức này không hoạt động vào ngày đó, không thể mở hồ sơ ở đây.", "unit")
    path = decider_of(law, line, on)
    case = {"id": None, "process": subject.process, "subject_person_id": subject.person_id,
            "subject_unit_id": subject.subject_unit_id, "unit_id": subject.unit_id,
            "decider_id": path.organ.id if path.organ else None, "state": START, "resume_state": None, "version": 0,
            "opened_on": on, "last_act_on": None, "state_since": on, "closed_on": None, "imported": False}
    detail: dict[str, Any] = {c.name: None for c in binding.detail.c} | {"imported": False}
    decider = path.organ.code if path.organ else None
    return Snapshot(session, law, binding, on, case, detail, person_of(session, subject.person_id), decider, line, path)


def check_subject(law: ProcessLaw, subject: Subject) -> None:
    """A process is about people or about units; a case of a unit stands at that unit. Raises BadInput."""
    if law.head.subject == "unit":
        if subject.subject_unit_id != subject.unit_id or subject.person_id is not None:
            raise BadInput("Hồ sơ của quy trình này là của một tổ chức và mở tại chính tổ chức đó.", "unit")
    elif subject.subject_unit_id is not None:
        raise BadInput("Hồ sơ của quy trình này là của một người, không phải của tổ chức.", "unit")


def law_of(session: Session, process: str) -> ProcessLaw:
    """The law of a process that has tables here. Raises NotFound."""
    if not isinstance(process, str) or process not in BINDINGS or process not in book_of(session).processes:
        raise NotFound(f"Không có quy trình {process}.")
    return book_of(session).processes[process]


def _digest(case: int | Case | Subject, step: str, actor: Actor, on: dt.date, signatory: int | None,
            given: Mapping[str, Any]) -> str:
    subject: Any = case if isinstance(case, int) else [case.process, case.unit_id, case.person_id, case.subject_unit_id] \
        if isinstance(case, Subject) else case.id
    try:
        return digest(canonical(plain([subject, step, actor.account_id, on, signatory, given])))
    except (TypeError, ValueError) as error:
        raise BadInput("Yêu cầu có giá trị không ghi được.", None) from error


def _done(session: Session, key: str, asked: str) -> EntryRef | None:
    """The entry of a request that was already carried out. Raises Conflict when the key stood for another request."""
    row = session.connection().execute(_REQUEST, {"key": key}).first()
    if row is None:
        return None
    if row[0] != asked:
        raise Conflict("Mã yêu cầu này đã dùng cho một yêu cầu khác; hãy mở lại biểu mẫu.")
    return EntryRef(*row[1:])


_REMEMBER = sa.insert(RequestKey.__table__)  # type: ignore[arg-type]
_REQUEST = (sa.select(RequestKey.digest, Entry.id, Entry.stream, Entry.stream_seq, Entry.hash)
            .join(Entry, Entry.id == RequestKey.entry_id).where(RequestKey.key == sa.bindparam("key")))
