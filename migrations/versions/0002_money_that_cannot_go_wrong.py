"""Money that cannot go wrong: refunds, returns, disputes, three rails, advances, pay days, the books.

No table is rewritten: columns are added with constant defaults. The checks and indexes that are
added to old tables are validated under a lock that stops writing to that table for as long as it is
read once; those tables are small (one row a payment or a maker).

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: Tables of facts that come with this revision; each refuses UPDATE, DELETE and TRUNCATE.
FACTS = (
    "advances",
    "deductions",
    "dispute_moves",
    "found_reversals",
    "rail_choices",
    "receipt_signatures",
    "reconciliations",
    "reference_wages",
    "refund_parts",
    "settlements_undone",
    "stray_payments",
    "treasury_moves",
    "undone_parts",
)

#: (table, constraint, new condition): checks that are new or were replaced.
CHECKS = (
    ("contributions", "minutes", "minutes BETWEEN 1 AND 1000000"),
    (
        "obligations",
        "status",
        "status IN ('held', 'due', 'settling', 'settled', 'cancelled', 'reversed')",
    ),
    ("order_payments", "tender", "tender IN ('stripe', 'cash', 'yape', 'plin', 'bank')"),
    (
        "order_payments",
        "stripe",
        (
            "(tender = 'stripe') = (charge_id IS NOT NULL)"
            " AND (tender = 'stripe') = (session_id IS NOT NULL)"
            " AND (tender = 'stripe') = (payment_intent_id IS NOT NULL)"
            " AND (tender = 'stripe') = (balance_transaction_id IS NOT NULL)"
        ),
    ),
    (
        "order_payments",
        "by_hand",
        (
            "(tender <> 'stripe') = (receipt_number IS NOT NULL)"
            " AND (tender <> 'stripe') = (given_minor IS NOT NULL)"
            " AND (tender <> 'stripe') = (taken_by_id IS NOT NULL)"
            " AND (given_minor IS NULL OR given_minor >= charged_minor)"
        ),
    ),
    (
        "payout_accounts",
        "bank_capability",
        "bank_capability IN ('active','pending','restricted','unsupported','unknown')",
    ),
    (
        "settlement_attempts",
        "rail",
        "rail IN ('stripe_transfer', 'stripe_outbound', 'manual', 'advance')",
    ),
    ("settlement_attempts", "outcome", "outcome IN ('done', 'refused', 'never_arrived')"),
    ("settlements", "rail", "rail IN ('stripe_transfer', 'stripe_outbound', 'manual', 'advance')"),
    ("settlements", "amount_minor", "amount_minor > 0 OR rail = 'advance'"),
    ("settlements", "outbound", "(rail = 'stripe_outbound') = (outbound_payment_id IS NOT NULL)"),
    ("share_policies", "refund_fee_bearer", "refund_fee_bearer IN ('fund', 'programme')"),
)


def upgrade() -> None:
    """Build what is new, change what was, guard the new facts."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    build_tables()
    change_tables()
    rename_outcomes()
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


def rename_outcomes() -> None:
    """An attempt that was done is called so for whatever was asked, not for transfers only."""
    op.execute("ALTER TABLE settlement_attempts DROP CONSTRAINT ck_settlement_attempts_outcome")
    op.drop_index(
        op.f("uq_settlement_attempts_one_live"),
        table_name="settlement_attempts",
        postgresql_where="((outcome IS NULL) OR (outcome = 'settled'::text))",
    )
    op.execute("UPDATE settlement_attempts SET outcome = 'done' WHERE outcome = 'settled'")
    op.create_index(
        "uq_settlement_attempts_one_live",
        "settlement_attempts",
        ["obligation_id", "round"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL OR outcome = 'done'"),
    )


def build_tables() -> None:
    """The tables that are new."""
    op.create_table(
        "reconciliations",
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("difference_count", sa.BigInteger(), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "difference_count >= 0", name=op.f("ck_reconciliations_difference_count")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliations")),
    )
    op.create_table(
        "pay_days",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rates", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'closed', 'cancelled')", name=op.f("ck_pay_days_status")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_pay_days_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_days")),
        sa.UniqueConstraint(
            "cooperative_id", "number", name=op.f("uq_pay_days_cooperative_id_number")
        ),
    )
    op.create_index(
        op.f("ix_pay_days_cooperative_id"), "pay_days", ["cooperative_id"], unique=False
    )
    op.create_table(
        "reference_wages",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("hourly_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('minimum', 'living')", name=op.f("ck_reference_wages_kind")),
        sa.CheckConstraint("hourly_minor > 0", name=op.f("ck_reference_wages_hourly_minor")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_reference_wages_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_wages")),
        sa.UniqueConstraint(
            "cooperative_id",
            "kind",
            "currency",
            "valid_from",
            name=op.f("uq_reference_wages_cooperative_id_kind_currency_valid_from"),
        ),
    )
    op.create_index(
        op.f("ix_reference_wages_cooperative_id"),
        "reference_wages",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "treasury_moves",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("stripe_id", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("evidence_url", sa.Text(), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "destination IN ('bank', 'cash_box', 'stripe', 'stripe_outbound', 'by_hand', 'fund', 'reserve',"
            " 'programme', 'shipping', 'tax', 'outside')",
            name=op.f("ck_treasury_moves_destination"),
        ),
        sa.CheckConstraint(
            "source IN ('bank', 'cash_box', 'stripe', 'stripe_outbound', 'by_hand', 'fund', 'reserve',"
            " 'programme', 'shipping', 'tax', 'outside')",
            name=op.f("ck_treasury_moves_source"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_treasury_moves_amount_minor")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_treasury_moves_currency")),
        sa.CheckConstraint("source <> destination", name=op.f("ck_treasury_moves_two_ends")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_treasury_moves_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treasury_moves")),
        sa.UniqueConstraint("stripe_id", "source", name=op.f("uq_treasury_moves_stripe_id_source")),
    )
    op.create_index(
        op.f("ix_treasury_moves_cooperative_id"), "treasury_moves", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_treasury_moves_cooperative_id_id"),
        "treasury_moves",
        ["cooperative_id", "id"],
        unique=False,
    )
    op.create_table(
        "disputes",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("stripe_id", sa.Text(), nullable=False),
        sa.Column("charge_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("due_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_disputes_amount_minor")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_disputes_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_disputes_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_disputes_stripe_id")),
    )
    op.create_index(
        op.f("ix_disputes_cooperative_id"), "disputes", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_disputes_cooperative_id_id"), "disputes", ["cooperative_id", "id"], unique=False
    )
    op.create_index(
        "ix_disputes_open",
        "disputes",
        ["order_id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(op.f("ix_disputes_order_id"), "disputes", ["order_id"], unique=False)
    op.create_table(
        "outbound_payments",
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("stripe_id", sa.Text(), nullable=True),
        sa.Column("debited_minor", sa.BigInteger(), nullable=True),
        sa.Column("debited_currency", sa.Text(), nullable=True),
        sa.Column("credited_minor", sa.BigInteger(), nullable=True),
        sa.Column("credited_currency", sa.Text(), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('done', 'refused', 'never_arrived')",
            name=op.f("ck_outbound_payments_outcome"),
        ),
        sa.CheckConstraint(
            "status IN ('asking', 'refused', 'processing', 'posted', 'failed', 'canceled', 'returned')",
            name=op.f("ck_outbound_payments_status"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_outbound_payments_amount_minor")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_outbound_payments_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["makers.id"], name=op.f("fk_outbound_payments_maker_id_makers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound_payments")),
        sa.UniqueConstraint("key", name=op.f("uq_outbound_payments_key")),
        sa.UniqueConstraint(
            "maker_id", "number", name=op.f("uq_outbound_payments_maker_id_number")
        ),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_outbound_payments_stripe_id")),
    )
    op.create_index(
        op.f("ix_outbound_payments_cooperative_id"),
        "outbound_payments",
        ["cooperative_id"],
        unique=False,
    )
    op.create_index(
        "ix_outbound_payments_open",
        "outbound_payments",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status IN ('asking', 'processing')"),
    )
    op.create_table(
        "rail_choices",
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("rail", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_rail_choices_actor"),
        ),
        sa.CheckConstraint(
            "rail IN ('stripe_transfer', 'stripe_outbound', 'manual')",
            name=op.f("ck_rail_choices_rail"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_rail_choices_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["makers.id"], name=op.f("fk_rail_choices_maker_id_makers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rail_choices")),
    )
    op.create_index(
        op.f("ix_rail_choices_cooperative_id"), "rail_choices", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_rail_choices_maker_id_id"), "rail_choices", ["maker_id", "id"], unique=False
    )
    op.create_table(
        "returns",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("authorised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authorised_by", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('changed_mind', 'damaged', 'not_as_described', 'wrong_piece', 'other')",
            name=op.f("ck_returns_reason"),
        ),
        sa.CheckConstraint(
            "status IN ('authorised', 'received', 'closed', 'cancelled')",
            name=op.f("ck_returns_status"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_returns_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_returns_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
    )
    op.create_index(op.f("ix_returns_cooperative_id"), "returns", ["cooperative_id"], unique=False)
    op.create_index(
        op.f("ix_returns_cooperative_id_id"), "returns", ["cooperative_id", "id"], unique=False
    )
    op.create_index(op.f("ix_returns_order_id"), "returns", ["order_id"], unique=False)
    op.create_table(
        "stray_payments",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("charge_id", sa.Text(), nullable=False),
        sa.Column("balance_transaction_id", sa.Text(), nullable=False),
        sa.Column("charged_minor", sa.BigInteger(), nullable=False),
        sa.Column("charged_currency", sa.Text(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("settlement_currency", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "gross_minor > 0 AND fee_minor >= 0", name=op.f("ck_stray_payments_gross")
        ),
        sa.CheckConstraint(
            "net_minor = gross_minor - fee_minor", name=op.f("ck_stray_payments_net")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_stray_payments_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_stray_payments_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stray_payments")),
        sa.UniqueConstraint(
            "balance_transaction_id", name=op.f("uq_stray_payments_balance_transaction_id")
        ),
        sa.UniqueConstraint("charge_id", name=op.f("uq_stray_payments_charge_id")),
    )
    op.create_index(
        op.f("ix_stray_payments_cooperative_id"), "stray_payments", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_stray_payments_order_id"), "stray_payments", ["order_id"], unique=False
    )
    op.create_table(
        "dispute_moves",
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("balance_transaction_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_dispute_moves_currency")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_dispute_moves_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["disputes.id"], name=op.f("fk_dispute_moves_dispute_id_disputes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_moves")),
        sa.UniqueConstraint(
            "balance_transaction_id", name=op.f("uq_dispute_moves_balance_transaction_id")
        ),
    )
    op.create_index(
        op.f("ix_dispute_moves_cooperative_id"), "dispute_moves", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_dispute_moves_dispute_id"), "dispute_moves", ["dispute_id"], unique=False
    )
    op.create_table(
        "refunds",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("return_id", sa.Uuid(), nullable=True),
        sa.Column("tender", sa.Text(), nullable=False),
        sa.Column("charge_id", sa.Text(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("stripe_id", sa.Text(), nullable=True),
        sa.Column("settled_minor", sa.BigInteger(), nullable=True),
        sa.Column("settlement_currency", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("receipt_number", sa.Text(), nullable=True),
        sa.Column("given_by_id", sa.Uuid(), nullable=True),
        sa.Column("witness_id", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_refunds_currency")),
        sa.CheckConstraint(
            "reason IN ('buyer_asked', 'returned', 'damaged', 'not_arrived', 'piece_gone', 'cancelled', 'paid_twice', 'goodwill')",
            name=op.f("ck_refunds_reason"),
        ),
        sa.CheckConstraint(
            "requested_by ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_refunds_requested_by"),
        ),
        sa.CheckConstraint(
            "status IN ('asking', 'pending', 'succeeded', 'failed')", name=op.f("ck_refunds_status")
        ),
        sa.CheckConstraint(
            "tender IN ('stripe', 'cash', 'yape', 'plin', 'bank')", name=op.f("ck_refunds_tender")
        ),
        sa.CheckConstraint(
            "(settled_minor IS NULL) = (settlement_currency IS NULL)",
            name=op.f("ck_refunds_settled"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refunds_amount_minor")),
        sa.CheckConstraint(
            "(tender = 'stripe') = (receipt_number IS NULL)"
            " AND (tender = 'stripe') = (given_by_id IS NULL)"
            " AND (tender = 'stripe') = (witness_id IS NULL)"
            " AND (tender = 'stripe') = (charge_id IS NOT NULL)",
            name=op.f("ck_refunds_by_hand"),
        ),
        sa.CheckConstraint("given_by_id <> witness_id", name=op.f("ck_refunds_two_names")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_refunds_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["given_by_id"], ["staff.id"], name=op.f("fk_refunds_given_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["witness_id"], ["staff.id"], name=op.f("fk_refunds_witness_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_refunds_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_refunds_return_id_returns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint(
            "cooperative_id",
            "receipt_number",
            name=op.f("uq_refunds_cooperative_id_receipt_number"),
        ),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_refunds_stripe_id")),
    )
    op.create_index(op.f("ix_refunds_cooperative_id"), "refunds", ["cooperative_id"], unique=False)
    op.create_index(
        "ix_refunds_open",
        "refunds",
        ["order_id"],
        unique=False,
        postgresql_where=sa.text("status IN ('asking', 'pending')"),
    )
    op.create_index(
        op.f("ix_refunds_cooperative_id_id"), "refunds", ["cooperative_id", "id"], unique=False
    )
    op.create_index(
        "uq_refunds_one_a_return",
        "refunds",
        ["return_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'failed'"),
    )
    op.create_index(op.f("ix_refunds_order_id"), "refunds", ["order_id"], unique=False)
    op.create_table(
        "receipt_signatures",
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_url", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_receipt_signatures_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipts.id"], name=op.f("fk_receipt_signatures_receipt_id_receipts")
        ),
        sa.PrimaryKeyConstraint("receipt_id", name=op.f("pk_receipt_signatures")),
    )
    op.create_index(
        op.f("ix_receipt_signatures_cooperative_id"),
        "receipt_signatures",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "refund_attempts",
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('done', 'refused', 'never_arrived')",
            name=op.f("ck_refund_attempts_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_refund_attempts_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_refund_attempts_refund_id_refunds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_attempts")),
        sa.UniqueConstraint("key", name=op.f("uq_refund_attempts_key")),
        sa.UniqueConstraint(
            "refund_id", "number", name=op.f("uq_refund_attempts_refund_id_number")
        ),
    )
    op.create_index(
        op.f("ix_refund_attempts_cooperative_id"),
        "refund_attempts",
        ["cooperative_id"],
        unique=False,
    )
    op.create_index(
        "uq_refund_attempts_one_live",
        "refund_attempts",
        ["refund_id"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL OR outcome = 'done'"),
    )
    op.create_table(
        "refund_parts",
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(what = 'line') = (line_id IS NOT NULL)", name=op.f("ck_refund_parts_line")
        ),
        sa.CheckConstraint(
            "what IN ('line', 'shipping', 'tax')", name=op.f("ck_refund_parts_what")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_parts_amount_minor")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_refund_parts_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_lines.id"], name=op.f("fk_refund_parts_line_id_order_lines")
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_refund_parts_refund_id_refunds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_parts")),
        sa.UniqueConstraint(
            "refund_id", "position", name=op.f("uq_refund_parts_refund_id_position")
        ),
    )
    op.create_index(
        op.f("ix_refund_parts_cooperative_id"), "refund_parts", ["cooperative_id"], unique=False
    )
    op.create_index(op.f("ix_refund_parts_line_id"), "refund_parts", ["line_id"], unique=False)
    op.create_table(
        "return_pieces",
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "disposition IN ('restocked', 'sold_as_b', 'written_off')",
            name=op.f("ck_return_pieces_disposition"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_return_pieces_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_lines.id"], name=op.f("fk_return_pieces_line_id_order_lines")
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_return_pieces_piece_id_pieces")
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_return_pieces_return_id_returns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_pieces")),
        sa.UniqueConstraint(
            "return_id", "line_id", name=op.f("uq_return_pieces_return_id_line_id")
        ),
    )
    op.create_index(
        op.f("ix_return_pieces_cooperative_id"), "return_pieces", ["cooperative_id"], unique=False
    )
    op.create_index(op.f("ix_return_pieces_line_id"), "return_pieces", ["line_id"], unique=False)
    op.create_index(op.f("ix_return_pieces_piece_id"), "return_pieces", ["piece_id"], unique=False)
    op.create_table(
        "outbound_parts",
        sa.Column("outbound_payment_id", sa.Uuid(), nullable=False),
        sa.Column("obligation_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_outbound_parts_amount_minor")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_outbound_parts_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["obligation_id"],
            ["obligations.id"],
            name=op.f("fk_outbound_parts_obligation_id_obligations"),
        ),
        sa.ForeignKeyConstraint(
            ["outbound_payment_id"],
            ["outbound_payments.id"],
            name=op.f("fk_outbound_parts_outbound_payment_id_outbound_payments"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound_parts")),
        sa.UniqueConstraint(
            "outbound_payment_id",
            "obligation_id",
            name=op.f("uq_outbound_parts_outbound_payment_id_obligation_id"),
        ),
    )
    op.create_index(
        op.f("ix_outbound_parts_cooperative_id"), "outbound_parts", ["cooperative_id"], unique=False
    )
    op.create_index(
        "uq_outbound_parts_one_live",
        "outbound_parts",
        ["obligation_id", "round"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_table(
        "pay_day_lines",
        sa.Column("pay_day_id", sa.Uuid(), nullable=False),
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("obligation_id", sa.Uuid(), nullable=False),
        sa.Column("owed_minor", sa.BigInteger(), nullable=False),
        sa.Column("owed_currency", sa.Text(), nullable=False),
        sa.Column("pay_minor", sa.BigInteger(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_why", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "owed_minor > 0 AND pay_minor >= 0", name=op.f("ck_pay_day_lines_amounts")
        ),
        sa.CheckConstraint(
            "receipt_id IS NULL OR released_at IS NULL",
            name=op.f("ck_pay_day_lines_paid_or_released"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_pay_day_lines_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["makers.id"], name=op.f("fk_pay_day_lines_maker_id_makers")
        ),
        sa.ForeignKeyConstraint(
            ["obligation_id"],
            ["obligations.id"],
            name=op.f("fk_pay_day_lines_obligation_id_obligations"),
        ),
        sa.ForeignKeyConstraint(
            ["pay_day_id"], ["pay_days.id"], name=op.f("fk_pay_day_lines_pay_day_id_pay_days")
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipts.id"], name=op.f("fk_pay_day_lines_receipt_id_receipts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_day_lines")),
        sa.UniqueConstraint(
            "pay_day_id", "obligation_id", name=op.f("uq_pay_day_lines_pay_day_id_obligation_id")
        ),
    )
    op.create_index(
        op.f("ix_pay_day_lines_cooperative_id"), "pay_day_lines", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_pay_day_lines_receipt_id"), "pay_day_lines", ["receipt_id"], unique=False
    )
    op.create_index(
        "uq_pay_day_lines_one_live",
        "pay_day_lines",
        ["obligation_id"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL AND receipt_id IS NULL"),
    )
    op.create_table(
        "recoveries",
        sa.Column("obligation_id", sa.Uuid(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("dispute_id", sa.Uuid(), nullable=True),
        sa.Column("part", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.Text(), nullable=True),
        sa.Column("reversal_id", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("consent", sa.Text(), nullable=True),
        sa.Column("evidence_url", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status <> 'offset' OR (consent IS NOT NULL AND evidence_url IS NOT NULL)",
            name=op.f("ck_recoveries_consent"),
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'reduced', 'reversing', 'reversed', 'undecided', 'absorbed', 'offset', 'restored')",
            name=op.f("ck_recoveries_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('absorbed', 'offset') OR decided_by IS NOT NULL",
            name=op.f("ck_recoveries_decided"),
        ),
        sa.CheckConstraint(
            "(refund_id IS NULL) <> (dispute_id IS NULL)", name=op.f("ck_recoveries_one_cause")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_recoveries_amount_minor")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_recoveries_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["disputes.id"], name=op.f("fk_recoveries_dispute_id_disputes")
        ),
        sa.ForeignKeyConstraint(
            ["obligation_id"],
            ["obligations.id"],
            name=op.f("fk_recoveries_obligation_id_obligations"),
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_recoveries_refund_id_refunds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recoveries")),
        sa.UniqueConstraint(
            "dispute_id",
            "obligation_id",
            "part",
            name=op.f("uq_recoveries_dispute_id_obligation_id_part"),
        ),
        sa.UniqueConstraint(
            "refund_id",
            "obligation_id",
            "part",
            name=op.f("uq_recoveries_refund_id_obligation_id_part"),
        ),
        sa.UniqueConstraint("reversal_id", name=op.f("uq_recoveries_reversal_id")),
    )
    op.create_index(
        op.f("ix_recoveries_cooperative_id"), "recoveries", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_recoveries_obligation_id"), "recoveries", ["obligation_id"], unique=False
    )
    op.create_index(op.f("ix_recoveries_transfer_id"), "recoveries", ["transfer_id"], unique=False)
    op.create_index(
        "ix_recoveries_open",
        "recoveries",
        ["cooperative_id", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('waiting', 'reversing', 'undecided')"),
    )
    op.create_table(
        "advances",
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("given_for", sa.Text(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=True),
        sa.Column("recovery_id", sa.Uuid(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'advance') = (receipt_id IS NOT NULL)", name=op.f("ck_advances_receipt")
        ),
        sa.CheckConstraint(
            "(kind = 'offset') = (recovery_id IS NOT NULL)", name=op.f("ck_advances_recovery")
        ),
        sa.CheckConstraint("kind IN ('advance', 'offset')", name=op.f("ck_advances_kind")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_advances_amount_minor")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_advances_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_advances_delivery_id_deliveries")
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["makers.id"], name=op.f("fk_advances_maker_id_makers")
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipts.id"], name=op.f("fk_advances_receipt_id_receipts")
        ),
        sa.ForeignKeyConstraint(
            ["recovery_id"], ["recoveries.id"], name=op.f("fk_advances_recovery_id_recoveries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advances")),
        sa.UniqueConstraint("receipt_id", name=op.f("uq_advances_receipt_id")),
        sa.UniqueConstraint("recovery_id", name=op.f("uq_advances_recovery_id")),
    )
    op.create_index(
        op.f("ix_advances_cooperative_id"), "advances", ["cooperative_id"], unique=False
    )
    op.create_index(op.f("ix_advances_maker_id_id"), "advances", ["maker_id", "id"], unique=False)
    op.create_table(
        "reversal_attempts",
        sa.Column("recovery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('done', 'refused', 'never_arrived')",
            name=op.f("ck_reversal_attempts_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_reversal_attempts_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["recovery_id"],
            ["recoveries.id"],
            name=op.f("fk_reversal_attempts_recovery_id_recoveries"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reversal_attempts")),
        sa.UniqueConstraint("key", name=op.f("uq_reversal_attempts_key")),
        sa.UniqueConstraint(
            "recovery_id", "number", name=op.f("uq_reversal_attempts_recovery_id_number")
        ),
    )
    op.create_index(
        op.f("ix_reversal_attempts_cooperative_id"),
        "reversal_attempts",
        ["cooperative_id"],
        unique=False,
    )
    op.create_index(
        "uq_reversal_attempts_one_live",
        "reversal_attempts",
        ["recovery_id"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL OR outcome = 'done'"),
    )
    op.create_table(
        "deductions",
        sa.Column("advance_id", sa.Uuid(), nullable=False),
        sa.Column("obligation_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_deductions_amount_minor")),
        sa.ForeignKeyConstraint(
            ["advance_id"], ["advances.id"], name=op.f("fk_deductions_advance_id_advances")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_deductions_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["obligation_id"],
            ["obligations.id"],
            name=op.f("fk_deductions_obligation_id_obligations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deductions")),
        sa.UniqueConstraint(
            "advance_id",
            "obligation_id",
            "round",
            name=op.f("uq_deductions_advance_id_obligation_id_round"),
        ),
    )
    op.create_index(
        op.f("ix_deductions_cooperative_id"), "deductions", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_deductions_obligation_id"), "deductions", ["obligation_id"], unique=False
    )
    op.create_table(
        "settlements_undone",
        sa.Column("settlement_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_settlements_undone_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["settlement_id"],
            ["settlements.id"],
            name=op.f("fk_settlements_undone_settlement_id_settlements"),
        ),
        sa.PrimaryKeyConstraint("settlement_id", name=op.f("pk_settlements_undone")),
    )
    op.create_index(
        op.f("ix_settlements_undone_cooperative_id"),
        "settlements_undone",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "found_reversals",
        sa.Column("obligation_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("transfer_id", sa.Text(), nullable=False),
        sa.Column("reversal_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_found_reversals_amount_minor")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_found_reversals_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["obligation_id"],
            ["obligations.id"],
            name=op.f("fk_found_reversals_obligation_id_obligations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_found_reversals")),
        sa.UniqueConstraint("reversal_id", name=op.f("uq_found_reversals_reversal_id")),
    )
    for column in ("cooperative_id", "obligation_id", "transfer_id"):
        op.create_index(op.f(f"ix_found_reversals_{column}"), "found_reversals", [column])
    op.create_table(
        "undone_parts",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("dispute_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(place = 'line') = (line_id IS NOT NULL)", name=op.f("ck_undone_parts_line")
        ),
        sa.CheckConstraint(
            "place IN ('line', 'shipping', 'tax')", name=op.f("ck_undone_parts_place")
        ),
        sa.CheckConstraint(
            "what IN ('price', 'fund', 'programme', 'fee', 'shipping', 'tax')",
            name=op.f("ck_undone_parts_what"),
        ),
        sa.CheckConstraint(
            "(refund_id IS NULL) <> (dispute_id IS NULL)", name=op.f("ck_undone_parts_one_cause")
        ),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_undone_parts_amount_minor")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_undone_parts_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["disputes.id"], name=op.f("fk_undone_parts_dispute_id_disputes")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_lines.id"], name=op.f("fk_undone_parts_line_id_order_lines")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_undone_parts_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_undone_parts_refund_id_refunds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undone_parts")),
    )
    op.create_index(
        op.f("ix_undone_parts_cooperative_id"), "undone_parts", ["cooperative_id"], unique=False
    )
    op.create_index(op.f("ix_undone_parts_order_id"), "undone_parts", ["order_id"], unique=False)


def change_tables() -> None:
    """What is added to tables that were there."""
    op.add_column("contributions", sa.Column("minutes", sa.BigInteger(), nullable=True))
    op.add_column(
        "obligations", sa.Column("round", sa.BigInteger(), server_default="1", nullable=False)
    )
    op.add_column(
        "order_payments", sa.Column("tender", sa.Text(), server_default="stripe", nullable=False)
    )
    op.add_column("order_payments", sa.Column("receipt_number", sa.Text(), nullable=True))
    op.add_column("order_payments", sa.Column("given_minor", sa.BigInteger(), nullable=True))
    op.add_column("order_payments", sa.Column("taken_by_id", sa.Uuid(), nullable=True))
    op.alter_column("order_payments", "session_id", existing_type=sa.TEXT(), nullable=True)
    op.alter_column("order_payments", "payment_intent_id", existing_type=sa.TEXT(), nullable=True)
    op.alter_column("order_payments", "charge_id", existing_type=sa.TEXT(), nullable=True)
    op.alter_column(
        "order_payments", "balance_transaction_id", existing_type=sa.TEXT(), nullable=True
    )
    op.create_unique_constraint(
        op.f("uq_order_payments_cooperative_id_receipt_number"),
        "order_payments",
        ["cooperative_id", "receipt_number"],
    )
    op.create_foreign_key(
        op.f("fk_order_payments_taken_by_id_staff"),
        "order_payments",
        "staff",
        ["taken_by_id"],
        ["id"],
    )
    op.add_column(
        "payout_accounts",
        sa.Column("bank_capability", sa.Text(), server_default="unknown", nullable=False),
    )
    op.add_column("payout_accounts", sa.Column("payout_method", sa.Text(), nullable=True))
    op.add_column("receipts", sa.Column("maker_id", sa.Uuid(), nullable=True))
    op.add_column("receipts", sa.Column("pay_day_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_receipts_maker_id"), "receipts", ["maker_id"], unique=False)
    op.create_index(op.f("ix_receipts_pay_day_id"), "receipts", ["pay_day_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_receipts_maker_id_makers"), "receipts", "makers", ["maker_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_receipts_pay_day_id_pay_days"), "receipts", "pay_days", ["pay_day_id"], ["id"]
    )
    op.add_column(
        "settlement_attempts",
        sa.Column("round", sa.BigInteger(), server_default="1", nullable=False),
    )
    op.add_column(
        "settlements", sa.Column("round", sa.BigInteger(), server_default="1", nullable=False)
    )
    op.add_column("settlements", sa.Column("outbound_payment_id", sa.Uuid(), nullable=True))
    op.drop_constraint(op.f("uq_settlements_obligation_id"), "settlements", type_="unique")
    op.drop_constraint(op.f("uq_settlements_receipt_id"), "settlements", type_="unique")
    op.create_index(
        op.f("ix_settlements_outbound_payment_id"),
        "settlements",
        ["outbound_payment_id"],
        unique=False,
    )
    op.create_index(op.f("ix_settlements_receipt_id"), "settlements", ["receipt_id"], unique=False)
    op.create_unique_constraint(
        op.f("uq_settlements_obligation_id_round"), "settlements", ["obligation_id", "round"]
    )
    op.create_foreign_key(
        op.f("fk_settlements_outbound_payment_id_outbound_payments"),
        "settlements",
        "outbound_payments",
        ["outbound_payment_id"],
        ["id"],
    )
    op.add_column(
        "share_policies",
        sa.Column("refund_fee_bearer", sa.Text(), server_default="fund", nullable=False),
    )
    op.add_column(
        "share_policies",
        sa.Column(
            "minimum_payout",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.add_column(
        "stripe_news", sa.Column("source", sa.Text(), server_default="webhook", nullable=False)
    )
