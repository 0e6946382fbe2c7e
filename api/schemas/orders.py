"""Orders on the wire."""

from marshmallow import fields

from api.fields import (
    MoneyField,
    Text,
    choice,
    currency,
    identifier,
    moment,
    several,
    web_address,
    whole,
)
from api.paging import PageQuery
from api.schemas.inventory import TAG
from api.schemas.listings import SLUG, SLUG_EXAMPLE
from api.schemas.people import ACTOR
from api.wire import Strict
from core.words import LANGUAGES
from orders.models import Channel, Fulfilment, OrderStatus, ShipmentKind

NUMBER = "P7K-X4F-2MQ"


class ItemSchema(Strict):
    """One piece by its id, or a number of pieces of one listing."""

    piece_id = identifier()
    listing_id = identifier()
    slug = fields.String(validate=SLUG, metadata={"example": SLUG_EXAMPLE})
    quantity = whole(1, 20, example=1)


class AddressSchema(Strict):
    """Where to ship to."""

    name = Text(100, example="Demo Buyer")
    line1 = Text(200, required=True, example="1 Demo Street")
    line2 = Text(200, example="Second floor")
    city = Text(100, required=True, example="Portland")
    region = Text(100, example="OR")
    postal_code = Text(20, example="97201")
    country = Text(2, least=2, required=True, example="US")


class NewOrder(Strict):
    """What a buyer asks for."""

    items = several(fields.Nested(ItemSchema), least=1, most=20, required=True)
    currency = currency(required=True)
    fulfilment = choice(Fulfilment, required=True)
    channel = choice(Channel, load_default="online")
    language = choice(LANGUAGES, load_default="en")
    buyer_email = fields.Email(metadata={"example": "buyer@demo.example"})
    buyer_name = Text(100, example="Demo Buyer")
    address = fields.Nested(AddressSchema)


class LineView(Strict):
    """One piece at the price agreed."""

    id = identifier()
    piece_id = identifier()
    listing_id = identifier()
    tag = Text(attribute="piece.tag", example=TAG)
    title = Text(example="Red table runner")
    price = MoneyField()


class PaymentPageView(Strict):
    """Where to pay, and until when."""

    url = web_address(allow_none=True)
    expires_at = moment()


class OrderSummaryView(Strict):
    """An order without anybody's private data."""

    id = identifier()
    number = Text(example=NUMBER)
    status = choice(OrderStatus)
    channel = choice(Channel)
    fulfilment = choice(Fulfilment)
    total = MoneyField()
    placed_at = moment()
    paid_at = moment(allow_none=True)


class ShipmentView(Strict):
    """Pieces that left."""

    id = identifier()
    kind = choice(ShipmentKind)
    carrier = Text(allow_none=True, example="Serpost")
    tracking = Text(allow_none=True, example="RR123456789PE")
    piece_ids = several(identifier(), most=20)
    at = moment()
    actor = Text(example=ACTOR)


class OrderView(OrderSummaryView):
    """An order, for its buyer and its co-operative."""

    subtotal = MoneyField()
    shipping = MoneyField()
    shipping_label = Text(example="Shipping: Americas, up to 2 kg")
    tax = MoneyField()
    tax_label = Text(example="")
    language = choice(LANGUAGES)
    buyer_email = fields.Email(allow_none=True, metadata={"example": "buyer@demo.example"})
    buyer_name = Text(allow_none=True, example="Demo Buyer")
    address = fields.Nested(AddressSchema, allow_none=True)
    lines = several(fields.Nested(LineView), most=20)
    payment = fields.Nested(PaymentPageView)
    shipments = several(fields.Nested(ShipmentView), most=20)
    handed_over_at = moment(allow_none=True)


class PlacedOrderView(OrderView):
    """A new order with the token that opens it."""

    token = Text(example="k3f…43 characters")


class OrderQuery(PageQuery):
    """What a list of orders is narrowed to."""

    status = choice(OrderStatus)
    channel = choice(Channel)
    since = moment()


class TokenQuery(Strict):
    """A buyer's token, where it is not sent as the header Order-Token."""

    token = Text(100, example="k3f…43 characters")


class NewShipment(Strict):
    """Pieces given to a carrier; all that are still here unless named."""

    carrier = Text(100, required=True, example="Serpost")
    tracking = Text(100, allow_none=True, example="RR123456789PE")
    piece_ids = several(identifier(), least=1, most=20)


class NewHandover(Strict):
    """Pieces put into the buyer's hands; all that are still here unless named."""

    piece_ids = several(identifier(), least=1, most=20)


class Nothing(Strict):
    """An empty object."""
