"""The steps of a candidate as the people of the demo take them: who acts, with which facts, papers and votes."""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rules.calendar import add_months
from workflow import records
from workflow.demo.names import Invented
from workflow.demo.organisation import COMMUNE, DISTRICT
from workflow.demo.world import COMMUNE_BEGINS, SAMPLE, Cell, World
from workflow.engine import Subject

#: Members of the collectives that vote.
_SIZES = {DISTRICT: 11, COMMUNE: 13, "LC": 15, "TL": 15, "KH": 13, "CQ": 9, "UB": 11, "YT": 9, "GD": 9}
_CELL_KEEPS, _BASE_KEEPS = "Tủ hồ sơ chi bộ", "Văn phòng đảng ủy"
_UNIONS = {"LC": "D-LC", "TL": "D-TL", "KH": "D-KH"}
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """How a cell's path runs on a day: base committee and subcommittee between cell and decider, where there are any."""

    base: str | None
    sub: str | None
    decider: str

    @classmethod
    def of(cls, group: str, on: dt.date) -> Place:
        """The path of the cells of a group."""
        if on < COMMUNE_BEGINS:
            return cls(group, None, DISTRICT)
        if group in _UNIONS:
            return cls(None, None, COMMUNE)
        if group == "GD":
            return cls("UB", "GD", COMMUNE)
        return cls(group, None, group if group == "YT" else COMMUNE)

    @property
    def votes(self) -> bool:
        """Whether a base committee votes before the decider."""
        return self.base is not None and self.base != self.decider


@dataclass(slots=True)
class Track:
    """One candidate on the way; ``facts`` are told with the nomination, ``skips`` what the story leaves out."""

    key: str
    cell: Cell
    who: Invented
    helper: int
    second: int
    facts: dict[str, Any] = field(default_factory=dict)
    skips: frozenset[str] = frozenset()
    certificate_on: dt.date | None = None
    case: int = 0
    person: int = 0

    @property
    def by_union(self) -> bool:
        return bool(self.facts.get("candidate.youth_union_here") or self.facts.get("candidate.trade_union_here"))


class Steps:
    """Takes the steps of any track; every method is one step or record of the process."""

    def __init__(self, world: World) -> None:
        self.world = world

    def take(self, track: Track, step: str, on: dt.date, options: Mapping[str, Any]) -> None:
        """Do one step of a track on its day; the clock may stand later, then it is entered late."""
        own: Callable[..., None] | None = getattr(self, f"_{step}", None)
        if own is not None:
            own(track, on, **options)
        else:
            self._by_cell(track, step, on, **options)

    # ---- who and where

    def _place(self, track: Track, on: dt.date) -> Place:
        return Place.of(track.cell.group, on)

    def _advance(self, track: Track, step: str, person: int, on: dt.date, **given: Any) -> None:
        self.world.advance(track.case, step, person, on, **given)

    def _by_cell(self, track: Track, step: str, on: dt.date, **options: Any) -> None:
        reason = options.pop("reason", None)
        facts = {**options.pop("facts", {}), **({"note.reason": reason} if reason else {})}
        self._advance(track, step, track.cell.secretary, on, facts=facts, papers=self._cell_papers(track, *options.pop("papers", ())), **options)

    def _cell_papers(self, track: Track, *kinds: str) -> list[dict[str, Any]]:
        return [{"kind": kind, "number": self.world.number(track.cell.code, _FORMS[kind]) if kind in _FORMS else None,
                 "kept_at": _CELL_KEEPS} for kind in kinds]

    def _paper(self, issuer: str, kind: str, form: str) -> dict[str, Any]:
        return {"kind": kind, "number": self.world.number(issuer, form), "kept_at": _BASE_KEEPS}

    def _vote(self, entitled: int, short: bool) -> dict[str, Any]:
        rng = self.world.rng
        present = entitled - (rng.randint(0, 2) if entitled > 8 else 0)
        enough = -(-2 * entitled // 3)
        votes = rng.randint(entitled // 3, min(enough, entitled // 2) - 1) if short else rng.randint(max(enough, present - 2), present)
        against = rng.randint(0, present - votes)
        return {"entitled": entitled, "away": 0, "exempt_absent": 0, "present": present, "for": votes, "against": against,
                "blank": present - votes - against, "method": "secret"}

    def _cell_vote_of(self, track: Track, step: str, kind: str, on: dt.date, short: bool) -> None:
        self._advance(track, step, track.cell.secretary, on, ballot=self._vote(track.cell.official, short),
                      papers=self._cell_papers(track, kind), second_reader=track.cell.members[0])

    def _base_vote_of(self, track: Track, step: str, kind: str, form: str, on: dt.date, short: bool) -> None:
        base = self._place(track, on).base or track.cell.group
        self._advance(track, step, self.world.holder("base_officer", base, on), on, signatory=self.world.holder("base_signer", base, on),
                      ballot=self._vote(_SIZES[base], short), papers=[self._paper(base, kind, form)])

    def _decide(self, track: Track, step: str, on: dt.date, *, kinds: Mapping[str, str], short: bool | None = None, **given: Any) -> None:
        """What the decider signs and its staff enters; ``short`` None is an act without a vote."""
        organ = self._place(track, on).decider
        own = organ == track.cell.group
        recorder = self.world.holder("base_officer" if own else "board_officer", organ, on)
        signatory = self.world.holder("base_signer" if own else "standing_board_signer", organ, on)
        if short is not None:
            given["ballot"] = self._vote(_SIZES[organ], short)
        self._advance(track, step, recorder, on, signatory=signatory, papers=[self._paper(organ, k, f) for k, f in kinds.items()], **given)

    def _base_or_cell(self, track: Track, on: dt.date) -> int:
        base = self._place(track, on).base
        return self.world.holder("base_officer", base, on) if base else track.cell.secretary

    # ---- source

    def _nominate(self, track: Track, on: dt.date) -> None:
        world = self.world
        youth, trade = track.facts.get("candidate.youth_union_here"), track.facts.get("candidate.trade_union_here")
        by = track.cell.secretary
        if youth or trade:
            unit = "CD" if not youth else "D-LK" if on >= COMMUNE_BEGINS else _UNIONS.get(track.cell.group, "D-CQ")
            by = world.holder("union_officer", unit, on)
        facts = {"candidate.nominated_by": "youth_union" if youth else "trade_union" if trade else "cell", **track.facts}
        track.person = world.person(track.who, key=track.key, unit=track.cell.code, standing="none", by=world.actors[by])
        subject = Subject("admission", world.unit_id(track.cell.code), track.person)
        track.case = world.advance(subject, "nominate", by, on, facts=facts, papers=[{"kind": "nomination", "kept_at": _CELL_KEEPS}])

    def _list_source(self, track: Track, on: dt.date) -> None:
        self._by_cell(track, "list_source", on, facts={"helper.person": track.helper}, papers=("list_resolution",))

    def _assign_class(self, track: Track, on: dt.date) -> None:
        above = COMMUNE if on >= COMMUNE_BEGINS else DISTRICT
        self._advance(track, "assign_class", self.world.holder("board_officer", above, on), on, papers=[self._paper(above, "class_list", "CV/BXDĐ")])

    def _record_certificate(self, track: Track, on: dt.date) -> None:
        self._advance(track, "record_certificate", self.world.holder("training_centre", "TTCT", on), on,
                      facts={"certificate.issued_on": track.certificate_on or on - 3 * _DAY}, papers=[self._paper("TTCT", "CN-NTVD", "GCN")])

    # ---- dossier

    def _permit_application(self, track: Track, on: dt.date) -> None:
        self._by_cell(track, "permit_application", on, facts={"candidate.application_on": on}, papers=("1-KND",))

    def _family(self, on: dt.date | None) -> list[dict[str, Any]]:
        found = {"result_on": on} if on else {}
        return [{"kind": kind, "full_capacity": True, **found} for kind in ("father", "mother")] + [{"kind": "sibling"}]

    def _start_verification(self, track: Track, on: dt.date) -> None:
        self._advance(track, "start_verification", self._base_or_cell(track, on), on,
                      facts={"candidate.cv_on": on - 3 * _DAY, "cv.sealed_on": on - _DAY,
                             "relatives": {"declared": False, "items": self._family(None)}},
                      papers=self._cell_papers(track, "2-KND", "verify_letter", "verify_request"))

    def _conclude_verification(self, track: Track, on: dt.date) -> None:
        self._advance(track, "conclude_verification", self._base_or_cell(track, on), on,
                      facts={"cv.certified_on": on - _DAY, "relatives": {"declared": True, "items": self._family(on - 3 * _DAY)}},
                      papers=self._cell_papers(track, "verify_reply", "verify_report"))

    def _introducer(self, person: int, on: dt.date) -> dict[str, Any]:
        return {"person": person, "official": True, "same_org": True, "mode": "work" if self.world.rng.random() < 0.6 else "residence",
                "together_since": dt.date(2019, 9, 1), "signed_on": on - 2 * _DAY, "waived": False}

    def _complete_introduction(self, track: Track, on: dt.date) -> None:
        who = [track.helper] if track.by_union else [track.helper, track.second]
        facts: dict[str, Any] = {"introducers": {"declared": True, "items": [self._introducer(p, on) for p in who]}}
        papers = [{"kind": "3-KND", "date": on - 2 * _DAY, "signed_by": p, "kept_at": _CELL_KEEPS} for p in who]
        if track.by_union:
            youth = track.facts.get("candidate.youth_union_here")
            facts["union.youth_resolution_on" if youth else "union.trade_resolution_on"] = on - 3 * _DAY
            papers.append({"kind": "4-KND" if youth else "4A-KND", "date": on - 3 * _DAY, "kept_at": _CELL_KEEPS})
        self._advance(track, "complete_introduction", track.cell.secretary, on, facts=facts, papers=papers)

    def _complete_opinions(self, track: Track, on: dt.date) -> None:
        given = [{"source": source, "given_on": on - 4 * _DAY} for source in ("mass", "residence")]
        self._by_cell(track, "complete_opinions", on, papers=("5-KND",),
                      facts={"opinions.summary_on": on, "opinions": {"declared": True, "items": given}})

    def _redo_papers(self, track: Track, on: dt.date, to: str) -> None:
        self._by_cell(track, "redo_papers", on, to=to, reason="Quá thời hạn mà chi bộ chưa xét.")

    # ---- request and decision

    def _cell_vote(self, track: Track, on: dt.date, short: bool = False) -> None:
        self._cell_vote_of(track, "cell_vote", "6-KND", on, short)

    def _direct_revote(self, track: Track, on: dt.date) -> None:
        self._decide(track, "direct_revote", on, kinds={"revote_letter": "CV/ĐU"})

    def _sub_appraise(self, track: Track, on: dt.date, step: str = "sub_appraise", kind: str = "7-KND") -> None:
        self._advance(track, step, self.world.holder("subcommittee_officer", "GD", on), on, papers=[self._paper("GD", kind, "BC/ĐUBP")])

    def _base_vote(self, track: Track, on: dt.date, short: bool = False) -> None:
        self._base_vote_of(track, "base_vote", "8-KND", "NQ/ĐU", on, short)

    def _decide_admission(self, track: Track, on: dt.date, short: bool = False) -> None:
        self._decide(track, "decide_admission", on, kinds={"9-KND": "QĐ/ĐU"}, short=short)

    def _decide_rejection(self, track: Track, on: dt.date, reason: str) -> None:
        self._decide(track, "decide_rejection", on, kinds={"rejection_notice": "TB/ĐU"}, facts={"note.reason": reason})

    def _extend_decision(self, track: Track, on: dt.date, days: int) -> None:
        self._decide(track, "extend_decision", on, kinds={"extension_notice": "TB/ĐU"},
                     facts={"extension.days": days, "note.reason": "Chờ kết quả thẩm tra bổ sung."})

    def _return_file(self, track: Track, on: dt.date, to: str, reason: str) -> None:
        self._decide(track, "return_file", on, kinds={"return_letter": "CV/ĐU"}, to=to, facts={"note.reason": reason})

    def _agree_late_ceremony(self, track: Track, on: dt.date) -> None:
        self._decide(track, "agree_late_ceremony", on, kinds={"late_agreement": "CV/ĐU"})

    def _hold_ceremony(self, track: Track, on: dt.date) -> None:
        self._by_cell(track, "hold_ceremony", on, facts={"helper.person": track.helper}, papers=("ceremony_report", "oath"))

    def _annul_admission(self, track: Track, on: dt.date, to: str, reason: str) -> None:
        self._decide(track, "annul_admission", on, kinds={"annulment_decision": "QĐ/ĐU"}, to=to, facts={"note.reason": reason})

    # ---- recognition and removal

    def _start_recognition(self, track: Track, on: dt.date) -> None:
        facts = {} if "class" in track.skips else {"new_member.certificate_on": on - 60 * _DAY}
        kinds = ("10-KND", "11-KND", "12-KND") if "class" in track.skips else ("CN-DVM", "10-KND", "11-KND", "12-KND")
        self._by_cell(track, "start_recognition", on, facts=facts, papers=kinds)

    def _recognition_cell_vote(self, track: Track, on: dt.date, short: bool = False) -> None:
        self._cell_vote_of(track, "recognition_cell_vote", "13-KND", on, short)

    def _recognition_sub_appraise(self, track: Track, on: dt.date) -> None:
        self._sub_appraise(track, on, "recognition_sub_appraise", "14-KND")

    def _recognition_base_vote(self, track: Track, on: dt.date, short: bool = False) -> None:
        self._base_vote_of(track, "recognition_base_vote", "15-KND", "NQ/ĐU", on, short)

    def _decide_recognition(self, track: Track, on: dt.date) -> None:
        self._decide(track, "decide_recognition", on, kinds={"16-KND": "QĐ/ĐU", "recognition_notice": "TB/ĐU"}, short=False)

    def _propose_removal(self, track: Track, on: dt.date) -> None:
        self._advance(track, "propose_removal", track.cell.secretary, on, ballot=self._vote(track.cell.official, False),
                      facts={"note.reason": "Không còn tham gia sinh hoạt, chi bộ đã nhắc nhở nhiều lần."},
                      papers=self._cell_papers(track, "removal_cell_resolution"), second_reader=track.cell.members[0])

    def _removal_base_vote(self, track: Track, on: dt.date) -> None:
        self._base_vote_of(track, "removal_base_vote", "removal_base_resolution", "NQ/ĐU", on, False)

    def _decide_removal(self, track: Track, on: dt.date) -> None:
        self._decide(track, "decide_removal", on, kinds={"removal_decision": "QĐ/ĐU"}, short=False)

    def _decide_deadlock(self, track: Track, on: dt.date, to: str) -> None:
        self._decide(track, "decide_deadlock", on, kinds={"16-KND" if to == "official" else "removal_decision": "QĐ/ĐU"}, to=to)

    # ---- on the way

    def _pass_competence(self, track: Track, on: dt.date) -> None:
        organ = self._place(track, on).decider
        who = self.world.holder("base_officer" if organ == track.cell.group else "board_officer", organ, on)
        self._advance(track, "pass_competence", who, on, papers=[self._paper(organ, "handover", "BB/ĐU")])

    def _send_transfer(self, track: Track, on: dt.date, to: str, paper: str) -> None:
        self._by_cell(track, "send_transfer", on, facts={"transfer.to_unit": self.world.unit_id(to)}, papers=(paper,),
                      reason=f"Chuyển nơi công tác ({SAMPLE}).")

    def _accept_transfer(self, track: Track, on: dt.date, to: str) -> None:
        track.cell = self.world.cells[to]
        track.helper = track.cell.members[0]
        self._by_cell(track, "accept_transfer", on, facts={"helper.person": track.helper})

    def _reopen(self, track: Track, on: dt.date) -> None:
        self._by_cell(track, "reopen", on, facts={"helper.person": track.helper}, papers=("list_resolution",))

    def _cv_first(self, track: Track, on: dt.date) -> None:
        """The CV bears an earlier day than the application: the wrong order."""
        records.set_facts(self.world.session, track.case, self.world.actors[track.cell.secretary], on,
                          {"candidate.application_on": on, "candidate.cv_on": on - 5 * _DAY})

    def _put_introducer(self, track: Track, on: dt.date) -> None:
        records.put_row(self.world.session, track.case, self.world.actors[track.cell.secretary], on, "introducers",
                        self._introducer(track.helper, on))

    def _put_opinion(self, track: Track, on: dt.date) -> None:
        records.put_row(self.world.session, track.case, self.world.actors[track.cell.secretary], on, "opinions", {"source": "mass", "given_on": on})

    def _replace_helper(self, track: Track, on: dt.date) -> None:
        records.replace_helper(self.world.session, track.case, self.world.actors[track.cell.secretary], on, track.second)
        track.helper, track.second = track.second, track.helper


#: What the papers of a cell are numbered as; personal ones bear no number.
_FORMS = {"list_resolution": "NQ/CB", "6-KND": "NQ/CB", "13-KND": "NQ/CB", "removal_cell_resolution": "NQ/CB", "5-KND": "BC/CB",
          "12-KND": "BC/CB", "ceremony_report": "BC/CB", "verify_letter": "GGT/CB", "verify_request": "CV/CB"}


def back(day: dt.date, months: int) -> dt.date:
    """The day some months before."""
    return add_months(day, -months)
