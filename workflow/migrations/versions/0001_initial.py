"""Tables of the heart: units, people, cases, papers, duties, journal"""

# ruff: noqa: E501
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "edition",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_edition")),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("stream_seq", sa.Integer(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("signatory_id", sa.Integer(), nullable=True),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("acted_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edition", sa.Text(), nullable=True),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("stream", "stream_seq", name=op.f("uq_entry_stream_stream_seq")),
    )
    op.create_index("ix_entry_acted", "entry", ["acted_on"], unique=False)
    op.create_index("ix_entry_case", "entry", ["case_id"], unique=False)
    op.create_index("ix_entry_recorded", "entry", ["recorded_at"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["run_at"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )

    op.create_table(
        "request_key",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_request_key")),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(op.f("ix_sign_in_attempt_key"), "sign_in_attempt", ["key"], unique=False)

    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
    )
    op.create_table(
        "part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("salt", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.CheckConstraint("(body IS NULL) = (salt IS NULL)", name=op.f("ck_part_erased_whole")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_part_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_part")),
        sa.UniqueConstraint("entry_id", "no", name=op.f("uq_part_entry_id_no")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("name_fold", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("sort_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("ethnicity", sa.Text(), nullable=True),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("gender IS NULL OR gender IN ('female','male')", name=op.f("ck_person_gender")),
        sa.CheckConstraint("standing IN ('none','probationary','official')", name=op.f("ck_person_standing")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("key", name=op.f("uq_person_key")),
    )
    op.create_index("ix_person_name_fold", "person", ["name_fold"], unique=False)
    op.create_index("ix_person_unit", "person", ["unit_id"], unique=False)

    op.create_table(
        "source_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_source_review_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_review")),
        sa.UniqueConstraint("unit_id", "month", name=op.f("uq_source_review_unit_id_month")),
    )
    op.create_table(
        "statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("comparator", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("comparator IN ('=','>','<','>=','<=')", name=op.f("ck_statement_comparator")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_statement_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
        sa.UniqueConstraint(
            "unit_id",
            "indicator",
            "period_from",
            "period_to",
            "source",
            name=op.f("uq_statement_unit_id_indicator_period_from_period_to_source"),
        ),
    )
    op.create_table(
        "target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("paper", sa.Text(), nullable=True),
        sa.CheckConstraint("period_to >= period_from", name=op.f("ck_target_period")),
        sa.CheckConstraint("value >= 0", name=op.f("ck_target_value")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_target_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
        sa.UniqueConstraint(
            "unit_id",
            "indicator",
            "period_from",
            "period_to",
            name=op.f("uq_target_unit_id_indicator_period_from_period_to"),
        ),
    )
    op.create_table(
        "unit_closure",
        sa.Column("ancestor_id", sa.Integer(), nullable=False),
        sa.Column("descendant_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ancestor_id"], ["unit.id"], name=op.f("fk_unit_closure_ancestor_id")),
        sa.ForeignKeyConstraint(["descendant_id"], ["unit.id"], name=op.f("fk_unit_closure_descendant_id")),
        sa.PrimaryKeyConstraint("ancestor_id", "descendant_id", "from_on", name=op.f("pk_unit_closure")),
    )
    op.create_index("ix_unit_closure_descendant", "unit_closure", ["descendant_id", "from_on"], unique=False)

    op.create_table(
        "unit_strength",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("official", sa.Integer(), nullable=False),
        sa.Column("probationary", sa.Integer(), nullable=False),
        sa.Column("comparator", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.CheckConstraint("official >= 0 AND probationary >= 0", name=op.f("ck_unit_strength_not_negative")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_strength_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_strength")),
        sa.UniqueConstraint("unit_id", "as_of", name=op.f("uq_unit_strength_unit_id_as_of")),
    )
    op.create_table(
        "unit_succession",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.Column("paper", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('founded','renamed','changed','moved','merged','split','ended','delegated')",
            name=op.f("ck_unit_succession_kind"),
        ),
        sa.ForeignKeyConstraint(["successor_id"], ["unit.id"], name=op.f("fk_unit_succession_successor_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_succession_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_succession")),
    )
    op.create_index("ix_unit_succession_unit", "unit_succession", ["unit_id", "on_day"], unique=False)
    op.create_index("ix_unit_succession_successor", "unit_succession", ["successor_id"], unique=False)

    op.create_table(
        "unit_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_fold", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("sort_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("delegated", sa.Boolean(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("paper", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "parent_id IS NULL OR parent_id <> unit_id", name=op.f("ck_unit_version_not_its_own_parent")
        ),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_unit_version_ends_after_start")),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_version_parent_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_version_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_version")),
        sa.UniqueConstraint("unit_id", "from_on", name=op.f("uq_unit_version_unit_id_from_on")),
    )
    op.create_index(
        "ix_unit_version_current",
        "unit_version",
        ["unit_id"],
        unique=True,
        sqlite_where=sa.text("to_on IS NULL"),
        postgresql_where=sa.text("to_on IS NULL"),
    )
    op.create_index("ix_unit_version_parent", "unit_version", ["parent_id"], unique=False)

    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("administrator", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("person_id", name=op.f("uq_account_person_id")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_table(
        "case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("subject_person_id", sa.Integer(), nullable=True),
        sa.Column("subject_unit_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("decider_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("resume_state", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("last_act_on", sa.Date(), nullable=False),
        sa.Column("state_since", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(state = 'in_transfer' OR state = 'suspended') = (resume_state IS NOT NULL)",
            name=op.f("ck_case_resume_state"),
        ),
        sa.CheckConstraint(
            "(subject_person_id IS NULL) <> (subject_unit_id IS NULL)", name=op.f("ck_case_one_subject")
        ),
        sa.CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name=op.f("ck_case_closed_after_opened")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_case_version")),
        sa.ForeignKeyConstraint(["decider_id"], ["unit.id"], name=op.f("fk_case_decider_id")),
        sa.ForeignKeyConstraint(["subject_person_id"], ["person.id"], name=op.f("fk_case_subject_person_id")),
        sa.ForeignKeyConstraint(["subject_unit_id"], ["unit.id"], name=op.f("fk_case_subject_unit_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_case_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("id", "state", name=op.f("uq_case_id_state")),
    )
    op.create_index("ix_case_unit", "case", ["unit_id", "process", "state"], unique=False)
    op.create_index(
        "uq_case_open_person",
        "case",
        ["process", "subject_person_id"],
        unique=True,
        sqlite_where=sa.text("closed_on IS NULL AND subject_person_id IS NOT NULL"),
        postgresql_where=sa.text("closed_on IS NULL AND subject_person_id IS NOT NULL"),
    )
    op.create_index(
        "uq_case_open_unit",
        "case",
        ["process", "subject_unit_id"],
        unique=True,
        sqlite_where=sa.text("closed_on IS NULL AND subject_unit_id IS NOT NULL"),
        postgresql_where=sa.text("closed_on IS NULL AND subject_unit_id IS NOT NULL"),
    )

    op.create_table(
        "conflict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("tie", sa.Text(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.CheckConstraint("person_id < other_id", name=op.f("ck_conflict_ordered_pair")),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_conflict_other_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_conflict_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict")),
        sa.UniqueConstraint("person_id", "other_id", name=op.f("uq_conflict_person_id_other_id")),
    )
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("chair_id", sa.Integer(), nullable=True),
        sa.Column("entitled", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "present IS NULL OR (present >= 0 AND present <= entitled)", name=op.f("ck_meeting_present")
        ),
        sa.ForeignKeyConstraint(["chair_id"], ["person.id"], name=op.f("fk_meeting_chair_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_meeting_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    op.create_index("ix_meeting_unit", "meeting", ["unit_id", "held_on"], unique=False)

    op.create_table(
        "office",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("paper", sa.Text(), nullable=True),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_office_ends_after_start")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_office_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_office_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
        sa.UniqueConstraint(
            "person_id", "role", "unit_id", "from_on", name=op.f("uq_office_person_id_role_unit_id_from_on")
        ),
    )
    op.create_index("ix_office_unit", "office", ["unit_id", "role"], unique=False)

    op.create_table(
        "admission",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.Column("nominated_by", sa.Text(), nullable=True),
        sa.Column("edu", sa.Text(), nullable=True),
        sa.Column("edu_area", sa.Boolean(), nullable=True),
        sa.Column("elder", sa.Boolean(), nullable=True),
        sa.Column("former_member", sa.Boolean(), nullable=True),
        sa.Column("over60_gate", sa.Boolean(), nullable=True),
        sa.Column("youth_member", sa.Boolean(), nullable=True),
        sa.Column("union_member", sa.Boolean(), nullable=True),
        sa.Column("youth_union_here", sa.Boolean(), nullable=True),
        sa.Column("trade_union_here", sa.Boolean(), nullable=True),
        sa.Column("mass_member", sa.Boolean(), nullable=True),
        sa.Column("route_religion", sa.Boolean(), nullable=True),
        sa.Column("route_hoa", sa.Boolean(), nullable=True),
        sa.Column("route_foreign_marriage", sa.Boolean(), nullable=True),
        sa.Column("route_political_history", sa.Boolean(), nullable=True),
        sa.Column("route_private_owner", sa.Boolean(), nullable=True),
        sa.Column("route_no_cell", sa.Boolean(), nullable=True),
        sa.Column("route_abroad", sa.Boolean(), nullable=True),
        sa.Column("consent_over60_on", sa.Date(), nullable=True),
        sa.Column("consent_edu_on", sa.Date(), nullable=True),
        sa.Column("consent_readmit_on", sa.Date(), nullable=True),
        sa.Column("consent_route_on", sa.Date(), nullable=True),
        sa.Column("readmit_left_on", sa.Date(), nullable=True),
        sa.Column("readmit_reason", sa.Text(), nullable=True),
        sa.Column("readmit_hard_family", sa.Boolean(), nullable=True),
        sa.Column("readmit_cleared_on", sa.Date(), nullable=True),
        sa.Column("readmit_before", sa.Integer(), nullable=True),
        sa.Column("pop_breach_child", sa.Integer(), nullable=True),
        sa.Column("pop_born_on", sa.Date(), nullable=True),
        sa.Column("certificate_issued_on", sa.Date(), nullable=True),
        sa.Column("application_on", sa.Date(), nullable=True),
        sa.Column("cv_on", sa.Date(), nullable=True),
        sa.Column("cv_sealed_on", sa.Date(), nullable=True),
        sa.Column("cv_certified_on", sa.Date(), nullable=True),
        sa.Column("dossier_set_up_on", sa.Date(), nullable=True),
        sa.Column("union_youth_resolution_on", sa.Date(), nullable=True),
        sa.Column("union_trade_resolution_on", sa.Date(), nullable=True),
        sa.Column("opinions_summary_on", sa.Date(), nullable=True),
        sa.Column("relatives_declared", sa.Boolean(), nullable=False),
        sa.Column("introducers_declared", sa.Boolean(), nullable=False),
        sa.Column("opinions_declared", sa.Boolean(), nullable=False),
        sa.Column("decision_received_on", sa.Date(), nullable=True),
        sa.Column("late_agreed_on", sa.Date(), nullable=True),
        sa.Column("new_member_certificate_on", sa.Date(), nullable=True),
        sa.Column("official_on", sa.Date(), nullable=True),
        sa.Column("transfer_unit_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("permit_application_on", sa.Date(), nullable=True),
        sa.Column("start_verification_on", sa.Date(), nullable=True),
        sa.Column("conclude_verification_on", sa.Date(), nullable=True),
        sa.Column("complete_introduction_on", sa.Date(), nullable=True),
        sa.Column("complete_opinions_on", sa.Date(), nullable=True),
        sa.Column("cell_vote_on", sa.Date(), nullable=True),
        sa.Column("sub_appraise_on", sa.Date(), nullable=True),
        sa.Column("base_vote_on", sa.Date(), nullable=True),
        sa.Column("decide_admission_on", sa.Date(), nullable=True),
        sa.Column("receive_decision_on", sa.Date(), nullable=True),
        sa.Column("hold_ceremony_on", sa.Date(), nullable=True),
        sa.Column("start_recognition_on", sa.Date(), nullable=True),
        sa.Column("recognition_cell_vote_on", sa.Date(), nullable=True),
        sa.Column("recognition_sub_appraise_on", sa.Date(), nullable=True),
        sa.Column("recognition_base_vote_on", sa.Date(), nullable=True),
        sa.Column("decide_recognition_on", sa.Date(), nullable=True),
        sa.Column("propose_removal_on", sa.Date(), nullable=True),
        sa.Column("removal_base_vote_on", sa.Date(), nullable=True),
        sa.Column("decide_removal_on", sa.Date(), nullable=True),
        sa.Column("decide_deadlock_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "imported OR state NOT IN ('applying', 'verifying', 'verified', 'introduced', 'opinions_done', 'cell_short', 'cell_approved', 'sub_appraised', 'base_short', 'base_approved') OR dossier_set_up_on IS NOT NULL",
            name=op.f("ck_admission_dossier_set_up"),
        ),
        sa.CheckConstraint(
            "imported OR state NOT IN ('base_approved') OR base_vote_on IS NOT NULL",
            name=op.f("ck_admission_base_vote"),
        ),
        sa.CheckConstraint(
            "imported OR state NOT IN ('cell_approved', 'sub_appraised', 'base_short', 'base_approved') OR cell_vote_on IS NOT NULL",
            name=op.f("ck_admission_cell_vote"),
        ),
        sa.CheckConstraint(
            "imported OR state NOT IN ('class_done') OR certificate_issued_on IS NOT NULL",
            name=op.f("ck_admission_certificate"),
        ),
        sa.CheckConstraint(
            "imported OR state NOT IN ('decided', 'probationary', 'recognition_review', 'recognition_cell_short', 'recognition_cell_approved', 'recognition_sub_appraised', 'recognition_base_short', 'recognition_base_approved', 'recognition_deadlock', 'removal_proposed', 'removal_base_approved', 'removed', 'official') OR decide_admission_on IS NOT NULL",
            name=op.f("ck_admission_decision"),
        ),
        sa.CheckConstraint(
            "imported OR state NOT IN ('official') OR official_on IS NOT NULL", name=op.f("ck_admission_official")
        ),
        sa.CheckConstraint(
            "imported OR state NOT IN ('probationary', 'recognition_review', 'recognition_cell_short', 'recognition_cell_approved', 'recognition_sub_appraised', 'recognition_base_short', 'recognition_base_approved', 'recognition_deadlock', 'removal_proposed', 'removal_base_approved', 'removed', 'official') OR hold_ceremony_on IS NOT NULL",
            name=op.f("ck_admission_ceremony"),
        ),
        sa.CheckConstraint(
            "imported OR state NOT IN ('removed') OR decide_removal_on IS NOT NULL OR decide_deadlock_on IS NOT NULL",
            name=op.f("ck_admission_removal"),
        ),
        sa.CheckConstraint(
            "hold_ceremony_on IS NULL OR decide_admission_on IS NULL OR hold_ceremony_on >= decide_admission_on",
            name=op.f("ck_admission_ceremony_after_decision"),
        ),
        sa.CheckConstraint("pop_breach_child IS NULL OR pop_breach_child >= 0", name=op.f("ck_admission_breach_child")),
        sa.ForeignKeyConstraint(
            ["case_id", "state"],
            ["case.id", "case.state"],
            name=op.f("fk_admission_case_id_state"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["transfer_unit_id"], ["unit.id"], name=op.f("fk_admission_transfer_unit_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_admission")),
    )
    op.create_table(
        "ballot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("law", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("entitled", sa.Integer(), nullable=False),
        sa.Column("away", sa.Integer(), nullable=False),
        sa.Column("exempt_absent", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=True),
        sa.Column("votes_for", sa.Integer(), nullable=False),
        sa.Column("against", sa.Integer(), nullable=False),
        sa.Column("blank", sa.Integer(), nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("carried", sa.Boolean(), nullable=False),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.CheckConstraint("method IS NULL OR method IN ('secret','card')", name=op.f("ck_ballot_method")),
        sa.CheckConstraint("votes_for + against + blank <= entitled", name=op.f("ck_ballot_votes_within_entitled")),
        sa.CheckConstraint(
            "votes_for >= 0 AND against >= 0 AND blank >= 0 AND entitled >= 0 AND away >= 0 AND exempt_absent >= 0",
            name=op.f("ck_ballot_not_negative"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_ballot_case_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_ballot_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
    )
    op.create_index("ix_ballot_case", "ballot", ["case_id"], unique=False)

    op.create_table(
        "credential",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("code_hash", sa.Text(), nullable=True),
        sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_credential_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_credential")),
    )
    op.create_table(
        "duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("law", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("former_due_on", sa.Date(), nullable=True),
        sa.Column("extended", sa.Integer(), nullable=False),
        sa.Column("open_until", sa.Date(), nullable=True),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("paused_on", sa.Date(), nullable=True),
        sa.Column("remaining", sa.Integer(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.CheckConstraint("(paused_on IS NULL) = (remaining IS NULL)", name=op.f("ck_duty_paused_with_remaining")),
        sa.CheckConstraint("due_on >= started_on", name=op.f("ck_duty_due_after_start")),
        sa.CheckConstraint("extended >= 0", name=op.f("ck_duty_extended")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_duty_case_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_duty_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
        sa.UniqueConstraint("case_id", "kind", "basis", name=op.f("uq_duty_case_id_kind_basis")),
    )
    op.create_index("ix_duty_case", "duty", ["case_id"], unique=False)
    op.create_index("ix_duty_open", "duty", ["unit_id", "open_until"], unique=False)

    op.create_table(
        "helper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("paper", sa.Text(), nullable=True),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_helper_ends_after_start")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_helper_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_helper_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helper")),
    )
    op.create_index("ix_helper_case", "helper", ["case_id"], unique=False)
    op.create_index("ix_helper_person", "helper", ["person_id"], unique=False)

    op.create_table(
        "introducer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("official", sa.Boolean(), nullable=True),
        sa.Column("same_org", sa.Boolean(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=True),
        sa.Column("together_since", sa.Date(), nullable=True),
        sa.Column("waived", sa.Boolean(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_introducer_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_introducer_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introducer")),
        sa.UniqueConstraint("case_id", "person_id", name=op.f("uq_introducer_case_id_person_id")),
    )
    op.create_table(
        "opinion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("organ", sa.Text(), nullable=True),
        sa.Column("given_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_opinion_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
    )
    op.create_index("ix_opinion_case", "opinion", ["case_id"], unique=False)

    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issuer_id", sa.Integer(), nullable=True),
        sa.Column("signatory_id", sa.Integer(), nullable=True),
        sa.Column("extract", sa.Text(), nullable=True),
        sa.Column("kept_at", sa.Text(), nullable=True),
        sa.Column("secrecy", sa.Text(), nullable=True),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_paper_case_id")),
        sa.ForeignKeyConstraint(["issuer_id"], ["unit.id"], name=op.f("fk_paper_issuer_id")),
        sa.ForeignKeyConstraint(["signatory_id"], ["person.id"], name=op.f("fk_paper_signatory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
    )
    op.create_index("ix_paper_case", "paper", ["case_id", "kind"], unique=False)

    op.create_table(
        "relative",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("full_capacity", sa.Boolean(), nullable=True),
        sa.Column("result_on", sa.Date(), nullable=True),
        sa.Column("skip_judged", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_relative_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_relative_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relative")),
    )
    op.create_index("ix_relative_case", "relative", ["case_id"], unique=False)

    op.create_table(
        "source_review_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("verdict IN ('keep','class','drop')", name=op.f("ck_source_review_item_verdict")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_source_review_item_case_id")),
        sa.ForeignKeyConstraint(["review_id"], ["source_review.id"], name=op.f("fk_source_review_item_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_review_item")),
        sa.UniqueConstraint("review_id", "case_id", name=op.f("uq_source_review_item_review_id_case_id")),
    )
    op.create_table(
        "sponsor_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("proposes", sa.Text(), nullable=False),
        sa.CheckConstraint("proposes IN ('keep','class','drop')", name=op.f("ck_sponsor_report_proposes")),
        sa.CheckConstraint("task IN ('done','partly','none')", name=op.f("ck_sponsor_report_task")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_sponsor_report_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sponsor_report_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsor_report")),
        sa.UniqueConstraint("case_id", "month", name=op.f("uq_sponsor_report_case_id_month")),
    )
    op.create_table(
        "substitution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("paper", sa.Text(), nullable=True),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_substitution_ends_after_start")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_substitution_office_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_substitution_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitution")),
    )
    op.create_table(
        "user_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_user_session_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_session_token_hash")),
    )
    op.create_index(op.f("ix_user_session_account_id"), "user_session", ["account_id"], unique=False)
