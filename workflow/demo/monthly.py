"""What came back every month: the helpers' reports and the cells' reviews, with a few that were forgotten of late."""
from __future__ import annotations

import calendar
import datetime as dt
from functools import partial

from rules.calendar import add_months
from workflow import monthly
from workflow.demo.paths import Track
from workflow.demo.world import TODAY, World

_NOTES = ("Chấp hành tốt, nhiệt tình với việc của thôn.", "Đã nhận việc vận động bà con làm đường, hoàn thành đúng hẹn.",
          "Tham gia đầy đủ sinh hoạt đoàn thể.", "Cần mạnh dạn hơn khi phát biểu.", "Đã đọc Điều lệ Đảng, nắm được nội dung chính.",
          "Giúp đỡ hộ khó khăn trong thôn thu hoạch.", "")


def plan_reports(world: World, track: Track, since: dt.date, until: dt.date) -> None:
    """The helper's report every month from being assigned, each before the day it is due."""
    forgotten = 2 if world.rng.random() < 0.08 else 0
    days = []
    for number in range(1, 100):
        due = add_months(since, number)
        day = due - dt.timedelta(days=world.rng.randint(0, min(4, due.day - 1)))
        if day >= min(until, TODAY):
            break
        days.append(day)
    for day in days[:len(days) - forgotten]:
        world.plan(day, partial(_report, world, track, day))


def _report(world: World, track: Track, day: dt.date) -> None:
    rng = world.rng
    actor = world.actors[track.helper]
    met = day - dt.timedelta(days=rng.randint(0, day.day - 1))
    monthly.sponsor_report(world.session, actor, day, case_id=track.case, month=day, met_on=met, note=rng.choice(_NOTES) or None,
                           task=rng.choices(("done", "partly", "none"), (7, 2, 1))[0])


def plan_reviews(world: World, first: dict[str, dt.date]) -> None:
    """The review of the source list at each cell's monthly meeting; ``first`` says since when a cell has a list."""
    for code, since in sorted(first.items()):
        forgotten = world.rng.random() < 0.1
        month = since.replace(day=1)
        while (month := add_months(month, 1)) <= TODAY:
            if forgotten and month > add_months(TODAY, -2):
                break
            last = calendar.monthrange(month.year, month.month)[1]
            day = world.working(month.replace(day=min(last, world.rng.randint(2, 6))))
            world.plan(day, partial(_review, world, code, day))


def _review(world: World, code: str, day: dt.date) -> None:
    unit = world.unit_id(code)
    cases = monthly.under_review(world.session, unit)
    if cases:
        monthly.source_review(world.session, world.actors[world.cells[code].secretary], day, unit=code, month=day, held_on=day,
                              items=[{"case": case, "verdict": "keep"} for case in cases])
