"""From what a paper prints to a level: the scheme of the period, the label as printed, and our rank beside it."""
from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from rules.book import Rulebook
from rules.schema_organisation import Level
from workflow.errors import BadInput
from workflow.inputs import required_text, shown
from workflow.names import fold

KINDS = {"year": "năm", "quarter": "quý", "term": "nhiệm kỳ", "ad_hoc": "đột xuất"}
_RANKS = range(1, 5)


@dataclass(frozen=True, slots=True)
class Period:
    """What is reviewed: a year, a quarter, a term, or a span for an occasion."""

    kind: str
    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadInput(f"Kỳ đánh giá phải là một trong: {', '.join(KINDS)}.", "kind")
        if self.last < self.first:
            raise BadInput(f"Ngày cuối kỳ {shown(self.last)} trước ngày đầu kỳ {shown(self.first)}.", "period_to")

    @classmethod
    def year(cls, year: int) -> Period:
        if not dt.MINYEAR <= year <= dt.MAXYEAR:
            raise BadInput(f"Năm {year} không hợp lệ.", "year")
        return cls("year", dt.date(year, 1, 1), dt.date(year, 12, 31))

    @classmethod
    def quarter(cls, year: int, number: int) -> Period:
        if number not in range(1, 5):
            raise BadInput(f"Không có quý {number}.", "quarter")
        first = dt.date(year, 3 * number - 2, 1)
        after = dt.date(year + number // 4, 3 * number % 12 + 1, 1)
        return cls("quarter", first, after - dt.timedelta(days=1))

    @property
    def label(self) -> str:
        if self.kind == "year":
            return f"năm {self.last.year}"
        if self.kind == "quarter":
            return f"quý {(self.last.month + 2) // 3}/{self.last.year}"
        return f"{KINDS[self.kind]} {shown(self.first)} – {shown(self.last)}"


@dataclass(frozen=True, slots=True)
class Printed:
    """A level as a paper prints it, the scheme it is read by, and our rank."""

    label: str
    scheme: str
    rank: int


def scheme_for(book: Rulebook, period: Period, named: str | None = None, *, lenient: bool = False) -> str:
    """The scheme a record names, by id or alias; or that of the period. ``lenient`` falls back to it for a name unknown."""
    known = book.scheme(named) if named else None
    if known is None and named and not lenient:
        raise BadInput(f"Không có hướng dẫn xếp loại “{named}”; có: {', '.join(book.schemes)}.", "scheme")
    found = known or book.scheme_on(period.last, period.kind)
    if found is None:
        raise BadInput(f"Không có hướng dẫn xếp loại nào trong bộ quy định cho kỳ {period.label}.", "scheme")
    return found


def level_of(levels: Mapping[str, Level], label: str) -> tuple[str, Level] | None:
    """The level that a printed label names: its text (the word for "tasks" may be left out), its short form or its code."""
    wanted = _plain(label)
    for code, level in levels.items():
        whole = _plain(level.label.vi)
        if wanted in (whole, whole.removesuffix(" nhiem vu"), _plain(level.short or code), _plain(code)):
            return code, level
    return None


def read_level(book: Rulebook, period: Period, label: str | None, *, scheme: str | None = None, rank: int | None = None,
               individual: bool = False, lenient: bool = False) -> Printed:
    """What a paper prints, with scheme and rank. The rank follows from the label; a label that the scheme does not have
    needs one. ``lenient`` takes a given rank as it is, for what is taken over from paper. Raises BadInput."""
    id_ = scheme_for(book, period, scheme, lenient=lenient)
    levels = book.schemes[id_].members if individual else book.schemes[id_].levels
    if rank is not None and (type(rank) is not int or rank not in _RANKS):
        raise BadInput("Bậc quy đổi là một số từ 1 đến 4.", "rank")
    if label is None or not str(label).strip():
        found = next((level for level in levels.values() if level.rank == rank), None)
        if found is None:
            raise BadInput("Chưa nhập mức xếp loại.", "label")
        return Printed(found.label.vi, id_, found.rank)
    text = required_text(label, "label", "mức xếp loại")
    known = level_of(levels, text)
    if known is None and rank is None:
        raise BadInput(f"{book.schemes[id_].label.vi} không có mức “{text}”{_near(levels, text)}; nếu văn bản in như vậy, "
                       "hãy ghi thêm bậc quy đổi từ 1 đến 4.", "label")
    if known is not None and rank is not None and rank != known[1].rank and not lenient:
        raise BadInput(f"Mức “{text}” là bậc {known[1].rank}, không phải bậc {rank}.", "rank")
    return Printed(text, id_, rank if rank is not None else known[1].rank)  # type: ignore[index]


def rank_of(book: Rulebook, scheme: str | None, label: str | None) -> int | None:
    """The rank of a label that was only proposed, where its scheme has it."""
    found = level_of(book.schemes[scheme].levels, label) if label and scheme is not None and scheme in book.schemes else None
    return found[1].rank if found else None


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in fold(text)).split())


def _near(levels: Mapping[str, Level], text: str) -> str:
    plain = {_plain(level.label.vi): level.label.vi for level in levels.values()}
    close = difflib.get_close_matches(_plain(text), plain, n=2, cutoff=0.5)
    return f"; gần giống: {', '.join(plain[c] for c in close)}" if close else f"; có: {', '.join(plain.values())}"
