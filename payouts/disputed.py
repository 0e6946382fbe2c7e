"""Disputed money: what a bank takes and puts back, in the books; and who bears what was lost.

While a dispute is open its money is in an account of its own and nobody is worse off. Lost, the
sale is undone as by a refund. Its fee is the fund's, and comes back to it with the money.
"""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import actors
from core.errors import NotFound
from orders.dispute_models import Dispute, DisputeMove
from orders.models import Order, StrayPayment
from orders.reading import lock_order
from payouts import ledger
from payouts.ledger import Entry, disputed_account
from payouts.obligations import record_sale
from payouts.undoing import Cause, give_stray_up, record_stray, take_back

HOUSE = actors.system("payouts")


def record_dispute(session: Session, *, dispute_id: uuid.UUID, now: datetime) -> None:
    """Post what moved, and undo the sale once the dispute is lost; a second time nothing."""
    order_id = session.scalar(select(Dispute.order_id).where(Dispute.id == dispute_id))
    if order_id is None:
        raise NotFound("no such dispute")
    order = lock_order(session, order_id)
    dispute = session.get_one(Dispute, dispute_id, populate_existing=True)
    for move in dispute.moves:
        _post_move(session, order, move, now)
    lost = f"dispute_lost:{dispute.id}"
    taken = -sum(move.amount_minor for move in dispute.moves)
    if dispute.status != "lost":
        return
    dispute.undone_at = dispute.undone_at or now
    if taken <= 0 or ledger.happened(session, lost):
        return
    stray = session.scalar(select(StrayPayment).where(StrayPayment.charge_id == dispute.charge_id))
    source = disputed_account(order.id)
    if stray is not None:
        record_stray(session, stray_id=stray.id, now=now)
        give_stray_up(
            session, order, stray, event=lost, settled_minor=taken, source=source, now=now
        )
        return
    record_sale(session, order_id=order.id, now=now)
    take_back(
        session,
        order=order,
        cause=Cause(lost, dispute_id=dispute.id),
        settled_minor=taken,
        parts=dispute.amount_minor,
        source=source,
        now=now,
    )


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
