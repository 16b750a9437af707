"""What the commands share: days, the law they work under, and how they print."""
from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from rules.book import Rulebook, load
from rules.loader import LawError, Problem
from workflow.site import law_paths

F = TypeVar("F", bound=Callable[..., Any])
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z")
_LOCAL = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\Z")
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


class Day(click.ParamType):
    """A day as ``yyyy-mm-dd`` or ``dd/mm/yyyy``."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        if isinstance(value, dt.date):
            return value
        iso, local = _ISO.match(value), _LOCAL.match(value)
        try:
            if iso:
                return dt.date(int(iso[1]), int(iso[2]), int(iso[3]))
            if local:
                return dt.date(int(local[3]), int(local[2]), int(local[1]))
        except ValueError:
            self.fail(f"{value} không có trong lịch (no such day)", param, ctx)
        self.fail(f"{value}: ngày viết dạng 2026-03-11 hoặc 11/03/2026 (expected yyyy-mm-dd or dd/mm/yyyy)", param, ctx)


DAY = Day()


def law_option(command: F) -> F:
    """``--law DIR``, repeatable."""
    return click.option(
        "--law", "law", multiple=True, type=click.Path(exists=True, path_type=Path), metavar="DIR",
        help="Thư mục quy định: có tệp trung ương thì thay bộ kèm theo, chỉ có lớp địa phương thì thêm vào "
             "(a folder of law files; repeatable; NENNEP_LAW_PATH is read too).")(command)


def json_option(command: F) -> F:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True,
                        help="In một tài liệu JSON (print one JSON document).")(command)


def paths_of(law: Sequence[Path]) -> list[Path] | None:
    """The folders of the law: those of the environment, then those of the command line."""
    found = [*(law_paths() or ()), *law]
    return found or None


def open_law(law: Sequence[Path], as_json: bool = False) -> Rulebook:
    """The law to work under; when it cannot be read, its problems and exit 1."""
    try:
        return load(paths_of(law))
    except LawError as error:
        if as_json:
            print_json({"error": "law", "problems": [p.as_json() for p in error.problems]})
        else:
            print_problems(error.problems, err=True)
            click.echo("Không đọc được quy định (the law cannot be read).", err=True)
        sys.exit(1)


def print_problems(problems: Sequence[Problem], *, err: bool = False) -> None:
    for problem in problems:
        click.echo(f"{'Lưu ý' if problem.warning else 'Lỗi'}: {problem}", err=err)


def print_json(document: Any) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def wrong_use(message: str, as_json: bool = False, **more: Any) -> NoReturn:
    """Say what is wrong with the request, and exit 2."""
    if as_json:
        print_json({"error": message, **more})
    else:
        click.echo(f"Lỗi: {message}", err=True)
    sys.exit(2)


def day_text(day: dt.date) -> str:
    """A day as an officer writes it."""
    return f"{_WEEKDAYS[day.weekday()]}, {day:%d/%m/%Y}"
