"""The till: a sale at the stall that is paid by hand, in the co-operative's own money.

The same order with another tender: held, paid and sold in one transaction, with a receipt. A piece
that an online buyer holds is freed at Stripe first; if she paid in that moment, her money goes back
at once and she is told why.
"""

import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import actors
from core.actors import Actor
from core.db import transaction
from core.errors import Invalid
from core.jobs import defer
from inventory import coming_back, stock
from inventory.models import Hold, HoldStatus
from orders import checkout, placing
from orders.models import Channel, Fulfilment, Order, OrderPayment, OrderStatus, Tender
from orders.reading import lock_order
from orders.refund_models import RefundReason
from orders.refunds import Wanted, request_refund
from payments.gateway import Gateway
from people.cooperatives import own
from people.models import Cooperative
from people.numbering import number_alone
from people.witnesses import GiverNeeded

log = logging.getLogger("pallay.orders")
STALL = actors.system("stall")


class NotEnough(Invalid):
    """Less was given than is to be paid."""

    code = "not_enough_given"


class OtherCurrency(Invalid):
    """At the stall, money given by hand is the co-operative's own."""

    code = "other_currency"


def sell_by_hand(
    session: Session,
    *,
    items: Sequence[Mapping[str, Any]],
    tender: str,
    given_minor: int,
    currency: str,
    language: str,
    actor: Actor,
    now: datetime,
    buyer_name: str | None = None,
    buyer_email: str | None = None,
) -> Order:
    """Sell pieces for money that was just given; the actor took it, and gives the change.

    Raises GiverNeeded, OtherCurrency, NotEnough, PieceUnavailable, NoPriceInCurrency.
    """
    if actor.staff_id is None:
        raise GiverNeeded()
    home = session.get_one(Cooperative, own(actor))
    if currency != home.currency:
        raise OtherCurrency(pointer="/given/currency", wanted=home.currency)
    order = placing.place_order(
        session,
        items=items,
        currency=currency,
        fulfilment=Fulfilment.PICK_UP,
        channel=Channel.STALL,
        language=language,
        hold_minutes=0,
        page_of=None,
        buyer_name=buyer_name,
        buyer_email=buyer_email,
        cooperative_id=home.id,
        actor=actor,
        now=now,
    )
    if given_minor < order.total_minor:
        raise NotEnough(pointer="/given/amount_minor", total_minor=order.total_minor)
    payment = _payment(session, order, tender, given_minor, taken_by=actor.staff_id, now=now)
    session.add(payment)
    order.paid_at = now
    why = f"receipt {payment.receipt_number}"
    order.become(OrderStatus.PAID, actor=actor, why=why, at=now)
    stock.sell(session, order.id, actor=actor, now=now)
    session.flush()
    session.refresh(order, ["payment", "refunds", "shipments", "attempts"])
    defer(session, "order.paid", lock=f"order:{order.id}", order_id=order.id)
    return order


def take_from_online(
    gateway: Gateway, *, piece_ids: Iterable[uuid.UUID], actor: Actor, now: datetime
) -> None:
    """Free pieces that online buyers hold and have not paid; call it outside every transaction.

    Their pages are closed at Stripe first. Whoever paid in that moment is refunded for the piece.
    Raises Unreachable where Stripe gives no answer (nothing changed: try again), and PaymentPending
    where she paid by a way that takes days.
    """
    wanted = set(piece_ids)
    for order_id, pieces in _holding(wanted, actor).items():
        try:
            checkout.cancel_order(gateway, order_id=order_id, actor=actor, now=now)
        except checkout.OrderExpired:
            continue
        except checkout.OrderAlreadyPaid:
            with transaction() as session:
                _give_back(session, order_id, pieces, now)


def _holding(piece_ids: set[uuid.UUID], actor: Actor) -> dict[uuid.UUID, set[uuid.UUID]]:
    """The orders that hold some of these pieces and are not paid, each with those pieces."""
    with transaction() as session:
        rows = session.execute(
            select(Hold.order_id, Hold.piece_id)
            .join(Order, Order.id == Hold.order_id)
            .where(
                Hold.piece_id.in_(piece_ids),
                Hold.status == HoldStatus.HELD,
                Order.cooperative_id == own(actor),
            )
            .order_by(Hold.order_id)
        )
        held: dict[uuid.UUID, set[uuid.UUID]] = {}
        for order_id, piece_id in rows:
            held.setdefault(order_id, set()).add(piece_id)
        return held


def _give_back(
    session: Session, order_id: uuid.UUID, piece_ids: set[uuid.UUID], now: datetime
) -> None:
    """She paid for a piece that somebody else has in her hands: her money goes back."""
    order = lock_order(session, order_id)
    lines = [line for line in order.lines if line.piece_id in piece_ids]
    request_refund(
        session,
        order_id=order.id,
        wanted=Wanted(lines=[(line.id, None) for line in lines]),
        reason=RefundReason.PIECE_GONE,
        note="sold at the stall in the moment it was paid online",
        actor=actors.buyer(order.id),
        now=now,
    )
    session.flush()
    coming_back.unsell(
        session,
        order.id,
        piece_ids=piece_ids,
        actor=STALL,
        why="sold at the stall in the same moment",
        now=now,
    )
    log.error("sold online and at the stall at once", extra={"order_id": str(order.id)})


def _payment(
    session: Session,
    order: Order,
    tender: str,
    given_minor: int,
    *,
    taken_by: uuid.UUID,
    now: datetime,
) -> OrderPayment:
    return OrderPayment(
        order_id=order.id,
        cooperative_id=order.cooperative_id,
        tender=Tender(tender).value,
        charged_minor=order.total_minor,
        charged_currency=order.currency,
        gross_minor=order.total_minor,
        fee_minor=0,
        net_minor=order.total_minor,
        settlement_currency=order.currency,
        receipt_number=_next_receipt(session, order.cooperative_id, now),
        given_minor=given_minor,
        taken_by_id=taken_by,
        paid_at=now,
        recorded_at=now,
    )


def _next_receipt(session: Session, cooperative_id: uuid.UUID, now: datetime) -> str:
    """The next number of the year, as ``S-2026-00017``; one at a time a co-operative."""
    number_alone(session, cooperative_id)
    stem = f"S-{now:%Y}-"
    written = select(func.count()).where(
        OrderPayment.cooperative_id == cooperative_id, OrderPayment.receipt_number.startswith(stem)
    )
    return f"{stem}{(session.scalar(written) or 0) + 1:05d}"
