"""What was said about an order, on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from api.schemas.base import Request, View
from api.schemas.fields import Choice, Id, Moment, Text
from api.schemas.orders import AT, ORDER_ID
from orders.message_models import Medium, SaidBy

SAID: dict[str, Any] = {
    "said_by": "buyer",
    "medium": "email",
    "words": "The parcel has come. It is beautiful.",
    "said_at": AT,
}


class NewOrderMessage(Request):
    """What somebody said, how, and when; what was spoken, in short."""

    EXAMPLE: ClassVar[dict[str, Any]] = SAID

    said_by = Choice(SaidBy, required=True)
    medium = Choice(Medium, required=True)
    words = Text(5000, required=True)
    said_at = Moment(required=True)


class OrderMessageView(View):
    """One thing that was said, and who wrote it down."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000161",
        "order_id": ORDER_ID,
        **SAID,
        "recorded_at": AT,
        "actor": "staff:0197f1a5-0000-7000-8000-000000000011",
    }

    id = Id()
    order_id = Id()
    said_by = fields.String()
    medium = fields.String()
    words = fields.String()
    said_at = Moment()
    recorded_at = Moment()
    actor = fields.String()
