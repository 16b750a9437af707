"""What was found about units is for offices that see what cases say; others see how far these have come."""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from tests.web.casework import PASSWORD, TODAY
from tests.web.conftest import Visitor
from tests.web.registers import unit
from workflow import accounts, offices, people, ratings
from workflow.context import Actor
from workflow.errors import NotPermitted
from workflow.ratings import Period, Said
from workflow.reports.copies import may_lock
from workflow.site import Site

Enter = Callable[[str], Visitor]
SINCE = dt.date(2025, 7, 1)
PROBLEM, LEVEL = "Mất đoàn kết nội bộ", "Không hoàn thành nhiệm vụ"


@pytest.fixture
def school(town: Site) -> Actor:
    """An officer of a training centre at the commune; cell C1 has a problem and a weak year."""
    with town.database.write() as session:
        person = people.add_person(session, None, SINCE, key="truong", full_name="Đàm Thị Uyên")
        offices.grant_office(session, None, SINCE, person=person, role="training_centre", unit="G")
        account = accounts.create_account(session, None, username="truong", person=person)
        accounts.set_password(session, account, PASSWORD, dt.datetime.now(dt.timezone.utc))
        ratings.note_problem(session, None, TODAY, unit="C1", kind="disunity")
        ratings.take_over(session, None, dt.date(2026, 1, 20), Said("C1", Period.year(2025), LEVEL, imported=True))
    return Actor(account, person, "truong")


@pytest.mark.parametrize("username", ["truong", "doan", "giup"])
def test_ratings_reports_and_the_board_are_closed_to_who_sees_stages_only(enter: Enter, town: Site, school: Actor, username: str) -> None:
    visitor = enter(username)
    g, c1 = unit(town, "G"), unit(town, "C1")
    for address in ("/cung-co", "/xep-loai", "/xep-loai/danh-sach", f"/xep-loai/{g}/year/2025", f"/xep-loai/{g}/year/2025/in/missing",
                    f"/xep-loai/don-vi/{c1}/year/2025", f"/xep-loai/don-vi/{c1}/van-de", "/bao-cao", "/bao-cao/admissions",
                    "/bao-cao/admissions/ho-so?row=religion&column=number"):
        assert visitor.get(address).status_code == 404, address
    assert visitor.get("/").status_code == 200 and visitor.page is not None
    assert not {e.attrs.get("href") for e in visitor.page.all("a")} & {"/cung-co", "/xep-loai", "/bao-cao"}


def test_the_page_of_a_unit_tells_problems_and_levels_to_readers_only(enter: Enter, town: Site, school: Actor) -> None:
    for username, told in (("truong", False), ("ban", True), ("bithu1", True)):
        page = enter(username).get(f"/don-vi/{unit(town, 'C1')}")
        assert page.status_code == 200
        assert (PROBLEM in page.text, LEVEL in page.text) == (told, told), username


def test_who_keeps_no_papers_notes_no_problem_and_locks_no_report(town: Site, school: Actor) -> None:
    with town.database.write() as session:
        with pytest.raises(NotPermitted):
            ratings.note_problem(session, school, TODAY, unit="C1", kind="security")
        with pytest.raises(NotPermitted):
            ratings.take_over(session, school, TODAY, Said("C2", Period.year(2025), LEVEL))
        with pytest.raises(NotPermitted):
            ratings.take_over(session, school, TODAY, Said("C2", Period.year(2025), LEVEL, imported=True))
        assert not may_lock(session, school, unit(town, "C1"), TODAY)
