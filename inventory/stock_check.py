"""The check of the stock: places, lives and journeys agree with the movements, or are named."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

MISKEPT = text(
    "SELECT newest.piece_id, newest.cooperative_id FROM (SELECT DISTINCT ON (piece_id) piece_id,"
    " cooperative_id, id, destination_id, sequence FROM movements"
    " ORDER BY piece_id, sequence DESC) AS newest"
    " LEFT JOIN piece_places AS place ON place.piece_id = newest.piece_id"
    " WHERE (place.movement_id, place.location_id, place.sequence)"
    " IS DISTINCT FROM (newest.id, newest.destination_id, newest.sequence)"
)
MISCOUNTED = text(
    "SELECT locations.id, locations.cooperative_id FROM locations LEFT JOIN ("
    " SELECT location_id, sum(pieces) AS pieces FROM ("
    " SELECT destination_id AS location_id, count(*) AS pieces FROM movements GROUP BY 1"
    " UNION ALL SELECT source_id, -count(*) FROM movements GROUP BY 1) AS ways GROUP BY 1"
    ") AS moved ON moved.location_id = locations.id LEFT JOIN ("
    " SELECT location_id, count(*) AS pieces FROM piece_places GROUP BY 1"
    ") AS kept ON kept.location_id = locations.id"
    " WHERE locations.kind <> 'makers' AND coalesce(moved.pieces, 0) <> coalesce(kept.pieces, 0)"
)
OTHERWISE = text(
    "SELECT pieces.id, pieces.cooperative_id FROM pieces"
    " JOIN piece_places ON piece_places.piece_id = pieces.id"
    " JOIN locations ON locations.id = piece_places.location_id"
    " WHERE (pieces.status = 'lost') <> (locations.kind = 'lost')"
    " OR (pieces.status = 'returned_to_maker') <> (locations.kind = 'makers')"
)
ENDED_EARLY = text(
    "SELECT DISTINCT journeys.id, journeys.cooperative_id FROM journeys"
    " JOIN journey_pieces ON journey_pieces.journey_id = journeys.id"
    " JOIN piece_places ON piece_places.movement_id = journey_pieces.movement_id"
    " WHERE journeys.status = 'ended'"
)
SOLD_AND_GONE = text(
    "SELECT pieces.id, pieces.cooperative_id FROM pieces"
    " JOIN holds ON holds.piece_id = pieces.id AND holds.status = 'sold'"
    " WHERE pieces.status IN ('lost', 'damaged')"
)

CHECKS = (
    ("piece", MISKEPT, "its kept place is not where its newest movement ends"),
    ("location", MISCOUNTED, "the pieces kept here are not the sum of what came and went"),
    ("piece", OTHERWISE, "its life and its place do not agree about its being lost or given back"),
    ("journey", ENDED_EARLY, "it has ended, and pieces of it are still on the way"),
    ("piece", SOLD_AND_GONE, "sold, and lost or damaged since: its buyer waits for an answer"),
)


@dataclass(frozen=True, slots=True)
class Askew:
    """Something about the stock that does not agree: what it is about, and how."""

    about: str
    words: str
    cooperative_id: uuid.UUID


def askew(session: Session) -> Iterator[Askew]:
    """Everything about the stock that does not agree; nothing when all does."""
    for noun, query, words in CHECKS:
        for found, cooperative_id in session.execute(query):
            yield Askew(f"{noun}:{found}", words, cooperative_id)
