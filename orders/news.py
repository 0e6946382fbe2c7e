"""News about checkouts: each is a reason to ask Stripe, and Stripe's answer is what is applied."""

import logging
from datetime import datetime

from core.db import transaction
from orders.paying import apply_checkout
from orders.reading import UnknownOrder
from payments import inbox
from payments.errors import Declined, Unreachable
from payments.gateway import Checkout, Gateway
from payments.models import NewsState
from payments.topics import HANDLED

log = logging.getLogger(__name__)
OURS = frozenset(topic for topic, floor in HANDLED.items() if floor == "orders")
DONE = frozenset({NewsState.APPLIED, NewsState.IGNORED})


def apply_news(gateway: Gateway, *, event_id: str, now: datetime) -> NewsState:
    """Read the session the news is about at Stripe and let its order follow; safe to repeat.

    Waiting: the order is not known (yet), or the payment is not booked yet. Failed: no answer
    from Stripe. Both are tried again by `inbox.retry_news`. Ignored: not about an order of ours.
    """
    with transaction() as session:
        news = inbox.get_news(session, event_id)
        state, topic, session_id = NewsState(news.state), news.type, news.object_id
        if state in DONE:
            return state
        if topic not in OURS or session_id is None:
            inbox.mark_ignored(session, event_id, reason="nobody here listens to this")
            return NewsState.IGNORED
    try:
        checkout = gateway.read_checkout(session_id)
    except (Unreachable, Declined) as problem:
        log.warning("news not applied: %s", problem.message, extra={"event_id": event_id})
        with transaction() as session:
            inbox.mark_failed(session, event_id, reason=problem.message)
        return NewsState.FAILED
    return _apply(event_id, checkout, now)


def _apply(event_id: str, checkout: Checkout, now: datetime) -> NewsState:
    with transaction() as session:
        if checkout.order_id is None:
            news = inbox.mark_ignored(session, event_id, reason="a session of somebody else's")
            return NewsState(news.state)
        try:
            apply_checkout(session, order_id=checkout.order_id, checkout=checkout, now=now)
        except UnknownOrder:
            news = inbox.mark_waiting(session, event_id, reason="no such order, or not yet")
            return NewsState(news.state)
        if checkout.paid and checkout.payment is None:
            news = inbox.mark_waiting(session, event_id, reason="paid, and not booked yet")
        else:
            news = inbox.mark_applied(session, event_id, now=now)
        return NewsState(news.state)
