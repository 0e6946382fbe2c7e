"""Locations: the rooms of a co-operative, and the three ends of the world outside them."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid, NotFound
from inventory.models import IN_STOCK, Location, LocationKind
from people.cooperatives import own


class LocationExists(Conflict):
    """There is already a location with this code."""

    code = "location_exists"


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
            session.add(
                Location(
                    cooperative_id=cooperative_id,
                    code=kind.value,
                    name=name,
                    kind=kind.value,
                    created_at=now,
                )
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
    location = Location(
        cooperative_id=cooperative_id, code=code, name=name, kind=kind, created_at=now
    )
    session.add(location)
    session.flush()
    return location


def get_location(session: Session, location_id: uuid.UUID, *, actor: Actor) -> Location:
    """One location of the actor's co-operative."""
    location = session.get(Location, location_id)
    if location is None or location.cooperative_id != actor.cooperative_id:
        raise NotFound("no such location")
    return location


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
