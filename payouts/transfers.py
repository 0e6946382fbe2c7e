"""Transfers: paying an obligation into a maker's account at Stripe, exactly once.

How an attempt is made and what silence means: `payments.attempts`.
"""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core import actors
from core.errors import NotFound
from core.ids import new_id
from core.jobs import defer
from core.money import Money
from orders.freezes import frozen
from payments import attempts
from payments.attempts import V1_KEYS_LIVE, Asking, AttemptOutcome, Result
from payments.gateway import Gateway, Transfer
from payouts import ledger
from payouts.advances import payable_now
from payouts.models import Obligation, ObligationStatus, PayoutAccount, Rail, SettlementAttempt
from payouts.obligations import lock_obligations
from payouts.rail_choices import preferred_rails
from payouts.recoveries import follow_payment
from payouts.reopening import reversed_unasked
from payouts.settling import Proof, settle_with

__all__ = [
    "Result",
    "Sending",
    "asking_of",
    "begin",
    "proof_of",
    "record_no",
    "record_yes",
    "settle",
    "stopped",
]

log = logging.getLogger("pallay.payouts")
HOUSE = actors.system("payouts")


def settle(gateway: Gateway, *, obligation_id: uuid.UUID, now: datetime) -> Result:
    """Pay one due obligation by transfer. Raises Unreachable when there was no answer: ask again.

    ``NOT_NOW``: it is not due, not ready, frozen, met already, or was refused lately.
    """
    return attempts.run(_SendingOne(gateway, obligation_id), now=now)


@dataclass(frozen=True)
class Sending:
    """How a transfer is asked of Stripe."""

    gateway: Gateway
    keys_live: ClassVar[timedelta] = V1_KEYS_LIVE

    def ask(self, asking: Asking) -> Transfer:
        """Send the money."""
        return self.gateway.transfer(asking.request, key=asking.key)

    def find(self, asking: Asking) -> Transfer | None:
        """What Stripe has made for this round, under whichever attempt; the first of several."""
        made = [
            transfer
            for transfer in self.gateway.transfers_of(asking.request["transfer_group"])
            if _is_for(transfer.metadata, asking.request["metadata"])
        ]
        return made[-1] if made else None

    def note_no(
        self,
        session: Session,
        asking: Asking,
        outcome: AttemptOutcome,
        reason: str | None,
        now: datetime,
    ) -> None:
        """Stripe moved nothing."""
        record_no(session, asking.attempt_id, outcome, reason, now)


@dataclass(frozen=True)
class _SendingOne(Sending):
    """The errand of one transfer."""

    obligation_id: uuid.UUID

    def begin(self, session: Session, now: datetime) -> Asking | None:
        """The attempt still open, or a new one if that is allowed now."""
        attempt = _attempt(session, self.obligation_id, now)
        if attempt is None:
            return None
        return asking_of(attempt, lost_before=_lost_before(session, attempt))

    def note_answer(
        self, session: Session, asking: Asking, answer: Transfer, now: datetime
    ) -> None:
        """Stripe moved the money."""
        record_yes(session, asking.attempt_id, answer, now)


def begin(
    session: Session,
    obligation: Obligation,
    destination: str,
    amount: int,
    *,
    number: int,
    now: datetime,
) -> SettlementAttempt:
    """A new attempt to pay a locked obligation, with its request; from now on it is settling."""
    request: dict[str, Any] = {
        "amount": amount,
        "currency": obligation.currency.lower(),
        "destination": destination,
        "transfer_group": str(obligation.order_id or obligation.id),
        "metadata": {
            "obligation": str(obligation.id),
            "round": str(obligation.round),
            "attempt": str(number),
        },
    }
    if obligation.charge_id:
        request["source_transaction"] = obligation.charge_id
    attempt = SettlementAttempt(
        id=new_id(),
        cooperative_id=obligation.cooperative_id,
        obligation_id=obligation.id,
        round=obligation.round,
        number=number,
        rail=Rail.STRIPE_TRANSFER.value,
        key=f"ob:{obligation.id}:{number}",
        request=request,
        started_at=now,
    )
    session.add(attempt)
    obligation.become(ObligationStatus.SETTLING, actor=HOUSE, why=f"attempt {number}", at=now)
    return attempt


def record_yes(session: Session, attempt_id: uuid.UUID, transfer: Transfer, now: datetime) -> None:
    """Stripe moved the money: the settlement, its posting, the end of the obligation."""
    attempt, obligation = _locked(session, attempt_id)
    if attempt.outcome is not None:
        return
    sent = Money(attempt.request["amount"], obligation.currency)
    if transfer.amount != sent:
        raise AssertionError(f"transfer {transfer.id} is {transfer.amount}, not {sent}")
    attempt.end(AttemptOutcome.DONE, now)
    settle_with(
        session,
        obligation,
        proof_of(transfer, attempt),
        amount_minor=sent.minor,
        source=ledger.STRIPE,
        actor=HOUSE,
        now=now,
    )
    follow_payment(session, obligation, now=now)


def record_no(
    session: Session,
    attempt_id: uuid.UUID,
    outcome: AttemptOutcome,
    reason: str | None,
    now: datetime,
) -> None:
    """Stripe moved nothing: it is due again, and rests for a while."""
    attempt, obligation = _locked(session, attempt_id)
    if attempt.outcome is not None:
        return
    attempt.end(outcome, now, reason)
    how = outcome.value.replace("_", " ")
    obligation.become(
        ObligationStatus.DUE, actor=HOUSE, why=f"attempt {attempt.number}: {how}", at=now
    )
    log.warning("transfer %s", how, extra={"obligation_id": str(obligation.id)})
    follow_payment(session, obligation, now=now)
    if obligation.order_id is None:
        # Its acceptance may have been taken back while Stripe was silent; ask again now.
        defer(session, "piece.acceptance_withdrawn", piece_id=obligation.piece_id)


def stopped(session: Session, obligations: Sequence[Obligation]) -> set[uuid.UUID]:
    """Which of these are not to be sent: money of their order may go back, a person took them back,
    she is paid another way, or their money is not at Stripe."""
    preferred = preferred_rails(session, [row.maker_id for row in obligations])
    otherwise = {maker for maker, rail in preferred.items() if rail != Rail.STRIPE_TRANSFER}
    orders = frozen(session, [row.order_id for row in obligations if row.order_id])
    taken_back = reversed_unasked(session, obligations)
    return {
        row.id
        for row in obligations
        if row.paid_by_hand
        or row.maker_id in otherwise
        or row.order_id in orders
        or row.id in taken_back
    }


def proof_of(transfer: Transfer, attempt: SettlementAttempt) -> Proof:
    """What shows that it reached her."""
    return Proof(
        Rail.STRIPE_TRANSFER,
        f"transfer {transfer.id}",
        transfer_id=transfer.id,
        attempt_id=attempt.id,
    )


def asking_of(attempt: SettlementAttempt, *, lost_before: bool = False) -> Asking:
    """What is carried from the attempt to the call."""
    return Asking(
        attempt_id=attempt.id,
        key=attempt.key,
        request=dict(attempt.request),
        started_at=attempt.started_at,
        lost_before=lost_before,
    )


def _attempt(session: Session, obligation_id: uuid.UUID, now: datetime) -> SettlementAttempt | None:
    found = lock_obligations(session, [obligation_id])
    if not found:
        raise NotFound("no such obligation")
    obligation = found[0]
    last = obligation.attempts[-1] if obligation.attempts else None
    if last is not None and last.outcome is None:
        return last
    if obligation.status != ObligationStatus.DUE or _resting(obligation, last, now):
        return None
    account = session.get(PayoutAccount, obligation.maker_id)
    if account is None or account.account_id is None or account.capability != "active":
        return None
    if stopped(session, [obligation]):
        return None
    amount = payable_now(session, obligation, now=now)
    if amount == 0:
        return None
    number = len(obligation.attempts) + 1
    attempt = begin(session, obligation, account.account_id, amount, number=number, now=now)
    session.flush()
    return attempt


def _resting(obligation: Obligation, last: SettlementAttempt | None, now: datetime) -> bool:
    """Whether Stripe said no a short while ago."""
    if last is None or last.round != obligation.round or last.rests_until is None:
        return False
    return now < last.rests_until


def _lost_before(session: Session, attempt: SettlementAttempt) -> bool:
    lost = exists().where(
        SettlementAttempt.obligation_id == attempt.obligation_id,
        SettlementAttempt.round == attempt.round,
        SettlementAttempt.outcome == AttemptOutcome.NEVER_ARRIVED,
    )
    return bool(session.scalar(select(lost)))


def _is_for(made: dict[str, str], asked: dict[str, str]) -> bool:
    """Whether a transfer is for the same round of the same obligation."""
    same = made.get("obligation") == asked["obligation"]
    return same and made.get("round", "1") == asked.get("round", "1")


def _locked(session: Session, attempt_id: uuid.UUID) -> tuple[SettlementAttempt, Obligation]:
    """The attempt and its obligation; whoever holds the obligation's lock decides alone."""
    attempt = session.get_one(SettlementAttempt, attempt_id)
    (obligation,) = lock_obligations(session, [attempt.obligation_id])
    session.refresh(attempt)
    return attempt, obligation
