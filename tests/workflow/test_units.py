"""Acts on the organisation, what follows them, and what is refused."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.workflow.organisation import START, district, empty, found
from workflow import tree, units
from workflow.db import Database
from workflow.errors import BadInput
from workflow.models import (
    Admission,
    Case,
    Duty,
    Entry,
    Office,
    Person,
    UnitSuccession,
    UnitVersion,
)

D = dt.date
LAST, FIRST = D(2025, 6, 30), D(2025, 7, 1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with empty(database_url) as made:
        with made.write() as session:
            district(session)
        yield made


def versions(database: Database, code: str) -> list[tuple[str, str, D, D | None]]:
    with database.read() as session:
        rows = session.execute(sa.select(UnitVersion).where(UnitVersion.unit_id == tree.unit_id(session, code))
                               .order_by(UnitVersion.from_on)).scalars()
        return [(v.name, v.kind, v.from_on, v.to_on) for v in rows]


def open_case(database: Database, unit: str, key: str, *, closed: D | None = None) -> int:
    """A case with a duty, written straight into the tables: what is tested here is only whether it follows."""
    with database.write() as session:
        at = tree.unit_id(session, unit)
        person = Person(key=key, full_name=key, name_fold=key, sort_key=key, unit_id=at)
        session.add(person)
        session.flush()
        case = Case(process="admission", subject_person_id=person.id, unit_id=at, state="nominated", opened_on=START,
                    last_act_on=START, state_since=START, closed_on=closed, imported=True)
        session.add(case)
        session.flush()
        session.add(Admission(case_id=case.id, state="nominated", imported=True))
        session.add(Duty(case_id=case.id, unit_id=at, kind="dossier", law="dossier", basis="1", started_on=START,
                         due_on=START, open_until=START, edition="0"))
        session.add(Duty(case_id=case.id, unit_id=at, kind="done", law="done", basis="1", started_on=START, due_on=START,
                         met_on=START, edition="0"))
        return case.id


def unit_of(database: Database, case: int) -> tuple[str, int]:
    with database.read() as session:
        row = session.get(Case, case)
        on = D(2026, 1, 1)
        found_unit = tree.unit_on(session, row.unit_id, on) or tree.unit_on(session, row.unit_id, START)
        return found_unit.code, row.version


def test_a_change_closes_the_old_version_on_the_day_before(database: Database) -> None:
    with database.write() as session:
        units.change(session, None, FIRST, unit="X", kind="commune_above_base", parent="T", name="Đảng ủy xã X")
    assert versions(database, "X") == [("Đơn vị X", "base_committee", START, LAST),
                                       ("Đảng ủy xã X", "commune_above_base", FIRST, None)]


def test_a_second_change_on_the_same_day_corrects_the_first(database: Database) -> None:
    with database.write() as session:
        units.rename(session, None, FIRST, unit="C1", name="Chi bộ thôn Một")
        units.change(session, None, FIRST, unit="C1", kind="base_cell", parent="T")
    assert versions(database, "C1") == [("Đơn vị C1", "cell", START, LAST), ("Chi bộ thôn Một", "base_cell", FIRST, None)]


def test_a_change_keeps_the_last_day_that_was_known(database: Database) -> None:
    with database.write() as session:
        units.rename(session, None, D(2020, 1, 1), unit="H", name="Huyện ủy mới")
    assert versions(database, "H")[-1][2:] == (D(2020, 1, 1), LAST)


def test_every_act_stands_on_the_stream_of_its_unit(database: Database) -> None:
    with database.write() as session:
        units.move(session, None, D(2020, 1, 1), unit="C2", parent="H", paper={"number": "12-QĐ/HU", "date": D(2019, 12, 30)})
    with database.read() as session:
        tags = session.scalars(sa.select(Entry.tag).where(Entry.stream == "unit:C2").order_by(Entry.stream_seq)).all()
        paper = session.scalar(sa.select(UnitSuccession.paper).where(UnitSuccession.kind == "moved"))
    assert tags == ["unit:unit:found", "unit:unit:move"]
    assert paper == "12-QĐ/HU ngày 30/12/2019"


def test_merging_into_a_new_unit_takes_everything_along(database: Database) -> None:
    first, second = open_case(database, "C1", "an"), open_case(database, "C2", "be")
    closed = open_case(database, "C1", "cu", closed=D(2020, 1, 1))
    with database.write() as session:
        session.add(Office(person_id=session.scalar(sa.select(Person.id).where(Person.key == "cu")), role="cell_secretary",
                           unit_id=tree.unit_id(session, "C1"), from_on=START))
    with database.write() as session:
        units.merge(session, None, D(2025, 3, 1), units=["C1", "C2"], into="C9", name="Chi bộ thôn Chín", kind="cell", parent="X")
    assert unit_of(database, first) == ("C9", 2)
    assert unit_of(database, second) == ("C9", 2)
    assert unit_of(database, closed) == ("C1", 1)
    assert versions(database, "C1")[-1][3] == D(2025, 2, 28)
    with database.read() as session:
        heir = tree.unit_id(session, "C9")
        assert set(session.scalars(sa.select(Duty.unit_id).where(Duty.kind == "dossier", Duty.case_id.in_([first, second])))) == {heir}
        assert heir not in session.scalars(sa.select(Duty.unit_id).where(Duty.kind == "done")).all()
        assert session.scalar(sa.select(Office.to_on)) == D(2025, 2, 28)
        assert set(session.scalars(sa.select(Person.unit_id))) == {heir}
        merged = session.execute(sa.select(UnitSuccession.successor_id).where(UnitSuccession.kind == "merged")).scalars().all()
        assert merged == [heir, heir]
        assert session.scalar(sa.select(sa.func.count()).where(Entry.stream == f"case:{first}")) == 1


def test_a_new_unit_inherits_kind_and_parent_unless_others_are_given(database: Database) -> None:
    with database.write() as session:
        units.merge(session, None, D(2025, 3, 1), units=["C1", "C2"], into={"code": "C9", "name": "Chi bộ Chín"})
        assert tree.line(session, tree.unit_id(session, "C9"), D(2025, 3, 1)).codes == ("C9", "X", "H", "T")
        assert tree.unit_on(session, "C9", D(2025, 3, 1)).kind == "cell"
    with pytest.raises(BadInput, match="Cấp trên cũ"), database.write() as session:
        units.merge(session, None, FIRST, units=["K"], into="K9", name="Chi bộ mới")


def test_merging_committees_moves_the_cells_below_and_leaves_their_cases(database: Database) -> None:
    case = open_case(database, "C1", "an")
    with database.write() as session:
        found(session, "Y", "base_committee", "H")
        units.merge(session, None, D(2025, 3, 1), units=["X", "Y"], into="Y")
    with database.read() as session:
        assert tree.line(session, tree.unit_id(session, "C1"), D(2025, 3, 1)).codes == ("C1", "Y", "H", "T")
        assert tree.line(session, tree.unit_id(session, "C1"), D(2025, 2, 28)).codes == ("C1", "X", "H", "T")
    assert unit_of(database, case) == ("C1", 1)


def test_a_unit_that_takes_over_from_the_one_above_moves_up(database: Database) -> None:
    with database.write() as session:
        units.merge(session, None, D(2025, 3, 1), units=["X"], into="C1")
    with database.read() as session:
        assert tree.line(session, tree.unit_id(session, "C1"), D(2025, 3, 1)).codes == ("C1", "H", "T")
        assert tree.line(session, tree.unit_id(session, "C2"), D(2025, 3, 1)).codes == ("C2", "C1", "H", "T")


def test_a_unit_whose_end_was_known_can_be_merged_on_the_next_day(database: Database) -> None:
    with database.write() as session:
        found(session, "XM", "commune_above_base", "T", FIRST)
        units.merge(session, None, FIRST, units=["H"], into="XM")
    with database.read() as session:
        assert tree.line(session, tree.unit_id(session, "K"), FIRST).codes == ("K", "XM", "T")


def test_splitting_asks_where_each_case_goes(database: Database) -> None:
    first, second = open_case(database, "C1", "an"), open_case(database, "C1", "be")
    parts = [{"code": "C1A", "name": "Chi bộ A"}, {"code": "C1B", "name": "Chi bộ B"}]
    with pytest.raises(BadInput, match="kế thừa"), database.write() as session:
        units.split(session, None, FIRST, unit="C1", into=parts, cases={first: "C1A"})
    assert versions(database, "C1")[-1][3] is None
    with database.write() as session:
        units.split(session, None, FIRST, unit="C1", into=parts, cases={first: "C1A", "be": "C1B"})
    assert (unit_of(database, first)[0], unit_of(database, second)[0]) == ("C1A", "C1B")
    assert versions(database, "C1")[-1][3] == LAST


def test_a_split_unit_may_live_on(database: Database) -> None:
    first, second = open_case(database, "C1", "an"), open_case(database, "C1", "be")
    with database.write() as session:
        units.split(session, None, FIRST, unit="C1", into=[{"code": "C1"}, {"code": "C1B", "name": "Chi bộ B"}], cases={second: "C1B"})
    assert (unit_of(database, first), unit_of(database, second)) == (("C1", 1), ("C1B", 2))
    assert versions(database, "C1")[-1][3] is None


def test_ending_with_a_successor_and_a_case_on_its_way_there(database: Database) -> None:
    case = open_case(database, "C2", "an")
    with database.write() as session:
        session.get(Admission, case).transfer_unit_id = tree.unit_id(session, "C1")
    with database.write() as session:
        units.end(session, None, LAST, unit="C1", successor="K")
    with database.read() as session:
        assert session.get(Admission, case).transfer_unit_id == tree.unit_id(session, "K")
        assert tree.unit_on(session, "C1", LAST) is not None
        assert tree.unit_on(session, "C1", FIRST) is None


REFUSED = [
    (lambda s: units.rename(s, None, FIRST, unit="ZZ", name="x"), "Không có đơn vị ZZ"),
    (lambda s: units.rename(s, None, D(2009, 12, 31), unit="C1", name="x"), "trước ngày thành lập"),
    (lambda s: units.rename(s, None, D(2010, 6, 1), unit="C1", name=" \u200b "), "Chưa nhập tên"),
    (lambda s: units.rename(s, None, D(2010, 6, 1), unit="C1", name="a\x00b"), "ký tự điều khiển"),
    (lambda s: (units.rename(s, None, FIRST, unit="C1", name="x"), units.move(s, None, LAST, unit="C1", parent="H")), "đã có thay đổi"),
    (lambda s: units.rename(s, None, FIRST, unit="H", name="x"), "đã kết thúc hoạt động"),
    (lambda s: units.move(s, None, D(2020, 1, 1), unit="H", parent="C1"), "Không thể đặt"),
    (lambda s: units.move(s, None, D(2020, 1, 1), unit="X", parent="X"), "Không thể đặt"),
    (lambda s: units.move(s, None, FIRST, unit="C1", parent="H"), "cấp trên"),
    (lambda s: found(s, "C1", "cell", "X"), "đã được dùng"),
    (lambda s: found(s, "C 1", "cell", "X"), "chỉ được gồm"),
    (lambda s: found(s, "N", "cells", "X"), "có thể là: cell"),
    (lambda s: found(s, "N", "commune_above_base", "T", LAST), "chỉ có từ"),
    (lambda s: found(s, "N", "district", "T", FIRST), "chỉ có đến"),
    (lambda s: found(s, "N", "cell", "X", until=D(2009, 1, 1)), "trước ngày thành lập"),
    (lambda s: units.change(s, None, LAST, unit="X", kind="commune_above_base"), "chỉ có từ"),
    (lambda s: units.end(s, None, D(2020, 1, 1), unit="X"), "trực thuộc"),
    (lambda s: units.end(s, None, D(2020, 1, 1), unit="C1", successor="C1"), "chính mình"),
    (lambda s: units.merge(s, None, D(2020, 1, 1), units=["C1"], into="C1"), "đơn vị khác"),
    (lambda s: units.merge(s, None, FIRST, units=["C1"], into="H"), "không hoạt động"),
    (lambda s: units.merge(s, None, D(2030, 1, 1), units=["C1"], into="C2"), "chưa đến"),
    (lambda s: units.split(s, None, FIRST, unit="C1", into=[{"code": "N", "name": "x"}]), "ít nhất hai"),
    (lambda s: units.state_strength(s, None, FIRST, unit="C1", official=-1), "không âm"),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_cannot_be_is_refused_in_words_and_leaves_nothing(database: Database, number: int) -> None:
    act, words = REFUSED[number]
    with database.read() as session:
        before = session.scalar(sa.select(sa.func.count(Entry.id)))
    with pytest.raises(BadInput, match=words), database.write() as session:
        act(session)
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count(Entry.id))) == before


def test_a_unit_with_open_cases_ends_only_with_a_successor(database: Database) -> None:
    open_case(database, "C1", "an")
    with pytest.raises(BadInput, match="kế thừa"), database.write() as session:
        units.end(session, None, LAST, unit="C1")


def test_strength_is_stated_once_a_day_and_may_be_corrected(database: Database) -> None:
    with database.write() as session:
        units.state_strength(session, None, LAST, unit="H", official=3600, comparator=">", source="Báo cáo")
        units.state_strength(session, None, LAST, unit="H", official=3610, comparator=">", source="Báo cáo")
    with database.read() as session:
        assert session.execute(sa.text("SELECT official, comparator FROM unit_strength")).all() == [(3610, ">")]
