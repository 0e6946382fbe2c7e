"""Stocktakes on the wire: a room is counted by many phones, and what comes of it."""

from typing import Any, ClassVar

from marshmallow import fields

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.fields import Amount, Choice, Id, Moment, Some, Text
from api.schemas.stock import AT, PIECE_ID, PLACE, STAFF, STORE_ID, TAG, WhereView
from inventory.scans import LONGEST_TAG
from inventory.stocktake_models import Sight, StocktakeStatus

STOCKTAKE_ID = "0197f1a5-0000-7000-8000-000000000111"
SCAN_ID = "0197f1a5-0000-7000-8000-000000000112"
MOST_SCANS = 500


class NewStocktake(Request):
    """Which room is counted, and since when."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"location_id": STORE_ID, "opened_at": AT, "note": ""}

    location_id = Id(required=True)
    opened_at = Moment(required=True)
    note = Text(2000, least=0)


class StocktakeView(View):
    """The counting of one room; what is missing is valued when it is closed."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": STOCKTAKE_ID,
        "status": "awaiting_approval",
        "location": PLACE,
        "note": "",
        "seen": 41,
        "strange": 1,
        "missing_value": {"amount_minor": 18000, "currency": "PEN"},
        "unvalued": 0,
        "rules_version": 1,
        "opened_at": AT,
        "recorded_at": AT,
        "actor": STAFF,
        "closed_at": AT,
        "closed_by": STAFF,
    }

    id = Id()
    status = fields.String()
    location = fields.Nested(WhereView)
    note = fields.String()
    seen = fields.Integer()
    strange = fields.Integer()
    missing_value = Amount("missing_minor", allow_none=True)
    unvalued = fields.Integer(allow_none=True)
    rules_version = fields.Integer(allow_none=True)
    opened_at = Moment()
    recorded_at = Moment()
    actor = fields.String()
    closed_at = Moment(allow_none=True)
    closed_by = fields.String(allow_none=True)


class StocktakesWanted(Page):
    """Which stocktakes."""

    status = Choice(StocktakeStatus)
    location_id = Id()


class ScanIn(Request):
    """A tag as it was scanned or typed; empty when nobody can read it. The id is the phone's."""

    id = Id(required=True)
    tag = Text(LONGEST_TAG, least=0, required=True)
    seen_at = Moment(required=True)
    note = Text(500, least=0)


class NewCounts(Request):
    """A burst of scans."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "scans": [{"id": SCAN_ID, "tag": TAG, "seen_at": AT, "note": ""}]
    }

    scans = Some(fields.Nested(ScanIn), MOST_SCANS, least=1, required=True)


class CountedView(View):
    """What became of one scan."""

    id = Id()
    sight = fields.String()
    piece_id = Id(allow_none=True)
    again = fields.Boolean()
    taken = fields.Boolean()


class CountsTakenView(View):
    """What became of a burst, scan by scan, in its order."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "counts": [
            {"id": SCAN_ID, "sight": "seen", "piece_id": PIECE_ID, "again": False, "taken": False}
        ]
    }

    counts = fields.List(fields.Nested(CountedView))


class CountView(View):
    """One tag seen by one person."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": SCAN_ID,
        "tag": TAG,
        "sight": "seen",
        "piece_id": PIECE_ID,
        "note": "",
        "seen_at": AT,
        "recorded_at": AT,
        "actor": STAFF,
    }

    id = Id()
    tag = fields.String()
    sight = fields.String()
    piece_id = Id(allow_none=True)
    note = fields.String()
    seen_at = Moment()
    recorded_at = Moment()
    actor = fields.String()


class CountsWanted(Page):
    """Which scans."""

    sight = Choice(Sight)


class CountDifferenceView(View):
    """A piece about which the count and the books differ; `id` is the piece's."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": PIECE_ID,
        "tag": TAG,
        "kind": "missing",
        "location_id": STORE_ID,
        "since": AT,
        "value": {"amount_minor": 18000, "currency": "PEN"},
        "outcome": None,
    }

    id = Id()
    tag = fields.String()
    kind = fields.String()
    location_id = Id()
    since = Moment()
    value = Amount("value_minor", allow_none=True)
    outcome = fields.String(allow_none=True)


class Reason(Request):
    """Why."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"reason": "looked for it in both rooms"}

    reason = Text(500, required=True)
