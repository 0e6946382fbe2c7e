"""Messages: what buyers and the house said to each other about an order, kept for whoever asks.

Pallay sends none. People write down what came by mail or telephone; a bank that calls a payment
back asks for it.
"""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Invalid
from core.ids import new_id
from orders.message_models import OrderMessage
from orders.reading import get_order


def record_message(
    session: Session,
    *,
    order_id: uuid.UUID,
    said_by: str,
    medium: str,
    words: str,
    said_at: datetime,
    actor: Actor,
    now: datetime,
) -> OrderMessage:
    """Write down what was said about an order. Raises UnknownOrder, Invalid for a time to come."""
    order = get_order(session, order_id, actor=actor)
    if said_at > now:
        raise Invalid("this is still to come", pointer="/said_at")
    message = OrderMessage(
        id=new_id(),
        cooperative_id=order.cooperative_id,
        order_id=order.id,
        said_by=said_by,
        medium=medium,
        words=words,
        said_at=said_at,
        recorded_at=now,
        actor=actor.reference,
    )
    session.add(message)
    session.flush()
    return message


def list_messages(
    session: Session,
    *,
    order_id: uuid.UUID,
    actor: Actor,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[OrderMessage]:
    """Up to ``limit`` messages about an order, as they were written down, after one id."""
    order = get_order(session, order_id, actor=actor)
    statement = select(OrderMessage).where(OrderMessage.order_id == order.id)
    if after:
        statement = statement.where(OrderMessage.id > after)
    return list(session.scalars(statement.order_by(OrderMessage.id).limit(limit)))
