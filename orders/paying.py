"""Paying: what Stripe says of a Checkout Session, applied to the order; safe to apply again.

Lock order: the order, then its pieces. Stripe's word is a `Checkout` read from Stripe, never what
a webhook carried.
"""

import logging
import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from core import actors
from core.actors import Actor
from core.jobs import defer
from core.money import Money
from inventory import stock
from orders import strays
from orders.models import (
    CheckoutAttempt,
    CheckoutStatus,
    Order,
    OrderPayment,
    OrderStatus,
)
from orders.reading import lock_order
from orders.refund_models import RefundReason
from payments.gateway import Checkout, Payment

log = logging.getLogger(__name__)
STRIPE = actors.system("stripe")


def apply_checkout(
    session: Session,
    *,
    order_id: uuid.UUID,
    checkout: Checkout,
    now: datetime,
    actor: Actor = STRIPE,
) -> Order:
    """Let the order follow the session: paid, expired, or still waiting. Raises UnknownOrder.

    ``actor`` is written on what happens because the session ended; a payment is Stripe's news.
    """
    order = lock_order(session, order_id)
    attempt = _attempt_behind(order, checkout)
    if attempt is None:
        log.error("stray checkout session", extra=_about(order, checkout))
    else:
        _note(attempt, checkout, now)
    if checkout.payment is not None:
        settle_payment(session, order, checkout, checkout.payment, now=now)
    elif attempt is not None and (checkout.status == "expired" or checkout.failed):
        end_unpaid(session, order, why=f"Stripe: {checkout.status}", actor=actor, now=now)
    session.flush()
    return order


def settle_payment(
    session: Session, order: Order, checkout: Checkout, payment: Payment, *, now: datetime
) -> None:
    """Record the payment once, and sell the pieces. The order must be locked by the caller."""
    if order.payment is not None:
        if order.payment.charge_id != payment.charge_id:
            strays.send_back(session, order, payment, reason=RefundReason.PAID_TWICE, now=now)
        return
    if strays.is_stray(session, payment.charge_id):
        return
    if not order.awaiting and not _held_again(session, order, checkout, now):
        strays.send_back(session, order, payment, reason=RefundReason.PIECE_GONE, now=now)
        return
    if payment.charged != Money(order.total_minor, order.currency):
        log.error("charged another amount than ordered", extra=_about(order, checkout))
    session.add(_payment_row(order, checkout, payment, now))
    order.paid_at = payment.paid_at
    order.become(OrderStatus.PAID, actor=STRIPE, why=f"charge {payment.charge_id}", at=now)
    stock.sell(session, order.id, actor=STRIPE, now=now)
    defer(session, "order.paid", lock=f"order:{order.id}", order_id=order.id)


def end_unpaid(
    session: Session,
    order: Order,
    *,
    why: str,
    actor: Actor,
    now: datetime,
    cancelled: bool = False,
) -> None:
    """Free the pieces of an order that can no longer be paid; a second time changes nothing.

    The order is cancelled if that was asked for or ``cancelled`` says so, expired otherwise. It
    must be locked by the caller.
    """
    if not order.awaiting:
        return
    stock.release(session, order.id, actor=actor, why=why, now=now)
    wished = cancelled or order.cancel_requested_at is not None
    ending = OrderStatus.CANCELLED if wished else OrderStatus.EXPIRED
    order.become(ending, actor=actor, why=why, at=now)


def _attempt_behind(order: Order, checkout: Checkout) -> CheckoutAttempt | None:
    """The attempt this session came from; one that never heard its answer is given it now."""
    for attempt in order.attempts:
        if attempt.session_id == checkout.session_id:
            return attempt
    last = order.last_attempt
    return last if last.session_id is None and last.status == CheckoutStatus.ASKING else None


def _note(attempt: CheckoutAttempt, checkout: Checkout, now: datetime) -> None:
    """Write what we now know of the session; what has ended does not open again."""
    if attempt.status == CheckoutStatus.ASKING:
        attempt.session_id, attempt.url = checkout.session_id, checkout.url
        attempt.status, attempt.answered_at = CheckoutStatus.OPEN.value, now
    if attempt.status == CheckoutStatus.OPEN and checkout.status != "open":
        ended = CheckoutStatus.COMPLETE if checkout.status == "complete" else CheckoutStatus.EXPIRED
        attempt.status, attempt.url = ended.value, None


def _held_again(session: Session, order: Order, checkout: Checkout, now: datetime) -> bool:
    """For money that came after the order's end: hold its pieces again, if all are still free.

    If not, the money is sent back.
    """
    pieces = [line.piece_id for line in order.lines]
    try:
        stock.reserve(session, pieces, order_id=order.id, expires_at=now, actor=STRIPE, now=now)
    except stock.PieceUnavailable:
        log.critical("paid after its end, pieces are gone", extra=_about(order, checkout))
        return False
    log.error("paid after its end, pieces were still free", extra=_about(order, checkout))
    return True


def _payment_row(order: Order, checkout: Checkout, payment: Payment, now: datetime) -> OrderPayment:
    return OrderPayment(
        order_id=order.id,
        cooperative_id=order.cooperative_id,
        session_id=checkout.session_id,
        payment_intent_id=payment.payment_intent_id,
        charge_id=payment.charge_id,
        balance_transaction_id=payment.balance_transaction_id,
        charged_minor=payment.charged.minor,
        charged_currency=payment.charged.currency,
        gross_minor=payment.gross.minor,
        fee_minor=payment.fee_minor,
        net_minor=payment.net_minor,
        settlement_currency=payment.gross.currency,
        exchange_rate=payment.exchange_rate,
        paid_at=payment.paid_at,
        recorded_at=now,
    )


def _about(order: Order, checkout: Checkout) -> dict[str, str]:
    return {"order_id": str(order.id), "checkout_session": checkout.session_id}
