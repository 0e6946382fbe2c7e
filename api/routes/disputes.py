"""Disputes: what a buyer's bank calls back, and what we can say to it."""

import uuid
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.downloads import downloads
from api.paging import page, pages_of, place
from api.schemas.disputes import DisputesWanted, DisputeView
from core.db import current_session
from orders import disputes
from payouts import evidence
from photos.storage import current_store

blueprint = Blueprint("disputes", "Payments that a buyer's bank calls back.")


@blueprint.get("/disputes")
@needs("disputes:read")
@blueprint.arguments(DisputesWanted, location="query")
@blueprint.response(200, pages_of(DisputeView))
def list_disputes(wanted: dict[str, Any]) -> Any:
    """List disputes.

    Oldest first; `state=open` are those that freeze what their order owes.
    """
    limit, after = wanted["limit"], place(wanted.get("after"))
    state = wanted.get("state")
    rows = disputes.list_disputes(
        current_session(),
        actor=actor(),
        limit=limit + 1,
        after=after,
        still_open=None if state is None else state == "open",
        order_id=wanted.get("order_id"),
    )
    return page(rows, limit)


@blueprint.get("/disputes/<uuid:dispute_id>")
@needs("disputes:read")
@blueprint.response(200, DisputeView)
def get_dispute(dispute_id: uuid.UUID) -> Any:
    """Read one dispute.

    With everything it moved.
    """
    return disputes.get_dispute(current_session(), dispute_id, actor=actor())


@blueprint.get("/disputes/<uuid:dispute_id>/evidence")
@needs("disputes:read")
@downloads("application/zip")
def read_evidence(dispute_id: uuid.UUID) -> Any:
    """Download the evidence.

    An archive of what we hold: the order, tracking, inspections, photos, messages, refunds and
    every step that was written down. It holds the buyer's address.
    """
    return evidence.evidence_of(current_session(), current_store(), dispute_id, actor=actor())
