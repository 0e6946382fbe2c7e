"""Reading orders: by id, by number, in lists, and the token that lets a buyer read her own."""

import base64
import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor, ActorKind
from core.db import lock_rows
from core.errors import NotFound
from orders import numbers
from orders.models import Order
from people.cooperatives import own


class UnknownOrder(NotFound):
    """There is no such order here."""

    code = "not_found"


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What a list of orders is narrowed to; None means everything. ``since`` is inclusive."""

    status: str | None = None
    channel: str | None = None
    since: datetime | None = None


def get_order(session: Session, order_id: uuid.UUID, *, actor: Actor) -> Order:
    """One order, for its own buyer or for the people of its co-operative. Raises UnknownOrder."""
    return _shown(session.get(Order, order_id), actor)


def order_by_number(session: Session, written: str, *, actor: Actor) -> Order:
    """One order by its number, however it was typed. Raises OrderNumberInvalid or UnknownOrder."""
    number = numbers.read(written)
    return _shown(session.scalar(select(Order).where(Order.number == number)), actor)


def list_orders(
    session: Session,
    *,
    actor: Actor,
    wanted: OrderFilter,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[Order]:
    """Up to ``limit`` orders of the actor's co-operative, oldest first, after one id."""
    statement = select(Order).where(Order.cooperative_id == own(actor)).order_by(Order.id)
    if wanted.status:
        statement = statement.where(Order.status == wanted.status)
    if wanted.channel:
        statement = statement.where(Order.channel == wanted.channel)
    if wanted.since:
        statement = statement.where(Order.placed_at >= wanted.since)
    if after:
        statement = statement.where(Order.id > after)
    return list(session.scalars(statement.limit(limit)))


def lock_order(session: Session, order_id: uuid.UUID, *, actor: Actor | None = None) -> Order:
    """Lock one order for a change and read it afresh; ``actor``: only if it is shown to her."""
    found = lock_rows(session, Order, [order_id])
    if not found:
        raise UnknownOrder()
    return _shown(found[0], actor) if actor else found[0]


def token_of(order_id: uuid.UUID, secret_key: str) -> str:
    """The token that opens one order to whoever carries it; 43 characters, nowhere stored."""
    digest = hmac.digest(secret_key.encode(), b"pallay order " + order_id.bytes, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def token_matches(order_id: uuid.UUID, token: str, secret_key: str) -> bool:
    """Whether the token opens this order, found out in constant time."""
    return hmac.compare_digest(token_of(order_id, secret_key).encode(), token.encode())


def _shown(order: Order | None, actor: Actor) -> Order:
    if order is None:
        raise UnknownOrder()
    if actor.kind is ActorKind.BUYER:
        allowed = order.id == actor.id
    else:
        allowed = actor.cooperative_id is not None and order.cooperative_id == actor.cooperative_id
    if not allowed:
        raise UnknownOrder()
    return order
