"""News: a reason to ask Stripe; what Stripe then says is applied, or waits, and is never lost."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from app.news import TOPICS, apply_news
from orders import checkout, news
from orders.models import Order
from payments import inbox
from payments.errors import Unreachable
from payments.gateway import Gateway
from payments.models import News
from payments.webhooks import ReceivedNews
from tests.orders.buying import make_offer, page_of, payments, place, standing


def receive(session, now, object_id, *, topic="checkout.session.completed", event_id=None):
    event_id = event_id or f"evt_{uuid.uuid4().hex}"
    told = ReceivedNews(
        id=event_id,
        type=topic,
        object_id=object_id,
        account=None,
        livemode=False,
        api_version="2026-10-28.endive",
        created_at=now,
    )
    inbox.receive(session, told, now)
    return event_id


@pytest.fixture
def bought(committed, gateway, peer, now):
    with committed() as session:
        order_id = place(session, make_offer(session), now=now).id
    url = checkout.open_checkout(gateway, order_id=order_id, now=now).url
    with committed() as session:
        return order_id, session.get_one(Order, order_id).last_attempt.session_id, url


def state_of(committed, event_id):
    with committed() as session:
        row = session.get_one(News, event_id)
        return row.state, row.tries


def test_news_of_a_payment_makes_the_order_paid(committed, gateway, peer, bought, now):
    order_id, session_id, url = bought
    peer.pay(url)
    with committed() as session:
        event_id = receive(session, now, session_id)

    assert news.follow_checkout(gateway, event_id=event_id, now=now) == "applied"

    with committed() as session:
        assert standing(session, order_id)[0] == "paid"
    assert state_of(committed, event_id) == ("applied", 1)


def test_news_told_again_is_applied_once(committed, gateway, peer, bought, now):
    order_id, session_id, url = bought
    peer.pay(url)
    with committed() as session:
        first, second = receive(session, now, session_id), receive(session, now, session_id)

    for event_id in (first, first, second):
        assert news.follow_checkout(gateway, event_id=event_id, now=now) == "applied"

    with committed() as session:
        assert payments(session, order_id) == 1
    assert state_of(committed, first) == ("applied", 1)


@pytest.mark.parametrize(
    "topic", sorted(topic for topic, follow in TOPICS.items() if follow is news.follow_checkout)
)
def test_what_the_news_says_does_not_matter_only_what_stripe_says(
    topic, committed, gateway, peer, bought, now
):
    order_id, session_id, _url = bought
    with committed() as session:
        event_id = receive(session, now, session_id, topic=topic)

    assert news.follow_checkout(gateway, event_id=event_id, now=now) == "applied"

    with committed() as session:  # for Stripe the session is open
        assert standing(session, order_id) == ("awaiting_payment", ["held"], ["held"])


def test_news_before_our_own_commit_waits_and_is_applied_later(committed, gateway, peer, now):
    with committed() as placing:
        order = place(placing, make_offer(placing), now=now)
        there = gateway.open_checkout(order.attempts[0].request, key=order.attempts[0].key)
        peer.pay(there.url)
        with committed() as session:
            event_id = receive(session, now, there.session_id)
        assert news.follow_checkout(gateway, event_id=event_id, now=now) == "waiting"
    assert state_of(committed, event_id) == ("waiting", 1)

    assert news.follow_checkout(gateway, event_id=event_id, now=now) == "applied"

    with committed() as session:
        assert standing(session, order.id) == ("paid", ["sold"], ["sold"])


class NotBookedYet(Gateway):
    """Stripe before the charge has its balance transaction."""

    def read_checkout(self, session_id):
        return replace(super().read_checkout(session_id), payment=None)


def test_a_payment_stripe_has_not_booked_yet_waits(committed, gateway, peer, bought, now):
    order_id, session_id, url = bought
    peer.pay(url)
    early = NotBookedYet(
        secret_key=peer.api_key, webhook_secret=peer.webhook_secret, base_url=peer.url
    )
    with committed() as session:
        event_id = receive(session, now, session_id)

    assert news.follow_checkout(early, event_id=event_id, now=now) == "waiting"
    with committed() as session:
        assert standing(session, order_id) == ("awaiting_payment", ["held"], ["held"])
    assert news.follow_checkout(gateway, event_id=event_id, now=now) == "applied"
    with committed() as session:
        assert standing(session, order_id) == ("paid", ["sold"], ["sold"])


def test_a_session_made_elsewhere_is_ignored(committed, gateway, peer, now):
    request = {
        "mode": "payment",
        "success_url": page_of(uuid.uuid4()),
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "usd",
                    "unit_amount": 900,
                    "product_data": {"name": "A ticket"},
                },
            }
        ],
    }
    there = gateway.open_checkout(request, key=f"elsewhere:{uuid.uuid4()}")
    with committed() as session:
        event_id = receive(session, now, there.session_id)

    assert news.follow_checkout(gateway, event_id=event_id, now=now) == "ignored"


def test_news_nobody_listens_to_is_ignored_without_asking(committed, gateway, now):
    with committed() as session:
        event_id = receive(session, now, "cus_1", topic="customer.created")

    apply_news(gateway, event_id=event_id)

    assert state_of(committed, event_id) == ("ignored", 1)


@pytest.mark.parametrize("fault", ["error_500_before", "rate_limit", "drop_answer"])
def test_without_an_answer_the_news_is_kept_for_later(fault, committed, gateway, peer, bought, now):
    _order_id, session_id, url = bought
    peer.pay(url)
    with committed() as session:
        event_id = receive(session, now, session_id)
    peer.arm(fault, method="GET", path_prefix="/v1/checkout/sessions")

    assert news.follow_checkout(gateway, event_id=event_id, now=now) == "failed"
    with committed() as session:
        assert inbox.news_to_retry(session, now + timedelta(minutes=1)) == []
        assert inbox.news_to_retry(session, now + timedelta(minutes=2)) == [event_id]

    assert news.follow_checkout(gateway, event_id=event_id, now=now) == "applied"
    assert state_of(committed, event_id) == ("applied", 2)


def test_news_of_a_session_stripe_does_not_know_fails_and_is_kept(committed, gateway, peer, now):
    with committed() as session:
        event_id = receive(session, now, "cs_test_unknown")

    assert news.follow_checkout(gateway, event_id=event_id, now=now) == "failed"


@pytest.mark.parametrize(
    ("trouble", "written"),
    [(Unreachable("no answer"), "no answer"), (ValueError("Ada, ada@example.org"), "ValueError")],
)
def test_what_breaks_is_written_on_the_news_and_tried_again_as_any_job(
    trouble, written, committed, gateway, now, monkeypatch
):
    def breaks(*_args, **_more):
        raise trouble

    monkeypatch.setitem(TOPICS, "checkout.session.completed", breaks)
    with committed() as session:
        event_id = receive(session, now, "cs_1")

    with pytest.raises(type(trouble)):
        apply_news(gateway, event_id=event_id)

    with committed() as session:
        row = session.get_one(News, event_id)
        assert (row.state, row.reason, row.tries) == ("failed", written, 1)
