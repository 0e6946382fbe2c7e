"""The stock room: places kept by the database, journeys, stocktakes, incidents, rules.

No table is rewritten. ``movements`` and ``locations`` are locked against writing for as long as the
newest movement of each piece is read once, so that no movement is missed by the table of places.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: Tables of facts that come with this revision; each refuses UPDATE, DELETE and TRUNCATE.
FACTS = (
    "arrival_entries",
    "arrivals",
    "incidents",
    "journey_pieces",
    "stock_minimums",
    "stock_rules",
    "stocktake_counts",
    "stocktake_verdicts",
)

PLACES = """
CREATE FUNCTION pallay_piece_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.sequence = 1 THEN
        INSERT INTO piece_places
            (piece_id, cooperative_id, location_id, movement_id, sequence, since)
        VALUES (NEW.piece_id, NEW.cooperative_id, NEW.destination_id, NEW.id, 1, NEW.at);
    ELSE
        UPDATE piece_places
        SET location_id = NEW.destination_id, movement_id = NEW.id,
            sequence = NEW.sequence, since = NEW.at
        WHERE piece_id = NEW.piece_id AND location_id = NEW.source_id
            AND sequence = NEW.sequence - 1;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation',
                MESSAGE = 'a movement begins where the piece is';
        END IF;
    END IF;
    IF EXISTS (SELECT FROM locations WHERE id = NEW.destination_id AND status = 'closed') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            MESSAGE = 'a closed location takes nothing in';
    END IF;
    RETURN NULL;
END $$
"""
#: The name sorts after those of foreign keys, so that a location just being closed was waited for.
WATCH = """
CREATE TRIGGER movements_place AFTER INSERT ON movements
FOR EACH ROW EXECUTE FUNCTION pallay_piece_place()
"""
PLACES_OF_NOW = """
INSERT INTO piece_places (piece_id, cooperative_id, location_id, movement_id, sequence, since)
SELECT DISTINCT ON (piece_id) piece_id, cooperative_id, destination_id, id, sequence, at
FROM movements ORDER BY piece_id, sequence DESC
"""


def upgrade() -> None:
    """Build what is new, change what was, guard the new facts, find every piece's place."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    change_locations()
    build_tables()
    for table in FACTS:
        op.execute(
            f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION pallay_written_once()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION pallay_written_once()"
        )
    op.execute(PLACES)
    op.execute(WATCH)
    op.execute(PLACES_OF_NOW)


def change_locations() -> None:
    """A location is open or closed, has a version, and may be abroad."""
    op.add_column(
        "locations", sa.Column("version", sa.BigInteger(), server_default="1", nullable=False)
    )
    op.add_column(
        "locations", sa.Column("status", sa.Text(), server_default="open", nullable=False)
    )
    op.alter_column("locations", "status", server_default=None)
    op.execute("ALTER TABLE locations DROP CONSTRAINT IF EXISTS ck_locations_kind")
    for name, condition in (
        (
            "kind",
            "kind IN ('workshop', 'store', 'abroad', 'transit', 'makers', 'buyers', 'lost')",
        ),
        ("status", "status IN ('open', 'closed')"),
        ("outside_is_open", "status = 'open' OR kind NOT IN ('makers', 'buyers', 'lost')"),
    ):
        op.create_check_constraint(op.f(f"ck_locations_{name}"), "locations", condition)


def build_tables() -> None:
    """The new tables."""
    op.create_table(
        "stock_rules",
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("approval_above_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("age_steps", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_stock_rules_currency")),
        sa.CheckConstraint(
            "approval_above_minor >= 0", name=op.f("ck_stock_rules_approval_above_minor")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_stock_rules_cooperative_id_cooperatives"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_rules")),
        sa.UniqueConstraint(
            "cooperative_id", "version", name=op.f("uq_stock_rules_cooperative_id_version")
        ),
    )
    op.create_index(
        op.f("ix_stock_rules_cooperative_id"), "stock_rules", ["cooperative_id"], unique=False
    )
    op.create_table(
        "journeys",
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("piece_count", sa.BigInteger(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('on_the_way', 'part_arrived', 'ended')", name=op.f("ck_journeys_status")
        ),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_journeys_two_ends")),
        sa.CheckConstraint("piece_count BETWEEN 1 AND 500", name=op.f("ck_journeys_piece_count")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_journeys_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["from_id"], ["locations.id"], name=op.f("fk_journeys_from_id_locations")
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["locations.id"], name=op.f("fk_journeys_to_id_locations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journeys")),
    )
    op.create_index(
        op.f("ix_journeys_cooperative_id"), "journeys", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_journeys_cooperative_id_status_id"),
        "journeys",
        ["cooperative_id", "status", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_journeys_to_id"), "journeys", ["to_id"], unique=False)
    op.create_table(
        "stock_minimums",
        sa.Column("design_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("minimum", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("minimum BETWEEN 0 AND 10000", name=op.f("ck_stock_minimums_minimum")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_stock_minimums_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["design_id"], ["designs.id"], name=op.f("fk_stock_minimums_design_id_designs")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_stock_minimums_location_id_locations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_minimums")),
    )
    op.create_index(
        op.f("ix_stock_minimums_cooperative_id"), "stock_minimums", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_stock_minimums_design_id"), "stock_minimums", ["design_id"], unique=False
    )
    op.create_index(
        op.f("ix_stock_minimums_location_id_design_id_id"),
        "stock_minimums",
        ["location_id", "design_id", "id"],
        unique=False,
    )
    op.create_table(
        "stocktakes",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("missing_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("unvalued", sa.BigInteger(), nullable=True),
        sa.Column("rules_version", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('counting', 'awaiting_approval', 'done', 'refused', 'cancelled')",
            name=op.f("ck_stocktakes_status"),
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_stocktakes_closed")
        ),
        sa.CheckConstraint("missing_minor >= 0", name=op.f("ck_stocktakes_missing_minor")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_stocktakes_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_stocktakes_location_id_locations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktakes")),
    )
    op.create_index(
        op.f("ix_stocktakes_cooperative_id"), "stocktakes", ["cooperative_id"], unique=False
    )
    op.create_index(
        "uq_stocktakes_one_at_a_time",
        "stocktakes",
        ["location_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('counting', 'awaiting_approval')"),
    )
    op.create_table(
        "arrivals",
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("last", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_arrivals_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journeys.id"], name=op.f("fk_arrivals_journey_id_journeys")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_arrivals_location_id_locations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrivals")),
    )
    op.create_index(
        op.f("ix_arrivals_cooperative_id"), "arrivals", ["cooperative_id"], unique=False
    )
    op.create_index(op.f("ix_arrivals_journey_id"), "arrivals", ["journey_id"], unique=False)
    op.create_table(
        "stocktake_verdicts",
        sa.Column("stocktake_id", sa.Uuid(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_stocktake_verdicts_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["stocktake_id"],
            ["stocktakes.id"],
            name=op.f("fk_stocktake_verdicts_stocktake_id_stocktakes"),
        ),
        sa.PrimaryKeyConstraint("stocktake_id", name=op.f("pk_stocktake_verdicts")),
    )
    op.create_index(
        op.f("ix_stocktake_verdicts_cooperative_id"),
        "stocktake_verdicts",
        ["cooperative_id"],
        unique=False,
    )
    op.create_table(
        "arrival_entries",
        sa.Column("arrival_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=True),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("came", sa.Text(), nullable=False),
        sa.Column("damaged", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("photo_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(piece_id IS NULL) = (came = 'unknown')", name=op.f("ck_arrival_entries_unknown")
        ),
        sa.CheckConstraint(
            "came IN ('arrived', 'extra', 'here_already', 'elsewhere', 'unknown', 'missing', 'promised')",
            name=op.f("ck_arrival_entries_came"),
        ),
        sa.ForeignKeyConstraint(
            ["arrival_id"], ["arrivals.id"], name=op.f("fk_arrival_entries_arrival_id_arrivals")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_arrival_entries_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_arrival_entries_piece_id_pieces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival_entries")),
        sa.UniqueConstraint(
            "arrival_id", "position", name=op.f("uq_arrival_entries_arrival_id_position")
        ),
    )
    op.create_index(
        op.f("ix_arrival_entries_cooperative_id"),
        "arrival_entries",
        ["cooperative_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_arrival_entries_piece_id"), "arrival_entries", ["piece_id"], unique=False
    )
    op.create_index(
        "uq_arrival_entries_once_each",
        "arrival_entries",
        ["arrival_id", "piece_id"],
        unique=True,
        postgresql_where=sa.text("piece_id IS NOT NULL"),
    )
    op.create_table(
        "incidents",
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("photo_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'found') = (location_id IS NOT NULL)",
            name=op.f("ck_incidents_found_somewhere"),
        ),
        sa.CheckConstraint(
            "actor ~ '^(staff|application|buyer|system):[0-9a-z_-]+$'",
            name=op.f("ck_incidents_actor"),
        ),
        sa.CheckConstraint(
            "kind IN ('lost', 'damaged', 'found', 'mended')", name=op.f("ck_incidents_kind")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_incidents_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_incidents_location_id_locations")
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_incidents_piece_id_pieces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index(
        op.f("ix_incidents_cooperative_id"), "incidents", ["cooperative_id"], unique=False
    )
    op.create_index(op.f("ix_incidents_piece_id_id"), "incidents", ["piece_id", "id"], unique=False)
    op.create_table(
        "stocktake_counts",
        sa.Column("stocktake_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=True),
        sa.Column("sight", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(piece_id IS NOT NULL) = (sight = 'seen')", name=op.f("ck_stocktake_counts_seen")
        ),
        sa.CheckConstraint(
            "sight IN ('seen', 'unknown', 'unreadable')", name=op.f("ck_stocktake_counts_sight")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_stocktake_counts_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_stocktake_counts_piece_id_pieces")
        ),
        sa.ForeignKeyConstraint(
            ["stocktake_id"],
            ["stocktakes.id"],
            name=op.f("fk_stocktake_counts_stocktake_id_stocktakes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktake_counts")),
    )
    op.create_index(
        op.f("ix_stocktake_counts_cooperative_id"),
        "stocktake_counts",
        ["cooperative_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_stocktake_counts_piece_id_seen_at"),
        "stocktake_counts",
        ["piece_id", "seen_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_stocktake_counts_stocktake_id_id"),
        "stocktake_counts",
        ["stocktake_id", "id"],
        unique=False,
    )
    op.create_table(
        "journey_pieces",
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("movement_id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_journey_pieces_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journeys.id"], name=op.f("fk_journey_pieces_journey_id_journeys")
        ),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["movements.id"], name=op.f("fk_journey_pieces_movement_id_movements")
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_journey_pieces_piece_id_pieces")
        ),
        sa.PrimaryKeyConstraint("journey_id", "piece_id", name=op.f("pk_journey_pieces")),
        sa.UniqueConstraint("movement_id", name=op.f("uq_journey_pieces_movement_id")),
    )
    op.create_index(
        op.f("ix_journey_pieces_cooperative_id"), "journey_pieces", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_journey_pieces_piece_id"), "journey_pieces", ["piece_id"], unique=False
    )
    op.create_table(
        "piece_places",
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("movement_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_piece_places_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_piece_places_location_id_locations")
        ),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["movements.id"], name=op.f("fk_piece_places_movement_id_movements")
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_piece_places_piece_id_pieces")
        ),
        sa.PrimaryKeyConstraint("piece_id", name=op.f("pk_piece_places")),
        sa.UniqueConstraint("movement_id", name=op.f("uq_piece_places_movement_id")),
    )
    op.create_index(
        op.f("ix_piece_places_cooperative_id"), "piece_places", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_piece_places_location_id_piece_id"),
        "piece_places",
        ["location_id", "piece_id"],
        unique=False,
    )
    op.create_table(
        "stocktake_differences",
        sa.Column("stocktake_id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_movement_id", sa.Uuid(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("movement_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(movement_id IS NOT NULL) = (outcome IS NOT DISTINCT FROM 'applied')",
            name=op.f("ck_stocktake_differences_applied"),
        ),
        sa.CheckConstraint(
            "kind IN ('missing', 'misplaced', 'found', 'promised', 'elsewhere')",
            name=op.f("ck_stocktake_differences_kind"),
        ),
        sa.CheckConstraint(
            "outcome IN ('applied', 'overtaken', 'left_to_people')",
            name=op.f("ck_stocktake_differences_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperatives.id"],
            name=op.f("fk_stocktake_differences_cooperative_id_cooperatives"),
        ),
        sa.ForeignKeyConstraint(
            ["last_movement_id"],
            ["movements.id"],
            name=op.f("fk_stocktake_differences_last_movement_id_movements"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["locations.id"],
            name=op.f("fk_stocktake_differences_location_id_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["movement_id"],
            ["movements.id"],
            name=op.f("fk_stocktake_differences_movement_id_movements"),
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_stocktake_differences_piece_id_pieces")
        ),
        sa.ForeignKeyConstraint(
            ["stocktake_id"],
            ["stocktakes.id"],
            name=op.f("fk_stocktake_differences_stocktake_id_stocktakes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktake_differences")),
        sa.UniqueConstraint("movement_id", name=op.f("uq_stocktake_differences_movement_id")),
        sa.UniqueConstraint(
            "stocktake_id", "piece_id", name=op.f("uq_stocktake_differences_stocktake_id_piece_id")
        ),
    )
    op.create_index(
        op.f("ix_stocktake_differences_cooperative_id"),
        "stocktake_differences",
        ["cooperative_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_stocktake_differences_piece_id"),
        "stocktake_differences",
        ["piece_id"],
        unique=False,
    )
