"""Votes, counted in integers.

A ballot has a base (whom the law counts), a share of it, and a way to compare: the votes for must be *at least* that
share, or *more than* it. Shares are fractions and are never turned into floats: 12 of 18 is two thirds exactly.
"""
from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

AT_LEAST: Final = "at_least"
MORE_THAN: Final = "more_than"


@dataclass(frozen=True, slots=True)
class Count:
    """What a meeting reports of one ballot on one person or matter.

    ``entitled`` are all who have a vote in the body; ``away`` those temporarily transferred out; ``exempt_absent``
    those exempted from meetings who did not come (one who comes and votes is an ordinary voter). ``present`` counts
    voters in the room, and is None where the report does not say.
    """

    entitled: int
    away: int = 0
    exempt_absent: int = 0
    present: int | None = None
    votes_for: int = 0
    against: int = 0
    blank: int = 0

    @property
    def cast(self) -> int:
        """Votes given, blank ones included."""
        return self.votes_for + self.against + self.blank


@dataclass(frozen=True, slots=True)
class Tally:
    """The result: of how many, how many votes were needed, and whether they were reached."""

    base: int
    needed: int
    carried: bool


def needed_votes(base: int, carries: str, share: Fraction) -> int:
    """The least whole number of votes for that carries the share of the base."""
    whole, rest = divmod(share.numerator * base, share.denominator)
    if carries == AT_LEAST:
        return whole + (rest > 0)
    if carries == MORE_THAN:
        return whole + 1
    raise ValueError(f"a ballot carries with `{AT_LEAST}` or `{MORE_THAN}` of its share, not `{carries}`")


def tally(base: int, carries: str, share: Fraction, votes_for: int) -> Tally:
    """Compare the votes for with the share of the base. A base of nobody carries nothing."""
    needed = needed_votes(base, carries, share)
    return Tally(base, needed, base > 0 and votes_for >= needed)


def problems(count: Count) -> list[str]:
    """Codes of what makes a count impossible; empty when it could have happened.

    ``negative``: a number is below zero (nothing else is then looked at). ``away_more_than_entitled`` and
    ``exempt_more_than_entitled``: more left out than there are. ``present_more_than_remaining``: more in the room
    than entitled and not left out. ``votes_more_than_present``: more votes than voters in the room, or, where their
    number is not given, than could have been there. ``nobody_to_vote``: all of them are left out, or there are none.
    """
    numbers = (count.entitled, count.away, count.exempt_absent, count.votes_for, count.against, count.blank)
    if min(numbers) < 0 or (count.present is not None and count.present < 0):
        return ["negative"]
    found = []
    if count.away > count.entitled:
        found.append("away_more_than_entitled")
    elif count.away + count.exempt_absent > count.entitled:
        found.append("exempt_more_than_entitled")
    remaining = max(0, count.entitled - count.away - count.exempt_absent)
    if count.present is not None and count.present > remaining:
        found.append("present_more_than_remaining")
    if count.cast > (remaining if count.present is None else count.present):
        found.append("votes_more_than_present")
    if remaining == 0 and not found:
        found.append("nobody_to_vote")
    return found
