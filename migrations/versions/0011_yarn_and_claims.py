"""Yarn and dye lots, what pieces use of them, and the claims that rest on them.

Only new tables, so nothing that is there waits. ``used_g`` of a lot is added up by a trigger from
its draws: with its check, nobody can use more of a lot than it weighs.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FACTS = (
    "claim_policies",
    "draws",
    "dye_records",
    "dyes_used",
    "dyestuffs",
    "fastness_limits",
    "fastness_tests",
    "wording_rules",
    "yarn_fibres",
    "yarn_records",
)

COUNT_DRAWS = """
CREATE FUNCTION pallay_count_draw() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE material_lots SET used_g = used_g + NEW.grams WHERE id = NEW.lot_id;
    RETURN NULL;
END
$$
"""


def upgrade() -> None:
    """Build the tables, guard the facts, count the draws."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    build_tables()
    for table in FACTS:
        op.execute(
            f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION pallay_written_once()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION pallay_written_once()"
        )
    op.execute(COUNT_DRAWS)
    op.execute(
        "CREATE TRIGGER draws_counted AFTER INSERT ON draws"
        " FOR EACH ROW EXECUTE FUNCTION pallay_count_draw()"
    )


def build_tables() -> None:
    """What is new."""
    op.create_table(
        "claim_policies",
        sa.Column("allowed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fibre_tolerance_bp", sa.BigInteger(), nullable=False),
        sa.Column("composition_needs_lots", sa.Boolean(), nullable=False),
        sa.Column("natural_needs_swatch", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "fibre_tolerance_bp BETWEEN 0 AND 2000",
            name=op.f("ck_claim_policies_fibre_tolerance_bp"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_claim_policies_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_policies")),
    )
    op.create_index(
        op.f("ix_claim_policies_cooperative_id"), "claim_policies", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_claim_policies_cooperative_id_valid_from_id"),
        "claim_policies",
        ["cooperative_id", "valid_from", "id"],
        unique=False,
    )
    op.create_table(
        "dyestuffs",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("species", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('natural', 'synthetic', 'mordant')", name=op.f("ck_dyestuffs_kind")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_dyestuffs_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dyestuffs")),
        sa.UniqueConstraint(
            "cooperative_id", "code", name=op.f("uq_dyestuffs_cooperative_id_code")
        ),
    )
    op.create_index(
        op.f("ix_dyestuffs_cooperative_id"), "dyestuffs", ["cooperative_id"], unique=False
    )
    op.create_table(
        "material_lots",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("used_g", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('yarn', 'dye')", name=op.f("ck_material_lots_kind")),
        sa.CheckConstraint("grams BETWEEN 1 AND 1000000", name=op.f("ck_material_lots_grams")),
        sa.CheckConstraint("used_g BETWEEN 0 AND grams", name=op.f("ck_material_lots_used_g")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_material_lots_version")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_material_lots_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_lots")),
        sa.UniqueConstraint(
            "cooperative_id", "kind", "code", name=op.f("uq_material_lots_cooperative_id_kind_code")
        ),
    )
    op.create_index(
        op.f("ix_material_lots_cooperative_id"), "material_lots", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_material_lots_cooperative_id_kind_id"),
        "material_lots",
        ["cooperative_id", "kind", "id"],
        unique=False,
    )
    op.create_table(
        "wording_rules",
        sa.Column("phrase", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=True),
        sa.Column("fibre", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(verdict = 'needs_claim') = (claim IS NOT NULL)",
            name=op.f("ck_wording_rules_claim_named"),
        ),
        sa.CheckConstraint(
            "claim IN ('fibre', 'hand_spun', 'natural_dyes', 'dyed_with', 'undyed', 'fastness_tested')",
            name=op.f("ck_wording_rules_claim"),
        ),
        sa.CheckConstraint(
            "fibre IN ('sheep_wool', 'alpaca', 'llama', 'cotton', 'acrylic', 'leather', 'vicuna', 'other')",
            name=op.f("ck_wording_rules_fibre"),
        ),
        sa.CheckConstraint(
            "language IN ('en', 'es', 'qu')", name=op.f("ck_wording_rules_language")
        ),
        sa.CheckConstraint(
            "verdict <> 'needs_fibre' OR fibre IS NOT NULL",
            name=op.f("ck_wording_rules_fibre_named"),
        ),
        sa.CheckConstraint(
            "verdict IN ('forbidden', 'needs_claim', 'needs_fibre', 'allowed')",
            name=op.f("ck_wording_rules_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_wording_rules_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording_rules")),
    )
    op.create_index(
        op.f("ix_wording_rules_cooperative_id"), "wording_rules", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_wording_rules_cooperative_id_phrase_valid_from_id"),
        "wording_rules",
        ["cooperative_id", "phrase", "valid_from", "id"],
        unique=False,
    )
    op.create_table(
        "dye_records",
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("yarn_lot_id", sa.Uuid(), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("dyer_id", sa.Uuid(), nullable=True),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("dyed_on", sa.Date(), nullable=False),
        sa.Column("swatch_photo_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_dye_records_actor"),
        ),
        sa.CheckConstraint("grams BETWEEN 1 AND 1000000", name=op.f("ck_dye_records_grams")),
        sa.CheckConstraint("num_nonnulls(dyer_id, supplier) = 1", name=op.f("ck_dye_records_dyer")),
        sa.CheckConstraint("version = 1 OR length(reason) > 0", name=op.f("ck_dye_records_reason")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_dye_records_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["dyer_id"], ["makers.id"], name=op.f("fk_dye_records_dyer_id_makers")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["material_lots.id"], name=op.f("fk_dye_records_lot_id_material_lots")
        ),
        sa.ForeignKeyConstraint(
            ["yarn_lot_id"],
            ["material_lots.id"],
            name=op.f("fk_dye_records_yarn_lot_id_material_lots"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dye_records")),
        sa.UniqueConstraint("lot_id", "version", name=op.f("uq_dye_records_lot_id_version")),
    )
    op.create_index(
        op.f("ix_dye_records_cooperative_id"), "dye_records", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_dye_records_yarn_lot_id"), "dye_records", ["yarn_lot_id"], unique=False
    )
    op.create_table(
        "fastness_limits",
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("rating", sa.Text(), nullable=False),
        sa.Column("dye", sa.Text(), nullable=True),
        sa.Column("mordant", sa.Text(), nullable=True),
        sa.Column("least", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "method IN ('field_rub_dry', 'field_rub_damp', 'iso_105_x12_dry', 'iso_105_x12_wet', 'iso_105_c06')",
            name=op.f("ck_fastness_limits_method"),
        ),
        sa.CheckConstraint(
            "rating IN ('change', 'staining')", name=op.f("ck_fastness_limits_rating")
        ),
        sa.CheckConstraint("least BETWEEN 2 AND 10", name=op.f("ck_fastness_limits_least")),
        sa.ForeignKeyConstraint(
            ["cooperative_id", "dye"],
            ["dyestuffs.cooperative_id", "dyestuffs.code"],
            name=op.f("fk_fastness_limits_cooperative_id_dye_dyestuffs"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id", "mordant"],
            ["dyestuffs.cooperative_id", "dyestuffs.code"],
            name=op.f("fk_fastness_limits_cooperative_id_mordant_dyestuffs"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_fastness_limits_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fastness_limits")),
    )
    op.create_index(
        op.f("ix_fastness_limits_cooperative_id"),
        "fastness_limits",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "fastness_tests",
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=True),
        sa.Column("staining", sa.BigInteger(), nullable=True),
        sa.Column("tested_on", sa.Date(), nullable=False),
        sa.Column("tested_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_fastness_tests_actor"),
        ),
        sa.CheckConstraint(
            "method IN ('field_rub_dry', 'field_rub_damp', 'iso_105_x12_dry', 'iso_105_x12_wet', 'iso_105_c06')",
            name=op.f("ck_fastness_tests_method"),
        ),
        sa.CheckConstraint("change BETWEEN 2 AND 10", name=op.f("ck_fastness_tests_change")),
        sa.CheckConstraint(
            "num_nonnulls(change, staining) >= 1", name=op.f("ck_fastness_tests_graded")
        ),
        sa.CheckConstraint("staining BETWEEN 2 AND 10", name=op.f("ck_fastness_tests_staining")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_fastness_tests_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"],
            ["fastness_tests.id"],
            name=op.f("fk_fastness_tests_corrects_id_fastness_tests"),
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["material_lots.id"], name=op.f("fk_fastness_tests_lot_id_material_lots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fastness_tests")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_fastness_tests_corrects_id")),
    )
    op.create_index(
        op.f("ix_fastness_tests_cooperative_id"), "fastness_tests", ["cooperative_id"], unique=False
    )
    op.create_index(op.f("ix_fastness_tests_lot_id"), "fastness_tests", ["lot_id"], unique=False)
    op.create_table(
        "yarn_records",
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("spun", sa.Text(), nullable=False),
        sa.Column("spinner_id", sa.Uuid(), nullable=True),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("ply", sa.BigInteger(), nullable=True),
        sa.Column("count_words", sa.Text(), nullable=True),
        sa.Column("vicuna_permit", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_yarn_records_actor"),
        ),
        sa.CheckConstraint("spun IN ('hand', 'mill')", name=op.f("ck_yarn_records_spun")),
        sa.CheckConstraint("grams BETWEEN 1 AND 1000000", name=op.f("ck_yarn_records_grams")),
        sa.CheckConstraint(
            "num_nonnulls(spinner_id, supplier) = 1", name=op.f("ck_yarn_records_spinner")
        ),
        sa.CheckConstraint("ply BETWEEN 1 AND 12", name=op.f("ck_yarn_records_ply")),
        sa.CheckConstraint(
            "version = 1 OR length(reason) > 0", name=op.f("ck_yarn_records_reason")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_yarn_records_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["material_lots.id"], name=op.f("fk_yarn_records_lot_id_material_lots")
        ),
        sa.ForeignKeyConstraint(
            ["spinner_id"], ["makers.id"], name=op.f("fk_yarn_records_spinner_id_makers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_yarn_records")),
        sa.UniqueConstraint("lot_id", "version", name=op.f("uq_yarn_records_lot_id_version")),
    )
    op.create_index(
        op.f("ix_yarn_records_cooperative_id"), "yarn_records", ["cooperative_id"], unique=False
    )
    op.create_table(
        "dyes_used",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("dyestuff_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_dyes_used_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["dyestuff_id"], ["dyestuffs.id"], name=op.f("fk_dyes_used_dyestuff_id_dyestuffs")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["dye_records.id"], name=op.f("fk_dyes_used_record_id_dye_records")
        ),
        sa.PrimaryKeyConstraint("record_id", "dyestuff_id", name=op.f("pk_dyes_used")),
    )
    op.create_index(
        op.f("ix_dyes_used_cooperative_id"), "dyes_used", ["cooperative_id"], unique=False
    )
    op.create_table(
        "listing_claims",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fibre", sa.Text(), nullable=True),
        sa.Column("share_bp", sa.BigInteger(), nullable=True),
        sa.Column("dye", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'dyed_with') = (dye IS NOT NULL)", name=op.f("ck_listing_claims_dye_named")
        ),
        sa.CheckConstraint(
            "(kind = 'fibre') = (fibre IS NOT NULL)", name=op.f("ck_listing_claims_fibre_named")
        ),
        sa.CheckConstraint(
            "fibre IN ('sheep_wool', 'alpaca', 'llama', 'cotton', 'acrylic', 'leather', 'vicuna', 'other')",
            name=op.f("ck_listing_claims_fibre"),
        ),
        sa.CheckConstraint(
            "kind IN ('fibre', 'hand_spun', 'natural_dyes', 'dyed_with', 'undyed', 'fastness_tested')",
            name=op.f("ck_listing_claims_kind"),
        ),
        sa.CheckConstraint(
            "(fibre IS NULL) = (share_bp IS NULL)", name=op.f("ck_listing_claims_share_named")
        ),
        sa.CheckConstraint("share_bp BETWEEN 1 AND 10000", name=op.f("ck_listing_claims_share_bp")),
        sa.ForeignKeyConstraint(
            ["cooperative_id", "dye"],
            ["dyestuffs.cooperative_id", "dyestuffs.code"],
            name=op.f("fk_listing_claims_cooperative_id_dye_dyestuffs"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_listing_claims_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_listing_claims_listing_id_listings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_claims")),
    )
    op.create_index(
        op.f("ix_listing_claims_cooperative_id"), "listing_claims", ["cooperative_id"], unique=False
    )
    op.create_index(
        "uq_listing_claims_once",
        "listing_claims",
        ["listing_id", "kind", "fibre", "dye"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "yarn_fibres",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("fibre", sa.Text(), nullable=False),
        sa.Column("share_bp", sa.BigInteger(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "fibre IN ('sheep_wool', 'alpaca', 'llama', 'cotton', 'acrylic', 'leather', 'vicuna', 'other')",
            name=op.f("ck_yarn_fibres_fibre"),
        ),
        sa.CheckConstraint("share_bp BETWEEN 1 AND 10000", name=op.f("ck_yarn_fibres_share_bp")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_yarn_fibres_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["yarn_records.id"], name=op.f("fk_yarn_fibres_record_id_yarn_records")
        ),
        sa.PrimaryKeyConstraint("record_id", "fibre", name=op.f("pk_yarn_fibres")),
    )
    op.create_index(
        op.f("ix_yarn_fibres_cooperative_id"), "yarn_fibres", ["cooperative_id"], unique=False
    )
    op.create_table(
        "draws",
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=True),
        sa.Column("dye_lot_id", sa.Uuid(), nullable=True),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'", name=op.f("ck_draws_actor")
        ),
        sa.CheckConstraint("dye_lot_id <> lot_id", name=op.f("ck_draws_two_lots")),
        sa.CheckConstraint("grams <> 0", name=op.f("ck_draws_grams")),
        sa.CheckConstraint("num_nonnulls(piece_id, dye_lot_id) = 1", name=op.f("ck_draws_one_use")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_draws_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["dye_lot_id"], ["material_lots.id"], name=op.f("fk_draws_dye_lot_id_material_lots")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["material_lots.id"], name=op.f("fk_draws_lot_id_material_lots")
        ),
        sa.ForeignKeyConstraint(["piece_id"], ["pieces.id"], name=op.f("fk_draws_piece_id_pieces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draws")),
    )
    op.create_index(op.f("ix_draws_cooperative_id"), "draws", ["cooperative_id"], unique=False)
    op.create_index(op.f("ix_draws_dye_lot_id"), "draws", ["dye_lot_id"], unique=False)
    op.create_index(op.f("ix_draws_lot_id"), "draws", ["lot_id"], unique=False)
    op.create_index(op.f("ix_draws_piece_id"), "draws", ["piece_id"], unique=False)
