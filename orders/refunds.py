"""Refunds: money going back for an order, never more than is left of it.

Lock order: the order, then its refunds. Every refund that has not failed counts.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from core.jobs import defer
from core.money import Money
from orders.dispute_models import Dispute
from orders.ended import end_if_whole
from orders.fulfilment import OrderNotPaid
from orders.models import Order, OrderPayment, Tender
from orders.reading import get_order, lock_order
from orders.refund_left import left_of, parts_of, refunds_of
from orders.refund_models import Refund, RefundReason, RefundStatus
from orders.refund_shares import RefundTooLarge, Share, divided, of_lines
from orders.return_models import Return, ReturnStatus
from people.cooperatives import own
from people.numbering import number_alone
from people.witnesses import two_names


class OrderDisputed(Conflict):
    """The buyer's bank has called this payment back; the dispute decides, not a refund."""

    code = "order_disputed"


class AlreadyRefunded(Conflict):
    """A refund was asked for this return already."""

    code = "already_refunded"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to go back: the whole of what is left, lines (each with an amount or whole), or an
    amount over everything that is left. Exactly one of them; none means the lines of the return."""

    whole: bool = False
    lines: Sequence[tuple[uuid.UUID, Money | None]] = ()
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class RefundFilter:
    """What a list of refunds is narrowed to; None means everything. ``since`` is inclusive."""

    order_id: uuid.UUID | None = None
    status: str | None = None
    reason: str | None = None
    since: datetime | None = None


def request_refund(
    session: Session,
    *,
    order_id: uuid.UUID,
    wanted: Wanted,
    reason: str,
    actor: Actor,
    now: datetime,
    note: str = "",
    refund_id: uuid.UUID | None = None,
    return_id: uuid.UUID | None = None,
    witness_id: uuid.UUID | None = None,
) -> Refund:
    """Have money sent back; a worker asks Stripe. What was paid by hand goes back by hand, now.

    By hand, the actor gives the money and ``witness_id`` sees it. Once the money has gone, an order
    of which nothing has left and nothing is left of what was paid is cancelled (`orders.ended`).
    Raises OrderNotPaid, OrderDisputed, RefundTooLarge, AlreadyRefunded, TwoNames and Invalid.
    """
    order = lock_order(session, order_id, actor=actor)
    payment = _payment(session, order)
    back = _return(session, order, return_id)
    gone = refunds_of(session, payment)
    shares = _shares(order, payment, gone, wanted, back)
    refund = Refund(
        id=refund_id or new_id(),
        cooperative_id=order.cooperative_id,
        order_id=order.id,
        return_id=return_id,
        tender=payment.tender,
        charge_id=payment.charge_id,
        amount_minor=sum(share.minor for share in shares),
        currency=order.currency,
        reason=reason,
        note=note,
        requested_at=now,
        requested_by=actor.reference,
        parts=parts_of(order, shares),
    )
    if payment.tender == Tender.STRIPE:
        if witness_id is not None:
            raise Invalid("only what is given by hand has a witness", pointer="/witness_id")
        ask_for(session, refund, actor=actor, now=now)
    else:
        _give(session, refund, witness_id, actor, now)
        end_if_whole(session, order, refund, actor=actor, now=now)
    return refund


def ask_for(session: Session, refund: Refund, *, actor: Actor, now: datetime) -> None:
    """Begin a refund that Stripe is to make, and leave a note to ask."""
    session.add(refund.begin(RefundStatus.ASKING, actor=actor, why=refund.reason, at=now))
    session.add(refund)
    session.flush()
    defer(session, "refund.send", once=f"refund:{refund.id}", refund_id=refund.id)


def get_refund(session: Session, refund_id: uuid.UUID, *, actor: Actor) -> Refund:
    """One refund of the actor's co-operative."""
    refund = session.get(Refund, refund_id)
    if refund is None or refund.cooperative_id != own(actor):
        raise NotFound("no such refund")
    return refund


def lock_refund(session: Session, refund_id: uuid.UUID) -> tuple[Order, Refund]:
    """Lock a refund and, before it, its order; both read afresh."""
    order_id = session.scalar(select(Refund.order_id).where(Refund.id == refund_id))
    if order_id is None:
        raise NotFound("no such refund")
    order = lock_order(session, order_id)
    (refund,) = lock_rows(session, Refund, [refund_id])
    return order, refund


def list_refunds(
    session: Session,
    *,
    actor: Actor,
    wanted: RefundFilter,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[Refund]:
    """Up to ``limit`` refunds of the actor's co-operative, oldest first, after one id."""
    if wanted.order_id:
        get_order(session, wanted.order_id, actor=actor)
    statement = _narrowed(select(Refund).where(Refund.cooperative_id == own(actor)), wanted)
    if after:
        statement = statement.where(Refund.id > after)
    shown = selectinload(Refund.parts), selectinload(Refund.attempts)
    return list(session.scalars(statement.order_by(Refund.id).limit(limit).options(*shown)))


def _narrowed(statement: Select[Any], wanted: RefundFilter) -> Select[Any]:
    if wanted.order_id:
        statement = statement.where(Refund.order_id == wanted.order_id)
    if wanted.status:
        statement = statement.where(Refund.status == wanted.status)
    if wanted.reason:
        statement = statement.where(Refund.reason == wanted.reason)
    if wanted.since:
        statement = statement.where(Refund.requested_at >= wanted.since)
    return statement


def _payment(session: Session, order: Order) -> OrderPayment:
    """What the order was paid with, if it may go back now."""
    payment = session.get(OrderPayment, order.id)
    if payment is None or order.paid_at is None:
        raise OrderNotPaid(status=order.status)
    disputes = session.scalars(
        select(Dispute).where(Dispute.order_id == order.id, Dispute.closed_at.is_(None))
    )
    # A bank that only asks is best answered by a refund; nothing was called back yet.
    if any(not dispute.inquiry for dispute in disputes):
        raise OrderDisputed()
    return payment


def _return(session: Session, order: Order, return_id: uuid.UUID | None) -> Return | None:
    if return_id is None:
        return None
    back = session.get(Return, return_id)
    if back is None or back.order_id != order.id:
        raise Invalid("no such return of this order", pointer="/return_id")
    if back.status == ReturnStatus.CANCELLED:
        raise Invalid("this return was cancelled", pointer="/return_id")
    again = select(Refund.id).where(
        Refund.return_id == back.id, Refund.status != RefundStatus.FAILED
    )
    if session.scalar(again) is not None:
        raise AlreadyRefunded()
    return back


def _shares(
    order: Order,
    payment: OrderPayment,
    gone: Sequence[Refund],
    wanted: Wanted,
    back: Return | None,
) -> list[Share]:
    """What goes back of each part of the order."""
    left, whole = left_of(order, payment, gone)
    lines = wanted.lines
    if not (wanted.whole or wanted.lines or wanted.amount) and back is not None:
        lines = [(piece.line_id, None) for piece in back.pieces]
    if [bool(wanted.whole), bool(lines), wanted.amount is not None].count(True) != 1:
        raise Invalid("say one of whole, lines and amount")
    if lines:
        places = enumerate(lines)
        named = [(line_id, _minor(order, sum_, f"/lines/{at}")) for at, (line_id, sum_) in places]
        shares = of_lines(left, named)
    else:
        minor = _minor(order, wanted.amount, "")
        shares = divided(left, whole if minor is None else minor)
    asked = sum(share.minor for share in shares)
    if asked > whole or asked == 0:
        raise RefundTooLarge(left_minor=whole)
    return shares


def _minor(order: Order, amount: Money | None, at: str) -> int | None:
    if amount is None:
        return None
    if amount.currency != order.currency:
        raise Invalid("another currency than the order's", pointer=f"{at}/amount/currency")
    if amount.minor < 1:
        raise Invalid("nothing to send back", pointer=f"{at}/amount/amount_minor")
    return amount.minor


def _give(
    session: Session,
    refund: Refund,
    witness_id: uuid.UUID | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Money out of the till: a receipt, two names, done at once."""
    if witness_id is None:
        raise Invalid("name who saw it", pointer="/witness_id")
    giver, witness = two_names(
        session, witness_id=witness_id, cooperative_id=refund.cooperative_id, actor=actor
    )
    refund.given_by_id, refund.witness_id = giver.id, witness.id
    refund.receipt_number = _next_receipt(session, refund.cooperative_id, now)
    refund.settled_minor, refund.settlement_currency = refund.amount_minor, refund.currency
    refund.answered_at = now
    session.add(refund.begin(RefundStatus.SUCCEEDED, actor=actor, why=refund.reason, at=now))
    session.add(refund)
    session.flush()
    defer(session, "order.refunded", lock=f"order:{refund.order_id}", refund_id=refund.id)


def _next_receipt(session: Session, cooperative_id: uuid.UUID, now: datetime) -> str:
    """The next number of the year, as ``D-2026-00017``; one at a time a co-operative."""
    number_alone(session, cooperative_id)
    stem = f"D-{now:%Y}-"
    written = select(func.count()).where(
        Refund.cooperative_id == cooperative_id, Refund.receipt_number.startswith(stem)
    )
    return f"{stem}{(session.scalar(written) or 0) + 1:05d}"


#: What people may give as a reason; the other two are the house's own.
PEOPLES_REASONS = tuple(
    reason
    for reason in RefundReason
    if reason not in {RefundReason.PAID_TWICE, RefundReason.PIECE_GONE}
)
