"""``nennep demo``: sample data for an empty home, and the day that stands in it."""
from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable

import click

from workflow import migrate
from workflow.cli.common import DAY, day_text, json_option, print_json, wrong_use
from workflow.cli.home import opened, store
from workflow.demo import load as demo
from workflow.demo.accounts import TRY_NAME, DemoAccount
from workflow.errors import BadInput, WorkflowError


@click.command("demo")
@click.argument("name", metavar="[SET]", required=False)
@click.option("--if-empty", is_flag=True, help="Không làm gì khi đã có dữ liệu (leave a home that holds data alone, and exit 0).")
@click.option("--today", type=DAY, metavar="D", help="Chuyển ngày của bản dùng thử tới D, không lùi (move the demo's day forward).")
@json_option
def command(name: str | None, if_empty: bool, today: dt.date | None, as_json: bool) -> None:
    """Nạp dữ liệu mẫu vào một bản cài đặt trống (load invented sample data into an empty home)."""
    if name is not None and name not in demo.SETS:
        wrong_use(f"Không có bộ dữ liệu mẫu {name} (no such set); có (there are): {', '.join(demo.SETS)}.", as_json)
    if today is not None:
        _move(today, as_json)
        return
    with store(current=False) as (_, database):
        if not migrate.is_current(database):
            migrate.upgrade(database)
    with opened() as site:
        with site.database.read() as session:
            held, empty, shown = demo.loaded(session), demo.is_empty(session), demo.accounts_of(session)
        if held is None and not empty:
            if if_empty:
                return
            raise click.ClickException("Bản cài đặt này đã có dữ liệu; dữ liệu mẫu chỉ nạp vào bản trống, hãy đặt NENNEP_HOME tới thư mục "
                                       "khác (this home holds data of its own; the demo needs an empty one, set NENNEP_HOME).")
        if held is not None and name not in (None, held) and not if_empty:
            raise click.ClickException(f"Bản cài đặt này đang giữ bộ dữ liệu mẫu {held}; hãy đặt NENNEP_HOME tới thư mục khác để nạp {name} "
                                       f"(this home holds the set {held}; set NENNEP_HOME to load {name}).")
        chosen = held or name or demo.USUAL
        if held is None:
            begun = time.monotonic()
            try:
                shown = demo.load(site.database, site.book, chosen, told=_teller(as_json))
            except WorkflowError as error:
                raise click.ClickException(f"Không nạp được dữ liệu mẫu, không có gì được ghi (nothing was written): {error}") from error
            took = round(time.monotonic() - begun)
            site.refresh()
            _say(f"Đã nạp dữ liệu mẫu trong {took} giây (demo loaded).", as_json)
        elif not if_empty:
            _say("Bản cài đặt này đã có dữ liệu mẫu (this home already holds the demo).", as_json)
        _show(chosen, shown, site.clock.today(), as_json)


def _move(today: dt.date, as_json: bool) -> None:
    with opened() as site:
        if not site.is_demo:
            raise click.ClickException("Đây không phải bản dùng thử; ngày của nó là ngày thật (this is no demo home; its day is the real one).")
        try:
            site.set_demo_today(today)
        except BadInput as error:
            wrong_use(str(error), as_json)
        _say(f"Hôm nay của bản dùng thử (the demo's today): {day_text(site.clock.today())}.", as_json)
        if as_json:
            print_json({"today": site.clock.today().isoformat()})


def _teller(as_json: bool) -> Callable[[int, int, dt.date], None]:
    """Shows how far loading is: one line that changes on a terminal, a line now and then elsewhere."""
    steps = 100 if sys.stderr.isatty() else 10
    seen = 0

    def told(done: int, of: int, day: dt.date) -> None:
        nonlocal seen
        if as_json or done * steps // of == seen:
            return
        seen = done * steps // of
        line = f"Đang nạp dữ liệu mẫu (loading): {done * 100 // of:3d}%  {day:%d/%m/%Y}"
        click.echo(f"\r{line}" if steps == 100 and done < of else ("\r" if steps == 100 else "") + line + "\n", nl=False, err=True)

    return told


def _show(name: str, shown: list[DemoAccount], today: dt.date, as_json: bool) -> None:
    if as_json:
        print_json({"today": today.isoformat(), "accounts": [
            {"username": a.username, "password": a.password, "name": a.name, "says": a.says} for a in shown]})
        return
    click.echo(f"Dữ liệu mẫu, người và việc đều hư cấu (sample data, all people invented). Hôm nay (today): {day_text(today)}")
    click.echo(f"Tài khoản, cùng mật khẩu (accounts, one password): {shown[0].password if shown else ''}")
    width = max((len(a.username) for a in shown), default=0)
    for account in shown:
        click.echo(f"  {account.username:<{width}}  {account.name} · {account.says}")
    click.echo(_HINTS[name])


#: What to try with each set.
_HINTS = {
    "lam-binh": f"Thử đi hết một hồ sơ (take one person all the way): giới thiệu {TRY_NAME} bằng tài khoản doan-xa; xem docs/demo.md",
    "seeds": "Đối chiếu từng số liệu của năm bài báo (every figure of the articles): nennep report seeds",
}


def _say(text: str, as_json: bool) -> None:
    if not as_json:
        click.echo(text)
