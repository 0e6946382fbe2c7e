"""A reversal made in Stripe's dashboard may be for several recoveries.

The table is small (one row a share of a sale that was undone).

<<<<<<<< HEAD:migrations/versions/0006_what_was_taken_back_in_parts.py
Revision ID: 0006
Revises: 0005
========
Revision ID: 0005
Revises: 0004
>>>>>>>> ae34b97 (The migration of parts comes after the stock room's):migrations/versions/0005_what_was_taken_back_in_parts.py
"""

from alembic import op

<<<<<<<< HEAD:migrations/versions/0006_what_was_taken_back_in_parts.py
revision = "0006"
down_revision = "0005"
========
revision = "0005"
down_revision = "0004"
>>>>>>>> ae34b97 (The migration of parts comes after the stock room's):migrations/versions/0005_what_was_taken_back_in_parts.py
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Not one recovery a reversal, but as many as it was made for."""
    op.drop_constraint(op.f("uq_recoveries_reversal_id"), "recoveries", type_="unique")
    op.create_index(op.f("ix_recoveries_reversal_id"), "recoveries", ["reversal_id"], unique=False)
