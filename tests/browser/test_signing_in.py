"""Signing in with a real browser: wide and narrow, in both languages, by keyboard, and without scripts."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from werkzeug.serving import make_server

from tests.web.conftest import PASSWORDS, TODAY, law, people_and_accounts
from web.app import create_app
from workflow import migrate
from workflow.context import FixedClock
from workflow.db import Database
from workflow.site import Site

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
    .filter(e => e.offsetParent && !e.closest('p, li, .skip, dd'))
    .filter(e => { const r = e.getBoundingClientRect(); return r.width && (r.width < 24 || r.height < 24) })
    .map(e => e.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site of invented people, served for real."""
    home = tmp_path_factory.mktemp("served")
    clock = FixedClock(TODAY)
    database = Database(f"sqlite:///{home / 'nennep.sqlite3'}", info={"book": law(), "clock": clock})
    migrate.upgrade(database)
    people_and_accounts(database)
    site = Site(home, database, law(), clock)
    site.set_demo_today(TODAY)
    server = make_server("127.0.0.1", 0, create_app(site), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    site.close()


def sign_in(page: Any, address: str, password: str | None = None) -> None:
    page.goto(f"{address}/dang-nhap")
    page.fill("#username", "hoa")
    page.fill("#password", password or PASSWORDS["hoa"])
    page.click("main button[type=submit]")


def flawless(page: Any, where: str) -> None:
    """No finding of axe, nothing wider than the screen, no target too small for a finger."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
    assert [(where, v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), where
    assert page.evaluate(SMALL_TARGETS) == [], where


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", [1366, 320])
def test_the_pages_are_accessible(page: Any, address: str, width: int, language: str) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    page.context.add_cookies([{"name": "nennep_lang", "value": language, "url": address}])
    for path in ("/dang-nhap", "/ma-mot-lan", "/nothing"):
        page.goto(address + path)
        flawless(page, path)
    sign_in(page, address, "wrong")
    flawless(page, "sign-in with an error")
    sign_in(page, address)
    for path in ("/", "/tai-khoan", "/tai-khoan/mat-khau"):
        page.goto(address + path)
        page.locator("details").evaluate_all("all => all.forEach(d => d.open = true)")
        flawless(page, path)
    page.click("main button[type=submit]")
    flawless(page, "password with errors")


def test_a_wrong_form_says_so_first(page: Any, address: str) -> None:
    sign_in(page, address, "wrong")
    assert page.title().startswith("Lỗi:")
    page.wait_for_function("document.activeElement.matches('.error-summary')")
    page.goto(f"{address}/ma-mot-lan")
    page.click("main button[type=submit]")
    page.wait_for_function("document.activeElement.matches('.error-summary')")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "username"
    assert page.locator("#username").get_attribute("aria-invalid") == "true"


def test_by_keyboard_alone(page: Any, address: str) -> None:
    page.goto(f"{address}/dang-nhap")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("hoa")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORDS["hoa"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
    assert page.get_by_role("heading", level=1).is_visible()


def test_without_scripts(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{address}/tai-khoan")
    page.fill("#username", "hoa")
    page.fill("#password", PASSWORDS["hoa"])
    page.click("main button[type=submit]")
    assert page.url == f"{address}/tai-khoan"
    page.click("text=English")
    assert page.url == f"{address}/tai-khoan"
    assert page.get_by_role("heading", name="My account").is_visible()
    page.click("text=Sign out")
    page.goto(f"{address}/tai-khoan")
    assert "/dang-nhap" in page.url
    context.close()


def test_an_ended_session_gives_the_typed_text_back(page: Any, address: str) -> None:
    sign_in(page, address)
    page.goto(f"{address}/tai-khoan")
    page.evaluate("""() => { const form = document.querySelector("form[action='/ngon-ngu']").cloneNode(true);
        form.action = '/tai-khoan/ket-thuc-phien'; form.querySelector('[name=back]').value = '/tai-khoan';
        const note = document.createElement('textarea'); note.name = 'note'; note.id = 'note'; form.append(note);
        form.id = 'long'; document.querySelector('main').append(form); }""")
    page.fill("#note", "Một nhận xét dài")
    cookies = page.context.cookies()
    other = page.context.new_page()
    other.goto(f"{address}/tai-khoan")
    other.click("text=Đăng xuất")
    page.context.clear_cookies()
    page.context.add_cookies(cookies)
    page.locator("#long").evaluate("form => form.submit()")
    page.fill("#username", "hoa")
    page.fill("#password", PASSWORDS["hoa"])
    page.click("main button[type=submit]")
    assert page.get_by_text("Một nhận xét dài").is_visible()
    page.click("text=Gửi ngay")
    assert page.url == f"{address}/tai-khoan"


def test_the_first_visit_is_light(page: Any, address: str) -> None:
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url) if not request.url.startswith((address, "data:")) else None)
    page.goto(f"{address}/dang-nhap", wait_until="networkidle")
    assert foreign == []
    assert 0 < sum(sizes) < 60_000


def test_the_demo_day_moves_from_the_page(page: Any, address: str) -> None:
    sign_in(page, address)
    page.click(".demo-bar summary")
    page.click("text=Tiến tới")
    assert page.get_by_role("status").inner_text() == "Hôm nay là ngày 03/03/2026."


def test_pages_print_without_the_menu(page: Any, address: str, tmp_path: Path) -> None:
    sign_in(page, address)
    page.emulate_media(media="print")
    assert not page.locator(".site-nav").is_visible()
    assert page.get_by_role("heading", level=1).is_visible()
