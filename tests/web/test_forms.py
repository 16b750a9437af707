"""Fields clean what is typed and keep what is wrong; the macros tie labels, hints and errors to them."""
from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask, render_template_string
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from tests.web.html import Page
from web.forms import (
    BaseForm,
    CheckListField,
    ChoiceField,
    CountField,
    DayField,
    FilterForm,
    FullNameField,
    LineField,
    NoteField,
    RadioChoiceField,
    YesNoField,
    many_lines,
    one_line,
    parse_day,
)
from workflow.errors import BadInput

COLOURS = [("red", "Đỏ"), ("blue", "Xanh")]


class Every(BaseForm):
    full_name = FullNameField(required=True)
    line = LineField("Một dòng", required=True, longest=10, description="Viết ngắn")
    note = NoteField("Ghi chú")
    day = DayField("Ngày", required=True)
    count = CountField("Số", required=True, most=50)
    choice = ChoiceField("Chọn", COLOURS, required=True)
    radio = RadioChoiceField("Một trong", COLOURS, required=True)
    known = YesNoField("Có không")
    many = CheckListField("Nhiều", COLOURS, required=True)


RIGHT = {"full_name": "Đặng Thị  Đào", "line": " ngắn ", "note": "a\r\nb ", "day": "5/3/2026", "count": "7", "choice": "red",
         "radio": "blue", "known": "no", "many": ["red", "blue"]}
PAGE = """{% extends "base.html" %}
{% from "macros/forms.html" import open_form, field, submit %}
{% block title %}Thử{% endblock %}
{% block heading %}<h1>Thử</h1>{% endblock %}
{% block content %}
{% call open_form(form) %}
{% for f in form if f.type != "CSRFTokenField" %}{{ field(f) }}{% endfor %}
{{ submit("Gửi") }}
{% endcall %}
{% endblock %}"""


def shown(app: Flask, data: dict[str, Any]) -> tuple[Every, Page]:
    with app.test_request_context("/", method="POST"):
        form = Every(formdata=MultiDict(data), meta={"csrf": False})
        form.validate()
        return form, Page(render_template_string(PAGE, form=form))


def test_right_values(app: Flask) -> None:
    form, page = shown(app, RIGHT)
    assert form.errors == {}
    assert form.data == {"full_name": "Đặng Thị Đào", "line": "ngắn", "note": "a\nb", "day": dt.date(2026, 3, 5), "count": 7,
                         "choice": "red", "radio": "blue", "known": False, "many": ["red", "blue"]}
    assert not page.all("div", class_="error-summary")
    assert page.one("title").text == "Thử – Nền Nếp"


@pytest.mark.parametrize("data", [
    {}, {"day": "31/02/2026", "count": "-1", "choice": "green", "radio": "green", "known": "perhaps", "many": ["green"], "line": "x" * 11,
         "full_name": "Đào 2"}, {"line": "   ", "full_name": "\u200b", "day": "soon", "count": "１２", "many": []},
])
def test_every_error_is_tied_to_its_field(app: Flask, data: dict[str, Any]) -> None:
    form, page = shown(app, data)
    assert page.one("title").text.startswith("Lỗi:")
    summary = page.one("div", class_="error-summary")
    tags = [e for e in page.elements if e.tag == "h1" or e is summary]
    assert tags[0] is summary
    assert summary.attrs["tabindex"] == "-1"
    assert "autofocus" in summary.attrs
    links = {e.attrs["href"][1:]: e.text for e in page.all("a") if "ul" in e.inside and e.attrs["href"].startswith("#")}
    for name, errors in form.errors.items():
        wrong = page.by_id(f"{name}-wrong")
        assert wrong.text.endswith(" ".join(errors))
        target = name if name in links else f"{name}-0"
        assert page.by_id(target).tag in {"input", "select", "textarea"}
        assert links[target].endswith(f": {' '.join(errors)}")
        tied = [e for e in page.elements if f"{name}-wrong" in e.attrs.get("aria-describedby", "").split()]
        assert tied, name
        assert all(e.attrs.get("aria-invalid") == "true" for e in tied)
    for element in page.elements:
        for id in element.attrs.get("aria-describedby", "").split():
            page.by_id(id)
    ids = [e.attrs["id"] for e in page.elements if "id" in e.attrs]
    assert len(ids) == len(set(ids))


def test_groups_stand_in_a_fieldset_and_everything_has_a_label(app: Flask) -> None:
    _, page = shown(app, {})
    labels = {e.attrs["for"] for e in page.all("label")}
    for element in page.elements:
        kind = element.attrs.get("type")
        if element.tag in {"input", "select", "textarea"} and kind != "hidden":
            assert element.attrs["id"] in labels
        if kind in {"radio", "checkbox"}:
            assert "fieldset" in element.inside
    assert len(page.all("legend")) == len(page.all("fieldset")) == 3


def test_typed_text_is_kept(app: Flask) -> None:
    data = {"line": "quá dài quá dài", "day": "30/02/2026", "count": "nhiều", "note": "<b>giữ</b>", "radio": "blue", "many": ["red"]}
    _, page = shown(app, data)
    for name in ("line", "day", "count"):
        assert page.by_id(name).attrs["value"] == data[name]
    assert page.by_id("note").text == "<b>giữ</b>"
    assert "checked" in page.by_id("radio-1").attrs
    assert "checked" in page.by_id("many-0").attrs


def test_a_question_left_open_is_not_answered_with_no(app: Flask) -> None:
    assert shown(app, {**RIGHT, "known": ""})[0].known.data is None
    assert shown(app, {k: v for k, v in RIGHT.items() if k != "known"})[0].known.data is None
    assert shown(app, {**RIGHT, "known": "yes"})[0].known.data is True


def test_refusals_of_the_workflow_stand_at_their_field(app: Flask) -> None:
    with app.test_request_context("/", method="POST"):
        form = Every(formdata=MultiDict(RIGHT), meta={"csrf": False})
        assert form.validate()
        form.accuse(BadInput("Ngày này chưa đến.", "day"))
        form.accuse(BadInput("Không được.", "elsewhere"))
        page = Page(render_template_string(PAGE, form=form))
    assert page.by_id("day-wrong").text.endswith("Ngày này chưa đến.")
    assert "Không được." in page.one("div", class_="error-summary").text


def test_wrong_filters_count_as_left_out(app: Flask) -> None:
    class Filters(FilterForm):
        name = LineField("Tên")
        since = DayField("Từ ngày")
        state = ChoiceField("Trạng thái", COLOURS)

    with app.test_request_context("/?name=%20d%C3%A0o%20&since=x&state=green&other=1"):
        assert Filters().values() == {"name": "dào"}
    with app.test_request_context("/?since=1/2/2026&state=red"):
        assert Filters().values() == {"since": dt.date(2026, 2, 1), "state": "red"}


@pytest.mark.parametrize(("text", "day"), [
    ("5/3/2026", (2026, 3, 5)), ("05/03/2026", (2026, 3, 5)), (" 5 - 3 - 2026 ", (2026, 3, 5)), ("5.3.2026", (2026, 3, 5)),
    ("05032026", (2026, 3, 5)), ("2026-03-05", (2026, 3, 5)), ("29/2/2024", (2024, 2, 29)),
])
def test_days_are_read(text: str, day: tuple[int, int, int]) -> None:
    assert parse_day(text) == dt.date(*day)


@pytest.mark.parametrize("text", ["", "5/3", "5/3/26", "3/13/2026", "29/2/2026", "2026-3-5", "05/03/1850", "05/03/2999", "٥/٣/٢٠٢٦", "5/3/2026x",
                                  "1/1/20260"])
def test_other_texts_are_no_days(text: str) -> None:
    with pytest.raises(ValueError):
        parse_day(text)


@given(st.text())
def test_no_text_breaks_the_cleaning(text: str) -> None:
    for clean in (one_line, many_lines):
        once = clean(text)
        assert clean(once) == once
        assert once is None or "\x00" not in once
    try:
        parse_day(text)
    except ValueError:
        pass


def test_names_in_pieces_become_whole_letters() -> None:
    assert one_line("Ða\u0309\u200bo ") == "Đảo"
