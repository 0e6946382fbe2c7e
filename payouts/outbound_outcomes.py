"""Outbound outcomes: what became of a payment to a bank, for her obligations and for the books.

Posted meets them; failed and canceled leave them owed; returned after it was posted opens them
again, in a new round. Lock order: obligations, then the payment.
"""

import logging
import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import actors
from core.db import lock_rows
from core.errors import NotFound
from core.jobs import defer
from core.money import Money
from payments.attempts import AttemptOutcome
from payments.gateway import BankPayment
from payouts import ledger
from payouts.ledger import Entry, maker_account
from payouts.models import Obligation, ObligationStatus, Rail, Settlement, SettlementUndone
from payouts.obligations import lock_obligations
from payouts.outbound_models import (
    OUTBOUND_MOVES,
    OutboundPart,
    OutboundPayment,
    OutboundStatus,
)
from payouts.recoveries import follow_payment, follow_return, post_for
from payouts.reopening import open_again
from payouts.settling import Proof, settle_with

log = logging.getLogger("pallay.payouts")
HOUSE = actors.system("payouts")
Owed = dict[uuid.UUID, Obligation]


def lock_payment(session: Session, payment_id: uuid.UUID) -> tuple[OutboundPayment, Owed]:
    """A payment and the obligations it is of, locked and read afresh."""
    ids = session.scalars(
        select(OutboundPart.obligation_id).where(OutboundPart.outbound_payment_id == payment_id)
    ).all()
    obligations = {row.id: row for row in lock_obligations(session, ids)}
    found = lock_rows(session, OutboundPayment, [payment_id])
    if not found:
        raise NotFound("no such payment")
    return found[0], obligations


def record_made(
    session: Session, payment: OutboundPayment, owed: Owed, seen: BankPayment, *, now: datetime
) -> None:
    """Stripe has made a payment that was asked for; it may have gone on since."""
    asked = Money(payment.amount_minor, payment.currency)
    if seen.amount != asked:
        raise AssertionError(f"payment {seen.id} is {seen.amount}, not {asked}")
    payment.end(AttemptOutcome.DONE, now)
    payment.stripe_id = seen.id
    record_status(session, payment, owed, seen, now=now)


def record_refused(
    session: Session, payment: OutboundPayment, owed: Owed, reason: str | None, *, now: datetime
) -> None:
    """Stripe said no: nothing was sent, and everything is owed as before."""
    payment.end(AttemptOutcome.REFUSED, now, reason)
    payment.become(OutboundStatus.REFUSED, actor=HOUSE, why=payment.reason or "no", at=now)
    log.warning("bank payment refused", extra={"outbound_payment_id": str(payment.id)})
    _free(session, payment, owed, "refused", now)


def record_status(
    session: Session, payment: OutboundPayment, owed: Owed, seen: BankPayment, *, now: datetime
) -> None:
    """Let a locked payment be what Stripe says it is; a second time it changes nothing.

    What cannot follow from what it is (Stripe's word is unknown, or older) is left and logged.
    """
    before = OutboundStatus(payment.status)
    if seen.status == before:
        return
    known = {status.value for status in OutboundStatus}
    if seen.status not in known or not OUTBOUND_MOVES.allow(before, OutboundStatus(seen.status)):
        about = {"outbound_payment_id": str(payment.id)}
        log.error("a payment that is %s is %s at Stripe", before, seen.status, extra=about)
        return
    payment.debited_minor, payment.debited_currency = seen.debited.minor, seen.debited.currency
    payment.credited_minor, payment.credited_currency = seen.credited.minor, seen.credited.currency
    status = OutboundStatus(seen.status)
    payment.become(status, actor=HOUSE, why=seen.reason or f"Stripe: {seen.status}", at=now)
    if status is OutboundStatus.POSTED:
        payment.posted_at = seen.posted_at or now
        _settle(session, payment, owed, now)
    elif before is OutboundStatus.POSTED:
        _undo(session, payment, owed, now)
    elif status is not OutboundStatus.PROCESSING:
        _free(session, payment, owed, seen.status, now)
    session.flush()


def _settle(session: Session, payment: OutboundPayment, owed: Owed, now: datetime) -> None:
    """Her bank is being credited: each obligation is met with its part."""
    why = f"bank payment {payment.stripe_id}"
    for part in _held(payment):
        obligation = owed[part.obligation_id]
        settle_with(
            session,
            obligation,
            Proof(Rail.STRIPE_OUTBOUND, why, outbound_payment_id=payment.id),
            amount_minor=part.amount_minor,
            source=_source(payment),
            actor=HOUSE,
            now=now,
        )
    _post(session, payment, f"outbound_posted:{payment.id}", _debit(payment, why), now)
    for part in _held(payment):
        follow_payment(session, owed[part.obligation_id], now=now)


def _undo(session: Session, payment: OutboundPayment, owed: Owed, now: datetime) -> None:
    """The bank sent it back after it had been posted: everything is owed again."""
    why = f"bank payment {payment.stripe_id} came back"
    log.error("a bank sent money back", extra={"outbound_payment_id": str(payment.id)})
    settlements = session.scalars(
        select(Settlement)
        .where(Settlement.outbound_payment_id == payment.id)
        .order_by(Settlement.obligation_id)
    ).all()
    for part in _held(payment):
        part.released_at = now
    for row in settlements:
        session.add(
            SettlementUndone(
                settlement_id=row.id, cooperative_id=row.cooperative_id, why=why, at=now
            )
        )
        obligation = owed[row.obligation_id]
        maker = maker_account(obligation.maker_id)
        entry = Entry(maker, _source(payment), row.amount_minor, why, obligation.id)
        post_for(session, obligation, f"settled_undone:{row.id}", [entry], actor=HOUSE, now=now)
        open_again(session, obligation, why=why, now=now)
        follow_return(session, obligation, now=now)
        _ask_about_acceptance(session, obligation)
    back = [
        Entry(one.destination, one.source, one.amount_minor, why) for one in _debit(payment, why)
    ]
    _post(session, payment, f"outbound_returned:{payment.id}", back, now)


def _free(session: Session, payment: OutboundPayment, owed: Owed, word: str, now: datetime) -> None:
    """Nothing has reached her: each obligation is due as before."""
    for part in _held(payment):
        part.released_at = now
        obligation = owed[part.obligation_id]
        why = f"bank payment {payment.number}: {word}"
        obligation.become(ObligationStatus.DUE, actor=HOUSE, why=why, at=now)
        follow_payment(session, obligation, now=now)
        _ask_about_acceptance(session, obligation)


def _held(payment: OutboundPayment) -> list[OutboundPart]:
    return [part for part in payment.parts if part.released_at is None]


def _source(payment: OutboundPayment) -> str:
    """Where a part comes from, in the currency it is owed in."""
    same = payment.debited_currency == payment.currency
    return ledger.STRIPE_OUTBOUND if same else ledger.EXCHANGE


def _debit(payment: OutboundPayment, why: str) -> list[Entry]:
    """What the financial account gave in its own currency, beyond what the parts say."""
    assert payment.debited_minor is not None
    if payment.debited_currency != payment.currency:
        return [Entry(ledger.STRIPE_OUTBOUND, ledger.EXCHANGE, payment.debited_minor, why)]
    beyond = payment.debited_minor - payment.amount_minor
    ends = (ledger.STRIPE_OUTBOUND, ledger.FUND)
    source, destination = ends if beyond > 0 else ends[::-1]
    return [Entry(source, destination, abs(beyond), why)]


def _post(
    session: Session, payment: OutboundPayment, event: str, entries: list[Entry], now: datetime
) -> None:
    assert payment.debited_currency is not None
    ledger.post(
        session,
        event=event,
        entries=entries,
        currency=payment.debited_currency,
        cooperative_id=payment.cooperative_id,
        actor=HOUSE,
        now=now,
    )


def _ask_about_acceptance(session: Session, obligation: Obligation) -> None:
    """Its acceptance may have been taken back while the bank was silent; ask again now."""
    if obligation.order_id is None:
        defer(session, "piece.acceptance_withdrawn", piece_id=obligation.piece_id)
