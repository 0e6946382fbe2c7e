"""Fulfilment: pieces leave the house, by a carrier or by hand, and each of them once."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid
from core.ids import new_id
from core.jobs import defer
from inventory import stock
from inventory.models import Hold, HoldStatus
from orders.freezes import all_going_back
from orders.models import (
    Order,
    OrderLine,
    OrderStatus,
    Shipment,
    ShipmentKind,
    ShipmentPiece,
)
from orders.reading import lock_order

LEAVING = frozenset({OrderStatus.PAID, OrderStatus.PART_FULFILLED})
LEFT = frozenset({OrderStatus.FULFILLED, OrderStatus.CLOSED})


class OrderNotPaid(Conflict):
    """Nothing leaves the house before it is paid."""

    code = "order_not_paid"


class AlreadyLeft(Conflict):
    """This has left the house already."""

    code = "already_left"


class GoingBack(Conflict):
    """All that was paid for it is going back to the buyer; nothing leaves the house."""

    code = "refund_under_way"


class NoAddress(Conflict):
    """The order is to be picked up; there is no address to ship it to."""

    code = "no_address"


def ship(
    session: Session,
    *,
    order_id: uuid.UUID,
    carrier: str,
    tracking: str | None,
    actor: Actor,
    now: datetime,
    piece_ids: Iterable[uuid.UUID] | None = None,
) -> Shipment:
    """Give pieces of a paid order to a carrier; all that are still here unless named.

    Raises OrderNotPaid, GoingBack, AlreadyLeft, NoAddress, and Invalid for a piece of another
    order.
    """
    if not carrier.strip():
        raise Invalid("name the carrier", pointer="/carrier")
    order = lock_order(session, order_id, actor=actor)
    if order.address is None:
        raise NoAddress()
    shipment = Shipment(kind=ShipmentKind.CARRIER.value, carrier=carrier, tracking=tracking)
    return _leave(session, order, shipment, piece_ids=piece_ids, actor=actor, now=now)


def hand_over(
    session: Session,
    *,
    order_id: uuid.UUID,
    actor: Actor,
    now: datetime,
    piece_ids: Iterable[uuid.UUID] | None = None,
) -> Shipment:
    """Put pieces of a paid order into the buyer's hands; all that are still here unless named.

    Raises OrderNotPaid, GoingBack, AlreadyLeft, and Invalid for a piece of another order.
    """
    order = lock_order(session, order_id, actor=actor)
    shipment = Shipment(kind=ShipmentKind.BY_HAND.value, carrier=None, tracking=None)
    return _leave(session, order, shipment, piece_ids=piece_ids, actor=actor, now=now)


def _leave(
    session: Session,
    order: Order,
    shipment: Shipment,
    *,
    piece_ids: Iterable[uuid.UUID] | None,
    actor: Actor,
    now: datetime,
) -> Shipment:
    """The pieces move to the buyers, the shipment is written, the order goes on in its life."""
    if order.status not in LEAVING | LEFT:
        raise OrderNotPaid(status=order.status)
    paid = order.payment if order.status == OrderStatus.PAID else None
    if paid is not None and all_going_back(session, paid):
        raise GoingBack()
    here = _lines_here(session, order)
    leaving = _named(order, here, piece_ids)
    stock.hand_over(
        session,
        [line.piece_id for line in leaving],
        order_number=order.number,
        actor=actor,
        now=now,
    )
    shipment.id, shipment.order_id = new_id(), order.id
    shipment.cooperative_id = order.cooperative_id
    shipment.at, shipment.actor = now, actor.reference
    shipment.pieces = [
        ShipmentPiece(cooperative_id=order.cooperative_id, line_id=line.id, piece_id=line.piece_id)
        for line in leaving
    ]
    session.add(shipment)
    _go_on(session, order, complete=len(leaving) == len(here), actor=actor, now=now)
    session.flush()
    return shipment


def _lines_here(session: Session, order: Order) -> list[OrderLine]:
    """The lines whose piece has not left yet, and is still sold to this order."""
    left = set(
        session.scalars(
            select(ShipmentPiece.line_id).join(Shipment).where(Shipment.order_id == order.id)
        )
    )
    sold = set(
        session.scalars(
            select(Hold.piece_id).where(Hold.order_id == order.id, Hold.status == HoldStatus.SOLD)
        )
    )
    return [line for line in order.lines if line.id not in left and line.piece_id in sold]


def _named(
    order: Order, here: list[OrderLine], piece_ids: Iterable[uuid.UUID] | None
) -> list[OrderLine]:
    """The lines to leave now."""
    if piece_ids is None:
        if not here:
            raise AlreadyLeft()
        return here
    wanted = list(dict.fromkeys(piece_ids))
    if not wanted:
        raise Invalid("name a piece, or none for all", pointer="/piece_ids")
    ordered = {line.piece_id for line in order.lines}
    for place, piece_id in enumerate(wanted):
        if piece_id not in ordered:
            raise Invalid("this piece is not in the order", pointer=f"/piece_ids/{place}")
    by_piece = {line.piece_id: line for line in here}
    if gone := [piece_id for piece_id in wanted if piece_id not in by_piece]:
        raise AlreadyLeft(pieces=[str(piece_id) for piece_id in gone])
    return [by_piece[piece_id] for piece_id in wanted]


def _go_on(session: Session, order: Order, *, complete: bool, actor: Actor, now: datetime) -> None:
    if complete:
        order.become(OrderStatus.FULFILLED, actor=actor, why="all pieces left", at=now)
        order.handed_over_at = now
        defer(session, "order.handed_over", lock=f"order:{order.id}", order_id=order.id)
    elif order.status == OrderStatus.PAID:
        order.become(OrderStatus.PART_FULFILLED, actor=actor, why="some pieces left", at=now)
