"""Addresses that no link leads to are answered as such, never with a fault of the site."""
from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web.conftest import Visitor

Enter = Callable[[str], Visitor]


@pytest.mark.parametrize(("address", "status"), [
    ("/xep-loai/danh-sach?year=0", 200),
    ("/xep-loai/danh-sach?year=0&missing=1", 200),
    ("/bao-cao/seeds/ho-so?row=000.base_units&column=value", 404),
    ("/bao-cao/funnel/ho-so?row=nothing&column=nothing", 404),
])
def test_an_address_typed_by_hand(enter: Enter, address: str, status: int) -> None:
    assert enter("thuongvu").get(address).status_code == status
