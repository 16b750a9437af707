"""How values are shown: days as dd/mm/yyyy, numbers with a decimal comma in Vietnamese, what is due in plain words.

Every function takes ``None`` and shows a dash: an unknown value is seen as unknown, never as nothing.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from babel.numbers import format_decimal
from flask import Flask, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape

from web.i18n import current_language, says
from workflow.context import ZONE

UNKNOWN = "–"
WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")


def day(value: dt.date | None) -> str:
    """11/03/2026"""
    if isinstance(value, dt.datetime):
        value = value.astimezone(ZONE).date()
    return f"{value:%d/%m/%Y}" if value else UNKNOWN


def day_tag(value: dt.date | None) -> Markup | str:
    """The same as a ``time`` element that machines read."""
    if value is None:
        return UNKNOWN
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), day(value))


def long_day(value: dt.date | None) -> str:
    """ngày 11 tháng 3 năm 2026, as papers write it"""
    if value is None:
        return UNKNOWN
    if current_language() == "en":
        return f"{value.day} {value:%B %Y}"
    return f"ngày {value.day:02d} tháng {value.month if value.month > 2 else f'{value.month:02d}'} năm {value.year}"


def weekday(value: dt.date) -> str:
    return f"{value:%A}" if current_language() == "en" else WEEKDAYS[value.weekday()]


def moment(value: dt.datetime | None) -> str:
    """11/03/2026 14:05, in Viet Nam's time"""
    return f"{value.astimezone(ZONE):%d/%m/%Y %H:%M}" if value else UNKNOWN


def month(value: dt.date | None) -> str:
    """03/2026"""
    return f"{value:%m/%Y}" if value else UNKNOWN


def number(value: int | float | Fraction | None, digits: int = 2) -> str:
    """1.234,5 in Vietnamese, 1,234.5 in English"""
    if value is None:
        return UNKNOWN
    pattern = "#,##0." + "#" * digits if digits else "#,##0"
    return format_decimal(float(value) if isinstance(value, Fraction) else value, pattern, locale=current_language())


def percent(part: int, whole: int, digits: int = 1) -> str:
    """97,5% of two counts; a dash where there is nothing to divide by"""
    return f"{number(Fraction(part * 100, whole), digits)}%" if whole else UNKNOWN


def distance(due: dt.date | None, today: dt.date) -> str:
    """còn 14 ngày, hôm nay, quá hạn 3 ngày"""
    if due is None:
        return ""
    days = (due - today).days
    if days == 0:
        return _("today")
    if days > 0:
        return ngettext("%(num)s day left", "%(num)s days left", days)
    return ngettext("%(num)s day late", "%(num)s days late", -days)


def since(past: dt.date | None, today: dt.date) -> str:
    """hôm nay, hôm qua, 12 ngày trước"""
    if past is None:
        return ""
    days = (today - past).days
    if days <= 0:
        return _("today")
    return _("yesterday") if days == 1 else ngettext("%(num)s day ago", "%(num)s days ago", days)


def given_name(full_name: str) -> str:
    """The name by which a person is addressed: the last word."""
    return full_name.split()[-1] if full_name.split() else full_name


def show(value: Any) -> str:
    """Any value that a rule or a fact may hold, in the words of a reader."""
    if value is None:
        return _("not known")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.datetime):
        return moment(value)
    if isinstance(value, dt.date):
        return day(value)
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, Mapping) and "vi" in value:
        return says(value)
    if isinstance(value, Mapping) and "items" in value:
        return show_rows(value)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(show(v) for v in value) or UNKNOWN
    return _iso_day(str(value))


def show_rows(rows: Mapping[str, Any]) -> str:
    """A collection: how many entries, and whether the list is said to be complete."""
    count = ngettext("%(num)s entry", "%(num)s entries", len(rows["items"]))
    return count if rows.get("declared") else _("%(count)s, list not yet declared complete", count=count)


def _iso_day(text: str) -> str:
    """Values read back from the journal are text; a day among them is shown as a day."""
    if len(text) == 10 and text[4] == text[7] == "-":
        try:
            return day(dt.date.fromisoformat(text))
        except ValueError:
            pass
    return text


def marked(text: str, words: str) -> Markup:
    """The text with the searched words marked, found without regard to accents."""
    from workflow.names import fold

    plain = "".join(fold(c) or "\0" for c in text)
    if not words or len(plain) != len(text):
        return escape(text)
    wanted = {w for w in fold(words).split() if w}
    hits = [False] * len(text)
    for word in wanted:
        at = plain.find(word)
        while at >= 0:
            hits[at:at + len(word)] = [True] * len(word)
            at = plain.find(word, at + 1)
    out, inside = Markup(), False
    for letter, hit in zip(text, hits, strict=True):
        if hit != inside:
            out += Markup("<mark>") if hit else Markup("</mark>")
            inside = hit
        out += escape(letter)
    return out + Markup("</mark>") if inside else out


def page_url(endpoint: str, args: Mapping[str, Any], **changes: Any) -> str:
    """The same list with some of its filters changed; empty ones are left out of the address."""
    merged = {**args, **changes}
    return url_for(endpoint, **{k: v for k, v in merged.items() if v not in (None, "", [])})


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        day=day, day_tag=day_tag, long_day=long_day, weekday=weekday, moment=moment, month=month, number=number,
        distance=distance, since=since, given_name=given_name, show=show, marked=marked,
    )
    app.jinja_env.globals.update(percent=percent, page_url=page_url)
