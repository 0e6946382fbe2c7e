"""Taking in: pieces written down with all that is known of them, in as many steps as for one."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import Base, lock_rows
from core.ids import new_id
from inventory import stock
from inventory.commission_models import Commission, Fulfilment
from inventory.delivery_models import PhotoToCome
from inventory.delivery_rows import Row, row_hash
from inventory.fulfilling import recount
from inventory.locations import get_location
from inventory.models import Agreement, Contribution, Delivery, Piece, PieceStatus
from inventory.tag_sheets import draw_free
from people.models import Cooperative


def take_in(
    session: Session,
    delivery: Delivery,
    rows: Sequence[Row],
    *,
    first_position: int,
    actor: Actor,
    now: datetime,
) -> dict[int, Piece]:
    """The new pieces by their row's number; without those whose tag or id was taken meanwhile."""
    if not rows:
        return {}
    written = _write(session, delivery, rows, first_position, now)
    for row in rows:
        if row.number in written:
            session.add_all(_beside(delivery, row, written[row.number], actor, now))
    session.flush()
    pieces = {
        piece.id: piece
        for piece in session.scalars(select(Piece).where(Piece.id.in_(list(written.values()))))
    }
    fresh = {number: pieces[piece_id] for number, piece_id in written.items()}
    session.add_all(
        piece.begin(PieceStatus.DELIVERED, actor=actor, why="handed in by its makers", at=now)
        for piece in fresh.values()
    )
    stock.receive(
        session,
        list(fresh.values()),
        at=get_location(session, delivery.location_id, actor=actor),
        reason=f"delivery of {delivery.delivered_on.isoformat()}",
        actor=actor,
        now=now,
    )
    touched = {row.line.commission_id for row in rows if row.line and row.number in written}
    recount(session, lock_rows(session, Commission, touched), actor=actor, now=now)
    return fresh


def _write(
    session: Session, delivery: Delivery, rows: Sequence[Row], first_position: int, now: datetime
) -> dict[int, uuid.UUID]:
    """The id of each piece that was written, by its row's number.

    Of two who use a tag in the same moment the second waits here, and then goes without; all write
    in the order of the tags, so that nobody waits for one who waits for her.
    """
    prefix = session.get_one(Cooperative, delivery.cooperative_id).tag_prefix
    drawn = iter(draw_free(session, prefix, sum(row.tag is None for row in rows)))
    values = {
        row.number: {
            "id": row.sent.get("id") or new_id(),
            "cooperative_id": delivery.cooperative_id,
            "tag": row.tag or next(drawn),
            "status": PieceStatus.DELIVERED.value,
            "design_id": row.sent["design_id"],
            "delivery_id": delivery.id,
            "position": first_position + nth,
            "row_hash": row_hash(row.sent),
            "created_at": now,
        }
        for nth, row in enumerate(rows)
    }
    in_order = sorted(values.values(), key=lambda value: str(value["tag"]))
    statement = insert(Piece).values(in_order).on_conflict_do_nothing().returning(Piece.id)
    got = set(session.scalars(statement))
    return {number: value["id"] for number, value in values.items() if value["id"] in got}


def _beside(
    delivery: Delivery, row: Row, piece_id: uuid.UUID, actor: Actor, now: datetime
) -> Iterator[Base]:
    """What was agreed, who did what, which photos follow, and what is fulfilled by it."""
    whose = {"cooperative_id": delivery.cooperative_id, "piece_id": piece_id}
    yield Agreement(**whose, **row.agreement)
    for step in row.sent["contributions"]:
        yield Contribution(id=new_id(), **whose, **step)
    for nth, photo_id in enumerate(dict.fromkeys(row.sent.get("photo_ids", ()))):
        yield PhotoToCome(photo_id=photo_id, position=nth, **whose)
    if row.line is not None:
        yield Fulfilment(
            line_id=row.line.id,
            ordered=row.line.pieces,
            place=row.place,
            turn=row.turn,
            at=now,
            actor=actor.reference,
            **whose,
        )
