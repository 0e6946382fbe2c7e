"""News of reversals: ours are known; those made in Stripe's dashboard are written down and named.

Where recoveries ask for it, somebody has done it for us: the whole of one, a part of it, or more
than one. What none of them asks for is money that is hers: it is owed to her again, and no transfer
is made of it until a person has said how she is to be paid, for it was a person who took it from
that account.
"""

import logging
import uuid
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core import actors
from core.ids import new_id
from payments import listening
from payments.attempts import AttemptOutcome
from payments.gateway import Gateway, Reversal
from payments.listening import APPLIED, Verdict, waits
from payments.models import NewsState
from payouts import ledger
from payouts.ledger import Entry, maker_account
from payouts.models import Obligation, ObligationStatus, Settlement
from payouts.obligations import lock_obligations
from payouts.recoveries import post_for, split_off
from payouts.recovery_models import FoundReversal, Recovery, RecoveryStatus, ReversalAttempt
from payouts.reopening import open_again
from payouts.reversals import record_reversed

log = logging.getLogger("pallay.payouts")
HOUSE = actors.system("payouts")


def follow_transfer(gateway: Gateway, *, event_id: str, now: datetime) -> NewsState:
    """Look at what came back of a transfer."""

    def apply(session: Session, made: list[Reversal]) -> Verdict:
        known = [apply_reversal(session, one, now=now) for one in reversed(made)]
        return APPLIED if all(known) else waits("no payment of ours was made with it, or not yet")

    return listening.follow(event_id, read=gateway.reversals_of, apply=apply, now=now)


def apply_reversal(session: Session, made: Reversal, *, now: datetime) -> bool:
    """Write one reversal down if nobody has; again it changes nothing.

    False when no payment of ours was made with its transfer, as far as is known now, or while she
    is just being paid more.
    """
    paid = select(Settlement.obligation_id).where(Settlement.transfer_id == made.transfer_id)
    obligation_id = session.scalar(paid)
    if obligation_id is None:
        return False
    (obligation,) = lock_obligations(session, [obligation_id])
    if _known(session, made) or _being_asked(session, made):
        return True
    if obligation.status == ObligationStatus.SETTLING:
        return False
    left = made.amount.minor
    for recovery in _asked_for(session, obligation, made):
        part = min(left, recovery.amount_minor)
        if part and (part == recovery.amount_minor or not _may_arrive(recovery)):
            came = split_off(session, recovery, part, why=f"reversal {made.id}", now=now)
            record_reversed(session, obligation, came, made, now=now)
            left -= part
    if left:
        _find(session, obligation, made, left, now)
    return True


def _known(session: Session, made: Reversal) -> bool:
    ours = exists().where(Recovery.reversal_id == made.id)
    found = exists().where(FoundReversal.reversal_id == made.id)
    return bool(session.scalar(select(ours | found)))


def _being_asked(session: Session, made: Reversal) -> bool:
    """Whether it was made for a recovery that is still at it: whoever asks notes the answer."""
    wanted = _uuid(made.metadata.get("recovery"))
    recovery = session.get(Recovery, wanted, populate_existing=True) if wanted else None
    return recovery is not None and recovery.status == RecoveryStatus.REVERSING


def _asked_for(session: Session, obligation: Obligation, made: Reversal) -> list[Recovery]:
    """The recoveries somebody may have made it for, locked, and that nobody is at: first the one it
    names, then one of just that amount, then the others, oldest first."""
    at_it = exists().where(
        ReversalAttempt.recovery_id == Recovery.id, ReversalAttempt.outcome.is_(None)
    )
    wanted = (RecoveryStatus.UNDECIDED, RecoveryStatus.REVERSING)
    rows = session.scalars(
        select(Recovery)
        .where(Recovery.obligation_id == obligation.id, Recovery.status.in_(wanted), ~at_it)
        .order_by(Recovery.id)
        .with_for_update(of=Recovery, key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    named, minor = _uuid(made.metadata.get("recovery")), made.amount.minor
    return sorted(rows, key=lambda row: (row.id != named, row.amount_minor != minor, row.id))


def _may_arrive(recovery: Recovery) -> bool:
    """Whether Stripe may still make what was asked for the whole of it and never heard of."""
    return any(one.outcome == AttemptOutcome.NEVER_ARRIVED for one in recovery.attempts)


def _find(
    session: Session, obligation: Obligation, made: Reversal, minor: int, now: datetime
) -> None:
    """Nobody had asked for so much of it: she is owed that again."""
    settled = obligation.status in {ObligationStatus.SETTLED, ObligationStatus.REVERSED}
    found = FoundReversal(
        id=new_id(),
        cooperative_id=obligation.cooperative_id,
        obligation_id=obligation.id,
        round=obligation.round + 1 if settled else obligation.round,
        transfer_id=made.transfer_id,
        reversal_id=made.id,
        amount_minor=minor,
        currency=obligation.currency,
        found_at=now,
    )
    session.add(found)
    why = f"reversal {made.id}, made at Stripe"
    maker = maker_account(obligation.maker_id)
    entry = Entry(maker, ledger.STRIPE, found.amount_minor, why, obligation.id)
    post_for(session, obligation, f"reversal_found:{found.id}", [entry], actor=HOUSE, now=now)
    open_again(session, obligation, why=why, now=now)
    log.error("a transfer was reversed at Stripe unasked", extra={"reversal_id": made.id})


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
