"""Restoring: what was taken back in vain (the refund failed) is theirs after all.

Lock order: obligations, their recoveries, an advance.
"""

import uuid
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import actors
from core.db import lock_rows
from payouts import ledger
from payouts.advance_models import Advance, Deduction
from payouts.ledger import Entry, advance_account, maker_account
from payouts.models import Obligation
from payouts.obligations import lock_obligations
from payouts.recoveries import ReversalUnderWay
from payouts.recovery_models import Recovery, RecoveryStatus, ReversalAttempt
from payouts.reopening import open_again

HOUSE = actors.system("payouts")
WHY = "hers after all"


def restore(
    session: Session,
    *,
    refund_id: uuid.UUID | None,
    dispute_id: uuid.UUID | None,
    clearing: str,
    now: datetime,
) -> list[Entry]:
    """What was taken back is theirs after all; the entries into clearing. Owed again is due again.

    Raises ReversalUnderWay while a reversal has no answer: nothing is restored before it is known.
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
        open_again(session, obligation, why="it is hers after all", now=now)
    return entries


def _into(
    session: Session, clearing: str, obligation: Obligation, recovery: Recovery
) -> list[Entry]:
    """Back into clearing, from wherever the recovery had left it."""
    minor = recovery.amount_minor
    maker = maker_account(obligation.maker_id)
    if recovery.status in {RecoveryStatus.REDUCED, RecoveryStatus.REVERSED}:
        return [Entry(maker, clearing, minor, WHY, obligation.id)]
    if recovery.status == RecoveryStatus.ABSORBED:
        bearer = ledger.destination_of(session, f"recovery_decided:{recovery.id}")
        return [Entry(bearer, clearing, minor, "borne in vain")]
    if recovery.status == RecoveryStatus.OFFSET:
        deducted = _deducted(session, recovery)
        return [
            Entry(maker, clearing, deducted, WHY, obligation.id),
            Entry(advance_account(obligation.maker_id), clearing, minor - deducted, WHY),
        ]
    return [Entry(ledger.UNDECIDED, clearing, minor, "nothing to decide any more")]


def _ask_no_more(session: Session, recovery: Recovery, now: datetime) -> None:
    """Before an answer is known nothing is restored: raise, and be repeated."""
    asked = select(ReversalAttempt.id).where(
        ReversalAttempt.recovery_id == recovery.id, ReversalAttempt.outcome.is_(None)
    )
    if session.scalar(asked) is not None:
        raise ReversalUnderWay()
    recovery.become(RecoveryStatus.UNDECIDED, actor=HOUSE, why="no need to reverse", at=now)


def _deducted(session: Session, recovery: Recovery) -> int:
    """What has come off her payments for an offset; locked, so that nothing more comes off now."""
    ids = session.scalars(select(Advance.id).where(Advance.recovery_id == recovery.id)).all()
    lock_rows(session, Advance, ids)
    summed = select(func.coalesce(func.sum(Deduction.amount_minor), 0)).where(
        Deduction.advance_id.in_(ids)
    )
    return int(session.scalar(summed) or 0)
