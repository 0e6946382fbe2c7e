"""Strands: what each piece was made of, lot by lot, read in few queries however many pieces."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from core.money import BASIS_POINTS, split_minor
from inventory.fastness import standing
from inventory.models import Piece
from inventory.yarn_models import (
    Draw,
    DyeRecord,
    DyestuffKind,
    FastnessTest,
    LotKind,
    MaterialLot,
    YarnRecord,
)


@dataclass(frozen=True, slots=True)
class Strand:
    """So many grams of one lot in one piece; ``dye`` is None for yarn that was not dyed."""

    lot: MaterialLot
    grams: int
    yarn: YarnRecord
    dye: DyeRecord | None
    tests: list[FastnessTest]

    @property
    def on(self) -> date:
        """The day of the lot: dyed, or received."""
        return self.dye.dyed_on if self.dye else self.yarn.received_on

    @property
    def dyes(self) -> list[str]:
        """The codes of its dyes."""
        return [one for one, kind in self._used() if kind != DyestuffKind.MORDANT]

    @property
    def mordants(self) -> list[str]:
        """The codes of its mordants."""
        return [one for one, kind in self._used() if kind == DyestuffKind.MORDANT]

    @property
    def is_natural(self) -> bool:
        """Whether everything that coloured it is natural; also where nothing did."""
        return all(kind != DyestuffKind.SYNTHETIC for _one, kind in self._used())

    def _used(self) -> list[tuple[str, str]]:
        used = self.dye.used if self.dye else []
        return [(one.dyestuff.code, one.dyestuff.kind) for one in used]


def strands_of(session: Session, piece_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Strand]]:
    """What each of these pieces was made of, by the lots' newest records; heaviest first."""
    rows = session.execute(
        select(Draw.piece_id, Draw.lot_id, func.sum(Draw.grams))
        .where(Draw.piece_id.in_(piece_ids))
        .group_by(Draw.piece_id, Draw.lot_id)
        .having(func.sum(Draw.grams) > 0)
        .order_by(func.sum(Draw.grams).desc(), Draw.lot_id)
    ).all()
    lots = lots_by_id(session, {lot_id for _piece, lot_id, _grams in rows})
    undyed = {lot.dye.yarn_lot_id for lot in lots.values() if lot.dye} - set(lots)
    lots |= lots_by_id(session, undyed)
    found: dict[uuid.UUID, list[Strand]] = defaultdict(list)
    for piece_id, lot_id, grams in rows:
        assert piece_id is not None, "they were asked for by piece"
        found[piece_id].append(_strand(lots, lots[lot_id], int(grams)))
    return found


def lots_by_id(session: Session, lot_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, MaterialLot]:
    """These lots with their newest records, read afresh."""
    if not lot_ids:
        return {}
    rows = session.scalars(
        select(MaterialLot)
        .where(MaterialLot.id.in_(lot_ids))
        .execution_options(populate_existing=True)
    )
    return {lot.id: lot for lot in rows}


def fibres_of(strands: Collection[Strand]) -> dict[str, int]:
    """The fibres of a piece in basis points of its weight; they sum to 10,000."""
    weights: dict[str, int] = defaultdict(int)
    for strand in strands:
        for fibre in strand.yarn.fibres:
            weights[fibre.fibre] += strand.grams * fibre.share_bp
    if not weights:
        return {}
    names = sorted(weights)
    shares = split_minor(BASIS_POINTS, [weights[name] for name in names])
    return dict(zip(names, shares, strict=True))


def pieces_of_lot(
    session: Session,
    lot: MaterialLot,
    *,
    limit: int | None = None,
    after: uuid.UUID | None = None,
) -> list[Piece]:
    """The pieces a lot went into, by itself or through a dye pot; by id, after one."""
    statement = select(Piece).where(Piece.id.in_(_using(lot.id))).order_by(Piece.id)
    if after:
        statement = statement.where(Piece.id > after)
    return list(session.scalars(statement.limit(limit) if limit else statement))


def _using(lot_id: uuid.UUID) -> Select[Any]:
    """Ids of the pieces that use a lot, or a dye lot that was drawn from it."""
    dyed = (
        select(Draw.dye_lot_id)
        .where(Draw.lot_id == lot_id, Draw.dye_lot_id.is_not(None))
        .group_by(Draw.dye_lot_id)
        .having(func.sum(Draw.grams) > 0)
    )
    return (
        select(Draw.piece_id)
        .where(or_(Draw.lot_id == lot_id, Draw.lot_id.in_(dyed)), Draw.piece_id.is_not(None))
        .group_by(Draw.piece_id, Draw.lot_id)
        .having(func.sum(Draw.grams) > 0)
    )


def _strand(lots: dict[uuid.UUID, MaterialLot], lot: MaterialLot, grams: int) -> Strand:
    plain = lots[lot.dye.yarn_lot_id] if lot.kind == LotKind.DYE and lot.dye else lot
    assert plain.yarn is not None, "a yarn lot has its record"
    return Strand(lot, grams, plain.yarn, lot.dye, standing(lot.tests))
