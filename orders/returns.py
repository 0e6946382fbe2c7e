"""Returns: goods coming back from a buyer: authorised, received, inspected again, decided.

The inspection bench is a stranger here: what it decided is read off the piece. Lock order: the
order, the return, its pieces.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from inventory import coming_back, stock
from inventory.locations import get_location
from inventory.models import Grade, Piece, PieceStatus
from orders.models import Order, OrderLine, Shipment, ShipmentPiece
from orders.reading import get_order, lock_order
from orders.return_models import Disposition, Return, ReturnPiece, ReturnStatus
from people.cooperatives import own

NOT_YET = frozenset({PieceStatus.RETURNED, PieceStatus.INSPECTING, PieceStatus.QUARANTINED})
WRITTEN_OFF = frozenset(
    {
        PieceStatus.REJECTED,
        PieceStatus.REWORK,
        PieceStatus.RETURNED_TO_MAKER,
        PieceStatus.LOST,
        PieceStatus.DAMAGED,
    }
)


class NotLeftYet(Conflict):
    """This piece has not left the house, so it cannot come back."""

    code = "not_left_yet"


class AlreadyReturning(Conflict):
    """This piece is coming back, or came back, already."""

    code = "already_returning"


class NotReceived(Conflict):
    """This piece has not come back yet."""

    code = "not_received"


class NotInspectedAgain(Conflict):
    """This piece came back and has not been inspected since."""

    code = "not_inspected_again"


class DispositionDisagrees(Conflict):
    """What is to become of the piece is not what its new inspection says."""

    code = "disposition_disagrees"


@dataclass(frozen=True, slots=True)
class Decided:
    """What becomes of one piece that came back; ``why`` in somebody's words."""

    piece_id: uuid.UUID
    disposition: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class ReturnFilter:
    """What a list of returns is narrowed to; None means everything."""

    order_id: uuid.UUID | None = None
    status: str | None = None


def authorise_return(
    session: Session,
    *,
    order_id: uuid.UUID,
    line_ids: Sequence[uuid.UUID],
    reason: str,
    actor: Actor,
    now: datetime,
    note: str = "",
) -> Return:
    """Let a buyer send lines of her order back; each must have left, and come back once.

    Raises NotLeftYet, AlreadyReturning, and Invalid for a line of another order.
    """
    order = lock_order(session, order_id, actor=actor)
    lines = _named(order, line_ids)
    _refuse_unsent(session, lines)
    _refuse_returning(session, lines)
    back = Return(
        id=new_id(),
        cooperative_id=order.cooperative_id,
        order_id=order.id,
        reason=reason,
        note=note,
        authorised_at=now,
        authorised_by=actor.reference,
        pieces=[
            ReturnPiece(
                cooperative_id=order.cooperative_id, line_id=line.id, piece_id=line.piece_id
            )
            for line in lines
        ],
    )
    session.add(back.begin(ReturnStatus.AUTHORISED, actor=actor, why=reason, at=now))
    session.add(back)
    session.flush()
    return back


def receive_return(
    session: Session,
    *,
    return_id: uuid.UUID,
    location_id: uuid.UUID,
    actor: Actor,
    now: datetime,
    piece_ids: Iterable[uuid.UUID] | None = None,
) -> Return:
    """Take pieces of a return into a room; all that are still on the way unless named.

    They wait there for the inspection bench. What comes later is received later.
    """
    room = get_location(session, location_id, actor=actor)
    back = _locked(session, return_id, actor)
    if back.status not in {ReturnStatus.AUTHORISED, ReturnStatus.RECEIVED}:
        raise Conflict("this return is over", status=back.status)
    coming = _coming(back, piece_ids)
    reason = f"return {back.id}"
    coming_back.take_back(
        session,
        [row.piece_id for row in coming],
        room=room,
        reason=reason,
        actor=actor,
        now=now,
    )
    for row in coming:
        row.received_at = now
    if back.status == ReturnStatus.AUTHORISED:
        back.become(ReturnStatus.RECEIVED, actor=actor, why="it came", at=now)
        back.received_at = now
    session.flush()
    return back


def close_return(
    session: Session,
    *,
    return_id: uuid.UUID,
    decided: Sequence[Decided],
    actor: Actor,
    now: datetime,
) -> Return:
    """Write down what became of pieces that came back; with the last of them the return is closed.

    Restocked: it passed with grade A. Sold as B: it passed with grade B. Written off: it did not
    pass. Raises NotReceived, NotInspectedAgain, DispositionDisagrees.
    """
    back = _locked(session, return_id, actor)
    if back.status == ReturnStatus.AUTHORISED:
        raise NotReceived()
    open_rows = {row.piece_id: row for row in back.pieces if row.disposition is None}
    for place, choice in enumerate(decided):
        row = open_rows.pop(choice.piece_id, None)
        if row is None:
            raise Invalid(
                "not a piece of this return that is open", pointer=f"/pieces/{place}/piece_id"
            )
        pointer = f"/pieces/{place}/why"
        _decide(session, row, choice, pointer=pointer, actor=actor, now=now)
    if all(row.disposition for row in back.pieces if row.received_at):
        back.become(ReturnStatus.CLOSED, actor=actor, why="every piece is decided", at=now)
        back.closed_at = now
    session.flush()
    return back


def cancel_return(session: Session, *, return_id: uuid.UUID, actor: Actor, now: datetime) -> Return:
    """The buyer keeps it after all; possible until something came back. Twice changes nothing."""
    back = _locked(session, return_id, actor)
    if back.status == ReturnStatus.CANCELLED:
        return back
    back.become(ReturnStatus.CANCELLED, actor=actor, why="cancelled", at=now)
    session.flush()
    return back


def get_return(session: Session, return_id: uuid.UUID, *, actor: Actor) -> Return:
    """One return of the actor's co-operative."""
    back = session.get(Return, return_id)
    if back is None or back.cooperative_id != own(actor):
        raise NotFound("no such return")
    return back


def list_returns(
    session: Session,
    *,
    actor: Actor,
    wanted: ReturnFilter,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[Return]:
    """Up to ``limit`` returns of the actor's co-operative, oldest first, after one id."""
    statement = select(Return).where(Return.cooperative_id == own(actor))
    if wanted.order_id:
        get_order(session, wanted.order_id, actor=actor)
        statement = statement.where(Return.order_id == wanted.order_id)
    if wanted.status:
        statement = statement.where(Return.status == wanted.status)
    if after:
        statement = statement.where(Return.id > after)
    shown = selectinload(Return.pieces)
    return list(session.scalars(statement.order_by(Return.id).limit(limit).options(shown)))


def _locked(session: Session, return_id: uuid.UUID, actor: Actor) -> Return:
    back = get_return(session, return_id, actor=actor)
    lock_order(session, back.order_id)
    (locked,) = lock_rows(session, Return, [return_id])
    return locked


def _named(order: Order, line_ids: Sequence[uuid.UUID]) -> list[OrderLine]:
    by_id = {line.id: line for line in order.lines}
    wanted = list(dict.fromkeys(line_ids))
    if not wanted:
        raise Invalid("name a line", pointer="/line_ids")
    for place, line_id in enumerate(wanted):
        if line_id not in by_id:
            raise Invalid("this line is not of the order", pointer=f"/line_ids/{place}")
    return [by_id[line_id] for line_id in wanted]


def _refuse_unsent(session: Session, lines: Sequence[OrderLine]) -> None:
    ids = [line.id for line in lines]
    left = select(ShipmentPiece.line_id).join(Shipment).where(ShipmentPiece.line_id.in_(ids))
    if here := sorted(set(ids) - set(session.scalars(left))):
        raise NotLeftYet(lines=[str(line_id) for line_id in here])


def _refuse_returning(session: Session, lines: Sequence[OrderLine]) -> None:
    """A return that was cancelled, or closed without this piece, does not count."""
    over = ReturnStatus.CLOSED, ReturnStatus.CANCELLED
    again = (
        select(ReturnPiece.line_id)
        .join(Return)
        .where(
            ReturnPiece.line_id.in_([line.id for line in lines]),
            or_(Return.status.not_in(over), ReturnPiece.received_at.is_not(None)),
        )
    )
    if known := sorted(set(session.scalars(again))):
        raise AlreadyReturning(lines=[str(line_id) for line_id in known])


def _coming(back: Return, piece_ids: Iterable[uuid.UUID] | None) -> list[ReturnPiece]:
    on_the_way = {row.piece_id: row for row in back.pieces if row.received_at is None}
    if piece_ids is None:
        if not on_the_way:
            raise Conflict("everything of this return has come already")
        return list(on_the_way.values())
    wanted = list(dict.fromkeys(piece_ids))
    for place, piece_id in enumerate(wanted):
        if piece_id not in on_the_way:
            raise Invalid("this piece is not on its way back", pointer=f"/piece_ids/{place}")
    return [on_the_way[piece_id] for piece_id in wanted]


def _decide(
    session: Session,
    row: ReturnPiece,
    choice: Decided,
    *,
    pointer: str,
    actor: Actor,
    now: datetime,
) -> None:
    if row.received_at is None:
        raise NotReceived(piece=str(row.piece_id))
    (piece,) = stock.lock_pieces(session, [row.piece_id])
    fits = _disposition_of(piece)
    if choice.disposition != fits:
        raise DispositionDisagrees(piece=str(piece.id), inspection_says=fits.value)
    if fits is Disposition.WRITTEN_OFF:
        if not choice.why.strip():
            raise Invalid("say why it is written off", pointer=pointer)
        coming_back.write_off(session, piece, reason=choice.why, actor=actor, now=now)
    row.disposition, row.why = fits.value, choice.why
    row.decided_at, row.decided_by = now, actor.reference


def _disposition_of(piece: Piece) -> Disposition:
    """What the inspection since its return made of a piece."""
    if piece.status in NOT_YET:
        raise NotInspectedAgain(piece=str(piece.id))
    if piece.status in WRITTEN_OFF:
        return Disposition.WRITTEN_OFF
    return Disposition.SOLD_AS_B if piece.grade == Grade.B else Disposition.RESTOCKED
