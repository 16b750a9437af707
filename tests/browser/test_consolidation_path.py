"""A weak unit is taken by hand, in a real browser, from its rating to the end of after-care; refusals are met on the way."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.browser.served import fill, flawless, name_of, send, serving_copy
from tests.browser.test_main_path import Hand
from workflow.ratings import acts
from workflow.ratings.levels import Period

pytestmark = [pytest.mark.browser, pytest.mark.slow]
D = dt.date
UNIT = "UB"


@pytest.fixture
def hand(browser: Any, demo_home: Path, tmp_path: Path) -> Iterator[PlanHand]:
    """Somebody at the keyboard of a demo site of the test's own."""
    context = browser.new_context(locale="vi-VN", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    with serving_copy(demo_home, tmp_path / "home") as (address, site):
        yield PlanHand(page, address, site)
    context.close()


class PlanHand(Hand):
    """Opens the case of a unit, and writes what is reported of its plan."""

    def screen(self, account: str, day: D, fields: Mapping[str, Any]) -> str:
        self.enter(account, day)
        self.page.goto(f"{self.address}/ho-so/moi/consolidation/open_screening")
        fill(self.page, {"on": day, "no_conflict": True, **fields})
        send(self.page)
        if self.page.url.rsplit("/", 1)[1].isdigit():
            self.case = int(self.page.url.rsplit("/", 1)[1])
        return str(self.page.locator("main").inner_text())

    def write(self, account: str, kind: str, month: D, fields: Mapping[str, Any]) -> None:
        self.enter(account)
        self.page.goto(f"{self.address}/ho-so/{self.case}/bao-cao/{kind}?ky={month:%Y-%m}")
        fill(self.page, {"period": f"{month:%Y-%m}", **fields})
        send(self.page)
        assert self.page.url.startswith(f"{self.address}/ho-so/{self.case}#"), self.page.locator("main").inner_text()[:800]

    def rated(self, year: int, label: str, on: D) -> None:
        """The yearly rating of the unit, as its decision on paper says."""
        with self.site.database.write() as session:
            acts.take_over(session, None, on, acts.Said(UNIT, Period.year(year), label=label, imported=True))


def months(first: D, number: int) -> list[D]:
    return [D(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(number)]


def test_from_the_rating_to_the_end_of_after_care(hand: PlanHand, phone: Any) -> None:
    site = hand.site
    signer, head, member, owner = (f"~{name_of(site, u)}" for u in ("thuong-vu", "kiem-tra", "giup-do", "ky-co-so"))
    hand.rated(2025, "Hoàn thành tốt nhiệm vụ", D(2026, 1, 20))
    refused = hand.screen("xay-dung-dang", D(2026, 10, 20), {"unit": f"~{unit_name(hand)}"})
    assert "Cần sửa các mục sau" in refused and hand.case == 0
    hand.rated(2025, "Hoàn thành nhiệm vụ", D(2026, 1, 20))
    hand.screen("xay-dung-dang", D(2026, 10, 20), {"unit": f"~{unit_name(hand)}"})
    assert hand.case and "Rà soát" in hand.page.locator(".identity").inner_text()

    hand.take("thuong-vu", D(2026, 10, 22), "approve_list",
              {"f_listing__cause": "Cấp ủy chưa sát việc", "f_listing__type": "leadership"}, "Trong danh sách củng cố")
    hand.take("xay-dung-dang", D(2026, 10, 23), "begin_planning", {}, "Xây dựng kế hoạch")
    told = hand.try_step("thuong-vu", D(2026, 10, 23), "issue_plan", {})
    assert "Cần sửa các mục sau" in told and "tổ trưởng" in told and "phụ trách, theo dõi" in told
    hand.rows("xay-dung-dang", D(2026, 10, 23), "team", [
        {"i_person": head, "i_head": "yes", "i_standing_board": "yes"}, {"i_person": member, "i_head": "no", "i_standing_board": "no"}])
    hand.rows("xay-dung-dang", D(2026, 10, 23), "measures", [
        {"content": "Kiện toàn chi ủy", "i_owner": owner, "i_due_on": D(2026, 12, 15)},
        {"content": "Giải quyết đơn thư tồn đọng", "i_owner": member, "i_due_on": D(2027, 3, 31)}])
    hand.take("thuong-vu", D(2026, 10, 30), "issue_plan", {"f_plan__oversight": signer}, "Đã ban hành kế hoạch")
    hand.rows("xay-dung-dang", D(2026, 10, 30), "cadres", [])
    hand.take("kiem-tra", D(2026, 11, 5), "start_work", {"f_own_plan__issued_on": D(2026, 11, 2)}, "Đang củng cố")

    # Two taps on a phone: the measure on one's own page, and how far it has come.
    hand.enter("ky-co-so", D(2026, 11, 20))
    phone.context.add_cookies(hand.page.context.cookies())
    phone.goto(hand.address)
    phone.get_by_role("link", name="Kiện toàn chi ủy").click()
    phone.get_by_role("button", name="75%").click()
    phone.wait_for_load_state()
    assert "75%" in phone.locator("#plan").inner_text()
    flawless(phone, "case of consolidation on a phone")
    phone.goto(f"{hand.address}/cung-co")
    flawless(phone, "board on a phone")

    hand.enter("kiem-tra", D(2027, 11, 6))
    told = hand.try_step("thuong-vu", D(2027, 11, 6), "close_period", {})
    assert "Cần sửa các mục sau" in told and "báo cáo" in told
    for month in months(D(2026, 12, 1), 12):
        hand.write("giup-do", "team_report", month, {"content": "Đã đôn đốc từng việc"})
    for month in (D(2027, 2, 1), D(2027, 5, 1), D(2027, 8, 1), D(2027, 11, 1)):
        hand.write("ky-co-so", "unit_report", month, {"content": "Đã khắc phục một phần"})
    hand.write("kiem-tra", "mid_review", D(2027, 5, 1), {"content": "Sơ kết nửa chặng", "held_on": D(2027, 5, 6)})
    hand.take("thuong-vu", D(2027, 11, 6), "close_period", {}, "Chờ kết quả xếp loại")

    told = hand.try_step("thuong-vu", D(2028, 1, 25), "recognise_recovery", {})
    assert "Cần sửa các mục sau" in told
    hand.rated(2027, "Hoàn thành tốt nhiệm vụ", D(2028, 1, 20))
    hand.rows("xay-dung-dang", D(2028, 1, 25), "problems", [])
    hand.take("thuong-vu", D(2028, 1, 25), "recognise_recovery", {}, "Đã khắc phục yếu kém, đưa ra khỏi danh sách")
    hand.take("xay-dung-dang", D(2028, 1, 26), "begin_aftercare", {}, "Theo dõi sau củng cố")
    assert "Cần sửa các mục sau" in hand.try_step("thuong-vu", D(2028, 6, 1), "close_aftercare", {})
    hand.rated(2028, "Hoàn thành tốt nhiệm vụ", D(2029, 1, 20))
    hand.take("thuong-vu", D(2029, 2, 1), "close_aftercare", {}, "Kết thúc")
    hand.page.goto(f"{hand.address}/ho-so/{hand.case}?all=1")
    flawless(hand.page, "case that is closed")
    hand.page.emulate_media(media="print")
    assert hand.page.locator("h1").is_visible() and not hand.page.locator(".site-nav").is_visible()


def unit_name(hand: Hand) -> str:
    """What the unit is called in the form, as far as it is the name alone."""
    from workflow import tree

    with hand.site.database.read() as session:
        found = tree.unit_on(session, UNIT, hand.site.clock.today())
    assert found is not None
    return found.name
