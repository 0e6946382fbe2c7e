"""Differences within our own books: facts that should agree and do not, found by PostgreSQL."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    exists,
    func,
    null,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Session

from inventory.stock_check import askew
from orders.models import Order, OrderPayment, OrderStatus
from orders.refund_models import Refund, RefundStatus
from payouts import ledger
from payouts.models import Obligation, ObligationStatus, Posting, Settlement, SettlementUndone
from payouts.payable import still_payable

PAID = (
    OrderStatus.PAID,
    OrderStatus.PART_FULFILLED,
    OrderStatus.FULFILLED,
    OrderStatus.CLOSED,
)
MET = (ObligationStatus.SETTLED, ObligationStatus.REVERSED)


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that differs: which check, what is here, what is there, by how much, in words.

    ``cooperative``: whose it is; None where that cannot be said.
    """

    check: int
    ours: str
    theirs: str
    amount_minor: int
    currency: str
    words: str
    cooperative: str | None = None


def undivided(balances: dict[tuple[str, str], int]) -> Iterator[Difference]:
    """1: the clearing account of every order is empty, and every fee has its bearer."""
    for (account, currency), amount in sorted(balances.items()):
        if account.startswith("order:") or account == ledger.STRIPE_FEES:
            yield Difference(1, account, "", amount, currency, "not divided to the last unit")


def misposted(session: Session) -> Iterator[Difference]:
    """1 and 2: paid, recorded as paid, and posted as it was charged go together."""
    for order_id, home, status, payment, gross, fee in session.execute(_misposted()):
        name, whose = f"order:{order_id}", str(home)
        if payment is None:
            yield Difference(2, name, "", 0, "", "paid, but no payment is recorded", whose)
            continue
        currency = payment.settlement_currency
        proof = payment.charge_id or payment.receipt_number
        if status not in PAID:
            words = "money came for an order that ended"
            yield Difference(2, name, proof, payment.gross_minor, currency, words, whose)
        elif gross is None:
            words = "paid, but not divided"
            yield Difference(2, name, proof, payment.gross_minor, currency, words, whose)
        else:
            off = payment.net_minor - (int(gross) - int(fee))
            words = "not posted as it was charged"
            yield Difference(1, name, proof, off, currency, words, whose)


def _misposted() -> Select[Any]:
    came = Posting.source.startswith("order:")
    kept = Posting.destination == ledger.STRIPE_FEES
    posted = (
        select(
            Posting.order_id,
            func.sum(Posting.amount_minor).filter(came).label("gross"),
            func.coalesce(func.sum(Posting.amount_minor).filter(kept), 0).label("fee"),
        )
        .where(Posting.event.startswith("order_paid:"))
        .group_by(Posting.order_id)
        .subquery()
    )
    paid = Order.status.in_(PAID)
    return (
        select(
            Order.id, Order.cooperative_id, Order.status, OrderPayment, posted.c.gross, posted.c.fee
        )
        .outerjoin(OrderPayment, OrderPayment.order_id == Order.id)
        .outerjoin(posted, posted.c.order_id == Order.id)
        .where(
            or_(
                paid & OrderPayment.order_id.is_(None),
                ~paid & OrderPayment.order_id.is_not(None) & ~_refunded(),
                posted.c.gross.is_distinct_from(OrderPayment.gross_minor),
                posted.c.fee.is_distinct_from(OrderPayment.fee_minor),
            ),
            or_(paid, OrderPayment.order_id.is_not(None)),
        )
        .order_by(Order.id)
    )


def _refunded() -> ColumnElement[bool]:
    """Whether money of the order went back, or is on its way."""
    return exists().where(Refund.order_id == Order.id, Refund.status != RefundStatus.FAILED)


def unmatched(session: Session) -> Iterator[Difference]:
    """2: what the ledger still owes for each obligation is what is still to be paid of it."""
    for obligation, obligation_id, account, currency, balance, payable in session.execute(
        _unmatched()
    ):
        if obligation is None:
            words = "posted, but nothing is owed"
            yield Difference(2, str(obligation_id), account, int(balance), currency, words)
            continue
        off = int(payable) + int(balance or 0)
        words = "owed, but not posted" if account is None else "posted otherwise than it is owed"
        yield Difference(
            2,
            str(obligation.id),
            account or "",
            off,
            obligation.currency,
            words,
            str(obligation.cooperative_id),
        )


def _unmatched() -> Select[Any]:
    """Obligations beside their maker's account: minus what is still to be paid, in her currency."""
    went = select(
        Posting.obligation_id,
        Posting.source.label("account"),
        Posting.currency,
        (-Posting.amount_minor).label("change"),
    ).where(Posting.obligation_id.is_not(None), Posting.source.startswith("maker:"))
    came = select(
        Posting.obligation_id, Posting.destination, Posting.currency, Posting.amount_minor
    ).where(Posting.obligation_id.is_not(None), Posting.destination.startswith("maker:"))
    each = went.union_all(came).subquery()
    posted = (
        select(
            each.c.obligation_id,
            each.c.account,
            each.c.currency,
            func.sum(each.c.change).label("balance"),
        )
        .group_by(each.c.obligation_id, each.c.account, each.c.currency)
        .subquery()
    )
    unpaid = still_payable()
    hers = func.concat("maker:", cast(Obligation.maker_id, String))
    return (
        select(
            Obligation,
            posted.c.obligation_id,
            posted.c.account,
            posted.c.currency,
            posted.c.balance,
            unpaid.label("payable"),
        )
        .select_from(Obligation)
        .join(posted, posted.c.obligation_id == Obligation.id, full=True)
        .where(
            or_(
                Obligation.id.is_(null()),
                posted.c.balance.is_distinct_from(-unpaid),
                posted.c.account.is_distinct_from(hers),
                posted.c.currency.is_distinct_from(Obligation.currency),
            )
        )
        .order_by(Obligation.id, posted.c.obligation_id)
    )


def unproved(session: Session) -> Iterator[Difference]:
    """3: what is settled has one proof that holds, and nothing is left to pay; else it has none."""
    for obligation, settlement, payable in session.execute(_unproved()):
        if settlement is None:
            words, proof = "settled without a proof", ""
        else:
            proof = proof_of(settlement)
            met = obligation.status in MET
            words = "proved for another amount" if met else "proved, but not settled"
        off = int(payable) if settlement is not None and payable else obligation.amount_minor
        home = str(obligation.cooperative_id)
        yield Difference(3, str(obligation.id), proof, off, obligation.currency, words, home)


def _unproved() -> Select[Any, Any, Any]:
    """Obligations that are met beside the settlement of their round that was not undone."""
    holds = and_(
        Settlement.obligation_id == Obligation.id,
        Settlement.round == Obligation.round,
        ~exists().where(SettlementUndone.settlement_id == Settlement.id),
    )
    met = Obligation.status.in_(MET)
    unpaid = still_payable()
    return (
        select(Obligation, Settlement, unpaid)
        .outerjoin(Settlement, holds)
        .where(
            or_(
                met != Settlement.id.is_not(None),
                met & (unpaid != 0),
                Settlement.currency != Obligation.currency,
            )
        )
        .order_by(Obligation.id)
    )


def proof_of(settlement: Settlement) -> str:
    """The name of a settlement's proof."""
    proof = settlement.transfer_id or settlement.outbound_payment_id or settlement.receipt_id
    return str(proof or settlement.rail)


CHAIN_BROKEN = text(
    "SELECT piece_id FROM (SELECT piece_id, source_id, sequence,"
    " lag(destination_id) OVER (PARTITION BY piece_id ORDER BY sequence) AS came_to"
    " FROM movements) AS chain WHERE sequence > 1 AND source_id IS DISTINCT FROM came_to"
)
ELSEWHERE = text(
    "SELECT pieces.id FROM pieces JOIN (SELECT DISTINCT ON (piece_id) piece_id, kind"
    " FROM movements JOIN locations ON locations.id = destination_id"
    " ORDER BY piece_id, sequence DESC) AS place ON place.piece_id = pieces.id"
    " WHERE (pieces.status = 'handed_over') <> (place.kind = 'buyers')"
)


def misplaced(session: Session) -> Iterator[Difference]:
    """Stock: movements chain, and places, lives and journeys agree with them."""
    for broken, words in (
        (CHAIN_BROKEN, "a movement begins where the piece was not"),
        (ELSEWHERE, "its life and its place do not agree about a buyer"),
    ):
        for piece_id in session.scalars(broken):
            yield Difference(0, f"piece:{piece_id}", "", 0, "", words)
    for one in askew(session):
        yield Difference(0, one.about, "", 0, "", one.words, str(one.cooperative_id))
