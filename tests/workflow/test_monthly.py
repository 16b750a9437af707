"""The helper's monthly report, the cell's monthly review, and what is due."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.workflow.organisation import district, empty, law
from workflow import due, monthly, offices, people, tree, units
from workflow.context import Actor
from workflow.db import Database
from workflow.errors import BadInput, NotFound
from workflow.models import (
    Case,
    Duty,
    Entry,
    Helper,
    Part,
    SourceReview,
    SourceReviewItem,
    SponsorReport,
)

D = dt.date
LISTED, TODAY = D(2025, 10, 31), D(2026, 3, 1)


class Cell:
    """Cell C1 with its secretary, a helper, a stranger, and a candidate listed on 31 October 2025."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.write() as session:
            district(session)
            self.people = {key: people.add_person(session, None, TODAY, key=key, full_name=name, unit="C1") for key, name in (
                ("an", "Nông Văn An"), ("be", "Hà Thị Bé"), ("cu", "Lý Văn Cư"), ("du", "Mã Văn Dư"))}
            offices.grant_office(session, None, D(2020, 1, 1), person=self.people["be"], role="cell_secretary", unit="C1")
            self.unit = tree.unit_id(session, "C1")
            case = Case(process="admission", subject_person_id=self.people["an"], unit_id=self.unit, state="source_listed",
                        opened_on=LISTED, last_act_on=LISTED, state_since=LISTED, imported=True)
            session.add(case)
            session.flush()
            self.case = case.id
            session.add(Helper(case_id=case.id, person_id=self.people["cu"], from_on=LISTED, to_on=None))
            for kind in ("sponsor_report", "source_review"):
                first = law().due(law().process("admission").duty(kind, LISTED).every, LISTED, LISTED)
                session.add(Duty(case_id=case.id, unit_id=self.unit, kind=kind, law=kind, basis="list_source@1", started_on=LISTED,
                                 due_on=first.on, open_until=first.on, edition=law().edition))

    def actor(self, key: str) -> Actor:
        return Actor(1, self.people[key], key)

    def report(self, by: str, month: D, **more: object) -> None:
        with self.database.write() as session:
            monthly.sponsor_report(session, self.actor(by), TODAY, case_id=self.case, month=month, **{"task": "done", **more})

    def review(self, by: str, month: D, **more: object) -> None:
        with self.database.write() as session:
            monthly.source_review(session, self.actor(by), TODAY, month=month, **{"unit": "C1", "held_on": month, **more})

    def open_day(self, kind: str) -> D:
        with self.database.read() as session:
            return session.scalar(sa.select(Duty.open_until).where(Duty.kind == kind))


@pytest.fixture
def cell(database_url: str) -> Iterator[Cell]:
    with empty(database_url, TODAY) as database:
        yield Cell(database)


def test_each_report_meets_the_day_of_its_month_and_days_are_never_chained(cell: Cell) -> None:
    assert cell.open_day("sponsor_report") == D(2025, 11, 30)
    cell.report("cu", D(2025, 11, 1))
    assert cell.open_day("sponsor_report") == D(2025, 12, 31)
    cell.report("cu", D(2026, 1, 20))
    assert cell.open_day("sponsor_report") == D(2025, 12, 31)
    cell.report("cu", D(2025, 12, 5))
    assert cell.open_day("sponsor_report") == D(2026, 2, 28)
    cell.report("cu", D(2025, 10, 5), note="tháng đầu")
    cell.report("cu", D(2026, 2, 5))
    assert cell.open_day("sponsor_report") == D(2026, 3, 31)


def test_a_second_report_for_a_month_corrects_the_first_and_moves_no_case(cell: Cell) -> None:
    cell.report("cu", D(2026, 2, 1), note="gặp ở nhà", met_on=D(2026, 2, 3))
    cell.report("cu", D(2026, 2, 28), note="gặp ở họp thôn", proposes="class", task="partly")
    with cell.database.read() as session:
        row = session.execute(sa.select(SponsorReport)).scalar_one()
        assert (row.month, row.met_on, row.task, row.note, row.proposes) == (D(2026, 2, 1), None, "partly", "gặp ở họp thôn", "class")
        assert session.scalar(sa.select(Case.version)) == 1
        assert session.scalar(sa.select(sa.func.count(Entry.id)).where(Entry.tag == "case:report:write")) == 2
        assert {p for (p,) in session.execute(sa.select(Part.person_id).where(Part.body.contains("gặp ở")))} == {cell.people["an"]}


def test_the_secretary_may_enter_it_for_the_helper_and_the_journal_says_so(cell: Cell) -> None:
    cell.report("be", D(2026, 1, 1))
    with cell.database.read() as session:
        assert session.scalar(sa.select(SponsorReport.person_id)) == cell.people["cu"]
        assert f'"on_behalf_of":{cell.people["cu"]}' in session.scalar(
            sa.select(Entry.canonical).where(Entry.tag == "case:report:write"))


def test_who_is_neither_helper_nor_secretary_learns_nothing(cell: Cell) -> None:
    for by in ("du", "an"):
        with pytest.raises(NotFound) as mine:
            cell.report(by, D(2026, 1, 1))
        with pytest.raises(NotFound) as none, cell.database.write() as session:
            monthly.sponsor_report(session, cell.actor(by), TODAY, case_id=999, month=D(2026, 1, 1), task="done")
        assert str(mine.value) == str(none.value)
        with pytest.raises(NotFound) as other:
            cell.review(by, D(2026, 2, 1))
        with pytest.raises(NotFound) as nowhere:
            cell.review(by, D(2026, 2, 1), unit="ZZ")
        assert str(other.value) == str(nowhere.value)


def test_a_helper_reports_for_the_months_of_helping(cell: Cell) -> None:
    with cell.database.write() as session:
        session.execute(sa.update(Helper).values(to_on=D(2026, 1, 10)))
        session.add(Helper(case_id=cell.case, person_id=cell.people["du"], from_on=D(2026, 1, 11)))
    cell.report("du", D(2026, 1, 1))
    cell.report("du", D(2026, 2, 1))
    with pytest.raises(NotFound):
        cell.report("cu", D(2026, 2, 1))
    with pytest.raises(NotFound):
        cell.report("du", D(2025, 12, 1))


@pytest.mark.parametrize(("values", "words"), [
    ({"month": D(2026, 4, 1)}, "chưa đến"), ({"met_on": D(2026, 1, 31)}, "phải nằm trong tháng"),
    ({"task": "all"}, "hoàn thành"), ({"proposes": "x"}, "tiếp tục"), ({"note": "a" * 501}, "dài quá")])
def test_reports_that_cannot_be_are_refused(cell: Cell, values: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        cell.report("cu", **{"month": D(2026, 2, 1), **values})


def test_the_secretary_needs_a_helper_to_report_for(cell: Cell) -> None:
    with pytest.raises(BadInput, match="chưa có đảng viên"):
        cell.report("be", D(2025, 9, 1))


def test_a_review_meets_the_month_for_every_case_and_may_be_corrected(cell: Cell) -> None:
    with cell.database.read() as session:
        assert monthly.under_review(session, cell.unit) == [cell.case]
    cell.review("be", D(2025, 11, 1), items=[{"case": cell.case, "verdict": "keep", "note": "tốt"}], note="đủ")
    assert cell.open_day("source_review") == D(2025, 12, 31)
    cell.review("be", D(2025, 11, 1), held_on=D(2025, 11, 3), items=[{"case": cell.case, "verdict": "class"}])
    with cell.database.read() as session:
        assert session.execute(sa.select(SourceReview.held_on, SourceReview.note)).all() == [(D(2025, 11, 3), None)]
        assert session.execute(sa.select(SourceReviewItem.verdict, SourceReviewItem.note)).all() == [("class", None)]
        assert session.scalar(sa.select(Case.version)) == 1
    cell.review("be", D(2025, 11, 1))
    with cell.database.read() as session:
        assert session.scalar(sa.select(sa.func.count(SourceReviewItem.id))) == 0


@pytest.mark.parametrize(("values", "words"), [
    ({"month": D(2026, 4, 1), "held_on": D(2026, 2, 1)}, "chưa đến"), ({"held_on": D(2026, 1, 31)}, "phải nằm trong tháng"),
    ({"items": [{"case": 99, "verdict": "keep"}]}, "không đang ở chi bộ"), ({"items": [{"case": 1, "verdict": "x"}]}, "tiếp tục"),
    ({"items": [{"case": 1, "verdict": "keep"}] * 2}, "hai lần")])
def test_reviews_that_cannot_be_are_refused(cell: Cell, values: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        cell.review("be", **{"month": D(2026, 2, 1), **values})
    with cell.database.read() as session:
        assert session.scalar(sa.select(sa.func.count(SourceReview.id))) == 0


def test_what_is_late_today_and_soon(cell: Cell) -> None:
    cell.report("cu", D(2025, 11, 1))
    with cell.database.read() as session:
        def kinds(on: D, unit: str | None = None, horizon: int = 30) -> list[tuple[str, str, int]]:
            top = tree.unit_id(session, unit) if unit else None
            return [(row.kind, row.status, row.days) for row in due.due(session, on, top, horizon_days=horizon)]

        review, report = ("source_review", "late", -31), ("sponsor_report", "today", 0)
        assert kinds(D(2025, 12, 31)) == [review, report]
        assert kinds(D(2025, 12, 31), "X") == kinds(D(2025, 12, 31), "C1") == [review, report]
        assert kinds(D(2025, 12, 31), "K") == []
        assert kinds(D(2025, 12, 1), horizon=29) == [("source_review", "late", -1)]
        assert kinds(D(2025, 12, 1), horizon=30)[1] == ("sponsor_report", "soon", 30)
        assert due.counts(session, D(2025, 12, 31), tree.unit_id(session, "X")) == {"late": 1, "today": 1, "soon": 0}
        assert due.counts(session, D(2025, 12, 31), tree.unit_id(session, "K")) == {"late": 0, "today": 0, "soon": 0}
        row = due.due(session, D(2025, 12, 31), kinds=["sponsor_report"], cases=[cell.case])[0]
        assert (row.person, row.unit_code, row.state, row.says) == (
            "Nông Văn An", "C1", "source_listed", "Đảng viên được phân công giúp đỡ báo cáo hằng tháng")


def test_a_paused_duty_is_not_due_and_what_is_due_follows_the_unit(cell: Cell) -> None:
    with cell.database.write() as session:
        session.execute(sa.update(Duty).where(Duty.kind == "source_review").values(paused_on=D(2025, 11, 1), remaining=29, open_until=None))
        units.merge(session, None, D(2025, 12, 1), units=["C1"], into="C2")
    with cell.database.read() as session:
        rows = due.due(session, D(2025, 12, 31), tree.unit_id(session, "C2"))
        assert [(row.kind, row.unit_code) for row in rows] == [("sponsor_report", "C2")]
