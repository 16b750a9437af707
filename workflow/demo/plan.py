"""From stories to days: every step of every candidate gets its day, and goes on the agenda."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

from workflow.demo.cast import STORIES, Casting, Story
from workflow.demo.monthly import plan_reports, plan_reviews
from workflow.demo.paths import Place, Steps, Track
from workflow.demo.world import COMMUNE_BEGINS, DISTRICT_ENDS, TODAY, World

#: The ordinary way, and how many days pass before each step.
WAY: dict[str, tuple[int, int]] = {
    "nominate": (0, 0), "list_source": (14, 35), "assign_class": (50, 130), "record_certificate": (25, 45), "permit_application": (30, 80),
    "start_verification": (14, 28), "conclude_verification": (24, 40), "complete_introduction": (7, 18), "complete_opinions": (7, 16),
    "cell_vote": (7, 18), "sub_appraise": (6, 11), "base_vote": (8, 18), "decide_admission": (11, 25), "receive_decision": (3, 7),
    "hold_ceremony": (9, 22), "start_recognition": (367, 374), "recognition_cell_vote": (4, 15), "recognition_sub_appraise": (5, 9),
    "recognition_base_vote": (6, 13), "decide_recognition": (8, 18),
}
_SUB, _BASE = {"sub_appraise", "recognition_sub_appraise"}, {"base_vote", "recognition_base_vote"}
#: Days around the end of the district on which nobody entered anything.
_QUIET = (dt.date(2025, 6, 26), dt.date(2025, 7, 13))
_HANDED_OVER = (dt.date(2025, 7, 2), dt.date(2025, 7, 10))
_ENDS = {"decide_recognition", "drop_source", "decide_rejection", "decide_removal", "decide_deadlock", "annul_admission", "withdraw",
         "record_death", "disqualify", "send_transfer"}

Dated = tuple[str, dt.date, Mapping[str, Any]]


def plan_cases(world: World) -> list[Track]:
    """Put all candidates of all stories on the agenda."""
    steps, casting = Steps(world), Casting(world)
    tracks: list[Track] = []
    listed: dict[str, dt.date] = {}
    for story in STORIES:
        for index in range(story.count):
            track = casting.track(len(tracks) + 1, story, index)
            tracks.append(track)
            dated = schedule(world, story, track)
            _enter(world, steps, track, dated)
            _follow(world, track, dated, listed)
    plan_reviews(world, listed)
    return tracks


def schedule(world: World, story: Story, track: Track) -> list[Dated]:
    """The steps of a track with their days, the last about as long ago as the story says."""
    rng = world.rng
    target = story.last or TODAY - dt.timedelta(days=rng.randint(*story.ago))
    way = list(WAY)[:list(WAY).index(story.upto) + 1]
    gaps = {step: rng.randint(*story.gaps.get(step, WAY[step])) for step in way}
    start = target - dt.timedelta(days=sum(gaps.values()) + sum(gap for _, gap, _ in story.tail))
    for _ in range(6):
        dated = _forward(world, story, track, way, gaps, start)
        over = (dated[-1][1] - target).days
        if -10 <= over <= 0:
            break
        start -= dt.timedelta(days=over + (4 if over > 0 else 0))
    if dated[-1][1] >= TODAY:
        raise ValueError(f"{track.key}: {story.upto} cannot end on {target}")
    return dated


def _forward(world: World, story: Story, track: Track, way: list[str], gaps: Mapping[str, int], start: dt.date) -> list[Dated]:
    dated: list[Dated] = []
    day = start
    for step in way:
        at = _free(world, day + dt.timedelta(days=gaps[step]))
        place = Place.of(track.cell.group, at)
        if step in _SUB and place.sub is None or step in _BASE and not place.votes:
            continue
        dated.append((step, at, {}))
        day = at
    for step, gap, options in story.tail:
        day = _free(world, day + dt.timedelta(days=gap))
        dated.append((step, day, options))
    return _handed_over(world, track, dated, story)


def _handed_over(world: World, track: Track, dated: list[Dated], story: Story) -> list[Dated]:
    """Cases open on the day the district ended are handed over by a paper soon after; one was forgotten."""
    if dated[0][1] > DISTRICT_ENDS or dated[-1][0] in _ENDS and dated[-1][1] <= DISTRICT_ENDS or story.last is not None:
        return dated
    first, last = _HANDED_OVER
    day = world.working(first + dt.timedelta(days=len(track.who.full_name) % (last - first).days))
    before = [line for line in dated if line[1] <= DISTRICT_ENDS]
    return [*before, ("pass_competence", day, {}), *dated[len(before):]]


def _free(world: World, day: dt.date) -> dt.date:
    first, last = _QUIET
    return world.working(last + dt.timedelta(days=1) if first <= day <= last else day)


def _enter(world: World, steps: Steps, track: Track, dated: list[Dated]) -> None:
    """Each step is entered on its day, some a few days later."""
    entered = dt.date.min
    for step, on, options in dated:
        late = world.rng.randint(2, 8) if world.rng.random() < 0.07 else 0
        day = min(on + dt.timedelta(days=late), TODAY - dt.timedelta(days=1))
        entered = max(entered, on if _crosses(on, day) else day, on)
        world.plan(entered, partial(steps.take, track, step, on, options))


def _crosses(on: dt.date, day: dt.date) -> bool:
    return on < COMMUNE_BEGINS <= day


def _follow(world: World, track: Track, dated: list[Dated], listed: dict[str, dt.date]) -> None:
    """Monthly reports from listing to the end; where a case was closed and opened again, from then on."""
    begun = [on for step, on, _ in dated if step in ("list_source", "reopen")]
    if not begun:
        return
    last, end, options = dated[-1]
    ended = last in _ENDS or (last == "decide_admission" and options.get("short"))
    plan_reports(world, track, begun[-1], end if ended else TODAY)
    cells = [(track.cell.code, begun[-1])] + [(options["to"], on) for step, on, options in dated if step == "accept_transfer"]
    for code, since in cells:
        listed[code] = min(listed.get(code, since), since)
