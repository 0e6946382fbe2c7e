"""Care symbols: what a design can stand, said once for each of the trade's five questions."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from core.actors import Actor
from inventory.designs import get_design
from labels.models import CareSymbols


def set_care(
    session: Session,
    *,
    design_id: uuid.UUID,
    wash: str,
    bleach: str,
    dry: str,
    iron: str,
    professional: str,
    basis: str,
    actor: Actor,
    now: datetime,
) -> CareSymbols:
    """Say how a design is cared for, from now on; ``basis``: on what that rests."""
    design = get_design(session, design_id, actor=actor)
    row = CareSymbols(
        cooperative_id=design.cooperative_id,
        design_id=design.id,
        wash=wash,
        bleach=bleach,
        dry=dry,
        iron=iron,
        professional=professional,
        basis=basis,
        created_at=now,
        actor=actor.reference,
    )
    session.add(row)
    session.flush()
    return row


def list_care(
    session: Session,
    *,
    design_id: uuid.UUID,
    actor: Actor,
    limit: int,
    before: uuid.UUID | None = None,
) -> list[CareSymbols]:
    """Up to ``limit`` of what was said of a design's care, newest first, before one id."""
    design = get_design(session, design_id, actor=actor)
    statement = select(CareSymbols).where(CareSymbols.design_id == design.id)
    if before:
        statement = statement.where(CareSymbols.id < before)
    return list(session.scalars(statement.order_by(CareSymbols.id.desc()).limit(limit)))


def care_of(session: Session, design_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, CareSymbols]:
    """For each design that has any, the symbols that count."""
    rows = session.scalars(
        select(CareSymbols)
        .where(CareSymbols.design_id.in_(list(design_ids)))
        .ext(distinct_on(CareSymbols.design_id))
        .order_by(CareSymbols.design_id, CareSymbols.id.desc())
    )
    return {row.design_id: row for row in rows}
