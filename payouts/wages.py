"""Reference wages: a co-operative's own, one version after another, each from a day on."""

import uuid
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Invalid
from payouts.dated import next_version
from payouts.wage_models import ReferenceWage
from people.cooperatives import own
from people.models import Cooperative
from people.numbering import number_alone


def set_reference_wage(
    session: Session,
    *,
    kind: str,
    amount_minor: int,
    currency: str,
    minutes: int,
    valid_from: date,
    source: str,
    actor: Actor,
    now: datetime,
) -> ReferenceWage:
    """Write down what ``minutes`` of work are worth by one measure, from a day on.

    The newest version for a day holds. Raises Invalid for another currency than the co-operative's
    own, because what makers get is compared in that one.
    """
    cooperative = session.get_one(Cooperative, own(actor))
    if currency != cooperative.currency:
        raise Invalid("a wage is in the co-operative's own currency", pointer="/wage/currency")
    number_alone(session, cooperative.id)
    wage = ReferenceWage(
        cooperative_id=cooperative.id,
        kind=kind,
        version=next_version(session, ReferenceWage, cooperative_id=cooperative.id, kind=kind),
        amount_minor=amount_minor,
        minutes=minutes,
        currency=currency,
        valid_from=valid_from,
        source=source,
        recorded_at=now,
        recorded_by=actor.reference,
    )
    session.add(wage)
    session.flush()
    return wage


def list_reference_wages(
    session: Session, *, actor: Actor, limit: int, before: uuid.UUID | None = None
) -> list[ReferenceWage]:
    """Up to ``limit`` versions of every measure, the newest written first, before one id."""
    statement = select(ReferenceWage).where(ReferenceWage.cooperative_id == own(actor))
    if before:
        statement = statement.where(ReferenceWage.id < before)
    return list(session.scalars(statement.order_by(ReferenceWage.id.desc()).limit(limit)))


def every_wage(
    session: Session, *, cooperative_id: uuid.UUID, currency: str
) -> list[ReferenceWage]:
    """All of a co-operative's in its own currency: a few a year."""
    return list(
        session.scalars(
            select(ReferenceWage).where(
                ReferenceWage.cooperative_id == cooperative_id, ReferenceWage.currency == currency
            )
        )
    )
