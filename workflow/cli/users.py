"""``nennep setup`` and ``nennep user``: the first administrator, accounts and offices, without the site.

Whoever runs these commands holds the machine; the journal names no account for what they write.
"""
from __future__ import annotations

import datetime as dt
from typing import Any

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import accounts, migrate, offices, people
from workflow.cli.common import DAY, json_option, print_json
from workflow.cli.home import changing, opened, store
from workflow.errors import BadInput
from workflow.inputs import shown
from workflow.models import Account, Person
from workflow.offices import ADMINISTRATOR


@click.command()
@click.option("--username", default="admin", show_default=True, help="Tên đăng nhập của người quản trị (the administrator's user name).")
@json_option
def setup(username: str, as_json: bool) -> None:
    """Lập người quản trị đầu tiên của một bản cài đặt mới (first administrator of an empty real home, by one-time code)."""
    with store(current=False) as (_, database):
        migrate.upgrade(database)
    with changing(as_json) as (site, session):
        if site.is_demo:
            raise BadInput("Đây là bản dùng thử; người quản trị của nó đã có sẵn.")
        if accounts.has_accounts(session):
            raise BadInput("Đã có tài khoản; thêm người quản trị bằng: nennep user add TÊN --administrator")
        account = accounts.create_account(session, None, username=username, administrator=True)
        code = accounts.issue_code(session, None, account, _now())
        name = session.scalars(sa.select(Account.username).where(Account.id == account)).one()
    _show_code(name, code, as_json)


@click.group()
def user() -> None:
    """Tài khoản và chức trách (accounts and offices)."""


@user.command()
@click.argument("name")
@click.option("--full-name", help="Họ và tên của người dùng tài khoản (the person's full name).")
@click.option("--person", "key", metavar="KEY", help="Mã của người đã có trong dữ liệu (key of a person already entered).")
@click.option("--administrator", is_flag=True, help="Quản trị tài khoản, không có quyền nghiệp vụ (administers accounts, no business right).")
@json_option
def add(name: str, full_name: str | None, key: str | None, administrator: bool, as_json: bool) -> None:
    """Lập tài khoản NAME và in mã dùng một lần (make an account; prints its one-time code)."""
    with changing(as_json) as (site, session):
        person = people.person_id(session, key) if key else None
        if key and person is None:
            raise BadInput(f"Không có người mang mã {key} (no such person).")
        if person is None and not (administrator and full_name is None):
            person = people.add_person(session, None, site.clock.today(), full_name=full_name or name, key=_free_key(session, name))
        account = accounts.create_account(session, None, username=name, person=person, administrator=administrator)
        code = accounts.issue_code(session, None, account, _now())
    _show_code(name.lower(), code, as_json)


@user.command()
@click.argument("name")
@click.argument("role")
@click.argument("unit")
@click.option("--from", "since", type=DAY, required=True, metavar="D", help="Ngày đầu (first day).")
@click.option("--to", "until", type=DAY, metavar="D", help="Ngày cuối; để trống là chưa định (last day; open when left out).")
@click.option("--paper", help="Văn bản giao chức trách (the paper that grants it).")
@json_option
def grant(name: str, role: str, unit: str, since: dt.date, until: dt.date | None, paper: str | None, as_json: bool) -> None:
    """Giao chức trách ROLE tại đơn vị UNIT cho tài khoản NAME (grant an office)."""
    with changing(as_json) as (site, session):
        if role == ADMINISTRATOR:
            raise BadInput("Quyền quản trị không gắn với đơn vị; lập bằng: nennep user add TÊN --administrator")
        person = session.scalar(sa.select(Account.person_id).where(Account.id == _account(session, name)))
        if person is None:
            raise BadInput(f"Tài khoản {name} không gắn với người nào, không giữ chức trách được (no person behind this account).")
        office = offices.grant_office(session, None, site.clock.today(), person=person, role=role, unit=unit, since=since,
                                      until=until, paper=paper)
        label = site.book.offices[role].label.vi
    if as_json:
        print_json({"username": name.lower(), "office": office, "role": role, "unit": unit, "from": since.isoformat(),
                    "to": until.isoformat() if until else None})
    else:
        click.echo(f"{name}: {label} tại {unit} từ {shown(since)}{' đến ' + shown(until) if until else ''}.")


@user.command()
@click.argument("name")
@json_option
def reset(name: str, as_json: bool) -> None:
    """Cấp mã mới cho tài khoản NAME; mật khẩu cũ hết hiệu lực (new one-time code; the old password and sessions end)."""
    with changing(as_json) as (_, session):
        code = accounts.issue_code(session, None, _account(session, name), _now())
    _show_code(name.lower(), code, as_json)


@user.command()
@click.argument("name")
def disable(name: str) -> None:
    """Khóa tài khoản NAME (nobody can sign in to it; its sessions end)."""
    with changing(False) as (_, session):
        accounts.disable_account(session, None, _account(session, name), _now())
    click.echo(f"Đã khóa tài khoản {name}.")


@user.command()
@click.argument("name")
def enable(name: str) -> None:
    """Mở khóa tài khoản NAME (let it be used again)."""
    with changing(False) as (_, session):
        accounts.enable_account(session, None, _account(session, name))
    click.echo(f"Đã mở khóa tài khoản {name}.")


@user.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Các tài khoản và chức trách hôm nay (accounts, and the offices held today)."""
    with opened() as site, site.database.read() as session:
        today = site.clock.today()
        query = sa.select(Account, Person.full_name).outerjoin(Person, Person.id == Account.person_id).order_by(Account.username)
        found: list[dict[str, Any]] = [{"username": account.username, "full_name": name, "administrator": account.administrator,
                  "disabled": account.disabled,
                  "offices": [f"{o.role}@{o.unit_code}" for o in offices.offices_of(session, account.person_id, today)]
                  if account.person_id else []} for account, name in session.execute(query)]
    if as_json:
        print_json(found)
        return
    for row in found:
        marks = [m for m, on in (("quản trị", row["administrator"]), ("đã khóa", row["disabled"])) if on]
        click.echo(" · ".join([row["username"], *([row["full_name"]] if row["full_name"] else []), *marks, *row["offices"]]))


def _account(session: Session, name: str) -> int:
    found = accounts.account_id(session, name)
    if found is None:
        raise BadInput(f"Không có tài khoản {name} (no such account).")
    return found


def _free_key(session: Session, name: str) -> str | None:
    """The user name as the person's key, unless another person has it."""
    return name.lower() if people.person_id(session, name.lower()) is None else None


def _now() -> dt.datetime:
    """Codes last in real time, also where a demo's today stands still."""
    return dt.datetime.now(dt.timezone.utc)


def _show_code(name: str, code: str, as_json: bool) -> None:
    if as_json:
        print_json({"username": name, "code": code, "hours": int(accounts.CODE_LASTS.total_seconds() // 3600)})
        return
    click.echo(f"Tài khoản: {name}")
    click.echo(f"Mã dùng một lần (one-time code): {code}")
    click.echo("Mã chỉ hiện lần này và dùng được trong 24 giờ: mở trang đăng nhập, chọn dùng mã để đặt mật khẩu.")
