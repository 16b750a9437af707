"""A plain model of consolidation, written from its description and not from the law files: who may take which step from
which state, and which rules then stand in the way. The engine is held against it."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from rules.calendar import add_months

D = dt.date
OFFICERS, SIGNERS = {"board", "school", "head"}, {"signer", "deputy", "head", "helper"}
TEAM_HEAD, PLAN_PEOPLE = "helper", {"helper", "stranger", "binh"}
OPEN = ("screening", "listed", "planning", "plan_issued", "in_progress", "awaiting_rating", "extended", "escalated", "recovered", "aftercare")
#: Step -> states it leaves, state it leads to (None: another kind of goal), who takes it.
STEPS: dict[str, tuple[tuple[str, ...], str | None, set[str]]] = {
    "open_screening": (("start",), "screening", OFFICERS),
    "dismiss_screening": (("screening",), "not_needed", OFFICERS | SIGNERS),
    "approve_list": (("screening",), "listed", SIGNERS),
    "begin_planning": (("listed",), "planning", OFFICERS | SIGNERS),
    "issue_plan": (("planning",), "plan_issued", SIGNERS),
    "start_work": (("plan_issued", "extended"), "in_progress", SIGNERS),
    "suspend": (("in_progress", "awaiting_rating"), "suspended", SIGNERS),
    "resume_work": (("suspended",), None, SIGNERS),
    "close_period": (("in_progress",), "awaiting_rating", SIGNERS),
    "recognise_recovery": (("awaiting_rating",), "recovered", SIGNERS),
    "extend_plan": (("awaiting_rating",), "extended", SIGNERS),
    "escalate": (("in_progress", "awaiting_rating"), "escalated", SIGNERS),
    "install_leadership": (("escalated",), "in_progress", SIGNERS),
    "begin_aftercare": (("recovered",), "aftercare", OFFICERS | SIGNERS),
    "close_aftercare": (("aftercare",), "closed", SIGNERS),
    "reopen_as_relapse": (("aftercare",), "closed", OFFICERS),
    "pass_competence": ((*OPEN, "suspended"), None, OFFICERS | SIGNERS),
    "cancel": ((*OPEN[1:], "suspended"), "cancelled", SIGNERS),
}
CLOSED = {"not_needed", "closed", "cancelled"}


@dataclass
class Rated:
    """The yearly rating of the unit: when decided, and whether it is being reconsidered."""

    rank: int
    decided: D
    final: bool = True


@dataclass
class Reports:
    """Monthly or quarterly reports: since when, the first day still open, or what was left when they paused."""

    every: int
    since: D | None = None
    due: D | None = None
    left: int | None = None

    def begin(self, on: D) -> None:
        if self.since is None:
            self.since, self.due = on, add_months(on, self.every)

    def end(self) -> None:
        self.since = self.due = self.left = None

    def owed(self, on: D) -> list[D]:
        """The months from that of the day still open up to this one."""
        if self.due is None:
            return []
        first = self.due.replace(day=1)
        return [add_months(first, n) for n in range(1200) if add_months(first, n) <= on]

    def written(self, on: D) -> None:
        """All that was owed is there: the next one falls in a later month, counted from the beginning as ever."""
        assert self.since is not None and self.due is not None
        days = (add_months(self.since, self.every * n) for n in range(1, 1200))
        self.due = next(day for day in days if day > self.due and day.replace(day=1) > on)

    def late(self, on: D) -> bool:
        return self.due is not None and self.due < on


@dataclass
class Plain:
    """One unit and its case, as somebody would keep them on paper."""

    state: str = "start"
    resume: str = ""
    ratings: dict[int, Rated] = field(default_factory=dict)
    problems: list[list[Any]] = field(default_factory=list)
    declared: bool = False
    entry_rank: int | None = None
    entry_year: int | None = None
    by_flag: bool = False
    drafter: str = ""
    listing: set[str] = field(default_factory=set)
    team: bool = False
    measures: bool = False
    oversight: bool = False
    cadre: str = ""
    target: int | None = None
    own_plan: D | None = None
    mid_review: D | None = None
    days: dict[str, D] = field(default_factory=dict)
    extensions: int = 0
    months: dict[str, Reports] = field(default_factory=lambda: {"team": Reports(1), "unit": Reports(3)})

    # ---- who

    def may(self, step: str, who: str) -> bool:
        if step == "start_work" and self.team and who == TEAM_HEAD:
            return True
        if who not in STEPS[step][2]:
            return False
        if step == "approve_list" and who == self.drafter:
            return False
        if step == "recognise_recovery" and (self.team and who in PLAN_PEOPLE - {"binh"} or self.cadre and who == "binh"):
            return False
        return True

    # ---- what

    def last(self) -> tuple[int, Rated] | None:
        return max(self.ratings.items(), default=None)

    def weak(self, told: dict[str, Any]) -> bool:
        last = self.last()
        if last is not None and last[1].final and last[1].rank <= 2:
            return True
        return any(cleared is None for _, cleared in self._problems(told))

    def _problems(self, told: dict[str, Any]) -> list[list[Any]]:
        """What is known of the unit's problems, with what is told now: a problem closes, or a new one is there."""
        rows = [list(row) for row in self.problems]
        for item in told.get("problems", {}).get("items", []):
            kind, cleared = item["kind"], item.get("cleared_on")
            same = [row for row in rows if row == [kind, cleared]] or [row for row in rows if row == [kind, None] and cleared]
            if same:
                same[0][1] = cleared
            else:
                rows.append([kind, cleared])
        return rows

    def _listing(self, told: dict[str, Any]) -> set[str]:
        return self.listing | {name for name in ("listing.cause", "listing.type") if name in told}

    def blocked(self, step: str, on: D, told: dict[str, Any]) -> set[str]:
        """The rules that stand in the way of a step, besides its state."""
        found = set()
        last = self.last()
        if step in ("open_screening", "reopen_as_relapse") and not self.weak(told):
            found.add("WEAK-RANK")
        if step == "approve_list" and len(self._listing(told)) < 2:
            found.add("CON-CAUSE")
        if step in ("issue_plan", "start_work") and not (self.team or "team" in told):
            found.add("CON-TEAMHEAD")
        if step == "issue_plan":
            if not (self.measures or "measures" in told):
                found.add("CON-MEASURES")
            if not (self.oversight or "plan.oversight" in told):
                found.add("CON-OVERSIGHT")
        target = told.get("plan.target_rank", self.target)
        if step in ("issue_plan", "extend_plan") and target is not None and target < 3:
            found.add("CON-TARGET")
        if step == "start_work":
            own, plan = told.get("own_plan.issued_on", self.own_plan), self.days.get("issue_plan")
            if own is None or (plan is not None and own < plan):
                found.add("CON-OWNPLAN")
            if not (self.cadre or "cadres" in told):
                found.add("CON-CADRES")
        if step == "close_period":
            found |= self._period(on, told)
        if step == "install_leadership":
            installed, escalated = told.get("leadership.installed_on", on), self.days.get("escalate")
            if escalated is not None and installed < escalated:
                found.add("CON-LEADERSHIP")
        if step == "recognise_recovery":
            if not self._recovered(last):
                found.add("CON-EXIT-RANK")
            if not (told["problems"]["declared"] if "problems" in told else self.declared) or any(
                    cleared is None for _, cleared in self._problems(told)):
                found.add("CON-FLAGS-CLEAR")
        if step == "extend_plan" and self.extensions >= 1:
            found.add("CON-EXTEND-MAX")
        if step == "close_aftercare" and not self._held(last, on, told):
            found.add("CON-AFTERCARE")
        if step == "cancel" and "note.reason" not in told:
            entry = self.ratings.get(self.entry_year or 0)
            if entry is None or entry.rank <= 2:
                found.add("CON-CANCEL")
        return found

    def _period(self, on: D, told: dict[str, Any]) -> set[str]:
        found = set()
        if self.months["team"].late(on) or self.months["team"].since is None:
            found.add("CON-REPORTS-IN")
        if self.months["unit"].late(on):
            found.add("CON-REPORT")
        started, held = self.days.get("start_work"), told.get("mid_review.held_on", self.mid_review)
        if started is not None and add_months(started, 6) <= on and (held is None or held < started):
            found.add("CON-MIDREVIEW")
        return found

    def _recovered(self, last: tuple[int, Rated] | None) -> bool:
        plan = self.days.get("issue_plan")
        if last is None or plan is None:
            return False
        year, rated = last
        higher = self.by_flag or (self.entry_rank is not None and rated.rank > self.entry_rank)
        return rated.final and rated.rank >= 3 and higher and D(year, 12, 31) > plan and rated.decided > plan

    def _held(self, last: tuple[int, Rated] | None, on: D, told: dict[str, Any]) -> bool:
        recognised = self.days.get("recognise_recovery")
        if recognised is None or last is None or add_months(recognised, 12) > on:
            return False
        if "cadres" in told:
            back = all("returned_on" in item or item.get("made_permanent") for item in told["cadres"]["items"])
        else:
            back = self.cadre == "back"
        return last[1].rank >= 3 and last[1].decided > recognised and back

    # ---- what becomes of it

    def take(self, step: str, who: str, on: D, told: dict[str, Any]) -> None:
        before = self.state
        self.problems = self._problems(told)
        if "problems" in told:
            self.declared = told["problems"]["declared"]
        self.listing = self._listing(told)
        self.team, self.measures, self.oversight = (
            self.team or "team" in told, self.measures or "measures" in told, self.oversight or "plan.oversight" in told)
        if "cadres" in told:
            self.cadre = "back" if all("returned_on" in item for item in told["cadres"]["items"]) else "there"
        self.own_plan, self.mid_review = told.get("own_plan.issued_on", self.own_plan), told.get("mid_review.held_on", self.mid_review)
        self.target = told.get("plan.target_rank", self.target)
        if step in ("issue_plan", "extend_plan"):
            self.target = self.target or 3
        if step == "open_screening":
            self._enter(who)
        if step == "extend_plan":
            self.extensions += 1
        self._clocks(step, on)
        self.days[step] = on
        if step == "suspend":
            self.resume = before
        self.state = STEPS[step][1] or (self.resume if step == "resume_work" else before)

    def _enter(self, who: str) -> None:
        last, self.drafter = self.last(), who
        if last is not None:
            self.entry_year, self.entry_rank = last[0], last[1].rank
        self.by_flag = last is None or not last[1].final or last[1].rank > 2

    def _clocks(self, step: str, on: D) -> None:
        for clock in self.months.values():
            if step in ("start_work", "install_leadership"):
                clock.begin(on)
            elif step == "close_period":
                clock.end()
            elif step == "suspend" and clock.due is not None:
                clock.due, clock.left = None, (clock.due - on).days
            elif step == "resume_work" and clock.left is not None:
                clock.due, clock.left = on + dt.timedelta(days=clock.left), None
