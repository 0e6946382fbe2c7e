"""Recoveries: what is done about the part of an obligation whose sale was undone.

What was not paid yet is simply not paid. What went by transfer is reversed. What cannot be undone
waits for people: the reserve bears it, or the maker has agreed that it comes off later payments. No
maker's balance goes below zero by itself. Lock order: obligations, then their recoveries.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from core import actors
from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, NotFound
from core.ids import new_id
from core.jobs import defer
from payouts import ledger
from payouts.advance_models import Advance, Deduction
from payouts.ledger import Entry, advance_account, maker_account
from payouts.models import Obligation, ObligationStatus, Rail, Settlement, SettlementUndone
from payouts.obligations import lock_obligations
from payouts.payable import payable_minor
from payouts.recovery_models import Recovery, RecoveryStatus, ReversalAttempt
from payouts.settling import Proof, settle_with

HOUSE = actors.system("payouts")
UNPAID = frozenset({ObligationStatus.HELD, ObligationStatus.DUE})
AT_ONCE = 500


class ReversalUnderWay(Conflict):
    """A reversal has been asked of Stripe and has no answer yet; try again."""

    code = "reversal_under_way"


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
    unpaid = payable_minor(session, [obligation for obligation, _minor in owed])
    for obligation, minor in owed:
        open_still = obligation.status in UNPAID
        reducible = min(minor, unpaid[obligation.id]) if open_still else 0
        for part, amount, status in (
            (1, reducible, RecoveryStatus.REDUCED),
            (2, minor - reducible, _answer_to(session, obligation, minor - reducible)),
        ):
            if amount == 0:
                continue
            recovery = Recovery(
                id=new_id(),
                cooperative_id=obligation.cooperative_id,
                obligation_id=obligation.id,
                refund_id=refund_id,
                dispute_id=dispute_id,
                part=part,
                amount_minor=amount,
                currency=obligation.currency,
                created_at=now,
            )
            session.add_all(
                [recovery.begin(status, actor=HOUSE, why="the sale was undone", at=now), recovery]
            )
            session.flush()
            made.append(recovery)
            entries.append(_out_of(clearing, obligation, recovery))
            _go_on(session, obligation, recovery, now)
    return made, entries


def restore(
    session: Session,
    *,
    refund_id: uuid.UUID | None,
    dispute_id: uuid.UUID | None,
    clearing: str,
    now: datetime,
) -> list[Entry]:
    """What was taken back is theirs after all; the entries into clearing. Owed again is due again.

    A reversal that is just being asked for is left until its answer; it is restored then.
    """
    cause = Recovery.refund_id == refund_id if refund_id else Recovery.dispute_id == dispute_id
    found = session.execute(select(Recovery.id, Recovery.obligation_id).where(cause)).all()
    obligations = {
        row.id: row for row in lock_obligations(session, [obligation for _id, obligation in found])
    }
    entries: list[Entry] = []
    for recovery in lock_rows(session, Recovery, [one for one, _obligation in found]):
        if recovery.status == RecoveryStatus.RESTORED:
            continue
        obligation = obligations[recovery.obligation_id]
        entries += _into(session, clearing, obligation, recovery)
        if recovery.status == RecoveryStatus.REVERSING:
            _ask_no_more(session, recovery, now)
        recovery.become(RecoveryStatus.RESTORED, actor=HOUSE, why="it was in vain", at=now)
        session.flush()
        _open_again(session, obligation, now)
    return entries


def follow_outcomes(session: Session, *, now: datetime) -> int:
    """Go on with what waited for a payment's outcome, and with reversals nobody is at; how many."""
    settling = exists().where(
        Obligation.id == Recovery.obligation_id, Obligation.status == ObligationStatus.SETTLING
    )
    waiting = session.execute(
        select(Recovery.id, Recovery.obligation_id)
        .where(Recovery.status == RecoveryStatus.WAITING, ~settling)
        .order_by(Recovery.id)
        .limit(AT_ONCE)
    ).all()
    obligations = {row.id: row for row in lock_obligations(session, [one[1] for one in waiting])}
    for recovery in lock_rows(session, Recovery, [one[0] for one in waiting]):
        obligation = obligations[recovery.obligation_id]
        if recovery.status == RecoveryStatus.WAITING:
            _follow(session, obligation, recovery, now)
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


def transfer_of(session: Session, obligation: Obligation, minor: int) -> str | None:
    """The transfer that paid an obligation and has at least so much left of it."""
    came_back = (
        select(func.coalesce(func.sum(Recovery.amount_minor), 0))
        .where(
            Recovery.obligation_id == obligation.id,
            Recovery.status.in_((RecoveryStatus.REVERSED, RecoveryStatus.REVERSING)),
        )
        .scalar_subquery()
    )
    return session.scalar(
        select(Settlement.transfer_id)
        .outerjoin(SettlementUndone, SettlementUndone.settlement_id == Settlement.id)
        .where(
            Settlement.obligation_id == obligation.id,
            Settlement.round == obligation.round,
            Settlement.transfer_id.is_not(None),
            SettlementUndone.settlement_id.is_(None),
            Settlement.amount_minor - came_back >= minor,
        )
    )


def _answer_to(session: Session, obligation: Obligation, minor: int) -> RecoveryStatus:
    """What can be done about what is paid, or is just being paid."""
    if obligation.status == ObligationStatus.SETTLING:
        return RecoveryStatus.WAITING
    by_transfer = transfer_of(session, obligation, minor) is not None
    return RecoveryStatus.REVERSING if by_transfer else RecoveryStatus.UNDECIDED


def _out_of(clearing: str, obligation: Obligation, recovery: Recovery) -> Entry:
    if recovery.status == RecoveryStatus.REDUCED:
        maker = maker_account(obligation.maker_id)
        return Entry(clearing, maker, recovery.amount_minor, "not owed any more", obligation.id)
    return Entry(clearing, ledger.UNDECIDED, recovery.amount_minor, "paid for a sale undone")


def _into(
    session: Session, clearing: str, obligation: Obligation, recovery: Recovery
) -> list[Entry]:
    """Back into clearing, from wherever the recovery had left it."""
    minor, why = recovery.amount_minor, "hers after all"
    maker = maker_account(obligation.maker_id)
    if recovery.status in {RecoveryStatus.REDUCED, RecoveryStatus.REVERSED}:
        return [Entry(maker, clearing, minor, why, obligation.id)]
    if recovery.status == RecoveryStatus.ABSORBED:
        return [Entry(_bearer(session, recovery), clearing, minor, "borne in vain")]
    if recovery.status == RecoveryStatus.OFFSET:
        deducted = _deducted(session, recovery)
        return [
            Entry(maker, clearing, deducted, why, obligation.id),
            Entry(advance_account(obligation.maker_id), clearing, minor - deducted, why),
        ]
    return [Entry(ledger.UNDECIDED, clearing, minor, "nothing to decide any more")]


def _go_on(session: Session, obligation: Obligation, recovery: Recovery, now: datetime) -> None:
    if recovery.status == RecoveryStatus.REVERSING:
        reverse_later(session, recovery.id)
    if recovery.status == RecoveryStatus.REDUCED:
        _close_if_nothing_is_left(session, obligation, now)


def _follow(session: Session, obligation: Obligation, recovery: Recovery, now: datetime) -> None:
    """The payment that was under way has come to its end."""
    if obligation.status not in UNPAID:
        status = _answer_to(session, obligation, recovery.amount_minor)
        recovery.become(status, actor=HOUSE, why="it had been paid", at=now)
        _go_on(session, obligation, recovery, now)
        return
    recovery.become(RecoveryStatus.REDUCED, actor=HOUSE, why="it was not paid", at=now)
    maker = maker_account(obligation.maker_id)
    entry = Entry(ledger.UNDECIDED, maker, recovery.amount_minor, "not owed", obligation.id)
    post_for(session, obligation, f"recovery_reduced:{recovery.id}", [entry], actor=HOUSE, now=now)
    _close_if_nothing_is_left(session, obligation, now)


def _close_if_nothing_is_left(session: Session, obligation: Obligation, now: datetime) -> None:
    if payable_minor(session, [obligation])[obligation.id]:
        return
    met = exists().where(Settlement.obligation_id == obligation.id) | exists().where(
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


def _open_again(session: Session, obligation: Obligation, now: datetime) -> None:
    """Due again, in a new round where an earlier one had been met."""
    closed = {ObligationStatus.SETTLED, ObligationStatus.REVERSED}
    if obligation.status == ObligationStatus.CANCELLED:
        obligation.become(ObligationStatus.DUE, actor=HOUSE, why="it is hers after all", at=now)
        obligation.due_at = obligation.due_at or now
    elif obligation.status in closed and payable_minor(session, [obligation])[obligation.id] > 0:
        obligation.round += 1
        obligation.become(ObligationStatus.DUE, actor=HOUSE, why="it is hers after all", at=now)
    session.flush()


def _ask_no_more(session: Session, recovery: Recovery, now: datetime) -> None:
    """Before an answer is known nothing is restored: raise, and be repeated."""
    asked = select(ReversalAttempt.id).where(
        ReversalAttempt.recovery_id == recovery.id, ReversalAttempt.outcome.is_(None)
    )
    if session.scalar(asked) is not None:
        raise ReversalUnderWay()
    recovery.become(RecoveryStatus.UNDECIDED, actor=HOUSE, why="no need to reverse", at=now)


def _deducted(session: Session, recovery: Recovery) -> int:
    """What has come off her payments for an offset already."""
    summed = (
        select(func.coalesce(func.sum(Deduction.amount_minor), 0))
        .join(Advance, Advance.id == Deduction.advance_id)
        .where(Advance.recovery_id == recovery.id)
    )
    return int(session.scalar(summed) or 0)


def _bearer(session: Session, recovery: Recovery) -> str:
    """Who bore what was absorbed: the account that was posted to."""
    return ledger.destination_of(session, f"recovery_decided:{recovery.id}")


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
