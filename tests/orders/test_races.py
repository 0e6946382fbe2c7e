"""Races, each arranged: one acts while PostgreSQL reports that the other one waits."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from core import idempotency
from core.actors import Actor, ActorKind
from inventory import listings
from inventory.models import Hold
from inventory.stock import PieceUnavailable
from orders import checkout, fulfilment, news
from orders.checkout import OrderAlreadyPaid
from orders.fulfilment import AlreadyLeft
from orders.models import Order, Shipment
from orders.paying import STRIPE, apply_checkout, end_unpaid
from orders.reading import lock_order
from people.models import Cooperative
from tests.orders.buying import (
    asked,
    jobs,
    make_offer,
    paid,
    payments,
    pieces_of,
    place,
    standing,
)
from tests.orders.test_news import receive
from tests.support.make import house, make_cooperative, make_listing
from tests.support.races import (
    backend_of,
    commit_while_blocked,
    wait_until,
    wait_until_blocked,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def offer(committed):
    with committed() as session:
        return make_offer(session)


@pytest.fixture
def opened(committed, gateway, peer, now, offer):
    """An order with an open page: its id, its session's id, and the page's address."""
    with committed() as session:
        order_id = place(session, offer, now=now).id
    url = checkout.open_checkout(gateway, order_id=order_id, now=now).url
    with committed() as session:
        return order_id, session.get_one(Order, order_id).last_attempt.session_id, url


def test_the_second_buyer_of_one_piece_waits_and_is_then_refused(committed, offer, now):
    def second_buyer():
        with committed() as second:
            place(second, offer, now=now)

    with committed() as first:
        order = place(first, offer, now=now)
        with pytest.raises(PieceUnavailable):
            commit_while_blocked(first, second_buyer)

    with committed() as session:
        assert session.query(Order).one().id == order.id
        assert session.query(Hold).count() == 1


def test_the_second_buyer_gets_the_piece_when_the_first_gives_up(committed, engine, offer, now):
    found = {}

    def second_buyer():
        with committed() as second:
            found["order"] = place(second, offer, now=now).id

    with committed() as first:
        place(first, offer, now=now)
        thread = threading.Thread(target=second_buyer, daemon=True)
        thread.start()
        wait_until_blocked(engine, backend_of(first), by_thread=thread)
        first.rollback()
        thread.join(15)

    with committed() as session:
        assert standing(session, found["order"]) == ("awaiting_payment", ["held"], ["held"])
        assert session.query(Order).count() == 1


def test_two_buyers_of_two_pieces_do_not_wait_for_each_other(committed, now):
    with committed() as session:
        offer = make_offer(session, 2)
        oldest, other = pieces_of(session, offer)

    with committed() as first, committed() as second:
        second.execute(text("SET LOCAL lock_timeout = '2s'"))
        hers, his = place(first, offer, now=now), place(second, offer, now=now)

    assert [line.piece_id for line in (*hers.lines, *his.lines)] == [oldest, other]


def test_who_waits_for_several_gets_the_one_that_comes_free(committed, engine, now):
    with committed() as session:
        offer = make_offer(session, 2)
        oldest, other = pieces_of(session, offer)
    found = {}

    def third_buyer():
        with committed() as third:
            found["piece"] = place(third, offer, now=now).lines[0].piece_id

    with committed() as first, committed() as second:
        place(first, {"piece_id": oldest}, now=now)
        place(second, {"piece_id": other}, now=now)
        thread = threading.Thread(target=third_buyer, daemon=True)
        thread.start()
        wait_until_blocked(engine, backend_of(first), by_thread=thread)
        first.commit()
        wait_until_blocked(engine, backend_of(second), by_thread=thread)
        second.rollback()
        thread.join(15)

    assert found["piece"] == other


def test_two_buyers_who_name_the_same_pieces_in_opposite_order_do_not_lock_each_other_out(
    committed, now
):
    with committed() as session:
        wanted = [{"piece_id": piece} for piece in pieces_of(session, make_offer(session, 2))]

    def second_buyer():
        with committed() as second:
            place(second, *reversed(wanted), now=now)

    with committed() as first:
        place(first, *wanted, now=now)
        with pytest.raises(PieceUnavailable):
            commit_while_blocked(first, second_buyer)


def test_a_buyer_pays_the_price_that_is_being_written(committed, now):
    with committed() as session:
        cooperative = make_cooperative(session)
        offer = make_listing(session, cooperative)

    def buyer():
        with committed() as second:
            return place(second, offer, now=now).total_minor

    with committed() as first:
        listings.change_listing(
            first,
            listing_id=offer.id,
            version=1,
            prices={"USD": 5000},
            actor=house(cooperative),
            now=now,
        )
        assert commit_while_blocked(first, buyer) == 5000


def order_once(session, offer, key, now):
    """What the edge does: claim the buyer's key, and place the order if it is new."""
    claim, new = idempotency.claim(
        session, owner="buyer", operation="order", key=key, request=b"{}", now=now
    )
    if new:
        claim.subject_id = place(session, offer, now=now).id
        session.flush()
    return claim.subject_id


def test_the_same_order_twice_at_once_is_one_order(committed, gateway, peer, offer, now):
    def again():
        with committed() as second:
            return order_once(second, offer, "one-key", now)

    with committed() as first:
        order_id = order_once(first, offer, "one-key", now)
        assert commit_while_blocked(first, again) == order_id

    pages = {checkout.open_checkout(gateway, order_id=order_id, now=now).url for _ in range(2)}
    assert len(pages) == 1
    assert len(asked(peer, order_id)) == 1


def test_a_buyers_retry_meets_her_own_hold_and_gets_her_order_back(
    committed, gateway, peer, offer, now
):
    with committed() as session:
        order_id = order_once(session, offer, "her-key", now)

    with committed() as session:  # her connection broke before she saw the page
        again = order_once(session, offer, "her-key", now + timedelta(minutes=2))

    assert again == order_id
    assert peer.pay(checkout.open_checkout(gateway, order_id=again, now=now).url).ok


def test_a_buyer_who_meets_a_late_hold_has_stripe_asked_at_once(
    committed, gateway, peer, offer, opened, now
):
    order_id, session_id, _url = opened
    gateway.expire_checkout(session_id)
    late = now + timedelta(hours=1)

    with committed() as session, pytest.raises(PieceUnavailable) as refusal:
        place(session, offer, now=late)
    freed = checkout.ask_after_late_holds(gateway, refusal.value.late_orders, late)

    assert freed == [order_id]
    with committed() as session:
        assert place(session, offer, now=late)


def test_a_late_hold_that_was_paid_after_all_is_not_let_go(
    committed, gateway, peer, offer, opened, now
):
    order_id, _session_id, url = opened
    peer.pay(url)
    late = now + timedelta(hours=1)

    assert checkout.ask_after_late_holds(gateway, [order_id], late) == []

    with committed() as session:
        assert standing(session, order_id) == ("paid", ["sold"], ["sold"])
        with pytest.raises(PieceUnavailable):
            place(session, offer, now=late)


def test_no_answer_about_one_late_hold_is_no_obstacle_to_the_others(
    committed, gateway, peer, opened, now
):
    silent, _session_id, _url = opened
    with committed() as session:
        other = place(session, make_offer(session), now=now).id
    peer.arm("error_500_before", method="GET", path_prefix="/v1/checkout/sessions/cs_")

    late = now + timedelta(hours=1)

    assert checkout.ask_after_late_holds(gateway, [silent, other], late) == [other]


def test_an_expiry_heard_while_the_payment_is_being_written_changes_nothing(
    committed, gateway, peer, opened, now
):
    order_id, session_id, url = opened
    stale = gateway.read_checkout(session_id)
    there = paid(gateway, peer, session_id, url)

    def expiry():
        with committed() as second:
            ended = replace(stale, status="expired")
            apply_checkout(second, order_id=order_id, checkout=ended, now=now)

    with committed() as first:
        apply_checkout(first, order_id=order_id, checkout=there, now=now)
        commit_while_blocked(first, expiry)

    with committed() as session:
        assert standing(session, order_id) == ("paid", ["sold"], ["sold"])


def test_a_payment_heard_while_an_expiry_is_being_written_still_buys_the_piece(
    committed, gateway, peer, opened, now
):
    order_id, session_id, url = opened
    there = paid(gateway, peer, session_id, url)

    def payment():
        with committed() as second:
            apply_checkout(second, order_id=order_id, checkout=there, now=now)

    with committed() as first:
        order = lock_order(first, order_id)
        end_unpaid(first, order, why="a mistake", actor=STRIPE, now=now)
        first.flush()
        commit_while_blocked(first, payment)

    with committed() as session:
        assert standing(session, order_id) == ("paid", ["sold"], ["released", "sold"])
        assert payments(session, order_id) == 1


def test_a_cancellation_waits_for_the_payment_being_written_and_is_refused(
    committed, gateway, peer, opened, now
):
    order_id, session_id, url = opened
    there = paid(gateway, peer, session_id, url)
    with committed() as session:
        keeper = session.get_one(Order, order_id).cooperative_id

    def cancel():
        actor = Actor(ActorKind.STAFF, order_id, keeper)
        checkout.cancel_order(gateway, order_id=order_id, actor=actor, now=now)

    with committed() as first:
        apply_checkout(first, order_id=order_id, checkout=there, now=now)
        with pytest.raises(OrderAlreadyPaid):
            commit_while_blocked(first, cancel)

    with committed() as session:
        assert standing(session, order_id) == ("paid", ["sold"], ["sold"])


def test_one_webhook_delivered_twice_at_once_is_kept_once(committed, now):
    def again():
        with committed() as second:
            receive(second, now, "cs_1", event_id="evt_1")

    with committed() as first:
        receive(first, now, "cs_1", event_id="evt_1")
        commit_while_blocked(first, again)

    with committed() as session:
        assert jobs(session, "stripe.news") == [{"event_id": "evt_1"}]


def waiting(engine):
    with engine.connect() as connection:
        return connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
            )
        ).scalar_one()


def test_three_news_of_one_payment_applied_at_once_are_one_payment(
    committed, engine, gateway, peer, opened, now
):
    order_id, session_id, url = opened
    peer.pay(url)
    with committed() as session:
        told = [receive(session, now, session_id) for _ in range(3)]
    outcomes = []

    def apply(event_id):
        outcomes.append(news.follow_checkout(gateway, event_id=event_id, now=now))

    threads = [threading.Thread(target=apply, args=(one,), daemon=True) for one in told]
    with committed() as first:
        lock_order(first, order_id)
        for thread in threads:
            thread.start()
        wait_until(lambda: waiting(engine) == 3, what="all three to wait for the order")
        first.commit()
        for thread in threads:
            thread.join(15)

    assert outcomes == ["applied"] * 3
    with committed() as session:
        assert payments(session, order_id) == 1
        assert len(jobs(session, "order.paid")) == 1


def test_the_same_parcel_packed_twice_at_once_leaves_once(committed, gateway, peer, opened, now):
    order_id, _session_id, url = opened
    peer.pay(url)
    checkout.refresh_payment(gateway, order_id=order_id, now=now)
    with committed() as session:
        cooperative = session.get_one(Order, order_id).cooperative_id
        keeper = house(session.get_one(Cooperative, cooperative))

    def again():
        with committed() as second:
            fulfilment.hand_over(second, order_id=order_id, actor=keeper, now=now)

    with committed() as first:
        fulfilment.hand_over(first, order_id=order_id, actor=keeper, now=now)
        with pytest.raises(AlreadyLeft):
            commit_while_blocked(first, again)

    with committed() as session:
        assert session.query(Shipment).count() == 1
        assert len(jobs(session, "order.handed_over")) == 1
