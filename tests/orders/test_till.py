"""At the stall: money in the hand, the change back, a receipt; and a piece is still sold once."""

import pytest

from core.db import transaction
from inventory import stock
from orders import checkout, money_back, placing, till
from orders.models import Order, OrderPayment
from orders.refund_models import Refund
from payments.errors import Unreachable
from people.witnesses import GiverNeeded
from tests.support.make import (
    accept,
    acting,
    house,
    make_cooperative,
    make_listing,
    make_pieces,
    make_staff,
)

pytestmark = pytest.mark.usefixtures("committed")
PRICE = 18_500


@pytest.fixture
def stall(committed):
    """A seller, and a listing of two pieces with a price in soles and in dollars."""
    with committed() as session:
        cooperative = make_cooperative(session)
        pieces = [accept(piece) for piece in make_pieces(session, cooperative, 2)]
        session.flush()
        listing = make_listing(session, cooperative, pieces, prices={"PEN": PRICE, "USD": 5000})
        seller = acting(make_staff(session, cooperative, "storekeeper"))
        return Stall(seller, listing.id, [piece.id for piece in pieces], house(cooperative))


class Stall:
    def __init__(self, seller, listing_id, piece_ids, house):
        self.seller = seller
        self.listing_id = listing_id
        self.piece_ids = piece_ids
        self.house = house

    def sell(self, now, piece=0, given=20_000, **more):
        wanted = {"tender": "cash", "currency": "PEN", "actor": self.seller} | more
        with transaction() as session:
            order = till.sell_by_hand(
                session,
                items=[{"piece_id": self.piece_ids[piece]}],
                given_minor=given,
                language="es",
                now=now,
                **wanted,
            )
            return order.id

    def hold_online(self, gateway, now, quantity=1):
        """An online buyer's order, with its page open."""
        with transaction() as session:
            order = placing.place_order(
                session,
                items=[{"listing_id": self.listing_id, "quantity": quantity}],
                currency="USD",
                fulfilment="pick_up",
                channel="online",
                language="en",
                hold_minutes=31,
                page_of=lambda order_id: f"https://shop.test/{order_id}",
                now=now,
            )
            order_id = order.id
            self.piece_ids.sort(key=lambda one: one not in {line.piece_id for line in order.lines})
        return order_id, checkout.open_checkout(gateway, order_id=order_id, now=now).url


def order_of(order_id):
    with transaction() as session:
        order = session.get_one(Order, order_id, populate_existing=True)
        return order.status, [line.piece.status for line in order.lines]


def test_the_change_is_given_and_the_receipt_numbered(stall, now):
    first, second = stall.sell(now), stall.sell(now, piece=1, given=PRICE)

    assert order_of(first) == ("paid", ["sold"])
    with transaction() as session:
        paid = [session.get_one(OrderPayment, one) for one in (first, second)]
        assert [one.change_minor for one in paid] == [1500, 0]
        assert [one.receipt_number for one in paid] == [
            f"S-{now:%Y}-00001",
            f"S-{now:%Y}-00002",
        ]
        assert [one.fee_minor for one in paid] == [0, 0]


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"given": PRICE - 1}, till.NotEnough),
        ({"currency": "USD"}, till.OtherCurrency),
    ],
    ids=["less than the price", "dollars"],
)
def test_what_is_not_enough_sells_nothing(stall, now, wrong, refusal):
    with pytest.raises(refusal):
        stall.sell(now, **wrong)

    assert order_of(stall.sell(now)) == ("paid", ["sold"])


def test_only_a_person_takes_money(stall, now):
    with pytest.raises(GiverNeeded):
        stall.sell(now, actor=stall.house)


def test_a_piece_held_online_is_not_sold_past_its_buyer(stall, gateway, now):
    stall.hold_online(gateway, now)

    with pytest.raises(stock.PieceUnavailable):
        stall.sell(now)


def test_a_piece_in_the_tourists_hands_is_freed_at_stripe_first(stall, gateway, peer, now):
    online, url = stall.hold_online(gateway, now)

    till.take_from_online(gateway, piece_ids=stall.piece_ids[:1], actor=stall.seller, now=now)

    assert order_of(online)[0] == "cancelled"
    assert peer.pay(url).status_code != 303, "its page is closed"
    assert order_of(stall.sell(now)) == ("paid", ["sold"])


def test_who_paid_online_in_that_moment_is_refunded_at_once_and_told_why(stall, gateway, peer, now):
    online, url = stall.hold_online(gateway, now)
    assert peer.pay(url).status_code == 303

    till.take_from_online(gateway, piece_ids=stall.piece_ids[:1], actor=stall.seller, now=now)
    sold = stall.sell(now)

    assert order_of(sold) == ("paid", ["sold"])
    with transaction() as session:
        (refund,) = session.query(Refund).all()
        assert (refund.order_id, refund.reason, refund.amount_minor) == (online, "piece_gone", 5000)
        refund_id = refund.id
    money_back.send(gateway, refund_id=refund_id, now=now)
    with transaction() as session:
        assert session.get_one(Refund, refund_id).status == "succeeded"
    assert order_of(online)[0] == "cancelled"
    assert order_of(sold) == ("paid", ["sold"])


def test_of_two_pieces_paid_online_only_the_one_that_is_gone_is_refunded(stall, gateway, peer, now):
    online, url = stall.hold_online(gateway, now, quantity=2)
    assert peer.pay(url).status_code == 303

    till.take_from_online(gateway, piece_ids=stall.piece_ids[:1], actor=stall.seller, now=now)
    stall.sell(now)

    status, pieces = order_of(online)
    assert (status, sorted(pieces)) == ("paid", ["sold", "sold"])
    with transaction() as session:
        (refund,) = session.query(Refund).all()
        assert refund.amount_minor == 5000


def test_without_an_answer_from_stripe_nothing_is_taken_from_anybody(stall, gateway, peer, now):
    online, _url = stall.hold_online(gateway, now)
    peer.arm(kind="error_500_before", method="POST", path_prefix="/v1/checkout", times=1)

    with pytest.raises(Unreachable):
        till.take_from_online(gateway, piece_ids=stall.piece_ids[:1], actor=stall.seller, now=now)

    assert order_of(online)[1] == ["held"]


def test_what_was_paid_online_before_is_not_taken_back(stall, gateway, peer, now):
    online, url = stall.hold_online(gateway, now)
    peer.pay(url)
    checkout.refresh_payment(gateway, order_id=online, now=now)

    till.take_from_online(gateway, piece_ids=stall.piece_ids[:1], actor=stall.seller, now=now)

    assert order_of(online) == ("paid", ["sold"])
    with pytest.raises(stock.PieceUnavailable):
        stall.sell(now)
