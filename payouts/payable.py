"""Payable: what is still to be paid of an obligation, summed from the facts beside it.

The amount of an obligation never changes. What is owed is that, less what refunds and lost disputes
took off it; what is met is what settlements that hold and advances brought her. A reversed transfer
is both: no longer owed and no longer met. One that somebody reversed at Stripe unasked is only no
longer met.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from payouts.advance_models import Advance, Deduction
from payouts.models import Obligation, ObligationStatus, Settlement, SettlementUndone
from payouts.recovery_models import FoundReversal, Recovery, RecoveryStatus

#: What was taken back of her, whatever way; not what others bear, or nobody has decided about.
NOT_HERS = RecoveryStatus.REDUCED, RecoveryStatus.REVERSED, RecoveryStatus.OFFSET


def payable_minor(session: Session, obligations: Sequence[Obligation]) -> dict[uuid.UUID, int]:
    """What is still to be paid of each, in its own currency; lock them before you act on it."""
    session.flush()
    ids = [row.id for row in obligations]
    rows = session.execute(select(Obligation.id, still_payable()).where(Obligation.id.in_(ids)))
    return {obligation_id: int(minor) for obligation_id, minor in rows}


def still_payable() -> ColumnElement[int]:
    """For a query over Obligation: the same, of each row; nothing where it was cancelled."""
    reduced = _sum(Recovery, Recovery.status == RecoveryStatus.REDUCED)
    undone = exists().where(SettlementUndone.settlement_id == Settlement.id)
    settled = _sum(Settlement, ~undone)
    deducted = _sum(Deduction)
    # Reversed at Stripe, and then hers after all.
    in_vain = _sum(
        Recovery, Recovery.status == RecoveryStatus.RESTORED, Recovery.reversal_id.is_not(None)
    )
    met = settled + deducted - in_vain - _offset_in_vain() - _sum(FoundReversal)
    unpaid = Obligation.amount_minor - reduced - met
    return case((Obligation.status == ObligationStatus.CANCELLED, 0), else_=unpaid)


def earned() -> ColumnElement[int]:
    """For a query over Obligation: what she earned by it, once what was undone is taken off.

    What she keeps as an advance she has not earned by this, but what it will come off.
    """
    undone = _sum(Recovery, Recovery.status.in_(NOT_HERS))
    hers = Obligation.amount_minor - undone
    return case((Obligation.status == ObligationStatus.CANCELLED, 0), else_=hers)


def _offset_in_vain() -> ColumnElement[int]:
    """What came off her later payments for a recovery, and was hers after all."""
    return (
        select(func.coalesce(func.sum(Deduction.amount_minor), 0))
        .join(Advance, Advance.id == Deduction.advance_id)
        .join(Recovery, Recovery.id == Advance.recovery_id)
        .where(Recovery.obligation_id == Obligation.id, Recovery.status == RecoveryStatus.RESTORED)
        .correlate(Obligation)
        .scalar_subquery()
    )


def _sum(facts: Any, *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    """The amounts of one kind of fact about this obligation, added up."""
    amount: InstrumentedAttribute[int] = facts.amount_minor
    return (
        select(func.coalesce(func.sum(amount), 0))
        .where(facts.obligation_id == Obligation.id, *conditions)
        .correlate(Obligation)
        .scalar_subquery()
    )
