"""Incidents: a piece is lost, damaged, found again or mended; each is an act with its reason.

A piece that is held for a buyer is neither lost nor damaged: its order is ended first. One that is
sold is, when whoever reports it says that she knows: then it names the order, whose buyer waits for
an answer, and `pallay reconcile` names both until somebody has refunded it.
"""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid
from core.ids import new_id
from inventory import stock
from inventory.incident_models import Incident, IncidentKind
from inventory.listing_models import ListingPiece
from inventory.locations import get_room, outside
from inventory.models import Hold, HoldStatus, Location, LocationKind, Piece, PieceStatus
from inventory.on_hand import refuse_awaited
from inventory.pieces import get_piece

log = logging.getLogger("pallay.inventory")

#: Found is what was lost, mended what was damaged; both are looked at again before they are sold.
LOOKED_AT = PieceStatus.INSPECTING
COMES_FROM = {
    IncidentKind.FOUND: PieceStatus.LOST,
    IncidentKind.MENDED: PieceStatus.DAMAGED,
}
GOES_WRONG = frozenset({IncidentKind.LOST, IncidentKind.DAMAGED})
PROMISED = frozenset({PieceStatus.HELD, PieceStatus.SOLD})


class IncidentIdTaken(Conflict):
    """Another incident was reported under this id."""

    code = "incident_id_taken"


class PiecePromised(Conflict):
    """The piece is held for a buyer or sold; it is not lost or damaged without a word to her."""

    code = "piece_promised"


class NotLost(Conflict):
    """Only a lost piece is found, and only a damaged one is mended."""

    code = "not_lost"


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody says happened; ``location_id``: where it was found.

    ``although_sold``: she knows that a buyer has paid for it. ``photo_ids`` are the phone's.
    """

    kind: IncidentKind
    reason: str
    happened_at: datetime
    location_id: uuid.UUID | None = None
    although_sold: bool = False
    photo_ids: Sequence[uuid.UUID] = ()


def report_incident(
    session: Session,
    *,
    incident_id: uuid.UUID,
    piece_id: uuid.UUID,
    report: Report,
    request_hash: str,
    actor: Actor,
    now: datetime,
) -> tuple[Incident, bool]:
    """Write down what happened to a piece, and move it accordingly: the row, and whether it is new.

    The same id with the same ``request_hash`` answers with the first. Raises PiecePromised,
    PieceOnTheWay, NotLost, IllegalMove, NotInStock.
    """
    piece = get_piece(session, piece_id, actor=actor, lock=True)
    first = session.get(Incident, incident_id)
    if first is not None:
        if first.piece_id != piece.id or first.request_hash != request_hash:
            raise IncidentIdTaken()
        return first, False
    room = _room(session, report, actor)
    order_id = _check(session, piece, report)
    incident = Incident(
        id=incident_id,
        cooperative_id=piece.cooperative_id,
        piece_id=piece.id,
        kind=report.kind.value,
        reason=report.reason,
        location_id=room.id if room else None,
        order_id=order_id,
        photo_ids=list(report.photo_ids),
        request_hash=request_hash,
        happened_at=min(report.happened_at, now),
        recorded_at=now,
        actor=actor.reference,
    )
    session.add(incident)
    _carry_out(session, piece, report, room, actor=actor, now=now)
    if order_id is not None:
        log.error("sold, and %s: %s", report.kind, piece.tag, extra={"order_id": str(order_id)})
    return incident, True


def lose(session: Session, piece: Piece, *, reason: str, actor: Actor, now: datetime) -> None:
    """A piece is lost because a person moved it there; the same act with a report of its own."""
    report = Report(IncidentKind.LOST, reason, now)
    report_incident(
        session,
        incident_id=new_id(),
        piece_id=piece.id,
        report=report,
        request_hash="",
        actor=actor,
        now=now,
    )


def write_lost(
    session: Session, pieces: Sequence[Piece], *, reason: str, actor: Actor, now: datetime
) -> None:
    """Pieces are lost: their life, their place, and no listing offers them. They must be locked."""
    if not pieces:
        return
    for piece in pieces:
        piece.become(PieceStatus.LOST, actor=actor, why=reason, at=now)
    there = outside(session, pieces[0].cooperative_id, LocationKind.LOST)
    stock.carry(session, pieces, there, reason=reason, actor=actor, now=now)
    _no_longer_offered(session, pieces)


def write_found(
    session: Session,
    pieces: Sequence[Piece],
    room: Location,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Lost pieces are in a room again, and wait for an inspection. They must be locked."""
    for piece in pieces:
        piece.become(LOOKED_AT, actor=actor, why=reason, at=now)
    if pieces:
        stock.carry(session, pieces, room, reason=reason, actor=actor, now=now)


def write_damaged(
    session: Session, pieces: Sequence[Piece], *, reason: str, actor: Actor, now: datetime
) -> None:
    """Pieces are damaged, and no listing offers them; one that a buyer was promised is left to
    people. They must be locked."""
    spoilt = [piece for piece in pieces if piece.status not in {*PROMISED, PieceStatus.DAMAGED}]
    for piece in spoilt:
        piece.become(PieceStatus.DAMAGED, actor=actor, why=reason, at=now)
    _no_longer_offered(session, spoilt)


def incidents_of(
    session: Session,
    *,
    piece_id: uuid.UUID,
    actor: Actor,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[Incident]:
    """Up to ``limit`` incidents of a piece by their ids, after one."""
    get_piece(session, piece_id, actor=actor)
    statement = select(Incident).where(Incident.piece_id == piece_id).order_by(Incident.id)
    return list(
        session.scalars((statement.where(Incident.id > after) if after else statement).limit(limit))
    )


def _room(session: Session, report: Report, actor: Actor) -> Location | None:
    """Where a found piece was found; nothing else names a place."""
    if (report.kind is IncidentKind.FOUND) != (report.location_id is not None):
        raise Invalid("say where it was found, and only then", pointer="/location_id")
    if report.location_id is None:
        return None
    return get_room(session, report.location_id, actor=actor, pointer="/location_id")


def _check(session: Session, piece: Piece, report: Report) -> uuid.UUID | None:
    """The order a sold piece belongs to, if this may happen to the piece at all."""
    wanted = COMES_FROM.get(report.kind)
    if wanted is not None and piece.status != wanted:
        raise NotLost(status=piece.status)
    if report.kind not in GOES_WRONG:
        return None
    refuse_awaited(session, [piece.id])
    if piece.status not in PROMISED:
        return None
    hold = session.scalars(
        select(Hold).where(
            Hold.piece_id == piece.id, Hold.status.in_([HoldStatus.HELD, HoldStatus.SOLD])
        )
    ).one()
    if piece.status == PieceStatus.SOLD and report.although_sold:
        return hold.order_id
    raise PiecePromised(status=piece.status, order=str(hold.order_id))


def _carry_out(
    session: Session,
    piece: Piece,
    report: Report,
    room: Location | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    if report.kind is IncidentKind.LOST:
        write_lost(session, [piece], reason=report.reason, actor=actor, now=now)
    elif room is not None:
        write_found(session, [piece], room, reason=report.reason, actor=actor, now=now)
    else:
        became = PieceStatus.DAMAGED if report.kind is IncidentKind.DAMAGED else LOOKED_AT
        piece.become(became, actor=actor, why=report.reason, at=now)
        if became is PieceStatus.DAMAGED:
            _no_longer_offered(session, [piece])
    session.flush()


def _no_longer_offered(session: Session, pieces: Sequence[Piece]) -> None:
    session.flush()
    ids = [piece.id for piece in pieces]
    session.execute(delete(ListingPiece).where(ListingPiece.piece_id.in_(ids)))
