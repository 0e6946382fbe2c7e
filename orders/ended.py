"""Ended by a refund: a paid order of which everything went back, and one whose refund failed.

An order is cancelled when the money has gone, not when that was asked for: until Stripe has booked
the refund its pieces stay sold to it, and nothing leaves the house. A bank may send a refund back
after that; then the order stands again where its pieces are still free. Where they are not, it
stays cancelled, nobody is paid from it, and reconcile names it until the money has gone another
way.
"""

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from core.actors import Actor
from inventory import coming_back, stock
from orders.models import Order, OrderPayment, OrderStatus
from orders.refund_left import left_of, refunds_of
from orders.refund_models import Refund

log = logging.getLogger("pallay.orders")


def end_if_whole(
    session: Session, order: Order, refund: Refund, *, actor: Actor, now: datetime
) -> None:
    """Cancel a paid order of which nothing has left and everything went back; its pieces are free.

    The order must be locked by the caller.
    """
    payment = _paid_with(session, order, refund)
    if payment is None or order.status != OrderStatus.PAID or _left(session, order, payment):
        return
    why = f"refund {refund.id}"
    order.become(OrderStatus.CANCELLED, actor=actor, why=why, at=now)
    coming_back.unsell(session, order.id, actor=actor, why=why, now=now)
    session.flush()


def stand_again(
    session: Session, order: Order, refund: Refund, *, actor: Actor, now: datetime
) -> None:
    """Let an order that a refund had ended stand again: the refund failed, the money is here.

    The order must be locked by the caller.
    """
    session.flush()
    payment = _paid_with(session, order, refund)
    ended = order.status == OrderStatus.CANCELLED
    if payment is None or not ended or not _left(session, order, payment):
        return
    pieces = [line.piece_id for line in order.lines]
    try:
        stock.reserve(session, pieces, order_id=order.id, expires_at=now, actor=actor, now=now)
    except stock.PieceUnavailable:
        log.critical("refund failed, its pieces are gone", extra={"order_id": str(order.id)})
        return
    order.become(OrderStatus.PAID, actor=actor, why=f"refund {refund.id} failed", at=now)
    stock.sell(session, order.id, actor=actor, now=now)
    session.flush()


def _paid_with(session: Session, order: Order, refund: Refund) -> OrderPayment | None:
    """What the order was paid with, if the refund is of that and not of a stray payment."""
    payment = session.get(OrderPayment, order.id)
    return payment if payment is not None and payment.charge_id == refund.charge_id else None


def _left(session: Session, order: Order, payment: OrderPayment) -> int:
    """What of the charge has not gone back: only what was booked has gone."""
    gone = [one for one in refunds_of(session, payment) if one.settled_minor is not None]
    _shares, left = left_of(order, payment, gone)
    return left
