"""Payouts: what Stripe sends from our balance to the seller's bank, or to our financial account.

Pallay does not order them; it sees them and writes them down, each once and its failure once.
"""

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import actors
from payments import listening
from payments.gateway import BankPayout, Gateway
from payments.listening import APPLIED, Verdict, ignored
from payouts.book_models import Pocket
from payouts.treasury import AlreadyRecorded, record_move
from people.models import Cooperative

log = logging.getLogger("pallay.payouts")
STRIPE = actors.system("stripe")
CAME_BACK = frozenset({"failed", "canceled"})


def follow_payout(gateway: Gateway, *, event_id: str, now: datetime) -> None:
    """Follow news of a payout."""
    listening.follow(
        event_id,
        read=gateway.read_bank_payout,
        apply=lambda session, payout: _applied(session, payout, now),
        now=now,
    )


def _applied(session: Session, payout: BankPayout, now: datetime) -> Verdict:
    if follow(session, payout, now=now):
        return APPLIED
    return ignored("whose of several co-operatives it is, a person must write down")


def follow(session: Session, payout: BankPayout, *, now: datetime) -> bool:
    """Write down what a payout did to our balance; a second time nothing is written.

    False where several co-operatives share the balance: which of them it is for is not said.
    """
    found = session.scalars(select(Cooperative.id).limit(2)).all()
    if len(found) != 1:
        return False
    into = Pocket.STRIPE_OUTBOUND if payout.financial_account else Pocket.BANK
    ends = [(Pocket.STRIPE, into, "payout")]
    if payout.status in CAME_BACK:
        ends.append((into, Pocket.STRIPE, f"payout {payout.status}"))
    for source, destination, what in ends:
        try:
            record_move(
                session,
                source=source,
                destination=destination,
                amount_minor=payout.amount.minor,
                currency=payout.amount.currency,
                why=f"{what} {payout.id}",
                moved_at=min(payout.created_at, now),
                actor=STRIPE,
                now=now,
                cooperative_id=found[0],
                stripe_id=payout.id,
            )
        except AlreadyRecorded:
            log.debug("payout %s is written down", payout.id)
    return True
