"""Whatever is handed to the engine instead of what belongs there: refused in words, and not a row changed."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.workflow.caseworld import VOTE, World, world
from workflow import engine, records
from workflow.db import Base
from workflow.errors import BadInput, StepRefused, WorkflowError

ON = dt.date(2025, 2, 10)
ODD: list[Any] = ["", "x", "\x00", "\ud800", 0, -1, True, 10**30, 1.5, float("nan"), dt.date.min, dt.date.max, dt.datetime(2025, 2, 1),
                  "01/02/2025", [], {}, [1], {"a": 1}, (), b"x", object(), Decimal(1), "x" * 100_000, set(), range(3)]
ARGUMENTS = ("on", "ballot", "papers", "meeting", "to", "signatory", "second_reader", "on_behalf_of", "no_conflict", "version",
             "request_key", "facts", "step", "case")
COUNTS = ("entitled", "away", "exempt_absent", "present", "for", "against", "blank", "method")
PAPER = ("kind", "number", "date", "issuer", "signed_by", "extract", "kept_at", "secrecy")


class Undone(WorkflowError):
    """An odd value that means something after all: taken, and taken back."""


@pytest.fixture
def made(tmp_path: Any) -> Iterator[World]:
    with world(f"sqlite:///{tmp_path / 'odd.sqlite3'}") as found:
        yield found


def rows(made: World) -> dict[str, list[Any]]:
    with made.database.read() as session:
        return {t.name: list(session.execute(sa.select(t).order_by(*t.primary_key.columns))) for t in Base.metadata.sorted_tables}


def requests(case: int) -> Iterator[dict[str, Any]]:
    right = {"case": case, "step": "cell_vote", "on": ON, **VOTE}
    for odd in ODD:
        for name in ARGUMENTS:
            yield {**right, name: odd}
        for name in COUNTS:
            yield {**right, "ballot": {**VOTE["ballot"], name: odd}}
        for name in PAPER:
            yield {**right, "papers": [{"kind": "6-KND", name: odd}]}
        yield {**right, "papers": [odd]}
        for name in ("cell.official_members", "candidate.edu", "candidate.former_member", "consent.edu_on", "no.such"):
            yield {**right, "facts": {name: odd}, "request_key": "k"}
        yield {"case": case, "step": "send_transfer", "on": ON, "facts": {"transfer.to_unit": odd}}
        yield {"case": case, "step": "return_file", "on": ON, "to": odd, "facts": {"note.reason": odd}}
        yield {"case": engine.Subject("admission", odd, odd), "step": "nominate", "on": ON}
        yield {"case": engine.Subject("admission", 6, 2), "step": "nominate", "on": ON, "facts": {"candidate.edu": odd}}


def tried(made: World, request: dict[str, Any]) -> None:
    given = dict(request)
    with made.database.write() as session:
        engine.advance(session, given.pop("case"), given.pop("step"), made.actors["secretary"], **given)
        raise Undone("")


def test_nothing_odd_goes_through_or_leaves_half_an_act(made: World) -> None:
    with made.database.write() as session:
        case = made.case(session)
    before = rows(made)
    for request in requests(case):
        with pytest.raises(WorkflowError):
            tried(made, request)
    assert rows(made) == before


@pytest.mark.parametrize(("given", "refused"), [
    ({"papers": [{"kind": "6-KND", "nubmer": "1"}]}, "PAPER:6-KND"),
    ({"papers": [{"kind": "6-KND", "signed_by": 10**6}]}, None),
    ({"ballot": {"entitled": 18, "for": None}}, "BALLOT"),
    ({"ballot": {**VOTE["ballot"], "method": "hands"}}, "BALLOT"),
    ({"ballot": {"entitled": 3, "exempt_absent": 3, "for": 0}}, "BALLOT"),
    ({"facts": {"consent.edu_on": dt.date(2025, 2, 11)}}, "FACT:consent.edu_on"),
])
def test_what_would_pass_in_silence_is_refused(made: World, given: dict[str, Any], refused: str | None) -> None:
    with made.database.write() as session:
        case = made.case(session)
    with pytest.raises(WorkflowError) as error:
        tried(made, {"case": case, "step": "cell_vote", "on": ON, **VOTE, **given})
    if refused is None:
        assert isinstance(error.value, BadInput)
    else:
        assert isinstance(error.value, StepRefused) and error.value.refused == (refused,)


def test_a_reason_of_blanks_is_no_reason(made: World) -> None:
    with made.database.write() as session:
        case = made.case(session)
    with pytest.raises(StepRefused) as error:
        tried(made, {"case": case, "step": "return_file", "on": ON, "to": "verified", "facts": {"note.reason": "  "}})
    assert error.value.refused == ("FACT:note.reason",)


def operations(session: Session, made: World, case: int, odd: Any) -> Iterator[Any]:
    who = made.actors["secretary"]
    for fact in ("candidate.edu", "cell.official_members", "dossier.set_up_on", "transfer.to_unit"):
        yield partial(records.set_facts, session, case, who, ON, {fact: odd})
    for collection, field in (("introducers", "person"), ("introducers", "signed_on"), ("opinions", "source")):
        yield partial(records.put_row, session, case, who, ON, collection, {field: odd})
    yield lambda: records.remove_row(session, case, who, ON, "opinions", odd)
    yield lambda: records.put_paper(session, case, who, ON, kind=odd)
    yield lambda: records.put_paper(session, case, who, ON, kind="1-KND", issued_on=odd)
    yield lambda: records.replace_helper(session, case, who, ON, odd)


def test_records_take_nothing_odd(made: World) -> None:
    with made.database.write() as session:
        case = made.case(session)
    before = rows(made)
    for odd in [*ODD, None]:
        for place in range(11):
            with pytest.raises(WorkflowError), made.database.write() as session:
                list(operations(session, made, case, odd))[place]()
                raise Undone("")
    assert rows(made) == before
