"""Vietnamese is complete and first; English is a switch away; days and numbers look as they do on paper."""
from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
import wtforms
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from flask import Flask

from tests.web.conftest import Visitor
from tests.web.html import Page
from web import i18n, presenters, translate

PLACE = re.compile(r"%\((\w+)\)[sd]|%[sd]")


def texts(message: Message) -> tuple[list[str], list[str]]:
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    said = [message.string] if isinstance(message.string, str) else list(message.string)
    return ids, said


def test_every_message_has_its_vietnamese() -> None:
    """`python -m web.translate` collects what is missing here."""
    stored = translate.stored()
    missing = [m.id for m in translate.collect() if m.id and stored.get(m.id) is None]
    assert missing == []
    assert translate.untranslated(stored) == []


def test_every_message_of_the_form_library_has_its_vietnamese() -> None:
    with (Path(wtforms.__file__).parent / "locale" / "wtforms.pot").open("rb") as file:
        wanted = [texts(m)[0] for m in read_po(file) if m.id]
    spoken = i18n.catalogue("vi", "wtforms")
    assert [ids for ids in wanted if (spoken.ungettext(*ids, 1) if len(ids) > 1 else spoken.ugettext(ids[0])) in ids] == []


def test_translations_keep_the_places_of_values() -> None:
    for domain in ("messages", "wtforms"):
        with (i18n.FOLDER / "vi" / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
            for message in read_po(file, locale="vi"):
                ids, said = texts(message)
                for text in said:
                    assert set(PLACE.findall(text)) == set(PLACE.findall(ids[0])), ids[0]


def pages(visitor: Visitor) -> Iterator[tuple[str, str]]:
    """All pages of the ground, whole and with errors."""
    for path in ("/dang-nhap", "/ma-mot-lan", "/nothing"):
        yield path, visitor.get(path).text
    for path in ("/dang-nhap", "/ma-mot-lan"):
        yield path, visitor.post(path, {"username": "x" * 101, "password": "a", "again": "b"}).text
    visitor.sign_in("hoa")
    for path in ("/", "/tai-khoan", "/tai-khoan/mat-khau"):
        yield path, visitor.get(path).text
    yield "/tai-khoan/mat-khau", visitor.post("/tai-khoan/mat-khau", {}).text


def test_no_english_shows_on_vietnamese_pages(visitor: Visitor) -> None:
    english = {ids[0] for ids, _ in map(texts, translate.stored()) if len(ids[0]) > 7 and not PLACE.search(ids[0])}
    with (i18n.FOLDER / "vi" / "LC_MESSAGES" / "wtforms.po").open("rb") as file:
        english |= {PLACE.split(ids[0])[0].strip() for ids, _ in map(texts, read_po(file)) if len(PLACE.split(ids[0])[0]) > 7}
    for path, source in pages(visitor):
        page = Page(source)
        assert page.one("html").attrs["lang"] == "vi"
        assert [text for text in english if re.search(rf"(?<!\w){re.escape(text)}(?!\w)", page.text)] == [], path


def test_no_vietnamese_of_ours_shows_on_english_pages(visitor: Visitor) -> None:
    visitor.post("/ngon-ngu", {"language": "en"})
    own = {said[0] for _, said in map(texts, translate.stored()) if len(said[0]) > 7 and "%" not in said[0]}
    for path, source in pages(visitor):
        page = Page(source)
        assert page.one("html").attrs["lang"] == "en"
        assert [text for text in own if text in page.text] == [], path


def test_the_language_stays_chosen_and_leads_back(visitor: Visitor) -> None:
    visitor.get("/ma-mot-lan?x=1")
    assert visitor.page is not None
    back = visitor.page.one("form", action="/ngon-ngu")
    assert back
    answer = visitor.post("/ngon-ngu", {"language": "en", "back": "/ma-mot-lan?x=1"})
    assert answer.location == "/ma-mot-lan?x=1"
    assert "Set a password" in visitor.get("/ma-mot-lan").text
    visitor.sign_in("hoa")
    visitor.get("/")
    visitor.post("/dang-xuat")
    assert "Sign in" in visitor.get("/dang-nhap").text
    visitor.post("/ngon-ngu", {"language": "xx", "back": "//evil.example"})
    assert "Sign in" in visitor.get("/dang-nhap").text


def test_the_browsers_own_language_does_not_count(app: Flask) -> None:
    assert 'lang="vi"' in app.test_client().get("/dang-nhap", headers={"Accept-Language": "en,fr;q=0.5"}).text


def test_law_texts_fall_back_to_vietnamese(app: Flask) -> None:
    with app.test_request_context(headers={"Cookie": "nennep_lang=en"}):
        assert i18n.says({"vi": "Chi bộ", "en": "Cell"}) == "Cell"
        assert i18n.says({"vi": "Chi bộ"}) == i18n.says({"vi": "Chi bộ", "en": None}) == "Chi bộ"
    with app.test_request_context():
        assert i18n.says({"vi": "Chi bộ", "en": "Cell"}) == "Chi bộ"


@pytest.mark.parametrize(("language", "expected"), [
    ("vi", ["05/03/2026", "05/03/2026 01:30", "ngày 05 tháng 3 năm 2026", "Thứ Năm", "1.234,5", "97,5%", "còn 14 ngày", "hôm nay",
            "quá hạn 3 ngày", "12 ngày trước", "chưa rõ", "có", "2/3", "2 mục", "–"]),
    ("en", ["05/03/2026", "05/03/2026 01:30", "5 March 2026", "Thursday", "1,234.5", "97.5%", "14 days left", "today", "3 days late",
            "12 days ago", "not known", "yes", "2/3", "2 entries", "–"]),
])
def test_days_and_numbers(app: Flask, language: str, expected: list[str]) -> None:
    day = dt.date(2026, 3, 5)
    moment = dt.datetime(2026, 3, 4, 18, 30, tzinfo=dt.timezone.utc)
    with app.test_request_context(headers={"Cookie": f"nennep_lang={language}"}):
        assert [
            presenters.day(day), presenters.moment(moment), presenters.long_day(day), presenters.weekday(day),
            presenters.number(1234.5), presenters.percent(195, 200), presenters.distance(dt.date(2026, 3, 19), day),
            presenters.distance(day, day), presenters.distance(dt.date(2026, 3, 2), day), presenters.since(dt.date(2026, 2, 21), day),
            presenters.show(None), presenters.show(True), presenters.show(Fraction(2, 3)),
            presenters.show({"declared": True, "items": [{}, {}]}), presenters.percent(1, 0),
        ] == expected


def test_days_as_papers_write_them(app: Flask) -> None:
    with app.test_request_context():
        assert presenters.long_day(dt.date(2026, 2, 3)) == "ngày 03 tháng 02 năm 2026"
        assert presenters.day(dt.datetime(2026, 3, 4, 18, 30, tzinfo=dt.timezone.utc)) == "05/03/2026"
        assert presenters.day(None) == "–"


def test_searched_words_are_marked_without_regard_to_marks() -> None:
    assert presenters.marked("Đặng Thị <Đào>", "dao DANG") == "<mark>Đặng</mark> Thị &lt;<mark>Đào</mark>&gt;"
    assert presenters.marked("Lý Thị Thu", "") == "Lý Thị Thu"
