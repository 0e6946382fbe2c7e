"""What a maker takes home on delivery day: her pieces, what was agreed, what she gets for them.

The sums of a currency add up: agreed = deducted + paid + to come off + to pay. What is rejected is
listed, and counts for nothing.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import NotFound
from core.words import Words
from inventory.deliveries import get_delivery, makers_present
from inventory.design_models import Design
from inventory.fulfilling import commissions_of
from inventory.models import AgreementKind, Contribution, Delivery, Piece, PieceStatus
from payouts.advance_models import Advance, Deduction
from payouts.advances import open_minor
from payouts.models import Obligation, ObligationStatus
from payouts.obligations import weights_of
from payouts.payable import still_payable
from payouts.policies import current_policy
from payouts.sharing import split_by_weights
from people.makers import get_maker
from people.models import Cooperative, Maker

#: How a piece stands, in the words a maker is told.
STANDING = {
    PieceStatus.DELIVERED: "waits",
    PieceStatus.INSPECTING: "waits",
    PieceStatus.RETURNED: "waits",
    PieceStatus.REWORK: "rework",
    PieceStatus.REJECTED: "rejected",
    PieceStatus.RETURNED_TO_MAKER: "returned",
}


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One of her pieces: paid its price (``hers_minor`` of it), or a share when it is sold.

    ``share_bp``: her part of what a sale brings, by the policy of today, before fees.
    """

    piece_id: uuid.UUID
    tag: str
    design: Words
    stages: list[str]
    standing: str
    agreement: str
    price_minor: int | None
    hers_minor: int | None
    currency: str | None
    share_bp: int | None
    commission: str | None

    @property
    def counts(self) -> bool:
        """Whether anything is to be paid for it."""
        return self.standing not in {"rejected", "returned"}


@dataclass(slots=True)
class Sums:
    """What her pieces of a delivery come to in one currency, in minor units."""

    currency: str
    agreed: int = 0
    deducted: int = 0
    paid: int = 0
    to_come_off: int = 0
    to_pay: int = 0
    advance_open: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    """What one maker is told of one delivery, at a moment."""

    delivery: Delivery
    cooperative: Cooperative
    maker: Maker
    present: bool
    lines: list[ReceiptLine]
    sums: list[Sums]
    at: datetime


def receipt_of(
    session: Session,
    *,
    delivery_id: uuid.UUID,
    maker_id: uuid.UUID,
    actor: Actor,
    now: datetime,
) -> DeliveryReceipt:
    """A maker's receipt of a delivery. NotFound when she neither came nor made a piece of it."""
    delivery = get_delivery(session, delivery_id, actor=actor)
    maker = get_maker(session, maker_id, actor=actor)
    pieces = _pieces(session, delivery, maker)
    present = maker.id in makers_present(session, delivery)
    if not (present or pieces):
        raise NotFound("she has no part in this delivery")
    lines = _lines(session, pieces, maker)
    return DeliveryReceipt(
        delivery=delivery,
        cooperative=session.get_one(Cooperative, delivery.cooperative_id),
        maker=maker,
        present=present,
        lines=lines,
        sums=_sums(session, lines, maker),
        at=now,
    )


def _pieces(session: Session, delivery: Delivery, maker: Maker) -> list[Piece]:
    hers = select(Contribution.piece_id).where(Contribution.maker_id == maker.id)
    return list(
        session.scalars(
            select(Piece)
            .where(Piece.delivery_id == delivery.id, Piece.id.in_(hers))
            .order_by(Piece.position)
        )
    )


def _lines(session: Session, pieces: list[Piece], maker: Maker) -> list[ReceiptLine]:
    ids = {piece.design_id for piece in pieces}
    rows = session.execute(select(Design.id, Design.name).where(Design.id.in_(ids)))
    names = {row.id: row.name for row in rows}
    numbers = commissions_of(session, [piece.id for piece in pieces])
    policy = current_policy(session, cooperative_id=maker.cooperative_id)
    makers_bp = policy.makers_bp if policy else None
    return [
        _line(piece, maker, names[piece.design_id], makers_bp, numbers.get(piece.id))
        for piece in pieces
    ]


def _line(
    piece: Piece,
    maker: Maker,
    design: Words,
    makers_bp: int | None,
    fulfils: tuple[object, str] | None,
) -> ReceiptLine:
    agreed, weights = piece.agreement, weights_of(piece.contributions)
    hers, share = None, None
    if agreed.price_minor is not None:
        hers = split_by_weights(agreed.price_minor, weights)[maker.id]
    elif makers_bp is not None:
        share = split_by_weights(makers_bp, weights)[maker.id]
    return ReceiptLine(
        piece_id=piece.id,
        tag=piece.tag,
        design=design,
        stages=[step.stage for step in piece.contributions if step.maker_id == maker.id],
        standing=STANDING.get(PieceStatus(piece.status), "accepted" if piece.grade else "waits"),
        agreement=agreed.kind,
        price_minor=agreed.price_minor,
        hers_minor=hers,
        currency=agreed.currency,
        share_bp=share,
        commission=fulfils[1] if fulfils else None,
    )


def _sums(session: Session, lines: list[ReceiptLine], maker: Maker) -> list[Sums]:
    """By currency: what was agreed, what has been met already, what comes off, what is left."""
    sums: dict[str, Sums] = {}
    for line in lines:
        if line.counts and line.hers_minor is not None and line.currency is not None:
            sums.setdefault(line.currency, Sums(line.currency)).agreed += line.hers_minor
    counted = [line.piece_id for line in lines if line.counts]
    for currency, met, deducted in _met(session, counted, maker):
        if currency in sums:
            sums[currency].deducted += deducted
            sums[currency].paid += met - deducted
    for currency, still_open in _advances(session, maker).items():
        sums.setdefault(currency, Sums(currency)).advance_open = still_open
    for one in sums.values():
        left = max(0, one.agreed - one.deducted - one.paid)
        one.to_come_off = min(left, one.advance_open)
        one.to_pay = left - one.to_come_off
    return [sums[currency] for currency in sorted(sums)]


def _met(
    session: Session, piece_ids: Iterable[uuid.UUID], maker: Maker
) -> list[tuple[str, int, int]]:
    """Of what is owed for these pieces on acceptance: (currency, met in all, by an advance)."""
    deducted = (
        select(func.coalesce(func.sum(Deduction.amount_minor), 0))
        .where(Deduction.obligation_id == Obligation.id)
        .correlate(Obligation)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Obligation.currency, Obligation.amount_minor - still_payable(), deducted).where(
            Obligation.piece_id.in_(list(piece_ids)),
            Obligation.maker_id == maker.id,
            Obligation.agreement == AgreementKind.PAY_ON_ACCEPTANCE.value,
            Obligation.status != ObligationStatus.CANCELLED,
        )
    )
    return [(currency, int(met), int(ahead)) for currency, met, ahead in rows]


def _advances(session: Session, maker: Maker) -> dict[str, int]:
    """What she has had ahead and has not come off yet, by currency."""
    rows = list(session.scalars(select(Advance).where(Advance.maker_id == maker.id)))
    still_open = open_minor(session, rows)
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        found[row.currency] += still_open[row.id]
    return {currency: minor for currency, minor in found.items() if minor > 0}
