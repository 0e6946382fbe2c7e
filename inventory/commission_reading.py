"""Reading commissions: which are open, which are late, and how far each line is."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from inventory.commission_life import standing_answers
from inventory.commission_models import OPEN, AskedMaker, Commission, CommissionProgress
from inventory.fulfilling import Handed, handed_in
from people.cooperatives import day_of, own


@dataclass(frozen=True, slots=True)
class CommissionFilter:
    """What a list of commissions is narrowed to; ``state`` is ``open`` or ``late``."""

    state: str | None = None
    status: str | None = None
    maker_id: uuid.UUID | None = None
    group_id: uuid.UUID | None = None


def list_commissions(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    wanted: CommissionFilter,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[Commission]:
    """Up to ``limit`` commissions of the actor's co-operative, oldest first, after one id."""
    statement = select(Commission).where(Commission.cooperative_id == own(actor))
    if wanted.status:
        statement = statement.where(Commission.status == wanted.status)
    if wanted.state:
        statement = statement.where(Commission.status.in_(sorted(OPEN)))
    if wanted.state == "late":
        statement = statement.where(Commission.due_on < day_of(session, own(actor), now))
    if wanted.group_id:
        statement = statement.where(Commission.group_id == wanted.group_id)
    if wanted.maker_id:
        hers = select(AskedMaker.commission_id).where(AskedMaker.maker_id == wanted.maker_id)
        statement = statement.where(Commission.id.in_(hers))
    if after:
        statement = statement.where(Commission.id > after)
    return list(session.scalars(statement.order_by(Commission.id).limit(limit)))


def standings(
    session: Session, commissions: Sequence[Commission], *, now: datetime
) -> list[dict[str, Any]]:
    """How each of these stands: {late, days_late, expected_on, answers, delivered} beside it.

    ``answers``: {maker_id: her standing answer}; ``delivered``: {line_id: Handed}.
    """
    if not commissions:
        return []
    today = day_of(session, commissions[0].cooperative_id, now)
    handed = handed_in(session, [line.id for row in commissions for line in row.lines])
    expected = _expected(session, [row.id for row in commissions])
    return [
        {
            "days_late": _days_late(row, today),
            "expected_on": expected.get(row.id),
            "answers": standing_answers(row),
            "delivered": {line.id: handed.get(line.id, Handed(0, 0)) for line in row.lines},
        }
        for row in commissions
    ]


def _days_late(commission: Commission, today: date) -> int:
    """Days past the day that was agreed, while something is still to come."""
    return max(0, (today - commission.due_on).days) if commission.status in OPEN else 0


def _expected(session: Session, commission_ids: list[uuid.UUID]) -> dict[uuid.UUID, date]:
    """The day each is expected by its last report that names one."""
    rows = session.execute(
        select(CommissionProgress.commission_id, CommissionProgress.expected_on)
        .where(
            CommissionProgress.commission_id.in_(commission_ids),
            CommissionProgress.expected_on.is_not(None),
        )
        .order_by(CommissionProgress.id)
    )
    return {commission_id: expected_on for commission_id, expected_on in rows if expected_on}
