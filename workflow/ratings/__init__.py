"""The register of classification: acts on the ratings of units, rounds, ceilings, what is missing, and problems noted.

One row for each unit, kind of period and period. The law stands in ``rules/law/classification``; a rating is judged by the
law of the last day of the period it is about. The label as printed, the scheme and our normalised rank are kept side by
side: ranks of two schemes are never the same thing.
"""
from workflow.ratings.acts import RowVerdict, Said, ask, decide, decide_many, reopen, self_assess, take_over, verify
from workflow.ratings.cap import CapWorking, cap
from workflow.ratings.levels import Period, Printed, read_level, scheme_for
from workflow.ratings.members import Tally, heads_of, rate_head, set_counts, tally
from workflow.ratings.problems import clear_problem, note_problem
from workflow.ratings.rounds import (
    CapView,
    MissingRow,
    RatingView,
    Round,
    RoundRow,
    cap_of,
    histories,
    history_of,
    missing,
    round_of,
)

__all__ = [
    "CapView", "CapWorking", "MissingRow", "Period", "Printed", "RatingView", "Round", "RoundRow", "RowVerdict", "Said", "Tally",
    "ask", "cap", "cap_of", "clear_problem", "decide", "decide_many", "heads_of", "histories", "history_of", "missing",
    "note_problem", "rate_head", "read_level", "reopen", "round_of", "scheme_for", "self_assess", "set_counts", "take_over",
    "tally", "verify",
]
