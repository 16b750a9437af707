"""Taking steps on the site: one form for all of them, and what bad input gets."""
from __future__ import annotations

import datetime as dt
import random

import pytest
import sqlalchemy as sa

from tests.web import casework
from tests.web.conftest import Visitor
from tests.web.html import Page
from workflow.models import Admission, Ballot, Case, Entry, Paper, Person
from workflow.site import Site

VOTE = {"b_entitled": "9", "b_away": "0", "b_exempt_absent": "0", "b_present": "9", "b_for": "8", "b_against": "1", "b_blank": "0",
        "b_method": "secret", "p0_number": "07-NQ/CB", "p0_on": "14/10/2026", "second_reader": "present", "no_conflict": "y"}


@pytest.fixture
def site(case_site: Site) -> Site:
    return case_site


def opened(visitor: Visitor, account: str, path: str) -> dict[str, str]:
    """Sign in, open a form, and give back what it holds."""
    visitor.sign_in(account, casework.PASSWORD)
    assert visitor.get(path).status_code == 200
    assert visitor.page is not None
    return casework.filled_in(visitor.page)


def errors(page: Page | None) -> str:
    assert page is not None
    assert page.one("title").text.startswith("Lỗi:")
    return page.one("div", data_error_summary="").text


def test_a_vote_is_recorded_and_said(visitor: Visitor, site: Site) -> None:
    case = casework.case_id(site, "opinions_done", "C1")
    path = f"/ho-so/{case}/buoc/cell_vote"
    data = opened(visitor, "bithu1", path)
    assert data["on"] == "15/10/2026" and data["version"] == "1" and len(data["request_key"]) >= 16
    answer = visitor.post(path, {**data, **VOTE, "on": "14/10/2026"})
    assert (answer.status_code, answer.location) == (303, f"/ho-so/{case}")
    assert "Đã ghi: Chi bộ biểu quyết đề nghị kết nạp. Hồ sơ hiện ở trạng thái: Chi bộ đề nghị kết nạp." in visitor.get(answer.location).text
    assert casework.state_of(site, case) == "cell_approved"
    with site.database.read() as session:
        ballot = session.scalars(sa.select(Ballot).where(Ballot.case_id == case)).one()
        assert (ballot.votes_for, ballot.needed, ballot.method, ballot.held_on) == (8, 6, "secret", dt.date(2026, 10, 14))
        paper = session.scalars(sa.select(Paper).where(Paper.case_id == case)).one()
        assert (paper.kind, paper.number, paper.issued_on) == ("6-KND", "07-NQ/CB", dt.date(2026, 10, 14))


def test_sending_twice_makes_one_entry(visitor: Visitor, site: Site) -> None:
    case = casework.case_id(site, "opinions_done", "C1")
    path = f"/ho-so/{case}/buoc/cell_vote"
    data = {**opened(visitor, "bithu1", path), **VOTE}
    before = casework.entries(site)
    answers = [visitor.post(path, data) for _ in range(10)]
    assert {(a.status_code, a.location) for a in answers} == {(303, f"/ho-so/{case}")}
    assert casework.entries(site) == before + 1


def test_a_short_vote_is_an_outcome(visitor: Visitor, site: Site) -> None:
    case = casework.case_id(site, "opinions_done", "C1")
    path = f"/ho-so/{case}/buoc/cell_vote"
    visitor.post(path, {**opened(visitor, "bithu1", path), **VOTE, "b_for": "5", "b_against": "4"})
    assert casework.state_of(site, case) == "cell_short"


def test_everything_that_is_missing_is_said_at_once_and_typed_text_is_kept(visitor: Visitor, site: Site) -> None:
    case = casework.case_id(site, "opinions_done", "C1")
    path = f"/ho-so/{case}/buoc/cell_vote"
    data, before = opened(visitor, "bithu1", path), casework.entries(site)
    answer = visitor.post(path, {**data, "on": "không rõ", "p0_number": "", "b_entitled": "chín", "b_against": "-1", "b_blank": "3"})
    assert answer.status_code == 422 and casework.entries(site) == before
    page = visitor.page
    assert page is not None and errors(page)
    for id_ in ("on", "b_entitled", "b_for", "b_against", "p0_number"):
        field = page.by_id(id_)
        assert field.attrs["aria-invalid"] == "true", id_
        assert all(page.by_id(tied) for tied in field.attrs["aria-describedby"].split())
        assert page.all("a", href=f"#{id_}")
    assert page.by_id("on").attrs["value"] == "không rõ" and page.by_id("b_blank").attrs["value"] == "3"


def test_the_engine_s_complaints_stand_at_their_fields(visitor: Visitor, site: Site) -> None:
    case = casework.case_id(site, "opinions_done", "C1")
    path = f"/ho-so/{case}/buoc/cell_vote"
    data = {**opened(visitor, "bithu1", path), **VOTE, "second_reader": "", "b_for": "9", "b_against": "9", "on": "20/10/2026"}
    data.pop("no_conflict")
    before = casework.entries(site)
    assert visitor.post(path, data).status_code == 422
    page = visitor.page
    assert page is not None and casework.entries(site) == before
    assert "tương lai" in page.by_id("on-wrong").text
    assert "đọc soát" in page.by_id("second_reader-wrong").text
    assert "không có quan hệ" in page.by_id("no_conflict-wrong").text
    assert page.by_id("b_entitled-wrong").text


def test_a_refusal_names_every_finding_with_its_clause(visitor: Visitor, site: Site) -> None:
    case = casework.case_id(site, "opinions_done", "C1")
    with site.database.write() as session:  # a file of long ago, and a cell of two
        session.execute(sa.update(Admission).where(Admission.case_id == case).values(
            dossier_set_up_on=dt.date(2024, 1, 1), certificate_issued_on=dt.date(2019, 1, 1)))
    path = f"/ho-so/{case}/buoc/cell_vote"
    data = opened(visitor, "bithu1", path)
    assert visitor.post(path, {**data, **VOTE, "f_cell__official_members": "2"}).status_code == 422
    told = errors(visitor.page)
    assert "12 tháng" in told and "60 tháng" in told and "ba đảng viên chính thức" in told
    assert told.count("mục") >= 3 and "Điều lệ" in told
    assert visitor.page is not None and visitor.page.by_id("b_for").attrs["value"] == "8"
    assert casework.state_of(site, case) == "opinions_done"


def test_who_was_slower_keeps_what_he_typed(visitor: Visitor, site: Site) -> None:
    case = casework.case_id(site, "opinions_done", "C1")
    path = f"/ho-so/{case}/buoc/cell_vote"
    data = opened(visitor, "bithu1", path)
    with site.database.write() as session:
        session.execute(sa.update(Case).where(Case.id == case).values(version=5))
    answer = visitor.post(path, {**data, **VOTE})
    assert answer.status_code == 409
    page = visitor.page
    assert page is not None and "thay đổi" in errors(page)
    kept = casework.filled_in(page)
    assert kept["p0_number"] == "07-NQ/CB" and kept["version"] == "5" and kept["request_key"] != data["request_key"]
    assert visitor.post(path, {**kept, "no_conflict": "y"}).status_code == 303


def test_an_officer_types_in_what_another_signed(visitor: Visitor, site: Site) -> None:
    """The board's officer records the decision of the standing board; its signer is named."""
    case = casework.case_id(site, "base_approved", "C1")
    path = f"/ho-so/{case}/buoc/decide_admission"
    data = opened(visitor, "ban", path)
    assert data["signatory"] == ""
    page = visitor.page
    assert page is not None
    options = {e.text: e.attrs["value"] for e in page.all("option")}
    signer = next(value for text, value in options.items() if text.startswith("Lương Văn Nam"))
    assert not any(text.startswith("Chu Thị Lan,") for text in options)
    answer = visitor.post(path, {**data, **VOTE, "signatory": signer, "p0_number": "12-QĐ/ĐU"})
    assert answer.status_code == 303 and casework.state_of(site, case) == "decided"
    text = visitor.get(f"/ho-so/{case}").text
    assert "Lương Văn Nam, Người ký thay mặt ban thường vụ, Đảng ủy xã Nà Rừng; người nhập: Chu Thị Lan" in text


def test_who_may_not_is_told_who_may(visitor: Visitor, site: Site) -> None:
    case = casework.case_id(site, "opinions_done", "C1")
    path = f"/ho-so/{case}/buoc/cell_vote"
    opened(visitor, "coso", path)
    page = visitor.page
    assert page is not None and not page.all("input", name="request_key")
    assert "Việc này của: Bí thư chi bộ, Chi bộ thôn Nà Tông." in page.text
    before = casework.entries(site)
    answer = visitor.post(path, {**VOTE, "on": "15/10/2026", "version": "1", "request_key": "a" * 24})
    assert answer.status_code == 403 and casework.entries(site) == before


def test_what_does_not_exist_and_what_is_not_yours_look_alike(visitor: Visitor, site: Site) -> None:
    theirs = casework.case_id(site, "opinions_done", "C2")
    visitor.sign_in("bithu1", casework.PASSWORD)
    pages = {visitor.get(path).text.replace(path, "") for path in (
        f"/ho-so/{theirs}", "/ho-so/999999", f"/ho-so/{theirs}/buoc/cell_vote", "/ho-so/999999/buoc/cell_vote",
        f"/ho-so/{theirs}/giay-to", f"/ho-so/{theirs}/danh-sach/relatives", f"/ho-so/{theirs}/nhan-xet", "/chi-bo/999999/ra-soat")}
    without_tokens = {Page(text).one("main").text for text in pages}
    assert len(without_tokens) == 1
    for path in (f"/ho-so/{theirs}/buoc/cell_vote", "/ho-so/999999/buoc/cell_vote", "/ho-so/1/buoc/no_such_step"):
        assert visitor.post(path, VOTE).status_code == 404


def test_a_case_is_opened_for_a_new_person_once(visitor: Visitor, site: Site) -> None:
    path = "/ho-so/moi/admission/nominate"
    data = opened(visitor, "doan", path)
    page = visitor.page
    assert page is not None
    cells = {e.text for e in page.all("option")}
    assert {"Chi bộ thôn Nà Tông", "Chi bộ Trạm y tế"} <= cells
    unit = next(e.attrs["value"] for e in page.all("option") if e.text == "Chi bộ thôn Bản Ỏ")
    sent = {**data, "unit": unit, "full_name": "Thào  A Páo", "born_on": "3/2/2001", "no_conflict": "y",
            "f_candidate__nominated_by": "youth_union"}
    first, second = visitor.post(path, sent), visitor.post(path, sent)
    assert first.status_code == second.status_code == 303 and first.location == second.location
    with site.database.read() as session:
        person = session.scalars(sa.select(Person).where(Person.full_name == "Thào A Páo")).one()
        case = session.scalars(sa.select(Case).where(Case.subject_person_id == person.id)).one()
    assert (case.state, person.born_on) == ("nominated", dt.date(2001, 2, 3)) and first.location == f"/ho-so/{case.id}"
    text = visitor.get(first.location).text  # who opened it sees where it stands, and nothing that is kept of it
    assert "Quần chúng ưu tú được giới thiệu" in text and "03/02/2001" not in text


@pytest.mark.parametrize(("wrong", "told"), [
    ({"full_name": ""}, "Ghi họ tên"), ({"full_name": "A1"}, "chữ cái"), ({"born_on": "32/1/2001"}, "dd/mm/yyyy"),
    ({"born_on": "1/1/2030"}, "không hợp lý"), ({"unit": "999"}, ""), ({"on": "16/10/2026"}, "tương lai"),
])
def test_opening_refuses_bad_input(visitor: Visitor, site: Site, wrong: dict[str, str], told: str) -> None:
    path = "/ho-so/moi/admission/nominate"
    data = opened(visitor, "bithu1", path)
    before = casework.entries(site)
    answer = visitor.post(path, {**data, "full_name": "Thào A Páo", "no_conflict": "y", **wrong})
    assert answer.status_code == 422 and told in errors(visitor.page) and casework.entries(site) == before


def test_nobody_opens_a_case_without_the_office(visitor: Visitor) -> None:
    visitor.sign_in("khach", casework.PASSWORD)
    assert "không giữ chức trách nào" in visitor.get("/ho-so/moi/admission/nominate").text
    assert visitor.get("/ho-so/moi/admission/cell_vote").status_code == 404
    assert visitor.get("/ho-so/moi/no_such_process/nominate").status_code == 404


def test_a_page_of_a_step_takes_a_bounded_number_of_statements(visitor: Visitor, site: Site) -> None:
    case = casework.case_id(site, "opinions_done", "C1")
    visitor.sign_in("bithu1", casework.PASSWORD)
    statements: list[str] = []
    sa.event.listen(site.database.engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    visitor.get(f"/ho-so/{case}/buoc/cell_vote")
    assert len(statements) <= 35


#: What a careless or hostile browser may send in any field.
NASTY = ("", " ", "0", "-1", "99999999999", "1e9", "٣", "31/02/2026", "01/01/0001", "31/12/9999", "15/10/2026", "' OR 1=1 --", "<script>",
         "=1+1", "\u202e", "ă" * 5_000, "yes", "no", "true", "null", "1-2", "1-", "-", "present", "secret", "verified", "y", "NaN", "🙂")


@pytest.mark.parametrize("account", ["bithu1", "ban", "coso", "thuongvu"])
def test_no_input_breaks_the_site_and_refusals_write_nothing(visitor: Visitor, site: Site, account: str) -> None:
    chance = random.Random(account)
    visitor.sign_in(account, casework.PASSWORD)
    with site.database.read() as session:
        cases = list(session.scalars(sa.select(Case.id).join(Person, Person.id == Case.subject_person_id).where(Person.key.like("C1-%"))))
    seen = set()
    for case in chance.sample(cases, 12):
        visitor.get(f"/ho-so/{case}")
        assert visitor.page is not None
        links = sorted({e.attrs["href"] for e in visitor.page.all("a") if "/buoc/" in e.attrs.get("href", "")})
        for path in chance.sample(links, min(3, len(links))):
            assert visitor.get(path).status_code == 200
            data = casework.filled_in(visitor.page)
            for name in chance.sample(sorted(set(data) - {"csrf_token"}), min(6, len(data) - 1)):
                data[name] = chance.choice(NASTY)
            before = casework.entries(site)
            answer = visitor.post(path, data)
            seen.add(answer.status_code)
            assert answer.status_code in (303, 400, 403, 409, 422), (path, data)
            assert casework.entries(site) == before + (answer.status_code == 303)
    assert 422 in seen
    with site.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Entry))
