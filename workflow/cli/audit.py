"""``nennep audit``: take the journal out of the house, and prove it, here or from a file."""
from __future__ import annotations

import json
from pathlib import Path

import click

from workflow import export as exports
from workflow import verify as verifier
from workflow.site import open_home


@click.group()
def audit() -> None:
    """The journal (nhật ký): export and proof."""


@audit.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def export(file: Path, as_json: bool) -> None:
    """Write journal and tables to FILE (``.gz``: compressed), to be proved anywhere by workflow/verify.py.

    The file holds personal data; only its owner can read it.
    """
    site = open_home()
    try:
        counts = exports.write(site.database, file)
    except OSError as error:
        raise click.ClickException(f"cannot write {file}: {error.strerror}") from error
    finally:
        site.close()
    click.echo(json.dumps({"file": str(file), **counts}) if as_json
               else f"{file}: " + ", ".join(f"{n} {name}" for name, n in counts.items()))


@audit.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def verify(file: Path | None, as_json: bool) -> None:
    """Prove chain, commitments, steps and rows of FILE, or of the database. Exit code 1 on findings."""
    proof = verifier.Audit()
    try:
        if file is not None:
            found = list(proof.findings(verifier.open_lines(str(file))))
        else:
            site = open_home()
            found = list(proof.findings(exports.lines(site.database)))
            site.close()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file} cannot be read: {error}") from error
    if as_json:
        click.echo(json.dumps({"ok": not found, **proof.counts, "findings": [
            {"entry": f.entry, "where": f.where, "what": f.what} for f in found]}, ensure_ascii=False))
    else:
        for finding in found:
            click.echo(str(finding))
        click.echo(", ".join(f"{n} {name}" for name, n in proof.counts.items()) + f": {len(found)} findings")
    raise SystemExit(1 if found else 0)
