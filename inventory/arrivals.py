"""Arrivals: what came of a journey, in as many parts as it came, and what never did.

Whoever unpacks says what she sees. What was sent and is here has arrived; what is here and was sent
with something else is moved too; a tag nobody knows is kept as it was read. Once she says that
nothing more will come, what is still on the way is lost, but for what a buyer was promised: that
stays on the way, for people to look after. What comes later all the same is found again.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid
from core.ids import new_id
from inventory import incidents, stock
from inventory.journey_models import (
    Arrival,
    ArrivalEntry,
    Came,
    Journey,
    JourneyPiece,
    JourneyStatus,
)
from inventory.journeys import awaited_numbers, get_journey
from inventory.locations import get_room
from inventory.models import IN_STOCK, Location, LocationKind, Piece
from inventory.place_models import PiecePlace
from inventory.scans import pieces_by_tag


class ArrivalIdTaken(Conflict):
    """Another arrival was recorded under this id."""

    code = "arrival_id_taken"


@dataclass(frozen=True, slots=True)
class Unpacked:
    """One thing seen: a piece by its id or its tag, as it was read."""

    piece_id: uuid.UUID | None = None
    tag: str = ""
    damaged: bool = False
    note: str = ""
    photo_ids: Sequence[uuid.UUID] = ()


@dataclass(frozen=True, slots=True)
class Unpacking:
    """What was seen, where, and whether it was the last; ``arrived_at`` is the phone's time."""

    entries: Sequence[Unpacked]
    last: bool
    arrived_at: datetime
    location_id: uuid.UUID | None = None
    note: str = ""


@dataclass(slots=True)
class _Table:
    """What lies on the table: each piece with where it was, and what was seen of it."""

    pieces: dict[uuid.UUID, Piece]
    places: dict[uuid.UUID, PiecePlace]
    kinds: dict[uuid.UUID, LocationKind]
    sent: dict[uuid.UUID, uuid.UUID]
    seen: dict[uuid.UUID, Unpacked]
    strange: list[Unpacked] = field(default_factory=list)

    def awaited(self) -> list[Piece]:
        """The pieces of the journey that have not moved since they left, and were not seen."""
        return [
            self.pieces[piece_id]
            for piece_id, movement_id in self.sent.items()
            if piece_id not in self.seen and self.places[piece_id].movement_id == movement_id
        ]


def take_in(
    session: Session,
    *,
    journey_id: uuid.UUID,
    arrival_id: uuid.UUID,
    unpacking: Unpacking,
    request_hash: str,
    actor: Actor,
    now: datetime,
) -> tuple[Arrival, bool]:
    """Take in what came of a journey: the arrival, and whether it is new.

    The same id with the same ``request_hash`` answers with the first. Whoever unpacks the same
    pieces a second time moves nothing. Raises ArrivalIdTaken, LocationClosed.
    """
    journey = get_journey(session, journey_id, actor=actor, lock=True)
    first = session.get(Arrival, arrival_id)
    if first is not None:
        if first.journey_id != journey.id or first.request_hash != request_hash:
            raise ArrivalIdTaken()
        return first, False
    if not unpacking.entries and not unpacking.last:
        raise Invalid("say what came, or that nothing more will", pointer="/entries")
    room = get_room(
        session, unpacking.location_id or journey.to_id, actor=actor, pointer="/location_id"
    )
    table = _lay_out(session, journey, unpacking)
    arrival = Arrival(
        id=arrival_id,
        cooperative_id=journey.cooperative_id,
        journey_id=journey.id,
        location_id=room.id,
        last=unpacking.last,
        note=unpacking.note,
        request_hash=request_hash,
        arrived_at=min(unpacking.arrived_at, now),
        recorded_at=now,
        actor=actor.reference,
    )
    words = f"arrived with journey {journey.id}"
    came = _sort(table, room, arrival.arrived_at)
    _put_away(session, table, room, came, words=words, actor=actor, now=now)
    if unpacking.last:
        came |= _give_up(session, journey, table, actor, now)
    arrival.entries = _entries(arrival, table, came)
    session.add(arrival)
    session.flush()
    _go_on(session, journey, actor, now)
    return arrival, True


def arrivals_of(
    session: Session,
    *,
    journey_id: uuid.UUID,
    actor: Actor,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[Arrival]:
    """Up to ``limit`` arrivals of a journey by their ids, after one."""
    get_journey(session, journey_id, actor=actor)
    statement = select(Arrival).where(Arrival.journey_id == journey_id).order_by(Arrival.id)
    return list(
        session.scalars((statement.where(Arrival.id > after) if after else statement).limit(limit))
    )


def _lay_out(session: Session, journey: Journey, unpacking: Unpacking) -> _Table:
    """Find and lock what was seen and what may be given up, and read where each of them is."""
    found, strange = _recognise(session, journey, unpacking.entries)
    rows = session.execute(
        select(JourneyPiece.piece_id, JourneyPiece.movement_id).where(
            JourneyPiece.journey_id == journey.id
        )
    )
    sent = {piece_id: movement_id for piece_id, movement_id in rows}  # noqa: C416
    locked = stock.lock_pieces(session, {*found, *sent})
    places = _places(session, [piece.id for piece in locked])
    return _Table(
        pieces={piece.id: piece for piece in locked},
        places={place.piece_id: place for place, _kind in places},
        kinds={place.piece_id: LocationKind(kind) for place, kind in places},
        sent=sent,
        seen=found,
        strange=strange,
    )


def _places(session: Session, piece_ids: Sequence[uuid.UUID]) -> list[tuple[PiecePlace, str]]:
    rows = session.execute(
        select(PiecePlace, Location.kind)
        .join(Location, Location.id == PiecePlace.location_id)
        .where(PiecePlace.piece_id.in_(piece_ids))
        .execution_options(populate_existing=True)
    )
    return [(place, kind) for place, kind in rows]


def _recognise(
    session: Session, journey: Journey, entries: Sequence[Unpacked]
) -> tuple[dict[uuid.UUID, Unpacked], list[Unpacked]]:
    """What was seen, by piece, and what nobody knows. A piece that was seen twice is one."""
    home = journey.cooperative_id
    tagged = pieces_by_tag(
        session, (entry.tag for entry in entries if entry.piece_id is None), cooperative_id=home
    )
    named = {entry.piece_id for entry in entries if entry.piece_id is not None}
    ours = set(
        session.scalars(select(Piece.id).where(Piece.id.in_(named), Piece.cooperative_id == home))
    )
    found: dict[uuid.UUID, Unpacked] = {}
    strange = []
    for place, entry in enumerate(entries):
        if entry.piece_id is not None and entry.piece_id not in ours:
            raise Invalid("no such piece", pointer=f"/entries/{place}/piece_id")
        piece_id = entry.piece_id or (tagged[entry.tag].id if entry.tag in tagged else None)
        if piece_id is None:
            strange.append(entry)
        else:
            found.setdefault(piece_id, entry)
    return found, strange


def _sort(table: _Table, room: Location, arrived_at: datetime) -> dict[uuid.UUID, Came]:
    """What each piece that was seen is to the books."""
    return {piece_id: _came(table, piece_id, room, arrived_at) for piece_id in table.seen}


def _came(table: _Table, piece_id: uuid.UUID, room: Location, arrived_at: datetime) -> Came:
    place, kind = table.places[piece_id], table.kinds[piece_id]
    mine = Came.ARRIVED if piece_id in table.sent else Came.EXTRA
    if kind is LocationKind.LOST or place.movement_id == table.sent.get(piece_id):
        return mine
    if kind not in IN_STOCK:
        return Came.ELSEWHERE
    moved_on = place.location_id == room.id or place.since > arrived_at
    return Came.HERE_ALREADY if moved_on else Came.EXTRA


def _put_away(
    session: Session,
    table: _Table,
    room: Location,
    came: dict[uuid.UUID, Came],
    *,
    words: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Move what came into the room; what is damaged is said to be, unless a buyer is promised."""
    moving = [table.pieces[one] for one, how in came.items() if how in {Came.ARRIVED, Came.EXTRA}]
    lost = [piece for piece in moving if table.kinds[piece.id] is LocationKind.LOST]
    others = [piece for piece in moving if table.kinds[piece.id] is not LocationKind.LOST]
    incidents.write_found(session, lost, room, reason=words, actor=actor, now=now)
    if others:
        stock.carry(session, others, room, reason=words, actor=actor, now=now)
    spoilt = [
        table.pieces[one]
        for one, entry in table.seen.items()
        if entry.damaged and came[one] is not Came.ELSEWHERE
    ]
    incidents.write_damaged(session, spoilt, reason=words, actor=actor, now=now)


def _give_up(
    session: Session, journey: Journey, table: _Table, actor: Actor, now: datetime
) -> dict[uuid.UUID, Came]:
    """What is still on the way is lost, but for what a buyer was promised."""
    still = table.awaited()
    promised = {piece.id for piece in still if piece.status in incidents.PROMISED}
    lost = [piece for piece in still if piece.id not in promised]
    reason = f"did not come with journey {journey.id}"
    incidents.write_lost(session, lost, reason=reason, actor=actor, now=now)
    return {piece.id: Came.PROMISED if piece.id in promised else Came.MISSING for piece in still}


def _entries(arrival: Arrival, table: _Table, came: dict[uuid.UUID, Came]) -> list[ArrivalEntry]:
    known: Iterable[tuple[uuid.UUID | None, Came, Unpacked]] = (
        (piece_id, how, table.seen.get(piece_id, Unpacked())) for piece_id, how in came.items()
    )
    strange = ((None, Came.UNKNOWN, entry) for entry in table.strange)
    return [
        ArrivalEntry(
            id=new_id(),
            cooperative_id=arrival.cooperative_id,
            position=position,
            piece_id=piece_id,
            piece=table.pieces[piece_id] if piece_id else None,
            tag=entry.tag,
            came=how.value,
            damaged=entry.damaged,
            note=entry.note,
            photo_ids=list(entry.photo_ids),
        )
        for position, (piece_id, how, entry) in enumerate((*known, *strange))
    ]


def _go_on(session: Session, journey: Journey, actor: Actor, now: datetime) -> None:
    """A journey of which nothing is awaited has ended."""
    if journey.status == JourneyStatus.ENDED:
        return
    if not awaited_numbers(session, [journey.id]):
        journey.become(JourneyStatus.ENDED, actor=actor, why="nothing more is awaited", at=now)
    elif journey.status == JourneyStatus.ON_THE_WAY:
        journey.become(JourneyStatus.PART_ARRIVED, actor=actor, why="some of it came", at=now)
    session.flush()
