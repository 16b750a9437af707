"""``nennep due``: what is late, due today or due soon in a subtree."""
from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

import click

from workflow import tree
from workflow.cli.common import DAY, json_option, print_json, wrong_use
from workflow.cli.home import opened
from workflow.due import DueRow
from workflow.due import due as duties_due
from workflow.inputs import shown

_HEADS = {"late": "Quá hạn", "today": "Đến hạn hôm nay", "soon": "Sắp đến hạn"}


@click.command()
@click.option("--on", "on", type=DAY, metavar="D", help="Ngày xem, mặc định hôm nay (day to look from; default today).")
@click.option("--unit", "code", metavar="CODE", help="Chỉ trong đơn vị này và các đơn vị bên dưới (this unit and all below it).")
@click.option("--days", default=30, show_default=True, type=click.IntRange(0, 3660), help="Nhìn trước bao nhiêu ngày (days ahead).")
@json_option
def due(on: dt.date | None, code: str | None, days: int, as_json: bool) -> None:
    """Việc quá hạn, đến hạn và sắp đến hạn (duties late, due today and due soon)."""
    with opened() as site:
        day = on or site.clock.today()
        with site.database.read() as session:
            unit = tree.unit_on(session, code, day) if code else None
            if code and unit is None:
                wrong_use(f"không có đơn vị {code} hoạt động vào ngày {shown(day)} (no such unit on that day)", as_json)
            rows = duties_due(session, day, unit.id if unit else None, horizon_days=days)
    by_status = {status: [row for row in rows if row.status == status] for status in _HEADS}
    if as_json:
        print_json({"on": day.isoformat(), "unit": code, "days": days, **{s: len(found) for s, found in by_status.items()},
                    "duties": [_document(row) for row in rows]})
        return
    for status, found in by_status.items():
        click.echo(f"{_HEADS[status]}: {len(found)}")
        for row in found:
            click.echo("  " + _line(row))


def _line(row: DueRow) -> str:
    what = f"hồ sơ {row.case_id} {row.person or ''}".rstrip() if row.case_id is not None else ""
    moved = f" (trước là {shown(row.former_due_on)})" if row.former_due_on else ""
    mark = " (tạm tính)" if row.provisional else ""
    return " · ".join(part for part in (shown(row.due_on) + moved + mark, row.says, what, f"{row.unit} [{row.unit_code}]") if part)


def _document(row: DueRow) -> dict[str, Any]:
    """A row as JSON: days in ISO form."""
    plain = {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in asdict(row).items()}
    return {"status": row.status, **plain}
