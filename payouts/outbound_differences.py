"""Differences about payments to banks: here, at Stripe, and in what each says of the other."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from payments.gateway import BankPayment
from payouts.differences import Difference
from payouts.models import Settlement, SettlementUndone
from payouts.outbound_models import OutboundPayment, OutboundStatus

AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Known:
    """A payment to a bank as our row tells it."""

    id: str
    stripe_id: str | None
    minor: int
    currency: str
    status: str
    cooperative: str


def sent_since(session: Session, since: datetime) -> dict[str, Known]:
    """Ours that Stripe has made and that were begun since then, by Stripe's name."""
    rows = session.scalars(
        select(OutboundPayment).where(
            OutboundPayment.stripe_id.is_not(None), OutboundPayment.started_at >= since
        )
    )
    return {row.stripe_id or "": _known(row) for row in rows}


def bank_payments_unproved(session: Session) -> Iterator[Difference]:
    """3: whatever was met by a bank payment that holds was met by one that was posted, whole."""
    undone = exists().where(SettlementUndone.settlement_id == Settlement.id)
    met = (
        select(
            Settlement.outbound_payment_id.label("payment"),
            func.sum(Settlement.amount_minor).label("minor"),
        )
        .where(Settlement.outbound_payment_id.is_not(None), ~undone)
        .group_by(Settlement.outbound_payment_id)
        .subquery()
    )
    minor, posted = func.coalesce(met.c.minor, 0), OutboundPayment.status == OutboundStatus.POSTED
    rows = session.execute(
        select(OutboundPayment, minor)
        .outerjoin(met, met.c.payment == OutboundPayment.id)
        .where((posted & (minor != OutboundPayment.amount_minor)) | (~posted & (minor != 0)))
        .order_by(OutboundPayment.id)
    )
    for row, proved in rows:
        known = _known(row)
        expected = known.minor if row.status == OutboundStatus.POSTED else 0
        words = "a bank payment proves another amount than it sent"
        yield _about(known, 3, int(proved) - expected, words)


def bank_payments_unknown_to_us(
    session: Session, before: Mapping[str, Known], theirs: Sequence[BankPayment]
) -> Iterator[Difference]:
    """4: each payment at Stripe is one of ours, in the same state, or being made.

    ``before``: ours before Stripe was asked; what moved since then does not differ.
    """
    ours = _named(session, [_claimed(one) for one in theirs])
    times = Counter(_claimed(one) for one in theirs)
    for one in theirs:
        claimed = _claimed(one)
        known = ours.get(claimed)
        words = _odd(one, known, before.get(one.id), times[claimed])
        if words is None:
            continue
        name = f"outbound_payment:{claimed}" if claimed else ""
        home = known.cooperative if known else None
        yield Difference(4, name, one.id, one.amount.minor, one.amount.currency, words, home)


def bank_payments_unknown_to_stripe(
    before: Mapping[str, Known], theirs: Sequence[BankPayment]
) -> Iterator[Difference]:
    """4: each payment that was ours before Stripe was asked is one there."""
    for missing in sorted(set(before) - {one.id for one in theirs}):
        yield _about(before[missing], 4, before[missing].minor, "Stripe does not know it")


def _odd(one: BankPayment, known: Known | None, before: Known | None, times: int) -> str | None:
    if known is None:
        return "no bank payment of ours"
    if times > 1:
        return "one of several"
    if known.status == OutboundStatus.ASKING:
        return None
    same = known.stripe_id, known.minor, known.currency
    if same != (one.id, one.amount.minor, one.amount.currency):
        return "not as we recorded it"
    moved = before is None or before.status != known.status
    if known.status != one.status and not moved:
        return f"{one.status} at Stripe, {known.status} here"
    return None


def _claimed(one: BankPayment) -> str:
    """The row a payment at Stripe says it is for."""
    return one.metadata.get("outbound_payment", "")


def _named(session: Session, names: Sequence[str]) -> dict[str, Known]:
    found: dict[str, Known] = {}
    wanted = sorted({name for name in names if name})
    for start in range(0, len(wanted), AT_ONCE):
        # By the key, which is made of the id: what was written at Stripe may be no id at all.
        keys = [f"op:{name}" for name in wanted[start : start + AT_ONCE]]
        rows = session.scalars(select(OutboundPayment).where(OutboundPayment.key.in_(keys)))
        found |= {str(row.id): _known(row) for row in rows}
    return found


def _known(row: OutboundPayment) -> Known:
    return Known(
        str(row.id),
        row.stripe_id,
        row.amount_minor,
        row.currency,
        row.status,
        str(row.cooperative_id),
    )


def _about(known: Known, check: int, minor: int, words: str) -> Difference:
    return Difference(
        check,
        f"outbound_payment:{known.id}",
        known.stripe_id or "",
        minor,
        known.currency,
        words,
        known.cooperative,
    )
