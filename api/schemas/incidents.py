"""Incidents on the wire: lost, damaged, found, mended."""

from typing import Any, ClassVar

from marshmallow import fields

from api.schemas.base import Request, View
from api.schemas.fields import Choice, Flag, Id, Moment, Some, Text
from api.schemas.journeys import MOST_PHOTOS, PHOTO_ID
from api.schemas.stock import AT, PIECE_ID, STAFF, STORE_ID
from inventory.incident_models import IncidentKind


class NewIncident(Request):
    """What happened to a piece; `location_id` says where it was found."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "kind": "found",
        "reason": "behind the loom",
        "happened_at": AT,
        "location_id": STORE_ID,
        "photo_ids": [PHOTO_ID],
        "although_sold": False,
    }

    kind = Choice(IncidentKind, required=True)
    reason = Text(500, required=True)
    happened_at = Moment(required=True)
    location_id = Id()
    photo_ids = Some(Id(), MOST_PHOTOS)
    although_sold = Flag()


class IncidentView(View):
    """What somebody said happened to a piece; `order_id` is its buyer's, who waits."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000121",
        "piece_id": PIECE_ID,
        "kind": "found",
        "reason": "behind the loom",
        "location_id": STORE_ID,
        "order_id": None,
        "photo_ids": [PHOTO_ID],
        "happened_at": AT,
        "recorded_at": AT,
        "actor": STAFF,
    }

    id = Id()
    piece_id = Id()
    kind = fields.String()
    reason = fields.String()
    location_id = Id(allow_none=True)
    order_id = Id(allow_none=True)
    photo_ids = fields.List(fields.UUID())
    happened_at = Moment()
    recorded_at = Moment()
    actor = fields.String()
