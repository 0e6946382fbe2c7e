"""Photos: announced, received, printed, published under consent; listings show ours too.

New tables, and one column of `listing_photos` that may be null now; its check is validated under a
lock for as long as that small table is read once.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

#: Tables of facts that come with this revision; each refuses UPDATE, DELETE and TRUNCATE.
FACTS = ("photo_publication_consents",)


def upgrade() -> None:
    """Build what is new, let listings show it, guard the new facts."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    build_tables()
    change_listings()
    for table in FACTS:
        op.execute(
            f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION pallay_written_once()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION pallay_written_once()"
        )


def change_listings() -> None:
    """A listing's photo is kept elsewhere, or is one of ours."""
    op.add_column("listing_photos", sa.Column("photo_id", sa.Uuid(), nullable=True))
    op.alter_column("listing_photos", "url", existing_type=sa.TEXT(), nullable=True)
    op.create_index(
        op.f("ix_listing_photos_photo_id"), "listing_photos", ["photo_id"], unique=False
    )
    op.create_foreign_key(
        op.f("fk_listing_photos_photo_id_photos"), "listing_photos", "photos", ["photo_id"], ["id"]
    )
    op.create_check_constraint(
        op.f("ck_listing_photos_one_source"), "listing_photos", "num_nonnulls(url, photo_id) = 1"
    )


def build_tables() -> None:
    """The tables of photos."""
    op.create_table(
        "photos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("byte_length", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("alt", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("others_shown", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("original_key", sa.Text(), nullable=True),
        sa.Column("prints_key", sa.Text(), nullable=True),
        sa.Column("width", sa.BigInteger(), nullable=True),
        sa.Column("height", sa.BigInteger(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(original_key IS NOT NULL) = (status IN ('received', 'ready'))",
            name=op.f("ck_photos_original_key"),
        ),
        sa.CheckConstraint(
            "(prints_key IS NOT NULL) = (status = 'ready')", name=op.f("ck_photos_prints_key")
        ),
        sa.CheckConstraint(
            "(refusal IS NOT NULL) = (status = 'refused')", name=op.f("ck_photos_refusal")
        ),
        sa.CheckConstraint(
            "created_by ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_photos_created_by"),
        ),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_photos_sha256")),
        sa.CheckConstraint(
            "status <> 'ready' OR (width IS NOT NULL AND height IS NOT NULL)",
            name=op.f("ck_photos_measured"),
        ),
        sa.CheckConstraint(
            "status IN ('awaited', 'received', 'ready', 'refused', 'removed')",
            name=op.f("ck_photos_status"),
        ),
        sa.CheckConstraint(
            "subject_kind IN ('piece', 'inspection', 'defect', 'delivery', 'maker', 'listing', 'receipt', 'commission', 'swatch')",
            name=op.f("ck_photos_subject_kind"),
        ),
        sa.CheckConstraint("byte_length > 0", name=op.f("ck_photos_byte_length")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_photos_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photos")),
    )
    op.create_index(op.f("ix_photos_cooperative_id"), "photos", ["cooperative_id"], unique=False)
    op.create_index(
        op.f("ix_photos_cooperative_id_id"), "photos", ["cooperative_id", "id"], unique=False
    )
    op.create_index(
        "ix_photos_received",
        "photos",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status = 'received'"),
    )
    op.create_index(op.f("ix_photos_subject_id_id"), "photos", ["subject_id", "id"], unique=False)
    op.create_table(
        "photo_makers",
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_photo_makers_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["makers.id"], name=op.f("fk_photo_makers_maker_id_makers")
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photos.id"], name=op.f("fk_photo_makers_photo_id_photos")
        ),
        sa.PrimaryKeyConstraint("photo_id", "maker_id", name=op.f("pk_photo_makers")),
    )
    op.create_index(
        op.f("ix_photo_makers_cooperative_id"), "photo_makers", ["cooperative_id"], unique=False
    )
    op.create_index(op.f("ix_photo_makers_maker_id"), "photo_makers", ["maker_id"], unique=False)
    op.create_table(
        "photo_publications",
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("public_name", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "public_name ~ '^[0-9a-f]{40}$'", name=op.f("ck_photo_publications_public_name")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'withdrawn')", name=op.f("ck_photo_publications_status")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_photo_publications_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photos.id"], name=op.f("fk_photo_publications_photo_id_photos")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo_publications")),
        sa.UniqueConstraint("public_name", name=op.f("uq_photo_publications_public_name")),
    )
    op.create_index(
        op.f("ix_photo_publications_cooperative_id"),
        "photo_publications",
        ["cooperative_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_photo_publications_photo_id"), "photo_publications", ["photo_id"], unique=False
    )
    op.create_index(
        "uq_photo_publications_one_open",
        "photo_publications",
        ["photo_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "photo_publication_consents",
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consent_id"],
            ["consents.id"],
            name=op.f("fk_photo_publication_consents_consent_id_consents"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_photo_publication_consents_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["photo_publications.id"],
            name=op.f("fk_photo_publication_consents_publication_id_photo_publications"),
        ),
        sa.PrimaryKeyConstraint(
            "publication_id", "consent_id", name=op.f("pk_photo_publication_consents")
        ),
    )
    op.create_index(
        op.f("ix_photo_publication_consents_consent_id"),
        "photo_publication_consents",
        ["consent_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_photo_publication_consents_cooperative_id"),
        "photo_publication_consents",
        ["cooperative_id"],
        unique=False,
    )
