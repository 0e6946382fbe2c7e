"""The rules of the stock room: what a co-operative decides, one version after another."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Invalid
from inventory.designs import get_design
from inventory.locations import get_room
from inventory.stock_rule_models import StockMinimum, StockRules
from people.cooperatives import own
from people.numbering import number_alone


def set_rules(
    session: Session,
    *,
    approval_above_minor: int,
    currency: str,
    age_steps: Sequence[int],
    reason: str,
    actor: Actor,
    now: datetime,
) -> StockRules:
    """Set the next version; it holds from now on, and for nothing before.

    ``approval_above_minor``: what may be missing from a stocktake, in value, without a second
    person. ``age_steps``: days at which one age of stock ends, ascending.
    """
    if any(later <= earlier for earlier, later in pairwise(age_steps)):
        raise Invalid("days in ascending order", pointer="/age_steps")
    cooperative_id = own(actor)
    number_alone(session, cooperative_id)
    last = select(func.max(StockRules.version)).where(StockRules.cooperative_id == cooperative_id)
    rules = StockRules(
        cooperative_id=cooperative_id,
        version=(session.scalar(last) or 0) + 1,
        approval_above_minor=approval_above_minor,
        currency=currency,
        age_steps=list(age_steps),
        reason=reason,
        created_at=now,
        actor=actor.reference,
    )
    session.add(rules)
    session.flush()
    return rules


def rules_at(session: Session, *, cooperative_id: uuid.UUID, at: datetime) -> StockRules | None:
    """The version in force at a moment; None before the first."""
    return session.scalar(
        select(StockRules)
        .where(StockRules.cooperative_id == cooperative_id, StockRules.created_at <= at)
        .order_by(StockRules.version.desc())
        .limit(1)
    )


def list_rules(
    session: Session, *, actor: Actor, limit: int, before: uuid.UUID | None = None
) -> list[StockRules]:
    """Up to ``limit`` versions, newest first, before one id."""
    statement = select(StockRules).where(StockRules.cooperative_id == own(actor))
    if before:
        statement = statement.where(StockRules.id < before)
    return list(session.scalars(statement.order_by(StockRules.id.desc()).limit(limit)))


def set_minimum(
    session: Session,
    *,
    design_id: uuid.UUID,
    location_id: uuid.UUID,
    minimum: int,
    reason: str,
    actor: Actor,
    now: datetime,
) -> StockMinimum:
    """Say how many free pieces of a design a room should have from now on; 0: none need be."""
    design = get_design(session, design_id, actor=actor)
    room = get_room(session, location_id, actor=actor, pointer="/location_id")
    row = StockMinimum(
        cooperative_id=own(actor),
        design_id=design.id,
        location_id=room.id,
        minimum=minimum,
        reason=reason,
        created_at=now,
        actor=actor.reference,
    )
    session.add(row)
    session.flush()
    return row


def list_minimums(
    session: Session, *, actor: Actor, limit: int, before: uuid.UUID | None = None
) -> list[StockMinimum]:
    """Up to ``limit`` minimums that hold, newest first, before one id."""
    newest = (
        select(StockMinimum.id)
        .where(StockMinimum.cooperative_id == own(actor))
        .ext(distinct_on(StockMinimum.location_id, StockMinimum.design_id))
        .order_by(StockMinimum.location_id, StockMinimum.design_id, StockMinimum.id.desc())
    )
    statement = select(StockMinimum).where(StockMinimum.id.in_(newest), StockMinimum.minimum > 0)
    if before:
        statement = statement.where(StockMinimum.id < before)
    return list(session.scalars(statement.order_by(StockMinimum.id.desc()).limit(limit)))
