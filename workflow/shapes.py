"""The form of a request, asked before anything is looked up. What cannot be what it claims to be is refused in words."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from rules.values import LARGEST, storable
from workflow.errors import BadInput, NotFound


def whole(value: object, field: str, what: str) -> None:
    """An id, or the number of a version; None is none. Raises BadInput."""
    if value is not None and (type(value) is not int or not 0 < value <= LARGEST):
        raise BadInput(f"{what} không hợp lệ.", field)


def day(value: object, field: str, what: str) -> None:
    """A plain day, never a moment. Raises BadInput."""
    if type(value) is not dt.date:
        raise BadInput(f"{what} phải là một ngày.", field)


def text(value: object, field: str, what: str, limit: int = 200) -> None:
    """A text that the databases keep as it is; None is none. Raises BadInput."""
    if value is not None and not storable(value, limit):
        raise BadInput(f"{what} không hợp lệ.", field)


def step_of(step: object, on: object) -> None:
    """Which step, and on which day. Raises NotFound, BadInput."""
    if not isinstance(step, str):
        raise NotFound("Quy trình không có bước này.")
    day(on, "on", "Ngày thực hiện")


def given(signatory: object, parts: Mapping[str, Any]) -> None:
    """What is handed in with a step. What a fact or a paper holds is looked at later, beside the law."""
    for field, what in (("facts", "Dữ kiện"), ("ballot", "Kết quả biểu quyết")):
        if parts.get(field) is not None and not isinstance(parts[field], Mapping):
            raise BadInput(f"{what} không hợp lệ.", field)
    papers = parts.get("papers")
    if papers is not None and not (isinstance(papers, (list, tuple)) and all(isinstance(p, Mapping) for p in papers)):
        raise BadInput("Danh sách văn bản không hợp lệ.", "papers")
    for value, field, what in ((signatory, "signatory", "Người ký"), (parts.get("on_behalf_of"), "on_behalf_of", "Người được thay"),
                               (parts.get("meeting"), "meeting", "Cuộc họp")):
        whole(value, field, what)
    text(parts.get("to"), "to", "Trạng thái chuyển đến")
    if not isinstance(parts.get("second_reader"), bool):
        whole(parts.get("second_reader"), "second_reader", "Người đọc soát")
    if not isinstance(parts.get("no_conflict", True), bool):
        raise BadInput("Lời xác nhận không có xung đột lợi ích không hợp lệ.", "no_conflict")
