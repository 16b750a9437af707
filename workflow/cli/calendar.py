"""``nennep calendar``: working days, as the law counts them."""
from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from workflow.cli.common import DAY, day_text, json_option, law_option, open_law, print_json, wrong_use

_LONGEST = 10_000


@click.group()
def calendar() -> None:
    """Ngày làm việc theo lịch nghỉ đã thông báo (working days by the published calendar)."""


@calendar.command()
@click.argument("day", type=DAY, metavar="D")
@click.argument("number", type=click.IntRange(0, _LONGEST), metavar="N")
@law_option
@json_option
def add(day: dt.date, number: int, law: tuple[Path, ...], as_json: bool) -> None:
    """Ngày làm việc thứ N sau ngày D; ngày liền sau D là ngày 1 (the N-th working day after D)."""
    book = open_law(law, as_json)
    due = book.calendar.add(day, number)
    if due.on == dt.date.max:
        wrong_use("ngày ra ngoài lịch (the day is beyond the calendar)", as_json)
    if as_json:
        print_json({"start": day.isoformat(), "working_days": number, "date": due.on.isoformat(),
                    "provisional": due.provisional})
        return
    click.echo(f"{due.on.isoformat()} ({day_text(due.on)})")
    if due.provisional:
        click.echo("Tạm tính: chưa có thông báo lịch nghỉ cho cả thời gian này (provisional).")


@calendar.command()
@click.argument("first", type=DAY, metavar="A")
@click.argument("last", type=DAY, metavar="B")
@law_option
@json_option
def between(first: dt.date, last: dt.date, law: tuple[Path, ...], as_json: bool) -> None:
    """Số ngày làm việc sau ngày A đến hết ngày B (working days after A up to and including B)."""
    book = open_law(law, as_json)
    if last < first:
        wrong_use(f"B ({last}) trước A ({first}); đổi lại thứ tự (B is before A)", as_json)
    number = book.calendar.between(first, last)
    provisional = book.calendar.is_provisional(first, last)
    if as_json:
        print_json({"from": first.isoformat(), "to": last.isoformat(), "working_days": number,
                    "provisional": provisional})
        return
    click.echo(str(number))
    if provisional:
        click.echo("Tạm tính: chưa có thông báo lịch nghỉ cho cả thời gian này (provisional).")
