"""My work: true counts, and the next useful thing."""
from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from tests.web import casework
from tests.web.conftest import Visitor
from workflow.site import Site


@pytest.fixture
def site(case_site: Site) -> Site:
    return case_site


@pytest.mark.parametrize("account", [*casework.OFFICERS, *casework.PLAIN])
def test_every_card_says_how_long_the_list_behind_it_is(visitor: Visitor, account: str) -> None:
    visitor.sign_in(account, casework.PASSWORD)
    assert visitor.get("/").status_code == 200
    page = visitor.page
    assert page is not None
    cards = [(e.attrs["href"], int(number[0].replace(".", "")))
             for e in page.all("a") if e.attrs.get("href", "").startswith("/ho-so?queue=") and (number := re.match(r"[\d.]+", e.text))]
    # What only cases of one process can stand in is offered where there are such cases in sight.
    assert len(cards) == (5 if account in ("doan", "khach") else 9)
    for href, count in cards:
        visitor.get(f"{href}&size=100")
        assert visitor.page is not None
        assert len(visitor.page.all("th", scope="row")) == min(count, 100), (account, href)


def test_what_waits_for_me_stands_before_what_others_owe(visitor: Visitor, site: Site) -> None:
    """Whoever signs for the standing board is not met by the monthly reports that others are late with."""
    visitor.sign_in("thuongvu", casework.PASSWORD)
    page = visitor.get("/").text
    assert "Đảng viên được phân công giúp đỡ báo cáo hằng tháng" not in page
    visitor.get("/ho-so?queue=overdue&size=100")
    assert visitor.page is not None
    late = {e.attrs["href"] for e in visitor.page.all("a") if re.fullmatch(r"/ho-so/\d+", e.attrs.get("href", ""))}
    visitor.get("/ho-so?flag=overdue&size=100")
    every = {e.attrs["href"] for e in visitor.page.all("a") if re.fullmatch(r"/ho-so/\d+", e.attrs.get("href", ""))}
    assert late < every
    visitor.sign_in("bithu1", casework.PASSWORD)
    visitor.get("/")
    heads = [e.text for e in visitor.page.all("h2")]
    assert heads.index("Chờ tôi xử lý") < heads.index("Việc khác đến hạn")


def test_the_menu_offers_what_one_can_see(visitor: Visitor) -> None:
    """A member who only helps somebody sees units and history through no office: the menu does not lead there."""
    for account, offered in (("giup", False), ("khach", False), ("bithu1", True), ("thuongvu", True)):
        visitor.sign_in(account, casework.PASSWORD)
        visitor.get("/")
        assert visitor.page is not None
        links = {e.attrs["href"] for e in visitor.page.all("a")}
        assert ({"/don-vi", "/lich-su"} <= links) is offered and ({"/don-vi", "/lich-su"} & links != set()) is offered, account


def test_an_empty_desk_shows_the_way_on(visitor: Visitor) -> None:
    visitor.sign_in("khach", casework.PASSWORD)
    text = visitor.get("/").text
    assert "Hôm nay không có việc nào chờ đồng chí." in text and "Xem tất cả hồ sơ" in text


def test_an_administrator_sees_no_case(visitor: Visitor, site: Site) -> None:
    visitor.sign_in("quan.tri", casework.PASSWORD)
    assert "không xem hồ sơ" in visitor.get("/").text
    case = casework.case_id(site, "nominated", "C1")
    assert {visitor.get(path).status_code for path in ("/ho-so", f"/ho-so/{case}", f"/ho-so/{case}/buoc/list_source")} == {404}


def test_the_start_page_costs_the_same_for_a_cell_and_for_a_commune(visitor: Visitor, site: Site) -> None:
    statements: list[str] = []
    sa.event.listen(site.database.engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    counts = []
    for account in ("bithu1", "thuongvu"):
        visitor.sign_in(account, casework.PASSWORD)
        statements.clear()
        visitor.get("/")
        counts.append(len(statements))
    assert max(counts) <= 20 and abs(counts[0] - counts[1]) <= 1
