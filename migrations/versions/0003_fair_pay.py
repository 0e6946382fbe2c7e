"""Fair pay, and what a purchase document is written from.

Reference wages keep a month's wage as it was published, with the minutes of that month: what was an
amount for an hour is one for 60 minutes. New columns are empty or have a constant default; the new
checks and the index read their table (a row a maker and piece) once while writing to it waits.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the wages, build what is new, guard the new facts."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    change_wages()
    op.add_column("contributions", sa.Column("materials_minor", sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_contributions_materials_minor"), "contributions", "materials_minor > 0"
    )
    op.create_index(op.f("ix_obligations_piece_id"), "obligations", ["piece_id"], unique=False)
    build_rules()
    build_papers()
    op.execute(
        "CREATE TRIGGER withholding_rules_written_once BEFORE UPDATE OR DELETE ON withholding_rules"
        " FOR EACH ROW EXECUTE FUNCTION pallay_written_once()"
    )
    op.execute(
        "CREATE TRIGGER withholding_rules_not_truncated BEFORE TRUNCATE ON withholding_rules"
        " FOR EACH STATEMENT EXECUTE FUNCTION pallay_written_once()"
    )


def change_wages() -> None:
    """An amount for so many minutes, in versions."""
    op.drop_constraint(op.f("ck_reference_wages_hourly_minor"), "reference_wages", type_="check")
    op.drop_constraint(
        op.f("uq_reference_wages_cooperative_id_kind_currency_valid_from"),
        "reference_wages",
        type_="unique",
    )
    op.alter_column("reference_wages", "hourly_minor", new_column_name="amount_minor")
    for name, default in (("version", "1"), ("minutes", "60")):
        op.add_column(
            "reference_wages",
            sa.Column(name, sa.BigInteger(), server_default=default, nullable=False),
        )
    for name, condition in (("amount_minor", "amount_minor > 0"), ("minutes", "minutes > 0")):
        op.create_check_constraint(op.f(f"ck_reference_wages_{name}"), "reference_wages", condition)
    op.create_unique_constraint(
        op.f("uq_reference_wages_cooperative_id_kind_valid_from_version"),
        "reference_wages",
        ["cooperative_id", "kind", "valid_from", "version"],
    )


def build_rules() -> None:
    """What a buyer may have to withhold, with its dates."""
    op.create_table(
        "withholding_rules",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("rate_bp", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('igv', 'ipm', 'income_tax')", name=op.f("ck_withholding_rules_kind")
        ),
        sa.CheckConstraint(
            "rate_bp BETWEEN 0 AND 10000", name=op.f("ck_withholding_rules_rate_bp")
        ),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_withholding_rules_valid_to")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_withholding_rules_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withholding_rules")),
        sa.UniqueConstraint(
            "cooperative_id",
            "kind",
            "valid_from",
            "version",
            name=op.f("uq_withholding_rules_cooperative_id_kind_valid_from_version"),
        ),
    )
    op.create_index(
        op.f("ix_withholding_rules_cooperative_id"), "withholding_rules", ["cooperative_id"]
    )


def build_papers() -> None:
    """Makers' identity papers."""
    op.create_table(
        "maker_papers",
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("ruc", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('dni', 'foreigner_card', 'passport')", name=op.f("ck_maker_papers_kind")
        ),
        sa.CheckConstraint(
            "kind <> 'dni' OR number ~ '^[0-9]{8}$'", name=op.f("ck_maker_papers_dni")
        ),
        sa.CheckConstraint("number ~ '^[0-9A-Z-]{4,20}$'", name=op.f("ck_maker_papers_number")),
        sa.CheckConstraint("ruc ~ '^(10|15|17)[0-9]{9}$'", name=op.f("ck_maker_papers_ruc")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_maker_papers_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["makers.id"], name=op.f("fk_maker_papers_maker_id_makers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maker_papers")),
    )
    op.create_index(op.f("ix_maker_papers_cooperative_id"), "maker_papers", ["cooperative_id"])
    op.create_index(
        op.f("ix_maker_papers_maker_id_valid_from_id"),
        "maker_papers",
        ["maker_id", "valid_from", "id"],
    )
