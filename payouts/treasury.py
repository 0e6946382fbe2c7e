"""Treasury: money that people move outside Pallay, written down so that the books stay true.

A payout from Stripe to the bank, a top-up of what is paid out of, cash put aside for a pay day, the
reserve declared from the fund, the fund spent. Each is one fact and one posting.
"""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from payouts import ledger
from payouts.book_models import PURPOSES, Pocket, TreasuryMove
from payouts.ledger import Entry
from people.cooperatives import own


class AlreadyRecorded(Conflict):
    """This payout at Stripe has been written down."""

    code = "already_recorded"


def record_move(
    session: Session,
    *,
    source: str,
    destination: str,
    amount_minor: int,
    currency: str,
    why: str,
    moved_at: datetime,
    actor: Actor,
    now: datetime,
    cooperative_id: uuid.UUID | None = None,
    stripe_id: str | None = None,
    evidence_url: str | None = None,
) -> TreasuryMove:
    """Write down that money was moved from one pocket to another.

    Between two purposes (the fund and the reserve) what is set aside moves, and no money does.
    Raises Invalid for two same pockets and for a time to come, AlreadyRecorded for a payout at
    Stripe that is written down.
    """
    if source == destination:
        raise Invalid("from one pocket to another", pointer="/destination")
    if moved_at > now:
        raise Invalid("this has not happened yet", pointer="/moved_at")
    if stripe_id and _recorded(session, stripe_id, source):
        raise AlreadyRecorded()
    move = TreasuryMove(
        id=new_id(),
        cooperative_id=cooperative_id or own(actor),
        source=source,
        destination=destination,
        amount_minor=amount_minor,
        currency=currency,
        stripe_id=stripe_id,
        why=why,
        evidence_url=evidence_url,
        moved_at=moved_at,
        recorded_at=now,
        actor=actor.reference,
    )
    session.add(move)
    session.flush()
    begin, end = _ends(Pocket(source), Pocket(destination))
    ledger.post(
        session,
        event=f"moved:{move.id}",
        entries=[Entry(begin, end, amount_minor, why)],
        currency=currency,
        cooperative_id=move.cooperative_id,
        actor=actor,
        now=now,
    )
    return move


def get_move(session: Session, move_id: uuid.UUID, *, actor: Actor) -> TreasuryMove:
    """One of the co-operative's moves."""
    move = session.get(TreasuryMove, move_id)
    if move is None or move.cooperative_id != own(actor):
        raise NotFound("no such move")
    return move


def list_moves(
    session: Session, *, actor: Actor, limit: int, after: uuid.UUID | None = None
) -> list[TreasuryMove]:
    """Up to ``limit`` moves of the co-operative, oldest first, after one id."""
    statement = select(TreasuryMove).where(TreasuryMove.cooperative_id == own(actor))
    if after:
        statement = statement.where(TreasuryMove.id > after)
    return list(session.scalars(statement.order_by(TreasuryMove.id).limit(limit)))


def _recorded(session: Session, stripe_id: str, source: str) -> bool:
    found = select(TreasuryMove.id).where(
        TreasuryMove.stripe_id == stripe_id, TreasuryMove.source == source
    )
    return session.scalar(found) is not None


def _ends(source: Pocket, destination: Pocket) -> tuple[str, str]:
    """The ends of the posting; what is set aside is a balance below zero, so it goes backwards."""
    if source in PURPOSES and destination in PURPOSES:
        return destination.value, source.value
    return source.value, destination.value
