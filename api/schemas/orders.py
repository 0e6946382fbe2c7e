"""Orders on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.fields import (
    Amount,
    Choice,
    Flag,
    Id,
    Moment,
    Some,
    Text,
    Whole,
    currency,
    email,
)
from api.schemas.listings import SLUG, SLUG_FORM
from api.schemas.money import NewMoney
from api.schemas.stock import PIECE_ID, TAG
from core.words import LANGUAGES
from orders.choosing import MOST_PIECES
from orders.models import Channel, Fulfilment, OrderStatus, Tender

ORDER_ID = "0197f1a5-0000-7000-8000-000000000121"
TOKEN = "m3Jc0R7tq8Ww1yZ5xV2bN9dF4gH6kL0sP8uT3aE7iQ1"  # noqa: S105 - an example
AT = "2026-11-23T15:00:00Z"
UNTIL = "2026-11-23T15:31:00Z"
BY_HAND = tuple(tender for tender in Tender if tender is not Tender.STRIPE)


class ItemIn(Request):
    """Pieces of one listing (`slug` or `listing_id`, with `quantity`), or one `piece_id`."""

    slug = Text(80, like=SLUG_FORM)
    listing_id = Id()
    piece_id = Id()
    quantity = Whole(1, MOST_PIECES)


class AddressIn(Request):
    """Where it is to be shipped."""

    name = Text(200)
    line1 = Text(200, required=True)
    line2 = Text(200)
    city = Text(100, required=True)
    region = Text(100)
    postal_code = Text(20)
    country = Text(2, least=2, like="[A-Z]{2}", required=True)


class NewOrder(Request):
    """What a buyer wants, and how it reaches her. `address` only where it is shipped."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "items": [{"slug": SLUG, "quantity": 1}],
        "currency": "USD",
        "fulfilment": "ship",
        "channel": "online",
        "language": "en",
        "buyer_name": "Ada Buyer",
        "buyer_email": "ada@example.org",
        "address": {
            "line1": "1 Loom Street",
            "city": "Portland",
            "region": "OR",
            "postal_code": "97201",
            "country": "US",
        },
    }

    items = Some(fields.Nested(ItemIn), MOST_PIECES, least=1, required=True)
    currency = currency(required=True)
    fulfilment = Choice(Fulfilment, required=True)
    channel = Choice(Channel, load_default=Channel.ONLINE.value)
    language = Choice(
        LANGUAGES, metadata={"description": "of the words copied; by Accept-Language if absent"}
    )
    buyer_name = Text(200)
    buyer_email = email()
    address = fields.Nested(AddressIn)


class NewStallSale(Request):
    """A sale that is paid by hand at the stall.

    `take_from_online`: a piece named by its id that an online buyer holds and has not paid is freed
    first, for it is in somebody's hands.
    """

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "items": [{"piece_id": PIECE_ID}],
        "tender": "cash",
        "given": {"amount_minor": 20000, "currency": "PEN"},
        "language": "en",
        "take_from_online": False,
    }

    items = Some(fields.Nested(ItemIn), MOST_PIECES, least=1, required=True)
    tender = Choice(BY_HAND, required=True)
    given = fields.Nested(NewMoney, required=True)
    language = Choice(
        LANGUAGES, metadata={"description": "of the words copied; by Accept-Language if absent"}
    )
    buyer_name = Text(200)
    buyer_email = email()
    take_from_online = Flag(load_default=False)


class TillReceiptView(View):
    """What was given by hand at the stall, and the change."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "number": "S-2026-00017",
        "tender": "cash",
        "given": {"amount_minor": 20000, "currency": "PEN"},
        "change": {"amount_minor": 1500, "currency": "PEN"},
        "taken_by_id": "0197f1a5-0000-7000-8000-0000000000a3",
        "paid_at": AT,
    }

    number = fields.String(attribute="receipt_number")
    tender = fields.String()
    given = Amount("given_minor", "charged_currency")
    change = Amount("change_minor", "charged_currency")
    taken_by_id = Id()
    paid_at = Moment()


class PieceOrderedView(View):
    """The piece of a line."""

    id = Id()
    tag = fields.String()


class LineView(View):
    """One piece at the price agreed."""

    id = Id()
    position = fields.Integer()
    title = fields.String()
    price = Amount("price_minor")
    listing_id = Id()
    piece = fields.Nested(PieceOrderedView)


class ChargeView(View):
    """What comes on top of the pieces; an empty label means nothing does."""

    label = fields.String()
    amount = Amount()


class PaymentView(View):
    """Where to pay, as long as one can; null before the page is open and after it is closed."""

    url = fields.String(allow_none=True)
    expires_at = Moment()


class ShipmentView(View):
    """Pieces that left, by a carrier or by hand."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000131",
        "order_id": ORDER_ID,
        "kind": "carrier",
        "carrier": "Serpost",
        "tracking": "RR123456789PE",
        "at": AT,
        "piece_ids": [PIECE_ID],
    }

    id = Id()
    order_id = Id()
    kind = fields.String()
    carrier = fields.String(allow_none=True)
    tracking = fields.String(allow_none=True)
    at = Moment()
    piece_ids = fields.Function(
        lambda shipment: [str(row.piece_id) for row in shipment.pieces],
        metadata={"type": "array", "items": {"type": "string", "format": "uuid"}},
    )


class AddressView(View):
    """Where it is to be shipped; parts nobody gave are not there."""

    name = fields.String()
    line1 = fields.String()
    line2 = fields.String()
    city = fields.String()
    region = fields.String()
    postal_code = fields.String()
    country = fields.String()

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Only three parts are always there."""
        field_obj.required = field_name in {"line1", "city", "country"}


class RefundedView(View):
    """Money going back to the buyer, and why: `paid_twice` and `piece_gone` are our own doing."""

    id = Id()
    amount = Amount()
    reason = fields.String()
    status = fields.String()
    requested_at = Moment()


class OrderView(View):
    """An order, for its buyer and for those who fulfil it."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": ORDER_ID,
        "number": "P7K-X4F-2MQ",
        "status": "awaiting_payment",
        "channel": "online",
        "fulfilment": "ship",
        "language": "en",
        "lines": [
            {
                "id": "0197f1a5-0000-7000-8000-000000000122",
                "position": 0,
                "title": "Red table runner",
                "price": {"amount_minor": 6800, "currency": "USD"},
                "listing_id": "0197f1a5-0000-7000-8000-000000000111",
                "piece": {"id": PIECE_ID, "tag": TAG},
            }
        ],
        "subtotal": {"amount_minor": 6800, "currency": "USD"},
        "shipping": {
            "label": "Shipping: Americas, up to 2 kg",
            "amount": {"amount_minor": 2900, "currency": "USD"},
        },
        "tax": {"label": "", "amount": {"amount_minor": 0, "currency": "USD"}},
        "total": {"amount_minor": 9700, "currency": "USD"},
        "buyer_name": "Ada Buyer",
        "buyer_email": "ada@example.org",
        "address": NewOrder.EXAMPLE["address"],
        "placed_at": AT,
        "expires_at": UNTIL,
        "cancel_requested_at": None,
        "paid_at": None,
        "handed_over_at": None,
        "payment": {"url": "https://checkout.stripe.com/c/pay/cs_test_1", "expires_at": UNTIL},
        "shipments": [],
        "refunds": [],
        "receipt": None,
    }

    id = Id()
    number = fields.String()
    status = fields.String()
    channel = fields.String()
    fulfilment = fields.String()
    language = fields.String()
    lines = fields.List(fields.Nested(LineView))
    subtotal = Amount("subtotal_minor")
    shipping = fields.Nested(ChargeView)
    tax = fields.Nested(ChargeView)
    total = Amount("total_minor")
    buyer_name = fields.String(allow_none=True)
    buyer_email = fields.String(allow_none=True)
    address = fields.Nested(AddressView, allow_none=True)
    placed_at = Moment()
    expires_at = Moment()
    cancel_requested_at = Moment(allow_none=True)
    paid_at = Moment(allow_none=True)
    handed_over_at = Moment(allow_none=True)
    payment = fields.Nested(PaymentView)
    receipt = fields.Nested(TillReceiptView, allow_none=True)
    shipments = fields.List(fields.Nested(ShipmentView))
    refunds = fields.List(fields.Nested(RefundedView))


class PlacedOrderView(OrderView):
    """An order just placed. `token` opens it to whoever carries it; keep it."""

    EXAMPLE: ClassVar[dict[str, Any]] = {**OrderView.EXAMPLE, "token": TOKEN}

    token = fields.String()


class OrderToken(Request):
    """The order's token, for a link that a person can follow."""

    token = Text(100, metadata={"description": "the order's token, if not in Order-Token"})


class OrdersWanted(Page):
    """Which orders."""

    status = Choice(OrderStatus)
    channel = Choice(Channel)
    since = Moment(metadata={"description": "placed at or after"})
    number = Text(20, metadata={"description": "one order's number, however it was typed"})


class NewShipment(Request):
    """Pieces given to a carrier; all that are still here unless named."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"carrier": "Serpost", "tracking": "RR123456789PE"}

    carrier = Text(100, required=True)
    tracking = Text(100)
    piece_ids = Some(Id(), MOST_PIECES, least=1)


class NewHandover(Request):
    """Pieces put into the buyer's hands; all that are still here unless named."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"piece_ids": [PIECE_ID]}

    piece_ids = Some(Id(), MOST_PIECES, least=1)


class HandoverView(ShipmentView):
    """Pieces the buyer took with her."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        **ShipmentView.EXAMPLE,
        "kind": "by_hand",
        "carrier": None,
        "tracking": None,
    }
