"""The helper's month in three taps, and the cell's monthly review."""
from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from tests.web import casework
from tests.web.conftest import Visitor
from workflow.models import SourceReview, SourceReviewItem, SponsorReport
from workflow.site import Site


@pytest.fixture
def site(case_site: Site) -> Site:
    return case_site


def test_three_taps_from_the_start_page(visitor: Visitor, site: Site) -> None:
    """Tap the button, tap an answer, tap save: the proposal stands at "go on", the rest may stay empty."""
    visitor.sign_in("giup", casework.PASSWORD)
    visitor.get("/")
    page = visitor.page
    assert page is not None
    button = next(e for e in page.all("a") if e.text.startswith("Ghi nhận xét tháng 10/2026"))
    visitor.get(button.attrs["href"])
    data = casework.filled_in(visitor.page)  # type: ignore[arg-type]
    assert data["proposes"] == "keep" and "task" not in data
    answer = visitor.post(button.attrs["href"], {**data, "task": "done"})
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Đã lưu nhận xét tháng 10/2026." in visitor.get("/").text
    with site.database.read() as session:
        report = session.scalars(sa.select(SponsorReport)).one()
    assert (report.month, report.task, report.proposes, report.note) == (dt.date(2026, 10, 1), "done", "keep", None)
    visitor.get(button.attrs["href"])
    assert "lưu lần nữa là sửa lại" in visitor.page.text  # type: ignore[union-attr]
    visitor.post(button.attrs["href"], {**data, "task": "partly", "note": "Đã gặp gia đình", "met_on": "12/10/2026"})
    with site.database.read() as session:
        assert session.scalars(sa.select(SponsorReport.task)).all() == ["partly"]


@pytest.mark.parametrize(("wrong", "status"), [({}, 422), ({"task": "nope"}, 422), ({"task": "done", "met_on": "1/9/2026"}, 422),
                                               ({"task": "done", "note": "a" * 600}, 422), ({"task": "done", "proposes": ""}, 422)])
def test_a_wrong_report_is_said_and_not_kept(visitor: Visitor, site: Site, wrong: dict[str, str], status: int) -> None:
    case = casework.case_id(site, "nominated", "C1")
    path = f"/ho-so/{case}/nhan-xet"
    visitor.sign_in("giup", casework.PASSWORD)
    visitor.get(path)
    assert visitor.post(path, {**casework.filled_in(visitor.page), **wrong}).status_code == status  # type: ignore[arg-type]
    with site.database.read() as session:
        assert not session.scalars(sa.select(SponsorReport)).all()


def test_only_the_helper_and_the_secretary_report(visitor: Visitor, site: Site) -> None:
    case = casework.case_id(site, "nominated", "C1")
    for account, status in (("bithu1", 200), ("bithu2", 404), ("coso", 404), ("khach", 404)):
        visitor.sign_in(account, casework.PASSWORD)
        assert visitor.get(f"/ho-so/{case}/nhan-xet").status_code == status, account
    visitor.sign_in("giup", casework.PASSWORD)
    for month, status in (("2026-10", 200), ("2026-11", 404), ("2026-13", 404), ("x", 200), ("0000-01", 404)):
        assert visitor.get(f"/ho-so/{case}/nhan-xet?thang={month}").status_code == status, month


def test_the_cell_reviews_its_list(visitor: Visitor, site: Site) -> None:
    with site.database.read() as session:
        unit = casework.engine_unit(session, "C1")
    path = f"/chi-bo/{unit}/ra-soat"
    visitor.sign_in("bithu1", casework.PASSWORD)
    assert "Rà soát danh sách cảm tình Đảng" in visitor.get("/").text
    visitor.get(path)
    data = casework.filled_in(visitor.page)  # type: ignore[arg-type]
    asked = sorted(name for name in data if name.startswith("v") and name[1:].isdigit())
    assert len(asked) == 3
    assert visitor.post(path, {**data, "held_on": "1/9/2026"}).status_code == 422
    assert visitor.post(path, {**data, asked[0]: "nope"}).status_code == 422
    assert visitor.post(path, {**data, asked[0]: "drop", "held_on": "10/10/2026"}).status_code == 303
    with site.database.read() as session:
        review = session.scalars(sa.select(SourceReview)).one()
        verdicts = session.scalars(sa.select(SourceReviewItem.verdict).order_by(SourceReviewItem.case_id)).all()
    assert review.held_on == dt.date(2026, 10, 10) and sorted(verdicts) == ["drop", "keep", "keep"]
    visitor.get("/ho-so?queue=review")
    assert visitor.page is not None and not visitor.page.all("th", scope="row")
    visitor.sign_in("bithu2", casework.PASSWORD)
    assert visitor.get(path).status_code == 404
