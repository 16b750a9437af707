"""Small checks that every operation makes on what people typed."""
from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from typing import Any

from workflow.errors import BadInput
from workflow.names import tidy


def required_text(value: object, field: str, what: str, limit: int = 200) -> str:
    """The text, tidied; refused when empty, too long, or holding control signs that no database keeps alike."""
    text = tidy(value) if isinstance(value, str) else ""
    if not text:
        raise BadInput(f"Chưa nhập {what}.", field)
    if len(text) > limit:
        raise BadInput(f"{what[:1].upper()}{what[1:]} dài quá {limit} ký tự; hãy viết gọn lại.", field)
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text):
        raise BadInput(f"{what[:1].upper()}{what[1:]} có ký tự điều khiển không hợp lệ; hãy gõ lại.", field)
    return text


def optional_text(value: object, field: str, what: str, limit: int = 2000) -> str | None:
    """As :func:`required_text`, but nothing typed is ``None``."""
    if value is None or (isinstance(value, str) and not tidy(value)):
        return None
    return required_text(value, field, what, limit)


def shown(day: dt.date) -> str:
    """A day as papers write it: ``01/7/2025`` becomes ``01/07/2025``."""
    return f"{day:%d/%m/%Y}"


def paper_text(paper: str | Mapping[str, Any] | None) -> str | None:
    """A paper in one line: what was typed, or number and date of a paper given by its parts."""
    if paper is None or isinstance(paper, str):
        return optional_text(paper, "paper", "văn bản", 300)
    parts = [str(paper[k]) for k in ("number", "title") if paper.get(k)] or [str(paper.get("kind", ""))]
    day = paper.get("date")
    if isinstance(day, dt.date):
        parts.append(f"ngày {shown(day)}")
    return optional_text(" ".join(parts), "paper", "văn bản", 300)
