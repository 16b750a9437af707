"""The command line. Each area has a module of its own, registered here."""
from __future__ import annotations

import click

from workflow.cli.audit import audit
from workflow.cli.calendar import calendar
from workflow.cli.case import case
from workflow.cli.db import db
from workflow.cli.demo import command as demo
from workflow.cli.due import due
from workflow.cli.report import report
from workflow.cli.rules import rules
from workflow.cli.scenario import scenario
from workflow.cli.units import unit
from workflow.cli.users import setup, user
from workflow.cli.work import work


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def cli() -> None:
    """Nền Nếp: quy định, hồ sơ, lịch và sổ sách (rules, cases, calendar and records).

    Mã thoát (exit code): 0 làm xong việc được giao, 1 có vấn đề cần xem, 2 dùng sai lệnh.
    """


cli.add_command(rules)
cli.add_command(calendar)
for _command in (demo, db, audit, work, setup, user, unit, due, scenario, case, report):
    cli.add_command(_command)
