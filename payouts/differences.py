"""Differences within our own books: facts that should agree and do not, found by PostgreSQL."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, String, case, cast, func, null, or_, select, text
from sqlalchemy.orm import Session

from orders.models import Order, OrderPayment, OrderStatus
from payouts import ledger
from payouts.models import Obligation, ObligationStatus, Posting, Settlement

PAID = (
    OrderStatus.PAID,
    OrderStatus.PART_FULFILLED,
    OrderStatus.FULFILLED,
    OrderStatus.CLOSED,
)
MET = (ObligationStatus.SETTLED, ObligationStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that differs: which check, what is here, what is there, by how much, in words."""

    check: int
    ours: str
    theirs: str
    amount_minor: int
    currency: str
    words: str


def undivided(balances: dict[tuple[str, str], int]) -> Iterator[Difference]:
    """1: the clearing account of every order is empty, and every fee has its bearer."""
    for (account, currency), amount in sorted(balances.items()):
        if account.startswith("order:") or account == ledger.STRIPE_FEES:
            yield Difference(1, account, "", amount, currency, "not divided to the last unit")


def misposted(session: Session) -> Iterator[Difference]:
    """1 and 2: paid, recorded as paid, and posted as it was charged go together."""
    for order_id, status, payment, gross, fee in session.execute(_misposted()):
        name = f"order:{order_id}"
        if payment is None:
            yield Difference(2, name, "", 0, "", "paid, but no payment is recorded")
            continue
        currency = payment.settlement_currency
        if status not in PAID:
            words = "money came for an order that ended"
            yield Difference(2, name, payment.charge_id, payment.gross_minor, currency, words)
        elif gross is None:
            words = "paid, but not divided"
            yield Difference(2, name, payment.charge_id, payment.gross_minor, currency, words)
        else:
            off = payment.net_minor - (int(gross) - int(fee))
            words = "not posted as it was charged"
            yield Difference(1, name, payment.charge_id, off, currency, words)


def _misposted() -> Select[Any]:
    at_stripe = Posting.destination == ledger.STRIPE
    kept = Posting.destination == ledger.STRIPE_FEES
    posted = (
        select(
            Posting.order_id,
            func.sum(Posting.amount_minor).filter(at_stripe).label("gross"),
            func.coalesce(func.sum(Posting.amount_minor).filter(kept), 0).label("fee"),
        )
        .where(Posting.event.startswith("order_paid:"))
        .group_by(Posting.order_id)
        .subquery()
    )
    paid = Order.status.in_(PAID)
    return (
        select(Order.id, Order.status, OrderPayment, posted.c.gross, posted.c.fee)
        .outerjoin(OrderPayment, OrderPayment.order_id == Order.id)
        .outerjoin(posted, posted.c.order_id == Order.id)
        .where(
            or_(
                paid & OrderPayment.order_id.is_(None),
                ~paid & OrderPayment.order_id.is_not(None),
                posted.c.gross.is_distinct_from(OrderPayment.gross_minor),
                posted.c.fee.is_distinct_from(OrderPayment.fee_minor),
            ),
            or_(paid, OrderPayment.order_id.is_not(None)),
        )
        .order_by(Order.id)
    )


def unmatched(session: Session) -> Iterator[Difference]:
    """2: each obligation is in the ledger once, as hers, and each share in the ledger is owed."""
    for obligation, obligation_id, account, currency, earned in session.execute(_unmatched()):
        if obligation is None:
            words = "posted, but nothing is owed"
            yield Difference(2, str(obligation_id), account, int(earned), currency, words)
            continue
        off = obligation.amount_minor - int(earned or 0)
        words = "owed, but not posted" if account is None else "posted otherwise than it is owed"
        yield Difference(2, str(obligation.id), account or "", off, obligation.currency, words)


def _unmatched() -> Select[Any]:
    """Obligations beside their maker's account: earned once, and gone again once it was met."""
    went = select(
        Posting.obligation_id,
        Posting.source.label("account"),
        Posting.currency,
        Posting.amount_minor.label("earned"),
        (Posting.amount_minor * 0).label("met"),
    ).where(Posting.obligation_id.is_not(None), Posting.source.startswith("maker:"))
    came = select(
        Posting.obligation_id,
        Posting.destination,
        Posting.currency,
        Posting.amount_minor * 0,
        Posting.amount_minor,
    ).where(Posting.obligation_id.is_not(None), Posting.destination.startswith("maker:"))
    each = went.union_all(came).subquery()
    posted = (
        select(
            each.c.obligation_id,
            each.c.account,
            each.c.currency,
            func.sum(each.c.earned).label("earned"),
            func.sum(each.c.met).label("met"),
        )
        .group_by(each.c.obligation_id, each.c.account, each.c.currency)
        .subquery()
    )
    met = case((Obligation.status.in_(MET), Obligation.amount_minor), else_=0)
    hers = func.concat("maker:", cast(Obligation.maker_id, String))
    return (
        select(
            Obligation,
            posted.c.obligation_id,
            posted.c.account,
            posted.c.currency,
            posted.c.earned,
        )
        .select_from(Obligation)
        .join(posted, posted.c.obligation_id == Obligation.id, full=True)
        .where(
            or_(
                Obligation.id.is_(null()),
                posted.c.earned.is_distinct_from(Obligation.amount_minor),
                posted.c.met.is_distinct_from(met),
                posted.c.account.is_distinct_from(hers),
                posted.c.currency.is_distinct_from(Obligation.currency),
            )
        )
        .order_by(Obligation.id, posted.c.obligation_id)
    )


def unproved(session: Session) -> Iterator[Difference]:
    """3: settled and proved go together, for the same amount."""
    settled = Obligation.status == ObligationStatus.SETTLED
    rows: Iterable[tuple[Obligation, Settlement | None]] = session.execute(
        select(Obligation, Settlement)
        .outerjoin(Settlement, Settlement.obligation_id == Obligation.id)
        .where(
            or_(
                settled != Settlement.id.is_not(None),
                Settlement.amount_minor != Obligation.amount_minor,
                Settlement.currency != Obligation.currency,
            )
        )
        .order_by(Obligation.id)
    )
    for obligation, settlement in rows:
        if settlement is None:
            words, proof = "settled without a proof", ""
        else:
            proof = settlement.transfer_id or str(settlement.receipt_id)
            met = obligation.status == ObligationStatus.SETTLED
            words = "proved for another amount" if met else "proved, but not settled"
        yield Difference(
            3, str(obligation.id), proof, obligation.amount_minor, obligation.currency, words
        )


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
    """Stock: movements chain, and a piece is with a buyer exactly when its life says so."""
    for broken, words in (
        (CHAIN_BROKEN, "a movement begins where the piece was not"),
        (ELSEWHERE, "its life and its place do not agree about a buyer"),
    ):
        for piece_id in session.scalars(broken):
            yield Difference(0, f"piece:{piece_id}", "", 0, "", words)
