"""Paying: what Stripe says becomes true of the order once, and nothing else does."""

import logging
import uuid
from datetime import timedelta

import pytest

from core.lives import LifeMove
from orders import checkout, paying
from orders.models import CheckoutAttempt, Order
from orders.paying import apply_checkout
from orders.reading import UnknownOrder
from tests.orders.buying import jobs, make_offer, payments, place, standing


@pytest.fixture
def bought(committed, gateway, peer, now):
    """An order with an open page: its id, its session's id, and the page's address."""
    with committed() as session:
        order_id = place(session, make_offer(session, 2), now=now).id
    url = checkout.open_checkout(gateway, order_id=order_id, now=now).url
    with committed() as session:
        session_id = session.get_one(Order, order_id).last_attempt.session_id
    return order_id, session_id, url


def test_a_paid_order_is_sold_with_what_stripe_booked(committed, gateway, peer, bought, now):
    order_id, session_id, url = bought
    peer.pay(url)
    there = gateway.read_checkout(session_id).payment

    found = checkout.refresh_payment(gateway, order_id=order_id, now=now)

    assert (found.status, found.url) == ("paid", None)
    with committed() as session:
        assert standing(session, order_id) == ("paid", ["sold"], ["sold"])
        order = session.get_one(Order, order_id)
        assert order.paid_at == there.paid_at
        row = order.payment
        assert row.charge_id == there.charge_id
        assert (row.charged_minor, row.charged_currency) == (order.total_minor, "USD")
        assert row.gross_minor - row.fee_minor == row.net_minor
        assert jobs(session, "order.paid") == [{"order_id": str(order_id)}]


def test_a_charge_in_soles_is_booked_in_dollars_at_stripes_rate(committed, gateway, peer, now):
    with committed() as session:
        order_id = place(session, make_offer(session), now=now, currency="PEN").id
    peer.pay(checkout.open_checkout(gateway, order_id=order_id, now=now).url)

    checkout.refresh_payment(gateway, order_id=order_id, now=now)

    with committed() as session:
        row = session.get_one(Order, order_id).payment
        assert (row.charged_minor, row.charged_currency) == (16000, "PEN")
        assert row.settlement_currency == "USD"
        assert float(row.exchange_rate) > 0


def test_a_declined_card_changes_nothing_and_the_next_one_pays(
    committed, gateway, peer, bought, now
):
    order_id, _session_id, url = bought
    assert peer.pay(url, "decline").status_code == 402

    assert checkout.refresh_payment(gateway, order_id=order_id, now=now).status == (
        "awaiting_payment"
    )
    peer.pay(url, "authenticate")
    assert checkout.refresh_payment(gateway, order_id=order_id, now=now).status == "paid"


def test_the_same_word_twice_is_written_once(committed, gateway, peer, bought, now):
    order_id, session_id, url = bought
    peer.pay(url)
    there = gateway.read_checkout(session_id)

    for _ in range(3):
        with committed() as session:
            apply_checkout(session, order_id=order_id, checkout=there, now=now)

    with committed() as session:
        assert payments(session, order_id) == 1
        assert len(jobs(session, "order.paid")) == 1
        moves = session.query(LifeMove).filter_by(subject_id=order_id, to_status="paid")
        assert moves.count() == 1


def test_a_session_that_ended_frees_the_pieces_and_its_end_again_changes_nothing(
    committed, gateway, bought, now
):
    order_id, session_id, _url = bought
    gateway.expire_checkout(session_id)

    for _ in range(2):
        assert checkout.refresh_payment(gateway, order_id=order_id, now=now).status == "expired"

    with committed() as session:
        assert standing(session, order_id) == ("expired", ["listed"], ["released"])
        assert session.query(CheckoutAttempt).one().status == "expired"


def test_money_that_takes_days_is_waited_for(committed, gateway, peer, bought, now):
    order_id, session_id, url = bought
    peer.pay(url, "pay_late")

    waiting = checkout.refresh_payment(gateway, order_id=order_id, now=now + timedelta(hours=2))
    with committed() as session:
        assert standing(session, order_id) == ("awaiting_payment", ["held"], ["held"])
    peer.settle(session_id)
    arrived = checkout.refresh_payment(gateway, order_id=order_id, now=now + timedelta(days=3))

    assert (waiting.status, arrived.status) == ("awaiting_payment", "paid")


def test_money_that_never_comes_frees_the_pieces(committed, gateway, peer, bought, now):
    order_id, session_id, url = bought
    peer.pay(url, "pay_late")
    peer.settle(session_id, "fail")

    found = checkout.refresh_payment(gateway, order_id=order_id, now=now + timedelta(days=3))

    assert found.status == "expired"
    with committed() as session:
        assert standing(session, order_id) == ("expired", ["listed"], ["released"])


def end_by_mistake(committed, order_id, now):
    """What must not happen: the order ends here while its page can still be paid."""
    with committed() as session:
        order = session.get_one(Order, order_id)
        paying.end_unpaid(session, order, why="a mistake", actor=paying.STRIPE, now=now)


def test_money_after_the_end_buys_the_pieces_if_they_are_still_free(
    committed, gateway, peer, bought, now, caplog
):
    order_id, session_id, url = bought
    end_by_mistake(committed, order_id, now)
    peer.pay(url)

    with committed() as session, caplog.at_level(logging.ERROR):
        there = gateway.read_checkout(session_id)
        apply_checkout(session, order_id=order_id, checkout=there, now=now)

    with committed() as session:
        assert standing(session, order_id) == ("paid", ["sold"], ["released", "sold"])
        assert len(jobs(session, "order.paid")) == 1
    assert "paid after its end, pieces were still free" in caplog.messages


def test_money_after_the_end_never_takes_a_piece_somebody_else_holds(
    committed, gateway, peer, bought, now, caplog
):
    order_id, session_id, url = bought
    end_by_mistake(committed, order_id, now)
    with committed() as session:
        (line,) = session.get_one(Order, order_id).lines
        other_id = place(session, {"piece_id": line.piece_id}, now=now).id
    peer.pay(url)

    for _ in range(2):
        with committed() as session, caplog.at_level(logging.CRITICAL):
            there = gateway.read_checkout(session_id)
            apply_checkout(session, order_id=order_id, checkout=there, now=now)

    with committed() as session:
        assert standing(session, order_id)[0] == "expired"
        assert payments(session, order_id) == 0
        assert standing(session, other_id) == ("awaiting_payment", ["held"], ["held"])
        assert jobs(session, "order.paid") == []
    critical = [row.message for row in caplog.records if row.levelno >= logging.CRITICAL]
    assert critical == ["paid after its end, pieces are gone"]


def test_a_session_of_nobody_here_ends_nothing(committed, gateway, peer, bought, now, caplog):
    order_id, _session_id, _url = bought
    with committed() as session:
        request = dict(session.get_one(Order, order_id).last_attempt.request)
    stray = gateway.open_checkout(request, key=f"stray:{order_id}")
    ended = gateway.expire_checkout(stray.session_id)

    with committed() as session:
        apply_checkout(session, order_id=order_id, checkout=ended, now=now)

    with committed() as session:
        assert standing(session, order_id) == ("awaiting_payment", ["held"], ["held"])
    assert "stray checkout session" in caplog.messages


def test_another_amount_than_ordered_is_recorded_and_alarmed(
    committed, gateway, peer, bought, now, caplog
):
    order_id, _session_id, url = bought
    peer.pay(url)
    with committed() as session:
        order = session.get_one(Order, order_id)
        order.subtotal_minor += 1
        order.total_minor += 1

    checkout.refresh_payment(gateway, order_id=order_id, now=now)

    with committed() as session:
        assert standing(session, order_id)[0] == "paid"
    assert "charged another amount than ordered" in caplog.messages


def test_an_unknown_order_is_not_invented(session, gateway, peer, now):
    order = place(session, make_offer(session), now=now)
    there = gateway.open_checkout(order.attempts[0].request, key=f"unknown:{order.id}")

    with pytest.raises(UnknownOrder):
        apply_checkout(session, order_id=uuid.uuid4(), checkout=there, now=now)
