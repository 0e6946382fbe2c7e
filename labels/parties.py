"""Who answers for the co-operative's goods in a market: importer, responsible person, herself."""

import uuid
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from labels.models import LabelParty
from people.cooperatives import own


def set_party(
    session: Session,
    *,
    market: str,
    name: str,
    address: str,
    valid_from: date,
    actor: Actor,
    now: datetime,
    contact: str | None = None,
    registration: str | None = None,
) -> LabelParty:
    """Say who answers in a market, from a day on; the newest that has begun is printed."""
    row = LabelParty(
        cooperative_id=own(actor),
        market=market,
        name=name,
        address=address,
        contact=contact,
        registration=registration,
        valid_from=valid_from,
        created_at=now,
        actor=actor.reference,
    )
    session.add(row)
    session.flush()
    return row


def list_parties(
    session: Session, *, actor: Actor, limit: int, before: uuid.UUID | None = None
) -> list[LabelParty]:
    """Up to ``limit`` of the co-operative's, newest first, before one id."""
    statement = select(LabelParty).where(LabelParty.cooperative_id == own(actor))
    if before:
        statement = statement.where(LabelParty.id < before)
    return list(session.scalars(statement.order_by(LabelParty.id.desc()).limit(limit)))


def party_in(
    session: Session, *, cooperative_id: uuid.UUID, market: str, on: date
) -> LabelParty | None:
    """Who answers in a market on a day; None where nobody was named."""
    return session.scalar(
        select(LabelParty)
        .where(
            LabelParty.cooperative_id == cooperative_id,
            LabelParty.market == market,
            LabelParty.valid_from <= on,
        )
        .order_by(LabelParty.valid_from.desc(), LabelParty.id.desc())
        .limit(1)
    )
