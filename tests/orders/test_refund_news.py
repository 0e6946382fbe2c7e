"""News of refunds: in whatever order, whoever made them; and money that no order can keep."""

import itertools
import logging

import pytest

from core.db import transaction
from core.ids import new_id
from orders import checkout, paying, refund_news
from orders.models import Order, OrderPayment, StrayPayment
from orders.paying import apply_checkout
from orders.refund_models import Refund
from orders.refund_news import apply_refund
from payments.attempts import Result
from tests.orders.buying import jobs, place, standing
from tests.orders.refunding import (
    all_refunds,
    at_stripe,
    attempts_of,
    begin,
    bought,
    notes,
    parts_of,
    refunded,
    request,
    send,
    status_of,
    unpaid,
)
from tests.orders.test_news import receive

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def sale(gateway, peer, now):
    return bought(gateway, peer, now)


@pytest.fixture(autouse=True)
def _quick_again(peer):
    yield
    peer.slow_refunds(False)


def tell(gateway, now, object_id, topic="refund.updated"):
    """News arrives, and is followed."""
    with transaction() as session:
        event_id = receive(session, now, object_id, topic=topic)
    follow = refund_news.follow_charge if topic.startswith("charge") else refund_news.follow_refund
    return follow(gateway, event_id=event_id, now=now)


def in_dashboard(gateway, charge_id, minor=None, **more):
    """Somebody makes a refund at Stripe, without us."""
    request = {"charge": charge_id, **({"amount": minor} if minor else {}), **more}
    return gateway.refund(request, key=f"dashboard:{new_id()}")


@pytest.mark.parametrize("ending", ["succeeded", "failed", "canceled"])
def test_a_refund_under_way_follows_its_end(gateway, peer, sale, now, ending):
    peer.slow_refunds()
    refund_id = refunded(gateway, sale, now, minor=1000)
    (sent,) = at_stripe(gateway, sale)
    peer.end_refund(sent.id, ending)

    for _ in range(2):
        assert tell(gateway, now, sent.id) == "applied"

    assert status_of(refund_id) == ("succeeded" if ending == "succeeded" else "failed")
    assert len(notes("order.refund_failed")) == (0 if ending == "succeeded" else 1)


def test_news_before_our_own_record_gives_the_attempt_its_answer(gateway, sale, now):
    refund_id = request(sale, now, minor=1000)
    with transaction() as session:
        asking = begin(session, refund_id, now)
    sent = gateway.refund(asking.request, key=asking.key)

    assert tell(gateway, now, sent.id, "refund.created") == "applied"

    assert (status_of(refund_id), attempts_of(refund_id)) == ("succeeded", [(1, "done")])
    assert send(gateway, refund_id, now) is Result.NOT_NOW
    assert len(all_refunds(sale)) == 1


@pytest.mark.parametrize("topic", ["refund.created", "charge.refunded"])
def test_a_refund_made_in_the_dashboard_is_taken_in_once_and_divided(gateway, sale, now, topic):
    sent = in_dashboard(gateway, sale.charge_id, 1001, reason="requested_by_customer")
    about = sale.charge_id if topic == "charge.refunded" else sent.id

    for _ in range(2):
        assert tell(gateway, now, about, topic) == "applied"

    assert all_refunds(sale) == [("succeeded", "buyer_asked", 1001)]
    with transaction() as session:
        refund = session.query(Refund).one()
        assert refund.requested_by == "system:stripe"
        assert refund.settled_minor == 1001
        refund_id = refund.id
    assert parts_of(refund_id) == [("line", 501), ("line", 500)]
    assert notes("order.refunded") == [{"refund_id": str(refund_id)}]


def test_two_refunds_in_the_dashboard_are_two(gateway, sale, now):
    for _ in range(2):
        in_dashboard(gateway, sale.charge_id, 500)

    tell(gateway, now, sale.charge_id, "charge.refunded")

    assert all_refunds(sale) == [("succeeded", "goodwill", 500)] * 2


def test_the_whole_in_the_dashboard_cancels_what_has_not_left(committed, gateway, sale, now):
    in_dashboard(gateway, sale.charge_id)

    tell(gateway, now, sale.charge_id, "charge.refunded")

    with committed() as session:
        assert standing(session, sale.order_id)[:2] == ("cancelled", ["listed", "listed"])


def test_a_dashboard_refund_that_failed_before_we_heard_of_it_takes_nothing(
    gateway, peer, sale, now
):
    sent = in_dashboard(gateway, sale.charge_id, 500)
    peer.end_refund(sent.id, "failed")

    assert tell(gateway, now, sent.id) == "applied"

    assert all_refunds(sale) == [("failed", "goodwill", 500)]
    assert notes("order.refunded") == notes("order.refund_failed") == []
    request(sale, now, minor=sale.total)


def test_a_dashboard_refund_comes_before_ours_that_was_not_made(gateway, sale, now):
    ours = request(sale, now, minor=8000)
    sent = in_dashboard(gateway, sale.charge_id, 5000)

    tell(gateway, now, sent.id)
    assert send(gateway, ours, now) is Result.REFUSED

    assert [row[0] for row in all_refunds(sale)] == ["failed", "succeeded"]
    with transaction() as session:
        theirs = session.query(Refund).filter_by(stripe_id=sent.id).one()
        assert sum(part.amount_minor for part in theirs.parts) == 5000


def test_metadata_copied_to_another_refund_deceives_nobody(gateway, sale, now):
    ours = request(sale, now, minor=1000)
    copied = {"refund": str(ours), "order": str(sale.order_id)}
    sent = in_dashboard(gateway, sale.charge_id, 300, metadata=copied)

    assert tell(gateway, now, sent.id) == "applied"

    assert [(row[0], row[2]) for row in all_refunds(sale)] == [("asking", 1000), ("succeeded", 300)]


def test_news_of_a_charge_nobody_knows_yet_waits(gateway, peer, now):
    order_id = unpaid(now)
    url = checkout.open_checkout(gateway, order_id=order_id, now=now).url
    peer.pay(url)
    with transaction() as session:
        session_id = session.get_one(Order, order_id).last_attempt.session_id
    payment = gateway.read_checkout(session_id).payment
    sent = in_dashboard(gateway, payment.charge_id, 500)
    with transaction() as session:
        event_id = receive(session, now, sent.id, topic="refund.created")

    assert refund_news.follow_refund(gateway, event_id=event_id, now=now) == "waiting"
    checkout.refresh_payment(gateway, order_id=order_id, now=now)
    assert refund_news.follow_refund(gateway, event_id=event_id, now=now) == "applied"


@pytest.mark.parametrize("fault", ["error_500_before", "rate_limit", "drop_answer"])
def test_without_an_answer_the_news_is_kept(gateway, peer, sale, now, fault):
    sent = in_dashboard(gateway, sale.charge_id, 500)
    peer.arm(fault, method="GET", path_prefix="/v1/refunds")

    assert tell(gateway, now, sent.id) == "failed"
    assert all_refunds(sale) == []


def seen_at_every_step(gateway, peer, sale, steps):
    """What Stripe says of one refund after each step of its life."""
    seen = [gateway.read_refund(steps[0])]
    for outcome in steps[1:]:
        peer.end_refund(steps[0], outcome)
        seen.append(gateway.read_refund(steps[0]))
    return seen


LIVES = [("succeeded",), ("failed",), ("succeeded", "failed")]


@pytest.mark.parametrize("ours", [True, False], ids=["ours", "dashboard"])
@pytest.mark.parametrize("life", LIVES, ids="-".join)
def test_every_order_of_what_is_heard_ends_the_same(gateway, peer, now, life, ours):
    """What was read may be applied late, in any order, and twice: the end is the same."""
    peer.slow_refunds()
    for order in set(itertools.permutations((*range(len(life) + 1), len(life)))):
        sale = bought(gateway, peer, now, count=1)
        if ours:
            refunded(gateway, sale, now, minor=1000)
            (sent,) = at_stripe(gateway, sale)
        else:
            sent = in_dashboard(gateway, sale.charge_id, 1000)
        heard = seen_at_every_step(gateway, peer, sale, (sent.id, *life))

        for step in (*order, len(life)):
            with transaction() as session:
                assert apply_refund(session, heard[step], now=now)

        with transaction() as session:
            (refund,) = session.query(Refund).filter_by(order_id=sale.order_id)
            assert refund.status == life[-1], order
            booked = jobs(session, "order.refunded").count({"refund_id": str(refund.id)})
            undone = jobs(session, "order.refund_failed").count({"refund_id": str(refund.id)})
        # What was never booked here is not booked back either.
        assert booked - undone == (1 if life[-1] == "succeeded" else 0), order
        assert booked <= 1


def pay_twice(gateway, peer, now):
    """An order paid by its page, and once more by a page it should not have had."""
    sale = bought(gateway, peer, now)
    with transaction() as session:
        frozen_request = dict(session.get_one(Order, sale.order_id).last_attempt.request)
    again = gateway.open_checkout(frozen_request, key=f"again:{sale.order_id}")
    peer.pay(again.url)
    return sale, gateway.read_checkout(again.session_id)


def stray_of(sale_order_id):
    with transaction() as session:
        refund = session.query(Refund).filter_by(order_id=sale_order_id).one()
        return refund.id, refund.charge_id, refund.parts


def test_what_is_paid_twice_goes_back_whole_and_once(committed, gateway, peer, now):
    sale, second = pay_twice(gateway, peer, now)

    for _ in range(3):
        with committed() as session:
            apply_checkout(session, order_id=sale.order_id, checkout=second, now=now)
    refund_id, charge_id, parts = stray_of(sale.order_id)
    assert send(gateway, refund_id, now) is Result.DONE

    assert (charge_id, parts) == (second.payment.charge_id, [])
    assert all_refunds(sale) == [("succeeded", "paid_twice", sale.total)]
    assert [sent.amount.minor for sent in gateway.refunds_of(charge_id)] == [sale.total]
    assert at_stripe(gateway, sale) == []
    with committed() as session:
        stray = session.query(StrayPayment).one()
        assert stray.gross_minor - stray.fee_minor == stray.net_minor
        assert jobs(session, "order.stray_paid") == [{"stray_id": str(stray.id)}]
        assert standing(session, sale.order_id)[0] == "paid"
    request(sale, now, minor=sale.total)  # what the order kept is untouched


def test_money_for_pieces_that_are_gone_goes_back_and_never_buys_them_later(
    committed, gateway, peer, now, caplog
):
    order_id = unpaid(now, count=1)
    url = checkout.open_checkout(gateway, order_id=order_id, now=now).url
    with committed() as session:
        order = session.get_one(Order, order_id)
        paying.end_unpaid(session, order, why="a mistake", actor=paying.STRIPE, now=now)
        session.flush()
        other_id = place(session, {"piece_id": order.lines[0].piece_id}, now=now).id
        session_id = order.last_attempt.session_id
    peer.pay(url)
    there = gateway.read_checkout(session_id)

    with committed() as session, caplog.at_level(logging.CRITICAL):
        apply_checkout(session, order_id=order_id, checkout=there, now=now)
    with committed() as session:
        other = session.get_one(Order, other_id)
        paying.end_unpaid(session, other, why="given up", actor=paying.STRIPE, now=now)
        session.flush()
        apply_checkout(session, order_id=order_id, checkout=there, now=now)
    refund_id, _charge, _parts = stray_of(order_id)
    send(gateway, refund_id, now)

    with committed() as session:
        assert standing(session, order_id)[:2] == ("expired", ["listed"])
        assert session.query(OrderPayment).count() == 0
        refund = session.get_one(Refund, refund_id)
        assert (refund.status, refund.reason) == ("succeeded", "piece_gone")


def test_a_stray_refunded_in_the_dashboard_is_taken_in_without_parts(committed, gateway, peer, now):
    sale, second = pay_twice(gateway, peer, now)
    with committed() as session:
        apply_checkout(session, order_id=sale.order_id, checkout=second, now=now)
    ours, charge_id, _parts = stray_of(sale.order_id)
    sent = in_dashboard(gateway, charge_id)

    tell(gateway, now, sent.id)
    send(gateway, ours, now)

    assert all_refunds(sale) == [
        ("failed", "paid_twice", sale.total),
        ("succeeded", "paid_twice", sale.total),
    ]
    with committed() as session:
        taken = session.query(Refund).filter_by(stripe_id=sent.id).one()
        assert taken.parts == []
