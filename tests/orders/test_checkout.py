"""Opening the payment page: one session, whatever is lost on the way."""

from datetime import timedelta

import pytest

from orders import checkout
from orders.checkout import PaymentRefused
from orders.models import CheckoutAttempt, Order
from payments.errors import Declined, Unreachable
from payments.gateway import Gateway
from tests.orders.buying import asked, jobs, make_offer, page_of, place, standing
from tests.support.peer import PeerProcess


def attempts(session, order_id):
    rows = session.query(CheckoutAttempt).filter_by(order_id=order_id)
    return [(row.number, row.status) for row in rows.order_by(CheckoutAttempt.number)]


@pytest.fixture
def order_id(committed, now):
    with committed() as session:
        return place(session, make_offer(session), now=now).id


def test_the_page_is_opened_with_what_was_written_down(committed, gateway, peer, order_id, now):
    found = checkout.open_checkout(gateway, order_id=order_id, now=now)

    assert found.url
    assert found.status == "awaiting_payment"
    with committed() as session:
        order = session.get_one(Order, order_id)
        assert attempts(session, order_id) == [(1, "open")]
        session_id, expires_at = order.last_attempt.session_id, order.expires_at
    there = gateway.read_checkout(session_id)
    assert (there.order_id, there.expires_at) == (order_id, expires_at)
    (request,) = asked(peer, order_id)
    assert request["idempotency_key"] == f"co:{order_id}:1"
    assert request["params"]["success_url"] == page_of(order_id)
    assert request["params"]["payment_intent_data"]["transfer_group"] == str(order_id)


def test_asking_for_the_page_again_finds_the_same_one(gateway, peer, order_id, now):
    first = checkout.open_checkout(gateway, order_id=order_id, now=now)
    second = checkout.open_checkout(gateway, order_id=order_id, now=now + timedelta(minutes=1))

    assert second == first
    assert len(asked(peer, order_id)) == 1


@pytest.mark.parametrize("fault", ["drop_answer", "error_500_before", "rate_limit"])
def test_silence_is_met_with_the_same_request_under_the_same_key(
    fault, committed, gateway, peer, order_id, now
):
    peer.arm(fault, path_prefix="/v1/checkout/sessions")
    with pytest.raises(Unreachable):
        checkout.open_checkout(gateway, order_id=order_id, now=now)
    with committed() as session:
        assert attempts(session, order_id) == [(1, "asking")]

    later = now + timedelta(seconds=20)
    found = checkout.open_checkout(gateway, order_id=order_id, now=later)

    first, second = asked(peer, order_id)
    assert first["idempotency_key"] == second["idempotency_key"]
    assert first["params"] == second["params"]
    assert peer.pay(found.url).status_code == 303


def test_a_slow_answer_is_silence_too(gateway, peer, order_id, now):
    hasty = Gateway(
        secret_key=peer.api_key,
        webhook_secret=peer.webhook_secret,
        base_url=peer.url,
        timeout=(3.05, 0.2),
    )
    peer.arm("slow_after", path_prefix="/v1/checkout/sessions", seconds=1)
    with pytest.raises(Unreachable):
        checkout.open_checkout(hasty, order_id=order_id, now=now)

    found = checkout.open_checkout(gateway, order_id=order_id, now=now)

    assert found.url
    assert [request["replayed"] for request in asked(peer, order_id)] == [False, True]


def test_a_session_behind_a_server_error_is_looked_for_and_found(gateway, peer, order_id, now):
    peer.arm("error_500_after", path_prefix="/v1/checkout/sessions")

    found = checkout.open_checkout(gateway, order_id=order_id, now=now)

    assert len(asked(peer, order_id)) == 1
    assert peer.pay(found.url).status_code == 303


def test_a_no_to_looking_for_a_session_is_not_a_no_to_opening_it(
    committed, peer, gateway, order_id, now
):
    class MayNotLook(Gateway):
        def find_checkout(self, order_id, *, since, until):
            raise Declined("lists are not for this key")

    limited = MayNotLook(
        secret_key=peer.api_key, webhook_secret=peer.webhook_secret, base_url=peer.url
    )
    peer.arm("error_500_after", path_prefix="/v1/checkout/sessions")
    with pytest.raises(Unreachable):
        checkout.open_checkout(limited, order_id=order_id, now=now)

    with committed() as session:
        assert attempts(session, order_id) == [(1, "asking")]
    assert checkout.open_checkout(gateway, order_id=order_id, now=now).url


def test_who_dies_before_asking_is_followed_by_a_worker(committed, gateway, peer, order_id, now):
    with committed() as session:
        assert jobs(session, "order.open_checkout") == [{"order_id": str(order_id)}]
        assert jobs(session, "order.check_payment") == [{"order_id": str(order_id)}]

    found = checkout.open_checkout(gateway, order_id=order_id, now=now + timedelta(seconds=20))

    assert found.url
    assert len(asked(peer, order_id)) == 1


def test_who_dies_before_writing_the_answer_loses_nothing(committed, gateway, peer, order_id, now):
    with committed() as session:
        attempt = session.get_one(Order, order_id).last_attempt
        lost = gateway.open_checkout(attempt.request, key=attempt.key)

    found = checkout.open_checkout(gateway, order_id=order_id, now=now)

    assert found.url == lost.url
    with committed() as session:
        assert session.get_one(Order, order_id).last_attempt.session_id == lost.session_id


def test_after_a_definite_no_the_next_attempt_is_asked_with_a_fresh_end(
    committed, gateway, peer, now
):
    too_old = now - timedelta(minutes=10)  # its end is less than half an hour ahead by now
    with committed() as session:
        order_id = place(session, make_offer(session), now=too_old).id

    found = checkout.open_checkout(gateway, order_id=order_id, now=now)

    assert found.expires_at == now + timedelta(minutes=31)
    with committed() as session:
        assert attempts(session, order_id) == [(1, "refused"), (2, "open")]
        assert session.get_one(Order, order_id).expires_at == found.expires_at
    keys = [request["idempotency_key"] for request in asked(peer, order_id)]
    assert keys == [f"co:{order_id}:1", f"co:{order_id}:2"]


def test_after_three_refusals_the_order_is_cancelled_and_the_pieces_are_free(
    committed, gateway, peer, now
):
    with committed() as session:
        cheap = make_offer(session, prices={"USD": 10})  # less than Stripe charges at all
        order_id = place(session, cheap, now=now).id

    for _ in range(2):  # the second time is the same answer without asking
        with pytest.raises(PaymentRefused):
            checkout.open_checkout(gateway, order_id=order_id, now=now)

    assert len(asked(peer, order_id)) == 3
    with committed() as session:
        assert standing(session, order_id) == ("cancelled", ["listed"], ["released"])
        assert attempts(session, order_id) == [(1, "refused"), (2, "refused"), (3, "refused")]


def test_an_attempt_never_sent_is_looked_for_after_its_end_and_the_order_expires(
    committed, gateway, peer, order_id, now
):
    end = now + timedelta(minutes=31)

    found = checkout.refresh_payment(gateway, order_id=order_id, now=end)

    assert found.status == "expired"
    assert asked(peer, order_id) == []
    with committed() as session:
        assert standing(session, order_id) == ("expired", ["listed"], ["released"])
        assert attempts(session, order_id) == [(1, "expired")]


def test_an_answer_lost_for_longer_than_its_key_lives_is_found_and_followed(
    committed, gateway, peer, order_id, now
):
    with committed() as session:
        attempt = session.get_one(Order, order_id).last_attempt
        lost = gateway.open_checkout(attempt.request, key=attempt.key)
    peer.pay(lost.url)

    found = checkout.refresh_payment(gateway, order_id=order_id, now=now + timedelta(days=2))

    assert found.status == "paid"
    assert len(asked(peer, order_id)) == 1
    with committed() as session:
        assert standing(session, order_id) == ("paid", ["sold"], ["sold"])


def test_while_stripe_is_silent_nothing_is_freed_and_a_note_is_left(
    committed, gateway, peer, order_id, now
):
    checkout.open_checkout(gateway, order_id=order_id, now=now)
    peer.arm("error_500_before", method="GET", path_prefix="/v1/checkout/sessions")

    found = checkout.refresh_payment(gateway, order_id=order_id, now=now + timedelta(hours=1))

    assert found.status == "awaiting_payment"
    with committed() as session:
        assert standing(session, order_id) == ("awaiting_payment", ["held"], ["held"])
        assert len(jobs(session, "order.check_payment")) == 2


def test_an_order_expires_when_the_time_is_over_at_stripe(committed, order_id, now):
    with PeerProcess() as peer:  # one of our own, because its clock is moved
        peer.advance(max(int(now.timestamp()) - peer.now(), 0))
        own = Gateway(
            secret_key=peer.api_key, webhook_secret=peer.webhook_secret, base_url=peer.url
        )
        checkout.open_checkout(own, order_id=order_id, now=now)
        end = now + timedelta(minutes=32)
        assert checkout.refresh_payment(own, order_id=order_id, now=end).status == (
            "awaiting_payment"
        )
        peer.advance(32 * 60)

        assert checkout.refresh_payment(own, order_id=order_id, now=end).status == "expired"

    with committed() as session:
        assert standing(session, order_id) == ("expired", ["listed"], ["released"])


def test_a_session_that_stripe_calls_open_keeps_its_pieces_whatever_our_clock_says(
    committed, gateway, order_id, now
):
    checkout.open_checkout(gateway, order_id=order_id, now=now)

    found = checkout.refresh_payment(gateway, order_id=order_id, now=now + timedelta(days=1))

    assert found.status == "awaiting_payment"
    with committed() as session:
        assert standing(session, order_id) == ("awaiting_payment", ["held"], ["held"])
