"""A real Chromium for the browser tests, one per worker process."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import chromium
from tests.browser.served import load_demo, serving


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Playwright's handle of a headless Chromium."""
    path = chromium.find()
    if path is None:
        pytest.skip("browser: no Chromium found")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        handle = playwright.chromium.launch(executable_path=path, headless=True, args=chromium.flags())
        yield handle
        handle.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page on a desktop screen, in Vietnamese, with a clean profile; errors of scripts and of the policy fail the test."""
    context = browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", viewport={"width": 1280, "height": 900})
    yield from _watched(context)


@pytest.fixture
def phone(browser: Any) -> Iterator[Any]:
    """A page on a phone 360 px wide, with touch."""
    context = browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", viewport={"width": 360, "height": 740},
                                  is_mobile=True, has_touch=True, device_scale_factor=2)
    yield from _watched(context)


def _watched(context: Any) -> Iterator[Any]:
    page = context.new_page()
    page.set_default_timeout(15_000)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if "Content Security Policy" in message.text else None)
    yield page
    context.close()
    assert not troubles, troubles


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the demo set, loaded once for each worker; tests that write take a copy."""
    home = tmp_path_factory.mktemp("demo") / "home"
    load_demo(home)
    return home


@pytest.fixture(scope="session")
def demo(demo_home: Path) -> Iterator[str]:
    """The address of the demo site, for tests that only look."""
    with serving(demo_home) as (address, _site):
        yield address
