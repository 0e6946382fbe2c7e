"""Whereabouts: what is where, and what was where at any moment, counted or piece by piece."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Subquery, func, null, select, tuple_
from sqlalchemy.orm import Session, aliased

from core.actors import Actor
from inventory.design_models import Design
from inventory.models import IN_STOCK, Location, Movement, Piece, PieceStatus
from inventory.place_models import PiecePlace
from people.cooperatives import own

FREE = (PieceStatus.ACCEPTED, PieceStatus.LISTED)
PROMISED = (PieceStatus.HELD, PieceStatus.SOLD)


@dataclass(frozen=True, slots=True)
class StockFilter:
    """Which stock, and when; ``at`` None is now."""

    at: datetime | None = None
    location_id: uuid.UUID | None = None
    design_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class StockRow:
    """How many pieces of a design are in a location; what of them is free or promised only now."""

    location: Location
    design: Design
    pieces: int
    free: int | None
    promised: int | None


@dataclass(frozen=True, slots=True)
class PieceThere:
    """A piece and the location it was in, since when."""

    id: uuid.UUID
    tag: str
    design_id: uuid.UUID
    location: Location
    since: datetime


def stock_of(
    session: Session,
    *,
    actor: Actor,
    wanted: StockFilter,
    limit: int,
    after: tuple[uuid.UUID, uuid.UUID] | None = None,
) -> list[StockRow]:
    """Up to ``limit`` rows by location and design, after one of them. Only what is in the house."""
    there = _there(own(actor), wanted)
    key = tuple_(there.c.location_id, Piece.design_id)
    now = wanted.at is None
    free = func.count().filter(Piece.status.in_(FREE)) if now else null()
    promised = func.count().filter(Piece.status.in_(PROMISED)) if now else null()
    statement = (
        select(there.c.location_id, Piece.design_id, func.count(), free, promised)
        .join(Piece, Piece.id == there.c.piece_id)
        .group_by(there.c.location_id, Piece.design_id)
        .order_by(there.c.location_id, Piece.design_id)
        .limit(limit)
    )
    if wanted.design_id:
        statement = statement.where(Piece.design_id == wanted.design_id)
    if after:
        statement = statement.where(key > after)
    rows = session.execute(statement).all()
    locations = by_id(session, Location, [row[0] for row in rows])
    designs = by_id(session, Design, [row[1] for row in rows])
    return [StockRow(locations[row[0]], designs[row[1]], *row[2:]) for row in rows]


def pieces_there(
    session: Session,
    *,
    actor: Actor,
    wanted: StockFilter,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[PieceThere]:
    """Up to ``limit`` pieces that are, or were, in the house, by their ids, after one."""
    there = _there(own(actor), wanted)
    statement = (
        select(Piece.id, Piece.tag, Piece.design_id, Location, there.c.since)
        .join(there, there.c.piece_id == Piece.id)
        .join(Location, Location.id == there.c.location_id)
        .order_by(Piece.id)
        .limit(limit)
    )
    if wanted.design_id:
        statement = statement.where(Piece.design_id == wanted.design_id)
    if after:
        statement = statement.where(Piece.id > after)
    return [PieceThere(*row) for row in session.execute(statement)]


def by_id(session: Session, model: Any, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Any]:
    """Rows of one table by their ids, in one query."""
    return {row.id: row for row in session.scalars(select(model).where(model.id.in_(set(ids))))}


def rooms_of(cooperative_id: uuid.UUID) -> Select[uuid.UUID]:
    """The ids of a co-operative's locations in the house, on the way among them."""
    return select(Location.id).where(
        Location.cooperative_id == cooperative_id, Location.kind.in_(sorted(IN_STOCK))
    )


def _there(cooperative_id: uuid.UUID, wanted: StockFilter) -> Subquery:
    """Each piece in the house with its location: piece_id, location_id, since."""
    rooms = rooms_of(cooperative_id)
    if wanted.location_id:
        rooms = rooms.where(Location.id == wanted.location_id)
    if wanted.at is None:
        now = select(PiecePlace.piece_id, PiecePlace.location_id, PiecePlace.since)
        return now.where(PiecePlace.location_id.in_(rooms)).subquery()
    return _then(cooperative_id, wanted.at, rooms).subquery()


def _then(cooperative_id: uuid.UUID, at: datetime, rooms: Select[uuid.UUID]) -> Select[Any]:
    """The newest movement of each piece up to a moment, by the index on piece and sequence."""
    piece = aliased(Piece)
    newest = (
        select(Movement.destination_id, Movement.at)
        .where(Movement.piece_id == piece.id, Movement.at <= at)
        .order_by(Movement.sequence.desc())
        .limit(1)
        .lateral()
    )
    return (
        select(
            piece.id.label("piece_id"),
            newest.c.destination_id.label("location_id"),
            newest.c.at.label("since"),
        )
        .select_from(piece)
        .join(newest, newest.c.destination_id.in_(rooms))
        .where(piece.cooperative_id == cooperative_id, piece.created_at <= at)
    )
