"""One person is taken by hand, in a real browser, from nomination to official membership; refusals are met on the way."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.browser.served import fill, name_of, send, serving_copy, sign_in, to_day
from workflow.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]
D = dt.date
NAME = "Nông Thị Thử Nghiệm"


@pytest.fixture
def hand(request: pytest.FixtureRequest, browser: Any, demo_home: Path, tmp_path: Path) -> Iterator[Hand]:
    """Somebody at the keyboard of a demo site of the test's own; his browser runs scripts unless the test says not."""
    scripts = getattr(request, "param", True)
    context = browser.new_context(locale="vi-VN", viewport={"width": 1280, "height": 900}, java_script_enabled=scripts)
    page = context.new_page()
    page.set_default_timeout(20_000)
    with serving_copy(demo_home, tmp_path / "home") as (address, site):
        yield Hand(page, address, site)
    context.close()


class Hand:
    """Signs in as this one and that one, moves the day forward, fills in forms."""

    def __init__(self, page: Any, address: str, site: Site) -> None:
        self.page, self.address, self.site, self.case, self.who = page, address, site, 0, ""

    def enter(self, account: str, day: dt.date | None = None) -> None:
        if account != self.who:
            sign_in(self.page, self.address, account)
            self.who = account
        if day is not None and self.site.clock.today() < day:
            self.page.goto(self.address)
            to_day(self.page, self.site, day)

    def open_case(self, account: str, fields: Mapping[str, Any]) -> None:
        self.enter(account)
        self.page.goto(f"{self.address}/ho-so/moi/admission/nominate")
        fill(self.page, {**fields, "no_conflict": True})
        send(self.page)
        self.case = int(self.page.url.rsplit("/", 1)[1])

    def try_step(self, account: str, day: dt.date, step: str, fields: Mapping[str, Any]) -> str:
        """Send the form of a step; the words of the page that answers."""
        self.enter(account, day)
        self.page.goto(f"{self.address}/ho-so/{self.case}/buoc/{step}")
        fill(self.page, {"on": day, "no_conflict": True, **fields})
        send(self.page)
        return str(self.page.locator("main").inner_text())

    def take(self, account: str, day: dt.date, step: str, fields: Mapping[str, Any], reached: str) -> None:
        """Take a step; the case's page then stands in the state ``reached``."""
        self.try_step(account, day, step, fields)
        assert self.page.url == f"{self.address}/ho-so/{self.case}", self.page.locator("main").inner_text()[:1500]
        assert reached in self.page.locator(".identity").inner_text()

    def rows(self, account: str, day: dt.date, name: str, items: list[dict[str, Any]]) -> None:
        """Fill in a list of the case and declare it complete."""
        self.enter(account, day)
        path = f"{self.address}/ho-so/{self.case}/danh-sach/{name}"
        for item in items:
            self.page.goto(path)
            fill(self.page, item)
            self.page.locator("main form", has=self.page.locator("[name^='i_']")).locator("button[type=submit]").last.click()
            self.page.wait_for_load_state()
            assert not self.page.title().startswith("Lỗi"), self.page.locator("main").inner_text()[:800]
        self.page.goto(path)
        self.page.locator("main form[action$='/du'] button").click()
        self.page.wait_for_load_state()


def votes(entitled: int, for_: int | None = None) -> dict[str, Any]:
    for_ = entitled if for_ is None else for_
    return {"b_entitled": entitled, "b_away": 0, "b_exempt_absent": 0, "b_present": entitled, "b_for": for_, "b_against": entitled - for_,
            "b_blank": 0, "b_method": "secret"}


def nominate(hand: Hand) -> None:
    hand.open_case("doan-xa", {
        "person": f"~{NAME}", "on": D(2026, 10, 15), "f_candidate__nominated_by": "youth_union", "f_candidate__edu": "higher",
        "f_candidate__former_member": "no", "f_candidate__youth_union_here": "yes", "f_candidate__youth_member": "yes",
        "f_candidate__mass_member": "yes"})


def test_from_nomination_to_official_member(hand: Hand) -> None:
    site = hand.site
    helper, signer, board = (f"~{name_of(site, u)}" for u in ("giup-do", "ky-co-so", "thuong-vu"))
    nominate(hand)
    hand.take("bi-thu", D(2026, 10, 20), "list_source", {"f_helper__person": helper}, "Trong danh sách cảm tình Đảng")
    hand.enter("giup-do", D(2026, 11, 10))
    hand.page.goto(hand.address)
    hand.page.get_by_role("link", name=f"{NAME}").first.wait_for()
    hand.page.goto(f"{hand.address}/ho-so/{hand.case}/nhan-xet")
    fill(hand.page, {"task": "done", "proposes": "class"})
    send(hand.page)
    assert "Đã lưu nhận xét" in hand.page.locator("main").inner_text()
    hand.take("xay-dung-dang", D(2026, 11, 10), "assign_class", {}, "Được cử học lớp nhận thức về Đảng")
    hand.take("trung-tam", D(2026, 12, 7), "record_certificate", {"f_certificate__issued_on": D(2026, 12, 4)}, "Đã có giấy chứng nhận")
    hand.take("bi-thu", D(2027, 1, 5), "permit_application", {"f_candidate__application_on": D(2027, 1, 5)}, "Làm đơn, khai lý lịch")
    hand.take("can-bo-co-so", D(2027, 1, 20), "start_verification",
              {"f_candidate__cv_on": D(2027, 1, 12), "f_cv__sealed_on": D(2027, 1, 19)}, "Đang thẩm tra lý lịch")
    hand.rows("can-bo-co-so", D(2027, 3, 1), "relatives", [
        {"i_kind": kind, "full_name": name, "i_full_capacity": "yes", "i_result_on": D(2027, 2, 25)}
        for kind, name in (("father", "Nông Văn Cha"), ("mother", "Hoàng Thị Mẹ"))])
    hand.take("can-bo-co-so", D(2027, 3, 1), "conclude_verification", {"f_cv__certified_on": D(2027, 3, 1)}, "Đã thẩm tra lý lịch")
    hand.rows("bi-thu", D(2027, 3, 10), "introducers", [
        {"i_person": helper, "i_official": "yes", "i_same_org": "yes", "i_mode": "work", "i_together_since": D(2024, 1, 2),
         "i_signed_on": D(2027, 3, 10), "i_waived": "no"}])
    hand.take("bi-thu", D(2027, 3, 10), "complete_introduction", {"f_union__youth_resolution_on": D(2027, 3, 8)}, "Đã có giấy giới thiệu")
    hand.rows("bi-thu", D(2027, 3, 19), "opinions", [{"i_source": s, "i_given_on": D(2027, 3, 15)} for s in ("mass", "residence")])
    hand.take("bi-thu", D(2027, 3, 19), "complete_opinions", {"f_opinions__summary_on": D(2027, 3, 19)}, "Đã tổng hợp ý kiến")
    refused = hand.try_step("bi-thu", D(2027, 3, 26), "cell_vote", {**votes(12), "p0_number": "", "second_reader": "present"})
    assert "Cần sửa các mục sau" in refused and hand.page.locator("#p0_number[aria-invalid=true]").count() == 1
    hand.take("bi-thu", D(2027, 3, 26), "cell_vote", {**votes(12), "p0_number": "03-NQ/CB", "second_reader": "present"}, "Chi bộ đề nghị kết nạp")
    hand.take("can-bo-co-so", D(2027, 4, 5), "base_vote", {**votes(11), "p0_number": "07-NQ/ĐU", "signatory": signer},
              "Đảng ủy cơ sở đề nghị kết nạp")
    hand.take("thuong-vu", D(2027, 4, 20), "decide_admission", {**votes(13), "p0_number": "21-QĐ/ĐU", "second_reader": "present"},
              "Đã có quyết định kết nạp")
    hand.take("bi-thu", D(2027, 4, 26), "receive_decision", {}, "Đã có quyết định kết nạp")
    hand.take("bi-thu", D(2027, 5, 10), "hold_ceremony", {"f_helper__person": helper}, "Đảng viên dự bị")
    class_done = {"f_new_member__certificate_on": D(2027, 11, 12)}
    early = hand.try_step("bi-thu", D(2028, 5, 10), "start_recognition", class_done)
    assert "11/05/2028" in early, "a day too early: the first day is told"
    hand.take("bi-thu", D(2028, 5, 11), "start_recognition", class_done, "Xét công nhận đảng viên chính thức")
    hand.take("bi-thu", D(2028, 5, 22), "recognition_cell_vote", {**votes(12), "p0_number": "05-NQ/CB", "second_reader": "present"},
              "Chi bộ đề nghị công nhận chính thức")
    hand.take("ky-co-so", D(2028, 6, 2), "recognition_base_vote", {**votes(11), "p0_number": "09-NQ/ĐU", "second_reader": "present"},
              "Đảng ủy cơ sở đề nghị công nhận chính thức")
    hand.take("xay-dung-dang", D(2028, 6, 14), "decide_recognition", {**votes(13), "p0_number": "33-QĐ/ĐU", "signatory": board},
              "Đảng viên chính thức")
    hand.enter("kiem-tra")
    hand.page.goto(f"{hand.address}/lich-su?case={hand.case}")
    told = hand.page.locator("main").inner_text()
    assert "Quyết định công nhận" in told and "Giới thiệu quần chúng ưu tú" in told
    hand.page.get_by_role("link", name="Quyết định công nhận").first.click()
    assert "nội dung, mã băm và các phần khớp nhau" in hand.page.locator("main").inner_text()


@pytest.mark.parametrize("hand", [False], indirect=True)
def test_without_scripts_steps_are_taken_and_refusals_keep_what_was_typed(hand: Hand) -> None:
    nominate(hand)
    hand.take("bi-thu", D(2026, 10, 20), "list_source", {"f_helper__person": f"~{name_of(hand.site, 'giup-do')}"}, "Trong danh sách cảm tình Đảng")
    refused = hand.try_step("xay-dung-dang", D(2026, 10, 21), "assign_class", {"on": "31/02/2026"})
    assert "Cần sửa các mục sau" in refused and hand.page.input_value("#on") == "31/02/2026"
    hand.take("xay-dung-dang", D(2026, 10, 21), "assign_class", {}, "Được cử học lớp nhận thức về Đảng")
