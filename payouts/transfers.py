"""Transfers: paying an obligation through Stripe, exactly once, whatever dies and wherever.

The attempt's row comes first, committed, with its key and its frozen request; then the call; then
the outcome. A no permits attempt n+1, after a rest. Silence repeats the same key and the same bytes
for 23 hours (Stripe remembers them for 24); after that Stripe is asked what became of it before
anything else, and once more before the next attempt: a worker that slept may have sent it late.
"""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core import actors
from core.db import transaction
from core.errors import NotFound
from core.ids import new_id
from core.jobs import defer
from core.money import Money
from payments.errors import Declined
from payments.gateway import Gateway, Transfer
from payouts import ledger
from payouts.ledger import Entry, maker_account
from payouts.models import (
    AttemptOutcome,
    Obligation,
    ObligationStatus,
    PayoutAccount,
    Rail,
    Settlement,
    SettlementAttempt,
)
from payouts.obligations import lock_obligations

log = logging.getLogger("pallay.payouts")
HOUSE = actors.system("payouts")

SAME_KEY_FOR = timedelta(hours=23)
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class _Call:
    """What is carried from the transaction that wrote the attempt to the call.

    ``too_late``: Stripe may have forgotten the key. ``ask_first``: that, or an earlier attempt may
    have arrived after all.
    """

    attempt_id: uuid.UUID
    key: str
    request: dict[str, Any]
    too_late: bool
    ask_first: bool


class Outcome(StrEnum):
    """What came of trying to settle."""

    SETTLED = "settled"
    REFUSED = "refused"
    NOT_NOW = "not_now"


def settle(gateway: Gateway, *, obligation_id: uuid.UUID, now: datetime) -> Outcome:
    """Pay one due obligation by transfer. Raises Unreachable when there was no answer: ask again.

    ``NOT_NOW``: it is not due, not ready, settled already, or was refused a short while ago.
    """
    with transaction() as session:
        attempt = _attempt(session, obligation_id, now)
        if attempt is None:
            return Outcome.NOT_NOW
        call = _call(session, attempt, now)
    transfer = _find(gateway, call) if call.ask_first else None
    if transfer is None and call.too_late:
        return _record_silence(call.attempt_id, now)
    try:
        transfer = transfer or gateway.transfer(call.request, key=call.key)
    except Declined as refusal:
        with transaction() as session:
            _record_no(session, call.attempt_id, refusal.reason, now)
        return Outcome.REFUSED
    with transaction() as session:
        record_yes(session, call.attempt_id, transfer, now)
    return Outcome.SETTLED


def record_yes(session: Session, attempt_id: uuid.UUID, transfer: Transfer, now: datetime) -> None:
    """Stripe moved the money: the settlement, its posting, the end of the obligation."""
    attempt, obligation = _locked(session, attempt_id)
    if attempt.outcome is not None:
        return
    sent = Money(obligation.amount_minor, obligation.currency)
    if transfer.amount != sent:
        raise AssertionError(f"transfer {transfer.id} is {transfer.amount}, not {sent}")
    attempt.outcome, attempt.ended_at = AttemptOutcome.SETTLED.value, now
    session.add(
        Settlement(
            cooperative_id=obligation.cooperative_id,
            obligation_id=obligation.id,
            attempt_id=attempt.id,
            rail=Rail.STRIPE_TRANSFER.value,
            amount_minor=obligation.amount_minor,
            currency=obligation.currency,
            transfer_id=transfer.id,
            settled_at=now,
            actor=HOUSE.reference,
        )
    )
    why = f"transfer {transfer.id}"
    obligation.become(ObligationStatus.SETTLED, actor=HOUSE, why=why, at=now)
    maker = maker_account(obligation.maker_id)
    ledger.post(
        session,
        event=f"settled:{obligation.id}",
        entries=[Entry(ledger.STRIPE, maker, obligation.amount_minor, why, obligation.id)],
        currency=obligation.currency,
        cooperative_id=obligation.cooperative_id,
        order_id=obligation.order_id,
        actor=HOUSE,
        now=now,
    )


def _attempt(session: Session, obligation_id: uuid.UUID, now: datetime) -> SettlementAttempt | None:
    """The attempt to go on with: the one still open, or a new one if that is allowed now."""
    found = lock_obligations(session, [obligation_id])
    if not found:
        raise NotFound("no such obligation")
    obligation = found[0]
    last = obligation.attempts[-1] if obligation.attempts else None
    if last is not None and last.outcome is None:
        return last
    if obligation.status != ObligationStatus.DUE:
        return None
    account = session.get(PayoutAccount, obligation.maker_id)
    if account is None or account.account_id is None or account.capability != "active":
        return None
    if last is not None and last.rests_until is not None and now < last.rests_until:
        return None
    attempt = _begin(session, obligation, account.account_id, now)
    obligation.become(
        ObligationStatus.SETTLING, actor=HOUSE, why=f"attempt {attempt.number}", at=now
    )
    session.flush()
    return attempt


def _begin(
    session: Session, obligation: Obligation, destination: str, now: datetime
) -> SettlementAttempt:
    number = len(obligation.attempts) + 1
    request = {
        "amount": obligation.amount_minor,
        "currency": obligation.currency.lower(),
        "destination": destination,
        "transfer_group": str(obligation.order_id or obligation.id),
        "metadata": {"obligation": str(obligation.id), "attempt": str(number)},
    }
    if obligation.charge_id:
        request["source_transaction"] = obligation.charge_id
    attempt = SettlementAttempt(
        id=new_id(),
        cooperative_id=obligation.cooperative_id,
        obligation_id=obligation.id,
        number=number,
        rail=Rail.STRIPE_TRANSFER.value,
        key=f"ob:{obligation.id}:{number}",
        request=request,
        started_at=now,
    )
    session.add(attempt)
    return attempt


def _call(session: Session, attempt: SettlementAttempt, now: datetime) -> _Call:
    too_late = now - attempt.started_at >= SAME_KEY_FOR
    lost = session.scalar(
        select(
            exists().where(
                SettlementAttempt.obligation_id == attempt.obligation_id,
                SettlementAttempt.outcome == AttemptOutcome.NEVER_ARRIVED,
            )
        )
    )
    ask_first = too_late or bool(lost)
    return _Call(attempt.id, attempt.key, dict(attempt.request), too_late, ask_first)


def _find(gateway: Gateway, call: _Call) -> Transfer | None:
    """What Stripe has made for this obligation, under whichever attempt; the first of several."""
    obligation_id = call.request["metadata"]["obligation"]
    made = [
        transfer
        for transfer in gateway.transfers_of(call.request["transfer_group"])
        if transfer.metadata.get("obligation") == obligation_id
    ]
    return made[-1] if made else None


def _record_silence(attempt_id: uuid.UUID, now: datetime) -> Outcome:
    """Stripe knows of nothing: this attempt never arrived."""
    with transaction() as session:
        attempt, obligation = _locked(session, attempt_id)
        if attempt.outcome is None:
            attempt.outcome = AttemptOutcome.NEVER_ARRIVED.value
            _owe_again(session, attempt, obligation, "never arrived", now)
    return Outcome.REFUSED


def _record_no(session: Session, attempt_id: uuid.UUID, reason: str, now: datetime) -> None:
    attempt, obligation = _locked(session, attempt_id)
    if attempt.outcome is not None:
        return
    attempt.outcome, attempt.reason = AttemptOutcome.REFUSED.value, reason[:LONGEST_REASON]
    _owe_again(session, attempt, obligation, "was refused", now)
    log.warning("transfer refused", extra={"obligation_id": str(obligation.id)})


def _owe_again(
    session: Session, attempt: SettlementAttempt, obligation: Obligation, how: str, now: datetime
) -> None:
    attempt.ended_at = now
    obligation.become(
        ObligationStatus.DUE, actor=HOUSE, why=f"attempt {attempt.number} {how}", at=now
    )
    if obligation.order_id is None:
        # Its acceptance may have been taken back while Stripe was silent; ask again now.
        defer(session, "piece.acceptance_withdrawn", piece_id=obligation.piece_id)


def _locked(session: Session, attempt_id: uuid.UUID) -> tuple[SettlementAttempt, Obligation]:
    """The attempt and its obligation; whoever holds the obligation's lock decides alone."""
    attempt = session.get_one(SettlementAttempt, attempt_id)
    (obligation,) = lock_obligations(session, [attempt.obligation_id])
    session.refresh(attempt)
    return attempt, obligation
