"""Measures of a commission have the tolerances that a design's have.

New columns have a constant default, so no table is rewritten; the new checks read it once while
writing to it waits.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CHECKS = (
    ("sides", "sides IN ('both', 'least', 'most')"),
    ("shares", "minus_bp BETWEEN 0 AND 10000 AND plus_bp BETWEEN 0 AND 10000"),
    (
        "one_sided",
        "(sides <> 'least' OR (plus = 0 AND plus_bp = 0)) AND (sides <> 'most' OR (minus = 0 AND minus_bp = 0))",
    ),
)


def upgrade() -> None:
    """Tolerances in basis points, and sides."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("minus_bp", "plus_bp"):
        op.add_column(
            "commission_measures",
            sa.Column(name, sa.BigInteger(), server_default="0", nullable=False),
        )
    op.add_column(
        "commission_measures",
        sa.Column("sides", sa.Text(), server_default="both", nullable=False),
    )
    for name, condition in CHECKS:
        op.create_check_constraint(
            op.f(f"ck_commission_measures_{name}"), "commission_measures", condition
        )
