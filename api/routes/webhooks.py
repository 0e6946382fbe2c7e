"""News from Stripe: verified, kept, and left to a worker."""

from typing import Any

from flask import request

from api.access import public
from api.blueprints import Blueprint, document
from api.house import gateway
from api.idempotency import writes
from api.schemas.payouts import ReceivedView
from core import audit, clock
from core.actors import system
from core.db import current_session
from payments import inbox
from payments.models import NewsSource

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
    """Receive an event of our own account.

    Its signature is checked over the raw body. The same event told twice is kept once. What it
    says is not believed: a worker reads the object at Stripe.
    """
    return _received(NewsSource.WEBHOOK)


@blueprint.post("/webhooks/stripe/connect")
@public
@_told
@writes
@blueprint.response(200, ReceivedView)
def receive_connect_news() -> Any:
    """Receive an event of a connected account.

    Signed with this endpoint's own secret; an event that names no account is refused. Off (404)
    where no secret is set.
    """
    return _received(NewsSource.CONNECT)


@blueprint.post("/webhooks/stripe/thin")
@public
@_told
@writes
@blueprint.response(200, ReceivedView)
def receive_thin_news() -> Any:
    """Receive a thin event.

    Of Stripe's v2 API: it says what it is about and nothing of how that is. Off (404) where no
    secret is set.
    """
    return _received(NewsSource.THIN)


def _received(source: NewsSource) -> dict[str, bool]:
    signature = request.headers.get("Stripe-Signature", "")
    news = gateway().verify(request.get_data(), signature, source)
    audit.turned_out(actor=system("stripe"))
    inbox.receive(current_session(), news, clock.now())
    return {"received": True}
