"""Deliveries on the wire: a whole day in one body, and what became of each of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from marshmallow import ValidationError, fields

from api.schemas.base import Request, View
from api.schemas.fields import Choice, Day, Id, Moment, Some, Text, Whole
from api.schemas.stock import (
    AT,
    DELIVERY_ID,
    DESIGN_ID,
    MAKER_ID,
    PIECE_ID,
    STAFF,
    STEP,
    STORE_ID,
    TAG,
    PieceIn,
    PieceView,
)
from inventory.models import MOST_PIECES, DeliveryMode

LINE_ID = "0197f1a5-0000-7000-8000-00000000cd01"
PHOTO_ID = "0197f1a5-0000-7000-8000-00000000f001"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that does not have the shape of one, with the messages of its fields."""

    messages: Any


class Rows(Some):
    """A delivery's rows. Where each stands for itself, one of a wrong shape spoils no other."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> list[Any]:
        each = isinstance(data, Mapping) and data.get("mode") == DeliveryMode.EACH_ROW.value
        if not (each and isinstance(value, list)) or len(value) > self.longest:
            return super()._deserialize(value, attr, data, **kwargs)
        return [self._one(row) for row in value]

    def _one(self, row: Any) -> Any:
        try:
            loaded = self.inner.deserialize(row)
        except ValidationError as problem:
            return Unreadable(problem.messages)
        if "id" not in loaded:
            return Unreadable({"id": ["Needed, so that the row can be sent again."]})
        return loaded


class NewDelivery(Request):
    """What makers handed in on one day; the id is made on the phone."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": DELIVERY_ID,
        "delivered_on": "2026-11-20",
        "location_id": STORE_ID,
        "mode": "each_row",
        "note": "",
        "makers_present": [MAKER_ID],
        "pieces": [
            {
                "id": PIECE_ID,
                "tag": TAG,
                "design_id": DESIGN_ID,
                "commission_line_id": LINE_ID,
                "contributions": [STEP],
                "photo_ids": [PHOTO_ID],
            },
            {
                "id": "0197f1a5-0000-7000-8000-0000000000e2",
                "design_id": DESIGN_ID,
                "agreement": {
                    "kind": "pay_on_acceptance",
                    "price": {"amount_minor": 18000, "currency": "PEN"},
                },
                "contributions": [STEP],
            },
        ],
    }

    id = Id(required=True)
    delivered_on = Day(required=True)
    location_id = Id(required=True)
    mode = Choice(DeliveryMode)
    note = Text(2000, least=0)
    makers_present = Some(Id(), 200)
    pieces = Rows(fields.Nested(PieceIn), MOST_PIECES, least=1, required=True)


class PhotoToComeView(View):
    """A photo of a piece that was taken on the day, by the id the phone gave it."""

    piece_id = Id()
    photo_id = Id()


class DeliveryView(View):
    """A delivery with who came, its pieces and their tags."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": DELIVERY_ID,
        "delivered_on": "2026-11-20",
        "location_id": STORE_ID,
        "mode": "each_row",
        "note": "",
        "makers_present": [MAKER_ID],
        "piece_count": 1,
        "recorded_at": AT,
        "actor": STAFF,
        "photos_to_come": [{"piece_id": PIECE_ID, "photo_id": PHOTO_ID}],
        "pieces": [PieceView.EXAMPLE],
    }

    id = Id()
    delivered_on = Day()
    location_id = Id()
    mode = fields.String()
    note = fields.String()
    makers_present = fields.List(Id())
    piece_count = fields.Integer()
    recorded_at = Moment()
    actor = fields.String()
    photos_to_come = fields.List(fields.Nested(PhotoToComeView))
    pieces = fields.List(fields.Nested(PieceView))


class DeliveryRowErrorView(View):
    """A place of the request, and what is wrong with it in plain words."""

    pointer = fields.String()
    message = fields.String()


class DeliveryRowView(View):
    """What became of one row: taken, taken_before or refused.

    `differs`: the piece was taken in before with other contents, which stand.
    """

    row = fields.Integer()
    outcome = fields.String()
    piece_id = Id(allow_none=True)
    tag = fields.String(allow_none=True)
    differs = fields.Boolean()
    code = fields.String(allow_none=True)
    errors = fields.List(fields.Nested(DeliveryRowErrorView))


class TakenInView(DeliveryView):
    """A delivery, and what became of each row that was sent."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        **DeliveryView.EXAMPLE,
        "refused": 1,
        "rows": [
            {
                "row": 0,
                "outcome": "taken",
                "piece_id": PIECE_ID,
                "tag": TAG,
                "differs": False,
                "code": None,
                "errors": [],
            },
            {
                "row": 1,
                "outcome": "refused",
                "piece_id": "0197f1a5-0000-7000-8000-0000000000e2",
                "tag": None,
                "differs": False,
                "code": "invalid",
                "errors": [{"pointer": "/pieces/1/design_id", "message": "no such design"}],
            },
        ],
    }

    refused = fields.Integer()
    rows = fields.List(fields.Nested(DeliveryRowView))


class NewTagReservation(Request):
    """Tags to be printed for a place and a day."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "location_id": STORE_ID,
        "reserved_for": "2026-12-20",
        "count": 24,
        "note": "one sheet",
    }

    location_id = Id(required=True)
    reserved_for = Day(required=True)
    count = Whole(1, 500, required=True)
    note = Text(500, least=0)


class ReservedTagView(View):
    """A reserved tag, and the piece that carries it by now."""

    tag = fields.String()
    piece_id = Id(allow_none=True)


class TagReservationView(View):
    """Tags reserved for a place and a day, in the order of the sheet."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-00000000a701",
        "location_id": STORE_ID,
        "reserved_for": "2026-12-20",
        "note": "one sheet",
        "tag_count": 1,
        "used_count": 0,
        "tags": [{"tag": TAG, "piece_id": None}],
        "created_at": AT,
        "created_by": STAFF,
    }

    id = Id()
    location_id = Id()
    reserved_for = Day()
    note = fields.String()
    tag_count = fields.Integer()
    used_count = fields.Integer()
    tags = fields.List(fields.Nested(ReservedTagView))
    created_at = Moment()
    created_by = fields.String()
