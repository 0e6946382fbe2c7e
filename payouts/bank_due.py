"""Bank due: what of a maker's goes to her bank next; less than the least accumulates."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from core.jobs import defer
from orders.freezes import frozen, is_frozen
from payments.attempts import FIRST_REST, MOST_DOUBLINGS, AttemptOutcome
from payouts.models import Obligation, ObligationStatus, SharePolicy
from payouts.obligations import lock_obligations
from payouts.outbound_models import OutboundPayment, OutboundStatus
from payouts.payable import still_payable
from payouts.rail_choices import goes_to_bank
from payouts.reopening import is_unasked

AT_ONCE = 500
#: The most obligations in one payment.
MOST_PARTS = 200
#: How far back refusals are counted: longer than all their rests together.
REMEMBERED = timedelta(hours=48)

#: One maker and one currency: what is paid together.
Purse = tuple[uuid.UUID, str]


def take_up(session: Session, *, now: datetime) -> int:
    """Leave word about every payment to a bank that was begun, or can be; how many."""
    begun = session.execute(
        select(OutboundPayment.maker_id, OutboundPayment.currency).where(
            OutboundPayment.status == OutboundStatus.ASKING
        )
    )
    purses: set[Purse] = {(maker_id, currency) for maker_id, currency in begun}
    due = due_by_purse(session)
    if due:
        rests = resting(session, {maker_id for maker_id, _currency in due}, now)
        least = least_of(session, {home for home, _minor in due.values()})
        purses |= {
            purse
            for purse, (home, minor) in due.items()
            if purse not in rests and minor >= least[home].get(purse[1], 1)
        }
    for maker_id, currency in sorted(purses):
        pay_later(session, maker_id, currency)
    return len(purses)


def pay_later(session: Session, maker_id: uuid.UUID, currency: str) -> None:
    """Leave word that a maker's bank can be paid; once is enough."""
    word = f"maker.pay_to_bank:{maker_id}:{currency}"
    defer(session, "maker.pay_to_bank", once=word, maker_id=maker_id, currency=currency)


def due_by_purse(
    session: Session, maker_ids: Collection[uuid.UUID] | None = None
) -> dict[Purse, tuple[uuid.UUID, int]]:
    """What is due to the banks of these makers (of everybody): co-operative, and how much.

    Advances have not come off it yet.
    """
    statement = select(
        Obligation.maker_id,
        Obligation.currency,
        Obligation.cooperative_id,
        func.sum(still_payable()),
    ).where(*_due())
    if maker_ids is not None:
        statement = statement.where(Obligation.maker_id.in_(maker_ids))
    rows = session.execute(
        statement.group_by(Obligation.maker_id, Obligation.currency, Obligation.cooperative_id)
        .order_by(Obligation.maker_id)
        .limit(AT_ONCE)
    )
    return {(maker, currency): (home, int(minor)) for maker, currency, home, minor in rows}


def lock_due(session: Session, maker_id: uuid.UUID, currency: str) -> list[Obligation]:
    """What can go to her bank now in one currency, oldest first, locked and still so."""
    ids = session.scalars(
        select(Obligation.id)
        .where(Obligation.maker_id == maker_id, Obligation.currency == currency, *_due())
        .order_by(Obligation.id)
        .limit(MOST_PARTS)
    ).all()
    rows = lock_obligations(session, ids)
    cold = frozen(session, [row.order_id for row in rows if row.order_id])
    return [row for row in rows if row.status == ObligationStatus.DUE and row.order_id not in cold]


def least_of(
    session: Session, cooperative_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, dict[str, int]]:
    """By co-operative and currency, the least that is sent to a bank at once: the newest policy."""
    rows = session.execute(
        select(SharePolicy.cooperative_id, SharePolicy.minimum_payout)
        .where(SharePolicy.cooperative_id.in_(set(cooperative_ids)))
        .ext(distinct_on(SharePolicy.cooperative_id))
        .order_by(SharePolicy.cooperative_id, SharePolicy.version.desc())
    )
    return defaultdict(dict, dict(rows.all()))


def resting(session: Session, maker_ids: Collection[uuid.UUID], now: datetime) -> set[Purse]:
    """Whose payments Stripe has refused lately: after a no, 1, 2, 4, 8 and then 16 hours."""
    rows = session.execute(
        select(
            OutboundPayment.maker_id,
            OutboundPayment.currency,
            OutboundPayment.outcome,
            OutboundPayment.ended_at,
        )
        .where(OutboundPayment.maker_id.in_(maker_ids), OutboundPayment.ended_at > now - REMEMBERED)
        .order_by(OutboundPayment.number)
    )
    noes: dict[Purse, int] = defaultdict(int)
    until: dict[Purse, datetime] = {}
    for maker_id, currency, outcome, ended_at in rows:
        purse = maker_id, currency
        noes[purse] = noes[purse] + 1 if outcome == AttemptOutcome.REFUSED else 0
        rest = FIRST_REST * 2 ** min(max(noes[purse] - 1, 0), MOST_DOUBLINGS)
        until[purse] = ended_at + rest if noes[purse] else now
    return {purse for purse, moment in until.items() if moment > now}


def _due() -> list[ColumnElement[bool]]:
    return [
        Obligation.status == ObligationStatus.DUE,
        goes_to_bank(),
        ~is_unasked(),
        ~is_frozen(Obligation.order_id),
    ]
