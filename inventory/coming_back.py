"""Coming back: pieces a buyer sends back, from her hands to the inspection bench or the bin."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Invalid
from inventory import stock
from inventory.listing_models import Listing, ListingPiece, ListingStatus
from inventory.models import IN_STOCK, Hold, HoldStatus, Location, LocationKind, Piece, PieceStatus

#: Where a piece can be written off: it is still in the house, and nobody may buy it.
SPOILT = frozenset({PieceStatus.REJECTED, PieceStatus.REWORK})


def unsell(
    session: Session,
    order_id: uuid.UUID,
    *,
    actor: Actor,
    why: str,
    now: datetime,
    piece_ids: Iterable[uuid.UUID] | None = None,
) -> list[Piece]:
    """Take back a sale before anything left: its pieces, or those named, are offered again where
    their listing is still published, and accepted otherwise. A second time finds nothing."""
    sold = set(stock.pieces_of(session, order_id, HoldStatus.SOLD))
    pieces = stock.lock_pieces(session, sold if piece_ids is None else sold & set(piece_ids))
    offered = set(
        session.scalars(
            select(ListingPiece.piece_id)
            .join(Listing)
            .where(
                ListingPiece.piece_id.in_([piece.id for piece in pieces]),
                Listing.status == ListingStatus.PUBLISHED,
            )
        )
    )
    for piece in pieces:
        if piece.status != PieceStatus.SOLD:
            continue  # lost or damaged since: the hold lets go of it, and it stays what it is
        if piece.quarantined_at:
            piece.become(PieceStatus.QUARANTINED, actor=actor, why=why, at=now)
            continue
        piece.become(PieceStatus.LISTED, actor=actor, why=why, at=now)
        if piece.id not in offered:
            piece.become(PieceStatus.ACCEPTED, actor=actor, why="not offered any more", at=now)
    session.execute(
        update(Hold)
        .where(
            Hold.order_id == order_id,
            Hold.status == HoldStatus.SOLD,
            Hold.piece_id.in_([piece.id for piece in pieces]),
        )
        .values(status=HoldStatus.RELEASED, released_at=now)
    )
    return pieces


def take_back(
    session: Session,
    piece_ids: Iterable[uuid.UUID],
    *,
    room: Location,
    reason: str,
    actor: Actor,
    now: datetime,
) -> list[Piece]:
    """Pieces come from their buyer into a room, to be inspected again.

    The sale lets go of them, and so does their listing: they may be graded otherwise now, so
    they are offered anew.
    """
    if LocationKind(room.kind) not in IN_STOCK:
        raise Invalid("this is not a room of the house", pointer="/location_id")
    pieces = stock.lock_pieces(session, piece_ids)
    ids = [piece.id for piece in pieces]
    for piece in pieces:
        piece.become(PieceStatus.RETURNED, actor=actor, why=reason, at=now)
    stock.carry(session, pieces, room, reason=reason, actor=actor, now=now)
    session.execute(
        update(Hold)
        .where(Hold.piece_id.in_(ids), Hold.status == HoldStatus.SOLD)
        .values(status=HoldStatus.RELEASED, released_at=now)
    )
    session.execute(delete(ListingPiece).where(ListingPiece.piece_id.in_(ids)))
    return pieces


def write_off(session: Session, piece: Piece, *, reason: str, actor: Actor, now: datetime) -> None:
    """A piece that did not pass is lost to us; it stays where it lies. It must be locked."""
    if piece.status in SPOILT:
        piece.become(PieceStatus.DAMAGED, actor=actor, why=reason, at=now)
