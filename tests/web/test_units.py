"""Units: what is in sight, what a unit's page tells, and what of an ended unit remains."""
from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.web.conftest import Visitor
from tests.web.registers import ENDED, statements, unit
from workflow import people, units
from workflow.site import Site

Enter = Callable[[str], Visitor]


def shown(visitor: Visitor) -> str:
    assert visitor.page is not None
    return visitor.page.one("main").text


def test_the_tree_holds_what_lies_below_ones_office_and_no_more(enter: Enter) -> None:
    visitor = enter("ban")
    assert visitor.get("/don-vi").status_code == 200
    assert visitor.page is not None
    names = [e.text.split(" (")[0] for e in visitor.page.all("th", scope="row")]
    assert names[0] == "Đảng ủy xã Nà Rừng"
    assert {"Đảng ủy cơ sở Khau Pạu", "Chi bộ thôn Nặm Trá", "Chi bộ Trạm y tế"} <= set(names)
    assert not {"Tỉnh ủy", "Đảng ủy xã Láng Giềng", "Huyện ủy Lâm Bình"} & set(names)
    assert names.index("Đảng ủy cơ sở Khau Pạu") < names.index("Chi bộ thôn Nà Tông") < names.index("Chi bộ Trạm y tế")
    enter("bithu2").get("/don-vi")
    visitor = enter("bithu2")
    visitor.get("/don-vi")
    assert visitor.page is not None
    assert [e.text for e in visitor.page.all("th", scope="row")] == ["Chi bộ thôn Bản Ỏ"]


def test_without_an_office_there_is_no_unit(enter: Enter) -> None:
    visitor = enter("giup")
    visitor.get("/don-vi")
    assert "Không có đơn vị nào trong phạm vi được xem" in shown(visitor)


@pytest.mark.parametrize(("query", "found"), [
    ("q=nam+tra", ["Chi bộ thôn Nặm Trá"]), ("q=C1", ["Chi bộ thôn Nà Tông"]), ("kind=base_cell", ["Chi bộ Trạm y tế"]),
    ("q=lang+gieng", []), ("q=%25", []), ("kind=nothing&q=" + "x" * 101, None)])
def test_search_is_flat_without_marks_and_stays_in_sight(enter: Enter, query: str, found: list[str] | None) -> None:
    visitor = enter("ban")
    assert visitor.get(f"/don-vi?{query}").status_code == 200
    assert visitor.page is not None
    names = [e.text for e in visitor.page.all("th", scope="row")]
    assert len(names) > 5 if found is None else names == found


def test_counts_of_cases_lead_to_the_same_list(enter: Enter, town: Site) -> None:
    visitor = enter("ban")
    visitor.get("/don-vi")
    assert visitor.page is not None
    link = visitor.page.one("a", href=f"/ho-so?unit={unit(town, 'C1')}")
    number = int(link.text)
    visitor.get(link.attrs["href"])
    assert f"{number} hồ sơ" in visitor.page.text


def test_the_page_of_a_unit(enter: Enter, town: Site) -> None:
    visitor = enter("ban")
    assert visitor.get(f"/don-vi/{unit(town, 'G')}").status_code == 200
    text = shown(visitor)
    assert visitor.page is not None
    assert visitor.page.one("h1").text == "Đảng ủy xã Nà Rừng"
    assert "Chu Thị Lan" in text and "Cán bộ Ban Xây dựng Đảng" in text
    assert "thay mặt Lương Văn Nam" in text, "who stands in is told with whom he stands in for"
    assert "Kế thừa: Huyện ủy Lâm Bình" in text
    assert visitor.page.one("a", href=f"/don-vi/{unit(town, 'H')}")
    assert not visitor.page.all("a", href=f"/don-vi/{unit(town, 'T')}"), "above one's office a unit has a name and no page"
    assert visitor.page.one("a", href=f"/lich-su?unit={unit(town, 'G')}")


def test_states_add_up_and_lead_to_their_cases(enter: Enter, town: Site) -> None:
    visitor = enter("ban")
    visitor.get(f"/don-vi/{unit(town, 'X')}")
    assert visitor.page is not None
    link = visitor.page.one("a", href=f"/ho-so?state=probationary&unit={unit(town, 'X')}")
    assert link.text == "Đảng viên dự bị"
    visitor.get(link.attrs["href"])
    assert "1 hồ sơ" in visitor.page.text


def test_stated_and_counted_figures_stand_apart_with_their_sources(enter: Enter, town: Site) -> None:
    visitor = enter("ban")
    visitor.get(f"/don-vi/{unit(town, 'H')}")
    text = shown(visitor)
    assert "200" in text and "195" in text and "97,5%" in text
    assert "Nguồn: Báo cáo tổng kết" in text and "Nghị quyết đại hội" in text
    assert "trên 3.600" in text and "Báo cáo đại hội" in text


def test_the_sum_of_units_is_the_ratio_of_sums(enter: Enter, town: Site) -> None:
    visitor = enter("ban")
    visitor.get(f"/don-vi/{unit(town, 'G')}")
    assert visitor.page is not None
    totals = [e.text for e in visitor.page.elements if "tfoot" in e.inside and e.tag in ("th", "td")]
    assert totals[:5] == ["Cộng, theo công bố", "8", "5", "–", "62,5%"]
    assert totals[5:7] == ["Cộng, theo số đếm", "12"], "one unit has no statement: it is left out of that sum alone"


def test_an_ended_unit_keeps_its_page_for_whom_it_lives_on(enter: Enter, town: Site) -> None:
    visitor = enter("ban")
    for code in ("H", "HX"):
        assert visitor.get(f"/don-vi/{unit(town, code)}").status_code == 200
        assert f"đã kết thúc ngày {ENDED:%d/%m/%Y}" in shown(visitor)
    assert "Kết thúc hoạt động, kế thừa bởi: Đảng ủy cơ sở Khau Pạu" in shown(visitor)
    assert "Người giữ chức trách" not in shown(visitor)
    assert enter("bithuk").get(f"/don-vi/{unit(town, 'HX')}").status_code == 404


def test_not_there_and_not_yours_are_one_answer(enter: Enter, town: Site) -> None:
    visitor = enter("coso")
    answers = {re.sub(r'(csrf_token" value=")[^"]+', "", visitor.get(path).text) for path in (
        f"/don-vi/{unit(town, 'L')}", f"/don-vi/{unit(town, 'K')}", "/don-vi/999999")}
    assert len(answers) == 1
    assert {visitor.get(path).status_code for path in ("/don-vi/99999999999", "/don-vi/x", "/don-vi/-1")} == {404}
    assert enter("quan.tri").get("/don-vi").status_code == 404


def test_a_tree_too_long_for_a_page_is_cut_at_a_level(enter: Enter, town: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflow.unitsheet.LONGEST", 5)
    visitor = enter("ban")
    visitor.get("/don-vi")
    assert visitor.page is not None
    names = [e.text for e in visitor.page.all("th", scope="row")]
    assert "Chi bộ thôn Nà Tông" not in " ".join(names) and len(names) <= 5
    assert "nhiều đơn vị hơn" in shown(visitor)


def test_more_units_send_no_more_statements(enter: Enter, town: Site) -> None:
    visitor = enter("ban")
    paths = ("/don-vi", f"/don-vi/{unit(town, 'G')}", f"/don-vi/{unit(town, 'X')}")
    before = []
    for path in paths:
        visitor.get(path)
        with statements(town) as sent:
            visitor.get(path)
        before.append(len(sent))
    with town.database.write() as session:
        for number in range(12):
            units.found(session, None, ENDED, code=f"N{number}", name=f"Chi bộ {number}", kind="cell", parent=None)
            units.move(session, None, ENDED.replace(month=7, day=1, year=2025), unit=f"N{number}", parent="X", paper="QĐ")
            people.add_person(session, None, ENDED, full_name="Lý Văn Thêm", unit=f"N{number}")
    for path, number in zip(paths, before, strict=True):
        with statements(town) as sent:
            assert visitor.get(path).status_code == 200
        assert len(sent) <= number, path


def test_english_by_switch(enter: Enter, town: Site) -> None:
    visitor = enter("ban")
    visitor.post("/ngon-ngu", {"language": "en"})
    visitor.get(f"/don-vi/{unit(town, 'H')}")
    assert "Targets and attainment" in shown(visitor) and "over 3,600" in shown(visitor)
