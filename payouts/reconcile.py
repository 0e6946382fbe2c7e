"""Reconcile: orders, obligations, ledger and Stripe compared; every difference is named.

1. An order's shares, funds and fees are its charge, exactly.
2. Every paid order has been divided, and nothing was divided that was not paid.
3. Every settled obligation has one proof, and nothing else has one.
4. Every transfer at Stripe belongs to one obligation: orphans and doubles are named.
5. Every refund and dispute has its reversal or decision (there are none before refunds exist).
6. The ledger's balance at Stripe is Stripe's own, per currency.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.db import transaction
from orders.models import Order, OrderPayment, OrderStatus
from payments.gateway import Gateway, Transfer
from payouts import ledger
from payouts.models import Obligation, ObligationStatus, Posting, Rail, Settlement

THE_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
PAID = (
    OrderStatus.PAID,
    OrderStatus.PART_FULFILLED,
    OrderStatus.FULFILLED,
    OrderStatus.CLOSED,
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that differs: which check, what is here, what is there, by how much, in words."""

    check: int
    ours: str
    theirs: str
    amount_minor: int
    currency: str
    words: str


def reconcile(gateway: Gateway, *, since: datetime = THE_BEGINNING) -> list[Difference]:
    """Compare everything; an empty list: all agrees. ``since`` bounds Stripe's transfers."""
    theirs = list(gateway.transfers_since(since))
    balance = gateway.balance()
    with transaction() as session:
        return [
            *_charges_divided(session),
            *_paid_and_divided(session),
            *_proofs(session),
            *_transfers(session, theirs, since),
            *_balances(session, balance),
            *_places(session),
        ]


def _charges_divided(session: Session) -> Iterator[Difference]:
    """1: the clearing account of every order is empty."""
    for (account, currency), amount in ledger.balances(session).items():
        if account.startswith("order:") or account == ledger.STRIPE_FEES:
            yield Difference(1, account, "", amount, currency, "not divided to the last unit")


def _paid_and_divided(session: Session) -> Iterator[Difference]:
    """2: paid, recorded as paid, and divided go together."""
    divided = (
        select(Posting.order_id, func.sum(Posting.amount_minor).label("gross"))
        .where(Posting.event.startswith("order_paid:"), Posting.destination == ledger.STRIPE)
        .group_by(Posting.order_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Order.id,
            Order.status,
            OrderPayment.gross_minor,
            OrderPayment.settlement_currency,
            divided.c.gross,
        )
        .outerjoin(OrderPayment, OrderPayment.order_id == Order.id)
        .outerjoin(divided, divided.c.order_id == Order.id)
    )
    for order_id, status, gross, currency, posted in rows:
        paid = status in PAID
        name = f"order:{order_id}"
        if paid and gross is None:
            yield Difference(2, name, "", 0, "", "paid, but no payment is recorded")
        elif gross is not None and not paid:
            yield Difference(2, name, "", gross, currency, "money came for an order that ended")
        elif gross is not None and posted != gross:
            off = gross - int(posted or 0)
            yield Difference(2, name, "", off, currency, "not posted as it was charged")


def _proofs(session: Session) -> Iterator[Difference]:
    """3: settled and proved go together, for the same amount."""
    rows = session.execute(
        select(Obligation, Settlement.amount_minor).outerjoin(
            Settlement, Settlement.obligation_id == Obligation.id
        )
        .where(
            (Obligation.status == ObligationStatus.SETTLED) != Settlement.id.is_not(None)
        )
    )  # fmt: skip
    for obligation, amount in rows:
        words = "settled without a proof" if amount is None else "proved, but not settled"
        yield Difference(
            3, str(obligation.id), "", obligation.amount_minor, obligation.currency, words
        )


def _transfers(
    session: Session, theirs: Sequence[Transfer], since: datetime
) -> Iterator[Difference]:
    """4: transfers at Stripe and settlements here are the same set."""
    ours = {
        str(transfer_id): (str(obligation_id), amount)
        for transfer_id, obligation_id, amount in session.execute(
            select(Settlement.transfer_id, Settlement.obligation_id, Settlement.amount_minor).where(
                Settlement.rail == Rail.STRIPE_TRANSFER, Settlement.settled_at >= since
            )
        )
    }
    open_ones = {
        str(obligation_id)
        for obligation_id in session.scalars(
            select(Obligation.id).where(Obligation.status == ObligationStatus.SETTLING)
        )
    }
    times = Counter(transfer.metadata.get("obligation", "") for transfer in theirs)
    for transfer in theirs:
        claimed = transfer.metadata.get("obligation", "")
        minor, currency = transfer.amount.minor, transfer.amount.currency
        if transfer.id not in ours and claimed not in open_ones:
            yield Difference(4, claimed, transfer.id, minor, currency, "no settlement of ours")
        elif transfer.id in ours and ours[transfer.id] != (claimed, minor):
            yield Difference(
                4, ours[transfer.id][0], transfer.id, minor, currency, "not as we recorded it"
            )
        elif claimed and times[claimed] > 1:
            yield Difference(4, claimed, transfer.id, minor, currency, "one of several")
    for missing in set(ours) - {transfer.id for transfer in theirs}:
        obligation_id, amount = ours[missing]
        yield Difference(4, obligation_id, missing, amount, "", "Stripe does not know it")


def _balances(session: Session, theirs: dict[str, int]) -> Iterator[Difference]:
    """6: what the ledger says Stripe holds is what Stripe says."""
    ours = {
        currency: amount
        for (account, currency), amount in ledger.balances(session).items()
        if account == ledger.STRIPE
    }
    for currency in sorted(set(ours) | set(theirs)):
        off = theirs.get(currency, 0) - ours.get(currency, 0)
        if off:
            yield Difference(6, ledger.STRIPE, "balance", off, currency, "balances differ")


CHAIN_BROKEN = text(
    "SELECT piece_id FROM (SELECT piece_id, source_id, sequence,"
    " lag(destination_id) OVER (PARTITION BY piece_id ORDER BY sequence) AS came_to"
    " FROM movements) AS chain WHERE sequence > 1 AND source_id IS DISTINCT FROM came_to"
)


def _places(session: Session) -> Iterator[Difference]:
    """Stock: each movement begins where the one before it ended."""
    piece_id: uuid.UUID
    for piece_id in session.scalars(CHAIN_BROKEN):
        yield Difference(0, str(piece_id), "", 0, "", "a movement begins where the piece was not")
