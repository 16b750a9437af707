"""Consolidations of the demo, act by act as ``story.yaml`` tells them."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from rules.calendar import add_months
from workflow import plans, ratings, records, units, workreports
from workflow.context import Actor
from workflow.demo.weak.stage import CASE, MEASURE, OLD_CELL, Stage, read
from workflow.demo.world import SAMPLE
from workflow.engine import Subject, advance

PROCESS = "consolidation"
_DAY = dt.timedelta(days=1)
#: Steps that the officer takes; the head of the team starts the work, the signer takes all others.
_BY_OFFICER = {"open_screening", "dismiss_screening", "begin_planning", "begin_aftercare", "reopen_as_relapse", "pass_competence", "reorganise"}
#: Papers of a step, and how their numbers end.
_PAPERS: dict[str, dict[str, str]] = {
    "open_screening": {"rating_decision": "QĐ/ĐU"}, "dismiss_screening": {"review_note": "BC/BXDĐ"}, "approve_list": {"list_decision": "QĐ/ĐU"},
    "issue_plan": {"consolidation_plan": "KH/ĐU", "team_decision": "QĐ/ĐU"}, "start_work": {"unit_plan": "KH/CB"},
    "close_period": {"closing_report": "BC/ĐU"}, "recognise_recovery": {"recovery_decision": "QĐ/ĐU"},
    "extend_plan": {"extension_decision": "QĐ/ĐU"}, "escalate": {"personnel_decision": "QĐ/ĐU", "inspection_reference": "CV/ĐU"},
    "suspend": {"suspension_decision": "QĐ/ĐU"}, "cancel": {"cancel_decision": "QĐ/ĐU"}, "pass_competence": {"case_handover": "BB/ĐU"},
    "reorganise": {"reorganisation_decision": "QĐ/ĐU", "member_handover": "BB/ĐU"}, "close_aftercare": {"closing_note": "BC/ĐU"},
}
_TOLD = ("Các biện pháp đang làm đúng tiến độ, nền nếp sinh hoạt có chuyển biến.", "Đã dự sinh hoạt chi bộ, nhắc việc chậm.",
         "Phân công lại nhiệm vụ cho từng đảng viên, có sổ theo dõi.", "Còn chậm ở việc thu đảng phí và ghi nghị quyết.")


def plan(stage: Stage) -> None:
    """Put every consolidation on the agenda, and the merger that one of them lives through."""
    told = read("story.yaml")
    stage.each_day(told["merger"], _merge, stage, told["merger"])
    for case in told["cases"]:
        Consolidation(stage, case).plan()


def _merge(stage: Stage, on: dt.date) -> None:
    units.merge(stage.world.session, None, on, units=[OLD_CELL], into="LC-14", paper=SAMPLE)


class Consolidation:
    """One unit on its way; everything about it is entered on its own day."""

    def __init__(self, stage: Stage, told: Mapping[str, Any]) -> None:
        self.stage, self.told = stage, told
        self.unit: str = told["unit"]
        self.case = 0

    def plan(self) -> None:
        """Put every act of the story on its day."""
        stage, told = self.stage, self.told
        for kind, noted, basis, *cleared in told.get("problems", ()):
            stage.each_day(noted, self._problem, kind, noted, basis)
            if cleared:
                stage.each_day(cleared[0], self._cleared, kind, cleared[0])
        for step, on, *options in told["steps"]:
            if step == "issue_plan" or step == told.get("drafted_after"):
                stage.each_day(told["draft"], self._draft, told["draft"])
            stage.each_day(on, self._take, step, on, options[0] if options else {})
        for number, measure in enumerate(told.get("measures", ())):
            for on, percent, result in measure.get("told", ()):
                stage.each_day(on, self._progress, number, on, percent, result)
        for on, number, due in told.get("redated", ()):
            stage.each_day(on, self._redate, on, number, due)
        for on in told.get("reviews", ()):
            stage.each_day(on, self._review, on)
        for on, who, occasion in told.get("visits", ()):
            stage.each_day(on, self._visit, on, who, occasion)
        for row in told.get("indicators", ()):
            stage.each_day(row["as_of"], self._indicator, row)
        for row in told.get("criteria", ()):
            stage.each_day(row["as_of"], self._criteria, row)
        for since, until, besides in told.get("reports", ()):
            for kind, who, every in (("team_report", told["head"], 1), ("unit_report", "secretary", 3)):
                self._reports(kind, who, every, (since, besides.get("after", since), until), besides.get(kind, 0))

    # ---- steps

    def _take(self, step: str, on: dt.date, options: Mapping[str, Any]) -> None:
        stage = self.stage
        facts = {**self._facts(step, on), **options.get("facts", {})}
        subject: int | Subject = self._case()
        if not subject:
            unit = stage.world.unit_id(self.unit)
            subject = Subject(PROCESS, unit, subject_unit_id=unit)
        actor = self._actor(step, on)
        entry = advance(stage.world.session, subject, step, actor, on=on, facts=facts, papers=self._papers(step, on))
        self.case = int(entry.stream.partition(":")[2])

    def _case(self) -> int:
        """The case of the unit: the one this story opened, or the one that another case's act opened for it."""
        if not self.case:
            query = sa.select(CASE.c.id).where(CASE.c.process == PROCESS, CASE.c.closed_on.is_(None),
                                               CASE.c.subject_unit_id == self.stage.world.unit_id(self.unit))
            self.case = self.stage.world.session.scalar(query) or 0
        return self.case

    def _organ(self, on: dt.date) -> str:
        """Who decides, by where the case stands: a unit that was merged left it to its heir."""
        stage = self.stage
        place = stage.world.session.scalar(sa.select(CASE.c.unit_id).where(CASE.c.id == self._case()))
        return stage.organ(place or stage.world.unit_id(self.unit), on)

    def _actor(self, step: str, on: dt.date) -> Actor:
        if step == "start_work":
            return self.stage.actor(self.told["head"], self.unit)
        return self._officer(on) if step in _BY_OFFICER else self.stage.world.actors[self.stage.signer(self._organ(on), on)]

    def _officer(self, on: dt.date) -> Actor:
        return self.stage.world.actors[self.stage.officer(self._organ(on), on)]

    def _papers(self, step: str, on: dt.date) -> list[dict[str, Any]]:
        issuer = self.unit if step == "start_work" else self._organ(on)
        return [{"kind": kind, "number": self.stage.world.number(issuer, form), "kept_at": "Văn phòng đảng ủy"}
                for kind, form in _PAPERS.get(step, {}).items()]

    def _facts(self, step: str, on: dt.date) -> dict[str, Any]:
        told, unit = self.told, self.unit
        if step in ("open_screening", "approve_list"):
            return {"listing.cause": told["cause"], "listing.type": told["type"]}
        if step == "issue_plan":
            return {"plan.oversight": self.stage.person(told["oversight"], unit), "plan.until": told["until"], "plan.target_rank": 3}
        if step == "start_work":
            return {"own_plan.issued_on": on - 4 * _DAY}
        if step == "reorganise":
            return {"reorganise.continues": True, "reorganise.successor": self.stage.world.unit_id(told["successor"])}
        return {}

    # ---- the plan

    def _draft(self, on: dt.date) -> None:
        """What the plan is going to say: the team, the measures, the cadres; and that no problem of the unit was left out."""
        told, unit, person = self.told, self.unit, self.stage.person
        team = [key for key in (told.get("head"), *told.get("team", ())) if key]
        rows = {"team": [{"person": person(key, unit), "head": key == told.get("head"), "standing_board": key == told.get("head")} for key in team],
                "measures": [{"content": m["what"], "stream": m["kind"], "owner": person(m["owner"], unit), "due_on": m.get("due")}
                             for m in told["measures"]],
                "cadres": [{**c, "person": person(c["person"], unit), "paper": SAMPLE} for c in told.get("cadres", ())]}
        actor = self._officer(on)
        for collection, items in rows.items():
            for row in items:
                records.put_row(self.stage.world.session, self._case(), actor, on, collection, row)
            records.declare(self.stage.world.session, self._case(), actor, on, collection)
        records.declare(self.stage.world.session, self._case(), actor, on, "problems")

    def _head(self) -> Actor:
        return self.stage.actor(self.told["head"], self.unit)

    def _measure(self, number: int) -> int:
        """The key of a measure in the version of the plan that is in force."""
        mine = MEASURE.c.case_id == self._case()
        newest = sa.select(sa.func.max(MEASURE.c.plan_no)).where(mine).scalar_subquery()
        return self.stage.world.session.scalars(
            sa.select(MEASURE.c.id).where(mine, MEASURE.c.plan_no == newest).order_by(MEASURE.c.id)).all()[number]

    def _progress(self, number: int, on: dt.date, percent: int, result: str) -> None:
        """How far a measure has come, told by who answers for it."""
        actor = self.stage.actor(self.told["measures"][number]["owner"], self.unit)
        plans.set_progress(self.stage.world.session, self._case(), actor, on, self._measure(number), progress=percent, result=result)

    def _redate(self, on: dt.date, number: int, due: dt.date) -> None:
        """A measure that was carried over into the next version gets a day of its own there."""
        records.put_row(self.stage.world.session, self._case(), self._officer(on), on, "measures", {"due_on": due}, key=self._measure(number))

    def _review(self, on: dt.date) -> None:
        workreports.write(self.stage.world.session, self._head(), on, case_id=self._case(), kind="mid_review", period=on, held_on=on,
                          content="Sơ kết giữa kỳ: đánh giá từng biện pháp, điều chỉnh người và hạn của việc chậm.")

    def _visit(self, on: dt.date, who: str, occasion: str) -> None:
        plans.put_visit(self.stage.world.session, self._case(), self._officer(on), on, person=self.stage.person(who, self.unit), visited_on=on,
                        occasion=occasion)

    def _indicator(self, row: Mapping[str, Any]) -> None:
        plans.put_indicator(self.stage.world.session, self._case(), self._head(), row["as_of"], {"source": SAMPLE, **row})

    def _criteria(self, row: Mapping[str, Any]) -> None:
        plans.put_criteria(self.stage.world.session, self._case(), self._head(), row["as_of"], source=SAMPLE, **row)

    # ---- reports and problems

    def _reports(self, kind: str, who: str, every: int, days: tuple[dt.date, dt.date, dt.date], forgotten: int) -> None:
        """A report for every period counted from the beginning of the work, some days before it is due; the last ones may be
        forgotten, and the first ones stand in the case that this one continues."""
        since, after, until = days
        dues = [add_months(since, every * number) for number in range(1, 60)]
        months = [due for due in dues if after < due <= until]
        for due in months[:len(months) - forgotten]:
            on = due - dt.timedelta(days=self.stage.rng.randint(0, min(3, due.day - 1)))
            self.stage.each_day(on, self._report, kind, who, on, due)

    def _report(self, kind: str, who: str, on: dt.date, due: dt.date) -> None:
        workreports.write(self.stage.world.session, self.stage.actor(who, self.unit), on, case_id=self._case(), kind=kind, period=due,
                          content=self.stage.rng.choice(_TOLD))

    def _problem(self, kind: str, on: dt.date, basis: str) -> None:
        organ = self.stage.organ(self.stage.world.unit_id(self.unit), on)
        ratings.note_problem(self.stage.world.session, self.stage.world.actors[self.stage.officer(organ, on)], on, unit=self.unit, kind=kind,
                             basis=basis)

    def _cleared(self, kind: str, on: dt.date) -> None:
        ratings.clear_problem(self.stage.world.session, self._officer(on), on, unit=self.unit, kind=kind)
