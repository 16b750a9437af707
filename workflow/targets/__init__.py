"""Targets, how far a unit has come, and the map on which acts of the past are counted.

What a source states and what is counted from the cases here are two figures and are never added up: a statement may
cover cases that were never entered. A ratio over several units is the ratio of their sums.
"""
from __future__ import annotations

from workflow.targets.forms import FORMS, Goal, Members, goals, members, terms
from workflow.targets.maps import MAPS, counted, heirs
from workflow.targets.register import (
    COMPARATORS,
    COUNTED,
    INDICATORS,
    STATEMENT,
    TARGET,
    Attainment,
    Sum,
    attainment,
    attainments,
    count,
    counts,
    periods,
    set_statement,
    set_target,
    together,
)

__all__ = ["COMPARATORS", "COUNTED", "FORMS", "INDICATORS", "MAPS", "STATEMENT", "TARGET", "Attainment", "Goal", "Members", "Sum",
           "attainment", "attainments", "count", "counted", "counts", "goals", "heirs", "members", "periods", "set_statement",
           "set_target", "terms", "together"]
