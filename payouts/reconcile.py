"""Reconcile: orders, obligations, ledger and Stripe compared; every difference is named.

1. An order's shares, funds and fees are its charge, exactly.
2. Every paid order has been divided, and nothing is owed that was not posted, or the reverse.
3. Every settled obligation has one proof, and nothing else has one.
4. Every transfer and bank payment at Stripe is one of ours: orphans and doubles are named.
5. Every refund and dispute has its reversal or its recorded decision.
6. The ledger's balance at Stripe is Stripe's own, per currency; the financial account's too.

Stock is looked at besides, as check 0.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core.db import transaction
from payments.gateway import Gateway, Transfer
from payouts import ledger
from payouts.differences import Difference, misplaced, misposted, undivided, unmatched, unproved
from payouts.models import Obligation, ObligationStatus, Settlement, SettlementAttempt
from payouts.outbound_differences import (
    bank_payments_unknown_to_stripe,
    bank_payments_unknown_to_us,
    bank_payments_unproved,
    sent_since,
)
from payouts.recovery_models import FoundReversal, Recovery
from payouts.undone_differences import (
    disputes_not_posted,
    disputes_unknown,
    not_taken_back,
    refunds_unknown,
    reversed_and_not_paid_again,
    undecided,
)

__all__ = ["THE_BEGINNING", "Difference", "reconcile"]

THE_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
AT_ONCE = 10_000


def reconcile(gateway: Gateway, *, since: datetime = THE_BEGINNING) -> list[Difference]:
    """Compare everything; an empty list: all agrees. ``since`` bounds Stripe's transfers.

    What is missing at Stripe was ours before Stripe was asked, and what is missing here is not ours
    after; so what is paid meanwhile differs in neither direction.
    """
    with transaction() as session:
        before = _recorded(session, _begun_since(since))
        sent = sent_since(session, since)
    theirs = list(gateway.transfers_since(since))
    to_banks = list(gateway.banks.payments_since(since))
    refunds = list(gateway.refunds_since(since))
    disputes = list(gateway.disputes_since(since))
    balance, outbound = gateway.balance(), gateway.banks.balance()
    with transaction() as session:
        balances = ledger.balances(session)
        return [
            *undivided(balances),
            *misposted(session),
            *unmatched(session),
            *unproved(session),
            *bank_payments_unproved(session),
            *_unknown_to_us(session, theirs),
            *_unknown_to_stripe(before, theirs),
            *bank_payments_unknown_to_us(session, sent, to_banks),
            *bank_payments_unknown_to_stripe(sent, to_banks),
            *undecided(session),
            *reversed_and_not_paid_again(session),
            *not_taken_back(session),
            *refunds_unknown(session, refunds),
            *disputes_unknown(session, disputes),
            *disputes_not_posted(session),
            *_balances(balances, balance, ledger.STRIPE),
            *_balances(balances, outbound, ledger.STRIPE_OUTBOUND),
            *misplaced(session),
        ]


@dataclass(frozen=True, slots=True)
class _Recorded:
    """A transfer as a settlement of ours tells it."""

    transfer_id: str
    obligation_id: str
    minor: int
    currency: str


def _recorded(session: Session, which: ColumnElement[bool]) -> dict[str, _Recorded]:
    rows = session.execute(
        select(
            Settlement.transfer_id,
            Settlement.obligation_id,
            Settlement.amount_minor,
            Settlement.currency,
        ).where(Settlement.transfer_id.is_not(None), which)
    )
    return {str(one[0]): _Recorded(str(one[0]), str(one[1]), one[2], one[3]) for one in rows}


def _begun_since(since: datetime) -> ColumnElement[bool]:
    """Begun since then, so that the transfer can only have been made since then."""
    return Settlement.attempt_id.in_(
        select(SettlementAttempt.id).where(SettlementAttempt.started_at >= since)
    )


def _unknown_to_us(session: Session, theirs: Sequence[Transfer]) -> Iterator[Difference]:
    """4: each transfer at Stripe is one settlement of ours, or being made."""
    ours: dict[str, _Recorded] = {}
    back: dict[str, int] = {}
    for start in range(0, len(theirs), AT_ONCE):
        some = theirs[start : start + AT_ONCE]
        ours |= _recorded(session, Settlement.transfer_id.in_([one.id for one in some]))
        back |= _came_back(session, [one.id for one in some])
    settling = Obligation.status == ObligationStatus.SETTLING
    under_way = {str(one) for one in session.scalars(select(Obligation.id).where(settling))}
    times = Counter(_claimed(transfer) for transfer in theirs)
    for transfer in theirs:
        known = ours.get(transfer.id)
        claimed, times_claimed = _claimed(transfer)[0], times[_claimed(transfer)]
        words = _odd(transfer, claimed, known, claimed in under_way, times_claimed)
        minor = transfer.amount.minor
        if words is None and transfer.reversed_minor != back.get(transfer.id, 0):
            minor = transfer.reversed_minor - back.get(transfer.id, 0)
            words = "came back, and nothing here says so"
        if words:
            named = known.obligation_id if known else claimed
            yield Difference(4, named, transfer.id, minor, transfer.amount.currency, words)


def _claimed(transfer: Transfer) -> tuple[str, str]:
    """The obligation, and the round of it, that a transfer says it is for."""
    return transfer.metadata.get("obligation", ""), transfer.metadata.get("round", "1")


def _came_back(session: Session, transfer_ids: Sequence[str]) -> dict[str, int]:
    """What came back of each transfer: for recoveries, or found."""
    back: Counter[str] = Counter()
    for table in (Recovery, FoundReversal):
        rows = session.execute(
            select(table.transfer_id, func.sum(table.amount_minor))
            .where(table.transfer_id.in_(transfer_ids), table.reversal_id.is_not(None))
            .group_by(table.transfer_id)
        )
        back.update({str(transfer_id): int(minor) for transfer_id, minor in rows})
    return back


def _odd(
    transfer: Transfer, claimed: str, known: _Recorded | None, under_way: bool, times: int
) -> str | None:
    """What is wrong with a transfer, if anything is."""
    if known is None and not under_way:
        return "no settlement of ours"
    as_told = _Recorded(transfer.id, claimed, transfer.amount.minor, transfer.amount.currency)
    if known not in {None, as_told}:
        return "not as we recorded it"
    return "one of several" if times > 1 else None


def _unknown_to_stripe(
    before: dict[str, _Recorded], theirs: Sequence[Transfer]
) -> Iterator[Difference]:
    """4: each settlement that was ours before Stripe was asked is a transfer there."""
    for missing in sorted(set(before) - {transfer.id for transfer in theirs}):
        row = before[missing]
        words = "Stripe does not know it"
        yield Difference(4, row.obligation_id, missing, row.minor, row.currency, words)


def _balances(
    balances: dict[tuple[str, str], int], theirs: dict[str, int], where: str
) -> Iterator[Difference]:
    """6: what the ledger says Stripe holds is what Stripe says, also for payments to banks."""
    ours = {currency: held for (account, currency), held in balances.items() if account == where}
    for currency in sorted(set(ours) | set(theirs)):
        off = theirs.get(currency, 0) - ours.get(currency, 0)
        if off:
            yield Difference(6, where, "balance", off, currency, "balances differ")
