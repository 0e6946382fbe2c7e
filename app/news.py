"""Which operation follows which news from Stripe: the map from a topic to what is done.

Everything else that Stripe tells is kept and ignored. Every operation reads the object again at
Stripe and is safe to run twice.
"""

from collections.abc import Callable
from typing import Any

from core import clock
from core.db import transaction
from core.errors import PallayError
from orders.disputes import follow_dispute
from orders.news import follow_checkout
from orders.refund_news import follow_charge, follow_refund
from payments import inbox
from payments.gateway import Gateway
from payouts import accounts
from payouts.bank_payouts import follow_payout
from payouts.outbound_news import follow_outbound
from payouts.reversal_news import follow_transfer

TOPICS: dict[str, Callable[..., Any]] = {
    "checkout.session.completed": follow_checkout,
    "checkout.session.expired": follow_checkout,
    "checkout.session.async_payment_succeeded": follow_checkout,
    "checkout.session.async_payment_failed": follow_checkout,
    "charge.refunded": follow_charge,
    "refund.created": follow_refund,
    "refund.updated": follow_refund,
    "refund.failed": follow_refund,
    "charge.dispute.created": follow_dispute,
    "charge.dispute.updated": follow_dispute,
    "charge.dispute.funds_withdrawn": follow_dispute,
    "charge.dispute.funds_reinstated": follow_dispute,
    "charge.dispute.closed": follow_dispute,
    "transfer.reversed": follow_transfer,
    "transfer.updated": follow_transfer,
    "payout.created": follow_payout,
    "payout.paid": follow_payout,
    "payout.failed": follow_payout,
    "payout.canceled": follow_payout,
    "account.updated": accounts.apply_news,
    "capability.updated": accounts.apply_news,
    "v2.core.account[configuration.recipient].capability_status_updated": accounts.apply_news,
    **{
        f"v2.money_management.outbound_payment.{what}": follow_outbound
        for what in (
            "created",
            "updated",
            "under_review",
            "posted",
            "failed",
            "canceled",
            "returned",
        )
    },
}


def apply_news(gateway: Gateway, *, event_id: str) -> None:
    """Hand a piece of news to whoever follows its topic.

    What breaks is written on it, so that a person sees why it is open, and is then tried again as
    any job is.
    """
    with transaction() as session:
        topic = inbox.get_news(session, event_id).type
        if topic not in TOPICS:
            inbox.mark_ignored(session, event_id, reason="nobody here listens to this")
            return
    try:
        TOPICS[topic](gateway, event_id=event_id, now=clock.now())
    except Exception as trouble:
        with transaction() as session:
            inbox.mark_failed(session, event_id, reason=_named(trouble))
        raise


def _named(trouble: Exception) -> str:
    """A refusal in its own words; of anything else the kind: its text may hold private data."""
    return trouble.message if isinstance(trouble, PallayError) else type(trouble).__name__
