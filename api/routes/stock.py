"""Locations, pieces and their movements."""

import hashlib
import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import canonical, once
from api.paging import Page, listed, page, pages_of, place
from api.schemas.stock import (
    LocationView,
    MovementView,
    NewLocation,
    NewMovement,
    PiecesWanted,
    PieceView,
    PieceWithLifeView,
)
from core import clock
from core.db import current_session
from inventory import locations, moving, pieces, stock
from inventory.models import Piece

blueprint = Blueprint("stock", "The pieces, and where each of them is.")
PIECE = tuple(name for name in PieceView().fields if name != "location")


@blueprint.post("/locations")
@needs("stock:write")
@blueprint.arguments(NewLocation)
@once()
@blueprint.response(201, LocationView)
def add_location(wanted: dict[str, Any]) -> Any:
    """Add a location.

    A workshop, a store, a place abroad or in transit. Makers, buyers and lost are there already.
    """
    return locations.add_location(current_session(), actor=actor(), now=clock.now(), **wanted)


@blueprint.get("/locations")
@needs("stock:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(LocationView))
def list_locations(wanted: dict[str, Any]) -> Any:
    """List locations.

    Every place of the key's co-operative, oldest first, with its three ends outside.
    """
    return listed(partial(locations.list_locations, current_session(), actor=actor()), wanted)


@blueprint.get("/pieces")
@needs("stock:read")
@blueprint.arguments(PiecesWanted, location="query")
@blueprint.response(200, pages_of(PieceView))
def list_pieces(wanted: dict[str, Any]) -> Any:
    """List pieces.

    Oldest first. `tag` finds a piece however its tag was typed.
    """
    session = current_session()
    limit, after = wanted.pop("limit"), place(wanted.pop("after", None))
    found = pieces.list_pieces(
        session, actor=actor(), wanted=pieces.PieceFilter(**wanted), limit=limit + 1, after=after
    )
    body, status, headers = page(found, limit)
    return {"items": shown(session, body["items"])}, status, headers


@blueprint.get("/pieces/<uuid:piece_id>")
@needs("stock:read")
@blueprint.response(200, PieceWithLifeView)
def get_piece(piece_id: uuid.UUID) -> Any:
    """Read one piece.

    With every step of its life: who, when, why.
    """
    session = current_session()
    (piece,) = shown(session, [pieces.get_piece(session, piece_id, actor=actor())])
    return {**piece, "life": pieces.life_of(session, piece_id)}


@blueprint.post("/pieces/<uuid:piece_id>/movements")
@needs("stock:write")
@blueprint.arguments(NewMovement)
@once()
@blueprint.response(201, MovementView)
def move_piece(wanted: dict[str, Any], piece_id: uuid.UUID) -> Any:
    """Move a piece.

    To another room; a rejected or withdrawn piece also back to its makers; a piece in stock to
    lost, unless a buyer was promised it. What left with a journey arrives with it. A movement is
    written once; a wrong one is answered by another.
    """
    return moving.move_piece(
        current_session(), piece_id=piece_id, actor=actor(), now=clock.now(), **wanted
    )


@blueprint.get("/pieces/<uuid:piece_id>/movements")
@needs("stock:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(MovementView))
def list_movements(wanted: dict[str, Any], piece_id: uuid.UUID) -> Any:
    """List a piece's movements.

    All of them, oldest first; the last one's destination is where it is.
    """
    piece = pieces.get_piece(current_session(), piece_id, actor=actor())
    return listed(partial(stock.movements_of, current_session(), piece.id), wanted)


def shown(session: Session, found: Sequence[Piece]) -> list[dict[str, Any]]:
    """Pieces with the place where each of them is."""
    places = pieces.places_of(session, list(found))
    return [
        {**{name: getattr(piece, name) for name in PIECE}, "location": places[piece.id]}
        for piece in found
    ]


def body_hash() -> str:
    """The body as a fingerprint, whatever the order of its keys."""
    return hashlib.sha256(canonical(request.get_data(cache=True))).hexdigest()
