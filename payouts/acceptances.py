"""Acceptances: an accepted piece's agreed price is owed at once; one taken back is owed no more."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.ids import new_id
from inventory.models import AgreementKind, Piece
from inventory.stock import lock_pieces
from payouts import ledger
from payouts.ledger import Entry, maker_account
from payouts.models import Obligation, ObligationStatus
from payouts.obligations import HOUSE, add_held, fall_due, lock_obligations, weights_of
from payouts.reductions import missing, otherwise, parts_of_price


def record_acceptance(session: Session, *, piece_id: uuid.UUID, now: datetime) -> list[Obligation]:
    """Owe the agreed price of an accepted piece at once, without waiting for a sale.

    Less what the inspection takes off (``payouts.reductions``). A second acceptance owes nothing
    more; one that was taken back meanwhile owes nothing, nor does a piece with an open critical
    finding. Where another price counts now, what is unpaid is owed anew, what was paid stays paid,
    and what is missing of it is added.
    """
    (piece,) = lock_pieces(session, [piece_id])
    agreed = piece.agreement
    if agreed.kind != AgreementKind.PAY_ON_ACCEPTANCE or not _stands(piece):
        return []
    if piece.quarantined_at is not None:
        return []
    parts = parts_of_price(session, agreed, weights_of(piece.contributions), now)
    owed = _owed_on_acceptance(session, piece_id)
    for row in otherwise(owed, parts):
        _take_back(session, row, "another price counts now", now)
    obligations = [
        _bought(piece, maker_id, minor, part, now) for maker_id, minor, part in missing(owed, parts)
    ]
    add_held(session, obligations, f"piece {piece.tag} was accepted", now)
    for obligation in obligations:
        _post_bought(session, obligation, now)
    fall_due(session, now=now, piece_id=piece_id)
    return obligations


def withdraw_acceptance(session: Session, *, piece_id: uuid.UUID, now: datetime) -> None:
    """Cancel what an acceptance owed that no longer stands; what was paid stays paid.

    What Stripe is just paying is left to its end; a no from Stripe brings it here again. Where the
    acceptance stands, another price may count meanwhile.
    """
    (piece,) = lock_pieces(session, [piece_id])
    if _stands(piece):
        record_acceptance(session, piece_id=piece_id, now=now)
        return
    for obligation in _owed_on_acceptance(session, piece_id):
        _take_back(session, obligation, "the acceptance was taken back", now)


def _bought(piece: Piece, maker_id: uuid.UUID, amount: int, part: int, now: datetime) -> Obligation:
    return Obligation(
        id=new_id(),
        cooperative_id=piece.cooperative_id,
        maker_id=maker_id,
        piece_id=piece.id,
        agreement=AgreementKind.PAY_ON_ACCEPTANCE.value,
        part=part,
        amount_minor=amount,
        currency=piece.agreement.currency,
        due_at=now,
        created_at=now,
    )


def _post_bought(
    session: Session, obligation: Obligation, now: datetime, *, back: bool = False
) -> None:
    ends = [maker_account(obligation.maker_id), ledger.PIECES_BOUGHT]
    source, destination = reversed(ends) if back else ends
    why = "the acceptance was taken back" if back else "agreed price of an accepted piece"
    ledger.post(
        session,
        event=f"{'acceptance_withdrawn' if back else 'accepted'}:{obligation.id}",
        entries=[Entry(source, destination, obligation.amount_minor, why, obligation.id)],
        currency=obligation.currency,
        cooperative_id=obligation.cooperative_id,
        actor=HOUSE,
        now=now,
    )


def _take_back(session: Session, obligation: Obligation, why: str, now: datetime) -> None:
    """Cancel what is not paid, nor just being paid."""
    if obligation.status in {ObligationStatus.HELD, ObligationStatus.DUE}:
        obligation.become(ObligationStatus.CANCELLED, actor=HOUSE, why=why, at=now)
        _post_bought(session, obligation, now, back=True)


def _stands(piece: Piece) -> bool:
    """Whether the last word on the piece is an acceptance; its grade is given and taken by that.

    A piece that was accepted and then lost in the store is still owed.
    """
    return piece.grade is not None


def _owed_on_acceptance(session: Session, piece_id: uuid.UUID) -> list[Obligation]:
    """What an acceptance of this piece owed and did not cancel, locked."""
    ids = session.scalars(
        select(Obligation.id).where(
            Obligation.piece_id == piece_id,
            Obligation.agreement == AgreementKind.PAY_ON_ACCEPTANCE,
            Obligation.status != ObligationStatus.CANCELLED,
        )
    )
    return lock_obligations(session, ids)
