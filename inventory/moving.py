"""Moving: one piece is taken by hand to another room, back to its makers, or is lost."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Invalid
from inventory import incidents, stock
from inventory.locations import get_location
from inventory.models import IN_STOCK, LocationKind, Movement
from inventory.on_hand import refuse_awaited
from inventory.pieces import get_piece


def move_piece(
    session: Session,
    *,
    piece_id: uuid.UUID,
    destination_id: uuid.UUID,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Movement:
    """Take a piece to another room, back to its makers (once rejected or withdrawn), or to lost.

    What left with a journey arrives with it: PieceOnTheWay.
    """
    destination = get_location(session, destination_id, actor=actor)
    piece = get_piece(session, piece_id, actor=actor, lock=True)
    refuse_awaited(session, [piece.id])
    end = LocationKind(destination.kind)
    if end in IN_STOCK:
        return stock.move(
            session, piece=piece, destination=destination, reason=reason, actor=actor, now=now
        )
    if end is LocationKind.BUYERS:
        raise Invalid("pieces reach buyers by orders only", pointer="/destination_id")
    leave = incidents.lose if end is LocationKind.LOST else stock.give_back
    leave(session, piece, reason=reason, actor=actor, now=now)
    return stock.last_movements(session, [piece.id])[piece.id]
