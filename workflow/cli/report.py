"""``nennep report``: a report by its name, the same figures as on its page."""
from __future__ import annotations

import datetime as dt

import click

from workflow import reports
from workflow.cli.common import DAY, json_option, print_json, wrong_use
from workflow.cli.home import opened
from workflow.errors import BadInput, NotFound
from workflow.inputs import shown
from workflow.reports.model import KINDS, Cell, Column, Report

_NAMES = "\n".join(f"  {name:<16} {title.vi} ({title.en})" for name, title in reports.names())


@click.command(epilog=f"\b\nBáo cáo (reports):\n{_NAMES}")
@click.argument("name", metavar="NAME")
@click.option("--on", "on", type=DAY, metavar="D", help="Ngày chốt số liệu, mặc định hôm nay (cut-off day; default today).")
@click.option("--unit", "code", metavar="CODE", help="Của đơn vị này và các đơn vị bên dưới (this unit and all below it).")
@click.option("--option", "-o", "given", multiple=True, metavar="KEY=VALUE",
              help="Tùy chọn của báo cáo, ví dụ map=now (an option of the report; repeatable).")
@json_option
def report(name: str, on: dt.date | None, code: str | None, given: tuple[str, ...], as_json: bool) -> None:
    """In một báo cáo (print a report). Không có --unit là tính trên mọi đơn vị (without a unit all are counted)."""
    if name not in reports.REPORTS:
        wrong_use(f"không có báo cáo {name}; có: {', '.join(sorted(reports.REPORTS))} (no such report)", as_json,
                  reports=sorted(reports.REPORTS))
    if wrong := [text for text in given if "=" not in text]:
        wrong_use(f"{wrong[0]}: tùy chọn viết dạng KEY=VALUE (expected KEY=VALUE)", as_json)
    options = {key.strip(): value.strip() for key, _, value in (text.partition("=") for text in given)}
    with opened() as site:
        day = on or site.clock.today()
        try:
            with site.database.read() as session:
                made = reports.run(session, name, unit=code, on=day, options=options)
        except (BadInput, NotFound) as error:
            wrong_use(str(error), as_json)
        except reports.NotAvailable as error:
            if as_json:
                print_json({"error": str(error)})
                raise SystemExit(1) from None
            raise click.ClickException(str(error)) from None
    if as_json:
        print_json(reports.as_json(made))
    else:
        click.echo("\n".join(lines(made)))


def lines(made: Report) -> list[str]:
    """A report as lines of text, its columns aligned."""
    head = [column.label.vi for column in made.columns]
    table = [[_text(row.cells.get(column.id), column) for column in made.columns] for row in made.rows]
    for cells, row in zip(table, made.rows, strict=True):
        cells[0] = "  " * row.indent + cells[0]
    widths = [max(len(line[i]) for line in [head, *table]) for i in range(len(head))]
    place = f" – {made.unit.name} [{made.unit.code}]" if made.unit else ""
    found = [f"{made.title.vi}{place}, đến ngày {shown(made.on)}"]
    found += [made.basis.vi] if made.basis else []
    for line in [head, ["─" * width for width in widths], *table]:
        cells = [text.ljust(w) if column.kind in ("text", "day") else text.rjust(w)
                 for text, w, column in zip(line, widths, made.columns, strict=True)]
        found.append("  ".join(cells).rstrip())
    return [*found, *(f"* {note.vi}" for note in made.notes)]


def _text(cell: Cell | None, column: Column) -> str:
    if cell is None or cell.value is None:
        return ""
    mark = f" ({KINDS[cell.kind][0]})" if cell.kind and column.kind in ("number", "percent") else ""
    return reports.words(cell, column) + mark
