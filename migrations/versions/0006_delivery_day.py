"""Delivery day and commissions: groups, colours, pedidos, reserved tags, deliveries row by row.

No table is rewritten: columns are added empty or with a constant default. The two checks of
deliveries are validated under a lock that stops writing to it while it is read once (one row a
delivery day).

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

#: Tables of facts that come with this revision; each refuses UPDATE, DELETE and TRUNCATE.
FACTS = (
    "asked_makers",
    "attendances",
    "colour_standards",
    "commission_answers",
    "commission_colours",
    "commission_lines",
    "commission_measures",
    "commission_progress",
    "fulfilments",
    "photos_to_come",
    "reserved_tags",
    "tag_reservations",
)

#: (constraint, condition) of deliveries: one day may have every row refused, and be sent again.
CHECKS = (
    ("piece_count", "piece_count BETWEEN 0 AND 200"),
    ("mode", "mode IN ('all_or_nothing', 'each_row')"),
)

#: What was agreed stays as it was agreed.
ONLY_THE_STATUS_CHANGES = """
CREATE FUNCTION pallay_only_the_status_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'status' <> to_jsonb(OLD) - 'status' THEN
        RAISE EXCEPTION '%.% is agreed and not changed', TG_TABLE_NAME, OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    """Build what is new, change what was, guard the new facts and what was agreed."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    build_tables()
    for name, condition in CHECKS:
        op.execute(f"ALTER TABLE deliveries DROP CONSTRAINT IF EXISTS ck_deliveries_{name}")
        op.create_check_constraint(op.f(f"ck_deliveries_{name}"), "deliveries", condition)
    for table in FACTS:
        op.execute(
            f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION pallay_written_once()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION pallay_written_once()"
        )
    op.execute(ONLY_THE_STATUS_CHANGES)
    op.execute(
        "CREATE TRIGGER commissions_frozen BEFORE UPDATE ON commissions "
        "FOR EACH ROW EXECUTE FUNCTION pallay_only_the_status_changes()"
    )


def build_tables() -> None:
    """The tables that are new, and the columns of old ones."""
    op.create_table(
        "colour_standards",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("swatch_photo_id", sa.Uuid(), nullable=True),
        sa.Column("swatch_place", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_colour_standards_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_colour_standards")),
        sa.UniqueConstraint(
            "cooperative_id", "code", name=op.f("uq_colour_standards_cooperative_id_code")
        ),
    )
    op.create_index(
        op.f("ix_colour_standards_cooperative_id"),
        "colour_standards",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "maker_groups",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_maker_groups_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maker_groups")),
        sa.UniqueConstraint(
            "cooperative_id", "name", name=op.f("uq_maker_groups_cooperative_id_name")
        ),
    )
    op.create_index(
        op.f("ix_maker_groups_cooperative_id"), "maker_groups", ["cooperative_id"], unique=False
    )
    op.create_table(
        "commissions",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("client", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("advance_minor", sa.BigInteger(), nullable=True),
        sa.Column("advance_currency", sa.Text(), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "created_by ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_commissions_created_by"),
        ),
        sa.CheckConstraint(
            "status IN ('asked', 'accepted', 'declined', 'part_delivered', 'complete', 'cancelled')",
            name=op.f("ck_commissions_status"),
        ),
        sa.CheckConstraint(
            "(advance_minor IS NULL) = (advance_currency IS NULL) AND advance_minor > 0",
            name=op.f("ck_commissions_advance"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_commissions_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["maker_groups.id"], name=op.f("fk_commissions_group_id_maker_groups")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["commissions.id"], name=op.f("fk_commissions_replaces_id_commissions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions")),
        sa.UniqueConstraint(
            "cooperative_id", "number", name=op.f("uq_commissions_cooperative_id_number")
        ),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_commissions_replaces_id")),
    )
    op.create_index(
        op.f("ix_commissions_cooperative_id"), "commissions", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_commissions_cooperative_id_status_id"),
        "commissions",
        ["cooperative_id", "status", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_commissions_group_id"), "commissions", ["group_id"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_by", sa.Text(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_memberships_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["maker_groups.id"], name=op.f("fk_memberships_group_id_maker_groups")
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["makers.id"], name=op.f("fk_memberships_maker_id_makers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
    )
    op.create_index(
        op.f("ix_memberships_cooperative_id"), "memberships", ["cooperative_id"], unique=False
    )
    op.create_index(op.f("ix_memberships_maker_id"), "memberships", ["maker_id"], unique=False)
    op.create_index(
        "uq_memberships_once_at_a_time",
        "memberships",
        ["group_id", "maker_id"],
        unique=True,
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_table(
        "tag_reservations",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("reserved_for", sa.Date(), nullable=False),
        sa.Column("tag_count", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "tag_count BETWEEN 1 AND 500", name=op.f("ck_tag_reservations_tag_count")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_tag_reservations_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["locations.id"],
            name=op.f("fk_tag_reservations_location_id_locations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_reservations")),
    )
    op.create_index(
        op.f("ix_tag_reservations_cooperative_id"),
        "tag_reservations",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "asked_makers",
        sa.Column("commission_id", sa.Uuid(), nullable=False),
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commission_id"],
            ["commissions.id"],
            name=op.f("fk_asked_makers_commission_id_commissions"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_asked_makers_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["makers.id"], name=op.f("fk_asked_makers_maker_id_makers")
        ),
        sa.PrimaryKeyConstraint("commission_id", "maker_id", name=op.f("pk_asked_makers")),
    )
    op.create_index(
        op.f("ix_asked_makers_cooperative_id"), "asked_makers", ["cooperative_id"], unique=False
    )
    op.create_index(op.f("ix_asked_makers_maker_id"), "asked_makers", ["maker_id"], unique=False)
    op.create_table(
        "attendances",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_attendances_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_attendances_delivery_id_deliveries")
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["makers.id"], name=op.f("fk_attendances_maker_id_makers")
        ),
        sa.PrimaryKeyConstraint("delivery_id", "maker_id", name=op.f("pk_attendances")),
    )
    op.create_index(
        op.f("ix_attendances_cooperative_id"), "attendances", ["cooperative_id"], unique=False
    )
    op.create_index(op.f("ix_attendances_maker_id"), "attendances", ["maker_id"], unique=False)
    op.create_table(
        "commission_lines",
        sa.Column("commission_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("design_id", sa.Uuid(), nullable=False),
        sa.Column("limit_set_id", sa.Uuid(), nullable=False),
        sa.Column("limit_set_version", sa.BigInteger(), nullable=False),
        sa.Column("maker_id", sa.Uuid(), nullable=True),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(agreement = 'pay_on_acceptance') = (price_minor IS NOT NULL) AND (price_minor IS NULL) = (currency IS NULL) AND price_minor > 0",
            name=op.f("ck_commission_lines_price"),
        ),
        sa.CheckConstraint(
            "agreement IN ('pay_on_acceptance', 'share_on_sale')",
            name=op.f("ck_commission_lines_agreement"),
        ),
        sa.CheckConstraint("pieces BETWEEN 1 AND 1000", name=op.f("ck_commission_lines_pieces")),
        sa.ForeignKeyConstraint(
            ["commission_id"],
            ["commissions.id"],
            name=op.f("fk_commission_lines_commission_id_commissions"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_commission_lines_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["design_id"], ["designs.id"], name=op.f("fk_commission_lines_design_id_designs")
        ),
        sa.ForeignKeyConstraint(
            ["limit_set_id"],
            ["limit_sets.id"],
            name=op.f("fk_commission_lines_limit_set_id_limit_sets"),
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["makers.id"], name=op.f("fk_commission_lines_maker_id_makers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_lines")),
        sa.UniqueConstraint(
            "commission_id", "position", name=op.f("uq_commission_lines_commission_id_position")
        ),
        sa.UniqueConstraint("id", "pieces", name=op.f("uq_commission_lines_id_pieces")),
    )
    op.create_index(
        op.f("ix_commission_lines_cooperative_id"),
        "commission_lines",
        ["cooperative_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_commission_lines_design_id"), "commission_lines", ["design_id"], unique=False
    )
    op.create_index(
        op.f("ix_commission_lines_maker_id"), "commission_lines", ["maker_id"], unique=False
    )
    op.create_table(
        "commission_progress",
        sa.Column("commission_id", sa.Uuid(), nullable=False),
        sa.Column("maker_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("photo_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commission_id"],
            ["commissions.id"],
            name=op.f("fk_commission_progress_commission_id_commissions"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_commission_progress_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["makers.id"], name=op.f("fk_commission_progress_maker_id_makers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_progress")),
    )
    op.create_index(
        op.f("ix_commission_progress_commission_id_id"),
        "commission_progress",
        ["commission_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_commission_progress_cooperative_id"),
        "commission_progress",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "reserved_tags",
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("reservation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_reserved_tags_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["tag_reservations.id"],
            name=op.f("fk_reserved_tags_reservation_id_tag_reservations"),
        ),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_reserved_tags")),
    )
    op.create_index(
        op.f("ix_reserved_tags_cooperative_id"), "reserved_tags", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_reserved_tags_reservation_id"), "reserved_tags", ["reservation_id"], unique=False
    )
    op.create_table(
        "commission_answers",
        sa.Column("commission_id", sa.Uuid(), nullable=False),
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "answer = 'accepted' OR length(reason) > 0", name=op.f("ck_commission_answers_reason")
        ),
        sa.CheckConstraint(
            "answer IN ('accepted', 'declined')", name=op.f("ck_commission_answers_answer")
        ),
        sa.ForeignKeyConstraint(
            ["commission_id", "maker_id"],
            ["asked_makers.commission_id", "asked_makers.maker_id"],
            name=op.f("fk_commission_answers_commission_id_maker_id_asked_makers"),
        ),
        sa.ForeignKeyConstraint(
            ["commission_id"],
            ["commissions.id"],
            name=op.f("fk_commission_answers_commission_id_commissions"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_commission_answers_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_answers")),
    )
    op.create_index(
        op.f("ix_commission_answers_commission_id_maker_id_id"),
        "commission_answers",
        ["commission_id", "maker_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_commission_answers_cooperative_id"),
        "commission_answers",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "commission_colours",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("colour_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["colour_id"],
            ["colour_standards.id"],
            name=op.f("fk_commission_colours_colour_id_colour_standards"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_commission_colours_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["commission_lines.id"],
            name=op.f("fk_commission_colours_line_id_commission_lines"),
        ),
        sa.PrimaryKeyConstraint("line_id", "colour_id", name=op.f("pk_commission_colours")),
    )
    op.create_index(
        op.f("ix_commission_colours_cooperative_id"),
        "commission_colours",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "commission_measures",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("spec", sa.BigInteger(), nullable=False),
        sa.Column("minus", sa.BigInteger(), nullable=False),
        sa.Column("plus", sa.BigInteger(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "unit IN ('mm', 'g', 'per_10_cm', 'score_1_5')",
            name=op.f("ck_commission_measures_unit"),
        ),
        sa.CheckConstraint(
            "spec > 0 AND minus >= 0 AND plus >= 0 AND minus <= spec",
            name=op.f("ck_commission_measures_limit"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_commission_measures_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["commission_lines.id"],
            name=op.f("fk_commission_measures_line_id_commission_lines"),
        ),
        sa.PrimaryKeyConstraint("line_id", "name", name=op.f("pk_commission_measures")),
    )
    op.create_index(
        op.f("ix_commission_measures_cooperative_id"),
        "commission_measures",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "fulfilments",
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("ordered", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("place BETWEEN 1 AND ordered", name=op.f("ck_fulfilments_place")),
        sa.CheckConstraint(
            "turn >= 1 AND (place IS NOT NULL OR turn = 1)", name=op.f("ck_fulfilments_turn")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_fulfilments_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id", "ordered"],
            ["commission_lines.id", "commission_lines.pieces"],
            name=op.f("fk_fulfilments_line_id_ordered_commission_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["commission_lines.id"],
            name=op.f("fk_fulfilments_line_id_commission_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_fulfilments_piece_id_pieces")
        ),
        sa.PrimaryKeyConstraint("piece_id", name=op.f("pk_fulfilments")),
        sa.UniqueConstraint(
            "line_id", "place", "turn", name=op.f("uq_fulfilments_line_id_place_turn")
        ),
    )
    op.create_index(
        op.f("ix_fulfilments_cooperative_id"), "fulfilments", ["cooperative_id"], unique=False
    )
    op.create_table(
        "photos_to_come",
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_photos_to_come_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_photos_to_come_piece_id_pieces")
        ),
        sa.PrimaryKeyConstraint("piece_id", "photo_id", name=op.f("pk_photos_to_come")),
    )
    op.create_index(
        op.f("ix_photos_to_come_cooperative_id"), "photos_to_come", ["cooperative_id"], unique=False
    )
    op.add_column("advances", sa.Column("commission_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_advances_commission_id"), "advances", ["commission_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_advances_commission_id_commissions"),
        "advances",
        "commissions",
        ["commission_id"],
        ["id"],
    )
    op.add_column(
        "deliveries", sa.Column("mode", sa.Text(), server_default="all_or_nothing", nullable=False)
    )
    op.add_column("pieces", sa.Column("row_hash", sa.Text(), nullable=True))
