"""News of payments to banks, and the sweep that finds what news was lost."""

import logging
import uuid
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.db import transaction
from payments import listening
from payments.attempts import AttemptOutcome
from payments.gateway import BankPayment, Gateway
from payments.listening import APPLIED, Verdict, ignored, waits
from payments.models import NewsState
from payouts.outbound_models import OutboundPayment, OutboundStatus
from payouts.outbound_outcomes import lock_payment, record_made, record_status

log = logging.getLogger("pallay.payouts")
#: How long after it was posted a bank may still send money back, generously.
MAY_COME_BACK_FOR = timedelta(days=90)
OPEN = (OutboundStatus.ASKING, OutboundStatus.PROCESSING)
AT_ONCE = 10_000


def follow_outbound(gateway: Gateway, *, event_id: str, now: datetime) -> NewsState:
    """Follow news of a payment to a bank."""
    return listening.follow(
        event_id,
        read=gateway.banks.read,
        apply=lambda session, seen: apply_payment(session, seen, now=now),
        now=now,
    )


def apply_payment(session: Session, seen: BankPayment, *, now: datetime) -> Verdict:
    """Let the payment of ours that this is be what Stripe says; again it changes nothing.

    One that was asked for and whose answer is not noted yet is known by what we wrote beside it.
    """
    payment_id = _ours(session, seen)
    if payment_id is None:
        return waits("no payment of ours, or not yet")
    payment, owed = lock_payment(session, payment_id)
    if payment.outcome is None:
        record_made(session, payment, owed, seen, now=now)
    elif payment.outcome != AttemptOutcome.DONE:
        log.critical("Stripe made what it had refused", extra={"payment": seen.id})
        return ignored("Stripe had refused this payment; reconcile names it")
    else:
        record_status(session, payment, owed, seen, now=now)
    return APPLIED


def payments_to_follow(gateway: Gateway, since: datetime) -> list[BankPayment]:
    """What Stripe says of every payment made since, and of older ones that are open here."""
    if gateway.banks.financial_account is None:
        return []
    with transaction() as session:
        first = session.scalar(
            select(func.min(OutboundPayment.started_at)).where(OutboundPayment.status.in_(OPEN))
        )
    return list(gateway.banks.payments_since(min(first or since, since)))


def sweep(gateway: Gateway, *, now: datetime) -> int:
    """Ask Stripe after every payment that is open or may still come back; how many had moved."""
    theirs = payments_to_follow(gateway, now - MAY_COME_BACK_FOR - timedelta(days=1))
    with transaction() as session:
        known = statuses_of(session, [one.id for one in theirs])
    moved = [one for one in theirs if known.get(one.id) != one.status]
    for seen in moved:
        with transaction() as session:
            apply_payment(session, seen, now=now)
    return len(moved)


def statuses_of(session: Session, stripe_ids: list[str]) -> dict[str, str]:
    """Our status of each payment of Stripe's that we know."""
    known: dict[str, str] = {}
    for start in range(0, len(stripe_ids), AT_ONCE):
        some = stripe_ids[start : start + AT_ONCE]
        rows = session.execute(
            select(OutboundPayment.stripe_id, OutboundPayment.status).where(
                OutboundPayment.stripe_id.in_(some)
            )
        )
        known |= {str(stripe_id): status for stripe_id, status in rows}
    return known


def _ours(session: Session, seen: BankPayment) -> uuid.UUID | None:
    by_name = select(OutboundPayment.id).where(OutboundPayment.stripe_id == seen.id)
    found = session.scalar(by_name)
    if found is not None:
        return found
    try:
        written = uuid.UUID(seen.metadata.get("outbound_payment", ""))
    except ValueError:
        return None
    unnamed = select(OutboundPayment.id).where(
        OutboundPayment.id == written, OutboundPayment.stripe_id.is_(None)
    )
    return session.scalar(unnamed)
