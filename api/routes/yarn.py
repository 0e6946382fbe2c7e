"""Lots of yarn and dye, and what pieces use of them."""

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once, writes
from api.lot_views import dye_lots, made_of, yarn_lot
from api.paging import Page, listed, pages_of
from api.routes.stock import body_hash, shown
from api.schemas.materials import MaterialsSet, MaterialsView, MaterialsWrittenView
from api.schemas.stock import PieceView
from api.schemas.yarn import (
    DyeCorrectedView,
    DyeCorrection,
    DyeLotView,
    DyestuffView,
    NewDyeLot,
    NewDyestuff,
    NewYarnLot,
    YarnCorrectedView,
    YarnCorrection,
    YarnLotView,
)
from core import clock
from core.db import current_session
from inventory import dyestuffs, lots, materials
from inventory.pieces import get_piece
from inventory.yarn_models import LotKind, MaterialLot

blueprint = Blueprint("yarn", "Lots of yarn and dye: what fibre and dye claims rest on.")


@blueprint.post("/dyestuffs")
@needs("materials:write")
@blueprint.arguments(NewDyestuff)
@once()
@blueprint.response(201, DyestuffView)
def add_dyestuff(wanted: dict[str, Any]) -> Any:
    """Add a dye or a mordant.

    To the co-operative's own catalogue. Whether a dye is natural is said here, once for all lots.
    """
    return dyestuffs.add_dyestuff(current_session(), actor=actor(), now=clock.now(), **wanted)


@blueprint.get("/dyestuffs")
@needs("materials:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(DyestuffView))
def list_dyestuffs(wanted: dict[str, Any]) -> Any:
    """List dyes and mordants.

    The co-operative's own catalogue, oldest first.
    """
    return listed(partial(dyestuffs.list_dyestuffs, current_session(), actor=actor()), wanted)


@blueprint.post("/yarn-lots")
@needs("materials:write")
@blueprint.arguments(NewYarnLot)
@once()
@blueprint.response(201, YarnLotView)
@blueprint.also_answers(200, YarnLotView, "This lot was recorded before; nothing was changed")
def record_yarn(wanted: dict[str, Any]) -> Any:
    """Record a lot of yarn.

    Its id may be made on a phone without signal: the same lot sent again is answered with the
    first (200), another one under the same id is refused. Vicuña needs the number of its permit.
    """
    lot, new = _record(LotKind.YARN, wanted)
    return yarn_lot(lot), 201 if new else 200


@blueprint.get("/yarn-lots")
@needs("materials:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(YarnLotView))
def list_yarn(wanted: dict[str, Any]) -> Any:
    """List lots of yarn.

    Each as its newest record says, with what is left of it; in the order of their ids.
    """
    body, status, headers = _page(LotKind.YARN, wanted)
    return {"items": [yarn_lot(lot) for lot in body["items"]]}, status, headers


@blueprint.get("/yarn-lots/<uuid:lot_id>")
@needs("materials:read")
@blueprint.response(200, YarnLotView)
def get_yarn(lot_id: uuid.UUID) -> Any:
    """Read one lot of yarn.

    As its newest record says, with what is left of it.
    """
    return yarn_lot(lots.get_lot(current_session(), lot_id, kind=LotKind.YARN, actor=actor()))


@blueprint.post("/yarn-lots/<uuid:lot_id>/corrections")
@needs("materials:write")
@blueprint.arguments(YarnCorrection)
@once()
@blueprint.response(201, YarnCorrectedView)
def correct_yarn(wanted: dict[str, Any], lot_id: uuid.UUID) -> Any:
    """Correct a lot of yarn.

    By a new record of all of it; the earlier one stays. Published listings whose claims fall with
    it are taken down, and named in the answer.
    """
    lot, taken_down = _correct(LotKind.YARN, lot_id, wanted)
    return {"lot": yarn_lot(lot), "taken_down": taken_down}


@blueprint.get("/yarn-lots/<uuid:lot_id>/pieces")
@needs("materials:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(PieceView))
def list_pieces_of_yarn(wanted: dict[str, Any], lot_id: uuid.UUID) -> Any:
    """List the pieces a lot of yarn went into.

    By itself or through a dye pot; oldest first.
    """
    return _pieces(LotKind.YARN, lot_id, wanted)


@blueprint.post("/dye-lots")
@needs("materials:write")
@blueprint.arguments(NewDyeLot)
@once()
@blueprint.response(201, DyeLotView)
@blueprint.also_answers(200, DyeLotView, "This lot was recorded before; nothing was changed")
def record_dyed(wanted: dict[str, Any]) -> Any:
    """Record a dye lot.

    Its grams are taken from its yarn lot, and refused when that has not so much left. Its id may
    be made on a phone; the photo of its swatch may come later.
    """
    lot, new = _record(LotKind.DYE, wanted)
    (body,) = dye_lots(current_session(), [lot])
    return body, 201 if new else 200


@blueprint.get("/dye-lots")
@needs("materials:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(DyeLotView))
def list_dyed(wanted: dict[str, Any]) -> Any:
    """List dye lots.

    Each as its newest record says, with its tests and what is left; in the order of their ids.
    """
    body, status, headers = _page(LotKind.DYE, wanted)
    return {"items": dye_lots(current_session(), body["items"])}, status, headers


@blueprint.get("/dye-lots/<uuid:lot_id>")
@needs("materials:read")
@blueprint.response(200, DyeLotView)
def get_dyed(lot_id: uuid.UUID) -> Any:
    """Read one dye lot.

    As its newest record says, with its tests and what is left of it.
    """
    session = current_session()
    lot = lots.get_lot(session, lot_id, kind=LotKind.DYE, actor=actor())
    (body,) = dye_lots(session, [lot])
    return body


@blueprint.post("/dye-lots/<uuid:lot_id>/corrections")
@needs("materials:write")
@blueprint.arguments(DyeCorrection)
@once()
@blueprint.response(201, DyeCorrectedView)
def correct_dyed(wanted: dict[str, Any], lot_id: uuid.UUID) -> Any:
    """Correct a dye lot.

    By a new record of all of it; the earlier one stays. Published listings whose claims fall with
    it are taken down, and named in the answer.
    """
    lot, taken_down = _correct(LotKind.DYE, lot_id, wanted)
    (body,) = dye_lots(current_session(), [lot])
    return {"lot": body, "taken_down": taken_down}


@blueprint.get("/dye-lots/<uuid:lot_id>/pieces")
@needs("materials:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(PieceView))
def list_pieces_of_dyed(wanted: dict[str, Any], lot_id: uuid.UUID) -> Any:
    """List the pieces a dye lot went into.

    By its newest use: what was given back to it is not there; oldest first.
    """
    return _pieces(LotKind.DYE, lot_id, wanted)


@blueprint.put("/pieces/<uuid:piece_id>/materials")
@needs("materials:write")
@blueprint.arguments(MaterialsSet)
@writes
@blueprint.response(200, MaterialsWrittenView)
def set_materials(wanted: dict[str, Any], piece_id: uuid.UUID) -> Any:
    """Say what a piece was made of.

    All of it: what is left out is given back to its lot. The same sent again changes nothing. A
    lot is never used beyond what it weighs. Listings whose claims fall with it are taken down.
    """
    session = current_session()
    piece, taken_down = materials.set_materials(
        session, piece_id=piece_id, actor=actor(), now=clock.now(), **wanted
    )
    return {**made_of(session, piece, clock.now().date()), "taken_down": taken_down}


@blueprint.get("/pieces/<uuid:piece_id>/materials")
@needs("materials:read")
@blueprint.response(200, MaterialsView)
def get_materials(piece_id: uuid.UUID) -> Any:
    """Read what a piece was made of.

    Lot by lot, the heaviest first, with the claims that this supports.
    """
    session = current_session()
    piece = get_piece(session, piece_id, actor=actor())
    return made_of(session, piece, clock.now().date())


def _record(kind: LotKind, wanted: dict[str, Any]) -> tuple[MaterialLot, bool]:
    return lots.record_lot(
        current_session(),
        kind=kind,
        lot_id=wanted.pop("id"),
        code=wanted.pop("code"),
        facts=wanted,
        request_hash=body_hash(),
        actor=actor(),
        now=clock.now(),
    )


def _correct(kind: LotKind, lot_id: uuid.UUID, wanted: dict[str, Any]) -> Any:
    return materials.correct_lot(
        current_session(),
        lot_id=lot_id,
        kind=kind,
        reason=wanted.pop("reason"),
        facts=wanted,
        actor=actor(),
        now=clock.now(),
    )


def _page(kind: LotKind, wanted: dict[str, Any]) -> Any:
    return listed(partial(lots.list_lots, current_session(), kind=kind, actor=actor()), wanted)


def _pieces(kind: LotKind, lot_id: uuid.UUID, wanted: dict[str, Any]) -> Any:
    session: Session = current_session()
    read = partial(materials.pieces_made_of, session, lot_id=lot_id, kind=kind, actor=actor())
    body, status, headers = listed(read, wanted)
    found: Sequence[Any] = body["items"]
    return {"items": shown(session, found)}, status, headers
