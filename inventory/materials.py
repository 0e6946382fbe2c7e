"""Materials: which lots a piece used and how many grams, and what a correction brings down."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Invalid
from inventory.claims import write_in_turn
from inventory.draws import draw_for_piece
from inventory.lots import get_lot, write_record
from inventory.models import Piece
from inventory.pieces import get_piece
from inventory.rechecking import TakenDown, recheck
from inventory.strands import Strand, pieces_of_lot, strands_of
from inventory.yarn_models import LotKind, MaterialLot
from people.cooperatives import own


def set_materials(
    session: Session,
    *,
    piece_id: uuid.UUID,
    materials: Sequence[Mapping[str, Any]],
    actor: Actor,
    now: datetime,
    why: str = "",
) -> tuple[Piece, list[TakenDown]]:
    """Say which lots a piece was made of: {lot_id, grams}, all of them; none takes all back.

    What it used before and does not now is given back to its lots. The same again changes nothing.
    Raises LotSpent; answers with the piece and the listings that were taken down for it.
    """
    write_in_turn(session, own(actor))
    piece = get_piece(session, piece_id, actor=actor, lock=True)
    wanted = {one["lot_id"]: one["grams"] for one in materials}
    if len(wanted) < len(materials):
        raise Invalid("a lot is named twice", pointer="/materials")
    draw_for_piece(
        session,
        piece.id,
        wanted,
        cooperative_id=piece.cooperative_id,
        pointer="/materials",
        why=why or f"made {piece.tag}",
        actor=actor,
        now=now,
    )
    return piece, recheck(session, [piece.id], actor=actor, now=now)


def materials_of(session: Session, *, piece_id: uuid.UUID, actor: Actor) -> list[Strand]:
    """The lots a piece was made of, the heaviest first."""
    piece = get_piece(session, piece_id, actor=actor)
    return strands_of(session, [piece.id]).get(piece.id, [])


def correct_lot(
    session: Session,
    *,
    lot_id: uuid.UUID,
    kind: LotKind,
    facts: Mapping[str, Any],
    reason: str,
    actor: Actor,
    now: datetime,
) -> tuple[MaterialLot, list[TakenDown]]:
    """Answer what was recorded of a lot by a new record, whole, with the reason.

    ``facts`` as in :func:`inventory.lots.record_lot`. Published listings whose claims fall with it
    are taken down and named.
    """
    write_in_turn(session, own(actor))
    lot = get_lot(session, lot_id, kind=kind, actor=actor, lock=True)
    lot.version += 1
    write_record(session, lot, facts, reason=reason, actor=actor, now=now)
    pieces = [piece.id for piece in pieces_of_lot(session, lot)]
    return lot, recheck(session, pieces, actor=actor, now=now)


def pieces_made_of(
    session: Session,
    *,
    lot_id: uuid.UUID,
    kind: LotKind,
    actor: Actor,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[Piece]:
    """Up to ``limit`` pieces a lot went into, dyed or not, by id, after one."""
    lot = get_lot(session, lot_id, kind=kind, actor=actor)
    return pieces_of_lot(session, lot, limit=limit, after=after)
