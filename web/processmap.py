"""A process drawn: states in a column, the ways between them as lines beside it.

Worked out from the law alone; nothing here knows a process by name. Forward ways run on the right, ways back on the
left; one that leads to the next state is a straight arrow. Ways open from everywhere, ways back that undo later steps
and ends beside the path would cover the picture: they stand in the table below it.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rules.process import OPEN, ProcessLaw
from rules.schema import Step

WIDE, HIGH, GAP, LANE, HEAD = 400, 46, 24, 15, 34
#: Signs that fit on one line of a box.
FITS = 44


@dataclass(frozen=True)
class Box:
    """A state in the picture; ``lines`` are its label broken to fit."""

    state: str
    lines: tuple[str, ...]
    y: int
    number: int | None
    closed: bool

    @property
    def middle(self) -> int:
        return self.y + HIGH // 2


@dataclass(frozen=True)
class Arrow:
    """A way: an SVG path."""

    path: str
    back: bool


@dataclass
class Picture:
    """All that the template draws."""

    width: int = 0
    height: int = 0
    left: int = 0
    boxes: list[Box] = field(default_factory=list)
    heads: list[tuple[str, int]] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)


def ways(law: ProcessLaw, steps: Mapping[str, Step]) -> list[tuple[str, str]]:
    """The pairs of states that are drawn."""
    found: dict[tuple[str, str], None] = {}
    for step in steps.values():
        if OPEN in step.from_ or step.voids or step.extraordinary:
            continue
        for state in law.leaves(step):
            for goal in law.goals(step, state):
                if goal != state and _drawn(law, goal) and _drawn(law, state):
                    found[state, goal] = None
    return list(found)


def _drawn(law: ProcessLaw, state: str) -> bool:
    known = law.all_states.get(state)
    return known is not None and state not in law.states.waiting and (state in law.states.open or known.stage is not None)


def draw(law: ProcessLaw, steps: Mapping[str, Step], labels: Mapping[str, str], stages: Mapping[str, str],
         numbers: Mapping[str, int]) -> Picture:
    """Lay the picture out; ``labels`` and ``stages`` are in the visitor's language, ``numbers`` count cases by state."""
    picture, y, stage = Picture(), 6, None
    for state in (s for s in law.all_states if _drawn(law, s)):
        own = law.all_states[state].stage
        if own != stage and own in stages:
            picture.heads.append((stages[own], y + 20))
            y, stage = y + HEAD, own
        picture.boxes.append(Box(state, wrapped(labels[state]), y, numbers.get(state), state in law.states.closed))
        y += HIGH + GAP
    picture.height = y
    place = {box.state: at for at, box in enumerate(picture.boxes)}
    pairs = [(place[a], place[b]) for a, b in ways(law, steps) if a in place and b in place]
    onward = lanes((a, b) for a, b in pairs if b > a + 1)
    back = lanes((b, a) for a, b in pairs if b < a)
    picture.left = LANE * (max(back.values(), default=0) + 2)
    picture.width = picture.left + WIDE + LANE * (max(onward.values(), default=0) + 2)
    right = picture.left + WIDE
    for a, b in pairs:
        start, goal = picture.boxes[a], picture.boxes[b]
        if b == a + 1:
            middle = picture.left + WIDE // 2
            picture.arrows.append(Arrow(f"M{middle} {start.y + HIGH}V{goal.y - 2}", False))
        elif b > a:
            x = right + LANE * onward[a, b]
            picture.arrows.append(Arrow(f"M{right} {start.middle + 9}H{x}V{goal.middle - 9}H{right + 2}", False))
        else:
            x = picture.left - LANE * back[b, a]
            picture.arrows.append(Arrow(f"M{picture.left} {start.middle - 9}H{x}V{goal.middle + 9}H{picture.left - 2}", True))
    return picture


def lanes(spans: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """A lane for each span, counted from 1, so that spans in one lane do not touch; short ones lie inside."""
    taken: list[list[tuple[int, int]]] = []
    found: dict[tuple[int, int], int] = {}
    for first, last in sorted(set(spans), key=lambda s: (s[1] - s[0], s)):
        for number, others in enumerate(taken, start=1):
            if all(last <= a or b <= first for a, b in others):
                others.append((first, last))
                found[first, last] = number
                break
        else:
            taken.append([(first, last)])
            found[first, last] = len(taken)
    return found


def wrapped(label: str) -> tuple[str, ...]:
    """The label in at most two lines; a longer one is cut, the table has it whole."""
    lines: list[str] = [""]
    for word in label.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > FITS:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return (lines[0],) if len(lines) == 1 else (lines[0], lines[1] if len(lines) == 2 else lines[1][:FITS - 1] + "…")
