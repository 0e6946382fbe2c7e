"""Disputes: a buyer's bank calls a payment back, or asks; ours follow what Stripe says of them.

An open one freezes what the order owes to makers. Money moves only as Stripe books it: each move is
a fact under its balance transaction. Lock order: the order, then the dispute.
"""

import logging
import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import NotFound
from core.ids import new_id
from core.jobs import defer
from orders.dispute_models import Dispute, DisputeMove
from orders.models import Order, OrderPayment, StrayPayment
from orders.reading import lock_order
from payments import listening
from payments.gateway import Gateway, SeenDispute
from payments.listening import APPLIED, Verdict, waits
from payments.models import NewsState
from people.cooperatives import own

log = logging.getLogger("pallay.disputes")
ENDED = frozenset({"won", "lost", "warning_closed", "prevented"})
NEEDS_ANSWER = ("needs_response", "warning_needs_response")


def follow_dispute(gateway: Gateway, *, event_id: str, now: datetime) -> NewsState:
    """Let a dispute of ours follow Stripe's; its news is a reason to ask, and no more."""

    def apply(session: Session, seen: SeenDispute) -> Verdict:
        if apply_dispute(session, seen, now=now):
            return APPLIED
        return waits("no order was paid with this charge, or not yet")

    return listening.follow(event_id, read=gateway.read_dispute, apply=apply, now=now)


def apply_dispute(session: Session, seen: SeenDispute, *, now: datetime) -> bool:
    """Write down what Stripe says of one dispute; again it changes nothing.

    False when no order of ours was paid with its charge, as far as is known now.
    """
    order_id = _order_of(session, seen.charge_id)
    if order_id is None:
        return False
    order = lock_order(session, order_id)
    dispute = _ours(session, order, seen, now)
    was_open = dispute.closed_at is None
    if was_open or seen.status in ENDED:  # what was read before the end may be applied after it
        dispute.status, dispute.reason, dispute.due_by = seen.status, seen.reason, seen.due_by
        dispute.seen_at = now
    if seen.status in ENDED and was_open:
        dispute.closed_at = now
        log.warning("dispute closed: %s", seen.status, extra=_about(dispute))
    moved = _note_moves(session, dispute, seen)
    session.flush()
    if moved or dispute.closed_at == now:
        defer(session, "dispute.moved", lock=f"order:{order.id}", dispute_id=dispute.id)
    return True


def alarm(session: Session, *, now: datetime) -> int:
    """Say loudly which disputes still wait for our answer; how many those are."""
    rows = session.scalars(
        select(Dispute).where(Dispute.closed_at.is_(None), Dispute.status.in_(NEEDS_ANSWER))
    ).all()
    for dispute in rows:
        left = (dispute.due_by - now).days if dispute.due_by else None
        log.critical("dispute needs an answer", extra={**_about(dispute), "days_left": left})
    return len(rows)


def list_disputes(
    session: Session,
    *,
    actor: Actor,
    limit: int,
    after: uuid.UUID | None = None,
    still_open: bool | None = None,
    order_id: uuid.UUID | None = None,
) -> list[Dispute]:
    """Up to ``limit`` disputes of the actor's co-operative, oldest first, after one id."""
    statement = select(Dispute).where(Dispute.cooperative_id == own(actor))
    if still_open is not None:
        closed = Dispute.closed_at.is_not(None)
        statement = statement.where(~closed if still_open else closed)
    if order_id:
        statement = statement.where(Dispute.order_id == order_id)
    if after:
        statement = statement.where(Dispute.id > after)
    return list(session.scalars(statement.order_by(Dispute.id).limit(limit)))


def get_dispute(session: Session, dispute_id: uuid.UUID, *, actor: Actor) -> Dispute:
    """One dispute of the actor's co-operative."""
    dispute = session.get(Dispute, dispute_id)
    if dispute is None or dispute.cooperative_id != own(actor):
        raise NotFound("no such dispute")
    return dispute


def _order_of(session: Session, charge_id: str) -> uuid.UUID | None:
    paid = select(OrderPayment.order_id).where(OrderPayment.charge_id == charge_id)
    stray = select(StrayPayment.order_id).where(StrayPayment.charge_id == charge_id)
    return session.scalar(paid) or session.scalar(stray)


def _ours(session: Session, order: Order, seen: SeenDispute, now: datetime) -> Dispute:
    known = session.scalar(select(Dispute.id).where(Dispute.stripe_id == seen.id))
    if known is not None:
        (dispute,) = lock_rows(session, Dispute, [known])
        return dispute
    dispute = Dispute(
        id=new_id(),
        cooperative_id=order.cooperative_id,
        order_id=order.id,
        stripe_id=seen.id,
        charge_id=seen.charge_id,
        amount_minor=seen.amount.minor,
        currency=seen.amount.currency,
        reason=seen.reason,
        status=seen.status,
        due_by=seen.due_by,
        opened_at=seen.created_at,
        seen_at=now,
    )
    session.add(dispute)
    session.flush()
    log.critical("dispute opened", extra=_about(dispute))
    return dispute


def _note_moves(session: Session, dispute: Dispute, seen: SeenDispute) -> bool:
    """Write the moves that are new."""
    ids = [move.balance_transaction_id for move in seen.moves]
    known = set(
        session.scalars(
            select(DisputeMove.balance_transaction_id).where(
                DisputeMove.balance_transaction_id.in_(ids)
            )
        )
    )
    new = [move for move in seen.moves if move.balance_transaction_id not in known]
    session.add_all(
        DisputeMove(
            id=new_id(),
            cooperative_id=dispute.cooperative_id,
            dispute_id=dispute.id,
            balance_transaction_id=move.balance_transaction_id,
            amount_minor=move.amount.minor,
            fee_minor=move.fee_minor,
            currency=move.amount.currency,
            at=move.at,
        )
        for move in new
    )
    return bool(new)


def _about(dispute: Dispute) -> dict[str, str]:
    return {
        "dispute_id": str(dispute.id),
        "order_id": str(dispute.order_id),
        "stripe_id": dispute.stripe_id,
        "status": dispute.status,
    }
