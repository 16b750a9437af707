"""The main pages of the demo in a real browser: accessible, on wide and narrow screens, by keyboard, and on paper."""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.browser.served import flawless, serving_copy, sign_in

pytestmark = pytest.mark.browser

#: Account -> its main pages; a callable finds the page on one that was opened before.
PAGES: Mapping[str, tuple[str | Callable[[Any], str], ...]] = {
    "bi-thu": ("/", "/ho-so", "/ho-so?flag=overdue", lambda page: first(page, "/ho-so"), "/don-vi"),
    "xay-dung-dang": ("/", "/ho-so?queue=mine", "/don-vi", lambda page: first(page, "/don-vi"), "/ho-so?flag=blocked",
                      lambda page: first(page, "/ho-so?flag=blocked")),
    "kiem-tra": ("/lich-su", lambda page: first(page, "/lich-su?step=cell_vote"), "/lich-su?rule=AGE.MIN&late=yes"),
    "giup-do": ("/", lambda page: first(page, "/", "Ghi nhận xét"), "/ho-so"),
    "thuong-vu": ("/quy-dinh", "/quy-dinh/quy-tac", "/quy-dinh/quy-tac/AGE.MIN", "/quy-dinh/gia-tri", "/quy-dinh/gia-tri/age_min",
                  "/quy-dinh/van-ban/QD-294-2025", "/quy-dinh/quy-trinh/admission"),
    "quan-tri": ("/quan-tri", "/quan-tri/tai-khoan/moi?q=hoang", lambda page: first(page, "/quan-tri?q=hien")),
}


def first(page: Any, listed: str, text: str = "") -> str:
    """The address of the first thing in a list, or of the first link with these words."""
    base = re.match(r"https?://[^/]+", page.url)
    assert base
    page.goto(base[0] + listed)
    link = page.locator("main a", has_text=text).first if text else page.locator("main tbody th a").first
    return str(link.get_attribute("href"))


@pytest.mark.parametrize("width", [1366, 360])
@pytest.mark.parametrize("account", PAGES)
def test_main_pages_are_accessible(page: Any, demo: str, account: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, demo, account)
    for path in PAGES[account]:
        where = path(page) if callable(path) else path
        page.goto(demo + where)
        assert page.locator("h1").count() == 1, where
        flawless(page, f"{account} {where}")
        folded = page.locator("main details:not([open])")
        if folded.count() and "quy-trinh" not in where:
            folded.evaluate_all("all => all.forEach(d => d.open = true)")
            flawless(page, f"{account} {where}, unfolded")


def test_pages_in_english_are_accessible(page: Any, demo: str) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    sign_in(page, demo, "xay-dung-dang")
    page.context.add_cookies([{"name": "nennep_lang", "value": "en", "url": demo}])
    for path in ("/", "/ho-so", "/don-vi", "/quy-dinh/quy-tac/AGE.MIN"):
        page.goto(demo + path)
        assert page.locator("html").get_attribute("lang") == "en"
        flawless(page, path)


def test_a_step_form_with_errors_tells_them_to_every_reader(page: Any, demo: str) -> None:
    """The summary takes the focus, each line leads to its field, each field names its error, what was typed stays."""
    sign_in(page, demo, "xay-dung-dang")
    page.goto(f"{demo}/ho-so?queue=mine")
    page.goto(demo + str(page.locator("main tbody th a").first.get_attribute("href")))
    page.locator("main a.btn[href*='/buoc/']").first.click()
    page.fill("#on", "31/02/2026")
    page.locator("main form[method=post] button.btn-primary").first.click()
    page.wait_for_load_state()
    summary = page.get_by_role("alert")
    assert page.evaluate("document.activeElement.hasAttribute('data-error-summary')")
    assert page.title().startswith("Lỗi: ")
    field = page.locator("#on")
    assert field.get_attribute("aria-invalid") == "true" and field.input_value() == "31/02/2026"
    described = str(field.get_attribute("aria-describedby")).split()
    assert "on-wrong" in described and all(page.locator(f"#{id_}").count() == 1 for id_ in described)
    link = summary.locator("a[href='#on']")
    link.click()
    assert page.evaluate("document.activeElement.id") == "on"
    flawless(page, "a step with errors")
    page.set_viewport_size({"width": 360, "height": 740})
    flawless(page, "a step with errors, on a phone")


def test_a_case_is_reached_and_opened_by_keyboard_alone(page: Any, demo: str) -> None:
    sign_in(page, demo, "bi-thu")
    page.goto(f"{demo}/ho-so")
    page.keyboard.press("Tab")
    assert "Đến nội dung" in page.evaluate("document.activeElement.innerText") or page.evaluate(
        "document.activeElement.classList.contains('skip')")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.type("thi")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=thi"))
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("/^\\/ho-so\\/\\d+$/.test(document.activeElement.getAttribute('href') || '')"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "what has the focus is seen"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/ho-so/\d+$"))
    assert page.locator(".identity h1").is_visible()


def test_the_helper_reports_in_three_taps_on_a_phone(phone: Any, demo_home: Path, tmp_path: Path) -> None:
    with serving_copy(demo_home, tmp_path / "home") as (address, _site):
        sign_in(phone, address, "giup-do")
        flawless(phone, "start page of the helper")
        phone.locator("main a", has_text="Ghi nhận xét").first.tap()
        phone.wait_for_url(re.compile("/nhan-xet"))
        flawless(phone, "report of the helper")
        phone.locator("main input[name=task][value=done]").tap()
        phone.locator("main form[method=post] button[type=submit]").first.tap()
        phone.wait_for_url(f"{address}/")
        assert "Đã lưu nhận xét" in phone.get_by_role("status").inner_text()


def test_an_administrator_makes_an_account_without_scripts(browser: Any, demo_home: Path, tmp_path: Path) -> None:
    context = browser.new_context(locale="vi-VN", java_script_enabled=False)
    page = context.new_page()
    with serving_copy(demo_home, tmp_path / "home") as (address, _site):
        sign_in(page, address, "quan-tri")
        page.goto(f"{address}/quan-tri/tai-khoan/moi")
        page.fill("#username", "can.bo.moi")
        page.fill("#full_name", "Bàn Thị Mới")
        page.fill("#unit", "UB-01")
        page.select_option("#administrator", "no")
        page.locator("main form[method=post] button.btn-primary").click()
        assert page.locator(".code-shown").inner_text()
        page.get_by_role("link", name="Giao chức trách").click()
        page.select_option("#role", "cell_committee")
        page.fill("#unit", "UB-01")
        page.fill("#paper", "Quyết định 12-QĐ/ĐU")
        page.locator("main form[method=post] button.btn-primary").click()
        assert "Chi ủy viên" in page.locator("main").inner_text()
    context.close()


@pytest.mark.parametrize(("account", "listed"), [("xay-dung-dang", "/don-vi"), ("kiem-tra", "/lich-su"), ("bi-thu", "/ho-so")])
def test_pages_are_fit_for_paper(page: Any, demo: str, account: str, listed: str) -> None:
    """On paper there is no menu and no button; what the page tells is there in black on white."""
    sign_in(page, demo, account)
    page.goto(demo + first(page, listed))
    page.emulate_media(media="print")
    assert not page.locator(".site-nav").is_visible()
    assert page.locator("main .btn:visible").count() == 0
    assert page.get_by_role("heading", level=1).is_visible()


def test_the_map_fits_its_frame_and_leads_to_the_table(page: Any, demo: str) -> None:
    sign_in(page, demo, "xay-dung-dang")
    page.goto(f"{demo}/quy-dinh/quy-trinh/admission")
    boxes = page.locator(".process-map .box")
    assert boxes.count() > 20
    frame, inside = page.locator(".process-map").bounding_box(), boxes.last.bounding_box()
    assert inside["x"] >= frame["x"] and inside["y"] + inside["height"] <= frame["y"] + frame["height"] + 1
    page.locator(".process-map a").nth(3).click()
    target = page.url.split("#")[1]
    assert page.locator(f"#{target}").is_visible()
