"""Refunds so far: what has gone back of an order, or may still go, and what is left of it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from orders.models import Order, OrderPayment
from orders.refund_models import Refund, RefundPart, RefundStatus
from orders.refund_shares import Share, shares_left


def refunds_of(session: Session, payment: OrderPayment) -> list[Refund]:
    """The refunds of what an order was paid with that have not failed, oldest first."""
    return list(
        session.scalars(
            select(Refund)
            .where(
                Refund.order_id == payment.order_id,
                Refund.charge_id.is_not_distinct_from(payment.charge_id),
                Refund.status != RefundStatus.FAILED,
            )
            .order_by(Refund.id)
            .options(selectinload(Refund.parts))
            .execution_options(populate_existing=True)
        )
    )


def left_of(order: Order, payment: OrderPayment, gone: Sequence[Refund]) -> tuple[list[Share], int]:
    """What is left of each part of an order, and of what was charged in whole."""
    left = shares_left(order, [part for refund in gone for part in refund.parts])
    charged = payment.charged_minor - sum(refund.amount_minor for refund in gone)
    return left, max(min(charged, sum(share.minor for share in left)), 0)


def parts_of(order: Order, shares: Sequence[Share]) -> list[RefundPart]:
    """The rows of a refund's parts."""
    return [
        RefundPart(
            cooperative_id=order.cooperative_id,
            position=position,
            what=share.what,
            line_id=share.line_id,
            amount_minor=share.minor,
        )
        for position, share in enumerate(shares)
    ]
