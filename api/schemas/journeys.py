"""Journeys on the wire: what is sent, and what of it arrives."""

from typing import Any, ClassVar

from marshmallow import fields

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.fields import Choice, Day, Flag, Id, Moment, Some, Text
from api.schemas.stock import AT, PIECE_ID, PLACE, STAFF, STORE_ID, TAG, WhereView
from inventory.scans import LONGEST_TAG

JOURNEY_ID = "0197f1a5-0000-7000-8000-000000000101"
ARRIVAL_ID = "0197f1a5-0000-7000-8000-000000000102"
PHOTO_ID = "0197f1a5-0000-7000-8000-000000000103"
SHOP_ID = "0197f1a5-0000-7000-8000-0000000000c2"
SHOP = {"id": SHOP_ID, "code": "ollantaytambo", "name": "Shop, Ollantaytambo", "kind": "store"}
MOST_PIECES = 500
MOST_PHOTOS = 20
OPEN_OR = ("open", "on_the_way", "part_arrived", "ended")


class NewJourney(Request):
    """What leaves one room for another, and who carries it."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "from_id": STORE_ID,
        "to_id": SHOP_ID,
        "piece_ids": [PIECE_ID],
        "carrier": "Justina, by the afternoon van",
        "expected_on": "2026-11-24",
        "sent_at": AT,
        "note": "",
    }

    from_id = Id(required=True)
    to_id = Id(required=True)
    piece_ids = Some(Id(), MOST_PIECES, least=1, required=True)
    carrier = Text(200, required=True)
    expected_on = Day()
    sent_at = Moment(required=True)
    note = Text(2000, least=0)


class JourneyView(View):
    """Pieces on their way from one room to another, or what became of them."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": JOURNEY_ID,
        "status": "on_the_way",
        "from": PLACE,
        "to": SHOP,
        "carrier": "Justina, by the afternoon van",
        "expected_on": "2026-11-24",
        "note": "",
        "piece_count": 1,
        "awaited": 1,
        "age_days": 1,
        "late": False,
        "sent_at": AT,
        "recorded_at": AT,
        "actor": STAFF,
    }

    id = Id()
    status = fields.String()
    origin = fields.Nested(WhereView, data_key="from")
    destination = fields.Nested(WhereView, data_key="to")
    carrier = fields.String()
    expected_on = Day(allow_none=True)
    note = fields.String()
    piece_count = fields.Integer()
    awaited = fields.Integer()
    age_days = fields.Integer()
    late = fields.Boolean()
    sent_at = Moment()
    recorded_at = Moment()
    actor = fields.String()


class SentPieceView(View):
    """A piece of a journey, and whether it is still on the way."""

    id = Id()
    tag = fields.String()
    status = fields.String()
    awaited = fields.Boolean()


class JourneyInFullView(JourneyView):
    """A journey with its pieces."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        **JourneyView.EXAMPLE,
        "pieces": [{"id": PIECE_ID, "tag": TAG, "status": "listed", "awaited": True}],
    }

    pieces = fields.List(fields.Nested(SentPieceView))


class JourneysWanted(Page):
    """Which journeys."""

    status = Choice(OPEN_OR)
    to_id = Id()


class UnpackedIn(Request):
    """One thing seen: a piece by its id, or its tag as it was scanned or typed."""

    piece_id = Id()
    tag = Text(LONGEST_TAG, least=0)
    damaged = Flag()
    note = Text(500, least=0)
    photo_ids = Some(Id(), MOST_PHOTOS)


class NewArrival(Request):
    """What came; `last` when nothing more of the journey will."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "entries": [
            {"piece_id": PIECE_ID, "damaged": True, "note": "wet", "photo_ids": [PHOTO_ID]}
        ],
        "last": True,
        "location_id": SHOP_ID,
        "arrived_at": AT,
        "note": "",
    }

    entries = Some(fields.Nested(UnpackedIn), MOST_PIECES, required=True)
    last = Flag(required=True)
    location_id = Id()
    arrived_at = Moment(required=True)
    note = Text(2000, least=0)


class EntryView(View):
    """What an arrival says of one piece."""

    piece_id = Id(allow_none=True)
    tag = fields.String()
    came = fields.String()
    damaged = fields.Boolean()
    note = fields.String()
    photo_ids = fields.List(fields.UUID())


class ArrivalView(View):
    """Somebody took in what came of a journey."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": ARRIVAL_ID,
        "journey_id": JOURNEY_ID,
        "location_id": SHOP_ID,
        "last": True,
        "note": "",
        "entries": [
            {
                "piece_id": PIECE_ID,
                "tag": "",
                "came": "arrived",
                "damaged": True,
                "note": "wet",
                "photo_ids": [PHOTO_ID],
            }
        ],
        "arrived_at": AT,
        "recorded_at": AT,
        "actor": STAFF,
    }

    id = Id()
    journey_id = Id()
    location_id = Id()
    last = fields.Boolean()
    note = fields.String()
    entries = fields.List(fields.Nested(EntryView))
    arrived_at = Moment()
    recorded_at = Moment()
    actor = fields.String()
