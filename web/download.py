"""Lists as files: CSV that spreadsheets open in Vietnamese, and in which no cell is taken for a formula."""
from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response


def csv_file(name: str, today: dt.date, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A file ``name-2026-10-15.csv``; values that are None are empty cells."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([safe(value) for value in row] for row in rows)
    response = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{today.isoformat()}.csv"'
    return response


def safe(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
