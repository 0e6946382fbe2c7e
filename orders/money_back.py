"""Money back: a refund is asked of Stripe exactly once, and follows what Stripe says of it.

How an attempt is made and what silence means: `payments.attempts`. What Stripe says is read from
Stripe, never from what a webhook carried, and said again it changes nothing.
"""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from core import actors
from core.actors import Actor
from core.db import transaction
from core.errors import Conflict
from core.ids import new_id
from core.jobs import defer
from core.money import Money
from orders.ended import end_if_whole, stand_again
from orders.models import Order, OrderPayment, StrayPayment, Tender
from orders.refund_models import Refund, RefundAttempt, RefundStatus
from orders.refunds import get_refund, lock_refund
from payments import attempts
from payments.attempts import V1_KEYS_LIVE, Asking, AttemptOutcome, Result
from payments.errors import Declined, Unreachable
from payments.gateway import Gateway, SentRefund

log = logging.getLogger("pallay.orders")
STRIPE = actors.system("stripe")
#: A no that no later attempt can turn into a yes.
NEVER = frozenset({"charge_already_refunded", "charge_disputed", "refund_disputed_payment"})
AT_ONCE = 500


class RefundNotOpen(Conflict):
    """Stripe has answered for this refund; if it failed, ask for another one."""

    code = "refund_not_open"


@dataclass(frozen=True, slots=True)
class Never:
    """Stripe's word that this refund can never be made."""

    reason: str


def send(gateway: Gateway, *, refund_id: uuid.UUID, now: datetime) -> Result:
    """Have Stripe make a refund. Raises Unreachable when there was no answer: ask again."""
    return attempts.run(_SendingBack(gateway, refund_id), now=now)


def look(gateway: Gateway, *, refund_id: uuid.UUID, now: datetime) -> None:
    """Ask Stripe what became of a refund that is under way, in case its news was lost."""
    with transaction() as session:
        stripe_id = session.get_one(Refund, refund_id).stripe_id
    if stripe_id is None:
        return
    sent = gateway.read_refund(stripe_id)
    with transaction() as session:
        order, refund = lock_refund(session, refund_id)
        follow(session, order, refund, sent, now=now)


def attempt_again(
    session: Session, *, refund_id: uuid.UUID, actor: Actor, now: datetime
) -> RefundAttempt:
    """Ask once more, because a person says so: without the rest after a no.

    An attempt that may still succeed is gone on with, under its own key. Raises RefundNotOpen.
    """
    get_refund(session, refund_id, actor=actor)
    order, refund = lock_refund(session, refund_id)
    if not _open(refund):
        raise RefundNotOpen(status=refund.status)
    last = refund.attempts[-1] if refund.attempts else None
    if last is None or last.outcome is not None:
        last = _next(session, order, refund, now)
    defer(session, "refund.send", once=f"refund:{refund.id}", refund_id=refund.id)
    return last


def take_up(session: Session, *, now: datetime) -> int:
    """Leave a note for every refund that Stripe is to be asked for now; how many those are."""
    resting = exists().where(RefundAttempt.refund_id == Refund.id, RefundAttempt.rests_until > now)
    trying = exists().where(RefundAttempt.refund_id == Refund.id, RefundAttempt.outcome.is_(None))
    ids = session.scalars(
        select(Refund.id)
        .where(
            Refund.status == RefundStatus.ASKING,
            Refund.stripe_id.is_(None),
            trying | ~resting,
        )
        .order_by(Refund.id)
        .limit(AT_ONCE)
    ).all()
    for refund_id in ids:
        defer(session, "refund.send", once=f"refund:{refund_id}", refund_id=refund_id)
    return len(ids)


def look_after(session: Session) -> int:
    """Leave a note for every refund that is under way at Stripe; how many those are."""
    under_way = RefundStatus.ASKING, RefundStatus.PENDING
    ids = session.scalars(
        select(Refund.id)
        .where(Refund.status.in_(under_way), Refund.stripe_id.is_not(None))
        .order_by(Refund.id)
    ).all()
    for refund_id in ids:
        defer(session, "refund.look", once=f"refund:{refund_id}", refund_id=refund_id)
    return len(ids)


def follow(
    session: Session, order: Order, refund: Refund, sent: SentRefund, *, now: datetime
) -> None:
    """Let a refund follow Stripe's; order and refund must be locked. Again it changes nothing.

    Until Stripe has booked it, it stays ``asking`` and its order frozen.
    """
    if sent.amount != Money(refund.amount_minor, refund.currency):
        raise AssertionError(f"refund {sent.id} is {sent.amount}, not {refund.amount_minor}")
    refund.stripe_id = sent.id
    for attempt in refund.attempts:
        if attempt.outcome is None:
            attempt.end(AttemptOutcome.DONE, now)
    if sent.failed:
        _fail(session, refund, sent.failure or sent.status, now)
        stand_again(session, order, refund, actor=STRIPE, now=now)
        return
    if sent.taken is None:
        return
    if refund.settled_minor is None and refund.status == RefundStatus.ASKING:
        refund.settled_minor, refund.settlement_currency = sent.taken.minor, sent.taken.currency
        refund.answered_at = now
        defer(session, "order.refunded", lock=f"order:{order.id}", refund_id=refund.id)
        session.flush()
        end_if_whole(session, order, refund, actor=STRIPE, now=now)
    state = RefundStatus.SUCCEEDED if sent.status == "succeeded" else RefundStatus.PENDING
    if Refund.MOVES.allow(RefundStatus(refund.status), state):
        refund.become(state, actor=STRIPE, why=f"refund {sent.id}", at=now)


def _fail(session: Session, refund: Refund, reason: str, now: datetime) -> None:
    """The money does not reach the buyer; what was booked is booked back."""
    if refund.status == RefundStatus.FAILED:
        return
    refund.failure, refund.answered_at = reason[: attempts.LONGEST_REASON], now
    refund.become(RefundStatus.FAILED, actor=STRIPE, why="Stripe: failed", at=now)
    log.error("refund failed", extra={"refund_id": str(refund.id)})
    if refund.settled_minor is not None:
        lock = f"order:{refund.order_id}"
        defer(session, "order.refund_failed", lock=lock, refund_id=refund.id)


@dataclass(frozen=True, slots=True)
class _SendingBack:
    """The errand of one refund."""

    gateway: Gateway
    refund_id: uuid.UUID
    keys_live: ClassVar[timedelta] = V1_KEYS_LIVE

    def begin(self, session: Session, now: datetime) -> Asking | None:
        """The attempt still open, or a new one if that is allowed now."""
        order, refund = lock_refund(session, self.refund_id)
        if not _open(refund):
            return None
        attempt = refund.attempts[-1] if refund.attempts else None
        if attempt is None or attempt.outcome is not None:
            if attempt is not None and attempt.rests_until and now < attempt.rests_until:
                return None
            attempt = _next(session, order, refund, now)
        lost = any(row.outcome == AttemptOutcome.NEVER_ARRIVED for row in refund.attempts)
        return Asking(
            attempt_id=attempt.id,
            key=attempt.key,
            request=dict(attempt.request),
            started_at=attempt.started_at,
            lost_before=lost,
        )

    def ask(self, asking: Asking) -> SentRefund | Never:
        """Send the money back; a no for ever is an answer too."""
        try:
            return self.gateway.refund(asking.request, key=asking.key)
        except Declined as no:
            if no.stripe_code not in NEVER:
                raise
            return self.find(asking) or Never(no.reason)

    def find(self, asking: Asking) -> SentRefund | None:
        """What Stripe has made for this refund, under whichever attempt."""
        try:
            made = self.gateway.refunds_of(asking.request["charge"])
        except Declined as odd:
            # A no to looking is no answer about the refund.
            raise Unreachable(odd.message) from odd
        ours = [sent for sent in made if sent.metadata.get("refund") == str(self.refund_id)]
        return ours[0] if ours else None

    def note_answer(
        self, session: Session, asking: Asking, answer: SentRefund | Never, now: datetime
    ) -> None:
        """Stripe has made it, or never will."""
        order, refund = lock_refund(session, self.refund_id)
        if isinstance(answer, SentRefund):
            follow(session, order, refund, answer, now=now)
            return
        attempt = session.get_one(RefundAttempt, asking.attempt_id, populate_existing=True)
        if attempt.outcome is None:
            attempt.end(AttemptOutcome.REFUSED, now, answer.reason)
            _fail(session, refund, answer.reason, now)

    def note_no(
        self,
        session: Session,
        asking: Asking,
        outcome: AttemptOutcome,
        reason: str | None,
        now: datetime,
    ) -> None:
        """Stripe has made nothing; after a rest the next attempt may begin, if there is room."""
        _order, refund = lock_refund(session, self.refund_id)
        attempt = session.get_one(RefundAttempt, asking.attempt_id, populate_existing=True)
        if attempt.outcome is None:
            attempt.end(outcome, now, reason)
            how = outcome.value.replace("_", " ")
            log.warning("refund %s", how, extra={"refund_id": str(self.refund_id)})
            if outcome is AttemptOutcome.REFUSED and not _has_room(session, refund):
                _fail(session, refund, reason or how, now)


def _open(refund: Refund) -> bool:
    """Whether Stripe is still to be asked for it."""
    asking = refund.status == RefundStatus.ASKING and refund.stripe_id is None
    return asking and refund.tender == Tender.STRIPE


def _has_room(session: Session, refund: Refund) -> bool:
    """Whether what went back already, here or at Stripe, leaves enough of the charge."""
    paid = select(OrderPayment.charged_minor).where(OrderPayment.charge_id == refund.charge_id)
    stray = select(StrayPayment.charged_minor).where(StrayPayment.charge_id == refund.charge_id)
    made = select(func.sum(Refund.amount_minor)).where(
        Refund.charge_id == refund.charge_id,
        Refund.stripe_id.is_not(None),
        Refund.status != RefundStatus.FAILED,
    )
    charged = session.scalar(paid) or session.scalar(stray) or 0
    return (session.scalar(made) or 0) + refund.amount_minor <= charged


def _next(session: Session, order: Order, refund: Refund, now: datetime) -> RefundAttempt:
    number = len(refund.attempts) + 1
    request: dict[str, Any] = {
        "charge": refund.charge_id,
        "amount": refund.amount_minor,
        "metadata": {"refund": str(refund.id), "order": str(order.id)},
    }
    attempt = RefundAttempt(
        id=new_id(),
        cooperative_id=refund.cooperative_id,
        refund_id=refund.id,
        number=number,
        key=f"rf:{refund.id}:{number}",
        request=request,
        started_at=now,
    )
    refund.attempts.append(attempt)
    session.flush()
    return attempt
