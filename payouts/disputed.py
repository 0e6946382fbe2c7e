"""Disputed money: what a bank takes and puts back, in the books; and who bears what was lost.

While a dispute is open its money is in an account of its own and nobody is worse off. Lost, the
sale is undone as by a refund. Won back after that, all of it or a part, everybody has hers again.
Its fee is the fund's, and comes back to it with the money.
"""

import logging
import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from core import actors
from core.errors import NotFound
from core.money import split_minor
from orders.dispute_models import Dispute, DisputeMove
from orders.models import Order, StrayPayment
from orders.reading import lock_order
from payouts import ledger
from payouts.ledger import Entry, disputed_account
from payouts.models import Posting
from payouts.obligations import record_sale
from payouts.policies import NoPolicy
from payouts.undoing import (
    Cause,
    give_back,
    give_stray_up,
    record_stray,
    take_back,
    take_stray_again,
)

log = logging.getLogger("pallay.payouts")
HOUSE = actors.system("payouts")


def record_dispute(session: Session, *, dispute_id: uuid.UUID, now: datetime) -> None:
    """Post what moved, undo the sale once the dispute is lost, and give back what was won back
    after that; a second time nothing.

    What is undone follows what the bank has kept in the end, however often it changes its mind.
    Raises ReversalUnderWay while a transfer is just being reversed for what is to be given back.
    """
    order_id = session.scalar(select(Dispute.order_id).where(Dispute.id == dispute_id))
    if order_id is None:
        raise NotFound("no such dispute")
    order = lock_order(session, order_id)
    dispute = session.get_one(Dispute, dispute_id, populate_existing=True)
    for move in dispute.moves:
        _post_move(session, order, move, now)
    if dispute.closed_at is None:
        return
    kept = max(-sum(move.amount_minor for move in dispute.moves), 0)
    lost = kept if dispute.status == "lost" else 0
    undone, times = _undone(session, dispute)
    changed = undone != kept if undone else bool(lost)
    stray = _stray_of(session, dispute) is not None
    if changed and not stray and not _divided(session, order, now):
        return
    if undone and changed:
        event = _named(f"dispute_won_back:{dispute.id}", times)
        _give_back(session, order, dispute, event=event, undone=undone, now=now)
    if lost and changed:
        event = _named(f"dispute_lost:{dispute.id}", times + 1)
        _undo(session, order, dispute, event=event, lost=lost, now=now)
    if dispute.status == "lost":
        dispute.undone_at = dispute.undone_at or now


def _divided(session: Session, order: Order, now: datetime) -> bool:
    """Whether its sale is in the books, or is now; without a policy it waits for one."""
    try:
        record_sale(session, order_id=order.id, now=now)
    except NoPolicy:
        log.error("disputed, and not divided yet", extra={"order_id": str(order.id)})
        return False
    return True


def _undo(
    session: Session, order: Order, dispute: Dispute, *, event: str, lost: int, now: datetime
) -> None:
    """The bank keeps it: whoever had a part of it gives it back."""
    source = disputed_account(order.id)
    if stray := _stray_of(session, dispute):
        record_stray(session, stray_id=stray.id, now=now)
        give_stray_up(
            session, order, stray, event=event, settled_minor=lost, source=source, now=now
        )
        return
    whole = max(-move.amount_minor for move in dispute.moves)
    part, _won = split_minor(dispute.amount_minor, [lost, max(whole - lost, 0)])
    cause = Cause(event, dispute_id=dispute.id)
    take_back(
        session, order=order, cause=cause, settled_minor=lost, parts=part, source=source, now=now
    )


def _give_back(
    session: Session,
    order: Order,
    dispute: Dispute,
    *,
    event: str,
    undone: int,
    now: datetime,
) -> None:
    """It was undone in vain: the bank has put it back, or a part of it."""
    source = disputed_account(order.id)
    if stray := _stray_of(session, dispute):
        take_stray_again(
            session, order, stray, event=event, settled_minor=undone, source=source, now=now
        )
        return
    cause = Cause(event, dispute_id=dispute.id)
    give_back(session, order=order, cause=cause, settled_minor=undone, source=source, now=now)


def _undone(session: Session, dispute: Dispute) -> tuple[int, int]:
    """How much stands undone for a dispute now, and how often it was undone."""
    account = disputed_account(dispute.order_id)
    lost, times = _posted(session, dispute, "dispute_lost", Posting.source == account)
    back, _ = _posted(session, dispute, "dispute_won_back", Posting.destination == account)
    return lost - back, times


def _posted(
    session: Session, dispute: Dispute, stem: str, end: ColumnElement[bool]
) -> tuple[int, int]:
    """The sum of what was posted under a name and its repetitions, and how many those were."""
    name = f"{stem}:{dispute.id}"
    named = or_(Posting.event == name, Posting.event.startswith(f"{name}:"))
    summed = func.coalesce(func.sum(Posting.amount_minor), 0)
    counted = select(summed, func.count(Posting.event.distinct())).where(
        Posting.order_id == dispute.order_id, named, end
    )
    minor, events = session.execute(counted).one()
    return int(minor), int(events)


def _named(stem: str, times: int) -> str:
    return stem if times == 1 else f"{stem}:{times}"


def _stray_of(session: Session, dispute: Dispute) -> StrayPayment | None:
    return session.scalar(select(StrayPayment).where(StrayPayment.charge_id == dispute.charge_id))


def _post_move(session: Session, order: Order, move: DisputeMove, now: datetime) -> None:
    event = f"dispute_moved:{move.id}"
    if ledger.happened(session, event):
        return
    withdrawn = move.amount_minor < 0
    account = disputed_account(order.id)
    chain = [ledger.STRIPE, account]
    fee = [ledger.STRIPE, ledger.STRIPE_FEES, ledger.FUND]
    why = "withdrawn by the buyer's bank" if withdrawn else "put back by the buyer's bank"
    if not withdrawn:
        chain.reverse()
        fee.reverse()
    ledger.post(
        session,
        event=event,
        entries=[
            Entry(chain[0], chain[1], abs(move.amount_minor), why),
            Entry(fee[0], fee[1], abs(move.fee_minor), "fee of the dispute"),
            Entry(fee[1], fee[2], abs(move.fee_minor), "fee of the dispute, the fund's"),
        ],
        currency=move.currency,
        cooperative_id=order.cooperative_id,
        order_id=order.id,
        actor=HOUSE,
        now=now,
    )
