"""News of refunds: ours follow what Stripe says; those made in Stripe's dashboard are taken in."""

import logging
import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import actors
from core.db import lock_rows
from core.ids import new_id
from core.money import Money
from orders.models import Order, OrderPayment, StrayPayment, Tender
from orders.money_back import follow
from orders.reading import lock_order
from orders.refund_left import left_of, parts_of, refunds_of
from orders.refund_models import Refund, RefundReason, RefundStatus
from orders.refund_shares import Share, divided
from payments import listening
from payments.gateway import Gateway, SentRefund
from payments.listening import APPLIED, Verdict, waits
from payments.models import NewsState

log = logging.getLogger("pallay.orders")
STRIPE = actors.system("stripe")
NOBODYS = waits("no order was paid with this charge, or not yet")


def follow_refund(gateway: Gateway, *, event_id: str, now: datetime) -> NewsState:
    """Let a refund of ours follow Stripe's, or take it in."""

    def apply(session: Session, sent: SentRefund) -> Verdict:
        return APPLIED if apply_refund(session, sent, now=now) else NOBODYS

    return listening.follow(event_id, read=gateway.read_refund, apply=apply, now=now)


def follow_charge(gateway: Gateway, *, event_id: str, now: datetime) -> NewsState:
    """Let every refund of one charge follow Stripe's."""

    def apply(session: Session, made: list[SentRefund]) -> Verdict:
        known = [apply_refund(session, sent, now=now) for sent in made]
        return APPLIED if all(known) else NOBODYS

    return listening.follow(event_id, read=gateway.refunds_of, apply=apply, now=now)


def apply_refund(session: Session, sent: SentRefund, *, now: datetime) -> bool:
    """Write down what Stripe says of one refund; again it changes nothing.

    False when no order of ours was paid with its charge, as far as is known now.
    """
    order_id = _order_of(session, sent)
    if order_id is None:
        return False
    order = lock_order(session, order_id)
    refund = _ours(session, order, sent) or _take_in(session, order, sent, now)
    follow(session, order, refund, sent, now=now)
    session.flush()
    return True


def _order_of(session: Session, sent: SentRefund) -> uuid.UUID | None:
    if sent.charge_id is None:
        return None
    paid = select(OrderPayment.order_id).where(OrderPayment.charge_id == sent.charge_id)
    stray = select(StrayPayment.order_id).where(StrayPayment.charge_id == sent.charge_id)
    return session.scalar(paid) or session.scalar(stray)


def _ours(session: Session, order: Order, sent: SentRefund) -> Refund | None:
    """The refund this is: by Stripe's id, or by ours where its answer was never heard."""
    known = session.scalar(select(Refund.id).where(Refund.stripe_id == sent.id))
    if known is None:
        known = session.scalar(
            select(Refund.id).where(
                Refund.order_id == order.id,
                Refund.charge_id == sent.charge_id,
                Refund.stripe_id.is_(None),
                Refund.amount_minor == sent.amount.minor,
                Refund.id == _uuid(sent.metadata.get("refund")),
            )
        )
    return lock_rows(session, Refund, [known])[0] if known else None


def _take_in(session: Session, order: Order, sent: SentRefund, now: datetime) -> Refund:
    """A refund somebody made in Stripe's dashboard, divided like any amount."""
    payment = session.get(OrderPayment, order.id)
    of_order = payment is not None and payment.charge_id == sent.charge_id
    asked = RefundReason.BUYER_ASKED if sent.reason == "requested_by_customer" else None
    refund = Refund(
        id=new_id(),
        cooperative_id=order.cooperative_id,
        order_id=order.id,
        tender=Tender.STRIPE.value,
        charge_id=sent.charge_id,
        amount_minor=sent.amount.minor,
        currency=sent.amount.currency,
        reason=_reason(session, sent, of_order=of_order) or asked or RefundReason.GOODWILL,
        note="made in Stripe's dashboard",
        requested_at=now,
        requested_by=STRIPE.reference,
        stripe_id=sent.id,
    )
    if payment is not None and of_order and not sent.failed:
        refund.parts = parts_of(order, _shares(session, order, payment, sent.amount))
    why = f"refund {sent.id}, made at Stripe"
    session.add(refund.begin(RefundStatus.ASKING, actor=STRIPE, why=why, at=now))
    session.add(refund)
    session.flush()
    log.warning("a refund made at Stripe is taken in", extra={"refund_id": str(refund.id)})
    return refund


def _reason(session: Session, sent: SentRefund, *, of_order: bool) -> str | None:
    """Of a stray payment's refund: why it was a stray."""
    if of_order:
        return None
    return session.scalar(select(StrayPayment.why).where(StrayPayment.charge_id == sent.charge_id))


def _shares(session: Session, order: Order, payment: OrderPayment, amount: Money) -> list[Share]:
    """An amount over what is left. Where ours that Stripe has not made yet leave too little, they
    come too late and are not counted: Stripe will refuse them."""
    gone = refunds_of(session, payment)
    made = [refund for refund in gone if refund.stripe_id is not None]
    left, whole = left_of(order, payment, gone)
    if amount.minor > whole:
        left, whole = left_of(order, payment, made)
    if amount.minor > whole:
        log.critical("more went back than was ordered", extra={"order_id": str(order.id)})
    return divided(left, min(amount.minor, sum(share.minor for share in left)))


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
