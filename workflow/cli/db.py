"""``nennep db``: bring the database to this version, and compare it with what this version expects."""
from __future__ import annotations

import json

import click

from workflow import migrate
from workflow.site import open_home


@click.group()
def db() -> None:
    """The database (cơ sở dữ liệu)."""


@db.command()
def upgrade() -> None:
    """Migrate to this version and set the triggers that keep the journal."""
    site = open_home()
    migrate.upgrade(site.database)
    found = migrate.check(site.database)
    site.close()
    if found:
        raise click.ClickException("\n".join(found))
    click.echo("The database is up to date.")


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def check(as_json: bool) -> None:
    """Compare models, migrations, named CHECKs and triggers with the database. Exit code 1 when something differs."""
    site = open_home()
    found = migrate.check(site.database)
    site.close()
    if as_json:
        click.echo(json.dumps({"ok": not found, "findings": found}, ensure_ascii=False))
    else:
        for finding in found:
            click.echo(finding)
        click.echo("The database is as this version expects." if not found else f"{len(found)} findings.")
    raise SystemExit(1 if found else 0)
