"""Colour standards: a code, names and a swatch, so that red means the same to both sides."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict
from core.words import Words
from inventory.colour_models import ColourStandard
from people.cooperatives import own


class ColourExists(Conflict):
    """There is already a colour with this code."""

    code = "colour_exists"


def add_colour(
    session: Session,
    *,
    code: str,
    name: Words,
    actor: Actor,
    now: datetime,
    swatch_photo_id: uuid.UUID | None = None,
    swatch_place: str = "",
) -> ColourStandard:
    """Add a colour; it is never changed, a new shade gets a new code."""
    cooperative_id = own(actor)
    taken = select(ColourStandard.id).where(
        ColourStandard.cooperative_id == cooperative_id, ColourStandard.code == code
    )
    if session.scalar(taken) is not None:
        raise ColourExists()
    colour = ColourStandard(
        cooperative_id=cooperative_id,
        code=code,
        name=name,
        swatch_photo_id=swatch_photo_id,
        swatch_place=swatch_place,
        created_at=now,
        created_by=actor.reference,
    )
    session.add(colour)
    session.flush()
    return colour


def list_colours(
    session: Session, *, actor: Actor, limit: int, after: uuid.UUID | None = None
) -> list[ColourStandard]:
    """Up to ``limit`` colours of the actor's co-operative, oldest first, after one id."""
    statement = select(ColourStandard).where(ColourStandard.cooperative_id == own(actor))
    if after:
        statement = statement.where(ColourStandard.id > after)
    return list(session.scalars(statement.order_by(ColourStandard.id).limit(limit)))


def known_colours(
    session: Session, colour_ids: Iterable[uuid.UUID], *, cooperative_id: uuid.UUID
) -> set[uuid.UUID]:
    """Which of these are colours of the co-operative."""
    return set(
        session.scalars(
            select(ColourStandard.id).where(
                ColourStandard.id.in_(set(colour_ids)),
                ColourStandard.cooperative_id == cooperative_id,
            )
        )
    )
