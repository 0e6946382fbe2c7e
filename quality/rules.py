"""Grading rules: how findings become a proposal, one version after another.

The starting set follows the trade's usual grades; it is a recommendation, so every co-operative
sets its own versions.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from core.actors import Actor, system
from core.errors import Invalid
from people.cooperatives import own
from people.numbering import number_alone
from quality.bench_models import GradingRules

#: A: export and online, some minor marks of the hand. B: local sale, its defect disclosed, at the
#: full price until the co-operative agrees on another. Rework at most twice.
STARTING_RULES: dict[str, int] = {
    "minor_a": 2,
    "major_a": 0,
    "outside_a": 0,
    "against_a": 0,
    "minor_b": 5,
    "major_b": 1,
    "outside_b": 1,
    "against_b": 0,
    "b_reduced_bp": 0,
    "rework_rounds": 2,
    "rework_days": 14,
}
ALLOWED = ("minor", "major", "outside", "against")


def begin_rules(session: Session, *, cooperative_id: uuid.UUID, now: datetime) -> None:
    """Give a co-operative the starting set; one that has rules keeps them."""
    if rules_at(session, cooperative_id=cooperative_id, at=now) is None:
        reason = "starting values, until the co-operative decides"
        house = system("house").reference
        _add(session, cooperative_id, STARTING_RULES, reason=reason, actor=house, now=now)


def set_rules(
    session: Session, *, reason: str, actor: Actor, now: datetime, **limits: int
) -> GradingRules:
    """Set the next version; it holds for looks made from now on.

    ``limits``: all of those in ``STARTING_RULES``. Raises Invalid where B would allow less than A.
    """
    for name in ALLOWED:
        if limits[f"{name}_b"] < limits[f"{name}_a"]:
            raise Invalid("grade B allows no less than A", pointer=f"/{name}_b")
    return _add(session, own(actor), limits, reason=reason, actor=actor.reference, now=now)


def rules_at(session: Session, *, cooperative_id: uuid.UUID, at: datetime) -> GradingRules | None:
    """The version in force at a moment, however late that is asked; before the first, the first."""
    in_force = GradingRules.created_at <= at
    return session.scalar(
        select(GradingRules)
        .where(GradingRules.cooperative_id == cooperative_id)
        .order_by(
            in_force.desc(),
            case((in_force, -GradingRules.version), else_=GradingRules.version),
        )
        .limit(1)
    )


def rules_of(
    session: Session, *, cooperative_id: uuid.UUID, version: int | None, at: datetime
) -> GradingRules | None:
    """The version a phone names, or the one in force at a moment. Raises Invalid."""
    if version is None:
        return rules_at(session, cooperative_id=cooperative_id, at=at)
    found = session.scalar(
        select(GradingRules).where(
            GradingRules.cooperative_id == cooperative_id, GradingRules.version == version
        )
    )
    if found is None:
        raise Invalid("there is no such version of the rules", pointer="/rules_version")
    return found


def list_rules(
    session: Session, *, actor: Actor, limit: int, before: uuid.UUID | None = None
) -> list[GradingRules]:
    """Up to ``limit`` versions, newest first, before one id."""
    statement = select(GradingRules).where(GradingRules.cooperative_id == own(actor))
    if before:
        shown = select(GradingRules.version).where(GradingRules.id == before).scalar_subquery()
        statement = statement.where(GradingRules.version < shown)
    return list(session.scalars(statement.order_by(GradingRules.version.desc()).limit(limit)))


def _add(
    session: Session,
    cooperative_id: uuid.UUID,
    limits: dict[str, Any],
    *,
    reason: str,
    actor: str,
    now: datetime,
) -> GradingRules:
    number_alone(session, cooperative_id)
    last = session.scalar(
        select(func.max(GradingRules.version)).where(GradingRules.cooperative_id == cooperative_id)
    )
    rules = GradingRules(
        cooperative_id=cooperative_id,
        version=(last or 0) + 1,
        reason=reason,
        created_at=now,
        actor=actor,
        **limits,
    )
    session.add(rules)
    session.flush()
    return rules
