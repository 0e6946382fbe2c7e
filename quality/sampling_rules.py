"""Rules of sampling: what may be inspected as a lot, and how closely; one version after another."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actors import Actor, system
from inventory.design_models import Kind
from people.cooperatives import own
from people.numbering import number_alone
from quality.inspection_lot_models import SamplingRules
from quality.sampling_tables import Level

#: A recommendation for goods that are made again and again: general level II, AQL 2.5 for major
#: and 4.0 for minor defects, from 16 equal pieces on; art pieces are looked at one by one.
STARTING_SAMPLING: dict[str, Any] = {
    "level": Level.II.value,
    "major_aql": 25,
    "minor_aql": 40,
    "least_pieces": 16,
    "one_off_kinds": [Kind.LLIKLLA.value, Kind.PONCHO.value, Kind.RUNNER.value],
}


def begin_sampling(session: Session, *, cooperative_id: uuid.UUID, now: datetime) -> None:
    """Give a co-operative the starting set; one that has rules keeps them."""
    if sampling_rules_now(session, cooperative_id=cooperative_id) is None:
        reason = "starting values, until the co-operative decides"
        house = system("house").reference
        _add(session, cooperative_id, STARTING_SAMPLING, reason=reason, actor=house, now=now)


def set_sampling_rules(
    session: Session, *, reason: str, actor: Actor, now: datetime, **rules: Any
) -> SamplingRules:
    """Set the next version; it holds for lots opened from now on.

    ``rules``: all of those in ``STARTING_SAMPLING``; AQLs in tenths.
    """
    kinds = sorted(set(rules["one_off_kinds"]))
    told = {**rules, "one_off_kinds": kinds}
    return _add(session, own(actor), told, reason=reason, actor=actor.reference, now=now)


def sampling_rules_now(session: Session, *, cooperative_id: uuid.UUID) -> SamplingRules | None:
    """The version in force."""
    return session.scalar(
        select(SamplingRules)
        .where(SamplingRules.cooperative_id == cooperative_id)
        .order_by(SamplingRules.version.desc())
        .limit(1)
    )


def list_sampling_rules(
    session: Session, *, actor: Actor, limit: int, before: uuid.UUID | None = None
) -> list[SamplingRules]:
    """Up to ``limit`` versions, newest first, before one id."""
    statement = select(SamplingRules).where(SamplingRules.cooperative_id == own(actor))
    if before:
        shown = select(SamplingRules.version).where(SamplingRules.id == before).scalar_subquery()
        statement = statement.where(SamplingRules.version < shown)
    return list(session.scalars(statement.order_by(SamplingRules.version.desc()).limit(limit)))


def _add(
    session: Session,
    cooperative_id: uuid.UUID,
    told: dict[str, Any],
    *,
    reason: str,
    actor: str,
    now: datetime,
) -> SamplingRules:
    number_alone(session, cooperative_id)
    last = session.scalar(
        select(func.max(SamplingRules.version)).where(
            SamplingRules.cooperative_id == cooperative_id
        )
    )
    rules = SamplingRules(
        cooperative_id=cooperative_id,
        version=(last or 0) + 1,
        reason=reason,
        created_at=now,
        actor=actor,
        **told,
    )
    session.add(rules)
    session.flush()
    return rules
