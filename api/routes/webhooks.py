"""Webhooks: Stripe's news, verified and kept; a worker does the rest."""

from flask import Response, current_app, request

from api.access import public
from api.errors import problem
from api.wire import Blueprint
from core import clock
from core.db import transaction
from payments import inbox
from payments.errors import NewsRefused

blueprint = Blueprint("webhooks", __name__, description="For Stripe")


@blueprint.post("/webhooks/stripe")
@public
@blueprint.says(
    requestBody={
        "description": "An event of Stripe, signed in the header Stripe-Signature.",
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "example": {"id": "evt_1demo", "object": "event"},
            }
        },
    },
    responses={"204": {"description": "kept; told again it is kept once"}},
)
def stripe() -> Response:
    """Keep a piece of news from Stripe.

    The signature is checked over the raw bytes; anything else is refused with 400.
    """
    payload = request.get_data(cache=False)
    header = request.headers.get("Stripe-Signature", "")
    try:
        news = current_app.extensions["pallay.gateway"].verify(payload, header)
    except NewsRefused as refusal:
        return refused(refusal)
    with transaction() as session:
        inbox.receive(session, news, clock.now())
    return Response(status=204)


def refused(refusal: NewsRefused) -> Response:
    """Stripe takes 400 as "this endpoint does not believe me"."""
    return problem(400, refusal.code, refusal.message)
