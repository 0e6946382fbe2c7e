"""Messages: what buyers and the house said to each other about an order."""

import uuid
from functools import partial
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once
from api.paging import Page, listed, pages_of
from api.schemas.messages import NewOrderMessage, OrderMessageView
from core import clock
from core.db import current_session
from orders import messages

blueprint = Blueprint("messages", "What was said about an order.")


@blueprint.post("/orders/<uuid:order_id>/messages")
@needs("orders:write")
@blueprint.arguments(NewOrderMessage)
@once(required=True)
@blueprint.response(201, OrderMessageView)
def record_message(wanted: dict[str, Any], order_id: uuid.UUID) -> Any:
    """Write down what was said about an order.

    By the buyer or by us, and how. Pallay sends nothing; it keeps this for a dispute. Written once.
    """
    return messages.record_message(
        current_session(), order_id=order_id, actor=actor(), now=clock.now(), **wanted
    )


@blueprint.get("/orders/<uuid:order_id>/messages")
@needs("orders:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(OrderMessageView))
def list_messages(wanted: dict[str, Any], order_id: uuid.UUID) -> Any:
    """List what was said about an order.

    In the order in which it was written down.
    """
    read = partial(messages.list_messages, current_session(), order_id=order_id, actor=actor())
    return listed(read, wanted)
