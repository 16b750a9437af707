"""The bindings of all processes. A new process adds a table, and a binding here."""
from __future__ import annotations

from typing import Any

from workflow.binding import Binding, Child, Relation
from workflow.models import (
    Admission,
    AdmissionProfile,
    Cadre,
    Consolidation,
    Helper,
    Introducer,
    Measure,
    Opinion,
    PlanExtension,
    PlanVersion,
    Relative,
    TeamMember,
    UnitProblem,
)


def _table(model: Any) -> Any:
    return model.__table__


ADMISSION = Binding(
    process="admission",
    detail=_table(Admission),
    children={
        "introducers": Child(_table(Introducer), "introducers_declared", {"person": "person_id"}, "case:introducer"),
        "relatives": Child(_table(Relative), "relatives_declared", {"person": "person_id"}, "case:relative"),
        "opinions": Child(_table(Opinion), "opinions_declared", tag="case:opinion"),
        "profiles": Child(_table(AdmissionProfile), None),
    },
    elsewhere={
        "candidate.born_on": "person.born_on",
        "candidate.gender": "person.gender",
        "cell.official_members": "strength.official",
        "helper.person": "helper.person_id",
    },
    columns={"transfer.to_unit": "transfer_unit_id", "note.reason": "reason"},
    standing={"probationary": "probationary", "official": "official",
              "removed": "none", "annulled": "none", "withdrawn": "none", "disqualified": "none"},
    unmade="none",
    relations={"sponsor": Relation(_table(Helper))},
)

CONSOLIDATION = Binding(
    process="consolidation",
    detail=_table(Consolidation),
    children={
        "problems": Child(_table(UnitProblem), "problems_declared", tag="case:problem", of="unit", noted="noted_on"),
        "team": Child(_table(TeamMember), "team_declared", {"person": "person_id"}, "case:team"),
        "measures": Child(_table(Measure), "measures_declared", {"owner": "owner_id"}, "case:measure", plan="plan_no"),
        "cadres": Child(_table(Cadre), "cadres_declared", {"person": "person_id"}, "case:cadre"),
        "plans": Child(_table(PlanVersion), None, {"oversight": "oversight_id"}),
        "extensions": Child(_table(PlanExtension), None),
    },
    elsewhere={
        "last_rating.id": "rating.id",
        "last_rating.rank": "rating.rank",
        "last_rating.final": "rating.final",
        "last_rating.period_end": "rating.period_end",
        "last_rating.decided_on": "rating.decided_on",
        "entry.rank_now": "rating.entry_rank",
    },
    columns={"entry.rating": "entry_rating_id", "plan.oversight": "oversight_id", "plan.target_rank": "target_rank",
             "own_plan.issued_on": "own_plan_on", "mid_review.held_on": "mid_review_on",
             "leadership.installed_on": "leadership_on", "reorganise.successor": "successor_unit_id",
             "reorganise.continues": "successor_continues", "continues.of": "continues", "note.reason": "reason"},
    relations={
        "team_head": Relation(_table(TeamMember), where="head"),
        "team_member": Relation(_table(TeamMember)),
        "reinforced_cadre": Relation(_table(Cadre), until="returned_on"),
    },
    plan="plan_no",
)

BINDINGS: dict[str, Binding] = {b.process: b for b in (ADMISSION, CONSOLIDATION)}
