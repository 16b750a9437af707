"""People, offices, substitutions and declared conflicts."""
from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.workflow.organisation import START, TODAY, district, empty
from workflow import people, units
from workflow.context import Actor
from workflow.db import Database
from workflow.errors import BadInput, NotPermitted
from workflow.models import Case, Conflict, Office, Part, Person, Substitution

D = dt.date


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with empty(database_url) as made:
        with made.write() as session:
            district(session)
        yield made


def add(database: Database, *names: str) -> list[int]:
    with database.write() as session:
        return [people.add_person(session, None, TODAY, full_name=name) for name in names]


def test_a_name_is_tidied_and_found_without_marks(database: Database) -> None:
    typed = "  \u00d0ặng   Thị\u200b Đào "
    add(database, unicodedata.normalize("NFD", typed), "Nông Văn Thủy", "Nông Văn Thuỷ", "Ma Thị Thùy")
    with database.read() as session:
        for text in ("dang thi dao", "đặng thị đào", "ĐẶNG THỊ ĐÀO", unicodedata.normalize("NFD", "Đặng Thị Đào"), "Ðặng", "dao dang"):
            assert [p["full_name"] for p in people.search(session, text)] == ["Đặng Thị Đào"], text
        assert len(people.search(session, "thuy")) == 3
        assert people.search(session, "Thùy")[0]["full_name"] == "Ma Thị Thùy"
        assert people.search(session, "%") == [] and people.search(session, " ") == []


def test_lists_stand_in_the_order_of_a_vietnamese_register(database: Database) -> None:
    wanted = ["Lê An", "Hà Ăn", "Vi Ân", "Bế Bình", "Lý Cư", "Mã Dư", "Hà Đào", "Vi Em", "Lò Thu", "Lò Thù", "Lò Thủ", "Lò Thũ",
              "Lò Thú", "Lò Thụ", "An Uyên", "An Ư", "Bàn Ý"]
    add(database, *reversed(wanted))
    with database.read() as session:
        assert session.scalars(sa.select(Person.full_name).order_by(Person.sort_key)).all() == wanted


def test_what_is_kept_of_a_person_stands_in_that_persons_part(database: Database) -> None:
    (person,) = add(database, "Nông Văn An")
    with database.write() as session:
        people.update_person(session, None, TODAY, person=person, full_name="Nông Văn Ân", born_on=D(2000, 5, 20), unit="C1")
    with database.read() as session:
        parts = session.execute(sa.select(Part.person_id, Part.body).where(Part.body.contains("Nông"))).all()
        assert {p for p, _ in parts} == {person} and len(parts) == 2
        assert session.get(Person, person).name_fold == "nong van an"


def test_changing_a_person_renews_the_version_of_the_open_case(database: Database) -> None:
    (person,) = add(database, "Nông Văn An")
    with database.write() as session:
        unit = session.execute(sa.text("SELECT id FROM unit WHERE code = 'C1'")).scalar_one()
        session.add(Case(process="admission", subject_person_id=person, unit_id=unit, state="nominated", opened_on=START,
                         last_act_on=START, state_since=START, imported=True))
    with database.write() as session:
        people.update_person(session, None, TODAY, person=person, born_on=D(2000, 5, 20))
    with database.read() as session:
        assert session.scalar(sa.select(Case.version)) == 2


@pytest.mark.parametrize(("values", "words"), [
    ({"full_name": ""}, "Chưa nhập họ và tên"), ({"full_name": "a" * 121}, "dài quá"), ({"born_on": D(1800, 1, 1)}, "Ngày sinh"),
    ({"born_on": D(2030, 1, 1)}, "Ngày sinh"), ({"gender": "x"}, "Giới tính"), ({"standing": "x"}, "Tư cách"), ({"unit": "ZZ"}, "ZZ"),
    ({"key": "an"}, "đã được dùng")])
def test_what_no_person_can_be_is_refused(database: Database, values: dict[str, object], words: str) -> None:
    with database.write() as session:
        people.add_person(session, None, TODAY, full_name="Nông Văn An", key="an")
    with pytest.raises(BadInput, match=words), database.write() as session:
        people.add_person(session, None, TODAY, **{"full_name": "Nông Văn An", **values})


def test_an_office_holds_from_its_first_to_its_last_day(database: Database) -> None:
    (person,) = add(database, "Hà Thị Bé")
    with database.write() as session:
        office = people.grant_office(session, None, D(2020, 1, 1), person=person, role="cell_secretary", unit="C1")
        people.end_office(session, None, D(2024, 6, 30), office=office)
        people.grant_office(session, None, D(2024, 7, 1), person=person, role="cell_secretary", unit="C1", until=D(2025, 1, 31))
    with database.read() as session:
        def held(on: D) -> list[D]:
            return [o.from_on for o in people.offices_of(session, person, on)]

        assert held(D(2019, 12, 31)) == []
        assert held(D(2020, 1, 1)) == held(D(2024, 6, 30)) == [D(2020, 1, 1)]
        assert held(D(2024, 7, 1)) == held(D(2025, 1, 31)) == [D(2024, 7, 1)]
        assert held(D(2025, 2, 1)) == []


def test_an_office_ends_with_its_unit(database: Database) -> None:
    first, second = add(database, "Hà Thị Bé", "Lý Văn Cư")
    with database.write() as session:
        office = people.grant_office(session, None, START, person=first, role="cell_secretary", unit="C1")
        people.grant_substitution(session, None, START, office=office, person=second, since=D(2025, 1, 1), until=D(2025, 12, 31))
        units.merge(session, None, D(2025, 3, 1), units=["C1"], into="C2")
    with database.read() as session:
        assert people.offices_of(session, first, D(2025, 3, 1)) == []
        assert people.offices_of(session, second, D(2025, 3, 1)) == []
        assert session.scalar(sa.select(Substitution.to_on)) == D(2025, 2, 28)


@pytest.mark.parametrize(("values", "words"), [
    ({"role": "cell_secretery"}, "có thể là: cell_secretary"), ({"unit": "X"}, "chỉ giao ở"), ({"unit": "ZZ"}, "Không có đơn vị"),
    ({"since": D(2009, 1, 1)}, "hoạt động vào ngày 01/01/2009"), ({"until": D(2019, 1, 1)}, "trước ngày bắt đầu"),
    ({"person": 99}, "Không có người"), ({"since": D(2021, 1, 1)}, "đã giữ chức trách")])
def test_offices_that_cannot_be_are_refused(database: Database, values: dict[str, object], words: str) -> None:
    (person,) = add(database, "Hà Thị Bé")
    with database.write() as session:
        people.grant_office(session, None, D(2020, 1, 1), person=person, role="cell_secretary", unit="C1")
    with pytest.raises(BadInput, match=words), database.write() as session:
        people.grant_office(session, None, D(2020, 1, 1), **{"person": person, "role": "cell_secretary", "unit": "C2", **values}
                            if "since" not in values or values["since"] < START
                            else {"person": person, "role": "cell_secretary", "unit": "C1", **values})


def test_nobody_grants_an_office_to_himself(database: Database) -> None:
    (person,) = add(database, "Hà Thị Bé")
    with pytest.raises(NotPermitted), database.write() as session:
        people.grant_office(session, Actor(1, person), TODAY, person=person, role="cell_secretary", unit="C1")


def test_a_substitution_stays_inside_its_office(database: Database) -> None:
    holder, deputy, third = add(database, "Hà Thị Bé", "Lý Văn Cư", "Mã Văn Dư")
    with database.write() as session:
        office = people.grant_office(session, None, D(2020, 1, 1), person=holder, role="cell_secretary", unit="C1", until=D(2025, 12, 31))
    with database.write() as session:
        substitution = people.grant_substitution(session, Actor(1, holder), D(2025, 5, 1), office=office, person=deputy,
                                                 since=D(2025, 5, 1), until=D(2025, 5, 31))
    with database.read() as session:
        (held,) = people.offices_of(session, deputy, D(2025, 5, 31))
        assert (held.role, held.holder_id, held.holder_name, held.substitution_id) == ("cell_secretary", holder, "Hà Thị Bé", substitution)
        assert people.offices_of(session, deputy, D(2025, 6, 1)) == []
        assert people.offices_of(session, deputy, D(2025, 5, 31), units=[]) == []

    def refused(error: type[Exception], words: str, actor: int | None = None, **values: object) -> None:
        given = {"office": office, "person": third, "since": D(2025, 7, 1), "until": D(2025, 7, 31), **values}
        with pytest.raises(error, match=words), database.write() as session:
            people.grant_substitution(session, Actor(1, actor) if actor else None, D(2025, 5, 1), **given)

    refused(BadInput, "chính mình", person=holder)
    refused(BadInput, "nằm trong", since=D(2019, 12, 31))
    refused(BadInput, "nằm trong", until=D(2026, 1, 1))
    refused(BadInput, "trước ngày bắt đầu", until=D(2025, 6, 1))
    refused(BadInput, "đã có người", since=D(2025, 5, 31))
    refused(NotPermitted, "ủy nhiệm tiếp", actor=deputy)
    refused(NotPermitted, "tự giao", actor=third)
    with database.write() as session:
        people.end_substitution(session, None, D(2025, 5, 10), substitution=substitution)
    with database.read() as session:
        assert people.offices_of(session, deputy, D(2025, 5, 10)) and not people.offices_of(session, deputy, D(2025, 5, 11))


def test_ending_an_office_takes_back_what_was_granted_beyond(database: Database) -> None:
    holder, deputy = add(database, "Hà Thị Bé", "Lý Văn Cư")
    with database.write() as session:
        office = people.grant_office(session, None, D(2020, 1, 1), person=holder, role="cell_secretary", unit="C1")
        people.grant_substitution(session, None, D(2025, 5, 1), office=office, person=deputy, since=D(2025, 5, 1), until=D(2025, 5, 31))
        people.end_office(session, None, D(2025, 4, 1), office=office)
    with database.read() as session:
        assert session.scalars(sa.select(Substitution.id)).all() == []
        assert session.scalar(sa.select(Office.to_on)) == D(2025, 4, 1)
    with pytest.raises(BadInput, match="đã kết thúc"), database.write() as session:
        people.end_office(session, None, D(2025, 4, 2), office=office)


def test_a_conflict_is_declared_once_for_both(database: Database) -> None:
    first, second = add(database, "Hà Thị Bé", "Lý Văn Cư")
    with database.write() as session:
        people.declare_conflict(session, None, TODAY, person=second, other=first, tie="vợ chồng")
    with database.read() as session:
        assert session.execute(sa.select(Conflict.person_id, Conflict.other_id)).one() == (first, second)
    for pair in ((first, second), (first, first), (first, 99)):
        with pytest.raises(BadInput), database.write() as session:
            people.declare_conflict(session, None, TODAY, person=pair[0], other=pair[1], tie="vợ chồng")
