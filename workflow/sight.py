"""Who sees what of a case: one table, by the office or relation through which somebody sees it."""
from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from workflow import tree
from workflow.access import holdings
from workflow.context import Actor
from workflow.snapshot import Snapshot, beside

#: What a case shows. ``stage``: state, deadlines and what is missing, without values; ``values``: the values as well.
SECTIONS = ("stage", "values", "person", "reports", "papers", "introducers", "verification", "opinions", "votes", "history")

_WHOLE = frozenset(SECTIONS)
_PLAN = frozenset({"stage", "values", "reports", "papers", "history"})

#: Role -> sections. A role that is not here sees nothing.
TABLE: dict[str, frozenset[str]] = {
    "cell_secretary": _WHOLE,
    "cell_committee": _WHOLE,
    "subcommittee_officer": _WHOLE,
    "base_officer": _WHOLE,
    "base_signer": _WHOLE,
    "board_officer": _WHOLE,
    "board_head": _WHOLE,
    "standing_board_signer": _WHOLE,
    "inspector": _WHOLE,
    "union_officer": frozenset({"stage"}),
    "training_centre": frozenset({"stage"}),
    "sponsor": frozenset({"stage", "person", "reports"}),
    "team_head": _PLAN,
    "team_member": _PLAN,
    "reinforced_cadre": _PLAN,
    "opener": frozenset({"stage"}),
}
#: Who sees more than how far something has come: what was found about a unit (its levels, problems, plans), and reports.
READERS = frozenset(role for role, sections in TABLE.items() if "values" in sections)


def roles_on(session: Session, actor: Actor, snapshot: Snapshot, on: dt.date) -> frozenset[str]:
    """The offices and relations through which an account sees a case on a day; empty when it does not."""
    person = actor.person_id
    if person is None:
        return frozenset()
    units = {*snapshot.line.ids, *tree.heirs(session, snapshot.line, on)}
    if snapshot.detail.get("transfer_unit_id"):
        units.add(snapshot.detail["transfer_unit_id"])
    held = [h for h in holdings(session, [person]) if h.valid(on)]
    if any(h.unit_id not in units for h in held):
        units.update(beside(session, snapshot.line, on))
    found = {h.role for h in held if h.unit_id in units}
    found |= {r.role for r in snapshot.related if r.person_id == person and r.valid(on)}
    return frozenset(found)


def sections(roles: frozenset[str]) -> frozenset[str]:
    """What these roles see together."""
    return frozenset().union(*(TABLE.get(role, frozenset()) for role in roles)) if roles else TABLE["opener"]
