"""The browser of the tests is real and shows Vietnamese."""
from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_the_browser_renders_a_page(page: Any, phone: Any) -> None:
    page.set_content("<!doctype html><html lang=vi><title>Nền Nếp</title><h1>Chi bộ thôn Nà Đông</h1>")
    assert page.title() == "Nền Nếp"
    assert page.get_by_role("heading", name="Chi bộ thôn Nà Đông").is_visible()
    phone.set_content('<!doctype html><meta name="viewport" content="width=device-width"><title>x</title>')
    assert phone.evaluate("innerWidth") == 360
