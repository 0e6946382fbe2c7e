"""The audit: one written-once table of who changed what, when and with which key.

Of what was there only one index is new; what was done before has no entry.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLE = "audit_entries"


def upgrade() -> None:
    """Build the table with its indexes, and guard it."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        TABLE,
        sa.Column("cooperative_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("subject_noun", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Text(), nullable=True),
        sa.Column("touched", JSONB(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_audit_entries_actor"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    for columns in (
        ["cooperative_id", "at", "id"],
        ["cooperative_id", "actor", "at", "id"],
        ["cooperative_id", "operation", "at", "id"],
    ):
        op.create_index(op.f(f"ix_{TABLE}_{'_'.join(columns)}"), TABLE, columns)
    op.create_index(
        op.f("ix_audit_entries_key_id_at_id"),
        TABLE,
        ["key_id", "at", "id"],
        postgresql_where=sa.text("key_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_audit_entries_touched"),
        TABLE,
        ["touched"],
        postgresql_using="gin",
        postgresql_ops={"touched": "jsonb_path_ops"},
    )
    # A piece's history asks for its alerts, answered ones among them.
    op.create_index(op.f("ix_bench_alerts_piece_id"), "bench_alerts", ["piece_id"])
    op.execute(
        f"CREATE TRIGGER {TABLE}_written_once BEFORE UPDATE OR DELETE ON {TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION pallay_written_once()"
    )
    op.execute(
        f"CREATE TRIGGER {TABLE}_not_truncated BEFORE TRUNCATE ON {TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION pallay_written_once()"
    )
