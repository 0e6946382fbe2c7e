"""Payable: what is still to be paid of an obligation, summed from the facts beside it.

The amount of an obligation never changes. What is owed is that, less what refunds and lost disputes
took off it; what is met is what settlements that hold and advances brought her. A reversed transfer
is both: no longer owed and no longer met.
"""

import uuid
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from payouts.advance_models import Deduction
from payouts.models import Obligation, Settlement, SettlementUndone
from payouts.recovery_models import Recovery, RecoveryStatus

Sums = Select[uuid.UUID, int]


def payable_minor(session: Session, obligations: Sequence[Obligation]) -> dict[uuid.UUID, int]:
    """What is still to be paid of each, in its own currency; lock them before you act on it."""
    ids = [row.id for row in obligations]
    less = _summed(session, (_reduced(ids), _settled(ids), _deducted(ids)))
    again = _summed(session, (_came_back_in_vain(ids),))
    return {row.id: row.amount_minor - less[row.id] + again[row.id] for row in obligations}


def _summed(session: Session, queries: Sequence[Sums]) -> Counter[uuid.UUID]:
    sums: Counter[uuid.UUID] = Counter()
    for query in queries:
        for obligation_id, minor in session.execute(query):
            sums[obligation_id] += int(minor)
    return sums


def _reduced(ids: Sequence[uuid.UUID]) -> Sums:
    """Taken off before it was paid."""
    return (
        select(Recovery.obligation_id, func.sum(Recovery.amount_minor))
        .where(Recovery.obligation_id.in_(ids), Recovery.status == RecoveryStatus.REDUCED)
        .group_by(Recovery.obligation_id)
    )


def _came_back_in_vain(ids: Sequence[uuid.UUID]) -> Sums:
    """Reversed at Stripe, and then hers after all."""
    restored = and_(Recovery.status == RecoveryStatus.RESTORED, Recovery.reversal_id.is_not(None))
    return (
        select(Recovery.obligation_id, func.sum(Recovery.amount_minor))
        .where(Recovery.obligation_id.in_(ids), restored)
        .group_by(Recovery.obligation_id)
    )


def _settled(ids: Sequence[uuid.UUID]) -> Sums:
    return (
        select(Settlement.obligation_id, func.sum(Settlement.amount_minor))
        .outerjoin(SettlementUndone, SettlementUndone.settlement_id == Settlement.id)
        .where(Settlement.obligation_id.in_(ids), SettlementUndone.settlement_id.is_(None))
        .group_by(Settlement.obligation_id)
    )


def _deducted(ids: Sequence[uuid.UUID]) -> Sums:
    return (
        select(Deduction.obligation_id, func.sum(Deduction.amount_minor))
        .where(Deduction.obligation_id.in_(ids))
        .group_by(Deduction.obligation_id)
    )
