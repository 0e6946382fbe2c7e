"""Which operation does which note: the map from the name of a job to what is done.

Every handler is safe to run twice. It is given the gateway and the ids that were written down.
"""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime

from app.news import apply_news
from core import clock, idempotency
from core.db import transaction
from core.errors import Conflict
from orders import checkout
from payments import inbox
from payments.gateway import Gateway
from payouts import obligations, reports, transfers

log = logging.getLogger("pallay.worker")

EVERY_MINUTE = "* * * * *"
EVERY_NIGHT = "17 8 * * *"  # in UTC; seventeen past three in Cusco
LATER_AT_NIGHT = "47 8 * * *"  # once what was missed has been caught up


def open_checkout(gateway: Gateway, *, order_id: str) -> None:
    """Open the payment page of an order whose buyer's request died before doing so."""
    try:
        checkout.open_checkout(gateway, order_id=uuid.UUID(order_id), now=clock.now())
    except Conflict as refusal:
        log.info("no payment page: %s", refusal.code, extra={"order_id": order_id})


def check_payment(gateway: Gateway, *, order_id: str) -> None:
    """Ask Stripe how an order's payment stands, in case its news was lost."""
    checkout.refresh_payment(gateway, order_id=uuid.UUID(order_id), now=clock.now())


def order_paid(_gateway: Gateway, *, order_id: str) -> None:
    """Write what a sale owes to whom."""
    with transaction() as session:
        obligations.record_sale(session, order_id=uuid.UUID(order_id), now=clock.now())


def order_handed_over(_gateway: Gateway, *, order_id: str) -> None:
    """Begin the hold window; what is due at once falls due at once."""
    with transaction() as session:
        obligations.start_hold_window(session, order_id=uuid.UUID(order_id), now=clock.now())
        obligations.fall_due(session, now=clock.now())


def piece_accepted(_gateway: Gateway, *, piece_id: str) -> None:
    """Write what an acceptance owes to whom."""
    with transaction() as session:
        obligations.record_acceptance(session, piece_id=uuid.UUID(piece_id), now=clock.now())


def acceptance_withdrawn(_gateway: Gateway, *, piece_id: str) -> None:
    """Take back what was owed for an acceptance that was taken back."""
    with transaction() as session:
        obligations.withdraw_acceptance(session, piece_id=uuid.UUID(piece_id), now=clock.now())


def settle_obligation(gateway: Gateway, *, obligation_id: str) -> None:
    """Pay one obligation, exactly once."""
    transfers.settle(gateway, obligation_id=uuid.UUID(obligation_id), now=clock.now())


def fall_due(_gateway: Gateway) -> None:
    """Let everything fall due whose time has come, and take up again what is still open."""
    with transaction() as session:
        obligations.fall_due(session, now=clock.now())


def retry_news(_gateway: Gateway) -> None:
    """Try again what waited or failed."""
    with transaction() as session:
        inbox.retry_news(session, clock.now())


def reconcile(gateway: Gateway, *, report_id: str, actor: str, since: str) -> None:
    """Compare everything because somebody asked, and keep the report."""
    reports.reconcile_and_keep(
        gateway,
        actor=actor,
        clock=clock.now,
        since=datetime.fromisoformat(since) if since else None,
        report_id=uuid.UUID(report_id),
    )


def reconcile_nightly(gateway: Gateway) -> None:
    """Compare everything every night, and keep the report."""
    reports.reconcile_and_keep(gateway, actor="system:worker", clock=clock.now)


def forget_old_claims(_gateway: Gateway) -> None:
    """Forget answers that nobody will ask for again; they may hold private data."""
    with transaction() as session:
        idempotency.forget_old_claims(session, now=clock.now())


HANDLERS: dict[str, Callable[..., None]] = {
    "order.open_checkout": open_checkout,
    "order.check_payment": check_payment,
    "order.paid": order_paid,
    "order.handed_over": order_handed_over,
    "piece.accepted": piece_accepted,
    "piece.acceptance_withdrawn": acceptance_withdrawn,
    "obligation.settle": settle_obligation,
    "stripe.news": apply_news,
    "books.reconcile": reconcile,
}

PERIODIC: dict[str, tuple[str, Callable[..., None]]] = {
    "payouts.fall_due": (EVERY_MINUTE, fall_due),
    "stripe.retry_news": (EVERY_MINUTE, retry_news),
    "books.reconcile_nightly": (LATER_AT_NIGHT, reconcile_nightly),
    "claims.forget_old": (EVERY_NIGHT, forget_old_claims),
}
