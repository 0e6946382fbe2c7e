"""Inspection lots: equal pieces judged by a sample, and cloth by the metre by its points."""

import secrets
import uuid
from functools import partial
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once, writes
from api.paging import Page, listed, pages_of
from api.routes.stock import body_hash
from api.schemas.inspection_lots import (
    FourPointScoreView,
    InspectionLotInFullView,
    InspectionLotsWanted,
    InspectionLotView,
    NewFourPointScore,
    NewInspectionLot,
    NewLotCancellation,
    NewLotVerdict,
    NewSamplingRules,
    SamplingRulesView,
)
from core import clock
from core.db import current_session
from quality import four_point, inspection_lots, lot_verdicts, sampling_rules

blueprint = Blueprint("inspection lots", "Equal pieces of which a sample is looked at.")


@blueprint.post("/sampling-rules")
@needs("policies:write")
@blueprint.arguments(NewSamplingRules)
@once()
@blueprint.response(201, SamplingRulesView)
def set_sampling_rules(wanted: dict[str, Any]) -> Any:
    """Set the next rules of sampling.

    They hold for lots opened from now on. Critical defects have no AQL: every piece is looked at,
    and none may have one.
    """
    return sampling_rules.set_sampling_rules(
        current_session(), actor=actor(), now=clock.now(), **wanted
    )


@blueprint.get("/sampling-rules")
@needs("quality:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(SamplingRulesView))
def list_sampling_rules(wanted: dict[str, Any]) -> Any:
    """List the rules of sampling.

    Every version, newest first; the first one is in force.
    """
    read = partial(sampling_rules.list_sampling_rules, current_session(), actor=actor())
    return listed(read, wanted, by="before")


@blueprint.put("/inspection-lots/<uuid:lot_id>")
@needs("quality:write")
@blueprint.arguments(NewInspectionLot)
@writes
@blueprint.response(201, InspectionLotInFullView)
@blueprint.also_answers(200, InspectionLotInFullView, "Opened before, with these very contents")
def open_lot(wanted: dict[str, Any], lot_id: uuid.UUID) -> Any:
    """Open an inspection lot and draw its sample.

    Pieces of one design that have just come in. The plans are those of ISO 2859-1, single sampling,
    normal inspection; the seed is made here and kept, so that the draw can be repeated. The id is
    made on a phone; the same lot sent again is answered with the first (200). One-off pieces are
    refused (`not_a_lot`, with its `reason`).
    """
    lot, new = inspection_lots.open_lot(
        current_session(),
        lot_id=lot_id,
        seed=secrets.token_hex(16),
        request_hash=body_hash(),
        actor=actor(),
        now=clock.now(),
        **wanted,
    )
    return lot, 201 if new else 200


@blueprint.get("/inspection-lots")
@needs("quality:read")
@blueprint.arguments(InspectionLotsWanted, location="query")
@blueprint.response(200, pages_of(InspectionLotView))
def list_lots(wanted: dict[str, Any]) -> Any:
    """List inspection lots.

    By id, without their pieces.
    """
    status = wanted.pop("status", None)
    read = partial(inspection_lots.list_lots, current_session(), actor=actor(), status=status)
    return listed(read, wanted)


@blueprint.get("/inspection-lots/<uuid:lot_id>")
@needs("quality:read")
@blueprint.response(200, InspectionLotInFullView)
def show_lot(lot_id: uuid.UUID) -> Any:
    """Show an inspection lot.

    Its pieces in drawing order; those that are `drawn` are inspected like any other piece.
    """
    return inspection_lots.get_lot(current_session(), lot_id, actor=actor())


@blueprint.put("/inspection-lots/<uuid:lot_id>/verdict")
@needs("quality:write")
@blueprint.arguments(NewLotVerdict)
@writes
@blueprint.response(201, InspectionLotInFullView)
@blueprint.also_answers(200, InspectionLotInFullView, "Signed before, with these very contents")
def decide_lot(wanted: dict[str, Any], lot_id: uuid.UUID) -> Any:
    """Sign what a lot's sample says.

    Once every drawn piece was inspected. Bad pieces are counted, not defects, for each class by its
    own plan. Accepted, the pieces nobody looked at pass, each by an inspection that names the lot;
    rejected, each piece is inspected, and those that pass may be a lot again. Bad pieces of the
    sample never pass. Sent again it is answered with the first (200).
    """
    lot, new = lot_verdicts.decide_lot(
        current_session(),
        lot_id=lot_id,
        request_hash=body_hash(),
        actor=actor(),
        now=clock.now(),
        **wanted,
    )
    return lot, 201 if new else 200


@blueprint.post("/inspection-lots/<uuid:lot_id>/cancellation")
@needs("quality:write")
@blueprint.arguments(NewLotCancellation)
@writes
@blueprint.response(201, InspectionLotView)
def cancel_lot(wanted: dict[str, Any], lot_id: uuid.UUID) -> Any:
    """Give up an inspection lot.

    What was inspected stays; the other pieces are inspected one by one, or with another lot.
    """
    return inspection_lots.cancel_lot(
        current_session(), lot_id=lot_id, actor=actor(), now=clock.now(), **wanted
    )


@blueprint.put("/inspections/<uuid:inspection_id>/four-point-scores/<uuid:score_id>")
@needs("quality:write")
@blueprint.arguments(NewFourPointScore)
@writes
@blueprint.response(201, FourPointScoreView)
@blueprint.also_answers(200, FourPointScoreView, "Signed before, with these very contents")
def sign_score(wanted: dict[str, Any], inspection_id: uuid.UUID, score_id: uuid.UUID) -> Any:
    """Score a cloth by the metre by its faults.

    Four-point system, for 3 m2 and more by the width and length that the inspection measured;
    smaller pieces are refused with their area. The id is made on a phone.
    """
    score, new = four_point.sign_score(
        current_session(),
        score_id=score_id,
        inspection_id=inspection_id,
        request_hash=body_hash(),
        actor=actor(),
        now=clock.now(),
        **wanted,
    )
    return score, 201 if new else 200


@blueprint.get("/inspections/<uuid:inspection_id>/four-point-scores")
@needs("quality:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(FourPointScoreView))
def list_scores(wanted: dict[str, Any], inspection_id: uuid.UUID) -> Any:
    """List the scores of a cloth.

    As they were signed, by their ids.
    """
    read = partial(four_point.list_scores, current_session(), inspection_id, actor=actor())
    return listed(read, wanted)
