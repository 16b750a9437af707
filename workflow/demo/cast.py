"""Who is on the way, how far, and what stands in the way: the candidates of the commune, drawn group by group."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow.demo.names import Invented
from workflow.demo.organisation import SMALL_CELL, TRY_CELL
from workflow.demo.paths import Track, back
from workflow.demo.world import TODAY, World

Tail = tuple[tuple[str, int, Mapping[str, Any]], ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Candidates alike: the last step of the ordinary way, what followed, and how long ago the last act was.

    ``cells`` are groups of cells: V villages directly under the commune, A agencies under a base committee, Y the
    delegated health centre, G schools under the subcommittee; K is the cell that is too small, T the one to try in.
    """

    upto: str
    cells: str
    count: int
    ago: tuple[int, int] = (3, 45)
    trouble: str = ""
    tail: Tail = ()
    gaps: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    last: dt.date | None = None


_SHORT = {"short": True}
_THREE_SHORT = (("recognition_cell_vote", 9, _SHORT), ("recognition_cell_vote", 12, _SHORT), ("recognition_cell_vote", 12, _SHORT))
STORIES: tuple[Story, ...] = (
    # the source list
    Story("nominate", "VVVAGY", 5, (2, 20)),
    Story("nominate", "K", 1, (10, 30), "small"),
    Story("list_source", "T", 1, (45, 50)),
    Story("assign_class", "T", 1, (20, 25)),
    Story("list_source", "VVAYG", 9, (6, 75)),
    Story("list_source", "V", 2, (35, 60), tail=(("replace_helper", 25, {}),)),
    Story("list_source", "V", 1, (20, 30), tail=(("drop_source", 60, {"reason": "Đi làm ăn xa, chưa có điều kiện theo dõi."}), ("reopen", 120, {}))),
    Story("assign_class", "VVAG", 6, (4, 40)),
    Story("record_certificate", "VVAYG", 8, (4, 60)),
    Story("record_certificate", "V", 1, (12, 20), tail=(
        ("send_transfer", 20, {"to": "TL-02", "paper": "17-KND"}), ("accept_transfer", 12, {"to": "TL-02"}))),
    # the dossier
    Story("permit_application", "VVAG", 6, (4, 30)),
    Story("permit_application", "V", 1, (15, 25), "order", (("cv_first", 6, {}),)),
    Story("start_verification", "VVAYG", 5, (5, 38)),
    Story("start_verification", "VVA", 3, (70, 110)),
    Story("conclude_verification", "VVAG", 4, (4, 25)),
    Story("conclude_verification", "V", 2, (8, 20), "two", (("put_introducer", 6, {}),)),
    Story("complete_introduction", "VAG", 4, (4, 20)),
    Story("complete_introduction", "A", 1, (6, 15), tail=(("put_opinion", 5, {}),)),
    Story("complete_opinions", "VVAYG", 4, (3, 18)),
    *(Story("complete_opinions", cells, 1, (6, 25), trouble) for cells, trouble in (
        ("V", "young"), ("V", "over60"), ("A", "certificate"), ("V", "waiting"), ("V", "resigned"), ("V", "population"), ("V", "school"),
        ("V", "school_unknown"), ("V", "record"))),
    Story("complete_opinions", "V", 2, (75, 95), "dossier", gaps={"start_verification": (255, 275)}),
    Story("complete_opinions", "A", 1, (4, 12), "dossier", (("redo_papers", 85, {"to": "verified"}),), {"start_verification": (255, 275)}),
    # the request
    Story("complete_opinions", "VA", 2, (4, 20), tail=(("cell_vote", 12, _SHORT),)),
    Story("cell_vote", "VVY", 4, (4, 30)),
    Story("cell_vote", "V", 1, (8, 20), "over60_gate"),
    Story("cell_vote", "V", 1, (8, 20), "consent"),
    Story("cell_vote", "V", 1, (100, 112)),
    Story("cell_vote", "V", 1, (6, 14), tail=(("extend_decision", 78, {"days": 20}),)),
    Story("complete_opinions", "V", 1, (5, 12), tail=(("cell_vote", 12, _SHORT), ("direct_revote", 9, {}), ("cell_vote", 14, {}))),
    Story("sub_appraise", "G", 2, (3, 15)),
    Story("cell_vote", "A", 1, (6, 20), tail=(("base_vote", 14, _SHORT),)),
    Story("base_vote", "AAG", 3, (4, 20)),
    Story("base_vote", "V", 1, last=dt.date(2025, 6, 18)),
    Story("base_vote", "A", 1, (5, 14), tail=(
        ("return_file", 10, {"to": "verified", "reason": "Giấy giới thiệu chưa ghi rõ thời gian cùng công tác."}),)),
    Story("decide_admission", "VA", 2, (2, 9)),
    Story("receive_decision", "VG", 2, (3, 20)),
    Story("receive_decision", "V", 1, (60, 75)),
    Story("receive_decision", "V", 1, (4, 9), tail=(("agree_late_ceremony", 52, {}),)),
    # probation and recognition
    Story("hold_ceremony", "VVVAYG", 9, (20, 345)),
    Story("hold_ceremony", "V", 1, (372, 385)),
    Story("hold_ceremony", "A", 1, (420, 440)),
    Story("start_recognition", "VAG", 3, (3, 18)),
    Story("start_recognition", "V", 1, (8, 18), "class"),
    Story("start_recognition", "V", 1, (5, 15), tail=(("recognition_cell_vote", 12, _SHORT),)),
    Story("recognition_cell_vote", "VA", 2, (4, 20)),
    Story("recognition_sub_appraise", "G", 1, (3, 10)),
    Story("recognition_cell_vote", "A", 1, (5, 12), tail=(("recognition_base_vote", 12, _SHORT),)),
    Story("recognition_base_vote", "A", 1, (4, 12)),
    Story("start_recognition", "V", 1, (6, 14), tail=_THREE_SHORT),
    Story("hold_ceremony", "A", 1, (6, 20), tail=(("propose_removal", 160, {}),)),
    Story("hold_ceremony", "A", 1, (5, 15), tail=(("propose_removal", 140, {}), ("removal_base_vote", 14, {}))),
    # on the way to another cell
    Story("record_certificate", "V", 1, (6, 20), tail=(("send_transfer", 30, {"to": "LC-03", "paper": "17-KND"}),)),
    Story("conclude_verification", "A", 1, (6, 20), tail=(("send_transfer", 15, {"to": "TB-01", "paper": "17-KND"}),)),
    Story("hold_ceremony", "V", 1, (12, 30), tail=(("send_transfer", 90, {"to": "UB-02", "paper": "membership_transfer"}),)),
    # closed
    Story("decide_recognition", "VVA", 2, last=dt.date(2025, 5, 29)),
    Story("decide_recognition", "VVAG", 4, (15, 320)),
    Story("decide_recognition", "Y", 1, (30, 75)),
    Story("start_recognition", "V", 1, (30, 60), tail=(*_THREE_SHORT, ("decide_deadlock", 25, {"to": "official"}))),
    Story("list_source", "VVG", 3, (20, 150), tail=(
        ("drop_source", 90, {"reason": "Không còn phấn đấu, ba tháng liền không nhận việc được giao."}),)),
    Story("cell_vote", "V", 1, (30, 90), tail=(("decide_admission", 25, _SHORT),)),
    Story("complete_opinions", "V", 1, (30, 90), tail=(
        ("cell_vote", 12, _SHORT), ("decide_rejection", 20, {"reason": "Chi bộ chưa đủ tín nhiệm, cần tiếp tục bồi dưỡng."}))),
    Story("hold_ceremony", "V", 1, (20, 60), tail=(("propose_removal", 150, {}), ("decide_removal", 20, {}))),
    Story("hold_ceremony", "V", 1, (15, 60), tail=(("annul_admission", 80, {"to": "annulled", "reason": "Lý lịch khai không trung thực."}),)),
    Story("permit_application", "VA", 2, (20, 120), tail=(("withdraw", 30, {"reason": "Xin rút vì lý do gia đình."}),)),
    Story("start_verification", "V", 1, (40, 90), tail=(("record_death", 20, {"reason": "Mất do tai nạn."}),)),
    Story("conclude_verification", "V", 1, (20, 60), tail=(("disqualify", 15, {"reason": "Vi phạm pháp luật, không còn đủ tiêu chuẩn."}),)),
)
_SINGLE = {"K": SMALL_CELL, "T": TRY_CELL}
_GROUPS = {"V": ("LC", "TL", "KH"), "A": ("CQ", "UB"), "Y": ("YT",), "G": ("GD",)}
#: What people work as, by the committee of their cell; who lives in a village farms.
_WORK = {"CQ": "cadre", "UB": "cadre", "YT": "public_employee", "GD": "public_employee"}
_MAJORITY, _SILENT = "Kinh", 9
_STUDIED = ("university", "college", "university", "postgraduate")


class Casting:
    """Draws a candidate for a story: a cell in turn, an invented person, the facts that make the story."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._turn: dict[str, int] = {}
        self._cells = {kind: [c for c in world.cells.values() if c.group in groups and c.code not in (SMALL_CELL, TRY_CELL)]
                       for kind, groups in _GROUPS.items()}

    def track(self, number: int, story: Story, index: int) -> Track:
        """The candidate number so and so, the index-th of the story."""
        kind = story.cells[index % len(story.cells)]
        if kind in _SINGLE:
            cell = self.world.cells[_SINGLE[kind]]
        else:
            turn = self._turn[kind] = self._turn.get(kind, -1) + 1
            cell = self._cells[kind][turn % len(self._cells[kind])]
        helper, second = cell.members[1 if kind == "T" else 1 + number % 2], cell.members[0]
        who, facts = self._who(story.trouble), dict(_PLAIN)
        youth = (TODAY - who.born_on).days < 29 * 365 and story.trouble not in ("two", "dossier")
        facts |= {"candidate.youth_union_here": youth, "candidate.youth_member": youth, "candidate.trade_union_here": False,
                  "candidate.edu": "higher" if self.world.rng.random() < 0.8 else "lower_diploma"}
        if cell.group == "YT" and not youth:
            young = (TODAY - who.born_on).days < 30 * 365
            facts |= {"candidate.trade_union_here": young, "candidate.union_member": young}
        facts |= {"candidate.ethnic_minority": who.ethnicity != _MAJORITY, "candidate.religious": False, "candidate.private_sector": False}
        if number % _SILENT:  # of some nobody wrote what they work as or studied: figures count them apart
            facts["candidate.job"] = _WORK.get(cell.group, "farmer")
            if facts["candidate.edu"] == "higher":
                facts["candidate.degree"] = _STUDIED[number % len(_STUDIED)] if cell.group in _WORK else "vocational"
        facts |= _TROUBLES.get(story.trouble, {})
        if story.trouble == "school_unknown":
            del facts["candidate.edu"]
        expired = back(TODAY, 60) - dt.timedelta(days=45) if story.trouble == "certificate" else None
        return Track(f"nguoi-{number:03d}", cell, who, helper, second, facts, frozenset({story.trouble}), expired)

    def _who(self, trouble: str) -> Invented:
        if trouble == "young":
            born = self.world.names.person(17, 18, TODAY)
            return Invented(born.full_name, born.gender, born.ethnicity, back(TODAY, 216) + dt.timedelta(days=40))
        if trouble in ("over60", "over60_gate"):
            return self.world.names.person(61, 63, TODAY)
        if trouble in ("waiting", "resigned", "record", "consent", "population", "two", "dossier"):
            return self.world.names.person(33, 45, TODAY)
        return self.world.names.person(20, 44, TODAY)


_PLAIN: dict[str, Any] = {"candidate.former_member": False, "candidate.mass_member": True, "candidate.edu_area": True}
_FORMER: dict[str, Any] = {"candidate.former_member": True, "readmit.before": 0}
_TROUBLES: dict[str, dict[str, Any]] = {
    "over60": {"candidate.over60_gate": False},
    "over60_gate": {"candidate.over60_gate": True},
    "waiting": {**_FORMER, "readmit.reason": "struck_off", "readmit.left_on": back(TODAY, 31)},
    "resigned": {**_FORMER, "readmit.reason": "resigned", "readmit.hard_family": False, "readmit.left_on": back(TODAY, 52)},
    "record": {**_FORMER, "readmit.reason": "lesser_crime", "readmit.left_on": back(TODAY, 80), "readmit.cleared_on": back(TODAY, 44)},
    "consent": {**_FORMER, "readmit.reason": "struck_off", "readmit.left_on": back(TODAY, 60)},
    "population": {"pop.breach_child": 3, "pop.born_on": back(TODAY, 19)},
    "school": {"candidate.edu": "primary", "candidate.edu_area": False},
}
