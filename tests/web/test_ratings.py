"""The round of classification on the site: entered, verified and decided in bulk, with a verdict for each row."""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tests.web.conftest import Visitor
from tests.web.registers import statements, unit
from workflow import ratings, units
from workflow.models import Rating
from workflow.ratings import Period, Said
from workflow.site import Site

Enter = Callable[[str], Visitor]
YEAR = Period.year(2025)
GOOD, EXCELLENT, WEAK = "Hoàn thành tốt nhiệm vụ", "Hoàn thành xuất sắc nhiệm vụ", "Không hoàn thành nhiệm vụ"
DAY = dt.date(2026, 1, 20)


@pytest.fixture
def rated(town: Site) -> Site:
    """The cells of the base committee have assessed themselves for 2025; one base cell was rated in former years."""
    with town.database.write() as session:
        for code, label, points in (("C1", EXCELLENT, 92), ("C2", GOOD, 80)):
            ratings.self_assess(session, None, dt.date(2025, 12, 10), Said(code, YEAR, label, points, facts={
                "tasks.done": 100, "tasks.exceeded": 40, "tasks.late": 0, "unit.disciplined": False}))
        for code in ("C1", "C2"):
            ratings.verify(session, None, dt.date(2025, 12, 20), Said(code, YEAR))
        ratings.take_over(session, None, dt.date(2026, 1, 5), Said("K", Period.year(2024), GOOD, imported=True))
    return town


def path(town: Site, code: str, tail: str = "year/2025") -> str:
    return f"/xep-loai/{unit(town, code)}/{tail}"


def data(visitor: Visitor) -> dict[str, str]:
    """The form of the round as the page holds it."""
    assert visitor.page is not None
    found: dict[str, str] = {}
    for e in visitor.page.elements:
        name = e.attrs.get("name")
        if e.tag == "input" and name and e.attrs.get("type") not in ("checkbox", "submit"):
            found[name] = e.attrs.get("value", "")
    for select in visitor.page.all("select"):
        found[select.attrs["name"]] = ""
    chosen: str | None = None
    for e in visitor.page.elements:
        if e.tag == "select":
            chosen = e.attrs["name"]
        elif e.tag == "option" and chosen and "selected" in e.attrs:
            found[chosen] = e.attrs.get("value", "")
    return found


def states(town: Site) -> dict[str, Any]:
    with town.database.read() as session:
        rows = session.execute(sa.select(Rating.unit_id, Rating.state, Rating.label).where(Rating.period_to == YEAR.last)).all()
    return {row.unit_id: (row.state, row.label) for row in rows}


def test_rounds_are_listed_and_opened(enter: Enter, rated: Site) -> None:
    visitor = enter("coso")
    assert visitor.get("/xep-loai").status_code == 200
    assert visitor.page is not None and visitor.page.one("a", href=path(rated, "X"))
    assert visitor.get(f"/xep-loai?organ={unit(rated, 'X')}&year=2025").headers["Location"] == path(rated, "X")


def test_who_sees_no_round_is_led_to_his_own_units(enter: Enter, rated: Site) -> None:
    visitor = enter("bithu1")
    assert visitor.get("/xep-loai").status_code == 200
    assert visitor.page is not None
    ways = [a.attrs["href"] for a in visitor.page.all("a") if a.attrs.get("href", "").startswith("/xep-loai/")]
    assert f"/xep-loai/{unit(rated, 'X')}/year/2025" not in ways and ways
    assert {visitor.get(way).status_code for way in ways} == {200}
    own = f"/xep-loai/don-vi/{unit(rated, 'C1')}/quarter/2026-q1"
    assert visitor.get(f"/xep-loai?organ={unit(rated, 'C1')}&kind=quarter&year=2026&quarter=1").headers["Location"] == own


def test_units_are_decided_in_bulk_with_a_verdict_for_each_row(enter: Enter, rated: Site) -> None:
    visitor = enter("kycoso")
    assert visitor.get(path(rated, "X")).status_code == 200
    assert visitor.page is not None
    text = visitor.page.one("main").text
    assert "Chi bộ thôn Nà Tông" in text and EXCELLENT in text
    c1, c2, c3 = (unit(rated, c) for c in ("C1", "C2", "C3"))
    filled = data(visitor)
    assert filled[f"label_{c1}"] == EXCELLENT and filled[f"points_{c1}"] == "92", "what was proposed is filled in"
    answer = visitor.post(path(rated, "X"), {**filled, f"pick_{c1}": "y", f"pick_{c2}": "y", f"pick_{c3}": "y", "on": "20/01/2026",
                                             f"label_{c3}": "", f"points_{c3}": "77", "paper": "01-QĐ/ĐU", "step": "decide"})
    assert answer.status_code == 422
    found = states(rated)
    assert found[c1] == ("decided", EXCELLENT) and found[c2] == ("decided", GOOD) and c3 not in found
    assert f'name="points_{c3}" type="text" value="77"' in answer.text.replace('value="77" type="text"', 'type="text" value="77"') \
        or 'value="77"' in answer.text, "what was typed in the refused row is still there"
    text = visitor.page.one("main").text
    assert "Chưa nhập mức xếp loại." in text
    assert f'id="pick_{c3}"' in answer.text and not visitor.page.all("input", id=f"pick_{c1}", checked=""), "what is done is no longer ticked"


def test_a_refused_row_names_the_law_in_plain_words(enter: Enter, rated: Site) -> None:
    base = unit(rated, "X")
    with rated.database.write() as session:
        ratings.self_assess(session, None, dt.date(2025, 12, 12), Said("X", YEAR, GOOD, 75))
        ratings.verify(session, None, dt.date(2025, 12, 22), Said("X", YEAR))
    visitor = enter("thuongvu")
    visitor.get(path(rated, "G"))
    answer = visitor.post(path(rated, "G"), {**data(visitor), f"pick_{base}": "y", f"label_{base}": GOOD, f"points_{base}": "75",
                                             "on": "20/01/2026", "step": "decide"})
    assert answer.status_code == 422 and states(rated)[base][0] == "verified", "its cells are not decided yet"
    assert visitor.page is not None
    text = visitor.page.one("main").text
    assert "CLS-ORDER" in text and "Căn cứ:" in text, "the rule, in words and with its clause"


def test_nobody_decides_what_is_another_organs(enter: Enter, rated: Site) -> None:
    visitor = enter("bithu1")
    assert visitor.get(path(rated, "X")).status_code == 404, "a cell's secretary does not see the round of his committee"
    visitor = enter("kiemtra")
    assert visitor.get(path(rated, "X")).status_code == 200
    assert visitor.page is not None and not visitor.page.all("button", name="step"), "an inspector looks on"
    assert visitor.post(path(rated, "X"), {"step": "decide", "on": "20/01/2026"}).status_code == 403


def test_no_row_ticked_or_a_wrong_day_is_said_and_nothing_lost(enter: Enter, rated: Site) -> None:
    visitor = enter("kycoso")
    visitor.get(path(rated, "X"))
    filled = {**data(visitor), "paper": "Quyết định 7", "step": "decide"}
    answer = visitor.post(path(rated, "X"), filled)
    assert answer.status_code == 422 and "Quyết định 7" in answer.text
    answer = visitor.post(path(rated, "X"), {**filled, "on": "40/01/2026", f"pick_{unit(rated, 'C1')}": "y"})
    assert answer.status_code == 422 and "40/01/2026" in answer.text and states(rated)[unit(rated, "C1")][0] == "verified"


def test_prints_and_file(enter: Enter, rated: Site) -> None:
    visitor = enter("coso")
    for what, there in (("missing", "Chi bộ thôn Nặm Trá"), ("submission", EXCELLENT), ("decision", "")):
        answer = visitor.get(path(rated, "X", f"year/2025/in/{what}"))
        assert answer.status_code == 200 and there in answer.text
    assert visitor.get(path(rated, "X", "year/2025/in/else")).status_code == 404
    lines = visitor.get(path(rated, "X") + "?format=csv").text.splitlines()
    assert len(lines) == 5 and ",C1," in "\n".join(lines)
    wrong = ("year/20x5", "quarter/2025", "month/2025", "term/2025-13-01_2025-12-31")
    assert {visitor.get(path(rated, "X", tail)).status_code for tail in wrong} == {404}


def test_a_unit_is_assessed_counted_decided_its_head_rated_and_reopened(enter: Enter, rated: Site) -> None:
    cell = unit(rated, "C3")
    page = f"/xep-loai/don-vi/{cell}/year/2025"
    visitor = enter("bithu3")
    assert visitor.get(page).status_code == 200 and visitor.page is not None
    visitor.get(f"{page}/tu-danh-gia")
    answer = visitor.post(f"{page}/tu-danh-gia", {**data(visitor), "on": "12/12/2025", "label": GOOD, "points": "75", "tasks_done": "100",
                                                 "tasks_late": "0", "disciplined": "no"})
    assert answer.status_code == 303, answer.text
    visitor.get(f"{page}/dang-vien")
    assert visitor.post(f"{page}/dang-vien", {**data(visitor), "on": "12/12/2025", "level_HTT": "6", "level_HT": "2", "unrated_exempt": "1"}
                        ).status_code == 303
    visitor.get(page)
    assert visitor.page is not None and {"6", "2", "1"} <= {e.text for e in visitor.page.all("td")}
    assert "x ≤ 20 % × (6 − x)" in visitor.page.one("main").text, "the working of the ceiling"
    assert visitor.get(f"{page}/quyet-dinh").status_code == 404, "a cell does not decide its own rating"
    officer, signer = enter("coso"), enter("kycoso")
    officer.get(f"{page}/tham-dinh")
    assert officer.post(f"{page}/tham-dinh", {**data(officer), "on": "20/12/2025", "mass_total": "4", "mass_lowest": "0"}).status_code == 303
    signer.get(f"{page}/quyet-dinh")
    assert signer.post(f"{page}/quyet-dinh", {**data(signer), "on": "10/01/2026", "paper": "02-QĐ/ĐU"}).status_code == 303
    assert states(rated)[cell] == ("decided", GOOD)
    signer.get(f"{page}/nguoi-dung-dau")
    assert signer.page is not None
    head = next(e.attrs["value"] for e in signer.page.all("option") if e.text == "Vi Thị Én")
    assert signer.post(f"{page}/nguoi-dung-dau", {**data(signer), "on": "15/01/2026", "person": head, "post": "Bí thư", "label": GOOD,
                                                 "points": "75"}).status_code == 303
    signer.get(f"{page}/xem-xet-lai")
    refused = signer.post(f"{page}/xem-xet-lai", {**data(signer), "on": "20/02/2026", "ground": "violation", "reason": ""})
    assert refused.status_code == 422
    assert signer.post(f"{page}/xem-xet-lai", {**data(signer), "on": "20/02/2026", "ground": "violation", "reason": "Dấu hiệu vi phạm"}
                       ).status_code == 303
    signer.get(page)
    assert signer.page is not None and "Dấu hiệu vi phạm" in signer.page.one("main").text and states(rated)[cell][0] == "reopened"


def test_what_the_law_minds_is_told_after_the_act(enter: Enter, rated: Site) -> None:
    visitor, cell = enter("kycoso"), unit(rated, "C3")
    visitor.get(path(rated, "X"))
    filled = {**data(visitor), f"pick_{cell}": "y", f"label_{cell}": GOOD, f"points_{cell}": "60", "on": "20/01/2026", "step": "decide"}
    assert visitor.post(path(rated, "X"), filled).status_code == 303
    visitor.get(path(rated, "X"))
    assert visitor.page is not None
    text = visitor.page.text
    assert "[CLS-STEPS-PAPER]" in text and "[CLS-BAND]" in text, "decided from paper alone, with points of a lower level"
    assert states(rated)[cell] == ("decided", GOOD)


def test_problems_are_noted_and_cleared_by_who_stands_above(enter: Enter, rated: Site) -> None:
    page = f"/xep-loai/don-vi/{unit(rated, 'C1')}/van-de"
    assert enter("bithu1").get(page).status_code == 404
    visitor = enter("coso")
    visitor.get(page)
    assert visitor.post(page, {"kind": "security", "on": "01/02/2026", "basis": "Báo cáo 3"}).status_code == 303
    visitor.get(f"/don-vi/{unit(rated, 'C1')}")
    assert visitor.page is not None and "An ninh, trật tự phức tạp" in visitor.page.one("main").text
    visitor.get(page)
    assert visitor.post(page, {"kind": "disunity", "on": "01/03/2026", "clear": "1"}).status_code == 422
    assert visitor.post(page, {"kind": "security", "on": "01/03/2026", "clear": "1"}).status_code == 303


def test_years_of_different_schemes_are_never_compared_without_saying_so(enter: Enter, rated: Site) -> None:
    with rated.database.write() as session:
        ratings.take_over(session, None, dt.date(2026, 1, 6), Said("K", Period.year(2025), GOOD, imported=True))
    visitor = enter("ban")
    for place in (f"/don-vi/{unit(rated, 'K')}", "/xep-loai/danh-sach", f"/xep-loai/don-vi/{unit(rated, 'K')}/year/2025"):
        assert visitor.get(place).status_code == 200
        assert visitor.page is not None and visitor.page.all("div", class_="notice notice-info not-compared"), place


def test_more_units_send_no_more_statements(enter: Enter, rated: Site) -> None:
    visitor = enter("kycoso")
    visitor.get(path(rated, "X"))
    with statements(rated) as sent:
        visitor.get(path(rated, "X"))
    before = len(sent)
    with rated.database.write() as session:
        for number in range(15):
            units.found(session, None, dt.date(2025, 7, 1), code=f"N{number}", name=f"Chi bộ {number}", kind="cell", parent="X")
            ratings.self_assess(session, None, dt.date(2025, 12, 10), Said(f"N{number}", YEAR, GOOD, 75))
    with statements(rated) as sent:
        assert visitor.get(path(rated, "X")).status_code == 200
    assert len(sent) <= before
