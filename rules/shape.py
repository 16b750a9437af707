"""What all shapes of the law files are made of: strict models, texts, versions, dates, citations, marks."""
from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

Confidence = Literal["A", "B", "C", "D"]


def _one_or_many(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


T = TypeVar("T")
#: One version, or a list of versions.
Versions = Annotated[list[T], BeforeValidator(_one_or_many)]
#: A single name, or a list of names.
NameList = Annotated[list[str], BeforeValidator(_one_or_many)]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Text(Shape):
    """A text shown to people. The legal term is the Vietnamese one; English is a help."""

    vi: str
    en: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain_string_is_vietnamese(cls, value: Any) -> Any:
        return {"vi": value} if isinstance(value, str) else value


#: ``DOCUMENT clause`` strings; or the same per first day, where the clause moved from one instrument to the next.
Cites = list[str] | dict[dt.date, list[str]]
#: One mark, or the mark per first day.
Marks = Confidence | dict[dt.date, Confidence]


class Dated(Shape):
    """What has a first and a last day in force, both included."""

    since: dt.date
    until: dt.date | None = None
