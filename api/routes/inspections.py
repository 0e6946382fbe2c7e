"""Inspections: what waits, what was signed."""

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import writes
from api.paging import Page, listed, pages_of
from api.routes.stock import body_hash, shown
from api.schemas.bench import InspectionsWanted, NewReview, SignedReviewView
from api.schemas.quality import (
    InspectionView,
    NewInspection,
    ReviewView,
    SignedInspectionView,
)
from api.schemas.stock import PieceView
from core import clock
from core.db import current_session
from quality import inspections, reading, reviews
from quality.findings import Evidence
from quality.inspections import Particulars
from quality.models import Inspection

blueprint = Blueprint("inspections", "What a quality lead saw, measured and decided.")
EVIDENCE = ("measurements", "answers", "scores", "defects", "photo_ids")
PARTICULARS = tuple(Particulars.__dataclass_fields__)
LOOK = tuple(set(InspectionView().fields) - {"standing", "supersedes_id"})
REVIEW = tuple(ReviewView().fields)


@blueprint.put("/pieces/<uuid:piece_id>/inspections/<uuid:inspection_id>")
@needs("quality:write")
@blueprint.arguments(NewInspection)
@writes
@blueprint.response(201, SignedInspectionView)
@blueprint.also_answers(200, SignedInspectionView, "Signed before, with these very contents")
def sign_inspection(wanted: dict[str, Any], piece_id: uuid.UUID, inspection_id: uuid.UUID) -> Any:
    """Sign an inspection.

    The id is made on the inspector's phone; the same inspection sent again is answered with the
    first (200). What is signed is kept and not changed, however late it comes: `standing` says what
    became of it among others of the same piece, `piece` where that sent the piece. Accepting needs
    every required measure, answer and score, and no critical defect; deciding otherwise than
    proposed, or paying less, needs a reason. Something critical keeps the piece until a second
    person has looked. Nobody inspects her own work. To overrule takes the scope `quality:overrule`.
    """
    session = current_session()
    evidence = Evidence(**{name: wanted.pop(name, []) for name in EVIDENCE})
    told = {name: wanted.pop(name) for name in PARTICULARS if name in wanted}
    look, new = inspections.sign_inspection(
        session,
        inspection_id=inspection_id,
        piece_id=piece_id,
        evidence=evidence,
        particulars=Particulars(**told),
        request_hash=body_hash(),
        actor=actor(),
        now=clock.now(),
        **wanted,
    )
    (answer,) = _seen(session, piece_id, [look])
    return {**answer, "piece": reading.became(session, piece_id)}, 201 if new else 200


@blueprint.get("/pieces/<uuid:piece_id>/inspections")
@needs("quality:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(InspectionView))
def list_inspections(wanted: dict[str, Any], piece_id: uuid.UUID) -> Any:
    """List a piece's inspections.

    All of them, in the order they came; `standing` says which one counts.
    """
    session = current_session()
    read = partial(inspections.inspections_of, session, piece_id=piece_id, actor=actor())
    body, status, headers = listed(read, wanted)
    return {"items": _seen(session, piece_id, body["items"])}, status, headers


@blueprint.get("/inspections")
@needs("quality:read")
@blueprint.arguments(InspectionsWanted, location="query")
@blueprint.response(200, pages_of(PieceView))
def list_waiting(wanted: dict[str, Any]) -> Any:
    """List pieces that wait at the bench.

    The longest-waiting first. `waiting`: delivered, being inspected, in rework or returned.
    `quarantined`: something critical was found, and a second person is to look.
    """
    session = current_session()
    state = wanted.pop("state")
    read = partial(inspections.waiting_pieces, session, actor=actor(), state=state)
    body, status, headers = listed(read, wanted)
    return {"items": shown(session, body["items"])}, status, headers


@blueprint.put("/inspections/<uuid:inspection_id>/critical-reviews/<uuid:review_id>")
@needs("quality:write")
@blueprint.arguments(NewReview)
@writes
@blueprint.response(201, SignedReviewView)
@blueprint.also_answers(200, SignedReviewView, "Signed before, with these very contents")
def sign_review(wanted: dict[str, Any], inspection_id: uuid.UUID, review_id: uuid.UUID) -> Any:
    """Look at a critical finding as the second person.

    Neither who found it nor a maker of the piece. Confirmed, the inspection is carried out;
    cleared, the piece is looked at anew. Of several reviews, one that confirms outweighs the rest.
    The id is made on a phone; the same review sent again is answered with the first (200).
    """
    session = current_session()
    review, new = reviews.sign_review(
        session,
        review_id=review_id,
        inspection_id=inspection_id,
        request_hash=body_hash(),
        actor=actor(),
        now=clock.now(),
        **wanted,
    )
    look = session.get_one(Inspection, inspection_id)
    answer = {name: getattr(review, name) for name in REVIEW}
    return {**answer, "piece": reading.became(session, look.piece_id)}, 201 if new else 200


def _seen(
    session: Session, piece_id: uuid.UUID, rows: Sequence[Inspection]
) -> list[dict[str, Any]]:
    """Inspections with what became of each."""
    return [
        {
            **{name: getattr(one.look, name) for name in LOOK},
            "standing": one.standing,
            "supersedes_id": one.supersedes_id,
        }
        for one in reading.seen(session, piece_id, rows)
    ]
