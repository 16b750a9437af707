"""What the steps of an admission record: one row per case, and its child tables."""
from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow.db import Base

_IN_DOSSIER = ("applying", "verifying", "verified", "introduced", "opinions_done", "cell_short")
_VOTED = ("cell_approved", "sub_appraised", "base_short", "base_approved")
_PROBATION = ("probationary", "recognition_review", "recognition_cell_short", "recognition_cell_approved",
              "recognition_sub_appraised", "recognition_base_short", "recognition_base_approved",
              "recognition_deadlock", "removal_proposed", "removal_base_approved", "removed", "official")


def _evidence(states: tuple[str, ...], condition: str) -> str:
    """An imported case may lack evidence of what happened before; every other state rests on it."""
    listed = ", ".join(f"'{s}'" for s in states)
    return f"imported OR state NOT IN ({listed}) OR {condition}"


class Admission(Base):
    """The facts of one candidate's path. ``state`` is the case's, repeated so that CHECKs can tie it to its evidence;
    the two are written in one transaction and compared at its end.

    A column ``<step>_on`` is the day of the last standing act of that step.
    """

    __tablename__ = "admission"
    __table_args__ = (
        sa.ForeignKeyConstraint(["case_id", "state"], ["case.id", "case.state"], deferrable=True, initially="DEFERRED"),
        sa.CheckConstraint(_evidence(("class_done",), "certificate_issued_on IS NOT NULL"), name="certificate"),
        sa.CheckConstraint(_evidence(_IN_DOSSIER + _VOTED, "dossier_set_up_on IS NOT NULL"), name="dossier_set_up"),
        sa.CheckConstraint(_evidence(_VOTED, "cell_vote_on IS NOT NULL"), name="cell_vote"),
        sa.CheckConstraint(_evidence(("base_approved",), "base_vote_on IS NOT NULL"), name="base_vote"),
        sa.CheckConstraint(_evidence(("decided",) + _PROBATION, "decide_admission_on IS NOT NULL"), name="decision"),
        sa.CheckConstraint(_evidence(_PROBATION, "hold_ceremony_on IS NOT NULL"), name="ceremony"),
        sa.CheckConstraint(_evidence(("official",), "official_on IS NOT NULL"), name="official"),
        sa.CheckConstraint(_evidence(("removed",), "decide_removal_on IS NOT NULL OR decide_deadlock_on IS NOT NULL"), name="removal"),
        sa.CheckConstraint("hold_ceremony_on IS NULL OR decide_admission_on IS NULL OR hold_ceremony_on >= decide_admission_on",
                           name="ceremony_after_decision"),
        sa.CheckConstraint("pop_breach_child IS NULL OR pop_breach_child >= 0", name="breach_child"),
    )

    case_id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    imported: Mapped[bool] = mapped_column(default=False)

    # the candidate
    nominated_by: Mapped[str | None]
    edu: Mapped[str | None]
    degree: Mapped[str | None]
    edu_area: Mapped[bool | None]
    elder: Mapped[bool | None]
    former_member: Mapped[bool | None]
    over60_gate: Mapped[bool | None]
    youth_member: Mapped[bool | None]
    union_member: Mapped[bool | None]
    youth_union_here: Mapped[bool | None]
    trade_union_here: Mapped[bool | None]
    mass_member: Mapped[bool | None]
    ethnic_minority: Mapped[bool | None]
    religious: Mapped[bool | None]
    job: Mapped[str | None]
    private_sector: Mapped[bool | None]
    route_religion: Mapped[bool | None]
    route_hoa: Mapped[bool | None]
    route_foreign_marriage: Mapped[bool | None]
    route_political_history: Mapped[bool | None]
    route_private_owner: Mapped[bool | None]
    route_no_cell: Mapped[bool | None]
    route_abroad: Mapped[bool | None]

    # consents and special routes
    consent_over60_on: Mapped[dt.date | None]
    consent_edu_on: Mapped[dt.date | None]
    consent_readmit_on: Mapped[dt.date | None]
    consent_route_on: Mapped[dt.date | None]
    readmit_left_on: Mapped[dt.date | None]
    readmit_reason: Mapped[str | None]
    readmit_hard_family: Mapped[bool | None]
    readmit_cleared_on: Mapped[dt.date | None]
    readmit_before: Mapped[int | None]
    pop_breach_child: Mapped[int | None]
    pop_born_on: Mapped[dt.date | None]

    # the dossier
    certificate_issued_on: Mapped[dt.date | None]
    application_on: Mapped[dt.date | None]
    cv_on: Mapped[dt.date | None]
    cv_sealed_on: Mapped[dt.date | None]
    cv_certified_on: Mapped[dt.date | None]
    dossier_set_up_on: Mapped[dt.date | None]
    union_youth_resolution_on: Mapped[dt.date | None]
    union_trade_resolution_on: Mapped[dt.date | None]
    opinions_summary_on: Mapped[dt.date | None]
    relatives_declared: Mapped[bool] = mapped_column(default=False)
    introducers_declared: Mapped[bool] = mapped_column(default=False)
    opinions_declared: Mapped[bool] = mapped_column(default=False)

    # decision, ceremony, probation
    decision_received_on: Mapped[dt.date | None]
    late_agreed_on: Mapped[dt.date | None]
    new_member_certificate_on: Mapped[dt.date | None]
    official_on: Mapped[dt.date | None]

    # moving and leaving
    transfer_unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    reason: Mapped[str | None]

    # days of the last standing acts
    permit_application_on: Mapped[dt.date | None]
    start_verification_on: Mapped[dt.date | None]
    conclude_verification_on: Mapped[dt.date | None]
    complete_introduction_on: Mapped[dt.date | None]
    complete_opinions_on: Mapped[dt.date | None]
    cell_vote_on: Mapped[dt.date | None]
    sub_appraise_on: Mapped[dt.date | None]
    base_vote_on: Mapped[dt.date | None]
    decide_admission_on: Mapped[dt.date | None]
    receive_decision_on: Mapped[dt.date | None]
    hold_ceremony_on: Mapped[dt.date | None]
    start_recognition_on: Mapped[dt.date | None]
    recognition_cell_vote_on: Mapped[dt.date | None]
    recognition_sub_appraise_on: Mapped[dt.date | None]
    recognition_base_vote_on: Mapped[dt.date | None]
    decide_recognition_on: Mapped[dt.date | None]
    propose_removal_on: Mapped[dt.date | None]
    removal_base_vote_on: Mapped[dt.date | None]
    decide_removal_on: Mapped[dt.date | None]
    decide_deadlock_on: Mapped[dt.date | None]


class Helper(Base):
    """The member assigned by cell resolution to help the candidate, from one day to another."""

    __tablename__ = "helper"
    __table_args__ = (
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_start"),
        sa.Index("ix_helper_case", "case_id"),
        sa.Index("ix_helper_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    from_on: Mapped[dt.date]
    to_on: Mapped[dt.date | None]
    paper: Mapped[str | None]


class Introducer(Base):
    """A member who introduces the candidate and answers for it."""

    __tablename__ = "introducer"
    __table_args__ = (sa.UniqueConstraint("case_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    official: Mapped[bool | None]
    same_org: Mapped[bool | None]
    mode: Mapped[str | None]
    together_since: Mapped[dt.date | None]
    waived: Mapped[bool | None]
    signed_on: Mapped[dt.date | None]


class Relative(Base):
    """A relative who is verified; ``person_id`` where that person is known here, so that conflicts are seen."""

    __tablename__ = "relative"
    __table_args__ = (sa.Index("ix_relative_case", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    kind: Mapped[str]
    full_name: Mapped[str | None]
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    full_capacity: Mapped[bool | None]
    result_on: Mapped[dt.date | None]
    skip_judged: Mapped[bool | None]


class Opinion(Base):
    """An opinion of a mass organisation, or of the cell at the place of residence."""

    __tablename__ = "opinion"
    __table_args__ = (sa.Index("ix_opinion_case", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    source: Mapped[str]
    organ: Mapped[str | None]
    given_on: Mapped[dt.date | None]


class AdmissionProfile(Base):
    """What was known of the candidate on the day of the decision: figures are counted from here, never from the person
    as he is now. Written with the act alone."""

    __tablename__ = "admission_profile"
    __table_args__ = (sa.Index("ix_admission_profile_case", "case_id"), sa.Index("ix_admission_profile_day", "decided_on"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    decided_on: Mapped[dt.date]
    born_on: Mapped[dt.date | None]
    gender: Mapped[str | None]
    youth_member: Mapped[bool | None]
    union_member: Mapped[bool | None]
    ethnic_minority: Mapped[bool | None]
    religious: Mapped[bool | None]
    job: Mapped[str | None]
    private_sector: Mapped[bool | None]
    edu: Mapped[str | None]
    degree: Mapped[str | None]
    former_member: Mapped[bool | None]
    route_religion: Mapped[bool | None]
    route_hoa: Mapped[bool | None]
    route_foreign_marriage: Mapped[bool | None]
    route_political_history: Mapped[bool | None]
    route_private_owner: Mapped[bool | None]
    route_no_cell: Mapped[bool | None]
    route_abroad: Mapped[bool | None]
    step: Mapped[str | None]
    void: Mapped[bool] = mapped_column(default=False)
