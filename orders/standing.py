"""How an order stands with its payment: values carried from one transaction to the next."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from core.db import transaction
from orders.models import CheckoutStatus, Order, OrderStatus
from orders.reading import UnknownOrder


@dataclass(frozen=True, slots=True)
class Standing:
    """What a buyer is told. ``url``: where to pay, as long as one can."""

    order_id: uuid.UUID
    status: OrderStatus
    url: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class View:
    """An order and its newest attempt as they were committed, free of any session."""

    standing: Standing
    cancelling: bool
    attempt_id: uuid.UUID
    attempt_status: CheckoutStatus
    key: str
    request: dict[str, Any]
    session_id: str | None
    asked_at: datetime

    @property
    def awaiting(self) -> bool:
        """Whether nobody has paid yet and somebody still may."""
        return self.standing.status is OrderStatus.AWAITING_PAYMENT

    @property
    def asking(self) -> bool:
        """Whether Stripe was asked, or was to be, and nobody wrote down what it said."""
        return self.awaiting and self.attempt_status is CheckoutStatus.ASKING

    @property
    def refused(self) -> bool:
        """Whether the order ended because Stripe would not open a page for it."""
        cancelled = self.standing.status is OrderStatus.CANCELLED
        return cancelled and self.attempt_status is CheckoutStatus.REFUSED and not self.cancelling

    @property
    def over(self) -> datetime:
        """When the session that was asked for would end."""
        return datetime.fromtimestamp(self.request["expires_at"], UTC)


def committed_view(order_id: uuid.UUID) -> View:
    """The order as it stands now, read in a transaction of its own. Raises UnknownOrder."""
    with transaction() as session:
        return view_of(session, order_id)


def view_of(session: Session, order_id: uuid.UUID) -> View:
    """The order as it stands in this transaction. Raises UnknownOrder."""
    order = session.get(Order, order_id, populate_existing=True)
    if order is None:
        raise UnknownOrder()
    attempt = order.last_attempt
    return View(
        standing=Standing(
            order_id=order.id,
            status=OrderStatus(order.status),
            url=attempt.url if order.awaiting else None,
            expires_at=order.expires_at,
        ),
        cancelling=order.cancel_requested_at is not None,
        attempt_id=attempt.id,
        attempt_status=CheckoutStatus(attempt.status),
        key=attempt.key,
        request=attempt.request,
        session_id=attempt.session_id,
        asked_at=attempt.asked_at,
    )
