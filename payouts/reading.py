"""Reading what is owed and how it was met, and why something still waits."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import NotFound
from orders.freezes import why_frozen
from payouts.models import Obligation, ObligationStatus, Settlement
from payouts.rails import Way, ways_of
from payouts.reopening import reversed_unasked
from people.cooperatives import own


@dataclass(frozen=True, slots=True)
class ObligationFilter:
    """What a list of obligations is narrowed to; None means everything."""

    status: str | None = None
    maker_id: uuid.UUID | None = None
    order_id: uuid.UUID | None = None


def list_obligations(
    session: Session,
    *,
    actor: Actor,
    wanted: ObligationFilter,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[Obligation]:
    """Up to ``limit`` obligations of the actor's co-operative, oldest first, after one id."""
    statement = select(Obligation).where(Obligation.cooperative_id == own(actor))
    if wanted.status:
        statement = statement.where(Obligation.status == wanted.status)
    if wanted.maker_id:
        statement = statement.where(Obligation.maker_id == wanted.maker_id)
    if wanted.order_id:
        statement = statement.where(Obligation.order_id == wanted.order_id)
    if after:
        statement = statement.where(Obligation.id > after)
    return list(session.scalars(statement.order_by(Obligation.id).limit(limit)))


def get_obligation(session: Session, obligation_id: uuid.UUID, *, actor: Actor) -> Obligation:
    """One obligation of the actor's co-operative."""
    obligation = session.get(Obligation, obligation_id)
    if obligation is None or obligation.cooperative_id != actor.cooperative_id:
        raise NotFound("no such obligation")
    return obligation


def list_settlements(
    session: Session, *, actor: Actor, limit: int, after: uuid.UUID | None = None
) -> list[Settlement]:
    """Up to ``limit`` settlements of the actor's co-operative, oldest first, after one id."""
    statement = select(Settlement).where(Settlement.cooperative_id == own(actor))
    if after:
        statement = statement.where(Settlement.id > after)
    return list(session.scalars(statement.order_by(Settlement.id).limit(limit)))


def waiting_reasons(session: Session, obligations: list[Obligation]) -> dict[uuid.UUID, str | None]:
    """Why each of these is not settled yet; None for those that are, or were cancelled."""
    return reasons_along(session, obligations, ways_of(session, obligations))


def reasons_along(
    session: Session, obligations: list[Obligation], ways: Mapping[uuid.UUID, Way]
) -> dict[uuid.UUID, str | None]:
    """The same, where their ways are known."""
    orders = [row.order_id for row in obligations if row.order_id]
    cold = why_frozen(session, orders) if orders else {}
    held_back = reversed_unasked(session, obligations)
    reasons: dict[uuid.UUID, str | None] = {}
    for row in obligations:
        frozen = cold.get(row.order_id) if row.order_id else None
        stopped = frozen or ("reversed_at_stripe" if row.id in held_back else None)
        reasons[row.id] = _reason(row, ways.get(row.id), stopped)
    return reasons


def _reason(obligation: Obligation, way: Way | None, stopped: str | None) -> str | None:
    status = ObligationStatus(obligation.status)
    if stopped and status in {ObligationStatus.HELD, ObligationStatus.DUE}:
        return stopped
    if status is ObligationStatus.HELD:
        return "not_handed_over" if obligation.due_at is None else "hold_window"
    if status is ObligationStatus.SETTLING:
        return "being_paid"
    return way.waiting if way is not None and status is ObligationStatus.DUE else None
