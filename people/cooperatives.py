"""Co-operatives: Huilloc first; others join without code."""

import uuid
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Forbidden, NotFound
from people.models import Cooperative

#: By country, the time by which its co-operatives count days and months; UTC elsewhere.
ZONES = {"PE": "America/Lima"}


def found_cooperative(
    session: Session,
    *,
    slug: str,
    name: str,
    tag_prefix: str,
    country: str,
    place: str,
    currency: str,
    now: datetime,
) -> Cooperative:
    """Add a co-operative, or return the one that already has this slug."""
    existing = session.scalar(select(Cooperative).where(Cooperative.slug == slug))
    if existing is not None:
        return existing
    cooperative = Cooperative(
        slug=slug,
        name=name,
        tag_prefix=tag_prefix,
        country=country,
        place=place,
        currency=currency,
        created_at=now,
    )
    session.add(cooperative)
    session.flush()
    return cooperative


def get_cooperative(session: Session, slug: str) -> Cooperative:
    """The co-operative with this slug."""
    found = session.scalar(select(Cooperative).where(Cooperative.slug == slug))
    if found is None:
        raise NotFound(f"no co-operative called {slug}")
    return found


def zone_of(cooperative: Cooperative) -> tzinfo:
    """The time zone of a co-operative's own days and months."""
    name = ZONES.get(cooperative.country)
    return UTC if name is None else ZoneInfo(name)


def day_of(session: Session, cooperative_id: uuid.UUID, at: datetime) -> date:
    """The calendar day at a co-operative, by the clocks of its country."""
    return at.astimezone(zone_of(session.get_one(Cooperative, cooperative_id))).date()


def own(actor: Actor) -> uuid.UUID:
    """The id of the co-operative in whose name the actor acts."""
    if actor.cooperative_id is None:
        raise Forbidden("this needs somebody of a co-operative")
    return actor.cooperative_id
