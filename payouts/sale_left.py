"""What is left of a sale: how it was divided, less what has been undone of it already."""

import uuid
from collections.abc import Hashable, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.money import split_minor
from orders.models import Order
from payouts.models import Obligation, SharePolicy
from payouts.obligations import allocation_of, lock_obligations
from payouts.recovery_models import Recovery, RecoveryStatus, UndonePart
from payouts.undo_shares import Left

#: A line by its id, or shipping, or tax.
Place = tuple[str, uuid.UUID | None]


def left_of_sale(
    session: Session, order: Order, policy: SharePolicy
) -> tuple[dict[Place, Left], dict[Hashable, Obligation]]:
    """What is left of every part of a sale, and the obligations among those who hold it."""
    payment = order.payment
    assert payment is not None
    allocation = allocation_of(session, order, payment, policy)
    ids = session.scalars(select(Obligation.id).where(Obligation.order_id == order.id))
    rows = lock_obligations(session, list(ids))
    by_line = {(row.line_id, row.maker_id): row.id for row in rows}
    gone, recovered = _gone(session, order), _recovered(session, order)
    left: dict[Place, Left] = {}
    for line, share in zip(order.lines, allocation.lines, strict=True):
        place: Place = ("line", line.id)
        held: dict[Hashable, int] = {
            by_line[line.id, maker]: minor - recovered.get(by_line[line.id, maker], 0)
            for maker, minor in sorted(share.makers.items())
            if minor
        }
        plain = {"fund": share.fund, "programme": share.programme, "fee": share.fee}
        for what, minor in plain.items():
            held[what] = minor - gone.get((place, what), 0)
        left[place] = Left(line.price_minor - gone.get((place, "price"), 0), held)
    for what, price, minor in (
        ("shipping", order.shipping_minor, allocation.shipping),
        ("tax", order.tax_minor, allocation.tax),
    ):
        place = (what, None)
        held = {what: minor - gone.get((place, what), 0)}
        left[place] = Left(price - gone.get((place, "price"), 0), held)
    return left, {row.id: row for row in rows}


def over_all(left: Mapping[Place, Left], minor: int) -> dict[Place, int]:
    """An amount over everything that is left, at most all of it."""
    prices = [one.price_minor for one in left.values()]
    whole = min(minor, sum(prices))
    parts = split_minor(whole, prices) if whole else []
    return {place: part for place, part in zip(left, parts, strict=False) if part}


def _gone(session: Session, order: Order) -> dict[tuple[Place, str], int]:
    """What went back before of each part, besides the makers' shares."""
    rows = session.execute(
        select(
            UndonePart.place, UndonePart.line_id, UndonePart.what, func.sum(UndonePart.amount_minor)
        )
        .where(UndonePart.order_id == order.id)
        .group_by(UndonePart.place, UndonePart.line_id, UndonePart.what)
    )
    return {((place, line_id), what): int(minor) for place, line_id, what, minor in rows}


def _recovered(session: Session, order: Order) -> dict[uuid.UUID, int]:
    """What was taken back before of each obligation, whoever bears it."""
    rows = session.execute(
        select(Recovery.obligation_id, func.sum(Recovery.amount_minor))
        .join(Obligation, Obligation.id == Recovery.obligation_id)
        .where(Obligation.order_id == order.id, Recovery.status != RecoveryStatus.RESTORED)
        .group_by(Recovery.obligation_id)
    )
    return {obligation_id: int(minor) for obligation_id, minor in rows}
