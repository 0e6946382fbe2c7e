"""Differences: what a stocktake saw beside what the books say, as one query over both.

The books move on while people count, so both are compared at the moment that counts. A piece is
missing only if it was here when counting began, still is by the books, and nobody has seen it
since; what was sold, moved or brought in meanwhile is not. A piece that was seen here is misplaced
only if the books have had it elsewhere since before it was seen; what left after that is not.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from inventory.listing_models import ListingPiece, ListingPrice
from inventory.models import IN_STOCK, Agreement, Location, LocationKind, Piece, PieceStatus
from inventory.place_models import PiecePlace
from inventory.stocktake_models import (
    Difference,
    Outcome,
    Stocktake,
    StocktakeCount,
    StocktakeDifference,
    StocktakeStatus,
)

PROMISED = (PieceStatus.HELD, PieceStatus.SOLD)


@dataclass(frozen=True, slots=True)
class Found:
    """One difference: where the books have the piece, since when, by which movement; its value."""

    piece_id: uuid.UUID
    tag: str
    kind: str
    location_id: uuid.UUID
    since: datetime
    movement_id: uuid.UUID
    value_minor: int | None


def find(
    session: Session,
    stocktake: Stocktake,
    *,
    currency: str,
    among: Collection[uuid.UUID] | None = None,
    limit: int | None = None,
    after: uuid.UUID | None = None,
) -> list[Found]:
    """How the stocktake and the books differ now, by the ids of the pieces; values in ``currency``.

    ``among``: only about these pieces.
    """
    both = union_all(_missing(stocktake), _seen_here(stocktake)).subquery()
    statement = (
        select(
            both.c.piece_id,
            Piece.tag,
            both.c.kind,
            both.c.location_id,
            both.c.since,
            both.c.movement_id,
            value_in(currency),
        )
        .join(Piece, Piece.id == both.c.piece_id)
        .order_by(both.c.piece_id)
        .limit(limit)
    )
    if among is not None:
        statement = statement.where(both.c.piece_id.in_(list(among)))
    if after is not None:
        statement = statement.where(both.c.piece_id > after)
    return [Found(*row) for row in session.execute(statement)]


def written(
    session: Session, stocktake: Stocktake, *, limit: int, after: uuid.UUID | None = None
) -> Sequence[StocktakeDifference]:
    """Up to ``limit`` differences that were written when it was closed, by the pieces' ids."""
    statement = select(StocktakeDifference).where(StocktakeDifference.stocktake_id == stocktake.id)
    if after is not None:
        statement = statement.where(StocktakeDifference.piece_id > after)
    return session.scalars(statement.order_by(StocktakeDifference.piece_id).limit(limit)).all()


def value_in(currency: str) -> ColumnElement[int | None]:
    """What ``Piece`` is worth in one currency: what was agreed for it, else what it is offered for;
    null where neither is in that currency."""
    agreed = (
        select(Agreement.price_minor)
        .where(Agreement.piece_id == Piece.id, Agreement.currency == currency)
        .scalar_subquery()
    )
    offered = (
        select(ListingPrice.amount_minor)
        .join(ListingPiece, ListingPiece.listing_id == ListingPrice.listing_id)
        .where(ListingPiece.piece_id == Piece.id, ListingPrice.currency == currency)
        .scalar_subquery()
    )
    return func.coalesce(agreed, offered)


def _missing(stocktake: Stocktake) -> Select[Any]:
    """Here by the books since before counting began, and not seen since, here or anywhere."""
    other = aliased(Stocktake)
    looked_at = exists().where(
        StocktakeCount.piece_id == PiecePlace.piece_id,
        StocktakeCount.stocktake_id == other.id,
        or_(
            other.id == stocktake.id,
            and_(
                StocktakeCount.seen_at >= stocktake.opened_at,
                other.status.not_in([StocktakeStatus.CANCELLED, StocktakeStatus.REFUSED]),
            ),
        ),
    )
    promised = Piece.status.in_(PROMISED)
    kind = case((promised, Difference.PROMISED.value), else_=Difference.MISSING.value)
    return (
        select(
            PiecePlace.piece_id,
            kind.label("kind"),
            PiecePlace.location_id,
            PiecePlace.since,
            PiecePlace.movement_id,
        )
        .join(Piece, Piece.id == PiecePlace.piece_id)
        .where(
            PiecePlace.location_id == stocktake.location_id,
            PiecePlace.since <= stocktake.opened_at,
            ~looked_at,
        )
    )


def _seen_here(stocktake: Stocktake) -> Select[Any]:
    """Seen here, and elsewhere by the books since before it was seen.

    That a piece is missing from a stocktake is a conclusion, not something anybody saw: such a
    movement counts as made when the piece had come to where it was missing.
    """
    seen = (
        select(StocktakeCount.piece_id, func.max(StocktakeCount.seen_at).label("seen_at"))
        .where(StocktakeCount.stocktake_id == stocktake.id, StocktakeCount.piece_id.is_not(None))
        .group_by(StocktakeCount.piece_id)
        .subquery()
    )
    kind = case(
        (Location.kind.in_(sorted(IN_STOCK)), literal(Difference.MISPLACED.value)),
        (Location.kind == LocationKind.LOST, literal(Difference.FOUND.value)),
        else_=literal(Difference.ELSEWHERE.value),
    )
    concluded = aliased(StocktakeDifference)
    return (
        select(
            PiecePlace.piece_id,
            kind.label("kind"),
            PiecePlace.location_id,
            PiecePlace.since,
            PiecePlace.movement_id,
        )
        .join(seen, seen.c.piece_id == PiecePlace.piece_id)
        .join(Location, Location.id == PiecePlace.location_id)
        .outerjoin(
            concluded,
            and_(
                concluded.movement_id == PiecePlace.movement_id,
                concluded.kind == Difference.MISSING,
                concluded.outcome == Outcome.APPLIED,
            ),
        )
        .where(
            PiecePlace.location_id != stocktake.location_id,
            func.coalesce(concluded.since, PiecePlace.since) <= seen.c.seen_at,
        )
    )
