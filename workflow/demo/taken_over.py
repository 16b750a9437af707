"""Dossiers that began on paper and were taken over in the middle or at their end: marked, and not judged."""
from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from workflow.demo.organisation import COMMUNE, DISTRICT
from workflow.demo.world import DISTRICT_ENDS, World
from workflow.engine import Subject
from workflow.importing import import_case

#: Admitted in the district's time, in communes of which the demo tells no more: unit, decision, ceremony.
_MEMBERS = (
    ("TB-01", dt.date(2022, 5, 12), dt.date(2022, 6, 3)), ("TB-03", dt.date(2023, 4, 20), dt.date(2023, 5, 12)),
    ("HQ-02", dt.date(2022, 11, 10), dt.date(2022, 12, 2)), ("HQ-04", dt.date(2023, 9, 14), dt.date(2023, 10, 6)),
    ("BA-01", dt.date(2021, 11, 18), dt.date(2021, 12, 10)), ("BA-05", dt.date(2023, 11, 9), dt.date(2023, 12, 1)),
)
_MEMBERS_ON, _RUNNING_ON = dt.date(2025, 1, 15), dt.date(2026, 6, 15)


def plan_taken_over(world: World) -> None:
    """Put the dossiers from paper on the agenda."""
    for number, (unit, decided, held) in enumerate(_MEMBERS, start=1):
        world.plan(_MEMBERS_ON, partial(_member, world, f"giay-{number:02d}", unit, decided, held))
    world.plan(_RUNNING_ON, partial(_verified, world, "giay-07", "TL-05"))
    world.plan(_RUNNING_ON, partial(_probationary, world, "giay-08", "KH-02"))


def _import(world: World, key: str, unit: str, state: str, on: dt.date, *, standing: str, **given: Any) -> None:
    organ = DISTRICT if on <= DISTRICT_ENDS else COMMUNE
    actor = world.actors[world.holder("board_officer", organ, on)]
    person = world.person(world.names.person(24, 38, on), key=key, unit=unit, standing=standing, by=actor)
    facts = {"candidate.edu": "higher", "candidate.former_member": False, "candidate.mass_member": True,
             "candidate.youth_union_here": False, "candidate.trade_union_here": False, **given.pop("facts", {})}
    import_case(world.session, actor, Subject("admission", world.unit_id(unit), person), state=state, on=on, facts=facts, **given)


def _member(world: World, key: str, unit: str, decided: dt.date, held: dt.date) -> None:
    official = held.replace(year=held.year + 1)
    _import(world, key, unit, "official", _MEMBERS_ON, standing="official", facts={"candidate.official_on": official},
            did={"decide_admission": decided, "hold_ceremony": held, "decide_recognition": official + dt.timedelta(days=40)},
            papers=[{"kind": "9-KND", "date": decided}, {"kind": "16-KND", "date": official + dt.timedelta(days=40)}])


def _verified(world: World, key: str, unit: str) -> None:
    begun = dt.date(2026, 3, 9)
    _import(world, key, unit, "verified", _RUNNING_ON, standing="none",
            facts={"certificate.issued_on": dt.date(2025, 11, 20), "dossier.set_up_on": begun, "candidate.application_on": begun,
                   "helper.person": world.cells[unit].members[1],
                   "relatives": {"declared": True, "items": [{"kind": kind, "full_capacity": True, "result_on": dt.date(2026, 5, 20)}
                                                             for kind in ("father", "mother", "spouse")]}},
            did={"permit_application": begun, "conclude_verification": dt.date(2026, 6, 1)},
            papers=[{"kind": "CN-NTVD", "date": dt.date(2025, 11, 20)}, {"kind": "1-KND", "date": begun}, {"kind": "2-KND"}],
            duties=[{"kind": "dossier", "started": begun}])


def _probationary(world: World, key: str, unit: str) -> None:
    decided, held = dt.date(2025, 12, 4), dt.date(2025, 12, 22)
    _import(world, key, unit, "probationary", _RUNNING_ON, standing="probationary",
            facts={"certificate.issued_on": dt.date(2024, 10, 18), "helper.person": world.cells[unit].members[1]},
            did={"decide_admission": decided, "hold_ceremony": held}, papers=[{"kind": "9-KND", "date": decided}],
            duties=[{"kind": "recog_cell", "started": held.replace(year=held.year + 1)}])
