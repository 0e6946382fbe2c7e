"""Labels: numbers of GS1, care symbols, who answers for goods in a market.

New tables only; all four hold facts.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

#: Tables of facts that come with this revision; each refuses UPDATE, DELETE and TRUNCATE.
FACTS = ("gtins", "gtin_endings", "care_symbols", "label_parties")

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Build what is new, guard the new facts."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    build_gtins()
    build_care()
    build_parties()
    for table in FACTS:
        op.execute(
            f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION pallay_written_once()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION pallay_written_once()"
        )


def build_gtins() -> None:
    """Numbers of GS1, and those that are printed no longer."""
    op.create_table(
        "gtins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("design_id", sa.Uuid(), nullable=False),
        sa.Column("gtin", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("gtin ~ '^[0-9]{14}$'", name=op.f("ck_gtins_gtin")),
        *references("gtins", design_id="designs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gtins")),
        sa.UniqueConstraint("cooperative_id", "gtin", name=op.f("uq_gtins_cooperative_id_gtin")),
    )
    op.create_index(op.f("ix_gtins_cooperative_id"), "gtins", ["cooperative_id"])
    op.create_index(op.f("ix_gtins_design_id_id"), "gtins", ["design_id", "id"])
    op.create_table(
        "gtin_endings",
        sa.Column("gtin_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        *references("gtin_endings", gtin_id="gtins"),
        sa.PrimaryKeyConstraint("gtin_id", name=op.f("pk_gtin_endings")),
    )
    op.create_index(op.f("ix_gtin_endings_cooperative_id"), "gtin_endings", ["cooperative_id"])


def build_care() -> None:
    """The five symbols of a design."""
    op.create_table(
        "care_symbols",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("design_id", sa.Uuid(), nullable=False),
        sa.Column("wash", sa.Text(), nullable=False),
        sa.Column("bleach", sa.Text(), nullable=False),
        sa.Column("dry", sa.Text(), nullable=False),
        sa.Column("iron", sa.Text(), nullable=False),
        sa.Column("professional", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "wash IN ('hand', 'gentle_30', 'normal_30', 'normal_40', 'no')",
            name=op.f("ck_care_symbols_wash"),
        ),
        sa.CheckConstraint(
            "bleach IN ('any', 'oxygen', 'no')", name=op.f("ck_care_symbols_bleach")
        ),
        sa.CheckConstraint(
            "dry IN ('flat_shade', 'flat', 'line', 'line_shade', 'tumble_low')",
            name=op.f("ck_care_symbols_dry"),
        ),
        sa.CheckConstraint(
            "iron IN ('low', 'medium', 'high', 'no')", name=op.f("ck_care_symbols_iron")
        ),
        sa.CheckConstraint(
            "professional IN ('dry_clean', 'wet_clean', 'no')",
            name=op.f("ck_care_symbols_professional"),
        ),
        *references("care_symbols", design_id="designs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_symbols")),
    )
    op.create_index(op.f("ix_care_symbols_cooperative_id"), "care_symbols", ["cooperative_id"])
    op.create_index(op.f("ix_care_symbols_design_id_id"), "care_symbols", ["design_id", "id"])


def build_parties() -> None:
    """Who answers in a market."""
    op.create_table(
        "label_parties",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("registration", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "market IN ('inside', 'peru', 'eu', 'uk', 'us')", name=op.f("ck_label_parties_market")
        ),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 120", name=op.f("ck_label_parties_name")),
        sa.CheckConstraint(
            "length(address) BETWEEN 1 AND 200", name=op.f("ck_label_parties_address")
        ),
        *references("label_parties"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_parties")),
    )
    op.create_index(op.f("ix_label_parties_cooperative_id"), "label_parties", ["cooperative_id"])
    op.create_index(
        op.f("ix_label_parties_cooperative_id_market_valid_from"),
        "label_parties",
        ["cooperative_id", "market", "valid_from"],
    )


def references(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    """Foreign keys of a table, that to its co-operative among them."""
    return [
        sa.ForeignKeyConstraint(
            [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
        )
        for column, target in {**columns, "cooperative_id": "cooperatives"}.items()
    ]
