"""Reversals: bringing a transfer back from a maker's account at Stripe, exactly once.

How an attempt is made and what silence means: `payments.attempts`. A definite no (she has spent it)
is for people to decide about.
"""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from core import actors
from core.ids import new_id
from payments import attempts
from payments.attempts import V1_KEYS_LIVE, Asking, AttemptOutcome, Result
from payments.gateway import Gateway, Reversal
from payouts import ledger
from payouts.ledger import Entry
from payouts.models import Obligation, ObligationStatus
from payouts.recoveries import lock_recovery, post_for
from payouts.recovery_models import Recovery, RecoveryStatus, ReversalAttempt

log = logging.getLogger("pallay.payouts")
HOUSE = actors.system("payouts")


def reverse(gateway: Gateway, *, recovery_id: uuid.UUID, now: datetime) -> Result:
    """Bring back what a recovery asks for. Raises Unreachable when there was no answer: ask again.

    ``NOT_NOW``: it has come back, nobody asks for it any more, or it was refused lately.
    """
    return attempts.run(_Reversing(gateway, recovery_id), now=now)


@dataclass(frozen=True, slots=True)
class _Reversing:
    """The errand of one reversal."""

    gateway: Gateway
    recovery_id: uuid.UUID
    keys_live: ClassVar[timedelta] = V1_KEYS_LIVE

    def begin(self, session: Session, now: datetime) -> Asking | None:
        """The attempt still open, or a new one."""
        _obligation, recovery = lock_recovery(session, self.recovery_id)
        if recovery.status != RecoveryStatus.REVERSING:
            return None
        last = recovery.attempts[-1] if recovery.attempts else None
        if last is not None and last.outcome is not None:
            # After a no it is a person who asks again, so only what never arrived rests.
            never_arrived = last.outcome == AttemptOutcome.NEVER_ARRIVED
            if never_arrived and last.rests_until is not None and now < last.rests_until:
                return None
            last = None
        attempt = last or _begin(session, recovery, now)
        lost = exists().where(
            ReversalAttempt.recovery_id == recovery.id,
            ReversalAttempt.outcome == AttemptOutcome.NEVER_ARRIVED,
        )
        return Asking(
            attempt.id,
            attempt.key,
            dict(attempt.request),
            attempt.started_at,
            bool(session.scalar(select(lost))),
        )

    def ask(self, asking: Asking) -> Reversal:
        """Have the money brought back."""
        request = dict(asking.request)
        return self.gateway.reverse_transfer(request.pop("transfer"), request, key=asking.key)

    def find(self, asking: Asking) -> Reversal | None:
        """What Stripe has reversed for this recovery, under whichever attempt."""
        made = self.gateway.reversals_of(asking.request["transfer"])
        wanted = asking.request["metadata"]["recovery"]
        return next((one for one in made if one.metadata.get("recovery") == wanted), None)

    def note_answer(
        self, session: Session, asking: Asking, answer: Reversal, now: datetime
    ) -> None:
        """It has come back."""
        obligation, recovery = lock_recovery(session, self.recovery_id)
        attempt = session.get_one(ReversalAttempt, asking.attempt_id, populate_existing=True)
        if attempt.outcome is not None:
            return
        if answer.amount.minor != recovery.amount_minor:
            raise AssertionError(f"reversal {answer.id} is {answer.amount}")
        attempt.end(AttemptOutcome.DONE, now)
        record_reversed(session, obligation, recovery, answer, now=now)

    def note_no(
        self,
        session: Session,
        asking: Asking,
        outcome: AttemptOutcome,
        reason: str | None,
        now: datetime,
    ) -> None:
        """Nothing came back: after a refusal people decide, after silence it is asked again."""
        _obligation, recovery = lock_recovery(session, self.recovery_id)
        attempt = session.get_one(ReversalAttempt, asking.attempt_id, populate_existing=True)
        if attempt.outcome is not None:
            return
        attempt.end(outcome, now, reason)
        if outcome is AttemptOutcome.REFUSED:
            why = "Stripe could not reverse the transfer"
            recovery.become(RecoveryStatus.UNDECIDED, actor=HOUSE, why=why, at=now)
            log.warning("reversal refused", extra={"recovery_id": str(recovery.id)})


def record_reversed(
    session: Session, obligation: Obligation, recovery: Recovery, made: Reversal, *, now: datetime
) -> None:
    """What a recovery asked for has come back to Stripe's balance; both must be locked."""
    recovery.transfer_id, recovery.reversal_id = made.transfer_id, made.id
    why = f"reversal {made.id}"
    recovery.become(RecoveryStatus.REVERSED, actor=HOUSE, why=why, at=now)
    entry = Entry(ledger.UNDECIDED, ledger.STRIPE, recovery.amount_minor, why)
    post_for(session, obligation, f"reversed:{recovery.id}", [entry], actor=HOUSE, now=now)
    _close_if_whole(session, obligation, why, now)


def _begin(session: Session, recovery: Recovery, now: datetime) -> ReversalAttempt:
    number = len(recovery.attempts) + 1
    request: dict[str, Any] = {
        "transfer": recovery.transfer_id,
        "amount": recovery.amount_minor,
        "metadata": {"recovery": str(recovery.id), "attempt": str(number)},
    }
    attempt = ReversalAttempt(
        id=new_id(),
        cooperative_id=recovery.cooperative_id,
        recovery_id=recovery.id,
        number=number,
        key=f"rv:{recovery.id}:{number}",
        request=request,
        started_at=now,
    )
    session.add(attempt)
    session.flush()
    return attempt


def _close_if_whole(session: Session, obligation: Obligation, why: str, now: datetime) -> None:
    """Nothing of it is hers any more: it is as if it had never been paid."""
    session.flush()
    back = select(func.sum(Recovery.amount_minor)).where(
        Recovery.obligation_id == obligation.id,
        Recovery.status.in_((RecoveryStatus.REDUCED, RecoveryStatus.REVERSED)),
    )
    whole = (session.scalar(back) or 0) >= obligation.amount_minor
    if whole and obligation.status == ObligationStatus.SETTLED:
        obligation.become(ObligationStatus.REVERSED, actor=HOUSE, why=why, at=now)
