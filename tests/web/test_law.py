"""The law browser: every part of the law on any day, nothing that ends in an error, and a map that fits the machine."""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.web import casework
from tests.web.conftest import Visitor
from tests.web.registers import statements
from web import processmap
from workflow.site import Site

Enter = Callable[[str], Visitor]
DAYS = ("", "?on=2017-05-01", "?on=01/06/2022", "?on=2025-02-01", "?on=2025-08-15", "?on=2026-05-01", "?on=1900-01-01", "?on=2100-12-31")


def main(visitor: Visitor) -> str:
    assert visitor.page is not None
    return visitor.page.one("main").text


@pytest.mark.parametrize("day", DAYS)
def test_every_page_of_the_law_opens_on_every_kind_of_day(enter: Enter, day: str) -> None:
    visitor, law = enter("kiemtra"), casework.law()
    paths = ["/quy-dinh", "/quy-dinh/quy-tac", "/quy-dinh/gia-tri", *(f"/quy-dinh/quy-trinh/{p}" for p in law.processes)]
    rules = [r for process in law.processes.values() for r in process.rule_versions]
    paths += [f"/quy-dinh/quy-tac/{quote(r)}" for r in rules[::1 if not day else 11]]
    paths += [f"/quy-dinh/gia-tri/{p}" for p in list(law.parameters)[::1 if not day else 11]]
    paths += [f"/quy-dinh/van-ban/{d}" for d in list(law.documents)[::1 if not day else 11]]
    assert [(path, code) for path in paths if (code := visitor.get(path + day).status_code) != 200] == []


def test_a_rule_shows_the_law_of_the_day_asked(enter: Enter) -> None:
    visitor = enter("kiemtra")
    visitor.get("/quy-dinh/quy-tac/AGE.MIN?on=2025-08-15")
    text = main(visitor)
    assert "Đủ 18 tuổi" in text and "294-QĐ/TW, mục 1.1.1" in text and "216 tháng" in text
    assert "candidate.born_on + months(age_min) <= act.on" in text
    assert "Chi bộ biểu quyết" in text, "the steps that ask it"
    visitor.get("/quy-dinh/quy-tac/AGE.MIN?on=2026-05-01")
    assert "20-QĐ/TW" in main(visitor) and "chưa kiểm" in main(visitor), "a mark of D is shown as what it is"
    assert visitor.page is not None
    assert visitor.page.all("a", href="/quy-dinh/gia-tri/age_min?on=2026-05-01"), "links keep the day"


def test_all_versions_stand_with_the_basis_of_their_time(enter: Enter) -> None:
    visitor = enter("kiemtra")
    visitor.get("/quy-dinh/quy-tac/EDU.BASE")
    law = casework.law().processes["admission"]
    text = main(visitor)
    for version in law.rule_versions["EDU.BASE"]:
        assert f"{version.since:%d/%m/%Y}" in text
        assert str(version.law.when) in text


def test_examples_are_told_in_words(enter: Enter) -> None:
    visitor = enter("kiemtra")
    visitor.get("/quy-dinh/quy-tac/AGE.MIN")
    assert visitor.page is not None
    rows = [e.text for e in visitor.page.all("tr")]
    assert any(r.startswith("Ngày sinh: 12/03/2008") and "không đạt" in r.lower() or "chưa đạt" in r.lower() for r in rows)
    assert any("12/03/2026" in r for r in rows)


@pytest.mark.parametrize(("query", "holds", "not_holds"), [
    ("q=du+18+tuoi", "AGE.MIN", "EDU.BASE"), ("q=AGE.M", "AGE.MAX", "EDU.BASE"), ("mark=D&on=2026-05-01", "AGE.MIN", None),
    ("mark=zzz&severity=yyy", "AGE.MIN", None), ("q=khong+co+quy+tac+nay", None, "AGE.MIN")])
def test_rules_are_searched_and_narrowed(enter: Enter, query: str, holds: str | None, not_holds: str | None) -> None:
    visitor = enter("kiemtra")
    assert visitor.get(f"/quy-dinh/quy-tac?{query}").status_code == 200
    assert visitor.page is not None
    shown = {e.text for e in visitor.page.all("th", scope="row")}
    assert (holds is None or holds in shown) and (not_holds is None or not_holds not in shown)


def test_rules_not_in_force_on_the_day_are_found_when_asked_for(enter: Enter) -> None:
    early = dt.date(2017, 5, 1)
    later = [r for r, versions in casework.law().processes["admission"].rule_versions.items() if versions[0].since > early]
    assert later
    visitor = enter("kiemtra")
    for query, there in (("", False), ("&time=all", True)):
        visitor.get(f"/quy-dinh/quy-tac?on={early}{query}")
        assert visitor.page is not None
        assert (later[0] in {e.text for e in visitor.page.all("th", scope="row")}) is there
    visitor.get(f"/quy-dinh/quy-tac/{later[0]}?on={early}")
    assert "không có hiệu lực ngày đó" in main(visitor)


def test_a_value_with_all_its_days_and_readers(enter: Enter) -> None:
    visitor = enter("kiemtra")
    visitor.get("/quy-dinh/gia-tri/decide_admit_days")
    law = casework.law()
    text = main(visitor)
    assert all(f"{day:%d/%m/%Y}" in text for day in law.values_of("decide_admit_days"))
    assert "ngày làm việc" in text
    visitor.get("/quy-dinh/gia-tri/age_min")
    assert visitor.page is not None
    assert visitor.page.all("a", href="/quy-dinh/quy-tac/AGE.MIN")


def test_a_document_knows_what_rests_on_it_and_what_replaced_it(enter: Enter) -> None:
    visitor = enter("kiemtra")
    visitor.get("/quy-dinh/van-ban/QD-294-2025")
    text = main(visitor)
    assert visitor.page is not None
    assert "294-QĐ/TW" in text and "AGE.MIN" in text and visitor.page.all("a", href="/quy-dinh/van-ban/QD-20-2026")


@pytest.mark.parametrize("path", ["/quy-dinh/quy-tac/NO.SUCH", "/quy-dinh/gia-tri/nothing", "/quy-dinh/van-ban/x", "/quy-dinh/quy-trinh/x",
                                  "/quy-dinh/quy-tac/%00", "/quy-dinh/quy-tac/../../etc", "/quy-dinh/van-ban/" + "x" * 3000])
def test_what_is_not_there_is_not_found(enter: Enter, path: str) -> None:
    assert enter("kiemtra").get(path).status_code == 404


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "99999999999", "", "0001-01-01", "%F0%9F%98%80"])
def test_a_day_that_cannot_be_counts_as_left_out(enter: Enter, day: str) -> None:
    visitor = enter("kiemtra")
    assert visitor.get(f"/quy-dinh/quy-trinh/admission?on={day}").status_code == 200
    assert "ngày 15/10/2026" in main(visitor)


def test_the_map_tells_every_state_and_every_step(enter: Enter) -> None:
    visitor, law = enter("ban"), casework.law().processes["admission"]
    visitor.get("/quy-dinh/quy-trinh/admission")
    assert visitor.page is not None
    ids = {e.attrs.get("id") for e in visitor.page.elements}
    assert {f"state-{s}" for s in law.all_states} <= ids
    rows = {e.text for e in visitor.page.all("th", scope="row")}
    day = casework.TODAY
    told = {step.label.vi for step in law.steps(day).values() if step.label}
    assert {label for label in told if not any(row.startswith(label) for row in rows)} == set()


def test_numbers_on_the_map_are_the_cases_in_sight(enter: Enter) -> None:
    visitor = enter("ban")
    visitor.get("/quy-dinh/quy-trinh/admission")
    assert visitor.page is not None
    link = visitor.page.one("a", href="/ho-so?state=probationary")
    number = link.text.split()[0]
    visitor.get(link.attrs["href"])
    assert f"{number} hồ sơ" in visitor.page.text
    visitor = enter("quan.tri")
    visitor.get("/quy-dinh/quy-trinh/admission")
    assert visitor.page is not None
    assert not [e for e in visitor.page.all("a") if e.attrs["href"].startswith("/ho-so")], "an administrator sees the law and no case"


@pytest.mark.parametrize("on", [dt.date(2017, 5, 1), dt.date(2025, 8, 15), dt.date(2026, 10, 15)])
def test_the_picture_draws_only_ways_that_there_are_and_no_two_lines_in_one_lane(on: dt.date) -> None:
    law = casework.law().processes["admission"]
    steps = law.steps(on)
    there = {(state, goal) for step in steps.values() for state in law.leaves(step) for goal in law.goals(step, state)}
    drawn = processmap.ways(law, steps)
    assert drawn and set(drawn) <= there
    labels = {s: s for s in law.all_states}
    picture = processmap.draw(law, steps, labels, {}, {})
    assert len(picture.arrows) == len(drawn)
    assert [box.y for box in picture.boxes] == sorted(box.y for box in picture.boxes)
    spans = [(0, 3), (1, 2), (2, 5), (3, 4), (0, 5), (4, 5)]
    lanes = processmap.lanes(spans)
    assert set(lanes) == set(spans)
    assert not [(a, b) for a in spans for b in spans if a < b and lanes[a] == lanes[b] and a[0] < b[1] and b[0] < a[1]]


def test_long_labels_are_broken_and_never_lost_without_a_sign() -> None:
    assert processmap.wrapped("Chi bộ") == ("Chi bộ",)
    label = "Đảng ủy cơ sở biểu quyết công nhận chưa đủ tỷ lệ"
    assert " ".join(processmap.wrapped(label)) == label and len(processmap.wrapped(label)) == 2
    assert processmap.wrapped("chữ " * 60)[1].endswith("…")


def test_the_law_asks_the_database_for_little(enter: Enter, town: Site) -> None:
    visitor = enter("ban")
    for path in ("/quy-dinh", "/quy-dinh/quy-tac", "/quy-dinh/quy-tac/AGE.MIN", "/quy-dinh/quy-trinh/admission"):
        with statements(town) as sent:
            visitor.get(path)
        assert len(sent) <= 9, path
