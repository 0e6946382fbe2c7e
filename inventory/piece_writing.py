"""Pieces of a sheet written down, each table by one statement for many rows.

What is left of each piece is what delivery day leaves of it (`inventory.taking_in`): a test takes
the same pieces in both ways and compares every table.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from core.actors import Actor
from core.copying import copy_rows
from core.ids import new_id
from core.lives import LifeMove
from inventory.delivery_rows import row_hash
from inventory.locations import open_outside, outside
from inventory.models import (
    MOST_PIECES,
    Agreement,
    Contribution,
    Delivery,
    DeliveryMode,
    LocationKind,
    Movement,
    Piece,
    PieceStatus,
)
from inventory.tag_sheets import draw_free
from people.cooperatives import own
from people.models import Cooperative

#: In the order in which they may be written.
TABLES = (Delivery, Piece, Agreement, Contribution, LifeMove, Movement)
Rows = dict[type[Any], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One piece that was examined: its day, its room, and the row as delivery day takes it."""

    day: date
    room: uuid.UUID
    sent: dict[str, Any]


def write_pieces(
    session: Session, found: Sequence[HandedIn], *, actor: Actor, now: datetime
) -> None:
    """Take examined pieces in, by a delivery of at most 200 for each day and room."""
    cooperative_id = own(actor)
    open_outside(session, cooperative_id=cooperative_id, now=now)
    makers = outside(session, cooperative_id, LocationKind.MAKERS).id
    prefix = session.get_one(Cooperative, cooperative_id).tag_prefix
    drawn = iter(draw_free(session, prefix, sum("tag" not in one.sent for one in found)))
    rows: Rows = {table: [] for table in TABLES}
    made = {"cooperative_id": cooperative_id, "actor": actor.reference, "at": now}
    for delivery, pieces in _deliveries(found, cooperative_id, actor, now):
        rows[Delivery].append(delivery)
        for position, one in enumerate(pieces):
            tag = one.sent.get("tag") or next(drawn)
            piece: dict[str, Any] = {
                "id": one.sent.get("id") or new_id(),
                "tag": tag,
                "position": position,
            }
            _add(rows, one, piece | {"delivery_id": delivery["id"]}, made)
            rows[Movement].append(_first_movement(one, piece["id"], makers, made))
    # Of two who write the same tag the second waits; all write in the order of the tags.
    rows[Piece].sort(key=lambda row: str(row["tag"]))
    for table, values in rows.items():
        copy_rows(session, table, values, by_id=table is Piece)


def _deliveries(
    found: Sequence[HandedIn], cooperative_id: uuid.UUID, actor: Actor, now: datetime
) -> Iterator[tuple[dict[str, Any], list[HandedIn]]]:
    groups: dict[tuple[date, uuid.UUID], list[HandedIn]] = defaultdict(list)
    for one in found:
        groups[one.day, one.room].append(one)
    for (day, room), pieces in groups.items():
        for first in range(0, len(pieces), MOST_PIECES):
            part = pieces[first : first + MOST_PIECES]
            delivery = {
                "id": new_id(),
                "cooperative_id": cooperative_id,
                "delivered_on": day,
                "location_id": room,
                "piece_count": len(part),
                "note": "from a spreadsheet",
                "mode": DeliveryMode.ALL_OR_NOTHING.value,
                "request_hash": "batch",
                "recorded_at": now,
                "actor": actor.reference,
            }
            yield delivery, part


def _add(rows: Rows, one: HandedIn, piece: dict[str, Any], made: dict[str, Any]) -> None:
    """All that is left of one piece, but where it is."""
    sent, whose = one.sent, {"cooperative_id": made["cooperative_id"]}
    of_it = {"piece_id": piece["id"], **whose}
    rows[Piece].append(
        {
            "status": PieceStatus.DELIVERED.value,
            "design_id": sent["design_id"],
            "row_hash": row_hash(sent),
            "created_at": made["at"],
            **piece,
            **whose,
        }
    )
    rows[Agreement].append({"price_minor": None, "currency": None} | sent["agreement"] | of_it)
    rows[Contribution] += [
        {"id": new_id(), "minutes": None, "materials_minor": None, **step, **of_it}
        for step in sent["contributions"]
    ]
    rows[LifeMove].append(
        {
            "id": new_id(),
            "noun": Piece.NOUN,
            "subject_id": piece["id"],
            "from_status": None,
            "to_status": PieceStatus.DELIVERED.value,
            "why": "handed in by its makers",
            **made,
        }
    )


def _first_movement(
    one: HandedIn, piece_id: uuid.UUID, makers: uuid.UUID, made: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "piece_id": piece_id,
        "sequence": 1,
        "source_id": makers,
        "destination_id": one.room,
        "reason": f"delivery of {one.day.isoformat()}",
        **made,
    }
