"""Placing an order over HTTP: two transactions with a question to Stripe between them.

The first claims the key and writes the order; then Stripe is asked for the page to pay on; the
second keeps the answer. Whoever repeats the request goes on where the first one stopped.
"""

import uuid
from typing import Any

import orjson
from flask import Response
from sqlalchemy.orm import Session

from api import idempotency, languages
from api.access import actor_if_any
from api.house import gateway, settings
from api.idempotency import Asked
from api.schemas.orders import OrderView
from core import audit, clock
from core.actors import buyer
from core.db import transaction
from core.errors import Forbidden
from core.idempotency import Claim
from inventory.stock import PieceUnavailable
from orders import checkout, placing
from orders.models import Channel, Order, OrderLine, Tender
from orders.reading import token_of


def place_once(wanted: dict[str, Any]) -> Response:
    """The answer to an order wanted; asked again with the same key, the same answer.

    A hold past its time in the way is asked after at Stripe, once, outside any transaction.
    """
    asked = idempotency.asked(required=True)
    assert asked is not None
    try:
        return _place(asked, wanted)
    except PieceUnavailable as refusal:
        late = refusal.late_orders
        if not late or not checkout.ask_after_late_holds(gateway(), late, clock.now()):
            raise
    return _place(asked, wanted)


def shown(order: Order) -> dict[str, Any]:
    """An order with its totals and where to pay."""
    columns = {name: getattr(order, name) for name in COLUMNS}
    paid = order.payment
    return columns | {
        "lines": [_line(order, line) for line in order.lines],
        "shipping": _charge(order, order.shipping_minor, order.shipping_label),
        "tax": _charge(order, order.tax_minor, order.tax_label),
        "payment": {
            "url": order.last_attempt.url if order.awaiting else None,
            "expires_at": order.expires_at,
        },
        "receipt": paid if paid is not None and paid.tender != Tender.STRIPE else None,
    }


#: What the view reads straight from the row; amounts find their columns by themselves.
COLUMNS = (
    "id", "number", "status", "channel", "fulfilment", "language", "currency",
    "subtotal_minor", "total_minor", "buyer_name", "buyer_email", "address", "placed_at",
    "expires_at", "cancel_requested_at", "paid_at", "handed_over_at", "shipments",
    "refunds",
)  # fmt: skip


def _place(asked: Asked, wanted: dict[str, Any]) -> Response:
    now = clock.now()
    with transaction() as session:
        met = asked.claim(session, now)
        if met.answered:
            return _answer(met, replayed=True)
        if met.subject_id is None:
            met.subject_id = _write(session, wanted).id
        order_id = met.subject_id
        audit.turned_out(
            actor=None if actor_if_any() else buyer(order_id), about=("orders", order_id)
        )
    checkout.open_checkout(gateway(), order_id=order_id, now=now)
    with transaction() as session:
        met = asked.claim(session, now)
        replayed = met.answered
        if not replayed:
            _keep(session, met, order_id)
        return _answer(met, replayed=replayed)


class StallNeedsStaff(Forbidden):
    """At the stall somebody of the co-operative takes the order, with her own key."""

    code = "stall_needs_staff"


def _write(session: Session, wanted: dict[str, Any]) -> Order:
    who = actor_if_any()
    if who is None and wanted.get("channel") == Channel.STALL:
        raise StallNeedsStaff()
    return placing.place_order(
        session,
        hold_minutes=settings().hold_minutes,
        page_of=_page_of,
        actor=who,
        cooperative_id=who.cooperative_id if who else None,
        now=clock.now(),
        **{"language": languages.first(), **wanted},
    )


def _page_of(order_id: uuid.UUID) -> str:
    """Where Stripe sends the buyer back to: her order, with the token that opens it."""
    token = token_of(order_id, settings().secret_key)
    return f"{settings().public_url}/v1/orders/{order_id}?token={token}"


def _keep(session: Session, met: Claim, order_id: uuid.UUID) -> None:
    """Keep the answer on the claim; the token is made anew each time and kept nowhere."""
    body = OrderView().dump(shown(session.get_one(Order, order_id)))
    met.settle(201, {"text": orjson.dumps(body).decode()})


def _answer(met: Claim, *, replayed: bool) -> Response:
    assert met.answer is not None
    assert met.subject_id is not None
    token = token_of(met.subject_id, settings().secret_key)
    body = orjson.dumps({**orjson.loads(met.answer["text"]), "token": token})
    response = Response(body, met.answer_status, content_type="application/json")
    response.headers["Location"] = f"/v1/orders/{met.subject_id}"
    if replayed:
        response.headers[idempotency.REPLAYED] = "true"
    return response


def _line(order: Order, line: OrderLine) -> dict[str, Any]:
    columns = {name: getattr(line, name) for name in LINE}
    return {**columns, "currency": order.currency}


LINE = ("id", "position", "title", "price_minor", "listing_id", "piece")


def _charge(order: Order, minor: int, label: str) -> dict[str, Any]:
    return {"label": label, "amount_minor": minor, "currency": order.currency}
