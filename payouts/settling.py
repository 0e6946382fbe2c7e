"""Settling: the one place where an obligation is written down as met, whatever the rail."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from core.actors import Actor
from core.ids import new_id
from payouts import ledger
from payouts.ledger import Entry, maker_account
from payouts.models import Obligation, ObligationStatus, Rail, Settlement


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that money reached her: one of the three, by the rail; ``name``: in words."""

    rail: Rail
    name: str
    transfer_id: str | None = None
    attempt_id: uuid.UUID | None = None
    receipt_id: uuid.UUID | None = None
    outbound_payment_id: uuid.UUID | None = None


def event_of(obligation: Obligation) -> str:
    """The name of the meeting of this round in the ledger."""
    stem = f"settled:{obligation.id}"
    return stem if obligation.round == 1 else f"{stem}:{obligation.round}"


def settle_with(
    session: Session,
    obligation: Obligation,
    proof: Proof,
    *,
    amount_minor: int,
    source: str,
    actor: Actor,
    now: datetime,
) -> Settlement:
    """Write the settlement of this round, its posting from ``source``, the end of the obligation.

    The obligation must be locked by the caller; ``amount_minor`` is in its currency.
    """
    settlement = add_settlement(
        session,
        obligation,
        proof,
        amount_minor=amount_minor,
        source=source,
        actor=actor,
        now=now,
    )
    session.flush()
    return settlement


def add_settlement(
    session: Session,
    obligation: Obligation,
    proof: Proof,
    *,
    amount_minor: int,
    source: str,
    actor: Actor,
    now: datetime,
) -> Settlement:
    """The same, for whoever settles many at once: written when the session is flushed."""
    settlement = Settlement(
        id=new_id(),
        cooperative_id=obligation.cooperative_id,
        obligation_id=obligation.id,
        round=obligation.round,
        attempt_id=proof.attempt_id,
        rail=proof.rail.value,
        amount_minor=amount_minor,
        currency=obligation.currency,
        transfer_id=proof.transfer_id,
        receipt_id=proof.receipt_id,
        outbound_payment_id=proof.outbound_payment_id,
        settled_at=now,
        actor=actor.reference,
    )
    session.add(settlement)
    obligation.become(ObligationStatus.SETTLED, actor=actor, why=proof.name, at=now)
    maker = maker_account(obligation.maker_id)
    ledger.add(
        session,
        event=event_of(obligation),
        entries=[Entry(source, maker, amount_minor, proof.name, obligation.id)],
        currency=obligation.currency,
        cooperative_id=obligation.cooperative_id,
        order_id=obligation.order_id,
        actor=actor,
        now=now,
    )
    return settlement
