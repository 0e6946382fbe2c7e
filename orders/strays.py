"""Strays: money that no order can keep is written down and sent back at once, and she is told why.

Its refund has no parts: it is about no line. The reason is on the buyer's order page.
"""

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import actors
from core.ids import new_id
from core.jobs import defer
from orders.models import Order, StrayPayment, Tender
from orders.refund_models import Refund, RefundReason, RefundStatus
from payments.gateway import Payment

log = logging.getLogger(__name__)
STRIPE = actors.system("stripe")


def is_stray(session: Session, charge_id: str) -> bool:
    """Whether this charge was found to be a stray before; it is not used for anything else."""
    known = select(StrayPayment.id).where(StrayPayment.charge_id == charge_id)
    return session.scalar(known) is not None


def send_back(
    session: Session, order: Order, payment: Payment, *, reason: RefundReason, now: datetime
) -> None:
    """Write down a payment the order cannot keep, and ask for its refund; again does nothing.

    The order must be locked by the caller.
    """
    if is_stray(session, payment.charge_id):
        return
    stray = StrayPayment(
        id=new_id(),
        cooperative_id=order.cooperative_id,
        order_id=order.id,
        charge_id=payment.charge_id,
        balance_transaction_id=payment.balance_transaction_id,
        charged_minor=payment.charged.minor,
        charged_currency=payment.charged.currency,
        gross_minor=payment.gross.minor,
        fee_minor=payment.fee_minor,
        net_minor=payment.net_minor,
        settlement_currency=payment.gross.currency,
        why=reason.value,
        paid_at=payment.paid_at,
        recorded_at=now,
    )
    refund = Refund(
        id=new_id(),
        cooperative_id=order.cooperative_id,
        order_id=order.id,
        tender=Tender.STRIPE.value,
        charge_id=payment.charge_id,
        amount_minor=payment.charged.minor,
        currency=payment.charged.currency,
        reason=reason.value,
        note="",
        requested_at=now,
        requested_by=STRIPE.reference,
    )
    session.add_all(
        [stray, refund.begin(RefundStatus.ASKING, actor=STRIPE, why=reason.value, at=now), refund]
    )
    session.flush()
    log.error("stray payment: %s", reason.value, extra={"order_id": str(order.id)})
    defer(session, "order.stray_paid", lock=f"order:{order.id}", stray_id=stray.id)
    defer(session, "refund.send", once=f"refund:{refund.id}", refund_id=refund.id)
