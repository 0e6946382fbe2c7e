"""Decisions: what people say about money that was paid for a sale that was undone."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from payouts import ledger
from payouts.advance_models import Advance, AdvanceKind
from payouts.ledger import Entry, advance_account
from payouts.models import Obligation
from payouts.recoveries import lock_recovery, post_for, reverse_later, transfer_with
from payouts.recovery_models import Recovery, RecoveryStatus
from people.cooperatives import own


class NothingToDecide(Conflict):
    """Nobody has to decide about this."""

    code = "nothing_to_decide"


class NothingToReverse(Conflict):
    """No transfer of hers has so much left to be reversed; decide otherwise."""

    code = "nothing_to_reverse"


class ReserveExhausted(Conflict):
    """Less is set aside in the reserve; declare more, or let the fund bear it."""

    code = "reserve_exhausted"


@dataclass(frozen=True, slots=True)
class RecoveryFilter:
    """What a list of recoveries is narrowed to; None means everything."""

    status: str | None = None
    maker_id: uuid.UUID | None = None
    order_id: uuid.UUID | None = None


def decide(
    session: Session,
    *,
    recovery_id: uuid.UUID,
    decision: str,
    reason: str,
    actor: Actor,
    now: datetime,
    consent: str | None = None,
    evidence_url: str | None = None,
    bearer: str = "reserve",
) -> Recovery:
    """Write down what people decided: ``absorbed``, ``offset`` with her consent, or ``retry``.

    Absorbed is borne by the reserve the co-operative has declared, or by the fund if that is said.
    Raises NothingToDecide, NothingToReverse, ReserveExhausted, and Invalid for an offset without
    her consent in words and where it can be seen.
    """
    obligation, recovery = _own(session, recovery_id, actor)
    if recovery.status != RecoveryStatus.UNDECIDED:
        raise NothingToDecide(status=recovery.status)
    if decision == "retry":
        return _retry(session, obligation, recovery, reason, actor=actor, now=now)
    recovery.decided_at, recovery.decided_by = now, actor.reference
    recovery.decision, recovery.consent, recovery.evidence_url = reason, consent, evidence_url
    if decision == RecoveryStatus.ABSORBED:
        if bearer == ledger.RESERVE:
            _enough_in_reserve(session, recovery)
        recovery.become(RecoveryStatus.ABSORBED, actor=actor, why=reason, at=now)
        entry = Entry(ledger.UNDECIDED, bearer, recovery.amount_minor, reason)
    else:
        if not consent:
            raise Invalid("she must have agreed to it", pointer="/consent")
        if not evidence_url:
            raise Invalid("show where her consent can be seen", pointer="/evidence_url")
        recovery.become(RecoveryStatus.OFFSET, actor=actor, why=reason, at=now)
        entry = _offset(session, obligation, recovery, reason, actor=actor, now=now)
    post_for(session, obligation, f"recovery_decided:{recovery.id}", [entry], actor=actor, now=now)
    return recovery


def attempt_again(
    session: Session, *, recovery_id: uuid.UUID, actor: Actor, now: datetime
) -> Recovery:
    """Ask Stripe for a reversal once more, because a person says so.

    One that may still succeed is gone on with, under its own key. Raises NothingToDecide and
    NothingToReverse.
    """
    obligation, recovery = _own(session, recovery_id, actor)
    if recovery.status == RecoveryStatus.REVERSING:
        reverse_later(session, recovery.id)
        return recovery
    if recovery.status != RecoveryStatus.UNDECIDED:
        raise NothingToDecide(status=recovery.status)
    return _retry(session, obligation, recovery, "asked once more", actor=actor, now=now)


def get_recovery(session: Session, recovery_id: uuid.UUID, *, actor: Actor) -> Recovery:
    """One recovery of the actor's co-operative."""
    recovery = session.get(Recovery, recovery_id)
    if recovery is None or recovery.cooperative_id != own(actor):
        raise NotFound("no such recovery")
    return recovery


def list_recoveries(
    session: Session,
    *,
    actor: Actor,
    wanted: RecoveryFilter,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[Recovery]:
    """Up to ``limit`` recoveries of the actor's co-operative, oldest first, after one id."""
    statement = select(Recovery).where(Recovery.cooperative_id == own(actor))
    if wanted.status:
        statement = statement.where(Recovery.status == wanted.status)
    if wanted.maker_id or wanted.order_id:
        statement = statement.join(Obligation, Obligation.id == Recovery.obligation_id)
    if wanted.maker_id:
        statement = statement.where(Obligation.maker_id == wanted.maker_id)
    if wanted.order_id:
        statement = statement.where(Obligation.order_id == wanted.order_id)
    if after:
        statement = statement.where(Recovery.id > after)
    return list(session.scalars(statement.order_by(Recovery.id).limit(limit)))


def _retry(
    session: Session,
    obligation: Obligation,
    recovery: Recovery,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> Recovery:
    transfer_id = transfer_with(session, obligation, recovery.amount_minor)
    if transfer_id is None:
        raise NothingToReverse()
    recovery.transfer_id = transfer_id
    recovery.become(RecoveryStatus.REVERSING, actor=actor, why=reason, at=now)
    reverse_later(session, recovery.id)
    return recovery


def _offset(
    session: Session,
    obligation: Obligation,
    recovery: Recovery,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> Entry:
    session.add(
        Advance(
            id=new_id(),
            cooperative_id=obligation.cooperative_id,
            maker_id=obligation.maker_id,
            kind=AdvanceKind.OFFSET.value,
            amount_minor=recovery.amount_minor,
            currency=recovery.currency,
            given_for=reason,
            recovery_id=recovery.id,
            given_at=now,
            actor=actor.reference,
        )
    )
    account = advance_account(obligation.maker_id)
    return Entry(ledger.UNDECIDED, account, recovery.amount_minor, reason)


def _enough_in_reserve(session: Session, recovery: Recovery) -> None:
    ledger.hold_still(session, recovery.cooperative_id, ledger.RESERVE)
    held = ledger.balances(session, recovery.cooperative_id)
    if -held.get((ledger.RESERVE, recovery.currency), 0) < recovery.amount_minor:
        raise ReserveExhausted(currency=recovery.currency)


def _own(session: Session, recovery_id: uuid.UUID, actor: Actor) -> tuple[Obligation, Recovery]:
    get_recovery(session, recovery_id, actor=actor)
    return lock_recovery(session, recovery_id)
