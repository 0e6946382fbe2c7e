"""Inspection lots: rules of sampling, lots with their plans and pieces, verdicts, four-point scores.

New tables, and one nullable column of ``inspections``: the lot that spoke for a piece. Who had no
rules of sampling begins with the starting values.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

#: Tables of facts that come with this revision; each refuses UPDATE, DELETE and TRUNCATE.
FACTS = (
    "four_point_scores",
    "inspection_lot_pieces",
    "inspection_lot_plans",
    "inspection_lot_verdicts",
    "sampling_rules",
)

BEGIN_SAMPLING = """
INSERT INTO sampling_rules (
    id, cooperative_id, version, level, major_aql, minor_aql, least_pieces, one_off_kinds,
    reason, created_at, actor)
SELECT gen_random_uuid(), id, 1, 'II', 25, 40, 16, '["lliklla", "poncho", "runner"]',
    'starting values, until the co-operative decides', now(), 'system:house'
FROM cooperatives
"""


def upgrade() -> None:
    """Build the tables, let inspections name a lot, begin the rules, guard the new facts."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    build_tables()
    change_inspections()
    op.execute(BEGIN_SAMPLING)
    for table in FACTS:
        op.execute(
            f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION pallay_written_once()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION pallay_written_once()"
        )


def build_tables() -> None:
    """The tables that are new."""
    op.create_table(
        "sampling_rules",
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("major_aql", sa.BigInteger(), nullable=False),
        sa.Column("minor_aql", sa.BigInteger(), nullable=False),
        sa.Column("least_pieces", sa.BigInteger(), nullable=False),
        sa.Column("one_off_kinds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_sampling_rules_actor"),
        ),
        sa.CheckConstraint(
            "level IN ('S-1', 'S-2', 'S-3', 'S-4', 'I', 'II', 'III')",
            name=op.f("ck_sampling_rules_level"),
        ),
        sa.CheckConstraint(
            "least_pieces BETWEEN 2 AND 200", name=op.f("ck_sampling_rules_least_pieces")
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_sampling_rules_reason")),
        sa.CheckConstraint(
            "major_aql IN (10, 15, 25, 40, 65)", name=op.f("ck_sampling_rules_major_aql")
        ),
        sa.CheckConstraint(
            "minor_aql IN (10, 15, 25, 40, 65)", name=op.f("ck_sampling_rules_minor_aql")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_sampling_rules_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampling_rules")),
        sa.UniqueConstraint(
            "cooperative_id", "version", name=op.f("uq_sampling_rules_cooperative_id_version")
        ),
    )
    op.create_index(
        op.f("ix_sampling_rules_cooperative_id"), "sampling_rules", ["cooperative_id"], unique=False
    )
    op.create_table(
        "inspection_lots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("design_id", sa.Uuid(), nullable=False),
        sa.Column("rules_id", sa.Uuid(), nullable=False),
        sa.Column("resubmits_id", sa.Uuid(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("drawn_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_inspection_lots_actor"),
        ),
        sa.CheckConstraint(
            "level IN ('S-1', 'S-2', 'S-3', 'S-4', 'I', 'II', 'III')",
            name=op.f("ck_inspection_lots_level"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'accepted', 'rejected', 'cancelled')",
            name=op.f("ck_inspection_lots_status"),
        ),
        sa.CheckConstraint("length(seed) BETWEEN 16 AND 64", name=op.f("ck_inspection_lots_seed")),
        sa.CheckConstraint("size BETWEEN 2 AND 200", name=op.f("ck_inspection_lots_size")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_inspection_lots_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["design_id"], ["designs.id"], name=op.f("fk_inspection_lots_design_id_designs")
        ),
        sa.ForeignKeyConstraint(
            ["resubmits_id"],
            ["inspection_lots.id"],
            name=op.f("fk_inspection_lots_resubmits_id_inspection_lots"),
        ),
        sa.ForeignKeyConstraint(
            ["rules_id"],
            ["sampling_rules.id"],
            name=op.f("fk_inspection_lots_rules_id_sampling_rules"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_lots")),
    )
    op.create_index(
        op.f("ix_inspection_lots_cooperative_id"),
        "inspection_lots",
        ["cooperative_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_inspection_lots_cooperative_id_id"),
        "inspection_lots",
        ["cooperative_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_inspection_lots_design_id"), "inspection_lots", ["design_id"], unique=False
    )
    op.create_table(
        "inspection_lot_plans",
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("aql", sa.BigInteger(), nullable=True),
        sa.Column("start_letter", sa.Text(), nullable=True),
        sa.Column("letter", sa.Text(), nullable=True),
        sa.Column("sample_size", sa.BigInteger(), nullable=False),
        sa.Column("accept", sa.BigInteger(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(severity = 'critical') = (aql IS NULL)", name=op.f("ck_inspection_lot_plans_critical")
        ),
        sa.CheckConstraint(
            "severity IN ('critical', 'major', 'minor')",
            name=op.f("ck_inspection_lot_plans_severity"),
        ),
        sa.CheckConstraint(
            "(aql IS NULL) = (letter IS NULL)", name=op.f("ck_inspection_lot_plans_letter")
        ),
        sa.CheckConstraint(
            "accept >= 0 AND sample_size >= 1", name=op.f("ck_inspection_lot_plans_numbers")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_inspection_lot_plans_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"],
            ["inspection_lots.id"],
            name=op.f("fk_inspection_lot_plans_lot_id_inspection_lots"),
        ),
        sa.PrimaryKeyConstraint("lot_id", "severity", name=op.f("pk_inspection_lot_plans")),
    )
    op.create_index(
        op.f("ix_inspection_lot_plans_cooperative_id"),
        "inspection_lot_plans",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "inspection_lot_verdicts",
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("critical_units", sa.BigInteger(), nullable=False),
        sa.Column("major_units", sa.BigInteger(), nullable=False),
        sa.Column("minor_units", sa.BigInteger(), nullable=False),
        sa.Column("accepted_unseen", sa.BigInteger(), nullable=False),
        sa.Column("critical_checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_inspection_lot_verdicts_actor"),
        ),
        sa.CheckConstraint("grade IN ('A', 'B')", name=op.f("ck_inspection_lot_verdicts_grade")),
        sa.CheckConstraint(
            "verdict = 'rejected' OR critical_units = 0",
            name=op.f("ck_inspection_lot_verdicts_nothing_critical"),
        ),
        sa.CheckConstraint(
            "verdict IN ('accepted', 'rejected')", name=op.f("ck_inspection_lot_verdicts_verdict")
        ),
        sa.CheckConstraint(
            "accepted_unseen >= 0", name=op.f("ck_inspection_lot_verdicts_accepted_unseen")
        ),
        sa.CheckConstraint(
            "critical_units >= 0 AND major_units >= 0 AND minor_units >= 0",
            name=op.f("ck_inspection_lot_verdicts_units"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_inspection_lot_verdicts_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["inspector_id"],
            ["staff.id"],
            name=op.f("fk_inspection_lot_verdicts_inspector_id_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"],
            ["inspection_lots.id"],
            name=op.f("fk_inspection_lot_verdicts_lot_id_inspection_lots"),
        ),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_inspection_lot_verdicts")),
    )
    op.create_index(
        op.f("ix_inspection_lot_verdicts_cooperative_id"),
        "inspection_lot_verdicts",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "inspection_lot_claims",
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_inspection_lot_claims_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"],
            ["inspection_lots.id"],
            name=op.f("fk_inspection_lot_claims_lot_id_inspection_lots"),
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_inspection_lot_claims_piece_id_pieces")
        ),
        sa.PrimaryKeyConstraint("piece_id", name=op.f("pk_inspection_lot_claims")),
    )
    op.create_index(
        op.f("ix_inspection_lot_claims_cooperative_id"),
        "inspection_lot_claims",
        ["cooperative_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_inspection_lot_claims_lot_id"), "inspection_lot_claims", ["lot_id"], unique=False
    )
    op.create_table(
        "inspection_lot_pieces",
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("drawn", sa.Boolean(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_inspection_lot_pieces_position")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_inspection_lot_pieces_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"],
            ["inspection_lots.id"],
            name=op.f("fk_inspection_lot_pieces_lot_id_inspection_lots"),
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_inspection_lot_pieces_piece_id_pieces")
        ),
        sa.PrimaryKeyConstraint("lot_id", "piece_id", name=op.f("pk_inspection_lot_pieces")),
        sa.UniqueConstraint(
            "lot_id", "position", name=op.f("uq_inspection_lot_pieces_lot_id_position")
        ),
    )
    op.create_index(
        op.f("ix_inspection_lot_pieces_cooperative_id"),
        "inspection_lot_pieces",
        ["cooperative_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_inspection_lot_pieces_piece_id"),
        "inspection_lot_pieces",
        ["piece_id"],
        unique=False,
    )
    op.create_table(
        "four_point_scores",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("width_mm", sa.BigInteger(), nullable=False),
        sa.Column("length_mm", sa.BigInteger(), nullable=False),
        sa.Column("faults", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("per_100_m2_hundredths", sa.BigInteger(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_four_point_scores_actor"),
        ),
        sa.CheckConstraint(
            "points >= 0 AND per_100_m2_hundredths >= 0", name=op.f("ck_four_point_scores_points")
        ),
        sa.CheckConstraint(
            "width_mm * length_mm >= 3000000", name=op.f("ck_four_point_scores_area")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_four_point_scores_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspections.id"],
            name=op.f("fk_four_point_scores_inspection_id_inspections"),
        ),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["staff.id"], name=op.f("fk_four_point_scores_inspector_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_four_point_scores")),
    )
    op.create_index(
        op.f("ix_four_point_scores_cooperative_id"),
        "four_point_scores",
        ["cooperative_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_four_point_scores_inspection_id"),
        "four_point_scores",
        ["inspection_id"],
        unique=False,
    )


def change_inspections() -> None:
    """An inspection may be a lot's word for a piece."""
    op.add_column("inspections", sa.Column("inspection_lot_id", sa.Uuid(), nullable=True))
    op.create_index(
        op.f("ix_inspections_inspection_lot_id"), "inspections", ["inspection_lot_id"], unique=False
    )
    op.create_foreign_key(
        op.f("fk_inspections_inspection_lot_id_inspection_lots"),
        "inspections",
        "inspection_lots",
        ["inspection_lot_id"],
        ["id"],
    )
    op.create_index(
        op.f("ix_inspections_cooperative_id_inspected_at"),
        "inspections",
        ["cooperative_id", "inspected_at"],
        unique=False,
    )
    op.create_check_constraint(
        op.f("ck_inspections_on_lot"),
        "inspections",
        "inspection_lot_id IS NULL OR (decision IN ('accept_a', 'accept_b')"
        " AND overrules_id IS NULL AND reduced_bp = 0)",
    )
