"""News from Stripe: verified, kept, and left to a worker."""

from typing import Any

from flask import request

from api.access import public
from api.blueprints import Blueprint, document
from api.house import gateway
from api.idempotency import writes
from api.schemas.payouts import ReceivedView
from core import clock
from core.db import current_session
from payments import inbox

blueprint = Blueprint("webhooks", "What Stripe tells us.")

EVENT = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"type": "object"},
            "example": {
                "id": "evt_1",
                "object": "event",
                "type": "checkout.session.completed",
                "created": 1795446000,
                "livemode": False,
                "data": {"object": {"id": "cs_test_1", "object": "checkout.session"}},
            },
        }
    },
}
SIGNATURE = {
    "in": "header",
    "name": "Stripe-Signature",
    "required": True,
    "description": "Over the raw body, with the endpoint's signing secret.",
    "schema": {"type": "string"},
}


def _told(view: Any) -> Any:
    return document(view, requestBody=EVENT, parameters=[SIGNATURE])


@blueprint.post("/webhooks/stripe")
@public
@_told
@writes
@blueprint.response(200, ReceivedView)
def receive_news() -> Any:
    """Receive an event from Stripe.

    Its signature is checked over the raw body. The same event told twice is kept once. What it
    says is not believed: a worker reads the object at Stripe.
    """
    news = gateway().verify(request.get_data(), request.headers.get("Stripe-Signature", ""))
    inbox.receive(current_session(), news, clock.now())
    return {"received": True}
