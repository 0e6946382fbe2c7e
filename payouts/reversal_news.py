"""News of reversals: ours are known; those made in Stripe's dashboard are written down and named.

Where a recovery asks for just that, somebody has done it for us. Else she has lost money that is
hers: it is owed to her again, and no transfer is made of it until a person has said how she is to
be paid, for it was a person who took it from that account.
"""

import logging
import uuid
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core import actors
from core.ids import new_id
from payments import listening
from payments.gateway import Gateway, Reversal
from payments.listening import APPLIED, Verdict, waits
from payments.models import NewsState
from payouts import ledger
from payouts.ledger import Entry, maker_account
from payouts.models import Obligation, ObligationStatus, Settlement
from payouts.obligations import lock_obligations
from payouts.recoveries import post_for
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
    recovery = _asked_for(session, obligation, made)
    if recovery is not None:
        record_reversed(session, obligation, recovery, made, now=now)
    else:
        _find(session, obligation, made, now)
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


def _asked_for(session: Session, obligation: Obligation, made: Reversal) -> Recovery | None:
    """The recovery somebody made it for: by its name, else one of that amount nobody is at."""
    at_it = exists().where(
        ReversalAttempt.recovery_id == Recovery.id, ReversalAttempt.outcome.is_(None)
    )
    wanted = (RecoveryStatus.UNDECIDED, RecoveryStatus.REVERSING)
    rows = session.scalars(
        select(Recovery)
        .where(
            Recovery.obligation_id == obligation.id,
            Recovery.status.in_(wanted),
            Recovery.amount_minor == made.amount.minor,
            ~at_it,
        )
        .order_by(Recovery.id)
        .with_for_update(of=Recovery)
        .execution_options(populate_existing=True)
    ).all()
    named = _uuid(made.metadata.get("recovery"))
    return next((row for row in rows if row.id == named), rows[0] if rows else None)


def _find(session: Session, obligation: Obligation, made: Reversal, now: datetime) -> None:
    """Nobody had asked for it: she is owed it again."""
    settled = obligation.status in {ObligationStatus.SETTLED, ObligationStatus.REVERSED}
    found = FoundReversal(
        id=new_id(),
        cooperative_id=obligation.cooperative_id,
        obligation_id=obligation.id,
        round=obligation.round + 1 if settled else obligation.round,
        transfer_id=made.transfer_id,
        reversal_id=made.id,
        amount_minor=made.amount.minor,
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
