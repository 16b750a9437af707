"""What stands in rows as a code is read as a word; what leaves by mail leads to a page."""
from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests.web import casework
from tests.web.registers import enter
from tests.web.test_history import Enter, entries
from web import storedwords
from workflow import mail
from workflow.outbox import Message
from workflow.site import Site

__all__ = ["enter"]
WORDS = [
    ("sponsor_report", "proposes", "keep", "tiếp tục giúp đỡ"), ("sponsor_report", "task", "partly", "hoàn thành một phần"),
    ("ballot", "method", "secret", "Bỏ phiếu kín"), ("ballot", "step", "cell_vote", "Chi bộ biểu quyết đề nghị kết nạp"),
    ("case", "state", "verified", "Đã thẩm tra lý lịch"), ("case", "process", "admission", "Kết nạp đảng viên"),
    ("person", "standing", "probationary", "Đảng viên dự bị"), ("person", "standing", "none", "không có"),
    ("paper", "kind", "6-KND", "Nghị quyết"), ("duty", "kind", "dossier", "Chi bộ xét kết nạp"),
    ("office", "role", "cell_secretary", "Bí thư chi bộ"), ("unit_version", "kind", "district", "huyện"),
    ("admission", "edu", "primary", "tiểu học"), ("relative", "kind", "father", "Cha đẻ"),
    ("person", "full_name", "keep", "keep"), ("unit_succession", "kind", "nowhere", "nowhere"),
]

@pytest.mark.parametrize(("table", "column", "code", "word"), WORDS)
def test_codes_have_words(town_app: Flask, table: str, column: str, code: str, word: str) -> None:
    law = casework.law()
    with town_app.test_request_context():
        assert word in str(storedwords.told(law, law.processes["admission"], table, column, code))

def test_no_entry_shows_a_bare_code(enter: Enter, town: Site) -> None:
    """Of each kind of act one page: no cell holds nothing but the id of a state, a step or an office."""
    book = town.book
    law = book.processes["admission"]
    ids = {*law.all_states, *law.step_versions, *book.offices, *book.unit_kinds, "keep", "secret"}
    visitor = enter("kiemtra")
    by_tag = {(e.tag, e.header.get("step")): e.id for e in entries(town, "kiemtra")}
    assert len(by_tag) > 6
    for number in by_tag.values():
        text = visitor.get(f"/lich-su/{number}").text
        assert {c.strip() for c in re.findall(r"<td[^>]*>([^<]*)</td>", text)} & ids == set(), number


def test_the_address_in_a_notice_is_that_of_the_case(town_app: Flask) -> None:
    message = Message(1, "case:7.2", "case.waits", 7, None, None, None, 1)
    text = mail.compose(message, None, "x@y", "https://xa.example", dt.datetime.now(dt.timezone.utc)).get_content()
    (address,) = re.findall(r"https://\S+", text)
    endpoint, given = town_app.url_map.bind("xa.example").match(urlsplit(address).path)
    assert (endpoint, given) == ("cases.show", {"case_id": 7})
