"""Administration: accounts and offices without the command line, codes shown once, and never a case."""
from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from tests.web.casework import PASSWORD, TODAY
from tests.web.conftest import Visitor
from tests.web.registers import statements
from workflow import accounts
from workflow.site import Site

Enter = Callable[[str], Visitor]
CODE = re.compile(r'<code class="code-shown">([^<]+)</code>')


def text(visitor: Visitor) -> str:
    assert visitor.page is not None
    return visitor.page.one("main").text


def account(town: Site, username: str) -> int:
    with town.database.read() as session:
        found = accounts.account_id(session, username)
    assert found is not None
    return found


def scalar(town: Site, sql: str, **values: object) -> object:
    with town.database.read() as session:
        return session.connection().scalar(sa.text(sql), values)


def test_only_administrators_and_no_case_from_here(enter: Enter, town: Site) -> None:
    paths = ("/quan-tri", "/quan-tri/tai-khoan/moi", f"/quan-tri/tai-khoan/{account(town, 'ban')}", "/quan-tri/chuc-trach/1/ket-thuc")
    for key in ("ban", "kiemtra", "bithu1"):
        visitor = enter(key)
        assert {visitor.get(path).status_code for path in paths} == {404}
    visitor = enter("quan.tri")
    assert {visitor.get(path).status_code for path in paths} == {200}
    assert {visitor.get(path).status_code for path in ("/ho-so", "/ho-so/1", "/don-vi", "/lich-su", "/quan-tri/tai-khoan/99999",
                                                       "/quan-tri/chuc-trach/99999/thay")} == {404}


@pytest.mark.parametrize(("query", "found"), [("q=bach", ["Hoàng Văn Bách"]), ("q=quan.tri", ["quan.tri"]), ("only=administrator", ["quan.tri"]),
                                              ("only=disabled", []), ("only=nothing&page=x", None), ("page=99999", [])])
def test_accounts_are_searched(enter: Enter, query: str, found: list[str] | None) -> None:
    visitor = enter("quan.tri")
    assert visitor.get(f"/quan-tri?{query}").status_code == 200
    assert visitor.page is not None
    names = [e.text for e in visitor.page.all("th", scope="row")]
    assert len(names) == 16 if found is None else names == found


def test_a_new_person_gets_an_account_a_code_shown_once_and_signs_in(enter: Enter, town: Site, town_app: object) -> None:
    visitor = enter("quan.tri")
    visitor.get("/quan-tri/tai-khoan/moi")
    answer = visitor.post("/quan-tri/tai-khoan/moi", {"username": "Moi.Den", "full_name": "Bàn Thị Mới", "unit": "C2", "administrator": "no"})
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    code = CODE.search(answer.text)
    assert code
    made = account(town, "moi.den")
    assert code[1] not in visitor.get(f"/quan-tri/tai-khoan/{made}").text
    assert "mã chưa dùng" in text(visitor)
    newcomer = Visitor(town_app)  # type: ignore[arg-type]
    newcomer.get("/ma-mot-lan")
    newcomer.post("/ma-mot-lan", {"username": "moi.den", "code": code[1], "password": "trăng lên đầu núi xa", "again": "trăng lên đầu núi xa"})
    newcomer.sign_in("moi.den", "trăng lên đầu núi xa")
    assert newcomer.get("/").status_code == 200
    assert scalar(town, "SELECT standing FROM person WHERE full_name = 'Bàn Thị Mới'") == "official"


def test_a_known_person_is_found_and_chosen(enter: Enter, town: Site) -> None:
    visitor = enter("quan.tri")
    visitor.get("/quan-tri/tai-khoan/moi?q=nong")
    assert visitor.page is not None
    link = next(e for e in visitor.page.all("a") if "person=" in e.attrs["href"])
    visitor.get(link.attrs["href"])
    assert f"Tài khoản sẽ thuộc về {link.text}" in text(visitor)
    assert visitor.page is not None
    person = visitor.page.one("input", name="person").attrs["value"]
    visitor.post("/quan-tri/tai-khoan/moi", {"username": "co.san", "administrator": "no", "person": person})
    assert scalar(town, "SELECT person_id FROM account WHERE username = 'co.san'") == int(person)


@pytest.mark.parametrize(("data", "at"), [
    ({"username": "bithu1", "full_name": "A B"}, "username"), ({"username": "Có Dấu", "full_name": "A B"}, "username"),
    ({"username": "", "full_name": "A B"}, "username"), ({"username": "khong.ai"}, "full_name"),
    ({"username": "o.dau", "full_name": "A B", "unit": "khong co noi nay"}, "unit"),
    ({"username": "o.dau", "full_name": "A B", "unit": "chi bộ thôn"}, "unit"),
    ({"username": "o.dau", "full_name": "A <B>"}, "full_name"),
    ({"username": "o.dau", "full_name": "A B", "administrator": "maybe"}, "administrator")])
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_made(enter: Enter, town: Site, data: dict[str, str], at: str) -> None:
    before = scalar(town, "SELECT count(*) FROM entry")
    visitor = enter("quan.tri")
    visitor.get("/quan-tri/tai-khoan/moi")
    assert visitor.post("/quan-tri/tai-khoan/moi", {"administrator": "no", **data}).status_code == 422
    assert visitor.page is not None
    assert visitor.page.by_id(at).attrs.get("aria-invalid") == "true"
    assert visitor.page.by_id(f"{at}-wrong").text
    assert visitor.page.one("input", name="username").attrs["value"] == data["username"], "what was typed is kept"
    assert scalar(town, "SELECT count(*) FROM entry") == before


def test_reset_disable_enable_and_sessions(enter: Enter, town: Site, town_app: object) -> None:
    admin, officer, key = enter("quan.tri"), enter("ban"), account(town, "ban")
    page = f"/quan-tri/tai-khoan/{key}"
    admin.get(page)
    assert "Đang đăng nhập ở 1 trình duyệt" in text(admin)
    admin.post(f"{page}/ket-thuc-phien")
    assert officer.get("/").status_code == 302
    officer.sign_in("ban", PASSWORD)
    admin.post(f"{page}/khoa")
    assert officer.get("/").status_code == 302
    assert officer.sign_in("ban", PASSWORD).status_code == 422, "a disabled account does not sign in"
    admin.post(f"{page}/mo-khoa")
    assert officer.sign_in("ban", PASSWORD).status_code == 303
    assert CODE.search(admin.post(f"{page}/ma").text)
    assert officer.get("/").status_code == 302
    admin.get(page)
    assert "Khóa tài khoản" in text(admin) and "Cấp lại mã đăng nhập" in text(admin)


def test_the_last_administrator_stays(enter: Enter, town: Site) -> None:
    visitor, key = enter("quan.tri"), account(town, "quan.tri")
    for act, data in (("khoa", {}), ("quan-tri", {"administrator": "no"})):
        visitor.get("/quan-tri")
        visitor.post(f"/quan-tri/tai-khoan/{key}/{act}", data, follow=True)
        assert visitor.page is not None
        assert visitor.page.all("div", role="alert")
    assert scalar(town, "SELECT administrator AND NOT disabled FROM account WHERE id = :k", k=key)


def test_who_judges_cases_does_not_administer(enter: Enter, town: Site) -> None:
    visitor, key = enter("quan.tri"), account(town, "ban")
    visitor.get("/quan-tri")
    visitor.post(f"/quan-tri/tai-khoan/{key}/quan-tri", {"administrator": "yes"}, follow=True)
    assert "không được quản trị tài khoản" in text(visitor)


def test_an_office_is_granted_held_and_ended_by_papers(enter: Enter, town: Site) -> None:
    visitor, key = enter("quan.tri"), account(town, "giup")
    form = f"/quan-tri/tai-khoan/{key}/chuc-trach"
    visitor.get(form)
    granted = {"role": "cell_secretary", "unit": "chi bộ thôn nặm trá", "since": f"{TODAY:%d/%m/%Y}", "paper": "Quyết định 12"}
    assert visitor.post(form, granted).status_code == 303
    officer = enter("giup")
    officer.get("/don-vi")
    assert "Chi bộ thôn Nặm Trá" in text(officer)
    office = scalar(town, "SELECT max(id) FROM office")
    assert scalar(town, "SELECT tag FROM entry ORDER BY id DESC") == "person:office:grant"
    end = f"/quan-tri/chuc-trach/{office}/ket-thuc"
    visitor.get(end)
    assert visitor.post(end, {"on": "16/10/2026", "paper": "Quyết định 13"}).status_code == 422, "not before the day has come"
    assert visitor.post(end, {"on": "15/10/2026", "paper": ""}).status_code == 422
    assert visitor.post(end, {"on": "15/10/2026", "paper": "Quyết định 13"}).status_code == 303
    assert str(scalar(town, "SELECT to_on FROM office WHERE id = :o", o=office)) == "2026-10-15"
    assert visitor.post(end, {"on": "15/10/2026", "paper": "Quyết định 13"}).status_code == 422


@pytest.mark.parametrize(("change", "at"), [({"role": "base_signer"}, "role"), ({"role": "king"}, "role"), ({"unit": "X9"}, "unit"),
                                            ({"since": "32/01/2026"}, "since"), ({"until": "01/01/2020"}, "until"), ({"paper": "  "}, "paper"),
                                            ({"unit": "đơn vị"}, "unit")])
def test_an_office_that_cannot_be_is_refused_at_its_field(enter: Enter, town: Site, change: dict[str, str], at: str) -> None:
    visitor = enter("quan.tri")
    form = f"/quan-tri/tai-khoan/{account(town, 'giup')}/chuc-trach"
    visitor.get(form)
    data = {"role": "cell_secretary", "unit": "C3", "since": "15/10/2026", "paper": "Quyết định 12", **change}
    assert visitor.post(form, data).status_code == 422
    assert visitor.page is not None
    assert visitor.page.by_id(at).attrs.get("aria-invalid") == "true"


def test_somebody_stands_in_and_ceases_to(enter: Enter, town: Site) -> None:
    office = scalar(town, "SELECT o.id FROM office o JOIN person p ON p.id = o.person_id WHERE p.key = 'bithu1'")
    visitor, form = enter("quan.tri"), f"/quan-tri/chuc-trach/{office}/thay"
    visitor.get(form)
    given = {"username": "giup", "since": "15/10/2026", "until": "30/11/2026", "paper": "Giấy ủy nhiệm 08"}
    assert visitor.post(form, {**given, "username": "nobody"}).status_code == 422
    assert visitor.post(form, {**given, "username": "bithu1"}).status_code == 422, "nobody stands in for himself"
    assert visitor.post(form, given).status_code == 303
    stand_in = enter("giup")
    stand_in.get("/don-vi")
    assert "Chi bộ thôn Nà Tông" in text(stand_in)
    number, key = scalar(town, "SELECT max(id) FROM substitution"), account(town, "giup")
    visitor.get(f"/quan-tri/tai-khoan/{key}")
    assert "thay mặt Hoàng Văn Bách" in text(visitor)
    visitor.post(f"/quan-tri/thay/{number}/ket-thuc", {"account": str(key)}, follow=True)
    assert str(scalar(town, "SELECT to_on FROM substitution WHERE id = :n", n=number)) == "2026-10-15"
    assert visitor.post("/quan-tri/thay/99999/ket-thuc", {"account": "x"}).status_code == 303


def test_more_accounts_send_no_more_statements(enter: Enter, town: Site) -> None:
    visitor = enter("quan.tri")
    visitor.get("/quan-tri")
    with statements(town) as sent:
        visitor.get("/quan-tri")
    before = len(sent)
    with town.database.write() as session:
        for number in range(20):
            accounts.create_account(session, None, username=f"them{number}", administrator=True)
    with statements(town) as sent:
        visitor.get("/quan-tri")
    assert len(sent) == before
