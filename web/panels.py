"""A part of a case page that one process has and others have not."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Panel:
    """Its template, where on the page it stands, and what the template shows as ``panel``."""

    template: str
    place: Literal["head", "main", "aside"]
    shown: Mapping[str, Any]
