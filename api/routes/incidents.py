"""Incidents: a piece was lost, damaged, found again or mended."""

import uuid
from functools import partial
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import writes
from api.paging import Page, listed, pages_of
from api.routes.stock import body_hash
from api.schemas.incidents import IncidentView, NewIncident
from core import clock
from core.db import current_session
from inventory import incidents
from inventory.incident_models import IncidentKind

blueprint = Blueprint("incidents", "What happened to pieces outside of their usual way.")


@blueprint.put("/pieces/<uuid:piece_id>/incidents/<uuid:incident_id>")
@needs("stock:write")
@blueprint.arguments(NewIncident)
@writes
@blueprint.response(201, IncidentView)
@blueprint.also_answers(200, IncidentView, "Reported before, with these very contents")
def report(wanted: dict[str, Any], piece_id: uuid.UUID, incident_id: uuid.UUID) -> Any:
    """Report what happened to a piece.

    The id is made on the phone. What is lost or damaged is offered no longer; what is found or
    mended waits for an inspection. A held piece is refused (`piece_promised`, with its order):
    end the order first. A sold one needs `although_sold`; the answer names the order whose buyer
    waits for her money.
    """
    kind = IncidentKind(wanted.pop("kind"))
    incident, new = incidents.report_incident(
        current_session(),
        incident_id=incident_id,
        piece_id=piece_id,
        report=incidents.Report(kind=kind, **wanted),
        request_hash=body_hash(),
        actor=actor(),
        now=clock.now(),
    )
    return incident, 201 if new else 200


@blueprint.get("/pieces/<uuid:piece_id>/incidents")
@needs("stock:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(IncidentView))
def list_incidents(wanted: dict[str, Any], piece_id: uuid.UUID) -> Any:
    """List what happened to a piece.

    In the order of their ids.
    """
    read = partial(incidents.incidents_of, current_session(), piece_id=piece_id, actor=actor())
    return listed(read, wanted)
