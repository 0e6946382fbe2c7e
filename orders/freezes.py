"""Freezes: while money of an order may go back, nobody is paid from it.

An order is frozen by a refund until it is booked and taken back of whoever had a share of the sale,
and by an open dispute or inquiry, or a lost one until it is taken back. One that was paid and is
cancelled pays nobody: where its refund failed, the money is the buyer's.
"""

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from orders.dispute_models import Dispute
from orders.models import Order, OrderPayment, OrderStatus
from orders.refund_models import Refund, RefundReason, RefundStatus


def is_frozen(order_id: Any) -> ColumnElement[bool]:
    """For a query: whether the order named by this column is frozen; false where it names none."""
    return or_(_refunded(order_id), _disputed(order_id), _cancelled(order_id))


def all_going_back(session: Session, payment: OrderPayment) -> bool:
    """Whether everything that was paid has gone back or may: nothing of it leaves the house."""
    going = select(func.sum(Refund.amount_minor)).where(
        Refund.order_id == payment.order_id,
        Refund.charge_id.is_not_distinct_from(payment.charge_id),
        Refund.status != RefundStatus.FAILED,
    )
    return (session.scalar(going) or 0) >= payment.charged_minor


def frozen(session: Session, order_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these orders are frozen now."""
    wanted = select(Order.id).where(Order.id.in_(set(order_ids)), is_frozen(Order.id))
    return set(session.scalars(wanted))


def why_frozen(session: Session, order_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Which of these orders are frozen now, and why: ``disputed`` or ``refund_pending``."""
    wanted = set(order_ids)
    rows = session.execute(
        select(Order.id, _disputed(Order.id)).where(Order.id.in_(wanted), is_frozen(Order.id))
    )
    return {order_id: "disputed" if called else "refund_pending" for order_id, called in rows}


def _refunded(order_id: Any) -> ColumnElement[bool]:
    return exists().where(
        Refund.order_id == order_id,
        Refund.status != RefundStatus.FAILED,
        Refund.undone_at.is_(None),
        # What was paid twice was never divided; its way back holds nobody's share.
        Refund.reason != RefundReason.PAID_TWICE,
    )


def _cancelled(order_id: Any) -> ColumnElement[bool]:
    ended = aliased(Order)
    return exists().where(
        ended.id == order_id,
        ended.status == OrderStatus.CANCELLED,
        ended.paid_at.is_not(None),
    )


def _disputed(order_id: Any) -> ColumnElement[bool]:
    lost = (Dispute.status == "lost") & Dispute.undone_at.is_(None)
    return exists().where(Dispute.order_id == order_id, Dispute.closed_at.is_(None) | lost)
