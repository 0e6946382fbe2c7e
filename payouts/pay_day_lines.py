"""The lines of a pay day: what is due to whom by hand, and what is given for it today."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from core.ids import new_id
from orders.freezes import is_frozen
from payouts.advances import payable_now
from payouts.models import Obligation, ObligationStatus
from payouts.pay_day_models import PayDay, PayDayLine
from payouts.rail_choices import goes_by_itself
from payouts.rates import at_rate
from payouts.reopening import is_unasked

MOST_LINES = 2000


def owed_by_hand(session: Session, cooperative_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """What is due to makers Stripe cannot pay, or should not now, and on no other pay day."""
    other = aliased(PayDayLine)
    on_another = exists().where(
        other.obligation_id == Obligation.id,
        other.released_at.is_(None),
        other.receipt_id.is_(None),
    )
    return session.scalars(
        select(Obligation.id)
        .where(
            Obligation.cooperative_id == cooperative_id,
            Obligation.status == ObligationStatus.DUE,
            ~goes_by_itself() | is_unasked(),
            ~on_another,
            ~is_frozen(Obligation.order_id),
        )
        .order_by(Obligation.id)
        .limit(MOST_LINES)
    ).all()


def line_for(session: Session, day: PayDay, row: Obligation, now: datetime) -> PayDayLine | None:
    """A line for what is left of an obligation once her advances have come off it."""
    if row.status != ObligationStatus.DUE:
        return None
    owed = payable_now(session, row, now=now)
    if owed == 0:
        return None
    same = row.currency == day.currency
    pay = owed if same else at_rate(owed, row.currency, day.currency, day.rates[row.currency])
    return PayDayLine(
        id=new_id(),
        cooperative_id=day.cooperative_id,
        pay_day_id=day.id,
        maker_id=row.maker_id,
        obligation_id=row.id,
        owed_minor=owed,
        owed_currency=row.currency,
        pay_minor=pay,
    )
