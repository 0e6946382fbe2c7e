"""Pieces: found by id or tag, listed for the people of their co-operative."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import NotFound
from core.lives import LifeMove
from inventory import stock, tags
from inventory.models import Location, Piece
from inventory.place_models import PiecePlace
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
        here = select(PiecePlace.piece_id).where(PiecePlace.location_id == wanted.location_id)
        statement = statement.where(Piece.id.in_(here))
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
