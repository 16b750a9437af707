"""``nennep audit``: take the journal out of the house, and prove it, here or from a file."""
from __future__ import annotations

import json
from pathlib import Path

import click

from workflow import export as exports
from workflow import tree
from workflow import verify as verifier
from workflow.cli.common import json_option
from workflow.cli.home import store


@click.group()
def audit() -> None:
    """Nhật ký: xuất và kiểm chứng (the journal: export and proof)."""


@audit.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def export(file: Path, as_json: bool) -> None:
    """Xuất nhật ký và các bảng ra FILE (``.gz``: nén) để kiểm chứng ở nơi khác bằng workflow/verify.py.

    Writes journal and tables to FILE. The file holds personal data; only its owner can read it.
    """
    with store() as (_, database):
        try:
            counts = exports.write(database, file)
        except OSError as error:
            raise click.ClickException(f"không ghi được {file} (cannot be written): {error.strerror}") from error
    click.echo(json.dumps({"file": str(file), **counts}) if as_json
               else f"{file}: " + ", ".join(f"{n} {name}" for name, n in counts.items()))


@audit.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def verify(file: Path | None, as_json: bool) -> None:
    """Kiểm chứng FILE, hoặc cơ sở dữ liệu đang dùng (prove chain, commitments, steps and rows; exit 1 on findings)."""
    proof = verifier.Audit()
    if file is None:
        with store() as (_, database):
            found = list(proof.findings(exports.lines(database)))
            with database.read() as session:
                found += [verifier.Finding("unit_closure", fault) for fault in tree.closure_faults(session)]
    else:
        try:
            found = list(proof.findings(verifier.open_lines(str(file))))
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise click.ClickException(f"không đọc được {file} (cannot be read): {error}") from error
    if as_json:
        click.echo(json.dumps({"ok": not found, **proof.counts, "findings": [
            {"entry": f.entry, "where": f.where, "what": f.what} for f in found]}, ensure_ascii=False))
    else:
        for finding in found:
            click.echo(str(finding))
        click.echo(", ".join(f"{n} {name}" for name, n in proof.counts.items()) + f": {len(found)} findings")
    raise SystemExit(1 if found else 0)
