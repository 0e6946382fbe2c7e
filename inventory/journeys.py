"""Journeys: pieces are sent from one room to another; until they arrive they are on the way.

The ids are made on the phone, so that what was sent twice is written once. What left is written
here; what came of it, in ``arrivals``. A piece is on the way while the movement by which it left is
its newest: whatever takes it elsewhere ends its journey.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, Invalid, NotFound
from inventory import stock
from inventory.journey_models import Journey, JourneyPiece, JourneyStatus
from inventory.locations import check_open, get_room, on_the_way
from inventory.models import Location, Piece
from inventory.place_models import PiecePlace
from people.cooperatives import own

OPEN = (JourneyStatus.ON_THE_WAY, JourneyStatus.PART_ARRIVED)


class JourneyIdTaken(Conflict):
    """Another journey was recorded under this id."""

    code = "journey_id_taken"


class PiecesNotHere(Conflict):
    """Some of these pieces are not in the room they are said to leave."""

    code = "pieces_not_here"


@dataclass(frozen=True, slots=True)
class Sending:
    """What leaves, from where to where, who carries it; ``sent_at`` is the phone's time."""

    from_id: uuid.UUID
    to_id: uuid.UUID
    piece_ids: Sequence[uuid.UUID]
    carrier: str
    sent_at: datetime
    expected_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class JourneySeen:
    """A journey with how many of its pieces are still awaited, and for how long it has been."""

    journey: Journey
    awaited: int
    age_days: int
    late: bool


def send(
    session: Session,
    *,
    journey_id: uuid.UUID,
    sending: Sending,
    request_hash: str,
    actor: Actor,
    now: datetime,
) -> tuple[Journey, bool]:
    """Send pieces off, all of them or none: the journey, and whether it is new.

    The same id with the same ``request_hash`` answers with the first. Raises JourneyIdTaken,
    PiecesNotHere (with where each of them is), LocationClosed.
    """
    origin, destination = _ends(session, sending, actor)
    if not _claim(session, journey_id, sending, request_hash, actor=actor, now=now):
        return _first(session, journey_id, request_hash, actor), False
    journey = session.get_one(Journey, journey_id)
    check_open(destination)
    transit = on_the_way(session, journey.cooperative_id, now=now)
    pieces = _take(session, origin, sending.piece_ids, actor)
    session.add(journey.begin(JourneyStatus.ON_THE_WAY, actor=actor, why="sent", at=now))
    reason = f"sent to {destination.name} with {sending.carrier}"
    stock.carry(session, pieces, transit, reason=reason, actor=actor, now=now)
    left = stock.last_movements(session, [piece.id for piece in pieces])
    session.add_all(
        JourneyPiece(
            cooperative_id=journey.cooperative_id,
            journey_id=journey.id,
            piece_id=piece.id,
            movement_id=left[piece.id].id,
        )
        for piece in pieces
    )
    session.flush()
    return journey, True


def get_journey(
    session: Session, journey_id: uuid.UUID, *, actor: Actor, lock: bool = False
) -> Journey:
    """One journey of the actor's co-operative."""
    found = (
        lock_rows(session, Journey, [journey_id]) if lock else [session.get(Journey, journey_id)]
    )
    if not found or found[0] is None or found[0].cooperative_id != actor.cooperative_id:
        raise NotFound("no such journey")
    return found[0]


def list_journeys(
    session: Session,
    *,
    actor: Actor,
    limit: int,
    status: str | None = None,
    to_id: uuid.UUID | None = None,
    after: uuid.UUID | None = None,
) -> list[Journey]:
    """Up to ``limit`` journeys, in the order of their ids; ``open`` is what has not ended."""
    statement = select(Journey).where(Journey.cooperative_id == own(actor)).order_by(Journey.id)
    if status == "open":
        statement = statement.where(Journey.status.in_(OPEN))
    elif status:
        statement = statement.where(Journey.status == status)
    if to_id:
        statement = statement.where(Journey.to_id == to_id)
    if after:
        statement = statement.where(Journey.id > after)
    return list(session.scalars(statement.limit(limit)))


def seen(session: Session, journeys: Sequence[Journey], *, now: datetime) -> list[JourneySeen]:
    """Journeys as people look at them: what is awaited, the days since, and whether it is late."""
    still = awaited_numbers(session, [journey.id for journey in journeys])
    return [
        JourneySeen(
            journey,
            awaited=still.get(journey.id, 0),
            age_days=max((now - journey.sent_at) // timedelta(days=1), 0),
            late=_late(journey, now),
        )
        for journey in journeys
    ]


def awaited_numbers(session: Session, journey_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many pieces of each of these journeys are on the way."""
    rows = session.execute(
        select(JourneyPiece.journey_id, func.count())
        .join(PiecePlace, PiecePlace.movement_id == JourneyPiece.movement_id)
        .where(JourneyPiece.journey_id.in_(list(journey_ids)))
        .group_by(JourneyPiece.journey_id)
    )
    return {journey_id: number for journey_id, number in rows}  # noqa: C416


def pieces_of(session: Session, journey_id: uuid.UUID) -> list[tuple[Piece, bool]]:
    """The pieces of a journey (500 at most), each with whether it is still on the way."""
    rows = session.execute(
        select(Piece, PiecePlace.movement_id == JourneyPiece.movement_id)
        .join(JourneyPiece, JourneyPiece.piece_id == Piece.id)
        .join(PiecePlace, PiecePlace.piece_id == Piece.id)
        .where(JourneyPiece.journey_id == journey_id)
        .order_by(Piece.id)
    )
    return [(piece, awaited) for piece, awaited in rows]


def _late(journey: Journey, now: datetime) -> bool:
    expected = journey.expected_on
    return journey.status in OPEN and expected is not None and expected < now.date()


def _ends(session: Session, sending: Sending, actor: Actor) -> tuple[Location, Location]:
    origin = get_room(session, sending.from_id, actor=actor, pointer="/from_id")
    destination = get_room(session, sending.to_id, actor=actor, pointer="/to_id")
    if origin.id == destination.id:
        raise Invalid("it goes somewhere else", pointer="/to_id")
    if len(set(sending.piece_ids)) < len(sending.piece_ids):
        raise Invalid("a piece is named twice", pointer="/piece_ids")
    return origin, destination


def _claim(
    session: Session,
    journey_id: uuid.UUID,
    sending: Sending,
    request_hash: str,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Write the journey's row first, so that an overlapping retry waits here."""
    statement = (
        insert(Journey)
        .values(
            id=journey_id,
            cooperative_id=own(actor),
            status=JourneyStatus.ON_THE_WAY,
            from_id=sending.from_id,
            to_id=sending.to_id,
            carrier=sending.carrier,
            expected_on=sending.expected_on,
            note=sending.note,
            piece_count=len(sending.piece_ids),
            request_hash=request_hash,
            sent_at=min(sending.sent_at, now),
            recorded_at=now,
            actor=actor.reference,
        )
        .on_conflict_do_nothing()
        .returning(Journey.id)
    )
    return session.scalar(statement) is not None


def _first(session: Session, journey_id: uuid.UUID, request_hash: str, actor: Actor) -> Journey:
    journey = session.get_one(Journey, journey_id)
    if journey.cooperative_id != actor.cooperative_id or journey.request_hash != request_hash:
        raise JourneyIdTaken()
    return journey


def _take(
    session: Session, origin: Location, piece_ids: Sequence[uuid.UUID], actor: Actor
) -> list[Piece]:
    """Lock the pieces, all of which have to be in the room they leave."""
    pieces = stock.lock_pieces(session, piece_ids)
    ours = {piece.id for piece in pieces if piece.cooperative_id == actor.cooperative_id}
    for place, piece_id in enumerate(piece_ids):
        if piece_id not in ours:
            raise Invalid("no such piece", pointer=f"/piece_ids/{place}")
    rows = session.execute(
        select(PiecePlace.piece_id, PiecePlace.location_id).where(
            PiecePlace.piece_id.in_(ours), PiecePlace.location_id != origin.id
        )
    )
    if elsewhere := {str(piece_id): str(place) for piece_id, place in rows}:
        raise PiecesNotHere(pieces=sorted(elsewhere), places=elsewhere)
    return pieces
