"""Unfinished: what happened to money and is not in the books yet is taken up anew.

A note may fail for good: there was no share policy yet, a reversal had no answer for hours, the
database was away. What it was about is still there, and is found here by what is missing.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from core.jobs import defer
from orders.dispute_models import Dispute, DisputeMove
from orders.models import Order, OrderPayment, StrayPayment
from orders.refund_models import Refund, RefundStatus
from payouts.models import Obligation, ObligationStatus, Posting
from payouts.reconcile import THE_BEGINNING

AT_ONCE = 500


def take_up(session: Session, *, since: datetime = THE_BEGINNING) -> int:
    """Leave a note for everything since then that should be in the books and is not; how many.

    Where another note about the order waits or is being done, that one comes first.
    """
    sales, strays = _sales(session, since), _strays(session, since)
    refunds, disputes = _refunds(session, since), _disputes(session, since)
    handed_over = _handed_over(session)
    for order_id in sales:
        defer(session, "order.paid", once=f"order:{order_id}", order_id=order_id)
    for stray_id, order_id in strays:
        defer(session, "order.stray_paid", once=f"order:{order_id}", stray_id=stray_id)
    for refund_id, order_id, failed in refunds:
        word = f"order:{order_id}"
        if failed:
            defer(session, "order.refund_failed", once=word, refund_id=refund_id)
        else:
            defer(session, "order.refunded", once=word, refund_id=refund_id)
    for dispute_id, order_id in disputes:
        defer(session, "dispute.moved", once=f"order:{order_id}", dispute_id=dispute_id)
    for order_id in handed_over:
        defer(session, "order.handed_over", once=f"order:{order_id}", order_id=order_id)
    return sum(len(found) for found in (sales, strays, refunds, disputes, handed_over))


def _posted(stem: str, column: Any) -> ColumnElement[bool]:
    return exists().where(Posting.event == func.concat(stem, cast(column, String)))


def _sales(session: Session, since: datetime) -> Sequence[uuid.UUID]:
    """Paid, and not divided."""
    return session.scalars(
        select(OrderPayment.order_id)
        .where(OrderPayment.recorded_at >= since, ~_posted("order_paid:", OrderPayment.order_id))
        .limit(AT_ONCE)
    ).all()


def _strays(session: Session, since: datetime) -> Sequence[Any]:
    """Paid for no order that could keep it, and not in the books."""
    return session.execute(
        select(StrayPayment.id, StrayPayment.order_id)
        .where(StrayPayment.recorded_at >= since, ~_posted("stray_paid:", StrayPayment.id))
        .limit(AT_ONCE)
    ).all()


def _refunds(session: Session, since: datetime) -> Sequence[Any]:
    """Booked and not taken back of anybody; or failed after that, and not given again."""
    failed = Refund.status == RefundStatus.FAILED
    in_vain = failed & _posted("refunded:", Refund.id) & ~_posted("refund_failed:", Refund.id)
    return session.execute(
        select(Refund.id, Refund.order_id, failed)
        .where(
            Refund.requested_at >= since,
            Refund.settled_minor.is_not(None),
            or_(~failed & Refund.undone_at.is_(None), in_vain),
        )
        .limit(AT_ONCE)
    ).all()


def _disputes(session: Session, since: datetime) -> Sequence[Any]:
    """Moved, and not in the books; or lost, and nobody bears it."""
    silent = exists().where(
        DisputeMove.dispute_id == Dispute.id, ~_posted("dispute_moved:", DisputeMove.id)
    )
    lost = (Dispute.status == "lost") & Dispute.undone_at.is_(None)
    return session.execute(
        select(Dispute.id, Dispute.order_id)
        .where(Dispute.seen_at >= since, or_(silent, lost))
        .limit(AT_ONCE)
    ).all()


def _handed_over(session: Session) -> Sequence[uuid.UUID]:
    """Handed over, and no hold window begun."""
    return session.scalars(
        select(Order.id)
        .join(Obligation, Order.id == Obligation.order_id)
        .where(
            Obligation.status == ObligationStatus.HELD,
            Obligation.due_at.is_(None),
            Order.handed_over_at.is_not(None),
        )
        .distinct()
        .limit(AT_ONCE)
    ).all()
