"""The list of figures of the five articles: what each prints, and where the figure of this home comes from.

The lists are the files ``figures/*.yaml``, one an article. A figure is ``stated`` (kept in the register of observations
with its source), ``counted`` (by one of :mod:`workflow.reports.seedcounts`), or ``derived`` from other figures of the
same article by ``[operation, figure or number or day or such a list, ...]``.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from workflow.reports.seedvalues import Quantity, Value, read

_FOLDER = Path(__file__).parent / "figures"
_WAYS = ("stated", "counted", "derived")


@dataclass(frozen=True, slots=True)
class Article:
    """One of the articles: its number, the unit it is about, how it is cited, and the span its figures are of."""

    file: str
    unit: str
    source: str
    when: tuple[dt.date, dt.date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure. ``printed`` is what is compared, None where the article does not print it; ``article`` is shown."""

    article: Article
    id: str
    says: str
    way: str
    given: Any
    printed: str | None = None
    shown: str | None = None
    kept: str | None = None
    measure: str = ""
    round: int | None = None
    exact: bool = False
    whole: bool = False
    reading: bool = False
    because: Mapping[str, str] | None = None
    remark: str | None = None

    @property
    def key(self) -> str:
        """``002.best``: the article and the figure."""
        return f"{self.article.file}.{self.id}"

    @property
    def value(self) -> Value | None:
        """What the article says."""
        return read(self.printed, exact=self.exact) if self.printed is not None else None

    def told(self) -> Value | None:
        """What the register keeps of a stated figure: as printed, or as it must be meant."""
        text = self.kept or self.printed
        return read(text, exact=self.exact) if text is not None else None

    def home(self) -> tuple[str, str, dt.date, dt.date]:
        """Where a stated figure is kept: unit, indicator, first and last day."""
        first, last = _span(self.given["when"]) if "when" in self.given else self.article.when
        value = self.told()
        if isinstance(value, dt.date):
            first = last = value
        return self.given.get("unit", self.article.unit), self.given.get("indicator", self.says), first, last


@cache
def figures() -> tuple[Figure, ...]:
    """All figures in the order of the articles. Raises ValueError for a figure that does not say where it comes from."""
    return tuple(figure for path in sorted(_FOLDER.glob("*.yaml")) for figure in _read(path))


def _read(path: Path) -> list[Figure]:
    document: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    article = Article(document["file"], document["unit"], document["source"], _span(document["when"]))
    found = []
    for line in document["figures"]:
        ways = [way for way in _WAYS if way in line]
        if len(ways) != 1:
            raise ValueError(f"{path.name}: {line.get('id')} must be one of {', '.join(_WAYS)}")
        given = line[ways[0]]
        more = {key: value for key, value in line.items() if key not in (*_WAYS, "article")}
        found.append(Figure(article=article, way=ways[0], given=given, shown=line.get("article", line.get("printed")), **more))
    return found


def _span(when: Any) -> tuple[dt.date, dt.date]:
    """A year, a day, or a first and a last day."""
    if isinstance(when, int):
        return dt.date(when, 1, 1), dt.date(when, 12, 31)
    if isinstance(when, list):
        return when[0], when[1]
    return when, when


def register_row(figure: Figure) -> dict[str, Any]:
    """The columns of the register that keep what a stated figure says; words stand in the note of one mention."""
    value = figure.told()
    unit, indicator, first, last = figure.home()
    row: dict[str, Any] = {"unit": unit, "indicator": indicator, "period_from": first, "period_to": last, "source": figure.article.source,
                           "comparator": "=", "scale": None, "measure": None, "note": None}
    if isinstance(value, Quantity):
        scale = value.decimals
        return row | {"value": int(value.value * 10 ** scale), "comparator": value.comparator, "scale": scale or None,
                      "measure": value.measure or None}
    return row | {"value": 1, "note": value if isinstance(value, str) else None}
