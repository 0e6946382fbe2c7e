"""Reading fair pay: one piece, the pieces whose makers got too little by the hour, one design."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session, joinedload

from core.actors import Actor
from inventory.designs import get_design
from inventory.models import Agreement, AgreementKind, Contribution, Piece, PieceStatus
from inventory.pieces import get_piece
from payouts.fair_pay import PiecePay, fair_pay_of
from payouts.hourly import hourly_minor
from payouts.models import Obligation, ObligationStatus
from payouts.wage_models import WageKind
from people.cooperatives import own
from people.models import Cooperative

#: How many pieces one request looks through for those below a wage, or sums of one design.
MOST_PIECES = 1000
#: What was handed back to its makers earns them nothing.
HANDED_BACK = PieceStatus.REJECTED, PieceStatus.RETURNED_TO_MAKER


@dataclass(frozen=True, slots=True)
class PayFilter:
    """What a list is narrowed to; ``below``: some maker's hour did not reach that measure."""

    below: str | None = None
    design_id: uuid.UUID | None = None
    delivery_id: uuid.UUID | None = None
    maker_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class DesignPay:
    """The newest pieces of one design together: of those of which time and pay are known.

    ``below``: by measure, of how many of them some maker's hour did not reach it.
    """

    design_id: uuid.UUID
    currency: str
    pieces: int
    known: int
    minutes: int
    minor: int
    hourly_minor: int | None
    lowest_minor: int | None
    below: dict[str, int]


def piece_pay(session: Session, *, piece_id: uuid.UUID, actor: Actor) -> PiecePay:
    """What the makers of one piece of the actor's co-operative get by the hour."""
    (found,) = fair_pay_of(session, [get_piece(session, piece_id, actor=actor)])
    return found


def list_piece_pay(
    session: Session,
    *,
    actor: Actor,
    wanted: PayFilter,
    limit: int,
    before: uuid.UUID | None = None,
) -> tuple[list[PiecePay], uuid.UUID | None]:
    """Up to ``limit`` pieces, newest first, before one id; and where to go on, if there is more.

    For ``below`` at most a thousand pieces are looked through at once, so there may be more to look
    at although few or none were found.
    """
    statement = _paid_for(own(actor), wanted)
    if before:
        statement = statement.where(Piece.id < before)
    looked_at = MOST_PIECES if wanted.below else limit + 1
    pieces = session.scalars(statement.limit(looked_at)).all()
    found = [
        one
        for one in fair_pay_of(session, pieces)
        if wanted.below is None or wanted.below in one.below
    ]
    if len(found) > limit:
        return found[:limit], found[limit - 1].piece.id
    return found, pieces[-1].id if len(pieces) == looked_at else None


def design_pay(session: Session, *, design_id: uuid.UUID, actor: Actor) -> DesignPay:
    """What the newest thousand pieces of one design brought by the hour."""
    get_design(session, design_id, actor=actor)
    statement = _paid_for(own(actor), PayFilter(design_id=design_id)).limit(MOST_PIECES)
    pieces = fair_pay_of(session, session.scalars(statement).all())
    return _together(session, design_id, actor, pieces)


def _together(
    session: Session, design_id: uuid.UUID, actor: Actor, pieces: Sequence[PiecePay]
) -> DesignPay:
    known = [one for one in pieces if one.hourly_minor is not None]
    minutes = sum(one.minutes or 0 for one in known)
    minor = sum(one.minor or 0 for one in known)
    hourly = [one.hourly_minor for piece in known for one in piece.makers]
    return DesignPay(
        design_id=design_id,
        currency=session.get_one(Cooperative, own(actor)).currency,
        pieces=len(pieces),
        known=len(known),
        minutes=minutes,
        minor=minor,
        hourly_minor=hourly_minor(minor, minutes) if known else None,
        lowest_minor=min((one for one in hourly if one is not None), default=None),
        below={kind: sum(kind in one.below for one in pieces) for kind in WageKind},
    )


def _paid_for(cooperative_id: uuid.UUID, wanted: PayFilter) -> Select[Piece]:
    """Pieces that earn or earned somebody something, the newest first."""
    owed = exists().where(
        Obligation.piece_id == Piece.id, Obligation.status != ObligationStatus.CANCELLED
    )
    agreed = (Agreement.kind == AgreementKind.PAY_ON_ACCEPTANCE) & Piece.status.not_in(HANDED_BACK)
    statement = (
        select(Piece)
        .join(Agreement, Agreement.piece_id == Piece.id)
        .where(Piece.cooperative_id == cooperative_id, or_(agreed, owed))
        .options(joinedload(Piece.delivery))
        .order_by(Piece.id.desc())
    )
    if wanted.design_id:
        statement = statement.where(Piece.design_id == wanted.design_id)
    if wanted.delivery_id:
        statement = statement.where(Piece.delivery_id == wanted.delivery_id)
    if wanted.maker_id:
        hers = exists().where(
            Contribution.piece_id == Piece.id, Contribution.maker_id == wanted.maker_id
        )
        statement = statement.where(hers)
    return statement
