"""The law and its engine: documents, dated parameters, rules and processes as data, and what they decide.

Pure: no clock, no database connection, no site. ``load`` reads the law, ``decide`` judges a step by it.
"""
from __future__ import annotations

from rules.book import Rulebook, load
from rules.dated import NotInForce
from rules.loader import LawError, Problem
from rules.nodes import RuleError
from rules.verdict import Finding, Verdict, decide

__all__ = ["Finding", "LawError", "NotInForce", "Problem", "RuleError", "Rulebook", "Verdict", "decide", "load"]
