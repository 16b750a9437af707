"""The set ``seeds``: five districts, on a day soon after the last of the articles."""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from workflow import accounts
from workflow.demo.accounts import WORD, DemoAccount, let_in
from workflow.demo.seeds import stage, story
from workflow.demo.world import World

#: The first day of the records, the day on which the ratings and cases are entered, and the day on which the demo opens.
BEGIN, ENTERED, TODAY = dt.date(2015, 1, 1), dt.date(2019, 3, 31), dt.date(2023, 2, 1)
#: Accounts for visitors: user name -> role, unit, what it may do.
_OFFICERS = {
    f"{code.lower()}.to-chuc": ("board_officer", code, f"Cán bộ Ban Tổ chức Huyện ủy {name}: đơn vị, số liệu, báo cáo seeds của huyện")
    for code, name in (("LB", "Lâm Bình"), ("DH", "Đầm Hà"), ("BS", "Bắc Sơn"), ("BL", "Bình Lục"), ("DB", "Đà Bắc"))}
_OFFICERS["bs.thuong-vu"] = ("standing_board_signer", "BS", "Người ký thay mặt ban thường vụ: xếp loại, củng cố")


def play(world: World, told: Callable[[int, int, dt.date], None]) -> list[DemoAccount]:
    """Load everything; the clock goes along, and ``told`` hears of it."""
    parts = ((BEGIN, stage.districts), (ENTERED, story.play), (TODAY, stage.stated))
    for number, (day, part) in enumerate(parts, start=1):
        world.clock.day = day
        part(world)
        told(number, len(parts), day)
    now = world.clock.now()
    shown = [let_in(world, username, world.holder(role, unit, TODAY), says, now) for username, (role, unit, says) in _OFFICERS.items()]
    root = accounts.create_account(world.session, None, username="quan-tri", administrator=True)
    accounts.set_password(world.session, root, WORD, now)
    return [*shown, DemoAccount("quan-tri", WORD, "Quản trị hệ thống", "Tài khoản và chức trách; không có quyền nghiệp vụ")]
