"""The bench: templates of kinds, readings, scores, places of defects, proposals, second looks, rework.

Columns are added with constant defaults, but for one: each measured value becomes its first
reading, so ``measurements`` is written anew while nobody else writes to it (no fact is updated: the
column is computed where it comes from). The checks that are added are validated while their table
is read once. Who had no rules of grading begins with the starting values; of the inspections that
are there, the last that came of each piece counts.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

#: Tables of facts that come with this revision; each refuses UPDATE, DELETE and TRUNCATE.
FACTS = (
    "criteria",
    "criterion_scores",
    "critical_reviews",
    "grading_rules",
    "reductions",
    "reworks",
)

#: (table, constraint, new condition): checks that are new or were replaced.
CHECKS = (
    (
        "pieces",
        "quarantine",
        "(quarantined_at IS NULL OR status IN ('quarantined','inspecting','held','sold','lost','damaged')) AND (status <> 'quarantined' OR quarantined_at IS NOT NULL)",
    ),
    (
        "pieces",
        "status",
        "status IN ('delivered', 'inspecting', 'quarantined', 'rework', 'rejected', 'returned_to_maker', 'accepted', 'listed', 'withdrawn', 'held', 'sold', 'handed_over', 'returned', 'lost', 'damaged')",
    ),
    (
        "limit_sets",
        "kind",
        "kind IN ('lliklla', 'chumpi', 'chuspa', 'poncho', 'chullo', 'scarf', 'runner', 'phullu', 'unkhuna', 'hat_band', 'strap', 'bag', 'cushion_cover', 'gloves', 'toy', 'other')",
    ),
    ("limit_sets", "owner", "(design_id IS NULL) <> (kind IS NULL)"),
    ("limit_sets", "version", "version >= 1"),
    (
        "measures",
        "one_sided",
        "(sides <> 'least' OR (plus = 0 AND plus_bp = 0)) AND (sides <> 'most' OR (minus = 0 AND minus_bp = 0))",
    ),
    ("measures", "shares", "minus_bp BETWEEN 0 AND 10000 AND plus_bp BETWEEN 0 AND 10000"),
    ("measures", "sides", "sides IN ('both', 'least', 'most')"),
    ("measurements", "readings", "cardinality(readings) BETWEEN 1 AND 3"),
    ("measurements", "sides", "sides IN ('both', 'least', 'most')"),
    ("defects", "photos", "cardinality(photo_ids) <= 10"),
    (
        "defects",
        "point",
        "(x_pm IS NULL) = (y_pm IS NULL) AND x_pm BETWEEN 0 AND 1000 AND y_pm BETWEEN 0 AND 1000",
    ),
    (
        "defects",
        "zone",
        "zone IN ('pampa', 'pallay', 'selvedge', 'closing_zone', 'edge_band', 'fringe', 'tassel', 'seam', 'lining', 'strap', 'back', 'whole')",
    ),
    ("inspections", "overruled", "overrules_id IS NULL OR length(reason) > 0"),
    (
        "inspections",
        "pay",
        "reduced_bp = 0 OR (reduced_bp BETWEEN 1 AND 10000 AND decision IN ('accept_a', 'accept_b') AND length(pay_reason) > 0)",
    ),
    ("inspections", "photos", "cardinality(photo_ids) <= 20"),
    ("inspections", "proposal", "(rules_id IS NULL) = (proposed IS NULL)"),
    ("inspections", "proposed", "proposed IN ('accept_a', 'accept_b', 'rework', 'reject')"),
    (
        "inspections",
        "proposed_pay",
        "(rules_id IS NULL) = (proposed_reduced_bp IS NULL) AND proposed_reduced_bp BETWEEN 0 AND 10000",
    ),
    ("inspections", "started_at", "started_at IS NULL OR started_at <= inspected_at"),
)

#: Usually put right by their maker.
MENDABLE = (
    "M01", "M04", "M05", "M06", "M07", "M08", "M11", "M12", "N01", "N02", "N04", "N05", "N07",
)  # fmt: skip

BEGIN_RULES = """
INSERT INTO grading_rules (
    id, cooperative_id, version, minor_a, major_a, outside_a, against_a,
    minor_b, major_b, outside_b, against_b, b_reduced_bp, rework_rounds, rework_days,
    reason, created_at, actor)
SELECT gen_random_uuid(), id, 1, 2, 0, 0, 0, 5, 1, 1, 0, 0, 2, 14,
    'starting values, until the co-operative decides', now(), 'system:house'
FROM cooperatives
"""

BEGIN_CARDS = """
INSERT INTO bench_cards (piece_id, cooperative_id, inspection_id, decided, rounds)
SELECT DISTINCT ON (piece_id) piece_id, cooperative_id, id,
    CASE decision WHEN 'rework' THEN 'rework' WHEN 'reject' THEN 'rejected' ELSE 'accepted' END,
    count(*) FILTER (WHERE decision = 'rework') OVER (PARTITION BY piece_id)
FROM inspections ORDER BY piece_id, sequence DESC
"""


def upgrade() -> None:
    """Build what is new, change what was, carry over what is there, guard the new facts."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    # A second look at something critical refers to both.
    op.create_unique_constraint(
        op.f("uq_inspections_id_inspector_id"), "inspections", ["id", "inspector_id"]
    )
    build_tables()
    change_tables()
    carry_over()
    for table, name, condition in CHECKS:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS ck_{table}_{name}")
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    for table in FACTS:
        op.execute(
            f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION pallay_written_once()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION pallay_written_once()"
        )


def carry_over() -> None:
    """What is there already stays valid, in the new columns and tables."""
    op.execute("ALTER TABLE measurements ADD COLUMN readings bigint[]")
    op.execute("ALTER TABLE measurements ALTER COLUMN readings TYPE bigint[] USING ARRAY[value]")
    op.execute("ALTER TABLE measurements ALTER COLUMN readings SET NOT NULL")
    mendable = ", ".join(f"'{code}'" for code in MENDABLE)
    op.execute(f"UPDATE defect_kinds SET mendable = true WHERE code IN ({mendable})")
    op.execute(BEGIN_RULES)
    op.execute(BEGIN_CARDS)


def build_tables() -> None:
    """The tables that are new."""
    op.create_table(
        "grading_rules",
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("minor_a", sa.BigInteger(), nullable=False),
        sa.Column("major_a", sa.BigInteger(), nullable=False),
        sa.Column("outside_a", sa.BigInteger(), nullable=False),
        sa.Column("against_a", sa.BigInteger(), nullable=False),
        sa.Column("minor_b", sa.BigInteger(), nullable=False),
        sa.Column("major_b", sa.BigInteger(), nullable=False),
        sa.Column("outside_b", sa.BigInteger(), nullable=False),
        sa.Column("against_b", sa.BigInteger(), nullable=False),
        sa.Column("b_reduced_bp", sa.BigInteger(), nullable=False),
        sa.Column("rework_rounds", sa.BigInteger(), nullable=False),
        sa.Column("rework_days", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_grading_rules_actor"),
        ),
        sa.CheckConstraint(
            "b_reduced_bp BETWEEN 0 AND 10000", name=op.f("ck_grading_rules_b_reduced_bp")
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_grading_rules_reason")),
        sa.CheckConstraint(
            "minor_a >= 0 AND major_a >= 0 AND outside_a >= 0 AND against_a >= 0 AND minor_b >= minor_a AND major_b >= major_a AND outside_b >= outside_a AND against_b >= against_a",
            name=op.f("ck_grading_rules_b_allows_more"),
        ),
        sa.CheckConstraint(
            "rework_days BETWEEN 0 AND 365", name=op.f("ck_grading_rules_rework_days")
        ),
        sa.CheckConstraint(
            "rework_rounds BETWEEN 0 AND 20", name=op.f("ck_grading_rules_rework_rounds")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_grading_rules_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grading_rules")),
        sa.UniqueConstraint(
            "cooperative_id", "version", name=op.f("uq_grading_rules_cooperative_id_version")
        ),
    )
    op.create_index(
        op.f("ix_grading_rules_cooperative_id"), "grading_rules", ["cooperative_id"], unique=False
    )
    op.create_table(
        "criteria",
        sa.Column("limit_set_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("least_a", sa.BigInteger(), nullable=False),
        sa.Column("least_b", sa.BigInteger(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "least_b BETWEEN 1 AND 5 AND least_a BETWEEN least_b AND 5",
            name=op.f("ck_criteria_least"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_criteria_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["limit_set_id"], ["limit_sets.id"], name=op.f("fk_criteria_limit_set_id_limit_sets")
        ),
        sa.PrimaryKeyConstraint("limit_set_id", "code", name=op.f("pk_criteria")),
    )
    op.create_index(
        op.f("ix_criteria_cooperative_id"), "criteria", ["cooperative_id"], unique=False
    )
    op.create_table(
        "bench_alerts",
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('conflict', 'late', 'rework_spent', 'critical_out')",
            name=op.f("ck_bench_alerts_kind"),
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL) AND (answered_at IS NULL) = (answer IS NULL)",
            name=op.f("ck_bench_alerts_answered"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_bench_alerts_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspections.id"],
            name=op.f("fk_bench_alerts_inspection_id_inspections"),
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_bench_alerts_piece_id_pieces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bench_alerts")),
    )
    op.create_index(
        op.f("ix_bench_alerts_cooperative_id"), "bench_alerts", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_bench_alerts_cooperative_id_id"),
        "bench_alerts",
        ["cooperative_id", "id"],
        unique=False,
    )
    op.create_index(
        "uq_bench_alerts_one_open",
        "bench_alerts",
        ["piece_id", "kind"],
        unique=True,
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_table(
        "bench_cards",
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=True),
        sa.Column("decided", sa.Text(), nullable=False),
        sa.Column("rounds", sa.BigInteger(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "decided IN ('inspecting', 'quarantined', 'accepted', 'rework', 'rejected')",
            name=op.f("ck_bench_cards_decided"),
        ),
        sa.CheckConstraint("rounds >= 0", name=op.f("ck_bench_cards_rounds")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_bench_cards_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspections.id"],
            name=op.f("fk_bench_cards_inspection_id_inspections"),
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_bench_cards_piece_id_pieces")
        ),
        sa.PrimaryKeyConstraint("piece_id", name=op.f("pk_bench_cards")),
    )
    op.create_index(
        op.f("ix_bench_cards_cooperative_id"), "bench_cards", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_bench_cards_inspection_id"), "bench_cards", ["inspection_id"], unique=False
    )
    op.create_table(
        "criterion_scores",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("least_a", sa.BigInteger(), nullable=False),
        sa.Column("least_b", sa.BigInteger(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_criterion_scores_score")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_criterion_scores_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspections.id"],
            name=op.f("fk_criterion_scores_inspection_id_inspections"),
        ),
        sa.PrimaryKeyConstraint("inspection_id", "code", name=op.f("pk_criterion_scores")),
    )
    op.create_index(
        op.f("ix_criterion_scores_cooperative_id"),
        "criterion_scores",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "critical_reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_critical_reviews_actor"),
        ),
        sa.CheckConstraint(
            "verdict IN ('confirmed', 'cleared')", name=op.f("ck_critical_reviews_verdict")
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_critical_reviews_reason")),
        sa.CheckConstraint(
            "reviewer_id <> inspector_id", name=op.f("ck_critical_reviews_second_person")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_critical_reviews_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id", "inspector_id"],
            ["inspections.id", "inspections.inspector_id"],
            name=op.f("fk_critical_reviews_inspection_id_inspector_id_inspections"),
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["staff.id"], name=op.f("fk_critical_reviews_reviewer_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_critical_reviews")),
    )
    op.create_index(
        op.f("ix_critical_reviews_cooperative_id"),
        "critical_reviews",
        ["cooperative_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_critical_reviews_inspection_id"),
        "critical_reviews",
        ["inspection_id"],
        unique=False,
    )
    op.create_table(
        "reductions",
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("reduced_bp", sa.BigInteger(), nullable=False),
        sa.Column("agreed_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_reductions_currency")),
        sa.CheckConstraint(
            "amount_minor BETWEEN 0 AND agreed_minor", name=op.f("ck_reductions_amount_minor")
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_reductions_reason")),
        sa.CheckConstraint("reduced_bp BETWEEN 1 AND 10000", name=op.f("ck_reductions_reduced_bp")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_reductions_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspections.id"],
            name=op.f("fk_reductions_inspection_id_inspections"),
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["makers.id"], name=op.f("fk_reductions_maker_id_makers")
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_reductions_piece_id_pieces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reductions")),
        sa.UniqueConstraint(
            "inspection_id", "maker_id", name=op.f("uq_reductions_inspection_id_maker_id")
        ),
    )
    op.create_index(
        op.f("ix_reductions_cooperative_id"), "reductions", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_reductions_maker_id_id"), "reductions", ["maker_id", "id"], unique=False
    )
    op.create_table(
        "reworks",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_reworks_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_reworks_inspection_id_inspections")
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["makers.id"], name=op.f("fk_reworks_maker_id_makers")
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_reworks_piece_id_pieces")
        ),
        sa.PrimaryKeyConstraint("inspection_id", name=op.f("pk_reworks")),
    )
    op.create_index(op.f("ix_reworks_cooperative_id"), "reworks", ["cooperative_id"], unique=False)
    op.create_index(op.f("ix_reworks_maker_id"), "reworks", ["maker_id"], unique=False)
    op.create_index(op.f("ix_reworks_piece_id"), "reworks", ["piece_id"], unique=False)


def change_tables() -> None:
    """Columns, constraints and indexes of tables that were there."""
    op.add_column(
        "defect_kinds",
        sa.Column("mendable", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("defects", sa.Column("zone", sa.Text(), nullable=True))
    op.add_column("defects", sa.Column("x_pm", sa.BigInteger(), nullable=True))
    op.add_column("defects", sa.Column("y_pm", sa.BigInteger(), nullable=True))
    op.add_column(
        "defects",
        sa.Column("photo_ids", sa.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("inspections", sa.Column("overrules_id", sa.Uuid(), nullable=True))
    op.add_column("inspections", sa.Column("kind_limit_set_id", sa.Uuid(), nullable=True))
    op.add_column(
        "inspections",
        sa.Column("kind_limit_set_version", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.add_column("inspections", sa.Column("rules_id", sa.Uuid(), nullable=True))
    op.add_column("inspections", sa.Column("proposed", sa.Text(), nullable=True))
    op.add_column("inspections", sa.Column("proposed_reduced_bp", sa.BigInteger(), nullable=True))
    op.add_column(
        "inspections", sa.Column("reduced_bp", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column(
        "inspections", sa.Column("pay_reason", sa.Text(), server_default="", nullable=False)
    )
    op.add_column("inspections", sa.Column("started_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "inspections",
        sa.Column("late", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column(
        "inspections",
        sa.Column("photo_ids", sa.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.drop_constraint(op.f("uq_inspections_supersedes_id"), "inspections", type_="unique")
    op.drop_constraint(
        op.f("fk_inspections_supersedes_id_inspections"), "inspections", type_="foreignkey"
    )
    op.create_foreign_key(
        op.f("fk_inspections_kind_limit_set_id_limit_sets"),
        "inspections",
        "limit_sets",
        ["kind_limit_set_id"],
        ["id"],
    )
    op.create_foreign_key(
        op.f("fk_inspections_rules_id_grading_rules"),
        "inspections",
        "grading_rules",
        ["rules_id"],
        ["id"],
    )
    op.create_foreign_key(
        op.f("fk_inspections_overrules_id_inspections"),
        "inspections",
        "inspections",
        ["overrules_id"],
        ["id"],
    )
    op.add_column("limit_sets", sa.Column("kind", sa.Text(), nullable=True))
    op.alter_column("limit_sets", "design_id", existing_type=sa.UUID(), nullable=True)
    op.create_unique_constraint(
        "uq_limit_sets_cooperative_id_kind_version",
        "limit_sets",
        ["cooperative_id", "kind", "version"],
    )
    op.add_column(
        "measurements", sa.Column("sides", sa.Text(), server_default="both", nullable=False)
    )
    op.add_column(
        "measures", sa.Column("minus_bp", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column(
        "measures", sa.Column("plus_bp", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column("measures", sa.Column("sides", sa.Text(), server_default="both", nullable=False))
    op.add_column(
        "obligations", sa.Column("part", sa.BigInteger(), server_default="1", nullable=False)
    )
    op.drop_index(
        op.f("uq_obligations_one_per_accepted_piece"),
        table_name="obligations",
        postgresql_where="((agreement = 'pay_on_acceptance'::text) AND (status <> 'cancelled'::text))",
    )
    op.create_index(
        "uq_obligations_one_per_accepted_piece",
        "obligations",
        ["piece_id", "maker_id", "part"],
        unique=True,
        postgresql_where=sa.text("agreement = 'pay_on_acceptance' AND status <> 'cancelled'"),
    )
    op.add_column("pieces", sa.Column("quarantined_at", sa.DateTime(timezone=True), nullable=True))
