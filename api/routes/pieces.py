"""Pieces and their movements."""

import uuid
from typing import Any

from api.access import actor, needs
from api.idempotency import once
from api.paging import PageQuery, after_id, page
from api.schemas.inventory import (
    LocatedPieceView,
    MovementView,
    NewMovement,
    PieceDetailView,
    PieceQuery,
    PieceView,
)
from api.wire import Blueprint, gives, takes
from core import clock
from core.db import current_session, transaction
from inventory import pieces, stock
from inventory.models import Location, Piece

blueprint = Blueprint("pieces", __name__, description="Pieces and where they are")


@blueprint.get("/pieces")
@needs("stock:read")
@takes(blueprint, PieceQuery, where="query")
@gives(blueprint, 200, LocatedPieceView.page())
def list_pieces(wanted: dict[str, Any]) -> Any:
    """Pieces of the co-operative with where they are, oldest first."""
    session, place = current_session(), after_id(wanted.pop("after", None))
    limit = wanted.pop("limit")
    narrowed = pieces.PieceFilter(**wanted)

    def read(most: int) -> list[dict[str, Any]]:
        rows = pieces.list_pieces(session, actor=actor(), wanted=narrowed, limit=most, after=place)
        places = pieces.places_of(session, rows)
        return [shown(row, places[row.id]) for row in rows]

    return page(read, limit, lambda row: [row["id"]])


@blueprint.get("/pieces/<uuid:piece_id>")
@needs("stock:read")
@gives(blueprint, 200, PieceDetailView)
def get_piece(piece_id: uuid.UUID) -> dict[str, Any]:
    """One piece with where it is and its whole life."""
    session = current_session()
    piece = pieces.get_piece(session, piece_id, actor=actor())
    place = pieces.places_of(session, [piece])[piece.id]
    return shown(piece, place) | {"life": pieces.life_of(session, piece.id)}


@blueprint.post("/pieces/<uuid:piece_id>/movements")
@needs("stock:write")
@once()
@takes(blueprint, NewMovement)
@gives(blueprint, 201, MovementView)
def move_piece(wanted: dict[str, Any], piece_id: uuid.UUID) -> Any:
    """Take a piece to another room, back to its makers once it is rejected, or to lost."""
    with transaction() as session:
        return pieces.move_piece(
            session, piece_id=piece_id, actor=actor(), now=clock.now(), **wanted
        )


@blueprint.get("/pieces/<uuid:piece_id>/movements")
@needs("stock:read")
@takes(blueprint, PageQuery, where="query")
@gives(blueprint, 200, MovementView.page())
def list_movements(wanted: dict[str, Any], piece_id: uuid.UUID) -> Any:
    """Everything that happened to a piece's place, oldest first."""
    session, place = current_session(), after_id(wanted.get("after"))
    piece = pieces.get_piece(session, piece_id, actor=actor())
    return page(
        lambda limit: stock.movements_of(session, piece.id, limit=limit, after=place),
        wanted["limit"],
        lambda row: [row.id],
    )


def shown(piece: Piece, place: Location) -> dict[str, Any]:
    """A piece with where it is."""
    return {name: getattr(piece, name) for name in PieceView().fields} | {"location": place}
