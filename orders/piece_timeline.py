"""What orders say of one piece, by their numbers; of its buyers nothing."""

import uuid
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, func

from core.timelines import Source, told
from inventory.models import Hold, HoldStatus
from orders.models import Order, OrderLine, OrderPayment, Shipment, ShipmentPiece
from orders.refund_models import Refund, RefundPart
from orders.return_models import Return, ReturnPiece

STOCK, ORDERS = "stock:read", "orders:read"
OF_ORDER = {"order_id": Order.id}
NUMBER = {"number": Order.number}


def _payer() -> ColumnElement[Any]:
    """Who took the money at the stall; else the buyer, known by her order alone."""
    by_hand = OrderPayment.taken_by_id.is_not(None)
    taken = func.concat("staff:", cast(OrderPayment.taken_by_id, Text))
    return case((by_hand, taken), else_=func.concat("buyer:", cast(Order.id, Text)))


def _holds(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(Hold.id, Hold.held_at, refs=OF_ORDER, facts=NUMBER)
    return columns.join(Order, Order.id == Hold.order_id).where(Hold.piece_id == piece_id)


def _releases(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(Hold.id, Hold.released_at, refs=OF_ORDER, facts=NUMBER)
    return columns.join(Order, Order.id == Hold.order_id).where(
        Hold.piece_id == piece_id, Hold.status == HoldStatus.RELEASED
    )


def _payments(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        OrderLine.id,
        OrderPayment.recorded_at,
        _payer(),
        happened_at=OrderPayment.paid_at,
        refs={**OF_ORDER, "line_id": OrderLine.id},
        facts={**NUMBER, "tender": OrderPayment.tender},
    )
    paid = columns.join(Order, Order.id == OrderLine.order_id)
    return paid.join(OrderPayment, OrderPayment.order_id == Order.id).where(
        OrderLine.piece_id == piece_id
    )


def _shipments(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        Shipment.id,
        Shipment.at,
        Shipment.actor,
        refs={**OF_ORDER, "shipment_id": Shipment.id},
        facts={**NUMBER, "kind": Shipment.kind},
    )
    sent = columns.join(ShipmentPiece, ShipmentPiece.shipment_id == Shipment.id)
    line = sent.join(OrderLine, OrderLine.id == ShipmentPiece.line_id)
    return line.join(Order, Order.id == Shipment.order_id).where(OrderLine.piece_id == piece_id)


def _returns(piece_id: uuid.UUID) -> Select[Any]:
    """The permission to send it back."""
    return _returned(piece_id, Return.authorised_at, Return.authorised_by)


def _decisions(piece_id: uuid.UUID) -> Select[Any]:
    """What became of it after it came back."""
    columns = _returned(piece_id, ReturnPiece.decided_at, ReturnPiece.decided_by, ReturnPiece.why)
    return columns.where(ReturnPiece.decided_at.is_not(None))


def _returned(piece_id: uuid.UUID, at: Any, actor: Any, why: Any = None) -> Select[Any]:
    columns = told(
        ReturnPiece.id,
        at,
        actor,
        why=why,
        refs={**OF_ORDER, "return_id": Return.id},
        facts={**NUMBER, "reason": Return.reason, "disposition": ReturnPiece.disposition},
    )
    of = columns.join(Return, Return.id == ReturnPiece.return_id)
    return of.join(Order, Order.id == Return.order_id).where(ReturnPiece.piece_id == piece_id)


def _refunds(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        RefundPart.id,
        Refund.requested_at,
        Refund.requested_by,
        refs={**OF_ORDER, "refund_id": Refund.id},
        facts={
            **NUMBER,
            "minor": RefundPart.amount_minor,
            "currency": Refund.currency,
            "reason": Refund.reason,
        },
    )
    of = columns.join(Refund, Refund.id == RefundPart.refund_id)
    line = of.join(OrderLine, OrderLine.id == RefundPart.line_id)
    mine = and_(Order.id == OrderLine.order_id, OrderLine.piece_id == piece_id)
    return line.join(Order, mine)


SOURCES = (
    Source("held", "Held for order {number}.", _holds, STOCK),
    Source("released", "No longer held for order {number}.", _releases, STOCK),
    Source("paid", "Order {number} was paid: {tender}.", _payments, STOCK),
    Source("left", "Left for order {number}: {kind}.", _shipments, STOCK),
    Source("return_agreed", "May come back from order {number}: {reason}.", _returns, STOCK),
    Source("return_decided", "Came back from order {number}: {disposition}.", _decisions, STOCK),
    Source(
        "refunded",
        "{amount} to go back for it, order {number}: {reason}.",
        _refunds,
        ORDERS,
    ),
)
