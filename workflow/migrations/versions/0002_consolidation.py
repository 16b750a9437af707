"""Consolidation and its plans, classification, profiles of admission, locked copies of reports"""

# ruff: noqa: E501
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('rating',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('period_from', sa.Date(), nullable=False),
    sa.Column('period_to', sa.Date(), nullable=False),
    sa.Column('scheme', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('self_label', sa.Text(), nullable=True),
    sa.Column('self_points', sa.Integer(), nullable=True),
    sa.Column('self_on', sa.Date(), nullable=True),
    sa.Column('verified_label', sa.Text(), nullable=True),
    sa.Column('verified_points', sa.Integer(), nullable=True),
    sa.Column('verified_on', sa.Date(), nullable=True),
    sa.Column('label', sa.Text(), nullable=True),
    sa.Column('points', sa.Integer(), nullable=True),
    sa.Column('rank', sa.Integer(), nullable=True),
    sa.Column('decided_on', sa.Date(), nullable=True),
    sa.Column('organ_id', sa.Integer(), nullable=True),
    sa.Column('paper', sa.Text(), nullable=True),
    sa.Column('reopened_on', sa.Date(), nullable=True),
    sa.Column('reopen_reason', sa.Text(), nullable=True),
    sa.Column('tasks_done', sa.Integer(), nullable=True),
    sa.Column('tasks_exceeded', sa.Integer(), nullable=True),
    sa.Column('tasks_late', sa.Integer(), nullable=True),
    sa.Column('disciplined', sa.Boolean(), nullable=True),
    sa.Column('remedied', sa.Boolean(), nullable=True),
    sa.Column('gov_lowest', sa.Boolean(), nullable=True),
    sa.Column('mass_total', sa.Integer(), nullable=True),
    sa.Column('mass_lowest', sa.Integer(), nullable=True),
    sa.Column('group_name', sa.Text(), nullable=True),
    sa.Column('imported', sa.Boolean(), nullable=False),
    sa.CheckConstraint("kind IN ('year','quarter','term','ad_hoc')", name=op.f('ck_rating_kind')),
    sa.CheckConstraint("state <> 'decided' OR (label IS NOT NULL AND rank IS NOT NULL AND decided_on IS NOT NULL)", name=op.f('ck_rating_decided')),
    sa.CheckConstraint("state <> 'reopened' OR reopened_on IS NOT NULL", name=op.f('ck_rating_reopened')),
    sa.CheckConstraint('period_to >= period_from', name=op.f('ck_rating_period')),
    sa.CheckConstraint('points IS NULL OR (points >= 0 AND points <= 100)', name=op.f('ck_rating_points')),
    sa.CheckConstraint('rank IS NULL OR (rank >= 1 AND rank <= 4)', name=op.f('ck_rating_rank')),
    sa.CheckConstraint('self_points IS NULL OR (self_points >= 0 AND self_points <= 100)', name=op.f('ck_rating_self_points')),
    sa.CheckConstraint('verified_points IS NULL OR (verified_points >= 0 AND verified_points <= 100)', name=op.f('ck_rating_verified_points')),
    sa.ForeignKeyConstraint(['organ_id'], ['unit.id'], name=op.f('fk_rating_organ_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_rating_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rating')),
    sa.UniqueConstraint('unit_id', 'kind', 'period_from', 'period_to', name=op.f('uq_rating_unit_id_kind_period_from_period_to'))
    )
    with op.batch_alter_table('rating', schema=None) as batch_op:
        batch_op.create_index('ix_rating_period', ['period_to', 'kind'], unique=False)

    op.create_table('report_copy',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('cut_on', sa.Date(), nullable=False),
    sa.Column('locked_on', sa.Date(), nullable=False),
    sa.Column('sent_to', sa.Text(), nullable=True),
    sa.Column('paper', sa.Text(), nullable=True),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_report_copy_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_copy'))
    )
    with op.batch_alter_table('report_copy', schema=None) as batch_op:
        batch_op.create_index('ix_report_copy_name', ['name', 'unit_id', 'cut_on'], unique=False)

    op.create_table('unit_problem',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('noted_on', sa.Date(), nullable=True),
    sa.Column('cleared_on', sa.Date(), nullable=True),
    sa.Column('basis', sa.Text(), nullable=True),
    sa.CheckConstraint('cleared_on IS NULL OR noted_on IS NULL OR cleared_on >= noted_on', name=op.f('ck_unit_problem_cleared_after_noted')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_unit_problem_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit_problem'))
    )
    with op.batch_alter_table('unit_problem', schema=None) as batch_op:
        batch_op.create_index('ix_unit_problem_unit', ['unit_id'], unique=False)

    op.create_table('rating_count',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rating_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('level','unrated')", name=op.f('ck_rating_count_kind')),
    sa.CheckConstraint('number >= 0', name=op.f('ck_rating_count_number')),
    sa.ForeignKeyConstraint(['rating_id'], ['rating.id'], name=op.f('fk_rating_count_rating_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rating_count')),
    sa.UniqueConstraint('rating_id', 'kind', 'code', name=op.f('uq_rating_count_rating_id_kind_code'))
    )
    op.create_table('rating_head',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rating_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('post', sa.Text(), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('points', sa.Integer(), nullable=True),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=False),
    sa.CheckConstraint('points IS NULL OR (points >= 0 AND points <= 100)', name=op.f('ck_rating_head_points')),
    sa.CheckConstraint('rank >= 1 AND rank <= 4', name=op.f('ck_rating_head_rank')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_rating_head_person_id')),
    sa.ForeignKeyConstraint(['rating_id'], ['rating.id'], name=op.f('fk_rating_head_rating_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rating_head')),
    sa.UniqueConstraint('rating_id', 'person_id', name=op.f('uq_rating_head_rating_id_person_id'))
    )
    op.create_table('admission_profile',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=False),
    sa.Column('born_on', sa.Date(), nullable=True),
    sa.Column('gender', sa.Text(), nullable=True),
    sa.Column('youth_member', sa.Boolean(), nullable=True),
    sa.Column('union_member', sa.Boolean(), nullable=True),
    sa.Column('ethnic_minority', sa.Boolean(), nullable=True),
    sa.Column('religious', sa.Boolean(), nullable=True),
    sa.Column('job', sa.Text(), nullable=True),
    sa.Column('private_sector', sa.Boolean(), nullable=True),
    sa.Column('edu', sa.Text(), nullable=True),
    sa.Column('degree', sa.Text(), nullable=True),
    sa.Column('former_member', sa.Boolean(), nullable=True),
    sa.Column('route_religion', sa.Boolean(), nullable=True),
    sa.Column('route_hoa', sa.Boolean(), nullable=True),
    sa.Column('route_foreign_marriage', sa.Boolean(), nullable=True),
    sa.Column('route_political_history', sa.Boolean(), nullable=True),
    sa.Column('route_private_owner', sa.Boolean(), nullable=True),
    sa.Column('route_no_cell', sa.Boolean(), nullable=True),
    sa.Column('route_abroad', sa.Boolean(), nullable=True),
    sa.Column('step', sa.Text(), nullable=True),
    sa.Column('void', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_admission_profile_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_admission_profile'))
    )
    with op.batch_alter_table('admission_profile', schema=None) as batch_op:
        batch_op.create_index('ix_admission_profile_case', ['case_id'], unique=False)
        batch_op.create_index('ix_admission_profile_day', ['decided_on'], unique=False)

    op.create_table('cadre',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('former_post', sa.Text(), nullable=True),
    sa.Column('post', sa.Text(), nullable=True),
    sa.Column('paper', sa.Text(), nullable=True),
    sa.Column('from_on', sa.Date(), nullable=True),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.Column('returned_on', sa.Date(), nullable=True),
    sa.Column('made_permanent', sa.Boolean(), nullable=True),
    sa.CheckConstraint('returned_on IS NULL OR from_on IS NULL OR returned_on >= from_on', name=op.f('ck_cadre_returned_after_start')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_cadre_case_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_cadre_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cadre'))
    )
    with op.batch_alter_table('cadre', schema=None) as batch_op:
        batch_op.create_index('ix_cadre_case', ['case_id'], unique=False)
        batch_op.create_index('ix_cadre_person', ['person_id'], unique=False)

    op.create_table('consolidation',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('imported', sa.Boolean(), nullable=False),
    sa.Column('entry_rank', sa.Integer(), nullable=True),
    sa.Column('entry_by_flag', sa.Boolean(), nullable=True),
    sa.Column('entry_rating_id', sa.Integer(), nullable=True),
    sa.Column('listing_cause', sa.Text(), nullable=True),
    sa.Column('listing_type', sa.Text(), nullable=True),
    sa.Column('relapse_of', sa.Integer(), nullable=True),
    sa.Column('continues', sa.Integer(), nullable=True),
    sa.Column('plan_no', sa.Integer(), nullable=False),
    sa.Column('target_rank', sa.Integer(), nullable=True),
    sa.Column('plan_until', sa.Date(), nullable=True),
    sa.Column('oversight_id', sa.Integer(), nullable=True),
    sa.Column('own_plan_on', sa.Date(), nullable=True),
    sa.Column('mid_review_on', sa.Date(), nullable=True),
    sa.Column('team_declared', sa.Boolean(), nullable=False),
    sa.Column('measures_declared', sa.Boolean(), nullable=False),
    sa.Column('cadres_declared', sa.Boolean(), nullable=False),
    sa.Column('problems_declared', sa.Boolean(), nullable=False),
    sa.Column('leadership_on', sa.Date(), nullable=True),
    sa.Column('inspection_reference', sa.Text(), nullable=True),
    sa.Column('successor_unit_id', sa.Integer(), nullable=True),
    sa.Column('successor_continues', sa.Boolean(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('open_screening_on', sa.Date(), nullable=True),
    sa.Column('approve_list_on', sa.Date(), nullable=True),
    sa.Column('begin_planning_on', sa.Date(), nullable=True),
    sa.Column('issue_plan_on', sa.Date(), nullable=True),
    sa.Column('start_work_on', sa.Date(), nullable=True),
    sa.Column('close_period_on', sa.Date(), nullable=True),
    sa.Column('recognise_recovery_on', sa.Date(), nullable=True),
    sa.Column('extend_plan_on', sa.Date(), nullable=True),
    sa.Column('escalate_on', sa.Date(), nullable=True),
    sa.Column('install_leadership_on', sa.Date(), nullable=True),
    sa.Column('begin_aftercare_on', sa.Date(), nullable=True),
    sa.Column('close_aftercare_on', sa.Date(), nullable=True),
    sa.CheckConstraint("imported OR state NOT IN ('plan_issued', 'in_progress', 'awaiting_rating', 'extended', 'escalated', 'suspended', 'recovered', 'aftercare', 'closed') OR issue_plan_on IS NOT NULL", name=op.f('ck_consolidation_plan')),
    sa.CheckConstraint("imported OR state NOT IN ('recovered', 'aftercare', 'closed') OR recognise_recovery_on IS NOT NULL", name=op.f('ck_consolidation_recovery')),
    sa.CheckConstraint('entry_rank IS NULL OR (entry_rank >= 1 AND entry_rank <= 4)', name=op.f('ck_consolidation_entry_rank')),
    sa.CheckConstraint('plan_no >= 1', name=op.f('ck_consolidation_plan_no')),
    sa.CheckConstraint('target_rank IS NULL OR (target_rank >= 1 AND target_rank <= 4)', name=op.f('ck_consolidation_target_rank')),
    sa.ForeignKeyConstraint(['case_id', 'state'], ['case.id', 'case.state'], name=op.f('fk_consolidation_case_id_state'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['entry_rating_id'], ['rating.id'], name=op.f('fk_consolidation_entry_rating_id')),
    sa.ForeignKeyConstraint(['oversight_id'], ['person.id'], name=op.f('fk_consolidation_oversight_id')),
    sa.ForeignKeyConstraint(['successor_unit_id'], ['unit.id'], name=op.f('fk_consolidation_successor_unit_id')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_consolidation'))
    )
    op.create_table('criteria_set',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('met', sa.Integer(), nullable=False),
    sa.Column('exceeded', sa.Integer(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.CheckConstraint('exceeded IS NULL OR (exceeded >= 0 AND exceeded <= met)', name=op.f('ck_criteria_set_exceeded_of_met')),
    sa.CheckConstraint('total > 0 AND met >= 0 AND met <= total', name=op.f('ck_criteria_set_met_of_total')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_criteria_set_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_criteria_set')),
    sa.UniqueConstraint('case_id', 'name', 'as_of', name=op.f('uq_criteria_set_case_id_name_as_of'))
    )
    op.create_table('indicator',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('plan_no', sa.Integer(), nullable=False),
    sa.Column('origin_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=True),
    sa.Column('scale', sa.Integer(), nullable=True),
    sa.Column('as_of', sa.Date(), nullable=True),
    sa.Column('comparator', sa.Text(), nullable=True),
    sa.Column('value', sa.Integer(), nullable=True),
    sa.Column('plan_value', sa.Integer(), nullable=True),
    sa.Column('prior_value', sa.Integer(), nullable=True),
    sa.Column('change', sa.Integer(), nullable=True),
    sa.Column('change_kind', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.CheckConstraint("change_kind IS NULL OR change_kind IN ('points','relative','unclear')", name=op.f('ck_indicator_change_kind')),
    sa.CheckConstraint("comparator IS NULL OR comparator IN ('=','>','<','>=','<=','~')", name=op.f('ck_indicator_comparator')),
    sa.CheckConstraint('scale IS NULL OR (scale >= 0 AND scale <= 6)', name=op.f('ck_indicator_scale')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_indicator_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_indicator'))
    )
    with op.batch_alter_table('indicator', schema=None) as batch_op:
        batch_op.create_index('ix_indicator_case', ['case_id', 'plan_no'], unique=False)

    op.create_table('measure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('plan_no', sa.Integer(), nullable=False),
    sa.Column('origin_id', sa.Integer(), nullable=True),
    sa.Column('stream', sa.Text(), nullable=True),
    sa.Column('content', sa.Text(), nullable=True),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('progress', sa.Integer(), nullable=True),
    sa.Column('done_on', sa.Date(), nullable=True),
    sa.Column('result', sa.Text(), nullable=True),
    sa.CheckConstraint('progress IS NULL OR (progress >= 0 AND progress <= 100)', name=op.f('ck_measure_progress')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_measure_case_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['person.id'], name=op.f('fk_measure_owner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_measure'))
    )
    with op.batch_alter_table('measure', schema=None) as batch_op:
        batch_op.create_index('ix_measure_case', ['case_id', 'plan_no'], unique=False)
        batch_op.create_index('ix_measure_owner', ['owner_id'], unique=False)

    op.create_table('plan_extension',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=True),
    sa.Column('step', sa.Text(), nullable=True),
    sa.Column('void', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_plan_extension_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_extension'))
    )
    with op.batch_alter_table('plan_extension', schema=None) as batch_op:
        batch_op.create_index('ix_plan_extension_case', ['case_id'], unique=False)

    op.create_table('plan_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('target_rank', sa.Integer(), nullable=True),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.Column('oversight_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('step', sa.Text(), nullable=True),
    sa.Column('void', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_plan_version_case_id')),
    sa.ForeignKeyConstraint(['oversight_id'], ['person.id'], name=op.f('fk_plan_version_oversight_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_version'))
    )
    with op.batch_alter_table('plan_version', schema=None) as batch_op:
        batch_op.create_index('ix_plan_version_case', ['case_id'], unique=False)

    op.create_table('team_member',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('head', sa.Boolean(), nullable=True),
    sa.Column('standing_board', sa.Boolean(), nullable=True),
    sa.Column('organ', sa.Text(), nullable=True),
    sa.Column('from_on', sa.Date(), nullable=True),
    sa.Column('to_on', sa.Date(), nullable=True),
    sa.CheckConstraint('to_on IS NULL OR from_on IS NULL OR to_on >= from_on', name=op.f('ck_team_member_ends_after_start')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_team_member_case_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_team_member_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team_member'))
    )
    with op.batch_alter_table('team_member', schema=None) as batch_op:
        batch_op.create_index('ix_team_member_case', ['case_id'], unique=False)
        batch_op.create_index('ix_team_member_person', ['person_id'], unique=False)

    op.create_table('visit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('visited_on', sa.Date(), nullable=False),
    sa.Column('occasion', sa.Text(), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_visit_case_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_visit_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit'))
    )
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.create_index('ix_visit_case', ['case_id'], unique=False)

    op.create_table('work_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('period', sa.Date(), nullable=False),
    sa.Column('written_on', sa.Date(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=True),
    sa.CheckConstraint("kind IN ('team_report','unit_report','mid_review')", name=op.f('ck_work_report_kind')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_work_report_case_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_work_report_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_report')),
    sa.UniqueConstraint('case_id', 'kind', 'period', name=op.f('uq_work_report_case_id_kind_period'))
    )
    with op.batch_alter_table('admission', schema=None) as batch_op:
        batch_op.add_column(sa.Column('degree', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('ethnic_minority', sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column('religious', sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column('job', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('private_sector', sa.Boolean(), nullable=True))
    # A CHECK is changed by dropping it; SQLite rebuilds the table for that.
    with op.batch_alter_table("statement", recreate="auto") as batch_op:
        batch_op.drop_constraint(op.f("ck_statement_comparator"), type_="check")
        for name in ("measure", "note"):
            batch_op.add_column(sa.Column(name, sa.Text()))
        batch_op.add_column(sa.Column("scale", sa.Integer()))
        batch_op.create_check_constraint(op.f("ck_statement_comparator"), "comparator IN ('=','>','<','>=','<=','~')")
    with op.batch_alter_table("target", recreate="auto") as batch_op:
        for column in (sa.Column("form", sa.Text()), sa.Column("value_max", sa.Integer()), sa.Column("scale", sa.Integer()),
                       sa.Column("base_on", sa.Date())):
            batch_op.add_column(column)
        batch_op.create_check_constraint(op.f("ck_target_form"),
                                         "form IS NULL OR form IN ('absolute','average','range','rate','every_unit')")
        batch_op.create_check_constraint(op.f("ck_target_value_max"), "value_max IS NULL OR value_max >= value")
