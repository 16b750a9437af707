"""The accounts that anybody may try, and the person left for the visitor to take from nomination to membership."""
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from workflow import accounts
from workflow.demo.organisation import COMMUNE, TRY_CELL
from workflow.demo.world import TODAY, World
from workflow.models import Person, Setting
from workflow.site import DEMO_TODAY

ACCOUNTS, SET = "demo.accounts", "demo.set"
#: One for all: nothing in a demo is worth hiding.
WORD = "nen-nep-dung-thu"
#: The person to try with.
TRY_KEY, TRY_NAME = "ho-so-de-thu", "Nông Thị Thử Nghiệm"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account as it is shown: what to type, who that is, and what may be tried with it."""

    username: str
    password: str
    name: str
    says: str


#: User name -> role, unit, what it may do.
_OFFICERS = {
    "bi-thu": ("cell_secretary", TRY_CELL, "Bí thư chi bộ: danh sách cảm tình, hồ sơ, họp chi bộ, lễ kết nạp"),
    "bi-thu-thon": ("cell_secretary", "LC-01", "Bí thư chi bộ thôn: chi bộ cơ sở trực thuộc đảng ủy xã, đang được củng cố"),
    "doan-xa": ("union_officer", "D-LK", "Cán bộ Đoàn: giới thiệu quần chúng ưu tú"),
    "trung-tam": ("training_centre", "TTCT", "Trung tâm chính trị: giấy chứng nhận các lớp"),
    "can-bo-co-so": ("base_officer", "UB", "Cán bộ đảng ủy cơ sở: thẩm tra lý lịch, nhập nghị quyết"),
    "ky-co-so": ("base_signer", "UB", "Người ký thay mặt đảng ủy cơ sở"),
    "bo-phan": ("subcommittee_officer", "GD", "Đảng ủy bộ phận: thẩm định nghị quyết của chi bộ"),
    "xay-dung-dang": ("board_officer", COMMUNE, "Ban Xây dựng Đảng: thẩm định hồ sơ, nhập quyết định; rà soát đơn vị yếu, thẩm định xếp loại"),
    "thuong-vu": ("standing_board_signer", COMMUNE, "Người ký thay mặt ban thường vụ đảng ủy xã: kết nạp, xếp loại, củng cố"),
    "kiem-tra": ("inspector", COMMUNE, "Cán bộ kiểm tra: chỉ xem, đọc toàn bộ lịch sử"),
}


def try_person(world: World) -> None:
    """Somebody with no case yet, whom the accounts below can take all the way."""
    who = world.names.person(23, 26, TODAY, gender="female")
    invented = type(who)(TRY_NAME, who.gender, "Tày", dt.date(2001, 3, 8))
    world.person(invented, key=TRY_KEY, unit=TRY_CELL, standing="none")


#: Accounts of people who have a part in a consolidation: user name -> what it may do.
_IN_TEAMS = {
    "to-truong": "Ủy viên ban thường vụ, tổ trưởng tổ công tác: bắt đầu củng cố, báo cáo hằng tháng; không được công nhận đơn vị của tổ mình",
    "can-bo-tang-cuong": "Cán bộ tăng cường về chi bộ LC-01: xem kế hoạch củng cố, ghi tiến độ biện pháp của mình",
}


def open_accounts(world: World, in_teams: Mapping[str, int]) -> list[DemoAccount]:
    """Give the accounts their passwords and keep the list for the sign-in page; ``in_teams`` are people by key."""
    now = world.clock.now()
    shown: list[DemoAccount] = []
    for username, (role, unit, says) in _OFFICERS.items():
        shown.append(let_in(world, username, world.holder(role, unit, TODAY), says, now))
        if username == "ky-co-so":
            shown.append(let_in(world, "giup-do", world.cells[TRY_CELL].members[1], "Đảng viên được phân công giúp đỡ: báo cáo hằng tháng", now))
    shown += [let_in(world, username, in_teams[username], says, now) for username, says in _IN_TEAMS.items()]
    root = accounts.create_account(world.session, None, username="quan-tri", administrator=True)
    accounts.set_password(world.session, root, WORD, now)
    shown.append(DemoAccount("quan-tri", WORD, "Quản trị hệ thống", "Tài khoản và chức trách; không có quyền nghiệp vụ"))
    return shown


def let_in(world: World, username: str, person: int, says: str, now: dt.datetime) -> DemoAccount:
    """Give the account of a person the password that is shown."""
    actor = world.actors[person]
    accounts.set_password(world.session, actor.account_id, WORD, now)
    name = world.session.scalar(sa.select(Person.full_name).where(Person.id == person)) or username
    if actor.username != username:
        raise LookupError(f"{username} is the account {actor.username}")
    return DemoAccount(username, WORD, name, says)


def seal(world: World, shown: list[DemoAccount], name: str, today: dt.date) -> None:
    """What marks the home as a demo: its day, its set, its accounts."""
    rows = {DEMO_TODAY: today.isoformat(), SET: name, ACCOUNTS: json.dumps([asdict(a) for a in shown], ensure_ascii=False)}
    world.session.connection().execute(sa.insert(Setting), [{"key": key, "value": value} for key, value in rows.items()])
