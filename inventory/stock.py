"""Stock: where each piece is, and to whom it is promised; no second promise is possible."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, Invalid
from inventory.locations import check_open, outside
from inventory.models import (
    IN_STOCK,
    Hold,
    HoldStatus,
    Location,
    LocationKind,
    Movement,
    Piece,
    PieceStatus,
)
from inventory.on_hand import refuse_carried


class PieceUnavailable(Conflict):
    """Somebody else holds or bought it."""

    code = "piece_unavailable"

    def __init__(self, piece_ids: Sequence[uuid.UUID], late_orders: Sequence[uuid.UUID]) -> None:
        self.late_orders = tuple(late_orders)
        super().__init__(pieces=[str(piece_id) for piece_id in piece_ids])


class NotInStock(Conflict):
    """The piece is not in one of the co-operative's rooms."""

    code = "not_in_stock"


class PieceQuarantined(Conflict):
    """Something critical was found on this piece; it does not leave before it is settled."""

    code = "piece_quarantined"


def lock_pieces(session: Session, piece_ids: Iterable[uuid.UUID]) -> list[Piece]:
    """Lock pieces for a change, in the order of their ids."""
    return lock_rows(session, Piece, piece_ids)


def reserve(
    session: Session,
    piece_ids: Iterable[uuid.UUID],
    *,
    order_id: uuid.UUID,
    expires_at: datetime,
    actor: Actor,
    now: datetime,
) -> list[Piece]:
    """Hold every piece for one order, or none of them.

    Raises PieceUnavailable; its ``late_orders`` are the orders whose hold is past its time, so
    that the caller can ask Stripe about them.
    """
    wanted = sorted(set(piece_ids))
    pieces = lock_pieces(session, wanted)
    free = {piece.id for piece in pieces if piece.status == PieceStatus.LISTED}
    if refused := [piece_id for piece_id in wanted if piece_id not in free]:
        raise PieceUnavailable(refused, _late_orders(session, refused, now))
    for piece in pieces:
        piece.become(PieceStatus.HELD, actor=actor, why=f"order {order_id}", at=now)
        session.add(
            Hold(
                cooperative_id=piece.cooperative_id,
                piece_id=piece.id,
                order_id=order_id,
                status=HoldStatus.HELD,
                held_at=now,
                expires_at=expires_at,
            )
        )
    session.flush()
    return pieces


def release(
    session: Session, order_id: uuid.UUID, *, actor: Actor, why: str, now: datetime
) -> list[Piece]:
    """Give back what an order held; a second time finds nothing to give back."""
    pieces = lock_pieces(session, pieces_of(session, order_id, HoldStatus.HELD))
    for piece in pieces:
        if piece.status == PieceStatus.HELD:
            after = PieceStatus.QUARANTINED if piece.quarantined_at else PieceStatus.LISTED
            piece.become(after, actor=actor, why=why, at=now)
    session.execute(
        update(Hold)
        .where(Hold.order_id == order_id, Hold.status == HoldStatus.HELD)
        .values(status=HoldStatus.RELEASED, released_at=now)
    )
    return pieces


def sell(session: Session, order_id: uuid.UUID, *, actor: Actor, now: datetime) -> list[Piece]:
    """Turn an order's holds into sales; a second time finds nothing to sell."""
    pieces = lock_pieces(session, pieces_of(session, order_id, HoldStatus.HELD))
    for piece in pieces:
        piece.become(PieceStatus.SOLD, actor=actor, why=f"order {order_id}", at=now)
    session.execute(
        update(Hold)
        .where(Hold.order_id == order_id, Hold.status == HoldStatus.HELD)
        .values(status=HoldStatus.SOLD)
    )
    return pieces


def hand_over(
    session: Session,
    piece_ids: Iterable[uuid.UUID],
    *,
    order_number: str,
    actor: Actor,
    now: datetime,
) -> list[Piece]:
    """Sold pieces leave the house for their buyer; none while it is on the way between rooms.

    Raises PieceQuarantined for one in which something critical was found.
    """
    pieces = lock_pieces(session, piece_ids)
    refuse_carried(session, [piece.id for piece in pieces])
    if kept := [str(piece.id) for piece in pieces if piece.quarantined_at]:
        raise PieceQuarantined(pieces=kept)
    for piece in pieces:
        piece.become(PieceStatus.HANDED_OVER, actor=actor, why=f"order {order_number}", at=now)
    reason = f"order {order_number}"
    _leave(session, pieces, LocationKind.BUYERS, reason=reason, actor=actor, now=now)
    return pieces


def receive(
    session: Session,
    pieces: Sequence[Piece],
    *,
    at: Location,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """New pieces come in from their makers: the first movement of each."""
    if not pieces:
        return
    check_open(at)
    makers = outside(session, pieces[0].cooperative_id, LocationKind.MAKERS)
    session.add_all(
        _movement(
            piece,
            sequence=1,
            source_id=makers.id,
            destination_id=at.id,
            reason=reason,
            actor=actor,
            now=now,
        )
        for piece in pieces
    )
    session.flush()


def move(
    session: Session,
    *,
    piece: Piece,
    destination: Location,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Movement:
    """Take a piece from where it is to another room. The piece must be locked by the caller."""
    if LocationKind(destination.kind) not in IN_STOCK:
        raise Invalid("this is not a room of the house", pointer="/destination_id")
    last = last_movements(session, [piece.id])[piece.id]
    if LocationKind(last.destination.kind) not in IN_STOCK:
        raise NotInStock()
    if last.destination_id == destination.id:
        raise Conflict("the piece is there already")
    check_open(destination)
    movement = _movement(
        piece,
        sequence=last.sequence + 1,
        source_id=last.destination_id,
        destination_id=destination.id,
        reason=reason,
        actor=actor,
        now=now,
    )
    session.add(movement)
    session.flush()
    return movement


def give_back(session: Session, piece: Piece, *, reason: str, actor: Actor, now: datetime) -> None:
    """A piece goes back to its makers; its life must allow it. It must be locked."""
    piece.become(PieceStatus.RETURNED_TO_MAKER, actor=actor, why=reason, at=now)
    _leave(session, [piece], LocationKind.MAKERS, reason=reason, actor=actor, now=now)


def carry(
    session: Session,
    pieces: Sequence[Piece],
    destination: Location,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Write that pieces went from where they are to a location; whether they may, others say."""
    check_open(destination)
    last = last_movements(session, [piece.id for piece in pieces])
    session.add_all(
        _movement(
            piece,
            sequence=last[piece.id].sequence + 1,
            source_id=last[piece.id].destination_id,
            destination_id=destination.id,
            reason=reason,
            actor=actor,
            now=now,
        )
        for piece in pieces
    )
    session.flush()


def last_movements(session: Session, piece_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Movement]:
    """The newest movement of each piece; they chain, so its destination is the piece's place."""
    rows = session.scalars(
        select(Movement)
        .where(Movement.piece_id.in_(list(piece_ids)))
        .ext(distinct_on(Movement.piece_id))
        .order_by(Movement.piece_id, Movement.sequence.desc())
    )
    return {movement.piece_id: movement for movement in rows}


def movements_of(
    session: Session, piece_id: uuid.UUID, *, limit: int = 100, after: uuid.UUID | None = None
) -> list[Movement]:
    """Up to ``limit`` movements of a piece, oldest first, after one id."""
    statement = select(Movement).where(Movement.piece_id == piece_id).order_by(Movement.id)
    if after:
        statement = statement.where(Movement.id > after)
    return list(session.scalars(statement.limit(limit)))


def counted(session: Session, cooperative_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """Pieces at each location, as the sum of all movements in minus all movements out."""
    came = select(Movement.destination_id.label("place"), func.count().label("pieces")).where(
        Movement.cooperative_id == cooperative_id
    )
    went = select(Movement.source_id.label("place"), (-func.count()).label("pieces")).where(
        Movement.cooperative_id == cooperative_id
    )
    both = came.group_by("place").union_all(went.group_by("place")).subquery()
    rows = session.execute(select(both.c.place, func.sum(both.c.pieces)).group_by(both.c.place))
    return {place: int(pieces) for place, pieces in rows}


def pieces_of(session: Session, order_id: uuid.UUID, status: HoldStatus) -> list[uuid.UUID]:
    """The pieces whose hold for an order is in this status."""
    return list(
        session.scalars(
            select(Hold.piece_id).where(Hold.order_id == order_id, Hold.status == status)
        )
    )


def _late_orders(
    session: Session, piece_ids: Sequence[uuid.UUID], now: datetime
) -> list[uuid.UUID]:
    late = select(Hold.order_id).where(
        Hold.piece_id.in_(piece_ids), Hold.status == HoldStatus.HELD, Hold.expires_at <= now
    )
    return sorted(set(session.scalars(late)))


def _leave(
    session: Session,
    pieces: Sequence[Piece],
    end: LocationKind,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    if pieces:
        there = outside(session, pieces[0].cooperative_id, end)
        carry(session, pieces, there, reason=reason, actor=actor, now=now)


def _movement(
    piece: Piece,
    *,
    sequence: int,
    source_id: uuid.UUID,
    destination_id: uuid.UUID,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Movement:
    return Movement(
        cooperative_id=piece.cooperative_id,
        piece_id=piece.id,
        sequence=sequence,
        source_id=source_id,
        destination_id=destination_id,
        reason=reason,
        actor=actor.reference,
        at=now,
    )
