"""Which operation does which note: the map from the name of a job to what is done.

Every handler is safe to run twice. It is given the gateway and the ids that were written down.
"""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from app.database import db
from app.news import apply_news
from core import clock, idempotency
from core.db import transaction
from core.errors import Conflict
from core.jobs import ids_in
from inventory import batch_progress, batch_work, batches
from orders import checkout, disputes, money_back
from payments import inbox
from payments.gateway import Gateway
from payouts import (
    acceptances,
    bank_due,
    catching_up,
    disputed,
    many_transfers,
    obligations,
    outbound,
    outbound_news,
    recoveries,
    reports,
    reversals,
    transfers,
    undoing,
    unfinished,
)
from photos import developing, removal, sweeping
from photos.storage import current_store

log = logging.getLogger("pallay.worker")

EVERY_MINUTE = "* * * * *"
EVERY_TEN_MINUTES = "*/10 * * * *"
LATELY = timedelta(days=3)
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
        obligations.fall_due(session, now=clock.now(), order_id=uuid.UUID(order_id))


def order_refunded(_gateway: Gateway, *, refund_id: str) -> None:
    """Take back what a refund that Stripe booked takes back."""
    with transaction() as session:
        undoing.record_refund(session, refund_id=uuid.UUID(refund_id), now=clock.now())


def order_refund_failed(_gateway: Gateway, *, refund_id: str) -> None:
    """Give back what a refund took back that did not reach the buyer."""
    with transaction() as session:
        undoing.restore_refund(session, refund_id=uuid.UUID(refund_id), now=clock.now())


def order_stray_paid(_gateway: Gateway, *, stray_id: str) -> None:
    """Write money into the books that no order can keep."""
    with transaction() as session:
        undoing.record_stray(session, stray_id=uuid.UUID(stray_id), now=clock.now())


def send_refund(gateway: Gateway, *, refund_id: str) -> None:
    """Have Stripe send money back, exactly once."""
    money_back.send(gateway, refund_id=uuid.UUID(refund_id), now=clock.now())


def look_at_refund(gateway: Gateway, *, refund_id: str) -> None:
    """Ask Stripe what became of a refund, in case its news was lost."""
    money_back.look(gateway, refund_id=uuid.UUID(refund_id), now=clock.now())


def piece_accepted(_gateway: Gateway, *, piece_id: str) -> None:
    """Write what an acceptance owes to whom."""
    with transaction() as session:
        acceptances.record_acceptance(session, piece_id=uuid.UUID(piece_id), now=clock.now())


def acceptance_withdrawn(_gateway: Gateway, *, piece_id: str) -> None:
    """Take back what was owed for an acceptance that was taken back."""
    with transaction() as session:
        acceptances.withdraw_acceptance(session, piece_id=uuid.UUID(piece_id), now=clock.now())


def settle_obligation(gateway: Gateway, *, obligation_id: str) -> None:
    """Pay one obligation, exactly once."""
    transfers.settle(gateway, obligation_id=uuid.UUID(obligation_id), now=clock.now())


def settle_obligations(gateway: Gateway, *, cooperative_id: str, obligation_ids: str) -> None:
    """Pay many obligations of one co-operative, each exactly once."""
    many_transfers.settle_many(
        gateway,
        cooperative_id=uuid.UUID(cooperative_id),
        obligation_ids=ids_in(obligation_ids),
        now=clock.now(),
    )


def pay_to_bank(gateway: Gateway, *, maker_id: str, currency: str) -> None:
    """Pay what is due to a maker's bank, exactly once."""
    outbound.pay_to_bank(gateway, maker_id=uuid.UUID(maker_id), currency=currency, now=clock.now())


def dispute_moved(_gateway: Gateway, *, dispute_id: str) -> None:
    """Write what a dispute did into the books."""
    with transaction() as session:
        disputed.record_dispute(session, dispute_id=uuid.UUID(dispute_id), now=clock.now())


def alarm_about_disputes(_gateway: Gateway) -> None:
    """Say every day which disputes still wait for our answer."""
    with transaction() as session:
        disputes.alarm(session, now=clock.now())


def reverse_transfer(gateway: Gateway, *, recovery_id: str) -> None:
    """Bring money of a transfer back, exactly once."""
    reversals.reverse(gateway, recovery_id=uuid.UUID(recovery_id), now=clock.now())


def follow_outcomes(_gateway: Gateway) -> None:
    """Go on with what waited for a payment's outcome, and with reversals nobody is at."""
    with transaction() as session:
        recoveries.follow_outcomes(session, now=clock.now())


def fall_due(_gateway: Gateway) -> None:
    """Let everything fall due whose time has come, and take up again what is still open."""
    with transaction() as session:
        obligations.fall_due(session, now=clock.now())


def take_up_lately(_gateway: Gateway) -> None:
    """Take up anew what happened to money lately and is not in the books."""
    with transaction() as session:
        unfinished.take_up(session, since=clock.now() - LATELY)


def take_up_all(_gateway: Gateway) -> None:
    """Take up anew what ever happened to money and is not in the books."""
    with transaction() as session:
        unfinished.take_up(session)


def take_up_bank_payments(gateway: Gateway) -> None:
    """Take up again every payment to a bank that was begun, and begin what is enough."""
    if gateway.banks.financial_account is None:
        return
    with transaction() as session:
        bank_due.take_up(session, now=clock.now())


def look_after_bank_payments(gateway: Gateway) -> None:
    """Ask after every payment to a bank that is under way or may still come back."""
    outbound_news.sweep(gateway, now=clock.now())


def take_up_refunds(_gateway: Gateway) -> None:
    """Take up again every refund that Stripe is still to be asked for."""
    with transaction() as session:
        money_back.take_up(session, now=clock.now())


def look_after_refunds(_gateway: Gateway) -> None:
    """Ask after every refund that is under way."""
    with transaction() as session:
        money_back.look_after(session)


def retry_news(_gateway: Gateway) -> None:
    """Try again what waited or failed."""
    with transaction() as session:
        inbox.retry_news(session, clock.now())
        inbox.give_up(session, clock.now())


def catch_up(gateway: Gateway, *, part: str, since: str) -> None:
    """Find what no news told, one part of it."""
    catching_up.run(
        gateway,
        part=part,
        since=datetime.fromisoformat(since),
        actor="system:worker",
        clock=clock.now,
    )


def catch_up_nightly(_gateway: Gateway) -> None:
    """Leave every part of catching up to the workers."""
    with transaction() as session:
        catching_up.begin(session, now=clock.now())


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


def photo_received(_gateway: Gateway, *, photo_id: str) -> None:
    """Make a photo harmless, and print it in every size."""
    developing.develop_photo(current_store(), photo_id=uuid.UUID(photo_id), now=clock.now())


def photo_removed(_gateway: Gateway, *, photo_id: str) -> None:
    """Delete what is kept of a photo that was removed."""
    removal.forget_files(current_store(), photo_id=uuid.UUID(photo_id))


def take_up_photos(_gateway: Gateway) -> None:
    """Take up again every photo that waits to be developed."""
    with transaction() as session:
        developing.take_up_received(session)


def sweep_photos(_gateway: Gateway) -> None:
    """Delete objects in the store of photos that no row points at."""
    sweeping.sweep(current_store(), now=clock.now())


def batch_sent(_gateway: Gateway, *, batch_id: str) -> None:
    """Look at every row of a spreadsheet."""
    batch_work.check_batch(batch_id=uuid.UUID(batch_id), now=clock.now())


def batch_application_asked(_gateway: Gateway, *, batch_id: str) -> None:
    """Write down everything in a spreadsheet, or nothing."""

    def tell(told_id: uuid.UUID, rows: int) -> None:
        with db.engine.begin() as beside:
            batch_progress.tell(beside, batch_id=told_id, rows=rows)

    batch_work.apply_checked(batch_id=uuid.UUID(batch_id), now=clock.now(), tell=tell)


def take_up_batches(_gateway: Gateway) -> None:
    """Take up again every spreadsheet that nobody is at."""
    with transaction() as session:
        batches.take_up_left(session)


def forget_old_batches(_gateway: Gateway) -> None:
    """Forget spreadsheets that nobody applied."""
    with transaction() as session:
        batches.forget_old(session, now=clock.now())


HANDLERS: dict[str, Callable[..., None]] = {
    "order.open_checkout": open_checkout,
    "order.check_payment": check_payment,
    "order.paid": order_paid,
    "order.handed_over": order_handed_over,
    "order.refunded": order_refunded,
    "order.refund_failed": order_refund_failed,
    "order.stray_paid": order_stray_paid,
    "refund.send": send_refund,
    "refund.look": look_at_refund,
    "piece.accepted": piece_accepted,
    "piece.acceptance_withdrawn": acceptance_withdrawn,
    "obligation.settle": settle_obligation,
    "obligations.settle": settle_obligations,
    "maker.pay_to_bank": pay_to_bank,
    "dispute.moved": dispute_moved,
    "recovery.reverse": reverse_transfer,
    "stripe.news": apply_news,
    "stripe.catch_up": catch_up,
    "books.reconcile": reconcile,
    "batch.sent": batch_sent,
    "batch.application_asked": batch_application_asked,
    "photo.received": photo_received,
    "photo.removed": photo_removed,
}

PERIODIC: dict[str, tuple[str, Callable[..., None]]] = {
    "payouts.fall_due": (EVERY_MINUTE, fall_due),
    "payouts.take_up_bank_payments": (EVERY_MINUTE, take_up_bank_payments),
    "payouts.look_after_bank_payments": (EVERY_NIGHT, look_after_bank_payments),
    "refunds.take_up": (EVERY_MINUTE, take_up_refunds),
    "refunds.look_after": (EVERY_NIGHT, look_after_refunds),
    "recoveries.follow_outcomes": (EVERY_MINUTE, follow_outcomes),
    "disputes.alarm": (EVERY_NIGHT, alarm_about_disputes),
    "books.take_up_lately": (EVERY_TEN_MINUTES, take_up_lately),
    "books.take_up_all": (EVERY_NIGHT, take_up_all),
    "stripe.retry_news": (EVERY_MINUTE, retry_news),
    "stripe.catch_up_nightly": (EVERY_NIGHT, catch_up_nightly),
    "books.reconcile_nightly": (LATER_AT_NIGHT, reconcile_nightly),
    "claims.forget_old": (EVERY_NIGHT, forget_old_claims),
    "batches.take_up": (EVERY_MINUTE, take_up_batches),
    "batches.forget_old": (EVERY_NIGHT, forget_old_batches),
    "photos.take_up": (EVERY_MINUTE, take_up_photos),
    "photos.sweep": (EVERY_NIGHT, sweep_photos),
}
