"""What the tests of buying share: something to buy, a buyer, and a look at what came of it."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from inventory.listing_models import Listing
from inventory.models import Hold, Piece
from orders import placing
from orders.models import Order, OrderPayment
from payments.gateway import Checkout, Gateway
from tests.support.make import make_cooperative, make_listing
from tests.support.peer import PeerProcess

HOLD = timedelta(minutes=31)


def page_of(order_id: uuid.UUID) -> str:
    return f"https://shop.test/orders/{order_id}?token=abc"


def time_at(peer: PeerProcess) -> datetime:
    """The stand-in's time, so that our clock and Stripe's agree."""
    return datetime.fromtimestamp(peer.now(), UTC)


def make_offer(session: Session, count: int = 1, **given: Any) -> Listing:
    """A published listing with free pieces, of a co-operative of its own."""
    return make_listing(session, make_cooperative(session), count=count, **given)


def pieces_of(session: Session, listing: Listing) -> list[uuid.UUID]:
    return sorted(entry.piece_id for entry in listing.entries)


def place(session: Session, *items: dict[str, Any] | Listing, now: datetime, **given: Any) -> Order:
    """An order picked up at the stall; an item may be a whole listing."""
    wanted = [
        {"listing_id": item.id, "quantity": 1} if isinstance(item, Listing) else item
        for item in items
    ]
    values: dict[str, Any] = {
        "currency": "USD",
        "fulfilment": "pick_up",
        "channel": "online",
        "language": "es",
        "hold_minutes": 31,
        "page_of": page_of,
    } | given
    return placing.place_order(session, items=wanted, now=now, **values)


def standing(session: Session, order_id: uuid.UUID) -> tuple[str, list[str], list[str]]:
    """The order's status, its pieces' and its holds'."""
    order = session.get_one(Order, order_id, populate_existing=True)
    pieces = [session.get_one(Piece, line.piece_id, populate_existing=True) for line in order.lines]
    holds = session.query(Hold).filter_by(order_id=order_id).order_by(Hold.id).all()
    return order.status, [piece.status for piece in pieces], [hold.status for hold in holds]


def payments(session: Session, order_id: uuid.UUID) -> int:
    return session.query(OrderPayment).filter_by(order_id=order_id).count()


def jobs(session: Session, name: str) -> list[dict[str, Any]]:
    rows = session.execute(
        text("SELECT args FROM procrastinate_jobs WHERE task_name = :name ORDER BY id"),
        {"name": name},
    )
    return [row.args for row in rows]


def asked(peer: PeerProcess, order_id: uuid.UUID) -> list[dict[str, Any]]:
    """Every request for a Checkout Session of this order that reached Stripe."""
    return [
        request
        for request in peer.requests()
        if request["path"] == "/v1/checkout/sessions"
        and request["method"] == "POST"
        and request["params"].get("client_reference_id") == str(order_id)
    ]


def paid(gateway: Gateway, peer: PeerProcess, session_id: str, url: str) -> Checkout:
    """Pay on the page, and read what Stripe then says."""
    assert peer.pay(url).status_code == 303
    return gateway.read_checkout(session_id)
