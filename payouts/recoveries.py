"""Recoveries: what is done about the part of an obligation whose sale was undone.

What was not paid yet is simply not paid. What went by transfer is reversed. What cannot be undone
waits for people: the reserve bears it, or the maker has agreed that it comes off later payments. No
maker's balance goes below zero by itself. Lock order: obligations, then their recoveries.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from core import actors
from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, NotFound
from core.ids import new_id
from core.jobs import defer
from payouts import ledger
from payouts.advance_models import Deduction
from payouts.ledger import Entry, maker_account
from payouts.models import Obligation, ObligationStatus, Rail, Settlement, SettlementUndone
from payouts.obligations import lock_obligations
from payouts.payable import payable_minor
from payouts.recovery_models import FoundReversal, Recovery, RecoveryStatus
from payouts.reopening import open_again
from payouts.settling import Proof, settle_with

HOUSE = actors.system("payouts")
UNPAID = frozenset({ObligationStatus.HELD, ObligationStatus.DUE})
AT_ONCE = 500


class ReversalUnderWay(Conflict):
    """A reversal has been asked of Stripe and has no answer yet; try again."""

    code = "reversal_under_way"


@dataclass(frozen=True, slots=True)
class _Portion:
    """So much of what is taken back of one obligation, and what can be done about it."""

    minor: int
    status: RecoveryStatus
    transfer_id: str | None = None


def recover(
    session: Session,
    owed: Sequence[tuple[Obligation, int]],
    *,
    refund_id: uuid.UUID | None,
    dispute_id: uuid.UUID | None,
    clearing: str,
    now: datetime,
) -> tuple[list[Recovery], list[Entry]]:
    """Take amounts back of locked obligations; the recoveries, and the entries out of clearing."""
    made: list[Recovery] = []
    entries: list[Entry] = []
    for obligation, minor in owed:
        before = _parts_so_far(session, obligation.id, refund_id, dispute_id)
        for part, portion in enumerate(_portions(session, obligation, minor), start=before + 1):
            recovery = Recovery(
                id=new_id(),
                cooperative_id=obligation.cooperative_id,
                obligation_id=obligation.id,
                refund_id=refund_id,
                dispute_id=dispute_id,
                part=part,
                amount_minor=portion.minor,
                currency=obligation.currency,
                transfer_id=portion.transfer_id,
                created_at=now,
            )
            why = "the sale was undone"
            session.add_all(
                [recovery.begin(portion.status, actor=HOUSE, why=why, at=now), recovery]
            )
            session.flush()
            made.append(recovery)
            entries.append(_out_of(clearing, obligation, recovery))
            _go_on(session, obligation, recovery, now)
    return made, entries


def follow_payment(session: Session, obligation: Obligation, *, now: datetime) -> None:
    """A payment of a locked obligation has come to its end: go on with what waited for that.

    And where more has become hers meanwhile than was paid, it is owed again.
    """
    session.flush()
    waiting = select(Recovery.id).where(
        Recovery.obligation_id == obligation.id, Recovery.status == RecoveryStatus.WAITING
    )
    for recovery in lock_rows(session, Recovery, session.scalars(waiting).all()):
        _follow(session, obligation, recovery, now)
    if obligation.status == ObligationStatus.SETTLED:
        open_again(session, obligation, why="more is hers than was paid", now=now)


def follow_return(session: Session, obligation: Obligation, *, now: datetime) -> None:
    """A bank sent back what a locked obligation was met with: what waited for people to decide
    about that money was not paid after all, as far as it is owed again."""
    session.flush()
    undecided = select(Recovery.id).where(
        Recovery.obligation_id == obligation.id, Recovery.status == RecoveryStatus.UNDECIDED
    )
    for recovery in lock_rows(session, Recovery, session.scalars(undecided).all()):
        unpaid = payable_minor(session, [obligation])[obligation.id]
        if obligation.status in UNPAID and recovery.amount_minor <= unpaid:
            _reduce(session, obligation, recovery, now)


def follow_outcomes(session: Session, *, now: datetime) -> int:
    """Go on with what waited for a payment's outcome, and with reversals nobody is at; how many."""
    waiting = session.scalars(
        select(Recovery.obligation_id)
        .join(Obligation, Obligation.id == Recovery.obligation_id)
        .where(
            Recovery.status == RecoveryStatus.WAITING,
            Obligation.status != ObligationStatus.SETTLING,
        )
        .order_by(Recovery.obligation_id)
        .limit(AT_ONCE)
    ).all()
    for obligation in lock_obligations(session, set(waiting)):
        if obligation.status != ObligationStatus.SETTLING:
            follow_payment(session, obligation, now=now)
    begun = session.scalars(
        select(Recovery.id).where(Recovery.status == RecoveryStatus.REVERSING).limit(AT_ONCE)
    ).all()
    for recovery_id in begun:
        reverse_later(session, recovery_id)
    return len(waiting) + len(begun)


def reverse_later(session: Session, recovery_id: uuid.UUID) -> None:
    """Leave word that a transfer is to be reversed; once is enough."""
    defer(session, "recovery.reverse", once=f"recovery:{recovery_id}", recovery_id=recovery_id)


def lock_recovery(session: Session, recovery_id: uuid.UUID) -> tuple[Obligation, Recovery]:
    """Lock a recovery and, before it, its obligation; both read afresh."""
    obligation_id = session.scalar(select(Recovery.obligation_id).where(Recovery.id == recovery_id))
    if obligation_id is None:
        raise NotFound("no such recovery")
    (obligation,) = lock_obligations(session, [obligation_id])
    (recovery,) = lock_rows(session, Recovery, [recovery_id])
    return obligation, recovery


def transfers_left(session: Session, obligation: Obligation) -> list[tuple[str, int]]:
    """The transfers that paid an obligation, in every round, and what is left of each; oldest
    first. What is just being reversed is not left."""
    session.flush()
    reversed_here = _came_back(Recovery).where(
        or_(Recovery.status == RecoveryStatus.REVERSING, Recovery.reversal_id.is_not(None))
    )
    left = (
        Settlement.amount_minor
        - reversed_here.scalar_subquery()
        - _came_back(FoundReversal).scalar_subquery()
    )
    undone = exists().where(SettlementUndone.settlement_id == Settlement.id)
    rows = session.execute(
        select(Settlement.transfer_id, left)
        .where(
            Settlement.obligation_id == obligation.id,
            Settlement.transfer_id.is_not(None),
            left > 0,
            ~undone,
        )
        .order_by(Settlement.round)
    )
    return [(str(transfer_id), int(minor)) for transfer_id, minor in rows]


def transfer_with(session: Session, obligation: Obligation, minor: int) -> str | None:
    """A transfer that paid an obligation and has at least so much left of it."""
    return next((one for one, left in transfers_left(session, obligation) if left >= minor), None)


def split_off(
    session: Session, recovery: Recovery, minor: int, *, why: str, now: datetime
) -> Recovery:
    """So much of a locked recovery as one of its own; the rest stays as it stands."""
    if minor == recovery.amount_minor:
        return recovery
    status = RecoveryStatus(recovery.status)
    cause = recovery.refund_id, recovery.dispute_id
    part = Recovery(
        id=new_id(),
        cooperative_id=recovery.cooperative_id,
        obligation_id=recovery.obligation_id,
        refund_id=recovery.refund_id,
        dispute_id=recovery.dispute_id,
        part=_parts_so_far(session, recovery.obligation_id, *cause) + 1,
        amount_minor=minor,
        currency=recovery.currency,
        transfer_id=recovery.transfer_id,
        created_at=now,
    )
    recovery.amount_minor -= minor
    recovery.become(status, actor=HOUSE, why=f"{minor} of it went its own way: {why}", at=now)
    session.add_all([part.begin(status, actor=HOUSE, why=f"part of {recovery.id}", at=now), part])
    session.flush()
    return part


def _parts_so_far(
    session: Session,
    obligation_id: uuid.UUID,
    refund_id: uuid.UUID | None,
    dispute_id: uuid.UUID | None,
) -> int:
    """In how many parts one cause has taken back of an obligation."""
    counted = select(func.coalesce(func.max(Recovery.part), 0)).where(
        Recovery.obligation_id == obligation_id,
        Recovery.refund_id.is_not_distinct_from(refund_id),
        Recovery.dispute_id.is_not_distinct_from(dispute_id),
    )
    return int(session.scalar(counted) or 0)


def _came_back(table: type[Recovery] | type[FoundReversal]) -> Any:
    return select(func.coalesce(func.sum(table.amount_minor), 0)).where(
        table.transfer_id == Settlement.transfer_id
    )


def _portions(session: Session, obligation: Obligation, minor: int) -> list[_Portion]:
    """First what was not paid, or is just being paid; then what went by transfer; then the rest."""
    parts: list[_Portion] = []
    unpaid, settling = 0, obligation.status == ObligationStatus.SETTLING
    if settling or obligation.status in UNPAID:
        unpaid = payable_minor(session, [obligation])[obligation.id] - _waiting(session, obligation)
    status = RecoveryStatus.WAITING if settling else RecoveryStatus.REDUCED
    offers = [(unpaid, status, None)] + [
        (left, RecoveryStatus.REVERSING, transfer)
        for transfer, left in transfers_left(session, obligation)
    ]
    for most, how, transfer in [*offers, (minor, RecoveryStatus.UNDECIDED, None)]:
        part = min(minor, most)
        if part > 0:
            parts.append(_Portion(part, how, transfer))
            minor -= part
    return parts


def _waiting(session: Session, obligation: Obligation) -> int:
    """What is taken back already of what is just being paid."""
    summed = select(func.coalesce(func.sum(Recovery.amount_minor), 0)).where(
        Recovery.obligation_id == obligation.id, Recovery.status == RecoveryStatus.WAITING
    )
    return int(session.scalar(summed) or 0)


def _out_of(clearing: str, obligation: Obligation, recovery: Recovery) -> Entry:
    if recovery.status == RecoveryStatus.REDUCED:
        maker = maker_account(obligation.maker_id)
        return Entry(clearing, maker, recovery.amount_minor, "not owed any more", obligation.id)
    return Entry(clearing, ledger.UNDECIDED, recovery.amount_minor, "paid for a sale undone")


def _go_on(session: Session, obligation: Obligation, recovery: Recovery, now: datetime) -> None:
    if recovery.status == RecoveryStatus.REVERSING:
        reverse_later(session, recovery.id)
    if recovery.status == RecoveryStatus.REDUCED:
        _close_if_nothing_is_left(session, obligation, now)


def _follow(session: Session, obligation: Obligation, recovery: Recovery, now: datetime) -> None:
    """The payment that was under way has come to its end."""
    if obligation.status not in UNPAID:
        recovery.transfer_id = transfer_with(session, obligation, recovery.amount_minor)
        by_transfer = recovery.transfer_id is not None
        status = RecoveryStatus.REVERSING if by_transfer else RecoveryStatus.UNDECIDED
        recovery.become(status, actor=HOUSE, why="it had been paid", at=now)
        session.flush()
        _go_on(session, obligation, recovery, now)
        return
    _reduce(session, obligation, recovery, now)


def _reduce(session: Session, obligation: Obligation, recovery: Recovery, now: datetime) -> None:
    """What is taken back was not paid: so much less is owed."""
    recovery.become(RecoveryStatus.REDUCED, actor=HOUSE, why="it was not paid", at=now)
    maker = maker_account(obligation.maker_id)
    entry = Entry(ledger.UNDECIDED, maker, recovery.amount_minor, "not owed", obligation.id)
    post_for(session, obligation, f"recovery_reduced:{recovery.id}", [entry], actor=HOUSE, now=now)
    _close_if_nothing_is_left(session, obligation, now)


def _close_if_nothing_is_left(session: Session, obligation: Obligation, now: datetime) -> None:
    if payable_minor(session, [obligation])[obligation.id]:
        return
    undone = exists().where(SettlementUndone.settlement_id == Settlement.id)
    met = exists().where(Settlement.obligation_id == obligation.id, ~undone) | exists().where(
        Deduction.obligation_id == obligation.id
    )
    if not session.scalar(select(met)):
        why = "the sale was undone"
        obligation.become(ObligationStatus.CANCELLED, actor=HOUSE, why=why, at=now)
        return
    if obligation.status == ObligationStatus.HELD:
        obligation.become(ObligationStatus.DUE, actor=HOUSE, why="nothing is left", at=now)
    proof = Proof(Rail.ADVANCE, "nothing is left to pay")
    settle_with(
        session, obligation, proof, amount_minor=0, source=ledger.BY_HAND, actor=HOUSE, now=now
    )


def post_for(
    session: Session,
    obligation: Obligation,
    event: str,
    entries: Iterable[Entry],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Post what happened to one obligation, in its currency."""
    ledger.post(
        session,
        event=event,
        entries=list(entries),
        currency=obligation.currency,
        cooperative_id=obligation.cooperative_id,
        order_id=obligation.order_id,
        actor=actor,
        now=now,
    )
