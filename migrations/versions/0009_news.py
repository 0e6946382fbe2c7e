"""News and unfinished work: endpoints apart, what was given up, what a person had tried again.

The new column is empty; the check is added without reading the table and then validated, which
holds up nobody; the indexes are on small tables or on the few rows that failed.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FACTS = ("catch_ups", "repetitions")
ACTOR = "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'"


def upgrade() -> None:
    """Build it."""
    change_news()
    build_tables()
    guard_facts()
    # What gave up is looked for among everything that was ever done.
    op.execute(
        "CREATE INDEX ix_procrastinate_jobs_failed ON procrastinate_jobs (id)"
        " WHERE status = 'failed'"
    )


def change_news() -> None:
    """When it was given up, and the endpoints it may come from."""
    op.add_column("stripe_news", sa.Column("given_up_at", sa.DateTime(timezone=True)))
    op.execute(
        "ALTER TABLE stripe_news ADD CONSTRAINT ck_stripe_news_source"
        " CHECK (source IN ('webhook', 'connect', 'thin', 'caught_up')) NOT VALID"
    )
    op.execute("ALTER TABLE stripe_news VALIDATE CONSTRAINT ck_stripe_news_source")
    op.create_index(op.f("ix_stripe_news_received_at_id"), "stripe_news", ["received_at", "id"])


def build_tables() -> None:
    """What people had tried again, and the runs of catching up."""
    op.create_table(
        "repetitions",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(ACTOR, name=op.f("ck_repetitions_actor")),
        sa.CheckConstraint("subject ~ '^(job|news):'", name=op.f("ck_repetitions_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repetitions")),
    )
    op.create_index(op.f("ix_repetitions_subject"), "repetitions", ["subject"])
    op.create_index(
        "uq_repetitions_one_a_job",
        "repetitions",
        ["subject"],
        unique=True,
        postgresql_where=sa.text("subject LIKE 'job:%'"),
    )
    op.create_table(
        "catch_ups",
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("waiting", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(ACTOR, name=op.f("ck_catch_ups_actor")),
        sa.CheckConstraint("seen >= waiting AND waiting >= 0", name=op.f("ck_catch_ups_seen")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catch_ups")),
    )
    op.create_index(op.f("ix_catch_ups_part_started_at"), "catch_ups", ["part", "started_at"])


def guard_facts() -> None:
    """Let the database itself refuse to change what is written once."""
    for table in FACTS:
        op.execute(
            f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION pallay_written_once()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION pallay_written_once()"
        )
