"""The building blocks of pages, each with everything it can show."""
from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Flask, render_template_string

from tests.web.html import Page
from web.forms import FilterForm, LineField
from web.shapes import Event, ShownFinding, Stage

DAY = dt.date(2026, 3, 12)
IMPORTS = """{% from "macros/bits.html" import crumbs, facts, tabs, empty, due, tag, notice %}
{% from "macros/lists.html" import table, head, cell, filters, pages %}
{% from "macros/case.html" import tracker, why_not, timeline %}
{% from "macros/forms.html" import post_button, refused_button %}"""


def shown(app: Flask, template: str, path: str = "/", **context: Any) -> Page:
    with app.test_request_context(path):
        return Page(f"<html>{render_template_string(IMPORTS + template, **context)}</html>")


def test_lists(app: Flask) -> None:
    page = shown(app, """{% call(row) table("Hồ sơ", ["Tên", "Số"], rows, numeric=(1,)) %}
        {{ head(row[0], "/x?a=1&b=2") }}{{ cell("Số", row[1]|number, numeric=true) }}{% endcall %}""",
                 rows=[("Đặng <Đào>", 1234), ("Lý Thu", 5)])
    assert page.one("caption").text == "Hồ sơ"
    assert [e.text for e in page.all("th", scope="row")] == ["Đặng <Đào>", "Lý Thu"]
    assert [(e.attrs["data-label"], e.text) for e in page.all("td")] == [("Số", "1.234"), ("Số", "5")]
    assert page.all("a")[0].attrs["href"] == "/x?a=1&b=2"


def test_pages_keep_the_filters(app: Flask) -> None:
    template = '{{ pages(page, 25, total, "home.index", {"q": "dao thi", "state": none}) }}'
    middle = shown(app, template, page=2, total=60)
    assert "26–50 trong 60" in middle.text
    assert [e.attrs["href"] for e in middle.all("a")] == ["/?q=dao+thi", "/?q=dao+thi&page=3"]
    assert [e.attrs["href"] for e in shown(app, template, page=3, total=60).all("a")] == ["/?q=dao+thi&page=2"]
    assert shown(app, template, page=1, total=0).text == "Không tìm thấy mục nào"


def test_filters_are_a_form_in_the_address(app: Flask) -> None:
    class Filters(FilterForm):
        q = LineField("Tên")

    with app.test_request_context("/?q=đào"):
        page = Page(render_template_string(IMPORTS + '{{ filters(form, "/", 1) }}', form=Filters()))
    assert page.one("form").attrs["method"] == "get"
    assert page.by_id("q").attrs["value"] == "đào"
    assert not page.all("input", name="csrf_token")
    assert "open" in page.one("details").attrs


def test_findings_say_everything(app: Flask) -> None:
    exception = ShownFinding("ELSE", "not_met", "Có ý kiến đồng ý của cấp trên")
    blocked = ShownFinding("AGE.MIN", "not_met", "Đủ 18 tuổi", values=[("Ngày sinh", dt.date(2008, 3, 12)), ("Tuổi tối thiểu", 216)],
                           cites=[("Hướng dẫn số 1, điểm 1.1", "/quy-dinh/1"), ("Điều lệ", None)], confidence="D",
                           fixed_by=["Bí thư chi bộ"], first_day=DAY, exceptions=[exception])
    unknown = ShownFinding("EDU.BASE", "unknown", "Có trình độ học vấn", missing=["Trình độ học vấn"])
    fine = ShownFinding("CERT", "met", "Giấy chứng nhận còn hạn")
    aside = ShownFinding("READMIT", "not_applicable", "Kết nạp lại")
    page = shown(app, "{{ why_not(list, first_day=day) }}", list=[fine, blocked, unknown, aside], day=DAY)
    text = page.text
    for part in ("chưa đạt Đủ 18 tuổi AGE.MIN", "12/03/2008", "216", "Bí thư chi bộ", "Hướng dẫn số 1, điểm 1.1", "chưa kiểm chứng",
                 "Còn thiếu: Trình độ học vấn", "2 điều kiện đã đạt hoặc không áp dụng", "Có ý kiến đồng ý của cấp trên"):
        assert part in text, part
    assert page.all("time")[0].attrs["datetime"] == "2026-03-12"
    assert text.index("AGE.MIN") < text.index("CERT")
    assert "Đã đạt mọi điều kiện" in shown(app, "{{ why_not(list) }}", list=[fine]).text
    assert "Không có ngày nào" in shown(app, "{{ why_not(list, reason='Không có ngày nào') }}", list=[unknown]).text


def test_the_tracker_names_the_present_stage(app: Flask) -> None:
    page = shown(app, "{{ tracker(stages, 'Quá trình') }}", stages=[
        Stage("Nguồn", "done", DAY), Stage("Xét", "blocked", note="thiếu lý lịch"), Stage("Kết nạp", "later")])
    items = page.all("li")
    assert [e.attrs.get("aria-current") for e in items] == [None, "step", None]
    assert [e.text for e in items] == ["Nguồn (đã xong)12/03/2026", "Xét (đang vướng)thiếu lý lịch", "Kết nạp"]


def test_the_timeline_tells_both_days(app: Flask) -> None:
    late = Event(7, "Chi bộ biểu quyết", DAY, "Ma Thị Hoa, Bí thư", dt.datetime(2026, 3, 20, 2, tzinfo=dt.timezone.utc), True, "/x",
                 ["14/17 tán thành"], [("đính chính", "warn")])
    page = shown(app, "{{ timeline(events) }}", events=[late, Event(8, "Ghi nhận", DAY)])
    assert page.by_id("entry-7").text.startswith("Chi bộ biểu quyết đính chính nhập muộn 12/03/2026 · Ma Thị Hoa, Bí thư · nhập lúc 20/03/2026 09:00")
    assert "14/17 tán thành" in page.text


def test_small_things(app: Flask) -> None:
    page = shown(app, """{{ crumbs([("Hồ sơ", "/a")]) }}{{ facts([("Ngày sinh", day), ("Dân tộc", none), ("Tên", "Đào")]) }}
        {{ tabs([("Một", "/1", true), ("Hai", "/2", false)], "Mục") }}{{ empty("Chưa có gì.", "Thêm", "/them") }}
        {{ due(day, day) }}{{ tag("tốt", "good") }}{{ notice("Hỏng", "bad", live=true) }}
        {{ post_button("/x", "Làm", fields={"a": "<1>"}, confirm="Chắc không?") }}{{ refused_button("b1", "Xét", "Chưa đủ tuổi") }}""", day=DAY)
    assert [e.text for e in page.all("dd")] == ["12/03/2026", "chưa rõ", "Đào"]
    assert [e.attrs.get("aria-current") for e in page.all("a") if e.attrs["href"] in ("/1", "/2")] == ["page", None]
    assert "12/03/2026, hôm nay" in page.text
    assert page.one("input", name="a").attrs["value"] == "<1>"
    refused = page.one("button", aria_disabled="true")
    assert page.by_id(refused.attrs["aria-describedby"]).text == "Chưa đủ tuổi"
    assert "disabled" not in refused.attrs
