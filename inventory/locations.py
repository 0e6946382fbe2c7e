"""Locations: the rooms of a co-operative, and the three ends of the world outside them."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import actors
from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from inventory.models import IN_STOCK, ROOMS, Location, LocationKind, LocationStatus
from people.cooperatives import own
from people.numbering import number_alone

HOUSE = actors.system("house")


class LocationExists(Conflict):
    """There is already a location with this code."""

    code = "location_exists"


class LocationChanged(Conflict):
    """Somebody changed the location since you read it."""

    code = "location_changed"


class LocationClosed(Conflict):
    """This location is closed; it takes nothing in."""

    code = "location_closed"


TRANSIT_CODE = "transit"
OUTSIDE = {
    LocationKind.MAKERS: "With the makers",
    LocationKind.BUYERS: "With the buyers",
    LocationKind.LOST: "Lost or damaged",
}


def open_outside(session: Session, *, cooperative_id: uuid.UUID, now: datetime) -> None:
    """Make the three outside locations of a new co-operative; running twice changes nothing."""
    present = set(
        session.scalars(select(Location.kind).where(Location.cooperative_id == cooperative_id))
    )
    for kind, name in OUTSIDE.items():
        if kind.value not in present:
            _open(
                session,
                cooperative_id=cooperative_id,
                code=kind.value,
                name=name,
                kind=kind.value,
                actor=HOUSE,
                now=now,
            )
    session.flush()


def add_location(
    session: Session, *, code: str, name: str, kind: str, actor: Actor, now: datetime
) -> Location:
    """Add a room of the co-operative's own."""
    if LocationKind(kind) not in IN_STOCK:
        raise Invalid("makers, buyers and lost are there already", pointer="/kind")
    cooperative_id = own(actor)
    taken = select(Location).where(Location.cooperative_id == cooperative_id, Location.code == code)
    if session.scalar(taken) is not None:
        raise LocationExists()
    location = _open(
        session,
        cooperative_id=cooperative_id,
        code=code,
        name=name,
        kind=kind,
        actor=actor,
        now=now,
    )
    session.flush()
    return location


def change_location(
    session: Session, *, location_id: uuid.UUID, version: int, actor: Actor, name: str
) -> Location:
    """Give a location another name; ``version`` is the one that was read. Code and kind stay."""
    location = _lock(session, location_id, actor)
    if location.version != version:
        raise LocationChanged(version=location.version)
    location.name = name
    location.version += 1
    session.flush()
    return location


def close_location(
    session: Session, *, location_id: uuid.UUID, reason: str, actor: Actor, now: datetime
) -> Location:
    """Take nothing in here any more; what is in it may leave."""
    location = _lock(session, location_id, actor)
    return _become(session, location, LocationStatus.CLOSED, reason=reason, actor=actor, now=now)


def reopen_location(
    session: Session, *, location_id: uuid.UUID, reason: str, actor: Actor, now: datetime
) -> Location:
    """Take in again."""
    location = _lock(session, location_id, actor)
    return _become(session, location, LocationStatus.OPEN, reason=reason, actor=actor, now=now)


def get_location(session: Session, location_id: uuid.UUID, *, actor: Actor) -> Location:
    """One location of the actor's co-operative."""
    location = session.get(Location, location_id)
    if location is None or location.cooperative_id != actor.cooperative_id:
        raise NotFound("no such location")
    return location


def get_room(session: Session, location_id: uuid.UUID, *, actor: Actor, pointer: str) -> Location:
    """A location where a person can put pieces down. Raises NotFound, Invalid."""
    location = get_location(session, location_id, actor=actor)
    if LocationKind(location.kind) not in ROOMS:
        raise Invalid("this is not a room of the house", pointer=pointer)
    return location


def check_open(location: Location) -> None:
    """Raise LocationClosed for a location that takes nothing in."""
    if location.status == LocationStatus.CLOSED:
        raise LocationClosed(location=str(location.id))


def on_the_way(session: Session, cooperative_id: uuid.UUID, *, now: datetime) -> Location:
    """Where pieces are that somebody carries: the oldest open place of transit, or a new one."""
    open_transit = (
        select(Location)
        .where(
            Location.cooperative_id == cooperative_id,
            Location.kind == LocationKind.TRANSIT,
            Location.status == LocationStatus.OPEN,
        )
        .order_by(Location.id)
        .limit(1)
    )
    found = session.scalar(open_transit)
    if found is None:
        number_alone(session, cooperative_id)
        found = session.scalar(open_transit)
    return found or _open_transit(session, cooperative_id, now)


def outside(session: Session, cooperative_id: uuid.UUID, kind: LocationKind) -> Location:
    """The makers', the buyers' or the lost end of a co-operative."""
    return session.scalars(
        select(Location).where(
            Location.cooperative_id == cooperative_id, Location.kind == kind.value
        )
    ).one()


def list_locations(
    session: Session, *, actor: Actor, limit: int, after: uuid.UUID | None = None
) -> list[Location]:
    """Up to ``limit`` locations of the actor's co-operative, oldest first, after one id."""
    statement = select(Location).where(Location.cooperative_id == own(actor)).order_by(Location.id)
    if after:
        statement = statement.where(Location.id > after)
    return list(session.scalars(statement.limit(limit)))


def _open(session: Session, *, actor: Actor, now: datetime, **given: Any) -> Location:
    location = Location(id=new_id(), version=1, created_at=now, **given)
    session.add(location.begin(LocationStatus.OPEN, actor=actor, why="opened", at=now))
    session.add(location)
    return location


def _open_transit(session: Session, cooperative_id: uuid.UUID, now: datetime) -> Location:
    taken = select(Location.id).where(
        Location.cooperative_id == cooperative_id, Location.code == TRANSIT_CODE
    )
    free = session.scalar(taken) is None
    location = _open(
        session,
        cooperative_id=cooperative_id,
        code=TRANSIT_CODE if free else f"{TRANSIT_CODE}-{new_id().hex[-6:]}",
        name="On the way",
        kind=LocationKind.TRANSIT.value,
        actor=HOUSE,
        now=now,
    )
    session.flush()
    return location


def _lock(session: Session, location_id: uuid.UUID, actor: Actor) -> Location:
    """A room or a place of transit, to be changed. Raises NotFound, and Invalid for the ends."""
    found = lock_rows(session, Location, [location_id], alone=True)
    if not found or found[0].cooperative_id != actor.cooperative_id:
        raise NotFound("no such location")
    if LocationKind(found[0].kind) not in IN_STOCK:
        raise Invalid("makers, buyers and lost are as they are")
    return found[0]


def _become(
    session: Session,
    location: Location,
    status: LocationStatus,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Location:
    location.become(status, actor=actor, why=reason, at=now)
    location.version += 1
    session.flush()
    return location
