"""Reading orders: for their own people and their own buyer, and nobody else."""

import uuid
from datetime import timedelta

import pytest

from core import actors
from core.actors import Actor, ActorKind
from orders.models import OrderStatus
from orders.paying import STRIPE
from orders.reading import (
    OrderFilter,
    UnknownOrder,
    get_order,
    list_orders,
    order_by_number,
    token_matches,
    token_of,
)
from people.models import Cooperative
from tests.orders.buying import make_offer, place
from tests.support.make import NOW, house, make_cooperative

SECRET = "a secret of the house"


def make_orders(session, count=3):
    """Orders a minute apart, and the house of their co-operative."""
    listing = make_offer(session, count)
    orders = [
        place(session, listing, now=NOW + timedelta(minutes=minute)) for minute in range(count)
    ]
    return orders, house(session.get_one(Cooperative, listing.cooperative_id))


def test_an_order_is_read_by_id_and_by_number_however_typed(session):
    (order,), keeper = make_orders(session, 1)
    typed = order.number.lower().replace("-", " ")

    assert get_order(session, order.id, actor=keeper) is order
    assert order_by_number(session, typed, actor=keeper) is order


def test_a_buyer_reads_her_own_order_and_no_other(session):
    (hers, his), _ = make_orders(session, 2)

    assert get_order(session, hers.id, actor=actors.buyer(hers.id)) is hers
    with pytest.raises(UnknownOrder):
        get_order(session, his.id, actor=actors.buyer(hers.id))


def test_other_people_find_no_such_order(session):
    (order,), _ = make_orders(session, 1)
    strangers = [
        house(make_cooperative(session)),
        Actor(ActorKind.APPLICATION, order.id),
        actors.system("nobody"),
    ]

    for stranger in strangers:
        with pytest.raises(UnknownOrder):
            get_order(session, order.id, actor=stranger)
        with pytest.raises(UnknownOrder):
            order_by_number(session, order.number, actor=stranger)
    with pytest.raises(UnknownOrder):
        get_order(session, uuid.uuid4(), actor=strangers[0])


def test_pages_follow_each_other_without_a_gap_while_orders_come_in(session):
    orders, keeper = make_orders(session, 4)

    def page(after):
        wanted = OrderFilter()
        return list_orders(session, actor=keeper, wanted=wanted, limit=2, after=after)

    first = page(None)
    place(session, make_offer(session), now=NOW)  # of another co-operative
    second = page(first[-1].id)

    assert [*first, *second] == orders
    assert page(second[-1].id) == []


def test_a_list_is_narrowed_by_status_channel_and_time(session):
    orders, keeper = make_orders(session, 3)
    orders[1].paid_at = NOW
    orders[1].become(OrderStatus.PAID, actor=STRIPE, why="paid", at=NOW)
    orders[2].channel = "stall"
    session.flush()

    def found(**wanted):
        return list_orders(session, actor=keeper, wanted=OrderFilter(**wanted), limit=9)

    assert found(status="paid") == [orders[1]]
    assert found(channel="stall") == [orders[2]]
    assert found(since=orders[1].placed_at) == orders[1:]
    assert found(status="paid", channel="stall") == []


def test_a_token_opens_its_own_order_under_its_own_secret():
    order_id, other_id = uuid.uuid4(), uuid.uuid4()
    token = token_of(order_id, SECRET)

    assert token_matches(order_id, token, SECRET)
    assert len(token) == 43
    assert not token_matches(other_id, token, SECRET)
    assert not token_matches(order_id, token, "another secret")
    for wrong in ("", "x", token[:-1], token + "=", token.swapcase(), "é" * 43):
        assert not token_matches(order_id, wrong, SECRET)
