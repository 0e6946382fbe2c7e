"""News about orders: each is a reason to ask Stripe, and Stripe's answer is what is applied."""

from datetime import datetime

from sqlalchemy.orm import Session

from orders.paying import apply_checkout
from orders.reading import UnknownOrder
from payments import listening
from payments.gateway import Checkout, Gateway
from payments.listening import APPLIED, Verdict, ignored, waits
from payments.models import NewsState


def follow_checkout(gateway: Gateway, *, event_id: str, now: datetime) -> NewsState:
    """Let an order follow its Checkout Session."""

    def apply(session: Session, checkout: Checkout) -> Verdict:
        if checkout.order_id is None:
            return ignored("a session of somebody else's")
        try:
            apply_checkout(session, order_id=checkout.order_id, checkout=checkout, now=now)
        except UnknownOrder:
            return waits("no such order, or not yet")
        if checkout.paid and checkout.payment is None:
            return waits("paid, and not booked yet")
        return APPLIED

    return listening.follow(event_id, read=gateway.read_checkout, apply=apply, now=now)
