"""Codes in stored rows as people read them: what an answer, a kind, a step or an office is called."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from rules.book import ProcessLaw, Rulebook
from rules.schema import CodeType
from web.caseparts import duty_label
from web.findings import role_label, state_label, step_label
from web.i18n import says
from web.planwords import CHANGES, COMPARATORS, REPORTS
from web.reportwords import PROPOSALS, TASKS
from web.starts import GENDERS
from web.stepform import METHODS
from web.units import ACTS, INDICATORS
from workflow.bindings import BINDINGS

#: Column -> its closed list, where no law file has one.
LISTS: Mapping[str, Mapping[str, Any]] = {
    "task": TASKS, "proposes": PROPOSALS, "verdict": PROPOSALS, "method": METHODS, "gender": GENDERS, "indicator": INDICATORS,
    "comparator": COMPARATORS, "change_kind": CHANGES,
}
STATES = ("state", "resume_state", "from_state", "to_state")


def told(book: Rulebook, law: ProcessLaw | None, table: str, column: str, value: str) -> Any:
    """The word for a code; a text that is no code stays as it is."""
    if column in LISTS:
        return LISTS[column].get(value, value)
    if table == "work_report" and column == "kind":
        return REPORTS.get(value, value)
    if column == "role":
        return role_label(book, value)
    if column == "process" and value in book.processes:
        return says(book.processes[value].label)
    if table == "unit_version" and column == "kind":
        return says(book.unit_kinds[value].label) if value in book.unit_kinds else value
    if table == "unit_succession" and column == "kind":
        return ACTS[value][0] if value in ACTS else value
    if column == "standing" and value == "none":
        return _("none")
    return value if law is None else _by_law(law, table, column, value)


def _by_law(law: ProcessLaw, table: str, column: str, value: str) -> Any:
    if column in STATES or column == "standing":
        return state_label(law, value) if value in law.all_states else value
    if column == "step":
        return step_label(law, value) if value in law.step_versions else value
    if table == "duty" and column in ("kind", "law"):
        return duty_label(law, value)
    if table == "paper" and column == "kind":
        return says(law.papers[value].says) if value in law.papers else value
    code = _code(law, table, column)
    return says(code.code[value]) if code is not None and value in code.code else value


def _code(law: ProcessLaw, table: str, column: str) -> CodeType | None:
    """The closed list of a column that holds a fact of the law."""
    binding = BINDINGS.get(law.id)
    if binding is None:
        return None
    found: list[Any] = []
    if table == binding.detail.name:
        found = [law.facts[name].type for name, home in binding.homes(law).items() if home == column]
    for name, child in binding.children.items():
        if child.table.name == table:
            found = [item.type for field, item in (law.facts[name].items or {}).items() if child.column(field) == column]
    return next((t for t in found if isinstance(t, CodeType)), None)
