"""Tag sheets: tags drawn and reserved beforehand, so that a printed sheet works without network."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session, selectinload

from core.actors import Actor
from core.errors import Invalid, NotFound
from core.ids import new_id
from inventory import tags
from inventory.delivery_models import ReservedTag, TagReservation
from inventory.locations import get_location
from inventory.models import IN_STOCK, LocationKind, Piece
from people.cooperatives import own
from people.models import Cooperative


def reserve_tags(
    session: Session,
    *,
    location_id: uuid.UUID,
    reserved_for: date,
    count: int,
    actor: Actor,
    now: datetime,
    note: str = "",
) -> TagReservation:
    """Reserve ``count`` fresh tags (1 to 500) for one place and day; elsewhere they serve too.

    A tag is used once: by the piece that carries it.
    """
    location = get_location(session, location_id, actor=actor)
    if LocationKind(location.kind) not in IN_STOCK:
        raise Invalid("pieces are tagged in a room of the co-op", pointer="/location_id")
    prefix = session.get_one(Cooperative, own(actor)).tag_prefix
    reservation = TagReservation(
        id=new_id(),
        cooperative_id=own(actor),
        location_id=location.id,
        reserved_for=reserved_for,
        tag_count=count,
        note=note,
        created_at=now,
        created_by=actor.reference,
        tags=[
            ReservedTag(cooperative_id=own(actor), tag=tag, position=place)
            for place, tag in enumerate(draw_free(session, prefix, count))
        ],
    )
    session.add(reservation)
    session.flush()
    return reservation


def draw_free(session: Session, prefix: str, count: int) -> list[str]:
    """So many fresh tags that no piece carries and no sheet has printed."""
    found: dict[str, None] = {}
    while len(found) < count:
        drawn = {tags.draw(prefix) for _ in range(count - len(found))} - set(found)
        found |= dict.fromkeys(sorted(drawn - _given(session, drawn)))
    return list(found)


def get_reservation(session: Session, reservation_id: uuid.UUID, *, actor: Actor) -> TagReservation:
    """One reservation of the actor's co-operative."""
    found = session.get(TagReservation, reservation_id)
    if found is None or found.cooperative_id != actor.cooperative_id:
        raise NotFound("no such reservation of tags")
    return found


def list_reservations(
    session: Session, *, actor: Actor, limit: int, after: uuid.UUID | None = None
) -> list[TagReservation]:
    """Up to ``limit`` reservations of the actor's co-operative, oldest first, after one id."""
    statement = select(TagReservation).where(TagReservation.cooperative_id == own(actor))
    if after:
        statement = statement.where(TagReservation.id > after)
    statement = statement.order_by(TagReservation.id).limit(limit)
    return list(session.scalars(statement.options(selectinload(TagReservation.tags))))


def carriers(session: Session, reservations: Iterable[TagReservation]) -> dict[str, uuid.UUID]:
    """The piece that carries each tag of these reservations which was used."""
    wanted = [row.id for row in reservations]
    rows = session.execute(
        select(ReservedTag.tag, Piece.id)
        .join(Piece, Piece.tag == ReservedTag.tag)
        .where(ReservedTag.reservation_id.in_(wanted))
    )
    return {tag: piece_id for tag, piece_id in rows}  # noqa: C416 - rows are no pairs to mypy


def _given(session: Session, drawn: Iterable[str]) -> set[str]:
    wanted = list(drawn)
    carried = select(Piece.tag).where(Piece.tag.in_(wanted))
    printed = select(ReservedTag.tag).where(ReservedTag.tag.in_(wanted))
    return set(session.scalars(union_all(carried, printed)))
