"""Messages about orders, and photos of an order: a packed parcel, a letter.

One new table, of facts; and one more kind of thing on a photo. For that the CHECK on photos is put on
anew: no row is rewritten, but each is looked at while the table is locked.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WHO = "'^(staff|application|buyer|system):[0-9a-z_-]+$'"
KINDS = (
    "'piece', 'inspection', 'defect', 'delivery', 'maker', 'listing', 'receipt', 'commission',"
    " 'swatch', 'order'"
)


def upgrade() -> None:
    """Build the table and guard it; let photos show an order."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "order_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("medium", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("said_by IN ('buyer', 'house')", name=op.f("ck_order_messages_said_by")),
        sa.CheckConstraint(
            "medium IN ('email', 'chat', 'phone', 'in_person', 'letter')",
            name=op.f("ck_order_messages_medium"),
        ),
        sa.CheckConstraint(f"actor ~ {WHO}", name=op.f("ck_order_messages_actor")),
        sa.CheckConstraint("said_at <= recorded_at", name=op.f("ck_order_messages_said_before")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_messages_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_order_messages_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_messages")),
    )
    op.create_index(op.f("ix_order_messages_cooperative_id"), "order_messages", ["cooperative_id"])
    op.create_index(op.f("ix_order_messages_order_id_id"), "order_messages", ["order_id", "id"])
    op.execute(
        "CREATE TRIGGER order_messages_written_once BEFORE UPDATE OR DELETE ON order_messages"
        " FOR EACH ROW EXECUTE FUNCTION pallay_written_once()"
    )
    op.execute(
        "CREATE TRIGGER order_messages_not_truncated BEFORE TRUNCATE ON order_messages"
        " FOR EACH STATEMENT EXECUTE FUNCTION pallay_written_once()"
    )
    op.execute("ALTER TABLE photos DROP CONSTRAINT ck_photos_subject_kind")
    op.execute(
        "ALTER TABLE photos ADD CONSTRAINT ck_photos_subject_kind"
        f" CHECK (subject_kind IN ({KINDS})) NOT VALID"
    )
    op.execute("ALTER TABLE photos VALIDATE CONSTRAINT ck_photos_subject_kind")
