"""Reports by name. A module that defines one is imported here, which registers it."""
from __future__ import annotations

from workflow.reports import admissions, forecast, funnel, matrix, overdue, seeds, targets
from workflow.reports.copies import Copy, Difference, Reason, copies, copy_of, differences, lock
from workflow.reports.model import (
    REPORTS,
    Cell,
    Column,
    Definition,
    NotAvailable,
    Option,
    Report,
    Row,
    as_json,
    names,
    report,
    run,
    words,
)

__all__ = ["Cell", "Column", "Copy", "Definition", "Difference", "NotAvailable", "Option", "REPORTS", "Reason", "Report",
           "Row", "admissions", "as_json", "copies", "copy_of", "differences", "forecast", "funnel", "lock", "matrix", "names", "overdue",
           "report", "run", "seeds", "targets", "words"]
