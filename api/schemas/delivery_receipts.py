"""The receipt of a delivery on the wire: what one maker takes home, and what her phone is sent."""

from typing import Any, ClassVar

from marshmallow import fields

from api.schemas.base import Request, View
from api.schemas.fields import Amount, Choice, Day, Id
from api.schemas.money import WordsView
from api.schemas.stock import DELIVERY_ID, MAKER_ID, PIECE_ID, TAG

LANGUAGES = ("es", "qu")


class ReceiptLanguage(Request):
    """The language of the message for her phone."""

    language = Choice(LANGUAGES)


class MadeByView(View):
    """The maker it is for."""

    id = Id()
    public_name = fields.String()


class ReceiptPieceView(View):
    """One of her pieces. `hers`: her part of a price; `share_bp`: of what a sale brings."""

    piece_id = Id()
    tag = fields.String()
    design = fields.Nested(WordsView)
    stages = fields.List(fields.String())
    standing = fields.String()
    agreement = fields.String()
    price = Amount("price_minor", allow_none=True)
    hers = Amount("hers_minor", allow_none=True)
    share_bp = fields.Integer(allow_none=True)
    commission = fields.String(allow_none=True)


class ReceiptSumsView(View):
    """In minor units: agreed = deducted + paid + to_come_off + to_pay."""

    currency = fields.String()
    agreed = fields.Integer()
    deducted = fields.Integer()
    paid = fields.Integer()
    to_come_off = fields.Integer()
    to_pay = fields.Integer()
    advance_open = fields.Integer()


class MessageView(View):
    """The text for her phone: its length as a phone counts it, and in how many SMS it is sent."""

    language = fields.String()
    text = fields.String()
    characters = fields.Integer()
    segments = fields.Integer()
    left_out = fields.Integer()


class DeliveryReceiptView(View):
    """What one maker takes home on delivery day, as it stands now."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "delivery_id": DELIVERY_ID,
        "delivered_on": "2026-11-20",
        "maker": {"id": MAKER_ID, "public_name": "Sabina"},
        "present": True,
        "pieces": [
            {
                "piece_id": PIECE_ID,
                "tag": TAG,
                "design": {"es": "Camino de mesa, rojo"},
                "stages": ["weave"],
                "standing": "accepted",
                "agreement": "pay_on_acceptance",
                "price": {"amount_minor": 18000, "currency": "PEN"},
                "hers": {"amount_minor": 18000, "currency": "PEN"},
                "share_bp": None,
                "commission": "C-2026-00017",
            }
        ],
        "sums": [
            {
                "currency": "PEN",
                "agreed": 18000,
                "deducted": 0,
                "paid": 0,
                "to_come_off": 5000,
                "to_pay": 13000,
                "advance_open": 5000,
            }
        ],
        "message": {
            "language": "es",
            "text": "Pallay entrega 20/11. Sabina: 1 pieza. Precio S/180.00. Adelanto -S/50.00."
            " Por pagar S/130.00. HUK-4F7K-29QX",
            "characters": 109,
            "segments": 1,
            "left_out": 0,
        },
    }

    delivery_id = Id(attribute="delivery.id")
    delivered_on = Day(attribute="delivery.delivered_on")
    maker = fields.Nested(MadeByView)
    present = fields.Boolean()
    pieces = fields.List(fields.Nested(ReceiptPieceView), attribute="lines")
    sums = fields.List(fields.Nested(ReceiptSumsView))
    message = fields.Nested(MessageView)
