"""What every operation needs besides the database: the law in use, and the time. Neither is a global."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from rules.book import Rulebook

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    def now(self) -> dt.datetime:
        """This moment, in UTC."""

    def today(self) -> dt.date:
        """The day it is in Viet Nam, or in the demo's own time."""


class SystemClock:
    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.timezone.utc)

    def today(self) -> dt.date:
        return self.now().astimezone(ZONE).date()


@dataclass
class FixedClock:
    """A clock that stands on a day until it is moved: scenarios and demo homes run on it."""

    day: dt.date

    def now(self) -> dt.datetime:
        return dt.datetime.combine(self.day, dt.time(12), ZONE).astimezone(dt.timezone.utc)

    def today(self) -> dt.date:
        return self.day


@dataclass(frozen=True, slots=True)
class Actor:
    """Who sits at the keyboard: an account and, unless it only administers, the person it belongs to."""

    account_id: int
    person_id: int | None
    username: str = ""
    administrator: bool = False


def book_of(session: Session) -> Rulebook:
    """The law this session works under."""
    book: Rulebook = session.info["book"]
    return book


def clock_of(session: Session) -> Clock:
    clock: Clock = session.info["clock"]
    return clock
