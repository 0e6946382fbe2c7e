"""Fulfilling: which pieces were handed in for which line of a commission, never one too many.

A line has as many places as pieces were ordered. A piece takes a free place, or that of a piece
that was rejected; the database lets no place be taken twice in one turn. Whoever wants to hand in
one more has to say that it is a surplus.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, distinct, func, select, tuple_
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict
from inventory.commission_models import (
    AskedMaker,
    Commission,
    CommissionLine,
    CommissionStatus,
    Fulfilment,
)
from inventory.models import Piece, PieceStatus

#: A piece that went back to her does not count; another may come in its stead.
NOT_COUNTED = (PieceStatus.REJECTED, PieceStatus.RETURNED_TO_MAKER)
#: Nothing is handed in for these, and no piece moves them any more.
CLOSED = frozenset({CommissionStatus.DECLINED, CommissionStatus.CANCELLED})


class CommissionFull(Conflict):
    """Everything ordered on this line has been handed in; only a surplus can be taken in."""

    code = "commission_full"


@dataclass
class OpenLine:
    """A line with the places that are free, and who may bring pieces for it."""

    line: CommissionLine
    commission: Commission
    makers: set[uuid.UUID]
    free: list[tuple[int, int]] = field(default_factory=list)

    def take_place(self, *, surplus: bool) -> tuple[int | None, int]:
        """The next free place with its turn; (None, 1) for a surplus. Raises CommissionFull."""
        if self.free:
            return self.free.pop(0)
        if not surplus:
            raise CommissionFull(commission=self.commission.number)
        return None, 1


def open_lines(
    session: Session, line_ids: Iterable[uuid.UUID], *, cooperative_id: uuid.UUID
) -> dict[uuid.UUID, OpenLine]:
    """These lines with their free places; their commissions are locked until the transaction ends.

    Lines of other co-operatives are left out.
    """
    wanted = set(line_ids)
    if not wanted:
        return {}
    lines = session.scalars(
        select(CommissionLine).where(
            CommissionLine.id.in_(wanted), CommissionLine.cooperative_id == cooperative_id
        )
    ).all()
    ids = {line.commission_id for line in lines}
    commissions = {row.id: row for row in lock_rows(session, Commission, ids)}
    asked: dict[uuid.UUID, set[uuid.UUID]] = {one: set() for one in ids}
    for commission_id, maker_id in session.execute(
        select(AskedMaker.commission_id, AskedMaker.maker_id).where(
            AskedMaker.commission_id.in_(ids)
        )
    ):
        asked[commission_id].add(maker_id)
    free = _free_places(session, lines)
    return {
        line.id: OpenLine(
            line=line,
            commission=commissions[line.commission_id],
            makers={line.maker_id} if line.maker_id else asked[line.commission_id],
            free=free[line.id],
        )
        for line in lines
    }


def recount(
    session: Session, commissions: Iterable[Commission], *, actor: Actor, now: datetime
) -> None:
    """Move locked commissions to where their pieces have brought them."""
    found = list(commissions)
    counted = _places_filled(session, [row.id for row in found])
    for commission in found:
        filled, ordered = counted.get(commission.id, (0, 0))
        wanted = CommissionStatus.PART_DELIVERED if filled else CommissionStatus.ACCEPTED
        if ordered and filled == ordered:
            wanted = CommissionStatus.COMPLETE
        if commission.status not in {wanted, *CLOSED}:
            why = f"{filled} of {ordered} pieces are here"
            commission.become(wanted, actor=actor, why=why, at=now)


def recount_for(session: Session, piece: Piece, *, actor: Actor, now: datetime) -> None:
    """A piece was rejected, or accepted after all: its commission, if it has one, says so.

    The commission's lock is the last that is taken, after the piece's.
    """
    commission_id = session.scalar(
        select(CommissionLine.commission_id)
        .join(Fulfilment, Fulfilment.line_id == CommissionLine.id)
        .where(Fulfilment.piece_id == piece.id)
    )
    if commission_id is not None:
        recount(session, lock_rows(session, Commission, [commission_id]), actor=actor, now=now)


def agreed_for(session: Session, piece: Piece) -> CommissionLine | None:
    """The line of a commission that a piece was woven for: its measures and limits were agreed."""
    return session.scalar(
        select(CommissionLine)
        .join(Fulfilment, Fulfilment.line_id == CommissionLine.id)
        .where(Fulfilment.piece_id == piece.id)
    )


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed in for one line: places filled, and pieces beyond what was ordered."""

    delivered: int
    surplus: int


def handed_in(session: Session, line_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Handed]:
    """For each of these lines, what was handed in and counts."""
    rows = session.execute(
        _counting()
        .add_columns(
            Fulfilment.line_id,
            func.count(distinct(Fulfilment.place)),
            func.count().filter(Fulfilment.place.is_(None)),
        )
        .where(Fulfilment.line_id.in_(list(line_ids)))
        .group_by(Fulfilment.line_id)
    )
    return {line_id: Handed(filled, surplus) for line_id, filled, surplus in rows}


def commissions_of(
    session: Session, piece_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, tuple[Fulfilment, str]]:
    """For each of these pieces that was handed in for a commission: how, and its number."""
    rows = session.execute(
        select(Fulfilment, Commission.number)
        .join(CommissionLine, CommissionLine.id == Fulfilment.line_id)
        .join(Commission, Commission.id == CommissionLine.commission_id)
        .where(Fulfilment.piece_id.in_(list(piece_ids)))
    )
    return {fulfilment.piece_id: (fulfilment, number) for fulfilment, number in rows}


def fulfilments_of(session: Session, commission_id: uuid.UUID) -> list[Fulfilment]:
    """Every piece that was handed in for a commission, in the order it came."""
    return list(
        session.scalars(
            select(Fulfilment)
            .join(CommissionLine, CommissionLine.id == Fulfilment.line_id)
            .where(CommissionLine.commission_id == commission_id)
            .order_by(Fulfilment.at, Fulfilment.piece_id)
        )
    )


def _free_places(
    session: Session, lines: Iterable[CommissionLine]
) -> dict[uuid.UUID, list[tuple[int, int]]]:
    """For each line its free places with the turn that comes next, in order."""
    found = list(lines)
    last: dict[tuple[uuid.UUID, int | None], tuple[int, bool]] = {}
    for line_id, place, turn, status in session.execute(
        select(Fulfilment.line_id, Fulfilment.place, Fulfilment.turn, Piece.status)
        .join(Piece, Piece.id == Fulfilment.piece_id)
        .where(Fulfilment.line_id.in_([line.id for line in found]), Fulfilment.place.is_not(None))
        .order_by(Fulfilment.turn)
    ):
        # Found good after all: the place is filled, whoever came in its stead.
        counts = status not in NOT_COUNTED or last.get((line_id, place), (0, False))[1]
        last[line_id, place] = turn, counts
    free = {}
    for line in found:
        turns = [(place, *last.get((line.id, place), (0, False))) for place in _places(line)]
        free[line.id] = [(place, turn + 1) for place, turn, counts in turns if not counts]
    return free


def _places(line: CommissionLine) -> range:
    return range(1, line.pieces + 1)


def _counting() -> Select[()]:
    """Fulfilments by pieces that count."""
    counts: ColumnElement[bool] = Piece.status.not_in(NOT_COUNTED)
    return (
        select().select_from(Fulfilment).join(Piece, Piece.id == Fulfilment.piece_id).where(counts)
    )


def _places_filled(
    session: Session, commission_ids: list[uuid.UUID]
) -> dict[uuid.UUID, tuple[int, int]]:
    """For each commission: places filled, and pieces ordered."""
    session.flush()
    filled = session.execute(
        _counting()
        .join(CommissionLine, CommissionLine.id == Fulfilment.line_id)
        .add_columns(
            CommissionLine.commission_id,
            func.count(distinct(tuple_(Fulfilment.line_id, Fulfilment.place))).label("places"),
        )
        .where(CommissionLine.commission_id.in_(commission_ids), Fulfilment.place.is_not(None))
        .group_by(CommissionLine.commission_id)
    ).all()
    ordered = session.execute(
        select(CommissionLine.commission_id, func.sum(CommissionLine.pieces))
        .where(CommissionLine.commission_id.in_(commission_ids))
        .group_by(CommissionLine.commission_id)
    )
    places = {row.commission_id: row.places for row in filled}
    return {one: (places.get(one, 0), int(pieces)) for one, pieces in ordered}
