"""The bindings of all processes. A new process adds a table, and a line here."""
from __future__ import annotations

from typing import Any

from workflow.binding import Binding, Child
from workflow.models import Admission, Introducer, Opinion, Relative


def _table(model: Any) -> Any:
    return model.__table__


ADMISSION = Binding(
    process="admission",
    detail=_table(Admission),
    children={
        "introducers": Child(_table(Introducer), "introducers_declared", {"person": "person_id"}),
        "relatives": Child(_table(Relative), "relatives_declared", {"person": "person_id"}),
        "opinions": Child(_table(Opinion), "opinions_declared"),
    },
    elsewhere={
        "candidate.born_on": "person.born_on",
        "cell.official_members": "strength.official",
        "helper.person": "helper.person_id",
    },
    columns={"transfer.to_unit": "transfer_unit_id", "note.reason": "reason"},
    standing={"probationary": "probationary", "official": "official",
              "removed": "none", "annulled": "none", "withdrawn": "none", "disqualified": "none"},
    unmade="none",
)

BINDINGS: dict[str, Binding] = {b.process: b for b in (ADMISSION,)}
