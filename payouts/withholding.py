"""Rules of withholding: rates with their dates, as the co-operative's accountant confirms them."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Invalid
from payouts.dated import in_force, next_version
from payouts.purchase_models import WithholdingKind, WithholdingRule
from people.cooperatives import own
from people.numbering import number_alone


def set_withholding_rule(
    session: Session,
    *,
    kind: str,
    rate_bp: int,
    valid_from: date,
    verified: bool,
    source: str,
    actor: Actor,
    now: datetime,
    valid_to: date | None = None,
) -> WithholdingRule:
    """Write down a rate in basis points, from a day on; the newest version for a day holds."""
    if valid_to is not None and valid_to < valid_from:
        raise Invalid("it ends before it begins", pointer="/valid_to")
    cooperative_id = own(actor)
    number_alone(session, cooperative_id)
    rule = WithholdingRule(
        cooperative_id=cooperative_id,
        kind=kind,
        version=next_version(session, WithholdingRule, cooperative_id=cooperative_id, kind=kind),
        rate_bp=rate_bp,
        valid_from=valid_from,
        valid_to=valid_to,
        verified=verified,
        source=source,
        recorded_at=now,
        recorded_by=actor.reference,
    )
    session.add(rule)
    session.flush()
    return rule


def list_withholding_rules(
    session: Session, *, actor: Actor, limit: int, before: uuid.UUID | None = None
) -> list[WithholdingRule]:
    """Up to ``limit`` versions of every rule, the newest written first, before one id."""
    statement = select(WithholdingRule).where(WithholdingRule.cooperative_id == own(actor))
    if before:
        statement = statement.where(WithholdingRule.id < before)
    return list(session.scalars(statement.order_by(WithholdingRule.id.desc()).limit(limit)))


def every_rule(session: Session, *, cooperative_id: uuid.UUID) -> list[WithholdingRule]:
    """All of a co-operative's: a few a year."""
    return list(
        session.scalars(
            select(WithholdingRule).where(WithholdingRule.cooperative_id == cooperative_id)
        )
    )


def rules_on(rules: Sequence[WithholdingRule], day: date) -> dict[str, WithholdingRule]:
    """By kind, the rule for a purchase of that day."""
    begun = in_force(rules, WithholdingKind, day)
    return {row.kind: row for row in begun if row.valid_to is None or day <= row.valid_to}
