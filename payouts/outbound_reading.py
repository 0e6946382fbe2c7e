"""Reading payments to banks: what was sent, of what, and what became of it."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import NotFound
from payouts.outbound_models import OutboundPayment
from people.cooperatives import own


@dataclass(frozen=True, slots=True)
class OutboundFilter:
    """What a list of payments to banks is narrowed to; None means everything."""

    status: str | None = None
    maker_id: uuid.UUID | None = None


def list_outbound_payments(
    session: Session,
    *,
    actor: Actor,
    wanted: OutboundFilter,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[OutboundPayment]:
    """Up to ``limit`` payments of the actor's co-operative, oldest first, after one id."""
    statement = select(OutboundPayment).where(OutboundPayment.cooperative_id == own(actor))
    if wanted.status:
        statement = statement.where(OutboundPayment.status == wanted.status)
    if wanted.maker_id:
        statement = statement.where(OutboundPayment.maker_id == wanted.maker_id)
    if after:
        statement = statement.where(OutboundPayment.id > after)
    return list(session.scalars(statement.order_by(OutboundPayment.id).limit(limit)))


def get_outbound_payment(
    session: Session, payment_id: uuid.UUID, *, actor: Actor
) -> OutboundPayment:
    """One payment of the actor's co-operative."""
    payment = session.get(OutboundPayment, payment_id)
    if payment is None or payment.cooperative_id != own(actor):
        raise NotFound("no such payment")
    return payment
