"""Share policies: how a sale is divided, one version after another; the past keeps its own."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid
from core.money import BASIS_POINTS
from payouts.models import SharePolicy
from payouts.sharing import Terms
from people.cooperatives import own
from people.numbering import number_alone


class NoPolicy(Conflict):
    """The co-operative has not decided how a sale is divided."""

    code = "no_policy"


def set_policy(
    session: Session,
    *,
    makers_bp: int,
    fund_bp: int,
    programme_bp: int,
    fee_bearer: str,
    hold_days_online: int,
    hold_days_stall: int,
    reason: str,
    actor: Actor,
    now: datetime,
    refund_fee_bearer: str = "fund",
    minimum_payout: dict[str, int] | None = None,
) -> SharePolicy:
    """Set the next version; it holds for what is sold from now on, and for nothing before."""
    if makers_bp + fund_bp + programme_bp != BASIS_POINTS:
        raise Invalid("makers, fund and programme sum to 10,000", pointer="/makers_bp")
    cooperative_id = own(actor)
    number_alone(session, cooperative_id)
    last = session.scalar(
        select(func.max(SharePolicy.version)).where(SharePolicy.cooperative_id == cooperative_id)
    )
    policy = SharePolicy(
        cooperative_id=cooperative_id,
        version=(last or 0) + 1,
        makers_bp=makers_bp,
        fund_bp=fund_bp,
        programme_bp=programme_bp,
        fee_bearer=fee_bearer,
        hold_days_online=hold_days_online,
        hold_days_stall=hold_days_stall,
        refund_fee_bearer=refund_fee_bearer,
        minimum_payout=minimum_payout or {},
        reason=reason,
        created_at=now,
        actor=actor.reference,
    )
    session.add(policy)
    session.flush()
    return policy


def current_policy(session: Session, *, cooperative_id: uuid.UUID) -> SharePolicy | None:
    """The newest version, if there is one."""
    return session.scalar(
        select(SharePolicy)
        .where(SharePolicy.cooperative_id == cooperative_id)
        .order_by(SharePolicy.version.desc())
        .limit(1)
    )


def policy_at(session: Session, *, cooperative_id: uuid.UUID, at: datetime) -> SharePolicy | None:
    """The version in force at a moment, however late that is asked; before the first, the first."""
    in_force = SharePolicy.created_at <= at
    return session.scalar(
        select(SharePolicy)
        .where(SharePolicy.cooperative_id == cooperative_id)
        .order_by(
            in_force.desc(),
            case((in_force, -SharePolicy.version), else_=SharePolicy.version),
        )
        .limit(1)
    )


def list_policies(
    session: Session, *, actor: Actor, limit: int, before: uuid.UUID | None = None
) -> list[SharePolicy]:
    """Up to ``limit`` versions, newest first, before one id."""
    statement = select(SharePolicy).where(SharePolicy.cooperative_id == own(actor))
    if before:
        statement = statement.where(SharePolicy.id < before)
    return list(session.scalars(statement.order_by(SharePolicy.id.desc()).limit(limit)))


def terms_of(policy: SharePolicy) -> Terms:
    """A policy as numbers."""
    return Terms(policy.makers_bp, policy.fund_bp, policy.programme_bp, policy.fee_bearer)


def hold_window(policy: SharePolicy, channel: str) -> timedelta:
    """How long after the hand-over a share waits."""
    days = policy.hold_days_stall if channel == "stall" else policy.hold_days_online
    return timedelta(days=days)
