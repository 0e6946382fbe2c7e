"""Draws: grams taken from lots, written as differences, never beyond what a lot weighs."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, Invalid
from inventory.yarn_models import Draw, LotKind, MaterialLot


class LotSpent(Conflict):
    """There is not so much left of this lot."""

    code = "lot_spent"


def draw_for_piece(
    session: Session, piece_id: uuid.UUID, wanted: Mapping[uuid.UUID, int], **who: Any
) -> None:
    """Let a piece use exactly these grams of these lots, dyed or not. Raises LotSpent."""
    _draw(session, {"piece_id": piece_id}, wanted, kinds=set(LotKind), **who)


def draw_for_dyeing(
    session: Session, dye_lot_id: uuid.UUID, wanted: Mapping[uuid.UUID, int], **who: Any
) -> None:
    """Let a dye lot be exactly these grams of these yarn lots. Raises LotSpent."""
    _draw(session, {"dye_lot_id": dye_lot_id}, wanted, kinds={LotKind.YARN}, **who)


def drawn_by(session: Session, use: Mapping[str, uuid.UUID]) -> dict[uuid.UUID, int]:
    """Grams by lot that a piece or a dye lot uses now; ``use`` is {piece_id} or {dye_lot_id}."""
    rows = session.execute(
        select(Draw.lot_id, func.sum(Draw.grams))
        .where(*(getattr(Draw, name) == value for name, value in use.items()))
        .group_by(Draw.lot_id)
        .having(func.sum(Draw.grams) > 0)
    )
    return {lot_id: int(grams) for lot_id, grams in rows}


def _draw(
    session: Session,
    use: Mapping[str, uuid.UUID],
    wanted: Mapping[uuid.UUID, int],
    *,
    kinds: Collection[LotKind],
    cooperative_id: uuid.UUID,
    pointer: str,
    why: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Write the differences between what is used and what is wanted, under the lots' locks."""
    before = drawn_by(session, use)
    lots = {lot.id: lot for lot in lock_rows(session, MaterialLot, {*before, *wanted})}
    for lot_id in wanted:
        lot = lots.get(lot_id)
        if lot is None or lot.cooperative_id != cooperative_id or lot.kind not in kinds:
            raise Invalid("there is no such lot", pointer=pointer, lot_id=str(lot_id))
    for lot_id, lot in sorted(lots.items()):
        more = wanted.get(lot_id, 0) - before.get(lot_id, 0)
        if more > lot.left_g:
            raise LotSpent(lot_id=str(lot_id), code=lot.code, left_g=lot.left_g, wanted_g=more)
        if more:
            session.add(
                Draw(
                    cooperative_id=cooperative_id,
                    lot_id=lot_id,
                    grams=more,
                    why=why,
                    actor=actor.reference,
                    at=now,
                    **use,
                )
            )
    session.flush()
    _see_what_is_left(session, lots)


def _see_what_is_left(session: Session, lots: Collection[uuid.UUID]) -> None:
    """Read again what the trigger counted."""
    session.scalars(
        select(MaterialLot)
        .where(MaterialLot.id.in_(lots))
        .execution_options(populate_existing=True)
    ).all()
