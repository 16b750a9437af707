"""``nennep db``: bring the database to this version, and compare it with what this version expects."""
from __future__ import annotations

import json

import click

from workflow import migrate
from workflow.cli.common import json_option
from workflow.cli.home import store


@click.group()
def db() -> None:
    """Cơ sở dữ liệu (the database)."""


@db.command()
def upgrade() -> None:
    """Nâng cấp cơ sở dữ liệu lên phiên bản này (migrate, and set the triggers that keep the journal)."""
    with store(current=False) as (_, database):
        migrate.upgrade(database)
        found = migrate.check(database)
    if found:
        raise click.ClickException("\n".join(found))
    click.echo("Cơ sở dữ liệu đã ở phiên bản này (the database is at this version).")


@db.command()
@json_option
def check(as_json: bool) -> None:
    """So cơ sở dữ liệu với phiên bản này (compare models, migrations, named CHECKs and triggers; exit 1 on a difference)."""
    with store(current=False) as (_, database):
        found = migrate.check(database)
    if as_json:
        click.echo(json.dumps({"ok": not found, "findings": found}, ensure_ascii=False))
    else:
        for finding in found:
            click.echo(finding)
        click.echo(f"{len(found)} điểm khác (findings)." if found else "Cơ sở dữ liệu đúng như phiên bản này cần (as expected).")
    raise SystemExit(1 if found else 0)
