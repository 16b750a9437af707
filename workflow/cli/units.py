"""``nennep unit``: acts on the organisation, until their pages come. Without them a new installation has no unit at all.

Whoever runs these commands holds the machine; the journal names no account for what they write.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import click
import sqlalchemy as sa

from workflow import tree, units
from workflow.cli.common import DAY, json_option, print_json
from workflow.cli.home import changing, opened
from workflow.models import Unit, UnitVersion


@click.group()
def unit() -> None:
    """Tổ chức đảng theo thời gian (units over time: found, rename, move, merge, end)."""


def _act(*parameters: Callable[[Any], Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An act on the organisation: its own parameters, the day, the paper."""
    def made(function: Callable[..., Any]) -> Callable[..., Any]:
        shared = (click.option("--on", "on", type=DAY, required=True, metavar="D", help="Ngày có hiệu lực (the day it takes effect)."),
                  click.option("--paper", help="Văn bản làm căn cứ (the paper it rests on)."), json_option)
        for parameter in (*reversed(shared), *reversed(parameters)):
            function = parameter(function)
        return function
    return made


def _record(act: Callable[..., Any], told: str, on: dt.date, paper: str | None, as_json: bool, **given: Any) -> None:
    """Carry out an act on the organisation and say of which unit it was."""
    with changing(as_json) as (_, session):
        act(session, None, on, paper=paper, **given)
    if as_json:
        print_json({"unit": told, "on": on.isoformat()})
    else:
        click.echo(f"Đã ghi vào sổ: {told}, {on:%d/%m/%Y} (recorded).")


@unit.command()
@_act(click.argument("code"), click.argument("name"), click.argument("kind"),
      click.option("--parent", metavar="CODE", help="Tổ chức cấp trên (the unit above)."),
      click.option("--until", type=DAY, metavar="D", help="Ngày cuối, nếu đã biết (last day, where it is known)."))
def found(code: str, name: str, kind: str, parent: str | None, until: dt.date | None, on: dt.date, paper: str | None,
          as_json: bool) -> None:
    """Thành lập một tổ chức (found a unit of a KIND of the law)."""
    _record(units.found, code, on, paper, as_json, code=code, name=name, kind=kind, parent=parent, until=until)


@unit.command()
@_act(click.argument("code"), click.argument("name"))
def rename(code: str, name: str, on: dt.date, paper: str | None, as_json: bool) -> None:
    """Đổi tên một tổ chức (rename a unit)."""
    _record(units.rename, code, on, paper, as_json, unit=code, name=name)


@unit.command()
@_act(click.argument("code"), click.argument("parent"))
def move(code: str, parent: str, on: dt.date, paper: str | None, as_json: bool) -> None:
    """Chuyển một tổ chức về cấp trên khác (move a unit below another)."""
    _record(units.move, code, on, paper, as_json, unit=code, parent=parent)


@unit.command()
@_act(click.argument("code"), click.argument("kind"))
def change(code: str, kind: str, on: dt.date, paper: str | None, as_json: bool) -> None:
    """Đổi loại hình một tổ chức (change the kind of a unit)."""
    _record(units.change, code, on, paper, as_json, unit=code, kind=kind)


@unit.command()
@_act(click.argument("codes", nargs=-1, required=True), click.option("--into", required=True, metavar="CODE",
                                                                     help="Tổ chức nhận (the unit that takes over)."))
def merge(codes: tuple[str, ...], into: str, on: dt.date, paper: str | None, as_json: bool) -> None:
    """Sáp nhập các tổ chức vào một tổ chức; hồ sơ đang mở đi theo (merge units into one; open cases follow)."""
    _record(units.merge, into, on, paper, as_json, units=list(codes), into=into)


@unit.command()
@_act(click.argument("code"), click.option("--successor", metavar="CODE", help="Tổ chức kế thừa (who takes over)."))
def end(code: str, successor: str | None, on: dt.date, paper: str | None, as_json: bool) -> None:
    """Kết thúc một tổ chức; --on là ngày cuối cùng (end a unit; --on is its last day)."""
    _record(units.end, code, on, paper, as_json, unit=code, successor=successor)


@unit.command("list")
@click.option("--on", "on", type=DAY, metavar="D", help="Vào ngày; mặc định hôm nay (on a day; today by default).")
@json_option
def list_units(on: dt.date | None, as_json: bool) -> None:
    """Các tổ chức vào một ngày (the units alive on a day, upper ones first)."""
    with opened() as site, site.database.read() as session:
        day = on or site.clock.today()
        version, parent = sa.orm.aliased(UnitVersion), sa.orm.aliased(Unit)
        query = (sa.select(Unit.code, version.name, version.kind, parent.code)
                 .join(version, version.unit_id == Unit.id).outerjoin(parent, parent.id == version.parent_id)
                 .where(tree.alive(sa.inspect(version).selectable, day)).order_by(parent.code, version.sort_key))
        rows = [tuple(row) for row in session.execute(query)]
    if as_json:
        print_json([{"code": c, "name": n, "kind": k, "parent": p} for c, n, k, p in rows])
        return
    for code, name, kind, upper in rows:
        click.echo(f"{code} · {name} [{kind}]" + (f" · thuộc {upper}" if upper else ""))
    if not rows:
        click.echo("Chưa có tổ chức nào; lập tổ chức đầu tiên: nennep unit found MÃ TÊN LOẠI --on NGÀY")
