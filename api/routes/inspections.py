"""Inspections: signed under an id made on a phone, listed, and what waits for one."""

import hashlib
import uuid
from typing import Any

from api.access import actor, needs
from api.paging import PageQuery, after_id, page
from api.schemas.inventory import PieceView
from api.schemas.quality import InspectionView, NewInspection, WaitingQuery
from api.wire import Blueprint, gives, raw_request, takes
from core import clock
from core.db import current_session, transaction
from quality import inspections
from quality.findings import Evidence

blueprint = Blueprint("inspections", __name__, description="Quality")

EVIDENCE = ("measurements", "answers", "defects")


@blueprint.put("/pieces/<uuid:piece_id>/inspections/<uuid:inspection_id>")
@needs("quality:write")
@takes(blueprint, NewInspection)
@gives(blueprint, 201, InspectionView)
def sign_inspection(
    wanted: dict[str, Any], piece_id: uuid.UUID, inspection_id: uuid.UUID
) -> tuple[Any, int]:
    """Sign an inspection; 201 when it is new, 200 when a phone sends the same one again.

    What is signed is not changed: other words under the same id are refused. A later inspection
    supersedes it.
    """
    evidence = Evidence(**{name: wanted.pop(name, []) for name in EVIDENCE})
    with transaction() as session:
        inspection, new = inspections.sign_inspection(
            session,
            inspection_id=inspection_id,
            piece_id=piece_id,
            evidence=evidence,
            request_hash=hashlib.sha256(raw_request()).hexdigest(),
            actor=actor(),
            now=clock.now(),
            **wanted,
        )
        return inspection, 201 if new else 200


@blueprint.get("/pieces/<uuid:piece_id>/inspections")
@needs("quality:read")
@takes(blueprint, PageQuery, where="query")
@gives(blueprint, 200, InspectionView.page())
def list_inspections(wanted: dict[str, Any], piece_id: uuid.UUID) -> Any:
    """Every inspection of a piece, oldest first; superseded ones stay."""
    session, place = current_session(), after_id(wanted.get("after"))
    return page(
        lambda limit: inspections.inspections_of(
            session, piece_id=piece_id, actor=actor(), limit=limit, after=place
        ),
        wanted["limit"],
        lambda row: [row.id],
    )


@blueprint.get("/inspections")
@needs("quality:read")
@takes(blueprint, WaitingQuery, where="query")
@gives(blueprint, 200, PieceView.page())
def list_waiting(wanted: dict[str, Any]) -> Any:
    """Pieces that wait for an inspection (`state=waiting`), the longest-waiting first."""
    session, place = current_session(), after_id(wanted.get("after"))
    return page(
        lambda limit: inspections.waiting_pieces(session, actor=actor(), limit=limit, after=place),
        wanted["limit"],
        lambda row: [row.id],
    )
