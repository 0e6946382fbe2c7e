"""Orders: placed by anybody, read by their buyer or the co-operative, cancelled, handed over."""

import uuid
from typing import Any

from flask import Response, current_app, jsonify

from api import idempotency
from api.access import actor, needs, public
from api.idempotency import once
from api.paging import after_id, page
from api.schemas.orders import (
    NewHandover,
    NewOrder,
    NewShipment,
    Nothing,
    OrderQuery,
    OrderSummaryView,
    OrderView,
    PlacedOrderView,
    ShipmentView,
    TokenQuery,
)
from api.wire import Blueprint, gives, takes
from core import clock
from core.db import current_session, transaction
from core.money import Money
from inventory.stock import PieceUnavailable
from orders import checkout, fulfilment, placing, reading
from orders.models import Order, Shipment
from payments.gateway import Gateway

blueprint = Blueprint("orders", __name__, description="Buying and fulfilling")


@blueprint.post("/orders")
@public
@takes(blueprint, NewOrder)
@gives(blueprint, 201, PlacedOrderView)
def place_order(wanted: dict[str, Any]) -> Response:
    """Hold 1 to 20 pieces and open Stripe's page to pay them on.

    Needs an Idempotency-Key. The same key again gives the same order: also when the first request
    died before Stripe answered. The token in the answer opens the order for its buyer.
    """
    given = idempotency.key(required=True)
    assert given is not None
    try:
        order_id, answered = _placed(given, wanted)
    except PieceUnavailable as refusal:
        if not checkout.ask_after_late_holds(_gateway(), refusal.late_orders, clock.now()):
            raise
        order_id, answered = _placed(given, wanted)
    if answered is not None:
        return answered
    checkout.open_checkout(_gateway(), order_id=order_id, now=clock.now())
    with transaction() as session:
        order = session.get_one(Order, order_id, populate_existing=True)
        body = PlacedOrderView().dump(shown(order) | {"token": _token(order_id)})
        idempotency.claimed(session, given).settle(201, body)
    answer = jsonify(body)
    answer.status_code = 201
    return answer


@blueprint.get("/orders")
@needs("orders:read")
@takes(blueprint, OrderQuery, where="query")
@gives(blueprint, 200, OrderSummaryView.page())
def list_orders(wanted: dict[str, Any]) -> Any:
    """Orders of the co-operative, oldest first; without anybody's private data."""
    session, place = current_session(), after_id(wanted.pop("after", None))
    limit = wanted.pop("limit")
    narrowed = reading.OrderFilter(**wanted)

    def read(most: int) -> list[dict[str, Any]]:
        rows = reading.list_orders(session, actor=actor(), wanted=narrowed, limit=most, after=place)
        return [summary(row) for row in rows]

    return page(read, limit, lambda row: [row["id"]])


@blueprint.get("/orders/<uuid:order_id>")
@needs("orders:read", or_buyer=True)
@takes(blueprint, TokenQuery, where="query")
@gives(blueprint, 200, OrderView)
def get_order(_wanted: dict[str, Any], order_id: uuid.UUID) -> dict[str, Any]:
    """One order, with a key or with its own token (header Order-Token, or `?token=`)."""
    return shown(reading.get_order(current_session(), order_id, actor=actor()))


@blueprint.post("/orders/<uuid:order_id>/cancellation")
@needs("orders:write", or_buyer=True)
@takes(blueprint, Nothing)
@gives(blueprint, 201, OrderView)
def cancel_order(_wanted: dict[str, Any], order_id: uuid.UUID) -> dict[str, Any]:
    """Cancel an order nobody has paid; a second time gives the same answer.

    Stripe's page is closed first, and only then are the pieces free again.
    """
    checkout.cancel_order(_gateway(), order_id=order_id, actor=actor(), now=clock.now())
    with transaction() as session:
        return shown(reading.get_order(session, order_id, actor=actor()))


@blueprint.post("/orders/<uuid:order_id>/shipments")
@needs("orders:write")
@once(required=True)
@takes(blueprint, NewShipment)
@gives(blueprint, 201, ShipmentView)
def ship(wanted: dict[str, Any], order_id: uuid.UUID) -> dict[str, Any]:
    """Give pieces of a paid order to a carrier."""
    values = {"tracking": None} | wanted
    with transaction() as session:
        shipment = fulfilment.ship(
            session, order_id=order_id, actor=actor(), now=clock.now(), **values
        )
        return shipment_shown(shipment)


@blueprint.post("/orders/<uuid:order_id>/handover")
@needs("orders:write")
@once(required=True)
@takes(blueprint, NewHandover)
@gives(blueprint, 201, ShipmentView)
def hand_over(wanted: dict[str, Any], order_id: uuid.UUID) -> dict[str, Any]:
    """Put pieces of a paid order into the buyer's hands."""
    with transaction() as session:
        shipment = fulfilment.hand_over(
            session, order_id=order_id, actor=actor(), now=clock.now(), **wanted
        )
        return shipment_shown(shipment)


def summary(order: Order) -> dict[str, Any]:
    """An order without private data."""
    names = set(OrderSummaryView().fields) - {"total"}
    total = Money(order.total_minor, order.currency)
    return {name: getattr(order, name) for name in names} | {"total": total}


def shown(order: Order) -> dict[str, Any]:
    """An order for its buyer and its co-operative."""
    currency = order.currency
    same = ("shipping_label", "tax_label", "language", "buyer_email", "buyer_name", "address")
    last = order.attempts[-1] if order.attempts else None
    return (
        summary(order)
        | {name: getattr(order, name) for name in (*same, "handed_over_at")}
        | {
            "subtotal": Money(order.subtotal_minor, currency),
            "shipping": Money(order.shipping_minor, currency),
            "tax": Money(order.tax_minor, currency),
            "lines": [
                {
                    "id": line.id,
                    "piece_id": line.piece_id,
                    "listing_id": line.listing_id,
                    "piece": line.piece,
                    "title": line.title,
                    "price": Money(line.price_minor, currency),
                }
                for line in order.lines
            ],
            "payment": {"url": last.url if last else None, "expires_at": order.expires_at},
            "shipments": [shipment_shown(shipment) for shipment in order.shipments],
        }
    )


def shipment_shown(shipment: Shipment) -> dict[str, Any]:
    """A shipment with its pieces."""
    names = set(ShipmentView().fields) - {"piece_ids"}
    pieces = [row.piece_id for row in shipment.pieces]
    return {name: getattr(shipment, name) for name in names} | {"piece_ids": pieces}


def _placed(given: str, wanted: dict[str, Any]) -> tuple[uuid.UUID, Response | None]:
    """The order this key stands for, placed now if it is new; with its answer if it has one."""
    with transaction() as session:
        kept = idempotency.claimed(session, given)
        if kept.subject_id is None:
            order = placing.place_order(
                session,
                hold_minutes=current_app.config["PALLAY_HOLD_MINUTES"],
                page_of=_page_of,
                now=clock.now(),
                **wanted,
            )
            kept.subject_id = order.id
        return kept.subject_id, idempotency.replay(kept) if kept.answered else None


def _page_of(order_id: uuid.UUID) -> str:
    base = current_app.config["PALLAY_PUBLIC_URL"]
    return f"{base}/v1/orders/{order_id}?token={_token(order_id)}"


def _token(order_id: uuid.UUID) -> str:
    return reading.token_of(order_id, current_app.config["SECRET_KEY"])


def _gateway() -> Gateway:
    gateway: Gateway = current_app.extensions["pallay.gateway"]
    return gateway
