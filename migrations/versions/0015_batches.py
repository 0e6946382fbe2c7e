"""Batches: spreadsheets that were sent, their files, and what is wrong with them. Only new tables.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

WHO = "'^(staff|application|buyer|system):[0-9a-z_-]+$'"


def upgrade() -> None:
    """Build three tables."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("byte_length", sa.BigInteger(), nullable=False),
        sa.Column("most_rows", sa.BigInteger(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=True),
        sa.Column("rows_checked", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rows_applied", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("problem_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_by", sa.Text(), nullable=True),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('designs', 'makers', 'pieces')", name=op.f("ck_batches_kind")),
        sa.CheckConstraint("format IN ('csv', 'xlsx')", name=op.f("ck_batches_format")),
        sa.CheckConstraint(
            "status IN ('uploaded', 'checking', 'checked', 'applying', 'applied', 'refused')",
            name=op.f("ck_batches_status"),
        ),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_batches_sha256")),
        sa.CheckConstraint("byte_length > 0 AND most_rows > 0", name=op.f("ck_batches_limits")),
        sa.CheckConstraint(
            "rows_checked >= 0 AND rows_applied >= 0 AND problem_count >= 0",
            name=op.f("ck_batches_counts"),
        ),
        sa.CheckConstraint(
            "refusal IS NULL OR status = 'refused'", name=op.f("ck_batches_refusal")
        ),
        sa.CheckConstraint(f"created_by ~ {WHO}", name=op.f("ck_batches_created_by")),
        sa.CheckConstraint(f"applied_by ~ {WHO}", name=op.f("ck_batches_applied_by")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_batches_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index(op.f("ix_batches_cooperative_id"), "batches", ["cooperative_id"])
    op.create_index(op.f("ix_batches_cooperative_id_id"), "batches", ["cooperative_id", "id"])
    op.create_index(
        "ix_batches_open",
        "batches",
        ["id"],
        postgresql_where=sa.text("status NOT IN ('applied', 'refused')"),
    )
    op.create_table(
        "batch_files",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_batch_files_batch_id_batches")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_batch_files_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_batch_files")),
    )
    op.create_index(op.f("ix_batch_files_cooperative_id"), "batch_files", ["cooperative_id"])
    # A workbook is compressed already.
    op.execute("ALTER TABLE batch_files ALTER COLUMN content SET STORAGE EXTERNAL")
    op.create_table(
        "batch_problems",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_batch_problems_batch_id_batches")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_batch_problems_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_problems")),
    )
    op.create_index(op.f("ix_batch_problems_cooperative_id"), "batch_problems", ["cooperative_id"])
    op.create_index(op.f("ix_batch_problems_batch_id_id"), "batch_problems", ["batch_id", "id"])
