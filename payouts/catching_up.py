"""Catching up: what no news told is found by asking Stripe, every night and on a person's word.

First the events that Stripe could not deliver, then the objects themselves by date. Pages are read
outside every transaction; each object is applied in one of its own, as its news would have been,
so a run that died is simply run again. Every run that came to its end is kept.
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.db import transaction
from core.jobs import defer
from orders.dispute_models import Dispute
from orders.disputes import apply_dispute
from orders.models import Order, OrderPayment, OrderStatus
from orders.paying import apply_checkout
from orders.reading import UnknownOrder
from orders.refund_news import apply_refund
from payments import inbox
from payments.errors import Declined
from payments.gateway import BankPayment, Checkout, Gateway, SeenDispute, SentRefund
from payments.models import CatchUp, NewsState
from payouts import accounts, bank_payouts, outbound_news
from payouts.models import PayoutAccount
from payouts.reversal_news import apply_reversal

log = logging.getLogger("pallay.catch_up")

#: As long as Stripe keeps events; an object may be as much older than what happened to it.
LOOK_BACK = timedelta(days=30)
FRESH = timedelta(hours=12)
AT_ONCE = 100
WORD = "stripe.catch_up"

Clock = Callable[[], datetime]
#: Yields, for each object seen, whether our side now follows it.
Part = Callable[[Gateway, datetime, Clock], Iterator[bool]]
Subject = TypeVar("Subject")


def begin(session: Session, *, now: datetime) -> None:
    """Leave every part to the workers, from where its last run began; nothing while one is at it.

    Each part is a job of its own, tried again by itself; under their common lock they are done in
    order, so that a refund is looked at after the payment it goes back on.
    """
    for number, part in enumerate(PARTS):
        left = defer(
            session,
            "stripe.catch_up",
            once=WORD if number == 0 else None,
            lock=WORD,
            part=part,
            since=usual_since(session, part, now=now).isoformat(),
        )
        if left is None:
            return


def usual_since(session: Session, part: str, *, now: datetime) -> datetime:
    """30 days before the last run that came to its end, or before now."""
    last = session.scalar(
        select(CatchUp.started_at)
        .where(CatchUp.part == part)
        .order_by(CatchUp.started_at.desc())
        .limit(1)
    )
    return (last or now) - LOOK_BACK


def run(gateway: Gateway, *, part: str, since: datetime, actor: str, clock: Clock) -> CatchUp:
    """Catch up on one part and keep what came of it. Raises Unreachable: run it again."""
    started_at, seen, waiting = clock(), 0, 0
    for followed in PARTS[part](gateway, since, clock):
        seen, waiting = seen + 1, waiting + (not followed)
    with transaction() as session:
        kept = CatchUp(
            part=part,
            since=since,
            started_at=started_at,
            ended_at=clock(),
            seen=seen,
            waiting=waiting,
            actor=actor,
        )
        session.add(kept)
        session.flush()
        session.expunge(kept)
    log.info("caught up on %s", part, extra={"seen": seen, "waiting": waiting})
    return kept


def events(gateway: Gateway, since: datetime, clock: Clock) -> Iterator[bool]:
    """Keep every event that Stripe could not deliver; the inbox has each once."""
    for news in gateway.missed_news(since):
        with transaction() as session:
            inbox.receive(session, news, clock())
        yield True


def checkouts(gateway: Gateway, since: datetime, clock: Clock) -> Iterator[bool]:
    """Read again the sessions that have ended and of which our side does not know it."""
    for page in _pages(gateway.checkouts_since(since)):
        with transaction() as session:
            behind = _behind(session, page)
        for found in page:
            if found.session_id not in behind:
                yield True
                continue
            yield _applied(_apply_checkout, gateway.read_checkout(found.session_id), clock)


def refunds(gateway: Gateway, since: datetime, clock: Clock) -> Iterator[bool]:
    """Let every refund made since follow Stripe's, or take it in."""
    for sent in gateway.refunds_since(since):
        yield _applied(_apply_refund, sent, clock)


def disputes(gateway: Gateway, since: datetime, clock: Clock) -> Iterator[bool]:
    """Every dispute opened since, and every older one of ours that is still open."""
    seen = set()
    for dispute in gateway.disputes_since(since):
        seen.add(dispute.id)
        yield _applied(_apply_dispute, dispute, clock)
    with transaction() as session:
        still_open = select(Dispute.stripe_id).where(Dispute.closed_at.is_(None))
        older = sorted(set(session.scalars(still_open)) - seen)
    for stripe_id in older:
        yield _applied(_apply_dispute, gateway.read_dispute(stripe_id), clock)


def transfers(gateway: Gateway, since: datetime, clock: Clock) -> Iterator[bool]:
    """Look at what came back of transfers made since."""
    for sent in gateway.transfers_since(since):
        made = gateway.reversals_of(sent.id) if sent.reversed_minor else []
        followed = [
            _applied(lambda s, one, now: apply_reversal(s, one, now=now), one, clock)
            for one in reversed(made)
        ]
        yield all(followed)


def payouts(gateway: Gateway, since: datetime, clock: Clock) -> Iterator[bool]:
    """Write down payouts to our bank made since, and those of them that came back."""
    for payout in gateway.bank_payouts_since(since):
        yield _applied(lambda s, one, now: bank_payouts.follow(s, one, now=now), payout, clock)


def bank_payments(gateway: Gateway, since: datetime, clock: Clock) -> Iterator[bool]:
    """Let every payment to a maker's bank made since, or still open, be what Stripe says.

    Nothing where the house has no financial account to pay from.
    """
    for seen in outbound_news.payments_to_follow(gateway, since):
        yield _applied(_apply_bank_payment, seen, clock)


def makers_accounts(gateway: Gateway, _since: datetime, clock: Clock) -> Iterator[bool]:
    """Read again every maker's account that was not read in the last hours."""
    before, last = clock() - FRESH, None
    while page := _stale_accounts(before, last):
        for maker_id, account_id in page:
            last = maker_id
            try:
                yield accounts.refresh(gateway, account_id=account_id, now=clock())
            except Declined as refusal:
                log.error("account not read: %s", refusal.message, extra={"account": account_id})
                yield False


PARTS: dict[str, Part] = {
    "events": events,
    "checkouts": checkouts,
    "refunds": refunds,
    "disputes": disputes,
    "transfers": transfers,
    "payouts": payouts,
    "bank_payments": bank_payments,
    "accounts": makers_accounts,
}


def _applied(
    apply: Callable[[Session, Subject, datetime], bool], subject: Subject, clock: Clock
) -> bool:
    """Apply one object. Our own fault with one of them does not keep us from the others."""
    try:
        with transaction() as session:
            return apply(session, subject, clock())
    except Exception:
        log.critical("not caught up: %r", subject, exc_info=True)
        return False


def _apply_checkout(session: Session, found: Checkout, now: datetime) -> bool:
    assert found.order_id is not None, "others are not behind"
    try:
        apply_checkout(session, order_id=found.order_id, checkout=found, now=now)
    except UnknownOrder:
        return False
    return not found.paid or found.payment is not None


def _apply_refund(session: Session, sent: SentRefund, now: datetime) -> bool:
    return apply_refund(session, sent, now=now)


def _apply_dispute(session: Session, seen: SeenDispute, now: datetime) -> bool:
    return apply_dispute(session, seen, now=now)


def _apply_bank_payment(session: Session, seen: BankPayment, now: datetime) -> bool:
    return outbound_news.apply_payment(session, seen, now=now).state != NewsState.WAITING


def _behind(session: Session, page: list[Checkout]) -> set[str]:
    """The sessions of this page that are paid and not booked here, or have ended unpaid while
    their order still waits."""
    paid = [one.session_id for one in page if one.paid]
    ours = [one.order_id for one in page if one.order_id is not None]
    booked = select(OrderPayment.session_id).where(OrderPayment.session_id.in_(paid))
    awaiting = select(Order.id).where(
        Order.id.in_(ours), Order.status == OrderStatus.AWAITING_PAYMENT.value
    )
    known, open_orders = set(session.scalars(booked)), set(session.scalars(awaiting))
    return {
        one.session_id
        for one in page
        if one.order_id is not None
        and (
            one.session_id not in known
            if one.paid
            else one.status != "open" and one.order_id in open_orders
        )
    }


def _stale_accounts(before: datetime, after: uuid.UUID | None) -> list[tuple[uuid.UUID, str]]:
    """A page of makers with their accounts, by maker."""
    rows = select(PayoutAccount.maker_id, PayoutAccount.account_id).where(
        PayoutAccount.account_id.is_not(None),
        or_(PayoutAccount.checked_at.is_(None), PayoutAccount.checked_at < before),
    )
    if after is not None:
        rows = rows.where(PayoutAccount.maker_id > after)
    with transaction() as session:
        page = session.execute(rows.order_by(PayoutAccount.maker_id).limit(AT_ONCE)).all()
        return [(maker_id, str(account_id)) for maker_id, account_id in page]


def _pages(found: Iterable[Checkout]) -> Iterator[list[Checkout]]:
    rest = iter(found)
    while page := list(islice(rest, AT_ONCE)):
        yield page
