"""A small invented organisation with cases in every state, under the shipped law, for the pages of cases."""
from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules import book
from rules.process import ProcessLaw
from tests.web.html import Page
from workflow import accounts, engine, offices, people, tree, units
from workflow.bindings import BINDINGS
from workflow.context import Actor
from workflow.db import Database
from workflow.importing import import_case
from workflow.models import Account, Case, Entry, Person
from workflow.process import ranks
from workflow.site import Site

START, TODAY = dt.date(2016, 1, 1), dt.date(2026, 10, 15)
COMMUNE = dt.date(2025, 7, 1)
#: One password for all, hashed once for each.
PASSWORD = "mưa rừng trên mái cọ"
#: Account -> name, role, unit. ``giup`` holds no office: she helps candidates.
OFFICERS = {
    "bithu1": ("Hoàng Văn Bách", "cell_secretary", "C1"), "chiuy1": ("Ma Thị Cúc", "cell_committee", "C1"),
    "bithu2": ("Lý Văn Dần", "cell_secretary", "C2"), "bithu3": ("Vi Thị Én", "cell_secretary", "C3"),
    "bithuk": ("Nông Văn Giáp", "cell_secretary", "K"), "bophan": ("Triệu Thị Hiền", "subcommittee_officer", "S"),
    "coso": ("Đặng Thị Đào", "base_officer", "X"), "kycoso": ("Hà Văn Khoa", "base_signer", "X"),
    "ban": ("Chu Thị Lan", "board_officer", "G"), "truongban": ("Mã Văn Minh", "board_head", "G"),
    "thuongvu": ("Lương Văn Nam", "standing_board_signer", "G"), "doan": ("Quan Thị Oanh", "union_officer", "D"),
    "kiemtra": ("Phùng Văn Phúc", "inspector", "G"),
}
PLAIN = {"giup": "Sầm Thị Quế", "khach": "Tô Văn Rạng"}
CELLS = ("C1", "C2", "C3", "K")


@cache
def law() -> book.Rulebook:
    return book.load()


def organisation(session: Session) -> None:
    """A commune above the base with a base committee (two cells, a subcommittee with a third) and a base cell."""
    def found(code: str, kind: str, parent: str | None, since: dt.date = START, name: str | None = None) -> None:
        units.found(session, None, since, code=code, name=name or f"Đơn vị {code}", kind=kind, parent=parent)
    found("T", "province", None, name="Tỉnh ủy")
    found("G", "commune_above_base", "T", COMMUNE, "Đảng ủy xã Nà Rừng")
    found("X", "base_committee", "G", COMMUNE, "Đảng ủy cơ sở Khau Pạu")
    found("S", "subcommittee", "X", COMMUNE, "Đảng ủy bộ phận Nặm Đíp")
    for code, parent, name in (("C1", "X", "Chi bộ thôn Nà Tông"), ("C2", "X", "Chi bộ thôn Bản Ỏ"),
                               ("C3", "S", "Chi bộ thôn Nặm Trá"), ("K", "G", "Chi bộ Trạm y tế")):
        found(code, "base_cell" if code == "K" else "cell", parent, COMMUNE, name)
    found("D", "union", "G", COMMUNE, "Đoàn thanh niên xã Nà Rừng")


def staff(session: Session, now: dt.datetime) -> None:
    for key, (name, role, unit) in OFFICERS.items():
        person = people.add_person(session, None, COMMUNE, key=key, full_name=name, standing="official", unit=unit)
        offices.grant_office(session, None, COMMUNE, person=person, role=role, unit=unit)
    for key, name in PLAIN.items():
        people.add_person(session, None, COMMUNE, key=key, full_name=name, standing="official", unit="C1")
    for key in (*OFFICERS, *PLAIN):
        made = accounts.create_account(session, None, username=key, person=people.person_id(session, key))
        accounts.set_password(session, made, PASSWORD, now)
    accounts.set_password(session, accounts.create_account(session, None, username="quan.tri", administrator=True), PASSWORD, now)


def facts(unit: int) -> dict[str, Any]:
    """A candidate of whom all is known and nothing stands in the way."""
    return {
        "candidate.born_on": dt.date(1999, 5, 20), "candidate.edu": "higher", "candidate.former_member": False,
        "candidate.youth_union_here": False, "candidate.trade_union_here": False, "cell.official_members": 9,
        "certificate.issued_on": dt.date(2025, 9, 1), "dossier.set_up_on": dt.date(2026, 3, 1),
        "introducers": {"declared": True, "items": [
            {"official": True, "same_org": True, "together_since": dt.date(2022, 1, 1), "signed_on": dt.date(2026, 4, 1), "waived": False},
            {"official": True, "same_org": True, "together_since": dt.date(2021, 1, 1), "signed_on": dt.date(2026, 4, 1), "waived": False}]},
    }


def did(process: ProcessLaw, state: str) -> dict[str, dt.date]:
    """Days for the steps that lead to a state: enough for what the database asks of it."""
    days = {"permit_application": "2026-03-01", "start_verification": "2026-03-20", "conclude_verification": "2026-04-10",
            "complete_introduction": "2026-04-20", "complete_opinions": "2026-05-05", "cell_vote": "2026-06-10",
            "sub_appraise": "2026-06-20", "base_vote": "2026-07-01", "decide_admission": "2025-09-01", "hold_ceremony": "2025-10-01",
            "start_recognition": "2026-10-05", "recognition_cell_vote": "2026-10-06"}
    place = ranks(process)
    if state == "decided":
        return {k: dt.date.fromisoformat(v) for k, v in days.items() if k not in ("hold_ceremony", "start_recognition", "recognition_cell_vote")} \
            | {"decide_admission": dt.date(2026, 9, 20)}
    late = place[state] > place["decided"]
    return {k: dt.date.fromisoformat(v) for k, v in days.items() if late or k not in (
        "decide_admission", "hold_ceremony", "start_recognition", "recognition_cell_vote")} if place[state] >= place["applying"] else {}


def fill(database: Database, cells: tuple[str, ...] = CELLS) -> None:
    """Everything: organisation, people, accounts, and a case in every open state for each of the cells."""
    book_ = law()
    process = book_.processes["admission"]
    now = dt.datetime.now(dt.timezone.utc)
    with database.write() as session:
        organisation(session)
        staff(session, now)
    with database.write() as session:
        helper = people.person_id(session, "giup")
        number = 0
        for cell in cells:
            unit = engine_unit(session, cell)
            for state in process.states.open:
                number += 1
                key = f"{cell}-{state}"
                person = people.add_person(session, None, COMMUNE, key=key, full_name=_name(number), unit=cell)
                given = facts(unit) | ({"helper.person": helper} if cell == "C1" and number % 4 == 1 else {})
                if state == "probationary" and cell == "C2":
                    days = did(process, state) | {"hold_ceremony": dt.date(2026, 5, 1), "decide_admission": dt.date(2026, 4, 1)}
                elif state == "probationary" and cell == "C3":
                    days = did(process, state) | {"hold_ceremony": dt.date(2025, 10, 30)}
                else:
                    days = did(process, state)
                started = dt.date(2026, 3, 1) if cell == "C1" else dt.date(2026, 8, 1)
                import_case(session, None, engine.Subject("admission", unit, person), state=state, on=dt.date(2026, 10, 6),
                            facts=given, did=days, duties=_duties(state, started))


def _duties(state: str, started: dt.date) -> list[dict[str, Any]]:
    if state in ("cell_approved", "sub_appraised", "base_approved"):
        return [{"kind": "admission_decision", "started": started}]
    if state in ("source_listed", "class_assigned", "class_done"):
        return [{"kind": "sponsor_report", "started": dt.date(2026, 9, 1)}, {"kind": "source_review", "started": dt.date(2026, 9, 1)}]
    return []


_FAMILY, _MIDDLE = ("Nông", "Lý", "Triệu", "Đặng", "Ma", "Hoàng"), ("Văn", "Thị", "Đức", "Thu")
_GIVEN = ("An", "Ánh", "Bình", "Châu", "Đào", "Điệp", "Giang", "Hạnh", "Khánh", "Liên", "Thuý", "Uyên", "Vượng", "Yến")


def _name(number: int) -> str:
    return f"{_FAMILY[number % 6]} {_MIDDLE[number % 4]} {_GIVEN[number % 14]}"


def engine_unit(session: Session, code: str) -> int:
    found = tree.unit_id(session, code)
    assert found is not None
    return found


def actor(session: Session, key: str) -> Actor:
    """The actor behind an account."""
    row = session.connection().execute(sa.select(Account.id, Account.person_id).where(Account.username == key)).one()
    return Actor(row.id, row.person_id, key, key == "quan.tri")


def case_id(site: Site, state: str, cell: str) -> int:
    """The case of a cell that was imported in a state."""
    with site.database.read() as session:
        found = session.scalar(sa.select(Case.id).join(Person, Person.id == Case.subject_person_id).where(Person.key == f"{cell}-{state}"))
    assert found is not None
    return found


def state_of(site: Site, case: int) -> str:
    with site.database.read() as session:
        found = session.scalar(sa.select(Case.state).where(Case.id == case))
    assert found is not None
    return found


def entries(site: Site) -> int:
    """How many entries the journal has."""
    with site.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Entry)) or 0


def filled_in(page: Page) -> dict[str, str]:
    """What the page's fields hold, as a browser would send it back."""
    found: dict[str, str] = {}
    chosen: str | None = None
    for e in page.elements:
        name, kind = e.attrs.get("name"), e.attrs.get("type", "text")
        if e.tag == "select":
            chosen = name
        elif e.tag == "option" and chosen and ("selected" in e.attrs or chosen not in found):
            found[chosen] = e.attrs.get("value", "")
        elif e.tag == "textarea" and name:
            found[name] = e.text
        elif e.tag == "input" and name and name not in ("back", "language", "day") and kind not in ("submit", "search"):
            if kind not in ("radio", "checkbox") or "checked" in e.attrs:
                found[name] = e.attrs.get("value", "on")
    return found


def filled_in_main(data: dict[str, str]) -> dict[str, str]:
    """Without what every page holds."""
    return {name: value for name, value in data.items() if name != "csrf_token"}


assert set(BINDINGS) == {"admission", "consolidation"}, "a further process wants cases of its own: here, or as those of weakunits and weakworld"
