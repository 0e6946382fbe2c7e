"""The house: every table of the first release, the guard of facts, and the queue.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: Tables of facts at this revision; each refuses UPDATE, DELETE and TRUNCATE.
FACTS = (
    "agreements",
    "checklist_answers",
    "checklist_items",
    "consent_revocations",
    "consents",
    "contributions",
    "defects",
    "fibre_shares",
    "inspections",
    "life_moves",
    "limit_sets",
    "measurements",
    "measures",
    "movements",
    "order_lines",
    "order_payments",
    "postings",
    "receipts",
    "settlements",
    "share_policies",
    "shipment_pieces",
    "shipments",
)

GUARD = """
CREATE FUNCTION pallay_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation',
        MESSAGE = 'rows of ' || TG_TABLE_NAME || ' are written once';
END $$
"""


def upgrade() -> None:
    """Build everything; the database is empty, so nothing waits for a lock."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    build_tables()
    guard_facts()
    build_queue()


def guard_facts() -> None:
    """Let the database itself refuse to change what is written once."""
    op.execute(GUARD)
    for table in FACTS:
        op.execute(
            f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION pallay_written_once()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION pallay_written_once()"
        )


def build_queue() -> None:
    """The job queue's own tables, from the library that owns them."""
    op.get_bind().connection.driver_connection.execute(SchemaManager.get_schema())
    # A word under which at most one job is left (core/jobs.py) is looked up by its lock.
    op.execute(
        "CREATE INDEX ix_procrastinate_jobs_word ON procrastinate_jobs (lock)"
        " WHERE status IN ('todo', 'doing')"
    )


def build_tables() -> None:
    """Every table with its constraints and indexes."""

    op.create_table(
        "cooperatives",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tag_prefix", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z0-9-]{2,60}$'", name=op.f("ck_cooperatives_slug")),
        sa.CheckConstraint(
            "tag_prefix ~ '^[2-9A-HJKMNP-Z]{3}$'", name=op.f("ck_cooperatives_tag_prefix")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cooperatives")),
        sa.UniqueConstraint("slug", name=op.f("uq_cooperatives_slug")),
        sa.UniqueConstraint("tag_prefix", name=op.f("uq_cooperatives_tag_prefix")),
    )
    op.create_table(
        "idempotency_claims",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("answer_status", sa.BigInteger(), nullable=True),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_claims")),
        sa.UniqueConstraint(
            "owner", "operation", "key", name=op.f("uq_idempotency_claims_owner_operation_key")
        ),
    )
    op.create_index(
        op.f("ix_idempotency_claims_claimed_at"), "idempotency_claims", ["claimed_at"], unique=False
    )
    op.create_table(
        "life_moves",
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_life_moves_actor"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_life_moves")),
    )
    op.create_index(
        op.f("ix_life_moves_subject_id_id"), "life_moves", ["subject_id", "id"], unique=False
    )
    op.create_table(
        "stripe_news",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("api_version", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('new', 'applied', 'waiting', 'failed', 'ignored')",
            name=op.f("ck_stripe_news_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_news")),
    )
    op.create_index(
        "ix_stripe_news_open",
        "stripe_news",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('new', 'waiting', 'failed')"),
    )
    op.create_table(
        "applications",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_applications_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint(
            "cooperative_id", "name", name=op.f("uq_applications_cooperative_id_name")
        ),
    )
    op.create_index(
        op.f("ix_applications_cooperative_id"), "applications", ["cooperative_id"], unique=False
    )
    op.create_table(
        "defect_kinds",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "severity IN ('critical', 'major', 'minor')", name=op.f("ck_defect_kinds_severity")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_defect_kinds_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_defect_kinds")),
        sa.UniqueConstraint(
            "cooperative_id", "code", name=op.f("uq_defect_kinds_cooperative_id_code")
        ),
    )
    op.create_index(
        op.f("ix_defect_kinds_cooperative_id"), "defect_kinds", ["cooperative_id"], unique=False
    )
    op.create_table(
        "designs",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("technique", sa.Text(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("care", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("minutes_by_stage", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hs_code", sa.Text(), nullable=True),
        sa.Column("vicuna_permit", sa.Text(), nullable=True),
        sa.Column("limit_set_version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "hs_code ~ '^[0-9]{4}([.][0-9]{2}){0,3}$'", name=op.f("ck_designs_hs_code")
        ),
        sa.CheckConstraint(
            "kind IN ('lliklla', 'chumpi', 'chuspa', 'poncho', 'chullo', 'scarf', 'runner', 'phullu', 'unkhuna', 'hat_band', 'strap', 'bag', 'cushion_cover', 'gloves', 'toy', 'other')",
            name=op.f("ck_designs_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_designs_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designs")),
        sa.UniqueConstraint("cooperative_id", "code", name=op.f("uq_designs_cooperative_id_code")),
    )
    op.create_index(op.f("ix_designs_cooperative_id"), "designs", ["cooperative_id"], unique=False)
    op.create_table(
        "locations",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('workshop', 'store', 'transit', 'makers', 'buyers', 'lost')",
            name=op.f("ck_locations_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_locations_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locations")),
        sa.UniqueConstraint(
            "cooperative_id", "code", name=op.f("uq_locations_cooperative_id_code")
        ),
    )
    op.create_index(
        op.f("ix_locations_cooperative_id"), "locations", ["cooperative_id"], unique=False
    )
    op.create_index(
        "uq_locations_one_outside_each",
        "locations",
        ["cooperative_id", "kind"],
        unique=True,
        postgresql_where=sa.text("kind IN ('makers', 'buyers', 'lost')"),
    )
    op.create_table(
        "makers",
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("public_name", sa.Text(), nullable=False),
        sa.Column("story", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("photo_url", sa.Text(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "length(legal_name) BETWEEN 1 AND 200", name=op.f("ck_makers_legal_name")
        ),
        sa.CheckConstraint(
            "length(public_name) BETWEEN 1 AND 100", name=op.f("ck_makers_public_name")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_makers_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_makers")),
        sa.UniqueConstraint("cooperative_id", "id", name=op.f("uq_makers_cooperative_id_id")),
    )
    op.create_index(op.f("ix_makers_cooperative_id"), "makers", ["cooperative_id"], unique=False)
    op.create_table(
        "orders",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("fulfilment", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_label", sa.Text(), nullable=False),
        sa.Column("tax_label", sa.Text(), nullable=False),
        sa.Column("buyer_email", sa.Text(), nullable=True),
        sa.Column("buyer_name", sa.Text(), nullable=True),
        sa.Column("address", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('paid', 'part_fulfilled', 'fulfilled', 'closed')) <= (paid_at IS NOT NULL)",
            name=op.f("ck_orders_paid_at"),
        ),
        sa.CheckConstraint("channel IN ('online', 'stall')", name=op.f("ck_orders_channel")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_orders_currency")),
        sa.CheckConstraint("fulfilment IN ('ship', 'pick_up')", name=op.f("ck_orders_fulfilment")),
        sa.CheckConstraint(
            "status IN ('awaiting_payment', 'paid', 'part_fulfilled', 'fulfilled', 'closed', 'expired', 'cancelled')",
            name=op.f("ck_orders_status"),
        ),
        sa.CheckConstraint(
            "subtotal_minor > 0 AND shipping_minor >= 0 AND tax_minor >= 0 AND total_minor = subtotal_minor + shipping_minor + tax_minor",
            name=op.f("ck_orders_total"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_orders_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
    )
    op.create_index(op.f("ix_orders_cooperative_id"), "orders", ["cooperative_id"], unique=False)
    op.create_index(
        op.f("ix_orders_cooperative_id_status_id"),
        "orders",
        ["cooperative_id", "status", "id"],
        unique=False,
    )
    op.create_table(
        "share_policies",
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("makers_bp", sa.BigInteger(), nullable=False),
        sa.Column("fund_bp", sa.BigInteger(), nullable=False),
        sa.Column("programme_bp", sa.BigInteger(), nullable=False),
        sa.Column("fee_bearer", sa.Text(), nullable=False),
        sa.Column("hold_days_online", sa.BigInteger(), nullable=False),
        sa.Column("hold_days_stall", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "fee_bearer IN ('fund', 'programme', 'everyone')",
            name=op.f("ck_share_policies_fee_bearer"),
        ),
        sa.CheckConstraint(
            "hold_days_online >= 0 AND hold_days_stall >= 0",
            name=op.f("ck_share_policies_hold_days"),
        ),
        sa.CheckConstraint(
            "makers_bp >= 0 AND fund_bp >= 0 AND programme_bp >= 0 AND makers_bp + fund_bp + programme_bp = 10000",
            name=op.f("ck_share_policies_sums_to_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_share_policies_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_policies")),
        sa.UniqueConstraint(
            "cooperative_id", "version", name=op.f("uq_share_policies_cooperative_id_version")
        ),
    )
    op.create_index(
        op.f("ix_share_policies_cooperative_id"), "share_policies", ["cooperative_id"], unique=False
    )
    op.create_table(
        "shipping_rates",
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("countries", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("up_to_g", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "up_to_g > 0 AND amount_minor >= 0", name=op.f("ck_shipping_rates_amount")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_shipping_rates_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_rates")),
        sa.UniqueConstraint(
            "cooperative_id",
            "zone",
            "currency",
            "up_to_g",
            name=op.f("uq_shipping_rates_cooperative_id_zone_currency_up_to_g"),
        ),
    )
    op.create_index(
        op.f("ix_shipping_rates_cooperative_id"), "shipping_rates", ["cooperative_id"], unique=False
    )
    op.create_table(
        "tax_rules",
        sa.Column("fulfilment", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("rate_bp", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "fulfilment IN ('ship', 'pick_up')", name=op.f("ck_tax_rules_fulfilment")
        ),
        sa.CheckConstraint("rate_bp BETWEEN 0 AND 10000", name=op.f("ck_tax_rules_rate_bp")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_tax_rules_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rules")),
    )
    op.create_index(
        op.f("ix_tax_rules_cooperative_id"), "tax_rules", ["cooperative_id"], unique=False
    )
    op.create_table(
        "checkout_attempts",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "status IN ('asking', 'open', 'refused', 'complete', 'expired')",
            name=op.f("ck_checkout_attempts_status"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_checkout_attempts_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_checkout_attempts_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkout_attempts")),
        sa.UniqueConstraint("key", name=op.f("uq_checkout_attempts_key")),
        sa.UniqueConstraint(
            "order_id", "number", name=op.f("uq_checkout_attempts_order_id_number")
        ),
        sa.UniqueConstraint("session_id", name=op.f("uq_checkout_attempts_session_id")),
    )
    op.create_index(
        op.f("ix_checkout_attempts_cooperative_id"),
        "checkout_attempts",
        ["cooperative_id"],
        unique=False,
    )
    op.create_index(
        "uq_checkout_attempts_one_live",
        "checkout_attempts",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('asking', 'open', 'complete')"),
    )
    op.create_table(
        "consents",
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("medium", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("evidence_sha256", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("language IN ('en', 'es', 'qu')", name=op.f("ck_consents_language")),
        sa.CheckConstraint(
            "medium IN ('written', 'fingerprint', 'oral_recording', 'electronic')",
            name=op.f("ck_consents_medium"),
        ),
        sa.CheckConstraint(
            "purpose IN ('public_profile', 'photo', 'price_share')",
            name=op.f("ck_consents_purpose"),
        ),
        sa.CheckConstraint(
            "recorded_by ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_consents_recorded_by"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_consents_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["makers.id"], name=op.f("fk_consents_maker_id_makers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(
        op.f("ix_consents_cooperative_id"), "consents", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_consents_maker_id_purpose"), "consents", ["maker_id", "purpose"], unique=False
    )
    op.create_table(
        "deliveries",
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("piece_count", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("piece_count BETWEEN 1 AND 200", name=op.f("ck_deliveries_piece_count")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_deliveries_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_deliveries_location_id_locations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        op.f("ix_deliveries_cooperative_id"), "deliveries", ["cooperative_id"], unique=False
    )
    op.create_table(
        "fibre_shares",
        sa.Column("design_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("fibre", sa.Text(), nullable=False),
        sa.Column("share_bp", sa.BigInteger(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "fibre IN ('sheep_wool', 'alpaca', 'llama', 'cotton', 'acrylic', 'leather', 'vicuna', 'other')",
            name=op.f("ck_fibre_shares_fibre"),
        ),
        sa.CheckConstraint("share_bp BETWEEN 1 AND 10000", name=op.f("ck_fibre_shares_share_bp")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_fibre_shares_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["design_id"], ["designs.id"], name=op.f("fk_fibre_shares_design_id_designs")
        ),
        sa.PrimaryKeyConstraint("design_id", "part", "fibre", name=op.f("pk_fibre_shares")),
    )
    op.create_index(
        op.f("ix_fibre_shares_cooperative_id"), "fibre_shares", ["cooperative_id"], unique=False
    )
    op.create_table(
        "limit_sets",
        sa.Column("design_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_limit_sets_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["design_id"], ["designs.id"], name=op.f("fk_limit_sets_design_id_designs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_sets")),
        sa.UniqueConstraint("design_id", "version", name=op.f("uq_limit_sets_design_id_version")),
    )
    op.create_index(
        op.f("ix_limit_sets_cooperative_id"), "limit_sets", ["cooperative_id"], unique=False
    )
    op.create_table(
        "listings",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("design_id", sa.Uuid(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("description", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("ck_listings_slug")),
        sa.CheckConstraint(
            "status IN ('draft', 'published', 'withdrawn')", name=op.f("ck_listings_status")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_listings_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["design_id"], ["designs.id"], name=op.f("fk_listings_design_id_designs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listings")),
        sa.UniqueConstraint("slug", name=op.f("uq_listings_slug")),
    )
    op.create_index(
        op.f("ix_listings_cooperative_id"), "listings", ["cooperative_id"], unique=False
    )
    op.create_index(op.f("ix_listings_design_id"), "listings", ["design_id"], unique=False)
    op.create_index(op.f("ix_listings_status_id"), "listings", ["status", "id"], unique=False)
    op.create_table(
        "order_payments",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("payment_intent_id", sa.Text(), nullable=False),
        sa.Column("charge_id", sa.Text(), nullable=False),
        sa.Column("balance_transaction_id", sa.Text(), nullable=False),
        sa.Column("charged_minor", sa.BigInteger(), nullable=False),
        sa.Column("charged_currency", sa.Text(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("settlement_currency", sa.Text(), nullable=False),
        sa.Column("exchange_rate", sa.Text(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "gross_minor > 0 AND fee_minor >= 0", name=op.f("ck_order_payments_gross")
        ),
        sa.CheckConstraint(
            "net_minor = gross_minor - fee_minor", name=op.f("ck_order_payments_net")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_order_payments_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_payments_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_payments")),
        sa.UniqueConstraint(
            "balance_transaction_id", name=op.f("uq_order_payments_balance_transaction_id")
        ),
        sa.UniqueConstraint("charge_id", name=op.f("uq_order_payments_charge_id")),
        sa.UniqueConstraint("payment_intent_id", name=op.f("uq_order_payments_payment_intent_id")),
    )
    op.create_index(
        op.f("ix_order_payments_cooperative_id"), "order_payments", ["cooperative_id"], unique=False
    )
    op.create_table(
        "payout_accounts",
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("capability", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "capability IN ('active','pending','restricted','unsupported','unknown')",
            name=op.f("ck_payout_accounts_capability"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_payout_accounts_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["makers.id"], name=op.f("fk_payout_accounts_maker_id_makers")
        ),
        sa.PrimaryKeyConstraint("maker_id", name=op.f("pk_payout_accounts")),
        sa.UniqueConstraint("account_id", name=op.f("uq_payout_accounts_account_id")),
    )
    op.create_index(
        op.f("ix_payout_accounts_cooperative_id"),
        "payout_accounts",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "shipments",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("tracking", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'carrier') = (carrier IS NOT NULL)", name=op.f("ck_shipments_carrier")
        ),
        sa.CheckConstraint(
            "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_shipments_actor"),
        ),
        sa.CheckConstraint("kind IN ('carrier', 'by_hand')", name=op.f("ck_shipments_kind")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_shipments_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_shipments_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipments")),
    )
    op.create_index(
        op.f("ix_shipments_cooperative_id"), "shipments", ["cooperative_id"], unique=False
    )
    op.create_index(op.f("ix_shipments_order_id"), "shipments", ["order_id"], unique=False)
    op.create_table(
        "staff",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("maker_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_staff_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(["maker_id"], ["makers.id"], name=op.f("fk_staff_maker_id_makers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("cooperative_id", "email", name=op.f("uq_staff_cooperative_id_email")),
    )
    op.create_index(op.f("ix_staff_cooperative_id"), "staff", ["cooperative_id"], unique=False)
    op.create_table(
        "api_keys",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(staff_id, application_id) = 1", name=op.f("ck_api_keys_one_owner")
        ),
        sa.CheckConstraint("octet_length(secret_hash) = 32", name=op.f("ck_api_keys_secret_hash")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_api_keys_application_id_applications"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_api_keys_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_api_keys_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_keys_prefix")),
    )
    op.create_index(
        op.f("ix_api_keys_cooperative_id"), "api_keys", ["cooperative_id"], unique=False
    )
    op.create_table(
        "checklist_items",
        sa.Column("limit_set_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_checklist_items_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["limit_set_id"],
            ["limit_sets.id"],
            name=op.f("fk_checklist_items_limit_set_id_limit_sets"),
        ),
        sa.PrimaryKeyConstraint("limit_set_id", "code", name=op.f("pk_checklist_items")),
    )
    op.create_index(
        op.f("ix_checklist_items_cooperative_id"),
        "checklist_items",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "consent_revocations",
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consents.id"], name=op.f("fk_consent_revocations_consent_id_consents")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_consent_revocations_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_revocations")),
        sa.UniqueConstraint("consent_id", name=op.f("uq_consent_revocations_consent_id")),
    )
    op.create_index(
        op.f("ix_consent_revocations_cooperative_id"),
        "consent_revocations",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "listing_photos",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("alt", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_listing_photos_listing_id_listings")
        ),
        sa.PrimaryKeyConstraint("listing_id", "position", name=op.f("pk_listing_photos")),
    )
    op.create_table(
        "listing_prices",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_listing_prices_currency")),
        sa.CheckConstraint(
            "amount_minor BETWEEN 1 AND 99999999", name=op.f("ck_listing_prices_amount_minor")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_listing_prices_listing_id_listings")
        ),
        sa.PrimaryKeyConstraint("listing_id", "currency", name=op.f("pk_listing_prices")),
    )
    op.create_index(
        op.f("ix_listing_prices_currency_amount_minor"),
        "listing_prices",
        ["currency", "amount_minor"],
        unique=False,
    )
    op.create_table(
        "measures",
        sa.Column("limit_set_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("spec", sa.BigInteger(), nullable=False),
        sa.Column("minus", sa.BigInteger(), nullable=False),
        sa.Column("plus", sa.BigInteger(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "unit IN ('mm', 'g', 'per_10_cm', 'score_1_5')", name=op.f("ck_measures_unit")
        ),
        sa.CheckConstraint(
            "spec > 0 AND minus >= 0 AND plus >= 0 AND minus <= spec",
            name=op.f("ck_measures_limit"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_measures_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["limit_set_id"], ["limit_sets.id"], name=op.f("fk_measures_limit_set_id_limit_sets")
        ),
        sa.PrimaryKeyConstraint("limit_set_id", "name", name=op.f("pk_measures")),
    )
    op.create_index(
        op.f("ix_measures_cooperative_id"), "measures", ["cooperative_id"], unique=False
    )
    op.create_table(
        "pieces",
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("design_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("grade IN ('A', 'B')", name=op.f("ck_pieces_grade")),
        sa.CheckConstraint(
            "grade IS NOT NULL OR status NOT IN ('accepted','listed','held','sold','handed_over')",
            name=op.f("ck_pieces_graded_before_sale"),
        ),
        sa.CheckConstraint(
            "status IN ('delivered', 'inspecting', 'rework', 'rejected', 'returned_to_maker', 'accepted', 'listed', 'withdrawn', 'held', 'sold', 'handed_over', 'returned', 'lost', 'damaged')",
            name=op.f("ck_pieces_status"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_pieces_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_pieces_delivery_id_deliveries")
        ),
        sa.ForeignKeyConstraint(
            ["design_id"], ["designs.id"], name=op.f("fk_pieces_design_id_designs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pieces")),
        sa.UniqueConstraint("delivery_id", "position", name=op.f("uq_pieces_delivery_id_position")),
        sa.UniqueConstraint("tag", name=op.f("uq_pieces_tag")),
    )
    op.create_index(op.f("ix_pieces_cooperative_id"), "pieces", ["cooperative_id"], unique=False)
    op.create_index(
        op.f("ix_pieces_cooperative_id_status_id"),
        "pieces",
        ["cooperative_id", "status", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_pieces_design_id"), "pieces", ["design_id"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_currency", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=True),
        sa.Column("paid_by_id", sa.Uuid(), nullable=False),
        sa.Column("witness_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_url", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "method IN ('cash', 'yape', 'plin', 'bank')", name=op.f("ck_receipts_method")
        ),
        sa.CheckConstraint("paid_by_id <> witness_id", name=op.f("ck_receipts_two_names")),
        sa.CheckConstraint("paid_minor > 0", name=op.f("ck_receipts_paid_minor")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_receipts_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["paid_by_id"], ["staff.id"], name=op.f("fk_receipts_paid_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["witness_id"], ["staff.id"], name=op.f("fk_receipts_witness_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint(
            "cooperative_id", "number", name=op.f("uq_receipts_cooperative_id_number")
        ),
    )
    op.create_index(
        op.f("ix_receipts_cooperative_id"), "receipts", ["cooperative_id"], unique=False
    )
    op.create_table(
        "staff_roles",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "role IN ('coordinator', 'quality_lead', 'treasurer', 'storekeeper')",
            name=op.f("ck_staff_roles_role"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_roles_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("staff_id", "role", name=op.f("pk_staff_roles")),
    )
    op.create_table(
        "agreements",
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'pay_on_acceptance') = (price_minor IS NOT NULL) AND (price_minor IS NULL) = (currency IS NULL) AND price_minor > 0",
            name=op.f("ck_agreements_price"),
        ),
        sa.CheckConstraint(
            "kind IN ('pay_on_acceptance', 'share_on_sale')", name=op.f("ck_agreements_kind")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_agreements_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_agreements_piece_id_pieces")
        ),
        sa.PrimaryKeyConstraint("piece_id", name=op.f("pk_agreements")),
    )
    op.create_index(
        op.f("ix_agreements_cooperative_id"), "agreements", ["cooperative_id"], unique=False
    )
    op.create_table(
        "contributions",
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('spin', 'dye', 'warp', 'weave', 'knit', 'sew', 'finish')",
            name=op.f("ck_contributions_stage"),
        ),
        sa.CheckConstraint("weight BETWEEN 1 AND 1000000", name=op.f("ck_contributions_weight")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_contributions_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["makers.id"], name=op.f("fk_contributions_maker_id_makers")
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_contributions_piece_id_pieces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contributions")),
        sa.UniqueConstraint(
            "piece_id", "maker_id", "stage", name=op.f("uq_contributions_piece_id_maker_id_stage")
        ),
    )
    op.create_index(
        op.f("ix_contributions_cooperative_id"), "contributions", ["cooperative_id"], unique=False
    )
    op.create_index(op.f("ix_contributions_maker_id"), "contributions", ["maker_id"], unique=False)
    op.create_table(
        "holds",
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'released') = (released_at IS NOT NULL)", name=op.f("ck_holds_released_at")
        ),
        sa.CheckConstraint("status IN ('held', 'sold', 'released')", name=op.f("ck_holds_status")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_holds_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(["piece_id"], ["pieces.id"], name=op.f("fk_holds_piece_id_pieces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index(op.f("ix_holds_cooperative_id"), "holds", ["cooperative_id"], unique=False)
    op.create_index(op.f("ix_holds_order_id"), "holds", ["order_id"], unique=False)
    op.create_index(op.f("ix_holds_piece_id"), "holds", ["piece_id"], unique=False)
    op.create_index(
        "uq_holds_one_per_piece",
        "holds",
        ["piece_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('held', 'sold')"),
    )
    op.create_table(
        "inspections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("limit_set_id", sa.Uuid(), nullable=False),
        sa.Column("limit_set_version", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("inspected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_inspections_actor"),
        ),
        sa.CheckConstraint(
            "decision IN ('accept_a', 'accept_b', 'rework', 'reject')",
            name=op.f("ck_inspections_decision"),
        ),
        sa.CheckConstraint(
            "decision LIKE 'accept%%' OR length(reason) > 0", name=op.f("ck_inspections_reason")
        ),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_inspections_sequence")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_inspections_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["staff.id"], name=op.f("fk_inspections_inspector_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["limit_set_id"], ["limit_sets.id"], name=op.f("fk_inspections_limit_set_id_limit_sets")
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_inspections_piece_id_pieces")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"],
            ["inspections.id"],
            name=op.f("fk_inspections_supersedes_id_inspections"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections")),
        sa.UniqueConstraint("piece_id", "sequence", name=op.f("uq_inspections_piece_id_sequence")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_inspections_supersedes_id")),
    )
    op.create_index(
        op.f("ix_inspections_cooperative_id"), "inspections", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_inspections_cooperative_id_recorded_at"),
        "inspections",
        ["cooperative_id", "recorded_at"],
        unique=False,
    )
    op.create_table(
        "listing_pieces",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_listing_pieces_listing_id_listings")
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_listing_pieces_piece_id_pieces")
        ),
        sa.PrimaryKeyConstraint("listing_id", "piece_id", name=op.f("pk_listing_pieces")),
        sa.UniqueConstraint("piece_id", name=op.f("uq_listing_pieces_piece_id")),
    )
    op.create_table(
        "movements",
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("destination_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_movements_actor"),
        ),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_movements_sequence")),
        sa.CheckConstraint("source_id <> destination_id", name=op.f("ck_movements_two_ends")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_movements_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["destination_id"], ["locations.id"], name=op.f("fk_movements_destination_id_locations")
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_movements_piece_id_pieces")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["locations.id"], name=op.f("fk_movements_source_id_locations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movements")),
        sa.UniqueConstraint("piece_id", "sequence", name=op.f("uq_movements_piece_id_sequence")),
    )
    op.create_index(
        op.f("ix_movements_cooperative_id"), "movements", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_movements_destination_id"), "movements", ["destination_id"], unique=False
    )
    op.create_index(op.f("ix_movements_source_id"), "movements", ["source_id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("price_minor > 0", name=op.f("ck_order_lines_price_minor")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_order_lines_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_order_lines_listing_id_listings")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_order_lines_piece_id_pieces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
        sa.UniqueConstraint("order_id", "piece_id", name=op.f("uq_order_lines_order_id_piece_id")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_order_lines_order_id_position")),
    )
    op.create_index(
        op.f("ix_order_lines_cooperative_id"), "order_lines", ["cooperative_id"], unique=False
    )
    op.create_index(op.f("ix_order_lines_piece_id"), "order_lines", ["piece_id"], unique=False)
    op.create_table(
        "checklist_answers",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "answer IN ('yes', 'no', 'not_applicable')", name=op.f("ck_checklist_answers_answer")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_checklist_answers_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspections.id"],
            name=op.f("fk_checklist_answers_inspection_id_inspections"),
        ),
        sa.PrimaryKeyConstraint("inspection_id", "code", name=op.f("pk_checklist_answers")),
    )
    op.create_index(
        op.f("ix_checklist_answers_cooperative_id"),
        "checklist_answers",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "defects",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("size_mm", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "severity IN ('critical', 'major', 'minor')", name=op.f("ck_defects_severity")
        ),
        sa.CheckConstraint("count BETWEEN 1 AND 1000", name=op.f("ck_defects_count")),
        sa.CheckConstraint("size_mm IS NULL OR size_mm >= 0", name=op.f("ck_defects_size_mm")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_defects_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_defects_inspection_id_inspections")
        ),
        sa.PrimaryKeyConstraint("inspection_id", "position", name=op.f("pk_defects")),
    )
    op.create_index(op.f("ix_defects_cooperative_id"), "defects", ["cooperative_id"], unique=False)
    op.create_table(
        "measurements",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("spec", sa.BigInteger(), nullable=False),
        sa.Column("minus", sa.BigInteger(), nullable=False),
        sa.Column("plus", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "unit IN ('mm', 'g', 'per_10_cm', 'score_1_5')", name=op.f("ck_measurements_unit")
        ),
        sa.CheckConstraint(
            "verdict IN ('within', 'below', 'above')", name=op.f("ck_measurements_verdict")
        ),
        sa.CheckConstraint("value >= 0", name=op.f("ck_measurements_value")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_measurements_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspections.id"],
            name=op.f("fk_measurements_inspection_id_inspections"),
        ),
        sa.PrimaryKeyConstraint("inspection_id", "name", name=op.f("pk_measurements")),
    )
    op.create_index(
        op.f("ix_measurements_cooperative_id"), "measurements", ["cooperative_id"], unique=False
    )
    op.create_table(
        "obligations",
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("policy_id", sa.Uuid(), nullable=True),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("charge_id", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(agreement = 'share_on_sale' AND line_id IS NOT NULL AND policy_id IS NOT NULL) OR (agreement = 'pay_on_acceptance' AND line_id IS NULL)",
            name=op.f("ck_obligations_agreement"),
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_obligations_currency")),
        sa.CheckConstraint(
            "status IN ('held', 'due', 'settling', 'settled', 'cancelled')",
            name=op.f("ck_obligations_status"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_obligations_amount_minor")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_obligations_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_lines.id"], name=op.f("fk_obligations_line_id_order_lines")
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["makers.id"], name=op.f("fk_obligations_maker_id_makers")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_obligations_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_obligations_piece_id_pieces")
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"],
            ["share_policies.id"],
            name=op.f("fk_obligations_policy_id_share_policies"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligations")),
        sa.UniqueConstraint("line_id", "maker_id", name=op.f("uq_obligations_line_id_maker_id")),
    )
    op.create_index(
        op.f("ix_obligations_cooperative_id"), "obligations", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_obligations_cooperative_id_status_id"),
        "obligations",
        ["cooperative_id", "status", "id"],
        unique=False,
    )
    op.create_index(
        "ix_obligations_to_settle",
        "obligations",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status IN ('due', 'settling')"),
    )
    op.create_index(
        "ix_obligations_falling_due",
        "obligations",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("status = 'held'"),
    )
    op.create_index(
        op.f("ix_obligations_maker_id_id"), "obligations", ["maker_id", "id"], unique=False
    )
    op.create_index(op.f("ix_obligations_order_id"), "obligations", ["order_id"], unique=False)
    op.create_index(
        "uq_obligations_one_per_accepted_piece",
        "obligations",
        ["piece_id", "maker_id"],
        unique=True,
        postgresql_where=sa.text("agreement = 'pay_on_acceptance' AND status <> 'cancelled'"),
    )
    op.create_table(
        "shipment_pieces",
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_shipment_pieces_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_lines.id"], name=op.f("fk_shipment_pieces_line_id_order_lines")
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_shipment_pieces_piece_id_pieces")
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipments.id"], name=op.f("fk_shipment_pieces_shipment_id_shipments")
        ),
        sa.PrimaryKeyConstraint("shipment_id", "piece_id", name=op.f("pk_shipment_pieces")),
        sa.UniqueConstraint("line_id", name=op.f("uq_shipment_pieces_line_id")),
    )
    op.create_index(
        op.f("ix_shipment_pieces_cooperative_id"),
        "shipment_pieces",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "postings",
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("obligation_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_postings_currency")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_postings_amount_minor")),
        sa.CheckConstraint("source <> destination", name=op.f("ck_postings_two_ends")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_postings_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["obligation_id"],
            ["obligations.id"],
            name=op.f("fk_postings_obligation_id_obligations"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_postings_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postings")),
        sa.UniqueConstraint("event", "position", name=op.f("uq_postings_event_position")),
    )
    op.create_index(
        op.f("ix_postings_cooperative_id"), "postings", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_postings_cooperative_id_destination"),
        "postings",
        ["cooperative_id", "destination"],
        unique=False,
    )
    op.create_index(
        op.f("ix_postings_cooperative_id_source"),
        "postings",
        ["cooperative_id", "source"],
        unique=False,
    )
    op.create_index(op.f("ix_postings_order_id"), "postings", ["order_id"], unique=False)
    op.create_table(
        "settlement_attempts",
        sa.Column("obligation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("rail", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('settled', 'refused', 'never_arrived')",
            name=op.f("ck_settlement_attempts_outcome"),
        ),
        sa.CheckConstraint(
            "rail IN ('stripe_transfer', 'manual')", name=op.f("ck_settlement_attempts_rail")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_settlement_attempts_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["obligation_id"],
            ["obligations.id"],
            name=op.f("fk_settlement_attempts_obligation_id_obligations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_attempts")),
        sa.UniqueConstraint("key", name=op.f("uq_settlement_attempts_key")),
        sa.UniqueConstraint(
            "obligation_id", "number", name=op.f("uq_settlement_attempts_obligation_id_number")
        ),
    )
    op.create_index(
        op.f("ix_settlement_attempts_cooperative_id"),
        "settlement_attempts",
        ["cooperative_id"],
        unique=False,
    )
    op.create_index(
        "uq_settlement_attempts_one_live",
        "settlement_attempts",
        ["obligation_id"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL OR outcome = 'settled'"),
    )
    op.create_table(
        "settlements",
        sa.Column("obligation_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("rail", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.Text(), nullable=True),
        sa.Column("receipt_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(rail = 'manual') = (receipt_id IS NOT NULL)", name=op.f("ck_settlements_receipt")
        ),
        sa.CheckConstraint(
            "(rail = 'stripe_transfer') = (transfer_id IS NOT NULL)",
            name=op.f("ck_settlements_transfer"),
        ),
        sa.CheckConstraint(
            "rail IN ('stripe_transfer', 'manual')", name=op.f("ck_settlements_rail")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_settlements_amount_minor")),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["settlement_attempts.id"],
            name=op.f("fk_settlements_attempt_id_settlement_attempts"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_settlements_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["obligation_id"],
            ["obligations.id"],
            name=op.f("fk_settlements_obligation_id_obligations"),
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipts.id"], name=op.f("fk_settlements_receipt_id_receipts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlements")),
        sa.UniqueConstraint("obligation_id", name=op.f("uq_settlements_obligation_id")),
        sa.UniqueConstraint("receipt_id", name=op.f("uq_settlements_receipt_id")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_settlements_transfer_id")),
    )
    op.create_index(
        op.f("ix_settlements_cooperative_id"), "settlements", ["cooperative_id"], unique=False
    )
