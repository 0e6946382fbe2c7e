"""Orders: placed, read, cancelled, shipped and handed over."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from api import languages, ordering
from api.access import actor, buyer_or, everybody_or, needs
from api.blueprints import Blueprint
from api.house import gateway
from api.idempotency import once, parameter
from api.ordering import shown
from api.paging import page, pages_of, place
from api.schemas.base import Nothing
from api.schemas.orders import (
    HandoverView,
    NewHandover,
    NewOrder,
    NewShipment,
    NewStallSale,
    OrdersWanted,
    OrderToken,
    OrderView,
    PlacedOrderView,
    ShipmentView,
)
from core import audit, clock
from core.db import current_session
from orders import checkout, fulfilment, reading, till

View = TypeVar("View", bound=Callable[..., Any])
blueprint = Blueprint("orders", "What buyers asked for, and how it reaches them.")


@blueprint.post("/orders")
@everybody_or("orders:write")
@parameter(required=True)
@blueprint.arguments(NewOrder)
@blueprint.response(201, PlacedOrderView)
def place_order(wanted: dict[str, Any]) -> Any:
    """Place an order.

    Holds every piece, or none (`piece_unavailable`), and opens Stripe's page to pay on at
    `payment.url`. The Idempotency-Key is required, 16 characters or more: a repetition meets its
    own hold and gets its order back; 503 means that Stripe gave no answer, so repeat it.
    """
    return ordering.place_once(wanted)


def taking_from_online(view: View) -> View:
    """Free what online buyers hold, before the transaction of the sale: Stripe has to be asked."""

    @wraps(view)
    def after(wanted: dict[str, Any]) -> Any:
        if wanted.pop("take_from_online"):
            named = [item["piece_id"] for item in wanted["items"] if "piece_id" in item]
            till.take_from_online(gateway(), piece_ids=named, actor=actor(), now=clock.now())
        return view(wanted)

    return cast("View", after)


@blueprint.post("/stall-sales")
@needs("orders:write")
@blueprint.arguments(NewStallSale)
@taking_from_online
@once(required=True)
@blueprint.response(201, OrderView)
def sell_by_hand(wanted: dict[str, Any]) -> Any:
    """Sell at the stall for money given by hand.

    In the co-operative's own currency; the order is paid at once, `receipt` has the change. The
    key's staff member took the money. With `take_from_online` a piece that somebody is about to pay
    online is freed at Stripe first; 503 means that Stripe gave no answer and nothing changed.
    """
    given = wanted.pop("given")
    order = till.sell_by_hand(
        current_session(),
        given_minor=given["amount_minor"],
        currency=given["currency"],
        actor=actor(),
        now=clock.now(),
        **{"language": languages.first(), **wanted},
    )
    audit.turned_out(about=("orders", order.id))
    return shown(order)


@blueprint.get("/orders")
@needs("orders:read")
@blueprint.arguments(OrdersWanted, location="query")
@blueprint.response(200, pages_of(OrderView))
def list_orders(wanted: dict[str, Any]) -> Any:
    """List orders.

    Of the key's co-operative, oldest first. `number` finds one order however it was typed.
    """
    session, number = current_session(), wanted.pop("number", None)
    if number is not None:
        return {"items": [shown(reading.order_by_number(session, number, actor=actor()))]}
    limit, after = wanted.pop("limit"), place(wanted.pop("after", None))
    found = reading.list_orders(
        session, actor=actor(), wanted=reading.OrderFilter(**wanted), limit=limit + 1, after=after
    )
    body, status, headers = page(found, limit)
    return {"items": [shown(order) for order in body["items"]]}, status, headers


@blueprint.get("/orders/<uuid:order_id>")
@buyer_or("orders:read")
@blueprint.arguments(OrderToken, location="query")
@blueprint.response(200, OrderView)
def get_order(_wanted: dict[str, Any], order_id: uuid.UUID) -> Any:
    """Read one order.

    For its buyer, with the token she got when she placed it, and for the people of its
    co-operative.
    """
    return shown(reading.get_order(current_session(), order_id, actor=actor()))


@blueprint.post("/orders/<uuid:order_id>/cancellation")
@buyer_or("orders:write")
@blueprint.arguments(Nothing)
@blueprint.response(201, OrderView)
def cancel_order(_wanted: dict[str, Any], order_id: uuid.UUID) -> Any:
    """Cancel an order nobody has paid.

    Its page to pay on is closed first, then its pieces are free again. Cancelling twice gives the
    same answer. 503 means that Stripe gave no answer; the wish is kept and carried out.
    """
    checkout.cancel_order(gateway(), order_id=order_id, actor=actor(), now=clock.now())
    return shown(reading.get_order(current_session(), order_id, actor=actor()))


@blueprint.post("/orders/<uuid:order_id>/shipments")
@needs("orders:write")
@blueprint.arguments(NewShipment)
@once(required=True)
@blueprint.response(201, ShipmentView)
def ship(wanted: dict[str, Any], order_id: uuid.UUID) -> Any:
    """Ship pieces of a paid order.

    All that are still here, or those named. Each piece leaves once.
    """
    return fulfilment.ship(
        current_session(),
        order_id=order_id,
        actor=actor(),
        now=clock.now(),
        **{"tracking": None, **wanted},
    )


@blueprint.post("/orders/<uuid:order_id>/handover")
@needs("orders:write")
@blueprint.arguments(NewHandover)
@once(required=True)
@blueprint.response(201, HandoverView)
def hand_over(wanted: dict[str, Any], order_id: uuid.UUID) -> Any:
    """Hand pieces of a paid order to the buyer.

    All that are still here, or those named. Each piece leaves once.
    """
    return fulfilment.hand_over(
        current_session(), order_id=order_id, actor=actor(), now=clock.now(), **wanted
    )
