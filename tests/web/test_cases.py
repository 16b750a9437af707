"""Lists of cases and the page of one case: what is shown, to whom, and at what cost."""
from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
import sqlalchemy as sa

from tests.web import casework
from tests.web.conftest import Visitor
from tests.web.html import Page
from workflow.models import Admission, Case, Person
from workflow.site import Site


@pytest.fixture
def site(case_site: Site) -> Site:
    return case_site


def names(page: Page | None) -> list[str]:
    assert page is not None
    return [e.text for e in page.all("th", scope="row")]


def rows(page: Page | None) -> int:
    return len(names(page))


def test_a_list_is_narrowed_by_its_address(visitor: Visitor, site: Site) -> None:
    visitor.sign_in("thuongvu", casework.PASSWORD)
    visitor.get("/ho-so?size=100")
    everything = rows(visitor.page)
    assert everything == 100
    visitor.get("/ho-so?state=cell_approved&size=100")
    assert rows(visitor.page) == 4
    visitor.get("/ho-so?stage=probation&size=100")
    assert rows(visitor.page) == 4
    with site.database.read() as session:
        sub = casework.engine_unit(session, "S")
    visitor.get(f"/ho-so?unit={sub}&state=cell_approved")
    assert rows(visitor.page) == 1 and "Chi bộ thôn Nặm Trá" in visitor.page.text  # type: ignore[union-attr]
    visitor.get("/ho-so?before=1/1/2020")
    assert visitor.page is not None and rows(visitor.page) == 0 and "Không có hồ sơ nào khớp" in visitor.page.text


@pytest.mark.parametrize("text", ["dang", "đặng", "DANG%20", "%C3%90%E1%BA%B7ng"])
def test_search_finds_names_without_marks_and_marks_them(visitor: Visitor, text: str) -> None:
    visitor.sign_in("bithu1", casework.PASSWORD)
    visitor.get(f"/ho-so?q={text}")
    assert visitor.page is not None and names(visitor.page) and all(n.startswith("Đặng") for n in names(visitor.page))
    assert {e.text for e in visitor.page.all("mark")} == {"Đặng"}


@pytest.mark.parametrize("query", ["?page=0", "?page=-1", "?page=99999999", "?page=x", "?size=7", "?state=nope", "?unit=abc", "?unit=99999999999",
                                   "?before=gestern", "?flag=all", "?rule=NO", "?sort=;drop", "?q=" + "a" * 500, "?q=%25_%5C", "?format=xls",
                                   "?person=-1", "?process=nope", "?process=consolidation&flag=late_measure", "?q=%F0%9F%99%82", "?page=%D9%A3"])
def test_strange_addresses_give_a_list(visitor: Visitor, query: str) -> None:
    visitor.sign_in("bithu1", casework.PASSWORD)
    assert visitor.get("/ho-so" + query).status_code == 200


def test_an_unknown_queue_is_not_found(visitor: Visitor) -> None:
    visitor.sign_in("bithu1", casework.PASSWORD)
    assert visitor.get("/ho-so?queue=nope").status_code == 404


def test_the_file_holds_the_same_rows_and_no_formula(visitor: Visitor, site: Site) -> None:
    with site.database.write() as session:
        session.execute(sa.update(Person).where(Person.key == "C1-nominated").values(full_name="=HYPERLINK(1)"))
    visitor.sign_in("bithu1", casework.PASSWORD)
    visitor.get("/ho-so?size=100")
    shown = names(visitor.page)
    answer = visitor.get("/ho-so?format=csv")
    assert answer.mimetype == "text/csv" and answer.data.startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert table[0][:3] == ["Số", "Họ tên, đơn vị", "Trạng thái"]
    assert [r[1].removeprefix("'") for r in table[1:]] == shown and "'=HYPERLINK(1)" in {r[1] for r in table}
    assert not any(cell[:1] in "=+@" for r in table[1:] for cell in r if cell)


def test_lists_cost_the_same_however_long(visitor: Visitor, site: Site) -> None:
    visitor.sign_in("thuongvu", casework.PASSWORD)
    statements: list[str] = []
    sa.event.listen(site.database.engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    counts = set()
    for query in ("?size=25", "?size=100", "?size=100&sort=due"):
        statements.clear()
        visitor.get("/ho-so" + query)
        counts.add(len(statements))
    assert len(counts) == 1 and counts.pop() <= 20


def test_a_case_says_where_it_stands_what_is_next_and_by_whom(visitor: Visitor, site: Site) -> None:
    case = casework.case_id(site, "cell_approved", "C1")
    visitor.sign_in("bithu1", casework.PASSWORD)
    visitor.get(f"/ho-so/{case}")
    page = visitor.page
    assert page is not None
    now = [e for e in page.elements if e.attrs.get("aria-current") == "step"]
    assert len(now) == 1 and "Đề nghị kết nạp" in now[0].text
    button = next(e for e in page.all("button", aria_disabled="true") if e.text == "Đảng ủy cơ sở biểu quyết đề nghị kết nạp")
    assert "Người ký thay mặt đảng ủy cơ sở, Đảng ủy cơ sở Khau Pạu" in page.by_id(button.attrs["aria-describedby"]).text
    assert "disabled" not in button.attrs
    assert "quá hạn" in page.text and "60 ngày làm việc" in page.text


def test_every_refused_act_has_its_reason_tied_to_it(visitor: Visitor, site: Site) -> None:
    visitor.sign_in("bithu1", casework.PASSWORD)
    for state in ("nominated", "opinions_done", "base_short", "probationary", "recognition_deadlock"):
        visitor.get(f"/ho-so/{casework.case_id(site, state, 'C1')}")
        assert visitor.page is not None
        for button in visitor.page.all("button", aria_disabled="true"):
            assert visitor.page.by_id(button.attrs["aria-describedby"]).text


def test_why_not_yet_shows_values_clause_and_who_can_help(visitor: Visitor, site: Site) -> None:
    case = casework.case_id(site, "opinions_done", "C1")
    with site.database.write() as session:
        session.execute(sa.update(Admission).where(Admission.case_id == case).values(dossier_set_up_on=dt.date(2024, 1, 2), edu=None))
    visitor.sign_in("bithu1", casework.PASSWORD)
    text = visitor.get(f"/ho-so/{case}").text
    page = visitor.page
    assert page is not None and "Vì sao chưa đi tiếp được?" in page.text
    stale = next(e for e in page.all("li", class_="finding finding-not_met"))
    assert "02/01/2024" in stale.text and "12 tháng" in stale.text and "mục" in stale.text
    unknown = next(e for e in page.all("li", class_="finding finding-unknown"))
    assert "Trình độ học vấn" in unknown.text and "Bí thư chi bộ" in unknown.text
    assert "candidate.edu" not in text and "path.organ" not in text and "opinions_done" not in page.one("main").text


def test_what_a_role_may_not_see_is_not_in_the_page(visitor: Visitor, site: Site) -> None:
    """The helper sees stage, person and own reports; values, papers, votes and the history are not sent at all."""
    with site.database.read() as session:
        case = session.scalars(sa.select(Case.id).join(Person, Person.id == Case.subject_person_id)
                               .where(Person.key == "C1-opinions_done")).one()
    with site.database.write() as session:
        session.execute(sa.update(Admission).where(Admission.case_id == case).values(certificate_issued_on=dt.date(2019, 2, 3)))
    visitor.sign_in("bithu1", casework.PASSWORD)
    secretary = visitor.get(f"/ho-so/{case}").text
    assert all(part in secretary for part in ("03/02/2019", "Lịch sử", "6-KNĐ", "/thong-tin"))
    visitor.sign_in("giup", casework.PASSWORD)
    helper = visitor.get(f"/ho-so/{case}").text
    assert "20/05/1999" in helper and "60 tháng" in helper
    assert not any(part in helper for part in ("03/02/2019", "Nhập hồ sơ đang xử lý", "6-KNĐ", "/thong-tin", "/danh-sach/"))
    for path in ("thong-tin", "giay-to", "danh-sach/relatives", "danh-sach/introducers", "nguoi-giup-do"):
        assert visitor.get(f"/ho-so/{case}/{path}").status_code == 404


def test_an_inspector_reads_all_and_may_do_nothing(visitor: Visitor, site: Site) -> None:
    visitor.sign_in("kiemtra", casework.PASSWORD)
    text = visitor.get(f"/ho-so/{casework.case_id(site, 'cell_approved', 'C1')}").text
    assert "Nhập hồ sơ đang xử lý" in text and visitor.page is not None
    assert not [e for e in visitor.page.all("a") if "btn-primary" in e.attrs.get("class", "")]


def test_a_case_costs_a_bounded_number_of_statements(visitor: Visitor, site: Site) -> None:
    visitor.sign_in("thuongvu", casework.PASSWORD)
    statements: list[str] = []
    sa.event.listen(site.database.engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    for state in ("nominated", "base_approved", "probationary"):
        statements.clear()
        visitor.get(f"/ho-so/{casework.case_id(site, state, 'C1')}")
        assert len(statements) <= 80


def test_english_by_switch(visitor: Visitor, site: Site) -> None:
    visitor.sign_in("bithu1", casework.PASSWORD)
    visitor.client.set_cookie("nennep_lang", "en")
    text = visitor.get(f"/ho-so/{casework.case_id(site, 'cell_approved', 'C1')}").text
    assert "What comes next" in text and "Cell requests admission" in text
