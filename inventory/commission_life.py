"""A commission's life: who said yes or no, how far it is, and its end."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid
from core.ids import new_id
from inventory.commission_models import (
    OPEN,
    AnswerKind,
    Commission,
    CommissionAnswer,
    CommissionProgress,
    CommissionStatus,
)
from inventory.commissions import get_commission
from people.cooperatives import day_of


class CommissionClosed(Conflict):
    """This commission is complete, was declined by all, or was cancelled."""

    code = "commission_closed"


ANSWERABLE = OPEN | {CommissionStatus.DECLINED}


def answer(
    session: Session,
    *,
    commission_id: uuid.UUID,
    maker_id: uuid.UUID,
    kind: str,
    actor: Actor,
    now: datetime,
    reason: str = "",
    answered_on: date | None = None,
) -> Commission:
    """Write down a maker's yes or no, on her word; a no has its reason. Her last answer counts.

    The first yes makes the commission accepted; when everybody has said no, it is declined.
    """
    commission = get_commission(session, commission_id, actor=actor, lock=True)
    if commission.status not in ANSWERABLE:
        raise CommissionClosed(status=commission.status)
    if maker_id not in {one.maker_id for one in commission.asked}:
        raise Invalid("she was not asked", pointer="/maker_id")
    if AnswerKind(kind) is AnswerKind.DECLINED and not reason.strip():
        raise Invalid("a no has its reason", pointer="/reason")
    today = day_of(session, commission.cooperative_id, now)
    if answered_on is not None and answered_on > today:
        raise Invalid("an answer cannot be dated ahead", pointer="/answered_on")
    session.add(
        CommissionAnswer(
            id=new_id(),
            cooperative_id=commission.cooperative_id,
            commission_id=commission.id,
            maker_id=maker_id,
            answer=kind,
            reason=reason,
            answered_on=answered_on or today,
            recorded_at=now,
            actor=actor.reference,
        )
    )
    session.flush()
    session.expire(commission, ["answers"])
    _follow(commission, actor, now)
    session.flush()
    return commission


def report_progress(
    session: Session,
    *,
    commission_id: uuid.UUID,
    note: str,
    actor: Actor,
    now: datetime,
    maker_id: uuid.UUID | None = None,
    expected_on: date | None = None,
    photo_ids: Sequence[uuid.UUID] = (),
) -> CommissionProgress:
    """Write down how far it is, and the day it is expected now; what was agreed stays."""
    commission = get_commission(session, commission_id, actor=actor, lock=True)
    if commission.status not in OPEN:
        raise CommissionClosed(status=commission.status)
    if maker_id is not None and maker_id not in {one.maker_id for one in commission.asked}:
        raise Invalid("she was not asked", pointer="/maker_id")
    progress = CommissionProgress(
        id=new_id(),
        cooperative_id=commission.cooperative_id,
        commission_id=commission.id,
        maker_id=maker_id,
        note=note,
        expected_on=expected_on,
        photo_ids=[str(one) for one in photo_ids],
        at=now,
        actor=actor.reference,
    )
    session.add(progress)
    session.flush()
    return progress


def cancel(
    session: Session, *, commission_id: uuid.UUID, reason: str, actor: Actor, now: datetime
) -> Commission:
    """End a commission before it is complete; what was handed in stays. Twice changes nothing."""
    commission = get_commission(session, commission_id, actor=actor, lock=True)
    if commission.status != CommissionStatus.CANCELLED:
        commission.become(CommissionStatus.CANCELLED, actor=actor, why=reason, at=now)
    session.flush()
    return commission


def standing_answers(commission: Commission) -> dict[uuid.UUID, CommissionAnswer]:
    """The answer that counts of each maker who gave one: her last."""
    return {row.maker_id: row for row in sorted(commission.answers, key=lambda row: row.id)}


def progress_of(
    session: Session, commission_id: uuid.UUID, *, limit: int = 100, after: uuid.UUID | None = None
) -> list[CommissionProgress]:
    """Up to ``limit`` reports on a commission, oldest first, after one id."""
    statement = select(CommissionProgress).where(CommissionProgress.commission_id == commission_id)
    if after:
        statement = statement.where(CommissionProgress.id > after)
    return list(session.scalars(statement.order_by(CommissionProgress.id).limit(limit)))


def _follow(commission: Commission, actor: Actor, now: datetime) -> None:
    """Move where the answers lead; once pieces have come, answers move nothing."""
    if commission.status == CommissionStatus.PART_DELIVERED:
        return
    said = [row.answer for row in standing_answers(commission).values()]
    if AnswerKind.ACCEPTED in said:
        wanted, why = CommissionStatus.ACCEPTED, "a maker said yes"
    elif len(said) == len(commission.asked):
        wanted, why = CommissionStatus.DECLINED, "everybody said no"
    else:
        return
    if commission.status != wanted:
        commission.become(wanted, actor=actor, why=why, at=now)
