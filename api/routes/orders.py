"""Orders: placed, read, cancelled, shipped and handed over."""

import uuid
from typing import Any

from api import ordering
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
    OrdersWanted,
    OrderToken,
    OrderView,
    PlacedOrderView,
    ShipmentView,
)
from core import clock
from core.db import current_session
from orders import checkout, fulfilment, reading

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
