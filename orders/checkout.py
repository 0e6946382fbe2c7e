"""Checkout: the conversation with Stripe about paying one order.

The intent is a committed row, the call is made outside every transaction, the answer is recorded
in another. Whoever dies in between, the next caller repeats the same request under the same key.
"""

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import transaction
from core.errors import Conflict
from core.jobs import defer
from orders import payment_page
from orders.models import CheckoutAttempt, CheckoutStatus, OrderStatus
from orders.paying import STRIPE, apply_checkout, end_unpaid
from orders.reading import lock_order
from orders.standing import Standing, View, committed_view, view_of
from payments.errors import Declined, Unreachable
from payments.gateway import Checkout, Gateway

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
LOOK_AGAIN = timedelta(minutes=5)
FINISH_CANCELLING = timedelta(seconds=30)
CLOCKS_DIFFER = timedelta(minutes=5)
MOST_LATE_HOLDS = 20
SERVER_ERROR = 500


class PaymentRefused(Conflict):
    """Stripe refuses to open a payment page for this order; its pieces are free again."""

    code = "payment_refused"


class OrderAlreadyPaid(Conflict):
    """The order is paid, so it can no longer be cancelled like this."""

    code = "order_already_paid"


class OrderExpired(Conflict):
    """The time to pay is over and the pieces are free again; place a new order."""

    code = "order_expired"


class PaymentPending(Conflict):
    """The buyer has paid by a way that takes days; wait until the money is there or not."""

    code = "payment_pending"


def open_checkout(gateway: Gateway, *, order_id: uuid.UUID, now: datetime) -> Standing:
    """Open the payment page of an order; called again, it finds the same one.

    Raises Unreachable when there was no answer (call again: same key, same request) and
    PaymentRefused after three definite refusals, when the order is cancelled.
    """
    view = _hear_out(gateway, order_id, STRIPE, now)
    if view.refused:
        raise PaymentRefused()
    return view.standing


def refresh_payment(gateway: Gateway, *, order_id: uuid.UUID, now: datetime) -> Standing:
    """Ask Stripe how the payment of an order stands, follow it, and finish a cancellation begun.

    While the order still waits, or Stripe is silent, it leaves a note to ask again.
    """
    try:
        _follow(gateway, order_id, now)
    except (Unreachable, Declined) as problem:
        log.warning("payment not known: %s", problem.message, extra={"order_id": str(order_id)})
    with transaction() as session:
        view = view_of(session, order_id)
        if view.awaiting:
            soon, after_the_end = now + LOOK_AGAIN, view.standing.expires_at + CLOCKS_DIFFER
            _look_again(session, order_id, at=soon if view.cancelling else max(soon, after_the_end))
    return view.standing


def cancel_order(gateway: Gateway, *, order_id: uuid.UUID, actor: Actor, now: datetime) -> Standing:
    """Cancel an order nobody has paid; a second time gives the same answer.

    The payment page is closed at Stripe first, and only then are the pieces freed. Raises
    OrderAlreadyPaid, OrderExpired, PaymentPending, and Unreachable when there was no answer: the
    wish is kept, and a worker goes on with it.
    """
    with transaction() as session:
        order = lock_order(session, order_id, actor=actor)
        if order.awaiting and order.cancel_requested_at is None:
            order.cancel_requested_at = now
            _look_again(session, order_id, at=now + FINISH_CANCELLING)
    standing = _close(gateway, order_id, actor, now)
    if standing.status is OrderStatus.CANCELLED:
        return standing
    if standing.status is OrderStatus.EXPIRED:
        raise OrderExpired()
    if standing.status is OrderStatus.AWAITING_PAYMENT:
        raise PaymentPending()
    raise OrderAlreadyPaid()


def ask_after_late_holds(
    gateway: Gateway, order_ids: Iterable[uuid.UUID], now: datetime
) -> list[uuid.UUID]:
    """Ask Stripe about orders whose hold is past its time; the ids of those that let go.

    For a buyer who meets such a hold; call it outside every transaction. No answer about one
    order is no obstacle to the others.
    """
    freed = []
    for order_id in list(order_ids)[:MOST_LATE_HOLDS]:
        try:
            standing = _follow(gateway, order_id, now)
        except (Unreachable, Declined) as problem:
            log.warning("late hold stays: %s", problem.message, extra={"order_id": str(order_id)})
            continue
        if standing.status in {OrderStatus.EXPIRED, OrderStatus.CANCELLED}:
            freed.append(order_id)
    return freed


def _follow(gateway: Gateway, order_id: uuid.UUID, now: datetime) -> Standing:
    """Let the order follow what Stripe says now."""
    view = committed_view(order_id)
    if view.awaiting and view.cancelling:
        return _close(gateway, order_id, STRIPE, now)
    if view.asking:
        return _hear_out(gateway, order_id, STRIPE, now).standing
    if view.awaiting:
        assert view.session_id is not None, "an attempt that is not asking has a session"
        _apply(view, gateway.read_checkout(view.session_id), STRIPE, now)
        return committed_view(order_id).standing
    return view.standing


def _close(gateway: Gateway, order_id: uuid.UUID, actor: Actor, now: datetime) -> Standing:
    """End the payment page at Stripe, or follow the truth when it has ended by itself."""
    view = _hear_out(gateway, order_id, actor, now)
    if not view.awaiting:
        return view.standing
    assert view.session_id is not None, "an attempt that is not asking has a session"
    try:
        checkout = gateway.expire_checkout(view.session_id)
    except Declined:
        checkout = gateway.read_checkout(view.session_id)
    _apply(view, checkout, actor, now)
    return committed_view(order_id).standing


def _hear_out(gateway: Gateway, order_id: uuid.UUID, actor: Actor, now: datetime) -> View:
    """Ask, as often as there is something to ask; every refusal leads to the next attempt."""
    for _ in range(MOST_ATTEMPTS):
        view = committed_view(order_id)
        if not view.asking:
            return view
        try:
            checkout = _open_or_find(gateway, view, now)
        except Declined as no:
            with transaction() as session:
                _refuse(session, view, reason=no.message, actor=actor, now=now)
        else:
            _apply(view, checkout, actor, now)
    view = committed_view(order_id)
    assert not view.asking, "every answer to an attempt is written down"
    return view


def _open_or_find(gateway: Gateway, view: View, now: datetime) -> Checkout | None:
    """The session of an attempt nobody wrote the answer of; None when there is none.

    Before its end the request is repeated under its key. After its end it can no longer be made,
    even if our clocks differ (Stripe wants half an hour's notice), so it is looked for; likewise
    when Stripe had an error of its own, which it repeats under the key for a day although it may
    have made the session.
    """
    if now >= view.over:
        return _find(gateway, view)
    try:
        return gateway.open_checkout(view.request, key=view.key)
    except Unreachable as silence:
        if (silence.http_status or 0) < SERVER_ERROR:
            raise
        found = _find(gateway, view)
        if found is None:
            raise
        return found


def _find(gateway: Gateway, view: View) -> Checkout | None:
    since, until = view.asked_at - CLOCKS_DIFFER, view.over + CLOCKS_DIFFER
    try:
        return gateway.find_checkout(view.standing.order_id, since=since, until=until)
    except Declined as odd:
        # A no to looking is no answer about the session.
        raise Unreachable(odd.message) from odd


def _apply(view: View, checkout: Checkout | None, actor: Actor, now: datetime) -> None:
    """Record what Stripe said; None is its word that there is no session and can be none."""
    order_id = view.standing.order_id
    with transaction() as session:
        if checkout is not None:
            apply_checkout(session, order_id=order_id, checkout=checkout, now=now, actor=actor)
            return
        order = lock_order(session, order_id)
        attempt = session.get_one(CheckoutAttempt, view.attempt_id)
        if attempt.status == CheckoutStatus.ASKING:
            attempt.status, attempt.answered_at = CheckoutStatus.EXPIRED.value, now
            end_unpaid(session, order, why="Stripe: no session", actor=actor, now=now)


def _refuse(session: Session, view: View, *, reason: str, actor: Actor, now: datetime) -> None:
    """Write down a definite no; then the next attempt, or the end of the order."""
    order = lock_order(session, view.standing.order_id)
    attempt = session.get_one(CheckoutAttempt, view.attempt_id)
    if attempt.status != CheckoutStatus.ASKING:
        return
    attempt.status, attempt.reason = CheckoutStatus.REFUSED.value, reason
    attempt.answered_at = now
    session.flush()  # before another attempt may be the live one
    if order.cancel_requested_at or attempt.number >= MOST_ATTEMPTS:
        # Stripe's own words may quote the buyer; they stay on the attempt, out of the life's facts.
        why = "Stripe opens no payment page"
        end_unpaid(session, order, why=why, actor=actor, now=now, cancelled=True)
    else:
        session.add(payment_page.next_attempt(order, attempt, now=now))


def _look_again(session: Session, order_id: uuid.UUID, *, at: datetime) -> None:
    defer(session, "order.check_payment", at=at, order_id=order_id)
