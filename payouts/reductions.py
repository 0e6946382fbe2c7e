"""Reductions: what an inspection takes off an agreed price, for each maker, with its reason."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.money import BASIS_POINTS, split_minor
from inventory.models import Agreement, Piece
from payouts.models import Obligation, ObligationStatus
from payouts.reduction_models import Reduction
from payouts.sharing import split_by_weights
from quality.bench_models import BenchCard
from quality.inspections import newest
from quality.models import Inspection

Parts = Mapping[uuid.UUID, int]


@dataclass(frozen=True, slots=True)
class Reduced:
    """A reduction with its piece's tag."""

    reduction: Reduction
    tag: str


def parts_of_price(
    session: Session, agreed: Agreement, weights: Parts, now: datetime
) -> dict[uuid.UUID, int]:
    """What each maker gets of an agreed price, in minor units; what is taken off is written down.

    What the inspection that counts takes off, in basis points, comes off the whole price by the
    largest remainder, in her favour; the rest is divided by the weights. Without an inspection
    nothing is taken off.
    """
    assert agreed.price_minor is not None
    look = newest(session, agreed.piece_id)
    off = look.reduced_bp if look is not None and look.accepts else 0
    paid, _kept = split_minor(agreed.price_minor, [BASIS_POINTS - off, off])
    parts = split_by_weights(paid, weights)
    if look is not None and off:
        full = split_by_weights(agreed.price_minor, weights)
        _write(session, agreed, look, full=full, parts=parts, now=now)
    return parts


def otherwise(owed: Sequence[Obligation], parts: Parts) -> list[Obligation]:
    """What is owed for a piece to makers who get another amount now."""
    sums = _sums(owed)
    return [row for row in owed if sums[row.maker_id] != parts.get(row.maker_id, 0)]


def missing(owed: Sequence[Obligation], parts: Parts) -> list[tuple[uuid.UUID, int, int]]:
    """Maker, amount and number of each part that is still to be owed for a piece."""
    sums = _sums(owed)
    last = dict.fromkeys(parts, 0)
    for row in owed:
        last[row.maker_id] = max(last.get(row.maker_id, 0), row.part)
    return [
        (maker_id, amount - sums[maker_id], last[maker_id] + 1)
        for maker_id, amount in parts.items()
        if amount > sums[maker_id]
    ]


def reductions_in_force(
    session: Session, maker_id: uuid.UUID, when: list[ColumnElement[bool]], *, limit: int
) -> list[Reduced]:
    """A maker's reductions whose inspection counts, newest first. ``when`` narrows their time."""
    rows: Any = session.execute(
        select(Reduction, Piece.tag)
        .join(Piece, Piece.id == Reduction.piece_id)
        .join(BenchCard, BenchCard.inspection_id == Reduction.inspection_id)
        .where(Reduction.maker_id == maker_id, *when)
        .order_by(Reduction.id.desc())
        .limit(limit)
    )
    return [Reduced(row, tag) for row, tag in rows]


def less_than_agreed(
    session: Session, piece_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, dict[uuid.UUID, int]]:
    """By piece and maker, what she gets where the inspection that counts takes something off."""
    rows = session.execute(
        select(Reduction.piece_id, Reduction.maker_id, Reduction.amount_minor)
        .join(BenchCard, BenchCard.inspection_id == Reduction.inspection_id)
        .where(Reduction.piece_id.in_(piece_ids))
    )
    found: dict[uuid.UUID, dict[uuid.UUID, int]] = {}
    for piece_id, maker_id, amount in rows:
        found.setdefault(piece_id, {})[maker_id] = amount
    return found


def _sums(owed: Sequence[Obligation]) -> Counter[uuid.UUID]:
    sums: Counter[uuid.UUID] = Counter()
    for row in owed:
        if row.status != ObligationStatus.CANCELLED:
            sums[row.maker_id] += row.amount_minor
    return sums


def _write(
    session: Session,
    agreed: Agreement,
    look: Inspection,
    *,
    full: Parts,
    parts: Parts,
    now: datetime,
) -> None:
    known = set(
        session.scalars(select(Reduction.maker_id).where(Reduction.inspection_id == look.id))
    )
    session.add_all(
        Reduction(
            cooperative_id=agreed.cooperative_id,
            piece_id=agreed.piece_id,
            maker_id=maker_id,
            inspection_id=look.id,
            reduced_bp=look.reduced_bp,
            agreed_minor=full[maker_id],
            amount_minor=min(part, full[maker_id]),
            currency=agreed.currency,
            reason=look.pay_reason,
            at=now,
        )
        for maker_id, part in parts.items()
        if maker_id not in known
    )
    session.flush()
