"""Form fields for facts, by their declared type: never written per step."""
from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext
from wtforms.fields.core import UnboundField

from rules.schema import CodeType, Fact, Field_
from web.forms import (
    ChoiceField,
    CountField,
    DayField,
    LineField,
    NoteField,
    RadioChoiceField,
    YesNoField,
)
from web.i18n import says

#: Up to so many codes are shown all at once.
FEW = 4


@dataclass
class Choices:
    """Whom and where a field may name."""

    people: Sequence[tuple[int, str]] = ()
    units: Sequence[tuple[int, str]] = ()


def field_name(fact: str) -> str:
    """The form's name for a fact: ``candidate.born_on`` becomes ``f_candidate__born_on``."""
    return "f_" + fact.replace(".", "__")


def made(name: str, law: Fact | Field_, choices: Choices, *, required: bool = False, hint: Any = None) -> UnboundField:
    """The field for a fact, or for a field of a collection."""
    label = says(law.label) or name
    described = hint or says(law.help) or None
    kind = law.type
    given: dict[str, Any] = {"required": required, "description": described or ""}
    if isinstance(kind, CodeType):
        options = [(code, says(text)) for code, text in kind.code.items()]
        return (RadioChoiceField if required and len(options) <= FEW else ChoiceField)(label, options, **given)
    if kind == "bool":
        return YesNoField(label, **given)
    if kind == "date":
        return DayField(label, **given)
    if kind == "person":
        return ChoiceField(label, choices.people, **given)
    if kind == "unit":
        return ChoiceField(label, choices.units, **given)
    if kind in ("int", "months", "days", "working_days"):
        return CountField(label, most=100_000, **given)
    if kind == "fraction":
        return LineField(label, longest=20, **given)
    return NoteField(label, longest=2_000, **given)


def read(law: Fact | Field_, value: Any) -> Any:
    """What a field holds, as the workflow wants it; people and units are their ids."""
    if value is None or value == "":
        return None
    if law.type in ("person", "unit"):
        return int(value) if re.fullmatch(r"\d{1,10}", str(value)) else None
    return value


def shown(law: Fact | Field_, value: Any) -> Any:
    """A stored value, as the field wants it."""
    if value is None:
        return None
    if law.type in ("person", "unit"):
        return str(value)
    return value


def with_people(facts: Mapping[str, Fact | Field_]) -> bool:
    return any(law.type == "person" for law in facts.values())


def with_units(facts: Mapping[str, Fact | Field_]) -> bool:
    return any(law.type == "unit" for law in facts.values())


_DOSSIER, _SPECIAL = lazy_gettext("The dossier"), lazy_gettext("Special cases")
_LISTING, _PLAN = lazy_gettext("How it came on the list"), lazy_gettext("The plan")
_BESIDE = lazy_gettext("Beside the ordinary way")
#: What the first part of a fact's name is about; the rest stands under :data:`OTHER`.
AREAS = {
    "candidate": lazy_gettext("The candidate"), "route": _SPECIAL, "pop": _SPECIAL, "readmit": lazy_gettext("Admitted before"),
    "certificate": _DOSSIER, "cv": _DOSSIER, "dossier": _DOSSIER, "union": _DOSSIER, "opinions": _DOSSIER,
    "consent": lazy_gettext("Consent of those above"), "decision": lazy_gettext("After the decision"),
    "new_member": lazy_gettext("After the decision"),
    "entry": _LISTING, "listing": _LISTING, "relapse": _LISTING, "continues": _LISTING,
    "plan": _PLAN, "own_plan": _PLAN, "mid_review": _PLAN,
    "leadership": _BESIDE, "inspection": _BESIDE, "reorganise": _BESIDE,
}
OTHER = lazy_gettext("Other")


def by_area(facts: Iterable[str]) -> dict[str, list[str]]:
    """Facts under the headings of a page, each in the order of the law."""
    found: dict[str, list[str]] = {}
    for name in sorted(facts, key=lambda f: _PLACES.get(f.partition(".")[0], len(_PLACES))):
        found.setdefault(str(AREAS.get(name.partition(".")[0], OTHER)), []).append(name)
    return found


_PLACES = {area: place for place, area in enumerate(AREAS)}


#: Columns of a list that no rule reads, and what they are called; in a table that calls one otherwise, by its name too.
PLAIN = {
    "full_name": lazy_gettext("Full name"), "opinion.organ": lazy_gettext("Who gave the opinion"),
    "person_id": lazy_gettext("Known here as"), "note": lazy_gettext("Note"), "organ": lazy_gettext("From which organ"),
    "stream": lazy_gettext("Field of work"), "content": lazy_gettext("What is to be done"), "former_post": lazy_gettext("Post before"),
    "post": lazy_gettext("Post in the unit"), "paper": lazy_gettext("By which paper"), "until_on": lazy_gettext("Sent until"),
    "from_on": lazy_gettext("From"), "to_on": lazy_gettext("Until"), "noted_on": lazy_gettext("Noted on"),
    "basis": lazy_gettext("On what it rests (no names)"),
}
#: Columns of longer text.
LONG = frozenset({"content", "basis"})
#: Table -> columns that have a page of their own.
OWN_PAGE = {"measure": frozenset({"progress", "done_on", "result"})}


def plain(table: str, column: str) -> Any:
    """What a column that no rule reads is called."""
    return PLAIN.get(f"{table}.{column}") or PLAIN.get(column, column)


def today_or_before(day: dt.date | None, today: dt.date) -> dt.date:
    """The acting day for which a form offers its choices."""
    return day if day is not None and day <= today else today
