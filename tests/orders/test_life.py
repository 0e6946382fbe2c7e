"""Whatever is done with orders, in any sequence, ends in a state that makes sense."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import actors
from core.actors import Actor
from core.errors import PallayError
from inventory.listing_models import Listing
from inventory.models import Hold, Piece
from orders import checkout, fulfilment
from orders.models import Order
from payments.errors import KeyMisused
from payments.gateway import Gateway
from people.models import Cooperative
from tests.orders.buying import make_offer, pieces_of, place
from tests.support.make import house
from tests.support.peer import PeerProcess

Committed = Callable[[], AbstractContextManager[Session]]
LIVE = {"held", "sold"}
HELD_AS = {"listed": [], "held": ["held"], "sold": ["sold"], "handed_over": ["sold"]}
PAID = {"paid", "part_fulfilled", "fulfilled"}

DEEDS = [
    "place",
    "open",
    "pay",
    "pay with a bad card",
    "end at Stripe",
    "ask Stripe",
    "ask Stripe late",
    "cancel",
    "lose an answer",
    "hand over one",
    "hand over",
]


@dataclass
class Shop:
    """Two pieces, whoever orders them, and what may be done about the order chosen."""

    committed: Committed
    gateway: Gateway
    peer: PeerProcess
    now: datetime
    listing: Listing
    keeper: Actor
    orders: list[uuid.UUID] = field(default_factory=list)

    def do(self, deed, which):
        if deed == "place":
            with self.committed() as session:
                wanted = {"listing_id": self.listing.id, "quantity": 1 + which % 2}
                self.orders.append(place(session, wanted, now=self.now).id)
        elif deed == "lose an answer":
            self.peer.arm("drop_answer", path_prefix="/v1/checkout/sessions")
        elif self.orders:
            self.about(deed, self.orders[which % len(self.orders)])

    def about(self, deed, order_id):
        asking: dict[str, Any] = {"order_id": order_id, "now": self.now}
        late = asking | {"now": self.now + timedelta(hours=1)}
        match deed:
            case "open":
                checkout.open_checkout(self.gateway, **asking)
            case "pay" | "pay with a bad card" | "end at Stripe":
                self.at_stripe(deed, order_id)
            case "ask Stripe":
                checkout.refresh_payment(self.gateway, **asking)
            case "ask Stripe late":
                checkout.refresh_payment(self.gateway, **late)
            case "cancel":
                buyer = actors.buyer(order_id)
                checkout.cancel_order(self.gateway, actor=buyer, **asking)
            case _:
                self.hand_over(order_id, one=deed == "hand over one")

    def at_stripe(self, deed, order_id):
        with self.committed() as session:
            attempt = session.get_one(Order, order_id).last_attempt
            url, session_id = attempt.url, attempt.session_id
        if session_id and deed == "end at Stripe":
            self.gateway.expire_checkout(session_id)
        elif url:
            self.peer.pay(url, "succeed" if deed == "pay" else "decline")

    def hand_over(self, order_id, *, one):
        with self.committed() as session:
            line = session.get_one(Order, order_id).lines[0]
            fulfilment.hand_over(
                session,
                order_id=order_id,
                actor=self.keeper,
                now=self.now,
                piece_ids=[line.piece_id] if one else None,
            )

    def makes_sense(self):
        with self.committed() as session:
            for piece_id in pieces_of(session, session.merge(self.listing)):
                status = session.get_one(Piece, piece_id).status
                holds = session.scalars(select(Hold.status).where(Hold.piece_id == piece_id))
                assert [hold for hold in holds if hold in LIVE] == HELD_AS[status]
            for order_id in self.orders:
                self.adds_up(session, session.get_one(Order, order_id))

    def adds_up(self, session, order):
        holds = session.scalars(select(Hold.status).where(Hold.order_id == order.id)).all()
        live = [hold for hold in holds if hold in LIVE]
        assert (order.status in PAID) == (order.payment is not None)
        expected = "sold" if order.status in PAID else "held"
        ended = order.status in {"expired", "cancelled"}
        assert live == ([] if ended else [expected] * len(order.lines))
        left = [piece for shipment in order.shipments for piece in shipment.pieces]
        assert (order.status == "fulfilled") == (len(left) == len(order.lines))


@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(deeds=st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 3)), max_size=14))
def test_any_sequence_of_deeds_leaves_orders_pieces_and_holds_in_agreement(
    committed, gateway, peer, now, deeds
):
    peer.disarm()
    with committed() as session:
        listing = make_offer(session, 2)
        keeper = house(session.get_one(Cooperative, listing.cooperative_id))
    shop = Shop(committed, gateway, peer, now, listing, keeper)

    for deed, which in [("place", 0), ("open", 0), *deeds]:
        try:
            shop.do(deed, which)
        except KeyMisused:
            raise
        except PallayError:
            pass  # a refusal is an answer too
        shop.makes_sense()
