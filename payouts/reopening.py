"""Reopening: what was met or cancelled is owed again, in a new round where it had been met."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from core import actors
from payouts.models import Obligation, ObligationStatus
from payouts.payable import payable_minor
from payouts.recovery_models import FoundReversal

HOUSE = actors.system("payouts")
MET = frozenset({ObligationStatus.SETTLED, ObligationStatus.REVERSED})


def open_again(session: Session, obligation: Obligation, *, why: str, now: datetime) -> bool:
    """Let a locked obligation be owed again if something is to be paid of it; whether it was.

    Due at once; but what was cancelled before its hold window was over waits for that.
    """
    if obligation.status == ObligationStatus.CANCELLED:
        over = obligation.due_at is not None and obligation.due_at <= now
        status = ObligationStatus.DUE if over else ObligationStatus.HELD
        obligation.become(status, actor=HOUSE, why=why, at=now)
    elif obligation.status in MET and payable_minor(session, [obligation])[obligation.id] > 0:
        obligation.round += 1
        obligation.become(ObligationStatus.DUE, actor=HOUSE, why=why, at=now)
    else:
        return False
    session.flush()
    return True


def reversed_unasked(session: Session, obligations: Sequence[Obligation]) -> set[uuid.UUID]:
    """Which of these are owed again because somebody reversed their transfer at Stripe."""
    ids = [row.id for row in obligations if row.round > 1]
    if not ids:
        return set()
    return set(session.scalars(select(Obligation.id).where(Obligation.id.in_(ids), is_unasked())))


def is_unasked() -> ColumnElement[bool]:
    """For a query over Obligation: the same; a person says how she is paid now."""
    return exists().where(
        FoundReversal.obligation_id == Obligation.id, FoundReversal.round == Obligation.round
    )
