"""Locations as they change: another name, closed, open again."""

import uuid
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.etags import if_match, of_version, version_wanted, versioned
from api.idempotency import once, writes
from api.schemas.locations import LocationChange
from api.schemas.stock import LocationView
from api.schemas.stocktakes import Reason
from core import clock
from core.db import current_session
from inventory import locations
from inventory.locations import LocationChanged

blueprint = Blueprint("locations", "The rooms of the house, and how they change.")


@blueprint.get("/locations/<uuid:location_id>")
@needs("stock:read")
@versioned
@blueprint.response(200, LocationView)
def get_location(location_id: uuid.UUID) -> Any:
    """Read one location.

    With the ETag that a change has to name.
    """
    location = locations.get_location(current_session(), location_id, actor=actor())
    of_version(location.version)
    return location


@blueprint.patch("/locations/<uuid:location_id>")
@needs("stock:write")
@if_match
@blueprint.arguments(LocationChange)
@writes
@versioned
@blueprint.response(200, LocationView)
def change_location(wanted: dict[str, Any], location_id: uuid.UUID) -> Any:
    """Rename a location.

    `If-Match` names the ETag that was read: 428 without one, 412 when somebody changed it since.
    Its code and its kind stay: papers and movements speak of them.
    """
    location = locations.change_location(
        current_session(),
        location_id=location_id,
        version=version_wanted(LocationChanged),
        actor=actor(),
        **wanted,
    )
    of_version(location.version)
    return location


@blueprint.post("/locations/<uuid:location_id>/closure")
@needs("stock:write")
@blueprint.arguments(Reason)
@once(required=True)
@blueprint.response(201, LocationView)
def close_location(wanted: dict[str, Any], location_id: uuid.UUID) -> Any:
    """Close a location.

    It takes nothing in any more; what is in it may leave.
    """
    return locations.close_location(
        current_session(), location_id=location_id, actor=actor(), now=clock.now(), **wanted
    )


@blueprint.post("/locations/<uuid:location_id>/reopening")
@needs("stock:write")
@blueprint.arguments(Reason)
@once(required=True)
@blueprint.response(201, LocationView)
def reopen_location(wanted: dict[str, Any], location_id: uuid.UUID) -> Any:
    """Open a location again.

    It takes things in as before.
    """
    return locations.reopen_location(
        current_session(), location_id=location_id, actor=actor(), now=clock.now(), **wanted
    )
