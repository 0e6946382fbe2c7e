"""Deliveries, and the locations they come into."""

import hashlib
import uuid
from typing import Any

from api.access import actor, needs
from api.idempotency import once
from api.paging import PageQuery, after_id, page
from api.schemas.inventory import DeliveryView, LocationView, NewDelivery, NewLocation
from api.wire import Blueprint, gives, raw_request, takes
from core import clock
from core.db import current_session, transaction
from inventory import deliveries, locations

blueprint = Blueprint("deliveries", __name__, description="Delivery day, and the rooms")


@blueprint.post("/deliveries")
@needs("stock:write")
@once()
@takes(blueprint, NewDelivery)
@gives(blueprint, 201, DeliveryView)
def record_delivery(wanted: dict[str, Any]) -> Any:
    """Take in a whole delivery: each piece gets its tag.

    Its id is made by whoever records it; the same delivery sent again is the same one, with or
    without an Idempotency-Key.
    """
    digest = hashlib.sha256(raw_request()).hexdigest()
    with transaction() as session:
        delivery, _new = deliveries.record_delivery(
            session,
            delivery_id=wanted.pop("id"),
            request_hash=digest,
            actor=actor(),
            now=clock.now(),
            **wanted,
        )
        return delivery


@blueprint.get("/deliveries/<uuid:delivery_id>")
@needs("stock:read")
@gives(blueprint, 200, DeliveryView)
def get_delivery(delivery_id: uuid.UUID) -> Any:
    """One delivery with its pieces."""
    return deliveries.get_delivery(current_session(), delivery_id, actor=actor())


@blueprint.post("/locations")
@needs("stock:write")
@once()
@takes(blueprint, NewLocation)
@gives(blueprint, 201, LocationView)
def add_location(wanted: dict[str, Any]) -> Any:
    """Add a room."""
    with transaction() as session:
        return locations.add_location(session, actor=actor(), now=clock.now(), **wanted)


@blueprint.get("/locations")
@needs("stock:read")
@takes(blueprint, PageQuery, where="query")
@gives(blueprint, 200, LocationView.page())
def list_locations(wanted: dict[str, Any]) -> Any:
    """Rooms of the co-operative, and the three ends outside, oldest first."""
    session, place = current_session(), after_id(wanted.get("after"))
    return page(
        lambda limit: locations.list_locations(session, actor=actor(), limit=limit, after=place),
        wanted["limit"],
        lambda row: [row.id],
    )
