"""A reversal made in Stripe's dashboard may be for several recoveries.

The table is small (one row a share of a sale that was undone).

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Not one recovery a reversal, but as many as it was made for."""
    op.drop_constraint(op.f("uq_recoveries_reversal_id"), "recoveries", type_="unique")
    op.create_index(op.f("ix_recoveries_reversal_id"), "recoveries", ["reversal_id"], unique=False)
