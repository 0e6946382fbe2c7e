"""On hand: what is in a room, as against what somebody is carrying just now."""

import uuid
from collections.abc import Iterable

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.errors import Conflict
from inventory.journey_models import JourneyPiece
from inventory.models import Location, LocationKind, Piece
from inventory.place_models import PiecePlace


class PieceOnTheWay(Conflict):
    """The piece is on the way between two rooms; it has to arrive first."""

    code = "piece_on_the_way"


def is_on_hand() -> ColumnElement[bool]:
    """Whether a piece is in a room, for queries that read ``Piece``; on the way it is not."""
    carried = (
        select(PiecePlace.piece_id)
        .join(Location, Location.id == PiecePlace.location_id)
        .where(PiecePlace.piece_id == Piece.id, Location.kind == LocationKind.TRANSIT)
    )
    return ~carried.exists()


def refuse_carried(session: Session, piece_ids: Iterable[uuid.UUID]) -> None:
    """Raise PieceOnTheWay if one of these is anywhere on the way. They must be locked."""
    wanted = list(piece_ids)
    found = session.scalars(select(Piece.id).where(Piece.id.in_(wanted), ~is_on_hand()))
    _refuse(found.all())


def refuse_awaited(session: Session, piece_ids: Iterable[uuid.UUID]) -> None:
    """Raise PieceOnTheWay if one of these left with a journey and has not arrived."""
    _refuse(awaited(session, piece_ids))


def awaited(session: Session, piece_ids: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """Which of these left with a journey, and have not moved since."""
    return list(
        session.scalars(
            select(PiecePlace.piece_id)
            .join(JourneyPiece, JourneyPiece.movement_id == PiecePlace.movement_id)
            .where(PiecePlace.piece_id.in_(list(piece_ids)))
        )
    )


def _refuse(piece_ids: Iterable[uuid.UUID]) -> None:
    if found := sorted(piece_ids):
        raise PieceOnTheWay(pieces=[str(piece_id) for piece_id in found])
