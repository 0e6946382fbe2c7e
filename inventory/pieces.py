"""Pieces: found by id or tag, listed for the people of their co-operative."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import NotFound
from core.lives import LifeMove
from inventory import stock, tags
from inventory.locations import get_location
from inventory.models import IN_STOCK, Location, LocationKind, Movement, Piece
from people.cooperatives import own


@dataclass(frozen=True, slots=True)
class PieceFilter:
    """What a list of pieces is narrowed to; None means everything."""

    status: str | None = None
    tag: str | None = None
    design_id: uuid.UUID | None = None
    location_id: uuid.UUID | None = None


def get_piece(session: Session, piece_id: uuid.UUID, *, actor: Actor, lock: bool = False) -> Piece:
    """One piece of the actor's co-operative."""
    found = lock_rows(session, Piece, [piece_id]) if lock else [session.get(Piece, piece_id)]
    if not found or found[0] is None or found[0].cooperative_id != actor.cooperative_id:
        raise NotFound("no such piece")
    return found[0]


def piece_by_tag(session: Session, written: str) -> Piece:
    """The piece that carries this tag, however it was typed. Raises TagInvalid or NotFound."""
    piece = session.scalar(select(Piece).where(Piece.tag == tags.read(written)))
    if piece is None:
        raise NotFound("no piece carries this tag")
    return piece


def list_pieces(
    session: Session,
    *,
    actor: Actor,
    wanted: PieceFilter,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[Piece]:
    """Up to ``limit`` pieces of the actor's co-operative, oldest first, after one id."""
    statement = select(Piece).where(Piece.cooperative_id == own(actor)).order_by(Piece.id)
    if wanted.status:
        statement = statement.where(Piece.status == wanted.status)
    if wanted.tag:
        statement = statement.where(Piece.tag == tags.read(wanted.tag))
    if wanted.design_id:
        statement = statement.where(Piece.design_id == wanted.design_id)
    if wanted.location_id:
        statement = statement.where(Piece.id.in_(_now_at(wanted.location_id)))
    if after:
        statement = statement.where(Piece.id > after)
    return list(session.scalars(statement.limit(limit)))


def places_of(session: Session, pieces: list[Piece]) -> dict[uuid.UUID, Location]:
    """Where each of these pieces is now."""
    last = stock.last_movements(session, [piece.id for piece in pieces])
    return {piece_id: movement.destination for piece_id, movement in last.items()}


def life_of(session: Session, piece_id: uuid.UUID) -> list[LifeMove]:
    """Every step of a piece's life, oldest first."""
    return list(
        session.scalars(
            select(LifeMove).where(LifeMove.subject_id == piece_id).order_by(LifeMove.id)
        )
    )


def move_piece(
    session: Session,
    *,
    piece_id: uuid.UUID,
    destination_id: uuid.UUID,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Movement:
    """Take a piece to another room, back to its makers (once rejected or withdrawn), or to lost."""
    destination = get_location(session, destination_id, actor=actor)
    piece = get_piece(session, piece_id, actor=actor, lock=True)
    end = LocationKind(destination.kind)
    if end in IN_STOCK:
        return stock.move(
            session, piece=piece, destination=destination, reason=reason, actor=actor, now=now
        )
    stock.take_out(session, piece, end=end, reason=reason, actor=actor, now=now)
    return stock.last_movements(session, [piece.id])[piece.id]


def _now_at(location_id: uuid.UUID) -> Select[tuple[uuid.UUID]]:
    """Ids of the pieces whose newest movement ends at one location."""
    newest = (
        select(Movement.piece_id, Movement.destination_id)
        .where(
            Movement.piece_id.in_(
                select(Movement.piece_id).where(Movement.destination_id == location_id)
            )
        )
        .ext(distinct_on(Movement.piece_id))
        .order_by(Movement.piece_id, Movement.sequence.desc())
        .subquery()
    )
    return select(newest.c.piece_id).where(newest.c.destination_id == location_id)
