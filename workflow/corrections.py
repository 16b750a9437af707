"""Ways back that are not steps: recalling one's own entry while nothing rests on it, and correcting a slip of the pen.

Nothing is rubbed out: both are entries of their own. Undoing an act with legal effect is a step of the process.
"""
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.context import Actor, book_of, clock_of
from workflow.errors import BadInput, Conflict, NotFound, NotPermitted
from workflow.inputs import optional_text, required_text, shown
from workflow.journal import Act, EntryRef
from workflow.models import Base, Case, Entry, Paper, Part
from workflow.snapshot import load

_case: sa.Table = Case.__table__  # type: ignore[assignment]
_paper: sa.Table = Paper.__table__  # type: ignore[assignment]
#: What may be corrected: words and numbers of a paper, never what a rule has read.
CLERICAL = ("number", "issued_on", "extract", "kept_at")
#: Entries that stay: a recall, and what follows from an act on the organisation.
NOT_RECALLED = frozenset({"case:entry:recall", "case:case:follow"})


def recall(session: Session, case_id: int, actor: Actor, on: dt.date, *, reason: str,
           entry_id: int | None = None) -> EntryRef:
    """Take back the last entry of a case: one's own, with nothing after it. Every row becomes what it was before.

    ``entry_id`` is the entry that was looked at: Conflict when another has become the last one since.

    The version goes on counting, so that nobody acts on what he saw meanwhile. The entry that opened or imported a
    case stays. Raises NotPermitted for somebody else's entry, BadInput for one that cannot be taken back.
    """
    why = required_text(reason, "reason", "lý do thu hồi", 500)
    snapshot = load(session, book_of(session).processes, case_id, on, lock=True)
    entry = _last(session, case_id)
    if entry is None:
        raise NotFound("Hồ sơ chưa có việc nào để thu hồi.")
    if entry_id not in (None, entry.id):
        raise Conflict("Hồ sơ đã có việc khác sau việc này, không thu hồi được.")
    if entry.recorded_by != actor.account_id:
        raise NotPermitted("Chỉ người đã ghi mới được thu hồi, khi chưa có việc nào tiếp theo.", ("not_own_entry",))
    if not _may_go(entry):
        raise BadInput("Việc này không thu hồi được.", "entry")
    if on < entry.acted_on or on > clock_of(session).today():
        raise BadInput(f"Ngày thu hồi phải từ {shown(entry.acted_on)} đến hôm nay.", "on")
    act = Act(session, stream=f"case:{case_id}", tag="case:entry:recall", acted_on=on, actor=actor, case_id=case_id,
              unit_id=snapshot.case["unit_id"], subject_person_id=snapshot.case["subject_person_id"],
              header={"recalls": entry.stream_seq, "from": snapshot.case["state"]})
    for change in reversed(_changes(session, entry.id)):
        _undo(act, change, snapshot.case["version"] + 1)
    state = session.connection().scalar(sa.select(_case.c.state).where(_case.c.id == case_id))
    act.header["to"] = state
    act.note("note", why)
    return act.write()


def recallable(session: Session, case_id: int, actor: Actor) -> int | None:
    """The last entry of a case, where it is this account's own and of a kind that can be taken back."""
    entry = _last(session, case_id)
    return int(entry.id) if entry is not None and entry.recorded_by == actor.account_id and _may_go(entry) else None


def _last(session: Session, case_id: int) -> Any:
    query = (sa.select(Entry.id, Entry.recorded_by, Entry.stream_seq, Entry.tag, Entry.acted_on, Entry.canonical)
             .where(Entry.case_id == case_id, Entry.stream == f"case:{case_id}").order_by(Entry.stream_seq.desc()).limit(1))
    return session.connection().execute(query).first()


def _may_go(entry: Any) -> bool:
    """Neither the entry that opened the case, nor one that opened another, nor one that stays."""
    return bool(entry.stream_seq > 1 and entry.tag not in NOT_RECALLED and "opens" not in json.loads(entry.canonical)["header"])


def correct_paper(session: Session, paper_id: int, actor: Actor, on: dt.date, changes: Mapping[str, Any], *,
                  reason: str) -> EntryRef:
    """Correct what was mistyped of a paper; the journal keeps what stood there. By whoever typed it."""
    why = required_text(reason, "reason", "lý do đính chính", 500)
    wrong = [name for name in changes if name not in CLERICAL]
    if wrong:
        raise BadInput(f"Chỉ đính chính được: {', '.join(CLERICAL)}.", wrong[0])
    row = session.connection().execute(sa.select(_paper).where(_paper.c.id == paper_id)).mappings().first()
    if row is None or row["case_id"] is None:
        raise NotFound("Không tìm thấy văn bản.")
    if on > clock_of(session).today() or (changes.get("issued_on") or on) > on:
        raise BadInput("Ngày đính chính và ngày văn bản không thể ở tương lai.", "issued_on")
    snapshot = load(session, book_of(session).processes, row["case_id"], on, lock=True)
    if actor.account_id != _typed_by(session, row["case_id"], paper_id):
        raise NotPermitted("Chỉ người đã ghi văn bản này mới được đính chính.", ("not_own_entry",))
    law = snapshot.law.papers.get(row["kind"])
    if law is not None and law.personal and changes.get("extract"):
        raise BadInput("Giấy tờ cá nhân chỉ ghi số, ngày và nơi lưu; không chép nội dung.", "extract")
    new = {name: value if name == "issued_on" else optional_text(value, name, "nội dung", 500) for name, value in changes.items()}
    act = Act(session, stream=f"case:{row['case_id']}", tag="case:entry:correct", acted_on=on, actor=actor,
              case_id=row["case_id"], unit_id=snapshot.case["unit_id"],
              subject_person_id=snapshot.case["subject_person_id"], header={"paper": paper_id})
    act.update(_paper, paper_id, new, old=dict(row))
    act.update(_case, row["case_id"], {"version": snapshot.case["version"] + 1}, old=snapshot.case)
    act.note("note", why)
    return act.write()


def _typed_by(session: Session, case_id: int, paper_id: int) -> int | None:
    """The account whose entry brought a paper into the case."""
    query = (sa.select(Entry.recorded_by, Part.body).join(Part, Part.entry_id == Entry.id)
             .where(Entry.case_id == case_id, Part.kind == "rows", Part.body.is_not(None)))
    for account, body in session.connection().execute(query):
        if any(change["table"] == _paper.name and change["key"] == paper_id and change["op"] == "insert"
               for change in json.loads(body or "[]")):
            return account
    return None


def _changes(session: Session, entry_id: int) -> list[dict[str, Any]]:
    """The row changes of an entry in the order in which they were made."""
    bodies = session.connection().scalars(
        sa.select(Part.body).where(Part.entry_id == entry_id, Part.kind == "rows")).all()
    if any(body is None for body in bodies):
        raise Conflict("Nội dung của việc này đã được xóa theo quy định, không thu hồi được.")
    found = [change for body in bodies for change in json.loads(body or "[]")]
    return sorted(found, key=lambda change: int(change["n"]))


def _undo(act: Act, change: Mapping[str, Any], version: int) -> None:
    table = Base.metadata.tables[change["table"]]
    if change["op"] == "insert":
        act.delete(table, change["key"])
        return
    before = {column: _typed(table.c[column], pair[0]) for column, pair in change["set"].items()}
    if change["op"] == "delete":
        (key,) = table.primary_key.columns
        act.insert(table, {key.name: change["key"], **before})
        return
    if table is _case and "version" in before:
        before["version"] = version
    act.update(table, change["key"], before)


def _typed(column: sa.Column[Any], value: Any) -> Any:
    """A value as the journal writes it, in the type of its column."""
    kind = column.type.python_type
    if value is None or kind not in (dt.date, dt.datetime):
        return value
    return kind.fromisoformat(value)
