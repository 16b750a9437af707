"""Pictures of the main pages, taken of a freshly loaded demo with a real browser: ``python -m tools.screenshots``.

They go to ``docs/images``: ``<name>.png`` as seen on a desk, ``<name>-phone.png`` as seen on a phone.
"""
from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.browser import chromium
from tests.browser.served import load_demo, serving, sign_in

FOLDER = Path(__file__).parents[1] / "docs" / "images"
DESK, PHONE = {"width": 1366, "height": 900}, {"width": 360, "height": 740}


class Shot(NamedTuple):
    """A picture: whose page, where it is, or whose link in a list leads there."""

    name: str
    account: str
    path: str
    link: str | None = None
    phone: bool = False
    below: str | None = None


SHOTS = (
    Shot("my-work", "xay-dung-dang", "/", phone=True),
    Shot("cases", "xay-dung-dang", "/ho-so?flag=overdue"),
    Shot("case", "xay-dung-dang", "/ho-so?q=Lục Thị Hồng Nhung", "Lục Thị Hồng Nhung", phone=True),
    Shot("step", "xay-dung-dang", "/ho-so?state=base_approved", "", phone=True, below="buoc/decide_admission"),
    Shot("report", "giup-do", "/", "Ghi nhận xét", phone=True),
    Shot("unit", "xay-dung-dang", "/don-vi", "Đảng bộ xã Lâm Khê"),
    Shot("rule", "xay-dung-dang", "/quy-dinh/quy-tac/AGE.MIN"),
    Shot("process", "xay-dung-dang", "/quy-dinh/quy-trinh/admission"),
    Shot("history", "kiem-tra", "/lich-su", phone=True),
    Shot("entry", "kiem-tra", "/lich-su?step=decide_admission", ""),
    Shot("board", "xay-dung-dang", "/cung-co"),
    Shot("plan", "thuong-vu", "/cung-co?q=Bản Muổi", "Bản Muổi", phone=True),
    Shot("team", "to-truong", "/", phone=True),
    Shot("round", "thuong-vu", "/xep-loai", "quý 3 năm 2026"),
    Shot("funnel", "xay-dung-dang", "/bao-cao/funnel"),
    Shot("levels", "xay-dung-dang", "/bao-cao/ratings"),
    Shot("administration", "quan-tri", "/quan-tri"),
)


def main() -> int:
    path = chromium.find()
    if path is None:
        print("no Chromium found; run tools/browser first", file=sys.stderr)
        return 1
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder) / "home"
        load_demo(home)
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=chromium.flags())
        with serving(home) as (address, _site):
            for shot, phone in wanted():
                print(take(browser, address, shot, phone).relative_to(FOLDER.parents[1]))
        browser.close()
    return 0


def wanted() -> Iterator[tuple[Shot, bool]]:
    for shot in SHOTS:
        yield shot, False
        if shot.phone:
            yield shot, True


def take(browser: Any, address: str, shot: Shot, phone: bool) -> Path:
    """One picture of one page, above the fold."""
    context = browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", viewport=PHONE if phone else DESK,
                                  is_mobile=phone, has_touch=phone)
    page = context.new_page()
    sign_in(page, address, shot.account)
    page.goto(address + shot.path)
    if shot.link is not None:
        links = page.locator("main a", has_text=shot.link) if shot.link else page.locator("main tbody th a")
        page.goto(address + str(links.first.get_attribute("href")))
    if shot.below:
        page.goto(f"{page.url}/{shot.below}")
    file = FOLDER / f"{shot.name}{'-phone' if phone else ''}.png"
    page.screenshot(path=str(file), scale="css")
    context.close()
    return file


if __name__ == "__main__":
    sys.exit(main())
