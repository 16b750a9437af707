"""Copies of reports locked as they were sent, and how the present figures differ from them.

A locked copy keeps what every counted figure counted, and how far the journal had come: whatever has changed since is
explained by the entries that were recorded later.
"""
from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import tags
from workflow.access import holdings
from workflow.canonical import canonical, digest
from workflow.context import Actor, book_of
from workflow.errors import BadInput, NotFound, NotPermitted
from workflow.inputs import optional_text, paper_text
from workflow.journal import Act, EntryRef
from workflow.models import Base, Entry
from workflow.reports.model import Report, as_json, line_of, unit_of
from workflow.sight import READERS

_copy: sa.Table = Base.metadata.tables["report_copy"]
_PART = 500


@dataclass(frozen=True, slots=True)
class Copy:
    """A locked copy; ``content`` is the document of :func:`workflow.reports.model.as_json` with what was counted."""

    id: int
    name: str
    unit_id: int | None
    cut_on: dt.date
    locked_on: dt.date
    sent_to: str | None
    paper: str | None
    digest: str
    content: Mapping[str, Any]

    @property
    def sound(self) -> bool:
        """Whether the text is still the one that was locked."""
        return digest(canonical(self.content)) == self.digest


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a figure changed. ``code`` is one of :data:`CODES`; the rest names the entry of the journal behind it."""

    code: str
    case_id: int | None = None
    entry_id: int | None = None
    tag: str | None = None
    step: str | None = None
    acted_on: dt.date | None = None

    def words(self, language: str = "vi") -> str:
        """The reason as a sentence."""
        what = CODES[self.code][1 if language == "en" else 0]
        act = "" if self.tag is None else f" – {tags.label(self.tag, language)}"
        day = "" if self.acted_on is None else f", {self.acted_on:%d/%m/%Y}"
        case = "" if self.case_id is None else f"{'hồ sơ' if language != 'en' else 'case'} {self.case_id}: "
        return f"{case}{what}{act}{day}"


#: Code of a reason -> Vietnamese, English.
CODES: dict[str, tuple[str, str]] = {
    "late": ("việc trước ngày chốt nhưng ghi sau khi khóa", "done before the cut-off day, recorded after the copy was locked"),
    "new": ("việc sau ngày chốt", "done after the cut-off day"),
    "corrected": ("đã đính chính", "corrected"),
    "recalled": ("việc đã ghi được thu hồi", "an entry was taken back"),
    "annulled": ("đã hủy bỏ", "annulled"),
    "organisation": ("tổ chức đã thay đổi", "the organisation changed"),
    "figure": ("chỉ tiêu hoặc số liệu đã ghi lại", "a target or a stated figure was set anew"),
    "sight": ("người xem bản này thấy phạm vi khác", "the two were made with different sight"),
    "time": ("do ngày chốt khác nhau", "the cut-off days differ"),
    "follows": ("tính từ các số khác đã thay đổi", "follows from other figures that changed"),
}
_CODE_OF_TAG = {"case:entry:recall": "recalled", "case:entry:correct": "corrected", "case:entry:annul": "annulled"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A row or cell that is not what it was: ``change`` is added, removed or changed. ``column`` is None for a row.

    ``before`` and ``after`` are values as :func:`workflow.reports.model.plain` writes them, with their comparators.
    """

    row: str
    column: str | None
    change: str
    before: Any
    after: Any
    reasons: tuple[Reason, ...]


def lock(session: Session, actor: Actor | None, on: dt.date, report: Report, *, sent_to: str | None = None,
         paper: Any = None) -> EntryRef:
    """Keep a report as it was sent; nothing changes a copy afterwards.

    Raises NotPermitted where the actor holds no office that writes at the unit or above it, BadInput where an actor's
    report names no unit: what somebody happens to see is nobody's report.
    """
    if actor is not None:
        if report.unit is None:
            raise BadInput("Báo cáo khóa gửi đi phải là của một đơn vị; hãy chọn đơn vị.", "unit")
        _may_lock(session, actor, report.unit.id, on)
    head = session.connection().scalar(sa.select(sa.func.max(Entry.id))) or 0
    content = {**as_json(report, cases=True), "journal": head}
    text = canonical(content)
    act = Act(session, stream=f"report:{report.name}", tag="report:copy:lock", acted_on=on, actor=actor,
              unit_id=report.unit.id if report.unit else None,
              header={"report": report.name, "unit": report.unit.code if report.unit else None, "cut_on": report.on,
                      "digest": digest(text)})
    act.header["copy"] = act.insert(_copy, {
        "name": report.name, "unit_id": report.unit.id if report.unit else None, "cut_on": report.on, "locked_on": on,
        "sent_to": optional_text(sent_to, "sent_to", "nơi nhận", 300), "paper": paper_text(paper), "content": text,
        "digest": digest(text)})
    return act.write()


def may_lock(session: Session, actor: Actor, unit: int, on: dt.date) -> bool:
    """Whether the actor holds an office that reads and writes at the unit, or over all below one that stands above it."""
    if actor.person_id is None:
        return False
    offices = book_of(session).offices
    place = line_of(session, unit, on)
    return place is not None and any(
        h.valid(on) and h.role in READERS and (office := offices.get(h.role)) is not None and office.writes
        and (h.unit_id == unit or office.reads == "subtree" and h.unit_id in place.ids)
        for h in holdings(session, [actor.person_id]))


def _may_lock(session: Session, actor: Actor, unit: int, on: dt.date) -> None:
    unit_of(session, actor, unit, on)
    if not may_lock(session, actor, unit, on):
        raise NotPermitted("Chỉ người giữ chức trách ghi được ở đơn vị này hoặc cấp trên mới khóa được báo cáo.", ("not_holder",))


def copies(session: Session, name: str, unit: int | None = None) -> list[Copy]:
    """The locked copies of a report for a unit (None: for all), the latest first."""
    where = _copy.c.unit_id.is_(None) if unit is None else _copy.c.unit_id == unit
    query = sa.select(_copy).where(_copy.c.name == name, where).order_by(_copy.c.cut_on.desc(), _copy.c.id.desc())
    return [_made(dict(row)) for row in session.connection().execute(query).mappings()]


def copy_of(session: Session, actor: Actor | None, key: int, on: dt.date) -> Copy:
    """One locked copy. Raises NotFound where there is none or its unit is not in sight."""
    row = session.connection().execute(sa.select(_copy).where(_copy.c.id == key)).mappings().first()
    if row is None or (actor is not None and row["unit_id"] is None):
        raise NotFound("Không tìm thấy bản đã khóa.")
    if actor is not None:
        unit_of(session, actor, int(row["unit_id"]), on)
    return _made(dict(row))


def _made(row: Mapping[str, Any]) -> Copy:
    return Copy(content=json.loads(row["content"]), **{f: row[f] for f in (
        "id", "name", "unit_id", "cut_on", "locked_on", "sent_to", "paper", "digest")})


def latest(session: Session, name: str, unit: int | None, options: Mapping[str, str]) -> Copy | None:
    """The last copy that was locked of the same report with the same options."""
    return next((c for c in copies(session, name, unit) if c.content["options"] == dict(options)), None)


# ---- what became different


def differences(session: Session, former: Copy, now: Report | Copy) -> list[Difference]:
    """Row by row and cell by cell what is no longer as the former copy says, each with its reasons; in the order of now,
    then of the former."""
    after = now.content if isinstance(now, Copy) else as_json(now, cases=True)
    before = former.content
    old = {row["key"]: row["cells"] for row in before["rows"]}
    new = {row["key"]: row["cells"] for row in after["rows"]}
    why = _Why(session, before, after)
    found = []
    for key in dict.fromkeys([*new, *old]):
        if key not in old or key not in new:
            cells = new.get(key) or old[key]
            found.append((key, None, "added" if key in new else "removed", {} if key in new else cells, cells if key in new else {}))
            continue
        found += [(key, column, "changed", old[key].get(column, {}), new[key].get(column, {}))
                  for column in dict.fromkeys([*new[key], *old[key]])
                  if _said(old[key].get(column)) != _said(new[key].get(column))]
    why.gather(_touched(change, b, a) for _, _, change, b, a in found)
    return [Difference(key, column, change, _value(change, b), _value(change, a), why.reasons(*_touched(change, b, a)))
            for key, column, change, b, a in found]


def _said(cell: Mapping[str, Any] | None) -> Any:
    """What of a cell is compared: value, comparator, and which cases, for one may have taken another's place."""
    return None if cell is None else (cell.get("value"), cell.get("comparator"), cell.get("cases"))


def _value(change: str, cell: Mapping[str, Any]) -> Any:
    if change != "changed":
        return {column: _value("changed", one) for column, one in cell.items()} or None
    comparator, value = cell.get("comparator"), cell.get("value")
    return value if comparator is None else {"comparator": comparator, "value": value}


def _touched(change: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[frozenset[int], frozenset[str], bool]:
    """The cases that came or went, the streams that could matter, and whether the figure counts cases at all."""
    pairs = [(before, after)] if change == "changed" else [(before.get(c, {}), after.get(c, {})) for c in {*before, *after}]
    cases: set[int] = set()
    streams: set[str] = set()
    counts = False
    for old, new in pairs:
        cases ^= set(old.get("cases", ())) ^ set(new.get("cases", ()))
        streams |= {*old.get("streams", ()), *new.get("streams", ())}
        counts |= "cases" in old or "cases" in new
    return frozenset(cases), frozenset(streams), counts


class _Why:
    """Looks up, in a few statements for all differences, what was recorded after the former copy was locked."""

    def __init__(self, session: Session, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        self.session, self.since, self.upto = session, int(before["journal"]), after.get("journal")
        self.cut, self.later = dt.date.fromisoformat(before["on"]), dt.date.fromisoformat(after["on"])
        self.of_case: dict[int, list[Any]] = defaultdict(list)
        self.of_stream: dict[str, list[Any]] = defaultdict(list)
        self.organisation: list[Any] = []

    def gather(self, touched: Iterable[tuple[frozenset[int], frozenset[str], bool]]) -> None:
        cases: set[int] = set()
        streams: set[str] = set()
        for some, names, _counts in touched:
            cases |= some
            streams |= names
        for row in self._entries(Entry.case_id, sorted(cases)):
            self.of_case[row.case_id].append(row)
        for row in self._entries(Entry.stream, sorted(streams)):
            self.of_stream[row.stream].append(row)
        self.organisation = list(self.session.connection().execute(self._later().where(Entry.tag.startswith("unit:unit:"))))

    def _later(self) -> Any:
        query: Any = sa.select(Entry.id, Entry.case_id, Entry.stream, Entry.tag, Entry.step, Entry.acted_on).where(Entry.id > self.since)
        return (query if self.upto is None else query.where(Entry.id <= int(self.upto))).order_by(Entry.id)

    def _entries(self, column: Any, keys: list[Any]) -> Iterator[Any]:
        for start in range(0, len(keys), _PART):
            yield from self.session.connection().execute(self._later().where(column.in_(keys[start:start + _PART])))

    def reasons(self, cases: frozenset[int], streams: frozenset[str], counts: bool) -> tuple[Reason, ...]:
        """Of each case the act that tells most; what no entry explains follows from the organisation, days or sight."""
        found = [self._of_case(case) for case in sorted(cases)]
        found += [self._reason(row) for stream in sorted(streams) for row in self.of_stream[stream]]
        if not found:
            code = "follows" if not counts else "time" if self.cut != self.later else "sight"
            found = [Reason(code)]
        return tuple(dict.fromkeys(found))

    def _of_case(self, case: int) -> Reason:
        rows = self.of_case[case]
        if rows:
            undone = [row for row in rows if row.tag in _CODE_OF_TAG]
            steps = [row for row in rows if row.step]
            return self._reason((undone or steps or rows)[-1], case)
        if self.organisation:
            return self._reason(self.organisation[-1], case)
        return Reason("time" if self.cut != self.later else "sight", case)

    def _reason(self, row: Any, case: int | None = None) -> Reason:
        code = _CODE_OF_TAG.get(row.tag)
        if code is None:
            area = row.tag.rpartition(":")[0]
            code = {"unit:unit": "organisation", "unit:target": "figure", "unit:figure": "figure", "unit:strength": "figure"}.get(area) \
                or ("late" if row.acted_on <= self.cut else "new")
        return Reason(code, case, row.id, row.tag, row.step, row.acted_on)
