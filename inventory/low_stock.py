"""Low stock: where fewer free pieces of a design are than the co-operative wants there."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, func, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from core.actors import Actor
from inventory.design_models import Design
from inventory.journey_models import Journey, JourneyPiece
from inventory.models import Location, Piece
from inventory.place_models import PiecePlace
from inventory.stock_rule_models import StockMinimum
from inventory.whereabouts import FREE, by_id
from people.cooperatives import own


@dataclass(frozen=True, slots=True)
class LowStock:
    """A room wants ``minimum`` free pieces of a design, has ``here`` and awaits ``coming``."""

    location: Location
    design: Design
    minimum: int
    here: int
    coming: int


def low_stock(
    session: Session,
    *,
    actor: Actor,
    limit: int,
    after: tuple[uuid.UUID, uuid.UUID] | None = None,
) -> list[LowStock]:
    """Up to ``limit`` rows by location and design, after one of them."""
    wanted = _minimums(own(actor))
    here, coming = _here(own(actor)), _coming(own(actor))
    there = func.coalesce(here.c.pieces, 0)
    statement: Select[Any] = (
        select(
            wanted.c.location_id,
            wanted.c.design_id,
            wanted.c.minimum,
            there,
            func.coalesce(coming.c.pieces, 0),
        )
        .select_from(wanted)
        .outerjoin(here, _same(here, wanted))
        .outerjoin(coming, _same(coming, wanted))
        .where(there < wanted.c.minimum)
        .order_by(wanted.c.location_id, wanted.c.design_id)
        .limit(limit)
    )
    if after:
        statement = statement.where(tuple_(wanted.c.location_id, wanted.c.design_id) > after)
    rows = session.execute(statement).all()
    locations = by_id(session, Location, [row[0] for row in rows])
    designs = by_id(session, Design, [row[1] for row in rows])
    return [LowStock(locations[row[0]], designs[row[1]], *row[2:]) for row in rows]


def _minimums(cooperative_id: uuid.UUID) -> Subquery:
    """The newest minimum of each location and design."""
    return (
        select(StockMinimum.location_id, StockMinimum.design_id, StockMinimum.minimum)
        .where(StockMinimum.cooperative_id == cooperative_id)
        .ext(distinct_on(StockMinimum.location_id, StockMinimum.design_id))
        .order_by(StockMinimum.location_id, StockMinimum.design_id, StockMinimum.id.desc())
        .subquery()
    )


def _here(cooperative_id: uuid.UUID) -> Subquery:
    return (
        select(PiecePlace.location_id, Piece.design_id, func.count().label("pieces"))
        .join(Piece, Piece.id == PiecePlace.piece_id)
        .where(Piece.cooperative_id == cooperative_id, Piece.status.in_(FREE))
        .group_by(PiecePlace.location_id, Piece.design_id)
        .subquery()
    )


def _coming(cooperative_id: uuid.UUID) -> Subquery:
    return (
        select(Journey.to_id.label("location_id"), Piece.design_id, func.count().label("pieces"))
        .join(JourneyPiece, JourneyPiece.journey_id == Journey.id)
        .join(PiecePlace, PiecePlace.movement_id == JourneyPiece.movement_id)
        .join(Piece, Piece.id == PiecePlace.piece_id)
        .where(Journey.cooperative_id == cooperative_id, Piece.status.in_(FREE))
        .group_by(Journey.to_id, Piece.design_id)
        .subquery()
    )


def _same(one: Subquery, other: Subquery) -> Any:
    return (one.c.location_id == other.c.location_id) & (one.c.design_id == other.c.design_id)
