"""Makers: the women who spin, dye, weave and finish."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Invalid, NotFound
from core.words import Words
from people.cooperatives import own
from people.models import Maker


def add_maker(
    session: Session,
    *,
    legal_name: str,
    public_name: str,
    actor: Actor,
    now: datetime,
    story: Words | None = None,
    photo_url: str | None = None,
    demo: bool = False,
) -> Maker:
    """Write a maker into her co-operative's book."""
    maker = Maker(
        cooperative_id=own(actor),
        legal_name=legal_name,
        public_name=public_name,
        story=story or {},
        photo_url=photo_url,
        demo=demo,
        created_at=now,
        created_by=actor.reference,
    )
    session.add(maker)
    session.flush()
    return maker


def get_maker(session: Session, maker_id: uuid.UUID, *, actor: Actor, lock: bool = False) -> Maker:
    """One maker of the actor's co-operative; anybody else's is not found."""
    found = lock_rows(session, Maker, [maker_id]) if lock else [session.get(Maker, maker_id)]
    if not found or found[0] is None or found[0].cooperative_id != actor.cooperative_id:
        raise NotFound("no such maker")
    return found[0]


def list_makers(
    session: Session, *, actor: Actor, limit: int, after: uuid.UUID | None = None
) -> list[Maker]:
    """Up to ``limit`` makers of the actor's co-operative, oldest first, after one id."""
    statement = select(Maker).where(Maker.cooperative_id == own(actor)).order_by(Maker.id)
    if after:
        statement = statement.where(Maker.id > after)
    return list(session.scalars(statement.limit(limit)))


def makers_by_id(
    session: Session,
    maker_ids: Iterable[uuid.UUID],
    *,
    cooperative_id: uuid.UUID,
    pointer: str = "/maker_id",
) -> dict[uuid.UUID, Maker]:
    """The makers with these ids; raises Invalid when one is not of this co-operative."""
    wanted = set(maker_ids)
    rows = session.scalars(
        select(Maker).where(Maker.id.in_(wanted), Maker.cooperative_id == cooperative_id)
    )
    found = {maker.id: maker for maker in rows}
    if absent := wanted - set(found):
        raise Invalid("no such maker", pointer=pointer, maker_id=str(min(absent)))
    return found
