"""Fulfilment: paid pieces leave once each, and the order knows when the last one left."""

import uuid

import pytest

from core.errors import Invalid
from inventory import stock
from inventory.models import LocationKind, Movement
from orders import fulfilment
from orders.fulfilment import AlreadyLeft, NoAddress, OrderNotPaid
from orders.models import Order, OrderStatus
from orders.paying import STRIPE
from orders.reading import UnknownOrder
from people.models import Cooperative
from tests.orders.buying import jobs, make_offer, place
from tests.orders.test_placing import TO_LIMA, make_rate
from tests.support.make import NOW, house, make_cooperative


def make_paid(session, count=1, *, ship=True):
    """A paid order, and the keeper of its co-operative's store."""
    listing = make_offer(session, count)
    make_rate(session, listing.cooperative_id, up_to_g=9000)
    how = TO_LIMA if ship else {}
    order = place(session, {"slug": listing.slug, "quantity": count}, now=NOW, **how)
    order.paid_at = NOW
    order.become(OrderStatus.PAID, actor=STRIPE, why="paid", at=NOW)
    stock.sell(session, order.id, actor=STRIPE, now=NOW)
    session.flush()
    return order, house(session.get_one(Cooperative, order.cooperative_id))


def ship(session, order, keeper, *pieces):
    return fulfilment.ship(
        session,
        order_id=order.id,
        carrier="DHL",
        tracking="JD014600003",
        actor=keeper,
        now=NOW,
        piece_ids=pieces or None,
    )


def test_a_shipped_order_is_fulfilled_and_its_pieces_are_with_the_buyer(session):
    order, keeper = make_paid(session, 2)

    shipment = ship(session, order, keeper)

    assert (order.status, order.handed_over_at) == ("fulfilled", NOW)
    assert (shipment.kind, shipment.carrier, shipment.tracking) == (
        "carrier",
        "DHL",
        "JD014600003",
    )
    assert len(shipment.pieces) == 2
    assert {line.piece.status for line in order.lines} == {"handed_over"}
    places = stock.last_movements(session, [line.piece_id for line in order.lines])
    assert {move.destination.kind for move in places.values()} == {LocationKind.BUYERS}
    assert jobs(session, "order.handed_over") == [{"order_id": str(order.id)}]


def test_an_order_may_leave_in_parts(session):
    order, keeper = make_paid(session, 3)
    first, second, third = [line.piece_id for line in order.lines]

    ship(session, order, keeper, second)
    assert (order.status, order.handed_over_at) == ("part_fulfilled", None)
    fulfilment.hand_over(session, order_id=order.id, actor=keeper, now=NOW, piece_ids=[first])
    assert (order.status, jobs(session, "order.handed_over")) == ("part_fulfilled", [])

    last = ship(session, order, keeper)

    assert [piece.piece_id for piece in last.pieces] == [third]
    assert order.status == "fulfilled"
    assert len(jobs(session, "order.handed_over")) == 1


def test_at_the_stall_it_goes_into_the_buyers_hands(session):
    order, keeper = make_paid(session, ship=False)

    shipment = fulfilment.hand_over(session, order_id=order.id, actor=keeper, now=NOW)

    assert (shipment.kind, shipment.carrier, shipment.actor) == ("by_hand", None, "system:test")
    assert order.status == "fulfilled"


def test_a_piece_leaves_once(session):
    order, keeper = make_paid(session, 2)
    first, second = [line.piece_id for line in order.lines]
    ship(session, order, keeper, first)

    with pytest.raises(AlreadyLeft) as refusal:
        ship(session, order, keeper, first, second)
    assert refusal.value.details["pieces"] == [str(first)]

    ship(session, order, keeper, second, second)
    for again in ((), (second,)):
        with pytest.raises(AlreadyLeft):
            ship(session, order, keeper, *again)
    assert session.query(Movement).filter_by(piece_id=second).count() == 2


@pytest.mark.parametrize("status", ["awaiting_payment", "expired", "cancelled"])
def test_nothing_leaves_before_it_is_paid(session, status):
    listing = make_offer(session)
    make_rate(session, listing.cooperative_id)
    order = place(session, listing, now=NOW, **TO_LIMA)
    keeper = house(session.get_one(Cooperative, order.cooperative_id))
    if status != order.status:
        order.become(OrderStatus(status), actor=STRIPE, why="ended", at=NOW)
        session.flush()

    with pytest.raises(OrderNotPaid):
        ship(session, order, keeper)


def test_what_is_picked_up_is_not_shipped(session):
    order, keeper = make_paid(session, ship=False)

    with pytest.raises(NoAddress):
        ship(session, order, keeper)


def test_a_piece_of_another_order_does_not_leave_with_this_one(session):
    order, keeper = make_paid(session)
    other, _ = make_paid(session)

    for stranger in (other.lines[0].piece_id, uuid.uuid4()):
        with pytest.raises(Invalid) as refusal:
            ship(session, order, keeper, order.lines[0].piece_id, stranger)
        assert refusal.value.pointer == "/piece_ids/1"
    assert order.status == "paid"


def test_an_empty_list_of_pieces_is_not_all_of_them(session):
    order, keeper = make_paid(session)

    with pytest.raises(Invalid):
        fulfilment.hand_over(session, order_id=order.id, actor=keeper, now=NOW, piece_ids=[])


def test_a_carrier_has_a_name(session):
    order, keeper = make_paid(session)

    with pytest.raises(Invalid):
        fulfilment.ship(
            session, order_id=order.id, carrier=" ", tracking=None, actor=keeper, now=NOW
        )


def test_people_of_another_cooperative_find_no_such_order(session):
    order, _ = make_paid(session)
    stranger = house(make_cooperative(session))

    with pytest.raises(UnknownOrder):
        ship(session, order, stranger)
    assert session.get_one(Order, order.id).status == "paid"
