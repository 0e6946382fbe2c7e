"""Inspections: what waits, what was signed."""

import uuid
from functools import partial
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import writes
from api.paging import Page, listed, pages_of
from api.routes.stock import body_hash, shown
from api.schemas.quality import InspectionsWanted, InspectionView, NewInspection
from api.schemas.stock import PieceView
from core import clock
from core.db import current_session
from quality import inspections
from quality.findings import Evidence

blueprint = Blueprint("inspections", "What a quality lead saw, measured and decided.")
EVIDENCE = ("measurements", "answers", "defects")


@blueprint.put("/pieces/<uuid:piece_id>/inspections/<uuid:inspection_id>")
@needs("quality:write")
@blueprint.arguments(NewInspection)
@writes
@blueprint.response(201, InspectionView)
@blueprint.also_answers(200, InspectionView, "Signed before, with these very contents")
def sign_inspection(wanted: dict[str, Any], piece_id: uuid.UUID, inspection_id: uuid.UUID) -> Any:
    """Sign an inspection.

    The id is made on the inspector's phone; the same inspection sent again is answered with the
    first (200). What is signed is not changed: a later inspection supersedes it. Accepting needs
    every required measure and answer, and no critical defect. Nobody inspects her own work.
    """
    evidence = Evidence(**{name: wanted.pop(name, []) for name in EVIDENCE})
    inspection, new = inspections.sign_inspection(
        current_session(),
        inspection_id=inspection_id,
        piece_id=piece_id,
        evidence=evidence,
        request_hash=body_hash(),
        actor=actor(),
        now=clock.now(),
        **wanted,
    )
    return inspection, 201 if new else 200


@blueprint.get("/pieces/<uuid:piece_id>/inspections")
@needs("quality:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(InspectionView))
def list_inspections(wanted: dict[str, Any], piece_id: uuid.UUID) -> Any:
    """List a piece's inspections.

    All of them, oldest first; superseded ones stay.
    """
    read = partial(inspections.inspections_of, current_session(), piece_id=piece_id, actor=actor())
    return listed(read, wanted)


@blueprint.get("/inspections")
@needs("quality:read")
@blueprint.arguments(InspectionsWanted, location="query")
@blueprint.response(200, pages_of(PieceView))
def list_waiting(wanted: dict[str, Any]) -> Any:
    """List pieces that wait for an inspection.

    The longest-waiting first: delivered, being inspected, in rework or returned.
    """
    session = current_session()
    read = partial(inspections.waiting_pieces, session, actor=actor())
    body, status, headers = listed(read, wanted)
    return {"items": shown(session, body["items"])}, status, headers
