"""Cancelling before paying: the page is closed at Stripe first, the pieces are freed after."""

from datetime import timedelta

import pytest

from core import actors
from core.actors import Actor, ActorKind
from core.lives import LifeMove
from orders import checkout
from orders.checkout import OrderAlreadyPaid, OrderExpired, PaymentPending
from orders.models import Order
from orders.reading import UnknownOrder
from payments.errors import Unreachable
from payments.gateway import Gateway
from tests.orders.buying import asked, jobs, make_offer, place, standing

EXPIRE = "/v1/checkout/sessions/cs_"
FREED = ("cancelled", ["listed"], ["released"])


@pytest.fixture
def order_id(committed, now):
    with committed() as session:
        return place(session, make_offer(session), now=now).id


@pytest.fixture
def url(gateway, order_id, now):
    return checkout.open_checkout(gateway, order_id=order_id, now=now).url


def cancel(gateway, order_id, now):
    return checkout.cancel_order(gateway, order_id=order_id, actor=actors.buyer(order_id), now=now)


def test_a_cancelled_order_cannot_be_paid_and_its_pieces_are_free(
    committed, gateway, peer, order_id, url, now
):
    found = cancel(gateway, order_id, now)

    assert (found.status, found.url) == ("cancelled", None)
    assert peer.pay(url).status_code == 410
    with committed() as session:
        assert standing(session, order_id) == FREED
        moves = session.query(LifeMove).filter_by(subject_id=order_id, to_status="cancelled")
        assert moves.one().actor == f"buyer:{order_id}"


def test_cancelling_twice_is_the_same_answer(gateway, peer, order_id, url, now):
    assert cancel(gateway, order_id, now) == cancel(gateway, order_id, now)


def test_an_order_whose_page_was_never_opened_is_cancelled_too(
    committed, gateway, peer, order_id, now
):
    assert cancel(gateway, order_id, now).status == "cancelled"

    with committed() as session:
        assert standing(session, order_id) == FREED
    assert len(asked(peer, order_id)) == 1  # opened under its key, to be sure that it is closed


def test_cancelling_opens_no_second_attempt(committed, gateway, peer, now):
    with committed() as session:
        cheap = make_offer(session, prices={"USD": 10})
        order_id = place(session, cheap, now=now).id

    assert cancel(gateway, order_id, now).status == "cancelled"
    assert checkout.open_checkout(gateway, order_id=order_id, now=now).status == "cancelled"
    assert len(asked(peer, order_id)) == 1


def test_a_paid_order_is_not_cancelled(committed, gateway, peer, order_id, url, now):
    peer.pay(url)

    for _ in range(2):  # whether we had heard of the payment or not
        with pytest.raises(OrderAlreadyPaid):
            cancel(gateway, order_id, now)

    with committed() as session:
        assert standing(session, order_id) == ("paid", ["sold"], ["sold"])


def test_an_expired_order_says_so(gateway, peer, committed, order_id, url, now):
    with committed() as session:
        gateway.expire_checkout(session.get_one(Order, order_id).last_attempt.session_id)
    checkout.refresh_payment(gateway, order_id=order_id, now=now)

    with pytest.raises(OrderExpired):
        cancel(gateway, order_id, now)


def test_money_on_its_way_is_waited_for(committed, gateway, peer, order_id, url, now):
    peer.pay(url, "pay_late")

    with pytest.raises(PaymentPending):
        cancel(gateway, order_id, now)

    with committed() as session:
        assert standing(session, order_id) == ("awaiting_payment", ["held"], ["held"])


class PayingMeanwhile(Gateway):
    """The buyer pays after she asked to cancel and before Stripe was told."""

    def __init__(self, peer, url):
        super().__init__(
            secret_key=peer.api_key, webhook_secret=peer.webhook_secret, base_url=peer.url
        )
        self.pay = lambda: peer.pay(url)

    def expire_checkout(self, session_id):
        self.pay()
        return super().expire_checkout(session_id)


def test_a_payment_that_overtakes_the_cancellation_wins(committed, peer, order_id, url, now):
    with pytest.raises(OrderAlreadyPaid):
        cancel(PayingMeanwhile(peer, url), order_id, now)

    with committed() as session:
        assert standing(session, order_id) == ("paid", ["sold"], ["sold"])
        assert len(jobs(session, "order.paid")) == 1


@pytest.mark.parametrize("fault", ["error_500_before", "drop_answer", "error_500_after"])
def test_silence_frees_nothing_and_a_worker_finishes_the_cancellation(
    fault, committed, gateway, peer, order_id, url, now
):
    peer.arm(fault, path_prefix=EXPIRE)
    with pytest.raises(Unreachable):
        cancel(gateway, order_id, now)
    with committed() as session:
        assert standing(session, order_id) == ("awaiting_payment", ["held"], ["held"])
        assert len(jobs(session, "order.check_payment")) == 2

    later = now + timedelta(seconds=30)
    found = checkout.refresh_payment(gateway, order_id=order_id, now=later)

    assert found.status == "cancelled"
    with committed() as session:
        assert standing(session, order_id) == FREED
    assert cancel(gateway, order_id, later).status == "cancelled"


def test_a_session_that_expires_after_the_wish_was_written_ends_as_cancelled(
    committed, gateway, peer, order_id, url, now
):
    with committed() as session:
        order = session.get_one(Order, order_id)
        order.cancel_requested_at = now
        gateway.expire_checkout(order.last_attempt.session_id)

    found = checkout.refresh_payment(gateway, order_id=order_id, now=now)

    assert found.status == "cancelled"


def test_somebody_elses_order_is_not_there(committed, gateway, peer, order_id, now):
    with committed() as session:
        other = make_offer(session).cooperative_id
    strangers = [actors.buyer(other), Actor(ActorKind.STAFF, other, other), actors.system("worker")]

    for stranger in strangers:
        with pytest.raises(UnknownOrder):
            checkout.cancel_order(gateway, order_id=order_id, actor=stranger, now=now)

    with committed() as session:
        assert session.get_one(Order, order_id).cancel_requested_at is None


def test_staff_of_the_cooperative_may_cancel(committed, gateway, peer, order_id, url, now):
    with committed() as session:
        cooperative = session.get_one(Order, order_id).cooperative_id
    keeper = Actor(ActorKind.STAFF, order_id, cooperative)

    found = checkout.cancel_order(gateway, order_id=order_id, actor=keeper, now=now)

    assert found.status == "cancelled"
