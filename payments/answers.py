"""Stripe's answers in our own words: plain values, so that nothing of the SDK crosses the wall."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast

import stripe
from stripe.checkout import Session as StripeSession

from core.money import Money

CheckoutState = Literal["open", "complete", "expired"]
NO_MONEY = frozenset({"requires_payment_method", "canceled"})


@dataclass(frozen=True, slots=True)
class Payment:
    """A charge that succeeded. ``charged`` is in the order's currency, the rest in settlement's.

    ``net_minor`` = ``gross.minor`` - ``fee_minor``; ``exchange_rate`` as Stripe wrote it.
    """

    payment_intent_id: str
    charge_id: str
    balance_transaction_id: str
    charged: Money
    gross: Money
    fee_minor: int
    net_minor: int
    exchange_rate: str | None
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class Checkout:
    """A Checkout Session. ``payment`` is known only when it was read, paid and booked.

    ``failed``: the buyer was done, with a delayed method, and the money did not come.
    """

    session_id: str
    url: str | None
    status: CheckoutState
    paid: bool
    expires_at: datetime
    order_id: uuid.UUID | None
    payment: Payment | None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money sent to a connected account, and how much of it came back."""

    id: str
    amount: Money
    destination: str
    group: str | None
    metadata: dict[str, str]
    created_at: datetime
    reversed_minor: int


@dataclass(frozen=True, slots=True)
class SentRefund:
    """Money of a charge on its way back to whoever paid. ``status`` is Stripe's word.

    ``taken``: what our balance gave for it, in settlement currency; None while it is not booked.
    """

    id: str
    charge_id: str | None
    amount: Money
    status: str
    failure: str | None
    reason: str | None
    taken: Money | None
    metadata: dict[str, str]
    created_at: datetime

    @property
    def failed(self) -> bool:
        """Whether the money will not reach the buyer."""
        return self.status in {"failed", "canceled"}


@dataclass(frozen=True, slots=True)
class Reversal:
    """Money of a transfer that came back."""

    id: str
    transfer_id: str
    amount: Money
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class SeenMove:
    """What a dispute did to our balance: below zero when money was taken, the fee besides."""

    balance_transaction_id: str
    amount: Money
    fee_minor: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SeenDispute:
    """A payment a bank calls back, or asks about. ``status`` is Stripe's word."""

    id: str
    charge_id: str
    amount: Money
    reason: str
    status: str
    due_by: datetime | None
    created_at: datetime
    moves: tuple[SeenMove, ...]


@dataclass(frozen=True, slots=True)
class BankPayout:
    """Money Stripe sends from our balance to our bank; ``status`` is Stripe's word.

    ``financial_account``: the one of ours it goes to instead.
    """

    id: str
    amount: Money
    status: str
    created_at: datetime
    financial_account: str | None = None


def checkout(session: StripeSession) -> Checkout:
    """One Checkout Session; its payment only if the intent was expanded."""
    paid = session.payment_status == "paid"
    return Checkout(
        session_id=session.id,
        url=session.url,
        status=cast("CheckoutState", session.status),
        paid=paid,
        expires_at=moment(session.expires_at),
        order_id=_order_id(session.metadata or {}),
        payment=_payment(session) if paid else None,
        failed=session.status == "complete" and not paid and _intent_failed(session),
    )


def transfer(given: stripe.Transfer) -> Transfer:
    """One transfer."""
    destination = given.destination
    return Transfer(
        id=given.id,
        amount=money(given.amount, given.currency),
        destination=destination if isinstance(destination, str) else _id(destination),
        group=given.transfer_group,
        metadata=plain(given.metadata),
        created_at=moment(given.created),
        reversed_minor=given.amount_reversed,
    )


def refund(given: stripe.Refund) -> SentRefund:
    """One refund, with what it took from our balance where that was expanded and is booked."""
    charge, booked = given.charge, given.balance_transaction
    taken = None
    if isinstance(booked, stripe.BalanceTransaction):
        taken = money(-booked.net, booked.currency)
    return SentRefund(
        id=given.id,
        charge_id=charge if charge is None or isinstance(charge, str) else _id(charge),
        amount=money(given.amount, given.currency),
        status=given.status or "pending",
        failure=getattr(given, "failure_reason", None),
        reason=given.reason,
        taken=taken,
        metadata=plain(given.metadata or {}),
        created_at=moment(given.created),
    )


def reversal(given: stripe.TransferReversal) -> Reversal:
    """One reversal."""
    sent = given.transfer
    return Reversal(
        id=given.id,
        transfer_id=sent if isinstance(sent, str) else _id(sent),
        amount=money(given.amount, given.currency),
        metadata=plain(given.metadata or {}),
    )


def dispute(given: stripe.Dispute) -> SeenDispute:
    """One dispute, with every change of our balance it caused."""
    charge = given.charge
    due = given.evidence_details.due_by if given.evidence_details else None
    return SeenDispute(
        id=given.id,
        charge_id=charge if isinstance(charge, str) else _id(charge),
        amount=money(given.amount, given.currency),
        reason=given.reason,
        status=given.status,
        due_by=moment(due) if due else None,
        created_at=moment(given.created),
        moves=tuple(
            SeenMove(one.id, money(one.amount, one.currency), one.fee, moment(one.created))
            for one in given.balance_transactions
        ),
    )


def bank_payout(given: stripe.Payout) -> BankPayout:
    """One payout."""
    return BankPayout(
        id=given.id,
        amount=money(given.amount, given.currency),
        status=given.status,
        created_at=moment(given.created),
        financial_account=getattr(given, "payout_method", None),
    )


def totals(balance: stripe.Balance) -> dict[str, int]:
    """Available and pending money together, in minor units by currency."""
    sums: dict[str, int] = {}
    parts: list[Any] = [*balance.available, *balance.pending]
    for part in parts:
        currency = part.currency.upper()
        sums[currency] = sums.get(currency, 0) + part.amount
    return sums


def moment(seconds: int) -> datetime:
    """A Unix time as an aware one."""
    return datetime.fromtimestamp(seconds, UTC)


def money(minor: int, currency: str) -> Money:
    """Stripe writes currencies small."""
    return Money(minor, currency.upper())


def _payment(session: StripeSession) -> Payment | None:
    """The booked charge, or None while Stripe has not booked it or it was not expanded."""
    intent = session.payment_intent
    charge = intent.latest_charge if isinstance(intent, stripe.PaymentIntent) else None
    booked = charge.balance_transaction if isinstance(charge, stripe.Charge) else None
    if not isinstance(booked, stripe.BalanceTransaction):
        return None
    assert isinstance(intent, stripe.PaymentIntent)
    assert isinstance(charge, stripe.Charge)
    rate = booked.exchange_rate
    return Payment(
        payment_intent_id=intent.id,
        charge_id=charge.id,
        balance_transaction_id=booked.id,
        charged=money(charge.amount, charge.currency),
        gross=money(booked.amount, booked.currency),
        fee_minor=booked.fee,
        net_minor=booked.net,
        exchange_rate=None if rate is None else str(rate),
        paid_at=moment(charge.created),
    )


def _intent_failed(session: StripeSession) -> bool:
    intent = session.payment_intent
    return isinstance(intent, stripe.PaymentIntent) and intent.status in NO_MONEY


def _order_id(metadata: Any) -> uuid.UUID | None:
    written = plain(metadata).get("order_id")
    try:
        return uuid.UUID(written) if written else None
    except ValueError:
        return None


def plain(metadata: Any) -> dict[str, str]:
    """What somebody wrote beside an object of Stripe's."""
    return dict(metadata.to_dict() if isinstance(metadata, stripe.StripeObject) else metadata)


def _id(expanded: Any) -> str:
    return str(getattr(expanded, "id", ""))
